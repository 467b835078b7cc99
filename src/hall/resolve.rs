//! The way from text to the typed hall: reads top to bottom, group by group, collecting faults.

use super::circuits::{self, Fluids};
use super::equipment::kind_of;
use super::model::{Assumption, Claim, Group, Hall};
use super::names::{as_table, hall_keys, named, text};
use super::places::Places;
use super::scope::{EquipmentName, LoopName, RoomName, Scope, Scopes};
use super::{LoadError, LoadOptions, Warning, Warnings, rules, set, site};
use crate::diag::{Diagnostic, Diagnostics, Severity, Span};
use crate::document::{Entry, Table, Value, parse};
use crate::library::{Grade, Library, Part, Parts, Reader};
use crate::units::Dimension;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

pub(super) use crate::library::join;

/// What is to be resolved.
pub(super) struct Input<'i> {
    pub world: &'i dyn World,
    pub directory: &'i Path,
    pub name: &'i str,
    pub stem: &'i str,
    pub text: String,
    pub options: &'i LoadOptions,
    pub library: &'i Library,
}

/// What resolving carries along.
pub(super) struct Resolver<'t> {
    pub reader: Reader<'t>,
    pub scopes: Scopes<'t>,
    pub fluids: Fluids<'t>,
    /// Names of what could not be resolved: paths that name them are not at fault too.
    pub faulty: BTreeSet<&'t str>,
}

/// Reads, resolves and checks.
pub(super) fn resolve(input: Input<'_>) -> Result<(Hall, Warnings), LoadError> {
    let mut diagnostics = Diagnostics::new(input.library.faults().sources().clone());
    for fault in input.library.faults().sorted() {
        diagnostics.push(fault.clone());
    }
    let file = diagnostics
        .sources_mut()
        .add(input.name, input.text.clone());
    let mut root = match parse(file, &input.text) {
        Ok(root) => root,
        Err(faults) => {
            faults.into_iter().for_each(|fault| diagnostics.push(fault));
            return Err(LoadError::Faults(diagnostics));
        }
    };
    let (set_file, edits) = set::apply(&mut root, &input.options.set, &mut diagnostics);
    let local = local_parts(&root, &mut diagnostics);
    let parts = Parts::new(&local, input.library);
    let mut resolver = Resolver {
        reader: Reader {
            parts,
            diagnostics,
            provenance: Vec::new(),
            set_file,
        },
        scopes: Scopes::default(),
        fluids: Fluids::new(),
        faulty: BTreeSet::new(),
    };
    let start = Span {
        file,
        start: 0,
        end: 0,
    };
    if !resolver.check_schema(&root, start) {
        return Err(LoadError::Faults(resolver.reader.diagnostics));
    }
    resolver
        .reader
        .known_keys(&root, "the hall file", hall_keys());
    resolver.check_parts(local.values(), parts);
    let hall = resolver.hall(&root, &input);
    let place = ["groups", "racks"]
        .iter()
        .find_map(|key| root.get(key))
        .map_or(start, |entry| entry.key_span);
    resolver.check_size(&hall.group, place);
    let sources = rules::Sources {
        world: input.world,
        directory: input.directory,
        edits: &edits,
    };
    let (variations, unreadable) = resolver.rules(&root, &hall.group, hall.seed, &sources);
    let assumptions = resolver.assumptions(&root, &hall.group);
    let claims = resolver.claims(&root);
    let annual = super::annual::annual(&root, input.directory, &mut resolver.reader);
    let Resolver { reader, .. } = resolver;
    let (diagnostics, provenance) = (reader.diagnostics, reader.provenance);
    if diagnostics.has_errors() {
        let only_unreadable = diagnostics.error_count() == unreadable;
        return Err(if only_unreadable {
            LoadError::Unreadable(diagnostics)
        } else {
            LoadError::Faults(diagnostics)
        });
    }
    // Without faults, all of these are there.
    let (Some((scenario, outdoor)), Some(state)) = (hall.site, hall.state) else {
        return Err(LoadError::Faults(diagnostics));
    };
    let warnings = warnings(&diagnostics);
    let hall = Hall {
        name: hall.name,
        description: hall.description,
        scenario,
        state,
        states: hall.states,
        outdoor,
        root: hall.group,
        variations,
        assumptions,
        claims,
        annual,
        provenance,
        places: Arc::new(Places::new(diagnostics.into_sources(), root)),
    };
    Ok((hall, warnings))
}

