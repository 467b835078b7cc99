//! Cooling tower, open or closed: cells in parallel on a condenser or facility loop, which they supply.
//!
//! # Equations
//! Every running cell takes the same water and the same air.
//! - staging, where it is automatic: the fewest cells that keep the water flow of a cell at or below nominal,
//!   never fewer than the least
//! - air flow ṁ_a = φ(r)·V̇₀/v_i: volume flow by the fan stage (`fan_stage`) at position r, v_i specific
//!   volume of the air that enters
//! - `method = "merkel"`: Q = ε·ṁ_w·c_p·(T_w,in − T_wb,i), counterflow ε of UA = A·c_s,
//!   c_s = (h_s(T_m) − h_s(T_wb,i))/(T_m − T_wb,i); T_m from ṁ_a·(h_s(T_m) − h_s(T_wb,i)) = Q;
//!   A = A₀·f₁·f₂·f₃, f₁ = 1 + 0.0081·(T_wb,0 − T_wb,i), f₂ = 1.3φ − 0.3φ², f₃ = 0.1082 + 1.667w − 0.7713w²
//!   over its value at w = 1, w = ṁ_w/ṁ_w,0; A₀ from the rating
//! - `method = "york"`: T_w,out = T_wb,i + approach(T_wb,i, T_w,in − T_w,out, L/G), 27 coefficients;
//!   `"cooltools"`: approach(φ, w, T_wb,i, T_w,in − T_w,out), 35 coefficients
//! - `circuit = "closed"` (fluid cooler: the loop's fluid in a sprayed coil): Merkel's method with the coil in
//!   series, 1/UA = 1/(A·c_s) + 1/(UA_c·w^0.8); of the rated resistance the share s is the coil's; f₃ = 1,
//!   since the spray does not follow the fluid; the spray pump's power heats the air
//! - a share σ of the air meets wet fill and leaves it saturated, at T_s:
//!   σ·ṁ_a·(h_s(T_s) − h_i) = Q + ṁ_e·h_w(T_w,out); the rest passes as it came, and the fan warms both:
//!   ṁ_a·(h_o − h_i) = σ·ṁ_a·(h_s(T_s) − h_i) + P (closed: h_w at the entering wet bulb, the spray's make-up)
//! - σ = 1 − exp(−w/0.01): all of it down to a few hundredths of the rated water, none without water; 1 in a
//!   closed circuit, whose spray runs by itself
//! - evaporation ṁ_e = σ·ṁ_a·(w_s(T_s) − w_i); drift ṁ_d = d·ṁ_w; blowdown ṁ_b = max(0, ṁ_e/(c − 1) − ṁ_d);
//!   make-up = ṁ_e + ṁ_d + ṁ_b
//! - fan power P = P₀·π(r)·v₀/v_i; r holds the leaving-water set-point, at a stop it floats
//!   (`modulation`), or is given
//! - warm air drawn in again: the entering wet bulb is ΔT_r above the weather's; h_i and w_i rise along
//!   the saturation curve by as much as it does there
//! - water side: Δp = Δp₀·(ṁ/ṁ₀)^n + Δp_lift
//! - `compatibility = "energyplus"`: see `tower/energyplus.rs`
//!
//! Ledger: ṁ_a·(h_o − h_i) − ṁ_e·h_w(T_w,out). Make-up enters, and drift and blowdown leave, at basin
//! temperature T_w,out, so that of the water's enthalpy only that of the evaporated part counts.
//!
//! # Symbols and units
//! ṁ [kg/s], air as dry air; V̇ [m³/s]; v [m³/kg]; h [J/kg]; w humidity ratio [-]; T [K]; Q, P [W];
//! d drift fraction, c cycles of concentration [-]; index 0 rating, i entering, o leaving, s saturated.
//!
//! # Range of validity
//! f₁ 10 K above to 25 K below the rated wet bulb; f₂ from 0.2; f₃ 0.3 to 1. `york`, `cooltools`: see
//! `tower/york.rs`, `tower/cooltools.rs`. Outside, the curves go on smoothly and a warning says so.
//!
//! # Neglected
//! Change of water flow by evaporation along the fill, heating of cold make-up, ice, basin heaters,
//! plume fog. Water colder than the wet bulb is warmed by the same law.
//!
//! # Source
//! F. Merkel (1925); equivalent saturated-air specific heat: R. J. Scheier and J. E. Braun, as in
//! EnergyPlus `CoolingTower:VariableSpeed:Merkel`, with its f₁, f₂, f₃ (also LBNL Modelica Buildings);
//! evaporation: EnergyPlus `SaturatedExit`; cells by flow as its `MinimalCell`. Closed circuit: resistances in
//! series as ASHRAE *Handbook - HVAC Systems and Equipment*, cooling towers. Recirculation 1 K, the coil's
//! share of 0.4 and its exponent, the hundredth of the rated water that wets most of the fill: assumptions.

