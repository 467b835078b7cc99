//! Design conditions, judged beside the year: each solved at the full workload.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::plan::Point;
use super::point::{anchor, keep, solve_at};
use super::result::BrokenLimit;
use super::sums::optional;
use crate::hall::model::Hall;
use crate::network::Network;
use crate::weather::Weather;

/// A design condition and what the hall does there.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DesignResult {
    /// Name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Dry bulb, degC.
    pub dry_bulb_c: f64,
    /// Wet bulb, degC.
    pub wet_bulb_c: f64,
    /// Why there is no solution; null where there is one.
    pub unsolved: Option<String>,
    /// Whether every limit that counts holds; null without a solution.
    pub holds: Option<bool>,
    /// Power of the facility, W.
    pub power_w: Option<f64>,
    /// PUE at this point.
    pub pue: Option<f64>,
    /// Make-up water, L/h.
    pub water_l_per_h: Option<f64>,
    /// Hottest GPU, degC.
    pub gpu_temperature_max_c: Option<f64>,
    /// Least margin of a GPU to a protective limit, K.
    pub gpu_margin_min_k: Option<f64>,
    /// Limits broken, advisory ones too.
    pub broken: Vec<BrokenLimit>,
}

/// Solves and judges all design conditions of the weather.
pub(super) fn judge(
    hall: &Hall,
    network: &Network,
    weather: &Weather,
    reused: &[String],
) -> Vec<DesignResult> {
    weather
        .design
        .par_iter()
        .map(|design| {
            let point = Point::new(&design.air, design.wet_bulb, 1.0);
            let mut found = DesignResult {
                name: design.name.clone(),
                text: design.text.clone(),
                dry_bulb_c: design.air.dry_bulb() - 273.15,
                wet_bulb_c: design.wet_bulb - 273.15,
                ..DesignResult::default()
            };
            let start = anchor(hall, network, &point);
            let mut at = network.clone();
            at.outdoor = point.outdoor;
            match solve_at(hall, &at, start.as_ref(), &mut None) {
                Err(reason) => found.unsolved = Some(reason),
                Ok(result) => {
                    let kept = keep(&result, reused);
                    found.holds = Some(!kept.breaks());
                    found.power_w = Some(kept.power);
                    found.pue = result.facility.pue;
                    found.water_l_per_h = Some(kept.water);
                    found.gpu_temperature_max_c = optional(kept.gpu_max);
                    found.gpu_margin_min_k = optional(kept.margin);
                    found.broken = kept
                        .broken
                        .iter()
                        .map(|limit| BrokenLimit {
                            path: limit.path.clone(),
                            what: limit.what.clone(),
                            severity: limit.severity,
                            hours: 0.0,
                            worst_margin: optional(limit.margin),
                            unit: limit.unit,
                        })
                        .collect();
                }
            }
            found
        })
        .collect()
}
