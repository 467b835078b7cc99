//! Heat reuse: an exchanger that gives a loop's heat to somebody else's network, up to what is asked for.
//!
//! # Equations
//! A share f of the loop's flow goes through the plates, the rest around them:
//! - Q = ε·f·C·(T_in − T_n), counterflow ε of UA with streams f·C and C_n; T_n the network's return
//! - UA₀/UA = ½·(f·ṁ/ṁ₀)^(−0.7) + ½; UA₀ from the rating, ε₀ = Q₀/(C₀·(T₀ − T_n))
//! - control: f holds the heat that is asked for, between 0 and 1 (`modulation`); without a demand f = 1
//! - shut (all bypassed) while the loop is not warmer than the network's return; open again 0.5 K above
//! - the network leaves with T_n + Q/C_n
//! - Δp = Δp₀·(ṁ/ṁ₀)^1.85, whatever the bypass does
//!
//! Q leaves the site as heat that is used: it counts in ERE, energy of the facility less Q over that of IT.
//!
//! # Symbols and units
//! UA [W/K]; C, C_n capacity flow of loop and network [W/K]; T [K]; Q [W]; ṁ [kg/s]; index 0 rating.
//!
//! # Range of validity
//! A network of water whose return temperature and flow do not depend on this heat.
//!
//! # Neglected
//! The network's pumps, which its owner pays; heat loss; a heat pump between.
//!
//! # Source
//! ε-NTU as `heat_exchange`; ERE: The Green Grid white paper 29, ISO/IEC 30134-6 (energy reuse factor).

use super::heat_exchange::{counterflow, counterflow_transfer, flow_size};
use super::modulation::Modulation;
use super::resistance::power_law;
use super::{
    At, Component, Control, EndUse, Guess, Ledger, Out, Outdoor, Quantity, Report, Sink, Spec,
    pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a heat-reuse exchanger.
    pub struct Parameters {
        /// Heat at the rating.
        nominal_heat: number(Power, 1.0, 1e9),
        /// Temperature of the loop's water entering at the rating.
        nominal_inlet_temperature: number(Temperature, 275.0, 390.0),
        /// Flow of the loop at the rating.
        nominal_flow: number(MassFlow, 1e-3, 1e5),
        /// Flow of the network.
        network_flow: number(MassFlow, 1e-3, 1e5),
        /// Temperature with which the network's water returns.
        network_return_temperature: number(Temperature, 270.0, 380.0),
        /// Heat that the network asks for at most; all that it can get where it is left out.
        demand: optional(Power, 0.0, 1e10),
        /// Pressure drop of the loop's side at the rated flow.
        nominal_pressure_drop: number(Pressure, 0.0, 1e7) = 3e4,
    }
}

/// Heat reuse; see the module.
pub struct HeatReuse;

// Internal unknowns.
const SHARE: usize = 0;
const NETWORK: usize = 1;
/// Status of an exchanger that can give nothing.
const SHUT: u8 = 1;
/// Specific heat of the network's water, J/(kg K).
const NETWORK_SPECIFIC_HEAT: f64 = 4180.0;
/// Exponent of the films.
const FILM_EXPONENT: f64 = 0.7;

/// Rated conductance, W/K; `None` where the rating is impossible.
fn conductance(p: &Parameters<f64>, fluid: &Fluid) -> Option<f64> {
    let capacity = p.nominal_flow * fluid.specific_heat(p.nominal_inlet_temperature);
    let difference = p.nominal_inlet_temperature - p.network_return_temperature;
    let effectiveness = p.nominal_heat / (capacity * difference);
    counterflow_transfer(effectiveness, capacity / (p.network_flow * NETWORK_SPECIFIC_HEAT))
        .map(|transfer| transfer * capacity)
}

struct Duty<S> {
    open: Modulation<S>,
    heat: S,
    difference: S,
    effect: S,
}

fn duty<S: Scalar>(at: &At<'_, S>, p: &Parameters<f64>) -> Duty<S> {
    let (side, fluid) = (&at.sides[0], at.fluids[0]);
    let inlet = side.inlet_temperature();
    let open = Modulation::new(at.internal[SHARE], 0.0, 1.0);
    let size = flow_size(side.mass_flow, p.nominal_flow);
    // A millionth more than goes through the plates, so that there is always a stream to speak of.
    let through = size * (open.position + 1e-6);
    let specific_heat = fluid.specific_heat(inlet);
    let film = ((through / p.nominal_flow).ln() * -FILM_EXPONENT).exp();
    let rated = conductance(p, fluid).unwrap_or(0.0);
    let capacity = through * specific_heat;
    let effectiveness = counterflow(
        ((film + 1.0) * 0.5).recip() * rated / capacity,
        capacity / (p.network_flow * NETWORK_SPECIFIC_HEAT),
    );
    let difference = inlet - p.network_return_temperature;
    let stream = side.mass_flow * side.mass_flow / size * open.position * specific_heat;
    let shut = at.status[0] == SHUT;
    Duty {
        open,
        heat: if shut { S::from(0.0) } else { effectiveness * stream * difference },
        difference,
        effect: difference * 0.3 * size / (size + 0.01 * p.nominal_flow),
    }
}

