//! Scopes: the names that the hall and each group introduce, found lexically from inside out.

use super::model::{NodeRef, RETURN, Ref, SUPPLY};
use crate::component::Kind;
use crate::diag::{Diagnostic, Span};
use crate::document::{Node, Value};
use crate::library::Reader;

/// A loop's name, its nodes, and what was seen to hang on it.
#[derive(Debug)]
pub(super) struct LoopName<'t> {
    pub name: &'t str,
    pub span: Span,
    pub nodes: Vec<String>,
    pub consumer: Option<Span>,
    pub source: Option<Span>,
}

/// A room's name, and whether anything names it.
#[derive(Debug)]
pub(super) struct RoomName<'t> {
    pub name: &'t str,
    pub span: Span,
    pub used: bool,
}

/// An equipment entry's name and kind, where the kind is known.
#[derive(Debug)]
pub(super) struct EquipmentName<'t> {
    pub name: &'t str,
    pub kind: Option<Kind>,
}

/// The names of one group.
#[derive(Debug, Default)]
pub(super) struct Scope<'t> {
    /// Path of its table, empty for the hall.
    pub path: String,
    pub loops: Vec<LoopName<'t>>,
    pub rooms: Vec<RoomName<'t>>,
    pub equipment: Vec<EquipmentName<'t>>,
}

/// Scopes from the hall to the group at hand.
#[derive(Debug, Default)]
pub(super) struct Scopes<'t> {
    pub stack: Vec<Scope<'t>>,
    /// Whether anything that hangs on loops or meets air could not be bound: then nothing is said
    /// of loops and rooms that seem unused.
    pub dangling: bool,
}

impl<'t> Scopes<'t> {
    fn find(&self, pick: impl Fn(&Scope<'t>) -> Option<usize>) -> Option<Ref> {
        self.stack
            .iter()
            .rev()
            .enumerate()
            .find_map(|(up, scope)| pick(scope).map(|index| Ref { up, index }))
    }

    fn scope(&mut self, up: usize) -> Option<&mut Scope<'t>> {
        let depth = self.stack.len().checked_sub(up + 1)?;
        self.stack.get_mut(depth)
    }

    /// The loop of this name.
    pub fn circuit(&self, name: &str, span: Span, reader: &mut Reader<'t>) -> Option<Ref> {
        let found = self.find(|scope| scope.loops.iter().position(|entry| entry.name == name));
        if found.is_none() {
            let words: Vec<&str> = self
                .stack
                .iter()
                .rev()
                .flat_map(|scope| scope.loops.iter().map(|entry| entry.name))
                .collect();
            reader
                .push(Diagnostic::error(span, format!("no loop `{name}` here")).words(name, words));
        }
        found
    }

    /// The room of this name.
    pub fn room(&mut self, name: &str, span: Span, reader: &mut Reader<'t>) -> Option<Ref> {
        let found = self.find(|scope| scope.rooms.iter().position(|entry| entry.name == name));
        match found {
            Some(Ref { up, index }) => {
                if let Some(room) = self.scope(up).and_then(|scope| scope.rooms.get_mut(index)) {
                    room.used = true;
                }
            }
            None => {
                let words: Vec<&str> = self
                    .stack
                    .iter()
                    .rev()
                    .flat_map(|scope| scope.rooms.iter().map(|entry| entry.name))
                    .collect();
                let fault = Diagnostic::error(span, format!("no room `{name}` here"));
                reader.push(if words.is_empty() {
                    fault.hint(format!("add [rooms.{name}]"))
                } else {
                    fault.words(name, words)
                });
            }
        }
        found
    }

