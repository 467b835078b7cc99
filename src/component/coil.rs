//! A finned coil between a liquid and air: conductance from a rating, following both flows.
//!
//! # Equations
//! 1/UA = 1/(a_w·(ṁ_w/ṁ_w,0)^m) + 1/(a_a·(ṁ_a/ṁ_a,0)^n), m = 0.85, n = 0.8; crossflow with both streams
//! unmixed gives ε·C_min (`heat_exchange`); UA₀ is what gives the rated heat. The films share UA₀ as
//! ρ = a_a/a_w: a_w = UA₀·(1 + ρ)/ρ, a_a = ρ·a_w.
//!
//! # Symbols and units
//! UA, a [W/K]; ṁ [kg/s], air as dry air; index 0 rating.
//!
//! # Neglected
//! Wet coils (condensation), change of the films with temperature, frost.
//!
//! # Source
//! Exponents and default ρ = 0.5: LBNL Modelica Buildings, dry cooler. Dry-coil ε-NTU: ASHRAE
//! *Handbook - HVAC Systems and Equipment*, air-cooling coils.

use super::heat_exchange::{crossflow, crossflow_conductance, flow_size};
use crate::spec::Scalar;

/// Specific heat of dry air in the psychrometric equations, J/(kg K).
pub const AIR_SPECIFIC_HEAT: f64 = 1006.0;
/// Gas constant of dry air, J/(kg K).
const AIR_GAS_CONSTANT: f64 = 287.042;

const WATER_EXPONENT: f64 = 0.85;
const AIR_EXPONENT: f64 = 0.8;

/// Density of dry air at a temperature in K and a station pressure in Pa, kg/m³.
pub fn air_density<S: Scalar>(temperature: S, pressure: f64) -> S {
    temperature.recip() * (pressure / AIR_GAS_CONSTANT)
}

/// What a coil does at its rating.
#[derive(Debug, Clone, Copy)]
pub struct CoilRating {
    /// Heat, W.
    pub heat: f64,
    /// Difference of the entering temperatures, K.
    pub difference: f64,
    /// Liquid flow, kg/s.
    pub water: f64,
    /// Specific heat of the liquid, J/(kg K).
    pub water_specific_heat: f64,
    /// Air flow, kg/s.
    pub air: f64,
    /// Specific heat of the air, J/(kg K).
    pub air_specific_heat: f64,
    /// Air film over liquid film, ρ.
    pub film_ratio: f64,
}

/// A coil.
#[derive(Debug, Clone, Copy)]
pub struct Coil {
    water_film: f64,
    air_film: f64,
    water: f64,
    air: f64,
}

impl Coil {
    /// The coil of this rating; `None` where no conductance gives it.
    pub fn rated(rating: &CoilRating) -> Option<Self> {
        let (liquid, air) = (
            rating.water * rating.water_specific_heat,
            rating.air * rating.air_specific_heat,
        );
        let possible = rating.difference > 0.0 && liquid > 0.0 && air > 0.0;
        if !possible {
            return None;
        }
        let conductance = crossflow_conductance(rating.heat / rating.difference, liquid, air)?;
        let water_film = conductance * (1.0 + rating.film_ratio) / rating.film_ratio;
        Some(Self {
            water_film,
            air_film: rating.film_ratio * water_film,
            water: rating.water,
            air: rating.air,
        })
    }

    /// Conductance at the rated flows, W/K.
    pub fn rated_conductance(&self) -> f64 {
        self.water_film * self.air_film / (self.water_film + self.air_film)
    }

    /// Heat for a kelvin between the entering temperatures, W/K; zero without flow of the liquid.
    pub fn heat_per_kelvin<S: Scalar>(
        &self,
        water: S,
        water_specific_heat: S,
        air: S,
        air_specific_heat: f64,
    ) -> S {
        let size = flow_size(water, self.water);
        let air = flow_size(air, self.air);
        let inside = (size / self.water).powf(WATER_EXPONENT) * self.water_film;
        let outside = (air / self.air).powf(AIR_EXPONENT) * self.air_film;
        let conductance = inside * outside / (inside + outside);
        let vanishing = water * water / (size * size);
        crossflow(
            conductance,
            size * water_specific_heat,
            air * air_specific_heat,
        ) * vanishing
    }
}

#[cfg(test)]
mod tests {
    use super::{Coil, CoilRating};

    const RATING: CoilRating = CoilRating {
        heat: 1e5,
        difference: 20.0,
        water: 3.0,
        water_specific_heat: 4180.0,
        air: 9.0,
        air_specific_heat: 1006.0,
        film_ratio: 0.5,
    };

    #[test]
    fn gives_its_rating_and_nothing_without_flow() {
        let coil = Coil::rated(&RATING).unwrap_or_else(|| unreachable!());
        let at = |water: f64, air: f64| coil.heat_per_kelvin(water, 4180.0, air, 1006.0);
        assert!((at(3.0, 9.0) - 5e3).abs() < 1e-8);
        assert_eq!(at(0.0, 9.0), 0.0);
        assert!(at(3.0, 0.0) < 0.1);
        // Less air, less heat, but more for each kilogram of it.
        assert!(at(3.0, 4.5) < 5e3 && at(3.0, 4.5) > 2.5e3);
        assert_eq!(at(-3.0, 9.0), at(3.0, 9.0));
    }

    #[test]
    fn refuses_what_no_coil_does() {
        assert!(
            Coil::rated(&CoilRating {
                heat: 2e5,
                ..RATING
            })
            .is_none()
        );
        assert!(
            Coil::rated(&CoilRating {
                difference: -1.0,
                ..RATING
            })
            .is_none()
        );
    }
}
