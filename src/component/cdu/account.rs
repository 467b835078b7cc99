//! What a CDU reports of a solved point.

use super::super::pump_law::suction_head;
use super::super::{Bound, Control, Limit, Quantity, Severity};
use super::{
    AT_MAXIMUM, At, CONTROLLED, Parameters, PumpAim, Report, SPEED, VALVE, controlled_temperature,
    inside, reset,
};
use crate::units::Dimension;

pub(super) fn report(at: &At<'_, f64>) -> Report {
    let p = Parameters::<f64>::load(at.theta);
    let n = p.units();
    let mut report = Report { mode: "off", on: n, of: p.count, ..Report::default() };
    if n < 1e-9 {
        return report;
    }
    let [primary, secondary] = &at.sides;
    let x = inside(&p, at, n);
    let duty = x.duty / n;
    let supply = controlled_temperature(&p, at, &x);
    let coolant_flow = secondary.mass_flow / x.density;
    let water_flow = primary.mass_flow / at.fluids[0].density(x.inlets[0]);
    report.load_fraction = Some(duty / p.rated_heat);
    report.mode = "controlling";

    if p.valve_control != 2 {
        let saturated = at.status[VALVE] != CONTROLLED;
        if saturated {
            report.mode =
                if at.status[VALVE] == AT_MAXIMUM { "valve wide open" } else { "valve shut" };
        }
        let setpoint = reset(&p).setpoint(at.outdoor, 1.0);
        report.controls.push(Control {
            what: "supply temperature",
            setpoint,
            actual: supply,
            dimension: Dimension::Temperature,
            saturated,
            required: supply > setpoint,
        });
    }
    let sensed = at.sensor_pressure[0] - at.sensor_pressure[1];
    let pump = match p.pump_aim() {
        PumpAim::Speed(_) => None,
        PumpAim::Flow(set) => Some(("secondary flow", set, coolant_flow, Dimension::VolumeFlow)),
        PumpAim::Difference(set) => Some(("pressure difference", set, sensed, Dimension::Pressure)),
    };
    if let Some((what, setpoint, actual, dimension)) = pump {
        report.controls.push(Control {
            what,
            setpoint,
            actual,
            dimension,
            saturated: at.status[SPEED] != CONTROLLED,
            required: actual < setpoint,
        });
    }

    let suction_head = suction_head(
        secondary.pressure_a,
        x.inlets[1],
        x.density,
        at.outdoor.pressure,
    );
    if let Some(required) = p.required_suction_head {
        report.limits.push(Limit {
            what: "net positive suction head",
            value: Some(suction_head),
            limit: required,
            dimension: Dimension::Length,
            bound: Bound::AtLeast,
            severity: Severity::Rating,
        });
    }
    let mut limit = |what, value, limit, dimension, severity| {
        report.limits.push(Limit {
            what,
            value: Some(value),
            limit,
            dimension,
            bound: Bound::AtMost,
            severity,
        });
    };
    limit("heat duty of one unit", duty, p.rated_heat, Dimension::Power, Severity::Rating);
    // A hair above the rating, so that a unit held at its rated flow is not called broken.
    let hair = 1.0 + 1e-6;
    limit(
        "secondary flow of one unit",
        coolant_flow / n,
        p.secondary_flow * hair,
        Dimension::VolumeFlow,
        Severity::Rating,
    );
    limit(
        "primary flow of one unit",
        water_flow / n,
        p.primary_flow * hair,
        Dimension::VolumeFlow,
        Severity::Advisory,
    );
    if let Some(rated) = p.rated_power {
        limit("power of one unit", x.electrical / n, rated, Dimension::Power, Severity::Rating);
    }
    if let Some(rated) = p.pressure_rating {
        limit(
            "gauge pressure of the secondary side",
            secondary.pressure_a.max(secondary.pressure_b),
            rated,
            Dimension::Pressure,
            Severity::Rating,
        );
    }

    let pump = p.pump(at.tables);
    report.warnings = pump.warnings(
        coolant_flow / x.pumps,
        at.internal[SPEED],
        x.pumps,
    );
    if !x.rating_possible {
        report.warnings.push(
            "rated duty and approach cannot both be met at the rated flows with these fluids; an effectiveness of 0.995 is taken"
                .to_owned()
                .into(),
        );
    }

    let least = x.capacities[0].min(x.capacities[1]);
    let effectiveness = x.duty / (least * (x.inlets[1] - x.inlets[0]));
    let hydraulic = coolant_flow * (secondary.pressure_b - secondary.pressure_a);
    let quantity = |name, value, dimension| Quantity { name, value, dimension };
    report.quantities = vec![
        quantity("heat duty", x.duty, Dimension::Power),
        quantity("supply temperature", supply, Dimension::Temperature),
        quantity("approach", supply - x.inlets[0], Dimension::TemperatureDifference),
        quantity("conductance", x.conductance, Dimension::ThermalConductance),
        quantity("secondary flow", coolant_flow, Dimension::VolumeFlow),
        quantity("primary flow", water_flow, Dimension::VolumeFlow),
        quantity("valve position", at.internal[VALVE], Dimension::Fraction),
        quantity("relative pump speed", at.internal[SPEED], Dimension::Fraction),
        quantity("pump pressure rise", x.pump.rise, Dimension::Pressure),
        quantity(
            "pump pressure rise at no flow and full speed",
            pump.shutoff() * p.maximum_speed * p.maximum_speed,
            Dimension::Pressure,
        ),
        quantity("electrical power", x.electrical, Dimension::Power),
        quantity(
            "valve authority",
            p.valve_pressure_drop / (p.valve_pressure_drop + p.primary_pressure_drop),
            Dimension::Fraction,
        ),
        quantity("net positive suction head", suction_head, Dimension::Length),
    ];
    for (name, value) in [
        ("effectiveness", effectiveness),
        ("wire-to-external-water efficiency", hydraulic / x.electrical),
    ] {
        if value.is_finite() {
            report.quantities.push(quantity(name, value, Dimension::Fraction));
        }
    }
    report
}
