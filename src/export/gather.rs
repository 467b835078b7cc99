//! Junctions and links of a solved hall.

use num_dual::DualSVec64;

use super::law::{self, Fit, Law};
use super::{Circuit, ExportError, Junction, Link, Model, place, rack};
use crate::component::{At, Side};
use crate::diag::nearest::nearest;
use crate::hall::model::RETURN;
use crate::network::{Block, Element, NONE, Network, Stamp, path_text};
use crate::solve::Solution;
use crate::solve::block::component_at;

/// Flow that counts as none, relative to the largest of the loop.
const NO_FLOW: f64 = 1e-9;
/// Pressure drop of a link whose law has none, Pa: other tools divide by it.
const LEAST_DROP: f64 = 1e-3;
/// Slope of a law that lets nothing through, Pa s/kg.
const SHUT: f64 = 1e10;

/// Gathers the loops whose path fits `wanted` (`*` for any index; all if `None`).
///
/// # Errors
/// [`ExportError`] where there is no such loop.
pub fn gather(
    name: &str,
    network: &Network,
    solution: &Solution,
    wanted: Option<&str>,
) -> Result<Model, ExportError> {
    let mut draft = Draft::new(name, network, solution, wanted)?;
    for (index, block) in network.blocks.iter().enumerate() {
        for stamp in &block.structure.stamps {
            match stamp.element {
                Element::Component(_) => draft.component(index, block, stamp),
                Element::Rack(_) => draft.rack(index, block, stamp),
                Element::Child(_) => {}
            }
        }
    }
    Ok(draft.finish())
}

/// Whether a path fits a pattern, segment by segment.
fn fits(path: &str, pattern: &str) -> bool {
    let (mut path, mut pattern) = (path.split('.'), pattern.split('.'));
    loop {
        match (path.next(), pattern.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || b == "*" => {}
            _ => return false,
        }
    }
}

pub(super) struct Draft<'a> {
    pub(super) network: &'a Network,
    pub(super) solution: &'a Solution,
    pub(super) model: Model,
    /// Junction of each block's unknowns, where it is a pressure.
    nodes: Vec<Vec<u32>>,
    /// Block and stamp that each block hangs in.
    parents: Vec<Option<(usize, &'a Stamp)>>,
    /// Racks of each loop so far, to place them side by side.
    racks: Vec<usize>,
}

impl<'a> Draft<'a> {
    fn new(
        name: &str,
        network: &'a Network,
        solution: &'a Solution,
        wanted: Option<&str>,
    ) -> Result<Self, ExportError> {
        let mut parents = vec![None; network.blocks.len()];
        for (index, block) in network.blocks.iter().enumerate() {
            for stamp in &block.structure.stamps {
                if let Element::Child(k) = stamp.element {
                    parents[block.children[k]] = Some((index, stamp));
                }
            }
        }
        let mut draft = Self {
            network,
            solution,
            model: Model {
                name: name.to_owned(),
                circuits: Vec::new(),
                junctions: Vec::new(),
                links: Vec::new(),
            },
            nodes: (network.blocks.iter())
                .map(|b| vec![NONE; b.structure.unknowns])
                .collect(),
            parents,
            racks: Vec::new(),
        };
        let mut known: Vec<String> = Vec::new();
        for (index, block) in network.blocks.iter().enumerate() {
            let state = &solution.state.blocks[index];
            let prefix = path_text(&block.path);
            for numbers in &block.structure.loops {
                let path = if prefix.is_empty() {
                    numbers.name.clone()
                } else {
                    format!("{prefix}.{}", numbers.name)
                };
                let group = crate::result::gather::group_path(&block.path, &numbers.name);
                if !known.contains(&group) {
                    known.push(group);
                }
                if wanted.is_some_and(|wanted| !fits(&path, wanted)) {
                    continue;
                }
                let circuit = draft.model.circuits.len();
                let first = draft.model.junctions.len();
                let named = numbers.nodes.iter().zip(&numbers.node_names);
                // The far ends of a header have a name also where the header has none.
                for (&variable, node) in named.filter(|(variable, _)| **variable != NONE) {
                    draft.nodes[index][variable as usize] = draft.model.junctions.len() as u32;
                    draft.model.junctions.push(Junction {
                        name: format!("{path}.{node}"),
                        circuit,
                        pressure: state.x[variable as usize],
                        temperature: state.x[variable as usize + 1],
                        place: [0.0; 2],
                    });
                }
                place::nodes(&mut draft.model.junctions[first..]);
                draft.model.circuits.push(Circuit {
                    path,
                    fluid: network.fluids[numbers.fluid as usize],
                    fluid_name: numbers.fluid_name.clone(),
                    reference: draft.nodes[index][numbers.nodes[RETURN] as usize] as usize,
                    count: block.multiplicity,
                });
                draft.racks.push(0);
            }
        }
        if draft.model.circuits.is_empty() {
            return Err(match wanted {
                Some(wanted) if !known.is_empty() => ExportError::UnknownLoop {
                    wanted: wanted.to_owned(),
                    nearest: nearest(wanted, known.iter().map(String::as_str)).map(str::to_owned),
                    known: known.join(", "),
                },
                _ => ExportError::NoLoop,
            });
        }
        Ok(draft)
    }

