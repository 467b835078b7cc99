//! A state of moist air.

use super::TEMPERATURE_RANGE;
use super::saturation::{
    at_wet_bulb, enthalpy, humidity_ratio, humidity_ratio_at_wet_bulb, ln_saturation_pressure,
    saturated_humidity_ratio, saturation_pressure, specific_volume,
};
use num_dual::{Dual64, first_derivative};
use thiserror::Error;

/// Why no air has the given properties.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PsychrometricError {
    /// A temperature beyond −100 to 200 degC, or not a number.
    #[error("{what} of {temperature} K lies beyond -100 to 200 degC (173.15 to 473.15 K)")]
    Temperature {
        /// Which temperature.
        what: &'static str,
        /// Its value, K.
        temperature: f64,
    },
    /// Pressure must be positive and finite.
    #[error("a pressure of {0} Pa is not positive")]
    Pressure(f64),
    /// Relative humidity must lie between 0 and 1.
    #[error("a relative humidity of {0} does not lie between 0 and 1")]
    RelativeHumidity(f64),
    /// Humidity ratio must not be negative.
    #[error("a humidity ratio of {0} is negative or not a number")]
    HumidityRatio(f64),
    /// Wet bulb above dry bulb.
    #[error("a wet bulb of {wet_bulb} K exceeds the dry bulb of {dry_bulb} K")]
    WetBulbAboveDryBulb {
        /// Wet bulb, K.
        wet_bulb: f64,
        /// Dry bulb, K.
        dry_bulb: f64,
    },
    /// Even dry air has a higher wet bulb.
    #[error("a wet bulb of {wet_bulb} K is below that of dry air at {dry_bulb} K")]
    WetBulbTooLow {
        /// Wet bulb, K.
        wet_bulb: f64,
        /// Dry bulb, K.
        dry_bulb: f64,
    },
    /// Dew point above dry bulb.
    #[error("a dew point of {dew_point} K exceeds the dry bulb of {dry_bulb} K")]
    DewPointAboveDryBulb {
        /// Dew point, K.
        dew_point: f64,
        /// Dry bulb, K.
        dry_bulb: f64,
    },
    /// More vapour than saturated air holds.
    #[error("a humidity ratio of {humidity_ratio} exceeds {saturated} at saturation")]
    Supersaturated {
        /// Humidity ratio, kg/kg.
        humidity_ratio: f64,
        /// Humidity ratio of saturated air, kg/kg.
        saturated: f64,
    },
    /// The vapour alone would have more than the total pressure: the water would boil.
    #[error("vapour at {vapour_pressure} Pa leaves no room for air at {pressure} Pa")]
    Boiling {
        /// Vapour pressure, Pa.
        vapour_pressure: f64,
        /// Total pressure, Pa.
        pressure: f64,
    },
}

/// Moist air, from dry to saturated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoistAir {
    dry_bulb: f64,
    humidity_ratio: f64,
    pressure: f64,
}

impl MoistAir {
    /// Air at a dry bulb (K), a humidity ratio (kg per kg of dry air) and a station pressure (Pa).
    ///
    /// # Errors
    /// [`PsychrometricError`] where no air is so.
    pub fn from_humidity_ratio(
        dry_bulb: f64,
        humidity_ratio: f64,
        pressure: f64,
    ) -> Result<Self, PsychrometricError> {
        check(dry_bulb, pressure)?;
        if !(humidity_ratio >= 0.0 && humidity_ratio.is_finite()) {
            return Err(PsychrometricError::HumidityRatio(humidity_ratio));
        }
        let air = Self {
            dry_bulb,
            humidity_ratio,
            pressure,
        };
        let saturation = saturation_pressure(dry_bulb);
        // Rounding of a saturated state is let pass.
        if air.vapour_pressure() > saturation * (1.0 + 1e-9) {
            let saturated = saturated_humidity_ratio(dry_bulb, pressure);
            return Err(PsychrometricError::Supersaturated {
                humidity_ratio,
                saturated,
            });
        }
        Ok(air)
    }

    /// Air at a dry bulb (K), a relative humidity (0 to 1) and a station pressure (Pa).
    ///
    /// # Errors
    /// [`PsychrometricError`] where no air is so.
    pub fn from_relative_humidity(
        dry_bulb: f64,
        relative_humidity: f64,
        pressure: f64,
    ) -> Result<Self, PsychrometricError> {
        check(dry_bulb, pressure)?;
        if !(0.0..=1.0).contains(&relative_humidity) {
            return Err(PsychrometricError::RelativeHumidity(relative_humidity));
        }
        Self::from_vapour_pressure(
            dry_bulb,
            relative_humidity * saturation_pressure(dry_bulb),
            pressure,
        )
    }

    /// Air at a dry bulb (K), a thermodynamic wet bulb (K) and a station pressure (Pa).
    ///
    /// # Errors
    /// [`PsychrometricError`] where no air is so.
    pub fn from_wet_bulb(
        dry_bulb: f64,
        wet_bulb: f64,
        pressure: f64,
    ) -> Result<Self, PsychrometricError> {
        check(dry_bulb, pressure)?;
        check_temperature("wet bulb", wet_bulb)?;
        if wet_bulb > dry_bulb {
            return Err(PsychrometricError::WetBulbAboveDryBulb { wet_bulb, dry_bulb });
        }
        let vapour_pressure = saturation_pressure(wet_bulb);
        if vapour_pressure >= pressure {
            return Err(PsychrometricError::Boiling {
                vapour_pressure,
                pressure,
            });
        }
        let humidity_ratio = humidity_ratio_at_wet_bulb(dry_bulb, wet_bulb, pressure);
        if humidity_ratio < 0.0 {
            return Err(PsychrometricError::WetBulbTooLow { wet_bulb, dry_bulb });
        }
        Self::from_humidity_ratio(dry_bulb, humidity_ratio, pressure)
    }

