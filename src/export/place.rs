//! Where junctions stand on a drawing: a sheet a loop, its own junctions in rows, its racks below.

use super::{Junction, Model};

/// Room between sheets.
const MARGIN: f64 = 4.0;

/// Places a loop's own junctions: a row for each sort (`supply tap 0`, `supply tap 1`, …).
pub(super) fn nodes(junctions: &mut [Junction]) {
    let mut rows: Vec<(String, usize)> = Vec::new();
    for junction in junctions {
        let stem = junction.name.trim_end_matches(|c: char| c.is_ascii_digit());
        let row = rows
            .iter()
            .position(|(known, _)| known == stem)
            .unwrap_or_else(|| {
                rows.push((stem.to_owned(), 0));
                rows.len() - 1
            });
        let column = rows[row].1;
        rows[row].1 += 1;
        junction.place = [6.0 * column as f64 + 0.5 * row as f64, -2.0 * row as f64];
    }
}

/// Lays the loops' sheets beside and below each other, about as wide as high.
pub(super) fn circuits(model: &mut Model) {
    let mut boxes = vec![
        [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY
        ];
        model.circuits.len()
    ];
    for junction in &model.junctions {
        let [x, y] = junction.place;
        let b = &mut boxes[junction.circuit];
        *b = [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)];
    }
    let area: f64 = boxes
        .iter()
        .map(|b| (b[2] - b[0] + MARGIN) * (b[3] - b[1] + MARGIN))
        .sum();
    let width = boxes
        .iter()
        .map(|b| b[2] - b[0])
        .fold(area.sqrt(), f64::max);
    let (mut x, mut y, mut height) = (0.0, 0.0, 0.0f64);
    let shift: Vec<[f64; 2]> = boxes
        .iter()
        .map(|b| {
            if x > 0.0 && x + b[2] - b[0] > width {
                x = 0.0;
                y += height + MARGIN;
                height = 0.0;
            }
            let shift = [x - b[0], y - b[1]];
            x += b[2] - b[0] + MARGIN;
            height = height.max(b[3] - b[1]);
            shift
        })
        .collect();
    for junction in &mut model.junctions {
        let [dx, dy] = shift[junction.circuit];
        junction.place = [junction.place[0] + dx, junction.place[1] + dy];
    }
}
