//! Published power claims held against every boundary that they could mean.

use crate::hall::model::Claim;
use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{NONE, Text, percent_change, ratio};
use crate::result::SolveResult;

/// One claim's audit.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Audit {
    /// Name of the claim.
    pub name: String,
    /// Its power, in words.
    pub power: String,
    /// Its text.
    pub text: String,
    /// Its source.
    pub source: String,
    /// What it comes nearest to, and by how much it misses the others.
    pub verdict: String,
    /// Boundary by state.
    pub table: Table,
}

/// What a boundary draws, W.
type Draw = fn(&SolveResult) -> f64;

const BOUNDARIES: [(&str, &str, Draw); 4] = [
    ("GPUs", "the GPUs", |r| r.gpus.power_w),
    ("Servers (all racks)", "the servers", super::states::servers),
    ("IT equipment", "the IT equipment", |r| {
        r.facility.it_power_w
    }),
    ("Facility, at the meter", "the facility", |r| {
        r.facility.power_w
    }),
];

/// Audits all claims against all states; `rated` is the sum of the GPUs' rated power, W.
pub fn claims(
    claims: &[Claim],
    solved: &[(String, Result<SolveResult, String>)],
    present: &str,
    rated: f64,
    text: Text,
) -> Vec<Audit> {
    claims
        .iter()
        .map(|claim| audit(claim, solved, present, rated, text))
        .collect()
}

fn audit(
    claim: &Claim,
    solved: &[(String, Result<SolveResult, String>)],
    present: &str,
    rated: f64,
    text: Text,
) -> Audit {
    let states: Vec<(&str, &SolveResult)> = solved
        .iter()
        .filter_map(|(name, outcome)| outcome.as_ref().ok().map(|r| (name.as_str(), r)))
        .collect();
    // How far off: the size of the logarithm treats half and double alike.
    let distance = |watts: f64| {
        if watts > 0.0 {
            (claim.power_w / watts).ln().abs()
        } else {
            f64::INFINITY
        }
    };
    let mut candidates: Vec<(String, f64)> = vec![("the GPUs' rated power".to_owned(), rated)];
    for (_, words, draw) in BOUNDARIES {
        candidates.extend(
            states
                .iter()
                .map(|(state, r)| (format!("{words} in state {state}"), draw(r))),
        );
    }
    let nearest = candidates
        .iter()
        .map(|(_, watts)| distance(*watts))
        .fold(f64::INFINITY, f64::min);
    let is_nearest = |watts: f64| distance(watts) <= nearest + 1e-12 && nearest.is_finite();

    let mut columns = vec![("Boundary".to_owned(), Align::Left)];
    for (state, _) in &states {
        columns.push(((*state).to_owned(), Align::Right));
        columns.push(("claim / value".to_owned(), Align::Right));
    }
    let names: Vec<(&str, Align)> = columns
        .iter()
        .map(|(name, align)| (name.as_str(), *align))
        .collect();
    let mut table = Table::new(&names);
    let mut row = |name: &str, draw: &dyn Fn(&SolveResult) -> f64| {
        let mut cells = vec![Cell::from(name)];
        for (_, result) in &states {
            let watts = draw(result);
            let tone = if is_nearest(watts) {
                Tone::Strong
            } else {
                Tone::Plain
            };
            cells.push(Cell::from(text.power(watts)).tone(tone));
            let share = (watts > 0.0).then(|| claim.power_w / watts);
            cells.push(Cell::from(ratio(share, 3)).tone(tone));
        }
        table.push(Tone::Plain, cells);
    };
    row("GPU rated nameplate", &|_| rated);
    for (name, _, draw) in BOUNDARIES {
        row(name, &draw);
    }
    Audit {
        name: claim.name.clone(),
        power: text.power(claim.power_w),
        text: claim.text.clone(),
        source: claim.source.clone(),
        verdict: verdict(claim, &candidates, &states, present, nearest, rated, text),
        table,
    }
}

