//! Flows from layer to layer: power from the feed to the GPUs, heat from the GPUs to the outdoor air.
//!
//! Nodes stand in columns in the order of the links; the height of a node and the thickness of a link are in
//! proportion to their values, down to a hairline that keeps the least of them visible. Links over several columns are
//! led between the nodes on their way. Labels have their own room beside their node and never overlap.

mod layout;

use self::layout::{Input, Layout, Size};
use super::canvas::{Paint, Trail, Type};
use super::font::{self, LEADING};
use super::scale::with_unit;
use super::sheet::{Sheet, Swatch};
use super::style::{Carrier, Color, Style};
use super::{Caption, Figure, PlotError, check};

/// Thinnest link in px.
const HAIRLINE: f64 = 1.0;

/// Opacity of links, pale enough for the labels over them.
const TINT: f64 = 0.6;

/// A place where flows meet.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Words beside it, for example `GPU dies`.
    pub label: String,
    /// Zero-based column; `None` puts it right after the last of its sources. A column before that is moved there.
    pub column: Option<usize>,
}

/// A flow from one node to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Position of the source in [`Data::nodes`].
    pub from: usize,
    /// Position of the target in [`Data::nodes`].
    pub to: usize,
    /// Size of the flow in [`Data::unit`], zero or more; a flow of zero is not drawn.
    pub value: f64,
    /// What flows.
    pub carrier: Carrier,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// Unit of all values, for example `MW`.
    pub unit: String,
    /// Nodes, those of one column from top to bottom where nothing else decides.
    pub nodes: Vec<Node>,
    /// Links, in any order.
    pub links: Vec<Link>,
}

/// Draws the flows.
///
/// # Errors
/// [`PlotError::Empty`] without a link above zero, [`PlotError::Range`] for a negative value or a link to a node that
/// does not exist, [`PlotError::NotFinite`], and [`PlotError::Loop`] where the links form one.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    let links = checked(data)?;
    let mut sheet = Sheet::new(&data.caption, style)?;
    let entries: Vec<(Swatch, String)> = Carrier::ALL
        .into_iter()
        .filter(|carrier| links.iter().any(|link| link.carrier == *carrier))
        .map(|carrier| {
            (
                Swatch::Area(tint(style, carrier)),
                carrier.name().to_owned(),
            )
        })
        .collect();
    sheet.legend(&entries);

    let columns = layout::columns(data, &links)?;
    let labels = Labels::new(data, &links, &columns, &sheet);
    let size = Size {
        left: sheet.left,
        right: sheet.right - labels.last_room,
        top: sheet.top,
        height: style.height_or(520.0),
        node: style.text * 0.9,
        gap: style.text * 0.9,
        hairline: HAIRLINE,
    };
    let heights: Vec<f64> = labels
        .lines
        .iter()
        .map(|lines| lines.len() as f64 * labels.pitch)
        .collect();
    let layout = Layout::new(
        &Input {
            links: &links,
            columns: &columns,
            labels: &heights,
        },
        &size,
    );

    // The thickest first, so that hairlines stay on top.
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by(|&a, &b| links[b].value.total_cmp(&links[a].value).then(a.cmp(&b)));
    for index in order {
        ribbon(&mut sheet, &layout, index, links[index].carrier);
    }
    for (index, node) in layout
        .nodes
        .iter()
        .enumerate()
        .filter(|(index, _)| labels.shown[*index])
    {
        sheet.canvas.rect(
            node.x,
            node.top,
            size.node,
            node.height,
            style.palette.ink.toward(style.palette.paper, 0.15),
        );
        let lines = &labels.lines[index];
        let mut y = node.top + node.height / 2.0 - (lines.len() as f64 - 1.0) * labels.pitch / 2.0;
        for (position, line) in lines.iter().enumerate() {
            let how = if position + 1 == lines.len() {
                labels.how.bold()
            } else {
                labels.how
            };
            sheet.canvas.text_at(
                node.x + size.node + labels.space,
                y,
                line,
                how.halo(style.palette.paper),
            );
            y += labels.pitch;
        }
    }
    sheet.finish(layout.bottom)
}

