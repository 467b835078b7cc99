//! The tower's rating, and Merkel's method by an equivalent heat exchanger.
//!
//! Counterflow ε-NTU between water and air at its wet bulb, the air with the specific heat of the
//! saturation curve, c_s = (h_s(T_out) − h_s(T_in))/(T_out − T_in) in wet bulbs. Its conductance
//! is A·c_s, A [kg/s] fixed at the rating and corrected for wet bulb, air and water flow.

use super::super::heat_exchange::{counterflow, counterflow_transfer};
use super::Parameters;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::weather::{humidity_ratio_at_wet_bulb, saturated_enthalpy, specific_volume};

/// Pressure at which towers are rated, Pa.
pub const RATED_PRESSURE: f64 = 101_325.0;

/// What one cell does at its rating.
#[derive(Debug, Clone, Copy)]
pub struct Rating {
    /// Heat, W.
    pub heat: f64,
    /// Volume of the entering air, m³ per kg of dry air.
    pub specific_volume: f64,
    /// Humidity ratio of the entering air.
    pub humidity: f64,
    /// Specific heat c_s of the air at its wet bulb, J/(kg K).
    pub specific_heat: f64,
    /// Transfer coefficient A, kg/s, of all resistance from water to air; `None` where the rating is
    /// impossible.
    pub transfer: Option<f64>,
}

/// c_s between a wet bulb and one `rise` above it, J/(kg K); smooth where they meet.
fn saturation_specific_heat<S: Scalar>(wet_bulb: f64, leaving: S, pressure: f64) -> S {
    let rise = leaving - wet_bulb;
    let size = (rise * rise + 1e-4).sqrt();
    let start = saturated_enthalpy(wet_bulb, pressure);
    (saturated_enthalpy(size + wet_bulb, S::from(pressure)) - start) / size
}

/// Temperature at which saturated air has this enthalpy.
fn saturated_temperature(enthalpy: f64, near: f64, pressure: f64) -> f64 {
    let mut t = near;
    for _ in 0..30 {
        let (value, slope) = num_dual::first_derivative(
            |t| saturated_enthalpy(t, num_dual::Dual64::from(pressure)),
            t,
        );
        // Saturated enthalpy is convex: Newton overshoots upward only once.
        let step = ((enthalpy - value) / slope).clamp(-30.0, 30.0);
        t += step;
        if step.abs() < 1e-11 {
            break;
        }
    }
    t
}

impl Rating {
    /// The rating of one cell.
    pub fn of(p: &Parameters<f64>, fluid: &Fluid) -> Self {
        let (bulb, pressure) = (p.nominal_wet_bulb, RATED_PRESSURE);
        let humidity = humidity_ratio_at_wet_bulb(p.nominal_dry_bulb, bulb, pressure);
        let volume = specific_volume(p.nominal_dry_bulb, humidity, pressure);
        let warm = fluid.enthalpy(p.nominal_inlet_temperature);
        let heat = p.nominal_water_flow * (warm - fluid.enthalpy(p.nominal_outlet_temperature));
        let range = p.nominal_inlet_temperature - p.nominal_outlet_temperature;
        let air = p.nominal_air_flow.map_or(p.nominal_water_flow, |flow| flow / volume);
        let target = saturated_enthalpy(bulb, pressure) + heat / air;
        let leaving = saturated_temperature(target, bulb + range, pressure);
        let specific_heat = saturation_specific_heat(bulb, leaving, pressure);
        let water = p.nominal_water_flow * fluid.specific_heat(p.nominal_inlet_temperature);
        let effectiveness = heat / (water * (p.nominal_inlet_temperature - bulb));
        let transfer = counterflow_transfer(effectiveness, water / (air * specific_heat))
            .map(|transfer| transfer * water / specific_heat)
            .filter(|transfer| transfer.is_finite());
        Self { heat, specific_volume: volume, humidity, specific_heat, transfer }
    }
}

/// Correction for wet bulb, f₁.
pub fn wet_bulb_correction(below_nominal: f64) -> f64 {
    1.0 + 0.0081 * below_nominal
}

/// Correction for air flow over nominal, f₂; straight on above nominal.
fn air_correction<S: Scalar>(ratio: S) -> S {
    if ratio.re() > 1.0 { ratio * 0.7 + 0.3 } else { ratio * (-ratio * 0.3 + 1.3) }
}

/// Correction for water flow over nominal, f₃; level beyond its maximum near 1.08.
fn water_correction<S: Scalar>(ratio: S) -> S {
    const PEAK: f64 = 1.667 / (2.0 * 0.7713);
    let ratio = if ratio.re() > PEAK { S::from(PEAK) } else { ratio };
    ratio * (-ratio * 0.7713 + 1.667) + 0.1082
}

/// The transfer coefficient away from the rating, over its value there. The published corrections do
/// not give exactly 1 at nominal flows (f₃ gives 1.0039), so they are divided by what they give there.
pub fn transfer_correction<S: Scalar>(below_nominal: f64, air: S, water: S) -> S {
    let at_nominal = water_correction(1.0);
    air_correction(air)
        * water_correction(water)
        * (wet_bulb_correction(below_nominal) / at_nominal)
}

/// Heat that a unit of water flow gives to the air, J/kg: ε·c_p·(T_in − T_wb).
///
/// `coil` is a conductance in series with the fill, W/K; `water` and `air` are mass flows of one cell, kg/s;
/// `leaving` the wet bulb of the leaving air, K.
pub fn specific_heat_rejected<S: Scalar>(
    transfer: S,
    coil: Option<S>,
    water: S,
    water_specific_heat: S,
    water_temperature: S,
    air: S,
    wet_bulb: f64,
    leaving: S,
    pressure: f64,
) -> S {
    let specific_heat = saturation_specific_heat(wet_bulb, leaving, pressure);
    let capacity = water * water_specific_heat;
    let fill = transfer * specific_heat;
    let conductance = coil.map_or(fill, |coil| (fill.recip() + coil.recip()).recip());
    let effectiveness = counterflow(conductance / capacity, capacity / (air * specific_heat));
    effectiveness * water_specific_heat * (water_temperature - wet_bulb)
}
