//! Sums over the hall: its GPUs together, a line of the power tree, the balance, the solve.

use super::{Explanation, megawatts, number};
use crate::study::Run;

const GPUS: &[(&str, &str, &str)] = &[
    (
        "count",
        "GPUs of the hall",
        "count = Σ racks · servers · GPUs",
    ),
    (
        "power_w",
        "Power of all GPUs",
        "P = Σ GPUs (P_idle + u·P_span + leakage, capped)",
    ),
    (
        "temperature_mean_c",
        "Mean junction temperature",
        "mean = Σ T_junction / count",
    ),
    (
        "memory_temperature_max_c",
        "Hottest memory",
        "T_memory = T_case + R_m·s·P, the largest",
    ),
    (
        "margin_min_k",
        "Least margin to a protective limit",
        "margin = min(T_slowdown − T_junction, T_memory,limit − T_memory)",
    ),
    (
        "throttled",
        "GPUs whose power is reduced until a limit holds",
        "P falls until T_junction or T_memory is at its limit",
    ),
    (
        "shut_down",
        "GPUs that are off",
        "at idle power the limit would not hold either: P = 0",
    ),
    (
        "lost_work_mean",
        "Work lost, mean over all GPUs",
        "1 − Σ (P_dyn/P_dyn,asked)^(1/α) / count",
    ),
    (
        "lost_work_job",
        "Work lost by a job that waits for its slowest GPU",
        "1 − min (P_dyn/P_dyn,asked)^(1/α)",
    ),
];

fn plain(path: &str, what: &str, steps: Vec<String>, numbers: Vec<super::Number>) -> Explanation {
    Explanation {
        path: path.to_owned(),
        what: what.to_owned(),
        steps,
        numbers,
        documentation: String::new(),
    }
}

/// Explains `gpus.KEY`.
pub(super) fn gpus(run: &Run, path: &str) -> Option<Explanation> {
    let key = path.strip_prefix("gpus.")?;
    let (_, what, equation) = GPUS.iter().find(|(known, ..)| *known == key)?;
    let g = &run.result.gpus;
    let celsius = |t: Option<f64>| t.map_or_else(|| "none".to_owned(), |t| format!("{t:.3} °C"));
    let value = match key {
        "count" => g.count.to_string(),
        "power_w" => megawatts(g.power_w),
        "temperature_mean_c" => celsius(g.temperature_mean_c),
        "memory_temperature_max_c" => celsius(g.memory_temperature_max_c),
        "margin_min_k" => g
            .margin_min_k
            .map_or_else(|| "none".to_owned(), |m| format!("{m:.3} K")),
        "throttled" => g.throttled.to_string(),
        "shut_down" => g.shut_down.to_string(),
        "lost_work_mean" => format!("{:.4}", g.lost_work_mean),
        _ => format!("{:.4}", g.lost_work_job),
    };
    let hottest = g.hottest.iter().map(|path| number("hottest", path.clone()));
    let steps = vec![(*equation).to_owned(), format!("= {value}")];
    Some(plain(path, what, steps, hottest.collect()))
}

/// Explains a line of the power tree.
pub(super) fn power(run: &Run, path: &str) -> Option<Explanation> {
    let rows = &run.result.power;
    let row = rows.iter().find(|row| row.path == path)?;
    let prefix = format!("{path}.");
    let children: Vec<_> = rows
        .iter()
        .filter(|row| {
            row.path
                .strip_prefix(&prefix)
                .is_some_and(|tail| !tail.contains('.'))
        })
        .map(|row| number(&row.path, megawatts(row.watts)))
        .collect();
    let step = if children.is_empty() {
        format!(
            "{} of {}, what each draws less what hangs below it, added up",
            row.count, row.kind
        )
    } else {
        "the sum of the lines below it".to_owned()
    };
    let steps = vec![step, format!("= {}", megawatts(row.watts))];
    Some(plain(path, "A line of the power tree", steps, children))
}

/// Explains `balance` and `solver`, with or without a key.
pub(super) fn account(run: &Run, path: &str) -> Option<Explanation> {
    let (b, s) = (&run.result.balance, &run.result.solver);
    match path.split('.').next()? {
        "balance" => Some(plain(
            path,
            "The ledger: what the meter shows against what leaves in air, vapour and given streams",
            vec![
                "energy = |meter + other inputs − heat leaving the site| / meter".to_owned(),
                format!(
                    "= |{} + {} − {}| / meter = {:.1e}",
                    megawatts(b.meter_w),
                    megawatts(b.other_in_w),
                    megawatts(b.heat_out_w),
                    b.energy_relative
                ),
                format!(
                    "mass: largest mismatch at a loop's reference node over its flow = {:.1e}",
                    b.mass_relative
                ),
            ],
            Vec::new(),
        )),
        "solver" => Some(plain(
            path,
            "The solve: Newton's iteration on all equations at once",
            vec![format!(
                "{} steps on {} unknowns in {:.1} ms; the last step was {:.1e} of its scale",
                s.iterations,
                s.unknowns,
                s.seconds * 1e3,
                s.residual
            )],
            Vec::new(),
        )),
        _ => None,
    }
}
