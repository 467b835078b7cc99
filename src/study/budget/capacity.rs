//! What has a capacity but no limit in the results: chillers and heat rejection, whose set-points float when they are full.

use super::Row;
use crate::result::{Limit, LimitStatus, SeverityName, SolveResult};
use crate::study::levels::{Level, Levels};
use crate::units::Dimension;

/// Share of capacity in use of chillers, towers and dry coolers: of chillers of all that are installed, of the others of
/// the duty of those that run at their rating. Advisory: what is full lets its set-point float, which is a limit itself.
pub(super) fn limits(result: &SolveResult) -> Vec<Limit> {
    let equipment = result.equipment.iter();
    equipment
        .filter_map(|one| {
            let load = one.load_fraction?;
            let (what, value) = match one.kind {
                "chiller" | "thermodynamic_chiller" | "air_cooled_chiller" if one.of > 0.0 => {
                    ("load of all machines installed", load * one.on / one.of)
                }
                "tower" => ("heat of the cells that run, to their rating", load),
                "dry_cooler" => ("heat of a unit, to its rating", load),
                _ => return None,
            };
            let broken = value > 1.0 + 1e-9;
            Some(Limit {
                path: one.path.clone(),
                what: what.to_owned(),
                value: Some(value),
                limit: 1.0,
                unit: Dimension::Fraction.si_symbol(),
                margin: Some(1.0 - value),
                severity: SeverityName::Advisory,
                status: if broken {
                    LimitStatus::Broken
                } else {
                    LimitStatus::Ok
                },
                broken_count: u64::from(broken),
                dimension: Dimension::Fraction,
            })
        })
        .collect()
}

/// Loops and levels for which there is no limit that counts.
pub(super) fn unlimited(result: &SolveResult, levels: &Levels, rows: &[Row]) -> Vec<String> {
    let limited = |level: Level| {
        // What is full misses its set-point, and that limit counts: capacity in use stands for it.
        let set_point = matches!(level, Level::Chiller | Level::HeatRejection);
        let rows = rows.iter();
        rows.filter(|row| set_point || row.severity != SeverityName::Advisory)
            .any(|row| row.level == level)
    };
    let mut out: Vec<String> = Vec::new();
    for level in Level::ALL {
        let present = result
            .equipment
            .iter()
            .any(|one| levels.of_path(&one.path) == Some(level));
        let of_result = match level {
            Level::Rack | Level::Gpu => result.gpus.count > 0,
            Level::Loop => !result.loops.is_empty(),
            Level::Other => false,
            _ => present,
        };
        if of_result && !limited(level) {
            out.push(level.words().to_owned());
        }
    }
    out
}
