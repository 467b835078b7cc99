//! The page of a budget: power by scenario, the use of every limit, claims, and how far things may go.

use std::path::Path;

use super::ReportError;
use super::study::{Drawn, Page, Section, WrittenStudy, write as write_page};
use super::table::{Align, Cell, Table, Tone};
use super::text::{NONE, Text, count, percent_change, ratio};
use crate::plot::{Caption, Color, Limit, Palette, Quantity, Style, bars, stacked};
use crate::result::{LimitStatus, SeverityName};
use crate::study::budget::{Budget, Row, ScenarioResult, Sort};
use crate::study::claims::{Audit, Boundary};
use crate::study::levels::Level;
use crate::units::{Dimension, UnitSystem};

/// Limits drawn.
const MOST_BARS: usize = 30;

/// Writes the page into a folder and makes it current; `answers` are sentences on how far things may go.
///
/// # Errors
/// [`ReportError`]; a page that was there before is then whole.
pub fn write(
    found: &Budget,
    answers: &[String],
    out: &Path,
    units: UnitSystem,
) -> Result<WrittenStudy, ReportError> {
    let text = Text { system: units };
    let unsolved = found
        .scenarios
        .iter()
        .filter(|one| one.reason.is_some())
        .count();
    let broken = found.limits.iter().filter(|row| row.breaks()).count();
    let (tone, verdict) = match (unsolved, broken) {
        (0, 0) => (
            Tone::Good,
            "Every limit holds in every scenario.".to_owned(),
        ),
        (0, n) => (
            Tone::Broken,
            format!("{n} limits are broken in one scenario or more."),
        ),
        (u, n) => (
            Tone::Broken,
            format!("{u} scenarios have no solution; {n} limits are broken in the others."),
        ),
    };
    let mut sections = vec![
        Section {
            title: "Scenarios",
            figures: vec![Drawn {
                id: "power",
                title: "Power by scenario",
                caption: "Power at the meter by end use; totals on top.",
                figure: stacked::draw(&power(found), &Style::default()),
            }],
            text: found
                .year
                .iter()
                .map(|year| format!("{}.", year.sentence(&count)))
                .collect(),
            table: Some(scenarios(found, text)),
        },
        Section {
            title: "Limits",
            figures: vec![Drawn {
                id: "limits",
                title: "Use of limits",
                caption: "How much of each limit is used in the scenario that uses it most, and in the others (single losses left \
                          out). Limits of temperature and least values are in the table only.",
                figure: bars::draw(&used(found, text), &Style::default()),
            }],
            text: if found.unlimited.is_empty() {
                Vec::new()
            } else {
                vec![format!(
                    "The file gives no limit that counts for: {}.",
                    found.unlimited.join(", ")
                )]
            },
            table: Some(limits(found, text)),
        },
    ];
    if !answers.is_empty() {
        sections.push(Section {
            title: "How far",
            figures: Vec::new(),
            text: answers.to_vec(),
            table: None,
        });
    }
    if !found.claims.is_empty() {
        sections.push(Section {
            title: "Claims",
            figures: Vec::new(),
            text: found
                .claims
                .iter()
                .map(|claim| {
                    let verdict =
                        claim.verdict(&found.state, &|watts| text.power(watts), &percent_change);
                    format!(
                        "{}: “{}” ({}). {verdict}",
                        claim.name, claim.text, claim.source
                    )
                })
                .collect(),
            table: Some(claims(&found.claims, text)),
        });
    }
    let page = Page {
        title: format!("{}: budget", found.name),
        case: format!("State {} · {}", found.state, found.scenario),
        tone,
        verdict,
        sections,
        foot: "Each scenario is a steady state of its own.",
        json: "budget.json",
    };
    write_page(&page, found, out)
}

fn caption(found: &Budget, title: &str, footnote: String) -> Caption {
    Caption {
        title: title.to_owned(),
        subtitle: format!(
            "{} · present state {} · {}",
            found.name, found.state, found.scenario
        ),
        footnote,
    }
}

/// Scenarios other than single losses, that have a solution.
fn main_ones(found: &Budget) -> Vec<&ScenarioResult> {
    let scenarios = found.scenarios.iter();
    scenarios
        .filter(|one| one.sort != Sort::OneOut && one.reason.is_none())
        .collect()
}

