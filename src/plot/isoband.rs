//! The part of a grid in which a value is at or above a level, as closed outlines.
//!
//! Marching squares: in every cell the part above the level is a polygon through corners and through points on the
//! edges, found by linear interpolation. The two polygons on either side of an edge run along it in opposite directions,
//! so those stretches cancel; what is left are the outlines, without seams between cells.

use std::collections::BTreeMap;

use super::canvas::Trail;

/// A corner (0), a point on a horizontal edge (1) or on a vertical edge (2), with column and row.
type Id = (u8, usize, usize);

/// Values at the crossings of columns and rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid<'a> {
    /// Places of the columns, in px.
    pub(super) xs: &'a [f64],
    /// Places of the rows, in px.
    pub(super) ys: &'a [f64],
    /// Values, row by row.
    pub(super) values: &'a [f64],
}

impl Grid<'_> {
    fn value(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.xs.len() + column]
    }

    /// The outlines of the part where the value is `level` or more; they are to be filled even-odd.
    pub(super) fn above(&self, level: f64) -> Trail {
        let mut next: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for row in 0..self.ys.len().saturating_sub(1) {
            for column in 0..self.xs.len().saturating_sub(1) {
                for polygon in self.cell(column, row, level) {
                    for (index, &from) in polygon.iter().enumerate() {
                        link(&mut next, from, polygon[(index + 1) % polygon.len()]);
                    }
                }
            }
        }
        let mut trail = Trail::default();
        while let Some((&first, _)) = next.first_key_value() {
            let mut at = first;
            let mut started = false;
            while let Some(targets) = next.get_mut(&at) {
                let target = targets.pop();
                if targets.is_empty() {
                    next.remove(&at);
                }
                let (x, y) = self.point(at, level);
                if started {
                    trail.line(x, y)
                } else {
                    trail.start(x, y)
                };
                started = true;
                match target {
                    Some(target) if target != first => at = target,
                    _ => break,
                }
            }
            trail.close();
        }
        trail
    }

    /// The line between the parts above and below a level, given the outlines of the part above.
    pub(super) fn border(&self, above: &Trail) -> Trail {
        let end = |places: &[f64]| places.last().copied().unwrap_or_default();
        let first = |places: &[f64]| places.first().copied().unwrap_or_default();
        above.within(
            [first(self.xs), first(self.ys)],
            [end(self.xs), end(self.ys)],
        )
    }

    /// The polygons of one cell, all turning the same way.
    fn cell(&self, column: usize, row: usize, level: f64) -> Vec<Vec<Id>> {
        let corners = [
            (column, row),
            (column + 1, row),
            (column + 1, row + 1),
            (column, row + 1),
        ];
        let edges: [Id; 4] = [
            (1, column, row),
            (2, column + 1, row),
            (1, column, row + 1),
            (2, column, row),
        ];
        let inside = corners.map(|(c, r)| self.value(c, r) >= level);
        let corner = |index: usize| (0, corners[index].0, corners[index].1);
        let middle = corners
            .iter()
            .map(|&(c, r)| self.value(c, r) / 4.0)
            .sum::<f64>();
        // At a saddle the middle decides whether the two corners are joined.
        if inside[0] == inside[2]
            && inside[1] == inside[3]
            && inside[0] != inside[1]
            && middle < level
        {
            let first = usize::from(inside[1]);
            return [first, first + 2]
                .into_iter()
                .map(|index| vec![corner(index), edges[index], edges[(index + 3) % 4]])
                .collect();
        }
        let mut polygon = Vec::with_capacity(6);
        for index in 0..4 {
            if inside[index] {
                polygon.push(corner(index));
            }
            if inside[index] != inside[(index + 1) % 4] {
                polygon.push(edges[index]);
            }
        }
        if polygon.is_empty() {
            Vec::new()
        } else {
            vec![polygon]
        }
    }

    fn point(&self, (kind, column, row): Id, level: f64) -> (f64, f64) {
        let share = |a: f64, b: f64| {
            if (b - a).abs() > 0.0 {
                ((level - a) / (b - a)).clamp(0.0, 1.0)
            } else {
                0.5
            }
        };
        let between = |a: f64, b: f64, share: f64| a + (b - a) * share;
        match kind {
            0 => (self.xs[column], self.ys[row]),
            1 => {
                let share = share(self.value(column, row), self.value(column + 1, row));
                (
                    between(self.xs[column], self.xs[column + 1], share),
                    self.ys[row],
                )
            }
            _ => {
                let share = share(self.value(column, row), self.value(column, row + 1));
                (
                    self.xs[column],
                    between(self.ys[row], self.ys[row + 1], share),
                )
            }
        }
    }
}

/// Adds the stretch from `from` to `to`, or cancels the one that runs back.
fn link(next: &mut BTreeMap<Id, Vec<Id>>, from: Id, to: Id) {
    if let Some(targets) = next.get_mut(&to)
        && let Some(position) = targets.iter().position(|&target| target == from)
    {
        targets.swap_remove(position);
        if targets.is_empty() {
            next.remove(&to);
        }
        return;
    }
    next.entry(from).or_default().push(to);
}

#[cfg(test)]
mod tests {
    use super::Grid;

    #[test]
    fn a_full_grid_is_one_outline_and_an_empty_one_none() {
        let grid = Grid {
            xs: &[0.0, 1.0, 2.0],
            ys: &[0.0, 1.0, 2.0],
            values: &[1.0; 9],
        };
        let full = grid.above(0.5);
        assert_eq!((full.runs(), full.points().len()), (1, 8), "{full:?}");
        assert!(grid.border(&full).is_empty());
        assert!(grid.above(1.5).is_empty());
    }

    #[test]
    fn an_outline_crosses_edges_where_the_level_lies() {
        let grid = Grid {
            xs: &[0.0, 4.0],
            ys: &[0.0, 1.0],
            values: &[0.0, 1.0, 0.0, 1.0],
        };
        let trail = grid.above(0.25);
        // A value from 0 to 1 over 4 px reaches a quarter at 1 px.
        let points = trail.points();
        assert!(
            points.contains(&[1.0, 0.0]) && points.contains(&[1.0, 1.0]),
            "{points:?}"
        );
        let mut border = grid.border(&trail).points().to_vec();
        border.sort_by(|a, b| a[1].total_cmp(&b[1]));
        assert_eq!(border, [[1.0, 0.0], [1.0, 1.0]]);
    }

    #[test]
    fn a_peak_is_a_ring_and_a_hole_is_two() {
        let mut values = [0.0; 25];
        values[12] = 1.0;
        let places = [0.0, 1.0, 2.0, 3.0, 4.0];
        let ring = Grid {
            xs: &places,
            ys: &places,
            values: &values,
        }
        .above(0.5);
        assert_eq!(ring.runs(), 1);
        let holed = values.map(|value| 1.0 - value);
        let both = Grid {
            xs: &places,
            ys: &places,
            values: &holed,
        }
        .above(0.5);
        assert_eq!(both.runs(), 2);
    }
}
