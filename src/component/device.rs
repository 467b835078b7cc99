//! A liquid-cooled processor (GPU, CPU, switch chip): its power and its thermal limits.
//!
//! # Equations
//! Electrical power at load u (0 idle, 1 rated) and junction temperature T_j:
//!
//! P(u, T_j) = P_idle + u·(P_rated − P_idle − [L(T_ref) − L(T_idle)]) + L(T_j) − L(T_idle)
//!
//! so that P(1, T_ref) = P_rated and P(0, T_idle) = P_idle: measured idle power contains the
//! leakage at idle, which is not counted twice. Leakage L:
//! - exponential: L(T) = L_ref·exp((T − T_ref)/T_e)
//! - linear (textbook): L(T) = k·(T − T_ref), k = L_ref/T_e
//!
//! With a power cap P_cap, P = min(P, P_cap): *power-limited*, the clock falls and power no longer
//! rises with temperature; below the cap the device is *clock-limited* and power rises with it.
//!
//! Heat path: P·(1 − f_air) − the share lost to air goes through the case into the plate;
//! core and memory (HBM) are two nodes above the case, P_mem = s·P:
//! - T_j = T_case + R_j·(1 − s)·P
//! - T_mem = T_case + R_m·s·P
//!
//! Above the software slowdown limit (core) or the memory limit the device throttles: P falls
//! until the limit holds; where idle power is still too much it shuts down, P = 0.
//! Work done relative to the load asked for, while it runs slower: (P_dyn / P_dyn,asked)^(1/α).
//!
//! # Symbols and units
//! P power [W]; T temperature [K]; L leakage [W]; T_e e-fold of leakage [K]; R resistance [K/W];
//! f_air share of heat that leaves to air through the board [-]; s memory's share [-];
//! α exponent of dynamic power against clock [-].
//!
//! # Range of validity
//! Steady operation between −20 and 120 °C junction. The stable (lower) root of the leakage balance
//! is the operating point; where there is none the device is reported as in thermal runaway.
//!
//! # Neglected
//! Spatial variation over the die; the difference between the hottest spot and the sensor.
//!
//! # Source
//! Form of the leakage term as in common data-centre models; values with their sources in the library.

crate::fields! {
    /// Parameters of a device.
    pub struct Parameters {
        /// Rated power at full load and reference temperature (TDP, TGP).
        rated_power: number(Power, 0.0, 1e5),
        /// Power when idle at the idle reference temperature.
        idle_power: number(Power, 0.0, 1e5),
        /// Power cap that the device enforces; none if left out.
        power_cap: optional(Power, 0.0, 1e5),
        /// Leakage at the reference temperature.
        leakage: number(Power, 0.0, 1e4) = 0.0,
        /// Temperature rise over which leakage grows by e.
        leakage_e_fold: number(TemperatureDifference, 1.0, 1000.0) = 45.0,
        /// Whether leakage is exponential or linear in temperature.
        leakage_law: choice("exponential", "linear") = 0.0,
        /// Junction temperature at which the rated power and the leakage hold.
        reference_temperature: number(Temperature, 200.0, 500.0) = 333.15,
        /// Junction temperature at which the idle power was measured.
        idle_temperature: number(Temperature, 200.0, 500.0) = 303.15,
        /// Exponent of dynamic power against clock, for work lost under a limit.
        clock_exponent: number(Dimensionless, 1.0, 4.0) = 2.5,
        /// Share of the power that is spent in the memory stacks.
        memory_share: number(Fraction, 0.0, 0.9) = 0.0,
        /// Thermal resistance from junction to the plate's base: die, lid and interface material.
        junction_resistance: number(ThermalResistance, 0.0, 10.0),
        /// Thermal resistance from memory to the plate's base.
        memory_resistance: number(ThermalResistance, 0.0, 10.0) = 0.0,
        /// Share of the heat that leaves to the air whatever the temperatures.
        air_fraction: number(Fraction, 0.0, 1.0) = 0.0,
        /// Junction limit for design, below the software slowdown.
        design_limit: optional(Temperature, 250.0, 500.0),
        /// Junction temperature at which software slows the clock.
        software_slowdown: optional(Temperature, 250.0, 500.0),
        /// Junction temperature at which hardware slows the clock.
        hardware_slowdown: optional(Temperature, 250.0, 500.0),
        /// Junction temperature at which the device switches off.
        shutdown: optional(Temperature, 250.0, 500.0),
        /// Memory temperature limit.
        memory_limit: optional(Temperature, 250.0, 500.0),
    }
}
