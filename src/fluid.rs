//! Liquids: density, specific heat, enthalpy, viscosity and conductivity against temperature.
//!
//! A [`Fluid`] is a liquid at a given strength. Each property is one polynomial in `τ = T − T_ref` (T in K), fixed when
//! the fluid is made, so that a solver pays a few multiplications and, for viscosity, one exponential:
//!
//! | Symbol | Property | Unit | Form |
//! |---|---|---|---|
//! | ρ | density | kg/m3 | `Σ a_i τ^i` |
//! | cp | specific heat | J/(kg K) | `Σ b_i τ^i` |
//! | h | specific enthalpy | J/kg | ∫ cp dT from 273.15 K: exactly consistent with cp |
//! | µ | dynamic viscosity | Pa s | `exp(Σ m_i τ^i)` |
//! | k | thermal conductivity | W/(m K) | `Σ k_i τ^i` |
//!
//! **Range.** Water 0 to 100 degC; glycol solutions from their freezing point to 100 degC, up to 60 % by mass.
//! [`Fluid::contains`] tells whether a temperature lies inside; a caller outside must warn. There the properties go
//! on with continuous slope, which fades to zero within 50 K, so that iterates of a solver never meet a negative
//! density, an overflow or a kink; h goes on as the exact integral of that cp.
//!
//! **Assumptions.** The liquid is incompressible: properties are those at about 1 bar, and h leaves out the
//! pressure term v·Δp (100 J/kg or 0.024 K per 100 kPa of water). Glycol solutions are without the inhibitors of
//! commercial coolants, which raise the density by about 1 %.
//!
//! **Sources.** Water: `fluid/water.rs`. Glycols: `fluid/melinder.rs`.

mod kind;
mod melinder;
mod property;
mod slopes;
mod water;

pub use kind::{FluidError, FluidKind};

use crate::curve::{Validity, horner};
use num_dual::DualNum;
use property::Continued;

/// Number of coefficients of each property; h has one more.
pub const COEFFICIENTS: usize = 5;

/// Temperature of zero enthalpy, K.
pub const ENTHALPY_ZERO: f64 = 273.15;

/// Coefficients in rising powers of T − `reference_temperature`, for kernels that inline them. They hold within
/// [`Fluid::valid_range`] alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients {
    /// `T_ref`, K.
    pub reference_temperature: f64,
    /// Density, kg/m3.
    pub density: [f64; COEFFICIENTS],
    /// Specific heat, J/(kg K).
    pub specific_heat: [f64; COEFFICIENTS],
    /// Specific enthalpy, J/kg: the integral of the specific heat, zero at [`ENTHALPY_ZERO`].
    pub enthalpy: [f64; COEFFICIENTS + 1],
    /// Natural logarithm of the dynamic viscosity in Pa s.
    pub ln_viscosity: [f64; COEFFICIENTS],
    /// Thermal conductivity, W/(m K).
    pub conductivity: [f64; COEFFICIENTS],
}

/// A property and its slope with temperature.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WithSlope {
    /// The property.
    pub value: f64,
    /// Its derivative with temperature, per K.
    pub slope: f64,
}

/// All properties at one temperature, with slopes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Properties {
    /// Density, kg/m3.
    pub density: WithSlope,
    /// Specific heat, J/(kg K).
    pub specific_heat: WithSlope,
    /// Specific enthalpy, J/kg; its slope is the specific heat.
    pub enthalpy: WithSlope,
    /// Dynamic viscosity, Pa s.
    pub viscosity: WithSlope,
    /// Thermal conductivity, W/(m K).
    pub conductivity: WithSlope,
}

/// A liquid at a given strength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fluid {
    kind: FluidKind,
    mass_fraction: f64,
    range: Validity,
    coefficients: Coefficients,
}

impl Fluid {
    /// A liquid with this mass fraction of glycol, from 0 to 1; 0 for water.
    ///
    /// # Errors
    /// [`FluidError::MassFraction`] outside the correlations (0 to 0.6 for glycols), [`FluidError::NeedsProperties`]
    /// for [`FluidKind::Constant`].
    pub fn new(kind: FluidKind, mass_fraction: f64) -> Result<Self, FluidError> {
        let solution = match kind {
            FluidKind::Constant => return Err(FluidError::NeedsProperties),
            FluidKind::Water => None,
            FluidKind::PropyleneGlycol => Some(&melinder::PROPYLENE_GLYCOL),
            FluidKind::EthyleneGlycol => Some(&melinder::ETHYLENE_GLYCOL),
        };
        let max = if solution.is_some() {
            melinder::MAX_MASS_FRACTION
        } else {
            0.0
        };
        if !(0.0..=max).contains(&mass_fraction) {
            return Err(FluidError::MassFraction {
                kind,
                mass_fraction,
                max,
            });
        }
        let (range, coefficients) = solution
            .map_or((water::RANGE, water::coefficients()), |table| {
                table.at_strength(mass_fraction)
            });
        Ok(Self {
            kind,
            mass_fraction,
            range,
            coefficients,
        })
    }

    /// Pure water.
    pub fn water() -> Self {
        Self {
            kind: FluidKind::Water,
            mass_fraction: 0.0,
            range: water::RANGE,
            coefficients: water::coefficients(),
        }
    }

