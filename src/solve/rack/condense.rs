//! Servers, ladder and rack: everything above the plates, eliminated down to the rack's ports.

use nalgebra::{Matrix3, Matrix3x4};
use num_dual::DualSVec64;
use pulp::{Simd, WithSimd};

use super::numbers::{Batch, ManifoldField, ServerField};
use super::plate::{Affine, Chain, Inlet, SetAtInlet, thermal};
use super::state::{BatchState, BatchWork};
use super::{DRAWN_TUBE_ROUGHNESS, RackPorts, SMALL_FLOW};
#[cfg(test)]
use crate::component::mutation::{self, Path};
use crate::component::pipe::darcy_pressure_drop;
use crate::fluid::Fluid;
use crate::solve::lane::{Lane, Plane, WIDTH};

/// Affine function of (D, T_i, T_a, T_r, M).
type Wide<S> = [Lane<S>; 6];

/// Linearises the racks of a batch and condenses them to their ports.
pub struct Condense<'a> {
    /// Their numbers.
    pub batch: &'a Batch,
    /// Their state.
    pub state: &'a BatchState,
    /// Their port values.
    pub ports: &'a [RackPorts; WIDTH],
    /// Where the result goes.
    pub work: &'a mut BatchWork,
}

impl WithSimd for Condense<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let ports: [Plane; 3] = [
            self.ports.map(|p| p.difference),
            self.ports.map(|p| p.inlet),
            self.ports.map(|p| p.air),
        ];
        self.work.restless = false;
        for chunk in 0..self.batch.racks.len().div_ceil(S::F64_LANES) {
            let load = |plane: &Plane| Lane::load(simd, plane, chunk);
            let inlet = Inlet::new(&self.batch.design.fluid, load(&ports[1]), load(&ports[2]));
            for (set, planes) in self.batch.design.sets.iter().zip(&mut self.work.sets) {
                SetAtInlet::new(set, &inlet).store(planes, chunk);
            }
            let mut rack = Rack {
                simd,
                chunk,
                batch: self.batch,
                state: self.state,
                inlet,
                work: &mut *self.work,
            };
            for server in 0..self.batch.design.servers {
                rack.server(server);
            }
            rack.ladder(load(&ports[0]));
        }
    }
}

struct Rack<'a, S: Simd> {
    simd: S,
    chunk: usize,
    batch: &'a Batch,
    state: &'a BatchState,
    inlet: Inlet<S>,
    work: &'a mut BatchWork,
}

/// Pressure drop a·m + b·m|m| + m|m|/(Kv²ρ)·1000 and its slopes to m and T.
///
/// Kv is defined with water of 1000 kg/m³: Δp = (q/Kv)²·ρ/1000 = m²/(Kv²·1000·ρ).
#[inline(always)]
fn common_drop<S: Simd>(
    linear: Lane<S>,
    quadratic: Lane<S>,
    inverse_kv2: Lane<S>,
    m: Lane<S>,
    inlet: &Inlet<S>,
) -> (Lane<S>, Lane<S>, Lane<S>) {
    let smooth = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
    let kv = inverse_kv2 / (inlet.density * 1000.0);
    let b = quadratic + kv;
    let turbulent = m * smooth;
    (
        linear * m + b * turbulent,
        linear + b * (smooth + m * m / smooth),
        -(kv * turbulent * inlet.density_slope / inlet.density),
    )
}

