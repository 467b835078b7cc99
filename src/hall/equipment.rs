//! Equipment: components of every kind, read by the kind's own description.

use super::model::{Equipment, Ref};
use super::resolve::{Resolver, join};
use crate::component::Kind;
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Table, Value};
use crate::library::{PartKind, Parts, Stack};

/// Keys of any component beside its fields, sides and air nodes.
pub(super) const COMMON_KEYS: [&str; 7] = [
    "kind",
    "part",
    "description",
    "feeder",
    "feeder_share",
    "sensor",
    "rack_fed",
];

/// All kinds of components, as kinds of parts.
fn kinds() -> Vec<PartKind> {
    Kind::written().map(PartKind::Component).collect()
}

/// The kind that an entry states, or that its part is of; silent where there is none.
pub(super) fn kind_of(entry: &Entry, parts: &Parts<'_>) -> Option<Kind> {
    let word = |key: &str| entry.node.as_table()?.get(key)?.node.as_str();
    if let Some(kind) = word("kind") {
        return Kind::from_name(kind);
    }
    let part = parts.get(entry.node.as_str().or_else(|| word("part"))?)?;
    match parts.kind(part)? {
        PartKind::Component(kind) => Some(kind),
        _ => None,
    }
}

impl<'t> Resolver<'t> {
    /// The component of an entry of `equipment`. With faults inside it is returned all the same,
    /// as far as it could be read, so that paths that name it are not at fault too.
    pub(super) fn equipment(
        &mut self,
        all: &'t Table,
        all_span: Span,
        entry: &'t Entry,
    ) -> Option<Equipment> {
        let path = join(self.scope_path(), &format!("equipment.{}", entry.key));
        let parts = self.reader.parts;
        let stack = Stack::single(all, all_span).nested(
            &entry.key,
            &kinds(),
            &[],
            &parts,
            &mut self.reader.diagnostics,
        )?;
        let place = entry.node.as_table()?;
        let kind = self.kind(entry, place, &stack, &path)?;
        let spec = kind.spec();
        let own: Vec<&'static str> = COMMON_KEYS
            .into_iter()
            .chain(spec.sides.iter().copied())
            .chain(spec.air.iter().copied())
            .collect();
        let what = format!("`{path}` ({})", spec.kind);
        self.stack_keys(&stack, PartKind::Component(kind), &what, &own);
        let values = self.reader.fields(spec.fields, &stack, &path);
        if values.complete {
            for (key, message) in kind.check(&values.theta, &values.tables) {
                let span = stack
                    .get(key)
                    .map_or(stack.heading, |(found, _)| found.node.span);
                self.reader
                    .push(Diagnostic::error(span, format!("`{path}`: {message}")));
            }
        }
        let mut sides = Vec::with_capacity(spec.sides.len());
        for (side, source) in spec.sides.iter().zip(spec.source) {
            let Some(found) = place.get(side) else {
                let loops: Vec<&str> = self
                    .scopes
                    .stack
                    .iter()
                    .rev()
                    .flat_map(|scope| scope.loops.iter().map(|entry| entry.name))
                    .collect();
                self.reader.push(
                    Diagnostic::error(
                        entry.node.span,
                        format!("`{path}` lacks `{side}`, the loop that it is in"),
                    )
                    .words("", loops),
                );
                continue;
            };
            if let Some(ends) = self
                .scopes
                .ends(side, &found.node, *source, &mut self.reader)
            {
                self.scopes.hang(ends.0.circuit, *source, found.key_span);
                sides.push(ends);
            }
        }
        let air = self.air_nodes(spec.air, place, entry, &path);
        self.scopes.dangling |= sides.len() < spec.sides.len() || air.len() < spec.air.len();
        let sensor = match place.get("sensor") {
            None => None,
            Some(found) => self.sensor(found),
        };
        let feeders = self.feeders(place);
        let rack_fed = match place.get("rack_fed").map(|found| &found.node) {
            None => false,
            Some(node) => match node.value {
                Value::Boolean(flag) => flag,
                ref other => {
                    let message = format!("`rack_fed` must be true or false, not {}", other.sort());
                    self.reader.push(Diagnostic::error(node.span, message));
                    false
                }
            },
        };
        Some(Equipment {
            name: entry.key.clone(),
            kind,
            part: stack.part.clone(),
            theta: values.theta,
            tables: values.tables,
            sides,
            air,
            sensor,
            feeders,
            rack_fed,
        })
    }

