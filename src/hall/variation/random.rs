//! Spread without a generator: a draw is hashed from (seed, path, key), so that it depends neither
//! on the order of assets nor on how many there are, and is the same to the last bit on every
//! platform: only +, −, ×, ÷, √ and whole-number operations are used, which IEEE 754 fixes.
//!
//! # Equations
//! - salt: FNV-1a (64 bit) over the seed's eight bytes, least first, the names of the path joined by
//!   `.`, the byte 0, and the key;
//! - h₀ = salt; for each index i of the path h ← mix(h + (i + 1)·0x9E3779B97F4A7C15), mix the
//!   finaliser of SplitMix64;
//! - uniform draw u = (⌊h/2¹¹⌋ + ½)/2⁵³, never 0 or 1;
//! - normal draw z = Φ⁻¹(u).
//!
//! # Source
//! FNV: G. Fowler, L. C. Noll, K.-P. Vo. SplitMix64: G. Steele, D. Lea, C. Flood, OOPSLA 2014,
//! constants by D. Stafford (variant 13). Φ⁻¹: M. J. Wichura, algorithm AS 241 (PPND16), Applied
//! Statistics 37 (1988) 477–484, relative accuracy 1e-16.

/// Hash of seed, names and key.
pub(super) fn salt<'a>(seed: u64, names: impl Iterator<Item = &'a str>, key: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    seed.to_le_bytes().into_iter().for_each(&mut take);
    for (index, name) in names.enumerate() {
        if index > 0 {
            take(b'.');
        }
        name.bytes().for_each(&mut take);
    }
    take(0);
    key.bytes().for_each(&mut take);
    hash
}

/// Draw of the asset of these indices, uniform from 0 to 1, both excluded.
pub fn uniform(salt: u64, indices: &[u32]) -> f64 {
    draw(hashed(salt, indices))
}

/// The hash of some indices on top of another.
pub(super) fn hashed(hash: u64, indices: &[u32]) -> u64 {
    indices
        .iter()
        .fold(hash, |hash, index| one_more(hash, *index))
}