/// The colour that a link of this kind has on the page.
fn tint(style: &Style, carrier: Carrier) -> Color {
    let palette = &style.palette;
    palette.paper.toward(carrier.color(palette), TINT)
}

/// The links above zero, once all are found sound.
fn checked(data: &Data) -> Result<Vec<Link>, PlotError> {
    let values: Vec<f64> = data.links.iter().map(|link| link.value).collect();
    check::not_negative("flow", &values)?;
    for link in &data.links {
        for end in [link.from, link.to] {
            if end >= data.nodes.len() {
                let requirement = "a position in the list of nodes";
                return Err(PlotError::Range {
                    what: "end of a link",
                    requirement,
                    value: end as f64,
                });
            }
        }
    }
    let links: Vec<Link> = data
        .links
        .iter()
        .copied()
        .filter(|link| link.value > 0.0)
        .collect();
    check::some("flow above zero", &links)?;
    Ok(links)
}

/// A link's band through the columns it crosses.
fn ribbon(sheet: &mut Sheet, layout: &Layout, index: usize, carrier: Carrier) {
    let band = &layout.bands[index];
    let mut trail = Trail::default();
    let Some(first) = band.stops.first() else {
        return;
    };
    trail.start(first.0, first.1);
    for pair in band.stops.windows(2) {
        trail.swing(pair[0].0, pair[0].1, pair[1].0, pair[1].1);
    }
    let back: Vec<(f64, f64)> = band
        .stops
        .iter()
        .rev()
        .map(|(x, y)| (*x, y + band.thickness))
        .collect();
    trail.line(back[0].0, back[0].1);
    for pair in back.windows(2) {
        trail.swing(pair[0].0, pair[0].1, pair[1].0, pair[1].1);
    }
    trail.close();
    // A hairline in a pale tint would vanish, so thin bands are drawn in nearly full colour.
    let opacity = if band.thickness < 3.0 { 1.0 } else { TINT };
    let color = carrier.color(&sheet.style.palette);
    sheet.canvas.fill(&trail, Paint::Flat(color, opacity));
}

/// Texts of the nodes: name and value, broken to the room between two columns.
struct Labels {
    lines: Vec<Vec<String>>,
    shown: Vec<bool>,
    how: Type,
    pitch: f64,
    space: f64,
    /// Room to the right of the last column.
    last_room: f64,
}

impl Labels {
    fn new(data: &Data, links: &[Link], columns: &[usize], sheet: &Sheet) -> Self {
        let style = sheet.style;
        let how = Type::new(style.small(), style.palette.ink);
        let space = how.size * 0.45;
        let last = columns.iter().copied().max().unwrap_or(0);
        // The last column's labels share the width with the strips between the columns.
        let strip = sheet.width() / (last as f64 + 1.0) - style.text * 0.9;
        let room = strip - 1.2 * space;
        let mut lines = Vec::with_capacity(data.nodes.len());
        let mut shown = Vec::with_capacity(data.nodes.len());
        for (index, node) in data.nodes.iter().enumerate() {
            let sum = |end: fn(&Link) -> usize| {
                links
                    .iter()
                    .filter(|link| end(link) == index)
                    .map(|link| link.value)
                    .sum::<f64>()
            };
            let value = sum(|link| link.from).max(sum(|link| link.to));
            shown.push(value > 0.0);
            let mut text = Vec::new();
            if value > 0.0 {
                text = font::wrap(&node.label, how.size, how.weight, room, 3);
                let bold = how.bold();
                text.push(font::shorten(
                    &with_unit(value, &data.unit),
                    bold.size,
                    bold.weight,
                    room,
                ));
            }
            lines.push(text);
        }
        let bold = how.bold();
        let last_room = lines
            .iter()
            .zip(columns)
            .filter(|(_, column)| **column == last)
            .flat_map(|(lines, _)| lines)
            .map(|line| bold.width(line))
            .fold(0.0, f64::max)
            .min(room)
            + space
            + style.text * 0.9;
        Self {
            lines,
            shown,
            how,
            pitch: how.size * LEADING * 0.92,
            space,
            last_room,
        }
    }
}

#[cfg(test)]
mod tests;
