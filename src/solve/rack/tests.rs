#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use num_dual::DualNum;
use pulp::{Arch, Simd, WithSimd};

use super::plate::{Inlet, SetAtInlet};
use super::{
    Batch, BatchState, BatchWork, Condense, RackLinear, RackPorts, Recover, When, propose, status,
};
use crate::component::{cold_plate, device, manifold, server};
use crate::curve::Pchip;
use crate::fluid::{Fluid, FluidKind};
use crate::hall::model::{DeviceRole, DeviceSet, Feeders, NodeRef, RackSet, Ref, Server, State};
use crate::network::Rack;
use crate::network::rack::{Plate, Plates, RackDesign, RackParameters, ServerNumbers, SetDesign};
use crate::solve::lane::{Lane, Plane, WIDTH};
use crate::spec::{DefaultValue, Field, position};

/// Parameters from their defaults and the given values.
fn theta(fields: &[Field], given: &[(&str, f64)]) -> Vec<f64> {
    let mut theta: Vec<f64> = fields
        .iter()
        .map(|field| match field.default {
            DefaultValue::Value(v) => v,
            DefaultValue::Required | DefaultValue::Unset => f64::NAN,
        })
        .collect();
    for (key, value) in given {
        theta[position(fields, key).unwrap()] = *value;
    }
    theta
}

struct Example {
    design: Arc<RackDesign>,
    parameters: RackParameters,
}

fn example(arrangement: f64, gpu: &[(&str, f64)], load: f64) -> Example {
    with_plate(arrangement, gpu, &[], load)
}

/// Measured with water at 40 °C, with a solid part and a film that follows every property.
const IN_WATER: [(&str, f64); 4] = [
    ("reference_fluid", 1.0),
    ("solid_resistance", 0.004),
    ("reynolds_exponent", 0.4),
    ("prandtl_exponent", 0.36),
];

fn with_plate(arrangement: f64, gpu: &[(&str, f64)], plate: &[(&str, f64)], load: f64) -> Example {
    let fluid = Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, 0.25).unwrap();
    let mut device_given = vec![
        ("rated_power", 700.0),
        ("idle_power", 92.0),
        ("leakage", 45.0),
        ("memory_share", 0.12),
        ("junction_resistance", 0.017),
        ("memory_resistance", 0.05),
        ("air_fraction", 0.05),
        ("software_slowdown", 360.15),
        ("memory_limit", 368.15),
    ];
    device_given.extend_from_slice(gpu);
    let mut plate_given = vec![
        ("resistance", 0.0),
        ("pressure_drop", 58.6e3),
        ("pressure_drop_flow", 2.0 / 60e3),
        ("reference_viscosity", 1.5e-3),
        ("reference_density", 1022.0),
        ("air_conductance", 0.5),
    ];
    plate_given.extend_from_slice(plate);
    let plate = theta(cold_plate::Parameters::<f64>::FIELDS, &plate_given);
    let points = Pchip::new(
        [0.4, 0.6, 0.8, 1.0, 1.4, 2.0, 2.4]
            .iter()
            .map(|q| q / 60e3)
            .collect(),
        vec![0.0389, 0.03, 0.0265, 0.0245, 0.022, 0.0204, 0.0197],
    )
    .unwrap();
    let node = |node| NodeRef {
        circuit: Ref { up: 0, index: 0 },
        node,
    };
    let set = RackSet {
        name: "rack".into(),
        count: 1,
        part: "rack".into(),
        servers: 4,
        server: Server {
            part: "server".into(),
            devices: vec![DeviceSet {
                role: DeviceRole::Gpu,
                part: "gpu".into(),
                count: 8,
                in_series: 2,
                device: theta(device::Parameters::<f64>::FIELDS, &device_given),
                plate_part: "plate".into(),
                plate,
                plate_tables: vec![points],
            }],
            theta: theta(
                server::Parameters::<f64>::FIELDS,
                &[
                    ("flow_coefficient", 0.35 / 3600.0 / 1e5f64.sqrt() * 1.0),
                    ("air_cooled_power", 1500.0),
                    ("air_cooled_idle_power", 500.0),
                    ("supply_efficiency", 0.0),
                    ("supply_rating", 9000.0),
                ],
            ),
            tables: vec![
                Pchip::new(vec![0.1, 0.2, 0.5, 1.0], vec![0.9, 0.94, 0.96, 0.91]).unwrap(),
            ],
        },
        theta: theta(
            manifold::Parameters::<f64>::FIELDS,
            &[
                ("arrangement", arrangement),
                ("bore", 0.025),
                ("pitch", 0.2),
                ("quadratic", 2000.0),
            ],
        ),
        supply: node(0),
        back: node(1),
        inlet_air: Ref { up: 0, index: 0 },
        exhaust_air: Ref { up: 0, index: 0 },
        feeders: Feeders::default(),
    };
    let design = RackDesign::new(&set, &fluid, 305.0).unwrap();
    let state = State {
        name: "test".into(),
        gpu_load: load,
        processor_load: load,
        other_load: load,
    };
    let mut plates = Vec::new();
    for shared in &design.sets {
        let plate = Plate::pack(
            &shared.device_theta,
            &shared.plate_theta,
            shared.role,
            shared.leakage,
            &state,
        );
        plates.extend(std::iter::repeat_n(plate, shared.count));
    }
    let mut plates = Plates::new(plates, 4);
    for k in 0..plates.len() {
        let mut plate = plates.get(k);
        // All different, so that no symmetry hides an error.
        plate.base_power *= 1.0 + 0.01 * (k % 7) as f64;
        plate.drop_factor *= 1.0 + 0.02 * (k % 5) as f64;
        plate.conductance_factor *= 1.0 - 0.01 * (k % 3) as f64;
        plates.set(k, &plate);
    }
    let parameters = RackParameters {
        plates,
        servers: vec![ServerNumbers::pack(&set.server.theta, &state); 4],
        manifold: manifold::Parameters::load(&set.theta),
    };
    Example {
        design: Arc::new(design),
        parameters,
    }
}

