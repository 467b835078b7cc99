//! Racks: manifold, servers, devices on plates, each a part with overrides on top.

use super::model::{DeviceRole, DeviceSet, NodeRef, RETURN, RackSet, Ref, SUPPLY, Server};
use super::resolve::{Resolver, join};
use super::scope::same_loop;
use crate::component::device;
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Table};
use crate::library::{DESCRIPTION_KEYS, PartKind, Stack};
use crate::units::{Dimension, UnitSystem};

/// Keys of a rack set that say where it stands.
pub(super) const PLACE_KEYS: [&str; 10] = [
    "part",
    "count",
    "loop",
    "supply",
    "return",
    "inlet_air",
    "exhaust_air",
    "feeder",
    "feeder_share",
    "description",
];

/// What says how devices are built in, and stays when another device is chosen.
pub(super) const BUILT_IN: &[&str] = &["count", "in_series", "plate"];

/// Roles of devices in a server: key, role, kinds of parts that may take it.
pub(super) const ROLES: [(&str, DeviceRole, &[PartKind]); 3] = [
    ("gpu", DeviceRole::Gpu, &[PartKind::Gpu]),
    ("processor", DeviceRole::Processor, &[PartKind::Processor]),
    (
        "auxiliary",
        DeviceRole::Auxiliary,
        &[PartKind::Auxiliary, PartKind::Processor],
    ),
];

/// Most devices in a server, servers in a rack.
const MOST_INSIDE: u64 = 10_000;

impl<'t> Resolver<'t> {
    /// The rack set of an entry of `racks`. With faults inside it is returned all the same, as far
    /// as it could be read, so that paths that name it are not at fault too.
    pub(super) fn rack_set(
        &mut self,
        racks: &'t Table,
        racks_span: Span,
        entry: &'t Entry,
    ) -> Option<RackSet> {
        let path = join(self.scope_path(), &format!("racks.{}", entry.key));
        let parts = self.reader.parts;
        let stack = Stack::single(racks, racks_span).nested(
            &entry.key,
            &[PartKind::Rack],
            &[],
            &parts,
            &mut self.reader.diagnostics,
        )?;
        let place = entry.node.as_table()?;
        self.stack_keys(
            &stack,
            PartKind::Rack,
            &format!("rack `{}`", entry.key),
            &PLACE_KEYS,
        );
        let values = self.reader.fields(PartKind::Rack.fields(), &stack, &path);
        let count = self.table_count(place, "count");
        let servers = match stack.get("servers") {
            Some((found, _)) => self.reader.count("servers", &found.node, 1, MOST_INSIDE),
            None => {
                let fault = Diagnostic::error(stack.heading, format!("`{path}` lacks `servers`"));
                self.reader
                    .push(fault.hint("the number of servers in a rack"));
                None
            }
        };
        let server = self.server(&stack, &path);
        let ends = self.rack_ends(entry, place, &path);
        let inlet = self.air_node(place, "inlet_air", entry.key_span, &path);
        let exhaust = if place.get("exhaust_air").is_some() {
            self.air_node(place, "exhaust_air", entry.key_span, &path)
        } else {
            inlet
        };
        let feeders = self.feeders(place);
        self.scopes.dangling |= ends.is_none() || inlet.is_none() || exhaust.is_none();
        let (supply, back) = ends.unwrap_or((NOWHERE, NOWHERE));
        let nothing = Ref { up: 0, index: 0 };
        Some(RackSet {
            name: entry.key.clone(),
            count: count.unwrap_or(1),
            part: stack.part.clone().unwrap_or_else(|| path.clone()),
            servers: servers.unwrap_or(1),
            server: server.unwrap_or_default(),
            theta: values.theta,
            supply,
            back,
            inlet_air: inlet.unwrap_or(nothing),
            exhaust_air: exhaust.unwrap_or(nothing),
            feeders,
        })
    }

