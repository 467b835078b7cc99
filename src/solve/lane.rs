//! Numbers side by side: one instruction works on several racks at once.
//!
//! [`Lane`] holds as many doubles as the processor's vectors do (`pulp` chooses at run time, 4 with
//! AVX2, 2 with NEON, 1 elsewhere) and reads like a scalar in the equations. Multiplication and
//! addition are never fused, so that every processor rounds alike and a result does not depend on
//! the machine that found it.
//!
//! # Elementary functions
//! exp: x = k·ln 2 + r with |r| ≤ ½ ln 2, exp r by its series to r¹², times 2^k through the exponent
//! bits. Below −708 the result is exp(−708) (3e-308), above 708 exp(708).
//! ln (positive, normal arguments): x = 2^e·f with f in [√½, √2), ln f = 2 artanh s by its series in
//! s = (f − 1)/(f + 1). Both are within a few units in the last place.

use std::ops::{Add, Div, Mul, Neg, Sub};

use pulp::Simd;

/// Racks that lie side by side in memory: a multiple of every vector length.
pub const WIDTH: usize = 8;

/// One number for each of [`WIDTH`] racks.
pub type Plane = [f64; WIDTH];

/// As many numbers as a vector holds.
#[derive(Debug, Clone, Copy)]
pub struct Lane<S: Simd> {
    simd: S,
    v: S::f64s,
}

/// Yes or no for each number of a [`Lane`].
#[derive(Debug, Clone, Copy)]
pub struct Mask<S: Simd> {
    simd: S,
    m: S::m64s,
}

impl<S: Simd> Mask<S> {
    /// Whether any is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        self.simd.first_true_m64s(self.m) < S::F64_LANES
    }

    /// Set where either is.
    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self {
            simd: self.simd,
            m: self.simd.or_m64s(self.m, other.m),
        }
    }

    /// `yes` where set, `no` elsewhere.
    #[inline(always)]
    pub fn select(self, yes: Lane<S>, no: Lane<S>) -> Lane<S> {
        Lane {
            simd: self.simd,
            v: self.simd.select_f64s(self.m, yes.v, no.v),
        }
    }
}

impl<S: Simd> Lane<S> {
    /// The same number in all places.
    #[inline(always)]
    pub fn splat(simd: S, value: f64) -> Self {
        Self {
            simd,
            v: simd.splat_f64s(value),
        }
    }

    /// The same number in all places, next to this one.
    #[inline(always)]
    pub fn constant(self, value: f64) -> Self {
        Self::splat(self.simd, value)
    }

    /// Part number `chunk` of a plane.
    #[inline(always)]
    pub fn load(simd: S, plane: &Plane, chunk: usize) -> Self {
        let (head, _) = S::as_simd_f64s(plane);
        Self {
            simd,
            v: head[chunk],
        }
    }

    /// Writes part number `chunk` of a plane.
    #[inline(always)]
    pub fn store(self, plane: &mut Plane, chunk: usize) {
        let (head, _) = S::as_mut_simd_f64s(plane);
        head[chunk] = self.v;
    }

    /// Applies a scalar function to each number.
    #[inline(always)]
    pub fn each<const N: usize>(self, mut function: impl FnMut(f64) -> [f64; N]) -> [Self; N] {
        let mut given = [0.0; WIDTH];
        self.store(&mut given, 0);
        let mut planes = [[0.0; WIDTH]; N];
        for lane in 0..S::F64_LANES {
            let values = function(given[lane]);
            for (plane, value) in planes.iter_mut().zip(values) {
                plane[lane] = value;
            }
        }
        planes.map(|plane| Self::load(self.simd, &plane, 0))
    }

    /// Largest of the numbers; a NaN among them may be lost.
    #[inline(always)]
    pub fn largest(self) -> f64 {
        self.simd.reduce_max_f64s(self.v)
    }

