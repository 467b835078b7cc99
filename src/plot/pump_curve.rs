//! Pump and system curves with the operating point, one panel for each loop.

use super::canvas::{Pen, Shape, Type, discs};
use super::panel::{Lines, Panel, Place, limit_text};
use super::scale::{Scale, Spacing, with_unit};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check, font};

/// One loop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loop {
    /// Heading of the panel, for example the loop's name.
    pub name: String,
    /// Second line: the running pumps, their speed, efficiency and power.
    pub note: String,
    /// Pumps at the present speed: flow and rise, in the order of flow.
    pub pump: Vec<(f64, f64)>,
    /// Pumps at the speed of their data sheet; empty where it is the present one.
    pub rated: Vec<(f64, f64)>,
    /// System: flow and drop, in the order of flow.
    pub system: Vec<(f64, f64)>,
    /// Where the loop runs: flow and rise.
    pub operating: (f64, f64),
    /// What the control holds, drawn as a horizontal line; empty where nothing is held.
    pub set_points: Vec<Limit>,
    /// Least continuous flow of the pumps.
    pub minimum_flow: Option<f64>,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// Horizontal axis, for example `Flow` in `L/min` or `gpm`.
    pub flow: Quantity,
    /// Vertical axis, for example `Pressure rise` in `kPa` or `psi`.
    pub rise: Quantity,
    /// One panel each.
    pub loops: Vec<Loop>,
}

/// Draws the panels, two in a row.
///
/// # Errors
/// [`PlotError::Empty`] without loops or without a pump curve of two points, and [`PlotError::NotFinite`].
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    checked(data)?;
    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let any = |of: fn(&Loop) -> bool| data.loops.iter().any(of);
    let mut legend = vec![(
        Swatch::Line(Pen::new(palette.electric, 2.5)),
        "Pumps, present speed".to_owned(),
    )];
    if any(|one| !one.rated.is_empty()) {
        legend.push((
            Swatch::Line(Pen::new(palette.electric, 1.5).dashed()),
            "Pumps, data-sheet speed".to_owned(),
        ));
    }
    if any(|one| !one.system.is_empty()) {
        legend.push((
            Swatch::Line(Pen::new(palette.liquid, 2.5)),
            "System".to_owned(),
        ));
    }
    legend.push((
        Swatch::Disc(palette.paper, Pen::new(palette.ink, 2.0)),
        "Operating point".to_owned(),
    ));
    if any(|one| !one.set_points.is_empty()) {
        legend.push((
            Swatch::Line(Pen::new(palette.chosen, 1.5).dashed()),
            "Set-point".to_owned(),
        ));
    }
    if any(|one| one.minimum_flow.is_some()) {
        legend.push((
            Swatch::Line(Pen::new(palette.limit, 1.5).dashed()),
            "Least flow".to_owned(),
        ));
    }
    sheet.legend(&legend);

    let across = if data.loops.len() == 1 || sheet.width() < 560.0 {
        1
    } else {
        2
    };
    let gap = style.text * 2.2;
    let width = (sheet.width() - gap * (across as f64 - 1.0)) / across as f64;
    let mut bottom = sheet.top;
    for (index, one) in data.loops.iter().enumerate() {
        let column = index % across;
        if column == 0 && index > 0 {
            sheet.top = bottom + style.text * 1.6;
        }
        let left = sheet.left + column as f64 * (width + gap);
        let height = style.height_or(if across == 1 { 340.0 } else { 260.0 });
        let place = Place {
            left,
            right: left + width,
            top: sheet.top,
            height,
        };
        bottom = bottom.max(panel(&mut sheet, data, one, place)?);
    }
    sheet.finish(bottom)
}

fn checked(data: &Data) -> Result<(), PlotError> {
    check::some("loop", &data.loops)?;
    for one in &data.loops {
        if one.pump.len() < 2 {
            return Err(PlotError::Empty {
                what: "pump curve of two points",
            });
        }
        for (what, curve) in [
            ("pump curve value", &one.pump),
            ("rated curve value", &one.rated),
            ("system curve value", &one.system),
        ] {
            check::finite(what, curve.iter().flat_map(|&(x, y)| [x, y]))?;
        }
        check::finite("operating point value", [one.operating.0, one.operating.1])?;
        check::finite("set-point", one.set_points.iter().map(|set| set.value))?;
        check::finite("least flow", one.minimum_flow)?;
    }
    Ok(())
}

