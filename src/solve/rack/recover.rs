//! Substitution back: from a change of the ports to every plate.

use pulp::{Simd, WithSimd};

use super::RackPorts;
use super::numbers::Batch;
use super::plate::Affine;
use super::state::{Affine4, BatchState, BatchWork};
use crate::solve::lane::{Lane, Plane, WIDTH};

/// Largest step of a temperature, K: far more than a well-posed step needs.
const TEMPERATURE_STEP: f64 = 60.0;

/// Substitutes the ports' changes back and moves the state by `damping` of the step.
///
/// Gives the largest step relative to its scale (10 K, the path's flow).
pub struct Recover<'a> {
    /// The racks.
    pub batch: &'a Batch,
    /// Their last linearisation.
    pub work: &'a BatchWork,
    /// Changes of their port values.
    pub change: &'a [RackPorts; WIDTH],
    /// Part of the step that is taken.
    pub damping: f64,
    /// Their state.
    pub state: &'a mut BatchState,
}

impl WithSimd for Recover<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let Self {
            batch,
            work,
            change,
            damping,
            state,
        } = self;
        let design = &*batch.design;
        let ports: [Plane; 3] = [
            change.map(|p| p.difference),
            change.map(|p| p.inlet),
            change.map(|p| p.air),
        ];
        let mut worst = 0.0f64;
        for chunk in 0..batch.racks.len().div_ceil(S::F64_LANES) {
            let load = |plane: &Plane| Lane::load(simd, plane, chunk);
            let affine =
                |planes: &Affine4| -> Affine<S> { std::array::from_fn(|c| load(&planes[c])) };
            let dot = |a: &Affine<S>, d: Lane<S>, inlet: Lane<S>, air: Lane<S>| {
                a[0] + a[1] * d + a[2] * inlet + a[3] * air
            };
            let limited = |step: Lane<S>| {
                step.min(step.constant(TEMPERATURE_STEP))
                    .max(step.constant(-TEMPERATURE_STEP))
            };
            let (inlet, air) = (load(&ports[1]), load(&ports[2]));
            let [d0, whole, back] =
                [0, 1, 2].map(|k| dot(&affine(&work.top[k]), load(&ports[0]), inlet, air));
            let mut largest = back.constant(0.0);
            // A NaN may get lost in a maximum, not in a sum.
            let mut poison = back * 0.0 + whole * 0.0;
            let t = load(&state.return_temperature) + limited(back) * damping;
            t.store(&mut state.return_temperature, chunk);
            let mut d = d0;
            for s in 0..design.servers {
                if s > 0 {
                    let [c, by, by_inlet, by_air, by_back, by_whole] =
                        work.ladder[s].difference.each_ref().map(load);
                    d = c
                        + by * d
                        + by_inlet * inlet
                        + by_air * air
                        + by_back * back
                        + by_whole * whole;
                }
                let moved = load(&state.difference[s]) + d * damping;
                moved.store(&mut state.difference[s], chunk);
                for set in &design.sets {
                    for path in 0..set.count / set.in_series {
                        let index = s * design.paths_per_server + set.first_path + path;
                        let dm = dot(&affine(&work.paths[index]), d, inlet, air);
                        let m = load(&state.path_flow[index]);
                        largest = largest.max(dm.abs() / (m.abs() + 1e-4));
                        (m + dm * damping).store(&mut state.path_flow[index], chunk);
                        let first =
                            s * design.plates_per_server + set.first_plate + path * set.in_series;
                        for k in first..first + set.in_series {
                            let plate = &work.plates[k];
                            let dj = dot(&affine(&plate.junction), dm, inlet, air);
                            let d_out = dot(&affine(&plate.outlet), dm, inlet, air);
                            largest = largest.max(dj.abs().max(d_out.abs()) * 0.1);
                            poison = poison + (dj + d_out) * 0.0;
                            (load(&state.junction[k]) + limited(dj) * damping)
                                .store(&mut state.junction[k], chunk);
                            (load(&state.outlet[k]) + limited(d_out) * damping)
                                .store(&mut state.outlet[k], chunk);
                        }
                    }
                }
            }
            let mut sound = true;
            poison.each(|p| {
                sound &= p == 0.0;
                [p]
            });
            if !sound {
                return f64::NAN;
            }
            worst = worst.max(largest.largest());
        }
        worst
    }
}
