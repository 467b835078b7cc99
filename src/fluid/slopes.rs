//! Properties with their slopes, one by one, for the hand-written kernel.

use super::Fluid;

/// Enthalpy and specific heat at one temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thermal {
    /// Specific enthalpy, J/kg.
    pub enthalpy: f64,
    /// Specific heat, J/(kg K): the enthalpy's slope.
    pub specific_heat: f64,
}

impl Fluid {
    /// Specific enthalpy and specific heat at a temperature in K.
    #[inline]
    pub fn thermal_with_slopes(&self, temperature: f64) -> Thermal {
        let c = self.coefficients();
        let at = self.continued(temperature);
        Thermal {
            enthalpy: at.integral(&c.enthalpy, &c.specific_heat),
            specific_heat: at.value(&c.specific_heat),
        }
    }

    /// Natural logarithm of the dynamic viscosity in Pa s and its slope, at a temperature in K.
    #[inline]
    pub fn ln_viscosity_with_slope(&self, temperature: f64) -> (f64, f64) {
        self.continued(temperature)
            .value_and_slope(&self.coefficients().ln_viscosity)
    }
}
