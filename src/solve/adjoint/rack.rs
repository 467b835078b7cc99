//! A rack at the solution: its equations with their slopes, and its plates eliminated to their paths.
//!
//! Nothing here depends on a functional: what its weights make of the rack is found from the same slopes for all
//! functionals ([`multipliers`]).

pub(super) mod multipliers;
pub(super) mod passage;

use std::ops::Range;

use super::plate::{
    COOLANT, DEVICE, DROP, Direction, PathAt, PlateAt, PlateState, ROWS, SAME, SetAt, smooth,
};
use crate::fluid::Properties;
use crate::network::Rack;
use crate::network::rack::{Plate, RackDesign, SetDesign};
use crate::solve::rack::{RackPorts, RackView, supply_loss};
use passage::{Passage, common, segment};

/// A rack as it stands.
#[derive(Clone, Copy)]
pub(super) struct RackAt<'a> {
    pub(super) rack: &'a Rack,
    view: RackView<'a>,
    ports: RackPorts,
    inlet: Properties,
}

impl<'a> RackAt<'a> {
    pub(super) fn new(rack: &'a Rack, view: RackView<'a>, ports: RackPorts) -> Self {
        Self {
            rack,
            view,
            ports,
            inlet: rack.design.fluid.props_with_slopes(ports.inlet),
        }
    }

    /// A set of plates, which may follow other laws than the rack's own.
    pub(super) fn set<'s>(&self, set: &'s SetDesign) -> SetAt<'s>
    where
        'a: 's,
    {
        let fluid = &self.rack.design.fluid;
        SetAt::new(set, fluid, self.inlet, self.ports.inlet, self.ports.air)
    }

    /// A path of a set, by its number in the rack.
    pub(super) fn path<'s>(&self, set: SetAt<'s>, path: usize) -> PathAt<'s> {
        PathAt::new(set, self.view.path_flow(path))
    }

    /// A plate by its number in the rack, and its number on the path.
    pub(super) fn plate<'p>(
        &self,
        path: &'p PathAt<'p>,
        own: &'p Plate,
        plate: usize,
        position: usize,
    ) -> PlateAt<'p> {
        let state = PlateState {
            status: self.view.status(plate),
            inlet: if position == 0 {
                self.ports.inlet
            } else {
                self.view.coolant_outlet(plate - 1)
            },
            outlet: self.view.coolant_outlet(plate),
            junction: self.view.junction(plate),
        };
        PlateAt::new(path, own, state)
    }
}

/// A path: what stands where in the rack.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) server: usize,
    pub(super) path: usize,
    pub(super) plates: Range<usize>,
}

/// Paths of a set in a server.
pub(super) fn chains(
    design: &RackDesign,
    set: &SetDesign,
    server: usize,
) -> impl Iterator<Item = Chain> + use<> {
    let (first_path, first_plate, in_series) = (
        server * design.paths_per_server + set.first_path,
        server * design.plates_per_server + set.first_plate,
        set.in_series,
    );
    (0..set.count / in_series).map(move |within| {
        let first = first_plate + within * in_series;
        Chain {
            server,
            path: first_path + within,
            plates: first..first + in_series,
        }
    })
}

/// Slopes of a plate.
#[derive(Debug, Clone, Copy)]
struct PlateSlopes {
    /// Junction against (ṁ, T_i, T_a), the plates before it following.
    junction: [f64; 3],
    /// Of each row to T_j and to T_ci.
    by_junction: [f64; ROWS],
    by_inlet: [f64; ROWS],
    /// Of g₂ and of the pressure drop to T_o.
    outlet_heat: f64,
    drop_by_outlet: f64,
}

/// A path without its plates.
#[derive(Debug, Clone, Copy, Default)]
struct PathSlopes {
    /// Of the pressure drop to (ṁ, T_i, T_a).
    drop: [f64; 3],
    /// One by the first of them.
    inverse: f64,
    /// Of heat to liquid, heat to air and power.
    heat: [[f64; 3]; 3],
}

#[derive(Debug, Clone, Copy)]
struct ServerSlopes {
    common: Passage<3>,
    /// Sum of 1/Δp' of its paths.
    inverse: f64,
    /// Of heat to liquid against a push on all its paths.
    liquid: f64,
    /// Slope of the supply's loss to its output, and to its rating.
    loss: f64,
    loss_by_rating: f64,
}

/// A rack linearised; made anew in the memory that it has.
#[derive(Debug, Default)]
pub(super) struct RackSlopes {
    plates: Vec<PlateSlopes>,
    paths: Vec<PathSlopes>,
    servers: Vec<ServerSlopes>,
    /// Supply and return segment before each position from 1 on.
    segments: Vec<[Passage<4>; 2]>,
    connection: Passage<3>,
    /// Slope of the heat that the rack's flow carries off to M, T_r and T_i.
    carried: [f64; 3],
}