    /// The kind by `kind`, by `part`, or both where they agree.
    fn kind(
        &mut self,
        entry: &Entry,
        place: &'t Table,
        stack: &Stack<'t>,
        path: &str,
    ) -> Option<Kind> {
        let of_part = stack.part.as_deref().and_then(|name| {
            match self.reader.parts.kind(self.reader.parts.get(name)?)? {
                PartKind::Component(kind) => Some(kind),
                _ => None,
            }
        });
        let Some(stated) = place.get("kind") else {
            if of_part.is_none() {
                self.reader.push(
                    Diagnostic::error(
                        entry.node.span,
                        format!("`{path}` has neither `part` nor `kind`"),
                    )
                    .words("", Kind::written().map(|kind| kind.spec().kind)),
                );
            }
            return of_part;
        };
        let word = stated.node.value.written();
        let Some(kind) = Kind::from_name(&word).filter(|kind| Kind::written().any(|k| k == *kind))
        else {
            self.reader.push(
                Diagnostic::error(
                    stated.node.span,
                    format!("unknown kind `{word}` of equipment"),
                )
                .words(&word, Kind::written().map(|kind| kind.spec().kind)),
            );
            return None;
        };
        if let Some(other) = of_part.filter(|other| *other != kind) {
            self.reader.push(Diagnostic::error(
                stated.node.span,
                format!(
                    "`{path}` is of kind {word}, but its part is of kind {}",
                    other.spec().kind
                ),
            ));
            return None;
        }
        Some(kind)
    }

    /// The air nodes of a component, in the order of its kind.
    fn air_nodes(
        &mut self,
        names: &[&str],
        place: &'t Table,
        entry: &Entry,
        path: &str,
    ) -> Vec<Ref> {
        let any_room = self
            .scopes
            .stack
            .iter()
            .any(|scope| !scope.rooms.is_empty());
        let mut air = Vec::with_capacity(names.len());
        for name in names {
            if !any_room && place.get(name).is_none() {
                self.reader.push(Diagnostic::warning(
                    entry.key_span,
                    format!("`{path}` stands in no `{name}`: the heat that it gives to the air is not counted"),
                ).about(path));
                // The nodes after it cannot be told apart without this one.
                break;
            }
            air.extend(self.air_node(place, name, entry.node.span, path));
        }
        air
    }

    /// The air node under a key; the only room in sight where it is left out.
    pub(super) fn air_node(
        &mut self,
        place: &'t Table,
        key: &str,
        heading: Span,
        path: &str,
    ) -> Option<Ref> {
        if let Some(found) = place.get(key) {
            return match found.node.as_str() {
                Some(name) => self.scopes.room(name, found.node.span, &mut self.reader),
                None => {
                    let sort = found.node.value.sort();
                    let fault = Diagnostic::error(
                        found.node.span,
                        format!("`{key}` must be a room's name, not {sort}"),
                    );
                    self.reader.push(fault);
                    None
                }
            };
        }
        let rooms: Vec<&str> = self
            .scopes
            .stack
            .iter()
            .rev()
            .flat_map(|scope| scope.rooms.iter().map(|room| room.name))
            .collect();
        if let [only] = rooms.as_slice() {
            return self.scopes.room(only, heading, &mut self.reader);
        }
        let fault = Diagnostic::error(
            heading,
            format!("`{path}` lacks `{key}`, the room whose air it meets"),
        );
        self.reader.push(if rooms.is_empty() {
            fault.hint(format!("add [rooms.hall] and {key} = \"hall\""))
        } else {
            fault.words("", rooms)
        });
        None
    }

    fn sensor(
        &mut self,
        found: &'t Entry,
    ) -> Option<(super::model::NodeRef, super::model::NodeRef)> {
        let Some(table) = found.node.as_table() else {
            let sort = found.node.value.sort();
            self.reader.push(
                Diagnostic::error(
                    found.node.span,
                    format!("`sensor` must be a table, not {sort}"),
                )
                .allowed("{ high = \"LOOP.NODE\", low = \"LOOP.NODE\" }"),
            );
            return None;
        };
        self.reader.known_keys(table, "`sensor`", ["high", "low"]);
        let mut end = |key: &str, alone| {
            let Some(entry) = table.get(key) else {
                self.reader.push(Diagnostic::error(
                    found.node.span,
                    format!("`sensor` lacks `{key}`"),
                ));
                return None;
            };
            match entry.node.as_str() {
                Some(text) => self
                    .scopes
                    .node(text, alone, entry.node.span, &mut self.reader),
                None => {
                    let sort = entry.node.value.sort();
                    let message =
                        format!("`{key}` must be a node such as \"tcs.supply\", not {sort}");
                    self.reader
                        .push(Diagnostic::error(entry.node.span, message));
                    None
                }
            }
        };
        let (high, low) = (
            end("high", super::model::SUPPLY),
            end("low", super::model::RETURN),
        );
        let (high, low) = (high?, low?);
        super::scope::same_loop("sensor", found.node.span, high, low, &mut self.reader)
            .then_some((high, low))
    }
}