    /// Nodes that feed the rack and take its return.
    fn rack_ends(
        &mut self,
        entry: &'t Entry,
        place: &'t Table,
        path: &str,
    ) -> Option<(NodeRef, NodeRef)> {
        let short = place.get("loop");
        let long = [place.get("supply"), place.get("return")];
        let ends = match (short, long) {
            (None, [None, None]) => {
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
                        format!("`{path}` is on no loop: it lacks `loop`"),
                    )
                    .words("", loops),
                );
                return None;
            }
            (Some(found), [None, None]) => {
                self.scopes
                    .ends("loop", &found.node, false, &mut self.reader)?
            }
            (None, [Some(supply), Some(back)]) => {
                let mut node = |found: &'t Entry, alone| match found.node.as_str() {
                    Some(text) => self
                        .scopes
                        .node(text, alone, found.node.span, &mut self.reader),
                    None => {
                        let sort = found.node.value.sort();
                        let message = format!(
                            "`{}` must be a node such as \"tcs.supply\", not {sort}",
                            found.key
                        );
                        self.reader
                            .push(Diagnostic::error(found.node.span, message));
                        None
                    }
                };
                let (a, b) = (node(supply, SUPPLY), node(back, RETURN));
                let (a, b) = (a?, b?);
                if !same_loop(path, back.node.span, a, b, &mut self.reader) {
                    return None;
                }
                (a, b)
            }
            (Some(found), _) => {
                let fault = Diagnostic::error(
                    found.key_span,
                    "`loop` and `supply`, `return` say the same thing",
                );
                self.reader
                    .push(fault.allowed("`loop`, or both of `supply` and `return`"));
                return None;
            }
            (None, _) => {
                let fault = Diagnostic::error(
                    entry.node.span,
                    format!("`{path}` needs both `supply` and `return`"),
                );
                self.reader
                    .push(fault.allowed("`loop`, or both of `supply` and `return`"));
                return None;
            }
        };
        self.scopes.hang(ends.0.circuit, false, entry.key_span);
        Some(ends)
    }

    fn server(&mut self, rack: &Stack<'t>, path: &str) -> Option<Server> {
        let parts = self.reader.parts;
        if rack.get("server").is_none() {
            let fault = Diagnostic::error(rack.heading, format!("`{path}` lacks `server`"));
            self.reader
                .push(fault.hint("the name of a server part, or a table of its own"));
            return None;
        }
        let stack = rack.nested(
            "server",
            &[PartKind::Server],
            &[],
            &parts,
            &mut self.reader.diagnostics,
        )?;
        let path = join(path, "server");
        self.stack_keys(&stack, PartKind::Server, &format!("`{path}`"), &["part"]);
        let values = self.reader.fields(PartKind::Server.fields(), &stack, &path);
        let mut devices = Vec::new();
        let mut any = false;
        for (key, role, kinds) in ROLES {
            if stack.get(key).is_some() {
                any = true;
                devices.extend(self.device_set(&stack, key, role, kinds, &path));
            }
        }
        if !any {
            self.reader.push(
                Diagnostic::error(stack.heading, format!("`{path}` has no devices on plates"))
                    .allowed("at least one of gpu, processor, auxiliary"),
            );
        }
        if values.complete {
            self.check_supply(&stack, &values.theta, &values.tables, &path);
        }
        Some(Server {
            part: stack.part.clone().unwrap_or(path),
            devices,
            theta: values.theta,
            tables: values.tables,
        })
    }

    fn device_set(
        &mut self,
        server: &Stack<'t>,
        key: &str,
        role: DeviceRole,
        kinds: &[PartKind],
        path: &str,
    ) -> Option<DeviceSet> {
        let parts = self.reader.parts;
        let stack = server.nested(key, kinds, BUILT_IN, &parts, &mut self.reader.diagnostics)?;
        let path = join(path, key);
        let own = ["part", "count", "in_series", "plate"];
        self.stack_keys(&stack, kinds[0], &format!("`{path}`"), &own);
        let device = self.reader.fields(kinds[0].fields(), &stack, &path);
        if device.complete {
            self.check_device(&stack, &device.theta, &path);
        }
        let mut count_of = |key: &str, usual: Option<usize>| match stack.get(key) {
            Some((found, _)) => Some((
                self.reader.count(key, &found.node, 1, MOST_INSIDE)?,
                found.node.span,
            )),
            None if usual.is_some() => Some((usual?, stack.heading)),
            None => {
                let fault = Diagnostic::error(stack.heading, format!("`{path}` lacks `{key}`"));
                self.reader
                    .push(fault.hint("the number of them in a server"));
                None
            }
        };
        let count = count_of("count", None);
        let in_series = count_of("in_series", Some(1));
        if let (Some((count, _)), Some((in_series, span))) = (count, in_series)
            && count % in_series != 0
        {
            let divisors: Vec<String> = (1..=count)
                .filter(|n| count % n == 0)
                .map(|n| n.to_string())
                .take(20)
                .collect();
            self.reader.push(
                Diagnostic::error(
                    span,
                    format!("`in_series` {in_series} does not divide the {count} of `{path}`"),
                )
                .allowed(divisors.join(", ")),
            );
        }
        let plate = if stack.get("plate").is_some() {
            stack.nested(
                "plate",
                &[PartKind::ColdPlate],
                &[],
                &parts,
                &mut self.reader.diagnostics,
            )
        } else {
            let fault = Diagnostic::error(stack.heading, format!("`{path}` lacks `plate`"));
            self.reader
                .push(fault.hint("the name of a cold plate part, or a table of its own"));
            None
        }?;
        let plate_path = join(&path, "plate");
        self.stack_keys(
            &plate,
            PartKind::ColdPlate,
            &format!("`{plate_path}`"),
            &["part"],
        );
        let values = self
            .reader
            .fields(PartKind::ColdPlate.fields(), &plate, &plate_path);
        let has = |key: &str| plate.get(key).is_some();
        let points = values.tables.iter().map(|table| table.range().min);
        if let Some((measured, _)) = plate.get("resistance")
            && points.fold(f64::INFINITY, f64::min) <= 0.0
        {
            self.reader.push(
                Diagnostic::error(
                    measured.node.span,
                    format!("`{plate_path}`: a resistance is measured at a flow above zero"),
                )
                .hint("without flow nothing is carried away; leave that point out"),
            );
        }
        if values.complete && !has("resistance") && !has("conductance") {
            self.reader.push(
                Diagnostic::error(
                    plate.heading,
                    format!("`{plate_path}` does not say how well it cools"),
                )
                .allowed("one of resistance (measured points), conductance (textbook law)"),
            );
        }
        Some(DeviceSet {
            role,
            part: stack.part.clone().unwrap_or_else(|| path.clone()),
            count: count.map_or(1, |(count, _)| count),
            in_series: in_series.map_or(1, |(count, _)| count),
            device: device.theta,
            plate_part: plate.part.clone().unwrap_or(plate_path),
            plate: values.theta,
            plate_tables: values.tables,
        })
    }

    /// Device limits and powers that contradict each other.
    fn check_device(&mut self, stack: &Stack<'t>, theta: &[f64], path: &str) {
        device_faults(theta, &mut |keys, message| {
            // Of values that contradict each other, the hall file's own is the one to point at.
            let found = keys.iter().filter_map(|key| stack.get(key));
            let own = found.clone().find(|(_, layer)| layer.part.is_none());
            let place = own.or_else(|| found.clone().next());
            let span = place.map_or(stack.heading, |(entry, _)| entry.node.span);
            self.reader
                .push(Diagnostic::error(span, format!("`{path}`: {message}")));
        });
    }

    /// A curve of efficiency needs a rating, and efficiencies above zero.
    fn check_supply(
        &mut self,
        stack: &Stack<'t>,
        theta: &[f64],
        tables: &[crate::curve::Pchip],
        path: &str,
    ) {
        let p = crate::component::server::Parameters::<f64>::load(theta);
        let Some(curve) = p.supply_efficiency.and_then(|index| tables.get(index)) else {
            return;
        };
        let span = stack
            .get("supply_efficiency")
            .map_or(stack.heading, |(entry, _)| entry.node.span);
        if p.supply_rating.is_none() {
            let fault = Diagnostic::error(
                span,
                format!("`{path}` has an efficiency curve but no `supply_rating`"),
            );
            self.reader
                .push(fault.hint("the curve runs over the load as a fraction of the rating"));
        }
        if let Some((load, efficiency)) = curve
            .points()
            .find(|(load, efficiency)| *load < 0.0 || *efficiency <= 0.0 || *efficiency > 1.0)
        {
            let message = format!("`{path}`: efficiency {efficiency} at load {load} cannot be");
            self.reader.push(
                Diagnostic::error(span, message)
                    .allowed("loads from 0, efficiencies above 0 up to 1"),
            );
        }
    }

    /// Refuses unknown keys in every layer of a stack; `own` are keys beside those of its kind.
    pub(super) fn stack_keys(
        &mut self,
        stack: &Stack<'t>,
        kind: PartKind,
        what: &str,
        own: &[&'static str],
    ) {
        let keys = kind
            .fields()
            .iter()
            .map(|field| field.key)
            .chain(kind.structure_keys().iter().copied());
        for layer in &stack.layers {
            let part = layer
                .part
                .filter(|part| std::ptr::eq(&raw const part.table, layer.table));
            match part {
                Some(part) => {
                    let what = format!("part `{}`", part.name);
                    let known: Vec<&str> = keys
                        .clone()
                        .chain(DESCRIPTION_KEYS.iter().copied())
                        .collect();
                    self.reader.known_keys(layer.table, &what, known);
                }
                None => {
                    let known: Vec<&str> = own.iter().copied().chain(keys.clone()).collect();
                    self.reader.known_keys(layer.table, what, known);
                }
            }
        }
    }

    /// `count` of instances, 1 where it is left out.
    pub(super) fn table_count(&mut self, table: &'t Table, key: &str) -> Option<usize> {
        match table.get(key) {
            None => Some(1),
            Some(found) => self.reader.count(key, &found.node, 1, super::MOST_DEVICES),
        }
    }
}

