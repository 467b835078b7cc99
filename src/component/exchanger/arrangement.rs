//! Effectiveness of flow arrangements, smooth in all arguments; equations in
//! [`exchanger`](super).

use crate::spec::Scalar;

/// How two streams pass each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// Against each other.
    Counterflow,
    /// The same way.
    Parallel,
    /// One shell pass, two or a multiple of two tube passes.
    ShellAndTube,
    /// Across, neither stream mixed.
    Crossflow,
    /// The second stream at one temperature: C_r = 0.
    Isothermal,
}

impl Arrangement {
    /// The arrangement of a choice `("counterflow", "parallel", "shell_and_tube", "crossflow",
    /// "isothermal")`.
    pub fn from_index(index: usize) -> Self {
        match index {
            1 => Self::Parallel,
            2 => Self::ShellAndTube,
            3 => Self::Crossflow,
            4 => Self::Isothermal,
            _ => Self::Counterflow,
        }
    }
}

/// Effectiveness ε for NTU = UA/C_min and C_r = C_min/C_max from 0 to 1.
pub fn effectiveness<S: Scalar>(arrangement: Arrangement, ntu: S, c_ratio: S) -> S {
    heat_per_difference(arrangement, ntu, S::from(1.0), c_ratio)
}

/// Duty for each kelvin between the inlets, g = ε·C_min, W/K.
///
/// `ua` W/K, not negative; `r_1`, `r_2` the inverse capacity flows of the two streams, K/W, not
/// both zero. Symmetric in the streams except for [`Arrangement::Isothermal`], where the second
/// has one temperature. Not below zero, not above either capacity flow.
pub fn heat_per_difference<S: Scalar>(arrangement: Arrangement, ua: S, r_1: S, r_2: S) -> S {
    match arrangement {
        Arrangement::Counterflow => {
            // Both orders give the same analytic function; this one cannot overflow.
            let (large, small) = if r_1.re() >= r_2.re() { (r_1, r_2) } else { (r_2, r_1) };
            let u = ua * decay(ua * (large - small));
            u / (u * small + 1.0)
        }
        Arrangement::Parallel => ua * decay(ua * (r_1 + r_2)),
        Arrangement::ShellAndTube => {
            let r = (r_1 * r_1 + r_2 * r_2).sqrt();
            // tanh(y/2) = (1 − e^(−y))/(1 + e^(−y)), y = UA·R.
            let e = (-(ua * r)).exp();
            let tanh = (-e + 1.0) / (e + 1.0);
            tanh * 2.0 / ((r_1 + r_2) * tanh + r)
        }
        Arrangement::Crossflow => crossflow(ua, r_1, r_2),
        Arrangement::Isothermal => ua * decay(ua * r_1),
    }
}

/// (1 − e^(−x))/x for x ≥ 0, 1 at zero.
fn decay<S: Scalar>(x: S) -> S {
    if x.re() < 1e-2 {
        // Taylor; the next term is below 1e-16.
        ((((-x / 720.0 + 1.0 / 120.0) * x - 1.0 / 24.0) * x + 1.0 / 6.0) * x - 0.5) * x + 1.0
    } else {
        -(-x).exp_m1() / x
    }
}

/// NTU of both sides from which it counts less.
const FULL_COUNT: f64 = 50.0;

fn crossflow<S: Scalar>(ua: S, r_1: S, r_2: S) -> S {
    if ua.re() <= 0.0 {
        return ua;
    }
    let (mut large, mut small) = if r_1.re() >= r_2.re() { (ua * r_1, ua * r_2) } else { (ua * r_2, ua * r_1) };
    let mut ua = ua;
    if small.re() > FULL_COUNT {
        // 50 + 30·y/(30 + y) of 50 + y, continuous in slope, so that the sum stays short.
        let y = small - FULL_COUNT;
        let factor = (y * 30.0 / (y + 30.0) + FULL_COUNT) / small;
        large *= factor;
        small *= factor;
        ua *= factor;
    }
    if small.re() <= 0.0 {
        // One stream at one temperature.
        return ua * decay(large);
    }
    // g·r_large = E[min]/small; E[min] = Σ_k P(X_large > k)·P(X_small > k).
    let (mut term_l, mut term_s) = ((-large).exp(), (-small).exp());
    let (mut beyond_l, mut beyond_s) = (-(-large).exp_m1(), -(-small).exp_m1());
    let mut sum = S::from(0.0);
    let mut k = 0.0;
    loop {
        let product = beyond_l * beyond_s;
        sum += product;
        k += 1.0;
        if (k > small.re() && product.re() < 1e-15 * sum.re()) || k > 400.0 {
            break;
        }
        term_l *= large / k;
        term_s *= small / k;
        beyond_l -= term_l;
        beyond_s -= term_s;
    }
    sum * ua / (large * small)
}
