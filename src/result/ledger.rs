//! The ledger: what comes in over the site's boundary against what leaves, from meters and streams.
//!
//! Power in is the utility meter's, which the electrical tree adds up. Heat out is what leaves with
//! outdoor air, vapour and given streams, each from the states of that stream. Neither is taken from
//! a component's own duty, so a heat path that is forgotten anywhere between shows here.

use serde::Serialize;

use super::gather::Part;
use crate::hall::model::RETURN;
use crate::network::{Element, Network, Port};
use crate::solve::Solution;

/// Balance of the solution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Balance {
    /// |meter + other inputs − heat leaving| / meter.
    pub energy_relative: f64,
    /// Largest mass mismatch at a loop's reference node over the flow through it; that node's own
    /// balance is not among the equations solved.
    pub mass_relative: f64,
    /// Power at the utility meter, W.
    pub meter_w: f64,
    /// Heat that leaves the site, W.
    pub heat_out_w: f64,
    /// Energy that comes in beside the meter, W.
    pub other_in_w: f64,
    /// Water in less water out over water in.
    pub water_relative: f64,
}

/// Power at the utility meter, W.
pub fn meter(network: &Network, solution: &Solution) -> f64 {
    let Some(hall) = network.hall() else {
        return 0.0;
    };
    let work = &solution.work.blocks[network.blocks.len() - 1];
    let mut output = 0;
    for port in &hall.structure.ports {
        if *port == Port::Meter {
            return work.outputs[output];
        }
        output += port.outputs();
    }
    0.0
}

/// Balance of energy, mass and water.
pub fn balance(network: &Network, solution: &Solution, parts: &[Part<'_>], power: f64) -> Balance {
    let meter = meter(network, solution);
    let (mut out, mut other, mut water_in, mut water_out) = (0.0, 0.0, 0.0, 0.0);
    for part in parts {
        out += part.count * part.ledger.heat_out;
        other += part.count * part.ledger.energy_in;
        water_in += part.count * part.ledger.water_in;
        water_out += part.count * part.ledger.water_out;
    }
    let scale = meter.abs().max(other.abs()).max(1.0);
    // The account by end use must show what the meter shows.
    let account = (power - meter).abs() / scale;
    Balance {
        energy_relative: ((meter + other - out).abs() / scale).max(account),
        mass_relative: mass(network, solution),
        meter_w: meter,
        heat_out_w: out,
        other_in_w: other,
        water_relative: (water_in - water_out).abs() / water_in.max(1e-9),
    }
}

fn mass(network: &Network, solution: &Solution) -> f64 {
    let mut worst = 0.0f64;
    for (index, block) in network.blocks.iter().enumerate() {
        let state = &solution.state.blocks[index];
        for numbers in &block.structure.loops {
            let node = numbers.nodes[RETURN];
            let (mut sum, mut through) = (0.0, 0.0f64);
            let mut add = |flow: f64| {
                sum += flow;
                through += flow.abs();
            };
            for stamp in &block.structure.stamps {
                match stamp.element {
                    Element::Component(k) => {
                        for s in 0..block.components[k].kind.spec().sides.len() {
                            let flow = state.x[stamp.variables[5 * s + 4] as usize];
                            if stamp.variables[5 * s] == node {
                                add(-flow);
                            }
                            if stamp.variables[5 * s + 1] == node {
                                add(flow);
                            }
                        }
                    }
                    Element::Rack(k) => {
                        let number = block.racks[k];
                        let sign = if solution.rack(number).reversed() {
                            -1.0
                        } else {
                            1.0
                        };
                        let flow =
                            sign * solution.rack(number).linear().flow[0] * f64::from(stamp.count);
                        if stamp.variables[0] == node {
                            add(-flow);
                        }
                        if stamp.variables[2] == node {
                            add(flow);
                        }
                    }
                    Element::Child(k) => {
                        let child = block.children[k];
                        let (mut input, mut output) = (0, 0);
                        for port in &network.blocks[child].structure.ports {
                            if port.inputs() == 2 && stamp.variables[input] == node {
                                add(solution.work.blocks[child].outputs[output]
                                    * f64::from(stamp.count));
                            }
                            input += port.inputs();
                            output += port.outputs();
                        }
                    }
                }
            }
            // Below a gram a second there is no flow to speak of.
            worst = worst.max(sum.abs() / (0.5 * through).max(1e-3));
        }
    }
    worst
}

#[cfg(test)]
mod tests;
