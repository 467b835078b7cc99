//! The tables of failures on the terminal.

use std::fmt::Write;

use super::text::{Shown, grouped, table};
use crate::result::SeverityName;
use crate::study::failures::{BrokenLimit, Consequence, Failures, Outcome};
use crate::units::UnitSystem;

/// Pairs listed.
const PAIRS: usize = 20;
/// Racks named.
const RACKS: usize = 2;

/// All of it.
pub(super) fn tables(found: &Failures, units: UnitSystem) -> String {
    let shown = Shown(units);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} · state '{}' · {}\n",
        found.name, found.state, found.scenario
    );
    let before = &found.undisturbed;
    if !before.holds() {
        let broken = before.broken.iter();
        let names: Vec<String> = broken.map(|limit| limit_words(limit, &shown)).collect();
        let _ = writeln!(
            out,
            "Without any loss the hall breaks: {}\n",
            names.join("; ")
        );
    }
    redundancy(found, &mut out);
    losses(found, &shown, &mut out);
    pairs(found, &shown, &mut out);
    let _ = writeln!(
        out,
        "Fouling adds {:.0} % to a thermal resistance, blockage multiplies a filter's pressure drop by {} (assumed, grade D).",
        100.0 * found.fouling,
        found.blockage
    );
    for (group, number) in &found.left_out {
        let _ = writeln!(
            out,
            "{number} more of {group} differ and were not struck; --every strikes each."
        );
    }
    out
}

fn redundancy(found: &Failures, out: &mut String) {
    if found.redundancy.is_empty() {
        let _ = writeln!(out, "The file claims no redundancy.\n");
        return;
    }
    let mut t = table(&["Redundancy", "claimed", "shown", "", "breaks then"], &[]);
    for one in &found.redundancy {
        let shown = match (one.claimed.as_str(), one.shown) {
            ("2N", 0) => "N".to_owned(),
            ("2N", _) => "2N".to_owned(),
            (_, 0) => "N".to_owned(),
            (_, n) if one.or_more => format!("N+{n} or more"),
            (_, n) => format!("N+{n}"),
        };
        t.add_row(vec![
            alike(&one.path, one.alike),
            one.claimed.clone(),
            shown,
            if one.holds { "holds" } else { "FAILS" }.to_owned(),
            one.breaks.clone().unwrap_or_default(),
        ]);
    }
    let _ = writeln!(out, "{t}\n");
}

/// A name, with the number of its like.
fn alike(name: &str, number: u64) -> String {
    if number > 1 {
        format!("{name} (1 of {})", grouped(number as f64))
    } else {
        name.to_owned()
    }
}

fn losses(found: &Failures, shown: &Shown, out: &mut String) {
    let header = [
        "",
        "Loss",
        "consequence",
        "throttled",
        "shut down",
        "work lost",
        "of a job",
        "hottest GPU",
        "what breaks",
    ];
    let mut t = table(&header, &[0, 3, 4, 5, 6, 7]);
    for row in &found.losses {
        let mut cells = vec![
            row.rank.to_string(),
            format!("{}: {}", alike(&row.path, row.alike), row.text),
        ];
        cells.extend(outcome(&row.outcome, shown));
        t.add_row(cells);
    }
    let _ = writeln!(out, "{t}\n");
}

fn outcome(one: &Outcome, shown: &Shown) -> Vec<String> {
    let none = one.consequence == Consequence::NoSolution;
    let number = |value: u64| {
        if none {
            "-".to_owned()
        } else {
            grouped(value as f64)
        }
    };
    let work = |value: f64| {
        if none {
            "-".to_owned()
        } else {
            format!("{:.2} %", 100.0 * value)
        }
    };
    vec![
        one.consequence.words().to_owned(),
        number(one.throttled),
        number(one.shut_down),
        work(one.lost_work_mean),
        work(one.lost_work_job),
        one.gpu_temperature_max_c
            .map_or_else(|| "-".to_owned(), |t| shown.celsius(t)),
        what_breaks(one, shown),
    ]
}

fn what_breaks(one: &Outcome, shown: &Shown) -> String {
    if let Some(reason) = &one.reason {
        return cut(reason);
    }
    let mut words: Vec<String> = Vec::new();
    if let Some(first) = one.racks.first() {
        let names: Vec<&str> = one
            .racks
            .iter()
            .take(RACKS)
            .map(|r| r.path.as_str())
            .collect();
        let more = one.racks.len().saturating_sub(RACKS);
        let gpus = first.throttled + first.shut_down;
        words.push(format!(
            "{} GPUs of {}{}",
            grouped(gpus as f64),
            names.join(", "),
            if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            }
        ));
    }
    // What is said of GPUs already is not said twice.
    let counted = one
        .broken
        .iter()
        .filter(|l| l.severity != SeverityName::Advisory && l.path != "gpus");
    words.extend(counted.map(|limit| limit_words(limit, shown)));
    if words.is_empty() {
        words.extend(one.broken.iter().map(|limit| limit_words(limit, shown)));
    }
    words.join("; ")
}

/// The first sentence or so; --json has all of it.
fn cut(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

fn limit_words(limit: &BrokenLimit, shown: &Shown) -> String {
    let value = limit
        .value
        .map_or_else(|| "unknown".to_owned(), |v| shown.value(limit.dimension, v));
    format!(
        "{}: {} {value} against {}",
        limit.path,
        limit.what,
        shown.value(limit.dimension, limit.limit)
    )
}

fn pairs(found: &Failures, shown: &Shown, out: &mut String) {
    if found.pairs.is_empty() {
        return;
    }
    let mut counts = [0; Consequence::ALL.len()];
    for pair in &found.pairs {
        counts[pair.outcome.consequence as usize] += 1;
    }
    let parts: Vec<String> = Consequence::ALL
        .iter()
        .zip(counts)
        .filter(|(_, number)| *number > 0)
        .map(|(consequence, number)| {
            format!("{} {}", grouped(f64::from(number)), consequence.words())
        })
        .collect();
    let _ = writeln!(
        out,
        "{} pairs: {}. Those worse than their two losses by themselves:",
        grouped(found.pairs.len() as f64),
        parts.join(", ")
    );
    let header = [
        "Pair",
        "consequence",
        "throttled",
        "shut down",
        "work lost",
        "of a job",
        "hottest GPU",
        "what breaks",
    ];
    let mut t = table(&header, &[2, 3, 4, 5, 6]);
    let worse = found.worse_pairs();
    for pair in worse.iter().take(PAIRS) {
        let name = found.pair_words(pair);
        let mut cells = vec![name];
        cells.extend(outcome(&pair.outcome, shown));
        t.add_row(cells);
    }
    let _ = writeln!(out, "{t}");
    if worse.len() > PAIRS {
        let _ = writeln!(out, " {} more; --json lists all", worse.len() - PAIRS);
    }
    out.push('\n');
}
