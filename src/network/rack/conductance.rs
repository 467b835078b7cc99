//! Conductance of a plate: its law against flow, and how it follows the fluid.

use super::DesignError;
use crate::component::cold_plate;
use crate::curve::{Extrapolation, Pchip};
use crate::fluid::{Fluid, FluidKind};
use crate::spec::Scalar;

/// Conductance law of a plate, in its reference fluid where it names one.
#[derive(Debug, Clone, PartialEq)]
pub enum Conductance {
    /// UA against volume flow, from measured resistances.
    Measured(Pchip),
    /// UA₀·(ṁ/ṁ₀)^n.
    Power {
        /// UA₀, W/K.
        nominal: f64,
        /// ṁ₀, kg/s.
        flow: f64,
        /// n.
        exponent: f64,
    },
}

/// How the convective part of a conductance follows the fluid: s = Π (property/reference)^exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Exponent of the thermal conductivity, 1 − n.
    pub conductivity: f64,
    /// Exponent of the density: m where the law goes by volume flow, 0 by mass flow.
    pub density: f64,
    /// Exponent of the specific heat, n.
    pub specific_heat: f64,
    /// Exponent of the dynamic viscosity, n − m.
    pub viscosity: f64,
    /// Logarithm of the product for the reference fluid.
    pub ln_reference: f64,
    /// Part of the resistance that the fluid does not touch, K/W.
    pub solid_resistance: f64,
}

impl Similarity {
    /// Logarithm of s at a temperature in K.
    pub fn ln_factor<S: Scalar>(&self, fluid: &Fluid, temperature: S) -> S {
        self.ln_product(fluid, temperature) - self.ln_reference
    }

    /// Conductance in this fluid, given that in the reference fluid (W/K) and s.
    pub fn conductance<S: Scalar>(&self, reference: S, factor: S) -> S {
        factor * reference / (reference * (factor - 1.0) * self.solid_resistance + 1.0)
    }

    fn ln_product<S: Scalar>(&self, fluid: &Fluid, temperature: S) -> S {
        fluid.conductivity(temperature).ln() * self.conductivity
            + fluid.density(temperature).ln() * self.density
            + fluid.specific_heat(temperature).ln() * self.specific_heat
            + fluid.ln_viscosity(temperature) * self.viscosity
    }
}

/// What a plate's parameters say of its conductance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) law: Conductance,
    /// First and last measured volume flow, m³/s.
    pub(super) flow_range: Option<(f64, f64)>,
    pub(super) similarity: Option<Similarity>,
}

/// Reads the law of a plate in a loop's `fluid`, `temperature` (K) being the loop's design supply.
pub(super) fn conductance(
    part: &str,
    p: &cold_plate::Parameters<f64>,
    tables: &[Pchip],
    fluid: &Fluid,
    temperature: f64,
) -> Result<Found, DesignError> {
    let reference = reference_fluid(p);
    let similarity = reference.map(|reference| {
        let (m, n) = (p.reynolds_exponent, p.prandtl_exponent);
        let mut law = Similarity {
            conductivity: 1.0 - n,
            density: if p.resistance.is_some() { m } else { 0.0 },
            specific_heat: n,
            viscosity: n - m,
            ln_reference: 0.0,
            solid_resistance: p.solid_resistance,
        };
        law.ln_reference = law.ln_product(&reference, p.reference_temperature);
        law
    });
    let Some(index) = p.resistance else {
        let nominal = p
            .conductance
            .ok_or_else(|| DesignError::NoConductance(part.to_owned()))?;
        if p.solid_resistance > 0.0 {
            return Err(DesignError::SolidWithoutPoints(part.to_owned()));
        }
        return Ok(Found {
            law: Conductance::Power {
                nominal,
                flow: p.conductance_flow,
                exponent: p.conductance_exponent,
            },
            flow_range: None,
            similarity,
        });
    };
    let points = &tables[index];
    let capacity_per_flow = match reference {
        Some(reference) => {
            reference.density(p.reference_temperature)
                * reference.specific_heat(p.reference_temperature)
        }
        None => p.reference_density * fluid.specific_heat(temperature),
    };
    let (mut flows, mut ua) = (Vec::new(), Vec::new());
    for (flow, resistance) in points.points() {
        let capacity = capacity_per_flow * flow;
        // Counted from the coolant's mean, half of its own rise is missing.
        let resistance = match p.resistance_reference {
            1 => resistance + 0.5 / capacity,
            _ => resistance,
        };
        let effectiveness = 1.0 / (resistance * capacity);
        if effectiveness >= 1.0 {
            return Err(DesignError::Impossible {
                part: part.to_owned(),
                resistance,
                flow,
                floor: 1.0 / capacity,
            });
        }
        let whole = -capacity * (-effectiveness).ln_1p();
        if p.solid_resistance * whole >= 1.0 {
            return Err(DesignError::AllSolid {
                part: part.to_owned(),
                solid: p.solid_resistance,
                flow,
                whole: 1.0 / whole,
            });
        }
        flows.push(flow);
        ua.push(whole);
    }
    let table = Pchip::new(flows, ua)
        .map_err(|source| DesignError::Curve {
            part: part.to_owned(),
            source,
        })?
        .with_extrapolation(Extrapolation::Hold);
    let range = table.range();
    Ok(Found {
        law: Conductance::Measured(table),
        flow_range: Some((range.min, range.max)),
        similarity,
    })
}

/// Fluid of the measurement; none where it is whatever the loop holds.
fn reference_fluid(p: &cold_plate::Parameters<f64>) -> Option<Fluid> {
    let glycol = |kind| Fluid::from_volume_fraction(kind, p.reference_strength).ok();
    match p.reference_fluid {
        1 => Some(Fluid::water()),
        2 => glycol(FluidKind::PropyleneGlycol),
        3 => glycol(FluidKind::EthyleneGlycol),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
