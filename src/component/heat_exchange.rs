//! Effectiveness of heat exchangers between a liquid and air, in forms that stay smooth.
//!
//! # Equations
//! Counterflow, seen from stream 1, with N = UA/C₁ and R = C₁/C₂ of any size (R need not be below 1):
//! ε₁ = (1 − e^(−x))/(1 − R·e^(−x)), x = N(1 − R); Q = ε₁·C₁·ΔT_in. At R = 1 this is N/(1 + N); the form
//! used, ε₁ = N·g/(1 + R·N·g) with g = (1 − e^(−x))/x, has no gap there.
//!
//! Crossflow, both streams unmixed, N = UA/C_min and R = C_min/C_max:
//! ε = 1 − exp((N^0.22/R)·(exp(−R·N^0.78) − 1)); Q = ε·C_min·ΔT_in.
//! C_min is rounded within 1 % of equality, so that the slope is continuous.
//!
//! # Symbols and units
//! UA conductance [W/K]; C capacity flow [W/K]; ε, N, R dimensionless.
//!
//! # Range of validity
//! Constant capacity flows. The crossflow form is an approximation, within 2 % of the exact series.
//!
//! # Source
//! F. P. Incropera, D. P. DeWitt, *Fundamentals of Heat and Mass Transfer*, equations 11.29 and 11.32.

use crate::fluid::Fluid;
use crate::spec::Scalar;

/// Size of a mass flow, never zero: √(ṁ² + (10⁻⁶ ṁ₀)²).
pub fn flow_size<S: Scalar>(mass_flow: S, nominal: f64) -> S {
    let blur = 1e-6 * nominal;
    (mass_flow * mass_flow + blur * blur).sqrt()
}

/// (1 − e^(−x))/x for x ≥ 0, 1 at zero.
fn decay<S: Scalar>(x: S) -> S {
    if x.re() < 1e-4 {
        // The next term, x³/24, is below rounding.
        x * (x / 6.0 - 0.5) + 1.0
    } else {
        -(-x).exp_m1() / x
    }
}

/// Effectiveness of a counterflow exchanger for stream 1: `transfer` = UA/C₁, `ratio` = C₁/C₂.
pub fn counterflow<S: Scalar>(transfer: S, ratio: S) -> S {
    let x = transfer * (-ratio + 1.0);
    if x.re() >= 0.0 {
        let t = transfer * decay(x);
        t / (ratio * t + 1.0)
    } else {
        let t = transfer * decay(-x);
        t / (ratio * t + x.exp())
    }
}

/// UA/C₁ at which a counterflow exchanger has this effectiveness for stream 1; `None` where none has.
pub fn counterflow_transfer(effectiveness: f64, ratio: f64) -> Option<f64> {
    let possible = effectiveness > 0.0 && effectiveness < 1.0 && effectiveness * ratio < 1.0;
    if !possible {
        return None;
    }
    let balanced = effectiveness / (1.0 - effectiveness);
    let z = balanced * (1.0 - ratio);
    let correction = if z.abs() < 1e-6 {
        1.0 - 0.5 * z
    } else {
        z.ln_1p() / z
    };
    Some(balanced * correction)
}

/// The smaller of two capacity flows, rounded where they differ by less than 1 %.
fn smaller<S: Scalar>(a: S, b: S) -> S {
    let width = (a + b) * 0.005;
    let difference = a - b;
    let magnitude = difference.abs();
    let smooth = if magnitude.re() < width.re() {
        (difference * difference / width + width) * 0.5
    } else {
        magnitude
    };
    (a + b - smooth) * 0.5
}

/// ε·C_min of a crossflow exchanger with both streams unmixed, W/K.
pub fn crossflow<S: Scalar>(conductance: S, capacity_1: S, capacity_2: S) -> S {
    let least = smaller(capacity_1, capacity_2);
    let ratio = least / (capacity_1 + capacity_2 - least);
    let transfer = conductance / least;
    let root = transfer.powf(0.22);
    let inner = (-ratio * transfer / root).exp_m1();
    -(root / ratio * inner).exp_m1() * least
}

