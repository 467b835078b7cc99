//! The page of an optimum: what was chosen, what it gains, what binds and what that is worth.

use std::path::Path;

use super::ReportError;
use super::study::{Drawn, Page, Section, WrittenStudy, write as write_page};
use super::sweep::charts::{lower, path_quantity, ranges};
use super::table::{Align, Cell, Table, Tone};
use super::text::{NONE, Text, count, fixed, significant};
use crate::plot::lines::{self, Mark};
use crate::plot::{Caption, Quantity, Spacing, Style, contour};
use crate::study::optimize::{Figures, Grid, Optimum, RangeEdge, Slice, amount};
use crate::units::{Dimension, UnitSystem};

/// What hatching means here.
const HATCHED: &str = "A limit is broken, or a range of the model left";

/// Names of the charts along a range; those that move the objective most are drawn.
const ALONG: [&str; 8] = [
    "along-1", "along-2", "along-3", "along-4", "along-5", "along-6", "along-7", "along-8",
];

/// Writes the page into a folder and makes it current.
///
/// # Errors
/// [`ReportError`]; a page that was there before is then whole.
pub fn write(found: &Optimum, out: &Path, units: UnitSystem) -> Result<WrittenStudy, ReportError> {
    let text = Text { system: units };
    let page = Page {
        title: format!("{}: optimum", found.name),
        case: format!("State {} · {}", found.state, found.scenario),
        tone: if found.feasible {
            Tone::Good
        } else {
            Tone::Broken
        },
        verdict: verdict(found),
        sections: vec![
            Section {
                title: "Set-points",
                figures: figures(found),
                text: found
                    .variables
                    .iter()
                    .filter_map(|one| Some(format!("{}.", one.bends(found.unit)?)))
                    .chain(found.ranges.iter().map(RangeEdge::sentence))
                    .chain(
                        found
                            .model_warnings
                            .iter()
                            .map(|one| format!("New at the optimum: {one}")),
                    )
                    .collect(),
                table: Some(variables(found)),
            },
            Section {
                title: "Today and optimum",
                figures: Vec::new(),
                text: Vec::new(),
                table: Some(comparison(found, text)),
            },
            Section {
                title: if found.feasible {
                    "What binds, and what it is worth"
                } else {
                    "What cannot be held together"
                },
                figures: Vec::new(),
                text: found.warnings.clone(),
                table: Some(limits(found, text)),
            },
        ],
        foot: "Every limit of the results that is not advisory is held; a price is the gain for one unit more of limit, at the optimum itself.",
        json: "optimize.json",
    };
    write_page(&page, found, out)
}

fn verdict(found: &Optimum) -> String {
    let of = |value: f64| amount(value, found.unit);
    if found.only_ranges() {
        return "No set-points hold all limits within the ranges of curves and correlations. The page shows where they are left least.".to_owned();
    }
    if !found.feasible {
        return "No set-points in these ranges hold all limits. The page shows where the least is broken.".to_owned();
    }
    let at = of(found.optimum.objective);
    let what = &found.minimise.words;
    match &found.today {
        None => format!("Least {what}: {at}. The hall as it stands has no solution."),
        Some(today) => {
            let gain = today.objective - found.optimum.objective;
            let share = 100.0 * gain.abs() / today.objective.abs().max(1e-12);
            let change = if gain < 0.0 { "more by" } else { "a gain of" };
            let broken = match today.limits_broken {
                0 => "",
                _ => " Today limits are broken.",
            };
            format!(
                "Least {what}: {at}, against {} today: {change} {} ({} %).{broken}",
                of(today.objective),
                of(gain.abs()),
                fixed(share, 2),
            )
        }
    }
}

/// Unit of the objective in a chart, and its size.
fn scaled(found: &Optimum) -> (Quantity, f64) {
    let size = found.optimum.objective.abs();
    let (unit, scale) = match found.unit {
        "kW" if size >= 1e3 => ("MW", 1e3),
        "kWh" if size >= 1e6 => ("GWh", 1e6),
        "kWh" if size >= 1e3 => ("MWh", 1e3),
        "L/h" if size >= 1e4 => ("m³/h", 1e3),
        "L" => ("m³", 1e3),
        "of the sum" => ("", 1.0),
        other => (other, 1.0),
    };
    let mut letters = found.minimise.words.chars();
    let words: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    (Quantity::new(words, unit), scale)
}

