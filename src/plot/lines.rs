//! Lines over one varied quantity, with limits, infeasible ranges and marked points.

use super::canvas::{Paint, Pen, Shape, Trail, Type, discs};
use super::panel::{Lines, Panel, Place, SideLabel, side_room};
use super::scale::{Scale, Spacing, join};
use super::sheet::{Sheet, Swatch};
use super::style::{Color, Style};
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// One line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Name, written at its right end.
    pub name: String,
    /// Points in the order of the varied quantity; `None` breaks the line where there is no result.
    pub points: Vec<(f64, Option<f64>)>,
}

/// A point with a name, such as the base case or an optimum.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Name; its two numbers are appended.
    pub label: String,
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// The varied quantity.
    pub x: Quantity,
    /// The result.
    pub y: Quantity,
    /// Spacing of the varied quantity.
    pub spacing: Spacing,
    /// Spacing of the result.
    pub result_spacing: Spacing,
    /// Lines.
    pub series: Vec<Series>,
    /// Limits on the result.
    pub limits: Vec<Limit>,
    /// Marked points.
    pub marks: Vec<Mark>,
    /// Ranges of the varied quantity, lower end first, in which some limit is broken; drawn hatched.
    pub infeasible: Vec<(f64, f64)>,
    /// What hatching means; a broken limit where empty.
    pub hatched: String,
}

/// Draws the lines.
///
/// # Errors
/// [`PlotError::Empty`] without a point that has a result, [`PlotError::NotFinite`], and [`PlotError::Range`] where a
/// logarithmic axis meets a value that is not above zero.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    let palette = &style.palette;
    let view = View {
        x: &data.x,
        y: &data.y,
        spacing: data.spacing,
        result_spacing: data.result_spacing,
        series: data
            .series
            .iter()
            .enumerate()
            .map(|(index, series)| (series, palette.series[index % palette.series.len()]))
            .collect(),
        limits: &data.limits,
        marks: &data.marks,
        infeasible: &data.infeasible,
        hatched: &data.hatched,
        named: usize::MAX,
    };
    let mut sheet = Sheet::new(&data.caption, style)?;
    let bottom = view.draw(&mut sheet)?;
    sheet.finish(bottom)
}

/// What hatching means, in words.
pub(super) fn hatched_words(words: &str) -> String {
    if words.is_empty() {
        "A limit is broken".to_owned()
    } else {
        words.to_owned()
    }
}

/// Lines with their colours, as both this chart and the family of lines draw them.
pub(super) struct View<'a> {
    pub(super) x: &'a Quantity,
    pub(super) y: &'a Quantity,
    pub(super) spacing: Spacing,
    pub(super) result_spacing: Spacing,
    pub(super) series: Vec<(&'a Series, Color)>,
    pub(super) limits: &'a [Limit],
    pub(super) marks: &'a [Mark],
    pub(super) infeasible: &'a [(f64, f64)],
    pub(super) hatched: &'a str,
    /// Most lines that are named at their end.
    pub(super) named: usize,
}