impl Example {
    fn solve(&self, ports: &RackPorts) -> (BatchState, RackLinear, usize) {
        let network = [Rack {
            path: vec![("rack".to_owned(), 0)],
            multiplicity: 1,
            design: Arc::clone(&self.design),
            parameters: std::sync::Arc::new(self.parameters.clone()),
            reactive_ratio: 0.0,
        }];
        let batch = &Batch::new(&[0], &network);
        let ports = &[*ports; WIDTH];
        let mut work = BatchWork::new(batch);
        let mut state = BatchState::guess(&[0], &network, ports);
        let still = [RackPorts {
            difference: 0.0,
            inlet: 0.0,
            air: 0.0,
        }; WIDTH];
        let arch = Arch::new();
        for step in 0..60 {
            arch.dispatch(Condense {
                batch,
                state: &state,
                ports,
                work: &mut work,
            });
            let size = arch.dispatch(Recover {
                correction: 1.0,
                batch,
                work: &work,
                change: &still,
                damping: 1.0,
                state: &mut state,
            });
            arch.dispatch(Condense {
                batch,
                state: &state,
                ports,
                work: &mut work,
            });
            let changed = if step > 2 {
                propose(batch, &network, &work, &mut state, NEAR).len()
            } else {
                1
            };
            if size < 1e-11 && changed == 0 {
                let linear = work.linear(0);
                return (state, linear, step);
            }
        }
        panic!("did not converge");
    }
}

const NEAR: When = When {
    near: true,
    restart: true,
};

const PORTS: RackPorts = RackPorts {
    difference: 120e3,
    inlet: 305.0,
    air: 300.0,
};

#[test]
fn energy_in_is_energy_out() {
    for arrangement in [0.0, 1.0] {
        let (_, linear, steps) = example(arrangement, &[], 1.0).solve(&PORTS);
        let (power, out) = (linear.power[0], linear.liquid[0] + linear.air[0]);
        assert!((power - out).abs() < 1e-9 * power, "{power} {out}");
        assert!(steps < 12, "{steps} steps");
        // 32 GPUs of about 700 W and what is cooled by air.
        assert!(power > 28e3 && power < 33e3, "{power}");
    }
}

