//! The equations of a plate and its device once more, and how they change along any direction: with its state and with
//! its own numbers.
//!
//! The kernel ([`crate::solve::rack`]) writes them out with their slopes to what it solves for. Here they stand one plate
//! at a time, with the change that any change of state and numbers makes ([`PlateAt::along`]); tests hold the two, and
//! the changes to differences.
//!
//! # Equations
//! Device: g₁ = P·(1 − f) − K·(T_c − T_ci), K = ṁ⁺·cp·E, T_c = T_j − R·P; held at a limit or switched off
//! g₁ is the junction's own equation instead. Coolant: g₂ = h(T_o) − h(T_ci) − cp·[E·θ − γ·(T_x − T_a)].
//! Symbols as in the kernel; cp and ρ at the rack's inlet, μ at the mean of the plate's own inlet and outlet. What
//! depends on flow and the rack's inlet alone is found once a path ([`PathAt`]), what depends on the inlet alone once a
//! rack ([`SetAt`]).

use crate::fluid::{Fluid, Properties};
use crate::network::rack::{Conductance, Leakage, Plate, SetDesign};
use crate::solve::rack::{SMALL_FLOW, core_limit, status};

/// Numbers of a plate and its device that the equations read.
pub(super) const NUMBERS: usize = 16;

/// A plate's numbers, in the order in which a change of them is given.
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

/// No change of the numbers.
pub(super) const SAME: [f64; NUMBERS] = [0.0; NUMBERS];

/// Place of the multiplier on conductance among the numbers.
pub(super) const CONDUCTANCE_FACTOR: usize = 10;

/// Rows of a plate: g₁ [W or K], g₂ [J/kg], pressure drop [Pa], heat to liquid and to air [W], power of the device [W].
pub(super) const ROWS: usize = 6;
/// Place of g₁ among the rows.
pub(super) const DEVICE: usize = 0;
/// Place of g₂.
pub(super) const COOLANT: usize = 1;
/// Place of the pressure drop; heat to liquid, heat to air and power follow.
pub(super) const DROP: usize = 2;

/// A direction in a plate's state: change of its path's flow, of the coolant at its own and at the rack's inlet, of the
/// air, of its junction and of its outlet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Direction {
    pub(super) flow: f64,
    pub(super) inlet: f64,
    pub(super) rack_inlet: f64,
    pub(super) air: f64,
    pub(super) junction: f64,
    pub(super) outlet: f64,
}

/// A quantity of a path, and its slopes to the path's flow and the rack's inlet temperature.
type OfPath = [f64; 3];

/// √(ṁ² + ε²).
pub(super) fn smooth(flow: f64) -> f64 {
    (flow * flow + SMALL_FLOW * SMALL_FLOW).sqrt()
}

/// A set of plates at the coolant that enters the rack.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetAt<'a> {
    set: &'a SetDesign,
    fluid: &'a Fluid,
    inlet: Properties,
    /// Temperature of the air, K.
    air: f64,
    /// Convective conductance by that of the reference fluid, and its slope to the temperature.
    film: [f64; 2],
    /// Δp₀·(ρ/ρ₀)^(e − 1), Pa.
    measured: f64,
}

impl<'a> SetAt<'a> {
    pub(super) fn new(
        set: &'a SetDesign,
        fluid: &'a Fluid,
        inlet: Properties,
        temperature: f64,
        air: f64,
    ) -> Self {
        let film = set.similarity.as_ref().map_or([1.0, 0.0], |law| {
            let factor = law.ln_factor(fluid, temperature).exp();
            let slope: f64 = [
                (law.conductivity, inlet.conductivity),
                (law.density, inlet.density),
                (law.specific_heat, inlet.specific_heat),
                (law.viscosity, inlet.viscosity),
            ]
            .iter()
            .map(|(exponent, property)| exponent * property.slope / property.value)
            .sum();
            [factor, factor * slope]
        });
        let measured = if set.pressure_drop > 0.0 {
            let ratio = inlet.density.value / set.reference_density;
            ((set.exponent - 1.0) * ratio.ln()).exp() * set.pressure_drop
        } else {
            0.0
        };
        Self {
            set,
            fluid,
            inlet,
            air,
            film,
            measured,
        }
    }

