//! Which hours of a year are the worst.

use super::Year;
use super::point::Kept;
use super::sums::optional;
use crate::result::SeverityName;

/// Hours that count for something, in their order.
fn counted(year: &Year) -> impl Iterator<Item = usize> {
    let samples = &year.weather.samples;
    (0..samples.len()).filter(|&index| samples[index].hours > 0.0)
}

/// Those with a solution.
fn solved(year: &Year) -> impl Iterator<Item = (usize, &Kept)> {
    counted(year).filter_map(|index| Some((index, year.outcome(index).as_ref().ok()?)))
}

/// The hour of highest facility power; of equal hours the first.
pub(super) fn highest_power(year: &Year) -> Option<usize> {
    solved(year)
        .reduce(|a, b| if b.1.power > a.1.power { b } else { a })
        .map(|(index, _)| index)
}

/// A temperature without its rounding, in steps of a size; what is none is as good as can be.
fn steps(kelvin: f64, size: f64, none: f64) -> f64 {
    optional(kelvin).map_or(none, |kelvin| (kelvin / size).round())
}

/// The hour that asks most of the cooling; see [`Year::hardest`]. Of equal hours the first.
pub(super) fn hardest(year: &Year, wet: bool) -> Option<usize> {
    let rank = |index: usize| {
        let sample = &year.weather.samples[index];
        let air = if wet {
            sample.wet_bulb
        } else {
            sample.air.dry_bulb()
        };
        match year.outcome(index) {
            Err(_) => (usize::MAX, 0.0, air),
            Ok(kept) => {
                let counts = kept
                    .broken
                    .iter()
                    .filter(|limit| limit.severity != SeverityName::Advisory);
                let hottest = steps(kept.gpu_max, 0.01, f64::NEG_INFINITY);
                (counts.count(), hottest, air)
            }
        }
    };
    let all = counted(year).map(|index| (index, rank(index)));
    all.reduce(|a, b| {
        let (x, y) = (a.1, b.1);
        let order =
            y.0.cmp(&x.0)
                .then(y.1.total_cmp(&x.1))
                .then(y.2.total_cmp(&x.2));
        if order.is_gt() { b } else { a }
    })
    .map(|(index, _)| index)
}

/// All hours with a solution: those with a broken limit first, then by the least margin of a GPU to a protective limit
/// (a thousandth of a kelvin is rounding), then by the highest power.
pub(super) fn worst(year: &Year) -> Vec<usize> {
    let mut all: Vec<(usize, &Kept)> = solved(year).collect();
    let margin = |kept: &Kept| steps(kept.margin, 1e-3, f64::INFINITY);
    all.sort_by(|(i, a), (j, b)| {
        b.breaks()
            .cmp(&a.breaks())
            .then(margin(a).total_cmp(&margin(b)))
            .then(b.power.total_cmp(&a.power))
            .then(i.cmp(j))
    });
    all.into_iter().map(|(index, _)| index).collect()
}
