#![allow(clippy::unwrap_used)]
use super::layout::{Input, Layout, Size, columns};
use super::{Carrier, Data, Labels, Link, Node, Sheet, draw};
use crate::plot::{Caption, PlotError, Style};

fn node(label: &str) -> Node {
    Node {
        label: label.into(),
        column: None,
    }
}

fn link(from: usize, to: usize, value: f64) -> Link {
    Link {
        from,
        to,
        value,
        carrier: Carrier::Electric,
    }
}

/// Seven columns, 30 nodes, flows over five decades, links that skip columns.
fn wide() -> Data {
    let mut nodes = vec![node("Utility feed")];
    let mut links = Vec::new();
    for column in 1..7 {
        for row in 0..5 {
            if nodes.len() == 30 {
                break;
            }
            let index = nodes.len();
            nodes.push(node(&format!("Distribution part {column} row {row}")));
            let from = if column == 1 { 0 } else { index - 5 };
            links.push(link(from, index, 100.0 / 10f64.powi(row)));
        }
    }
    links.push(link(0, 29, 0.001));
    Data {
        unit: "MW".into(),
        nodes,
        links,
        ..Data::default()
    }
}

#[test]
fn labels_and_nodes_do_not_overlap() {
    let (data, style, caption) = (wide(), Style::default(), Caption::default());
    let sheet = Sheet::new(&caption, &style).unwrap();
    let columns = columns(&data, &data.links).unwrap();
    let labels = Labels::new(&data, &data.links, &columns, &sheet);
    let heights: Vec<f64> = labels
        .lines
        .iter()
        .map(|lines| lines.len() as f64 * labels.pitch)
        .collect();
    let size = Size {
        left: sheet.left,
        right: sheet.right - labels.last_room,
        top: sheet.top,
        height: 520.0,
        node: 12.0,
        gap: 12.0,
        hairline: 1.0,
    };
    let layout = Layout::new(
        &Input {
            links: &data.links,
            columns: &columns,
            labels: &heights,
        },
        &size,
    );
    // Each label's rectangle, from its node's right edge to the end of its longest line.
    let boxes: Vec<[f64; 4]> = layout
        .nodes
        .iter()
        .zip(&labels.lines)
        .zip(&heights)
        .map(|((bar, lines), height)| {
            let width = lines
                .iter()
                .map(|line| labels.how.bold().width(line))
                .fold(0.0, f64::max);
            let middle = bar.top + bar.height / 2.0;
            [
                bar.x,
                middle - height / 2.0,
                bar.x + size.node + labels.space + width,
                middle + height / 2.0,
            ]
        })
        .collect();
    for (a, first) in boxes.iter().enumerate() {
        assert!(
            first[2] <= style.width
                && first[1] >= sheet.top - 1e-6
                && first[3] <= layout.bottom + 1e-6,
            "{first:?}"
        );
        for second in &boxes[a + 1..] {
            let apart = first[2] <= second[0]
                || second[2] <= first[0]
                || first[3] <= second[1]
                || second[3] <= first[1];
            assert!(apart, "{first:?} {second:?}");
        }
    }
    assert!(layout.bands.iter().all(|band| band.thickness >= 1.0));
}

#[test]
fn thickness_is_in_proportion() {
    let data = Data {
        nodes: vec![node("a"), node("b"), node("c")],
        links: vec![link(0, 1, 30.0), link(0, 2, 10.0)],
        ..Data::default()
    };
    let style = Style::default();
    let columns = columns(&data, &data.links).unwrap();
    let size = Size {
        left: 0.0,
        right: 900.0,
        top: 0.0,
        height: 400.0,
        node: 10.0,
        gap: 10.0,
        hairline: 1.0,
    };
    let layout = Layout::new(
        &Input {
            links: &data.links,
            columns: &columns,
            labels: &[30.0; 3],
        },
        &size,
    );
    assert!((layout.bands[0].thickness / layout.bands[1].thickness - 3.0).abs() < 1e-9);
    assert!(
        (layout.nodes[0].height - layout.bands[0].thickness - layout.bands[1].thickness).abs()
            < 1e-9
    );
    assert!(draw(&data, &style).is_ok());
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let style = Style::default();
    assert_eq!(
        draw(&wide(), &style).unwrap(),
        draw(&wide(), &style).unwrap()
    );
}

#[test]
fn faults_are_typed() {
    let style = Style::default();
    assert!(matches!(
        draw(&Data::default(), &style),
        Err(PlotError::Empty { .. })
    ));
    let mut data = wide();
    data.links.push(link(8, 3, 1.0));
    assert!(matches!(draw(&data, &style), Err(PlotError::Loop { .. })));
    let mut data = wide();
    data.links.push(link(3, 3, 1.0));
    assert!(matches!(draw(&data, &style), Err(PlotError::Loop { .. })));
    let mut data = wide();
    data.links[2].value = f64::NAN;
    assert_eq!(
        draw(&data, &style),
        Err(PlotError::NotFinite {
            what: "flow",
            index: 2
        })
    );
    data.links[2].value = -1.0;
    assert!(matches!(draw(&data, &style), Err(PlotError::Range { .. })));
    data.links[2] = link(0, 99, 1.0);
    assert!(matches!(draw(&data, &style), Err(PlotError::Range { .. })));
}
