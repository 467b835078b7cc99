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
//! Fluid: where the plate names the fluid of its measurement (`reference_fluid`), its UA is
//! 1/UA = R_s + 1/(h·A), R_s the solid part (base and fins), and the convective part goes with
//! Nu ∝ Re^m·Pr^n, so at the same flow
//! h/h₀ = s = (k/k₀)^(1−n)·(cp/cp₀)^n·(μ/μ₀)^(n−m)·(ρ/ρ₀)^m (without ρ for the textbook law, whose
//! flow is a mass flow), UA' = s·UA/(1 + R_s·UA·(s − 1)).
//! Properties are taken at the rack's inlet temperature and compared with the reference fluid's at
//! the inlet temperature of the measurement; there, s = 1 and the measured points come back exactly.
//! m = n = 0 (the default) is fully developed laminar flow, h ∝ k; m = n = 1/3 developing laminar
//! flow, h ∝ k^(2/3)·(ρ·cp)^(1/3); m = 0.8, n = 0.4 turbulent flow (Dittus and Boelter).
//! Without a reference fluid UA follows flow alone.
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
//! q volume flow [m³/s]; h film coefficient [W/(m² K)]; A wetted area [m²]; k thermal conductivity
//! [W/(m K)]; Nu, Re, Pr Nusselt, Reynolds and Prandtl numbers [-]; subscript 0 the measurement's
//! fluid; μ dynamic viscosity [Pa s]; ρ density [kg/m³]; G conductance to air [W/K].
//!
//! # Range of validity
//! Measured points: between the first and the last; outside it a warning names the flow.
//! Viscosity between that of water at 80 °C and PG50 at 0 °C. One power law for the film: fluid and
//! temperature may not take the channels from laminar into turbulent flow (microchannels of 0.1 to
//! 0.3 mm run at Re of 50 to 1000).
//!
//! Velocity v = q/A_c where the cross-section A_c is given, held to 1.5 m/s: OCP cold-plate base
//! specification, project call of December 2025 (draft, copper). No vendor publishes A_c.
//!
//! # Neglected
//! Spreading between devices on one plate; bypass inside the plate; the change of film properties from
//! the rack's inlet to each plate (0.15 % of h for a kelvin of water).
//!
//! # Source
//! Effectiveness of an isothermal surface: Incropera et al., Fundamentals of Heat and Mass Transfer,
//! §8.3; Nusselt numbers of laminar and turbulent flow in channels: §§8.4 and 8.5. Data: OCP OAI System
//! Liquid Cooling Guidelines (2023), Figs 7 (PG25) and 8 (water): one plate in two fluids. Between 2.0
//! and 2.4 L/min they differ by what h ∝ k gives with R_s = 3.0 mK/W; developing or turbulent flow would
//! need a solid part below zero.

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
        /// Fluid of the measurement; `loop` is whatever the loop holds, and conductance then follows flow alone.
        reference_fluid: choice("loop", "water", "propylene_glycol", "ethylene_glycol") = 0.0,
        /// Volume fraction of glycol in the reference fluid.
        reference_strength: number(Dimensionless, 0.0, 0.55) = 0.25,
        /// Coolant temperature at the plate's inlet in the measurement.
        reference_temperature: number(Temperature, 253.15, 373.15) = 313.15,
        /// Part R_s of the measured resistance that lies in the solid: base, fins.
        solid_resistance: number(ThermalResistance, 0.0, 10.0) = 0.0,
        /// Exponent m of the Reynolds number in the film's law.
        reynolds_exponent: number(Dimensionless, 0.0, 1.0) = 0.0,
        /// Exponent n of the Prandtl number in the film's law.
        prandtl_exponent: number(Dimensionless, 0.0, 1.0) = 0.0,
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
        /// Free cross-section of the channels at their narrowest, where known: all that the plate's flow passes at once.
        channel_area: optional(Area, 1e-9, 1.0),
        /// Largest velocity in the channels held to be good practice: that of OCP's draft for copper.
        velocity_limit: number(Velocity, 0.01, 20.0) = 1.5,
        /// Conductance G from coolant to the surrounding air.
        air_conductance: number(ThermalConductance, 0.0, 1e4) = 0.0,
    }
}