/// One loop; returns its lower edge.
fn panel(sheet: &mut Sheet, data: &Data, one: &Loop, place: Place) -> Result<f64, PlotError> {
    let style = sheet.style;
    let palette = &style.palette;
    let curves = || {
        one.pump
            .iter()
            .chain(&one.rated)
            .chain(&one.system)
            .chain(std::iter::once(&one.operating))
    };
    let flows = curves()
        .map(|point| point.0)
        .chain(one.minimum_flow)
        .chain(std::iter::once(0.0));
    let rises = curves()
        .map(|point| point.1)
        .chain(one.set_points.iter().map(|set| set.value))
        .chain(std::iter::once(0.0));
    let (least, most) = check::extent(flows).unwrap_or((0.0, 1.0));
    let (low, high) = check::extent(rises).unwrap_or((0.0, 1.0));
    let xs = Scale::new(Spacing::Linear, least, most + 0.02 * (most - least));
    let ys = Scale::new(Spacing::Linear, low, high).rounded(5.0);

    let note = sheet.note();
    let mut inner = place;
    let bold = Type::new(style.text, palette.ink).bold();
    let room = place.right - place.left;
    // Both curves run close to the point, so its numbers stand in the heading.
    let (flow, rise) = one.operating;
    let point = format!(
        "{}, {}",
        with_unit(flow, &data.flow.unit),
        with_unit(rise, &data.rise.unit)
    );
    let left_over = room - bold.width(&point) - style.text;
    let name = font::shorten(&one.name, bold.size, bold.weight, left_over);
    sheet
        .canvas
        .text(place.left, inner.top + style.text, &name, bold);
    sheet
        .canvas
        .text(place.right, inner.top + style.text, &point, bold.end());
    inner.top += style.text * 1.4;
    // Every panel of a row keeps the line, so that their axes stand level.
    if data.loops.iter().any(|one| !one.note.is_empty()) {
        let text = font::shorten(&one.note, note.size, note.weight, room);
        sheet
            .canvas
            .text(place.left, inner.top + note.size, &text, note);
        inner.top += note.size * 1.7;
    }
    let panel = Panel::new(sheet, inner, "", &data.rise, (xs, ys), 0.0);
    let mut chart = panel.chart(sheet)?;
    let bottom = panel.axes(sheet, &mut chart, Lines::Across, &data.flow.titled())?;
    let line = |points: &[(f64, f64)], pen| Shape::line(points.iter().copied().map(Some), pen);
    let sets = one.set_points.iter();
    chart.draw_series(sets.map(|set| panel.level(set.value, palette.chosen)))?;
    let limit = Pen::new(palette.limit, 1.5).dashed();
    let least = one.minimum_flow.iter();
    chart.draw_series(least.map(|&flow| line(&[(flow, ys.low), (flow, ys.high)], limit)))?;
    chart.draw_series([
        line(&one.rated, Pen::new(palette.electric, 1.5).dashed()),
        line(&one.system, Pen::new(palette.liquid, 2.5)),
        line(&one.pump, Pen::new(palette.electric, 2.5)),
    ])?;
    let guide = Pen::new(palette.muted, 1.0).dotted();
    let guides = [(xs.low, rise), (flow, rise), (flow, ys.low)];
    chart.draw_series([line(&guides, guide)])?;
    let rim = Pen::new(palette.ink, 2.0);
    chart.draw_series(discs(one.operating, 5.0, palette.paper, rim))?;
    for set in &one.set_points {
        let how = sheet.small().halo(palette.paper);
        let color = palette.chosen.toward(palette.ink, 0.3);
        let text = limit_text(set, &data.rise.unit);
        // Below its line, since the curves of a loop that holds a pressure run above it.
        let line = panel.ys.at(set.value);
        let below = line + how.size * 1.2;
        let y = if below + how.size * 0.4 < panel.y + panel.h {
            below
        } else {
            line - 5.0
        };
        sheet
            .canvas
            .text(panel.x + 6.0, y, &text, Type { color, ..how });
    }
    Ok(bottom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Loop, Quantity, Style, draw};
    use crate::plot::PlotError;

    fn one() -> Loop {
        Loop {
            name: "tcs".into(),
            pump: vec![(0.0, 300.0), (500.0, 280.0), (1000.0, 200.0)],
            system: vec![(0.0, 0.0), (500.0, 60.0), (1000.0, 240.0)],
            operating: (940.0, 212.0),
            ..Loop::default()
        }
    }

    #[test]
    fn the_operating_point_is_written_in_the_given_units() {
        let flow = Quantity::new("Flow", "gpm");
        let rise = Quantity::new("Pressure rise", "psi");
        let data = Data {
            flow,
            rise,
            loops: vec![one(), one(), one()],
            ..Data::default()
        };
        let svg = draw(&data, &Style::default()).unwrap().svg().to_owned();
        assert!(svg.contains("940 gpm") && svg.contains("212 psi") && svg.contains("Flow (gpm)"));
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(&Data::default(), &style),
            Err(PlotError::Empty { what: "loop" })
        ));
        let mut data = Data {
            loops: vec![one()],
            ..Data::default()
        };
        data.loops[0].system[1].1 = f64::NAN;
        assert!(matches!(
            draw(&data, &style),
            Err(PlotError::NotFinite {
                what: "system curve value",
                index: 3
            })
        ));
        data.loops[0].pump.clear();
        assert!(matches!(draw(&data, &style), Err(PlotError::Empty { .. })));
    }
}
