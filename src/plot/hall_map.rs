//! A hall seen from above: racks in their rows and groups, coloured by a value such as the hottest GPU.
//!
//! Racks that break a limit also carry a rim and a cross, so that colour is not the only sign.

use super::canvas::{Paint, Pen, Trail};
use super::colour_bar::{ColourBar, color};
use super::font;
use super::scale::{Scale, Spacing};
use super::sheet::Sheet;
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Most racks drawn; beyond it a rack would be smaller than a pixel.
const MOST_RACKS: usize = 50_000;
/// Largest and smallest side of a rack in px.
const CELL: (f64, f64) = (26.0, 1.5);

/// One rack.
#[derive(Debug, Clone, PartialEq)]
pub struct Rack {
    /// Group that it stands in, for example a CDU or a pod; groups appear in the order of their first rack.
    pub group: String,
    /// Row within the group, from the top, zero-based.
    pub row: usize,
    /// Place within the row, from the left, zero-based.
    pub column: usize,
    /// Value in the unit of [`Data::quantity`]; `None` for a rack that is off or unknown, drawn hatched.
    pub value: Option<f64>,
    /// It breaks a limit.
    pub broken: bool,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What the colour means, for example `Hottest GPU` in `°C`.
    pub quantity: Quantity,
    /// Racks, in any order.
    pub racks: Vec<Rack>,
    /// Limits to mark on the colour bar.
    pub limits: Vec<Limit>,
    /// Values at the two ends of the colour bar; `None` takes those of the racks.
    pub range: Option<(f64, f64)>,
}

/// Draws the map.
///
/// # Errors
/// [`PlotError::Empty`] without racks, [`PlotError::NotFinite`], and [`PlotError::Range`] for more than 50,000 racks, a
/// row or place of 50,000 or more, or an empty range of colours.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    checked(data)?;
    let scale = colors(data);
    let mut sheet = Sheet::new(&data.caption, style)?;
    let bar = ColourBar {
        quantity: &data.quantity,
        limits: &data.limits,
        scale,
        bands: &[],
    };
    let groups = groups(data);
    let grid = Grid::choose(
        &sheet,
        &groups,
        sheet.width() - bar.room(&sheet),
        style.height_or(520.0),
    );
    let top = sheet.top;
    let mut tones: Vec<Trail> = (0..=255).map(|_| Trail::default()).collect();
    let (mut unknown, mut rims, mut crosses) =
        (Trail::default(), Trail::default(), Trail::default());
    for (index, group) in groups.iter().enumerate() {
        let (x, y) = grid.corner(index, sheet.left, top);
        let how = sheet.small();
        let how = super::canvas::Type {
            size: grid.name,
            ..how
        };
        let name = font::shorten(
            group.name,
            how.size,
            how.weight,
            grid.width - how.size * 0.6,
        );
        sheet.canvas.text(x, y + how.size, &name, how);
        for rack in &group.racks {
            let gap = (grid.cell * 0.12).min(1.5);
            let rack_x = x + rack.column as f64 * grid.cell;
            let rack_y = y + grid.name * 1.5 + rack.row as f64 * grid.cell;
            let side = grid.cell - gap;
            let trail = match rack.value {
                Some(value) => &mut tones[(scale.clamped(value)).round() as usize],
                None => &mut unknown,
            };
            trail.rect(rack_x, rack_y, side, side);
            if rack.broken {
                rims.rect(rack_x, rack_y, side, side);
                crosses
                    .start(rack_x + side * 0.3, rack_y + side * 0.3)
                    .line(rack_x + side * 0.7, rack_y + side * 0.7);
                crosses
                    .start(rack_x + side * 0.7, rack_y + side * 0.3)
                    .line(rack_x + side * 0.3, rack_y + side * 0.7);
            }
        }
    }
    for (tone, trail) in tones
        .iter()
        .enumerate()
        .filter(|(_, trail)| !trail.is_empty())
    {
        let color = color(tone as f64 / 255.0);
        sheet.canvas.fill(trail, Paint::Flat(color, 1.0));
    }
    if !unknown.is_empty() {
        let loss = style.palette.loss;
        sheet.canvas.fill(&unknown, Paint::Hatch(loss));
        sheet.canvas.stroke(&unknown, Pen::new(loss, 0.6));
    }
    let broken = data.racks.iter().filter(|rack| rack.broken).count();
    if broken > 0 {
        // A white line under the mark keeps it visible on every tone.
        let width = (grid.cell * 0.12).clamp(0.8, 2.2);
        sheet
            .canvas
            .stroke(&rims, Pen::new(style.palette.limit, width * 1.2));
        sheet
            .canvas
            .stroke(&crosses, Pen::new(style.palette.paper, width * 2.0));
        sheet
            .canvas
            .stroke(&crosses, Pen::new(style.palette.limit, width));
    }
    let lower = grid
        .corner(groups.len().saturating_sub(1), sheet.left, top)
        .1
        + grid.height;
    let bar_bottom = bar.draw(&mut sheet, lower.max(top + 160.0));
    let mut bottom = lower.max(bar_bottom);
    let unknowns = data
        .racks
        .iter()
        .filter(|rack| rack.value.is_none())
        .count();
    bottom = key(&mut sheet, broken, unknowns, bottom + style.text * 0.4);
    sheet.finish(bottom)
}