    /// A liquid mixed from this volume fraction of glycol at 20 degC, as coolants are sold ("PG25" is 0.25).
    ///
    /// # Errors
    /// As [`Fluid::new`].
    pub fn from_volume_fraction(kind: FluidKind, volume_fraction: f64) -> Result<Self, FluidError> {
        if matches!(kind, FluidKind::Water) {
            return Self::new(kind, volume_fraction);
        }
        Self::new(kind, kind.mass_fraction(volume_fraction))
    }

    /// A liquid whose density (kg/m3), specific heat (J/(kg K)), dynamic viscosity (Pa s) and thermal conductivity
    /// (W/(m K)) do not change; valid at any temperature.
    ///
    /// # Errors
    /// [`FluidError::NotPositive`].
    pub fn constant(
        density: f64,
        specific_heat: f64,
        viscosity: f64,
        conductivity: f64,
    ) -> Result<Self, FluidError> {
        for (property, value) in [
            ("density", density),
            ("specific heat", specific_heat),
            ("viscosity", viscosity),
            ("conductivity", conductivity),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(FluidError::NotPositive { property, value });
            }
        }
        let only = |value: f64| [value, 0.0, 0.0, 0.0, 0.0];
        Ok(Self {
            kind: FluidKind::Constant,
            mass_fraction: 0.0,
            range: Validity::UNLIMITED,
            coefficients: Coefficients::new(
                ENTHALPY_ZERO,
                only(density),
                only(specific_heat),
                only(viscosity.ln()),
                only(conductivity),
            ),
        })
    }

    /// Which liquid.
    pub const fn kind(&self) -> FluidKind {
        self.kind
    }

    /// Mass fraction of glycol.
    pub const fn mass_fraction(&self) -> f64 {
        self.mass_fraction
    }

    /// Temperatures, K, in which the correlations hold; without limits for a constant fluid.
    pub const fn valid_range(&self) -> Validity {
        self.range
    }

    /// Whether the correlations hold at this temperature (K).
    pub fn contains(&self, temperature: f64) -> bool {
        self.range.contains(temperature)
    }

    /// Temperature at which ice begins to form, K; none for a constant fluid.
    pub fn freezing_temperature(&self) -> Option<f64> {
        (self.kind != FluidKind::Constant).then_some(self.range.min)
    }

    /// The polynomials, for kernels that inline them.
    pub const fn coefficients(&self) -> &Coefficients {
        &self.coefficients
    }

    /// Density, kg/m3, at a temperature in K.
    pub fn density<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> S {
        self.continued(temperature)
            .value(&self.coefficients.density)
    }

    /// Specific heat at constant pressure, J/(kg K), at a temperature in K.
    pub fn specific_heat<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> S {
        self.continued(temperature)
            .value(&self.coefficients.specific_heat)
    }

    /// Specific enthalpy, J/kg, above that at [`ENTHALPY_ZERO`], at a temperature in K.
    pub fn enthalpy<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> S {
        self.continued(temperature).integral(
            &self.coefficients.enthalpy,
            &self.coefficients.specific_heat,
        )
    }

    /// Natural logarithm of the dynamic viscosity in Pa s, at a temperature in K.
    pub fn ln_viscosity<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> S {
        self.continued(temperature)
            .value(&self.coefficients.ln_viscosity)
    }

    /// Dynamic viscosity, Pa s, at a temperature in K.
    pub fn viscosity<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> S {
        self.ln_viscosity(temperature).exp()
    }

    /// Thermal conductivity, W/(m K), at a temperature in K.
    pub fn conductivity<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> S {
        self.continued(temperature)
            .value(&self.coefficients.conductivity)
    }

    /// All properties and their slopes at a temperature in K, without dual numbers.
    pub fn props_with_slopes(&self, temperature: f64) -> Properties {
        let c = &self.coefficients;
        let at = self.continued(temperature);
        let (ln_viscosity, ln_slope) = at.value_and_slope(&c.ln_viscosity);
        let viscosity = ln_viscosity.exp();
        let with_slope = |coefficients: &[f64; COEFFICIENTS]| {
            let (value, slope) = at.value_and_slope(coefficients);
            WithSlope { value, slope }
        };
        let specific_heat = with_slope(&c.specific_heat);
        Properties {
            density: with_slope(&c.density),
            specific_heat,
            enthalpy: WithSlope {
                value: at.integral(&c.enthalpy, &c.specific_heat),
                slope: specific_heat.value,
            },
            viscosity: WithSlope {
                value: viscosity,
                slope: viscosity * ln_slope,
            },
            conductivity: with_slope(&c.conductivity),
        }
    }

    fn continued<S: DualNum<Primitive = f64> + Copy>(&self, temperature: S) -> Continued<S> {
        Continued::new(
            temperature,
            self.coefficients.reference_temperature,
            self.range,
        )
    }
}

impl Coefficients {
    /// Completes the polynomials by the enthalpy, the integral of the specific heat.
    fn new(
        reference_temperature: f64,
        density: [f64; COEFFICIENTS],
        specific_heat: [f64; COEFFICIENTS],
        ln_viscosity: [f64; COEFFICIENTS],
        conductivity: [f64; COEFFICIENTS],
    ) -> Self {
        let mut enthalpy = [0.0; COEFFICIENTS + 1];
        for (power, value) in specific_heat.iter().enumerate() {
            enthalpy[power + 1] = value / (power + 1) as f64;
        }
        enthalpy[0] = -horner(&enthalpy, ENTHALPY_ZERO - reference_temperature);
        Self {
            reference_temperature,
            density,
            specific_heat,
            enthalpy,
            ln_viscosity,
            conductivity,
        }
    }
}

#[cfg(test)]
mod tests;
