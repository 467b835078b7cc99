//! From SI to the text of a report: the customary unit, and four significant digits.

use super::{Dimension, UnitError};
use std::fmt;

/// Which customary units a report uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnitSystem {
    /// degC, kPa, L/min.
    #[default]
    Si,
    /// degF, psi, gpm.
    Us,
}

/// A number in a unit, ready to be written.
///
/// Its `Display` gives four significant digits (all digits before the point are kept), or the decimals asked for:
/// `format!("{quantity:.2}")`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// The number, in the unit `symbol`.
    pub value: f64,
    /// The unit; empty for a plain number.
    pub symbol: &'static str,
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match formatter.precision() {
            Some(decimals) => format!("{:.decimals$}", self.value),
            None => four_digits(self.value),
        };
        match self.symbol {
            "" => formatter.write_str(&number),
            // A percent sign is set without a blank, as in a hall file.
            "%" => write!(formatter, "{number}%"),
            symbol => write!(formatter, "{number} {symbol}"),
        }
    }
}

fn four_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let exponent = value.abs().log10().floor();
    if !(-4.0..10.0).contains(&exponent) {
        return format!("{value:.3e}");
    }
    let decimals = (3.0 - exponent).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The customary units in rising order, each with the least size (SI) from which it is used.
type Ladder = &'static [(f64, &'static str)];

impl Dimension {
    /// An SI value in the customary unit of a unit system, chosen by the value's size.
    pub fn display(self, value_si: f64, system: UnitSystem) -> Quantity {
        let ladder = self.ladder(system);
        let symbol = ladder
            .iter()
            .rev()
            .find(|(least, _)| value_si.abs() >= *least)
            .or_else(|| ladder.first())
            .map_or(self.si_symbol(), |(_, symbol)| *symbol);
        self.display_in(value_si, symbol).unwrap_or(Quantity {
            value: value_si,
            symbol: self.si_symbol(),
        })
    }

    /// An SI value in a named unit, for a column whose rows share one.
    ///
    /// # Errors
    /// As [`Dimension::find_unit`].
    pub fn display_in(self, value_si: f64, symbol: &str) -> Result<Quantity, UnitError> {
        if symbol.is_empty() && self.allows_bare_number() {
            return Ok(Quantity {
                value: value_si,
                symbol: "",
            });
        }
        let unit = self.find_unit(symbol)?;
        Ok(Quantity {
            value: unit.from_si(value_si),
            symbol: unit.symbol,
        })
    }

