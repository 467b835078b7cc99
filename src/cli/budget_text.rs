//! The tables of a budget on the terminal.

use std::fmt::Write;

use super::text::{Shown, grouped, ratio, table};
use crate::result::{LimitStatus, SeverityName};
use crate::study::budget::inverse::{Answer, Ask};
use crate::study::budget::{Budget, Row, ScenarioResult, Sort};
use crate::study::claims::Boundary;
use crate::units::{Dimension, UnitSystem};

/// Limits that hold, listed beside the broken ones.
const TIGHTEST: usize = 15;

/// All of it.
pub(super) fn tables(found: &Budget, units: UnitSystem) -> String {
    let shown = Shown(units);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} · state '{}' · {}\n",
        found.name, found.state, found.scenario
    );
    scenarios(found, &shown, &mut out);
    limits(found, &shown, &mut out);
    claims(found, &shown, &mut out);
    answers(found, &shown, &mut out);
    out
}

fn scenarios(found: &Budget, shown: &Shown, out: &mut String) {
    let header = [
        "Scenario",
        "facility",
        "IT",
        "GPUs",
        "PUE",
        "hottest GPU",
        "limits",
        "tightest",
    ];
    let mut t = table(&header, &[1, 2, 3, 4, 5]);
    // Of single losses those are shown that break something; the others are one line.
    let quiet =
        |one: &ScenarioResult| one.sort == Sort::OneOut && one.reason.is_none() && one.broken == 0;
    for one in found.scenarios.iter().filter(|one| !quiet(one)) {
        let power = |watts: Option<f64>| watts.map_or_else(|| "-".to_owned(), |w| shown.power(w));
        let limits = match (&one.reason, one.broken, one.advisory) {
            (Some(_), ..) => "NO SOLUTION".to_owned(),
            (None, 0, 0) => "hold".to_owned(),
            (None, 0, n) => format!("hold, {n} advisory exceeded"),
            (None, n, _) => format!("{n} BROKEN"),
        };
        t.add_row(vec![
            one.name.clone(),
            power(one.power_w),
            power(one.it_power_w),
            power(one.gpu_power_w),
            ratio(one.pue),
            one.gpu_temperature_max_c
                .map_or_else(|| "-".to_owned(), |t| shown.celsius(t)),
            limits,
            tightest(one),
        ]);
    }
    let _ = writeln!(out, "{t}");
    let still: Vec<&ScenarioResult> = found.scenarios.iter().filter(|one| quiet(one)).collect();
    if !still.is_empty() {
        let worst = still.iter().reduce(|a, b| {
            let margin = |one: &ScenarioResult| one.tightest_margin.unwrap_or(f64::INFINITY);
            if margin(b) < margin(a) { b } else { a }
        });
        let _ = writeln!(
            out,
            " one unit out of each set with redundancy: {} losses hold{}",
            still.len(),
            worst.map_or_else(String::new, |one| format!(
                "; the least margin with {} ({})",
                one.name,
                tightest(one)
            ))
        );
    }
    for one in &found.scenarios {
        match one.sort {
            Sort::Peak | Sort::Weather => {
                let _ = writeln!(out, " {}: {}", one.name, one.text);
            }
            Sort::State | Sort::OneOut => {}
        }
        if let Some(reason) = &one.reason {
            let _ = writeln!(out, " {} has no solution: {reason}", one.name);
        }
    }
    if let Some(year) = &found.year {
        let _ = writeln!(out, " {}", year.sentence(&grouped));
    }
    out.push('\n');
}

fn tightest(one: &ScenarioResult) -> String {
    match (&one.tightest, one.tightest_margin) {
        (Some(what), Some(margin)) => format!("{what} {}", share(margin)),
        _ => one.reason.clone().unwrap_or_default(),
    }
}

fn share(value: f64) -> String {
    format!("{:+.1} %", 100.0 * value)
}

fn limits(found: &Budget, shown: &Shown, out: &mut String) {
    let broken = found
        .limits
        .iter()
        .filter(|row| row.status != LimitStatus::Ok);
    let holding: Vec<&Row> = found
        .limits
        .iter()
        .filter(|row| row.status == LimitStatus::Ok && row.severity != SeverityName::Advisory)
        .filter(|row| row.limit != 0.0)
        .collect();
    let shown_rows = broken.chain(holding.iter().take(TIGHTEST).copied());
    let _ = writeln!(out, "{}", limit_table(shown_rows, shown));
    if holding.len() > TIGHTEST {
        let _ = writeln!(
            out,
            " {} more limits hold with more margin; --json lists all",
            holding.len() - TIGHTEST
        );
    }
    let _ = writeln!(
        out,
        "\n Each level of the tree, at its tightest limit:\n{}",
        limit_table(found.by_level().into_iter(), shown)
    );
    if !found.unlimited.is_empty() {
        let _ = writeln!(
            out,
            " no limit that counts is known for: {}",
            found.unlimited.join(", ")
        );
    }
    out.push('\n');
}

fn limit_table<'a>(rows: impl Iterator<Item = &'a Row>, shown: &Shown) -> String {
    let header = [
        "Level", "limit", "scenario", "value", "limit", "margin", "", "",
    ];
    let mut t = table(&header, &[3, 4, 5, 6]);
    for row in rows {
        let place = if row.path.is_empty() || row.path == "gpus" {
            row.what.clone()
        } else {
            format!("{}: {}", row.path, row.what)
        };
        t.add_row(vec![
            row.level.words().to_owned(),
            place,
            row.scenario.clone(),
            row.value
                .map_or_else(|| "-".to_owned(), |v| shown.value(row.dimension, v)),
            shown.value(row.dimension, row.limit),
            row.margin
                .map_or_else(|| "-".to_owned(), |m| shown.margin(row.dimension, m)),
            row.relative_margin
                .filter(|_| row.limit != 0.0 && row.dimension != Dimension::Temperature)
                .map_or_else(String::new, share),
            status(row),
        ]);
    }
    t.to_string()
}

