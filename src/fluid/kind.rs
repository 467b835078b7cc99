//! The liquids, their strength, and what cannot be made of them.

use thiserror::Error;

/// Density of water at 20 degC, kg/m3 (Kell 1975), for volume fractions.
const WATER_DENSITY_20_C: f64 = 998.2;

/// Which liquid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FluidKind {
    /// Pure water.
    Water,
    /// Propylene glycol in water.
    PropyleneGlycol,
    /// Ethylene glycol in water.
    EthyleneGlycol,
    /// Properties that do not change with temperature, as textbooks assume.
    Constant,
}

impl FluidKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Water,
        Self::PropyleneGlycol,
        Self::EthyleneGlycol,
        Self::Constant,
    ];

    /// The kind in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::PropyleneGlycol => "propylene glycol",
            Self::EthyleneGlycol => "ethylene glycol",
            Self::Constant => "constant properties",
        }
    }

    /// Density of the pure glycol at 20 degC, kg/m3 (CRC Handbook of Chemistry and Physics); none for the others.
    const fn solute_density(self) -> Option<f64> {
        match self {
            Self::PropyleneGlycol => Some(1036.1),
            Self::EthyleneGlycol => Some(1113.5),
            Self::Water | Self::Constant => None,
        }
    }

    /// The mass fraction of glycol in a mixture that was made from this volume fraction of glycol, both measured at
    /// 20 degC before mixing; zero for a liquid without glycol.
    pub fn mass_fraction(self, volume_fraction: f64) -> f64 {
        self.solute_density().map_or(0.0, |density| {
            let glycol = volume_fraction * density;
            glycol / (glycol + (1.0 - volume_fraction) * WATER_DENSITY_20_C)
        })
    }

    /// The volume fraction of glycol, measured at 20 degC before mixing, that gives this mass fraction; zero for a
    /// liquid without glycol.
    pub fn volume_fraction(self, mass_fraction: f64) -> f64 {
        self.solute_density().map_or(0.0, |density| {
            let glycol = mass_fraction / density;
            glycol / (glycol + (1.0 - mass_fraction) / WATER_DENSITY_20_C)
        })
    }
}

/// Why a fluid could not be made.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FluidError {
    /// The strength lies outside the correlation.
    #[error("{} takes a mass fraction of glycol from 0 to {max}, not {mass_fraction}", .kind.name())]
    MassFraction {
        /// The liquid.
        kind: FluidKind,
        /// The mass fraction asked for.
        mass_fraction: f64,
        /// The greatest that is covered.
        max: f64,
    },
    /// A constant fluid is made by [`Fluid::constant`](super::Fluid::constant).
    #[error(
        "a fluid of constant properties needs its density, specific heat, viscosity and conductivity"
    )]
    NeedsProperties,
    /// A property must be positive and finite.
    #[error("{property} must be positive and finite, not {value}")]
    NotPositive {
        /// Which property.
        property: &'static str,
        /// Its value.
        value: f64,
    },
}