    /// Conductance for a factor of one, W/K.
    fn conductance(&self, flow: f64, smooth: f64) -> OfPath {
        let sign = flow / smooth;
        let density = self.inlet.density;
        let law = match &self.set.conductance {
            Conductance::Measured(curve) => {
                let volume = smooth / density.value;
                let (value, slope) = curve.eval_with_slope(volume);
                let by_temperature = -(slope * volume * density.slope / density.value);
                [value, slope * sign / density.value, by_temperature]
            }
            Conductance::Power {
                nominal,
                flow: at,
                exponent,
            } if *exponent != 0.0 => {
                let value = ((smooth / at).ln() * exponent).exp() * nominal;
                [value, value * exponent * sign / smooth, 0.0]
            }
            Conductance::Power { nominal, .. } => [*nominal, 0.0, 0.0],
        };
        let Some(similarity) = &self.set.similarity else {
            return law;
        };
        let [factor, factor_slope] = self.film;
        let [value, by_flow, by_temperature] = law;
        let solid = value * similarity.solid_resistance;
        let inverse = 1.0 / (solid * (factor - 1.0) + 1.0);
        let by_law = factor * inverse * inverse;
        let by_factor = value * (1.0 - solid) * inverse * inverse;
        [
            factor * value * inverse,
            by_flow * by_law,
            by_temperature * by_law + by_factor * factor_slope,
        ]
    }
}

/// A path at its flow: what its plates have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct PathAt<'a> {
    at: SetAt<'a>,
    flow: f64,
    smooth: f64,
    /// Transfer units for a factor of one.
    units: OfPath,
    /// ṁ⁺·cp, W/K.
    capacity: OfPath,
    /// √(ṁ² + ε²)·cp, W/K.
    divisor: OfPath,
    /// Measured pressure drop at reference viscosity, Pa.
    measured: OfPath,
}

impl<'a> PathAt<'a> {
    pub(super) fn new(at: SetAt<'a>, flow: f64) -> Self {
        let smooth = smooth(flow);
        let sign = flow / smooth;
        let (heat, density) = (at.inlet.specific_heat, at.inlet.density);
        let divisor = [heat.value * smooth, heat.value * sign, heat.slope * smooth];
        let forward = 0.5 * (flow + smooth);
        let capacity = [
            heat.value * forward,
            heat.value * 0.5 * (sign + 1.0),
            heat.slope * forward,
        ];
        let conductance = at.conductance(flow, smooth);
        let inverse = 1.0 / divisor[0];
        let units = conductance[0] * inverse;
        let measured = if at.measured > 0.0 {
            let e = at.set.exponent;
            let by_flow = (smooth / density.value / at.set.pressure_drop_flow).ln() * e;
            let size = at.measured * by_flow.exp();
            [
                size * sign,
                size * (sign * sign * (e - 1.0) + 1.0) / smooth,
                -(size * sign * density.slope / density.value),
            ]
        } else {
            [0.0; 3]
        };
        Self {
            at,
            flow,
            smooth,
            units: [
                units,
                (conductance[1] - units * divisor[1]) * inverse,
                (conductance[2] - units * divisor[2]) * inverse,
            ],
            capacity,
            divisor,
            measured,
        }
    }

    /// Conductance for a factor of one by that of another law at the same flow.
    pub(super) fn conductance_by(&self, other: &PathAt<'_>) -> f64 {
        self.units[0] / other.units[0]
    }
}

/// What a plate is at.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlateState {
    pub(super) status: u8,
    /// Coolant at its inlet and outlet, and its junction, K.
    pub(super) inlet: f64,
    pub(super) outlet: f64,
    pub(super) junction: f64,
}

