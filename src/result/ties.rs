//! The worst of many candidates, the same whatever their order: where several tie, the one whose
//! path comes first.

use std::cmp::Ordering;

/// Relative difference below which two values tie: what rounding and the solver's tolerance leave.
pub const EQUAL: f64 = 1e-9;

/// Order of paths: names by letters, indices by number (`rack.2` before `rack.10`).
pub fn path_order(a: &str, b: &str) -> Ordering {
    let one = |a: &str, b: &str| match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    };
    let (mut first, mut second) = (a.split('.'), b.split('.'));
    loop {
        match (first.next(), second.next()) {
            (Some(a), Some(b)) => match one(a, b) {
                Ordering::Equal => {}
                decided => return decided,
            },
            (a, b) => return a.is_some().cmp(&b.is_some()),
        }
    }
}

/// Collects candidates and gives the worst.
#[derive(Debug)]
pub struct Worst<T> {
    /// Rank, path and candidate of all that tie with the worst, each rank once.
    held: Vec<(f64, String, T)>,
}

impl<T> Default for Worst<T> {
    fn default() -> Self {
        Self { held: Vec::new() }
    }
}

impl<T> Worst<T> {
    /// Offers a candidate: the smaller its rank, the worse; ranks within `equal` tie.
    pub fn offer(
        &mut self,
        rank: f64,
        equal: f64,
        path: impl FnOnce() -> String,
        item: impl FnOnce(&str) -> T,
    ) {
        let least = self.held.iter().fold(f64::INFINITY, |m, h| m.min(h.0));
        if !self.held.is_empty() && rank > least + equal {
            return;
        }
        self.held.retain(|held| held.0 <= rank + equal);
        let path = path();
        match self.held.iter_mut().find(|held| held.0 == rank) {
            Some(held) => {
                if path_order(&path, &held.1) == Ordering::Less {
                    let item = item(&path);
                    *held = (rank, path, item);
                }
            }
            None => {
                let item = item(&path);
                self.held.push((rank, path, item));
            }
        }
    }

    /// The worst candidate.
    pub fn worst(self) -> Option<T> {
        self.held
            .into_iter()
            .min_by(|a, b| path_order(&a.1, &b.1))
            .map(|(.., item)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::{Worst, path_order};
    use std::cmp::Ordering;

    #[test]
    fn indices_are_numbers() {
        assert_eq!(path_order("rack.2", "rack.10"), Ordering::Less);
        assert_eq!(path_order("a.2.b", "a.2"), Ordering::Greater);
        assert_eq!(path_order("a.1.x.3", "a.1.x.3"), Ordering::Equal);
        assert_eq!(path_order("cdu.1", "tower.0"), Ordering::Less);
    }

    #[test]
    fn order_does_not_decide() {
        // b and c tie with d within the tolerance, a does not; e ties with nothing.
        let all = [
            ("a", 1.0 + 3e-9),
            ("b", 1.0 + 9e-10),
            ("c", 1.0 + 2e-10),
            ("d", 1.0),
            ("e", 2.0),
        ];
        for shift in 0..all.len() {
            for reverse in [false, true] {
                let mut worst = Worst::default();
                for k in 0..all.len() {
                    let k = (k + shift) % all.len();
                    let (path, rank) = all[if reverse { all.len() - 1 - k } else { k }];
                    worst.offer(rank, 1e-9, || path.to_owned(), str::to_owned);
                }
                assert_eq!(worst.worst().as_deref(), Some("b"));
            }
        }
    }
}