/// Conductance at which [`crossflow`] gives `heat_per_kelvin` (W/K); `None` where no conductance does.
pub fn crossflow_conductance(
    heat_per_kelvin: f64,
    capacity_1: f64,
    capacity_2: f64,
) -> Option<f64> {
    let most = crossflow(1e4 * (capacity_1 + capacity_2), capacity_1, capacity_2);
    if !(heat_per_kelvin > 0.0 && heat_per_kelvin < most) {
        return None;
    }
    // Newton on ln UA from the pure-exponential start; the function rises and is concave there.
    let least = smaller(capacity_1, capacity_2);
    let mut guess = (-(-heat_per_kelvin / least).ln_1p() * least).clamp(1e-6 * least, 1e3 * least);
    let (mut low, mut high) = (0.0, 1e4 * (capacity_1 + capacity_2));
    for _ in 0..60 {
        let dual = crossflow(
            num_dual::Dual64::new(guess, 1.0),
            num_dual::Dual64::from(capacity_1),
            num_dual::Dual64::from(capacity_2),
        );
        let error = dual.re - heat_per_kelvin;
        if error > 0.0 {
            high = guess;
        } else {
            low = guess;
        }
        let newton = guess - error / dual.eps;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let moved = (next - guess).abs();
        guess = next;
        if moved <= 1e-14 * guess {
            break;
        }
    }
    Some(guess)
}

/// Temperature at which the fluid has this enthalpy, K.
pub fn temperature_at(fluid: &Fluid, enthalpy: f64, near: f64) -> f64 {
    let mut t = near;
    for _ in 0..8 {
        t += (enthalpy - fluid.enthalpy(t)) / fluid.specific_heat(t);
    }
    t
}

#[cfg(test)]
mod tests {
    use super::{counterflow, counterflow_transfer, crossflow, crossflow_conductance};

    /// Textbook values at N = 1: R = 0: 0.632; R = 0.5: 0.565; R = 1: 0.5.
    #[test]
    fn counterflow_textbook_values() {
        for (ratio, expected) in [(0.0, 0.632_121), (0.5, 0.564_733), (1.0, 0.5)] {
            assert!(
                (counterflow(1.0f64, ratio) - expected).abs() < 1e-5,
                "{ratio}"
            );
        }
        // Seen from either stream, the heat is the same.
        let (ua, c1, c2) = (3.0f64, 2.0, 5.0);
        let one = c1 * counterflow(ua / c1, c1 / c2);
        let two = c2 * counterflow(ua / c2, c2 / c1);
        assert!((one - two).abs() < 1e-14);
        // No overflow at a tiny or huge flow.
        assert!((counterflow(1e9f64, 1e-9) - 1.0).abs() < 1e-12);
        assert!((counterflow(1e3f64, 10.0) - 0.1).abs() < 1e-12);
        for ratio in [0.2, 0.999_999_9, 1.0, 1.7] {
            let transfer = counterflow_transfer(0.4, ratio).unwrap_or(f64::NAN);
            assert!(
                (counterflow(transfer, ratio) - 0.4).abs() < 1e-12,
                "{ratio}"
            );
        }
        assert_eq!(counterflow_transfer(0.6, 2.0), None);
    }

    /// Chart values of crossflow with both streams unmixed at N = 1: R = 0: 0.632, R = 1: 0.48 (read
    /// to 0.01); the exact series gives 0.4764 at R = 1.
    #[test]
    fn crossflow_textbook_values() {
        assert!((crossflow(1.0f64, 1.0, 1e9) - 0.632_121).abs() < 1e-5);
        assert!((crossflow(1.0f64, 1.0, 1.0) - 0.4764).abs() < 0.02 * 0.4764);
        // Symmetric, and between counterflow and nothing.
        assert!((crossflow(3.0f64, 2.0, 5.0) - crossflow(3.0f64, 5.0, 2.0)).abs() < 1e-14);
        assert!(crossflow(3.0f64, 2.0, 5.0) < 2.0 * counterflow(1.5f64, 0.4));
        for (c1, c2) in [(1.0, 3.0), (2.0, 2.0), (5.0, 0.1)] {
            for share in [0.05, 0.4, 0.8] {
                let wanted = share * f64::min(c1, c2) * 0.9;
                let ua = crossflow_conductance(wanted, c1, c2).unwrap_or(f64::NAN);
                assert!(
                    (crossflow(ua, c1, c2) - wanted).abs() < 1e-12,
                    "{c1} {c2} {share}"
                );
            }
        }
        assert_eq!(crossflow_conductance(2.0, 1.0, 1.0), None);
    }
}
