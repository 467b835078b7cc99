//! A test bench: one component between nodes whose state the test sets, with its internal
//! unknowns and its status solved as the network would.

#![allow(clippy::unwrap_used)]

use nalgebra::{DMatrix, DVector};
use num_dual::{Derivative, DualSVec64};

use super::{At, Component, Ledger, MAX_INTERNAL, MAX_STATUS, Out, Outdoor, Report, Side};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::{DefaultValue, Field, Scalar, position};

/// Parameters, surroundings and internal state of one component.
#[derive(Debug, Clone)]
pub struct Bench {
    fields: &'static [Field],
    /// Parameters.
    pub theta: Vec<f64>,
    /// Curves.
    pub tables: Vec<Pchip>,
    /// Fluids of the sides.
    pub fluids: [Fluid; 2],
    /// Edges.
    pub sides: [Side<f64>; 2],
    /// Air nodes, K.
    pub air: [f64; 2],
    /// Power below, W and var.
    pub bus: [f64; 2],
    /// Weather.
    pub outdoor: Outdoor,
    /// Internal unknowns.
    pub internal: [f64; MAX_INTERNAL],
    /// Status.
    pub status: [u8; MAX_STATUS],
}

/// The weather of the ASHRAE 0.4 % cooling design of Memphis: 35.6 degC, wet bulb 25.2 degC.
pub fn memphis() -> Outdoor {
    let (dry_bulb, wet_bulb, pressure) = (308.75, 298.35, 100_685.0);
    let humidity_ratio = crate::weather::humidity_ratio_at_wet_bulb(dry_bulb, wet_bulb, pressure);
    Outdoor {
        dry_bulb,
        wet_bulb,
        humidity_ratio,
        pressure,
    }
}

/// Outdoor air at a dry bulb and wet bulb, K, at sea level.
pub fn weather(dry_bulb: f64, wet_bulb: f64) -> Outdoor {
    let pressure = 101_325.0;
    let humidity_ratio = crate::weather::humidity_ratio_at_wet_bulb(dry_bulb, wet_bulb, pressure);
    Outdoor {
        dry_bulb,
        wet_bulb,
        humidity_ratio,
        pressure,
    }
}

impl Bench {
    /// Defaults; a required field holds the geometric middle of its bounds until it is set.
    pub fn new(fields: &'static [Field]) -> Self {
        let theta = fields
            .iter()
            .map(|field| match field.default {
                DefaultValue::Value(value) => value,
                DefaultValue::Unset => f64::NAN,
                DefaultValue::Required => 1.0,
            })
            .collect();
        let side = Side {
            pressure_a: 2e5,
            pressure_b: 1.5e5,
            temperature_a: 300.0,
            temperature_b: 300.0,
            mass_flow: 1.0,
        };
        Self {
            fields,
            theta,
            tables: Vec::new(),
            fluids: [Fluid::water(), Fluid::water()],
            sides: [side; 2],
            air: [298.15; 2],
            bus: [0.0; 2],
            outdoor: memphis(),
            internal: [0.0; MAX_INTERNAL],
            status: [0; MAX_STATUS],
        }
    }

    /// Sets a parameter.
    pub fn set(&mut self, key: &str, value: f64) -> &mut Self {
        self.theta[position(self.fields, key).unwrap()] = value;
        self
    }

    /// Gives a parameter its points.
    pub fn points(&mut self, key: &str, points: &[(f64, f64)]) -> &mut Self {
        let (x, y) = points.iter().copied().unzip();
        self.tables.push(Pchip::new(x, y).unwrap());
        let index = (self.tables.len() - 1) as f64;
        self.set(key, index)
    }

    /// Sets flow and inlet temperature of a side.
    pub fn flow(&mut self, side: usize, mass_flow: f64, temperature: f64) -> &mut Self {
        self.sides[side].mass_flow = mass_flow;
        self.sides[side].temperature_a = temperature;
        self
    }