    const fn ladder(self, system: UnitSystem) -> Ladder {
        match (self, system) {
            (Self::Dimensionless, _) => &[(0.0, "")],
            (Self::Fraction, _) => &[(0.0, "%")],
            (Self::Length, UnitSystem::Si) => &[(0.0, "mm"), (1.0, "m")],
            (Self::Length, UnitSystem::Us) => &[(0.0, "in"), (0.3048, "ft")],
            (Self::Area, UnitSystem::Si) => &[(0.0, "mm2"), (1e-2, "m2")],
            (Self::Area, UnitSystem::Us) => &[(0.0, "in2"), (0.092_903_04, "ft2")],
            (Self::Volume, UnitSystem::Si) => &[(0.0, "L"), (1.0, "m3")],
            (Self::Volume, UnitSystem::Us) => &[(0.0, "gal")],
            (Self::Mass, UnitSystem::Si) => &[(0.0, "kg"), (1e4, "t")],
            (Self::Mass, UnitSystem::Us) => &[(0.0, "lb")],
            (Self::Time, _) => &[(0.0, "s"), (600.0, "min"), (7_200.0, "h")],
            (Self::Temperature, UnitSystem::Si) => &[(0.0, "degC")],
            (Self::Temperature, UnitSystem::Us) => &[(0.0, "degF")],
            (Self::MassFlow, UnitSystem::Us) => &[(0.0, "lb/h")],
            (Self::VolumeFlow, UnitSystem::Si) => &[(0.0, "L/min"), (0.1, "m3/s")],
            (Self::VolumeFlow, UnitSystem::Us) => &[(0.0, "gpm")],
            (Self::Velocity, UnitSystem::Us) => &[(0.0, "ft/s")],
            (Self::Pressure, UnitSystem::Si) => &[(0.0, "Pa"), (1e3, "kPa")],
            (Self::Pressure, UnitSystem::Us) => &[(0.0, "inH2O"), (6_894.0, "psi")],
            (Self::Power, _) => &[(0.0, "W"), (1e3, "kW"), (1e6, "MW"), (1e9, "GW")],
            (Self::ApparentPower, _) => &[(0.0, "VA"), (1e3, "kVA"), (1e6, "MVA")],
            (Self::Energy, _) => &[(0.0, "J"), (3.6e5, "kWh"), (3.6e9, "MWh"), (3.6e12, "GWh")],
            (Self::ThermalResistance, _) => &[(0.0, "mK/W"), (1.0, "K/W")],
            (Self::ThermalConductance | Self::PowerPerTemperature, _) => {
                &[(0.0, "W/K"), (1e3, "kW/K"), (1e6, "MW/K")]
            }
            (Self::AreaThermalResistance, UnitSystem::Si) => &[(0.0, "K mm2/W"), (1e-3, "K m2/W")],
            (Self::AreaThermalResistance, UnitSystem::Us) => &[(0.0, "h ft2 degF/Btu")],
            (Self::HeatTransferCoefficient, UnitSystem::Us) => &[(0.0, "Btu/(h ft2 degF)")],
            (Self::HeatCapacity, _) => &[(0.0, "J/K"), (1e3, "kJ/K"), (1e6, "MJ/K")],
            (Self::Density, UnitSystem::Us) => &[(0.0, "lb/ft3")],
            (Self::SpecificHeat, UnitSystem::Si) => &[(0.0, "kJ/(kg K)")],
            (Self::SpecificHeat, UnitSystem::Us) => &[(0.0, "Btu/(lb degF)")],
            (Self::DynamicViscosity, UnitSystem::Si) => &[(0.0, "mPa s")],
            (Self::DynamicViscosity, UnitSystem::Us) => &[(0.0, "cP")],
            (Self::ThermalConductivity, UnitSystem::Us) => &[(0.0, "Btu/(h ft degF)")],
            (Self::RotationalSpeed, _) => &[(0.0, "rpm")],
            (Self::FlowCoefficient, UnitSystem::Si) => &[(0.0, "Kv")],
            (Self::FlowCoefficient, UnitSystem::Us) => &[(0.0, "Cv")],
            (Self::LinearFlowResistance, _) => &[(0.0, "Pa s/kg"), (1e3, "kPa s/kg")],
            (Self::QuadraticFlowResistance, _) => &[(0.0, "Pa s2/kg2"), (1e3, "kPa s2/kg2")],
            (Self::VolumeSpecificPower, UnitSystem::Si) => &[(0.0, "W/(L/s)")],
            (Self::VolumeSpecificPower, UnitSystem::Us) => &[(0.0, "W/gpm")],
            (Self::ElectricResistance, _) => &[(0.0, "mohm"), (1.0, "ohm")],
            (Self::Voltage, _) => &[(0.0, "V"), (1e4, "kV")],
            (Self::Current, _) => &[(0.0, "A"), (1e4, "kA")],
            (Self::MoneyPerEnergy, _) => &[(0.0, "USD/kWh")],
            (Self::MassPerEnergy, _) => &[(0.0, "kg/kWh")],
            (Self::MoneyPerVolume, _) => &[(0.0, "USD/m3")],
            // The SI unit is the customary one.
            (
                Self::TemperatureDifference
                | Self::MassFlow
                | Self::Velocity
                | Self::HeatTransferCoefficient
                | Self::Density
                | Self::ThermalConductivity,
                _,
            ) => &[],
        }
    }
}
