//! A server: plates on parallel paths between one pair of quick disconnects, what else draws
//! power, and the power supply.
//!
//! # Equations
//! Flow: Δp_server = Δp_common(ṁ_s) + Δp_path(ṁ_p), Σ ṁ_p = ṁ_s. A path holds `in_series` plates,
//! each of which warms the coolant of the next. Common part (quick disconnects, hoses):
//! Δp = a·ṁ + b·ṁ|ṁ| + ṁ|ṁ|/(Kv²·ρ), density at the rack's inlet. Velocity in the quick disconnects
//! v = ṁ_s/(ρ·π·d²/4), where their bore d is given, held to 2.1 m/s (ASHRAE piping guidance as cited by
//! third parties).
//!
//! Power: P_dc = Σ devices + memory, storage, network and board at their load + fans;
//! the supply converts at η(P_dc/P_rated): P_in = P_dc/η, its loss heats the air. η is taken from
//! the efficiency points, loss = P·(1/η − 1) interpolated by a monotone cubic in load.
//! With no points P_in = P_dc.
//!
//! Heat: all that does not go into plates goes to the air.
//!
//! # Symbols and units
//! ṁ [kg/s]; Δp [Pa]; Kv flow coefficient [m³/s/√Pa at 1000 kg/m³]; P [W]; η [-].
//!
//! # Neglected
//! Natural convection from the chassis.
//!
//! # Source
//! Darcy–Weisbach lumped; Kv by IEC 60534-2-1.

crate::fields! {
    /// Parameters of a server beside its devices.
    pub struct Parameters {
        /// Coefficient a of the common linear pressure drop.
        linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the common quadratic pressure drop.
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Flow coefficient of the common part (a pair of quick disconnects in series).
        flow_coefficient: optional(FlowCoefficient, 1e-12, 1.0),
        /// Bore of the quick disconnects at their narrowest, where known.
        coupling_bore: optional(Length, 1e-4, 1.0),
        /// Largest velocity in the quick disconnects held to be good practice.
        coupling_velocity_limit: number(Velocity, 0.01, 20.0) = 2.1,
        /// Air-cooled power that follows the load (memory, network, board) at full load.
        air_cooled_power: number(Power, 0.0, 1e6) = 0.0,
        /// The same when idle.
        air_cooled_idle_power: number(Power, 0.0, 1e6) = 0.0,
        /// Fan power (constant).
        fan_power: number(Power, 0.0, 1e6) = 0.0,
        /// Efficiency of the power supplies against load fraction.
        supply_efficiency: optional_points(Fraction, Fraction),
        /// Rated output of all running power supplies together.
        supply_rating: optional(Power, 0.0, 1e7),
        /// Constant loss of a supply, added before the efficiency.
        supply_constant_loss: number(Power, 0.0, 1e6) = 0.0,
        /// Power factor at the input.
        power_factor: number(Fraction, 0.1, 1.0) = 0.99,
    }
}