    /// Runs something at this point.
    pub fn at<R>(&self, run: impl FnOnce(&At<'_, f64>) -> R) -> R {
        self.with(self.internal, run)
    }

    fn with<S: Scalar, R>(
        &self,
        internal: [S; MAX_INTERNAL],
        run: impl FnOnce(&At<'_, S>) -> R,
    ) -> R {
        let lift = |side: Side<f64>| Side {
            pressure_a: S::from(side.pressure_a),
            pressure_b: S::from(side.pressure_b),
            temperature_a: S::from(side.temperature_a),
            temperature_b: S::from(side.temperature_b),
            mass_flow: S::from(side.mass_flow),
        };
        run(&At {
            theta: &self.theta,
            tables: &self.tables,
            fluids: [&self.fluids[0], &self.fluids[1]],
            sides: self.sides.map(lift),
            sensor_pressure: [S::from(2e5), S::from(1e5)],
            air: self.air.map(S::from),
            internal,
            bus: self.bus.map(S::from),
            outdoor: &self.outdoor,
            status: &self.status,
        })
    }

    /// Solves internal unknowns and status from the component's own guess.
    pub fn solve<C: Component>(&mut self) -> &mut Self {
        let fluids = [&self.fluids[0], &self.fluids[1]];
        self.internal = C::guess(&self.theta, &self.tables, fluids, &self.outdoor).internal;
        self.status = [0; MAX_STATUS];
        self.settle::<C>()
    }

    /// Solves internal unknowns and status from where they are.
    pub fn settle<C: Component>(&mut self) -> &mut Self {
        let n = C::SPEC.internal.len();
        let bytes = C::SPEC.status;
        for iteration in 0..300 {
            let largest = self.newton::<C>(n);
            if largest < 1e-6 || iteration % 6 == 5 {
                let mut next = self.status;
                self.at(|at| C::propose(at, &mut next[..bytes]));
                if next != self.status {
                    self.status = next;
                    continue;
                }
            }
            if largest < 1e-12 {
                return self;
            }
        }
        panic!(
            "internal unknowns {:?} of {} do not settle, status {:?}",
            self.internal,
            C::SPEC.kind,
            self.status
        );
    }

    fn newton<C: Component>(&mut self, n: usize) -> f64 {
        if n == 0 {
            return 0.0;
        }
        type Dual = DualSVec64<MAX_INTERNAL>;
        let seeded: [Dual; MAX_INTERNAL] = std::array::from_fn(|i| {
            Dual::new(
                self.internal[i],
                Derivative::derivative_generic(nalgebra::Const, nalgebra::U1, i),
            )
        });
        let out: Out<Dual> = self.with(seeded, |at| C::equations(at));
        let slope = |i: usize, j: usize| {
            out.internal[i]
                .eps
                .unwrap_generic(nalgebra::Const::<MAX_INTERNAL>, nalgebra::U1)[j]
        };
        let jacobian = DMatrix::from_fn(n, n, slope);
        let residual = DVector::from_fn(n, |i, _| out.internal[i].re);
        assert!(
            residual.iter().all(|r| r.is_finite()),
            "{} at {:?}",
            C::SPEC.kind,
            self.internal
        );
        let step = jacobian.lu().solve(&residual).unwrap();
        let relative = |j: usize| step[j].abs() / C::SPEC.internal_scale[j];
        let largest = (0..n).map(relative).fold(0.0, f64::max);
        // The network's solver limits a step to twice the scale.
        let damping = (2.0 / largest).min(1.0);
        for j in 0..n {
            self.internal[j] -= damping * step[j];
        }
        largest
    }

    /// Answers at this point.
    pub fn out<C: Component>(&self) -> Out<f64> {
        self.at(|at| C::equations(at))
    }

    /// Report at this point.
    pub fn report<C: Component>(&self) -> Report {
        self.at(C::report)
    }

    /// Ledger at this point.
    pub fn ledger<C: Component>(&self) -> Ledger {
        self.at(C::ledger)
    }

    /// Heat that a side's fluid gains, W.
    pub fn heat<C: Component>(&self, side: usize) -> f64 {
        let out = self.out::<C>();
        out.energy_out[side] - out.energy_in[side]
    }

    /// Temperature at which forward flow leaves a side, K.
    pub fn leaving<C: Component>(&self, side: usize) -> f64 {
        let out = self.out::<C>();
        let target = out.energy_out[side] / self.sides[side].mass_flow;
        let fluid = &self.fluids[side];
        let mut t = self.sides[side].temperature_a;
        for _ in 0..20 {
            t += (target - fluid.enthalpy(t)) / fluid.specific_heat(t);
        }
        t
    }

    /// Energy in minus energy out of everything the component touches, relative to the larger.
    pub fn imbalance<C: Component>(&self) -> f64 {
        let (out, ledger) = (self.out::<C>(), self.ledger::<C>());
        let mut terms = vec![ledger.heat_out, -ledger.energy_in, -out.power[0]];
        for side in 0..C::SPEC.sides.len() {
            terms.extend([out.energy_out[side], -out.energy_in[side]]);
        }
        terms.extend(&out.air_heat[..C::SPEC.air.len()]);
        if C::SPEC.carries_bus {
            terms.push(self.bus[0]);
        }
        let size = terms.iter().map(|t| t.abs()).fold(0.0, f64::max);
        terms.iter().sum::<f64>().abs() / size.max(1e-9)
    }
}