fn power(found: &Budget) -> stacked::Data {
    let ones = main_ones(found);
    let palette = Palette::default();
    let most = ones
        .iter()
        .filter_map(|one| one.power_w)
        .fold(0.0, f64::max);
    let (unit, size) = [("GW", 1e9), ("MW", 1e6), ("kW", 1e3), ("W", 1.0)]
        .into_iter()
        .find(|(_, size)| most >= *size)
        .unwrap_or(("W", 1.0));
    type Part = fn(&ScenarioResult) -> Option<f64>;
    let parts: [(&str, Part, Color); 5] = [
        ("GPUs", |s| s.gpu_power_w, palette.electric),
        (
            "Other IT",
            |s| Some(s.it_power_w? - s.gpu_power_w?),
            Color(250, 215, 140),
        ),
        ("Cooling", |s| s.cooling_power_w, palette.liquid),
        ("Electrical losses", |s| s.electrical_loss_w, palette.loss),
        ("Lighting and other", |s| s.other_power_w, Color(60, 65, 72)),
    ];
    stacked::Data {
        caption: caption(found, "Power by scenario", String::new()),
        quantity: Quantity::new("Power", unit),
        columns: ones.iter().map(|one| one.name.clone()).collect(),
        layers: parts
            .into_iter()
            .map(|(name, part, color)| stacked::Layer {
                name: name.to_owned(),
                values: ones
                    .iter()
                    .map(|one| part(one).unwrap_or(0.0).max(0.0) / size)
                    .collect(),
                color: Some(color),
            })
            .filter(|layer| layer.values.iter().any(|value| *value > 0.0))
            .collect(),
    }
}

/// Whether a limit is a most that can be used in part.
fn is_most(row: &Row) -> bool {
    let sign = match (row.value, row.margin) {
        (Some(value), Some(margin)) => (row.limit - value) * margin,
        _ => return false,
    };
    row.limit > 0.0
        && sign >= 0.0
        && !matches!(
            row.dimension,
            Dimension::Temperature | Dimension::TemperatureDifference
        )
}

/// Limits that count, and the capacity in use of what has no other limit than its set-point.
fn drawn(row: &Row) -> bool {
    row.severity != SeverityName::Advisory
        || matches!(row.level, Level::Chiller | Level::HeatRejection)
}

fn used(found: &Budget, text: Text) -> bars::Data {
    let names: Vec<&str> = main_ones(found)
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let rows: Vec<&Row> = found
        .limits
        .iter()
        .filter(|row| drawn(row) && is_most(row))
        .collect();
    let left_out = rows.len().saturating_sub(MOST_BARS);
    let share = |row: &Row, value: f64| (100.0 * value / row.limit).max(0.0);
    bars::Data {
        caption: caption(
            found,
            "Use of limits, worst scenario",
            if left_out > 0 {
                format!("{left_out} limits with more margin are left out.")
            } else {
                String::new()
            },
        ),
        quantity: Quantity::new("Share of the limit", "%"),
        limit: Some(Limit {
            label: "Limit".to_owned(),
            value: 100.0,
        }),
        bars: rows
            .into_iter()
            .take(MOST_BARS)
            .map(|row| bars::Bar {
                label: format!("{}: {}", row.path, row.what),
                text: format!(
                    "{} of {}, {}",
                    row.value
                        .map_or(NONE.to_owned(), |v| text.shown(row.dimension, v)),
                    text.shown(row.dimension, row.limit),
                    if row.scenario.contains(':') {
                        "one out"
                    } else {
                        &row.scenario
                    }
                ),
                value: row.value.map_or(0.0, |value| share(row, value)),
                broken: row.breaks(),
                marks: row
                    .values
                    .iter()
                    .filter(|(name, _)| names.contains(&name.as_str()) && *name != row.scenario)
                    .filter_map(|(_, value)| Some(share(row, (*value)?)))
                    .collect(),
            })
            .collect(),
        legend: [
            "Worst scenario",
            "Other scenarios",
            "Limit broken in the worst scenario",
        ]
        .map(str::to_owned),
    }
}

