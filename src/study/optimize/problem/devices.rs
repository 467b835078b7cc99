//! What devices do at a point: modes, units on, controls at a stop. Where it differs between two points near each other, the
//! functions bend or jump between them, and the device that switches says why.

use crate::result::SolveResult;
use crate::study::levels::starred;

/// What one device does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::study::optimize) struct Device {
    /// Index of the condition.
    condition: usize,
    /// Path, `*` for replicas.
    path: String,
    /// What is controlled; empty for the device itself.
    what: &'static str,
    /// Mode, or whether the control is at a stop.
    mode: &'static str,
    /// Units on.
    on: u64,
}

/// A device that does another thing at another point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::study::optimize) struct Switch {
    /// Path, `*` for replicas.
    pub(in crate::study::optimize) path: String,
    /// What it does.
    pub(in crate::study::optimize) from: String,
    /// What it does at the other point.
    pub(in crate::study::optimize) to: String,
}

/// What all devices do by a result.
pub(super) fn devices(condition: usize, result: &SolveResult) -> Vec<Device> {
    let equipment = result.equipment.iter().map(|one| Device {
        condition,
        path: starred(&one.path),
        what: "",
        mode: one.mode,
        on: one.on.round() as u64,
    });
    let controls = result.controls.iter().map(|one| Device {
        condition,
        path: starred(&one.path),
        what: one.what,
        mode: if one.saturated {
            "at its stop"
        } else {
            "controlled"
        },
        on: 0,
    });
    equipment.chain(controls).collect()
}

/// What switches from one point to another, each device once; of a device whose mode tells it, controls are left out.
pub(in crate::study::optimize) fn switches(from: &[Device], to: &[Device]) -> Vec<Switch> {
    let mut out: Vec<Switch> = Vec::new();
    let mut told: Vec<(usize, &str)> = Vec::new();
    let changed: Vec<(&Device, &Device)> = if from.len() == to.len() {
        from.iter().zip(to).filter(|(a, b)| a != b).collect()
    } else {
        Vec::new()
    };
    // Devices before controls.
    for controls in [false, true] {
        for (a, b) in &changed {
            if a.what.is_empty() == controls || a.path != b.path {
                continue;
            }
            if controls && told.contains(&(a.condition, a.path.as_str())) {
                continue;
            }
            told.push((a.condition, &a.path));
            let words = |one: &Device| match (one.what, a.mode == b.mode) {
                ("", true) => format!("{} on", one.on),
                ("", false) => one.mode.to_owned(),
                (what, _) => format!("{what} {}", one.mode),
            };
            out.push(Switch {
                path: a.path.clone(),
                from: words(a),
                to: words(b),
            });
        }
    }
    out.sort();
    out.dedup();
    out
}
