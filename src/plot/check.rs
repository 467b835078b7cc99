//! Checks that every chart makes on its input before it draws.

use super::PlotError;

/// Largest magnitude that is drawn; sums and differences of such numbers are finite.
const LARGEST: f64 = 1e100;

/// All of `values` are finite, and not so large that sums of them might not be.
pub(super) fn finite(
    what: &'static str,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), PlotError> {
    for (index, value) in values.into_iter().enumerate() {
        if !value.is_finite() {
            return Err(PlotError::NotFinite { what, index });
        }
        if value.abs() > LARGEST {
            return Err(PlotError::Span);
        }
    }
    Ok(())
}

/// All of `values` are finite and none is below zero.
pub(super) fn not_negative(what: &'static str, values: &[f64]) -> Result<(), PlotError> {
    finite(what, values.iter().copied())?;
    match values.iter().find(|value| **value < 0.0) {
        Some(&value) => Err(PlotError::Range {
            what,
            requirement: "zero or more",
            value,
        }),
        None => Ok(()),
    }
}

/// `value` is finite and above zero.
pub(super) fn positive(what: &'static str, value: f64) -> Result<(), PlotError> {
    finite(what, [value])?;
    if value > 0.0 {
        Ok(())
    } else {
        Err(PlotError::Range {
            what,
            requirement: "above zero",
            value,
        })
    }
}

/// There is something in the input.
pub(super) fn some<T>(what: &'static str, items: &[T]) -> Result<(), PlotError> {
    if items.is_empty() {
        Err(PlotError::Empty { what })
    } else {
        Ok(())
    }
}

/// Two inputs match in length.
pub(super) fn length(what: &'static str, found: usize, expected: usize) -> Result<(), PlotError> {
    if found == expected {
        Ok(())
    } else {
        Err(PlotError::Length {
            what,
            expected,
            found,
        })
    }
}

/// Least and greatest of `values`; `None` where there are none.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}