/// A plate at its state.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlateAt<'a> {
    path: &'a PathAt<'a>,
    own: &'a Plate,
    state: PlateState,
    /// Specific heat at inlet and outlet, J/(kg K).
    heats: [f64; 2],
    /// 1 − E.
    decay: f64,
    /// K, W/K.
    conductance: f64,
    /// Leakage by that at reference, and its slope to the number of e-folds.
    leakage: [f64; 2],
    power: f64,
    case: f64,
    /// E·θ, K.
    warmed: f64,
    /// γ, and what it multiplies, K.
    loss: [f64; 2],
    /// Slope of ln μ at the mean temperature, 1/K.
    viscosity_slope: f64,
    /// Viscosity by that of the measurement: as the measured and as the linear law take it.
    thickness: [f64; 2],
}

impl<'a> PlateAt<'a> {
    #[inline]
    pub(super) fn new(path: &'a PathAt<'a>, own: &'a Plate, state: PlateState) -> Self {
        let PlateState {
            status,
            inlet,
            outlet,
            junction,
        } = state;
        let (set, fluid) = (path.at.set, path.at.fluid);
        let decay = (-(own.conductance_factor * path.units[0])).exp();
        let conductance = path.capacity[0] * (1.0 - decay);
        let ratio = (junction - own.reference_temperature) / own.e_fold;
        let leakage = match set.leakage {
            Leakage::Linear => [ratio, 1.0],
            Leakage::Exponential => {
                let within = ratio.min(3.0);
                let slope = within.exp();
                [slope * (ratio - within + 1.0), slope]
            }
        };
        let held = |limit: f64, resistance: f64| {
            let to_plate = 1.0 - own.air_fraction + conductance * resistance;
            let power = conductance * (limit - inlet) / to_plate;
            (power, limit - resistance * power)
        };
        let free = |power: f64| (power, junction - own.core_resistance * power);
        let (power, case) = match status {
            status::CAPPED => free(own.cap),
            status::THROTTLED_CORE => held(core_limit(own.core_limit), own.core_resistance),
            status::THROTTLED_MEMORY => held(own.memory_limit, own.memory_resistance),
            status::SHUT_DOWN => (0.0, inlet),
            _ => free(own.base_power + own.leakage * leakage[0]),
        };
        let warmed = (1.0 - decay) * (case - inlet);
        let lost = own.air_conductance;
        let loss = [
            lost / (path.divisor[0] + lost),
            inlet + warmed - path.at.air,
        ];
        let (value, viscosity_slope) = fluid.ln_viscosity_with_slope(0.5 * (inlet + outlet));
        let excess = value - set.ln_reference_viscosity;
        let thickness = [
            if set.pressure_drop > 0.0 {
                (excess * (2.0 - set.exponent)).exp()
            } else {
                0.0
            },
            if set.viscosity_coupled {
                excess.exp()
            } else {
                1.0
            },
        ];
        Self {
            path,
            own,
            state,
            heats: [inlet, outlet].map(|t| fluid.specific_heat(t)),
            decay,
            conductance,
            leakage,
            power,
            case,
            warmed,
            loss,
            viscosity_slope,
            thickness,
        }
    }

    /// Electrical power of the device, W.
    pub(super) fn power(&self) -> f64 {
        self.power
    }

    /// Slope of g₂ to the outlet's temperature, J/(kg K).
    pub(super) fn outlet_heat(&self) -> f64 {
        self.heats[1]
    }

    /// Pressure drop without the plate's factor, Pa.
    fn bare_drop(&self) -> f64 {
        let (path, own) = (self.path, self.own);
        own.measured_factor * path.measured[0] * self.thickness[0]
            + own.linear * self.thickness[1] * path.flow
            + own.quadratic * path.flow * path.smooth
    }

    /// Pressure drop, Pa.
    pub(super) fn drop(&self) -> f64 {
        self.own.drop_factor * self.bare_drop()
    }

    /// Slope of the pressure drop to the mean of inlet and outlet temperature, by two, Pa/K.
    pub(super) fn drop_by_outlet(&self) -> f64 {
        let (path, own) = (self.path, self.own);
        let set = path.at.set;
        let mut by_viscosity =
            own.measured_factor * path.measured[0] * self.thickness[0] * (2.0 - set.exponent);
        if set.viscosity_coupled {
            by_viscosity += own.linear * self.thickness[1] * path.flow;
        }
        0.5 * own.drop_factor * by_viscosity * self.viscosity_slope
    }