impl<S: Simd> Rack<'_, S> {
    #[inline(always)]
    fn load(&self, plane: &Plane) -> Lane<S> {
        Lane::load(self.simd, plane, self.chunk)
    }

    #[inline(always)]
    fn number(&self, value: f64) -> Lane<S> {
        Lane::splat(self.simd, value)
    }

    #[inline(always)]
    fn manifold(&self, field: ManifoldField) -> Lane<S> {
        self.batch.manifold(self.simd, field, self.chunk)
    }

    #[inline(always)]
    fn server_field(&self, field: ServerField, s: usize) -> Lane<S> {
        self.batch.server(self.simd, field, s, self.chunk)
    }

    /// Flow of a server, kg/s.
    #[inline(always)]
    fn server_flow(&self, s: usize) -> Lane<S> {
        let paths = self.batch.design.paths_per_server;
        let mut sum = self.number(0.0);
        for plane in &self.state.path_flow[s * paths..(s + 1) * paths] {
            sum = sum + self.load(plane);
        }
        sum
    }

    /// Linearises one server: paths, plates, common part and power supply.
    #[inline(always)]
    fn server(&mut self, s: usize) {
        let design = &*self.batch.design;
        let plates0 = s * design.plates_per_server;
        let paths0 = s * design.paths_per_server;
        let (zero, one) = (self.number(0.0), self.number(1.0));
        let inlet = self.inlet;
        let total = self.server_flow(s);
        let (common, common_m, common_t) = common_drop(
            self.server_field(ServerField::Linear, s),
            self.server_field(ServerField::Quadratic, s),
            self.server_field(ServerField::InverseKvSquared, s),
            total,
            &inlet,
        );
        let available = self.load(&self.state.difference[s]) - common;
        // Sums over paths, first as functions of each path's own m.
        let (mut weight, mut shift, mut by_inlet, mut by_air) = (zero, zero, zero, zero);
        let mut linear = [[zero; 4]; 3];
        for (k, set) in design.sets.iter().enumerate() {
            let at_inlet = SetAtInlet::load(self.simd, &self.work.sets[k], self.chunk);
            for path in 0..set.count / set.in_series {
                let index = paths0 + set.first_path + path;
                let within = path * set.in_series;
                let first = plates0 + set.first_plate + within;
                let m = self.load(&self.state.path_flow[index]);
                let chain = Chain::new(self.simd, self.chunk, self.batch, k, &at_inlet, &inlet, m);
                let result = chain.run(
                    self.state,
                    first,
                    s * set.count + within,
                    &mut self.work.plates[first..first + set.in_series],
                );
                self.work.restless |= result.restless;
                let slope = result.drop[1].max(self.number(1e-9));
                let inverse = one / slope;
                let rest = available - result.drop_value - result.drop[0];
                let own = [rest, slope, result.drop[2], result.drop[3]];
                for c in 0..4 {
                    own[c].store(&mut self.work.paths[index][c], self.chunk);
                }
                weight = weight + inverse;
                shift = shift + rest * inverse;
                by_inlet = by_inlet + result.drop[2] * inverse;
                by_air = by_air + result.drop[3] * inverse;
                // Insert δm's own part: δm = (rest + δD − common_m·δm_s − …)/slope, the m_s part
                // below.
                for (sum, q) in linear.iter_mut().zip(&result.heat) {
                    let pushed = q[1] * inverse;
                    sum[0] = sum[0] + q[0] + pushed * rest;
                    sum[1] = sum[1] + pushed;
                    sum[2] = sum[2] + q[2] - pushed * (common_t + result.drop[2]);
                    sum[3] = sum[3] + q[3] - pushed * result.drop[3];
                }
            }
        }
        let scale = one / (common_m * weight + 1.0);
        let flow: Affine<S> = [
            shift * scale,
            weight * scale,
            -((common_t * weight + by_inlet) * scale),
            -(by_air * scale),
        ];
        // The m_s part: −common_m·δm_s pushes every path as a change of D does.
        for sum in &mut linear {
            let pushed = sum[1] * common_m;
            for c in 0..4 {
                sum[c] = sum[c] - pushed * flow[c];
            }
        }
        for index in paths0..paths0 + design.paths_per_server {
            let own = self.work.paths[index];
            let [rest, slope, drop_t, drop_a] = self.affine(&own);
            let inverse = one / slope;
            let change = [
                (rest - common_m * flow[0]) * inverse,
                (one - common_m * flow[1]) * inverse,
                -((common_t + drop_t + common_m * flow[2]) * inverse),
                -((drop_a + common_m * flow[3]) * inverse),
            ];
            for c in 0..4 {
                change[c].store(&mut self.work.paths[index][c], self.chunk);
            }
        }
        let [liquid, mut air, devices] = linear;
        // Direct current: devices and what is cooled by air; the supply's loss comes on top.
        let other = self.server_field(ServerField::AirCooledPower, s);
        let direct = devices[0] + other;
        let (loss, loss_slope) = self.supply_loss(s, direct);
        let mut power = devices;
        power[0] = direct + loss;
        for c in 1..4 {
            power[c] = power[c] + devices[c] * loss_slope;
        }
        #[cfg(test)]
        let (other, loss, loss_slope) = {
            let kept = mutation::kept;
            for (p, device) in power.iter_mut().zip(devices) {
                *p = *p - device * (1.0 - kept(Path::DevicePower));
            }
            power[0] = power[0] - (other + loss) * (1.0 - kept(Path::OtherPower));
            let supplies = kept(Path::SupplyLoss);
            (
                other * kept(Path::AirCooled),
                loss * supplies,
                loss_slope * supplies,
            )
        };
        air[0] = air[0] + other + loss;
        for c in 1..4 {
            air[c] = air[c] + devices[c] * loss_slope;
        }
        let mut through = flow;
        through[0] = through[0] + total;
        for (store, affine) in self.work.servers[s]
            .iter_mut()
            .zip([through, liquid, air, power])
        {
            for c in 0..4 {
                affine[c].store(&mut store[c], self.chunk);
            }
        }
    }

    /// See [`supply_loss`](super::supply_loss).
    #[inline(always)]
    fn supply_loss(&self, s: usize, direct: Lane<S>) -> (Lane<S>, Lane<S>) {
        let constant = self.server_field(ServerField::SupplyConstantLoss, s);
        let Some(table) = &self.batch.supply_loss else {
            return (constant, self.number(0.0));
        };
        let output = direct + constant;
        let rating = self.server_field(ServerField::SupplyRating, s);
        let rated = self.number(f64::MAX).greater(rating);
        let load = rated.select(output / rating, self.number(0.5));
        let (ratio, slope) = table.eval(load);
        let slope = rated.select(slope / rating, self.number(0.0));
        (constant + output * ratio, ratio + output * slope)
    }

    /// Segment of manifold: pressure drop and slopes to flow and temperature.
    #[inline(always)]
    fn segment(&self, m: Lane<S>, temperature: Lane<S>) -> [Lane<S>; 3] {
        let a = self.manifold(ManifoldField::SegmentLinear);
        let b = self.manifold(ManifoldField::SegmentQuadratic);
        let smooth = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
        let mut value = a * m + b * m * smooth;
        let mut slope = a + b * (smooth + m * m / smooth);
        let mut by_temperature = self.number(0.0);
        if let Some(tube) = &self.batch.tube {
            let [drop, by_flow, by_t] = self.darcy(tube, m, temperature);
            value = value + drop;
            slope = slope + by_flow;
            by_temperature = by_t;
        }
        [value, slope, by_temperature]
    }

    #[inline(always)]
    fn darcy(&self, tube: &[Plane; 2], m: Lane<S>, temperature: Lane<S>) -> [Lane<S>; 3] {
        let (mut flows, mut temperatures) = ([0.0; WIDTH], [0.0; WIDTH]);
        m.store(&mut flows, self.chunk);
        temperature.store(&mut temperatures, self.chunk);
        let mut out = [[0.0; WIDTH]; 3];
        for lane in self.chunk * S::F64_LANES..(self.chunk + 1) * S::F64_LANES {
            let found = darcy(
                &self.batch.design.fluid,
                [tube[0][lane], tube[1][lane]],
                flows[lane],
                temperatures[lane],
            );
            for (plane, value) in out.iter_mut().zip(found) {
                plane[lane] = value;
            }
        }
        [self.load(&out[0]), self.load(&out[1]), self.load(&out[2])]
    }

    /// Ladder and top of the rack.
    #[inline(always)]
    fn ladder(&mut self, difference_across: Lane<S>) {
        let n = self.batch.design.servers;
        let reverse = self.batch.reverse;
        let (zero, one) = (self.number(0.0), self.number(1.0));
        let inlet = self.inlet;
        let return_temperature = self.load(&self.state.return_temperature);
        let mut whole = zero;
        for s in 0..n {
            whole = whole + self.server_flow(s);
        }
        // Flow against the assumed direction: the rack may have to be turned round.
        self.work.restless |= zero.greater(whole).any();
        // From the far end: the tail's flow as a function of its D.
        let mut tail: Wide<S> = [zero; 6];
        let mut beyond = zero;
        for j in (0..n).rev() {
            let own = self.affine(&self.work.servers[j][0]);
            let m = self.server_flow(j);
            tail[0] = tail[0] + own[0] - m;
            for c in 1..4 {
                tail[c] = tail[c] + own[c];
            }
            for c in 0..6 {
                tail[c].store(&mut self.work.ladder[j].tail[c], self.chunk);
            }
            beyond = beyond + m;
            if j == 0 {
                break;
            }
            // Segment between j − 1 and j: δD_j from δD_{j−1}.
            let supply = self.segment(beyond, inlet.temperature);
            let back_flow = if reverse { whole - beyond } else { beyond };
            let back = self.segment(back_flow, return_temperature);
            let sign = if reverse { -1.0 } else { 1.0 };
            let rest = self.load(&self.state.difference[j - 1])
                - self.load(&self.state.difference[j])
                - supply[0]
                - back[0] * sign;
            // δD_j = δD_{j−1} + rest − supply'·δM − T-parts ∓ back'·(…): back follows M, or
            // M_whole − M.
            let slope = supply[1] + back[1];
            let scale = one / (slope * tail[1] + 1.0);
            let by_whole = if reverse { back[1] } else { zero };
            let difference: Wide<S> = [
                (rest - slope * tail[0]) * scale,
                scale,
                (-supply[2] - slope * tail[2]) * scale,
                -(slope * tail[3] * scale),
                (back[2] * -sign - slope * tail[4]) * scale,
                (by_whole - slope * tail[5]) * scale,
            ];
            for c in 0..6 {
                difference[c].store(&mut self.work.ladder[j].difference[c], self.chunk);
            }
            // The tail as a function of D_{j−1}.
            tail = through(&tail, &difference);
        }
        // Forward: every D as a function of D_0, to sum what the rack gives.
        let mut difference: Wide<S> = [zero, one, zero, zero, zero, zero];
        let mut sums = [[zero; 6]; 4];
        let mut far: Wide<S> = [zero; 6];
        let mut far_value = zero;
        let mut before = zero;
        for j in 0..n {
            if j > 0 {
                let step = self.wide(&self.work.ladder[j].difference);
                difference = through(&step, &difference);
                if reverse {
                    // Return header beyond position j − 1 carries what has joined so far.
                    let back = self.segment(before, return_temperature);
                    far_value = far_value + back[0];
                    let tail = through(&self.wide(&self.work.ladder[j].tail), &difference);
                    for c in 0..6 {
                        far[c] = far[c] - back[1] * tail[c];
                    }
                    far[4] = far[4] + back[2];
                    far[5] = far[5] + back[1];
                }
            }
            before = before + self.server_flow(j);
            for (sum, total) in sums.iter_mut().zip(&self.work.servers[j]) {
                let total = affine(self.simd, total, self.chunk);
                for c in 0..6 {
                    sum[c] = sum[c] + total[1] * difference[c];
                }
                sum[0] = sum[0] + total[0];
                sum[2] = sum[2] + total[2];
                sum[3] = sum[3] + total[3];
            }
        }
        self.top(difference_across, whole, &sums, far_value, &far);
    }

    #[inline(always)]
    fn wide(&self, planes: &[Plane; 6]) -> Wide<S> {
        [
            self.load(&planes[0]),
            self.load(&planes[1]),
            self.load(&planes[2]),
            self.load(&planes[3]),
            self.load(&planes[4]),
            self.load(&planes[5]),
        ]
    }

    #[inline(always)]
    fn affine(&self, planes: &[Plane; 4]) -> Affine<S> {
        affine(self.simd, planes, self.chunk)
    }

    /// (D_0, M, T_r) against (Δp, T_i, T_a).
    #[inline(always)]
    fn top(
        &mut self,
        across: Lane<S>,
        whole: Lane<S>,
        sums: &[Wide<S>; 4],
        far_value: Lane<S>,
        far: &Wide<S>,
    ) {
        let inlet = self.inlet;
        let one = self.number(1.0);
        let (connection, connection_m, connection_t) = common_drop(
            self.manifold(ManifoldField::Linear),
            self.manifold(ManifoldField::Quadratic),
            self.manifold(ManifoldField::InverseKvSquared),
            whole,
            &inlet,
        );
        let [flow, liquid, air, power] = sums;
        let (enthalpy, specific_heat) = thermal(
            &self.batch.design.fluid,
            self.load(&self.state.return_temperature),
        );
        let smooth = (whole * whole + SMALL_FLOW * SMALL_FLOW).sqrt();
        let lift = enthalpy - inlet.enthalpy;
        let zero = self.number(0.0);
        //   D_0 + connection(M) + far = Δp
        //   M = Σ flows
        //   smooth·(h(T_r) − h(T_i)) = heat to liquid
        let matrix = [
            one + far[1],
            connection_m + far[5],
            far[4],
            -flow[1],
            one - flow[5],
            -flow[4],
            -liquid[1],
            lift * whole / smooth - liquid[5],
            smooth * specific_heat - liquid[4],
        ];
        let right = [
            across - self.load(&self.state.difference[0]) - connection - far_value - far[0],
            one,
            -connection_t - far[2],
            -far[3],
            flow[0] - whole,
            zero,
            flow[2],
            flow[3],
            liquid[0] - smooth * lift,
            zero,
            liquid[2] + smooth * inlet.specific_heat,
            liquid[3],
        ];
        let solution = self.solve_top(&matrix, &right);
        for (store, affine) in self.work.top.iter_mut().zip(&solution) {
            for c in 0..4 {
                affine[c].store(&mut store[c], self.chunk);
            }
        }
        let switches = self.manifold(ManifoldField::SwitchPower);
        let compose = |sum: &Wide<S>, value: Lane<S>| -> Affine<S> {
            let mut out = [value, zero, sum[2], sum[3]];
            for c in 0..4 {
                out[c] = out[c]
                    + sum[1] * solution[0][c]
                    + sum[5] * solution[1][c]
                    + sum[4] * solution[2][c];
            }
            out
        };
        let to_air = switches;
        #[cfg(test)]
        let to_air = to_air * mutation::kept(Path::Switches);
        let found = [
            compose(flow, flow[0]),
            compose(liquid, liquid[0]),
            compose(air, air[0] + to_air),
            compose(power, power[0] + switches),
        ];
        for (store, affine) in self.work.linear.iter_mut().zip(found) {
            for c in 0..4 {
                affine[c].store(&mut store[c], self.chunk);
            }
        }
    }

    /// Solves the three equations of each rack, with pivoting; nought where they are singular.
    #[inline(always)]
    fn solve_top(&self, matrix: &[Lane<S>; 9], right: &[Lane<S>; 12]) -> [Affine<S>; 3] {
        let mut a = [[0.0; WIDTH]; 9];
        let mut b = [[0.0; WIDTH]; 12];
        for (plane, lane) in a.iter_mut().zip(matrix).chain(b.iter_mut().zip(right)) {
            lane.store(plane, 0);
        }
        let mut found = [[[0.0; WIDTH]; 4]; 3];
        for lane in 0..S::F64_LANES {
            let matrix = Matrix3::from_fn(|r, c| a[3 * r + c][lane]);
            let right = Matrix3x4::from_fn(|r, c| b[4 * r + c][lane]);
            let solution = matrix.lu().solve(&right).unwrap_or_else(Matrix3x4::zeros);
            for (r, row) in found.iter_mut().enumerate() {
                for (c, plane) in row.iter_mut().enumerate() {
                    plane[lane] = solution[(r, c)];
                }
            }
        }
        [
            affine(self.simd, &found[0], 0),
            affine(self.simd, &found[1], 0),
            affine(self.simd, &found[2], 0),
        ]
    }
}

