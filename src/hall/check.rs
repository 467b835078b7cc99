//! Checks of the hall as a whole: loops that nothing drives, circles of feeders, size, parts.

use super::model::{Equipment, Group};
use super::resolve::Resolver;
use super::scope::Scope;
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Table};
use crate::library::{DESCRIPTION_KEYS, Layer, Part, PartKind, Parts, Stack};

impl<'t> Resolver<'t> {
    /// Judges the loops and rooms of a scope that is left.
    pub(super) fn check_scope(&mut self, scope: &Scope<'t>) {
        if self.scopes.dangling {
            return;
        }
        for circuit in &scope.loops {
            match (circuit.consumer, circuit.source) {
                (Some(consumer), None) => self.reader.push(
                    Diagnostic::error(
                        circuit.span,
                        format!("nothing drives the flow of loop `{}`: no pump, CDU or other source is on it", circuit.name),
                    )
                    .related(consumer, "this hangs on it")
                    .hint("a source runs from the loop's return to its supply"),
                ),
                (None, Some(source)) => self.reader.push(
                    Diagnostic::warning(circuit.span, format!("nothing takes flow from loop `{}`", circuit.name))
                        .related(source, "this drives it")
                        .about(crate::library::join(&scope.path, &format!("loops.{}", circuit.name))),
                ),
                (None, None) => self
                    .reader
                    .push(Diagnostic::error(circuit.span, format!("nothing is on loop `{}`", circuit.name))),
                (Some(_), Some(_)) => {}
            }
        }
        for room in scope.rooms.iter().filter(|room| !room.used) {
            self.reader.push(Diagnostic::error(
                room.span,
                format!(
                    "nothing meets the air of room `{}`: remove it, or name it where it is used",
                    room.name
                ),
            ));
        }
    }

    /// Refuses feeders that go round in a circle within one group.
    pub(super) fn check_feeders(&mut self, equipment: &[Equipment], entries: &'t [Entry]) {
        let feeds = |name: &str| -> Vec<&str> {
            let names = self.scopes.stack.last().map(|scope| &scope.equipment);
            let own = equipment.iter().find(|entry| entry.name == name);
            let buses = own.into_iter().flat_map(|own| own.feeders.buses());
            buses
                .filter(|bus| bus.up == 0)
                .filter_map(|bus| Some(names?.get(bus.index)?.name))
                .collect()
        };
        let mut faults = Vec::new();
        for start in equipment {
            // Each circle once, at its first member by name.
            let mut chain = vec![start.name.as_str()];
            if closes(&feeds, &mut chain) && chain.iter().min() == Some(&start.name.as_str()) {
                let entry = entries.iter().find(|entry| entry.key == start.name);
                let place = entry.and_then(|entry| entry.node.as_table()?.get("feeder"));
                if let Some(place) = place {
                    faults.push(Diagnostic::error(
                        place.node.span,
                        format!("feeders go round in a circle: {}", chain.join(" <- ")),
                    ));
                }
            }
        }
        faults.into_iter().for_each(|fault| self.reader.push(fault));
    }

    /// Refuses halls of too many devices.
    pub(super) fn check_size(&mut self, root: &Group, place: Span) {
        let devices = devices(root);
        if devices > super::MOST_DEVICES {
            self.reader.push(
                Diagnostic::error(
                    place,
                    format!(
                        "the hall has {} GPUs and other plated devices",
                        grouped(devices)
                    ),
                )
                .allowed(format!("at most {}", grouped(super::MOST_DEVICES))),
            );
        }
    }

    /// Judges the file's own parts, used or not.
    pub(super) fn check_parts(&mut self, local: impl Iterator<Item = &'t Part>, parts: Parts<'t>) {
        for part in local {
            let Some(_) = parts.chain(part, &mut self.reader.diagnostics) else {
                continue;
            };
            let Some(kind) = parts.kind(part) else {
                continue;
            };
            let keys = kind.fields().iter().map(|field| field.key);
            let known: Vec<&str> = keys
                .chain(kind.structure_keys().iter().copied())
                .chain(DESCRIPTION_KEYS.iter().copied())
                .collect();
            self.reader
                .known_keys(&part.table, &format!("part `{}`", part.name), known);
            let layer = Layer {
                table: &part.table,
                heading: part.heading,
                part: Some(part),
                only: None,
            };
            let stack = Stack {
                layers: vec![layer],
                part: None,
                heading: part.heading,
            };
            self.check_devices(part);
            let noted = self.reader.provenance.len();
            for field in kind
                .fields()
                .iter()
                .filter(|field| part.table.get(field.key).is_some())
            {
                self.reader.fields(
                    std::slice::from_ref(field),
                    &stack,
                    &format!("parts.{}", part.name),
                );
            }
            // Numbers count where they are used.
            self.reader.provenance.truncate(noted);
        }
    }