mod account;
mod cooltools;
mod energyplus;
mod merkel;
mod york;

use super::fan_stage::{Drive, FanStage};
use super::heat_exchange::flow_size;
use super::modulation::Modulation;
use super::resistance::power_law;
use super::{At, Component, EndUse, Guess, Ledger, Out, Outdoor, Report, Spec, pass_through};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::weather::{saturated_enthalpy, saturated_humidity_ratio, specific_volume};
use account::Streams;
use energyplus::Correlation;
use merkel::Rating;

crate::fields! {
    /// Parameters of a cooling tower.
    pub struct Parameters {
        /// Cells installed.
        count: number(Dimensionless, 1.0, 1e4) = 1.0,
        /// Cells that run; all where it is left out. With none the tower is shut off.
        running: optional(Dimensionless, 0.0, 1e4),
        /// Whether the cells that run are fixed or follow the water flow.
        staging: choice("fixed", "automatic") = 0.0,
        /// Fewest cells that run, automatic staging.
        minimum_cells: number(Dimensionless, 1.0, 1e4) = 1.0,
        /// Open tower, or closed fluid cooler with a sprayed coil.
        circuit: choice("open", "closed") = 0.0,
        /// How the leaving water is found.
        method: choice("merkel", "york", "cooltools") = 0.0,
        /// Another program whose operation is copied, for comparison with it.
        compatibility: choice("none", "energyplus") = 0.0,
        /// Wet bulb of the entering air at the rating.
        nominal_wet_bulb: number(Temperature, 260.0, 320.0) = 298.7,
        /// Dry bulb of the entering air at the rating.
        nominal_dry_bulb: number(Temperature, 260.0, 330.0) = 308.15,
        /// Water temperature entering at the rating.
        nominal_inlet_temperature: number(Temperature, 275.0, 360.0) = 308.15,
        /// Water temperature leaving at the rating.
        nominal_outlet_temperature: number(Temperature, 274.0, 350.0) = 302.59,
        /// Water flow of one cell at the rating.
        nominal_water_flow: number(MassFlow, 1e-3, 1e5),
        /// Air flow of one cell at full fan speed; as much dry air by mass as water where left out.
        nominal_air_flow: optional(VolumeFlow, 1e-3, 1e5),
        /// Fan power of one cell at full speed and at the rating's air density, motor and drive included.
        fan_power: number(Power, 0.0, 1e7),
        /// Share of the coil in the resistance from fluid to air at the rating, closed circuit.
        coil_share: number(Fraction, 0.01, 0.95) = 0.4,
        /// Power of one cell's spray pump, closed circuit.
        spray_power: number(Power, 0.0, 1e6) = 0.0,
        /// Set-point of the leaving water: a fixed temperature, or the wet bulb plus an approach; or the
        /// fans run at a given speed.
        control: choice("fixed", "approach", "speed") = 0.0,
        /// Fixed set-point; with an approach the lowest set-point.
        supply_temperature: number(Temperature, 274.0, 350.0) = 297.15,
        /// Approach to the outdoor wet bulb that the control asks for.
        approach: number(TemperatureDifference, 0.5, 40.0) = 4.0,
        /// Whether the set-point is an aim alone, so that missing it breaks no limit (condenser water).
        best_effort: flag = 0.0,
        /// Fan speed, where it is given.
        speed: number(Fraction, 0.0, 1.0) = 1.0,
        /// How the fans are driven.
        fans: choice("variable-speed", "two-speed", "single-speed") = 0.0,
        /// Air flow of the low speed over that at full speed, two-speed fans.
        low_speed_air_flow: number(Fraction, 0.05, 1.0) = 0.5,
        /// Fan power of the low speed over that at full speed, two-speed fans.
        low_speed_fan_power: number(Fraction, 0.01, 1.0) = 0.16,
        /// Least steady fan speed; below it the fan cycles.
        minimum_speed: number(Fraction, 0.05, 1.0) = 0.2,
        /// Air flow with the fan stopped, over that at full speed.
        natural_draught: number(Fraction, 1e-3, 0.9) = 0.125,
        /// Rise of the entering wet bulb by warm air drawn in again.
        recirculation: number(TemperatureDifference, 0.0, 10.0) = 1.0,
        /// Water carried away as droplets, over the water flow.
        drift: number(Fraction, 0.0, 0.01) = 5e-5,
        /// Cycles of concentration: salt in the basin over salt in the make-up.
        cycles: number(Dimensionless, 1.01, 100.0) = 4.0,
        /// Pressure drop of nozzles and pipework at the rated water flow.
        nominal_pressure_drop: number(Pressure, 0.0, 1e7) = 3e4,
        /// Exponent of the pressure drop.
        exponent: number(Dimensionless, 1.0, 2.0) = 2.0,
        /// Static lift from basin to nozzles, as a pressure.
        lift: number(Pressure, 0.0, 1e6) = 3e4,
        /// Coldest leaving water held to be safe from frost.
        frost_limit: number(Temperature, 270.0, 300.0) = 277.15,
    }
}