#[inline(always)]
fn affine<S: Simd>(simd: S, planes: &[Plane; 4], chunk: usize) -> Affine<S> {
    [
        Lane::load(simd, &planes[0], chunk),
        Lane::load(simd, &planes[1], chunk),
        Lane::load(simd, &planes[2], chunk),
        Lane::load(simd, &planes[3], chunk),
    ]
}

/// An affine function of (D, …) after D has become an affine function of the same arguments.
#[inline(always)]
fn through<S: Simd>(outer: &Wide<S>, inner: &Wide<S>) -> Wide<S> {
    let by = outer[1];
    [
        outer[0] + by * inner[0],
        by * inner[1],
        outer[2] + by * inner[2],
        outer[3] + by * inner[3],
        outer[4] + by * inner[4],
        outer[5] + by * inner[5],
    ]
}

/// Darcy pressure drop of a tube of given bore and length, and its slopes to flow and temperature.
fn darcy(fluid: &Fluid, [bore, length]: [f64; 2], m: f64, temperature: f64) -> [f64; 3] {
    if bore <= 0.0 || length <= 0.0 {
        return [0.0; 3];
    }
    type Dual = DualSVec64<2>;
    let flow = Dual::from_re(m).derivative(0);
    let t = Dual::from_re(temperature).derivative(1);
    let drop = darcy_pressure_drop(
        flow,
        fluid.density(t),
        fluid.viscosity(t),
        Dual::from_re(length),
        Dual::from_re(bore),
        Dual::from_re(DRAWN_TUBE_ROUGHNESS),
    );
    let slopes = drop.eps.0.map_or([0.0; 2], |d| [d[0], d[1]]);
    [drop.re, slopes[0], slopes[1]]
}
