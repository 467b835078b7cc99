//! The index page of years.

mod tables;

use serde::Serialize;

use super::charts::Drawn;
use super::{compared, lead};
use crate::report::folder::MARK;
use crate::report::page::environment;
use crate::report::table::{Align, Table, Tone};
use crate::report::text::{Text, fixed};
use crate::study::annual::{AnnualResult, Year};

const TEMPLATE: &str = include_str!("../annual.html");

#[derive(Serialize)]
struct Shown {
    id: String,
    title: String,
    caption: String,
    missing: Option<String>,
}

#[derive(Serialize)]
struct Hall {
    name: String,
    state: String,
    weather: String,
    source: String,
    tone: Tone,
    verdict: String,
    lead: String,
    headline: Table,
    energy: Table,
    design: Option<Table>,
    limits: Option<Table>,
    worst: Table,
    unsolved: Option<Table>,
    plant: Option<Table>,
    modes: Option<Table>,
    months: Option<Table>,
    balance: Table,
    warnings: Vec<String>,
    model_warnings: Option<Table>,
    figures: Vec<Shown>,
}

#[derive(Serialize)]
struct Page {
    mark: &'static str,
    version: &'static str,
    title: String,
    run: String,
    parquet: bool,
    compared: Option<Table>,
    figures: Vec<Shown>,
    halls: Vec<Hall>,
}

/// The page as HTML, its files in the folder `run`.
pub(super) fn render(
    years: &[Year],
    drawn: &[Drawn],
    run: &str,
) -> Result<String, minijinja::Error> {
    let results: Vec<&AnnualResult> = years.iter().map(|year| &year.result).collect();
    let page = Page {
        mark: MARK,
        version: env!("CARGO_PKG_VERSION"),
        title: match results.as_slice() {
            [one] => format!("{}: a year", one.name),
            all => format!("{} halls: a year", all.len()),
        },
        run: run.to_owned(),
        parquet: cfg!(feature = "parquet"),
        compared: (results.len() > 1).then(|| comparison(&results)),
        figures: shown(drawn, None),
        halls: results
            .iter()
            .enumerate()
            .map(|(index, result)| {
                hall(
                    result,
                    &lead(results.len(), index),
                    shown(drawn, Some(index)),
                )
            })
            .collect(),
    };
    let mut environment = environment()?;
    environment.add_template("annual", TEMPLATE)?;
    environment.get_template("annual")?.render(&page)
}

fn shown(drawn: &[Drawn], hall: Option<usize>) -> Vec<Shown> {
    drawn
        .iter()
        .filter(|one| one.hall == hall)
        .map(|one| Shown {
            id: one.id.clone(),
            title: one.title.clone(),
            caption: one.caption.clone(),
            missing: one.drawing.as_ref().err().map(ToString::to_string),
        })
        .collect()
}

fn comparison(results: &[&AnnualResult]) -> Table {
    let mut columns = vec![("", Align::Left)];
    columns.extend(results.iter().map(|r| (r.name.as_str(), Align::Right)));
    let mut table = Table::new(&columns);
    for (name, values) in compared(results) {
        let mut cells = vec![name.into()];
        cells.extend(values.into_iter().map(Into::into));
        table.push(Tone::Plain, cells);
    }
    table
}

fn some(table: Table) -> Option<Table> {
    (!table.rows.is_empty()).then_some(table)
}

fn hall(result: &AnnualResult, lead: &str, figures: Vec<Shown>) -> Hall {
    let text = Text::default();
    let (tone, verdict) = verdict(result);
    Hall {
        name: result.name.clone(),
        state: result.state.clone(),
        weather: format!(
            "{} ({} {})",
            result.weather.name,
            fixed(result.weather.samples as f64, 0),
            result.weather.kind
        ),
        source: result.weather.source.clone(),
        tone,
        verdict,
        lead: lead.to_owned(),
        headline: tables::headline(result, text),
        energy: tables::energy(result),
        design: some(tables::design(result, text)),
        limits: some(tables::limits(result)),
        worst: tables::worst(result, text),
        unsolved: some(tables::unsolved(result)),
        plant: some(tables::plant(result)),
        modes: some(tables::modes(result)),
        months: some(tables::months(result)),
        balance: tables::balance(result),
        warnings: result.warnings.clone(),
        model_warnings: some(tables::model_warnings(result)),
        figures,
    }
}

fn verdict(result: &AnnualResult) -> (Tone, String) {
    let mut sentences = Vec::new();
    let mut tone = Tone::Good;
    if !result.complete {
        tone = Tone::Broken;
        sentences.push(format!(
            "{} of {} hours have no solution: sums and ratios cover the other hours, not a year.",
            fixed(result.hours - result.hours_solved, 0),
            fixed(result.hours, 0)
        ));
    }
    if result.hours_limit_broken > 0.0 {
        tone = Tone::Broken;
        sentences.push(format!(
            "A limit is broken in {} hours.",
            fixed(result.hours_limit_broken, 0)
        ));
    } else {
        sentences.push("Every limit that could be judged holds in every hour solved.".to_owned());
    }
    let fails = |kind: &dyn Fn(&Option<bool>) -> bool| {
        let names: Vec<&str> = result
            .design
            .iter()
            .filter(|point| kind(&point.holds))
            .map(|point| point.name.as_str())
            .collect();
        names.join(", ")
    };
    let broken = fails(&|holds| *holds == Some(false));
    if !broken.is_empty() {
        tone = Tone::Broken;
        sentences.push(format!(
            "Limits are broken at the design conditions {broken}."
        ));
    }
    let none = fails(&Option::is_none);
    if !none.is_empty() {
        tone = Tone::Broken;
        sentences.push(format!(
            "There is no solution at the design conditions {none}."
        ));
    }
    if broken.is_empty() && none.is_empty() && !result.design.is_empty() {
        sentences.push("So they do at every design condition.".to_owned());
        if result.hours_limit_broken > 0.0 {
            sentences.pop();
            sentences.push("At the design conditions all limits hold.".to_owned());
        }
    }
    (tone, sentences.join(" "))
}
