//! Plate economisers: exchangers that cool a loop with a colder one, a bypass holding the set-point.
//!
//! # Equations
//! n units; a share f of the hot flow goes through the plates, the rest around them:
//! - Q = ε·f·C_h·(T_h,in − T_c,in), counterflow ε of UA with streams f·C_h and C_c
//! - UA₀/UA = ½·(f·ṁ_h/ṁ_h,0)^(−m) + ½·(ṁ_c/ṁ_c,0)^(−m) + φ: equal films at the rating, φ fouling
//! - control: f holds the leaving hot water at its set-point, which the weather may reset (`reset`), Q = ṁ_h·(h_in − h(T_set)), between 0 and 1 (`modulation`)
//! - shut (all hot water bypassed) while the cold loop is not colder than the hot one; open again 0.5 K below. The
//!   cold side is then closed by its valve, ṁ_c = 0 (`when_shut = "no-flow"`, economisers in parallel with condensers), or its
//!   flow goes around the plates (`"bypass"`, economisers in series with others or on a pump of their own)
//! - Δp = Δp₀·(ṁ/ṁ₀)^e on both sides, whatever the bypasses do
//!
//! A chiller in series behind it then has free, partial or mechanical cooling, as its own load shows.
//!
//! # Symbols and units
//! UA [W/K]; C capacity flow [W/K]; φ fouling over the clean resistance [-]; Q [W]; h [J/kg]; ṁ [kg/s].
//!
//! # Range of validity
//! Single-phase liquids; films by flow^m, m = 0.7 for plates, at the rating's fluids and temperatures.
//!
//! # Neglected
//! Change of the films with temperature; heat loss.
//!
//! # Source
//! ε-NTU as `heat_exchange`; exponent and equal films: VDI Heat Atlas, plate heat exchangers (0.6 to 0.75).

use super::heat_exchange::{counterflow, counterflow_transfer, flow_size, temperature_at};
use super::modulation::Modulation;
use super::reset::Reset;
use super::resistance::power_law;
use super::{
    At, Bound, Component, Control, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity,
    Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of plate economisers.
    pub struct Parameters {
        /// Units in parallel.
        count: number(Dimensionless, 1.0, 1e4) = 1.0,
        /// Heat of one unit at the rating.
        nominal_heat: number(Power, 1.0, 1e9),
        /// Approach at the rating: leaving hot over entering cold water.
        nominal_approach: number(TemperatureDifference, 0.1, 60.0) = 2.0,
        /// Cold flow of one unit at the rating.
        cold_flow: number(MassFlow, 1e-3, 1e5),
        /// Hot flow of one unit at the rating.
        hot_flow: number(MassFlow, 1e-3, 1e5),
        /// Fouling resistance over the clean resistance at the rating.
        fouling: number(Fraction, 0.0, 10.0) = 0.0,
        /// Exponent m of the films.
        film_exponent: number(Dimensionless, 0.0, 1.0) = 0.7,
        /// Set-point of the leaving hot water.
        supply_temperature: number(Temperature, 265.0, 370.0) = 293.15,
        /// What resets the set-point, from `supply_temperature` to `reset_temperature`.
        reset: choice("none", "wet-bulb", "dry-bulb") = 0.0,
        /// Set-point in cold weather, with a reset.
        reset_temperature: optional(Temperature, 240.0, 400.0),
        /// Outdoor temperature from which on `supply_temperature` holds.
        reset_from: number(Temperature, 230.0, 330.0) = 293.15,
        /// Outdoor temperature down from which `reset_temperature` holds.
        reset_to: number(Temperature, 230.0, 330.0) = 283.15,
        /// Pressure drop of the cold side at the rated flow.
        cold_pressure_drop: number(Pressure, 0.0, 1e7) = 5e4,
        /// Pressure drop of the hot side at the rated flow.
        hot_pressure_drop: number(Pressure, 0.0, 1e7) = 5e4,
        /// What becomes of the cold flow while the cold loop is not colder: a valve stops it, or it goes around the plates.
        when_shut: choice("no-flow", "bypass") = 0.0,
        /// Exponent of both pressure drops.
        exponent: number(Dimensionless, 1.0, 2.0) = 1.85,
    }
}

