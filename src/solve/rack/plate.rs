//! A chain of plates on one path: each plate's junction and outlet as functions of (m, T_i, T_a).
//!
//! See [`super`] for the equations. All plates of a chain share the path's flow, so what depends on
//! flow alone (transfer units, measured pressure drop) is found once a path.

use pulp::Simd;

use super::numbers::{Batch, Field, SetNumbers};
use super::state::{BatchState, PlateWork};
use super::{SMALL_FLOW, status};
#[cfg(test)]
use crate::component::mutation;
use crate::fluid::Fluid;
use crate::network::rack::{Conductance, Leakage, SetDesign, Similarity};
use crate::solve::lane::{Lane, Mask, Plane, WIDTH};

/// Affine function `[constant, ∂/∂…, ∂/∂…, ∂/∂…]`.
pub(super) type Affine<S> = [Lane<S>; 4];

/// a·x + b·y
#[inline(always)]
pub(super) fn combine<S: Simd>(a: Lane<S>, x: &Affine<S>, b: Lane<S>, y: &Affine<S>) -> Affine<S> {
    [
        a * x[0] + b * y[0],
        a * x[1] + b * y[1],
        a * x[2] + b * y[2],
        a * x[3] + b * y[3],
    ]
}

/// a·x
#[inline(always)]
pub(super) fn scaled<S: Simd>(a: Lane<S>, x: &Affine<S>) -> Affine<S> {
    [a * x[0], a * x[1], a * x[2], a * x[3]]
}

/// x − y
#[inline(always)]
pub(super) fn less<S: Simd>(x: &Affine<S>, y: &Affine<S>) -> Affine<S> {
    [x[0] - y[0], x[1] - y[1], x[2] - y[2], x[3] - y[3]]
}

/// x += a·y
#[inline(always)]
pub(super) fn add_scaled<S: Simd>(x: &mut Affine<S>, a: Lane<S>, y: &Affine<S>) {
    for c in 0..4 {
        x[c] = x[c] + a * y[c];
    }
}

/// What the paths of a rack have in common: the coolant as it enters.
#[derive(Clone, Copy)]
pub(super) struct Inlet<S: Simd> {
    pub(super) temperature: Lane<S>,
    pub(super) air: Lane<S>,
    pub(super) density: Lane<S>,
    pub(super) density_slope: Lane<S>,
    pub(super) specific_heat: Lane<S>,
    pub(super) specific_heat_slope: Lane<S>,
    pub(super) enthalpy: Lane<S>,
    viscosity: [Lane<S>; 2],
    conductivity: [Lane<S>; 2],
}

impl<S: Simd> Inlet<S> {
    #[inline(always)]
    pub(super) fn new(fluid: &Fluid, temperature: Lane<S>, air: Lane<S>) -> Self {
        let [
            density,
            density_slope,
            specific_heat,
            specific_heat_slope,
            enthalpy,
            viscosity,
            viscosity_slope,
            conductivity,
            conductivity_slope,
        ] = temperature.each(|t| {
            let p = fluid.props_with_slopes(t);
            [
                p.density.value,
                p.density.slope,
                p.specific_heat.value,
                p.specific_heat.slope,
                p.enthalpy.value,
                p.viscosity.value,
                p.viscosity.slope,
                p.conductivity.value,
                p.conductivity.slope,
            ]
        });
        Self {
            temperature,
            air,
            density,
            density_slope,
            specific_heat,
            specific_heat_slope,
            enthalpy,
            viscosity: [viscosity, viscosity_slope],
            conductivity: [conductivity, conductivity_slope],
        }
    }
}

/// Enthalpy [J/kg] and specific heat [J/(kg K)].
#[inline(always)]
pub(super) fn thermal<S: Simd>(fluid: &Fluid, temperature: Lane<S>) -> (Lane<S>, Lane<S>) {
    let c = fluid.coefficients();
    let range = fluid.valid_range();
    if outside(temperature, range.min, range.max).any() {
        let [enthalpy, specific_heat] = temperature.each(|t| {
            let at = fluid.thermal_with_slopes(t);
            [at.enthalpy, at.specific_heat]
        });
        return (enthalpy, specific_heat);
    }
    let x = temperature - c.reference_temperature;
    (horner(&c.enthalpy, x), horner(&c.specific_heat, x))
}

