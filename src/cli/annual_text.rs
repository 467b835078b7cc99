//! A year on the terminal: one hall's summary, or several halls side by side.

use std::fmt::Write;

use super::text::{grouped, ratio, table};
use crate::report::annual::compared;
use crate::study::annual::{AnnualResult, Hour};

fn gwh(kwh: f64) -> String {
    format!("{:.3} GWh", kwh / 1e6)
}

fn megawatts(watts: f64) -> String {
    if watts.abs() >= 1e6 {
        format!("{:.3} MW", watts / 1e6)
    } else {
        format!("{:.3} kW", watts / 1e3)
    }
}

fn celsius(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.1} degC"))
}

fn hours(value: f64) -> String {
    format!("{} h", grouped(value))
}

/// Summary of a year.
pub fn summary(result: &AnnualResult) -> String {
    let mut out = String::new();
    let weather = &result.weather;
    let _ = writeln!(
        out,
        "{} · state '{}' · {} ({} {}, {} points solved in {:.1} s)\n",
        result.name,
        result.state,
        weather.name,
        grouped(weather.samples as f64),
        weather.kind,
        grouped(result.points as f64),
        result.seconds
    );
    headline(result, &mut out);
    energy(result, &mut out);
    modes(result, &mut out);
    worst(result, &mut out);
    design(result, &mut out);
    for one in &result.model_warnings {
        let _ = writeln!(
            out,
            "warning in {} h: {}: {}",
            grouped(one.hours),
            one.path,
            one.text
        );
    }
    let b = &result.balance;
    let _ = writeln!(
        out,
        "Balance, worst hour: energy {:.1e}, loops' mass {:.1e}, water {:.1e}",
        b.energy_relative_max, b.mass_relative_max, b.water_relative_max
    );
    out
}

fn headline(result: &AnnualResult, out: &mut String) {
    let mut t = table(&[], &[1]);
    let mut row = |name: &str, value: String, note: String| {
        t.add_row(vec![name.to_owned(), value, note]);
    };
    let complete = if result.complete {
        String::new()
    } else {
        format!(
            "NOT A YEAR: {} of {} have no solution",
            hours(result.hours - result.hours_solved),
            hours(result.hours)
        )
    };
    row("Hours solved", hours(result.hours_solved), complete);
    row(
        "PUE",
        ratio(result.pue),
        format!(
            "of energy; {} as rack PDUs meter it; ERE {}",
            ratio(result.pue_rack_pdu),
            ratio(result.ere)
        ),
    );
    let water = &result.water;
    if water.make_up_m3 > 0.0 {
        row(
            "Water",
            format!("{} m3", grouped(water.make_up_m3)),
            format!(
                "WUE {} L/kWh; evaporation {}, drift {}, blowdown {} m3",
                ratio(result.wue_l_per_kwh),
                grouped(water.evaporation_m3),
                grouped(water.drift_m3),
                grouped(water.blowdown_m3)
            ),
        );
    }
    row(
        "Mean power",
        megawatts(result.power_mean_w),
        format!("at a mean workload of {:.2}", result.workload_mean),
    );
    if let Some(peak) = &result.peak {
        row("Peak", megawatts(peak.power_w), place(peak));
    }
    let note = if result.hours_limit_broken > 0.0 {
        "LIMITS BROKEN"
    } else {
        "every limit that could be judged holds"
    };
    row(
        "Hours with a broken limit",
        hours(result.hours_limit_broken),
        note.to_owned(),
    );
    let money = &result.money;
    if let Some(usd) = money.electricity_usd {
        row(
            "Electricity",
            format!("{} USD", grouped(usd)),
            String::new(),
        );
    }
    if let Some(usd) = money.water_usd {
        row("Water", format!("{} USD", grouped(usd)), String::new());
    }
    if let Some(tonnes) = money.co2_t {
        row("CO2", format!("{} t", grouped(tonnes)), String::new());
    }
    let _ = writeln!(out, "{t}\n");
}

fn place(hour: &Hour) -> String {
    format!(
        "{}; {:.1} degC, wet bulb {:.1} degC",
        hour.label, hour.dry_bulb_c, hour.wet_bulb_c
    )
}