/// Cooling tower; see the module.
pub struct Tower;

// Internal unknowns.
const POSITION: usize = 0;
const FILL: usize = 1;
const SATURATED: usize = 2;
const LEAVING: usize = 3;
/// Choice of `control` with the fan speed given.
const SPEED: usize = 2;
/// Divides enthalpies to make residuals of the size of kelvins: near the slope of the saturation curve.
const SLOPE: f64 = 4000.0;

/// Exponent of the coil's conductance against the flow of its fluid, closed circuit.
const COIL_EXPONENT: f64 = 0.8;
const YORK: usize = 1;
const COOLTOOLS: usize = 2;
const CLOSED: usize = 1;

fn fan_stage(p: &Parameters<f64>) -> FanStage {
    FanStage {
        drive: Drive::from_index(p.fans, p.low_speed_fan_power),
        minimum: if p.fans == 1 { p.low_speed_air_flow } else { p.minimum_speed },
        natural: p.natural_draught,
    }
}

/// Cells that may run.
fn most(p: &Parameters<f64>) -> f64 {
    p.running.unwrap_or(p.count).min(p.count)
}

/// Range and approach of the rating, K.
fn rated(p: &Parameters<f64>) -> (f64, f64) {
    (
        p.nominal_inlet_temperature - p.nominal_outlet_temperature,
        p.nominal_outlet_temperature - p.nominal_wet_bulb,
    )
}

/// What enters the cells: f64, since weather and parameters are given.
struct Cells {
    p: Parameters<f64>,
    rating: Rating,
    fan: FanStage,
    running: f64,
    wet_bulb: f64,
    enthalpy: f64,
    humidity: f64,
    volume: f64,
    nominal_air: f64,
    setpoint: f64,
    pressure: f64,
}

/// What a running cell does.
struct Duty<S> {
    fan: Modulation<S>,
    flow: S,
    air: S,
    heat_per_water: S,
    water: S,
    leaving_enthalpy: S,
    fan_power: S,
    effect: S,
}

