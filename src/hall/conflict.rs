//! Two rules of equal rank for one value are a fault, even where their patterns only overlap.

use super::variation::{Indices, Rule, Step};
use crate::diag::Span;
use std::collections::BTreeMap;

/// Pairs of rules (second, first) that cover a common asset under one key; each rule is named at
/// most once as the second.
pub(super) fn conflicts(rules: &[(Rule, Span)]) -> Vec<(usize, usize)> {
    let mut alike: BTreeMap<(Vec<&str>, &str), Vec<usize>> = BTreeMap::new();
    for (at, (rule, _)) in rules.iter().enumerate() {
        let names = rule.path.iter().map(|step| step.name.as_str()).collect();
        alike.entry((names, &rule.key)).or_default().push(at);
    }
    let mut found = Vec::new();
    for mut group in alike.into_values() {
        // Sorted by their first index, only neighbours can meet.
        let bounds = |at: usize| rules[at].0.path.first().map_or((0, u32::MAX), range);
        group.sort_by_key(|at| (bounds(*at).0, *at));
        for (place, later) in group.iter().enumerate() {
            for earlier in group[..place].iter().rev() {
                if overlap(&rules[*earlier].0.path, &rules[*later].0.path) {
                    found.push(((*later).max(*earlier), (*later).min(*earlier)));
                    break;
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|pair| pair.0);
    found
}

fn range(step: &Step) -> (u32, u32) {
    match step.indices {
        Indices::All => (0, u32::MAX),
        Indices::Range(first, last) => (first, last),
    }
}

/// Whether two paths of the same names cover a common asset.
fn overlap(a: &[Step], b: &[Step]) -> bool {
    a.iter().zip(b).all(|(a, b)| {
        let ((a_first, a_last), (b_first, b_last)) = (range(a), range(b));
        a_first <= b_last && b_first <= a_last
    })
}
