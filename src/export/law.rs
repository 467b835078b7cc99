//! Laws that other tools know, fitted to a law of ours at one point.
//!
//! # Equations
//! - passive: Δp = a·ṁ + b·ṁ², a and b not negative, that meets a given drop Δp₀ with its slope s at ṁ₀:
//!   b = (s·ṁ₀ − Δp₀)/ṁ₀², a = s − 2·b·ṁ₀. Textbook laws are of this form: they are met everywhere.
//!   Measured laws Δp ~ ṁⁿ with 1 ≤ n ≤ 2 are met in value and slope at the point. Outside that range
//!   the nearer of Δp = a·ṁ and Δp = b·ṁ² is laid through the point;
//! - lift: Δp = h₀ − c·ṁⁿ (or the parabola h₀ + c₁·ṁ + c₂·ṁ²) through the point, with its slope, and
//!   with h₀ the lift at rest.
//!
//! # Symbols and units
//! ṁ mass flow [kg/s]; Δp pressure drop or lift [Pa]; a [Pa s/kg]; b [Pa s²/kg²]; s [Pa s/kg].

/// How well a fitted law stands for ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The same law: at half and at one and a half times the flow it still agrees.
    Exact,
    /// The same value and slope at the solved flow.
    Tangent,
    /// The same value at the solved flow.
    Point,
}

/// A law as other tools know it, for flow in the direction of the link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Pressure falls by a·ṁ + b·ṁ².
    Passive {
        /// a, Pa s/kg.
        linear: f64,
        /// b, Pa s²/kg².
        quadratic: f64,
    },
    /// Pressure rises.
    Lift {
        /// Rise without flow, Pa.
        shutoff: f64,
        /// Rise at the solved flow, Pa.
        rise: f64,
        /// Slope of the rise at the solved flow, Pa s/kg; negative.
        slope: f64,
    },
    /// No flow passes.
    Closed,
}

/// Share by which two laws may differ and still be called the same.
const SAME: f64 = 1e-9;
/// Slope of a pump's curve where ours does not fall with flow: this share of its rise over its flow.
const LEAST_FALL: f64 = 1e-3;

/// Fits a passive law to `drop` [Pa] with its slope [Pa s/kg] at `flow` [kg/s], all positive; `law`
/// gives our own drop at any flow.
pub fn passive(flow: f64, drop: f64, slope: f64, law: impl Fn(f64) -> f64) -> (Law, Fit) {
    let quadratic = (slope * flow - drop) / (flow * flow);
    let linear = slope - 2.0 * quadratic * flow;
    // Round-off of a purely linear or purely quadratic law.
    let least = -SAME * slope;
    if quadratic * flow < least {
        let linear = drop / flow;
        return (
            Law::Passive {
                linear,
                quadratic: 0.0,
            },
            Fit::Point,
        );
    }
    if linear < least {
        let quadratic = drop / (flow * flow);
        return (
            Law::Passive {
                linear: 0.0,
                quadratic,
            },
            Fit::Point,
        );
    }
    let (linear, quadratic) = (linear.max(0.0), quadratic.max(0.0));
    let same = [0.5 * flow, 1.5 * flow].into_iter().all(|m| {
        let fitted = linear * m + quadratic * m * m;
        (fitted - law(m)).abs() <= SAME.max(1e-6 * SAME / flow) * fitted
    });
    let fit = if same { Fit::Exact } else { Fit::Tangent };
    (Law::Passive { linear, quadratic }, fit)
}

/// Fits a lift to `rise` [Pa] with its slope [Pa s/kg] at `flow` [kg/s]; `law` gives our own rise.
pub fn lift(flow: f64, rise: f64, slope: f64, law: impl Fn(f64) -> f64) -> (Law, Fit) {
    let steepest = -LEAST_FALL * rise / flow;
    let falls = slope < steepest;
    let slope = if falls { slope } else { steepest };
    let own = law(0.0);
    // The curve has to fall all the way, or it would have no unique flow.
    let rising = !own.is_finite() || own - rise < -0.05 * slope * flow;
    let shutoff = if rising {
        rise - 0.5 * slope * flow
    } else {
        own
    };
    let (c1, c2) = parabola(flow, shutoff, rise, slope);
    let same = falls
        && !rising
        && [0.5 * flow, 1.2 * flow].into_iter().all(|m| {
            let fitted = shutoff + c1 * m + c2 * m * m;
            (fitted - law(m)).abs() <= SAME * shutoff
        });
    let fit = match (same, falls) {
        (true, _) => Fit::Exact,
        (false, true) => Fit::Tangent,
        (false, false) => Fit::Point,
    };
    (
        Law::Lift {
            shutoff,
            rise,
            slope,
        },
        fit,
    )
}

