//! Limits that bind at the point found, with their prices, and limits that are broken there.

use super::Teller;
use crate::result::{Limit, LimitStatus, SolveResult, Warning};
use crate::study::levels::starred;
use crate::study::optimize::outcome::{BindingLimit, BrokenLimit, RangeEdge};
use crate::study::optimize::prices::{Binding, Price};
use crate::study::optimize::problem::{alike, condition_of, limit_key, range_key, size};

/// A result beyond an edge.
pub(super) struct Beyond {
    price: Price,
    result: SolveResult,
}

impl Teller<'_> {
    pub(super) fn binding(
        &self,
        binding: Option<&Binding>,
        beyond: &[Beyond],
        worth: f64,
    ) -> Vec<BindingLimit> {
        let Some(binding) = binding else {
            return Vec::new();
        };
        // Where limits are broken nothing is gained, so nothing has a price.
        let worth = if self.found.end.sample.holds {
            worth
        } else {
            0.0
        };
        let mut out: Vec<BindingLimit> = Vec::new();
        let broken = self.broken();
        for (index, result) in self.results.iter().enumerate() {
            let Ok(result) = result else { continue };
            for limit in &result.limits {
                let key = limit_key(index, limit);
                let Some(price) = binding.limits.iter().find(|price| price.key == key) else {
                    continue;
                };
                let is_broken =
                    |one: &BrokenLimit| one.path == limit.path && one.what == limit.what;
                if !self.problem.counts(limit) || broken.iter().any(is_broken) {
                    continue;
                }
                out.push(BindingLimit {
                    path: limit.path.clone(),
                    what: limit.what.clone(),
                    condition: self.plan.conditions[index].name.clone(),
                    severity: limit.severity,
                    value: limit.value,
                    limit: limit.limit,
                    unit: limit.unit,
                    price: price.gain * worth / size(limit),
                    cost: price.cost.map(|cost| cost * worth / size(limit)),
                    dimension: limit.dimension,
                });
            }
        }
        out.extend(self.hidden(beyond, worth));
        let rank = |one: &BindingLimit| one.cost.unwrap_or(f64::INFINITY);
        out.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
        out
    }

    /// Results beyond the edges that show only there: set-points that must be met, ranges of the model; with their keys and
    /// prices.
    pub(super) fn beyond(&self, binding: &Binding) -> Vec<Beyond> {
        let shown: Vec<u64> = self
            .results
            .iter()
            .enumerate()
            .filter_map(|(index, result)| Some((index, result.as_ref().ok()?)))
            .flat_map(|(index, result)| {
                let limits = result.limits.iter();
                limits.map(move |limit| limit_key(index, limit))
            })
            .collect();
        let mut out = Vec::new();
        for &price in binding
            .limits
            .iter()
            .filter(|price| !shown.contains(&price.key))
        {
            let Some(line) = binding.lines.get(&price.key) else {
                continue;
            };
            // A hundredth of the ranges beyond the edge, down the limit's own slope.
            let steepest = line.slope.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            let u: Vec<f64> = self
                .found
                .end
                .u
                .iter()
                .zip(&line.slope)
                .map(|(u, slope)| (u - 0.02 * slope / steepest.max(1e-12)).clamp(0.0, 1.0))
                .collect();
            let point = self.split.point(self.problem, &self.found.choices, &u);
            let result = self.problem.result(&point, condition_of(price.key));
            out.extend(result.map(|result| Beyond { price, result }));
        }
        out
    }

    /// Set-points at the edge of what can be held: what they are is read off a solve beyond.
    fn hidden(&self, beyond: &[Beyond], worth: f64) -> Vec<BindingLimit> {
        let all = beyond.iter().filter_map(|one| {
            let index = condition_of(one.price.key);
            let mut limits = one.result.limits.iter();
            let limit = limits.find(|limit| limit_key(index, limit) == one.price.key)?;
            Some(BindingLimit {
                path: limit.path.clone(),
                what: limit.what.clone(),
                condition: self.plan.conditions[index].name.clone(),
                severity: limit.severity,
                value: None,
                limit: limit.limit,
                unit: limit.unit,
                price: one.price.gain * worth / size(limit),
                cost: one.price.cost.map(|cost| cost * worth / size(limit)),
                dimension: limit.dimension,
            })
        });
        all.collect()
    }

    /// Ranges of the model at whose edge the optimum stands, each once, and those that could not be kept.
    pub(super) fn ranges(&self, binding: Option<&Binding>, beyond: &[Beyond]) -> Vec<RangeEdge> {
        let mut out: Vec<RangeEdge> = Vec::new();
        let mut add = |index: usize, warning: &Warning, left: bool| {
            let known =
                |one: &RangeEdge| one.path == warning.path && alike(&one.text, &warning.text);
            if !out.iter().any(known) {
                out.push(RangeEdge {
                    path: warning.path.clone(),
                    text: warning.text.clone(),
                    condition: self.plan.conditions[index].name.clone(),
                    left,
                });
            }
        };
        for (index, result) in self.results.iter().enumerate() {
            let warnings = result.iter().flat_map(|result| &result.warnings);
            warnings
                .filter(|warning| self.problem.leaves(index, warning))
                .for_each(|warning| add(index, warning, true));
        }
        let priced = binding.iter().flat_map(|binding| &binding.limits);
        let priced: Vec<u64> = priced
            .filter(|price| price.cost.is_none_or(|cost| cost > 0.0))
            .map(|price| price.key)
            .collect();
        let here = self.results.iter().enumerate();
        let here = here.filter_map(|(index, result)| Some((index, result.as_ref().ok()?)));
        let there = beyond
            .iter()
            .map(|one| (condition_of(one.price.key), &one.result));
        for (index, result) in here.chain(there) {
            for warning in &result.warnings {
                if warning.beyond.is_some() && priced.contains(&range_key(index, warning)) {
                    add(index, warning, false);
                }
            }
        }
        out
    }

    /// Limits broken at the point, each in the condition where it is broken most.
    pub(super) fn broken(&self) -> Vec<BrokenLimit> {
        let mut out: Vec<BrokenLimit> = Vec::new();
        for (result, condition) in self.results.iter().zip(&self.plan.conditions) {
            let Ok(result) = result else { continue };
            for limit in self.broken_in(result) {
                let path = starred(&limit.path);
                let known = out
                    .iter_mut()
                    .find(|one| starred(&one.path) == path && one.what == limit.what);
                let new = BrokenLimit {
                    path: limit.path.clone(),
                    what: limit.what.clone(),
                    condition: condition.name.clone(),
                    value: limit.value,
                    limit: limit.limit,
                    unit: limit.unit,
                    margin: limit.margin,
                    conditions: 1,
                    dimension: limit.dimension,
                };
                match known {
                    None => out.push(new),
                    Some(known) => {
                        let conditions = known.conditions + 1;
                        if new.margin.unwrap_or(0.0) < known.margin.unwrap_or(0.0) {
                            *known = new;
                        }
                        known.conditions = conditions;
                    }
                }
            }
        }
        out
    }

    pub(super) fn broken_in<'r>(
        &'r self,
        result: &'r SolveResult,
    ) -> impl Iterator<Item = &'r Limit> {
        result
            .limits
            .iter()
            .filter(|limit| self.problem.counts(limit) && limit.status == LimitStatus::Broken)
    }
}
