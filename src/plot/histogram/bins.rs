//! Weighted counts of values in bins of a round width.

use super::super::scale::{fixed, nice_step};
use super::super::{PlotError, check};
use super::Distribution;

/// Fewest and most bins over the range of the values.
const BINS: (f64, f64) = (8.0, 80.0);

/// A binned distribution.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bins {
    /// Lower edge of the first bin, a multiple of the width.
    pub(super) low: f64,
    /// Width of each bin.
    pub(super) width: f64,
    /// Weight in each bin; a value on an edge is in the bin above it.
    pub(super) counts: Vec<f64>,
    /// Sum of the weights.
    pub(super) total: f64,
    /// Weighted mean.
    pub(super) mean: f64,
    /// Least value of some weight.
    pub(super) least: f64,
    /// Greatest value of some weight.
    pub(super) greatest: f64,
}

impl Bins {
    /// Bins `one`, whose numbers are already found sound, in steps of about `finest` or more.
    pub(super) fn new(one: &Distribution, finest: f64) -> Result<Self, PlotError> {
        let mut pairs: Vec<(f64, f64)> = one
            .values
            .iter()
            .enumerate()
            .map(|(index, &value)| (value, one.counts.get(index).copied().unwrap_or(1.0)))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (Some(&(least, _)), Some(&(greatest, _))) = (pairs.first(), pairs.last()) else {
            return Err(PlotError::Empty {
                what: "count above zero",
            });
        };
        let total: f64 = pairs.iter().map(|(_, weight)| weight).sum();
        let mean = pairs
            .iter()
            .map(|(value, weight)| value * (weight / total))
            .sum();
        check::finite("sum of counts", [total, greatest - least])?;

        let span = greatest - least;
        // Values that differ by rounding alone are one value.
        let width = if span <= 1e-9 * least.abs().max(greatest.abs()) {
            nice_step((greatest.abs().max(1.0) / 100.0).max(finest), 1.0)
        } else {
            let quantile = |share: f64| {
                let mut below = 0.0;
                pairs.iter().find(|(_, weight)| {
                    below += weight;
                    below >= share * total
                })
            };
            let quartile = |share| quantile(share).map_or(greatest, |(value, _)| *value);
            let ideal = 2.0 * (quartile(0.75) - quartile(0.25)) / total.max(1.0).cbrt();
            let fitting = ideal.clamp(span / BINS.1, span / BINS.0);
            nice_step(fitting.max(finest), 1.0)
        };
        let first = (least / width + 1e-9).floor();
        let low = first * width;
        let place = |value: f64| ((value / width + 1e-9).floor() - first).max(0.0) as usize;
        let mut counts = vec![0.0; place(greatest) + 1];
        for (value, weight) in &pairs {
            if let Some(count) = counts.get_mut(place(*value)) {
                *count += weight;
            }
        }
        Ok(Self {
            low,
            width,
            counts,
            total,
            mean,
            least,
            greatest,
        })
    }

    /// Upper edge of the last bin.
    pub(super) fn high(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }

    /// The width in as many decimals as it has.
    pub(super) fn width_text(&self) -> String {
        fixed(
            self.width,
            (-(self.width.log10() + 1e-9).floor()).max(0.0) as usize,
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Bins, Distribution};

    #[test]
    fn weights_add_up_and_edges_belong_above() {
        let one = Distribution {
            values: vec![1.0, 2.0, 2.0, 10.0],
            counts: vec![5.0, 1.0, 2.0, 2.0],
            ..Distribution::default()
        };
        let bins = Bins::new(&one, 0.0).unwrap();
        assert!((bins.counts.iter().sum::<f64>() - 10.0).abs() < 1e-12);
        assert!((bins.mean - 3.1).abs() < 1e-12);
        let of_two = ((2.0 - bins.low) / bins.width + 1e-9).floor() as usize;
        assert!(bins.counts[of_two] >= 3.0);
    }

    #[test]
    fn bins_are_no_finer_than_the_axis_shows() {
        let one = Distribution {
            values: vec![64.675, 64.678, 64.682],
            ..Distribution::default()
        };
        let bins = Bins::new(&one, 0.2).unwrap();
        assert_eq!((bins.width, bins.counts), (0.2, vec![3.0]));
    }

    #[test]
    fn one_value_has_one_bin_that_holds_it() {
        for value in [0.0, -40.0, 55.2, 1e9, 1e-12] {
            let one = Distribution {
                values: vec![value; 3],
                ..Distribution::default()
            };
            let bins = Bins::new(&one, 0.0).unwrap();
            assert_eq!(bins.counts, vec![3.0]);
            assert!(bins.low <= value + bins.width * 1e-6 && value < bins.high());
        }
    }
}