impl View<'_> {
    fn check(&self) -> Result<[(f64, f64); 2], PlotError> {
        let points = || self.series.iter().flat_map(|(series, _)| &series.points);
        check::finite("varied value", points().map(|point| point.0))?;
        check::finite("result", points().map(|point| point.1.unwrap_or(0.0)))?;
        check::finite("limit", self.limits.iter().map(|limit| limit.value))?;
        check::finite("mark", self.marks.iter().flat_map(|mark| [mark.x, mark.y]))?;
        check::finite(
            "infeasible range",
            self.infeasible.iter().flat_map(|&(a, b)| [a, b]),
        )?;
        let xs = points()
            .map(|point| point.0)
            .chain(self.marks.iter().map(|mark| mark.x));
        let ys = points().filter_map(|point| point.1);
        if ys.clone().next().is_none() {
            return Err(PlotError::Empty { what: "result" });
        }
        let ys = ys
            .chain(self.limits.iter().map(|limit| limit.value))
            .chain(self.marks.iter().map(|mark| mark.y));
        let none = PlotError::Empty { what: "result" };
        let (Some(xs), Some(ys)) = (check::extent(xs), check::extent(ys)) else {
            return Err(none);
        };
        if self.spacing == Spacing::Logarithmic {
            check::positive("value on a logarithmic axis", xs.0)?;
        }
        if self.result_spacing == Spacing::Logarithmic {
            check::positive("result on a logarithmic axis", ys.0)?;
        }
        Ok([xs, ys])
    }

    /// Draws everything between the headings and the footnote; returns the lower edge.
    pub(super) fn draw(&self, sheet: &mut Sheet) -> Result<f64, PlotError> {
        let [x_range, y_range] = self.check()?;
        let style = sheet.style;
        let palette = &style.palette;
        if !self.infeasible.is_empty() {
            let words = hatched_words(self.hatched);
            sheet.legend(&[(Swatch::Hatch(palette.loss), words)]);
        }
        let margin = match self.result_spacing {
            Spacing::Linear => 0.04 * (y_range.1 - y_range.0),
            Spacing::Logarithmic => 0.0,
        };
        let xs = Scale::new(self.spacing, x_range.0, x_range.1);
        let ys =
            Scale::new(self.result_spacing, y_range.0 - margin, y_range.1 + margin).rounded(6.0);
        let labels = self.labels(palette.limit);
        let side = side_room(sheet, &labels);
        let place = Place::whole(sheet, style.height_or(380.0));
        let panel = Panel::new(sheet, place, "", self.y, (xs, ys), side);
        let mut chart = panel.chart(sheet)?;
        chart.draw_series(self.infeasible.iter().map(|&(a, b)| {
            let [a, b] = [a, b].map(|x| x.clamp(xs.low, xs.high));
            let corners = [(a, ys.low), (b, ys.low), (b, ys.high), (a, ys.high)];
            Shape::area(corners.into(), Paint::Hatch(palette.grid))
        }))?;
        let bottom = panel.axes(sheet, &mut chart, Lines::Across, &self.x.titled())?;
        let limits = self.limits.iter();
        chart.draw_series(limits.map(|limit| panel.level(limit.value, palette.limit)))?;
        for (series, color) in &self.series {
            let points = || series.points.iter().map(|&(x, y)| y.map(|y| (x, y)));
            chart.draw_series([Shape::line(points(), Pen::new(*color, 2.2))])?;
            // A result between two gaps is a line of no length; a dot shows it. Few points show where they were taken.
            let lone = |index: usize| {
                let known = |i: usize| series.points.get(i).is_some_and(|point| point.1.is_some());
                !known(index.wrapping_sub(1)) && !known(index + 1)
            };
            let shown = points()
                .enumerate()
                .filter(|(index, _)| lone(*index) || series.points.len() <= 24);
            let rim = Pen::new(palette.paper, 0.8);
            chart.draw_series(
                shown
                    .filter_map(|(_, point)| point)
                    .flat_map(|at| discs(at, 2.6, *color, rim)),
            )?;
        }
        panel.side_labels(sheet, &labels);
        for mark in self.marks {
            self.mark(sheet, &panel, mark);
        }
        Ok(bottom)
    }

    fn labels(&self, limit_color: Color) -> Vec<SideLabel> {
        let every = self.series.len().div_ceil(self.named.max(1)).max(1);
        let last = self.series.len().saturating_sub(1);
        let lines = self
            .series
            .iter()
            .enumerate()
            .filter_map(|(index, (series, color))| {
                // The last is always named, and its neighbour then makes way.
                let named =
                    index == last || (index % every == 0 && last - index >= every.div_ceil(2));
                let value = series
                    .points
                    .iter()
                    .rev()
                    .find_map(|point| point.1)
                    .filter(|_| named)?;
                Some(SideLabel {
                    value,
                    text: series.name.clone(),
                    color: *color,
                })
            });
        let limits = self
            .limits
            .iter()
            .map(|limit| SideLabel::limit(limit, &self.y.unit, limit_color));
        lines.chain(limits).collect()
    }

    fn mark(&self, sheet: &mut Sheet, panel: &Panel, mark: &Mark) {
        let style = sheet.style;
        let palette = &style.palette;
        let (x, y) = (panel.xs.at(mark.x), panel.ys.at(mark.y));
        sheet
            .canvas
            .disc(x, y, 5.0, palette.chosen, Pen::new(palette.paper, 1.5));
        let numbers = format!(
            "{}, {}",
            join(&panel.xs.reading(mark.x), &self.x.unit),
            join(&panel.ys.reading(mark.y), &self.y.unit)
        );
        let how = Type::new(style.small(), palette.ink).bold();
        let passes = |rectangle: [f64; 4]| self.passes(panel, rectangle);
        mark_label(sheet, panel, (x, y), &[&mark.label, &numbers], how, &passes);
    }

    /// How often a line passes through a rectangle (left, top, width, height), looked at from point to point.
    fn passes(&self, panel: &Panel, [left, top, width, height]: [f64; 4]) -> usize {
        const STEPS: i32 = 24;
        let inside = |x: f64, y: f64| {
            (left..=left + width).contains(&x) && (top..=top + height).contains(&y)
        };
        let at = |&(x, y): &(f64, Option<f64>)| Some((panel.xs.at(x), panel.ys.at(y?)));
        let spans = (self.series.iter()).flat_map(|(series, _)| series.points.windows(2));
        let ends = spans.filter_map(|pair| Some((at(&pair[0])?, at(&pair[1])?)));
        ends.flat_map(|(a, b)| {
            (0..=STEPS).map(move |k| {
                let share = f64::from(k) / f64::from(STEPS);
                (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1))
            })
        })
        .filter(|&(x, y)| inside(x, y))
        .count()
    }
}

