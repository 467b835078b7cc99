//! The rack kernel: one Newton step of a rack, condensed to its ports, by elimination.
//!
//! # Unknowns
//! Of each plate the junction temperature T_j and the outlet temperature T_o; of each path its
//! flow m; of each manifold position the pressure difference D; of the rack the return
//! temperature T_r and the whole flow M. Ports: pressure difference Δp, inlet temperature T_i and
//! air temperature T_a. Equations: see `component::{device, cold_plate, server, manifold}`.
//!
//! # Elimination
//! A change is written as an affine function of what it still depends on, `[constant, …]`:
//!
//! 1. **Plate**, in the order of flow: δT_j and δT_o as functions of (m, T_i, T_a), from the plate
//!    before. Device balance g₁ = P(1 − f) − K·(T_c − T_ci) = 0 with K = ṁ·cp·E and
//!    T_c = T_j − R·P gives δT_j; the coolant's balance h(T_o) − h(T_ci) = cp·[E·θ − γ·(T_x − T_a)]
//!    gives δT_o. Both stay regular at zero flow, since the second is divided by ṁ.
//! 2. **Path**: D − Δp_common(m_s) − Σ Δp_plate(m, T̄) = 0 gives δm as a function of
//!    (D, m_s, T_i, T_a); **server**: Σ δm = δm_s leaves (D, T_i, T_a).
//! 3. **Ladder**, from the far end: the flow M_j into position j and beyond as a function of D_j;
//!    a segment turns D_{j+1} into D_j.
//! 4. **Rack**: three unknowns (D_0, M, T_r) are left against (Δp, T_i, T_a).
//!
//! Substituting back goes the other way. Work is proportional to the number of plates: three
//! exponentials each, no allocation.
//!
//! Racks of one design run side by side in the processor's vectors ([`numbers`],
//! [`lane`](super::lane)): every quantity is a plane with one number for each rack.
//!
//! A throttled device has its temperature given and its power unknown; eliminated the same way.

pub mod condense;
pub mod numbers;
mod plate;
pub mod propose;
pub mod recover;
pub mod state;
pub mod survey;

use crate::network::rack::{RackDesign, ServerNumbers};

pub use condense::Condense;
pub use numbers::Batch;
pub use propose::{Changes, When, propose};
pub use recover::{Fall, Recover};
pub use state::{BatchState, BatchWork, RackView};

/// Flow at which the kernel's laws turn from turbulent to linear, kg/s.
pub(in crate::solve) const SMALL_FLOW: f64 = 1e-7;
/// Temperature taken as the shutdown limit of a device that gives none, K (150 °C).
pub const ASSUMED_SHUTDOWN: f64 = 423.15;

/// Status of a device.
pub mod status {
    /// Runs at the load asked for.
    pub const NORMAL: u8 = 0;
    /// Held at its power cap.
    pub const CAPPED: u8 = 1;
    /// Slowed down to hold its junction limit.
    pub const THROTTLED_CORE: u8 = 2;
    /// Slowed down to hold its memory limit.
    pub const THROTTLED_MEMORY: u8 = 3;
    /// Switched off: even idle power was too much.
    pub const SHUT_DOWN: u8 = 4;
}

/// Affine function of (Δp, T_i, T_a): `[constant, ∂/∂Δp, ∂/∂T_i, ∂/∂T_a]`.
pub type Affine = [f64; 4];

/// Port values of a rack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RackPorts {
    /// Pressure difference in the direction of flow, Pa.
    pub difference: f64,
    /// Inlet temperature, K.
    pub inlet: f64,
    /// Air temperature at the servers, K.
    pub air: f64,
}

/// A rack condensed to its ports: value and derivatives to (Δp, T_i, T_a) of
/// mass flow [kg/s], heat to liquid [W], heat to air [W], input power [W].
#[derive(Debug, Clone, Copy, Default)]
pub struct RackLinear {
    /// Mass flow.
    pub flow: Affine,
    /// Heat to liquid.
    pub liquid: Affine,
    /// Heat to air.
    pub air: Affine,
    /// Electrical power at the servers' inputs.
    pub power: Affine,
}

/// Loss of a server's power supplies at this output, and its slope, W and W/W.
pub fn supply_loss(design: &RackDesign, numbers: &ServerNumbers, direct: f64) -> (f64, f64) {
    let Some(curve) = &design.supply_loss else {
        return (numbers.supply_constant_loss, 0.0);
    };
    let output = direct + numbers.supply_constant_loss;
    let (ratio, slope) = if numbers.supply_rating.is_finite() {
        let (ratio, slope) = curve.eval_with_slope(output / numbers.supply_rating);
        (ratio, slope / numbers.supply_rating)
    } else {
        (curve.eval_with_slope(0.5).0, 0.0)
    };
    (
        numbers.supply_constant_loss + output * ratio,
        ratio + output * slope,
    )
}

/// Junction temperature at which a device acts to protect itself, K, from what its part states.
pub fn core_limit(stated: f64) -> f64 {
    stated.min(ASSUMED_SHUTDOWN)
}

/// Roughness of drawn stainless or copper tube, m (Moody 1944).
pub const DRAWN_TUBE_ROUGHNESS: f64 = 1.5e-6;

#[cfg(test)]
mod tests;
