//! Pieces of pressure-drop laws that several components share; all have a continuous slope.
//!
//! # Equations
//! - floor: y = x for x ≥ f, else f²/(2f − x), which stays positive;
//! - check valve: Δp = 0 forward, Δp = −R·ṁ²/(w − ṁ) backward, which is −R·(|ṁ| − w) some w below
//!   zero;
//! - closed: Δp = R_c·ṁ, R_c = 10¹¹ Pa s/kg (1 mg/s at 1 bar);
//! - valve opening φ = Kv/Kv_open at position x, with leakage l at x = 0:
//!   linear φ = l + (1 − l)·x; equal percentage φ = R^(x−1) down to x = 0.1, below that a parabola
//!   to l that meets it in value and slope; below the stop, where only iterates go, φ stays positive.
//!
//! # Symbols and units
//! ṁ mass flow [kg/s]; Δp pressure drop [Pa]; R resistance [Pa s/kg]; w width [kg/s];
//! x position [-], 0 shut, 1 open; R rangeability [-]; Kv flow coefficient [m³/s/√Pa].
//!
//! # Source
//! Characteristics: IEC 60534-2-4. The continuations are this file's own.

use super::Side;
use crate::spec::Scalar;

/// Resistance of what is shut off, Pa s/kg.
pub const CLOSED_RESISTANCE: f64 = 1e11;

/// Position below which an equal-percentage characteristic turns to its leakage.
const SEAT: f64 = 0.1;

/// Momentum residual of a side that is shut off, Pa.
pub fn closed<S: Scalar>(side: &Side<S>) -> S {
    side.pressure_a - side.pressure_b - side.mass_flow * CLOSED_RESISTANCE
}

/// `x` where it is at least `floor` (positive); below, a positive continuation with the same slope.
pub fn at_least<S: Scalar>(x: S, floor: S) -> S {
    if x.re() >= floor.re() {
        x
    } else {
        floor * floor / (floor * 2.0 - x)
    }
}

/// |ṁ| rounded at `width`, kg/s.
pub fn smooth_abs<S: Scalar>(mass_flow: S, width: S) -> S {
    (mass_flow * mass_flow + width * width).sqrt()
}

/// Pressure drop of a check valve beside its forward resistance, Pa (negative backward).
pub fn check_valve<S: Scalar>(mass_flow: S, resistance: S, width: S) -> S {
    if mass_flow.re() >= 0.0 {
        S::from(0.0)
    } else {
        -(mass_flow * mass_flow * resistance / (width - mass_flow))
    }
}

/// Installed characteristic of a control valve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characteristic {
    /// Equal steps of position change Kv by equal factors.
    EqualPercentage,
    /// Kv in proportion to position.
    Linear,
}

impl Characteristic {
    /// Words of the choice, in the order of [`Self::from_index`].
    pub const NAMES: [&'static str; 2] = ["equal_percentage", "linear"];

    /// The characteristic of a choice.
    pub fn from_index(index: usize) -> Self {
        if index == 1 {
            Self::Linear
        } else {
            Self::EqualPercentage
        }
    }

    /// Opening φ = Kv/Kv_open at a position; `rangeability` R, `leakage` l.
    pub fn opening<S: Scalar>(self, position: S, rangeability: f64, leakage: f64) -> S {
        let (slope, curvature) = match self {
            Self::Linear => (1.0 - leakage, 0.0),
            Self::EqualPercentage => {
                let log = rangeability.ln();
                if position.re() >= SEAT {
                    return ((position - 1.0) * log).exp();
                }
                let value = (log * (SEAT - 1.0)).exp();
                let secant = (value - leakage) / SEAT;
                (2.0 * secant - value * log, (value * log - secant) / SEAT)
            }
        };
        if position.re() >= 0.0 {
            (position * curvature + slope) * position + leakage
        } else {
            S::from(leakage * leakage) / (-position * slope + leakage)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Characteristic, at_least, check_valve};

    #[test]
    fn equal_percentage_meets_its_definition_and_its_leakage() {
        let phi = |x: f64| Characteristic::EqualPercentage.opening(x, 50.0, 1e-4);
        assert!((phi(1.0) - 1.0).abs() < 1e-15);
        assert!((phi(0.5) - 50f64.powf(-0.5)).abs() < 1e-15);
        assert!((phi(0.0) - 1e-4).abs() < 1e-18);
        // Value and slope are continuous at the seat and at the stop; the curve rises throughout.
        for x in [0.1, 0.0] {
            let (below, above) = (phi(x) - phi(x - 1e-8), phi(x + 1e-8) - phi(x));
            assert!((below / above - 1.0).abs() < 1e-3, "{x}: {below} {above}");
        }
        assert!((-50..100).all(|i| phi(f64::from(i) * 0.01 + 0.01) > phi(f64::from(i) * 0.01)));
        assert!(phi(-5.0) > 0.0);
    }

    #[test]
    fn linear_meets_its_ends() {
        let phi = |x: f64| Characteristic::Linear.opening(x, 50.0, 1e-3);
        assert!((phi(1.0) - 1.0).abs() < 1e-15 && (phi(0.0) - 1e-3).abs() < 1e-18);
        assert!((phi(0.5) - 0.5005).abs() < 1e-12);
    }

    #[test]
    fn floor_and_check_valve_are_smooth() {
        assert!((at_least(2.0, 1.0) - 2.0f64).abs() < 1e-15);
        assert!((at_least(1.0 - 1e-7, 1.0) - (1.0f64 - 1e-7)).abs() < 1e-13);
        assert!(at_least(-1e6, 1.0) > 0.0f64);
        assert!(check_valve(3.0f64, 1e6, 1e-6).abs() < 1e-300);
        // Far backward: −R·(|ṁ| − w).
        assert!((check_valve(-1.0f64, 1e6, 1e-3) + 1e6 * (1.0 - 1e-3)).abs() < 2.0);
    }
}
