//! Published power claims held against every boundary that they could mean.

use crate::hall::model::Claim;
use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{NONE, Text, percent_change, ratio};
use crate::result::SolveResult;
use crate::study::claims::{self, Boundary, audit, racks};

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

/// Audits all claims against all states; `nameplate` is the sum of the GPUs' rated power, W.
pub fn claims(
    claims: &[Claim],
    solved: &[(String, Result<SolveResult, String>)],
    present: &str,
    nameplate: f64,
    text: Text,
) -> Vec<Audit> {
    let states: Vec<(&str, &SolveResult)> = solved
        .iter()
        .filter_map(|(name, outcome)| outcome.as_ref().ok().map(|r| (name.as_str(), r)))
        .collect();
    audit(claims, nameplate, &states)
        .iter()
        .map(|found| shown(found, &states, nameplate, present, text))
        .collect()
}

fn shown(
    found: &claims::Audit,
    states: &[(&str, &SolveResult)],
    nameplate: f64,
    present: &str,
    text: Text,
) -> Audit {
    let mut columns = vec![("Boundary".to_owned(), Align::Left)];
    for (state, _) in states {
        columns.push(((*state).to_owned(), Align::Right));
        columns.push(("claim / value".to_owned(), Align::Right));
    }
    let names: Vec<(&str, Align)> = columns
        .iter()
        .map(|(name, align)| (name.as_str(), *align))
        .collect();
    let mut table = Table::new(&names);
    for boundary in Boundary::ALL {
        let mut cells = vec![Cell::from(boundary.label())];
        for (state, result) in states {
            let watts = boundary.watts(nameplate, result);
            let nearest = found.nearest.as_ref().is_some_and(|n| {
                n.boundary == boundary && n.state.as_deref().is_none_or(|name| name == *state)
            });
            let tone = if nearest { Tone::Strong } else { Tone::Plain };
            cells.push(Cell::from(text.power(watts)).tone(tone));
            let share = (watts > 0.0).then(|| found.power_w / watts);
            cells.push(Cell::from(ratio(share, 3)).tone(tone));
        }
        table.push(Tone::Plain, cells);
    }
    Audit {
        name: found.name.clone(),
        power: text.power(found.power_w),
        text: found.text.clone(),
        source: found.source.clone(),
        verdict: found.verdict(present, &|watts| text.power(watts), &percent_change),
        table,
    }
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
                racks(result)
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
