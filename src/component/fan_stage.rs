//! Fans on heat-rejection equipment: air flow and power against position.
//!
//! # Equations
//! The position r is the mean fan speed over its full speed.
//! - Variable speed: above the least speed r_min the fan runs steadily: air flow φ = r, power π = r³.
//!   Below, it runs at r_min for a share r/r_min of the time and stands still for the rest, when natural
//!   draught moves φ_n: φ = φ_n + (1 − φ_n/r_min)·r, π = r·r_min².
//! - Two speeds: the same with r_min the low speed, whose power π_l is given, π = π_l·r/r_min; above, the
//!   fan changes between low and full speed: φ = r, π = π_l + (1 − π_l)·(r − r_min)/(1 − r_min).
//! - Single speed: on and off, φ = φ_n + (1 − φ_n)·r, π = r.
//!
//! Branches are joined with a continuous slope within 10 % of r_min. Fans that change between speeds are
//! taken by their mean air flow and mean power.
//!
//! # Symbols and units
//! All dimensionless; φ is volume flow, π power at equal air density (power goes with density).
//!
//! # Source
//! Fan affinity laws; cycling below the least speed and natural draught as EnergyPlus does for
//! `CoolingTower:VariableSpeed` (defaults 0.2 and 0.125), low speed of half the air at 0.16 of the power
//! as for its two-speed towers and fluid coolers.

use crate::spec::Scalar;

/// How a fan is driven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drive {
    /// Any speed above the least.
    Variable,
    /// Low speed, of this share of the full power, and full speed.
    TwoSpeed(f64),
    /// On and off.
    Single,
}

impl Drive {
    /// The drive of a choice `"variable-speed", "two-speed", "single-speed"`.
    pub fn from_index(index: usize, low_speed_power: f64) -> Self {
        match index {
            1 => Self::TwoSpeed(low_speed_power),
            2 => Self::Single,
            _ => Self::Variable,
        }
    }
}

/// Drive, least speed and natural draught of a fan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FanStage {
    /// Drive.
    pub drive: Drive,
    /// Least speed r_min, above zero; of a two-speed fan the low speed.
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
        if self.drive == Drive::Single {
            return position * (1.0 - self.natural) + self.natural;
        }
        let rise = 1.0 - self.natural / self.minimum;
        larger(
            position,
            position * rise + self.natural,
            S::from(0.1 * self.natural),
        )
    }

    /// Power over that at full speed.
    pub fn power<S: Scalar>(self, position: S) -> S {
        match self.drive {
            Drive::Variable => {}
            Drive::TwoSpeed(low) => {
                let above = (position - self.minimum) * ((1.0 - low) / (1.0 - self.minimum)) + low;
                let width = S::from(0.1 * self.minimum);
                return larger(position * (low / self.minimum), above, width);
            }
            Drive::Single => return position,
        }
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
    use super::{Drive, FanStage};

    const STAGE: FanStage = FanStage {
        drive: Drive::Variable,
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
                drive: Drive::Variable,
                minimum: 0.1,
                natural: 0.125
            }
            .fault()
            .is_some()
        );
    }

    /// Two speeds: off, low and full are exact; between them power goes straight with the share of time.
    #[test]
    fn two_speeds_and_one() {
        let two = FanStage {
            drive: Drive::TwoSpeed(0.16),
            minimum: 0.5,
            natural: 0.125,
        };
        assert_eq!((two.power(0.0), two.power(1.0)), (0.0, 1.0));
        assert!((two.power(0.25f64) - 0.08).abs() < 1e-15);
        assert!((two.power(0.75f64) - 0.58).abs() < 1e-15);
        // Rounded over a tenth of the low speed: by a quarter of that width at the joint.
        assert!((two.power(0.5f64) - 0.16).abs() < 0.25 * 0.05 + 1e-12);
        assert!((two.air_flow(0.25f64) - 0.5 * (0.125 + 0.5)).abs() < 1e-15);
        let one = FanStage {
            drive: Drive::Single,
            minimum: 0.2,
            natural: 0.1,
        };
        assert!((one.air_flow(0.5f64) - 0.55).abs() < 1e-15);
        assert_eq!(one.power(0.5), 0.5);
    }
}
