//! The operating states of the hall file side by side.

use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{NONE, Text, count, difference, fixed, percent_change, ratio};
use crate::result::{LimitStatus, SolveResult};
use crate::study::claims::racks;

/// A row for each figure, a column for each state; a state without a solution says so.
pub fn states(
    solved: &[(String, Result<SolveResult, String>)],
    present: &str,
    rated: f64,
    text: Text,
) -> Table {
    let names: Vec<String> = solved
        .iter()
        .map(|(name, _)| {
            if name == present {
                format!("{name} (this report)")
            } else {
                name.clone()
            }
        })
        .collect();
    let mut columns = vec![("", Align::Left)];
    columns.extend(names.iter().map(|name| (name.as_str(), Align::Right)));
    let mut table = Table::new(&columns);
    let mut row = |tone: Tone, name: &str, cell: &dyn Fn(&SolveResult) -> Cell| {
        let mut cells = vec![Cell::from(name)];
        cells.extend(
            solved
                .iter()
                .map(|(_, outcome)| outcome.as_ref().map_or_else(|_| Cell::from(NONE), cell)),
        );
        table.push(tone, cells);
    };
    row(Tone::Plain, "GPUs", &|r| text.power(r.gpus.power_w).into());
    row(Tone::Plain, "Servers (all racks)", &|r| {
        text.power(racks(r)).into()
    });
    row(Tone::Plain, "IT equipment", &|r| {
        text.power(r.facility.it_power_w).into()
    });
    row(Tone::Strong, "Facility, at the meter", &|r| {
        text.power(r.facility.power_w).into()
    });
    let each = |watts: f64, r: &SolveResult| {
        if r.gpus.count > 0 {
            format!("{}\u{a0}W", fixed(watts / r.gpus.count as f64, 0))
        } else {
            NONE.to_owned()
        }
    };
    row(Tone::Faint, "GPU power per GPU", &|r| {
        each(r.gpus.power_w, r).into()
    });
    row(Tone::Faint, "Servers per GPU", &|r| {
        each(racks(r), r).into()
    });
    row(Tone::Faint, "IT per GPU", &|r| {
        each(r.facility.it_power_w, r).into()
    });
    row(Tone::Faint, "Facility per GPU", &|r| {
        each(r.facility.power_w, r).into()
    });
    if rated > 0.0 {
        row(Tone::Plain, "GPU power against rated", &|r| {
            percent_change(r.gpus.power_w / rated - 1.0).into()
        });
    }
    row(Tone::Plain, "PUE, design or instantaneous", &|r| {
        ratio(r.facility.pue, 3).into()
    });
    row(Tone::Plain, "WUE", &|r| {
        ratio(r.facility.wue_l_per_kwh, 2).replace(NONE, "").into()
    });
    row(Tone::Plain, "Hottest GPU", &|r| {
        r.gpus
            .temperature_max_c
            .map_or(NONE.to_owned(), |t| text.temperature(t))
            .into()
    });
    row(Tone::Plain, "Least margin", &|r| {
        r.gpus
            .margin_min_k
            .map_or(NONE.to_owned(), difference)
            .into()
    });
    row(Tone::Plain, "GPUs throttled or shut down", &|r| {
        let n = r.gpus.throttled + r.gpus.shut_down;
        Cell::from(count(n as f64)).tone(if n > 0 { Tone::Broken } else { Tone::Plain })
    });
    row(Tone::Plain, "Limits", &|r| {
        let broken = r
            .limits
            .iter()
            .filter(|l| l.status == LimitStatus::Broken)
            .count();
        match (r.holds(), broken) {
            (true, 0) => Cell::from("all hold").tone(Tone::Good),
            (true, n) => Cell::from(format!("hold; {n} advisory exceeded")).tone(Tone::Caution),
            (false, n) => Cell::from(format!("{n} broken")).tone(Tone::Broken),
        }
    });
    let failed: Vec<String> = solved
        .iter()
        .filter_map(|(name, outcome)| {
            outcome
                .as_ref()
                .err()
                .map(|why| format!("{name} has no solution: {why}"))
        })
        .collect();
    table.note(failed.join(" "))
}
