//! Flows between named places, gathered for a Sankey diagram.

use crate::plot::style::Carrier;
use crate::plot::{Caption, sankey};

/// A place: its key, and the words beside it.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    key: String,
    label: String,
}

/// Flows.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    places: Vec<Place>,
    links: Vec<(usize, usize, f64, Carrier)>,
}

impl Flows {
    /// The place of this key, made where it is new.
    pub fn place(&mut self, key: &str, label: &str) -> usize {
        if let Some(index) = self.places.iter().position(|place| place.key == key) {
            return index;
        }
        self.places.push(Place {
            key: key.to_owned(),
            label: label.to_owned(),
        });
        self.places.len() - 1
    }

    /// Adds a flow in W; a negative one runs the other way.
    pub fn add(&mut self, from: usize, to: usize, watts: f64, carrier: Carrier) {
        if watts == 0.0 || !watts.is_finite() || from == to {
            return;
        }
        let (from, to, watts) = if watts < 0.0 {
            (to, from, -watts)
        } else {
            (from, to, watts)
        };
        // Two opposite flows between the same places show as what is left of the larger.
        if let Some(back) = self
            .links
            .iter_mut()
            .find(|l| l.0 == to && l.1 == from && l.3 == carrier)
        {
            back.2 -= watts;
            if back.2 < 0.0 {
                *back = (from, to, -back.2, carrier);
            }
            return;
        }
        match self
            .links
            .iter_mut()
            .find(|l| l.0 == from && l.1 == to && l.3 == carrier)
        {
            Some(link) => link.2 += watts,
            None => self.links.push((from, to, watts, carrier)),
        }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.links.iter().all(|link| link.2 <= 0.0)
    }

    /// The diagram, and the sum of the flows in W that it leaves out: those below one in two thousand of the largest, and
    /// the smallest ones that would close a ring.
    pub fn diagram(&self, caption: Caption) -> (sankey::Data, f64) {
        let largest = self.links.iter().map(|l| l.2).fold(0.0, f64::max);
        let (unit, scale) = super::figures::power_unit(largest);
        let mut order: Vec<usize> = (0..self.links.len()).collect();
        order.sort_by(|&a, &b| self.links[b].2.total_cmp(&self.links[a].2).then(a.cmp(&b)));
        let mut kept = vec![false; self.links.len()];
        let mut left_out = 0.0;
        for index in order {
            let (from, to, watts, _) = self.links[index];
            if watts < 5e-4 * largest || self.reaches(to, from, &kept) {
                left_out += watts;
            } else {
                kept[index] = true;
            }
        }
        let mut number = vec![usize::MAX; self.places.len()];
        let mut nodes = Vec::new();
        for (index, place) in self.places.iter().enumerate() {
            let touched = |l: &(usize, usize, f64, Carrier)| l.0 == index || l.1 == index;
            if self
                .links
                .iter()
                .zip(&kept)
                .any(|(link, &keep)| keep && touched(link))
            {
                number[index] = nodes.len();
                nodes.push(sankey::Node {
                    label: place.label.clone(),
                    column: None,
                });
            }
        }
        let links = self
            .links
            .iter()
            .zip(&kept)
            .filter(|(_, keep)| **keep)
            .map(|(&(from, to, watts, carrier), _)| sankey::Link {
                from: number[from],
                to: number[to],
                value: watts / scale,
                carrier,
            })
            .collect();
        (
            sankey::Data {
                caption,
                unit: unit.to_owned(),
                nodes,
                links,
            },
            left_out,
        )
    }

    /// Whether the kept links lead from one place to another.
    fn reaches(&self, from: usize, to: usize, kept: &[bool]) -> bool {
        let mut seen = vec![false; self.places.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            open.extend(
                self.links
                    .iter()
                    .zip(kept)
                    .filter(|(l, keep)| **keep && l.0 == at)
                    .map(|(l, _)| l.1),
            );
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Flows;
    use crate::plot::Caption;
    use crate::plot::style::Carrier;

    #[test]
    fn opposite_flows_net_and_rings_are_opened() {
        let mut flows = Flows::default();
        let (a, b, c) = (
            flows.place("a", "A"),
            flows.place("b", "B"),
            flows.place("c", "C"),
        );
        assert_eq!(flows.place("a", "other words"), a);
        flows.add(a, b, 5e6, Carrier::Liquid);
        flows.add(b, a, 2e6, Carrier::Liquid);
        flows.add(b, c, 3e6, Carrier::Liquid);
        flows.add(c, a, 1e5, Carrier::Air);
        flows.add(a, c, 10.0, Carrier::Air);
        let (data, left_out) = flows.diagram(Caption::default());
        assert_eq!(data.unit, "MW");
        assert_eq!(data.links.len(), 2);
        assert!(
            (data.links[0].value - 3.0).abs() < 1e-12 && (data.links[1].value - 3.0).abs() < 1e-12
        );
        // The ring is opened at its weakest link: 100 kW less the 10 W that run against it.
        assert!((left_out - 99_990.0).abs() < 1e-6);
    }
}