/// The hash with one more index.
pub(super) fn one_more(hash: u64, index: u32) -> u64 {
    mix(hash.wrapping_add((u64::from(index) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// The draw that a hash gives.
pub(super) fn draw(hash: u64) -> f64 {
    // Half a step up, so that neither end is met; the sum needs 54 bits only for the last draw.
    let draw = ((hash >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
    draw.min(1.0 - f64::EPSILON / 2.0)
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Ratio of two polynomials of degree 7 in rising powers.
fn ratio(x: f64, above: &[f64; 8], below: &[f64; 8]) -> f64 {
    let horner = |c: &[f64; 8]| {
        ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x
            + c[0]
    };
    horner(above) / horner(below)
}

/// Draws that are worked on side by side: a server's GPUs, as a rule.
pub(super) const LANES: usize = 8;

/// [`inverse_normal`] of several arguments, to the same bits: their middle parts side by side, the tails one by one.
pub(super) fn inverse_normals(probabilities: [f64; LANES]) -> [f64; LANES] {
    let mut z = probabilities.map(|probability| {
        let q = probability - 0.5;
        q * ratio(0.180_625 - q * q, &CENTRE.0, &CENTRE.1)
    });
    for (z, probability) in z.iter_mut().zip(probabilities) {
        if (probability - 0.5).abs() > 0.425 {
            *z = inverse_normal(probability);
        }
    }
    z
}

/// Inverse Φ⁻¹ of the standard normal distribution, for arguments between 0 and 1, both excluded.
pub fn inverse_normal(probability: f64) -> f64 {
    let q = probability - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180_625 - q * q, &CENTRE.0, &CENTRE.1);
    }
    let tail = if q < 0.0 {
        probability
    } else {
        1.0 - probability
    };
    let r = (-ln(tail)).sqrt();
    let z = if r <= 5.0 {
        ratio(r - 1.6, &SHOULDER.0, &SHOULDER.1)
    } else {
        ratio(r - 5.0, &TAIL.0, &TAIL.1)
    };
    if q < 0.0 { -z } else { z }
}

type Coefficients = ([f64; 8], [f64; 8]);

// AS 241, coefficients a and b, c and d, e and f.
#[allow(clippy::excessive_precision, reason = "as published")]
const CENTRE: Coefficients = (
    [
        3.387_132_872_796_366_608_0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
);
#[allow(clippy::excessive_precision, reason = "as published")]
const SHOULDER: Coefficients = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);
#[allow(clippy::excessive_precision, reason = "as published")]
const TAIL: Coefficients = (
    [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

/// Natural logarithm of a normal positive number: x = m·2^e with m from √½ to √2,
/// ln m = 2 artanh((m − 1)/(m + 1)) by its series.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i32 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    // s² is at most 0.0295: eleven terms leave less than 1e-17.
    let mut sum = 0.0;
    for odd in (0..11).rev() {
        sum = sum * s2 + 1.0 / f64::from(2 * odd + 1);
    }
    f64::from(exponent) * std::f64::consts::LN_2 + 2.0 * s * sum
}

/// e^x for |x| up to 700: x = k·ln 2 + r, and the series of e^r.
pub(super) fn exp(x: f64) -> f64 {
    exps([x])[0]
}

/// The same of several numbers: their series are long chains of divisions, which run side by side.
pub(super) fn exps<const N: usize>(x: [f64; N]) -> [f64; N] {
    // ln 2 in two parts: the first has few enough digits that k times it is exact.
    const HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    let x = x.map(|x| x.clamp(-700.0, 700.0));
    let k = x.map(|x| (x * std::f64::consts::LOG2_E + 0.5).floor());
    let mut r = [0.0; N];
    for lane in 0..N {
        r[lane] = (x[lane] - k[lane] * HIGH) - k[lane] * LOW;
    }
    // |r| is at most 0.35: degree 14 leaves less than 1e-17.
    let mut sum = [1.0; N];
    for n in (1..15).rev() {
        let n = f64::from(n);
        for lane in 0..N {
            sum[lane] = 1.0 + sum[lane] * r[lane] / n;
        }
    }
    for lane in 0..N {
        sum[lane] *= f64::from_bits(((k[lane] as i64 + 1023) as u64) << 52);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{exp, inverse_normal, ln, salt, uniform};
    use approx::assert_relative_eq;

    /// Quantiles as published with the algorithm and in tables of the normal distribution.
    #[test]
    fn quantiles_of_the_normal_distribution() {
        for (probability, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
            (0.975, 1.959_963_984_540_054),
            (0.5, 0.0),
        ] {
            assert_relative_eq!(inverse_normal(probability), z, max_relative = 1e-13);
        }
    }

    #[test]
    fn logarithm_and_exponential_agree_with_the_platform() {
        for x in [1e-17, 3e-9, 0.01, 0.5, 0.7, 0.999_999, 1.0, 1.4, 2.0, 1e10] {
            assert_relative_eq!(ln(x), x.ln(), max_relative = 4e-15, epsilon = 1e-16);
        }
        for x in [
            -20.0, -3.3, -0.346, 0.0, 1e-9, 0.15, 0.347, 1.0, 17.0, 300.0,
        ] {
            assert_relative_eq!(exp(x), x.exp(), max_relative = 1e-15 * (2.0 + x.abs()));
        }
    }

    /// Draws are part of the contract: results of a seed must not change between versions.
    #[test]
    fn draws_are_fixed() {
        let salt = salt(1, ["rack", "server", "gpu"].into_iter(), "leakage");
        // Worked out by a second implementation of the equations above, in Python.
        assert_eq!(salt, 0x1df5a8a114ba882e);
        assert_eq!(uniform(salt, &[17, 3, 5]).to_bits(), 0x3fd66b2309ec812d);
    }

    #[test]
    fn draws_are_uniform_and_independent() {
        let salt = salt(7, ["rack", "gpu"].into_iter(), "leakage");
        let n = 100_000_u32;
        let draws: Vec<f64> = (0..n).map(|i| uniform(salt, &[i / 64, i % 64])).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / f64::from(n);
        let lagged = draws
            .windows(2)
            .map(|w| (w[0] - mean) * (w[1] - mean))
            .sum::<f64>()
            / f64::from(n);
        // Standard errors: 0.0009 of the mean, 0.0003 of variance and of the lagged product.
        assert!((mean - 0.5).abs() < 0.004, "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.0015, "{variance}");
        assert!(lagged.abs() < 0.0015, "{lagged}");
        assert!(draws.iter().all(|u| *u > 0.0 && *u < 1.0));
    }
}
