//! Dry cooler: finned coils with fans, in parallel, with optional adiabatic pre-cooling of the air.
//!
//! # Equations
//! Every running unit takes the same water and the same air.
//! - Q = ε·C_min·(T_w,in − T_a,in), crossflow with both streams unmixed; conductance from the rating with
//!   films by flow^0.85 (water) and flow^0.8 (air), see `coil`
//! - air flow ṁ_a = φ(r)·V̇₀/v_i, fan power P = P₀·π(r)·v₀/v_i (`fan_stage`); r holds the leaving-water
//!   set-point, at a stop it floats (`modulation`)
//! - leaving air: ṁ_a·(h(T_o, w_i) − h(T_a,in, w_i)) = Q + P
//! - adiabatic pads, above the dry bulb that switches them on: T_pad = T − η·(T − T_wb) along the line of
//!   constant wet bulb; evaporation ṁ_a·(w_pad − w); blowdown evaporation/(c − 1). The water comes at the
//!   wet bulb, so that the pads neither add nor take enthalpy
//! - warm air drawn in again: T_a,in = T_pad + ΔT_r
//! - water side: Δp = Δp₀·(ṁ/ṁ₀)^n
//! - `compatibility = "energyplus-two-speed"`, for comparison with `FluidCooler:TwoSpeed` of EnergyPlus 25.2: the fans
//!   stand still, run at low or at full speed, and two of these are averaged in time (r = 0, 0.5, 1); UA is one
//!   number for each speed whatever the flows; fan power is that of the rating whatever the density
//!
//! Ledger: ṁ_a·(h(T_o, w_i) − h(T_a,in, w_i)), from the states of the air.
//!
//! # Symbols and units
//! ṁ [kg/s], air as dry air; V̇ [m³/s]; v [m³/kg]; h [J/kg]; w humidity ratio [-]; T [K]; Q, P [W];
//! η saturation efficiency, c cycles of concentration [-]; index 0 rating.
//!
//! # Range of validity
//! Single-phase liquid; flows from a tenth to 1.5 times the rated.
//!
//! # Neglected
//! Radiation and sun, natural draught apart from its share of the air flow, pressure drop of the pads.
//!
//! # Source
//! LBNL Modelica Buildings, `DryCooler` (form, exponents, film ratio 0.5, free convection 0.125), checked
//! with its record BAC Trillium TDFS1238N-C60ET40B. Air flow by an air rise of 0.6 of the entering
//! difference, pads 80 % above 24 degC, recirculation 1 K: assumptions.

