//! Layers of tables that make up one thing: library part, its base, overrides on top.
//!
//! A value is that of the topmost layer that has it. Where a layer above names another part, the
//! values that came with the part below are dropped; only what says how it is built in (`count`,
//! `in_series`, `plate` of a set of devices) stays.

use super::{Library, Part, PartKind};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::document::{Entry, Table, Value};
use std::collections::BTreeMap;

/// Parts that can be named: those of the hall file, then those of the library.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'t> {
    local: Option<&'t BTreeMap<String, Part>>,
    library: &'t Library,
}

impl<'t> Parts<'t> {
    /// Parts of a hall file before those of the library.
    pub fn new(local: &'t BTreeMap<String, Part>, library: &'t Library) -> Self {
        Self {
            local: Some(local),
            library,
        }
    }

    /// The library's parts only.
    pub fn library_only(library: &'t Library) -> Self {
        Self {
            local: None,
            library,
        }
    }

    /// The part of this name.
    pub fn get(&self, name: &str) -> Option<&'t Part> {
        self.local
            .and_then(|local| local.get(name))
            .or_else(|| self.library.get(name))
    }

    /// The part that another one starts from. A hall file's own part may extend the library's part
    /// of the same name.
    fn base_of(&self, part: &Part) -> Option<&'t Part> {
        let (base, _) = part.base()?;
        if part.local && base == part.name {
            self.library.get(base)
        } else {
            self.get(base)
        }
    }

    /// The kind of a part, its base's where it names none.
    pub fn kind(&self, part: &Part) -> Option<PartKind> {
        let mut at = part;
        // A chain longer than this is a cycle, which `expand` reports.
        for _ in 0..MOST_BASES {
            match at.kind_name() {
                Some(name) => return PartKind::from_name(name),
                None => at = self.base_of(at)?,
            }
        }
        None
    }

    /// Names of the parts of some kinds, in order.
    fn names(&self, kinds: &[PartKind]) -> Vec<&'t str> {
        let local = self.local.into_iter().flat_map(BTreeMap::values);
        let mut names: Vec<&str> = local
            .chain(self.library.parts())
            .filter(|part| self.kind(part).is_some_and(|kind| kinds.contains(&kind)))
            .map(|part| part.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The tables of a part, the base's first. `None`, with the fault reported, where there is no
    /// such part, it is of the wrong kind, or its bases go round in a circle.
    pub fn expand(
        &self,
        name: &str,
        span: Span,
        kinds: &[PartKind],
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<Layer<'t>>> {
        // Equipment may be of any of the many component kinds: one word for them all.
        let words = match kinds {
            [_, _, _, ..] => "equipment".to_owned(),
            few => few
                .iter()
                .map(|kind| kind.name())
                .collect::<Vec<_>>()
                .join(" or "),
        };
        let Some(part) = self.get(name) else {
            diagnostics.push(
                Diagnostic::error(
                    span,
                    format!("no part `{name}` in the library or under [parts]"),
                )
                .words(name, self.names(kinds)),
            );
            return None;
        };
        let layers = self.chain(part, diagnostics)?;
        let kind = self.kind(part);
        if !kind.is_some_and(|kind| kinds.contains(&kind)) {
            if let Some(kind) = kind {
                diagnostics.push(
                    Diagnostic::error(
                        span,
                        format!("part `{name}` is of kind {}, wanted {words}", kind.name()),
                    )
                    .words(name, self.names(kinds)),
                );
            }
            return None;
        }
        Some(layers)
    }

    /// The tables of a part, the base's first.
    pub fn chain(&self, part: &'t Part, diagnostics: &mut Diagnostics) -> Option<Vec<Layer<'t>>> {
        let mut layers = Vec::new();
        let mut seen: Vec<&'t Part> = Vec::new();
        let mut at = part;
        loop {
            if seen.iter().any(|earlier| std::ptr::eq(*earlier, at)) {
                let names: Vec<&str> = seen.iter().map(|part| part.name.as_str()).collect();
                diagnostics.push(Diagnostic::error(
                    part.base().map_or(part.span, |(_, span)| span),
                    format!(
                        "the bases of part `{}` go round in a circle: {} -> {}",
                        part.name,
                        names.join(" -> "),
                        at.name
                    ),
                ));
                return None;
            }
            seen.push(at);
            layers.push(Layer {
                table: &at.table,
                heading: at.heading,
                part: Some(at),
                only: None,
            });
            let Some((base, span)) = at.base() else { break };
            let Some(next) = self.base_of(at) else {
                let kinds: Vec<PartKind> = match self.kind(at) {
                    Some(kind) => vec![kind],
                    None => PartKind::all().collect(),
                };
                diagnostics.push(
                    Diagnostic::error(span, format!("no part `{base}` to start from"))
                        .words(base, self.names(&kinds)),
                );
                return None;
            };
            at = next;
        }
        let last = *seen.last()?;
        let known = PartKind::all().map(PartKind::name);
        for part in &seen {
            match part.kind_name() {
                Some(kind) if PartKind::from_name(kind).is_none() => {
                    let span = part
                        .table
                        .get("kind")
                        .map_or(part.span, |entry| entry.node.span);
                    diagnostics.push(
                        Diagnostic::error(
                            span,
                            format!("unknown kind `{kind}` of part `{}`", part.name),
                        )
                        .words(kind, known),
                    );
                    return None;
                }
                None if std::ptr::eq(*part, last) => {
                    diagnostics.push(
                        Diagnostic::error(part.span, format!("part `{}` has no `kind`", part.name))
                            .words("", known),
                    );
                    return None;
                }
                _ => {}
            }
        }
        if self.kind(part) != self.kind(last) {
            let kind = |part| self.kind(part).map_or("?", PartKind::name);
            diagnostics.push(Diagnostic::error(
                part.base().map_or(part.span, |(_, span)| span),
                format!(
                    "part `{}` is of kind {}, but its base `{}` is of kind {}",
                    part.name,
                    kind(part),
                    last.name,
                    kind(last)
                ),
            ));
            return None;
        }
        layers.reverse();
        Some(layers)
    }
}

/// Longest chain of bases that is followed to find a kind.
const MOST_BASES: usize = 64;

/// One table of a [`Stack`].
#[derive(Debug, Clone, Copy)]
pub struct Layer<'t> {
    /// The table.
    pub table: &'t Table,
    /// Place of its heading.
    pub heading: Span,
    /// Part that it belongs to; `None` for the hall file.
    pub part: Option<&'t Part>,
    /// Keys that are still seen after a layer above named another part; `None` is all.
    pub only: Option<&'static [&'static str]>,
}