/// Logarithm of the viscosity in Pa s, and its slope.
#[inline(always)]
fn ln_viscosity<S: Simd>(fluid: &Fluid, temperature: Lane<S>) -> (Lane<S>, Lane<S>) {
    let c = fluid.coefficients();
    let range = fluid.valid_range();
    if outside(temperature, range.min, range.max).any() {
        let [value, slope] = temperature.each(|t| {
            let (value, slope) = fluid.ln_viscosity_with_slope(t);
            [value, slope]
        });
        return (value, slope);
    }
    let x = temperature - c.reference_temperature;
    let [c0, c1, c2, c3, c4] = c.ln_viscosity;
    let slope = ((x * (4.0 * c4) + 3.0 * c3) * x + 2.0 * c2) * x + c1;
    (horner(&[c0, c1, c2, c3, c4], x), slope)
}

#[inline(always)]
fn outside<S: Simd>(x: Lane<S>, min: f64, max: f64) -> Mask<S> {
    x.constant(min).greater(x).or(x.greater(x.constant(max)))
}

#[inline(always)]
fn horner<S: Simd, const N: usize>(coefficients: &[f64; N], x: Lane<S>) -> Lane<S> {
    let mut value = x.constant(coefficients[N - 1]);
    for c in coefficients[..N - 1].iter().rev() {
        value = value * x + *c;
    }
    value
}

/// Number or slope of a set that its racks share at this inlet.
#[derive(Clone, Copy)]
pub(super) struct SetAtInlet<S: Simd> {
    /// Measured pressure drop at q₀, corrected for density: Δp₀·(ρ/ρ₀)^(e − 1).
    pressure_drop: Lane<S>,
    /// Convective conductance relative to the reference fluid's, and its slope to T_i.
    film: [Lane<S>; 2],
}

impl<S: Simd> SetAtInlet<S> {
    #[inline(always)]
    pub(super) fn new(set: &SetDesign, inlet: &Inlet<S>) -> Self {
        let ratio = inlet.density / set.reference_density;
        let pressure_drop = if set.pressure_drop > 0.0 {
            (ratio.ln() * (set.exponent - 1.0)).exp() * set.pressure_drop
        } else {
            inlet.density.constant(0.0)
        };
        let film = match &set.similarity {
            Some(law) => film(law, inlet),
            None => [inlet.density.constant(1.0), inlet.density.constant(0.0)],
        };
        Self {
            pressure_drop,
            film,
        }
    }

    #[inline(always)]
    pub(super) fn load(simd: S, planes: &[Plane; 3], chunk: usize) -> Self {
        let [pressure_drop, factor, slope] = planes.each_ref().map(|p| Lane::load(simd, p, chunk));
        Self {
            pressure_drop,
            film: [factor, slope],
        }
    }

    #[inline(always)]
    pub(super) fn store(&self, planes: &mut [Plane; 3], chunk: usize) {
        let [factor, slope] = self.film;
        for (lane, plane) in [self.pressure_drop, factor, slope].into_iter().zip(planes) {
            lane.store(plane, chunk);
        }
    }
}

/// See [`Similarity::ln_factor`].
#[inline(always)]
fn film<S: Simd>(law: &Similarity, inlet: &Inlet<S>) -> [Lane<S>; 2] {
    let mut ln_factor = inlet.density.constant(-law.ln_reference);
    let mut ln_slope = inlet.density.constant(0.0);
    for (exponent, [value, slope]) in [
        (law.conductivity, inlet.conductivity),
        (law.density, [inlet.density, inlet.density_slope]),
        (
            law.specific_heat,
            [inlet.specific_heat, inlet.specific_heat_slope],
        ),
        (law.viscosity, inlet.viscosity),
    ] {
        if exponent != 0.0 {
            ln_factor = ln_factor + value.ln() * exponent;
            ln_slope = ln_slope + slope / value * exponent;
        }
    }
    let factor = ln_factor.exp();
    [factor, factor * ln_slope]
}