/// Plate economisers; see the module.
pub struct Economiser;

const COLD: usize = 0;
const HOT: usize = 1;
/// Status of a unit that the cold loop cannot help.
const SHUT: u8 = 1;
/// Index of `when_shut = "no-flow"`.
const NO_FLOW: usize = 0;
/// Specific heat for the rating's capacity flows, J/(kg K), as both fluids may differ at run time.
const RATED_TEMPERATURE: f64 = 298.15;

/// Rated conductance of a clean unit, W/K; `None` where the rating is impossible.
fn conductance(p: &Parameters<f64>, cold: &Fluid, hot: &Fluid) -> Option<f64> {
    let hot_capacity = p.hot_flow * hot.specific_heat(RATED_TEMPERATURE);
    let cold_capacity = p.cold_flow * cold.specific_heat(RATED_TEMPERATURE);
    let fall = p.nominal_heat / hot_capacity;
    let effectiveness = fall / (fall + p.nominal_approach);
    counterflow_transfer(effectiveness, hot_capacity / cold_capacity)
        .map(|transfer| transfer * hot_capacity)
}

fn reset(p: &Parameters<f64>) -> Reset {
    Reset {
        by: p.reset,
        supply: p.supply_temperature,
        other: p.reset_temperature,
        from: p.reset_from,
        to: p.reset_to,
    }
}

/// What all units do.
struct Duty<S> {
    open: Modulation<S>,
    heat: S,
    demand: S,
    /// Whether the plates can act: the difference, faded out without flow.
    effect: S,
}

/// Whether the valve on the cold side is shut.
fn closed<S>(at: &At<'_, S>, p: &Parameters<f64>) -> bool {
    at.status[0] == SHUT && p.when_shut == NO_FLOW
}

fn duty<S: Scalar>(at: &At<'_, S>, p: &Parameters<f64>) -> Duty<S> {
    let inlet = |index: usize| at.sides[index].inlet_temperature();
    let (cold, hot) = (inlet(COLD), inlet(HOT));
    let open = Modulation::new(at.internal[0], 0.0, 1.0);
    let hot_flow = at.sides[HOT].mass_flow / p.count;
    let hot_size = flow_size(hot_flow, p.hot_flow);
    // A millionth more than goes through the plates, so that there is always a stream to speak of.
    let flows = [
        flow_size(at.sides[COLD].mass_flow / p.count, p.cold_flow),
        hot_size * (open.position + 1e-6),
    ];
    // Each film has half of the rated clean resistance.
    let film =
        |index: usize, rated: f64| ((flows[index] / rated).ln() * -p.film_exponent).exp() * 0.5;
    let resistance = film(COLD, p.cold_flow) + film(HOT, p.hot_flow) + p.fouling;
    let rated = conductance(p, at.fluids[COLD], at.fluids[HOT]).unwrap_or(0.0);
    let capacity = [
        flows[COLD] * at.fluids[COLD].specific_heat(cold),
        flows[HOT] * at.fluids[HOT].specific_heat(hot),
    ];
    let transfer = resistance.recip() * rated / capacity[HOT];
    let effectiveness = counterflow(transfer, capacity[HOT] / capacity[COLD]);
    // The heat vanishes with the flow and with the share.
    let stream = hot_flow * hot_flow / hot_size * open.position * at.fluids[HOT].specific_heat(hot);
    let difference = hot - cold;
    let heat = if at.status[0] == SHUT {
        S::from(0.0)
    } else {
        effectiveness * stream * difference * p.count
    };
    let target = at.fluids[HOT].enthalpy(reset(p).setpoint(at.outdoor, 1.0));
    Duty {
        open,
        heat,
        demand: at.sides[HOT].mass_flow * (at.fluids[HOT].enthalpy(hot) - target),
        effect: difference * 0.3 * hot_size / (hot_size + 0.01 * p.hot_flow),
    }
}