    /// Change of the rows with a change of state and of numbers.
    #[inline]
    pub(super) fn along(&self, d: &Direction, numbers: &[f64; NUMBERS]) -> [f64; ROWS] {
        let [
            base,
            leakage,
            e_fold,
            reference,
            cap,
            r,
            memory_r,
            core_limit_change,
            memory_limit,
            fraction,
            factor,
            drop_factor,
            measured_factor,
            linear,
            quadratic,
            lost,
        ] = *numbers;
        let (path, own) = (self.path, self.own);
        let of_path = |law: &OfPath| law[1] * d.flow + law[2] * d.rack_inlet;
        let effectiveness = 1.0 - self.decay;
        let effectiveness_change =
            self.decay * (factor * path.units[0] + own.conductance_factor * of_path(&path.units));
        let capacity_change = of_path(&path.capacity);
        let k = capacity_change * effectiveness + path.capacity[0] * effectiveness_change;
        let (conductance, inlet) = (self.conductance, self.state.inlet);
        let held = |limit: f64, resistance: f64, limit_change: f64, resistance_change: f64| {
            let to_plate = 1.0 - own.air_fraction + conductance * resistance;
            let power = (k * (limit - inlet) + conductance * (limit_change - d.inlet)
                - self.power * (k * resistance + conductance * resistance_change - fraction))
                / to_plate;
            let case = limit_change - resistance * power - self.power * resistance_change;
            let device = case + own.core_resistance * power + self.power * r - d.junction;
            (power, case, device)
        };
        let free = |power: f64| {
            let case = d.junction - own.core_resistance * power - r * self.power;
            let device = power * (1.0 - own.air_fraction)
                - self.power * fraction
                - k * (self.case - inlet)
                - conductance * (case - d.inlet);
            (power, case, device)
        };
        let (power, case, device) = match self.state.status {
            status::CAPPED => free(cap),
            status::THROTTLED_CORE => held(
                core_limit(own.core_limit),
                own.core_resistance,
                core_limit_change,
                r,
            ),
            status::THROTTLED_MEMORY => held(
                own.memory_limit,
                own.memory_resistance,
                memory_limit,
                memory_r,
            ),
            status::SHUT_DOWN => (0.0, d.inlet, d.inlet - d.junction),
            _ => {
                let ratio = (self.state.junction - own.reference_temperature) / own.e_fold;
                let folds = (d.junction - reference - ratio * e_fold) / own.e_fold;
                free(base + leakage * self.leakage[0] + own.leakage * self.leakage[1] * folds)
            }
        };
        let warmed = effectiveness_change * (self.case - inlet) + effectiveness * (case - d.inlet);
        let [gamma, excess] = self.loss;
        let divisor = path.divisor[0];
        let whole = divisor + own.air_conductance;
        let gamma_change =
            (lost * divisor - own.air_conductance * of_path(&path.divisor)) / (whole * whole);
        let lost_change = gamma_change * excess + gamma * (d.inlet + warmed - d.air);
        let (rise, rise_change) = (self.warmed - gamma * excess, warmed - lost_change);
        let heat = path.at.inlet.specific_heat;
        let coolant = self.heats[1] * d.outlet
            - self.heats[0] * d.inlet
            - heat.slope * d.rack_inlet * rise
            - heat.value * rise_change;
        let [viscous, coupled] = self.thickness;
        let by_flow = own.measured_factor * viscous * of_path(&path.measured)
            + (own.linear * coupled
                + own.quadratic * (path.smooth + path.flow * path.flow / path.smooth))
                * d.flow;
        let by_numbers = measured_factor * path.measured[0] * viscous
            + (linear * coupled + quadratic * path.smooth) * path.flow;
        let drop = self.drop_by_outlet() * (d.inlet + d.outlet)
            + own.drop_factor * (by_flow + by_numbers)
            + drop_factor * self.bare_drop();
        let capacity = path.capacity[0];
        [
            device,
            coolant,
            drop,
            capacity_change * rise + capacity * rise_change,
            capacity_change * gamma * excess
                + capacity * lost_change
                + fraction * self.power
                + own.air_fraction * power,
            power,
        ]
    }
}

#[cfg(test)]
mod tests;