    /// Junction of a block's variable, and how many of the block it sees.
    fn junction(&self, block: usize, variable: u32) -> Option<(usize, f64)> {
        let (mut block, mut variable, mut count) = (block, variable as usize, 1.0);
        loop {
            let structure = &self.network.blocks[block].structure;
            if variable < structure.unknowns {
                let junction = self.nodes[block][variable];
                return (junction != NONE).then_some((junction as usize, count));
            }
            let (parent, stamp) = self.parents[block]?;
            variable = stamp.variables[variable - structure.unknowns] as usize;
            count *= f64::from(stamp.count);
            block = parent;
        }
    }

    fn component(&mut self, index: usize, block: &'a Block, stamp: &Stamp) {
        let Element::Component(k) = stamp.element else {
            return;
        };
        let numbers = &block.components[k];
        let sides = numbers.kind.spec().sides;
        let state = &self.solution.state.blocks[index];
        for (s, side_name) in sides.iter().enumerate() {
            let ends = [stamp.variables[5 * s], stamp.variables[5 * s + 1]];
            let (Some((a, count)), Some((b, _))) =
                (self.junction(index, ends[0]), self.junction(index, ends[1]))
            else {
                continue;
            };
            let mut at = component_at(self.network, block, state, stamp, k);
            let kind = numbers.kind;
            let out = kind.equations(&at);
            let flow = at.sides[s].mass_flow;
            let drop = at.sides[s].pressure_a - at.sides[s].pressure_b;
            let (by_flow, by_pressure) = {
                let out = kind.equations(&lifted(&at, s));
                let slopes = out.pressure[s].eps.0.unwrap_or_default();
                (slopes[0], slopes[1])
            };
            let heat = (out.energy_out[s] - out.energy_in[s]) * count;
            let sign = if flow < 0.0 { -1.0 } else { 1.0 };
            at.sides[s].pressure_a = 0.0;
            at.sides[s].pressure_b = 0.0;
            let at = std::cell::RefCell::new(at);
            let own = |m: f64| {
                let mut at = at.borrow_mut();
                at.sides[s].mass_flow = sign * m;
                -sign * kind.equations(&*at).pressure[s]
            };
            let mut name = path_text(&block.path);
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&numbers.name);
            if sides.len() > 1 {
                name.push(' ');
                name.push_str(side_name);
            }
            // An equation that does not hold pressures asks for a flow: a steep curve through it.
            let given = by_pressure == 0.0;
            let slope = if given {
                10.0 * drop.abs().max(1.0) / flow.abs()
            } else {
                -by_flow
            };
            let (flow, drop) = (flow.abs(), sign * drop);
            let (from, to) = if sign < 0.0 { (b, a) } else { (a, b) };
            let ends = Ends {
                name,
                from,
                to,
                count,
                outlet: None,
            };
            if given {
                self.link(ends, [flow, drop, slope], heat, |_| f64::NAN);
            } else {
                self.link(ends, [flow, drop, slope], heat, own);
            }
        }
    }

    /// Adds a link of one instance: flow [kg/s], drop [Pa] in the direction of flow, slope [Pa s/kg].
    pub(super) fn link(
        &mut self,
        ends: Ends,
        [flow, drop, slope]: [f64; 3],
        heat: f64,
        own: impl Fn(f64) -> f64,
    ) {
        let outlet = ends
            .outlet
            .unwrap_or(self.model.junctions[ends.to].temperature);
        let n = ends.count;
        let (flow, slope) = (flow * n, slope / n);
        let own = |m: f64| own(m / n);
        let (law, fit) = if flow <= 0.0 || slope >= SHUT / n {
            (Law::Closed, Fit::Point)
        } else if drop.abs() < LEAST_DROP && slope.abs() * flow < LEAST_DROP {
            let linear = LEAST_DROP / flow;
            (
                Law::Passive {
                    linear,
                    quadratic: 0.0,
                },
                Fit::Exact,
            )
        } else if drop < 0.0 {
            law::lift(flow, -drop, -slope, |m| -own(m))
        } else {
            law::passive(flow, drop, slope, own)
        };
        self.model.links.push(Link {
            name: ends.name,
            circuit: self.model.junctions[ends.from].circuit,
            from: ends.from,
            to: ends.to,
            flow,
            law,
            fit,
            heat,
            outlet,
        });
    }

    fn rack(&mut self, index: usize, block: &'a Block, stamp: &Stamp) {
        let Element::Rack(k) = stamp.element else {
            return;
        };
        let number = block.racks[k];
        let ends = [stamp.variables[0], stamp.variables[2]];
        let (Some((supply, around)), Some((back, _))) =
            (self.junction(index, ends[0]), self.junction(index, ends[1]))
        else {
            return;
        };
        let circuit = self.model.junctions[supply].circuit;
        let column = self.racks[circuit];
        self.racks[circuit] += 1;
        let count = around * f64::from(stamp.count);
        rack::add(self, number, [supply, back], count, column);
    }

    /// Leaves out junctions without links, closes what carries next to nothing, and places loops.
    fn finish(mut self) -> Model {
        let mut largest = vec![0.0f64; self.model.circuits.len()];
        for link in &self.model.links {
            let largest = &mut largest[link.circuit];
            *largest = largest.max(link.flow);
        }
        let mut used = vec![false; self.model.junctions.len()];
        for link in &mut self.model.links {
            if link.flow <= NO_FLOW * largest[link.circuit] {
                link.law = Law::Closed;
            }
            used[link.from] = true;
            used[link.to] = true;
        }
        for circuit in &self.model.circuits {
            used[circuit.reference] = true;
        }
        let mut number = vec![0; used.len()];
        let mut kept = 0;
        for (number, used) in number.iter_mut().zip(&used) {
            *number = kept;
            kept += usize::from(*used);
        }
        let mut keep = used.iter();
        self.model
            .junctions
            .retain(|_| keep.next().copied().unwrap_or(false));
        for link in &mut self.model.links {
            link.from = number[link.from];
            link.to = number[link.to];
        }
        for circuit in &mut self.model.circuits {
            circuit.reference = number[circuit.reference];
        }
        place::circuits(&mut self.model);
        self.model
    }
}

