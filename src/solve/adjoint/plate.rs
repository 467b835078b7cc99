//! The equations of a plate and its device once more, generic over the scalar.
//!
//! The kernel ([`crate::solve::rack`]) writes them out with their slopes to what it solves for. Here they
//! stand as residuals and contributions, so that dual numbers give the slopes to a plate's own numbers
//! too; a test holds the two to each other.
//!
//! # Equations
//! Device: g₁ = P·(1 − f) − K·(T_c − T_ci), K = ṁ⁺·cp·E, T_c = T_j − R·P; held at a limit or switched off
//! g₁ is the junction's own equation instead. Coolant: g₂ = h(T_o) − h(T_ci) − cp·[E·θ − γ·(T_x − T_a)].
//! Symbols as in the kernel; cp and ρ at the rack's inlet, μ at the mean of the plate's own inlet and outlet.

use crate::fluid::Fluid;
use crate::network::rack::{Conductance, Leakage, Plate, SetDesign};
use crate::solve::rack::{SMALL_FLOW, core_limit, status};
use crate::spec::Scalar;

/// Numbers of a plate and its device that the equations read.
pub(super) const NUMBERS: usize = 16;

/// A plate's numbers in the order of [`PlateAt::numbers`].
pub(super) fn numbers(plate: &Plate) -> [f64; NUMBERS] {
    [
        plate.base_power,
        plate.leakage,
        plate.e_fold,
        plate.reference_temperature,
        plate.cap,
        plate.core_resistance,
        plate.memory_resistance,
        core_limit(plate.core_limit),
        plate.memory_limit,
        plate.air_fraction,
        plate.conductance_factor,
        plate.drop_factor,
        plate.measured_factor,
        plate.linear,
        plate.quadratic,
        plate.air_conductance,
    ]
}

/// Place of the multiplier on conductance among the numbers.
pub(super) const CONDUCTANCE_FACTOR: usize = 10;

/// A plate at an operating point.
pub(super) struct PlateAt<'a, S> {
    pub(super) fluid: &'a Fluid,
    pub(super) set: &'a SetDesign,
    pub(super) status: u8,
    /// Flow of its path, kg/s.
    pub(super) flow: S,
    /// Coolant at its inlet, K.
    pub(super) inlet: S,
    /// Coolant at the rack's inlet, K.
    pub(super) rack_inlet: S,
    pub(super) air: S,
    pub(super) junction: S,
    pub(super) outlet: S,
    /// Its numbers, see [`numbers`].
    pub(super) numbers: [S; NUMBERS],
}

/// What a plate gives.
#[derive(Clone, Copy)]
pub(super) struct PlateOut<S> {
    /// g₁, W or K.
    pub(super) device: S,
    /// g₂, J/kg.
    pub(super) coolant: S,
    /// Pressure drop, Pa.
    pub(super) drop: S,
    /// Heat to liquid, W.
    pub(super) liquid: S,
    /// Heat to air, W.
    pub(super) air: S,
    /// Electrical power of the device, W.
    pub(super) power: S,
}

/// √(ṁ² + ε²).
pub(super) fn smooth<S: Scalar>(flow: S) -> S {
    (flow * flow + SMALL_FLOW * SMALL_FLOW).sqrt()
}

/// Conductance for a factor of one in this fluid, W/K; `inlet` is the rack's.
pub(super) fn conductance<S: Scalar>(set: &SetDesign, fluid: &Fluid, flow: S, inlet: S) -> S {
    let law = match &set.conductance {
        Conductance::Measured(curve) => curve.eval(smooth(flow) / fluid.density(inlet)),
        Conductance::Power {
            nominal,
            flow: at,
            exponent,
        } if *exponent != 0.0 => ((smooth(flow) / *at).ln() * *exponent).exp() * *nominal,
        Conductance::Power { nominal, .. } => S::from(*nominal),
    };
    match &set.similarity {
        Some(similarity) => similarity.conductance(law, similarity.ln_factor(fluid, inlet).exp()),
        None => law,
    }
}

impl<S: Scalar> PlateAt<'_, S> {
    /// Pressure drop, Pa.
    pub(super) fn drop(&self) -> S {
        let [.., factor, measured, linear, quadratic, _] = self.numbers;
        let set = self.set;
        let density = self.fluid.density(self.rack_inlet);
        let smooth = smooth(self.flow);
        let mean = (self.inlet + self.outlet) * 0.5;
        let thickness = self.fluid.ln_viscosity(mean) - set.ln_reference_viscosity;
        let mut value = S::from(0.0);
        if set.pressure_drop > 0.0 {
            let e = set.exponent;
            let by_density = ((density / set.reference_density).ln() * (e - 1.0)).exp();
            let by_flow = ((smooth / density / set.pressure_drop_flow).ln() * e).exp();
            let viscous = (thickness * (2.0 - e)).exp();
            value += measured
                * by_density
                * by_flow
                * viscous
                * (self.flow / smooth)
                * set.pressure_drop;
        }
        let linear = if set.viscosity_coupled {
            linear * thickness.exp()
        } else {
            linear
        };
        (value + linear * self.flow + quadratic * self.flow * smooth) * factor
    }

    fn leakage(&self) -> S {
        let [_, reference, e_fold, at, ..] = self.numbers;
        let ratio = (self.junction - at) / e_fold;
        match self.set.leakage {
            Leakage::Linear => reference * ratio,
            Leakage::Exponential if ratio.re() > 3.0 => reference * 3.0f64.exp() * (ratio - 2.0),
            Leakage::Exponential => reference * ratio.exp(),
        }
    }

    /// Residuals and contributions.
    pub(super) fn equations(&self) -> PlateOut<S> {
        let [
            base,
            _,
            _,
            _,
            cap,
            r,
            memory_r,
            core_limit,
            memory_limit,
            fraction,
            factor,
            ..,
        ] = self.numbers;
        let loss = self.numbers[NUMBERS - 1];
        let one = S::from(1.0);
        let heat = self.fluid.specific_heat(self.rack_inlet);
        let smooth = smooth(self.flow);
        let divisor = heat * smooth;
        let capacity = heat * (self.flow + smooth) * 0.5;
        let units = conductance(self.set, self.fluid, self.flow, self.rack_inlet) / divisor;
        let effectiveness = one - (-(factor * units)).exp();
        let k = capacity * effectiveness;
        let to_plate = one - fraction;
        let held = |limit: S, limit_r: S| {
            let power = k * (limit - self.inlet) / (to_plate + k * limit_r);
            let case = limit - limit_r * power;
            (power, case, case + r * power - self.junction)
        };
        let free = |power: S| {
            let case = self.junction - r * power;
            (power, case, power * to_plate - k * (case - self.inlet))
        };
        let (power, case, device) = match self.status {
            status::CAPPED => free(cap),
            status::THROTTLED_CORE => held(core_limit, r),
            status::THROTTLED_MEMORY => held(memory_limit, memory_r),
            status::SHUT_DOWN => (S::from(0.0), self.inlet, self.inlet - self.junction),
            _ => free(base + self.leakage()),
        };
        let warmed = effectiveness * (case - self.inlet);
        let lost = loss / (divisor + loss) * (self.inlet + warmed - self.air);
        let rise = warmed - lost;
        PlateOut {
            device,
            coolant: self.fluid.enthalpy(self.outlet)
                - self.fluid.enthalpy(self.inlet)
                - heat * rise,
            drop: self.drop(),
            liquid: capacity * rise,
            air: capacity * lost + fraction * power,
            power,
        }
    }
}
