//! What cannot be sized, in words: what is missed, and what would help.

use super::Unmet;
use super::rating;
use super::search::{Failure, Problem};
use crate::units::Dimension;

/// What is missed, and what it would take, in words.
pub(super) fn unmet(problem: &Problem<'_>, failure: &Failure) -> Unmet {
    let set = &problem.sets[failure.set];
    let size = rating::size_words(set, failure.plan);
    let show = |dimension: Dimension, value: f64| {
        let shown = dimension.display(value, crate::units::UnitSystem::Si);
        shown.to_string()
    };
    let text = match (&failure.need, &failure.reason) {
        (Some(need), _) => {
            let verb = if need.at_most { "at most" } else { "at least" };
            format!(
                "in case {}, {} comes to {} even with {size}; {verb} {} is asked for. {}",
                failure.case,
                need.what,
                show(need.dimension, need.value),
                show(need.dimension, need.limit),
                advice(problem, failure, &show(need.dimension, need.value)),
            )
        }
        (None, Some(reason)) => {
            format!(
                "in case {} there is no solution with {size}: {reason}",
                failure.case
            )
        }
        (None, None) => format!(
            "what it must do holds with {size} only while the others have their first sizes"
        ),
    };
    Unmet {
        path: set.path.clone(),
        kind: set.kind.spec().kind,
        text,
    }
}

/// What would help a set that more units do not.
fn advice(problem: &Problem<'_>, failure: &Failure, reached: &str) -> String {
    let set = &problem.sets[failure.set];
    let temperature = failure
        .need
        .as_ref()
        .is_some_and(|need| need.dimension == Dimension::Temperature);
    let case = problem.cases.iter().find(|case| case.name == failure.case);
    let celsius = |kelvin: f64| format!("{:.1} degC", kelvin - 273.15);
    match (set.kind.spec().kind, case) {
        ("tower", Some(case)) if temperature => format!(
            "The wet bulb is {}, and warm air drawn in again comes on top: it takes a set-point of {reached} or more, or \
             drier air",
            celsius(case.hall.outdoor.wet_bulb)
        ),
        ("dry_cooler", Some(case)) if temperature => format!(
            "The dry bulb is {}, and warm air drawn in again comes on top: it takes a set-point of {reached} or more, or \
             wetted pads",
            celsius(case.hall.outdoor.dry_bulb)
        ),
        ("exchanger" | "cdu", _) if temperature => {
            format!("It takes {reached} or more on this side, or colder water on the other")
        }
        ("pipe", _) => "It takes more of them in parallel (`count`)".to_owned(),
        _ => "More units do not help".to_owned(),
    }
}