fn figures(found: &Optimum) -> Vec<Drawn> {
    let style = Style::default();
    let mut out = Vec::new();
    if let Some(grid) = &found.grid {
        out.push(Drawn {
            id: "grid",
            title: "The objective over both ranges",
            caption: "The objective over both ranges; hatched where a limit is broken or a range of the model left.",
            figure: contour::draw(&over(found, grid), &style),
        });
    }
    let reach = |slice: &Slice| {
        let values = slice
            .points
            .iter()
            .filter_map(|(_, value, holds)| value.filter(|_| *holds));
        let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
        high - values.fold(f64::INFINITY, f64::min)
    };
    let mut slices: Vec<&Slice> = found
        .lines
        .iter()
        .filter(|slice| slice.points.iter().any(|(_, value, _)| value.is_some()))
        .collect();
    slices.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
    for (slice, id) in slices.into_iter().zip(ALONG) {
        out.push(Drawn {
            id,
            title: "The objective along one range",
            caption: "The objective along one range, all else at the optimum; hatched where a limit is broken or a range of the model left.",
            figure: lines::draw(&along(found, slice), &style),
        });
    }
    out
}

fn caption(found: &Optimum, title: String) -> Caption {
    Caption {
        title,
        subtitle: format!("{} · {} · {}", found.name, found.state, found.scenario),
        footnote: "All other set-points at the optimum.".to_owned(),
    }
}

fn quantity(found: &Optimum, variable: usize) -> Quantity {
    let one = &found.variables[variable];
    path_quantity(&one.name, &one.unit)
}

fn along(found: &Optimum, slice: &Slice) -> lines::Data {
    let (y, scale) = scaled(found);
    let x = quantity(found, slice.variable);
    let chosen = &found.variables[slice.variable];
    let marks = chosen.optimum_number.map(|number| Mark {
        label: if found.feasible {
            "Optimum"
        } else {
            "Least broken"
        }
        .to_owned(),
        x: number,
        y: found.optimum.objective / scale,
    });
    let broken: Vec<(f64, bool)> = slice
        .points
        .iter()
        .map(|(number, value, holds)| (*number, value.is_some() && !holds))
        .collect();
    lines::Data {
        caption: caption(found, format!("{} against {}", y.label, lower(&x.label))),
        x,
        series: vec![lines::Series {
            name: y.label.clone(),
            points: slice
                .points
                .iter()
                .map(|(number, value, _)| (*number, value.map(|value| value / scale)))
                .collect(),
        }],
        y,
        spacing: Spacing::Linear,
        result_spacing: Spacing::Linear,
        limits: Vec::new(),
        marks: marks.into_iter().collect(),
        infeasible: ranges(&broken),
        hatched: HATCHED.to_owned(),
    }
}

fn over(found: &Optimum, grid: &Grid) -> contour::Data {
    let (z, scale) = scaled(found);
    let [a, b] = grid.variables;
    let (x, y) = (quantity(found, a), quantity(found, b));
    let chosen = |variable: usize| found.variables[variable].optimum_number;
    contour::Data {
        caption: caption(
            found,
            format!(
                "{} over {} and {}",
                z.label,
                lower(&x.label),
                lower(&y.label)
            ),
        ),
        x,
        y,
        z,
        hatched: HATCHED.to_owned(),
        xs: grid.xs.clone(),
        ys: grid.ys.clone(),
        values: grid
            .values
            .iter()
            .map(|value| value.map(|value| value / scale))
            .collect(),
        margins: grid.margins.clone(),
        optimum: chosen(a).zip(chosen(b)).map(|(x, y)| Mark {
            label: if found.feasible {
                "Optimum"
            } else {
                "Least broken"
            }
            .to_owned(),
            x,
            y,
        }),
    }
}