#[test]
fn port_derivatives_agree_with_differences() {
    for arrangement in [0.0, 1.0] {
        for (gpu, plate) in [
            (&[][..], &[][..]),
            (&[("software_slowdown", 330.0)][..], &IN_WATER[..]),
            (&[("power_cap", 690.0)][..], &IN_WATER[..3]),
            (&[][..], &IN_WATER[..]),
        ] {
            let rack = with_plate(arrangement, gpu, plate, 1.0);
            let (_, linear, _) = rack.solve(&PORTS);
            for port in 0..3 {
                let h = [20.0, 1e-3, 1e-2][port];
                let shifted = |sign: f64| {
                    let mut ports = PORTS;
                    match port {
                        0 => ports.difference += sign * h,
                        1 => ports.inlet += sign * h,
                        _ => ports.air += sign * h,
                    }
                    rack.solve(&ports).1
                };
                let (up, down) = (shifted(1.0), shifted(-1.0));
                for (name, a, u, d) in [
                    ("flow", linear.flow, up.flow, down.flow),
                    ("liquid", linear.liquid, up.liquid, down.liquid),
                    ("air", linear.air, up.air, down.air),
                    ("power", linear.power, up.power, down.power),
                ] {
                    let numeric = (u[0] - d[0]) / (2.0 * h);
                    let scale = a[0].abs() / [1e5, 30.0, 30.0][port];
                    assert!(
                        (numeric - a[port + 1]).abs() < 1e-5 * (numeric.abs() + 1e-3 * scale),
                        "{arrangement} {gpu:?} {plate:?} {name} port {port}: {numeric} {}",
                        a[port + 1]
                    );
                }
            }
        }
    }
}

#[test]
fn no_flow_shuts_down() {
    let rack = example(0.0, &[], 1.0);
    let (state, linear, _) = rack.solve(&RackPorts {
        difference: 0.0,
        ..PORTS
    });
    assert!(state.status.iter().all(|s| s[0] == status::SHUT_DOWN));
    assert!(linear.flow[0].abs() < 1e-9);
    // What is cooled by air still runs: 1,500 W and the supplies' loss.
    // The coolant still takes up a trace: 16 paths at half the regularising flow of 1e-7 kg/s, 5 K.
    assert!((linear.power[0] - linear.air[0]).abs() < 16.0 * 0.5e-7 * 4000.0 * 10.0);
}

#[test]
fn hot_water_throttles_at_the_limit() {
    let rack = example(0.0, &[], 1.0);
    let (state, linear, _) = rack.solve(&RackPorts {
        inlet: 345.0,
        ..PORTS
    });
    assert!(
        state
            .status
            .iter()
            .any(|s| [status::THROTTLED_CORE, status::THROTTLED_MEMORY].contains(&s[0]))
    );
    for junction in &state.junction {
        assert!(junction[0] < 360.15 + 1e-6);
    }
    assert!(linear.power[0] < rack.solve(&PORTS).1.power[0]);
}

#[test]
fn idle_load_gives_idle_power() {
    let rack = example(0.0, &[("leakage", 0.0), ("air_fraction", 0.0)], 0.0);
    let (_, linear, _) = rack.solve(&PORTS);
    // 92 W each, spread by 0 to 6 % as `example` does, 500 W a server, and the supply's loss.
    let spread: f64 = (0..32)
        .map(|k| 92.0 * (1.0 + 0.01 * f64::from(k % 7)))
        .sum();
    assert!(linear.power[0] > spread + 2000.0 && linear.power[0] < 1.2 * (spread + 2000.0));
}

/// The kernel's film factor at one temperature in every lane.
struct Film<'a> {
    set: &'a SetDesign,
    fluid: &'a Fluid,
    temperature: f64,
}

impl WithSimd for Film<'_> {
    type Output = [Plane; 3];

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let temperature = Lane::splat(simd, self.temperature);
        let inlet = Inlet::new(self.fluid, temperature, temperature);
        let mut planes = [[0.0; WIDTH]; 3];
        SetAtInlet::new(self.set, &inlet).store(&mut planes, 0);
        planes
    }
}

#[test]
fn film_factor_agrees_with_dual_numbers() {
    let rack = with_plate(0.0, &[], &IN_WATER, 1.0);
    let set = &rack.design.sets[0];
    // Inside the fluid's range and beyond both ends of it.
    for temperature in [255.0, 280.0, 305.0, 330.0, 390.0] {
        let [_, factor, slope] = Arch::new().dispatch(Film {
            set,
            fluid: &rack.design.fluid,
            temperature,
        });
        let law = set.similarity.unwrap();
        let dual = law
            .ln_factor(
                &rack.design.fluid,
                num_dual::Dual64::from(temperature).derivative(),
            )
            .exp();
        assert!((factor[0] - dual.re).abs() < 1e-13 * dual.re);
        assert!((slope[0] - dual.eps).abs() < 1e-13 * dual.re);
    }
}