impl Component for Economiser {
    const SPEC: Spec = Spec {
        kind: "economiser",
        doc: "Plate economisers: exchangers with a bypass that holds the hot side's leaving temperature.",
        sides: &["primary", "secondary"],
        source: &[false, true],
        air: &[],
        carries_bus: false,
        internal: &["share through the plates [-]"],
        internal_scale: &[1.0],
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults: Vec<_> = reset(&p).fault().into_iter().collect();
        if conductance(&p, &Fluid::water(), &Fluid::water()).is_none() {
            let text = "exceeds what the rated flows can carry at this approach".to_owned();
            faults.push(("nominal_heat", text));
        }
        faults
    }

    fn may_shut(theta: &[f64]) -> Option<usize> {
        (Parameters::<f64>::load(theta).when_shut == NO_FLOW).then_some(COLD)
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let rise = |flow: f64, fluid: &Fluid| {
            p.nominal_heat / (flow * fluid.specific_heat(RATED_TEMPERATURE))
        };
        let mut guess = Guess {
            mass_flow: [p.count * p.cold_flow, p.count * p.hot_flow],
            pressure_rise: [-p.cold_pressure_drop, -p.hot_pressure_drop],
            temperature_rise: [rise(p.cold_flow, fluids[0]), -rise(p.hot_flow, fluids[1])],
            temperature: [None, Some(p.supply_temperature)],
            ..Guess::default()
        };
        guess.internal[0] = 0.8;
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let duty = duty(at, &p);
        let mut out = Out::zero();
        let rated = [(p.cold_pressure_drop, p.cold_flow), (p.hot_pressure_drop, p.hot_flow)];
        for (index, (drop, flow)) in rated.into_iter().enumerate() {
            let side = &at.sides[index];
            let drop = power_law(
                side.mass_flow / p.count,
                S::from(drop),
                S::from(flow),
                S::from(p.exponent),
            );
            out.pressure[index] = if index == COLD && closed(at, &p) {
                side.mass_flow * (1e5 / (p.count * p.cold_flow))
            } else {
                side.pressure_a - side.pressure_b - drop
            };
            let heat = if index == COLD { duty.heat } else { -duty.heat };
            pass_through(&mut out, index, side, at.fluids[index], heat);
        }
        out.internal[0] = if at.status[0] == SHUT {
            at.internal[0]
        } else {
            let error = (duty.heat - duty.demand) / (p.count * p.nominal_heat);
            duty.open.residual(error, duty.effect)
        };
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        // Without flow the plates would get what stands before the valve.
        let side = &at.sides[COLD];
        let backward = side.mass_flow < -0.01 * p.count * p.cold_flow;
        let cold = if backward { side.temperature_b } else { side.temperature_a };
        let difference = at.sides[HOT].inlet_temperature() - cold;
        if difference < 0.0 {
            next[0] = SHUT;
        } else if difference > 0.5 {
            next[0] = 0;
        }
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let duty = duty(at, &p);
        let side = &at.sides[HOT];
        let inlet = side.inlet_temperature();
        let enthalpy =
            at.fluids[HOT].enthalpy(inlet) - duty.heat / flow_size(side.mass_flow, p.hot_flow);
        let leaving = temperature_at(at.fluids[HOT], enthalpy, inlet);
        let limit = |what, index: usize, rated: f64| Limit {
            what,
            value: Some(at.sides[index].mass_flow.abs() / p.count),
            limit: 1.5 * rated,
            dimension: Dimension::MassFlow,
            bound: Bound::AtMost,
            severity: Severity::Advisory,
        };
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        let shut = at.status[0] == SHUT;
        Report {
            mode: if shut {
                "shut: the cold loop is not colder"
            } else if duty.open.beyond > 0.0 {
                "all through the plates"
            } else if duty.open.position <= 0.0 {
                "bypassed: water at or below the set-point"
            } else {
                "bypass controlled"
            },
            on: if shut { 0.0 } else { p.count },
            of: p.count,
            load_fraction: Some(duty.heat / (p.nominal_heat * p.count)),
            limits: vec![
                limit("cold flow of a unit", COLD, p.cold_flow),
                limit("hot flow of a unit", HOT, p.hot_flow),
            ],
            controls: vec![Control {
                what: "leaving hot water temperature",
                setpoint: reset(&p).setpoint(at.outdoor, 1.0),
                actual: leaving,
                dimension: Dimension::Temperature,
                saturated: shut || duty.open.saturated(),
                // A chiller may follow: it then has to meet the set-point.
                required: false,
            }],
            quantities: vec![
                quantity("heat", duty.heat, Dimension::Power),
                quantity("share through the plates", duty.open.position, Dimension::Fraction),
                quantity("leaving hot water temperature", leaving, Dimension::Temperature),
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Economiser, Parameters};
    use crate::component::Component;

    /// 6 MW at 2 K approach, 6 K on the hot side.
    fn bench() -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("nominal_heat", 6e6).set("cold_flow", 240.0).set("hot_flow", 239.2);
        bench.set("supply_temperature", 290.0);
        bench.flow(0, 240.0, 295.15).flow(1, 239.2, 303.15);
        bench
    }

    #[test]
    fn meets_its_rating() {
        let mut bench = bench();
        bench.solve::<Economiser>();
        assert!((bench.heat::<Economiser>(0) / 6e6 - 1.0).abs() < 1e-3);
        assert!((bench.leaving::<Economiser>(1) - 297.15).abs() < 0.01);
        assert!(bench.imbalance::<Economiser>() < 1e-12);
        assert_eq!(bench.report::<Economiser>().mode, "all through the plates");
        assert!(Economiser::check(&bench.theta, &[]).is_empty());
    }

    #[test]
    fn bypass_holds_the_set_point_and_shuts() {
        let mut bench = bench();
        bench.set("supply_temperature", 299.15).solve::<Economiser>();
        assert!((bench.leaving::<Economiser>(1) - 299.15).abs() < 1e-6);
        let share = bench.internal[0];
        assert!((0.3..0.7).contains(&share), "{share}");
        // The cold loop is warm: shut, no heat flows the wrong way.
        bench.flow(0, 240.0, 305.0).solve::<Economiser>();
        assert_eq!(bench.heat::<Economiser>(0), 0.0);
        assert_eq!(bench.report::<Economiser>().on, 0.0);
        // Hot water already at the set-point: bypassed.
        bench.flow(0, 240.0, 290.0).flow(1, 239.2, 298.0).settle::<Economiser>();
        assert!(bench.heat::<Economiser>(0).abs() < 1e-3);
        assert_eq!(bench.status[0], 0);
    }

    /// Shut by its valve nothing flows on the cold side whatever the pressure; with a bypass it flows as before.
    #[test]
    fn shut_passes_no_cold_water() {
        let mut bench = bench();
        bench.flow(0, 240.0, 305.0).solve::<Economiser>();
        bench.flow(0, 0.0, 305.0).sides[0].pressure_a = 9e5;
        assert_eq!(bench.report::<Economiser>().on, 0.0);
        assert_eq!(bench.out::<Economiser>().pressure[0], 0.0, "no flow is the solution");
        bench.flow(0, 1.0, 305.0);
        assert!(bench.out::<Economiser>().pressure[0].abs() > 100.0, "1 kg/s is not");
        bench.set("when_shut", 1.0).flow(0, 240.0, 305.0).solve::<Economiser>();
        bench.sides[0].pressure_a = bench.sides[0].pressure_b + 5e4;
        assert!(bench.out::<Economiser>().pressure[0].abs() < 1.0, "the rated drop at the rated flow");
        // The valve opens by what stands before it, not by what is behind.
        bench.set("when_shut", 0.0).flow(0, 0.0, 305.0);
        bench.sides[0].temperature_b = 310.0;
        bench.flow(0, 0.0, 302.5).settle::<Economiser>();
        assert_eq!(bench.report::<Economiser>().on, 1.0);
    }

    #[test]
    fn limits_of_flow() {
        let mut bench = bench();
        bench.flow(1, 0.0, 303.15).solve::<Economiser>();
        assert!(bench.heat::<Economiser>(0).abs() < 1e-3);
        // Without cold flow the plates warm to the hot water: almost nothing is taken.
        bench.flow(0, 0.0, 295.15).flow(1, 239.2, 303.15).solve::<Economiser>();
        assert!(bench.heat::<Economiser>(0) < 1e3);
        bench.set("nominal_approach", 0.1).set("cold_flow", 100.0);
        assert_eq!(Economiser::check(&bench.theta, &[])[0].0, "nominal_heat");
    }
}
