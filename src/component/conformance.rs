//! What every registered component must pass: derivatives, energy, finiteness, documentation.
//!
//! A kind is tried with each of its [`examples`]: defaults, overlaid by the values named there.
//! Points are drawn around the component's own first guess by a fixed generator, so a failure
//! repeats.

#![allow(clippy::unwrap_used)]

use nalgebra::{DMatrix, DVector, SVector, U1};
use num_dual::{Derivative, DualSVec64};

use super::{At, Kind, MAX_INTERNAL, MAX_STATUS, Out, Outdoor, STAGNANT_FLOW, Side};
use crate::curve::Pchip;
use crate::fluid::{Fluid, FluidKind};
use crate::spec::{DefaultValue, FieldKind, Scalar, position};

/// Parameters to try a kind with: those of its fields that have no default, and choices.
#[derive(Debug, Clone, Copy, Default)]
struct Example {
    /// Numbers in SI, choices by index, flags 0 or 1.
    values: &'static [(&'static str, f64)],
    /// Points of curves.
    points: &'static [(&'static str, &'static [(f64, f64)])],
}

/// Examples of a kind, one for each law that it can take. A kind without required fields may be
/// left out: it is then tried with its defaults.
fn examples(kind: &str) -> &'static [Example] {
    match kind {
        "cord" => &[Example {
            values: &[("nominal_share", 0.5), ("share", 0.4)],
            points: &[],
        }],
        "resistance" => &[Example {
            values: &[
                ("linear", 100.0),
                ("quadratic", 500.0),
                ("nominal_pressure_drop", 3e4),
                ("nominal_flow", 2.0),
                ("exponent", 1.85),
                ("loading", 1.5),
                ("flow_coefficient", 1e-5),
            ],
            points: &[],
        }],
        "chiller" => &[
            Example {
                values: &[
                    ("reference_capacity", 1e6),
                    ("evaporator_flow", 43.0),
                    ("condenser_flow", 54.0),
                    ("count", 3.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("reference_capacity", 1e6),
                    ("evaporator_flow", 43.0),
                    ("condenser_flow", 54.0),
                    ("form", 1.0),
                    ("heat_to_condenser", 0.95),
                    ("supply_temperature", 295.0),
                    ("minimum_condenser_temperature", 298.0),
                    ("reset", 3.0),
                    ("reset_temperature", 299.0),
                ],
                points: &[],
            },
        ],
        "thermodynamic_chiller" => &[
            Example {
                values: &[
                    ("reference_capacity", 1e6),
                    ("evaporator_flow", 43.0),
                    ("condenser_flow", 54.0),
                    ("count", 3.0),
                    ("heat_leak", 0.1),
                    ("proportional_loss", 0.02),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("reference_capacity", 1e6),
                    ("evaporator_flow", 43.0),
                    ("condenser_flow", 54.0),
                    ("part_load", 1.0),
                    ("part_load_1", 0.1),
                    ("part_load_2", 0.3),
                    ("part_load_3", 0.6),
                    ("heat_to_condenser", 0.95),
                    ("supply_temperature", 295.0),
                    ("minimum_condenser_temperature", 298.0),
                ],
                points: &[],
            },
        ],
        "air_cooled_chiller" => &[
            Example {
                values: &[
                    ("reference_capacity", 1e6),
                    ("evaporator_flow", 43.0),
                    ("count", 2.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("reference_capacity", 1e6),
                    ("evaporator_flow", 43.0),
                    ("free_cooling", 1.0),
                    ("free_cooling_fan_power", 2e4),
                    ("supply_temperature", 297.0),
                    ("reset", 3.0),
                    ("reset_temperature", 300.0),
                ],
                points: &[],
            },
        ],
        "heat_reuse" => &[Example {
            values: &[
                ("nominal_heat", 2e6),
                ("nominal_inlet_temperature", 318.15),
                ("nominal_flow", 50.0),
                ("network_flow", 45.0),
                ("network_return_temperature", 300.15),
                ("demand", 1e6),
            ],
            points: &[],
        }],
        "room_air" => &[Example {
            values: &[("count", 100.0), ("flow", 0.3)],
            points: &[],
        }],
        "economiser" => &[Example {
            values: &[
                ("nominal_heat", 6e6),
                ("cold_flow", 240.0),
                ("hot_flow", 239.0),
            ],
            points: &[],
        }],
        "dry_cooler" => &[
            Example {
                values: &[
                    ("nominal_heat", 2.931e6),
                    ("fan_power", 117_680.0),
                    ("nominal_inlet_temperature", 319.26),
                    ("nominal_outlet_temperature", 313.7),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("nominal_heat", 1e6),
                    ("fan_power", 4e4),
                    ("nominal_inlet_temperature", 319.26),
                    ("nominal_outlet_temperature", 313.7),
                    ("adiabatic", 1.0),
                    ("control", 1.0),
                    ("count", 4.0),
                    ("running", 3.0),
                ],
                points: &[],
            },
        ],
        "rear_door" => &[Example {
            values: &[
                ("nominal_heat", 30e3),
                ("nominal_water_flow", 0.8),
                ("air_flow", 2.0),
                ("fan_power", 1200.0),
            ],
            points: &[],
        }],
        "crah" => &[
            Example {
                values: &[
                    ("nominal_heat", 2e5),
                    ("nominal_water_flow", 3.0),
                    ("air_flow", 14.0),
                    ("fan_power", 13.5e3),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("nominal_heat", 2e5),
                    ("nominal_water_flow", 3.0),
                    ("air_flow", 14.0),
                    ("fan_power", 13.5e3),
                    ("control", 1.0),
                    ("count", 3.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("nominal_heat", 2e5),
                    ("nominal_water_flow", 3.0),
                    ("air_flow", 14.0),
                    ("fan_power", 13.5e3),
                    ("control", 3.0),
                    ("server_air_flow", 10.0),
                ],
                points: &[],
            },
        ],
        "room_cooler" => &[Example {
            values: &[("capacity", 1e5)],
            points: &[],
        }],
        "envelope" => &[Example {
            values: &[("conductance", 1e3), ("gain", 100.0)],
            points: &[],
        }],
        "tower" => &[
            Example {
                values: &[
                    ("nominal_water_flow", 100.0),
                    ("fan_power", 3e4),
                    ("count", 3.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("nominal_water_flow", 100.0),
                    ("fan_power", 3e4),
                    ("method", 1.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("nominal_water_flow", 100.0),
                    ("fan_power", 3e4),
                    ("method", 2.0),
                    // The cubic is not monotone in air flow where the range is small: no control on it.
                    ("control", 2.0),
                    ("speed", 0.7),
                    ("fans", 1.0),
                    ("count", 6.0),
                    ("staging", 1.0),
                    ("minimum_cells", 2.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("nominal_water_flow", 100.0),
                    ("fan_power", 3e4),
                    ("circuit", 1.0),
                    ("spray_power", 5e3),
                    ("fans", 2.0),
                ],
                points: &[],
            },
        ],
        "transformer" => &[Example {
            values: &[
                ("rating", 2.5e6),
                ("no_load_loss", 3e3),
                ("load_loss", 18e3),
            ],
            points: &[],
        }],
        "ups" => &[
            Example {
                values: &[("module_rating", 2.5e5), ("modules", 4.0)],
                points: &[],
            },
            Example {
                values: &[("module_rating", 2.5e5), ("mode", 1.0), ("redundancy", 2.0)],
                points: &[],
            },
            Example {
                values: &[("module_rating", 1.1e6)],
                points: &[(
                    "efficiency",
                    &[(0.1, 0.92), (0.25, 0.96), (0.5, 0.972), (1.0, 0.969)],
                )],
            },
        ],
        "power_supply" => &[
            Example {
                values: &[
                    ("module_rating", 2.5e5),
                    ("modules", 4.0),
                    ("redundant_modules", 1.0),
                ],
                points: &[(
                    "efficiency",
                    &[(0.1, 0.90), (0.2, 0.94), (0.5, 0.96), (1.0, 0.91)],
                )],
            },
            Example {
                values: &[("module_rating", 1e6), ("constant_loss", 1e3)],
                points: &[],
            },
        ],
        "busway" => &[
            Example {
                values: &[
                    ("voltage", 415.0),
                    ("resistance", 1e-3),
                    ("reactance", 1e-3),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("voltage", 800.0),
                    ("system", 2.0),
                    ("rated_current", 2e3),
                    ("rated_loss", 5e3),
                ],
                points: &[],
            },
        ],
        "it_load" | "other_load" => &[Example {
            values: &[("power", 5e4), ("idle_power", 2e4), ("load", 0.7)],
            points: &[],
        }],
        "buffer_tank" => &[Example {
            values: &[
                ("volume", 20.0),
                ("nominal_flow", 10.0),
                ("air_conductance", 30.0),
            ],
            points: &[],
        }],
        "cdu" => &[
            Example {
                values: &[
                    ("count", 3.0),
                    ("running", 2.0),
                    ("rated_heat", 1.3e6),
                    ("primary_flow", 0.02),
                    ("secondary_flow", 0.02),
                    ("electronics_power", 500.0),
                ],
                points: &[
                    (
                        "pump_curve",
                        &[(0.0, 5e5), (0.01, 4.6e5), (0.02, 3.4e5), (0.03, 1.5e5)],
                    ),
                    (
                        "pump_efficiency",
                        &[(0.0, 0.0), (0.01, 0.6), (0.02, 0.78), (0.03, 0.7)],
                    ),
                ],
            },
            Example {
                values: &[
                    ("rated_heat", 1.3e6),
                    ("primary_flow", 0.02),
                    ("secondary_flow", 0.02),
                    ("valve_control", 1.0),
                    ("pump_control", 1.0),
                    ("pressure_difference", 1.5e5),
                    ("pump_shutoff_pressure", 5e5),
                    ("pump_quadratic", 500.0),
                    ("conductance", 3e5),
                    ("characteristic", 1.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("rated_heat", 1.3e6),
                    ("running", 0.0),
                    ("primary_flow", 0.02),
                    ("secondary_flow", 0.02),
                    ("pump_shutoff_pressure", 5e5),
                ],
                points: &[],
            },
        ],
        "exchanger" => &[
            Example {
                values: &[
                    ("count", 3.0),
                    ("running", 2.0),
                    ("conductance", 2e5),
                    ("hot_flow", 20.0),
                    ("cold_flow", 25.0),
                    ("fluid_coupled", 1.0),
                    ("fouling", 1e-6),
                    ("hot_pressure_drop", 5e4),
                    ("cold_pressure_drop", 4e4),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("count", 4.0),
                    ("staging", 1.0),
                    ("arrangement", 3.0),
                    ("conductance", 1e5),
                    ("hot_flow", 20.0),
                    ("cold_flow", 20.0),
                    ("hot_linear", 1e3),
                    ("cold_quadratic", 100.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("running", 0.0),
                    ("arrangement", 1.0),
                    ("conductance", 1e5),
                    ("hot_flow", 20.0),
                    ("cold_flow", 20.0),
                ],
                points: &[],
            },
        ],
        "given_water" => &[
            Example {
                values: &[("supply_temperature", 300.0)],
                points: &[],
            },
            Example {
                values: &[
                    ("supply_temperature", 300.0),
                    ("control", 1.0),
                    ("flow", 0.02),
                ],
                points: &[],
            },
        ],
        "heat_load" => &[
            Example {
                values: &[
                    ("heat", 1e5),
                    ("nominal_flow", 3.0),
                    ("nominal_pressure_drop", 3e4),
                ],
                points: &[],
            },
            Example {
                values: &[("heat", 1e5), ("metered", 1.0), ("quadratic", 100.0)],
                points: &[],
            },
        ],
        "pipe" => &[
            Example {
                values: &[
                    ("length", 30.0),
                    ("bore", 0.1),
                    ("minor_loss", 5.0),
                    ("count", 2.0),
                    ("air_conductance", 20.0),
                ],
                points: &[],
            },
            Example {
                values: &[("linear", 2e3), ("quadratic", 500.0)],
                points: &[],
            },
        ],
        "pump_set" => &[
            Example {
                values: &[
                    ("count", 3.0),
                    ("running", 2.0),
                    ("control", 2.0),
                    ("pressure_difference", 2e5),
                ],
                points: &[
                    (
                        "curve",
                        &[(0.0, 4e5), (0.01, 3.8e5), (0.02, 3e5), (0.03, 1.5e5)],
                    ),
                    (
                        "efficiency",
                        &[(0.0, 0.0), (0.01, 0.6), (0.02, 0.8), (0.03, 0.7)],
                    ),
                ],
            },
            Example {
                values: &[
                    ("count", 3.0),
                    ("staging", 1.0),
                    ("control", 1.0),
                    ("flow", 0.03),
                    ("shutoff_pressure", 4e5),
                    ("quadratic", 500.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("shutoff_pressure", 4e5),
                    ("quadratic", 500.0),
                    ("running", 0.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("shutoff_pressure", 4e5),
                    ("quadratic", 500.0),
                    ("control", 2.0),
                    ("pressure_difference", 2e5),
                    ("reset_flow", 0.02),
                    ("minimum_pressure_difference", 1e5),
                    ("minimum_flow", 0.005),
                    ("minimum_flow_bypass", 1.0),
                ],
                points: &[],
            },
        ],
        "valve" => &[
            Example {
                values: &[("flow_coefficient", 1e-5), ("position", 0.4)],
                points: &[],
            },
            Example {
                values: &[
                    ("flow_coefficient", 1e-5),
                    ("control", 1.0),
                    ("flow", 2e-3),
                    ("characteristic", 1.0),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("flow_coefficient", 1e-5),
                    ("control", 2.0),
                    ("pressure_difference", 5e4),
                ],
                points: &[],
            },
            Example {
                values: &[
                    ("flow_coefficient", 1e-5),
                    ("control", 3.0),
                    ("pressure_difference", 5e4),
                ],
                points: &[],
            },
            Example {
                values: &[("valve_type", 1.0), ("flow", 2e-3)],
                points: &[],
            },
            Example {
                values: &[("valve_type", 2.0), ("flow_coefficient", 1e-5)],
                points: &[],
            },
            Example {
                values: &[("valve_type", 3.0), ("flow_coefficient", 1e-5)],
                points: &[],
            },
        ],
        _ => &[Example {
            values: &[],
            points: &[],
        }],
    }
}

/// θ and curves of an example.
fn parameters(kind: Kind, example: &Example) -> (Vec<f64>, Vec<Pchip>) {
    let fields = kind.spec().fields;
    for key in example
        .values
        .iter()
        .map(|v| v.0)
        .chain(example.points.iter().map(|p| p.0))
    {
        assert!(
            position(fields, key).is_some(),
            "{kind:?} has no field {key}"
        );
    }
    let mut tables = Vec::new();
    let theta = fields
        .iter()
        .map(|field| {
            if let Some((_, points)) = example.points.iter().find(|(key, _)| *key == field.key) {
                let (x, y) = points.iter().copied().unzip();
                tables.push(Pchip::new(x, y).unwrap());
                return (tables.len() - 1) as f64;
            }
            if let Some((_, value)) = example.values.iter().find(|(key, _)| *key == field.key) {
                if let FieldKind::Number { min, max, .. } = field.kind {
                    assert!(
                        (min..=max).contains(value),
                        "{kind:?}: {} out of range",
                        field.key
                    );
                }
                return *value;
            }
            match field.default {
                DefaultValue::Value(value) => value,
                DefaultValue::Unset => f64::NAN,
                DefaultValue::Required => panic!("{kind:?}: no example of {}", field.key),
            }
        })
        .collect();
    (theta, tables)
}

const OUTDOOR: Outdoor = Outdoor {
    dry_bulb: 303.15,
    wet_bulb: 295.15,
    humidity_ratio: 0.0135,
    pressure: 100_700.0,
};

/// Pseudo-random numbers from 0 to 1 (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

/// Everything that equations depend on: five of each side, sensors, air, internal, bus.
const VARIABLES: usize = 16 + MAX_INTERNAL;
type Dual = DualSVec64<VARIABLES>;

/// One component at one point.
struct Trial<'a> {
    kind: Kind,
    theta: &'a [f64],
    tables: &'a [Pchip],
    fluids: [&'a Fluid; 2],
    status: [u8; MAX_STATUS],
}

impl Trial<'_> {
    fn with<S: Scalar, R>(&self, v: &[S; VARIABLES], run: impl FnOnce(&At<'_, S>) -> R) -> R {
        let side = |i: usize| Side {
            pressure_a: v[i],
            pressure_b: v[i + 1],
            temperature_a: v[i + 2],
            temperature_b: v[i + 3],
            mass_flow: v[i + 4],
        };
        run(&At {
            theta: self.theta,
            tables: self.tables,
            fluids: self.fluids,
            sides: [side(0), side(5)],
            sensor_pressure: [v[10], v[11]],
            air: [v[12], v[13]],
            internal: std::array::from_fn(|i| v[16 + i]),
            bus: [v[14], v[15]],
            outdoor: &OUTDOOR,
            status: &self.status[..self.kind.spec().status],
        })
    }

    fn outputs(&self, v: &[f64; VARIABLES]) -> Vec<f64> {
        flatten(&self.with(v, |at| self.kind.equations(at)))
    }

    fn dual_outputs(&self, v: &[f64; VARIABLES]) -> Vec<Dual> {
        let seeded: [Dual; VARIABLES] = std::array::from_fn(|i| {
            let mut unit = SVector::<f64, VARIABLES>::zeros();
            unit[i] = 1.0;
            Dual::new(v[i], Derivative::some(unit))
        });
        flatten(&self.with(&seeded, |at| self.kind.equations(at)))
    }

    /// Solves the internal residuals at fixed nodes, so that what depends on them (an outlet
    /// state) is consistent; `false` where this fails.
    fn solve_internal(&self, v: &mut [f64; VARIABLES]) -> bool {
        let n = self.kind.spec().internal.len();
        for _ in 0..200 {
            let out = self.dual_outputs(v);
            let residual = DVector::from_fn(n, |i, _| out[INTERNAL + i].re);
            if residual.iter().all(|r| r.abs() < 1e-13) {
                return true;
            }
            let jacobian = DMatrix::from_fn(n, n, |i, j| gradient(&out[INTERNAL + i])[16 + j]);
            let Some(step) = jacobian.lu().solve(&residual) else {
                return false;
            };
            let scales = self.kind.spec().internal_scale;
            let largest = step
                .iter()
                .zip(scales)
                .map(|(s, scale)| s.abs() / scale)
                .fold(0.0, f64::max);
            // As the network's solver limits it.
            let damping = (2.0 / largest).min(1.0);
            for j in 0..n {
                v[16 + j] -= damping * step[j];
            }
            if largest < 1e-12 {
                return true;
            }
        }
        false
    }
}

fn gradient(dual: &Dual) -> SVector<f64, VARIABLES> {
    dual.eps.unwrap_generic(nalgebra::Const::<VARIABLES>, U1)
}

/// Energy flows are compared with this at least, W: streams of air are differences of large numbers.
const FLOOR: f64 = 1e3;

/// Place of the internal residuals among the outputs.
const INTERNAL: usize = 6;

fn flatten<S: Scalar>(out: &Out<S>) -> Vec<S> {
    let mut all = Vec::new();
    all.extend(out.pressure);
    all.extend(out.energy_in);
    all.extend(out.energy_out);
    all.extend(out.internal);
    all.extend(out.air_heat);
    all.extend(out.power);
    all
}

/// Runs `test` at random points of every example of every kind, with the status at rest and with
/// the status that each point proposes.
fn at_points(mut test: impl FnMut(&Trial<'_>, &mut [f64; VARIABLES], &[f64; VARIABLES], &str)) {
    let water = Fluid::water();
    let coolant = Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, 0.25).unwrap();
    for &kind in Kind::ALL {
        let spec = kind.spec();
        for (number, example) in examples(spec.kind).iter().enumerate() {
            let (theta, tables) = parameters(kind, example);
            let faults = kind.check(&theta, &tables);
            assert!(
                faults.is_empty(),
                "{} example {number}: {faults:?}",
                spec.kind
            );
            let fluids = [&water, &coolant];
            let guess = kind.guess(&theta, &tables, fluids, &OUTDOOR);
            let mut random = Random(7);
            for point in 0..24 {
                let mut v = [0.0; VARIABLES];
                for side in 0..2 {
                    let flow = guess.mass_flow[side].abs().max(1e-3);
                    let i = 5 * side;
                    v[i] = random.within(1e5, 3e5);
                    v[i + 1] = v[i] + guess.pressure_rise[side] * random.within(0.2, 1.5);
                    v[i + 2] = random.within(285.0, 325.0);
                    v[i + 3] = random.within(285.0, 325.0);
                    // Mostly forward flow; some backward, some none.
                    v[i + 4] = match point % 8 {
                        6 => -flow * random.within(0.05, 1.0),
                        7 => 0.0,
                        _ => flow * random.within(0.1, 1.5),
                    };
                }
                v[10] = random.within(2e5, 3e5);
                v[11] = random.within(1e5, 2e5);
                v[12] = random.within(290.0, 315.0);
                v[13] = random.within(290.0, 315.0);
                v[14] = random.within(1e4, 1e6);
                v[15] = 0.2 * v[14];
                for i in 0..spec.internal.len() {
                    v[16 + i] = guess.internal[i] * random.within(0.7, 1.1);
                }
                let mut scale = [1.0; VARIABLES];
                for i in [0, 1, 5, 6, 10, 11] {
                    scale[i] = 1e5;
                }
                for i in [2, 3, 7, 8, 12, 13] {
                    scale[i] = 10.0;
                }
                for i in [4, 9] {
                    scale[i] = v[i].abs().max(1e-9);
                }
                scale[14] = v[14];
                scale[15] = v[14];
                scale[16..16 + spec.internal.len()].copy_from_slice(spec.internal_scale);

                let mut trial = Trial {
                    kind,
                    theta: &theta,
                    tables: &tables,
                    fluids,
                    status: [0; MAX_STATUS],
                };
                let name = format!("{} example {number} point {point}", spec.kind);
                test(&trial, &mut v.clone(), &scale, &name);
                let mut next = trial.status;
                trial.with(&v, |at| kind.propose(at, &mut next[..spec.status]));
                if next != trial.status {
                    trial.status = next;
                    test(&trial, &mut v, &scale, &format!("{name} status {next:?}"));
                }
            }
        }
    }
}

/// Dual derivatives agree with central differences, to the accuracy of those.
#[test]
fn derivatives_match_differences() {
    at_points(|trial, v, scale, name| {
        let dual = trial.dual_outputs(v);
        let gradients: Vec<_> = dual.iter().map(gradient).collect();
        for (row, value) in dual.iter().enumerate() {
            assert!(value.re.is_finite(), "{name}: output {row} is {}", value.re);
            assert!(
                gradients[row].iter().all(|d| d.is_finite()),
                "{name}: row {row} has a NaN slope"
            );
        }
        // At standstill the blur of the flow direction is narrower than any useful difference.
        if v[4] == 0.0 || v[9] == 0.0 {
            return;
        }
        for column in 0..VARIABLES {
            let step = 1e-6 * scale[column];
            let (mut up, mut down) = (*v, *v);
            up[column] += step;
            down[column] -= step;
            let (up, down) = (trial.outputs(&up), trial.outputs(&down));
            for row in 0..dual.len() {
                let slope = (up[row] - down[row]) / (2.0 * step);
                let size = (0..VARIABLES)
                    .map(|j| (gradients[row][j] * scale[j]).abs())
                    .fold(dual[row].re.abs() * 1e-3, f64::max);
                let error = (slope - gradients[row][column]).abs() * scale[column];
                assert!(
                    error <= 1e-5 * size + 1e-9,
                    "{name}: output {row} by variable {column}: {} by dual numbers, {slope} by differences",
                    gradients[row][column]
                );
            }
        }
    });
}

/// Heat given to fluids and air, power passed on and what leaves the site add up to the power drawn
/// and what enters the site.
/// The closed form of a branch gives the pressure drop, the heat loss and the slopes of the equations.
#[test]
fn branches_match_their_equations() {
    let mut tried = 0;
    at_points(|trial, v, _, name| {
        let (t_a, t_b, m) = (v[2], v[3], v[4]);
        let inlet = trial.with(v, |at| at.sides[0].inlet_temperature());
        let law = trial
            .kind
            .branch(trial.theta, trial.fluids[0], m, inlet, v[12]);
        let Some(law) = law else { return };
        tried += 1;
        let blur = (m * m + STAGNANT_FLOW * STAGNANT_FLOW).sqrt();
        let forward = 0.5 * (m / blur + 1.0);
        let inlet_by_flow = (t_a - t_b) * 0.5 * (STAGNANT_FLOW / blur).powi(2) / blur;
        let dual = trial.dual_outputs(v);
        let (momentum, loss) = (&dual[0], &dual[INTERNAL + MAX_INTERNAL]);
        // In the order: value, T_a, T_b, ṁ, T_air.
        let pairs = |value: f64, by_flow: f64, by_inlet: f64, by_air: f64, out: &Dual| {
            let found = gradient(out);
            [
                (value, out.re),
                (by_inlet * forward, found[2]),
                (by_inlet * (1.0 - forward), found[3]),
                (by_flow + by_inlet * inlet_by_flow, found[4]),
                (by_air, found[12]),
            ]
        };
        let drop = v[0] - v[1] - law.drop;
        let slopes = (-law.drop_by_flow, -law.drop_by_inlet);
        let expected = pairs(drop, slopes.0, slopes.1, 0.0, momentum)
            .into_iter()
            .chain(pairs(
                law.loss,
                law.loss_by_flow,
                law.loss_by_inlet,
                law.loss_by_air,
                loss,
            ));
        for (k, (closed, exact)) in expected.enumerate() {
            // The same formulas in another order: to rounding, of pressures of 1e5 Pa.
            let size = exact.abs().max(if k == 0 { 1e5 } else { 1e-3 });
            assert!(
                (closed - exact).abs() < 1e-11 * size,
                "{name} {k}: {closed} {exact}"
            );
        }
    });
    assert!(tried > 40, "{tried} points");
}

#[test]
fn energy_is_conserved() {
    at_points(|trial, v, _, name| {
        let imbalance = |v: &[f64; VARIABLES]| {
            let spec = trial.kind.spec();
            let (out, ledger) =
                trial.with(v, |at| (trial.kind.equations(at), trial.kind.ledger(at)));
            let mut terms = vec![ledger.heat_out, -ledger.energy_in, -out.power[0]];
            for side in 0..spec.sides.len() {
                terms.extend([out.energy_out[side], -out.energy_in[side]]);
            }
            terms.extend(&out.air_heat[..spec.air.len()]);
            if spec.carries_bus || trial.kind == Kind::Cord {
                terms.push(trial.with(v, |at| trial.kind.passed(at)[0]));
            }
            terms.iter().sum::<f64>().abs() / terms.iter().map(|t| t.abs()).sum::<f64>().max(FLOOR)
        };
        let raw = imbalance(v);
        if raw < 1e-12 {
            return;
        }
        // Where streams depend on an internal state, the balance holds once that is solved.
        assert!(
            trial.solve_internal(v),
            "{name}: imbalance {raw:e}, and the internal state has no solution"
        );
        let solved = imbalance(v);
        assert!(solved < 1e-10, "{name}: imbalance {solved:e}");
    });
}

/// Reports are made without NaN, at any point and status.
#[test]
fn reports_are_finite() {
    at_points(|trial, v, _, name| {
        let report = trial.with(v, |at| trial.kind.report(at));
        assert!(
            report.on <= report.of,
            "{name}: {} of {} units on",
            report.on,
            report.of
        );
        for limit in &report.limits {
            assert!(
                limit.limit.is_finite() && limit.value.is_none_or(f64::is_finite),
                "{name}: {limit:?}"
            );
        }
        for control in &report.controls {
            assert!(
                control.setpoint.is_finite() && control.actual.is_finite(),
                "{name}: {control:?}"
            );
        }
        for quantity in &report.quantities {
            assert!(quantity.value.is_finite(), "{name}: {quantity:?}");
        }
    });
}

/// A kind's lists agree with each other, and its file carries the headings that the book shows.
#[test]
fn documentation_is_complete() {
    for &kind in Kind::ALL {
        let spec = kind.spec();
        assert_eq!(spec.sides.len(), spec.source.len(), "{}", spec.kind);
        assert_eq!(
            spec.internal.len(),
            spec.internal_scale.len(),
            "{}",
            spec.kind
        );
        assert!(
            spec.sides.len() <= 2 && spec.air.len() <= 2,
            "{}",
            spec.kind
        );
        assert!(
            spec.internal.len() <= MAX_INTERNAL && spec.status <= MAX_STATUS,
            "{}",
            spec.kind
        );
        assert_eq!(Kind::from_name(spec.kind), Some(kind));
        for field in spec.fields {
            assert!(!field.doc.trim().is_empty(), "{}.{}", spec.kind, field.key);
            if let (FieldKind::Number { min, max, .. }, DefaultValue::Value(value)) =
                (field.kind, field.default)
            {
                assert!(
                    (min..=max).contains(&value),
                    "{}.{} default",
                    spec.kind,
                    field.key
                );
            }
        }
        let file = format!(
            "{}/src/component/{}.rs",
            env!("CARGO_MANIFEST_DIR"),
            spec.kind
        );
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        for heading in [
            "Equations",
            "Symbols and units",
            "Range of validity",
            "Neglected",
            "Source",
        ] {
            assert!(
                text.contains(&format!("//! # {heading}")),
                "{file} lacks the heading {heading}"
            );
        }
    }
}