fn status(row: &Row) -> String {
    match (row.status, row.severity) {
        (LimitStatus::Ok, SeverityName::Advisory) => "holds (advisory)".to_owned(),
        (LimitStatus::Ok, _) => "holds".to_owned(),
        (LimitStatus::Unknown, _) => "unknown".to_owned(),
        (LimitStatus::Broken, SeverityName::Advisory) => {
            format!("advisory exceeded in {}", scenarios_in(row))
        }
        (LimitStatus::Broken, _) => format!("BROKEN in {}", scenarios_in(row)),
    }
}

fn scenarios_in(row: &Row) -> String {
    match row.broken_in.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one}, {two}"),
        all => format!("{} scenarios", all.len()),
    }
}

fn claims(found: &Budget, shown: &Shown, out: &mut String) {
    let power = |watts: f64| shown.power(watts);
    for claim in &found.claims {
        let _ = writeln!(out, "Claim {}: \"{}\"", claim.name, claim.text);
        let _ = writeln!(
            out,
            " {}",
            claim.verdict(&found.state, &power, &|miss| share(miss))
        );
        let mut states: Vec<&str> = Vec::new();
        for state in claim.candidates.iter().filter_map(|c| c.state.as_deref()) {
            if !states.contains(&state) {
                states.push(state);
            }
        }
        let mut header = vec![""];
        header.extend(&states);
        let right: Vec<usize> = (1..=states.len()).collect();
        let mut t = table(&header, &right);
        for boundary in Boundary::ALL {
            let mut row = vec![format!("  {}", boundary.label())];
            for state in &states {
                let cell = claim
                    .candidates
                    .iter()
                    .filter(|c| c.boundary == boundary)
                    .find(|c| c.state.as_deref().is_none_or(|name| name == *state));
                row.push(cell.map_or_else(
                    || "-".to_owned(),
                    |c| format!("{} ({})", power(c.watts), share(c.miss)),
                ));
            }
            t.add_row(row);
        }
        let _ = writeln!(out, "{t}\n  source: {}\n", claim.source);
    }
}

fn answers(found: &Budget, shown: &Shown, out: &mut String) {
    let Some(first) = found.answers.first() else {
        return;
    };
    let _ = writeln!(out, "How far, at {}:", first.at);
    for answer in &found.answers {
        let _ = writeln!(out, " {}", sentence(answer, shown));
        for note in &answer.notes {
            let _ = writeln!(out, "   {note}");
        }
    }
}

/// The answers as sentences.
pub(super) fn sentences(found: &Budget, units: UnitSystem) -> Vec<String> {
    let shown = Shown(units);
    let answers = found.answers.iter();
    answers
        .map(|answer| {
            let mut text = format!("At {}: {}.", answer.at, sentence(answer, &shown));
            for note in &answer.notes {
                text.push_str(&format!(" Note: {note}."));
            }
            text
        })
        .collect()
}

fn sentence(answer: &Answer, shown: &Shown) -> String {
    let value = |number: f64| match answer.ask {
        Ask::Count => grouped(number),
        Ask::PowerCap => shown.power(number),
        Ask::WetBulb | Ask::DryBulb => shown.celsius(number),
    };
    let what = match answer.ask {
        Ask::Count => answer.counts.first().map_or_else(
            || "count".to_owned(),
            |count| {
                let along: Vec<&str> = answer.counts[1..]
                    .iter()
                    .map(|count| count.path.as_str())
                    .collect();
                if along.is_empty() {
                    count.path.clone()
                } else {
                    format!("{} (with {} in proportion)", count.path, along.join(", "))
                }
            },
        ),
        Ask::PowerCap => "power cap of a GPU".to_owned(),
        Ask::WetBulb => "outdoor wet bulb".to_owned(),
        Ask::DryBulb => "outdoor dry bulb at constant moisture".to_owned(),
    };
    let breaks = || {
        let first = answer.first.as_ref();
        first.map_or_else(String::new, |first| {
            let numbers = match (first.value, first.limit) {
                (Some(v), Some(limit)) => format!(
                    " ({} against {})",
                    shown.value(first.dimension, v),
                    shown.value(first.dimension, limit)
                ),
                _ => String::new(),
            };
            let place = if first.path.is_empty() || first.path == "gpus" {
                String::new()
            } else {
                format!("{}: ", first.path)
            };
            format!("{place}{}{numbers}", first.what)
        })
    };
    let range = format!("{} to {}", value(answer.low), value(answer.high));
    let present = format!("present {}", value(answer.present));
    match (answer.holds_to, answer.breaks_at) {
        (Some(holds), Some(at)) => {
            let size = if answer.ask == Ask::Count {
                format!(
                    ", {} GPUs, {}",
                    grouped(answer.gpus.unwrap_or(0) as f64),
                    answer.power_w.map_or_else(String::new, |w| shown.power(w))
                )
            } else {
                String::new()
            };
            let beyond = if answer.ask == Ask::Count {
                format!("at {}", value(at))
            } else {
                "beyond".to_owned()
            };
            format!(
                "{what}: every limit holds up to {}{size} ({present}); {beyond} breaks first {}",
                value(holds),
                breaks()
            )
        }
        (Some(_), None) => {
            format!(
                "{what}: no limit breaks from the present value up to {} ({present}, tried {range})",
                value(answer.high)
            )
        }
        (None, _) => format!(
            "{what}: a limit is broken at every value tried down to {} ({present}, tried {range}); there {}",
            value(answer.low),
            breaks()
        ),
    }
}
