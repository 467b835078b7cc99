//! A rack: servers on a supply and a return manifold, between one pair of connections.
//!
//! # Equations
//! Ladder: the supply manifold feeds positions j = 0 … n−1 one after the other; the return
//! manifold collects them and leaves at position 0 (direct) or at n−1 (reverse).
//! Segment Δp = a·ṁ + b·ṁ|ṁ| + Darcy–Weisbach with the smooth friction factor of
//! [`pipe`](super::pipe) where a bore is given; supply segments at the inlet temperature, return
//! segments at the rack's return temperature.
//! The rack's own connection: Δp = a_c·ṁ + b_c·ṁ|ṁ| + ṁ|ṁ|/(Kv²·ρ).
//!
//! Air: T_exhaust = T_inlet + Q_air/(ρ·V̇·cp) is found by the exhaust node that the rack blows into.
//!
//! # Symbols and units
//! ṁ [kg/s]; Δp [Pa]; V̇ air flow [m³/s].
//!
//! # Range of validity
//! Passive ladder: all positions flow the same way.
//!
//! # Neglected
//! Heat exchange along the manifold; height (a closed circuit's static head cancels).
//!
//! # Source
//! Darcy–Weisbach; friction factor see [`pipe`](super::pipe).

crate::fields! {
    /// Parameters of a rack beside its servers.
    pub struct Parameters {
        /// Whether the return leaves at the inlet's end or at the far end.
        arrangement: choice("direct", "reverse") = 0.0,
        /// Bore of both manifolds; no Darcy term if left out.
        bore: optional(Length, 1e-3, 2.0),
        /// Length of manifold between two servers.
        pitch: number(Length, 0.0, 10.0) = 0.0,
        /// Coefficient a of one manifold segment, supply and return each.
        segment_linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of one manifold segment, supply and return each.
        segment_quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Coefficient a of the rack's connection.
        linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the rack's connection.
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Flow coefficient of the rack's connection (valves and hoses together).
        flow_coefficient: optional(FlowCoefficient, 1e-12, 1.0),
        /// Air-cooled power of the rack itself (switches, management), constant; counts as IT.
        switch_power: number(Power, 0.0, 1e6) = 0.0,
        /// Power of fans on the rack's own feed that cool (an active rear door); counts as cooling.
        door_fan_power: number(Power, 0.0, 1e6) = 0.0,
        /// Air flow through the rack.
        air_flow: number(VolumeFlow, 0.0, 100.0) = 1.0,
        /// Rack power limit.
        power_limit: optional(Power, 0.0, 1e7),
        /// Largest allowed flow velocity in the manifold.
        velocity_limit: number(Velocity, 0.0, 20.0) = 2.1,
        /// Highest allowed gauge pressure at the rack.
        pressure_limit: optional(Pressure, 0.0, 1e8),
    }
}
