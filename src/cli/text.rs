//! The tables that a designer wants on the terminal.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets::NOTHING};

use crate::result::{Limit, LimitStatus, SolveResult};
use crate::units::{Dimension, UnitSystem};

/// Converts and formats quantities in one unit system.
pub(super) struct Shown(pub(super) UnitSystem);

impl Shown {
    pub(super) fn of(&self, dimension: Dimension, value: f64) -> String {
        dimension.display(value, self.0).to_string()
    }

    pub(super) fn celsius(&self, value: f64) -> String {
        let quantity = Dimension::Temperature.display(value + 273.15, self.0);
        format!("{quantity:.1}")
    }

    pub(super) fn power(&self, watts: f64) -> String {
        self.of(Dimension::Power, watts)
    }

    /// Heat: tons of refrigeration in US units.
    fn heat(&self, watts: f64) -> String {
        match self.0 {
            UnitSystem::Us => format!("{} tons", grouped(watts / 3_516.852_842)),
            UnitSystem::Si => self.power(watts),
        }
    }

    /// A quantity as results hold it: SI, but temperatures in °C.
    pub(super) fn value(&self, dimension: Dimension, value: f64) -> String {
        match dimension {
            Dimension::Temperature => self.celsius(value),
            other => self.of(other, value),
        }
    }

    /// A margin to a quantity of this dimension.
    pub(super) fn margin(&self, dimension: Dimension, margin: f64) -> String {
        match dimension {
            Dimension::Temperature => self.of(Dimension::TemperatureDifference, margin),
            other => self.of(other, margin),
        }
    }

    fn flow(&self, kg_s: f64, density: f64) -> String {
        self.of(Dimension::VolumeFlow, kg_s / density)
    }
}

/// A whole number with thin groups of three.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if value < 0.0 { format!("-{out}") } else { out }
}

pub(super) fn table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    if !header.is_empty() {
        table.set_header(header.to_vec());
    }
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

pub(super) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"))
}

/// Summary of a solved hall.
pub fn summary(result: &SolveResult, units: UnitSystem) -> String {
    let shown = Shown(units);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} · state '{}' · {}\n",
        result.name, result.state, result.scenario
    );
    headline(result, &shown, &mut out);
    power(result, &shown, &mut out);
    loops(result, &shown, &mut out);
    equipment(result, &shown, &mut out);
    limits(result, &shown, &mut out);
    for warning in &result.warnings {
        let _ = writeln!(out, "warning: {}: {}", warning.path, warning.text);
    }
    let _ = writeln!(
        out,
        "\nBalance: energy {:.1e}, mass {:.1e}. {} unknowns, {} Newton steps, {:.1} ms",
        result.balance.energy_relative,
        result.balance.mass_relative,
        grouped(result.solver.unknowns as f64),
        result.solver.iterations,
        result.solver.seconds * 1e3
    );
    out
}

fn headline(result: &SolveResult, shown: &Shown, out: &mut String) {
    let f = &result.facility;
    let mut t = table(&[], &[1]);
    t.add_row(vec![
        "Facility".to_owned(),
        shown.power(f.power_w),
        format!("PUE {} (at this operating point)", ratio(f.pue)),
    ]);
    t.add_row(vec![
        "  IT".to_owned(),
        shown.power(f.it_power_w),
        format!("ITUE {}, TUE {}", ratio(f.itue), ratio(f.tue)),
    ]);
    t.add_row(vec![
        "  Cooling".to_owned(),
        shown.power(f.cooling_power_w),
        format!("PUE {} as a rack PDU meters it", ratio(f.pue_rack_pdu)),
    ]);
    t.add_row(vec![
        "  Electrical loss".to_owned(),
        shown.power(f.electrical_loss_w),
        String::new(),
    ]);
    t.add_row(vec![
        "  Other".to_owned(),
        shown.power(f.other_power_w),
        String::new(),
    ]);
    if f.water_l_per_h > 0.0 {
        let wue = f
            .wue_l_per_kwh
            .map_or_else(String::new, |w| format!("WUE {w:.2} L/kWh"));
        t.add_row(vec![
            "Water".to_owned(),
            format!("{} L/h", grouped(f.water_l_per_h)),
            wue,
        ]);
    }
    let g = &result.gpus;
    if g.count > 0 {
        t.add_row(vec![
            "GPUs".to_owned(),
            grouped(g.count as f64),
            shown.power(g.power_w),
        ]);
        if let (Some(max), Some(mean)) = (g.temperature_max_c, g.temperature_mean_c) {
            t.add_row(vec![
                "  hottest".to_owned(),
                shown.celsius(max),
                format!(
                    "mean {}, at {}",
                    shown.celsius(mean),
                    g.hottest.as_deref().unwrap_or("-")
                ),
            ]);
        }
        if let Some(memory) = g.memory_temperature_max_c {
            let margin = g
                .margin_min_k
                .map_or_else(String::new, |m| format!("least margin to a limit {m:.1} K"));
            t.add_row(vec!["  memory".to_owned(), shown.celsius(memory), margin]);
        }
        if g.throttled + g.shut_down > 0 {
            t.add_row(vec![
                "  throttled".to_owned(),
                grouped(g.throttled as f64),
                format!(
                    "{} shut down; work lost {:.1} % in the mean, {:.1} % of a synchronous job",
                    grouped(g.shut_down as f64),
                    100.0 * g.lost_work_mean,
                    100.0 * g.lost_work_job
                ),
            ]);
        }
    }
    let _ = writeln!(out, "{t}\n");
}

