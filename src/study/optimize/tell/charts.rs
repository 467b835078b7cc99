//! The objective along each range through the optimum, and over two ranges: what charts show.

use super::Teller;
use crate::study::optimize::outcome::{Grid, Optimum, Slice};
use crate::study::optimize::problem::{Point, Raw};
use crate::study::sweep::Value;

/// Values tried along a range for a chart, of few conditions and of many.
const ALONG: (usize, usize) = (41, 13);
/// The same on each side of a grid.
const ACROSS: (usize, usize) = (21, 9);

impl Teller<'_> {
    pub(in crate::study::optimize) fn charts(&self, optimum: &mut Optimum) {
        let many = self.problem.conditions.len() > 4;
        let pick = |(few, more): (usize, usize)| if many { more } else { few };
        let shares = |count: usize| (0..count).map(move |i| i as f64 / (count - 1) as f64);
        let hours = optimum.hours;
        for &k in &self.split.ranges {
            let variable = &self.problem.variables[k];
            let mut points: Vec<(f64, Point)> = Vec::new();
            for share in shares(pick(ALONG)) {
                let mut point = self.point.clone();
                point[k] = variable.axis().between(share);
                points.push((variable.number(share).unwrap_or(share), point));
            }
            // The optimum itself is one of the points.
            if let Value::Number(number) = self.point[k] {
                points.push((number, self.point.clone()));
            }
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points.dedup_by(|a, b| a.0 == b.0);
            let list: Vec<Point> = points.iter().map(|(_, point)| point.clone()).collect();
            let solved = self.problem.solve(Some(self.point), &list);
            optimum.lines.push(Slice {
                variable: k,
                points: points
                    .iter()
                    .zip(solved)
                    .map(|((number, _), raw)| {
                        let holds = raw.as_ref().is_some_and(|raw| raw.holds);
                        (*number, raw.map(|raw| raw.objective() * hours), holds)
                    })
                    .collect(),
            });
        }
        if let [a, b] = self.split.ranges[..] {
            let count = pick(ACROSS);
            let values = |k: usize| -> Vec<f64> {
                let variable = &self.problem.variables[k];
                shares(count)
                    .filter_map(|share| variable.number(share))
                    .collect()
            };
            let (xs, ys) = (values(a), values(b));
            let mut list: Vec<Point> = Vec::new();
            for share_y in shares(count) {
                for share_x in shares(count) {
                    let mut point = self.point.clone();
                    point[a] = self.problem.variables[a].axis().between(share_x);
                    point[b] = self.problem.variables[b].axis().between(share_y);
                    list.push(point);
                }
            }
            let solved = self.problem.solve(Some(self.point), &list);
            let margin = |raw: &Raw| raw.margin();
            optimum.grid = Some(Grid {
                variables: [a, b],
                margins: solved
                    .iter()
                    .map(|raw| raw.as_ref().map_or(0.0, margin))
                    .collect(),
                values: solved
                    .iter()
                    .map(|raw| raw.as_ref().map(|raw| raw.objective() * hours))
                    .collect(),
                xs,
                ys,
            });
        }
    }
}
