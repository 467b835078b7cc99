//! The tables of an optimum on the terminal.

use std::fmt::Write;

use super::text::{Shown, grouped, table};

use crate::study::optimize::{Figures, Optimum, amount};
use crate::units::{Dimension, UnitSystem};

/// Reasons listed.
const LISTED: usize = 3;

pub(super) fn tables(found: &Optimum, units: UnitSystem) -> String {
    let shown = Shown(units);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} · state '{}' · {} · least {}\n",
        found.name, found.state, found.scenario, found.minimise.words
    );
    headline(found, &mut out);
    variables(found, &mut out);
    figures(found, &shown, &mut out);
    binding(found, &shown, &mut out);
    broken(found, &shown, &mut out);
    for range in &found.ranges {
        let _ = writeln!(out, "{}", range.sentence());
    }
    for warning in &found.model_warnings {
        let _ = writeln!(out, "New at the optimum: {warning}");
    }
    let search = &found.search;
    let _ = writeln!(
        out,
        "\n{} solves of {} condition{}: {} points sampled, every limit holds in {}; {} local searches; {} of {} combinations of stages",
        grouped(search.solves as f64),
        search.conditions,
        if search.conditions == 1 { "" } else { "s" },
        search.sampled,
        search.sampled_holding,
        search.searches,
        search.combinations,
        grouped(search.combinations_of),
    );
    for (reason, number) in search.unsolved.iter().take(LISTED) {
        let _ = writeln!(out, " {number} points without a solution: {reason}");
    }
    out
}

fn headline(found: &Optimum, out: &mut String) {
    let of = |value: f64| amount(value, found.unit);
    let _ = match (&found.today, found.feasible) {
        (_, false) if found.only_ranges() => writeln!(
            out,
            "No set-points hold all limits within the ranges of curves and correlations; --beyond-range leaves them. Shown is where they are left least.\n"
        ),
        (_, false) => writeln!(
            out,
            "No set-points hold all limits: those below cannot be held together. Shown is where the least is broken.\n"
        ),
        (None, true) => writeln!(
            out,
            "{} at the optimum; the hall as it stands has no solution.\n",
            of(found.optimum.objective)
        ),
        (Some(today), true) => {
            let gain = today.objective - found.optimum.objective;
            let share = 100.0 * gain.abs() / today.objective.abs().max(1e-12);
            let change = if gain < 0.0 {
                "that is more by"
            } else {
                "a gain of"
            };
            writeln!(
                out,
                "{} today, {} at the optimum: {change} {} ({share:.2} %){}\n",
                of(today.objective),
                of(found.optimum.objective),
                of(gain.abs()),
                match today.limits_broken {
                    0 => "",
                    _ => "; today limits are broken",
                }
            )
        }
    };
}

fn variables(found: &Optimum, out: &mut String) {
    let mut t = table(&["Set-point", "today", "optimum", "range", ""], &[1, 2]);
    for one in &found.variables {
        let range = match (one.from, one.to) {
            (Some(from), Some(to)) if one.choices.is_empty() => {
                format!("{} .. {} {}", number(from), number(to), one.unit)
            }
            _ => range_of(&one.choices),
        };
        let note = match (one.at, one.price) {
            (Some(end), Some(price)) => {
                format!(
                    "{}, worth {} per {}",
                    stand(end),
                    amount(price, found.unit),
                    one.per()
                )
            }
            (Some(end), None) => stand(end),
            _ if one.kink => "at a kink, see below".to_owned(),
            _ => String::new(),
        };
        t.add_row(vec![
            one.name.clone(),
            one.today.clone().unwrap_or_else(|| "-".to_owned()),
            one.optimum.clone(),
            range.trim_end().to_owned(),
            note,
        ]);
    }
    let _ = writeln!(out, "{t}\n");
    for line in found
        .variables
        .iter()
        .filter_map(|one| one.bends(found.unit))
    {
        let _ = writeln!(out, " {line}");
    }
    if found.variables.iter().any(|one| one.sides.is_some()) {
        out.push('\n');
    }
}

fn stand(at: &str) -> String {
    match at {
        "edge" => "at the edge of what the model covers".to_owned(),
        end => format!("at its {end} end"),
    }
}

fn range_of(choices: &[String]) -> String {
    match choices {
        [first, .., last] if choices.len() > 4 => format!("{first} .. {last}"),
        all => all.join(", "),
    }
}

fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn figures(found: &Optimum, shown: &Shown, out: &mut String) {
    let mut t = table(&["", "today", "optimum"], &[1, 2]);
    let both = [found.today.as_ref(), Some(&found.optimum)];
    let mut row = |name: &str, value: &dyn Fn(&Figures) -> Option<String>| {
        let cells = both.map(|one| one.and_then(value));
        if cells.iter().any(Option::is_some) {
            let mut row = vec![name.to_owned()];
            row.extend(cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned())));
            t.add_row(row);
        }
    };
    row("Facility power", &|one| Some(shown.power(one.power_w)));
    row("  IT", &|one| Some(shown.power(one.it_power_w)));
    row("  Cooling", &|one| Some(shown.power(one.cooling_power_w)));
    row("PUE", &|one| Some(format!("{:.4}", one.pue?)));
    row("Make-up water", &|one| {
        (one.water_l_per_h > 0.0).then(|| format!("{} L/h", grouped(one.water_l_per_h)))
    });
    row("Cost", &|one| Some(format!("{:.2} USD/h", one.cost_per_h?)));
    row("Hottest GPU", &|one| {
        one.gpu_temperature_max_c
            .map(|celsius| shown.celsius(celsius))
    });
    row("Limits broken", &|one| Some(one.limits_broken.to_string()));
    let _ = writeln!(out, "{t}\n");
}

fn binding(found: &Optimum, shown: &Shown, out: &mut String) {
    if found.binding.is_empty() {
        let _ = writeln!(
            out,
            "No limit binds: what holds the optimum is the plant itself, or the ends of ranges."
        );
        return;
    }
    let mut t = table(&["Binding limit", "", "limit", "worth"], &[2]);
    for one in &found.binding {
        let worth = if found.feasible {
            one.worth(found.unit)
        } else {
            "-".to_owned()
        };
        let place = if found.search.conditions > 1 {
            format!("{} ({})", one.path, one.condition)
        } else {
            one.path.clone()
        };
        t.add_row(vec![
            place,
            one.what.clone(),
            shown.value(one.dimension, one.limit),
            worth,
        ]);
    }
    let _ = writeln!(out, "{t}");
}

fn broken(found: &Optimum, shown: &Shown, out: &mut String) {
    if found.broken.is_empty() {
        return;
    }
    let mut t = table(
        &["Broken limit", "", "value", "limit", "missed by"],
        &[2, 3, 4],
    );
    for one in &found.broken {
        let value = |value: f64| match one.dimension {
            Dimension::Dimensionless => grouped(value),
            dimension => shown.value(dimension, value),
        };
        t.add_row(vec![
            one.path.clone(),
            one.what.clone(),
            one.value.map_or_else(|| "-".to_owned(), value),
            value(one.limit),
            one.margin.map_or_else(
                || "-".to_owned(),
                |margin| shown.margin(one.dimension, -margin),
            ),
        ]);
    }
    let _ = writeln!(out, "\n{t}");
}