fn power(result: &SolveResult, shown: &Shown, out: &mut String) {
    let mut t = table(&["Power", "", "share"], &[1, 2]);
    let total = result.facility.power_w;
    for row in &result.power {
        let depth = row.path.matches('.').count();
        let name = row.path.rsplit('.').next().unwrap_or_default();
        let share = if total > 0.0 {
            format!("{:.1} %", 100.0 * row.watts / total)
        } else {
            String::new()
        };
        t.add_row(vec![
            format!("{}{name}", "  ".repeat(depth)),
            shown.power(row.watts),
            share,
        ]);
    }
    let _ = writeln!(out, "{t}\n");
}

fn loops(result: &SolveResult, shown: &Shown, out: &mut String) {
    if result.loops.is_empty() {
        return;
    }
    let mut t = table(
        &[
            "Loop",
            "n",
            "flow",
            "supply",
            "return",
            "pump rise",
            "heat",
            "pumps",
        ],
        &[1, 2, 3, 4, 5, 6, 7],
    );
    for (name, l) in &result.loops {
        t.add_row(vec![
            format!("{name} ({})", l.fluid),
            grouped(l.count as f64),
            shown.flow(l.flow_kg_s, l.density),
            shown.celsius(l.supply_c),
            shown.celsius(l.return_c),
            shown.of(Dimension::Pressure, l.dp_pump_pa),
            shown.heat(l.heat_w),
            shown.power(l.pump_power_w),
        ]);
    }
    let _ = writeln!(out, "{t}\n");
}

fn equipment(result: &SolveResult, shown: &Shown, out: &mut String) {
    if result.equipment.is_empty() {
        return;
    }
    let mut t = table(&["Equipment", "mode", "on/of", "load", "power"], &[2, 3, 4]);
    for e in &result.equipment {
        let load = e
            .load_fraction
            .map_or_else(String::new, |l| format!("{:.0} %", 100.0 * l));
        t.add_row(vec![
            format!("{} ({})", e.path, e.kind),
            e.mode.to_owned(),
            format!("{}/{}", grouped(e.on), grouped(e.of)),
            load,
            shown.power(e.power_w),
        ]);
    }
    let _ = writeln!(out, "{t}\n");
    for c in result.controls.iter().filter(|c| c.saturated) {
        let value = |v: f64| match c.dimension {
            Dimension::Temperature => shown.celsius(v),
            dimension => shown.of(dimension, v),
        };
        let _ = writeln!(
            out,
            "saturated: {}: {} set to {}, reached {}",
            c.path,
            c.what,
            value(c.setpoint),
            value(c.actual)
        );
    }
}

fn limits(result: &SolveResult, shown: &Shown, out: &mut String) {
    let mut rows: Vec<&Limit> = result.limits.iter().collect();
    let tightness = |l: &Limit| {
        l.margin
            .map_or(f64::INFINITY, |m| m / l.limit.abs().max(1e-9))
    };
    rows.sort_by(|a, b| {
        let rank = |l: &Limit| match l.status {
            LimitStatus::Broken => 0,
            LimitStatus::Unknown => 1,
            LimitStatus::Ok => 2,
        };
        rank(a)
            .cmp(&rank(b))
            .then(tightness(a).total_cmp(&tightness(b)))
    });
    if rows.is_empty() {
        return;
    }
    let mut t = table(&["Limit", "value", "limit", "margin", ""], &[1, 2, 3]);
    for l in rows {
        let value = |v: f64| shown.value(l.dimension, v);
        let margin = l
            .margin
            .map_or_else(|| "-".to_owned(), |m| shown.margin(l.dimension, m));
        let status = match l.status {
            LimitStatus::Ok => "ok".to_owned(),
            LimitStatus::Unknown => "unknown".to_owned(),
            LimitStatus::Broken => format!("BROKEN by {}", grouped(l.broken_count as f64)),
        };
        t.add_row(vec![
            format!("{}: {}", l.path, l.what),
            l.value.map_or_else(|| "-".to_owned(), value),
            value(l.limit),
            margin,
            format!("{status} ({})", format!("{:?}", l.severity).to_lowercase()),
        ]);
    }
    let _ = writeln!(out, "{t}");
}
