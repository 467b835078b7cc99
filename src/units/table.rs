//! The units of each dimension: SI value = number x `scale` + `offset`.
//!
//! The first unit of each table is the SI unit. Exact factors follow the definitions in NIST SP 811 (2008),
//! appendix B: 1 in = 0.0254 m, 1 lb = 0.453 592 37 kg, 1 gal (US) = 231 in3, 1 lbf = 4.448 221 615 260 5 N,
//! 1 Btu = 1055.055 852 62 J (International Table), conventional water column 9806.65 Pa/m.

use super::Dimension;

/// One unit of a dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The spelling that messages and reports use.
    pub symbol: &'static str,
    /// Other accepted spellings.
    pub aliases: &'static [&'static str],
    /// SI units in one of this unit.
    pub scale: f64,
    /// SI value of zero in this unit; nonzero for absolute temperatures alone.
    pub offset: f64,
}

impl Unit {
    /// A value in this unit as an SI value.
    pub fn to_si(&self, value: f64) -> f64 {
        value * self.scale + self.offset
    }

    /// An SI value in this unit.
    pub fn from_si(&self, value_si: f64) -> f64 {
        (value_si - self.offset) / self.scale
    }

    /// Whether `text` is this unit's symbol or another spelling of it.
    pub(super) fn is(&self, text: &str) -> bool {
        self.symbol == text || self.aliases.contains(&text)
    }
}

const fn unit(symbol: &'static str, scale: f64) -> Unit {
    also(symbol, &[], scale)
}