impl Cells {
    /// `fewer` cells run than may.
    fn new(theta: &[f64], fluid: &Fluid, outdoor: &Outdoor, fewer: u8) -> Self {
        let p = Parameters::<f64>::load(theta);
        let may = most(&p);
        let running = if p.staging == 1 && may >= 1.0 { (may - f64::from(fewer)).max(1.0) } else { may };
        let rating = Rating::of(&p, fluid);
        let pressure = outdoor.pressure;
        let wet_bulb = outdoor.wet_bulb + p.recirculation;
        let rise = |f: fn(f64, f64) -> f64| f(wet_bulb, pressure) - f(outdoor.wet_bulb, pressure);
        let humidity = outdoor.humidity_ratio + rise(saturated_humidity_ratio);
        let start = crate::weather::enthalpy(outdoor.dry_bulb, outdoor.humidity_ratio);
        let enthalpy = start + rise(saturated_enthalpy);
        let dry_bulb = (enthalpy - 2.501e6 * humidity) / (1006.0 + 1860.0 * humidity) + 273.15;
        let copies = p.compatibility == 1;
        let setpoint = if p.control == 1 {
            (outdoor.wet_bulb + p.approach).max(p.supply_temperature)
        } else {
            p.supply_temperature
        };
        Self {
            fan: fan_stage(&p),
            running,
            nominal_air: p
                .nominal_air_flow
                .unwrap_or(p.nominal_water_flow * rating.specific_volume),
            volume: specific_volume(dry_bulb, humidity, pressure),
            p,
            rating,
            wet_bulb,
            enthalpy: if copies { saturated_enthalpy(wet_bulb, pressure) } else { enthalpy },
            humidity,
            setpoint,
            pressure,
        }
    }

    fn duty<S: Scalar>(&self, at: &At<'_, S>) -> Duty<S> {
        let p = &self.p;
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let inlet = side.inlet_temperature();
        let water = flow_size(side.mass_flow / self.running, p.nominal_water_flow);
        let fan = Modulation::new(at.internal[POSITION], self.lowest_speed(), 1.0);
        let (flow, power) = if self.copies() {
            self.copied(fluid, inlet, water)
                .map_or((fan.position, fan.position.powi(3)), |copied| copied.fan(fan.position))
        } else {
            (self.fan.air_flow(fan.position), self.fan.power(fan.position))
        };
        let air = flow * (self.nominal_air / self.volume);
        let warm = fluid.enthalpy(inlet);
        let heat_per_water = if p.method == YORK || p.method == COOLTOOLS {
            warm - fluid.enthalpy(at.internal[FILL])
        } else {
            let below = p.nominal_wet_bulb - self.wet_bulb;
            let below = if self.copies() { below.clamp(-10.0, 25.0) } else { below };
            let ratio = water / p.nominal_water_flow;
            let rated = self.rating.transfer.unwrap_or(0.0);
            let (transfer, coil) = if p.circuit == CLOSED {
                let sprayed = merkel::transfer_correction(below, flow, S::from(1.0));
                let coil = (ratio.ln() * COIL_EXPONENT).exp()
                    * (rated * self.rating.specific_heat / p.coil_share);
                (sprayed * (rated / (1.0 - p.coil_share)), Some(coil))
            } else {
                (merkel::transfer_correction(below, flow, ratio) * rated, None)
            };
            let transfer = if self.copies() {
                transfer * energyplus::transfer(self.rating.humidity, self.humidity)
            } else {
                transfer
            };
            merkel::specific_heat_rejected(
                transfer,
                coil,
                water,
                fluid.specific_heat(inlet),
                inlet,
                air,
                self.wet_bulb,
                at.internal[FILL],
                self.pressure,
            )
        };
        let density =
            if self.copies() { 1.0 } else { self.rating.specific_volume / self.volume };
        let fan_power = power * (p.fan_power * density);
        let effect = (inlet - self.wet_bulb) * 0.1 * water / (water + 0.01 * p.nominal_water_flow);
        let leaving_enthalpy = warm - heat_per_water;
        Duty { fan, flow, air, heat_per_water, water, leaving_enthalpy, fan_power, effect }
    }

    /// Whether the operation of another program is copied.
    fn copies(&self) -> bool {
        self.p.compatibility == 1
    }