/// The outdoor air of a hall file's text with edits, where neither is at fault.
pub(super) fn outdoor_of(text: &str, sets: &[String]) -> Option<crate::component::Outdoor> {
    let mut sources = crate::diag::Sources::default();
    let file = sources.add("hall", String::new());
    let mut diagnostics = Diagnostics::new(sources);
    let mut root = parse(file, text).ok()?;
    let (set_file, _) = set::apply(&mut root, sets, &mut diagnostics);
    let local = BTreeMap::new();
    let mut reader = Reader {
        parts: Parts::new(&local, Library::embedded()),
        diagnostics,
        provenance: Vec::new(),
        set_file,
    };
    let (_, outdoor) = site::site(&root, &mut reader)?;
    (!reader.diagnostics.has_errors()).then_some(outdoor)
}

/// A hall that may still lack what was at fault.
struct Draft {
    name: String,
    description: String,
    site: Option<(String, crate::component::Outdoor)>,
    states: Vec<super::model::State>,
    state: Option<super::model::State>,
    seed: u64,
    group: Group,
}

fn local_parts(root: &Table, diagnostics: &mut Diagnostics) -> BTreeMap<String, Part> {
    let Some(table) = root.get("parts").and_then(|entry| entry.node.as_table()) else {
        return BTreeMap::new();
    };
    let parts = table
        .entries()
        .iter()
        .filter_map(|entry| Part::from_entry(entry, true, diagnostics));
    parts.map(|part| (part.name.clone(), part)).collect()
}

fn warnings(diagnostics: &Diagnostics) -> Warnings {
    let all = diagnostics
        .sorted()
        .into_iter()
        .filter(|item| item.severity == Severity::Warning);
    all.map(|item| {
        let (file, line, column) = diagnostics.sources().position(item.span);
        let place = format!("{file}:{line}:{column}");
        Warning {
            path: item.about.clone().unwrap_or_default(),
            text: item.message.clone(),
            place,
        }
    })
    .collect()
}

impl<'t> Resolver<'t> {
    fn hall(&mut self, root: &'t Table, input: &Input<'_>) -> Draft {
        let reader = &mut self.reader;
        named(root, "parts", reader);
        let name = text(root, "name", reader).unwrap_or(input.stem).to_owned();
        let description = text(root, "description", reader)
            .unwrap_or_default()
            .to_owned();
        let seed = root.get("seed").map_or(Some(0), |entry| {
            reader.count("seed", &entry.node, 0, i64::MAX as u64)
        });
        let site = site::site(root, reader);
        let states = site::states(root, reader);
        let state = site::chosen(root, input.options.state.as_deref(), &states, reader);
        self.fluids = circuits::fluids(root, reader);
        let mut group = self.group(root, String::new());
        group.count = 1;
        Draft {
            name,
            description,
            site,
            states,
            state,
            seed: seed.unwrap_or(0) as u64,
            group,
        }
    }

    /// Path of the scope at hand.
    pub(super) fn scope_path(&self) -> &str {
        self.scopes
            .stack
            .last()
            .map_or("", |scope| scope.path.as_str())
    }