fn checked(data: &Data) -> Result<(), PlotError> {
    check::some("rack", &data.racks)?;
    check::finite(
        "rack value",
        data.racks.iter().map(|rack| rack.value.unwrap_or(0.0)),
    )?;
    check::finite("limit", data.limits.iter().map(|limit| limit.value))?;
    if let Some((low, high)) = data.range {
        check::finite("end of the colour range", [low, high])?;
        if low >= high {
            return Err(PlotError::Range {
                what: "upper end of the colour range",
                requirement: "above the lower",
                value: high,
            });
        }
    }
    let most = |what, value: usize| {
        if value <= MOST_RACKS {
            Ok(())
        } else {
            Err(PlotError::Range {
                what,
                requirement: "at most 50,000",
                value: value as f64,
            })
        }
    };
    most("number of racks", data.racks.len())?;
    data.racks
        .iter()
        .try_for_each(|rack| most("place of a rack", rack.row.max(rack.column) + 1))
}

/// Values to tones 0 to 255.
fn colors(data: &Data) -> Scale {
    let values = data.racks.iter().filter_map(|rack| rack.value);
    let (low, high) = data
        .range
        .or_else(|| check::extent(values))
        .unwrap_or((0.0, 1.0));
    Scale::new(Spacing::Linear, low, high).over(0.0, 255.0)
}

/// The racks of one group.
struct Group<'a> {
    name: &'a str,
    racks: Vec<&'a Rack>,
}

fn groups(data: &Data) -> Vec<Group<'_>> {
    let mut place = std::collections::HashMap::new();
    let mut out: Vec<Group> = Vec::new();
    for rack in &data.racks {
        let index = *place.entry(rack.group.as_str()).or_insert_with(|| {
            out.push(Group {
                name: &rack.group,
                racks: Vec::new(),
            });
            out.len() - 1
        });
        out[index].racks.push(rack);
    }
    out
}

/// Blocks of equal size, one a group, in lines.
struct Grid {
    per_line: usize,
    /// Side of a rack with its gap.
    cell: f64,
    /// Size of the groups' names.
    name: f64,
    /// Size of a block with its name and the gap to the next.
    width: f64,
    height: f64,
}

impl Grid {
    /// The number of blocks in a line that gives the largest racks within `width` by `height`.
    fn choose(sheet: &Sheet, groups: &[Group], width: f64, height: f64) -> Self {
        let side = |of: fn(&Rack) -> usize| {
            groups
                .iter()
                .flat_map(|group| &group.racks)
                .map(|rack| of(rack) + 1)
                .max()
                .unwrap_or(1) as f64
        };
        let (columns, rows) = (side(|rack| rack.column), side(|rack| rack.row));
        let mut best: Option<Self> = None;
        for per_line in 1..=groups.len() {
            let lines = groups.len().div_ceil(per_line) as f64;
            let name = sheet
                .style
                .small()
                .min(width / per_line as f64 / 5.0)
                .max(6.0);
            let gap = (width / per_line as f64 * 0.08).clamp(2.0, 14.0);
            let across = (width / per_line as f64 - gap) / columns;
            let down = (height / lines - name * 1.5 - gap) / rows;
            // What does not fit in height makes the page longer rather than the racks invisible.
            let cell = across.min(down.max(CELL.1 * 2.0)).clamp(CELL.1, CELL.0);
            let block = cell * rows + name * 1.5 + gap;
            let candidate = Self {
                per_line,
                cell,
                name,
                width: width / per_line as f64,
                height: block,
            };
            let score = |grid: &Self| grid.score(height, groups.len());
            if best
                .as_ref()
                .is_none_or(|best| score(&candidate) > score(best))
            {
                best = Some(candidate);
            }
        }
        best.unwrap_or(Self {
            per_line: 1,
            cell: CELL.0,
            name: sheet.style.small(),
            width,
            height,
        })
    }

