//! The tower as EnergyPlus 25.2 runs it, for comparison with that program.
//!
//! - Fan power is that of the rating whatever the density of the air: P = P₀·r³.
//! - York, CoolTools: the unknown is the share of what lies between stopped fan and full speed, and the fan's speed
//!   follows from the leaving water. Between stopped fan and least speed r_min the fan runs at r_min for a share c of the
//!   time and the leaving waters are averaged, T = c·T(r_min) + (1 − c)·T_off; with the fan stopped the tower does a fixed
//!   share φ_n of what it does at full speed, T_off = T_in − φ_n·(T_in − T(1)). Where EnergyPlus finds no range within the
//!   fit (close to the wet bulb the approach at r_min can exceed what there is) it takes the largest of the fit, so
//!   that the fan hardly runs; this is copied.
//! - Below the least speed, Merkel: the fan stays at r_min and the water leaves colder than asked. (Its state
//!   with the fan off, which needs a second rating, is left out.)
//! - Merkel: UA over the specific heat of the entering moist air is what the rating fixes, so that A rises where the
//!   air is drier than rated.
//! - The air enters with the enthalpy of saturation at its wet bulb and leaves with Q more; the water that evaporates
//!   takes no enthalpy along, and is the air flow (as dry air) times the difference of *specific* humidities, a few
//!   per cent less than what the states of the air say.
//! - York, CoolTools: the ratio of water flow is one of volumes at the entering temperature; it and the wet bulb are held
//!   within the fitted range.
//!
//! Source: EnergyPlus Engineering Reference, `Variable Speed Cooling Towers`, and comparison with the program.

use super::super::fan_stage::FanStage;
use super::{cooltools, york};
use crate::curve::Validity;
use crate::spec::Scalar;

/// Transfer coefficient A over that in the rated air.
pub fn transfer(rated_humidity: f64, humidity: f64) -> f64 {
    (1006.0 + 1860.0 * rated_humidity) / (1006.0 + 1860.0 * humidity)
}

/// Water taken up by a kilogram of dry air.
pub fn evaporation<S: Scalar>(leaving: S, entering: f64) -> S {
    leaving / (leaving + 1.0) - entering / (1.0 + entering)
}

/// Which correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correlation {
    /// York's, of the ratio of water to air.
    York,
    /// `CoolTools`'.
    CoolTools,
}

impl Correlation {
    /// Fitted wet bulbs, K, ratios of water flow, and the largest range, K.
    const fn fit(self) -> (Validity, Validity, f64) {
        match self {
            Self::York => (york::WET_BULB, york::WATER_FLOW, york::RANGE.max),
            Self::CoolTools => (cooltools::WET_BULB, cooltools::WATER_FLOW, cooltools::RANGE.max),
        }
    }

    fn approach<S: Scalar>(self, wet_bulb: f64, range: S, water: S, air: S) -> S {
        match self {
            Self::York => york::approach(wet_bulb, range, water / air),
            Self::CoolTools => cooltools::fitted(air, water, wet_bulb, range),
        }
    }
}

/// The root of a function between two bounds: halving, then one step of Newton's method with the scalar, which carries the
/// derivatives over. `None` where the signs at the bounds are the same.
fn root<S: Scalar>(bounds: (f64, f64), function: impl Fn(S) -> S) -> Option<S> {
    let value = |x: f64| function(S::from(x)).re();
    let (mut low, mut high) = bounds;
    let rises = value(high) > value(low);
    if (value(low) > 0.0) == (value(high) > 0.0) {
        return None;
    }
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if (value(middle) > 0.0) == rises {
            high = middle;
        } else {
            low = middle;
        }
    }
    let (at, step) = (0.5 * (low + high), 1e-5 * (bounds.1 - bounds.0));
    let slope = (value(at + step) - value(at - step)) / (2.0 * step);
    Some(-(function(S::from(at)) / slope) + at)
}

/// A tower by a correlation at a wet bulb and a water temperature in K, and a calibrated ratio of water flow.
pub struct Copied<S> {
    correlation: Correlation,
    fan: FanStage,
    wet_bulb: f64,
    inlet: S,
    water: S,
    /// Leaving water with the fan stopped, K.
    off: S,
    /// At the least speed.
    slow: S,
    /// At full speed.
    full: S,
}

impl<S: Scalar> Copied<S> {
    /// Holds wet bulb and water flow within the fit, as the program does.
    pub fn new(correlation: Correlation, fan: FanStage, wet_bulb: f64, inlet: S, water: S) -> Self {
        let (bulbs, flows, largest) = correlation.fit();
        let wet_bulb = wet_bulb.clamp(bulbs.min, bulbs.max);
        let held = water.re().clamp(flows.min, flows.max);
        let water = if held.total_cmp(&water.re()).is_eq() { water } else { S::from(held) };
        let leaving = |air: f64, least: f64| {
            let excess = |range: S| {
                let approach = correlation.approach(wet_bulb, range, water, S::from(air));
                approach + range + wet_bulb - inlet
            };
            inlet - root((least, largest), excess).unwrap_or_else(|| S::from(largest))
        };
        // Below zero a range has no meaning, but a solver under way may pass there.
        let full = leaving(1.0, -30.0);
        Self {
            correlation,
            fan,
            wet_bulb,
            inlet,
            water,
            off: inlet - (inlet - full) * fan.natural,
            slow: leaving(fan.minimum, 1e-3),
            full,
        }
    }

    /// Leaving water where the tower does this share of what lies between stopped fan and full speed.
    pub fn leaving(&self, share: S) -> S {
        self.off + (self.full - self.off) * share
    }

    /// Mean air flow and fan power over those at full speed, where the tower does this share.
    pub fn fan(&self, share: S) -> (S, S) {
        let fan = self.fan;
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
        let excess = |air: S| {
            let range = self.inlet - leaving;
            self.correlation.approach(self.wet_bulb, range, self.water, air) + self.wet_bulb - leaving
        };
        let air = root((fan.minimum, 1.0), excess).unwrap_or_else(|| S::from(fan.minimum));
        (air, air.powi(3))
    }
}
