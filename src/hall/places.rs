//! Where the things of a hall stand in its file, for faults that only show once it is numbered.

use std::fmt;

use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::document::{Node, Table};

/// The file's tree with its text.
#[derive(Clone, Default)]
pub struct Places {
    sources: Sources,
    root: Table,
}

/// Nothing: two readings of a file are compared by what they say, not by where they say it.
impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places")
    }
}

impl Places {
    pub(super) fn new(sources: Sources, root: Table) -> Self {
        Self { sources, root }
    }

    /// Place of an entry of a table (`loops`, `rooms`, `racks`, `equipment`) of the hall, or of the group that these names
    /// lead to.
    pub fn entry(&self, groups: &[&str], table: &str, name: &str) -> Option<Span> {
        let entry = self.scope(groups)?.get(table)?.node.as_table()?.get(name)?;
        Some(entry.key_span)
    }

    /// Place of the value under a key of such an entry; of a list, of the item with this text.
    pub fn value(
        &self,
        groups: &[&str],
        (table, name): (&str, &str),
        key: &str,
        item: Option<&str>,
    ) -> Option<Span> {
        let all = self.scope(groups)?.get(table)?.node.as_table()?;
        let node: &Node = &all.get(name)?.node.as_table()?.get(key)?.node;
        match item {
            None => Some(node.span),
            Some(item) => {
                let items = node.as_array()?;
                let found = items.iter().find(|node| node.as_str() == Some(item))?;
                Some(found.span)
            }
        }
    }

    /// Place of a rule on single assets (`[overrides]`) that sets this key, or of the spread or the column's file that
    /// does.
    pub fn rule(&self, key: &str) -> Option<Span> {
        let first = key.split('.').next().unwrap_or(key);
        let overrides = self
            .root
            .get("overrides")
            .and_then(|all| all.node.as_table());
        let by_override = overrides
            .into_iter()
            .flat_map(Table::entries)
            .find_map(|asset| {
                let values = asset.node.as_table()?;
                Some(values.get(key).or_else(|| values.get(first))?.key_span)
            });
        let spreads = self.root.get("spreads").and_then(|all| all.node.as_table());
        let by_spread = || {
            spreads
                .into_iter()
                .flat_map(Table::entries)
                .find_map(|spread| {
                    let found = spread.node.as_table()?.get("key")?;
                    (found.node.as_str() == Some(key)).then_some(found.node.span)
                })
        };
        let by_table = || {
            let tables = self.root.get("tables")?.node.as_table()?;
            Some(tables.entries().first()?.key_span)
        };
        by_override.or_else(by_spread).or_else(by_table)
    }

    /// A fault at a place, ready to be shown.
    pub fn fault(&self, diagnostic: Diagnostic) -> Diagnostics {
        let mut all = Diagnostics::new(self.sources.clone());
        all.push(diagnostic);
        all
    }

    fn scope(&self, groups: &[&str]) -> Option<&Table> {
        groups.iter().try_fold(&self.root, |table, group| {
            let all = table.get("groups")?.node.as_table()?;
            all.get(group)?.node.as_table()
        })
    }
}