    /// Size of a rack, less the more the blocks run over the height.
    fn score(&self, height: f64, groups: usize) -> f64 {
        let over = (self.height * groups.div_ceil(self.per_line) as f64 - height).max(0.0) / height;
        self.cell / (1.0 + over)
    }

    fn corner(&self, index: usize, left: f64, top: f64) -> (f64, f64) {
        let (line, place) = (index / self.per_line, index % self.per_line);
        (
            left + place as f64 * self.width,
            top + line as f64 * self.height,
        )
    }
}

/// What rims and hatching mean; returns the lower edge.
fn key(sheet: &mut Sheet, broken: usize, unknown: usize, top: f64) -> f64 {
    let how = sheet.small();
    let palette = &sheet.style.palette;
    let (mut x, side) = (sheet.left, how.size);
    let plural = |count: usize| if count == 1 { "rack" } else { "racks" };
    if broken > 0 {
        let mut cross = Trail::default();
        cross.rect(x, top, side, side);
        cross
            .start(x + side * 0.3, top + side * 0.3)
            .line(x + side * 0.7, top + side * 0.7);
        cross
            .start(x + side * 0.7, top + side * 0.3)
            .line(x + side * 0.3, top + side * 0.7);
        sheet.canvas.stroke(&cross, Pen::new(palette.limit, 1.6));
        let text = format!("A limit is broken: {broken} {}", plural(broken));
        sheet
            .canvas
            .text_at(x + side * 1.6, top + side / 2.0, &text, how);
        x += side * 3.2 + how.width(&text);
    }
    if unknown > 0 {
        let rim = Pen::new(palette.loss, 0.6);
        let hatch = Paint::Hatch(palette.loss);
        sheet.canvas.rect_with((x, top, side, side), hatch, rim);
        let text = format!("No value: {unknown} {}", plural(unknown));
        sheet
            .canvas
            .text_at(x + side * 1.6, top + side / 2.0, &text, how);
    }
    if broken + unknown > 0 {
        top + side * 1.3
    } else {
        top
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Rack, Style, draw};
    use crate::plot::PlotError;

    fn racks(groups: usize, each: usize) -> Vec<Rack> {
        (0..groups * each)
            .map(|index| Rack {
                group: format!("cdu.{}", index / each),
                row: index % each / 8,
                column: index % 8,
                value: Some(50.0 + (index * 7919 % 1000) as f64 / 100.0),
                broken: index % 100 == 0,
            })
            .collect()
    }

    #[test]
    fn thousands_of_racks_are_a_small_drawing_of_the_asked_width() {
        let data = Data {
            racks: racks(196, 16),
            ..Data::default()
        };
        let svg = draw(&data, &Style::default()).unwrap().svg().to_owned();
        assert!(svg.len() < 300_000, "{}", svg.len());
        assert!(svg.starts_with("<svg") && svg.contains("width=\"960\""));
    }

    #[test]
    fn equal_and_missing_values_are_drawn() {
        let mut racks = racks(1, 4);
        for rack in &mut racks {
            rack.value = Some(50.0);
        }
        racks[0].value = None;
        assert!(
            draw(
                &Data {
                    racks: racks.clone(),
                    ..Data::default()
                },
                &Style::default()
            )
            .is_ok()
        );
        for rack in &mut racks {
            rack.value = None;
        }
        assert!(
            draw(
                &Data {
                    racks,
                    ..Data::default()
                },
                &Style::default()
            )
            .is_ok()
        );
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(&Data::default(), &style),
            Err(PlotError::Empty { .. })
        ));
        let mut data = Data {
            racks: racks(1, 2),
            ..Data::default()
        };
        data.racks[1].value = Some(f64::NAN);
        assert_eq!(
            draw(&data, &style),
            Err(PlotError::NotFinite {
                what: "rack value",
                index: 1
            })
        );
        let data = Data {
            range: Some((2.0, 2.0)),
            racks: racks(1, 2),
            ..Data::default()
        };
        assert!(matches!(draw(&data, &style), Err(PlotError::Range { .. })));
    }
}
