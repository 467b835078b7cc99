//! A supply set-point that is reset by the weather or by load, as plants do to save compressor work.
//!
//! # Equations
//! T_set = T_s + (T_r − T_s)·x; T_s the set-point in warm weather or at full load, T_r in cold weather or
//! without load.
//! - by weather: x = (t_from − t)/(t_from − t_to) between 0 and 1, t the outdoor wet or dry bulb;
//! - by load: x = 1 − q, q the share of the capacity of all units that may run, held to 0 … 1 (rounded
//!   over 0.02).
//!
//! # Symbols and units
//! T, t [K]; q, x [-].
//!
//! # Source
//! ASHRAE Guideline 36, supply water temperature reset (linear between two points).

use super::Outdoor;
use super::fan_stage::larger;
use crate::spec::Scalar;

/// A reset: what it follows, and between which ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reset {
    /// Index of the choice `"none", "wet-bulb", "dry-bulb", "load"`.
    pub by: usize,
    /// Set-point in warm weather or at full load T_s, K.
    pub supply: f64,
    /// Set-point in cold weather or without load T_r, K; as `supply` where left out.
    pub other: Option<f64>,
    /// Outdoor temperature from which on `supply` holds, K.
    pub from: f64,
    /// Outdoor temperature down from which `other` holds, K.
    pub to: f64,
}

const WET_BULB: usize = 1;
const DRY_BULB: usize = 2;
const LOAD: usize = 3;

impl Reset {
    /// The set-point, K.
    pub fn setpoint<S: Scalar>(self, outdoor: &Outdoor, load: S) -> S {
        let Some(other) = self.other else {
            return S::from(self.supply);
        };
        let by_weather =
            |bulb: f64| S::from(((self.from - bulb) / (self.from - self.to)).clamp(0.0, 1.0));
        let share = match self.by {
            WET_BULB => by_weather(outdoor.wet_bulb),
            DRY_BULB => by_weather(outdoor.dry_bulb),
            LOAD => {
                let width = S::from(0.02);
                let least = larger(-load + 1.0, S::from(0.0), width);
                -larger(-least, S::from(-1.0), width)
            }
            _ => return S::from(self.supply),
        };
        share * (other - self.supply) + self.supply
    }

    /// Fault of a reset that has no ends.
    pub fn fault(self) -> Option<(&'static str, String)> {
        if self.by == 0 {
            return None;
        }
        if self.other.is_none() {
            let text = "a reset needs the set-point of its other end".to_owned();
            return Some(("reset_temperature", text));
        }
        (self.by != LOAD && self.to >= self.from)
            .then(|| ("reset_to", "must lie below reset_from".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Reset;
    use crate::component::bench::weather;

    #[test]
    fn ends_and_middle() {
        let reset = Reset {
            by: 1,
            supply: 285.15,
            other: Some(291.15),
            from: 293.15,
            to: 283.15,
        };
        let at = |bulb: f64| reset.setpoint(&weather(bulb + 5.0, bulb), 0.5f64);
        assert!((at(300.0) - 285.15).abs() < 1e-12 && (at(270.0) - 291.15).abs() < 1e-12);
        assert!((at(288.15) - 288.15).abs() < 1e-12);
        let by_load = Reset { by: 3, ..reset };
        let at = |load: f64| by_load.setpoint(&weather(300.0, 290.0), load);
        assert!((at(0.5) - 288.15).abs() < 1e-12);
        assert!((at(1.5) - 285.15).abs() < 1e-12 && (at(-0.5) - 291.15).abs() < 1e-12);
        assert!(Reset { by: 0, ..reset }.fault().is_none() && reset.fault().is_none());
        assert!(Reset { to: 295.0, ..reset }.fault().is_some());
        assert!(
            Reset {
                other: None,
                ..by_load
            }
            .fault()
            .is_some()
        );
    }
}