    /// The equipment of this name that carries a bus.
    pub fn feeder(&self, name: &str, span: Span, reader: &mut Reader<'t>) -> Option<Ref> {
        let carries = |entry: &EquipmentName<'_>| {
            // A kind that is not known is at fault already.
            entry.kind.is_none_or(|kind| kind.spec().carries_bus)
        };
        let found = self.find(|scope| scope.equipment.iter().position(|entry| entry.name == name));
        let words = || -> Vec<&str> {
            let all = self.stack.iter().rev().flat_map(|scope| &scope.equipment);
            all.filter(|entry| carries(entry))
                .map(|entry| entry.name)
                .collect()
        };
        let Some(Ref { up, index }) = found else {
            let fault = Diagnostic::error(span, format!("no equipment `{name}` here to feed it"));
            reader.push(
                fault
                    .words(name, words())
                    .hint_if_none("leave `feeder` out to feed it from the meter"),
            );
            return None;
        };
        let entry = &self.stack[self.stack.len() - 1 - up].equipment[index];
        if !carries(entry) {
            let kind = entry.kind.map_or("?", |kind| kind.spec().kind);
            reader.push(
                Diagnostic::error(
                    span,
                    format!("`{name}` ({kind}) carries no bus: it cannot feed anything"),
                )
                .words("", words()),
            );
            return None;
        }
        found
    }

    /// A node given as `loop.node`; `loop` alone is its node `alone`.
    pub fn node(
        &self,
        text: &str,
        alone: usize,
        span: Span,
        reader: &mut Reader<'t>,
    ) -> Option<NodeRef> {
        let (name, node) = text
            .split_once('.')
            .map_or((text, None), |(name, node)| (name, Some(node)));
        let circuit = self.circuit(name, span, reader)?;
        let Some(node) = node else {
            return Some(NodeRef {
                circuit,
                node: alone,
            });
        };
        let nodes = &self.stack[self.stack.len() - 1 - circuit.up].loops[circuit.index].nodes;
        let found = nodes.iter().position(|known| known == node);
        if found.is_none() {
            reader.push(
                Diagnostic::error(span, format!("loop `{name}` has no node `{node}`"))
                    .words(node, nodes.iter().map(String::as_str)),
            );
        }
        found.map(|node| NodeRef { circuit, node })
    }

    /// Both ends of a branch: a loop's name (from `supply` to `return`, or the other way for a
    /// source), or a table of `from` and `to`.
    pub fn ends(
        &self,
        key: &str,
        node: &'t Node,
        source: bool,
        reader: &mut Reader<'t>,
    ) -> Option<(NodeRef, NodeRef)> {
        match &node.value {
            Value::String(name) => {
                if let Some((circuit, _)) = name.split_once('.') {
                    reader.push(
                        Diagnostic::error(node.span, format!("`{key}` names one node, but a side has two ends"))
                            .allowed(format!(
                                "a loop such as \"{circuit}\", or {{ from = \"{circuit}.supply\", to = \"{circuit}.return\" }}"
                            )),
                    );
                    return None;
                }
                let circuit = self.circuit(name, node.span, reader)?;
                let (a, b) = if source {
                    (RETURN, SUPPLY)
                } else {
                    (SUPPLY, RETURN)
                };
                Some((NodeRef { circuit, node: a }, NodeRef { circuit, node: b }))
            }
            Value::Table(table) => {
                reader.known_keys(table, &format!("`{key}`"), ["from", "to"]);
                let mut end = |word: &str, alone| {
                    let Some(entry) = table.get(word) else {
                        reader.push(Diagnostic::error(
                            node.span,
                            format!("`{key}` lacks `{word}`"),
                        ));
                        return None;
                    };
                    let Some(text) = entry.node.as_str() else {
                        reader.push(Diagnostic::error(
                            entry.node.span,
                            format!(
                                "`{word}` must be a node such as \"tcs.supply\", not {}",
                                entry.node.value.sort()
                            ),
                        ));
                        return None;
                    };
                    self.node(text, alone, entry.node.span, reader)
                };
                let (first, last) = if source {
                    (RETURN, SUPPLY)
                } else {
                    (SUPPLY, RETURN)
                };
                let (a, b) = (end("from", first), end("to", last));
                let (a, b) = (a?, b?);
                same_loop(key, node.span, a, b, reader).then_some((a, b))
            }
            other => {
                reader.push(
                    Diagnostic::error(
                        node.span,
                        format!("`{key}` must be a loop, not {}", other.sort()),
                    )
                    .allowed("a loop's name, or { from = \"LOOP.NODE\", to = \"LOOP.NODE\" }"),
                );
                None
            }
        }
    }

    /// Notes that a branch hangs on a loop.
    pub fn hang(&mut self, circuit: Ref, source: bool, span: Span) {
        if let Some(entry) = self
            .scope(circuit.up)
            .and_then(|scope| scope.loops.get_mut(circuit.index))
        {
            let seen = if source {
                &mut entry.source
            } else {
                &mut entry.consumer
            };
            seen.get_or_insert(span);
        }
    }
}

/// Whether both ends are different nodes of one loop; reports where not.
pub(super) fn same_loop(
    key: &str,
    span: Span,
    a: NodeRef,
    b: NodeRef,
    reader: &mut Reader<'_>,
) -> bool {
    if a.circuit != b.circuit {
        reader.push(
            Diagnostic::error(
                span,
                format!("the two ends of `{key}` are in different loops"),
            )
            .hint("loops meet only in heat exchangers: a branch stays in one loop"),
        );
        return false;
    }
    if a.node == b.node {
        reader.push(Diagnostic::error(
            span,
            format!("the two ends of `{key}` are the same node"),
        ));
        return false;
    }
    true
}
