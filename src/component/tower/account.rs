//! A tower's account of itself: streams, limits, warnings and quantities.

use super::super::fan_stage::mode;
use super::super::heat_exchange::temperature_at;
use super::super::{At, Bound, Caution, Control, Limit, Quantity, Report, Severity, Sink};
use super::{CLOSED, COOLTOOLS, Cells, Duty, LEAVING, SATURATED, SPEED, YORK, cooltools, york};
use crate::curve::Validity;
use crate::fluid::{Fluid, FluidKind};
use crate::units::Dimension;

/// Streams of all running cells, from the states of air and water.
pub(super) struct Streams {
    pub heat: f64,
    pub evaporation: f64,
    pub drift: f64,
    pub blowdown: f64,
    pub make_up: f64,
}

impl Streams {
    pub fn of(at: &At<'_, f64>, cells: &Cells, duty: &Duty<f64>) -> Self {
        let air = duty.air * cells.running;
        let (_, per_air) = cells.saturated(duty, at.internal[SATURATED]);
        let evaporation = air * per_air;
        let drift = cells.p.drift * at.sides[0].mass_flow.abs();
        // Air colder than the entering dew point would give water back; then nothing evaporates.
        let carried =
            if cells.copies() { 0.0 } else { evaporation * cells.make_up_enthalpy(duty) };
        let blowdown = (evaporation / (cells.p.cycles - 1.0) - drift).max(0.0);
        Self {
            heat: air * (at.internal[LEAVING] - cells.enthalpy) - carried,
            evaporation,
            drift,
            blowdown,
            make_up: evaporation.max(0.0) + drift + blowdown,
        }
    }
}

/// The report of a tower.
pub(super) fn report(at: &At<'_, f64>, cells: &Cells) -> Report {
    let p = &cells.p;
    if cells.running <= 0.0 {
        return Report { mode: "off", on: 0.0, of: p.count, ..Report::default() };
    }
    let (side, fluid) = (&at.sides[0], at.fluids[0]);
    let duty = cells.duty(at);
    let streams = Streams::of(at, cells, &duty);
    let inlet = side.inlet_temperature();
    let leaving = temperature_at(fluid, duty.leaving_enthalpy, inlet);
    let position = duty.fan.position;
    let flow = side.mass_flow.abs() / cells.running;
    let limit = |what, value, limit, dimension, bound| Limit {
        what,
        value: Some(value),
        limit,
        dimension,
        bound,
        severity: Severity::Advisory,
    };
    let limits = vec![
        limit(
            "water flow of a cell",
            flow,
            1.25 * p.nominal_water_flow,
            Dimension::MassFlow,
            Bound::AtMost,
        ),
        limit(
            "water flow of a cell",
            flow,
            0.3 * p.nominal_water_flow,
            Dimension::MassFlow,
            Bound::AtLeast,
        ),
        limit(
            "leaving water temperature",
            leaving,
            p.frost_limit,
            Dimension::Temperature,
            Bound::AtLeast,
        ),
    ];
    let quantity = |name, value, dimension| Quantity { name, value, dimension };
    let approach = leaving - at.outdoor.wet_bulb;
    Report {
        mode: mode(position, p.minimum_speed),
        on: cells.running,
        of: p.count,
        load_fraction: Some(streams.heat / (cells.rating.heat * cells.running)),
        limits,
        controls: (p.control != SPEED)
            .then_some(Control {
                what: "leaving water temperature",
                setpoint: cells.setpoint,
                actual: leaving,
                dimension: Dimension::Temperature,
                saturated: duty.fan.saturated(),
                required: !p.best_effort,
            })
            .into_iter()
            .collect(),
        sink: Some(Sink { heat: streams.heat, water: streams.make_up }),
        warnings: warnings(cells, fluid, flow, inlet, leaving, duty.flow),
        quantities: vec![
            quantity("leaving water temperature", leaving, Dimension::Temperature),
            quantity("approach to outdoor wet bulb", approach, Dimension::TemperatureDifference),
            quantity("range", inlet - leaving, Dimension::TemperatureDifference),
            quantity("fan position", position, Dimension::Fraction),
            quantity("fan power", duty.fan_power * cells.running, Dimension::Power),
            quantity("saturated air temperature", at.internal[SATURATED], Dimension::Temperature),
            quantity("evaporation", streams.evaporation, Dimension::MassFlow),
            quantity("drift", streams.drift, Dimension::MassFlow),
            quantity("blowdown", streams.blowdown, Dimension::MassFlow),
        ],
    }
}

fn warnings(
    cells: &Cells,
    fluid: &Fluid,
    flow: f64,
    inlet: f64,
    leaving: f64,
    air_flow: f64,
) -> Vec<Caution> {
    let p = &cells.p;
    let mut warnings = Vec::new();
    if p.circuit != CLOSED && !matches!(fluid.kind(), FluidKind::Water | FluidKind::Constant) {
        warnings.push("an open tower on a loop that is not water".to_owned().into());
    }
    if flow <= 0.0 {
        return warnings;
    }
    let mut outside = |what: &str, value: f64, least: f64, most: f64, unit: &str| {
        if value < least - 1e-9 || value > most + 1e-9 {
            let text = format!(
                "{what} of {value:.2}{unit} outside the correlation's {least:.2} to {most:.2}{unit}"
            );
            let range = Validity { min: least, max: most };
            warnings.push(Caution::beyond(range.beyond(value), text));
        }
    };
    let ratio = flow / p.nominal_water_flow;
    let celsius = |kelvin: f64| kelvin - 273.15;
    let bulb = celsius(cells.wet_bulb);
    if p.method == YORK {
        let (limits, range) = (york::WET_BULB, york::RANGE);
        outside("entering wet bulb", bulb, celsius(limits.min), celsius(limits.max), " degC");
        outside("range", inlet - leaving, range.min, range.max, " K");
        outside("water flow ratio", ratio, york::WATER_FLOW.min, york::WATER_FLOW.max, "");
        let liquid_to_gas = ratio / air_flow;
        outside("ratio of water to air", liquid_to_gas, 0.0, york::LARGEST_RATIO, "");
    } else if p.method == COOLTOOLS {
        let (limits, range, water) =
            (cooltools::WET_BULB, cooltools::RANGE, cooltools::WATER_FLOW);
        outside("entering wet bulb", bulb, celsius(limits.min), celsius(limits.max), " degC");
        outside("range", inlet - leaving, range.min, range.max, " K");
        outside("approach", leaving - cells.wet_bulb, range.min, range.max, " K");
        outside("water flow ratio", ratio, water.min, water.max, "");
    } else {
        outside("wet bulb below the rated", p.nominal_wet_bulb - cells.wet_bulb, -10.0, 25.0, " K");
        if p.circuit != CLOSED {
            outside("water flow ratio", ratio, 0.3, 1.0, "");
        }
    }
    warnings
}
