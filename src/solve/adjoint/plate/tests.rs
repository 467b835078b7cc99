#![allow(clippy::unwrap_used)]
use super::{
    COOLANT, DEVICE, DROP, Direction, NUMBERS, PathAt, PlateAt, PlateState, ROWS, SAME, SetAt,
    numbers,
};
use crate::fluid::Fluid;
use crate::hall::{LoadOptions, load};
use crate::network::rack::{Conductance, Leakage, Plate, SetDesign, Similarity};
use crate::network::{Network, build};
use crate::solve::adjoint::{rack::chains, rack_at};
use crate::solve::rack::{ASSUMED_SHUTDOWN, status};
use crate::solve::{Options, guess, solve};
use crate::world::Disk;
use std::path::Path;

fn network(path: &str) -> Network {
    let (hall, _) = load(&Disk, Path::new(path), &LoadOptions::default()).unwrap();
    build::build(&hall).unwrap()
}

/// State of a plate as one list: flow, its inlet, the rack's inlet, air, junction, outlet.
type State = [f64; 6];

fn rows_of(plate: &PlateAt<'_>) -> [f64; ROWS] {
    plate.rows()
}

impl PlateAt<'_> {
    /// The rows themselves.
    fn rows(&self) -> [f64; ROWS] {
        let PlateState {
            status,
            inlet,
            outlet,
            junction,
        } = self.state;
        let (path, own) = (self.path, self.own);
        let device = match status {
            status::NORMAL | status::CAPPED => {
                self.power * (1.0 - own.air_fraction) - self.conductance * (self.case - inlet)
            }
            status::SHUT_DOWN => inlet - junction,
            _ => self.case + own.core_resistance * self.power - junction,
        };
        let [gamma, excess] = self.loss;
        let rise = self.warmed - gamma * excess;
        let enthalpy = |t: f64| path.at.fluid.enthalpy(t);
        let capacity = path.capacity[0];
        [
            device,
            enthalpy(outlet) - enthalpy(inlet) - path.at.inlet.specific_heat.value * rise,
            self.drop(),
            capacity * rise,
            capacity * gamma * excess + own.air_fraction * self.power,
            self.power,
        ]
    }
}

