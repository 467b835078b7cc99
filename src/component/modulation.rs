//! A modulating control as one equation: the set-point holds, or the actuator rests at a stop.
//!
//! # Equations
//! The unknown u is the actuator's position while that lies between its stops, and how hard the control
//! pushes beyond: r = min(r_max, max(r_min, u)) acts on the plant, and
//! e(r) + s·(u − r) + d(r) = 0,
//! where e is the control error, rising with r, and s = 5. Between the stops e = 0; beyond one, e has the
//! sign that keeps r there (a normal map of the complementarity problem). The slope never falls below s
//! outside, so that Newton's steps stay short where the set-point cannot be met.
//!
//! d(r) = w·r only matters where the actuator has no effect, as a fan on water without flow or at the air's
//! own temperature: w = exp(−(20 σ)²) for σ > 0, 1 + 3 σ² below, σ the error that full action can make
//! good. At σ = 0.3 it is gone to the last digit. Without effect the actuator then rests at its lower stop,
//! or moves up in proportion to the error.
//!
//! # Symbols and units
//! u, r position; e error over a span of 10 K (or the like); σ over the same span.
//!
//! # Source
//! Normal maps: S. M. Robinson, *Math. Oper. Res.* 17 (1992) 691-714.

use crate::spec::Scalar;

/// Slope beyond a stop.
const BEYOND: f64 = 5.0;

/// Where an actuator stands.
#[derive(Debug, Clone, Copy)]
pub struct Modulation<S> {
    /// Position r, between the stops.
    pub position: S,
    /// u − r: zero between the stops.
    pub beyond: S,
}

impl<S: Scalar> Modulation<S> {
    /// The actuator for an unknown u and its stops.
    pub fn new(unknown: S, minimum: f64, maximum: f64) -> Self {
        let position = if unknown.re() < minimum {
            S::from(minimum)
        } else if unknown.re() > maximum {
            S::from(maximum)
        } else {
            unknown
        };
        Self {
            position,
            beyond: unknown - position,
        }
    }

    /// Residual of the unknown, from the control error and the error that full action can make good.
    pub fn residual(&self, error: S, effect: S) -> S {
        let weight = if effect.re() > 0.0 {
            let s = effect * 20.0;
            (-s * s).exp()
        } else {
            effect * effect * 3.0 + 1.0
        };
        error + self.beyond * BEYOND + self.position * weight
    }

    /// Whether it rests at a stop.
    pub fn saturated(&self) -> bool {
        self.beyond.re() != 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::Modulation;

    #[test]
    fn holds_between_the_stops_and_rests_at_them() {
        let residual = |u: f64, error: f64| Modulation::new(u, 0.0, 1.0).residual(error, 1.0);
        assert!(residual(0.4, 0.0).abs() < 1e-15);
        // Too little action at the upper stop: e < 0, u beyond 1.
        assert!(residual(1.04, -0.2).abs() < 1e-15);
        assert!(residual(-0.04, 0.2).abs() < 1e-15);
        assert!(Modulation::new(1.04, 0.0, 1.0).saturated());
        assert_eq!(Modulation::new(1.04, 0.0, 1.0).position, 1.0);
    }

    /// Without effect and too cold already, the actuator rests at its lower stop.
    #[test]
    fn rests_without_effect() {
        let residual = |u: f64| Modulation::new(u, 0.0, 1.0).residual(0.3, 0.0);
        assert!(residual(-0.06).abs() < 1e-15);
        assert!(residual(0.5) > residual(0.0));
    }
}
