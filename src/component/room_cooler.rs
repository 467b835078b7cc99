//! An ideal room cooler: holds a room's temperature with a given coefficient of performance.
//!
//! # Equations
//! Q = r·Q_max, r = (T_room − T_set)/b between 0 and 1 (`modulation`); P = Q/COP + P₀;
//! Q + P leave the site.
//!
//! # Symbols and units
//! Q heat taken from the room, net of its own fans, P power [W]; b proportional band [K]; P₀ constant power
//! of fans and controls [W], outside the room.
//!
//! # Range of validity
//! Where the unit's inside does not matter: a teaching hall, a direct-expansion unit at a known COP.
//!
//! # Neglected
//! Dependence of capacity and COP on room and outdoor temperature.
//!
//! # Source
//! Definition of the coefficient of performance.

use super::modulation::Modulation;
use super::{
    At, Component, Control, EndUse, Guess, Ledger, Out, Outdoor, Quantity, Report, Sink, Spec,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of an ideal room cooler.
    pub struct Parameters {
        /// Largest heat taken from the room.
        capacity: number(Power, 1.0, 1e10),
        /// Coefficient of performance: heat over power.
        cop: number(Dimensionless, 0.1, 1e6) = 3.0,
        /// Constant power of fans and controls.
        fixed_power: number(Power, 0.0, 1e8) = 0.0,
        /// Room temperature at which it begins to cool.
        room_temperature: number(Temperature, 270.0, 340.0) = 297.15,
        /// Rise of the room temperature over which it reaches its capacity.
        proportional_band: number(TemperatureDifference, 1e-3, 20.0) = 0.5,
    }
}

/// Ideal room cooler; see the module.
pub struct RoomCooler;

/// Reactive over active power of its drives at a power factor of 0.95.
const REACTIVE: f64 = 0.328_684_1;

fn duty<S: Scalar>(at: &At<'_, S>, p: &Parameters<f64>) -> (Modulation<S>, S, S) {
    let control = Modulation::new(at.internal[0], 0.0, 1.0);
    let heat = control.position * p.capacity;
    (control, heat, heat / p.cop + p.fixed_power)
}

impl Component for RoomCooler {
    const SPEC: Spec = Spec {
        kind: "room_cooler",
        doc: "Ideal room cooler: holds a room's temperature with a given coefficient of performance.",
        sides: &[],
        source: &[],
        air: &["room"],
        carries_bus: false,
        internal: &["load [-]"],
        internal_scale: &[1.0],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        let mut guess = Guess::default();
        guess.internal[0] = 0.5;
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let (control, heat, power) = duty(at, &p);
        let error = -(at.air[0] - p.room_temperature) / p.proportional_band;
        let mut out = Out::zero();
        out.internal[0] = control.residual(error + control.position, S::from(1.0));
        out.air_heat[0] = -heat;
        out.power = [power, power * REACTIVE];
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let (control, heat, power) = duty(at, &p);
        let top = p.room_temperature + p.proportional_band;
        Report {
            mode: if control.position > 0.0 { "on" } else { "off" },
            on: 1.0,
            of: 1.0,
            load_fraction: Some(control.position),
            controls: vec![Control {
                what: "room temperature",
                setpoint: at.air[0].min(top),
                actual: at.air[0],
                dimension: Dimension::Temperature,
                saturated: control.saturated(),
                required: true,
            }],
            sink: Some(Sink { heat: heat + power, water: 0.0 }),
            quantities: vec![Quantity { name: "heat", value: heat, dimension: Dimension::Power }],
            ..Report::default()
        }
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let p = Parameters::<f64>::load(at.theta);
        let (_, heat, power) = duty(at, &p);
        Ledger { heat_out: heat + power, ..Ledger::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Parameters, RoomCooler};

    #[test]
    fn cools_within_its_band() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("capacity", 100e3).set("cop", 4.0);
        bench.air[0] = 297.4;
        bench.solve::<RoomCooler>();
        let out = bench.out::<RoomCooler>();
        assert!((out.air_heat[0] + 50e3).abs() < 1e-3);
        assert!((out.power[0] - 12.5e3).abs() < 1e-3);
        assert!(bench.imbalance::<RoomCooler>() < 1e-15);
        bench.air[0] = 290.0;
        bench.solve::<RoomCooler>();
        assert_eq!(bench.out::<RoomCooler>().air_heat[0], 0.0);
        bench.air[0] = 310.0;
        bench.solve::<RoomCooler>();
        assert_eq!(bench.out::<RoomCooler>().air_heat[0], -100e3);
        assert!(bench.report::<RoomCooler>().controls[0].saturated);
    }
}