/// A path at its present flow: what all plates on it share.
pub(super) struct Chain<'a, S: Simd> {
    simd: S,
    chunk: usize,
    batch: &'a Batch,
    set: &'a SetDesign,
    numbers: &'a SetNumbers,
    inlet: &'a Inlet<S>,
    m: Lane<S>,
    smooth: Lane<S>,
    /// Number of transfer units for conductance factor 1, and slopes to m and T_i.
    units: [Lane<S>; 3],
    /// ṁ⁺·cp and slopes.
    capacity: [Lane<S>; 3],
    /// Regularised capacity √(m² + ε²)·cp and slopes.
    divisor: [Lane<S>; 3],
    /// Measured pressure drop at reference viscosity, and slopes.
    measured: [Lane<S>; 3],
}

/// A chain eliminated.
pub(super) struct ChainResult<S: Simd> {
    pub(super) drop_value: Lane<S>,
    /// Change of the pressure drop: `[constant, m, T_i, T_a]`.
    pub(super) drop: Affine<S>,
    /// Heat to liquid, heat to air, device power.
    pub(super) heat: [Affine<S>; 3],
    /// Where a device may want another status.
    pub(super) restless: bool,
}

impl<'a, S: Simd> Chain<'a, S> {
    #[inline(always)]
    pub(super) fn new(
        simd: S,
        chunk: usize,
        batch: &'a Batch,
        k: usize,
        at_inlet: &SetAtInlet<S>,
        inlet: &'a Inlet<S>,
        m: Lane<S>,
    ) -> Self {
        let (set, numbers) = (&batch.design.sets[k], &batch.sets[k]);
        let smooth = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
        let inverse_smooth = m.constant(1.0) / smooth;
        let sign = m * inverse_smooth;
        let (cp, cp_t) = (inlet.specific_heat, inlet.specific_heat_slope);
        let divisor = [cp * smooth, cp * sign, cp_t * smooth];
        let forward = (m + smooth) * 0.5;
        let capacity = [cp * forward, cp * (sign + 1.0) * 0.5, cp_t * forward];
        let inverse_density = m.constant(1.0) / inlet.density;
        let volume = smooth * inverse_density;
        let volume_m = sign * inverse_density;
        let volume_t = -(volume * inlet.density_slope * inverse_density);
        let zero = m.constant(0.0);
        let (ua, ua_m, ua_t) = match (&numbers.conductance, &set.conductance) {
            (Some(table), _) => {
                let (ua, slope) = table.eval(volume);
                (ua, slope * volume_m, slope * volume_t)
            }
            (
                None,
                Conductance::Power {
                    nominal,
                    flow,
                    exponent,
                },
            ) if *exponent != 0.0 => {
                let ua = ((smooth * (1.0 / flow)).ln() * *exponent).exp() * *nominal;
                (ua, ua * sign * inverse_smooth * *exponent, zero)
            }
            (None, Conductance::Power { nominal, .. }) => (m.constant(*nominal), zero, zero),
            // A measured law always comes with its table.
            (None, Conductance::Measured(_)) => (zero, zero, zero),
        };
        let (ua, ua_m, ua_t) = match &set.similarity {
            Some(law) => {
                // UA' = s·UA/d with d = 1 + R_s·UA·(s − 1).
                let [factor, factor_t] = at_inlet.film;
                let solid = ua * law.solid_resistance;
                let inverse = m.constant(1.0) / (solid * (factor - 1.0) + 1.0);
                let by_ua = factor * inverse * inverse;
                let by_factor = ua * (m.constant(1.0) - solid) * inverse * inverse;
                (
                    factor * ua * inverse,
                    ua_m * by_ua,
                    ua_t * by_ua + by_factor * factor_t,
                )
            }
            None => (ua, ua_m, ua_t),
        };
        let inverse = m.constant(1.0) / divisor[0];
        let n = ua * inverse;
        let units = [
            n,
            (ua_m - n * divisor[1]) * inverse,
            (ua_t - n * divisor[2]) * inverse,
        ];
        let measured = if set.pressure_drop > 0.0 {
            let e = set.exponent;
            let size =
                at_inlet.pressure_drop * ((volume * (1.0 / set.pressure_drop_flow)).ln() * e).exp();
            let value = size * sign;
            let sign_slope = (-(sign * sign) + 1.0) * inverse_smooth;
            [
                value,
                size * (sign * sign * inverse_smooth * e + sign_slope),
                -(value * inlet.density_slope * inverse_density),
            ]
        } else {
            [zero; 3]
        };
        Self {
            simd,
            chunk,
            batch,
            set,
            numbers,
            inlet,
            m,
            smooth,
            units,
            capacity,
            divisor,
            measured,
        }
    }