    /// Lowest fan position: EnergyPlus does not cycle the fans of its Merkel tower.
    fn lowest_speed(&self) -> f64 {
        if self.copies() && self.p.method == 0 { self.p.minimum_speed } else { 0.0 }
    }

    /// The correlation, its calibrated ratio of water flow by mass; `None` for Merkel's method.
    fn correlation<S: Scalar>(&self, water: S) -> Option<(Correlation, S)> {
        let p = &self.p;
        let (range, approach) = rated(p);
        let (correlation, calibration) = match p.method {
            YORK => {
                (Correlation::York, york::calibrate(p.nominal_wet_bulb, range, approach))
            }
            COOLTOOLS => {
                (Correlation::CoolTools, cooltools::calibrate(p.nominal_wet_bulb, range, approach))
            }
            _ => return None,
        };
        Some((correlation, water * (calibration.unwrap_or(1.0) / p.nominal_water_flow)))
    }

    /// The tower as EnergyPlus runs it: the ratio of water flow is one of volumes.
    fn copied<S: Scalar>(&self, fluid: &Fluid, inlet: S, water: S) -> Option<energyplus::Copied<S>> {
        let (correlation, by_mass) = self.correlation(water)?;
        let by_volume =
            by_mass * fluid.density(self.p.nominal_inlet_temperature) / fluid.density(inlet);
        Some(energyplus::Copied::new(correlation, self.fan, self.wet_bulb, inlet, by_volume))
    }

    /// Excess of the leaving water over the correlation's, K; `None` for Merkel's method.
    fn excess<S: Scalar>(&self, fluid: &Fluid, duty: &Duty<S>, inlet: S, leaving: S) -> Option<S> {
        let (correlation, water) = self.correlation(duty.water)?;
        if self.copies() {
            let copied = self.copied(fluid, inlet, duty.water)?;
            return Some(leaving - copied.leaving(duty.fan.position));
        }
        let range = inlet - leaving;
        let approach = match correlation {
            Correlation::York => york::approach(self.wet_bulb, range, water / duty.flow),
            Correlation::CoolTools => cooltools::approach(duty.flow, water, self.wet_bulb, range),
        };
        Some(leaving - self.wet_bulb - approach)
    }

    /// How much colder than asked the water leaves, over 10 K; rises with fan speed.
    fn error<S: Scalar>(&self, fluid: &Fluid, duty: &Duty<S>) -> S {
        let target = fluid.enthalpy(self.setpoint);
        -(duty.leaving_enthalpy - target) / (10.0 * fluid.specific_heat(self.setpoint))
    }

    /// Share of the air that meets wet fill. Without water it is that of the rounded flow, 10⁻⁴.
    fn wetted<S: Scalar>(&self, duty: &Duty<S>) -> S {
        if self.copies() || self.p.circuit == CLOSED {
            return S::from(1.0);
        }
        -(-duty.water / (WETTING * self.p.nominal_water_flow)).exp_m1()
    }

    /// Saturated air at the fill's end: excess of its energy balance, J/kg of that air, and evaporation, kg/kg of
    /// all air.
    fn saturated<S: Scalar>(&self, duty: &Duty<S>, temperature: S) -> (S, S) {
        let pressure = S::from(self.pressure);
        let humidity = saturated_humidity_ratio(temperature, pressure);
        if self.copies() {
            let gained = saturated_enthalpy(temperature, pressure) - self.enthalpy;
            let excess = gained - duty.heat_per_water * duty.water / duty.air;
            return (excess, energyplus::evaporation(humidity, self.humidity));
        }
        let evaporation = humidity - self.humidity;
        let gained = saturated_enthalpy(temperature, pressure) - self.enthalpy;
        let wetted = self.wetted(duty);
        let given = duty.heat_per_water * duty.water / (duty.air * wetted);
        (gained - given - evaporation * self.make_up_enthalpy(duty), evaporation * wetted)
    }

