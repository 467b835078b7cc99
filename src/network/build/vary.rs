//! One rack's own numbers: spread, per-asset tables and overrides applied to what its set shares.

use std::sync::Arc;

use super::BuildFault;
use crate::component::{cold_plate, device, manifold, server};
use crate::hall::model::{DeviceRole, Hall, RackSet};
use crate::hall::variation::Matched;
use crate::network::Rack;
use crate::network::rack::{
    Plate, Plates, RackDesign, RackParameters, SHARED_KEYS, ServerNumbers, SetDesign,
};
use crate::spec::position;

/// Parameters of a rack before anything varies.
pub(super) fn base_parameters(set: &RackSet, design: &RackDesign, hall: &Hall) -> RackParameters {
    let mut server_plates = Vec::with_capacity(design.plates_per_server);
    for shared in &design.sets {
        let plate = Plate::pack(
            &shared.device_theta,
            &shared.plate_theta,
            shared.role,
            shared.leakage,
            &hall.state,
        );
        server_plates.extend(std::iter::repeat_n(plate, shared.count));
    }
    let numbers = ServerNumbers::pack(&set.server.theta, &hall.state);
    RackParameters {
        plates: Plates::new(server_plates, set.servers),
        servers: vec![numbers; set.servers],
        manifold: manifold::Parameters::load(&set.theta),
    }
}

fn role_name(role: DeviceRole) -> &'static str {
    match role {
        DeviceRole::Gpu => "gpu",
        DeviceRole::Processor => "processor",
        DeviceRole::Auxiliary => "auxiliary",
    }
}

/// Applies spread, tables and overrides to a rack whose numbers are still [those of its set](base_parameters).
pub(super) fn vary(set: &RackSet, hall: &Hall, rack: &mut Rack) -> Result<(), BuildFault> {
    if let Some(parameters) = varied(set, hall, rack)? {
        rack.parameters = Arc::new(parameters);
    }
    let server = rack.parameters.servers.first();
    rack.reactive_ratio = server.map_or(0.0, |server| server.reactive_ratio);
    Ok(())
}

/// Numbers of a rack to which a rule applies.
fn varied(set: &RackSet, hall: &Hall, rack: &Rack) -> Result<Option<RackParameters>, BuildFault> {
    if hall.variations.rules.is_empty() {
        return Ok(None);
    }
    let design = &*rack.design;
    let steps: Vec<(&str, u32)> = rack.path.iter().map(|(n, i)| (n.as_str(), *i)).collect();
    let matched = hall.variations.rules_for(&steps);
    if matched.is_empty() {
        return Ok(None);
    }
    let mut parameters = (*rack.parameters).clone();
    let mut indices: Vec<u32> = steps.iter().map(|&(_, i)| i).collect();
    let mut theta = set.theta.clone();
    for m in matched.iter().filter(|m| m.rest.is_empty()) {
        if let Some(slot) = position(manifold::Parameters::<f64>::FIELDS, &m.rule.key) {
            theta[slot] = m.rule.apply(&indices, theta[slot]);
        }
    }
    parameters.manifold = manifold::Parameters::load(&theta);
    let server_rules: Vec<&Matched<'_>> = matched.iter().filter(|m| m.rest.len() == 1).collect();
    let depth = indices.len();
    if !server_rules.is_empty() {
        for s in 0..set.servers {
            indices.push(s as u32);
            let mut theta = set.server.theta.clone();
            for m in &server_rules {
                if m.rest[0].name == "server"
                    && m.rest[0].indices.contains(s as u32)
                    && let Some(slot) = position(server::Parameters::<f64>::FIELDS, &m.rule.key)
                {
                    theta[slot] = m.rule.apply(&indices, theta[slot]);
                }
            }
            parameters.servers[s] = ServerNumbers::pack(&theta, &hall.state);
            indices.truncate(depth);
        }
    }
    for shared in &design.sets {
        let name = role_name(shared.role);
        let rules: Vec<(&Matched<'_>, Target)> = matched
            .iter()
            .filter(|m| m.rest.len() == 2 && m.rest[0].name == "server" && m.rest[1].name == name)
            .filter_map(|m| Target::find(&m.rule.key).map(|target| (m, target)))
            .collect();
        if rules.is_empty() {
            continue;
        }
        if let Some((m, _)) = rules
            .iter()
            .find(|(m, _)| SHARED_KEYS.contains(&m.rule.key.as_str()))
        {
            return Err(BuildFault::SharedKey {
                key: m.rule.key.clone(),
                set: set.name.clone(),
            });
        }
        vary_set(
            shared,
            design,
            set.servers,
            &rules,
            &mut indices,
            hall,
            &mut parameters,
        );
    }
    Ok(Some(parameters))
}

/// Slot of a device's or its plate's parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Device(usize),
    Plate(usize),
}

impl Target {
    fn find(key: &str) -> Option<Self> {
        match key.strip_prefix("plate.") {
            Some(key) => position(cold_plate::Parameters::<f64>::FIELDS, key).map(Self::Plate),
            None => position(device::Parameters::<f64>::FIELDS, key).map(Self::Device),
        }
    }
}

fn vary_set(
    shared: &SetDesign,
    design: &RackDesign,
    servers: usize,
    rules: &[(&Matched<'_>, Target)],
    indices: &mut Vec<u32>,
    hall: &Hall,
    parameters: &mut RackParameters,
) {
    let mut device_theta = shared.device_theta.to_vec();
    let mut plate_theta = shared.plate_theta.to_vec();
    let mut targets: Vec<Target> = rules.iter().map(|(_, target)| *target).collect();
    targets.sort_unstable();
    targets.dedup();
    // Values of one parameter of all devices of a server, for each parameter.
    let mut values = vec![0.0; targets.len() * shared.count];
    let depth = indices.len();
    for s in 0..servers {
        let covers = |m: &Matched<'_>| m.rest[0].indices.contains(s as u32);
        if !rules.iter().any(|(m, _)| covers(m)) {
            continue;
        }
        indices.push(s as u32);
        for (target, values) in targets.iter().zip(values.chunks_mut(shared.count)) {
            values.fill(match *target {
                Target::Device(slot) => shared.device_theta[slot],
                Target::Plate(slot) => shared.plate_theta[slot],
            });
            for (m, _) in rules.iter().filter(|(_, own)| own == target) {
                m.rule.apply_to_all(indices, values);
            }
        }
        indices.truncate(depth);
        for k in 0..shared.count {
            let touches = |m: &Matched<'_>| covers(m) && m.rest[1].indices.contains(k as u32);
            if !rules.iter().any(|(m, _)| touches(m)) {
                continue;
            }
            for (target, values) in targets.iter().zip(values.chunks(shared.count)) {
                match *target {
                    Target::Device(slot) => device_theta[slot] = values[k],
                    Target::Plate(slot) => plate_theta[slot] = values[k],
                }
            }
            let plate = shared.pack(&device_theta, &plate_theta, &hall.state);
            let index = s * design.plates_per_server + shared.first_plate + k;
            parameters.plates.set(index, &plate);
        }
    }
}