    #[inline(always)]
    fn field(&self, field: Field, item: usize) -> Lane<S> {
        self.batch
            .plate(self.simd, self.numbers, field, item, self.chunk)
    }

    /// Eliminates the chain: `first` is its first plate in the rack, `item` in its set.
    #[inline(always)]
    pub(super) fn run(
        &self,
        state: &BatchState,
        first: usize,
        item: usize,
        works: &mut [PlateWork],
    ) -> ChainResult<S> {
        let fluid = &self.batch.design.fluid;
        let inlet = self.inlet;
        let (zero, one) = (self.m.constant(0.0), self.m.constant(1.0));
        let cp = inlet.specific_heat;
        let mut before: Affine<S> = [zero, zero, one, zero];
        let mut t_in = inlet.temperature;
        let mut h_in = inlet.enthalpy;
        let mut cp_in = inlet.specific_heat;
        let mut result = ChainResult {
            drop_value: zero,
            drop: [zero; 4],
            heat: [[zero; 4]; 3],
            restless: false,
        };
        let [cap, cap_m, cap_t] = self.capacity;
        let flow_exponent = 2.0 - self.set.exponent;
        for (index, work) in works.iter_mut().enumerate() {
            let (plate, item) = (first + index, item + index);
            // Effectiveness and conductance, slopes to m and T_i.
            let f = self.field(Field::ConductanceFactor, item);
            let decay = (-(f * self.units[0])).exp();
            let e = one - decay;
            let (e_m, e_t) = (decay * f * self.units[1], decay * f * self.units[2]);
            let k = cap * e;
            let (k_m, k_t) = (cap_m * e + cap * e_m, cap_t * e + cap * e_t);
            // Device: case temperature and power, and their changes.
            let device = self.device(state, plate, item, t_in, [k, k_m, k_t], &before);
            result.restless |= device.restless;
            let theta = device.case - t_in;
            // Coolant: the outlet before it loses heat to air, T_x = T_ci + E·θ.
            let mut mixed = combine(one - e, &before, e, &device.case_change);
            mixed[1] = mixed[1] + theta * e_m;
            mixed[2] = mixed[2] + theta * e_t;
            let warmed = e * theta;
            let mut rise = warmed;
            let mut rise_change = less(&mixed, &before);
            let air_fraction = self.field(Field::AirFraction, item);
            let [liquid, air, power] = &mut result.heat;
            if self.numbers.loses_heat {
                let g = self.field(Field::AirConductance, item);
                let gamma = g / (self.divisor[0] + g);
                let excess = t_in + warmed - inlet.air;
                let by_capacity = -(gamma / (self.divisor[0] + g) * excess);
                let lost = gamma * excess;
                let mut lost_change = scaled(gamma, &mixed);
                lost_change[1] = lost_change[1] + by_capacity * self.divisor[1];
                lost_change[2] = lost_change[2] + by_capacity * self.divisor[2];
                lost_change[3] = lost_change[3] - gamma;
                rise = rise - lost;
                rise_change = less(&rise_change, &lost_change);
                #[cfg(test)]
                let (cap, cap_m, cap_t) = {
                    let kept = mutation::kept(mutation::Path::CoolantToAir);
                    (cap * kept, cap_m * kept, cap_t * kept)
                };
                add_scaled(air, cap, &lost_change);
                air[0] = air[0] + cap * lost;
                air[1] = air[1] + cap_m * lost;
                air[2] = air[2] + cap_t * lost;
            }
            let t_out = Lane::load(self.simd, &state.outlet[plate], self.chunk);
            let (h_out, cp_out) = thermal(fluid, t_out);
            let inverse = one / cp_out;
            let mut outlet = combine(cp_in * inverse, &before, cp * inverse, &rise_change);
            outlet[0] = outlet[0] - (h_out - h_in - cp * rise) * inverse;
            outlet[2] = outlet[2] + inlet.specific_heat_slope * rise * inverse;
            // Pressure drop at the mean coolant temperature.
            let (ln_mu, ln_mu_slope) = ln_viscosity(fluid, (t_in + t_out) * 0.5);
            let thickness = ln_mu - self.set.ln_reference_viscosity;
            let factor = self.field(Field::DropFactor, item);
            let (mut value, mut by_flow, mut by_temperature) = (zero, zero, zero);
            if self.set.pressure_drop > 0.0 {
                let viscous =
                    self.field(Field::MeasuredFactor, item) * (thickness * flow_exponent).exp();
                value = self.measured[0] * viscous;
                by_flow = self.measured[1] * viscous;
                by_temperature = value * ln_mu_slope * flow_exponent;
                result.drop[2] = result.drop[2] + factor * self.measured[2] * viscous;
            }
            if self.numbers.textbook_drop {
                let mut a = self.field(Field::Linear, item);
                let b = self.field(Field::Quadratic, item);
                if self.set.viscosity_coupled {
                    a = a * thickness.exp();
                    by_temperature = by_temperature + a * self.m * ln_mu_slope;
                }
                value = value + a * self.m + b * self.m * self.smooth;
                by_flow = by_flow + a + b * (self.smooth + self.m * self.m / self.smooth);
            }
            result.drop_value = result.drop_value + factor * value;
            let by_mean = factor * by_temperature * 0.5;
            add_scaled(&mut result.drop, by_mean, &before);
            add_scaled(&mut result.drop, by_mean, &outlet);
            result.drop[1] = result.drop[1] + factor * by_flow;
            // Heat: to liquid ṁ⁺·cp·rise; to air the fixed share and the coolant's loss.
            #[cfg(test)]
            let (cap, cap_m, cap_t, air_fraction) = {
                let kept = mutation::kept(mutation::Path::Plates);
                let to_air = mutation::kept(mutation::Path::DevicesToAir);
                (
                    cap * kept,
                    cap_m * kept,
                    cap_t * kept,
                    air_fraction * to_air,
                )
            };
            add_scaled(liquid, cap, &rise_change);
            liquid[0] = liquid[0] + cap * rise;
            liquid[1] = liquid[1] + cap_m * rise;
            liquid[2] = liquid[2] + cap_t * rise;
            add_scaled(air, air_fraction, &device.power_change);
            air[0] = air[0] + air_fraction * device.power;
            add_scaled(power, one, &device.power_change);
            power[0] = power[0] + device.power;
            for c in 0..4 {
                device.junction_change[c].store(&mut work.junction[c], self.chunk);
                outlet[c].store(&mut work.outlet[c], self.chunk);
            }
            k.store(&mut work.conductance, self.chunk);
            t_in.store(&mut work.inlet, self.chunk);
            device.power.store(&mut work.power, self.chunk);
            before = outlet;
            t_in = t_out;
            h_in = h_out;
            cp_in = cp_out;
        }
        result
    }

