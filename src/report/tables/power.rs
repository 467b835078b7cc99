//! Power as a tree.

use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{Text, count, fixed, words};
use crate::result::SolveResult;

/// The tree, children under their parents, with shares of the whole.
pub fn power(result: &SolveResult, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Use", Align::Left),
        ("Count", Align::Right),
        ("Power", Align::Right),
        ("Share of site", Align::Right),
        ("Each", Align::Right),
    ]);
    let total = result.facility.power_w;
    for row in &result.power {
        let depth = row.path.matches('.').count();
        let name = row.path.rsplit('.').next().unwrap_or(&row.path);
        let name = match name {
            "site" => "Site, at the utility meter".to_owned(),
            "it" => "IT equipment, at its inlet".to_owned(),
            "cooling" => "Cooling, at its terminals".to_owned(),
            "electrical" => "Electrical losses upstream".to_owned(),
            "other" => "Other".to_owned(),
            "supply-loss" => "Power supply loss".to_owned(),
            "gpus" => "GPUs".to_owned(),
            other => words(other),
        };
        let share = if total > 0.0 { row.watts / total } else { 0.0 };
        let tone = match depth {
            0 | 1 => Tone::Strong,
            3.. => Tone::Faint,
            _ => Tone::Plain,
        };
        let several = row.count > 1.0;
        table.row(
            tone,
            [
                Cell::from(name).indent(depth),
                if several {
                    count(row.count).into()
                } else {
                    Cell::default()
                },
                text.power(row.watts).into(),
                Cell::from(format!("{}%", fixed(share * 100.0, 2))).bar(share),
                if several {
                    text.power(row.watts / row.count).into()
                } else {
                    Cell::default()
                },
            ],
        );
    }
    table.note("Children add up to their parents. Electrical losses are those of the tree between the meter and the loads; power supply losses inside the servers are IT power.")
}
