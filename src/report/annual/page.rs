//! The index page of years.

use serde::Serialize;

use super::charts::Drawn;
use super::{compared, lead};
use crate::report::folder::MARK;
use crate::report::page::environment;
use crate::report::table::{Align, Table, Tone};
use crate::report::text::{NONE, Text, difference, fixed, ratio, scientific};
use crate::study::annual::{AnnualResult, Hour, Year};

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
        headline: headline(result, text),
        energy: energy(result),
        design: some(design(result, text)),
        limits: some(limits(result)),
        worst: worst(result, text),
        unsolved: some(unsolved(result)),
        plant: some(plant(result)),
        modes: some(modes(result)),
        months: some(months(result)),
        balance: balance(result),
        warnings: result.warnings.clone(),
        model_warnings: some(model_warnings(result)),
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

fn headline(result: &AnnualResult, text: Text) -> Table {
    let mut table = Table::new(&[("", Align::Left), ("", Align::Right), ("", Align::Left)]);
    let mut row = |name: &str, value: String, note: String| {
        table.row(Tone::Plain, [name.into(), value.into(), note.into()]);
    };
    row(
        "PUE",
        ratio(result.pue, 3),
        format!(
            "energy of the year; {} as meters at the rack PDUs show it",
            ratio(result.pue_rack_pdu, 3)
        ),
    );
    row(
        "ERE",
        ratio(result.ere, 3),
        if result.reused_heat_kwh == 0.0 {
            "no heat is used by somebody".to_owned()
        } else {
            format!(
                "{} GWh of heat used",
                fixed(result.reused_heat_kwh / 1e6, 2)
            )
        },
    );
    row(
        "WUE",
        format!("{}\u{a0}L/kWh", ratio(result.wue_l_per_kwh, 3)),
        format!(
            "{} m³: evaporation {}, drift {}, blowdown {}",
            fixed(result.water.make_up_m3, 0),
            fixed(result.water.evaporation_m3, 0),
            fixed(result.water.drift_m3, 0),
            fixed(result.water.blowdown_m3, 0)
        ),
    );
    row(
        "Mean power",
        text.power(result.power_mean_w),
        format!("at a mean workload of {}", fixed(result.workload_mean, 2)),
    );
    if let Some(peak) = &result.peak {
        row(
            "Peak power",
            text.power(peak.power_w),
            format!(
                "{}; {}, wet bulb {}",
                peak.label,
                text.temperature(peak.dry_bulb_c),
                text.temperature(peak.wet_bulb_c)
            ),
        );
    }
    let money = &result.money;
    if let (Some(usd), Some(price)) = (money.electricity_usd, money.electricity_usd_per_kwh) {
        row(
            "Cost of electricity",
            format!("{}\u{a0}million USD", fixed(usd / 1e6, 3)),
            format!("at {} USD/kWh", fixed(price, 4)),
        );
    }
    if let (Some(usd), Some(price)) = (money.water_usd, money.water_usd_per_m3) {
        row(
            "Cost of water",
            format!("{}\u{a0}million USD", fixed(usd / 1e6, 3)),
            format!("at {} USD/m³", fixed(price, 2)),
        );
    }
    if let (Some(tonnes), Some(factor)) = (money.co2_t, money.co2_kg_per_kwh) {
        row(
            "CO2",
            format!("{}\u{a0}t", fixed(tonnes, 0)),
            format!("at {} kg/kWh", fixed(factor, 3)),
        );
    }
    table
}

fn energy(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("Energy", Align::Left),
        ("GWh", Align::Right),
        ("Share", Align::Right),
    ]);
    let all = result.energy.facility_kwh;
    let share = |kwh: f64| format!("{}%", fixed(100.0 * kwh / all, 2));
    table.row(
        Tone::Strong,
        [
            "Facility".into(),
            fixed(all / 1e6, 3).into(),
            share(all).into(),
        ],
    );
    for one in result.end_uses.iter().filter(|one| one.kwh != 0.0) {
        table.row(
            Tone::Plain,
            [
                crate::report::table::Cell::from(one.end.label()).indent(1),
                fixed(one.kwh / 1e6, 3).into(),
                crate::report::table::Cell::from(share(one.kwh)).bar(one.kwh / all),
            ],
        );
    }
    table
}

fn design(result: &AnnualResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Design condition", Align::Path),
        ("", Align::Left),
        ("Dry bulb", Align::Right),
        ("Wet bulb", Align::Right),
        ("Power", Align::Right),
        ("PUE", Align::Right),
        ("Hottest GPU", Align::Right),
        ("Limits", Align::Left),
    ]);
    for one in &result.design {
        let (tone, verdict) = match (one.holds, &one.unsolved) {
            (Some(true), _) => (Tone::Plain, "hold".to_owned()),
            (Some(false), _) => {
                let list = one.broken.iter().map(|b| format!("{}: {}", b.path, b.what));
                (Tone::Broken, list.collect::<Vec<_>>().join("; "))
            }
            (None, reason) => (
                Tone::Broken,
                format!("no solution: {}", reason.as_deref().unwrap_or_default()),
            ),
        };
        table.row(
            tone,
            [
                one.name.as_str().into(),
                one.text.as_str().into(),
                text.temperature(one.dry_bulb_c).into(),
                text.temperature(one.wet_bulb_c).into(),
                one.power_w
                    .map_or(NONE.to_owned(), |w| text.power(w))
                    .into(),
                ratio(one.pue, 3).into(),
                one.gpu_temperature_max_c
                    .map_or(NONE.to_owned(), |t| text.temperature(t))
                    .into(),
                verdict.into(),
            ],
        );
    }
    table
}