    /// Keys of the devices inside a part, and of their plates.
    fn check_devices(&mut self, part: &'t Part) {
        let tables = |table: &'t Table, key: &'static str| {
            table.get(key).and_then(|entry| entry.node.as_table())
        };
        let servers = std::iter::once(&part.table).chain(tables(&part.table, "server"));
        for server in servers {
            for (role, _, kinds) in super::racks::ROLES {
                let Some(device) = tables(server, role) else {
                    continue;
                };
                let fields = kinds[0].fields().iter().map(|field| field.key);
                let known: Vec<&str> = ["part"]
                    .into_iter()
                    .chain(super::racks::BUILT_IN.iter().copied())
                    .chain(fields)
                    .chain(DESCRIPTION_KEYS.iter().copied())
                    .collect();
                let what = format!("`{role}` of part `{}`", part.name);
                self.reader.known_keys(device, &what, known);
                if let Some(plate) = tables(device, "plate") {
                    let fields = PartKind::ColdPlate.fields().iter().map(|field| field.key);
                    let known: Vec<&str> = ["part"]
                        .into_iter()
                        .chain(fields)
                        .chain(DESCRIPTION_KEYS.iter().copied())
                        .collect();
                    let what = format!("`{role}.plate` of part `{}`", part.name);
                    self.reader.known_keys(plate, &what, known);
                }
            }
        }
    }

    /// `schema` must be there, be known, and come first.
    pub(super) fn check_schema(&mut self, root: &'t Table, start: Span) -> bool {
        let first = root.entries().first();
        let Some(entry) = root.get("schema") else {
            let span = first.map_or(start, |entry| entry.key_span);
            self.reader.push(
                Diagnostic::error(span, "the file does not state its `schema`")
                    .hint(format!("begin it with `schema = {}`", super::SCHEMA)),
            );
            return true;
        };
        if entry.node.value != crate::document::Value::Integer(super::SCHEMA) {
            self.reader.push(
                Diagnostic::error(
                    entry.node.span,
                    format!("schema {} is not supported", entry.node.value.written()),
                )
                .allowed(super::SCHEMA.to_string()),
            );
            return false;
        }
        if first.is_some_and(|first| first.key != "schema") {
            self.reader.push(Diagnostic::error(
                entry.key_span,
                "`schema` must be the first key of the file",
            ));
        }
        true
    }
}

/// A whole number with commas between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Devices on plates in a group, all instances; a rack or group without any counts as one.
fn devices(group: &Group) -> u64 {
    let racks = group.racks.iter().map(|set| {
        let server: u64 = set
            .server
            .devices
            .iter()
            .map(|devices| devices.count as u64)
            .fold(0, u64::saturating_add);
        server
            .max(1)
            .saturating_mul(set.servers as u64)
            .saturating_mul(set.count as u64)
    });
    let inside = racks
        .chain(group.groups.iter().map(devices))
        .fold(0, u64::saturating_add);
    inside.max(1).saturating_mul(group.count as u64)
}

/// Whether feeders lead from the last of the chain back to its first; the chain is then that circle.
fn closes<'a>(feeds: &dyn Fn(&'a str) -> Vec<&'a str>, chain: &mut Vec<&'a str>) -> bool {
    let Some(&at) = chain.last() else {
        return false;
    };
    for next in feeds(at) {
        if next == chain[0] {
            chain.push(next);
            return true;
        }
        // A circle further up is reported where it closes.
        if !chain.contains(&next) {
            chain.push(next);
            if closes(feeds, chain) {
                return true;
            }
            chain.pop();
        }
    }
    false
}
