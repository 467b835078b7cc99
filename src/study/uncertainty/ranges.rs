//! Which inputs are uncertain, over which ranges, and which of them are sampled.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::inputs::{self, Input};
use super::outcome::{Output, Swing, Values};
use super::{UncertaintyError, moved};
use crate::study::scenario::Base;
use crate::study::sweep::ways::Numbers;

/// Library numbers that an assumption or a given range sets are not moved a second time by their grade: which those are
/// shows where the hall is read with it moved. Their present value is that of the assumption.
pub(super) fn alone(base: &Base<'_>, mut all: Vec<Input>) -> Vec<Input> {
    let before = &base.hall.provenance;
    let mut set: Vec<String> = Vec::new();
    for input in all.iter_mut().filter(|input| input.goes_first()) {
        let value = if input.high == input.base {
            input.low
        } else {
            input.high
        };
        let Ok(hall) = moved(input.edits(value)).hall(base) else {
            // What the hall file refuses is told where its range is judged.
            continue;
        };
        let written = input.written(value);
        for (old, new) in before.iter().zip(&hall.provenance) {
            if old.path == new.path && old.value != new.value && new.value == written {
                set.push(old.path.clone());
                if let Some((present, unit)) = inputs::number(&old.value)
                    && unit == input.unit
                {
                    *input = input.about(present);
                }
            }
        }
    }
    all.retain(|input| input.goes_first() || !input.paths.iter().any(|path| set.contains(path)));
    all
}

/// An input with a range that the hall file takes at both ends, and the numbers that it sets (`None`: the file is read).
pub(super) type Taken = (Input, Option<Numbers>);

/// Inputs with ranges that the hall file takes, and the names of those without.
pub(super) fn taken(
    base: &Base<'_>,
    all: Vec<Input>,
) -> Result<(Vec<Taken>, Vec<String>), UncertaintyError> {
    let outcomes: Vec<Result<Result<Taken, String>, UncertaintyError>> = all
        .into_par_iter()
        .map(|input| judged(base, input))
        .collect();
    let mut kept = Vec::new();
    let mut refused = Vec::new();
    for outcome in outcomes {
        match outcome? {
            Ok(taken) => kept.push(taken),
            Err(name) => refused.push(name),
        }
    }
    Ok((kept, refused))
}

/// Reads the hall at both ends of an input's range, halving a range that is not given until the hall file takes it; its name
/// where it takes none.
fn judged(base: &Base<'_>, mut input: Input) -> Result<Result<Taken, String>, UncertaintyError> {
    let read = |input: &Input, value: f64| {
        let hall = moved(input.edits(value)).hall(base);
        hall.map_err(|error| (value, error))
    };
    // A fraction near 1, or a value near another that it may not pass.
    for _ in 0..5 {
        let ends = read(&input, input.low)
            .and_then(|low| read(&input, input.high).map(|high| (low, high)));
        match ends {
            Ok((low, high)) => {
                let ends = (input.rounded(input.low), input.rounded(input.high));
                let way = Numbers::between((&low, &high), &input.unit, ends);
                return Ok(Ok((input, way)));
            }
            Err((value, error)) if input.origin == inputs::Origin::Given => {
                let reason = error.to_string();
                return Err(UncertaintyError::Refused {
                    name: input.name.clone(),
                    value: input.written(value),
                    reason: reason.lines().next().unwrap_or_default().to_owned(),
                });
            }
            Err(_) => input = input.narrower(),
        }
    }
    Ok(Err(input.name))
}

/// Marks the inputs that are sampled: those that move any result most, each result in turn.
pub(super) fn choose(swings: &mut [Swing], base: &Values, most: usize) {
    let mut orders: Vec<std::vec::IntoIter<usize>> = (0..Output::ALL.len())
        .map(|output| {
            let mut order: Vec<usize> = (0..swings.len()).collect();
            order.sort_by(|&a, &b| {
                let reach = |k: usize| swings[k].reach(output, base);
                reach(b).total_cmp(&reach(a)).then(a.cmp(&b))
            });
            // What moves nothing, or next to nothing, is not worth a dimension.
            let size = base[output].map_or(0.0, f64::abs);
            order.retain(|&k| swings[k].reach(output, base) > 1e-6 * size);
            order.into_iter()
        })
        .collect();
    let mut chosen = vec![false; swings.len()];
    let mut number = 0;
    loop {
        let before = number;
        for order in &mut orders {
            if number < most
                && let Some(next) = order.find(|&k| !chosen[k])
            {
                chosen[next] = true;
                number += 1;
            }
        }
        if number == before || number >= most {
            break;
        }
    }
    for (swing, chosen) in swings.iter_mut().zip(chosen) {
        swing.sampled = chosen;
    }
}
