//! What holds and how well it is known: limits, balance, solver.

use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{NONE, Text, change, count, difference, scientific, words};
use crate::result::{Limit, LimitStatus, SolveResult};
use crate::units::Dimension;

/// Limits: broken ones first, then unknown, then those that hold, the tightest first.
pub fn limits(result: &SolveResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Status", Align::Left),
        ("Limit", Align::Left),
        ("Worst at", Align::Path),
        ("Value", Align::Right),
        ("Limit value", Align::Right),
        ("Margin", Align::Right),
        ("Severity", Align::Left),
        ("Broken", Align::Right),
    ]);
    let mut order: Vec<&Limit> = result.limits.iter().collect();
    order.sort_by(|a, b| {
        rank(a)
            .cmp(&rank(b))
            .then(tightness(a).total_cmp(&tightness(b)))
            .then_with(|| a.path.cmp(&b.path))
    });
    for limit in order {
        let severity = severity(limit);
        let (word, tone) = match (limit.status, severity) {
            (LimitStatus::Broken, "advisory") => ("exceeded", Tone::Caution),
            (LimitStatus::Broken, _) => ("broken", Tone::Broken),
            (LimitStatus::Unknown, _) => ("unknown", Tone::Caution),
            (LimitStatus::Ok, _) => ("holds", Tone::Good),
        };
        let margin =
            limit
                .margin
                .filter(|m| m.is_finite())
                .map_or(NONE.to_owned(), |m| match limit.dimension {
                    Dimension::Temperature | Dimension::TemperatureDifference => difference(m),
                    other => text.quantity(other, m),
                });
        let relative = limit
            .margin
            .filter(|_| limit.dimension != Dimension::Temperature && limit.limit.abs() > 0.0)
            .map(|m| {
                format!(
                    " ({})",
                    change(m / limit.limit.abs() * 100.0, 0, "%").replace('+', "")
                )
            })
            .unwrap_or_default();
        table.row(
            if limit.status == LimitStatus::Broken {
                tone
            } else {
                Tone::Plain
            },
            [
                Cell::from(word).tone(tone),
                words(&limit.what).into(),
                limit.path.clone().into(),
                limit
                    .value
                    .map_or(NONE.to_owned(), |v| text.shown(limit.dimension, v))
                    .into(),
                text.shown(limit.dimension, limit.limit).into(),
                format!("{margin}{relative}").into(),
                severity.into(),
                if limit.broken_count > 0 {
                    count(limit.broken_count as f64).into()
                } else {
                    Cell::default()
                },
            ],
        );
    }
    table.note(
        "The worst of each group, judged at the requested load. Broken limits come first, then unknown ones, then the \
         tightest: margins relative to the limit, of temperatures relative to 10 K. Advisory limits mark the edge of good \
         practice and do not break the hall.",
    )
}

/// Severity in a word.
pub fn severity(limit: &Limit) -> &'static str {
    // The name is private to the results; its written form is the contract.
    match serde_json::to_value(limit.severity)
        .ok()
        .as_ref()
        .and_then(|v| v.as_str())
    {
        Some("trip") => "trip",
        Some("rating") => "rating",
        _ => "advisory",
    }
}

fn rank(limit: &Limit) -> u8 {
    match (limit.status, severity(limit)) {
        (LimitStatus::Broken, "trip") => 0,
        (LimitStatus::Broken, "rating") => 1,
        (LimitStatus::Broken, _) => 2,
        (LimitStatus::Unknown, _) => 3,
        (LimitStatus::Ok, _) => 4,
    }
}

fn tightness(limit: &Limit) -> f64 {
    limit.relative_margin().unwrap_or(f64::INFINITY)
}

/// Balance of energy, mass and water.
pub fn balance(result: &SolveResult, text: Text) -> Table {
    let b = &result.balance;
    let mut table = Table::new(&[
        ("Balance", Align::Left),
        ("Value", Align::Right),
        ("Meaning", Align::Left),
    ]);
    table.row(
        Tone::Plain,
        [
            "Power at the meter".into(),
            text.power(b.meter_w).into(),
            "what the utility meter shows".into(),
        ],
    );
    table.row(
        Tone::Plain,
        [
            "Energy in beside it".into(),
            text.power(b.other_in_w).into(),
            "given streams and heat leaks".into(),
        ],
    );
    table.row(
        Tone::Plain,
        [
            "Heat leaving the site".into(),
            text.power(b.heat_out_w).into(),
            "from the states of air, vapour and streams that leave".into(),
        ],
    );
    table.row(
        Tone::Strong,
        [
            "Energy mismatch".into(),
            scientific(b.energy_relative).into(),
            "|in − out| over the meter's power".into(),
        ],
    );
    table.row(
        Tone::Plain,
        [
            "Mass mismatch".into(),
            scientific(b.mass_relative).into(),
            "largest of all loops, over the flow through the node".into(),
        ],
    );
    table.row(
        Tone::Plain,
        [
            "Water mismatch".into(),
            scientific(b.water_relative).into(),
            "make-up against vapour, drift and blowdown".into(),
        ],
    );
    table.note("Found from meters and streams alone, never from a component's own duty: a heat path that the model forgot would show here.")
}

/// Solver statistics.
pub fn solver(result: &SolveResult) -> Table {
    let s = &result.solver;
    let mut table = Table::new(&[("Solver", Align::Left), ("Value", Align::Right)]);
    table.row(
        Tone::Plain,
        ["Unknowns".into(), count(s.unknowns as f64).into()],
    );
    table.row(
        Tone::Plain,
        ["Newton steps".into(), count(s.iterations as f64).into()],
    );
    table.row(
        Tone::Plain,
        ["Last step, relative".into(), scientific(s.residual).into()],
    );
    table.row(
        Tone::Plain,
        [
            "Time of the solve".into(),
            format!("{}\u{a0}ms", super::super::text::fixed(s.seconds * 1e3, 1)).into(),
        ],
    );
    table.note("Instances that nothing tells apart are solved once and multiplied; their unknowns are counted once.")
}
