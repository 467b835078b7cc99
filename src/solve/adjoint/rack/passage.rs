//! Parts of a rack that only its flow passes: manifold segments, connections, what a server's paths have in common; and
//! the numbers of servers and manifolds.

use num_dual::DualSVec64;

use super::super::plate::smooth;
use crate::component::manifold;
use crate::component::pipe::darcy_pressure_drop;
use crate::fluid::{Fluid, WithSlope};
use crate::network::Rack;
use crate::solve::rack::DRAWN_TUBE_ROUGHNESS;

/// Numbers of a server that its equations read.
pub(in crate::solve::adjoint) const SERVER_NUMBERS: usize = 6;
/// Numbers of a manifold that its equations read.
pub(in crate::solve::adjoint) const MANIFOLD_NUMBERS: usize = 8;

/// Linear, quadratic, 1/Kv², what is cooled by air, rating and constant loss of supplies.
pub(in crate::solve::adjoint) fn server_numbers(
    rack: &Rack,
    server: usize,
) -> [f64; SERVER_NUMBERS] {
    let s = &rack.parameters.servers[server];
    [
        s.linear,
        s.quadratic,
        s.inverse_kv_squared,
        s.air_cooled_power + s.fan_power,
        s.supply_rating,
        s.supply_constant_loss,
    ]
}

/// Those of a segment ([`segment`]), linear, quadratic and 1/Kv² of the connection, power of switches.
pub(in crate::solve::adjoint) fn manifold_numbers(rack: &Rack) -> [f64; MANIFOLD_NUMBERS] {
    let m = &rack.parameters.manifold;
    let [linear, quadratic, bore, pitch] = segment_numbers(m);
    [
        linear,
        quadratic,
        bore,
        pitch,
        m.linear,
        m.quadratic,
        m.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv)),
        m.switch_power,
    ]
}

/// Linear, quadratic, bore and length of a segment.
pub(super) fn segment_numbers(m: &manifold::Parameters<f64>) -> [f64; 4] {
    [
        m.segment_linear,
        m.segment_quadratic,
        m.bore.unwrap_or(0.0),
        m.pitch,
    ]
}

/// Slopes of a pressure drop to flow, temperature and its own numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage<const N: usize> {
    pub(super) by_flow: f64,
    pub(super) by_temperature: f64,
    pub(super) by_number: [f64; N],
}

impl<const N: usize> Default for Passage<N> {
    fn default() -> Self {
        Self {
            by_flow: 0.0,
            by_temperature: 0.0,
            by_number: [0.0; N],
        }
    }
}

/// a·m + b·m|m| + m|m|/(Kv²ρ·1000), as in the kernel.
pub(super) fn common(numbers: [f64; 3], m: f64, density: WithSlope) -> Passage<3> {
    let [linear, quadratic, inverse_kv2] = numbers;
    let size = smooth(m);
    let thinned = 1.0 / (1000.0 * density.value);
    Passage {
        by_flow: linear + (quadratic + inverse_kv2 * thinned) * (size + m * m / size),
        by_temperature: -(inverse_kv2 * thinned * m * size * density.slope / density.value),
        by_number: [m, m * size, m * size * thinned],
    }
}

/// Segment of manifold: numbers a, b, bore, length.
pub(super) fn segment(fluid: &Fluid, numbers: [f64; 4], m: f64, temperature: f64) -> Passage<4> {
    let [linear, quadratic, bore, length] = numbers;
    let size = smooth(m);
    let mut out = Passage {
        by_flow: linear + quadratic * (size + m * m / size),
        by_temperature: 0.0,
        by_number: [m, m * size, 0.0, 0.0],
    };
    if bore > 0.0 && length > 0.0 {
        type Four = DualSVec64<4>;
        let lane = |k: usize, value: f64| Four::from_re(value).derivative(k);
        let t = lane(1, temperature);
        let drop = darcy_pressure_drop(
            lane(0, m),
            fluid.density(t),
            fluid.viscosity(t),
            lane(3, length),
            lane(2, bore),
            Four::from_re(DRAWN_TUBE_ROUGHNESS),
        );
        let slopes: [f64; 4] = drop.eps.0.map_or([0.0; 4], Into::into);
        out.by_flow += slopes[0];
        out.by_temperature = slopes[1];
        out.by_number[2] = slopes[2];
        out.by_number[3] = slopes[3];
    }
    out
}
