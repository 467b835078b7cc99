//! A rack's connection, manifolds, servers and paths as links: see `component::{manifold, server,
//! cold_plate}` for the laws.
//!
//! Junctions of a rack: supply and return manifold at each position, and in each server the point
//! between its common part and its parallel paths. A path with plates in series is one link.

use num_dual::DualSVec64;

use super::Junction;
use super::gather::{Draft, Ends};
use crate::component::pipe::darcy_pressure_drop;
use crate::hall::model::DeviceRole;
use crate::network::path_text;
use crate::solve::rack::DRAWN_TUBE_ROUGHNESS;

/// Value and slope of a·m + b·m².
fn textbook(linear: f64, quadratic: f64, m: f64) -> [f64; 2] {
    [linear * m + quadratic * m * m, linear + 2.0 * quadratic * m]
}

/// A link's flow, drop and slope.
fn at(flow: f64, [drop, slope]: [f64; 2]) -> [f64; 3] {
    [flow, drop, slope]
}

/// Adds a rack between its `[supply, return]` junctions, `count` of them at once.
pub(super) fn add(
    draft: &mut Draft<'_>,
    number: usize,
    ports: [usize; 2],
    count: f64,
    column: usize,
) {
    let (network, solution) = (draft.network, draft.solution);
    let rack = &network.racks[number];
    let (design, parameters) = (&*rack.design, &*rack.parameters);
    let view = solution.rack(number);
    let [enter, leave] = if view.reversed() {
        [ports[1], ports[0]]
    } else {
        ports
    };
    let (t_in, t_out) = (
        draft.model.junctions[enter].temperature,
        view.return_temperature(),
    );
    let circuit = draft.model.junctions[enter].circuit;
    let name = path_text(&rack.path);
    let density = design.fluid.density(t_in);
    let (servers, reverse) = (design.servers, parameters.reverse());
    let manifold = &parameters.manifold;
    let by_kv = |inverse_kv2: f64| inverse_kv2 / (1000.0 * density);

    let flows: Vec<f64> = (0..servers)
        .map(|s| {
            let paths = s * design.paths_per_server..(s + 1) * design.paths_per_server;
            paths.map(|path| view.path_flow(path)).sum()
        })
        .collect();
    let whole: f64 = flows.iter().sum();
    let segment = |m: f64, temperature: f64| -> [f64; 2] {
        let [mut drop, mut slope] =
            textbook(manifold.segment_linear, manifold.segment_quadratic, m);
        if let Some(bore) = manifold.bore
            && manifold.pitch > 0.0
        {
            let plain = DualSVec64::<1>::from_re;
            let darcy = darcy_pressure_drop(
                plain(m).derivative(0),
                plain(design.fluid.density(temperature)),
                plain(design.fluid.viscosity(temperature)),
                plain(manifold.pitch),
                plain(bore),
                plain(DRAWN_TUBE_ROUGHNESS),
            );
            drop += darcy.re;
            slope += darcy.eps.0.map_or(0.0, |slopes| slopes[0]);
        }
        [drop, slope]
    };

    let corner = [6.0 * column as f64, 4.0];
    let mut junctions = Vec::new();
    let first = draft.model.junctions.len();
    let mut junction = |name: String, pressure: f64, temperature: f64, place: [f64; 2]| {
        junctions.push(Junction {
            name,
            circuit,
            pressure,
            temperature,
            place: [corner[0] + place[0], corner[1] + place[1]],
        });
        first + junctions.len() - 1
    };
    let entering = {
        let b =
            manifold.quadratic + by_kv(manifold.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv)));
        (manifold.linear, b)
    };
    let connection = textbook(entering.0, entering.1, whole);
    let mut pressure = draft.model.junctions[enter].pressure - connection[0];
    let mut beyond = whole;
    // The return manifold ends in the loop's own junction.
    let end = if reverse { servers - 1 } else { 0 };
    let mut places = Vec::with_capacity(servers);
    for s in 0..servers {
        let y = s as f64;
        let difference = view.difference(s);
        let numbers = &parameters.servers[s];
        let b = numbers.quadratic + by_kv(numbers.inverse_kv_squared);
        let common = textbook(numbers.linear, b, flows[s]);
        let supply = junction(format!("{name}.supply.{s}"), pressure, t_in, [0.0, y]);
        let inner = junction(
            format!("{name}.server.{s}"),
            pressure - common[0],
            t_in,
            [1.5, y],
        );
        let back = if s == end {
            leave
        } else {
            junction(
                format!("{name}.return.{s}"),
                pressure - difference,
                t_out,
                [3.0, y],
            )
        };
        places.push((supply, inner, back, common, b));
        beyond -= flows[s];
        pressure -= segment(beyond, t_in)[0];
    }

    draft.model.junctions.append(&mut junctions);
    // The connection's resistance sits on the way in.
    let own = |m: f64| textbook(entering.0, entering.1, m)[0];
    let link = |name: String, from: usize, to: usize| Ends {
        name,
        from,
        to,
        count,
        outlet: None,
    };
    draft.link(
        link(format!("{name}.connection"), enter, places[0].0),
        at(whole, connection),
        0.0,
        own,
    );
    let mut beyond = whole;
    for s in 0..servers {
        let (supply, inner, back, common, b) = places[s];
        let numbers = &parameters.servers[s];
        draft.link(
            link(format!("{name}.server.{s}"), supply, inner),
            at(flows[s], common),
            0.0,
            |m| textbook(numbers.linear, b, m)[0],
        );
        let available = view.difference(s) - common[0];
        for path in s * design.paths_per_server..(s + 1) * design.paths_per_server {
            add_path(
                draft,
                number,
                s,
                path,
                link(String::new(), inner, back),
                available,
            );
        }
        beyond -= flows[s];
        let Some(&(next_supply, _, next_back, ..)) = places.get(s + 1) else {
            break;
        };
        draft.link(
            link(format!("{name}.supply.{s}-{}", s + 1), supply, next_supply),
            at(beyond, segment(beyond, t_in)),
            0.0,
            |m| segment(m, t_in)[0],
        );
        let (from, to, m) = if reverse {
            (back, next_back, whole - beyond)
        } else {
            (next_back, back, beyond)
        };
        draft.link(
            link(format!("{name}.return.{s}-{}", s + 1), from, to),
            at(m, segment(m, t_out)),
            0.0,
            |m| segment(m, t_out)[0],
        );
    }
}