    /// Air at a dry bulb (K), a dew point (K; frost point below 273.16 K) and a station pressure (Pa).
    ///
    /// # Errors
    /// [`PsychrometricError`] where no air is so.
    pub fn from_dew_point(
        dry_bulb: f64,
        dew_point: f64,
        pressure: f64,
    ) -> Result<Self, PsychrometricError> {
        check(dry_bulb, pressure)?;
        check_temperature("dew point", dew_point)?;
        if dew_point > dry_bulb {
            return Err(PsychrometricError::DewPointAboveDryBulb {
                dew_point,
                dry_bulb,
            });
        }
        Self::from_vapour_pressure(dry_bulb, saturation_pressure(dew_point), pressure)
    }

    fn from_vapour_pressure(
        dry_bulb: f64,
        vapour_pressure: f64,
        pressure: f64,
    ) -> Result<Self, PsychrometricError> {
        // Beyond 80 % the closed form goes on straight for the sake of solvers; such air is no weather.
        if vapour_pressure > 0.8 * pressure {
            return Err(PsychrometricError::Boiling {
                vapour_pressure,
                pressure,
            });
        }
        Ok(Self {
            dry_bulb,
            humidity_ratio: humidity_ratio(vapour_pressure, pressure),
            pressure,
        })
    }

    /// Dry-bulb temperature, K.
    pub const fn dry_bulb(&self) -> f64 {
        self.dry_bulb
    }

    /// Humidity ratio, kg of water per kg of dry air.
    pub const fn humidity_ratio(&self) -> f64 {
        self.humidity_ratio
    }

    /// Station pressure, Pa.
    pub const fn pressure(&self) -> f64 {
        self.pressure
    }

    /// Partial pressure of the vapour, Pa.
    pub fn vapour_pressure(&self) -> f64 {
        self.pressure * self.humidity_ratio / (0.621_945 + self.humidity_ratio)
    }

    /// Relative humidity, 0 to 1.
    pub fn relative_humidity(&self) -> f64 {
        self.vapour_pressure() / saturation_pressure(self.dry_bulb)
    }

    /// Enthalpy, J per kg of dry air; zero for dry air and liquid water at 0 degC.
    pub fn enthalpy(&self) -> f64 {
        enthalpy(self.dry_bulb, self.humidity_ratio)
    }

    /// Volume, m3 per kg of dry air.
    pub fn specific_volume(&self) -> f64 {
        specific_volume(self.dry_bulb, self.humidity_ratio, self.pressure)
    }

    /// Density of the moist air, kg/m3.
    pub fn density(&self) -> f64 {
        (1.0 + self.humidity_ratio) / self.specific_volume()
    }

    /// Heat capacity, J/K per kg of dry air: the derivative of the enthalpy with temperature.
    pub fn specific_heat(&self) -> f64 {
        1006.0 + 1860.0 * self.humidity_ratio
    }

    /// Thermodynamic wet-bulb temperature, K.
    ///
    /// Close to 0 degC a wick of water and one of ice can both be in balance; then the wet one is taken. In air
    /// colder than about −100 degC, the end of the range, that end is returned.
    pub fn wet_bulb(&self) -> f64 {
        let excess = |wet_bulb: Dual64, ice: bool| {
            let constant = Dual64::from;
            at_wet_bulb(
                constant(self.dry_bulb),
                wet_bulb,
                constant(self.pressure),
                ice,
            ) - self.humidity_ratio
        };
        let freezing = 273.15;
        let wet = self.dry_bulb >= freezing && excess(Dual64::from(freezing), false).re <= 0.0;
        let bracket = if wet {
            (freezing, self.dry_bulb)
        } else {
            (TEMPERATURE_RANGE.min, self.dry_bulb.min(freezing))
        };
        root(|t| excess(t, !wet), bracket)
    }

    /// Dew point, K (frost point below 273.16 K); none for air so dry that it lies below −100 degC.
    pub fn dew_point(&self) -> Option<f64> {
        let vapour_pressure = self.vapour_pressure();
        if vapour_pressure < saturation_pressure(TEMPERATURE_RANGE.min) {
            return None;
        }
        let target = vapour_pressure.ln();
        let excess = |t: Dual64| ln_saturation_pressure(t) - target;
        Some(root(excess, (TEMPERATURE_RANGE.min, self.dry_bulb)))
    }
}

/// The root of a rising function in a bracket by Newton's method, halving where a step would leave the bracket;
/// an end of the bracket where the function does not change sign.
fn root(function: impl Fn(Dual64) -> Dual64, (mut low, mut high): (f64, f64)) -> f64 {
    let mut at = high;
    for _ in 0..100 {
        let (value, slope) = first_derivative(&function, at);
        if value > 0.0 {
            high = at;
        } else {
            low = at;
        }
        let newton = at - value / slope;
        let next = if newton >= low && newton <= high {
            newton
        } else {
            0.5 * (low + high)
        };
        let step = (next - at).abs();
        at = next;
        // Newton's last step was quadratic: what remains is below rounding.
        if step < 1e-10 {
            break;
        }
    }
    at
}

fn check(dry_bulb: f64, pressure: f64) -> Result<(), PsychrometricError> {
    check_temperature("dry bulb", dry_bulb)?;
    if pressure > 0.0 && pressure.is_finite() {
        Ok(())
    } else {
        Err(PsychrometricError::Pressure(pressure))
    }
}

fn check_temperature(what: &'static str, temperature: f64) -> Result<(), PsychrometricError> {
    if TEMPERATURE_RANGE.contains(temperature) {
        Ok(())
    } else {
        Err(PsychrometricError::Temperature { what, temperature })
    }
}