const fn also(symbol: &'static str, aliases: &'static [&'static str], scale: f64) -> Unit {
    Unit {
        symbol,
        aliases,
        scale,
        offset: 0.0,
    }
}

const FOOT: f64 = 0.3048;
const INCH: f64 = 0.0254;
const POUND: f64 = 0.453_592_37;
const GALLON: f64 = 231.0 * INCH * INCH * INCH;
const PSI: f64 = 4.448_221_615_260_5 / (INCH * INCH);
const BTU: f64 = 1_055.055_852_62;
const FAHRENHEIT: f64 = 5.0 / 9.0;
const WATER_COLUMN: f64 = 9_806.65;
const HOUR: f64 = 3_600.0;
const KWH: f64 = 3.6e6;
// Square roots are not const: sqrt(1e5 Pa) and sqrt(1 psi in Pa); a test checks both.
const SQRT_BAR: f64 = 316.227_766_016_837_94;
const SQRT_PSI: f64 = 83.034_675_245_757_19;

const FRACTION: &[Unit] = &[unit("%", 0.01)];
const LENGTH: &[Unit] = &[
    unit("m", 1.0),
    unit("km", 1e3),
    unit("cm", 1e-2),
    unit("mm", 1e-3),
    also("um", &["\u{b5}m", "\u{3bc}m"], 1e-6),
    unit("ft", FOOT),
    unit("in", INCH),
];
const AREA: &[Unit] = &[
    unit("m2", 1.0),
    unit("cm2", 1e-4),
    unit("mm2", 1e-6),
    unit("ft2", FOOT * FOOT),
    unit("in2", INCH * INCH),
];
const VOLUME: &[Unit] = &[
    unit("m3", 1.0),
    also("L", &["l"], 1e-3),
    also("mL", &["ml"], 1e-6),
    unit("gal", GALLON),
    unit("ft3", FOOT * FOOT * FOOT),
];
const MASS: &[Unit] = &[
    unit("kg", 1.0),
    unit("g", 1e-3),
    unit("t", 1e3),
    unit("lb", POUND),
];
const TIME: &[Unit] = &[
    unit("s", 1.0),
    unit("ms", 1e-3),
    unit("min", 60.0),
    unit("h", HOUR),
    also("d", &["day", "days"], 86_400.0),
    also("year", &["years"], 8_760.0 * HOUR),
];
const TEMPERATURE: &[Unit] = &[
    unit("K", 1.0),
    Unit {
        symbol: "degC",
        aliases: &["°C", "℃"],
        scale: 1.0,
        offset: 273.15,
    },
    Unit {
        symbol: "degF",
        aliases: &["°F", "℉"],
        scale: FAHRENHEIT,
        offset: 459.67 * FAHRENHEIT,
    },
];
const TEMPERATURE_DIFFERENCE: &[Unit] = &[unit("K", 1.0)];
const MASS_FLOW: &[Unit] = &[
    unit("kg/s", 1.0),
    unit("kg/min", 1.0 / 60.0),
    unit("kg/h", 1.0 / HOUR),
    unit("g/s", 1e-3),
    unit("t/h", 1e3 / HOUR),
    unit("lb/s", POUND),
    unit("lb/min", POUND / 60.0),
    unit("lb/h", POUND / HOUR),
];
const VOLUME_FLOW: &[Unit] = &[
    unit("m3/s", 1.0),
    unit("m3/min", 1.0 / 60.0),
    unit("m3/h", 1.0 / HOUR),
    also("L/s", &["l/s"], 1e-3),
    also("L/min", &["l/min", "LPM", "lpm"], 1e-3 / 60.0),
    also("L/h", &["l/h"], 1e-3 / HOUR),
    also("mL/min", &["ml/min"], 1e-6 / 60.0),
    also("gpm", &["GPM", "gal/min"], GALLON / 60.0),
    also("cfm", &["CFM", "ft3/min"], FOOT * FOOT * FOOT / 60.0),
];
const VELOCITY: &[Unit] = &[
    unit("m/s", 1.0),
    unit("km/h", 1.0 / 3.6),
    unit("ft/s", FOOT),
    also("ft/min", &["fpm"], FOOT / 60.0),
    unit("mph", 0.447_04),
];
const PRESSURE: &[Unit] = &[
    unit("Pa", 1.0),
    unit("kPa", 1e3),
    unit("MPa", 1e6),
    also("bar", &["barg"], 1e5),
    unit("mbar", 1e2),
    also("psi", &["psig", "psid"], PSI),
    unit("mH2O", WATER_COLUMN),
    unit("ftH2O", WATER_COLUMN * FOOT),
    unit("inH2O", WATER_COLUMN * INCH),
];
const POWER: &[Unit] = &[
    unit("W", 1.0),
    unit("kW", 1e3),
    unit("MW", 1e6),
    unit("GW", 1e9),
    unit("hp", 745.699_871_582_270_2),
    also("ton", &["tons", "TR"], 12_000.0 * BTU / HOUR),
    also("Btu/h", &["BTU/h"], BTU / HOUR),
];
const APPARENT_POWER: &[Unit] = &[unit("VA", 1.0), unit("kVA", 1e3), unit("MVA", 1e6)];
const ENERGY: &[Unit] = &[
    unit("J", 1.0),
    unit("kJ", 1e3),
    unit("MJ", 1e6),
    unit("GJ", 1e9),
    unit("Wh", HOUR),
    unit("kWh", KWH),
    unit("MWh", 1e3 * KWH),
    unit("GWh", 1e6 * KWH),
    also("Btu", &["BTU"], BTU),
];
const THERMAL_RESISTANCE: &[Unit] = &[
    also("K/W", &["degC/W", "°C/W"], 1.0),
    unit("mK/W", 1e-3),
    also("K/kW", &["degC/kW", "°C/kW"], 1e-3),
];
const THERMAL_CONDUCTANCE: &[Unit] = &[
    also("W/K", &["W/degC", "W/°C"], 1.0),
    also("kW/K", &["kW/degC", "kW/°C"], 1e3),
    unit("MW/K", 1e6),
    also("Btu/(h degF)", &["Btu/h/degF"], BTU / HOUR / FAHRENHEIT),
];
const AREA_THERMAL_RESISTANCE: &[Unit] = &[
    also("K m2/W", &["m2 K/W", "m2K/W"], 1.0),
    also("K cm2/W", &["cm2 K/W"], 1e-4),
    also("K mm2/W", &["mm2 K/W"], 1e-6),
    unit("h ft2 degF/Btu", HOUR * FOOT * FOOT * FAHRENHEIT / BTU),
];
const HEAT_TRANSFER_COEFFICIENT: &[Unit] = &[
    also("W/(m2 K)", &["W/m2/K", "W/m2K"], 1.0),
    also("kW/(m2 K)", &["kW/m2/K", "kW/m2K"], 1e3),
    unit("Btu/(h ft2 degF)", BTU / (HOUR * FOOT * FOOT * FAHRENHEIT)),
];
const HEAT_CAPACITY: &[Unit] = &[unit("J/K", 1.0), unit("kJ/K", 1e3), unit("MJ/K", 1e6)];
const DENSITY: &[Unit] = &[
    unit("kg/m3", 1.0),
    also("kg/L", &["kg/l"], 1e3),
    also("g/L", &["g/l"], 1.0),
    unit("g/cm3", 1e3),
    unit("lb/ft3", POUND / (FOOT * FOOT * FOOT)),
];
const SPECIFIC_HEAT: &[Unit] = &[
    also("J/(kg K)", &["J/kg/K", "J/kgK"], 1.0),
    also("kJ/(kg K)", &["kJ/kg/K", "kJ/kgK"], 1e3),
    also(
        "Btu/(lb degF)",
        &["Btu/lb/degF"],
        BTU / (POUND * FAHRENHEIT),
    ),
];
const DYNAMIC_VISCOSITY: &[Unit] = &[unit("Pa s", 1.0), unit("mPa s", 1e-3), unit("cP", 1e-3)];
const THERMAL_CONDUCTIVITY: &[Unit] = &[
    also("W/(m K)", &["W/m/K", "W/mK"], 1.0),
    unit("Btu/(h ft degF)", BTU / (HOUR * FOOT * FAHRENHEIT)),
];
const ROTATIONAL_SPEED: &[Unit] = &[
    unit("rad/s", 1.0),
    also("rpm", &["1/min", "RPM"], std::f64::consts::TAU / 60.0),
    unit("Hz", std::f64::consts::TAU),
];
const FLOW_COEFFICIENT: &[Unit] = &[
    unit("m3/s/sqrt(Pa)", 1.0),
    also("Kv", &["m3/h/sqrt(bar)"], 1.0 / HOUR / SQRT_BAR),
    also("Cv", &["gpm/sqrt(psi)"], GALLON / 60.0 / SQRT_PSI),
];
const LINEAR_FLOW_RESISTANCE: &[Unit] = &[
    also("Pa s/kg", &["Pa/(kg/s)"], 1.0),
    also("kPa s/kg", &["kPa/(kg/s)"], 1e3),
];
const QUADRATIC_FLOW_RESISTANCE: &[Unit] = &[
    also("Pa s2/kg2", &["Pa/(kg/s)2"], 1.0),
    also("kPa s2/kg2", &["kPa/(kg/s)2"], 1e3),
];
const VOLUME_SPECIFIC_POWER: &[Unit] = &[
    unit("W/(m3/s)", 1.0),
    unit("kW/(m3/s)", 1e3),
    unit("W/(L/s)", 1e3),
    unit("W/(L/min)", 6e4),
    unit("W/(m3/h)", HOUR),
    unit("W/gpm", 60.0 / GALLON),
    unit("W/cfm", 60.0 / (FOOT * FOOT * FOOT)),
];
// The ohm sign has two code points, as has the micro sign.
const ELECTRIC_RESISTANCE: &[Unit] = &[
    also("ohm", &["\u{3a9}", "\u{2126}"], 1.0),
    also("mohm", &["m\u{3a9}", "m\u{2126}"], 1e-3),
    also("uohm", &["\u{b5}\u{3a9}", "\u{b5}ohm"], 1e-6),
];
const VOLTAGE: &[Unit] = &[unit("V", 1.0), unit("kV", 1e3), unit("mV", 1e-3)];
const CURRENT: &[Unit] = &[unit("A", 1.0), unit("kA", 1e3), unit("mA", 1e-3)];
const MONEY_PER_ENERGY: &[Unit] = &[
    unit("USD/J", 1.0),
    also("USD/kWh", &["$/kWh"], 1.0 / KWH),
    also("USD/MWh", &["$/MWh"], 1e-3 / KWH),
];
const MASS_PER_ENERGY: &[Unit] = &[
    unit("kg/J", 1.0),
    unit("kg/kWh", 1.0 / KWH),
    unit("g/kWh", 1e-3 / KWH),
    unit("kg/MWh", 1e-3 / KWH),
    unit("t/MWh", 1.0 / KWH),
    unit("lb/MWh", 1e-3 * POUND / KWH),
];
const MONEY_PER_VOLUME: &[Unit] = &[
    also("USD/m3", &["$/m3", "USD/kL", "$/kL"], 1.0),
    also("USD/kgal", &["$/kgal"], 1e-3 / GALLON),
];

impl Dimension {
    /// The units of this dimension, the SI unit first; empty for a plain number.
    pub const fn units(self) -> &'static [Unit] {
        match self {
            Self::Dimensionless => &[],
            Self::Fraction => FRACTION,
            Self::Length => LENGTH,
            Self::Area => AREA,
            Self::Volume => VOLUME,
            Self::Mass => MASS,
            Self::Time => TIME,
            Self::Temperature => TEMPERATURE,
            Self::TemperatureDifference => TEMPERATURE_DIFFERENCE,
            Self::MassFlow => MASS_FLOW,
            Self::VolumeFlow => VOLUME_FLOW,
            Self::Velocity => VELOCITY,
            Self::Pressure => PRESSURE,
            Self::Power => POWER,
            Self::ApparentPower => APPARENT_POWER,
            Self::Energy => ENERGY,
            Self::ThermalResistance => THERMAL_RESISTANCE,
            Self::ThermalConductance | Self::PowerPerTemperature => THERMAL_CONDUCTANCE,
            Self::AreaThermalResistance => AREA_THERMAL_RESISTANCE,
            Self::HeatTransferCoefficient => HEAT_TRANSFER_COEFFICIENT,
            Self::HeatCapacity => HEAT_CAPACITY,
            Self::Density => DENSITY,
            Self::SpecificHeat => SPECIFIC_HEAT,
            Self::DynamicViscosity => DYNAMIC_VISCOSITY,
            Self::ThermalConductivity => THERMAL_CONDUCTIVITY,
            Self::RotationalSpeed => ROTATIONAL_SPEED,
            Self::FlowCoefficient => FLOW_COEFFICIENT,
            Self::LinearFlowResistance => LINEAR_FLOW_RESISTANCE,
            Self::QuadraticFlowResistance => QUADRATIC_FLOW_RESISTANCE,
            Self::VolumeSpecificPower => VOLUME_SPECIFIC_POWER,
            Self::ElectricResistance => ELECTRIC_RESISTANCE,
            Self::Voltage => VOLTAGE,
            Self::Current => CURRENT,
            Self::MoneyPerEnergy => MONEY_PER_ENERGY,
            Self::MassPerEnergy => MASS_PER_ENERGY,
            Self::MoneyPerVolume => MONEY_PER_VOLUME,
        }
    }
}