    /// Enthalpy with which the evaporated water came, J/kg.
    fn make_up_enthalpy<S: Scalar>(&self, duty: &Duty<S>) -> S {
        if self.p.circuit == CLOSED {
            S::from(4186.0 * (self.wet_bulb - 273.15))
        } else {
            duty.leaving_enthalpy
        }
    }

    /// Power of one cell's spray pump, W.
    fn spray_power(&self) -> f64 {
        if self.p.circuit == CLOSED { self.p.spray_power } else { 0.0 }
    }
}

impl Component for Tower {
    const SPEC: Spec = Spec {
        kind: "tower",
        doc: "Cooling tower, open or closed: cells in parallel with controlled fans, evaporation and make-up.",
        sides: &["water"],
        source: &[true],
        air: &[],
        carries_bus: false,
        internal: &[
            "fan control [-]",
            "fill state [K]",
            "saturated air temperature [K]",
            "leaving air enthalpy [J/kg]",
        ],
        internal_scale: &[1.0, 10.0, 10.0, 4e4],
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if p.nominal_inlet_temperature <= p.nominal_outlet_temperature {
            let text = "must exceed the rated outlet temperature".to_owned();
            faults.push(("nominal_inlet_temperature", text));
        } else if p.nominal_outlet_temperature <= p.nominal_wet_bulb {
            let text = "must exceed the rated wet bulb".to_owned();
            faults.push(("nominal_outlet_temperature", text));
        } else if p.nominal_dry_bulb < p.nominal_wet_bulb {
            faults.push(("nominal_dry_bulb", "lies below the rated wet bulb".to_owned()));
        } else if Rating::of(&p, &Fluid::water()).transfer.is_none() {
            let text = "is too small: the air would leave warmer than the water enters".to_owned();
            faults.push(("nominal_air_flow", text));
        }
        let (range, approach) = rated(&p);
        let calibration = match p.method {
            YORK => york::calibrate(p.nominal_wet_bulb, range, approach),
            COOLTOOLS => cooltools::calibrate(p.nominal_wet_bulb, range, approach),
            _ => Some(1.0),
        };
        if calibration.is_none() {
            faults.push(("method", "the correlation cannot meet this rating".to_owned()));
        }
        if p.compatibility == 1 && p.circuit == CLOSED {
            let text = "is there for open towers".to_owned();
            faults.push(("compatibility", text));
        }
        if p.circuit == CLOSED && p.method != 0 {
            faults.push(("method", "a closed circuit needs Merkel's method".to_owned()));
        }
        if p.minimum_cells > most(&p) {
            faults.push(("minimum_cells", format!("exceeds the {} cells that may run", most(&p))));
        }
        let fan = fan_stage(&p);
        faults.extend(fan.fault().map(|text| ("natural_draught", text)));
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", format!("exceeds the {} cells installed", p.count)));
        }
        if p.compatibility == 1 && p.control == SPEED {
            let text = "copies a tower that holds a temperature: a given speed has no meaning there";
            faults.push(("compatibility", text.to_owned()));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], outdoor: &Outdoor) -> Guess {
        let cells = Cells::new(theta, fluids[0], outdoor, 0);
        let p = &cells.p;
        let range = p.nominal_inlet_temperature - p.nominal_outlet_temperature;
        let fill = if p.method != 0 { cells.setpoint } else { cells.wet_bulb + range };
        let leaving = saturated_enthalpy(cells.wet_bulb + range, cells.pressure);
        let mut guess = Guess {
            mass_flow: [cells.running * p.nominal_water_flow, 0.0],
            pressure_rise: [-(p.nominal_pressure_drop + p.lift), 0.0],
            temperature_rise: [-range, 0.0],
            temperature: [Some(cells.setpoint.max(cells.wet_bulb + 2.0)), None],
            ..Guess::default()
        };
        guess.internal[..4].copy_from_slice(&[0.7, fill, cells.wet_bulb + range, leaving]);
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let cells = Cells::new(at.theta, at.fluids[0], at.outdoor, at.status[0]);
        let (side, p) = (&at.sides[0], &cells.p);
        let [position, fill, saturated, leaving, ..] = at.internal;
        let mut out = Out::zero();
        if cells.running <= 0.0 {
            // Shut off: no flow, and the internal state rests at the weather's.
            out.pressure[0] = side.mass_flow * (1e5 / p.nominal_water_flow);
            pass_through(&mut out, 0, side, at.fluids[0], S::from(0.0));
            out.internal[POSITION] = position;
            out.internal[FILL] = fill - cells.wet_bulb;
            out.internal[SATURATED] = saturated - cells.wet_bulb;
            out.internal[LEAVING] = leaving - cells.enthalpy;
            return out;
        }
        let duty = cells.duty(at);
        let flow = side.mass_flow / cells.running;
        let sign = flow / flow_size(flow, 1e3 * p.nominal_water_flow);
        let drop = power_law(
            flow,
            S::from(p.nominal_pressure_drop),
            S::from(p.nominal_water_flow),
            S::from(p.exponent),
        ) + sign * p.lift;
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        // Vanishes with the flow: ṁ²/|ṁ| in place of the rounded |ṁ|.
        let heat = duty.heat_per_water * (flow * flow / duty.water) * cells.running;
        pass_through(&mut out, 0, side, at.fluids[0], -heat);

        out.internal[POSITION] = if p.control == SPEED {
            position - p.speed
        } else {
            duty.fan.residual(cells.error(at.fluids[0], &duty), duty.effect)
        };
        let inlet = side.inlet_temperature();
        let excess = cells.excess(at.fluids[0], &duty, inlet, fill);
        out.internal[FILL] = if let Some(excess) = excess {
            excess
        } else {
            let pressure = S::from(cells.pressure);
            let gained = saturated_enthalpy(fill, pressure)
                - saturated_enthalpy(cells.wet_bulb, cells.pressure);
            (gained - heat / (duty.air * cells.running)) / SLOPE
        };
        // The air's balance takes the very heat that the water gives.
        let exact = Duty { heat_per_water: heat / (duty.water * cells.running), ..duty };
        let (excess, _) = cells.saturated(&exact, saturated);
        out.internal[SATURATED] = excess / SLOPE;
        let gained = saturated_enthalpy(saturated, S::from(cells.pressure)) - cells.enthalpy;
        out.internal[LEAVING] = leaving
            - cells.enthalpy
            - gained * cells.wetted(&exact)
            - (exact.fan_power + cells.spray_power()) / exact.air;
        let power = (exact.fan_power + cells.spray_power()) * cells.running;
        out.power = [power, power * REACTIVE];
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let may = most(&p);
        if p.staging != 1 || may < 1.0 {
            return;
        }
        let running = (may - f64::from(at.status[0])).max(1.0);
        let load = at.sides[0].mass_flow.abs() / p.nominal_water_flow;
        // A cell is kept until 1 % below what would put it on: flow hardly depends on cells.
        let wanted = if load > 1.005 * running { load.ceil() } else { (load * 1.01).ceil().min(running) };
        let wanted = wanted.max(p.minimum_cells.ceil()).clamp(1.0, may);
        next[0] = (may - wanted).round().clamp(0.0, 255.0) as u8;
    }

    fn report(at: &At<'_, f64>) -> Report {
        account::report(at, &Cells::new(at.theta, at.fluids[0], at.outdoor, at.status[0]))
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let cells = Cells::new(at.theta, at.fluids[0], at.outdoor, at.status[0]);
        if cells.running <= 0.0 {
            return Ledger::default();
        }
        let duty = cells.duty(at);
        let streams = Streams::of(at, &cells, &duty);
        Ledger {
            heat_out: streams.heat,
            energy_in: 0.0,
            water_in: streams.make_up,
            water_out: streams.evaporation.max(0.0) + streams.drift + streams.blowdown,
        }
    }
}

/// Share of the rated water flow that wets all but 1/e of the fill.
const WETTING: f64 = 0.01;

/// Reactive over active power of fan drives at a power factor of 0.95.
const REACTIVE: f64 = 0.328_684_1;

#[cfg(test)]
mod tests;
