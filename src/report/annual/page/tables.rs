//! The tables of a year.

use crate::report::table::{Align, Table, Tone};
use crate::report::text::{NONE, Text, difference, fixed, ratio, scientific};
use crate::study::annual::{AnnualResult, Hour};

pub(super) fn headline(result: &AnnualResult, text: Text) -> Table {
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

pub(super) fn energy(result: &AnnualResult) -> Table {
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

pub(super) fn design(result: &AnnualResult, text: Text) -> Table {
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

pub(super) fn limits(result: &AnnualResult) -> Table {
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

pub(super) fn model_warnings(result: &AnnualResult) -> Table {
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

pub(super) fn worst(result: &AnnualResult, text: Text) -> Table {
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

pub(super) fn unsolved(result: &AnnualResult) -> Table {
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

pub(super) fn plant(result: &AnnualResult) -> Table {
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

pub(super) fn modes(result: &AnnualResult) -> Table {
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

pub(super) fn months(result: &AnnualResult) -> Table {
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

pub(super) fn balance(result: &AnnualResult) -> Table {
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