fn energy(result: &AnnualResult, out: &mut String) {
    let mut t = table(&["Energy", "", "share"], &[1, 2]);
    let all = result.energy.facility_kwh;
    let share = |kwh: f64| format!("{:.1} %", 100.0 * kwh / all);
    t.add_row(vec!["Facility".to_owned(), gwh(all), share(all)]);
    for one in result.end_uses.iter().filter(|one| one.kwh != 0.0) {
        t.add_row(vec![
            format!("  {}", one.end.label()),
            gwh(one.kwh),
            share(one.kwh),
        ]);
    }
    let _ = writeln!(out, "{t}\n");
}

fn modes(result: &AnnualResult, out: &mut String) {
    let mut t = table(&["Mode", "hours"], &[1]);
    for entry in result.modes.iter().filter(|entry| entry.modes.len() > 1) {
        t.add_row(vec![
            format!("{} ({})", entry.path, entry.kind),
            String::new(),
        ]);
        for one in &entry.modes {
            t.add_row(vec![format!("  {}", one.mode), grouped(one.hours)]);
        }
    }
    if t.row_iter().next().is_some() {
        let _ = writeln!(out, "{t}\n");
    }
    let mut t = table(&["Broken limit", "hours", "worst margin", ""], &[1, 2]);
    for one in &result.limits {
        t.add_row(vec![
            format!("{}: {}", one.path, one.what),
            grouped(one.hours),
            one.worst_margin
                .map_or_else(|| "-".to_owned(), |m| format!("{m:.3} {}", one.unit)),
            format!("{:?}", one.severity).to_lowercase(),
        ]);
    }
    if t.row_iter().next().is_some() {
        let _ = writeln!(out, "{t}\n");
    }
}

fn worst(result: &AnnualResult, out: &mut String) {
    let mut t = table(
        &[
            "Worst hours",
            "dry bulb",
            "wet bulb",
            "power",
            "PUE",
            "GPU",
            "margin",
            "broken",
        ],
        &[1, 2, 3, 4, 5, 6],
    );
    for hour in &result.worst_hours {
        t.add_row(vec![
            hour.label.clone(),
            celsius(Some(hour.dry_bulb_c)),
            celsius(Some(hour.wet_bulb_c)),
            megawatts(hour.power_w),
            ratio(hour.pue),
            celsius(hour.gpu_temperature_max_c),
            hour.gpu_margin_min_k
                .map_or_else(|| "-".to_owned(), |m| format!("{m:.1} K")),
            hour.broken.join("; "),
        ]);
    }
    let _ = writeln!(out, "{t}\n");
    for one in result.unsolved.iter().take(10) {
        let _ = writeln!(out, "no solution: {}: {}", one.label, one.reason);
    }
    if result.unsolved.len() > 10 {
        let _ = writeln!(
            out,
            "no solution: {} more; --json lists all",
            result.unsolved.len() - 10
        );
    }
}

fn design(result: &AnnualResult, out: &mut String) {
    if result.design.is_empty() {
        return;
    }
    let mut t = table(
        &[
            "Design condition",
            "dry bulb",
            "wet bulb",
            "power",
            "PUE",
            "GPU",
            "limits",
        ],
        &[1, 2, 3, 4, 5],
    );
    for one in &result.design {
        let verdict = match (one.holds, &one.unsolved) {
            (Some(true), _) => "hold".to_owned(),
            (Some(false), _) => format!(
                "BROKEN: {}",
                one.broken
                    .iter()
                    .map(|limit| format!("{}: {}", limit.path, limit.what))
                    .collect::<Vec<_>>()
                    .join("; ")
            ),
            (None, reason) => format!("no solution: {}", reason.as_deref().unwrap_or_default()),
        };
        t.add_row(vec![
            one.name.clone(),
            celsius(Some(one.dry_bulb_c)),
            celsius(Some(one.wet_bulb_c)),
            one.power_w.map_or_else(|| "-".to_owned(), megawatts),
            ratio(one.pue),
            celsius(one.gpu_temperature_max_c),
            verdict,
        ]);
    }
    let _ = writeln!(out, "{t}\n");
}

/// Several halls side by side: a row a quantity, a column a hall.
pub fn comparison(results: &[&AnnualResult]) -> String {
    let names: Vec<&str> = std::iter::once("")
        .chain(results.iter().map(|result| result.name.as_str()))
        .collect();
    let right: Vec<usize> = (1..names.len()).collect();
    let mut t = table(&names, &right);
    for (name, values) in compared(results) {
        let mut cells = vec![name];
        cells.extend(values);
        t.add_row(cells);
    }
    format!("{t}\n")
}