    /// The contents of the hall or of a group.
    fn group(&mut self, table: &'t Table, path: String) -> Group {
        let names = self.names(table, path.clone());
        self.scopes.stack.push(names);
        let mut group = Group {
            count: 1,
            ..Group::default()
        };
        for (index, entry) in self.entries(table, "loops").iter().enumerate() {
            let nodes = self
                .scopes
                .stack
                .last()
                .and_then(|scope| scope.loops.get(index));
            let nodes = nodes
                .map(|circuit| circuit.nodes.clone())
                .unwrap_or_default();
            match circuits::circuit(entry, &path, nodes, &self.fluids, &mut self.reader) {
                Some(circuit) => group.loops.push(circuit),
                None => drop(self.faulty.insert(&entry.key)),
            }
        }
        for entry in self.entries(table, "rooms") {
            group
                .rooms
                .extend(circuits::room(entry, &path, &mut self.reader));
        }
        let span = |key: &str| table.get(key).map(|entry| entry.node.span);
        for entry in self.entries(table, "racks") {
            let all = table.get("racks").and_then(|racks| racks.node.as_table());
            let set = all
                .zip(span("racks"))
                .and_then(|(all, span)| self.rack_set(all, span, entry));
            match set {
                Some(set) => {
                    if set.server.devices.is_empty() {
                        self.faulty.insert(&entry.key);
                    }
                    group.racks.push(set);
                }
                None => {
                    self.scopes.dangling = true;
                    self.faulty.insert(&entry.key);
                }
            }
        }
        let entries = self.entries(table, "equipment");
        for entry in entries {
            let all = table.get("equipment").and_then(|all| all.node.as_table());
            let made = all
                .zip(span("equipment"))
                .and_then(|(all, span)| self.equipment(all, span, entry));
            match made {
                Some(equipment) => group.equipment.push(equipment),
                None => {
                    self.scopes.dangling = true;
                    self.faulty.insert(&entry.key);
                }
            }
        }
        self.check_feeders(&group.equipment, entries);
        for entry in self.entries(table, "groups") {
            let Some(inner) = as_table(entry, &mut self.reader) else {
                self.faulty.insert(&entry.key);
                continue;
            };
            let known = super::names::SCOPE_TABLES
                .iter()
                .copied()
                .chain(["count", "description"]);
            self.reader.known_keys(
                inner,
                &format!("group `{}`", entry.key),
                known.collect::<Vec<_>>(),
            );
            let mut child = self.group(inner, join(&path, &format!("groups.{}", entry.key)));
            child.name.clone_from(&entry.key);
            child.count = self.table_count(inner, "count").unwrap_or(1);
            group.groups.push(child);
        }
        if let Some(scope) = self.scopes.stack.pop() {
            self.check_scope(&scope);
        }
        group
    }

