//! A family of lines: one quantity varied along the axis, another from line to line.

use super::colour_bar::color;
use super::lines::{Mark, Series, View};
use super::scale::{Spacing, join};
use super::sheet::Sheet;
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Most lines with a name of their own.
const NAMED: usize = 12;

/// One line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    /// Value of the second quantity, as it is to be written.
    pub value: String,
    /// Points in the order of the varied quantity; `None` breaks the line where there is no result.
    pub points: Vec<(f64, Option<f64>)>,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// The quantity varied along the axis.
    pub x: Quantity,
    /// The result.
    pub y: Quantity,
    /// The quantity varied from line to line.
    pub by: Quantity,
    /// Lines in the order of the second quantity, from dark to light.
    pub members: Vec<Member>,
    /// Limits on the result.
    pub limits: Vec<Limit>,
    /// Marked points.
    pub marks: Vec<Mark>,
}

/// Draws the family.
///
/// # Errors
/// As [`super::lines::draw`].
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("line", &data.members)?;
    let last = data.members.len().saturating_sub(1).max(1) as f64;
    let series: Vec<Series> = data
        .members
        .iter()
        .enumerate()
        .map(|(index, member)| {
            let value = join(&member.value, &data.by.unit);
            // The first line names the quantity for all.
            let name = if index == 0 {
                format!("{} {value}", data.by.label)
            } else {
                value
            };
            Series {
                name,
                points: member.points.clone(),
            }
        })
        .collect();
    let view = View {
        x: &data.x,
        y: &data.y,
        spacing: Spacing::Linear,
        result_spacing: Spacing::Linear,
        // The palest end of the scale would not be seen on white.
        series: series
            .iter()
            .enumerate()
            .map(|(index, one)| (one, color(0.88 * index as f64 / last)))
            .collect(),
        limits: &data.limits,
        marks: &data.marks,
        infeasible: &[],
        hatched: "",
        named: NAMED,
    };
    let mut sheet = Sheet::new(&data.caption, style)?;
    let bottom = view.draw(&mut sheet)?;
    sheet.finish(bottom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Member, Style, draw};
    use crate::plot::PlotError;

    #[test]
    fn many_lines_keep_few_names() {
        let members = (0..40)
            .map(|line| Member {
                value: format!("L{line}"),
                points: (0..5)
                    .map(|x| (f64::from(x), Some(f64::from(x * line))))
                    .collect(),
            })
            .collect();
        let svg = draw(
            &Data {
                members,
                ..Data::default()
            },
            &Style::default(),
        )
        .unwrap()
        .svg()
        .to_owned();
        let names = svg.matches(">L").count() + svg.matches("> L").count();
        assert!((2..=13).contains(&names), "{names}");
    }

    #[test]
    fn no_line_is_an_error() {
        assert!(matches!(
            draw(&Data::default(), &Style::default()),
            Err(PlotError::Empty { .. })
        ));
    }
}
