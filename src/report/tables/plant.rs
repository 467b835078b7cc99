//! Loops, equipment, controls and heat sinks.

use crate::report::site::Site;
use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{NONE, Text, count, difference, fixed, pretty, words};
use crate::result::{LoopResult, SolveResult};
use crate::units::Dimension;

/// Loops from the GPUs outward as far as names go: sorted by supply temperature, the warmest first.
pub fn loops(site: &Site<'_>, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Loop", Align::Left),
        ("Fluid", Align::Left),
        ("Loops", Align::Right),
        ("Flow", Align::Right),
        ("Supply", Align::Right),
        ("Return", Align::Right),
        ("Rise", Align::Right),
        ("Heat", Align::Right),
        ("Pressure, supply to return", Align::Right),
        ("Largest pump rise", Align::Right),
        ("Pump power", Align::Right),
    ]);
    let mut order: Vec<(&String, &LoopResult)> = site.run.result.loops.iter().collect();
    order.sort_by(|a, b| b.1.return_c.total_cmp(&a.1.return_c).then(a.0.cmp(b.0)));
    for (name, one) in order {
        let last = name.rsplit('.').next().unwrap_or(name);
        let density = site
            .run
            .network
            .blocks
            .iter()
            .flat_map(|b| &b.structure.loops)
            .find(|l| l.name == last)
            .and_then(|l| site.run.network.fluids.get(l.fluid as usize))
            .map(|fluid| fluid.density(one.supply_c + 273.15));
        table.row(
            Tone::Plain,
            [
                words(name).into(),
                one.fluid.clone().into(),
                count(one.count as f64).into(),
                density
                    .map_or(NONE.to_owned(), |d| text.volume_flow(one.flow_kg_s / d))
                    .into(),
                text.temperature(one.supply_c).into(),
                text.temperature(one.return_c).into(),
                difference(one.return_c - one.supply_c).into(),
                text.power(one.heat_w).into(),
                text.quantity(Dimension::Pressure, one.dp_sensor_pa).into(),
                text.quantity(Dimension::Pressure, one.dp_pump_pa).into(),
                text.power(one.pump_power_w).into(),
            ],
        );
    }
    table.note(
        "Supply is toward the heat source. Replicated loops: flow, heat and pump power summed, temperatures weighted by flow, the \
         largest pump rise of all. Heat is what the loop picks up, pump heat excluded.",
    )
}

/// Controls, the saturated ones first.
pub fn controls(result: &SolveResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Control", Align::Left),
        ("At", Align::Path),
        ("Set-point", Align::Right),
        ("Reached", Align::Right),
        ("State", Align::Left),
    ]);
    let mut order: Vec<_> = result.controls.iter().collect();
    order.sort_by_key(|c| (!(c.saturated && c.required), !c.saturated));
    for control in order {
        let (state, tone) = match (control.saturated, control.required) {
            (true, true) => ("at its stop, set-point missed", Tone::Broken),
            (true, false) => ("at its stop, set-point floats", Tone::Caution),
            (false, _) => ("holds", Tone::Good),
        };
        table.row(
            Tone::Plain,
            [
                words(control.what).into(),
                control.path.clone().into(),
                value(control.setpoint, control.unit, text).into(),
                value(control.actual, control.unit, text).into(),
                Cell::from(state).tone(tone),
            ],
        );
    }
    table.note("Of replicated controls the one that misses its set-point most.")
}

/// A value in the SI unit of the results, shown in customary units.
fn value(value: f64, unit: &'static str, text: Text) -> String {
    match unit {
        "degC" => text.temperature(value),
        "K" => difference(value),
        "" => fixed(value, 3),
        _ => Dimension::ALL
            .into_iter()
            .find(|d| d.si_symbol() == unit)
            .map_or_else(
                || format!("{value} {}", pretty(unit)),
                |d| text.quantity(d, value),
            ),
    }
}

/// Equipment by kind.
pub fn equipment(result: &SolveResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Kind", Align::Left),
        ("Mode", Align::Left),
        ("On", Align::Right),
        ("Of", Align::Right),
        ("Largest load", Align::Right),
        ("Power", Align::Right),
    ]);
    for one in &result.equipment {
        let load = one
            .load_fraction
            .map_or(NONE.to_owned(), |x| format!("{}%", fixed(x * 100.0, 0)));
        let tone = if one.load_fraction.is_some_and(|x| x > 1.0) {
            Tone::Broken
        } else {
            Tone::Plain
        };
        table.row(
            Tone::Plain,
            [
                one.path.clone().into(),
                words(one.kind).into(),
                one.mode.into(),
                count(one.on).into(),
                count(one.of).into(),
                Cell::from(load)
                    .tone(tone)
                    .bar(one.load_fraction.unwrap_or(0.0)),
                text.power(one.power_w).into(),
            ],
        );
    }
    table.note("Replicas summed; the load is the largest of all. Power of transformers, UPS and busway is what they lose.")
}

/// Where heat leaves.
pub fn heat_sinks(result: &SolveResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Heat sink", Align::Path),
        ("Kind", Align::Left),
        ("Heat", Align::Right),
        ("Water", Align::Right),
    ]);
    for sink in &result.heat_sinks {
        let water = if sink.water_l_per_h > 0.0 {
            text.water(sink.water_l_per_h)
        } else {
            NONE.to_owned()
        };
        table.row(
            Tone::Plain,
            [
                sink.path.clone().into(),
                words(sink.kind).into(),
                text.power(sink.watts).into(),
                water.into(),
            ],
        );
    }
    table
}