fn limits(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("Broken limit", Align::Path),
        ("", Align::Left),
        ("Hours", Align::Right),
        ("Worst margin", Align::Right),
        ("Severity", Align::Left),
    ]);
    for one in &result.limits {
        let severity = format!("{:?}", one.severity).to_lowercase();
        table.row(
            if severity == "advisory" {
                Tone::Caution
            } else {
                Tone::Broken
            },
            [
                one.path.as_str().into(),
                one.what.as_str().into(),
                fixed(one.hours, 0).into(),
                one.worst_margin
                    .map_or(NONE.to_owned(), |m| format!("{} {}", fixed(m, 3), one.unit))
                    .into(),
                severity.into(),
            ],
        );
    }
    table
}

fn model_warnings(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("About", Align::Path),
        ("Warning, with the numbers of its first hour", Align::Left),
        ("Hours", Align::Right),
    ]);
    for one in &result.model_warnings {
        table.row(
            Tone::Caution,
            [
                one.path.as_str().into(),
                one.text.as_str().into(),
                fixed(one.hours, 0).into(),
            ],
        );
    }
    table
}

fn worst(result: &AnnualResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Hour", Align::Left),
        ("Dry bulb", Align::Right),
        ("Wet bulb", Align::Right),
        ("Power", Align::Right),
        ("PUE", Align::Right),
        ("Hottest GPU", Align::Right),
        ("Margin", Align::Right),
        ("Broken", Align::Left),
    ]);
    let cells = |hour: &Hour| {
        [
            hour.label.as_str().into(),
            text.temperature(hour.dry_bulb_c).into(),
            text.temperature(hour.wet_bulb_c).into(),
            text.power(hour.power_w).into(),
            ratio(hour.pue, 3).into(),
            hour.gpu_temperature_max_c
                .map_or(NONE.to_owned(), |t| text.temperature(t))
                .into(),
            hour.gpu_margin_min_k
                .map_or(NONE.to_owned(), difference)
                .into(),
            hour.broken.join("; ").into(),
        ]
    };
    for hour in &result.worst_hours {
        let tone = if hour.broken.is_empty() {
            Tone::Plain
        } else {
            Tone::Broken
        };
        table.row(tone, cells(hour));
    }
    table.note(
        "Hours with a broken limit first, then by the least margin of a GPU to a protective limit, then by power.",
    )
}

fn unsolved(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("Hour without solution", Align::Left),
        ("Hours", Align::Right),
        ("Why", Align::Left),
    ]);
    for one in result.unsolved.iter().take(100) {
        table.row(
            Tone::Broken,
            [
                one.label.as_str().into(),
                fixed(one.hours, 0).into(),
                one.reason.as_str().into(),
            ],
        );
    }
    if result.unsolved.len() > 100 {
        let note = format!(
            "{} more are listed in annual.json.",
            result.unsolved.len() - 100
        );
        return table.note(note);
    }
    table
}

fn plant(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("Number", Align::Right),
        ("Plant mode", Align::Left),
        ("Hours", Align::Right),
    ]);
    for (index, one) in result.plant_modes.iter().enumerate() {
        table.row(
            Tone::Plain,
            [
                (index + 1).to_string().into(),
                one.mode.as_str().into(),
                fixed(one.hours, 0).into(),
            ],
        );
    }
    table.note("What all kinds of plant that change their mode in the year do at one time.")
}

fn modes(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Kind", Align::Left),
        ("Mode", Align::Left),
        ("Hours", Align::Right),
    ]);
    for entry in &result.modes {
        for one in &entry.modes {
            table.row(
                Tone::Plain,
                [
                    entry.path.as_str().into(),
                    entry.kind.as_str().into(),
                    one.mode.as_str().into(),
                    fixed(one.hours, 0).into(),
                ],
            );
        }
    }
    table
}

fn months(result: &AnnualResult) -> Table {
    let mut table = Table::new(&[
        ("Month", Align::Left),
        ("Facility (GWh)", Align::Right),
        ("IT (GWh)", Align::Right),
        ("Cooling (GWh)", Align::Right),
        ("PUE", Align::Right),
        ("Water (m³)", Align::Right),
    ]);
    for month in &result.months {
        table.row(
            Tone::Plain,
            [
                month.name.into(),
                fixed(month.energy.facility_kwh / 1e6, 3).into(),
                fixed(month.energy.it_kwh / 1e6, 3).into(),
                fixed(month.energy.cooling_kwh / 1e6, 3).into(),
                ratio(month.pue, 3).into(),
                fixed(month.water.make_up_m3, 0).into(),
            ],
        );
    }
    table
}

fn balance(result: &AnnualResult) -> Table {
    let balance = &result.balance;
    let mut table = Table::new(&[
        ("Balance, worst hour", Align::Left),
        ("Relative", Align::Right),
    ]);
    for (name, value) in [
        (
            "Energy: meter against heat that leaves the site",
            balance.energy_relative_max,
        ),
        ("Mass of loops", balance.mass_relative_max),
        (
            "Water: make-up against evaporation, drift and blowdown",
            balance.water_relative_max,
        ),
    ] {
        table.row(Tone::Plain, [name.into(), scientific(value).into()]);
    }
    table
}