impl RackSlopes {
    /// Linearises a rack.
    pub(super) fn fill(&mut self, at: &RackAt<'_>) {
        let (design, fluid) = (&at.rack.design, &at.rack.design.fluid);
        self.plates.clear();
        self.paths.clear();
        self.servers.clear();
        self.segments.clear();
        // Few: a rack has one to three.
        let sets: Vec<SetAt<'_>> = design.sets.iter().map(|set| at.set(set)).collect();
        let mut whole = 0.0;
        for s in 0..design.servers {
            whole += self.server(at, &sets, s);
        }
        let m = &at.rack.parameters.manifold;
        let numbers = passage::segment_numbers(m);
        let back = at.view.return_temperature();
        let mut beyond = whole;
        for s in 1..design.servers {
            beyond -= flow_of(at, s - 1);
            let returning = if at.rack.parameters.reverse() {
                whole - beyond
            } else {
                beyond
            };
            self.segments.push([
                segment(fluid, numbers, beyond, at.ports.inlet),
                segment(fluid, numbers, returning, back),
            ]);
        }
        let inverse = m.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv));
        self.connection = common([m.linear, m.quadratic, inverse], whole, at.inlet.density);
        let leaving = fluid.thermal_with_slopes(back);
        let size = smooth(whole);
        self.carried = [
            (leaving.enthalpy - at.inlet.enthalpy.value) * whole / size,
            size * leaving.specific_heat,
            -size * at.inlet.enthalpy.slope,
        ];
    }

    /// Linearises a server; gives its flow.
    fn server(&mut self, at: &RackAt<'_>, sets: &[SetAt<'_>], s: usize) -> f64 {
        let design = &at.rack.design;
        let own = &at.rack.parameters.servers[s];
        let mut direct = own.air_cooled_power + own.fan_power;
        let (mut inverse, mut liquid) = (0.0, 0.0);
        for (set, set_at) in design.sets.iter().zip(sets) {
            for chain in chains(design, set, s) {
                let path = at.path(*set_at, chain.path);
                let slopes = self.path(at, &path, chain.plates, &mut direct);
                inverse += slopes.inverse;
                liquid += slopes.heat[0][0] * slopes.inverse;
            }
        }
        let loss = supply_loss(design, own, direct).1;
        let output = direct + own.supply_constant_loss;
        let loss_by_rating = match &design.supply_loss {
            Some(curve) if own.supply_rating.is_finite() => {
                let load = output / own.supply_rating;
                -load * load * curve.eval_with_slope(load).1
            }
            _ => 0.0,
        };
        let flow = flow_of(at, s);
        let numbers = [own.linear, own.quadratic, own.inverse_kv_squared];
        self.servers.push(ServerSlopes {
            common: common(numbers, flow, at.inlet.density),
            inverse,
            liquid,
            loss,
            loss_by_rating,
        });
        flow
    }

    /// Linearises the plates of a path and eliminates them, in the order of flow; adds their power.
    fn path(
        &mut self,
        at: &RackAt<'_>,
        path: &PathAt<'_>,
        plates: Range<usize>,
        power: &mut f64,
    ) -> PathSlopes {
        let mut sums = PathSlopes::default();
        // T_ci against (ṁ, T_i, T_a).
        let mut before = [0.0, 1.0, 0.0];
        for (position, plate) in plates.enumerate() {
            let own = &at.rack.parameters.plates.get(plate);
            let plate = at.plate(path, own, plate, position);
            *power += plate.power();
            let along = |direction: Direction| plate.along(&direction, &SAME);
            let by_junction = along(Direction {
                junction: 1.0,
                ..Direction::default()
            });
            let by_inlet = if position == 0 {
                [0.0; ROWS]
            } else {
                along(Direction {
                    inlet: 1.0,
                    ..Direction::default()
                })
            };
            let (outlet_heat, drop_by_outlet) = (plate.outlet_heat(), plate.drop_by_outlet());
            let (mut junction, mut after) = ([0.0; 3], [0.0; 3]);
            for c in 0..3 {
                let rows = along(Direction {
                    flow: f64::from(u8::from(c == 0)),
                    rack_inlet: f64::from(u8::from(c == 1)),
                    air: f64::from(u8::from(c == 2)),
                    inlet: before[c],
                    ..Direction::default()
                });
                junction[c] = -rows[DEVICE] / by_junction[DEVICE];
                let coolant = rows[COOLANT] + by_junction[COOLANT] * junction[c];
                after[c] = -coolant / outlet_heat;
                sums.drop[c] +=
                    rows[DROP] + by_junction[DROP] * junction[c] + drop_by_outlet * after[c];
                for (heat, row) in sums.heat.iter_mut().zip(DROP + 1..) {
                    heat[c] += rows[row] + by_junction[row] * junction[c];
                }
            }
            self.plates.push(PlateSlopes {
                junction,
                by_junction,
                by_inlet,
                outlet_heat,
                drop_by_outlet,
            });
            before = after;
        }
        sums.inverse = 1.0 / sums.drop[0].max(1e-9);
        self.paths.push(sums);
        sums
    }
}

/// Flow of a server, kg/s.
fn flow_of(at: &RackAt<'_>, server: usize) -> f64 {
    let paths = at.rack.design.paths_per_server;
    (server * paths..(server + 1) * paths)
        .map(|path| at.view.path_flow(path))
        .sum()
}