fn verdict(
    claim: &Claim,
    candidates: &[(String, f64)],
    states: &[(&str, &SolveResult)],
    present: &str,
    nearest: f64,
    rated: f64,
    text: Text,
) -> String {
    let distance = |watts: f64| {
        if watts > 0.0 {
            (claim.power_w / watts).ln().abs()
        } else {
            f64::INFINITY
        }
    };
    let Some((words, watts)) = candidates
        .iter()
        .find(|(_, watts)| distance(*watts) <= nearest + 1e-12)
    else {
        return "No state has a solution to hold it against.".to_owned();
    };
    let against = |watts: f64| percent_change(claim.power_w / watts - 1.0);
    let mut out = if nearest < 0.05 {
        format!(
            "{} is {words} ({}, off by {}).",
            text.power(claim.power_w),
            text.power(*watts),
            against(*watts)
        )
    } else {
        format!(
            "{} is none of these within 5 %; it comes nearest to {words} ({}, off by {}).",
            text.power(claim.power_w),
            text.power(*watts),
            against(*watts)
        )
    };
    let shown = states
        .iter()
        .find(|(state, _)| *state == present)
        .or_else(|| states.first());
    if let Some((state, result)) = shown {
        let mut misses = Vec::new();
        if rated > 0.0 && words != "the GPUs' rated power" {
            misses.push(format!("the GPUs' rated power by {}", against(rated)));
        }
        for (_, boundary, draw) in BOUNDARIES {
            let value = draw(result);
            if value > 0.0 && *words != format!("{boundary} in state {state}") {
                misses.push(format!("{boundary} by {}", against(value)));
            }
        }
        if let Some(last) = misses.pop() {
            let list = if misses.is_empty() {
                last
            } else {
                format!("{} and {last}", misses.join(", "))
            };
            out.push_str(&format!(" In state {state} it misses {list}."));
        }
    }
    out
}

/// A published figure for one GPU's share of something, W.
struct Published {
    what: &'static str,
    watts: f64,
    of_it: bool,
    source: &'static str,
    grade: &'static str,
}

const H100: [Published; 2] = [
    Published {
        what: "Air-cooled node rating: DGX H100, 10.2 kW maximum for 8 GPUs",
        watts: 1275.0,
        of_it: false,
        source: "NVIDIA DGX H100 datasheet, secondary transcription",
        grade: "B",
    },
    Published {
        what: "All critical IT: node, network, storage, management",
        watts: 1389.0,
        of_it: true,
        source: "SemiAnalysis, June 2024, critical IT power table (138.9 MW for 100,000), secondary transcription",
        grade: "B",
    },
];

/// Published ratings for the same number of GPUs beside this hall, where the GPUs are H100s.
pub fn published(
    parts: &[String],
    gpus: f64,
    solved: &[(String, Result<SolveResult, String>)],
    text: Text,
) -> Option<Table> {
    if gpus == 0.0
        || parts.is_empty()
        || !parts
            .iter()
            .all(|part| part.to_lowercase().starts_with("h100"))
    {
        return None;
    }
    let states: Vec<(&str, &SolveResult)> = solved
        .iter()
        .filter_map(|(name, outcome)| outcome.as_ref().ok().map(|r| (name.as_str(), r)))
        .collect();
    let mut columns = vec![
        ("Published".to_owned(), Align::Left),
        ("Per GPU".to_owned(), Align::Right),
        ("Same number of GPUs".to_owned(), Align::Right),
    ];
    columns.extend(
        states
            .iter()
            .map(|(state, _)| (format!("this hall, {state}"), Align::Right)),
    );
    columns.push(("Source".to_owned(), Align::Left));
    columns.push(("Grade".to_owned(), Align::Left));
    let names: Vec<(&str, Align)> = columns
        .iter()
        .map(|(name, align)| (name.as_str(), *align))
        .collect();
    let mut table = Table::new(&names);
    for one in H100 {
        let all = one.watts * gpus;
        let mut cells: Vec<Cell> = vec![
            one.what.into(),
            format!("{}\u{a0}W", super::super::text::fixed(one.watts, 0)).into(),
            text.power(all).into(),
        ];
        for (_, result) in &states {
            let own = if one.of_it {
                result.facility.it_power_w
            } else {
                super::states::servers(result)
            };
            cells.push(if own > 0.0 {
                format!("{} ({})", text.power(own), percent_change(own / all - 1.0)).into()
            } else {
                NONE.into()
            });
        }
        cells.push(one.source.into());
        cells.push(one.grade.into());
        table.push(Tone::Plain, cells);
    }
    Some(table.note(
        "The node rating stands beside this hall's servers, the critical IT figure beside its IT equipment. Ratings are the most \
         that supplies must carry; measured nodes stay below.",
    ))
}