impl Component for HeatReuse {
    const SPEC: Spec = Spec {
        kind: "heat_reuse",
        doc: "Heat reuse: an exchanger that gives a loop's heat to a network outside, up to its demand.",
        sides: &["water"],
        source: &[true],
        air: &[],
        carries_bus: false,
        internal: &["share through the plates [-]", "network supply temperature [K]"],
        internal_scale: &[1.0, 10.0],
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        if p.nominal_inlet_temperature <= p.network_return_temperature {
            let text = "must exceed the network's return temperature".to_owned();
            return vec![("nominal_inlet_temperature", text)];
        }
        if conductance(&p, &Fluid::water()).is_none() {
            let text = "exceeds what the rated flows can carry".to_owned();
            return vec![("nominal_heat", text)];
        }
        Vec::new()
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let capacity = p.nominal_flow * fluids[0].specific_heat(p.nominal_inlet_temperature);
        let mut guess = Guess {
            mass_flow: [p.nominal_flow, 0.0],
            pressure_rise: [-p.nominal_pressure_drop, 0.0],
            temperature_rise: [-p.nominal_heat / capacity, 0.0],
            ..Guess::default()
        };
        guess.internal[SHARE] = 0.8;
        guess.internal[NETWORK] = p.network_return_temperature + 10.0;
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let duty = duty(at, &p);
        let side = &at.sides[0];
        let mut out = Out::zero();
        let drop = power_law(
            side.mass_flow,
            S::from(p.nominal_pressure_drop),
            S::from(p.nominal_flow),
            S::from(1.85),
        );
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        pass_through(&mut out, 0, side, at.fluids[0], -duty.heat);
        out.internal[SHARE] = match p.demand {
            _ if at.status[0] == SHUT => at.internal[SHARE],
            Some(demand) => {
                let error = (duty.heat - demand) / p.nominal_heat;
                duty.open.residual(error, duty.effect)
            }
            None => at.internal[SHARE] - 1.0,
        };
        let rise = duty.heat / (p.network_flow * NETWORK_SPECIFIC_HEAT);
        out.internal[NETWORK] = at.internal[NETWORK] - p.network_return_temperature - rise;
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let difference = duty(at, &p).difference;
        if difference < 0.0 {
            next[0] = SHUT;
        } else if difference > 0.5 {
            next[0] = 0;
        }
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let duty = duty(at, &p);
        let shut = at.status[0] == SHUT;
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        let control = p.demand.map(|demand| Control {
            what: "heat given to the network",
            setpoint: demand,
            actual: duty.heat,
            dimension: Dimension::Power,
            saturated: shut || duty.open.saturated(),
            // Heat that is not there cannot be given; the hall is cooled all the same.
            required: false,
        });
        Report {
            mode: if shut {
                "shut: the network is warmer"
            } else if p.demand.is_none() || duty.open.beyond > 0.0 {
                "gives all that it can"
            } else {
                "gives what is asked for"
            },
            on: if shut { 0.0 } else { 1.0 },
            of: 1.0,
            load_fraction: Some(duty.heat / p.nominal_heat),
            controls: control.into_iter().collect(),
            sink: Some(Sink { heat: duty.heat, water: 0.0 }),
            quantities: vec![
                quantity("heat given to the network", duty.heat, Dimension::Power),
                quantity("network supply temperature", at.internal[NETWORK], Dimension::Temperature),
                quantity("share through the plates", duty.open.position, Dimension::Fraction),
            ],
            ..Report::default()
        }
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        // By the network's stream.
        let p = Parameters::<f64>::load(at.theta);
        let rise = at.internal[NETWORK] - p.network_return_temperature;
        let heat_out = p.network_flow * NETWORK_SPECIFIC_HEAT * rise;
        Ledger { heat_out, ..Ledger::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{HeatReuse, Parameters};
    use crate::component::Component;

    /// 2 MW from water of 45 degC to a network that returns with 30 degC.
    fn bench() -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("nominal_heat", 2e6).set("nominal_inlet_temperature", 318.15);
        bench.set("nominal_flow", 50.0).set("network_flow", 45.0);
        bench.set("network_return_temperature", 303.15).flow(0, 50.0, 318.15);
        bench
    }

    #[test]
    fn meets_rating_and_demand() {
        let mut bench = bench();
        bench.solve::<HeatReuse>();
        assert!((bench.heat::<HeatReuse>(0) / -2e6 - 1.0).abs() < 1e-5);
        assert!(bench.imbalance::<HeatReuse>() < 1e-12);
        assert!(HeatReuse::check(&bench.theta, &[]).is_empty());
        bench.set("demand", 0.5e6).solve::<HeatReuse>();
        assert!((bench.heat::<HeatReuse>(0) / -0.5e6 - 1.0).abs() < 1e-9);
        assert_eq!(bench.report::<HeatReuse>().mode, "gives what is asked for");
        // More than there is.
        bench.set("demand", 5e6).solve::<HeatReuse>();
        assert!((bench.heat::<HeatReuse>(0) / -2e6 - 1.0).abs() < 1e-5);
        assert!(bench.report::<HeatReuse>().controls[0].saturated);
    }

    #[test]
    fn gives_nothing_backwards() {
        let mut bench = bench();
        bench.flow(0, 50.0, 300.0).solve::<HeatReuse>();
        assert_eq!(bench.heat::<HeatReuse>(0), 0.0);
        bench.flow(0, 0.0, 318.15).solve::<HeatReuse>();
        assert!(bench.heat::<HeatReuse>(0).abs() < 1.0);
        bench.set("network_flow", 10.0);
        assert_eq!(HeatReuse::check(&bench.theta, &[])[0].0, "nominal_heat");
    }
}