fn scenarios(found: &Budget, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Scenario", Align::Path),
        ("", Align::Left),
        ("Facility", Align::Right),
        ("IT", Align::Right),
        ("GPUs", Align::Right),
        ("PUE", Align::Right),
        ("Hottest GPU", Align::Right),
        ("Limits", Align::Left),
        ("Tightest", Align::Left),
    ]);
    for one in &found.scenarios {
        let power = |watts: Option<f64>| watts.map_or(NONE.to_owned(), |w| text.power(w));
        let (limits, tone) = match (&one.reason, one.broken, one.advisory) {
            (Some(reason), ..) => (format!("no solution: {reason}"), Tone::Broken),
            (None, 0, 0) => ("hold".to_owned(), Tone::Good),
            (None, 0, n) => (format!("hold; {n} advisory exceeded"), Tone::Caution),
            (None, n, _) => (format!("{n} broken"), Tone::Broken),
        };
        let tightest = match (&one.tightest, one.tightest_margin) {
            (Some(what), Some(margin)) => format!("{what} ({})", percent_change(margin)),
            _ => NONE.to_owned(),
        };
        table.row(
            Tone::Plain,
            [
                one.name.clone().into(),
                one.text.clone().into(),
                power(one.power_w).into(),
                power(one.it_power_w).into(),
                power(one.gpu_power_w).into(),
                ratio(one.pue, 3).into(),
                one.gpu_temperature_max_c
                    .map_or(NONE.to_owned(), |t| text.temperature(t))
                    .into(),
                Cell::from(limits).tone(tone),
                tightest.into(),
            ],
        );
    }
    table.note(
        "The tightest limit by its margin relative to the limit, of temperatures relative to 10 K; advisory limits left out.",
    )
}

fn limits(found: &Budget, text: Text) -> Table {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("Level", Align::Left),
        ("Worst at", Align::Path),
        ("Limit", Align::Left),
        ("Scenario", Align::Left),
        ("Value", Align::Right),
        ("Limit value", Align::Right),
        ("Margin", Align::Right),
    ]);
    for row in &found.limits {
        let (word, tone) = match (row.status, row.severity) {
            (LimitStatus::Broken, SeverityName::Advisory) => ("exceeded", Tone::Caution),
            (LimitStatus::Broken, _) => ("broken", Tone::Broken),
            (LimitStatus::Unknown, _) => ("unknown", Tone::Caution),
            (LimitStatus::Ok, SeverityName::Advisory) => ("holds (advisory)", Tone::Faint),
            (LimitStatus::Ok, _) => ("holds", Tone::Good),
        };
        let margin = row.margin.map_or(NONE.to_owned(), |m| match row.dimension {
            Dimension::Temperature => text.quantity(Dimension::TemperatureDifference, m),
            other => text.quantity(other, m),
        });
        table.row(
            if row.breaks() {
                Tone::Broken
            } else {
                Tone::Plain
            },
            [
                Cell::from(word).tone(tone),
                row.level.words().into(),
                row.path.clone().into(),
                row.what.clone().into(),
                row.scenario.clone().into(),
                row.value
                    .map_or(NONE.to_owned(), |v| text.shown(row.dimension, v))
                    .into(),
                text.shown(row.dimension, row.limit).into(),
                margin.into(),
            ],
        );
    }
    table.note("Each limit at the scenario that leaves it the least margin; budget.json holds its value in each.")
}

fn claims(claims: &[Audit], text: Text) -> Table {
    let mut states: Vec<&str> = Vec::new();
    for state in claims
        .iter()
        .flat_map(|claim| &claim.candidates)
        .filter_map(|c| c.state.as_deref())
    {
        if !states.contains(&state) {
            states.push(state);
        }
    }
    let mut columns = vec![("Claim", Align::Path), ("Boundary", Align::Left)];
    columns.extend(states.iter().map(|state| (*state, Align::Right)));
    let mut table = Table::new(&columns);
    for claim in claims {
        for boundary in Boundary::ALL {
            let mut cells = vec![
                Cell::from(format!("{}, {}", claim.name, text.power(claim.power_w))),
                boundary.label().into(),
            ];
            for state in &states {
                let found = claim
                    .candidates
                    .iter()
                    .filter(|c| c.boundary == boundary)
                    .find(|c| c.state.as_deref().is_none_or(|name| name == *state));
                let nearest = found.is_some() && found == claim.nearest.as_ref();
                let cell = found.map_or(NONE.to_owned(), |c| {
                    format!("{} ({})", text.power(c.watts), percent_change(c.miss))
                });
                cells.push(Cell::from(cell).tone(if nearest { Tone::Strong } else { Tone::Plain }));
            }
            table.push(Tone::Plain, cells);
        }
    }
    table.note("In brackets by how much the claim exceeds the value; the nearest is bold.")
}
