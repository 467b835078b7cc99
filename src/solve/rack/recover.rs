//! Substitution back: from a change of the ports to every plate.

use pulp::{Simd, WithSimd};

use super::RackPorts;
use super::numbers::Batch;
use super::state::{Affine4, BatchState, BatchWork, LadderWork};
use crate::solve::lane::{Lane, Plane, WIDTH};

/// Largest step of a temperature, K: far more than a well-posed step needs.
const TEMPERATURE_STEP: f64 = 60.0;

/// Flow of a path below which nothing depends on its size any more, kg/s.
const NO_FLOW: f64 = 1e-7;

/// Part of a step that may be taken before a path's flow falls below a tenth of itself.
///
/// Pressure drops are far from linear where a flow stops: from beyond its turning point the next
/// step would be wild. A flow that stops is found in steps of a decade instead.
pub struct Fall<'a> {
    /// The racks.
    pub batch: &'a Batch,
    /// Their last linearisation.
    pub work: &'a BatchWork,
    /// Changes of their port values.
    pub change: &'a [RackPorts; WIDTH],
    /// Part of the linearisation's own correction that is still to be taken: one, or none.
    pub correction: f64,
    /// Their state.
    pub state: &'a BatchState,
}

impl WithSimd for Fall<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let design = &*self.batch.design;
        let mut least = 1.0f64;
        for chunk in 0..self.batch.racks.len().div_ceil(S::F64_LANES) {
            let ports = Ports::load(simd, self.change, self.correction, chunk);
            let [d0, whole, back] = ports.top(&self.work.top);
            let mut d = d0;
            // Largest −δm/m of the flows that matter.
            let mut fall = d.constant(0.0);
            for s in 0..design.servers {
                if s > 0 {
                    d = ports.along(&self.work.ladder[s], d, back, whole);
                }
                let first = s * design.paths_per_server;
                for index in first..first + design.paths_per_server {
                    let dm = ports.dot(&self.work.paths[index], d);
                    let m = Lane::load(simd, &self.state.path_flow[index], chunk);
                    let matters = m.greater(m.constant(NO_FLOW));
                    fall = fall.max(matters.select(-(dm / m), fall));
                }
            }
            let fall = fall.largest();
            if fall > 0.9 {
                least = least.min(0.9 / fall);
            }
        }
        least
    }
}

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
    /// Part of the linearisation's own correction that is still to be taken: one, or none.
    pub correction: f64,
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
            correction,
            state,
        } = self;
        let design = &*batch.design;
        let mut worst = 0.0f64;
        for chunk in 0..batch.racks.len().div_ceil(S::F64_LANES) {
            let ports = Ports::load(simd, change, correction, chunk);
            let [d0, whole, back] = ports.top(&work.top);
            let mut largest = back.constant(0.0);
            // A NaN may get lost in a maximum, not in a sum.
            let mut poison = back * 0.0 + whole * 0.0;
            ports.add(&mut state.return_temperature, limited(back) * damping);
            let mut d = d0;
            for s in 0..design.servers {
                if s > 0 {
                    d = ports.along(&work.ladder[s], d, back, whole);
                }
                ports.add(&mut state.difference[s], d * damping);
                for set in &design.sets {
                    for path in 0..set.count / set.in_series {
                        let index = s * design.paths_per_server + set.first_path + path;
                        let dm = ports.dot(&work.paths[index], d);
                        let m = Lane::load(simd, &state.path_flow[index], chunk);
                        largest = largest.max(dm.abs() / (m.abs() + 1e-4));
                        (m + dm * damping).store(&mut state.path_flow[index], chunk);
                        let first =
                            s * design.plates_per_server + set.first_plate + path * set.in_series;
                        for k in first..first + set.in_series {
                            let plate = &work.plates[k];
                            let dj = ports.dot(&plate.junction, dm);
                            let d_out = ports.dot(&plate.outlet, dm);
                            largest = largest.max(dj.abs().max(d_out.abs()) * 0.1);
                            poison = poison + (dj + d_out) * 0.0;
                            ports.add(&mut state.junction[k], limited(dj) * damping);
                            ports.add(&mut state.outlet[k], limited(d_out) * damping);
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

#[inline(always)]
fn limited<S: Simd>(step: Lane<S>) -> Lane<S> {
    step.min(step.constant(TEMPERATURE_STEP))
        .max(step.constant(-TEMPERATURE_STEP))
}

/// Changes of the ports of some racks side by side.
struct Ports<S: Simd> {
    simd: S,
    chunk: usize,
    correction: Lane<S>,
    difference: Lane<S>,
    inlet: Lane<S>,
    air: Lane<S>,
}

impl<S: Simd> Ports<S> {
    #[inline(always)]
    fn load(simd: S, change: &[RackPorts; WIDTH], correction: f64, chunk: usize) -> Self {
        let mut planes: [Plane; 3] = [[0.0; WIDTH]; 3];
        for (lane, ports) in change.iter().enumerate() {
            planes[0][lane] = ports.difference;
            planes[1][lane] = ports.inlet;
            planes[2][lane] = ports.air;
        }
        Self {
            simd,
            chunk,
            correction: Lane::splat(simd, correction),
            difference: Lane::load(simd, &planes[0], chunk),
            inlet: Lane::load(simd, &planes[1], chunk),
            air: Lane::load(simd, &planes[2], chunk),
        }
    }

    /// An affine function of (d, T_i, T_a).
    #[inline(always)]
    fn dot(&self, affine: &Affine4, d: Lane<S>) -> Lane<S> {
        self.of(&affine[0]) * self.correction
            + self.of(&affine[1]) * d
            + self.of(&affine[2]) * self.inlet
            + self.of(&affine[3]) * self.air
    }

    #[inline(always)]
    fn of(&self, plane: &Plane) -> Lane<S> {
        Lane::load(self.simd, plane, self.chunk)
    }

    /// Adds to a plane.
    #[inline(always)]
    fn add(&self, plane: &mut Plane, step: Lane<S>) {
        (self.of(plane) + step).store(plane, self.chunk);
    }

    /// Changes of D_0, M and T_r.
    #[inline(always)]
    fn top(&self, top: &[Affine4; 3]) -> [Lane<S>; 3] {
        [
            self.dot(&top[0], self.difference),
            self.dot(&top[1], self.difference),
            self.dot(&top[2], self.difference),
        ]
    }

    /// Change of the pressure difference at a position from that at the one before.
    #[inline(always)]
    fn along(&self, ladder: &LadderWork, d: Lane<S>, back: Lane<S>, whole: Lane<S>) -> Lane<S> {
        let [c, by, by_inlet, by_air, by_back, by_whole] = &ladder.difference;
        self.of(c) * self.correction
            + self.of(by) * d
            + self.of(by_inlet) * self.inlet
            + self.of(by_air) * self.air
            + self.of(by_back) * back
            + self.of(by_whole) * whole
    }
}
