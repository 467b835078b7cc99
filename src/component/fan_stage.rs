//! Fans with a controlled speed on heat-rejection equipment: air flow and power against position.
//!
//! # Equations
//! The position r is the mean fan speed over its full speed. Above the least speed r_min the fan runs
//! steadily: air flow φ = r, power π = r³. Below, it runs at r_min for a share r/r_min of the time and
//! stands still for the rest, when natural draught moves φ_n: φ = φ_n + (1 − φ_n/r_min)·r,
//! π = r·r_min². Both are joined with a continuous slope within 10 % of r_min.
//!
//! # Symbols and units
//! All dimensionless; φ is volume flow, π power at equal air density (power goes with density).
//!
//! # Source
//! Fan affinity laws; cycling below the least speed and natural draught as EnergyPlus does for
//! `CoolingTower:VariableSpeed` (defaults 0.2 and 0.125).

use crate::spec::Scalar;

/// Least speed and natural draught of a fan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FanStage {
    /// Least speed r_min, above zero.
    pub minimum: f64,
    /// Air flow with the fan stopped φ_n, between zero and r_min.
    pub natural: f64,
}

/// The larger of two values, rounded where they differ by less than `width`.
pub(super) fn larger<S: Scalar>(a: S, b: S, width: S) -> S {
    let difference = (a - b).abs();
    let peak = if a.re() > b.re() { a } else { b };
    if difference.re() < width.re() {
        let gap = width - difference;
        peak + gap * gap / (width * 4.0)
    } else {
        peak
    }
}

impl FanStage {
    /// Fault in the numbers, for the key of the natural draught.
    pub fn fault(self) -> Option<String> {
        (self.natural >= self.minimum).then(|| {
            format!(
                "natural draught of {} must lie below the least fan speed of {}",
                self.natural, self.minimum
            )
        })
    }

    /// Air flow over that at full speed.
    pub fn air_flow<S: Scalar>(self, position: S) -> S {
        let rise = 1.0 - self.natural / self.minimum;
        larger(
            position,
            position * rise + self.natural,
            S::from(0.1 * self.natural),
        )
    }

    /// Power over that at full speed.
    pub fn power<S: Scalar>(self, position: S) -> S {
        let cycling = position * (self.minimum * self.minimum);
        if position.re() < 0.5 * self.minimum {
            return cycling;
        }
        larger(
            position.powi(3),
            cycling,
            S::from(0.2 * self.minimum.powi(3)),
        )
    }
}

/// Words for a fan's position.
pub fn mode(position: f64, minimum: f64) -> &'static str {
    if position >= 1.0 {
        "fans at full speed"
    } else if position <= 0.0 {
        "fans off"
    } else if position < minimum {
        "fans cycling"
    } else {
        "fans controlled"
    }
}

#[cfg(test)]
mod tests {
    use super::FanStage;

    const STAGE: FanStage = FanStage {
        minimum: 0.2,
        natural: 0.125,
    };

    #[test]
    fn ends_and_cube() {
        assert_eq!(STAGE.air_flow(1.0), 1.0);
        assert_eq!(STAGE.power(1.0), 1.0);
        assert_eq!(STAGE.air_flow(0.0), 0.125);
        assert_eq!(STAGE.power(0.0), 0.0);
        assert!((STAGE.power(0.5f64) - 0.125).abs() < 1e-15);
        // Half of the time at 0.2: half of 0.008, and the mean of 0.125 and 0.2.
        assert!((STAGE.power(0.1f64) - 0.004).abs() < 1e-15);
        assert!((STAGE.air_flow(0.1f64) - 0.1625).abs() < 1e-15);
    }

    #[test]
    fn rises_everywhere_without_a_jump() {
        let mut before = (STAGE.air_flow(0.0), STAGE.power(0.0));
        for step in 1..1500 {
            let r = f64::from(step) * 1e-3;
            let now = (STAGE.air_flow(r), STAGE.power(r));
            assert!(now.0 > before.0 && now.1 > before.1, "{r}");
            assert!(now.0 - before.0 < 1.1e-3 && now.1 - before.1 < 0.01, "{r}");
            before = now;
        }
        assert!(
            FanStage {
                minimum: 0.1,
                natural: 0.125
            }
            .fault()
            .is_some()
        );
    }
}