impl<'t> Layer<'t> {
    /// The entry of this key, if it is still seen.
    pub fn get(&self, key: &str) -> Option<&'t Entry> {
        if self.only.is_some_and(|only| !only.contains(&key)) {
            return None;
        }
        self.table.get(key)
    }
}

/// Layers of one thing, the lowest first.
#[derive(Debug, Clone)]
pub struct Stack<'t> {
    /// The layers.
    pub layers: Vec<Layer<'t>>,
    /// The part on which it rests, if any.
    pub part: Option<String>,
    /// Place to point at when something is missing.
    pub heading: Span,
}

impl<'t> Stack<'t> {
    /// A stack of one table of the hall file.
    pub fn single(table: &'t Table, heading: Span) -> Self {
        Self {
            layers: vec![Layer {
                table,
                heading,
                part: None,
                only: None,
            }],
            part: None,
            heading,
        }
    }

    /// The topmost value of a key, with its layer.
    pub fn get(&self, key: &str) -> Option<(&'t Entry, &Layer<'t>)> {
        self.layers
            .iter()
            .rev()
            .find_map(|layer| Some((layer.get(key)?, layer)))
    }

    /// The thing under `key`: in each layer a part's name, or a table that may name a part under
    /// `part` and overrides values. `keep` are the keys that survive a change of part. `None`
    /// where no layer has the key, or with a fault reported.
    pub fn nested(
        &self,
        key: &str,
        kinds: &[PartKind],
        keep: &'static [&'static str],
        parts: &Parts<'t>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut nested = Self {
            layers: Vec::new(),
            part: None,
            heading: self.heading,
        };
        let mut found = false;
        for layer in &self.layers {
            let Some(entry) = layer.get(key) else {
                continue;
            };
            found = true;
            nested.heading = entry.node.span;
            let (name, table) = match &entry.node.value {
                Value::String(name) => (Some((name.as_str(), entry.node.span)), None),
                Value::Table(table) => {
                    let name = match table.get("part") {
                        Some(part) => match part.node.as_str() {
                            Some(name) => Some((name, part.node.span)),
                            None => {
                                let sort = part.node.value.sort();
                                let message = format!("`part` must be a part's name, not {sort}");
                                diagnostics.push(Diagnostic::error(part.node.span, message));
                                return None;
                            }
                        },
                        None => None,
                    };
                    (name, Some(table))
                }
                other => {
                    diagnostics.push(Diagnostic::error(
                        entry.node.span,
                        format!(
                            "`{key}` must be a part's name or a table, not {}",
                            other.sort()
                        ),
                    ));
                    return None;
                }
            };
            if let Some((name, span)) = name {
                if keep.is_empty() {
                    nested.layers.clear();
                }
                for below in &mut nested.layers {
                    below.only = Some(keep);
                }
                nested
                    .layers
                    .extend(parts.expand(name, span, kinds, diagnostics)?);
                nested.part = Some(name.to_owned());
            }
            if let Some(table) = table {
                nested.layers.push(Layer {
                    table,
                    heading: entry.node.span,
                    part: layer.part,
                    only: None,
                });
            }
        }
        found.then_some(nested)
    }
}