/// Calls with a plate at a state.
fn at<T>(
    set: &SetDesign,
    fluid: &Fluid,
    status: u8,
    [flow, inlet, rack_inlet, air, junction, outlet]: State,
    own: &Plate,
    then: impl Fn(&PlateAt<'_>) -> T,
) -> T {
    let properties = fluid.props_with_slopes(rack_inlet);
    let path = PathAt::new(SetAt::new(set, fluid, properties, rack_inlet, air), flow);
    let state = PlateState {
        status,
        inlet,
        outlet,
        junction,
    };
    then(&PlateAt::new(&path, own, state))
}

fn with_numbers(own: &Plate, n: [f64; NUMBERS]) -> Plate {
    Plate {
        base_power: n[0],
        leakage: n[1],
        e_fold: n[2],
        reference_temperature: n[3],
        cap: n[4],
        core_resistance: n[5],
        memory_resistance: n[6],
        core_limit: n[7],
        memory_limit: n[8],
        air_fraction: n[9],
        conductance_factor: n[10],
        drop_factor: n[11],
        measured_factor: n[12],
        linear: n[13],
        quadratic: n[14],
        air_conductance: n[15],
        ..*own
    }
}

/// Changes along every state and number against differences, to four powers of the step: whatever the device's status,
/// with laws by power and by points, leakage of both kinds, viscosity in either law, heat lost to the air.
#[test]
fn changes_agree_with_differences() {
    let network = network("models/halls/rack.toml");
    let rack = &network.racks[0];
    let given = &rack.design.sets[0];
    let fluid =
        Fluid::from_volume_fraction(crate::fluid::FluidKind::PropyleneGlycol, 0.25).unwrap();
    let power = SetDesign {
        conductance: Conductance::Power {
            nominal: 60.0,
            flow: 0.02,
            exponent: 0.4,
        },
        similarity: Some(Similarity {
            conductivity: 0.6,
            density: 0.5,
            specific_heat: 0.4,
            viscosity: -0.1,
            ln_reference: 2.0,
            solid_resistance: 0.004,
        }),
        leakage: Leakage::Linear,
        viscosity_coupled: true,
        pressure_drop: 0.0,
        ..given.clone()
    };
    let points = SetDesign {
        leakage: Leakage::Exponential,
        viscosity_coupled: false,
        ..given.clone()
    };
    assert!(matches!(points.conductance, Conductance::Measured(_)) && points.pressure_drop > 0.0);
    let own = Plate {
        cap: 900.0,
        core_limit: 360.0,
        memory_limit: 365.0,
        memory_resistance: 0.01,
        leakage: 60.0,
        air_fraction: 0.07,
        linear: 1e5,
        quadratic: 3e6,
        air_conductance: 1.5,
        conductance_factor: 0.9,
        drop_factor: 1.1,
        measured_factor: 0.8,
        ..rack.parameters.plates.get(0)
    };
    let state: State = [0.021, 311.0, 309.0, 300.0, 351.0, 318.0];
    let n = numbers(&own);
    assert!(n[7] < ASSUMED_SHUTDOWN);
    for (set, status) in [&power, &points].into_iter().flat_map(|set| {
        [
            status::NORMAL,
            status::CAPPED,
            status::THROTTLED_CORE,
            status::THROTTLED_MEMORY,
            status::SHUT_DOWN,
        ]
        .map(|status| (set, status))
    }) {
        let base = at(set, &fluid, status, state, &own, rows_of);
        for k in 0..state.len() + NUMBERS {
            let value = state.get(k).copied().unwrap_or_else(|| n[k - state.len()]);
            let step = 1e-3 * value;
            let moved = |steps: f64| {
                let (mut state, mut n) = (state, n);
                match k.checked_sub(state.len()) {
                    None => state[k] += steps * step,
                    Some(number) => n[number] += steps * step,
                }
                at(set, &fluid, status, state, &with_numbers(&own, n), rows_of)
            };
            let [down, low, high, up] = [-1.0, -0.5, 0.5, 1.0].map(moved);
            let one = |place: usize| if k == place { 1.0 } else { 0.0 };
            let direction = Direction {
                flow: one(0),
                inlet: one(1),
                rack_inlet: one(2),
                air: one(3),
                junction: one(4),
                outlet: one(5),
            };
            let mut change = SAME;
            if let Some(number) = k.checked_sub(state.len()) {
                change[number] = 1.0;
            }
            let found = at(set, &fluid, status, state, &own, |plate| {
                plate.along(&direction, &change)
            });
            for row in 0..ROWS {
                let coarse = (up[row] - down[row]) / (2.0 * step);
                let fine = (high[row] - low[row]) / step;
                let expected = (4.0 * fine - coarse) / 3.0;
                // The fourth power of the step in the logarithm of a flow or of ten steps in a temperature; rounding of
                // enthalpies.
                let size = expected.abs().max(1e-3 * base[row].abs() / value);
                let rounding = if row == COOLANT {
                    1e-10 * 1e5 / step
                } else {
                    1e-12
                };
                assert!(
                    (found[row] - expected).abs() <= 3e-7 * size + rounding,
                    "{:?} status {status}, direction {k}, row {row}: {} {expected}",
                    set.leakage,
                    found[row]
                );
            }
        }
    }
}

/// What the kernel has solved is solved by these equations too, and gives the same heat and power, server by server.
#[test]
fn the_kernel_solves_the_same_equations() {
    for path in ["models/halls/rack.toml", "tests/halls/everything.toml"] {
        let network = network(path);
        let options = Options {
            tolerance: 1e-10,
            ..Options::default()
        };
        let solution = solve(&network, guess(&network), &options).unwrap();
        for (index, rack) in network.racks.iter().enumerate() {
            let (design, view) = (&rack.design, solution.rack(index));
            let at = rack_at(&network, &solution, index);
            for s in 0..design.servers {
                let mut sums = [0.0; ROWS];
                for set in &design.sets {
                    for chain in chains(design, set, s) {
                        let path = at.path(at.set(set), chain.path);
                        let mut drop = 0.0;
                        for (position, plate) in chain.plates.clone().enumerate() {
                            let own = &rack.parameters.plates.get(plate);
                            let rows = at.plate(&path, own, plate, position).rows();
                            assert!(rows[DEVICE].abs() < 1e-6, "{}", rows[DEVICE]);
                            assert!(rows[COOLANT].abs() < 1e-4, "{}", rows[COOLANT]);
                            drop += rows[DROP];
                            for (sum, row) in sums.iter_mut().zip(rows) {
                                *sum += row;
                            }
                        }
                        assert!(drop < view.difference(s) * (1.0 + 1e-9));
                    }
                }
                let [_, liquid, air, power] = view.server_totals(s);
                let numbers = &rack.parameters.servers[s];
                let other = numbers.air_cooled_power + numbers.fan_power;
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-8 * b.abs().max(1.0);
                let loss = power - other - sums[DROP + 3];
                assert!(close(sums[DROP + 1], liquid), "{} {liquid}", sums[DROP + 1]);
                assert!(
                    close(sums[DROP + 2] + other + loss, air),
                    "{} {air}",
                    sums[DROP + 2] + other + loss
                );
                assert!(loss >= 0.0);
            }
        }
    }
}