use super::coil::{AIR_SPECIFIC_HEAT, Coil, CoilRating};
use super::fan_stage::{Drive, FanStage, mode};
use super::heat_exchange::{crossflow, flow_size, temperature_at};
use super::modulation::Modulation;
use super::resistance::power_law;
use super::{
    At, Bound, Component, Control, EndUse, Guess, Ledger, Limit, Out, Outdoor, Quantity, Report,
    Severity, Sink, Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;
use crate::weather::{humidity_ratio_at_wet_bulb, specific_volume};

crate::fields! {
    /// Parameters of a dry cooler.
    pub struct Parameters {
        /// Units installed.
        count: number(Dimensionless, 1.0, 1e4) = 1.0,
        /// Units that run; all where it is left out. With none the cooler is shut off.
        running: optional(Dimensionless, 0.0, 1e4),
        /// Another program whose operation is copied, for comparison with it.
        compatibility: choice("none", "energyplus-two-speed") = 0.0,
        /// Air flow of the low speed over that at full speed, where there are two speeds.
        low_speed_air_flow: number(Fraction, 0.05, 1.0) = 0.5,
        /// Conductance of the low speed over that at full speed, where there are two speeds.
        low_speed_conductance: number(Fraction, 0.05, 1.0) = 0.6,
        /// Fan power of the low speed over that at full speed, where there are two speeds.
        low_speed_fan_power: number(Fraction, 0.01, 1.0) = 0.16,
        /// Heat of one unit at the rating.
        nominal_heat: number(Power, 1.0, 1e9),
        /// Temperature of the entering air at the rating.
        nominal_air_temperature: number(Temperature, 230.0, 330.0) = 308.15,
        /// Water temperature entering at the rating.
        nominal_inlet_temperature: number(Temperature, 240.0, 390.0),
        /// Water temperature leaving at the rating.
        nominal_outlet_temperature: number(Temperature, 240.0, 390.0),
        /// Air flow of one unit at full fan speed; by an air rise of 0.6 of the difference of the
        /// entering temperatures where it is left out.
        nominal_air_flow: optional(VolumeFlow, 1e-3, 1e5),
        /// Fan power of one unit at full speed and at the rating's air density.
        fan_power: number(Power, 0.0, 1e7),
        /// Set-point of the leaving water: a fixed temperature, or the dry bulb plus an approach.
        control: choice("fixed", "approach") = 0.0,
        /// Fixed set-point; with an approach the lowest set-point.
        supply_temperature: number(Temperature, 240.0, 370.0) = 303.15,
        /// Approach to the outdoor dry bulb that the control asks for.
        approach: number(TemperatureDifference, 0.5, 60.0) = 6.0,
        /// How the fans are driven.
        fans: choice("variable-speed", "two-speed", "single-speed") = 0.0,
        /// Least steady fan speed; below it the fans cycle.
        minimum_speed: number(Fraction, 0.05, 1.0) = 0.2,
        /// Air flow with the fans stopped, over that at full speed.
        natural_draught: number(Fraction, 1e-3, 0.9) = 0.125,
        /// Rise of the entering air by warm air drawn in again.
        recirculation: number(TemperatureDifference, 0.0, 15.0) = 1.0,
        /// Air film over water film at the rating.
        film_ratio: number(Dimensionless, 0.01, 100.0) = 0.5,
        /// Pressure drop at the rated water flow.
        nominal_pressure_drop: number(Pressure, 0.0, 1e7) = 6e4,
        /// Exponent of the pressure drop.
        exponent: number(Dimensionless, 1.0, 2.0) = 1.85,
        /// Adiabatic pads before the coil.
        adiabatic: flag = 0.0,
        /// Saturation efficiency of the pads.
        saturation_efficiency: number(Fraction, 0.0, 1.0) = 0.8,
        /// Outdoor dry bulb at which the pads are wetted.
        switch_on: number(Temperature, 273.15, 330.0) = 297.15,
        /// Cycles of concentration of the pads' water.
        cycles: number(Dimensionless, 1.01, 100.0) = 4.0,
    }
}

/// Dry cooler; see the module.
pub struct DryCooler;

const POSITION: usize = 0;
const AIR: usize = 1;
/// Pressure at which coolers are rated, Pa.
const RATED_PRESSURE: f64 = 101_325.0;
/// Reactive over active power of fan drives at a power factor of 0.95.
const REACTIVE: f64 = 0.328_684_1;

struct Units {
    p: Parameters<f64>,
    coil: Option<Coil>,
    fan: FanStage,
    running: f64,
    water: f64,
    nominal_air: f64,
    nominal_volume: f64,
    entering: f64,
    added_humidity: f64,
    volume: f64,
    specific_heat: f64,
    setpoint: f64,
}

struct Duty<S> {
    fan: Modulation<S>,
    air: S,
    heat: S,
    leaving_enthalpy: S,
    fan_power: S,
    effect: S,
}

fn fan_stage(p: &Parameters<f64>) -> FanStage {
    FanStage {
        drive: Drive::from_index(p.fans, p.low_speed_fan_power),
        minimum: if p.fans == 1 { p.low_speed_air_flow } else { p.minimum_speed },
        natural: p.natural_draught,
    }
}

/// Rated water flow, air volume flow and specific volume, and the coil.
fn rating(p: &Parameters<f64>, fluid: &Fluid) -> (f64, f64, f64, Option<Coil>) {
    let (warm, cold) = (p.nominal_inlet_temperature, p.nominal_outlet_temperature);
    let water = p.nominal_heat / (fluid.enthalpy(warm) - fluid.enthalpy(cold));
    let difference = warm - p.nominal_air_temperature;
    let volume = specific_volume(p.nominal_air_temperature, 0.0, RATED_PRESSURE);
    let by_rise = p.nominal_heat / (0.6 * difference * AIR_SPECIFIC_HEAT) * volume;
    let air = p.nominal_air_flow.unwrap_or(by_rise);
    let coil = Coil::rated(&CoilRating {
        heat: p.nominal_heat,
        difference,
        water,
        water_specific_heat: fluid.specific_heat(warm),
        air: air / volume,
        air_specific_heat: AIR_SPECIFIC_HEAT,
        film_ratio: p.film_ratio,
    });
    (water, air, volume, coil)
}

impl Units {
    fn new(theta: &[f64], fluid: &Fluid, outdoor: &Outdoor) -> Self {
        let p = Parameters::<f64>::load(theta);
        let (water, nominal_air, nominal_volume, coil) = rating(&p, fluid);
        let wet = p.adiabatic && outdoor.dry_bulb >= p.switch_on;
        let (mut entering, mut humidity) = (outdoor.dry_bulb, outdoor.humidity_ratio);
        if wet {
            entering -= p.saturation_efficiency * (outdoor.dry_bulb - outdoor.wet_bulb);
            humidity = humidity_ratio_at_wet_bulb(entering, outdoor.wet_bulb, outdoor.pressure);
        }
        entering += p.recirculation;
        let setpoint = if p.control == 1 {
            (outdoor.dry_bulb + p.approach).max(p.supply_temperature)
        } else {
            p.supply_temperature
        };
        Self {
            fan: fan_stage(&p),
            running: p.running.unwrap_or(p.count).min(p.count),
            water,
            nominal_air,
            nominal_volume,
            entering,
            added_humidity: humidity - outdoor.humidity_ratio,
            volume: specific_volume(entering, humidity, outdoor.pressure),
            specific_heat: AIR_SPECIFIC_HEAT + 1860.0 * humidity,
            setpoint,
            p,
            coil,
        }
    }

    /// What one unit does; its heat vanishes with its flow.
    fn duty<S: Scalar>(&self, at: &At<'_, S>) -> Duty<S> {
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let inlet = side.inlet_temperature();
        let flow = side.mass_flow / self.running;
        let water = flow_size(flow, self.water);
        let fan = Modulation::new(at.internal[POSITION], 0.0, 1.0);
        let difference = inlet - self.entering;
        let (air, per_kelvin, fan_power) = if self.p.compatibility == 1 {
            self.two_speeds(fan.position, flow, fluid.specific_heat(inlet))
        } else {
            let air = self.fan.air_flow(fan.position) * (self.nominal_air / self.volume);
            let per_kelvin = match &self.coil {
                Some(coil) => {
                    coil.heat_per_kelvin(flow, fluid.specific_heat(inlet), air, self.specific_heat)
                }
                None => S::from(0.0),
            };
            let fan_power = self.fan.power(fan.position)
                * (self.p.fan_power * self.nominal_volume / self.volume);
            (air, per_kelvin, fan_power)
        };
        let heat = per_kelvin * difference;
        Duty {
            fan,
            air,
            heat,
            leaving_enthalpy: fluid.enthalpy(inlet) - heat / water,
            fan_power,
            effect: difference * 0.1 * water / (water + 0.01 * self.water),
        }
    }

    /// Air flow, heat for a kelvin and fan power of one unit, with two speeds averaged in time.
    fn two_speeds<S: Scalar>(&self, position: S, flow: S, specific_heat: S) -> (S, S, S) {
        let p = &self.p;
        let conductance = self.coil.as_ref().map_or(0.0, Coil::rated_conductance);
        let size = flow_size(flow, self.water);
        let vanishing = flow * flow / (size * size);
        let full_air = self.nominal_air / self.volume;
        let heat = |conductance: f64, air: f64| {
            crossflow(S::from(conductance), size * specific_heat, S::from(air * self.specific_heat))
                * vanishing
        };
        let low_air = full_air * p.low_speed_air_flow;
        let low = heat(conductance * p.low_speed_conductance, low_air);
        let low_power = p.fan_power * p.low_speed_fan_power;
        // Still air: a millionth, so that there is always a stream to speak of.
        if position.re() < 0.5 {
            let share = position * 2.0;
            return (share * low_air + 1e-6 * full_air, low * share, share * low_power);
        }
        let share = position * 2.0 - 1.0;
        (
            share * (full_air - low_air) + low_air,
            low + (heat(conductance, full_air) - low) * share,
            share * (p.fan_power - low_power) + low_power,
        )
    }

    fn error<S: Scalar>(&self, fluid: &Fluid, duty: &Duty<S>) -> S {
        let target = fluid.enthalpy(self.setpoint);
        -(duty.leaving_enthalpy - target) / (10.0 * fluid.specific_heat(self.setpoint))
    }

    /// Heat in the air of all units and water evaporated on their pads.
    fn streams(&self, at: &At<'_, f64>, duty: &Duty<f64>) -> (f64, f64) {
        let air = duty.air * self.running;
        (air * self.specific_heat * (at.internal[AIR] - self.entering), air * self.added_humidity)
    }

    fn make_up(&self, evaporation: f64) -> f64 {
        evaporation * self.p.cycles / (self.p.cycles - 1.0)
    }
}

impl Component for DryCooler {
    const SPEC: Spec = Spec {
        kind: "dry_cooler",
        doc: "Dry cooler: finned coils with controlled fans, with optional adiabatic pre-cooling.",
        sides: &["water"],
        source: &[true],
        air: &[],
        carries_bus: false,
        internal: &["fan control [-]", "leaving air temperature [K]"],
        internal_scale: &[1.0, 10.0],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if p.nominal_inlet_temperature <= p.nominal_outlet_temperature {
            let text = "must exceed the rated outlet temperature".to_owned();
            faults.push(("nominal_inlet_temperature", text));
        } else if p.nominal_outlet_temperature <= p.nominal_air_temperature {
            let text = "must exceed the rated air temperature".to_owned();
            faults.push(("nominal_outlet_temperature", text));
        } else if rating(&p, &Fluid::water()).3.is_none() {
            let text = "is too small: no coil gives the rated heat with it".to_owned();
            faults.push(("nominal_air_flow", text));
        }
        let fan = fan_stage(&p);
        faults.extend(fan.fault().map(|text| ("natural_draught", text)));
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", format!("exceeds the {} units installed", p.count)));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], outdoor: &Outdoor) -> Guess {
        let units = Units::new(theta, fluids[0], outdoor);
        let p = &units.p;
        let mut guess = Guess {
            mass_flow: [units.running * units.water, 0.0],
            pressure_rise: [-p.nominal_pressure_drop, 0.0],
            temperature_rise: [p.nominal_outlet_temperature - p.nominal_inlet_temperature, 0.0],
            temperature: [Some(units.setpoint.max(units.entering + 3.0)), None],
            ..Guess::default()
        };
        guess.internal[..2].copy_from_slice(&[0.7, units.entering + 6.0]);
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let units = Units::new(at.theta, at.fluids[0], at.outdoor);
        let (side, p) = (&at.sides[0], &units.p);
        let mut out = Out::zero();
        if units.running <= 0.0 {
            out.pressure[0] = side.mass_flow * (1e5 / units.water);
            pass_through(&mut out, 0, side, at.fluids[0], S::from(0.0));
            out.internal[POSITION] = at.internal[POSITION];
            out.internal[AIR] = at.internal[AIR] - units.entering;
            return out;
        }
        let duty = units.duty(at);
        let drop = power_law(
            side.mass_flow / units.running,
            S::from(p.nominal_pressure_drop),
            S::from(units.water),
            S::from(p.exponent),
        );
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        pass_through(&mut out, 0, side, at.fluids[0], -duty.heat * units.running);
        out.internal[POSITION] = duty.fan.residual(units.error(at.fluids[0], &duty), duty.effect);
        let rise = (duty.heat + duty.fan_power) / (duty.air * units.specific_heat);
        out.internal[AIR] = at.internal[AIR] - rise - units.entering;
        let power = duty.fan_power * units.running;
        out.power = [power, power * REACTIVE];
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        report(at, &Units::new(at.theta, at.fluids[0], at.outdoor))
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let units = Units::new(at.theta, at.fluids[0], at.outdoor);
        if units.running <= 0.0 {
            return Ledger::default();
        }
        let (heat, evaporation) = units.streams(at, &units.duty(at));
        let water = units.make_up(evaporation);
        Ledger { heat_out: heat, energy_in: 0.0, water_in: water, water_out: water }
    }
}

fn report(at: &At<'_, f64>, units: &Units) -> Report {
    let p = &units.p;
    if units.running <= 0.0 {
        return Report { mode: "off", on: 0.0, of: p.count, ..Report::default() };
    }
    let fluid = at.fluids[0];
    let duty = units.duty(at);
    let (heat, evaporation) = units.streams(at, &duty);
    let inlet = at.sides[0].inlet_temperature();
    let leaving = temperature_at(fluid, duty.leaving_enthalpy, inlet);
    let flow = at.sides[0].mass_flow.abs() / units.running;
    let mut limits = vec![Limit {
        what: "water flow of a unit",
        value: Some(flow),
        limit: 1.5 * units.water,
        dimension: Dimension::MassFlow,
        bound: Bound::AtMost,
        severity: Severity::Advisory,
    }];
    if let Some(freezing) = fluid.freezing_temperature() {
        limits.push(Limit {
            what: "coldest that the coil can get above freezing",
            value: Some(leaving.min(at.outdoor.dry_bulb)),
            limit: freezing,
            dimension: Dimension::Temperature,
            bound: Bound::AtLeast,
            severity: Severity::Advisory,
        });
    }
    let quantity = |name, value, dimension| Quantity { name, value, dimension };
    let approach = leaving - at.outdoor.dry_bulb;
    Report {
        mode: mode(duty.fan.position, p.minimum_speed),
        on: units.running,
        of: p.count,
        load_fraction: Some(duty.heat / p.nominal_heat),
        limits,
        controls: vec![Control {
            what: "leaving water temperature",
            setpoint: units.setpoint,
            actual: leaving,
            dimension: Dimension::Temperature,
            saturated: duty.fan.saturated(),
            required: true,
        }],
        sink: Some(Sink { heat, water: units.make_up(evaporation) }),
        warnings: Vec::new(),
        quantities: vec![
            quantity("leaving water temperature", leaving, Dimension::Temperature),
            quantity("approach to outdoor dry bulb", approach, Dimension::TemperatureDifference),
            quantity("fan position", duty.fan.position, Dimension::Fraction),
            quantity("fan power", duty.fan_power * units.running, Dimension::Power),
            quantity("entering air temperature", units.entering, Dimension::Temperature),
            quantity("leaving air temperature", at.internal[AIR], Dimension::Temperature),
            quantity("evaporation", evaporation, Dimension::MassFlow),
            quantity("blowdown", units.make_up(evaporation) - evaporation, Dimension::MassFlow),
        ],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::bench::{Bench, memphis, weather};
    use super::{DryCooler, Parameters};
    use crate::component::Component;

    /// BAC Trillium TDFS1238N-C60ET40B.
    fn bac() -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("nominal_heat", 2.931e6).set("fan_power", 117_680.0);
        bench.set("nominal_inlet_temperature", 319.26);
        bench.set("nominal_outlet_temperature", 313.70);
        bench.set("recirculation", 0.0).set("supply_temperature", 300.0);
        bench.outdoor = weather(308.15, 290.0);
        bench.outdoor.humidity_ratio = 0.0;
        bench.flow(0, 126.2, 319.26);
        bench
    }

    #[test]
    fn meets_its_rating() {
        let mut bench = bac();
        let water: f64 =
            2.931e6 / (bench.fluids[0].enthalpy(319.26) - bench.fluids[0].enthalpy(313.70));
        // Published: 126 kg/s.
        assert!((water - 126.0).abs() < 0.5, "{water}");
        bench.flow(0, water, 319.26).solve::<DryCooler>();
        assert!((bench.leaving::<DryCooler>(0) - 313.70).abs() < 1e-6);
        assert!((bench.out::<DryCooler>().power[0] - 117_680.0).abs() < 1e-3);
        assert!(bench.imbalance::<DryCooler>() < 1e-12);
        assert_eq!(bench.report::<DryCooler>().mode, "fans at full speed");
    }

    /// On a cool day the fans slow down, and power falls with the cube of their speed.
    #[test]
    fn fans_follow_the_set_point() {
        let mut bench = bac();
        bench.set("supply_temperature", 313.15).outdoor = weather(293.15, 288.15);
        bench.solve::<DryCooler>();
        assert!((bench.leaving::<DryCooler>(0) - 313.15).abs() < 1e-6);
        let speed = bench.internal[0];
        assert!((0.2..0.6).contains(&speed), "{speed}");
        let density = 308.15 / 293.15;
        let expected = 117_680.0 * speed.powi(3) * density;
        // Vapour makes the air half a per cent lighter than the dry air of the rating.
        assert!((bench.out::<DryCooler>().power[0] / expected - 1.0).abs() < 0.02);
        // Asked for the impossible, they stay at full speed and the set-point floats.
        bench.set("supply_temperature", 280.0).solve::<DryCooler>();
        assert!(bench.report::<DryCooler>().controls[0].saturated);
        assert!(bench.imbalance::<DryCooler>() < 1e-12);
    }

    /// Pads of 80 % take the Memphis design day (35.6 and 25.2 degC) to 27.3 degC; water only then.
    #[test]
    fn pads_cool_the_air() {
        let mut bench = bac();
        bench.outdoor = memphis();
        bench.solve::<DryCooler>();
        let dry = bench.leaving::<DryCooler>(0);
        assert_eq!(bench.ledger::<DryCooler>().water_in, 0.0);
        bench.set("adiabatic", 1.0).solve::<DryCooler>();
        let report = bench.report::<DryCooler>();
        let entering = report.quantities.iter().find(|q| q.name == "entering air temperature");
        assert!((entering.unwrap().value - (308.75 - 0.8 * 10.4)).abs() < 1e-9);
        assert!(bench.leaving::<DryCooler>(0) < dry - 4.0);
        assert!(bench.imbalance::<DryCooler>() < 1e-12);
        // Latent heat of 2.43 MJ/kg cools the air by 8.3 K: 3.4 g/kg, half of it again as heat.
        let ledger = bench.ledger::<DryCooler>();
        assert!(ledger.water_in > 0.5 && ledger.water_in < 3.0, "{}", ledger.water_in);
        bench.outdoor = weather(290.15, 285.15);
        bench.solve::<DryCooler>();
        assert_eq!(bench.ledger::<DryCooler>().water_in, 0.0);
    }

    #[test]
    fn limits_of_flow() {
        let mut bench = bac();
        bench.flow(0, 0.0, 319.0).solve::<DryCooler>();
        assert!(bench.heat::<DryCooler>(0).abs() < 1e-6);
        bench.flow(0, 126.0, 308.15).solve::<DryCooler>();
        assert!(bench.heat::<DryCooler>(0).abs() < 1e-3);
        bench.flow(0, 126.0, 319.0).solve::<DryCooler>();
        let one = bench.heat::<DryCooler>(0);
        bench.set("count", 2.0).flow(0, 252.0, 319.0).solve::<DryCooler>();
        assert!((bench.heat::<DryCooler>(0) / one - 2.0).abs() < 1e-12);
        bench.set("nominal_outlet_temperature", 300.0);
        assert_eq!(DryCooler::check(&bench.theta, &[])[0].0, "nominal_outlet_temperature");
    }
}