/// Adds a path of a server: `available` [Pa] is what its plates drop together.
fn add_path(
    draft: &mut Draft<'_>,
    number: usize,
    server: usize,
    path: usize,
    ends: Ends,
    available: f64,
) {
    let rack = &draft.network.racks[number];
    let design = &*rack.design;
    let view = draft.solution.rack(number);
    let within = path - server * design.paths_per_server;
    let Some(set) = design
        .sets
        .iter()
        .find(|set| (set.first_path..set.first_path + set.count / set.in_series).contains(&within))
    else {
        return;
    };
    let first = (within - set.first_path) * set.in_series;
    let start = server * design.plates_per_server + set.first_plate + first;
    let flow = view.path_flow(path);
    let (mut linear, mut quadratic) = (0.0, 0.0);
    for index in start..start + set.in_series {
        let plate = rack.parameters.plates.get(index);
        let mean = 0.5 * (view.coolant_inlet(index) + view.coolant_outlet(index));
        let thickness = if set.viscosity_coupled {
            (design.fluid.ln_viscosity(mean) - set.ln_reference_viscosity).exp()
        } else {
            1.0
        };
        linear += plate.drop_factor * plate.linear * thickness;
        quadratic += plate.drop_factor * plate.quadratic;
    }
    let [given, by_flow] = textbook(linear, quadratic, flow);
    // What is left follows the measured law of exponent e.
    let measured = if set.pressure_drop > 0.0 {
        available - given
    } else {
        0.0
    };
    let slope = by_flow + set.exponent * measured / flow;
    let enthalpy = |t: f64| design.fluid.enthalpy(t);
    let outlet = view.coolant_outlet(start + set.in_series - 1);
    let warmed = enthalpy(outlet) - enthalpy(view.coolant_inlet(start));
    let heat = flow * warmed * ends.count;
    let role = match set.role {
        DeviceRole::Gpu => "gpu",
        DeviceRole::Processor => "processor",
        DeviceRole::Auxiliary => "auxiliary",
    };
    let mut name = format!("{}.server.{server}.{role}.{first}", path_text(&rack.path));
    if set.in_series > 1 {
        name.push_str(&format!("-{}", first + set.in_series - 1));
    }
    let own = |m: f64| textbook(linear, quadratic, m)[0] + measured * (m / flow).powf(set.exponent);
    draft.link(
        Ends {
            name,
            outlet: Some(outlet),
            ..ends
        },
        [flow, available, slope],
        heat,
        own,
    );
}