/// Lines of text beside a marked point, in the corner where they hide least (`hidden` says how much of a
/// rectangle's left, top, width and height is drawn on); among equals on the side where there is more room.
pub(super) fn mark_label(
    sheet: &mut Sheet,
    panel: &Panel,
    (x, y): (f64, f64),
    lines: &[&str],
    how: Type,
    hidden: &dyn Fn([f64; 4]) -> usize,
) {
    let pitch = how.size * super::font::LEADING;
    // The label brings its own ground, since lines and colours run behind it.
    let width = lines.iter().map(|line| how.width(line)).fold(0.0, f64::max);
    let height = pitch * (lines.len() as f64 + 0.2);
    let ground_at = |right: bool, up: bool| {
        let edge = if right { x + 10.0 } else { x - 10.0 - width };
        let first = if up {
            y - 8.0 - pitch * (lines.len() as f64 - 0.5)
        } else {
            y + 8.0 + pitch * 0.5
        };
        [edge - 4.0, first - pitch * 0.6, width + 8.0, height]
    };
    let fits = |[left, top, width, height]: [f64; 4]| {
        left >= panel.x
            && left + width <= panel.x + panel.w
            && top >= panel.y
            && top + height <= panel.y + panel.h
    };
    let roomy = (x < panel.x + panel.w / 2.0, y > panel.y + panel.h / 2.0);
    let corners = [(false, false), (true, false), (false, true), (true, true)]
        .map(|(other_side, other_way)| (roomy.0 != other_side, roomy.1 != other_way));
    let (right, up) = corners
        .into_iter()
        .filter(|&corner| corner == roomy || fits(ground_at(corner.0, corner.1)))
        .min_by_key(|&(right, up)| hidden(ground_at(right, up)))
        .unwrap_or(roomy);
    let [left, top, ..] = ground_at(right, up);
    let (at, how) = if right {
        (left + 4.0, how)
    } else {
        (left + 4.0 + width, how.end())
    };
    let mut line_y = top + pitch * 0.6;
    let mut ground = Trail::default();
    ground.rect(left, top, width + 8.0, height);
    let paper = Paint::Flat(sheet.style.palette.paper, 0.82);
    sheet.canvas.fill(&ground, paper);
    for line in lines.iter().filter(|line| !line.is_empty()) {
        sheet.canvas.text_at(at, line_y, line, how);
        line_y += pitch;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Limit, Mark, Series, Spacing, Style, draw};
    use crate::plot::PlotError;

    fn data(values: &[Option<f64>]) -> Data {
        let points = values
            .iter()
            .enumerate()
            .map(|(index, y)| (index as f64, *y))
            .collect();
        Data {
            series: vec![Series {
                name: "PUE".into(),
                points,
            }],
            limits: vec![Limit {
                label: "Limit".into(),
                value: 3.0,
            }],
            marks: vec![Mark {
                label: "Base".into(),
                x: 1.0,
                y: 1.0,
            }],
            infeasible: vec![(2.0, 3.0)],
            ..Data::default()
        }
    }

    #[test]
    fn gaps_break_the_line_and_lone_points_show() {
        let svg = draw(
            &data(&[Some(1.0), None, Some(2.0), Some(2.5)]),
            &Style::default(),
        )
        .unwrap()
        .svg()
        .to_owned();
        assert!(svg.contains("<circle") && svg.contains(">PUE<") && svg.contains(">Limit 3<"));
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(&data(&[None]), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&data(&[Some(f64::NAN)]), &style),
            Err(PlotError::NotFinite { .. })
        ));
        let logarithmic = Data {
            spacing: Spacing::Logarithmic,
            ..data(&[Some(1.0)])
        };
        assert!(matches!(
            draw(&logarithmic, &style),
            Err(PlotError::Range { .. })
        ));
    }
}
