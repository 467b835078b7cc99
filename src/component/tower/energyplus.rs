//! The tower as EnergyPlus 25.2 runs it, for comparison with that program.
//!
//! - Fan power is that of the rating whatever the density of the air: P = P₀·r³.
//! - York: the unknown is the share of what lies between stopped fan and full speed, and the fan's speed follows from
//!   the leaving water. Between stopped fan and least speed r_min the fan runs at r_min for a share c of the time and the
//!   leaving waters are averaged, T = c·T(r_min) + (1 − c)·T_off; with the fan stopped the tower does a fixed share φ_n
//!   of what it does at full speed, T_off = T_in − φ_n·(T_in − T(1)). Where the correlation has no range at r_min (close
//!   to the wet bulb, its approach exceeds what there is) EnergyPlus takes the largest range of the fit, so that the fan
//!   hardly runs; this is copied.
//! - Below the least speed, Merkel: the fan stays at r_min and the water leaves colder than asked. (Its state
//!   with the fan off, which needs a second rating, is left out.)
//! - Merkel: UA over the specific heat of the entering moist air is what the rating fixes, so that A rises where the
//!   air is drier than rated.
//! - The air enters with the enthalpy of saturation at its wet bulb and leaves with Q more; the water that evaporates
//!   takes no enthalpy along, and is the air flow (as dry air) times the difference of *specific* humidities, a few
//!   per cent less than what the states of the air say.
//! - York: the ratio of water flow is one of volumes at the entering temperature; it and the wet bulb are held
//!   within the fitted range.
//!
//! Source: EnergyPlus Engineering Reference, `Variable Speed Cooling Towers`, and comparison with the program.

use super::super::fan_stage::FanStage;
use super::york::{self, WATER_FLOW, WET_BULB};
use crate::spec::Scalar;

/// Transfer coefficient A over that in the rated air.
pub fn transfer(rated_humidity: f64, humidity: f64) -> f64 {
    (1006.0 + 1860.0 * rated_humidity) / (1006.0 + 1860.0 * humidity)
}

/// Water taken up by a kilogram of dry air.
pub fn evaporation<S: Scalar>(leaving: S, entering: f64) -> S {
    leaving / (leaving + 1.0) - entering / (1.0 + entering)
}

/// Leaving waters of a York tower, K.
pub struct York<S> {
    /// With the fan stopped.
    off: S,
    /// At the least speed.
    slow: S,
    /// At full speed.
    full: S,
}

impl<S: Scalar> York<S> {
    /// At a wet bulb and a water temperature in K, and a calibrated ratio of water flow.
    pub fn new(fan: FanStage, wet_bulb: f64, inlet: S, water: S) -> Self {
        let full = york::leaving(wet_bulb, inlet, water);
        let slow = york::leaving(wet_bulb, inlet, water / fan.minimum);
        let fails = slow.re() >= inlet.re();
        Self {
            off: inlet - (inlet - full) * fan.natural,
            slow: if fails { inlet - (york::RANGE.max) } else { slow },
            full,
        }
    }

    /// Leaving water where the tower does this share of what lies between stopped fan and full speed.
    pub fn leaving(&self, share: S) -> S {
        self.off + (self.full - self.off) * share
    }

    /// Mean air flow and fan power over those at full speed, where the tower does this share.
    pub fn fan(&self, fan: FanStage, wet_bulb: f64, inlet: S, water: S, share: S) -> (S, S) {
        // At full speed and short of the set-point, whatever the least speed is held to do.
        if share.re() >= 1.0 {
            return (S::from(1.0), S::from(1.0));
        }
        let leaving = self.leaving(share);
        if leaving.re() > self.slow.re() {
            let running = (self.off - leaving) / (self.off - self.slow);
            let air = running * (fan.minimum - fan.natural) + fan.natural;
            return (air, running * fan.minimum.powi(3));
        }
        let ratio = york::ratio(wet_bulb, inlet - leaving, leaving - wet_bulb);
        let air = water / ratio;
        (air, air.powi(3))
    }
}

/// Wet bulb and ratio of water flow held within the fit.
pub fn within_fit<S: Scalar>(wet_bulb: f64, water: S) -> (f64, S) {
    let held = water.re().clamp(WATER_FLOW.min, WATER_FLOW.max);
    let water = if held.total_cmp(&water.re()).is_eq() { water } else { S::from(held) };
    (wet_bulb.clamp(WET_BULB.min, WET_BULB.max), water)
}