    /// Power and case temperature of a device, and their changes with (m, T_i, T_a).
    #[inline(always)]
    fn device(
        &self,
        state: &BatchState,
        plate: usize,
        item: usize,
        t_in: Lane<S>,
        conductance: [Lane<S>; 3],
        before: &Affine<S>,
    ) -> DeviceStep<S> {
        let [k, k_m, k_t] = conductance;
        let (zero, one) = (k.constant(0.0), k.constant(1.0));
        let junction = Lane::load(self.simd, &state.junction[plate], self.chunk);
        let to_plate = one - self.field(Field::AirFraction, item);
        let r = self.field(Field::CoreResistance, item);
        let memory_r = self.field(Field::MemoryResistance, item);
        let core_limit = self.field(Field::CoreLimit, item);
        let memory_limit = self.field(Field::MemoryLimit, item);
        let cap = self.field(Field::Cap, item);
        let (leakage, leakage_slope) =
            leakage(self.set.leakage, |field| self.field(field, item), junction);
        let asked = self.field(Field::BasePower, item) + leakage;
        // Eight status bytes at a glance: all normal is the usual case.
        let normal = state.status[plate] == [status::NORMAL; WIDTH];
        let (power, slope) = if normal {
            (asked, leakage_slope)
        } else {
            let capped = self.is(state, plate, status::CAPPED);
            (
                capped.select(cap, asked),
                capped.select(zero, leakage_slope),
            )
        };
        let case = junction - r * power;
        let theta = case - t_in;
        let balance = power * to_plate - k * theta;
        // Where leakage outruns cooling there is no stable root; step as if power were given.
        let full = one - r * slope;
        let stable = (k * full - slope * to_plate).greater(k * 0.05);
        let case_slope = stable.select(full, one);
        let slope = stable.select(slope, zero);
        let inverse = one / (k * case_slope - slope * to_plate).max(k.constant(1e-9));
        let mut junction_change = scaled(k * inverse, before);
        junction_change[0] = junction_change[0] + balance * inverse;
        junction_change[1] = junction_change[1] - theta * k_m * inverse;
        junction_change[2] = junction_change[2] - theta * k_t * inverse;
        let memory = case + memory_r * power;
        let hot = junction
            .greater(core_limit + TOLERANCE)
            .or(memory.greater(memory_limit + TOLERANCE));
        let usual = DeviceStep {
            power,
            case,
            junction_change,
            case_change: scaled(case_slope, &junction_change),
            power_change: scaled(slope, &junction_change),
            restless: !normal || hot.or(asked.greater(cap)).any(),
        };
        if normal {
            return usual;
        }
        // Held at a limit: temperature given, power unknown.
        let by_memory = self.is(state, plate, status::THROTTLED_MEMORY);
        let held = by_memory.or(self.is(state, plate, status::THROTTLED_CORE));
        let off = self.is(state, plate, status::SHUT_DOWN);
        if !held.or(off).any() {
            return usual;
        }
        let limit = by_memory.select(memory_limit, core_limit);
        let limit_r = by_memory.select(memory_r, r);
        let sum = to_plate + k * limit_r;
        let psi = limit - t_in;
        let power = k * psi / sum;
        let by_k = psi * to_plate / (sum * sum);
        let mut power_change = scaled(-(k / sum), before);
        power_change[1] = power_change[1] + by_k * k_m;
        power_change[2] = power_change[2] + by_k * k_t;
        let case = limit - limit_r * power;
        let mut held_change = scaled(r - limit_r, &power_change);
        held_change[0] = held_change[0] + (case + r * power - junction);
        // Switched off: everything takes the coolant's temperature.
        let mut off_change = *before;
        off_change[0] = off_change[0] + (t_in - junction);
        let blend = |usual: Lane<S>, at_limit: Lane<S>, none: Lane<S>| {
            off.select(none, held.select(at_limit, usual))
        };
        DeviceStep {
            power: blend(usual.power, power, zero),
            case: blend(usual.case, case, t_in),
            junction_change: std::array::from_fn(|c| {
                blend(usual.junction_change[c], held_change[c], off_change[c])
            }),
            case_change: std::array::from_fn(|c| {
                blend(
                    usual.case_change[c],
                    -(limit_r * power_change[c]),
                    before[c],
                )
            }),
            power_change: std::array::from_fn(|c| {
                blend(usual.power_change[c], power_change[c], zero)
            }),
            restless: true,
        }
    }

