//! Quantities at the boundary: every unit that a model file, a table or a report may use.
//!
//! Inside the library a quantity is a plain `f64` in the SI unit of its [`Dimension`]. Text becomes such a
//! number through [`Dimension::parse`], and a number becomes text through [`Dimension::display`]. One table for
//! each dimension (in `units/table.rs`) serves parsing, error text, display and the schema's patterns, so that
//! these four cannot disagree.
//!
//! ```
//! use loopwatt::units::{Dimension, UnitSystem};
//! assert_eq!(Dimension::Power.parse("1.2kW"), Ok(1200.0));
//! assert_eq!(Dimension::Temperature.display(303.15, UnitSystem::Us).to_string(), "86 degF");
//! ```

mod display;
mod parse;
mod table;

pub use display::{Quantity, UnitSystem};
pub use parse::UnitError;
pub use table::Unit;

use std::fmt;

/// What a number measures. Each dimension fixes one SI unit, in which the library holds its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// A bare number.
    Dimensionless,
    /// A share of a whole: a bare number, or a percentage.
    Fraction,
    /// m.
    Length,
    /// m2.
    Area,
    /// m3.
    Volume,
    /// kg.
    Mass,
    /// s.
    Time,
    /// Absolute temperature, K.
    Temperature,
    /// Difference of two temperatures, K.
    TemperatureDifference,
    /// kg/s.
    MassFlow,
    /// m3/s.
    VolumeFlow,
    /// m/s.
    Velocity,
    /// Gauge pressure or a pressure difference, Pa.
    Pressure,
    /// W.
    Power,
    /// V A.
    ApparentPower,
    /// J.
    Energy,
    /// K/W.
    ThermalResistance,
    /// W/K.
    ThermalConductance,
    /// Change of a power with temperature, W/K.
    PowerPerTemperature,
    /// Thermal resistance times area, K m2/W.
    AreaThermalResistance,
    /// Film coefficient, W/(m2 K).
    HeatTransferCoefficient,
    /// Heat capacity of a body, J/K.
    HeatCapacity,
    /// kg/m3.
    Density,
    /// J/(kg K).
    SpecificHeat,
    /// Pa s.
    DynamicViscosity,
    /// W/(m K).
    ThermalConductivity,
    /// rad/s.
    RotationalSpeed,
    /// Valve coefficient for water of 1000 kg/m3, m3/s/sqrt(Pa).
    FlowCoefficient,
    /// Pressure loss per mass flow, Pa s/kg.
    LinearFlowResistance,
    /// Pressure loss per square of mass flow, Pa s2/kg2.
    QuadraticFlowResistance,
    /// Fan or pump power per volume flow, W/(m3/s).
    VolumeSpecificPower,
    /// ohm.
    ElectricResistance,
    /// V.
    Voltage,
    /// A.
    Current,
    /// Price of energy, USD/J.
    MoneyPerEnergy,
    /// Emission or water per energy, kg/J.
    MassPerEnergy,
    /// Price of a volume of water, USD/m3.
    MoneyPerVolume,
}

impl Dimension {
    /// Every dimension, in the order in which a unit that fits several is named in messages.
    pub const ALL: [Self; 37] = [
        Self::Dimensionless,
        Self::Fraction,
        Self::Length,
        Self::Area,
        Self::Volume,
        Self::Mass,
        Self::Time,
        Self::Temperature,
        Self::TemperatureDifference,
        Self::MassFlow,
        Self::VolumeFlow,
        Self::Velocity,
        Self::Pressure,
        Self::Power,
        Self::ApparentPower,
        Self::Energy,
        Self::ThermalResistance,
        Self::ThermalConductance,
        Self::PowerPerTemperature,
        Self::AreaThermalResistance,
        Self::HeatTransferCoefficient,
        Self::HeatCapacity,
        Self::Density,
        Self::SpecificHeat,
        Self::DynamicViscosity,
        Self::ThermalConductivity,
        Self::RotationalSpeed,
        Self::FlowCoefficient,
        Self::LinearFlowResistance,
        Self::QuadraticFlowResistance,
        Self::VolumeSpecificPower,
        Self::ElectricResistance,
        Self::Voltage,
        Self::Current,
        Self::MoneyPerEnergy,
        Self::MassPerEnergy,
        Self::MoneyPerVolume,
    ];

    /// The dimension in words, as messages and the book use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dimensionless => "plain number",
            Self::Fraction => "fraction",
            Self::Length => "length",
            Self::Area => "area",
            Self::Volume => "volume",
            Self::Mass => "mass",
            Self::Time => "time",
            Self::Temperature => "temperature",
            Self::TemperatureDifference => "temperature difference",
            Self::MassFlow => "mass flow",
            Self::VolumeFlow => "volume flow",
            Self::Velocity => "velocity",
            Self::Pressure => "pressure",
            Self::Power => "power",
            Self::ApparentPower => "apparent power",
            Self::Energy => "energy",
            Self::ThermalResistance => "thermal resistance",
            Self::ThermalConductance => "thermal conductance",
            Self::PowerPerTemperature => "power per temperature",
            Self::AreaThermalResistance => "area thermal resistance",
            Self::HeatTransferCoefficient => "heat transfer coefficient",
            Self::HeatCapacity => "heat capacity",
            Self::Density => "density",
            Self::SpecificHeat => "specific heat",
            Self::DynamicViscosity => "dynamic viscosity",
            Self::ThermalConductivity => "thermal conductivity",
            Self::RotationalSpeed => "rotational speed",
            Self::FlowCoefficient => "flow coefficient",
            Self::LinearFlowResistance => "linear flow resistance",
            Self::QuadraticFlowResistance => "quadratic flow resistance",
            Self::VolumeSpecificPower => "volume-specific power",
            Self::ElectricResistance => "electric resistance",
            Self::Voltage => "voltage",
            Self::Current => "current",
            Self::MoneyPerEnergy => "price of energy",
            Self::MassPerEnergy => "mass per energy",
            Self::MoneyPerVolume => "price of water",
        }
    }

    /// The symbol of the SI unit in which values are held; empty for a plain number and a fraction.
    pub fn si_symbol(self) -> &'static str {
        // A test holds the first entry of every table to be the SI unit.
        match self {
            Self::Dimensionless | Self::Fraction => "",
            _ => self.units().first().map_or("", |unit| unit.symbol),
        }
    }

    /// The symbols that [`Dimension::parse`] accepts, without their other spellings; empty for a plain number.
    pub fn symbols(self) -> impl Iterator<Item = &'static str> {
        self.units().iter().map(|unit| unit.symbol)
    }

    /// Whether a bare number may stand for a quantity of this dimension.
    pub const fn allows_bare_number(self) -> bool {
        matches!(self, Self::Dimensionless | Self::Fraction)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