/// What a link is called and joins, and of how many it carries the flow.
pub(super) struct Ends {
    pub(super) name: String,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) count: f64,
    /// Temperature of the fluid as it leaves, where it is not that of the junction, K.
    pub(super) outlet: Option<f64>,
}

/// An operating point with slopes to the flow and to the pressure at a of one side.
fn lifted<'a>(at: &At<'a, f64>, side: usize) -> At<'a, DualSVec64<2>> {
    let plain = DualSVec64::<2>::from_re;
    let mut sides = at.sides.map(|s| Side {
        pressure_a: plain(s.pressure_a),
        pressure_b: plain(s.pressure_b),
        temperature_a: plain(s.temperature_a),
        temperature_b: plain(s.temperature_b),
        mass_flow: plain(s.mass_flow),
    });
    sides[side].mass_flow = sides[side].mass_flow.derivative(0);
    sides[side].pressure_a = sides[side].pressure_a.derivative(1);
    At {
        theta: at.theta,
        tables: at.tables,
        fluids: at.fluids,
        sides,
        sensor_pressure: at.sensor_pressure.map(plain),
        air: at.air.map(plain),
        internal: at.internal.map(plain),
        bus: at.bus.map(plain),
        outdoor: at.outdoor,
        status: at.status,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_loop_is_named_by_its_path() {
        assert!(fits("pod.3.coolant", "pod.3.coolant"));
        assert!(fits("pod.3.coolant", "pod.*.coolant"));
        assert!(!fits("pod.3.coolant", "coolant"));
        assert!(!fits("facility", "pod.*.coolant"));
    }
}