/// Coefficients c₁, c₂ of the lift h₀ + c₁·ṁ + c₂·ṁ².
pub fn parabola(flow: f64, shutoff: f64, rise: f64, slope: f64) -> (f64, f64) {
    let c2 = (slope * flow - (rise - shutoff)) / (flow * flow);
    (slope - 2.0 * c2 * flow, c2)
}

/// Exponent n of the lift h₀ − c·ṁⁿ.
pub fn exponent(flow: f64, shutoff: f64, rise: f64, slope: f64) -> f64 {
    -slope * flow / (shutoff - rise)
}

#[cfg(test)]
mod tests {
    use super::{Fit, Law, exponent, lift, parabola, passive};

    #[test]
    fn a_textbook_law_is_met_everywhere() {
        let law = |m: f64| 2e4 * m + 3e5 * m * m;
        let (fitted, fit) = passive(0.3, law(0.3), 2e4 + 6e5 * 0.3, law);
        let Law::Passive { linear, quadratic } = fitted else {
            panic!("{fitted:?}")
        };
        assert_eq!(fit, Fit::Exact);
        assert!((linear / 2e4 - 1.0).abs() < 1e-9 && (quadratic / 3e5 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_measured_law_is_met_in_value_and_slope() {
        let law = |m: f64| 5e4 * m.powf(1.76);
        let (fitted, fit) = passive(0.8, law(0.8), 5e4 * 1.76 * 0.8f64.powf(0.76), law);
        let Law::Passive { linear, quadratic } = fitted else {
            panic!("{fitted:?}")
        };
        assert_eq!(fit, Fit::Tangent);
        assert!(((linear * 0.8 + quadratic * 0.64) / law(0.8) - 1.0).abs() < 1e-12);
        // An exponent of 1.76 is 24 % linear in the sense of value and slope.
        assert!((linear * 0.8 / law(0.8) - 0.24).abs() < 1e-9);
    }

    #[test]
    fn what_no_such_law_meets_is_laid_through_the_point() {
        let cubic = |m: f64| 7e3 * m.powi(3);
        let (fitted, fit) = passive(2.0, cubic(2.0), 3.0 * cubic(2.0) / 2.0, cubic);
        assert_eq!(
            (fitted, fit),
            (
                Law::Passive {
                    linear: 0.0,
                    quadratic: 14e3
                },
                Fit::Point
            )
        );
        let root = |m: f64| 7e3 * m.sqrt();
        let (fitted, fit) = passive(4.0, root(4.0), 0.5 * root(4.0) / 4.0, root);
        assert_eq!(
            (fitted, fit),
            (
                Law::Passive {
                    linear: 3500.0,
                    quadratic: 0.0
                },
                Fit::Point
            )
        );
    }

    #[test]
    fn a_parabolic_pump_is_met_everywhere() {
        let law = |m: f64| 3e5 - 50.0 * m * m;
        let (fitted, fit) = lift(40.0, law(40.0), -4000.0, law);
        assert_eq!(fit, Fit::Exact);
        let Law::Lift {
            shutoff,
            rise,
            slope,
        } = fitted
        else {
            panic!("{fitted:?}")
        };
        assert!((exponent(40.0, shutoff, rise, slope) - 2.0).abs() < 1e-9);
        let (c1, c2) = parabola(40.0, shutoff, rise, slope);
        assert!(c1.abs() < 1e-6 && (c2 + 50.0).abs() < 1e-9);
    }

    #[test]
    fn a_flat_source_gets_a_curve_that_falls() {
        let (fitted, fit) = lift(10.0, 1e5, 0.0, |_| 1e5);
        assert_eq!(fit, Fit::Point);
        let Law::Lift { shutoff, slope, .. } = fitted else {
            panic!("{fitted:?}")
        };
        assert!(shutoff > 1e5 && slope < 0.0);
    }
}
