//! A cold plate: heat from a device's case into coolant, and the pressure that it costs.
//!
//! # Equations
//! The base is isothermal: Q = C·E·(T_case − T_in), E = 1 − exp(−UA/C), C = ṁ·cp,
//! so the resistance from case to inlet is R = 1/(C·E) and already contains the coolant's rise.
//! - a resistance from case to the mean of inlet and outlet, R_m = (T_case − (T_in + T_out)/2)/Q, is
//!   R = R_m + 1/(2·C) from the inlet: `resistance_reference` says which the points are;
//! - measured resistance: points R(q) against volume flow; UA is taken from each point,
//!   UA = −C·ln(1 − 1/(R·C)) with the fluid's cp at the measurement temperature, and interpolated
//!   by a monotone cubic; beyond the points UA is held, so E → 1 and Q → 0 as flow vanishes;
//! - textbook law: UA = UA₀·(ṁ/ṁ₀)^n.
//!
//! Pressure drop: Δp = a·ṁ·(μ/μ₀)^c + b·ṁ·|ṁ| + Δp₀·(q/q₀)^e·(μ/μ₀)^(2−e)·(ρ/ρ₀)^(e−1),
//! smooth at zero flow. c is 1 where viscosity is coupled, else 0. The measured term follows the
//! fluid as a Blasius-type law of the same exponent does.
//!
//! Coolant loses to the surrounding air: Q_air = C·G/(C + G)·(T_x − T_air), T_x the outlet before
//! that loss.
//!
//! # Symbols and units
//! Q heat [W]; C capacity flow [W/K]; UA conductance [W/K]; T temperature [K]; ṁ mass flow [kg/s];
//! q volume flow [m³/s]; μ dynamic viscosity [Pa s]; ρ density [kg/m³]; G conductance to air [W/K].
//!
//! # Range of validity
//! Measured points: between the first and the last; outside it a warning names the flow.
//! Viscosity between that of water at 80 °C and PG50 at 0 °C.
//!
//! # Neglected
//! Spreading between devices on one plate; bypass inside the plate.
//!
//! # Source
//! Effectiveness of an isothermal surface: Incropera et al., Fundamentals of Heat and Mass Transfer,
//! §8.3. Data: OCP OAI System Liquid Cooling Guidelines (2023), Figs 7 and 8.

crate::fields! {
    /// Parameters of a cold plate.
    pub struct Parameters {
        /// Measured thermal resistance from case to coolant against volume flow.
        resistance: optional_points(VolumeFlow, ThermalResistance),
        /// Coolant temperature that the measured resistance counts from.
        resistance_reference: choice("inlet", "mean") = 0.0,
        /// Conductance UA₀ of the textbook law; used when no measured points are given.
        conductance: optional(ThermalConductance, 0.0, 1e6),
        /// Mass flow ṁ₀ of the textbook conductance.
        conductance_flow: number(MassFlow, 1e-9, 1e3) = 1.0,
        /// Exponent n of the textbook conductance.
        conductance_exponent: number(Dimensionless, 0.0, 2.0) = 0.0,
        /// Multiplier on the conductance of either law: 1 new, below 1 fouled or blocked.
        conductance_factor: number(Dimensionless, 0.0, 10.0) = 1.0,
        /// Measured pressure drop Δp₀.
        pressure_drop: number(Pressure, 0.0, 1e8) = 0.0,
        /// Volume flow q₀ of the measured pressure drop.
        pressure_drop_flow: number(VolumeFlow, 1e-9, 1.0) = 1e-5,
        /// Exponent e of the measured pressure drop.
        pressure_drop_exponent: number(Dimensionless, 1.0, 2.0) = 1.85,
        /// Viscosity μ₀ of the fluid in the measurement.
        reference_viscosity: number(DynamicViscosity, 1e-6, 1.0) = 1.0e-3,
        /// Density ρ₀ of the fluid in the measurement.
        reference_density: number(Density, 100.0, 5000.0) = 1000.0,
        /// Coefficient a of the textbook pressure drop.
        linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the textbook pressure drop.
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Whether a follows viscosity.
        viscosity_coupled: flag = 0.0,
        /// Multiplier on the pressure drop: 1 clean, above 1 partly blocked.
        pressure_drop_factor: number(Dimensionless, 0.0, 1e6) = 1.0,
        /// Conductance G from coolant to the surrounding air.
        air_conductance: number(ThermalConductance, 0.0, 1e4) = 0.0,
    }
}