    #[inline(always)]
    fn is(&self, state: &BatchState, plate: usize, status: u8) -> Mask<S> {
        let codes = state.status[plate].map(f64::from);
        let codes = Lane::load(self.simd, &codes, self.chunk);
        codes.equals(codes.constant(f64::from(status)))
    }
}

/// Leakage [W] and its slope [W/K] of a plate with these fields; see [`Leakage::at`].
#[inline(always)]
pub(super) fn leakage<S: Simd>(
    law: Leakage,
    field: impl Fn(Field) -> Lane<S>,
    junction: Lane<S>,
) -> (Lane<S>, Lane<S>) {
    let reference = field(Field::Leakage);
    let inverse = field(Field::InverseEFold);
    let ratio = (junction - field(Field::ReferenceTemperature)) * inverse;
    match law {
        Leakage::Linear => (reference * ratio, reference * inverse),
        Leakage::Exponential => {
            let within = ratio.min(ratio.constant(3.0));
            let size = reference * within.exp();
            (size * (ratio - within + 1.0), size * inverse)
        }
    }
}

/// Excess over a limit that is not yet acted upon, K.
pub(super) const TOLERANCE: f64 = 1e-6;

struct DeviceStep<S: Simd> {
    power: Lane<S>,
    case: Lane<S>,
    junction_change: Affine<S>,
    case_change: Affine<S>,
    power_change: Affine<S>,
    restless: bool,
}
