//! Questions of the network about rules: which apply here, and which instances are unlike the rest.

use super::{Action, Indices, Rule, Step, Variations};

/// A rule that covers an instance so far, and what is left of its path.
#[derive(Debug, Clone, Copy)]
pub struct Matched<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Steps that are not yet matched; empty where the rule is the instance's own.
    pub rest: &'a [Step],
}

/// Which instances of a repeated thing differ from the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distinct {
    /// None: all are alike.
    None,
    /// Each.
    All,
    /// These, sorted; all others are alike.
    Some(Vec<u32>),
}

impl Variations {
    /// Rules whose first steps cover the instance at `path`, in the order in which they apply.
    pub fn rules_for<'a>(&'a self, path: &[(&str, u32)]) -> Vec<Matched<'a>> {
        let covers = |rule: &&Rule| {
            rule.path.len() >= path.len()
                && rule.path.iter().zip(path).all(|(step, (name, index))| {
                    step.indices.contains(*index) && step.name == *name
                })
        };
        let rules = self.rules.iter().filter(covers);
        rules
            .map(|rule| Matched {
                rule,
                rest: &rule.path[path.len()..],
            })
            .collect()
    }

    /// Which of the `count` instances of the thing at `names` (names from the hall down to it) any
    /// rule at or below them makes unlike the others; `prefix` are the indices of the things
    /// around it.
    ///
    /// A value set for all (`*`, or a range from the first to the last) leaves them alike: it
    /// still applies to each.
    pub fn distinct(&self, names: &[&str], prefix: &[u32], count: u32) -> Distinct {
        let Some(level) = names.len().checked_sub(1) else {
            return Distinct::None;
        };
        let mut touched: Vec<u32> = Vec::new();
        for rule in &self.rules {
            let here = rule.path.len() >= names.len()
                && rule
                    .path
                    .iter()
                    .zip(names)
                    .all(|(step, name)| step.name == *name)
                && rule
                    .path
                    .iter()
                    .zip(prefix)
                    .all(|(step, index)| step.indices.contains(*index));
            if !here {
                continue;
            }
            let (first, last) = match rule.path[level].indices {
                Indices::All => (0, count.saturating_sub(1)),
                Indices::Range(first, last) => (first, last.min(count.saturating_sub(1))),
            };
            let all = first == 0 && last + 1 >= count;
            match &rule.action {
                Action::Set(_) if all => {}
                Action::Spread { .. } if all => return Distinct::All,
                Action::Set(_) | Action::Spread { .. } => touched.extend(first..=last),
                Action::Table(table) => touched.extend(table.below(prefix)),
            }
        }
        touched.sort_unstable();
        touched.dedup();
        match touched.len() {
            0 => Distinct::None,
            n if n == count as usize => Distinct::All,
            _ => Distinct::Some(touched),
        }
    }
}