fn variables(found: &Optimum) -> Table {
    let mut table = Table::new(&[
        ("Set-point", Align::Left),
        ("Today", Align::Right),
        ("Optimum", Align::Right),
        ("Range", Align::Right),
        ("What holds it there", Align::Left),
    ]);
    let pretty = |written: &str| written.replace("deg", "°");
    for one in &found.variables {
        let range = match (one.from, one.to) {
            (Some(from), Some(to)) if one.choices.is_empty() => {
                format!("{} to {} {}", plain(from), plain(to), pretty(&one.unit))
            }
            _ if one.choices.len() > 4 => format!(
                "{} to {}",
                one.choices[0],
                one.choices[one.choices.len() - 1]
            ),
            _ => one.choices.join(", "),
        };
        let note = match (one.at, one.price) {
            (Some(end), Some(price)) => {
                format!(
                    "{}: {} per {}",
                    stand(end),
                    amount(price, found.unit),
                    one.per()
                )
            }
            (Some(end), None) => stand(end),
            _ if one.kink => "a kink, see above".to_owned(),
            _ => String::new(),
        };
        table.row(
            Tone::Plain,
            [
                one.name.clone().into(),
                one.today.as_deref().map_or(NONE.to_owned(), pretty).into(),
                pretty(&one.optimum).into(),
                range.trim_end().to_owned().into(),
                note.into(),
            ],
        );
    }
    let search = &found.search;
    table.note(format!(
        "{} solves: {} points sampled ({} hold all limits), {} local searches, {} of {} combinations of stages.",
        count(search.solves as f64),
        search.sampled,
        search.sampled_holding,
        search.searches,
        search.combinations,
        count(search.combinations_of),
    ))
}

/// A number of four digits without zeros that say nothing.
fn plain(number: f64) -> String {
    let text = significant(number, 4);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn stand(at: &str) -> String {
    match at {
        "edge" => "the edge of what the model covers".to_owned(),
        end => format!("the {end} end of its range"),
    }
}

fn comparison(found: &Optimum, text: Text) -> Table {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("Today", Align::Right),
        ("Optimum", Align::Right),
    ]);
    let both = [found.today.as_ref(), Some(&found.optimum)];
    let mut row = |name: &str, value: &dyn Fn(&Figures) -> Option<String>| {
        let cells = both.map(|one| one.and_then(value));
        if cells.iter().any(Option::is_some) {
            let [today, optimum] =
                cells.map(|cell| Cell::from(cell.unwrap_or_else(|| NONE.to_owned())));
            table.row(Tone::Plain, [name.to_owned().into(), today, optimum]);
        }
    };
    row("Objective", &|one| Some(amount(one.objective, found.unit)));
    row("Facility power", &|one| Some(text.power(one.power_w)));
    row("IT power", &|one| Some(text.power(one.it_power_w)));
    row("Cooling power", &|one| {
        Some(text.power(one.cooling_power_w))
    });
    row("PUE", &|one| one.pue.map(|pue| fixed(pue, 4)));
    row("Make-up water", &|one| {
        (one.water_l_per_h > 0.0).then(|| text.water(one.water_l_per_h))
    });
    row("Cost", &|one| {
        one.cost_per_h
            .map(|cost| format!("{} USD/h", fixed(cost, 2)))
    });
    row("Hottest GPU", &|one| {
        one.gpu_temperature_max_c
            .map(|celsius| text.temperature(celsius))
    });
    row("Limits broken", &|one| Some(one.limits_broken.to_string()));
    table
}

fn limits(found: &Optimum, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Limit", Align::Left),
        ("", Align::Left),
        ("Value", Align::Right),
        ("Limit", Align::Right),
        ("Worth", Align::Right),
    ]);
    let place = |path: &str, condition: &str| {
        if found.search.conditions > 1 {
            format!("{path} ({condition})")
        } else {
            path.to_owned()
        }
    };
    let shown = |dimension: Dimension, value: Option<f64>| {
        value.map_or(NONE.to_owned(), |value| text.shown(dimension, value))
    };
    for one in &found.broken {
        let missed = one.margin.map_or(NONE.to_owned(), |margin| {
            let dimension = match one.dimension {
                Dimension::Temperature => Dimension::TemperatureDifference,
                other => other,
            };
            format!("missed by {}", text.quantity(dimension, -margin))
        });
        table.row(
            Tone::Broken,
            [
                place(&one.path, &one.condition).into(),
                one.what.clone().into(),
                shown(one.dimension, one.value).into(),
                shown(one.dimension, Some(one.limit)).into(),
                missed.into(),
            ],
        );
    }
    for one in &found.binding {
        let worth = if found.feasible {
            one.worth(found.unit)
        } else {
            NONE.to_owned()
        };
        table.row(
            Tone::Plain,
            [
                place(&one.path, &one.condition).into(),
                one.what.clone().into(),
                shown(one.dimension, one.value).into(),
                shown(one.dimension, Some(one.limit)).into(),
                worth.into(),
            ],
        );
    }
    if found.binding.is_empty() && found.broken.is_empty() {
        return table.note(
            "No limit binds: what holds the optimum is the plant itself, or the ends of ranges.",
        );
    }
    table.note("A limit without a price binds too, and others hold the optimum already.")
}
