//! Spreads, tables, overrides and `--set` on an asset, as rules in the order in which they apply.

use super::assets::{Asset, PathFault, Slot, asset, edit};
use super::conflict::conflicts;
use super::csv_table;
use super::model::Group;
use super::names::{as_table, named, text};
use super::resolve::Resolver;
use super::set::AssetEdit;
use super::variation::{Action, Distribution, Indices, Rule, Variations};
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Node, Table, Value};
use crate::library::range_words;
use crate::spec::FieldKind;
use crate::units::{Dimension, UnitSystem};
use crate::world::World;
use std::path::Path;

/// Where rules come from beside the hall file.
pub(super) struct Sources<'i> {
    pub world: &'i dyn World,
    pub directory: &'i Path,
    pub edits: &'i [AssetEdit],
}

const DISTRIBUTIONS: [(&str, &[&str]); 4] = [
    ("normal", &["sigma"]),
    ("lognormal", &["sigma"]),
    ("uniform", &["half_width"]),
    ("chance", &["probability", "factor"]),
];

impl<'t> Resolver<'t> {
    /// All rules, and the number of table files that could not be read.
    pub(super) fn rules(
        &mut self,
        root: &'t Table,
        hall: &Group,
        seed: u64,
        sources: &Sources<'_>,
    ) -> (Variations, usize) {
        let mut rules = Vec::new();
        let mut spreads = Vec::new();
        for entry in named(root, "spreads", &mut self.reader) {
            spreads.extend(
                self.spread(entry, hall, seed)
                    .map(|rule| (rule, entry.key_span)),
            );
        }
        self.refuse_conflicts(&spreads, "spread");
        rules.extend(spreads.into_iter().map(|(rule, _)| rule));
        let (tables, unreadable) = csv_table::tables(self, root, hall, sources);
        rules.extend(tables);
        let mut overrides = Vec::new();
        if let Some(entry) = root.get("overrides")
            && let Some(table) = as_table(entry, &mut self.reader)
        {
            for entry in table.entries() {
                self.overrides(entry, hall, &mut overrides);
            }
        }
        self.refuse_conflicts(&overrides, "override");
        rules.extend(overrides.into_iter().map(|(rule, _)| rule));
        let mut edits = Vec::new();
        for one in sources.edits {
            match edit(hall, &one.path, &self.faulty) {
                Ok((asset, key)) => {
                    if let Some(rule) = self.set_rule(&asset, key, one.span, &one.node) {
                        edits.push((rule, one.span));
                    }
                }
                Err(fault) => self.path_fault(one.span, fault),
            }
        }
        self.refuse_conflicts(&edits, "`--set`");
        rules.extend(edits.into_iter().map(|(rule, _)| rule));
        (Variations { rules }, unreadable)
    }

    pub(super) fn path_fault(&mut self, span: Span, fault: PathFault) {
        if let Some(fault) = fault.at(span) {
            self.reader.push(fault);
        }
    }

    fn refuse_conflicts(&mut self, rules: &[(Rule, Span)], what: &str) {
        for (second, first) in conflicts(rules) {
            let key = &rules[second].0.key;
            self.reader.push(
                Diagnostic::error(
                    rules[second].1,
                    format!("a second {what} sets `{key}` of the same assets"),
                )
                .related(rules[first].1, "the first"),
            );
        }
    }

    /// One line of `[overrides]`: an asset, and values by key.
    fn overrides(&mut self, entry: &'t Entry, hall: &Group, rules: &mut Vec<(Rule, Span)>) {
        let asset = match asset(hall, &entry.key, &self.faulty) {
            Ok(asset) => asset,
            Err(fault) => return self.path_fault(entry.key_span, fault),
        };
        let Some(table) = as_table(entry, &mut self.reader) else {
            return;
        };
        for value in table.entries() {
            match (&value.node.value, value.key.as_str()) {
                (Value::Table(plate), "plate") => {
                    for inner in plate.entries() {
                        let key = format!("plate.{}", inner.key);
                        let rule = self.set_rule(&asset, &key, inner.key_span, &inner.node);
                        rules.extend(rule.map(|rule| (rule, inner.key_span)));
                    }
                }
                _ => {
                    let rule = self.set_rule(&asset, &value.key, value.key_span, &value.node);
                    rules.extend(rule.map(|rule| (rule, value.key_span)));
                }
            }
        }
    }

    fn set_rule(
        &mut self,
        asset: &Asset<'_>,
        key: &str,
        key_span: Span,
        node: &Node,
    ) -> Option<Rule> {
        let slot = match asset.target.slot(key) {
            Ok(slot) => slot,
            Err(fault) => {
                self.path_fault(key_span, fault);
                return None;
            }
        };
        let value = self.reader.scalar(slot.field, node)?;
        Some(Rule::new(asset.steps.clone(), key, Action::Set(value)))
    }