/// Stands for a node that could not be found; the hall is refused.
const NOWHERE: NodeRef = NodeRef {
    circuit: Ref { up: 0, index: 0 },
    node: 0,
};

/// Tells of limits and powers of a device that contradict each other, with the keys concerned.
pub(super) fn device_faults(theta: &[f64], fault: &mut dyn FnMut([&str; 2], String)) {
    let p = device::Parameters::<f64>::load(theta);
    let watts = |value| Dimension::Power.display(value, UnitSystem::Si);
    if p.idle_power > p.rated_power {
        let message = format!(
            "idle power {} exceeds the rated {}",
            watts(p.idle_power),
            watts(p.rated_power)
        );
        fault(["idle_power", "rated_power"], message);
        return;
    }
    // With the leakage gone between the two temperatures, what is left must not be negative.
    let rise = p.reference_temperature - p.idle_temperature;
    let growth = if p.leakage_law == 0 {
        p.leakage * (1.0 - (-rise / p.leakage_e_fold).exp())
    } else {
        p.leakage * rise / p.leakage_e_fold
    };
    if growth > p.rated_power - p.idle_power {
        let message = format!(
            "leakage grows by {} from idle to the reference temperature, more than the {} between idle and rated power",
            watts(growth),
            watts(p.rated_power - p.idle_power)
        );
        fault(["leakage", "leakage_e_fold"], message);
    }
    if let Some(cap) = p.power_cap
        && cap < p.idle_power
    {
        let message = format!(
            "power cap {} is below the idle power {}",
            watts(cap),
            watts(p.idle_power)
        );
        fault(["power_cap", "idle_power"], message);
    }
    let limits = [
        ("design_limit", p.design_limit),
        ("software_slowdown", p.software_slowdown),
        ("hardware_slowdown", p.hardware_slowdown),
        ("shutdown", p.shutdown),
    ];
    let given: Vec<(&str, f64)> = limits
        .iter()
        .filter_map(|(key, limit)| Some((*key, (*limit)?)))
        .collect();
    for pair in given.windows(2) {
        if pair[0].1 > pair[1].1 {
            let show = |kelvin| Dimension::Temperature.display(kelvin, UnitSystem::Si);
            let message = format!(
                "`{}` {} is above `{}` {}",
                pair[0].0,
                show(pair[0].1),
                pair[1].0,
                show(pair[1].1)
            );
            fault([pair[0].0, pair[1].0], message);
        }
    }
}