    /// Square root.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self {
            simd: self.simd,
            v: self.simd.sqrt_f64s(self.v),
        }
    }

    /// Magnitude.
    #[inline(always)]
    pub fn abs(self) -> Self {
        Self {
            simd: self.simd,
            v: self.simd.abs_f64s(self.v),
        }
    }

    /// The larger of both.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self {
            simd: self.simd,
            v: self.simd.max_f64s(self.v, other.v),
        }
    }

    /// The smaller of both.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        Self {
            simd: self.simd,
            v: self.simd.min_f64s(self.v, other.v),
        }
    }

    /// Where this one is greater.
    #[inline(always)]
    pub fn greater(self, other: Self) -> Mask<S> {
        Mask {
            simd: self.simd,
            m: self.simd.greater_than_f64s(self.v, other.v),
        }
    }

    /// Where this one is greater or equal.
    #[inline(always)]
    pub fn at_least(self, other: Self) -> Mask<S> {
        Mask {
            simd: self.simd,
            m: self.simd.greater_than_or_equal_f64s(self.v, other.v),
        }
    }

    /// Where both are equal.
    #[inline(always)]
    pub fn equals(self, other: Self) -> Mask<S> {
        Mask {
            simd: self.simd,
            m: self.simd.equal_f64s(self.v, other.v),
        }
    }

    /// Exponential function.
    #[inline(always)]
    pub fn exp(self) -> Self {
        let s = self.simd;
        let x = self.min(self.constant(LIMIT)).max(self.constant(-LIMIT));
        // Adding 1.5·2⁵² leaves the nearest integer in the lowest bits of the sum.
        let shifted = x * std::f64::consts::LOG2_E + ROUND;
        let k = shifted - ROUND;
        let r = x - k * LN_2_HIGH - k * LN_2_LOW;
        let r2 = r * r;
        let r4 = r2 * r2;
        let pair = |a: f64, b: f64| r * b + a;
        let quad = |a: [f64; 4]| pair(a[0], a[1]) + r2 * pair(a[2], a[3]);
        let low = quad([1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0]);
        let middle = quad([1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0]);
        let high = quad([
            1.0 / 40_320.0,
            1.0 / 362_880.0,
            1.0 / 3_628_800.0,
            1.0 / 39_916_800.0,
        ]);
        let value = low + r4 * (middle + r4 * (high + r4 * (1.0 / 479_001_600.0)));
        // The factor 2^k: k moved to the place of the exponent.
        let exponent = s.mul_u64s(
            s.transmute_u64s_f64s(shifted.v),
            s.splat_u64s(1u64 << MANTISSA_BITS),
        );
        Self {
            simd: s,
            v: s.transmute_f64s_u64s(s.add_u64s(s.transmute_u64s_f64s(value.v), exponent)),
        }
    }

    /// Natural logarithm of positive, normal numbers.
    #[inline(always)]
    pub fn ln(self) -> Self {
        let s = self.simd;
        let bits = s.transmute_u64s_f64s(self.v);
        let [e] = self.each(|x| [(x.to_bits() >> MANTISSA_BITS) as f64 - BIAS]);
        let mantissa = s.or_u64s(
            s.and_u64s(bits, s.splat_u64s(!EXPONENT)),
            s.splat_u64s(1f64.to_bits()),
        );
        let f = Self {
            simd: s,
            v: s.transmute_f64s_u64s(mantissa),
        };
        let upper = f.greater(self.constant(std::f64::consts::SQRT_2));
        let f = upper.select(f * 0.5, f);
        let e = upper.select(e + 1.0, e);
        let t = (f - 1.0) / (f + 1.0);
        let t2 = t * t;
        let mut series = self.constant(1.0 / 21.0);
        for n in (1..10).rev() {
            series = series * t2 + 1.0 / f64::from(2 * n + 1);
        }
        e * LN_2_LOW + (t * 2.0 + t * 2.0 * t2 * series) + e * LN_2_HIGH
    }
}

/// Argument of the exponential beyond which results would leave the normal doubles.
const LIMIT: f64 = 708.0;
/// 1.5·2⁵².
const ROUND: f64 = 6_755_399_441_055_744.0;
const MANTISSA_BITS: u32 = 52;
const EXPONENT: u64 = 0x7FF0_0000_0000_0000;
const BIAS: f64 = 1023.0;
/// ln 2 to 32 bits, and the rest, so that k·`LN_2_HIGH` is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;

macro_rules! operator {
    ($trait:ident, $method:ident, $intrinsic:ident) => {
        impl<S: Simd> $trait for Lane<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self {
                    simd: self.simd,
                    v: self.simd.$intrinsic(self.v, other.v),
                }
            }
        }
        impl<S: Simd> $trait<f64> for Lane<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                self.$method(self.constant(other))
            }
        }
    };
}

operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Simd> Neg for Lane<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self {
            simd: self.simd,
            v: self.simd.neg_f64s(self.v),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lane, WIDTH};
    use pulp::{Arch, Simd, WithSimd};

    struct Both([f64; WIDTH]);

    impl WithSimd for Both {
        type Output = [[f64; WIDTH]; 2];
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let (mut exp, mut ln) = ([0.0; WIDTH], [0.0; WIDTH]);
            for chunk in 0..WIDTH / S::F64_LANES {
                let x = Lane::load(simd, &self.0, chunk);
                x.exp().store(&mut exp, chunk);
                x.abs().ln().store(&mut ln, chunk);
            }
            [exp, ln]
        }
    }

    #[test]
    fn functions_agree_with_the_standard_library() {
        let mut x = -700.0;
        while x < 700.0 {
            let values: [f64; WIDTH] = std::array::from_fn(|i| x + 0.013 * i as f64);
            let [exp, ln] = Arch::new().dispatch(Both(values));
            for ((&x, exp), ln) in values.iter().zip(exp).zip(ln) {
                // Rounding of the series, and of r: a few units in the last place.
                assert!((exp / x.exp() - 1.0).abs() < 2e-15, "exp {x}");
                let exact = x.abs().ln();
                assert!((ln - exact).abs() < 1e-15 * exact.abs() + 3e-16, "ln {x}");
            }
            x += 0.31;
        }
    }

    #[test]
    fn far_arguments_stay_finite() {
        let [exp, ln] =
            Arch::new().dispatch(Both([-1e9, 1e9, 0.0, -708.5, 1e-300, 1e300, 1e-7, 1.0]));
        assert!(exp[0] > 0.0 && exp[0] < 1e-300 && exp[1].is_finite() && exp[2] == 1.0);
        assert!(ln.iter().enumerate().all(|(i, v)| i == 2 || v.is_finite()));
        assert_eq!(ln[7], 0.0);
    }

    /// The plain fallback and the widest vectors give the same bits.
    #[test]
    fn every_vector_length_gives_the_same_bits() {
        for k in 0..200 {
            let values: [f64; WIDTH] =
                std::array::from_fn(|i| -30.0 + 0.37 * f64::from(k) + 0.01 * i as f64);
            assert_eq!(
                Arch::new().dispatch(Both(values)),
                Arch::Scalar.dispatch(Both(values))
            );
        }
    }
}