    fn spread(&mut self, entry: &'t Entry, hall: &Group, seed: u64) -> Option<Rule> {
        let table = as_table(entry, &mut self.reader)?;
        let what = format!("spread `{}`", entry.key);
        let distribution = self.distribution(table, entry, &what);
        let seed = match table.get("seed") {
            Some(found) => self.reader.count("seed", &found.node, 0, i64::MAX as u64)? as u64,
            None => seed,
        };
        let mut word = |key: &str| {
            if table.get(key).is_none() {
                self.reader.push(Diagnostic::error(
                    entry.node.span,
                    format!("{what} lacks `{key}`"),
                ));
            }
            Some((
                text(table, key, &mut self.reader)?,
                table.get(key)?.node.span,
            ))
        };
        let (path, key) = (word("asset"), word("key"));
        let ((path, path_span), (key, key_span)) = (path?, key?);
        let asset = asset(hall, path, &self.faulty)
            .map_err(|fault| self.path_fault(path_span, fault))
            .ok()?;
        let slot = asset
            .target
            .slot(key)
            .map_err(|fault| self.path_fault(key_span, fault))
            .ok()?;
        let FieldKind::Number {
            dimension,
            min,
            max,
        } = slot.field.kind
        else {
            self.reader.push(Diagnostic::error(
                key_span,
                format!("`{key}` is no number: it cannot be spread"),
            ));
            return None;
        };
        if dimension == Dimension::Temperature {
            let fault = Diagnostic::error(
                key_span,
                format!(
                    "`{key}` is an absolute temperature: a spread multiplies, which has no meaning for it"
                ),
            );
            self.reader
                .push(fault.hint("give temperatures by a table or by overrides"));
            return None;
        }
        if slot.base.is_nan() {
            // Without a value because of a fault, or because it was left out.
            if !self.reader.diagnostics.has_errors() {
                let fault = Diagnostic::error(key_span, format!("`{key}` has no value to spread"));
                self.reader
                    .push(fault.hint(format!("set `{key}` in the part or in the hall file")));
            }
            return None;
        }
        let distribution = distribution?;
        let rule = Rule::new(
            asset.steps.clone(),
            key,
            Action::Spread { seed, distribution },
        );
        self.check_spread(
            &rule,
            &asset,
            slot,
            (dimension, min, max),
            distribution,
            entry.key_span,
        );
        Some(rule)
    }

    fn distribution(
        &mut self,
        table: &'t Table,
        entry: &Entry,
        what: &str,
    ) -> Option<Distribution> {
        let words = || DISTRIBUTIONS.iter().map(|(word, _)| *word);
        let common = ["asset", "key", "distribution", "seed"];
        let Some(found) = table.get("distribution") else {
            let fault = Diagnostic::error(entry.node.span, format!("{what} lacks `distribution`"));
            self.reader.push(fault.words("", words()));
            return None;
        };
        let word = text(table, "distribution", &mut self.reader)?;
        let Some((_, keys)) = DISTRIBUTIONS.iter().find(|(known, _)| *known == word) else {
            let fault =
                Diagnostic::error(found.node.span, format!("unknown distribution `{word}`"));
            self.reader.push(fault.words(word, words()));
            return None;
        };
        let known: Vec<&str> = common.iter().chain(*keys).copied().collect();
        self.reader
            .known_keys(table, &format!("{what} ({word})"), known);
        let mut number = |key: &str, max: f64| {
            let Some(found) = table.get(key) else {
                self.reader.push(Diagnostic::error(
                    entry.node.span,
                    format!("{what} lacks `{key}`"),
                ));
                return None;
            };
            self.reader
                .quantity(key, &found.node, Dimension::Fraction, 0.0, max)
        };
        Some(match word {
            "normal" => Distribution::Normal {
                sigma: number("sigma", 1.0)?,
            },
            "lognormal" => Distribution::LogNormal {
                sigma: number("sigma", 2.0)?,
            },
            "uniform" => Distribution::Uniform {
                half_width: number("half_width", 1.0)?,
            },
            _ => {
                let (probability, factor) = (number("probability", 1.0), number("factor", 1e6));
                Distribution::Chance {
                    probability: probability?,
                    factor: factor?,
                }
            }
        })
    }

    /// No asset may be spread out of the range of its key. Every draw is looked at only where the
    /// widest possible one would leave it.
    fn check_spread(
        &mut self,
        rule: &Rule,
        asset: &Asset<'_>,
        slot: Slot,
        (dimension, min, max): (Dimension, f64, f64),
        distribution: Distribution,
        span: Span,
    ) {
        let inside = |value: f64| value >= min && value <= max;
        let (low, high) = distribution.extremes();
        if inside(slot.base * low) && inside(slot.base * high) {
            return;
        }
        let all = asset
            .counts
            .iter()
            .try_fold(1_u64, |all, count| all.checked_mul(u64::from(*count)));
        if all.is_none_or(|all| all > super::MOST_DEVICES) {
            return; // Refused for its size.
        }
        let ranges: Vec<(u32, u32)> = asset
            .steps
            .iter()
            .zip(&asset.counts)
            .map(|(step, count)| match step.indices {
                Indices::All => (0, count - 1),
                Indices::Range(first, last) => (first, last),
            })
            .collect();
        let mut indices: Vec<u32> = ranges.iter().map(|(first, _)| *first).collect();
        loop {
            let value = rule.apply(&indices, slot.base);
            if !inside(value) {
                let steps = asset
                    .steps
                    .iter()
                    .zip(&indices)
                    .map(|(step, index)| format!("{}.{index}", step.name));
                let path = steps.collect::<Vec<_>>().join(".");
                let shown = dimension.display(value, UnitSystem::Si);
                self.reader.push(
                    Diagnostic::error(
                        span,
                        format!("this spread takes `{}` of {path} to {shown}", rule.key),
                    )
                    .allowed(range_words(dimension, min, max))
                    .hint("make the distribution narrower, or take lognormal"),
                );
                return;
            }
            // The next asset, last index first.
            let Some(place) = (0..indices.len())
                .rev()
                .find(|at| indices[*at] < ranges[*at].1)
            else {
                return;
            };
            indices[place] += 1;
            for (index, (first, _)) in indices[place + 1..].iter_mut().zip(&ranges[place + 1..]) {
                *index = *first;
            }
        }
    }
}
