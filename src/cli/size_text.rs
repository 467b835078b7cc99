//! The schedule of a sizing on the terminal.

use std::fmt::Write;

use super::text::{Shown, grouped, table};
use crate::study::size::judge::Need;
use crate::study::size::schedule::{Figure, Row};
use crate::study::size::{Choice, Schedule};
use crate::units::{Dimension, UnitSystem};

/// All of it.
pub(super) fn tables(found: &Schedule, units: UnitSystem) -> String {
    let shown = Shown(units);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} · {}\n",
        found.name,
        match found.choice {
            Choice::Named => "units as the file names them, counted",
            Choice::Library => "units chosen from the library, counted",
            Choice::Required => "units as many as the file has, rated",
        }
    );
    let m = &found.margins;
    let _ = writeln!(
        out,
        "Margins: duty {}, flow {}, head {}, power {}. Cases: {}.\n",
        percent(m.duty),
        percent(m.flow),
        percent(m.head),
        percent(m.power),
        found
            .cases
            .iter()
            .map(|case| format!("{} ({})", case.name, case.text))
            .collect::<Vec<_>>()
            .join("; ")
    );
    schedule(found, &mut out);
    points(found, &shown, &mut out);
    for kept in &found.kept {
        let _ = writeln!(
            out,
            " not sized: {} ({}): {}",
            kept.path, kept.kind, kept.reason
        );
    }
    out.push('\n');
    verdict(found, &shown, &mut out);
    out
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn schedule(found: &Schedule, out: &mut String) {
    let header = [
        "Equipment",
        "part",
        "each of",
        "units",
        "was",
        "needed",
        "margin",
        "governs",
        "case",
    ];
    let mut t = table(&header, &[2, 5]);
    for row in &found.sets {
        t.add_row(vec![
            row.path.clone(),
            part(row),
            if row.instances > 1.5 {
                grouped(row.instances)
            } else {
                String::new()
            },
            units(row.duty.into(), row.installed.into(), &row.redundancy),
            units(row.before[0], row.before[1], ""),
            row.required_units
                .map_or_else(String::new, |units| format!("{units:.2}")),
            margins(row),
            governs(row),
            if governs(row).is_empty() {
                String::new()
            } else {
                row.case.clone()
            },
        ]);
    }
    let _ = writeln!(out, "{t}\n");
}

/// What governs, in words.
pub(super) fn governs(row: &Row) -> String {
    match (&row.governs, &row.unsolved) {
        (Some(need), _) => need.what.clone(),
        (None, Some(_)) => "no solution with less".to_owned(),
        (None, None) => String::new(),
    }
}

/// What a unit is: a part, a part times a size, or what the file says.
pub(super) fn part(row: &Row) -> String {
    let own = row.part.clone().unwrap_or_else(|| "as required".to_owned());
    if (row.size - 1.0).abs() > 1e-9 {
        format!("as required, x{:.2}", row.size)
    } else {
        own
    }
}

/// `9 + 1 (N+1)`.
pub(super) fn units(duty: f64, installed: f64, redundancy: &str) -> String {
    let reserve = installed - duty;
    let mut text = grouped(duty);
    if reserve > 0.5 {
        text.push_str(&format!(" + {}", grouped(reserve)));
    }
    if !redundancy.is_empty() && redundancy != "N" {
        text.push_str(&format!(" ({redundancy})"));
    }
    text
}

/// `duty 12 %`, `flow 10 %, head 40 %`.
pub(super) fn margins(row: &Row) -> String {
    let all = row.margins.iter().map(|margin| {
        let more = if margin.found > 9.0 { "over " } else { "" };
        format!("{} {more}{}", margin.class.word(), percent(margin.found))
    });
    all.collect::<Vec<_>>().join(", ")
}

fn points(found: &Schedule, shown: &Shown, out: &mut String) {
    let mut t = table(&["Equipment", "design point"], &[]);
    for row in &found.sets {
        let all: Vec<String> = row
            .figures
            .iter()
            .map(|figure| format!("{} {}", figure.name, number(figure, shown)))
            .collect();
        if !all.is_empty() {
            t.add_row(vec![row.path.clone(), all.join(", ")]);
        }
    }
    let _ = writeln!(out, "{t}\n");
}

fn number(figure: &Figure, shown: &Shown) -> String {
    si(figure.dimension, figure.value, shown)
}

/// A quantity in SI, temperatures in K.
fn si(dimension: Dimension, value: f64, shown: &Shown) -> String {
    match dimension {
        Dimension::Temperature => shown.celsius(value - 273.15),
        other => shown.of(other, value),
    }
}

fn need(need: &Need, shown: &Shown) -> String {
    format!(
        "{} ({} against {})",
        need.what,
        si(need.dimension, need.value, shown),
        si(need.dimension, need.limit, shown)
    )
}

fn verdict(found: &Schedule, shown: &Shown, out: &mut String) {
    for unmet in &found.unmet {
        let _ = writeln!(
            out,
            "CANNOT BE SIZED: {} ({}): {}",
            unmet.path, unmet.kind, unmet.text
        );
    }
    for case in &found.cases {
        if let Some(reason) = &case.reason {
            let _ = writeln!(
                out,
                "NO SOLUTION of the sized hall in case {}: {reason}",
                case.name
            );
        }
        for limit in &case.broken {
            let value = limit
                .value
                .map_or_else(|| "unknown".to_owned(), |v| shown.value(limit.dimension, v));
            let _ = writeln!(
                out,
                "BROKEN in case {}: {}: {} {value}, limit {}",
                case.name,
                limit.path,
                limit.what,
                shown.value(limit.dimension, limit.limit)
            );
        }
    }
    for row in &found.sets {
        let short = row.margins.iter().any(|m| m.found < m.asked - 1e-9);
        if short && let Some(short) = &row.governs {
            let _ = writeln!(out, "SHORT OF MARGIN: {}: {}", row.path, need(short, shown));
        }
    }
    for row in &found.sets {
        let figure = |name: &str| row.figures.iter().find(|figure| figure.name == name);
        if let Some(authority) = figure("valve authority").or(figure("authority"))
            && authority.value < found.authority
        {
            let wanted = figure("flow coefficient for the authority asked")
                .map_or_else(String::new, |kv| {
                    format!("; {} would have it", number(kv, shown))
                });
            let _ = writeln!(
                out,
                "note: {}: the valve has an authority of {}, {} asked for{wanted}",
                row.path,
                percent(authority.value),
                percent(found.authority)
            );
        }
    }
    let failed: Vec<_> = found.trials.iter().filter(|trial| !trial.holds).collect();
    for trial in &failed {
        let _ = writeln!(
            out,
            "REDUNDANCY NOT THERE: {} {}, {}: {}",
            trial.path,
            trial.claimed,
            trial.lost,
            trial.breaks.clone().unwrap_or_default()
        );
    }
    if failed.is_empty() && !found.trials.is_empty() {
        let _ = writeln!(
            out,
            "Every limit holds with each of {} claimed losses.",
            found.trials.len()
        );
    }
    if found.holds() {
        let _ = writeln!(out, "The sized hall holds in every case.");
    }
    let _ = writeln!(out, "{} solves", grouped(found.solves as f64));
}