    /// Entries under a key; names were judged by [`Self::names`].
    fn entries(&self, table: &'t Table, key: &str) -> &'t [Entry] {
        let inner = table.get(key).and_then(|entry| entry.node.as_table());
        inner.map_or(&[], Table::entries)
    }

    /// The names that a hall or group introduces.
    fn names(&mut self, table: &'t Table, path: String) -> Scope<'t> {
        let reader = &mut self.reader;
        let mut scope = Scope {
            path,
            ..Scope::default()
        };
        for entry in named(table, "loops", reader) {
            let nodes = match entry.node.as_table() {
                Some(inner) => circuits::node_names(inner, reader),
                None => Vec::new(),
            };
            scope.loops.push(LoopName {
                name: &entry.key,
                span: entry.key_span,
                nodes,
                consumer: None,
                source: None,
            });
        }
        for entry in named(table, "rooms", reader) {
            scope.rooms.push(RoomName {
                name: &entry.key,
                span: entry.key_span,
                used: false,
            });
        }
        for entry in named(table, "equipment", reader) {
            let kind = kind_of(entry, &reader.parts);
            scope.equipment.push(EquipmentName {
                name: &entry.key,
                kind,
            });
        }
        // These share the paths of assets: `rack.3`, `cdu`, `pod.2`.
        let mut assets: Vec<&'t Entry> = named(table, "racks", reader).iter().collect();
        assets.extend(self.entries(table, "equipment"));
        assets.extend(named(table, "groups", &mut self.reader));
        for (index, entry) in assets.iter().enumerate() {
            if let Some(first) = assets[..index].iter().find(|first| first.key == entry.key) {
                self.reader.push(
                    Diagnostic::error(entry.key_span, format!("the name `{}` is taken", entry.key))
                        .related(first.key_span, "by this")
                        .hint("racks, equipment and groups of one scope share their names"),
                );
            }
        }
        scope
    }

    fn assumptions(&mut self, root: &'t Table, group: &Group) -> Vec<Assumption> {
        let mut all = Vec::new();
        for entry in named(root, "assumptions", &mut self.reader) {
            let Some(table) = as_table(entry, &mut self.reader) else {
                continue;
            };
            let what = format!("assumption `{}`", entry.key);
            self.reader
                .known_keys(table, &what, ["text", "path", "alternatives", "confidence"]);
            let words = self.required_text(table, entry, "text", &what);
            let path = text(table, "path", &mut self.reader);
            let mut alternatives = Vec::new();
            if let Some(found) = table.get("alternatives") {
                match found.node.as_array() {
                    Some(items) => {
                        alternatives.extend(items.iter().map(|item| item.value.written()))
                    }
                    None => {
                        let message = format!(
                            "`alternatives` must be a list, not {}",
                            found.node.value.sort()
                        );
                        self.reader
                            .push(Diagnostic::error(found.node.span, message));
                    }
                }
            }
            let confidence = match table.get("confidence") {
                None => Grade::D,
                Some(found) => {
                    let letter = found.node.value.written();
                    Grade::from_letter(&letter).unwrap_or_else(|| {
                        self.reader.push(Grade::fault(found.node.span, &letter));
                        Grade::D
                    })
                }
            };
            if let (Some(path), Some(found)) = (path, table.get("path")) {
                self.assumed(path, found.node.span, &entry.key, confidence, root, group);
            }
            let path = path.map(str::to_owned);
            all.push(Assumption {
                name: entry.key.clone(),
                text: words.unwrap_or_default(),
                path,
                alternatives,
                confidence,
            });
        }
        all
    }

    /// Judges the path of an assumption, and hands its confidence to the number there.
    fn assumed(
        &mut self,
        path: &str,
        span: Span,
        name: &str,
        grade: Grade,
        root: &Table,
        group: &Group,
    ) {
        let mut known = set::exists(root, path);
        for number in self
            .reader
            .provenance
            .iter_mut()
            .filter(|number| number.path == path)
        {
            known = true;
            number.confidence = grade;
            number.source = format!("assumption `{name}`");
        }
        if known || super::assets::edit(group, path, &self.faulty).is_ok() {
            return;
        }
        let words: Vec<&str> = self
            .reader
            .provenance
            .iter()
            .map(|number| number.path.as_str())
            .collect();
        let mut fault =
            Diagnostic::error(span, format!("nothing has the path `{path}`")).words(path, words);
        fault.allowed = None;
        self.reader.push(fault);
    }

    fn claims(&mut self, root: &'t Table) -> Vec<Claim> {
        let mut all = Vec::new();
        for entry in named(root, "claims", &mut self.reader) {
            let Some(table) = as_table(entry, &mut self.reader) else {
                continue;
            };
            let what = format!("claim `{}`", entry.key);
            self.reader
                .known_keys(table, &what, ["power", "text", "source"]);
            let words = self.required_text(table, entry, "text", &what);
            let source = self.required_text(table, entry, "source", &what);
            if table.get("power").is_none() {
                self.reader.push(Diagnostic::error(
                    entry.node.span,
                    format!("{what} lacks `power`"),
                ));
            }
            let path = format!("claims.{}", entry.key);
            let power =
                self.reader
                    .optional_quantity(table, "power", &path, Dimension::Power, 0.0, 1e12);
            if let (Some(text), Some(source), Some(power_w)) = (words, source, power) {
                all.push(Claim {
                    name: entry.key.clone(),
                    power_w,
                    text,
                    source,
                });
            }
        }
        all
    }

    fn required_text(
        &mut self,
        table: &'t Table,
        entry: &Entry,
        key: &str,
        what: &str,
    ) -> Option<String> {
        match table.get(key).map(|found| &found.node.value) {
            None => {
                self.reader.push(Diagnostic::error(
                    entry.node.span,
                    format!("{what} lacks `{key}`"),
                ));
                None
            }
            Some(Value::String(words)) => Some(words.clone()),
            Some(_) => text(table, key, &mut self.reader).map(str::to_owned),
        }
    }
}
