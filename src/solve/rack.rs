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
//! A throttled device has its temperature given and its power unknown; eliminated the same way.

use nalgebra::{Matrix3, Matrix3x4};
use num_dual::DualSVec64;

use crate::component::pipe::darcy_pressure_drop;
use crate::fluid::Fluid;
use crate::network::rack::{Conductance, Plate, RackDesign, RackParameters, ServerNumbers};

/// Flow at which the kernel's laws turn from turbulent to linear, kg/s.
const SMALL_FLOW: f64 = 1e-7;
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

/// Temperatures of a plate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlateState {
    /// Junction, K.
    pub junction: f64,
    /// Coolant outlet, K.
    pub outlet: f64,
}

/// State of a rack.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RackState {
    /// Plates.
    pub plates: Vec<PlateState>,
    /// Device status.
    pub status: Vec<u8>,
    /// Flow of each path, kg/s.
    pub path_flow: Vec<f64>,
    /// Pressure difference at each position, Pa.
    pub difference: Vec<f64>,
    /// Return temperature, K.
    pub return_temperature: f64,
    /// Flow enters at the return connection.
    pub reversed: bool,
}

/// Affine function of (m, T_i, T_a) or of (D, T_i, T_a): `[constant, ∂/∂…]`.
type Affine = [f64; 4];
/// Affine function of (D, T_i, T_a, T_r, M).
type Affine6 = [f64; 6];

/// What is kept of a plate between elimination and substitution.
#[derive(Debug, Clone, Copy, Default)]
struct PlateWork {
    junction: Affine,
    outlet: Affine,
    /// Conductance from case to the coolant's inlet, W/K.
    conductance: f64,
    /// Coolant inlet, K.
    inlet: f64,
    /// Electrical power, W.
    power: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct ServerWork {
    /// Flow, heat to liquid, heat to air, input power: values and derivatives to (D, T_i, T_a).
    totals: [Affine; 4],
}

#[derive(Debug, Clone, Copy, Default)]
struct LadderWork {
    /// δD_j from δD_{j−1} and the rest.
    difference: Affine6,
    /// Flow into this position and beyond.
    tail: Affine6,
}

/// Work space of a rack.
#[derive(Debug, Clone, Default)]
pub struct RackWork {
    plates: Vec<PlateWork>,
    paths: Vec<Affine>,
    servers: Vec<ServerWork>,
    ladder: Vec<LadderWork>,
    /// (D_0, M, T_r) as functions of (Δp, T_i, T_a).
    top: [Affine; 3],
}

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

/// What the paths of one set in one rack have in common at this temperature.
struct Inlet {
    temperature: f64,
    air: f64,
    density: f64,
    density_slope: f64,
    specific_heat: f64,
    specific_heat_slope: f64,
    enthalpy: f64,
}

impl Inlet {
    fn new(fluid: &Fluid, ports: &RackPorts) -> Self {
        let p = fluid.props_with_slopes(ports.inlet);
        Self {
            temperature: ports.inlet,
            air: ports.air,
            density: p.density.value,
            density_slope: p.density.slope,
            specific_heat: p.specific_heat.value,
            specific_heat_slope: p.specific_heat.slope,
            enthalpy: p.enthalpy.value,
        }
    }
}

impl RackWork {
    /// Work space for racks of this design.
    pub fn new(design: &RackDesign) -> Self {
        Self {
            plates: vec![PlateWork::default(); design.plates()],
            paths: vec![Affine::default(); design.paths()],
            servers: vec![ServerWork::default(); design.servers],
            ladder: vec![LadderWork::default(); design.servers],
            top: [Affine::default(); 3],
        }
    }

    /// Electrical power of a device at the last linearisation, W.
    pub fn device_power(&self, plate: usize) -> f64 {
        self.plates[plate].power
    }

    /// Coolant temperature at the inlet of a plate at the last linearisation, K.
    pub fn coolant_inlet(&self, plate: usize) -> f64 {
        self.plates[plate].inlet
    }

    /// Conductance from case to coolant inlet at the last linearisation, W/K.
    pub fn conductance(&self, plate: usize) -> f64 {
        self.plates[plate].conductance
    }

    /// Flow, heat to liquid, heat to air and input power of a server at the last linearisation.
    pub fn server_totals(&self, server: usize) -> [f64; 4] {
        self.servers[server].totals.map(|affine| affine[0])
    }
}

impl RackState {
    /// First guess for a pressure difference and an inlet temperature.
    pub fn guess(design: &RackDesign, parameters: &RackParameters, ports: &RackPorts) -> Self {
        let mut path_flow = vec![0.0; design.paths()];
        let mut plates = vec![PlateState::default(); design.plates()];
        let density = design.fluid.density(ports.inlet);
        let specific_heat = design.fluid.specific_heat(ports.inlet);
        // Three quarters of the pressure on the plates: near enough for a Newton start.
        let available = 0.75 * ports.difference.abs().max(1.0);
        let mut heat = 0.0;
        let mut flow = 0.0;
        for s in 0..design.servers {
            for set in &design.sets {
                for path in 0..set.count / set.in_series {
                    let first =
                        s * design.plates_per_server + set.first_plate + path * set.in_series;
                    let chain = &parameters.plates[first..first + set.in_series];
                    let m = guess_path_flow(set, chain, available, density);
                    path_flow[s * design.paths_per_server + set.first_path + path] = m;
                    let mut temperature = ports.inlet;
                    for (k, plate) in chain.iter().enumerate() {
                        let power = (plate.base_power + plate.leakage).min(plate.cap);
                        let rise = (power / (m * specific_heat).max(power / 60.0 + 1e-9)).min(60.0);
                        temperature += rise;
                        plates[first + k] = PlateState {
                            junction: temperature
                                + (power * (plate.core_resistance + 0.02)).min(60.0),
                            outlet: temperature,
                        };
                        heat += power;
                    }
                    flow += m;
                }
            }
        }
        let rise = (heat / (flow * specific_heat).max(1e-9)).min(60.0);
        Self {
            plates,
            status: vec![status::NORMAL; design.plates()],
            path_flow,
            difference: vec![ports.difference; design.servers],
            return_temperature: ports.inlet + rise,
            reversed: false,
        }
    }
}

fn guess_path_flow(
    set: &crate::network::rack::SetDesign,
    chain: &[Plate],
    available: f64,
    density: f64,
) -> f64 {
    let (mut linear, mut quadratic, mut factor) = (0.0, 0.0, 0.0);
    for plate in chain {
        linear += plate.drop_factor * plate.linear;
        quadratic += plate.drop_factor * plate.quadratic;
        factor += plate.drop_factor;
    }
    let mut guess = f64::INFINITY;
    if linear > 0.0 || quadratic > 0.0 {
        guess = if quadratic > 0.0 {
            2.0 * available / (linear + (linear * linear + 4.0 * quadratic * available).sqrt())
        } else {
            available / linear
        };
    }
    let nominal = factor * set.pressure_drop;
    if nominal > 0.0 {
        let m = density * set.pressure_drop_flow * (available / nominal).powf(1.0 / set.exponent);
        guess = guess.min(m);
    }
    if guess.is_finite() { guess } else { 0.05 }
}

/// Linearises a rack at its state and condenses it to its ports.
pub fn condense(
    design: &RackDesign,
    parameters: &RackParameters,
    state: &RackState,
    ports: &RackPorts,
    work: &mut RackWork,
) -> RackLinear {
    let inlet = Inlet::new(&design.fluid, ports);
    for (s, numbers) in parameters.servers.iter().enumerate() {
        server(design, parameters, numbers, state, &inlet, s, work);
    }
    ladder(design, parameters, state, ports, &inlet, work)
}

/// Linearises one server: paths, plates, common part and power supply.
fn server(
    design: &RackDesign,
    parameters: &RackParameters,
    numbers: &ServerNumbers,
    state: &RackState,
    inlet: &Inlet,
    s: usize,
    work: &mut RackWork,
) {
    let plates0 = s * design.plates_per_server;
    let paths0 = s * design.paths_per_server;
    let flows = &state.path_flow[paths0..paths0 + design.paths_per_server];
    let total: f64 = flows.iter().sum();
    let (common, common_m, common_t) = common_drop(
        numbers.linear,
        numbers.quadratic,
        numbers.inverse_kv_squared,
        total,
        inlet.density,
        inlet.density_slope,
    );
    // Sums over paths, first as functions of each path's own m.
    let (mut weight, mut shift, mut by_inlet, mut by_air) = (0.0, 0.0, 0.0, 0.0);
    let mut linear = [[0.0f64; 4]; 3];
    let path_work = &mut work.paths[paths0..paths0 + design.paths_per_server];
    for set in &design.sets {
        for path in 0..set.count / set.in_series {
            let index = set.first_path + path;
            let first = plates0 + set.first_plate + path * set.in_series;
            let chain = Chain::new(set, inlet, flows[index]);
            let result = chain.run(
                &design.fluid,
                &parameters.plates[first..first + set.in_series],
                &state.plates[first..first + set.in_series],
                &state.status[first..first + set.in_series],
                &mut work.plates[first..first + set.in_series],
            );
            let slope = result.drop[1].max(1e-9);
            let rest = state.difference[s] - common - result.drop_value - result.drop[0];
            path_work[index] = [rest, slope, result.drop[2], result.drop[3]];
            weight += 1.0 / slope;
            shift += rest / slope;
            by_inlet += result.drop[2] / slope;
            by_air += result.drop[3] / slope;
            // Insert δm's own part: δm = (rest + δD − common_m·δm_s − …)/slope, the m_s part below.
            for (sum, q) in linear.iter_mut().zip(&result.heat) {
                sum[0] += q[0] + q[1] * rest / slope;
                sum[1] += q[1] / slope;
                sum[2] += q[2] - q[1] * (common_t + result.drop[2]) / slope;
                sum[3] += q[3] - q[1] * result.drop[3] / slope;
            }
        }
    }
    let scale = 1.0 / (1.0 + common_m * weight);
    let flow: Affine = [
        shift * scale,
        weight * scale,
        -(common_t * weight + by_inlet) * scale,
        -by_air * scale,
    ];
    // The m_s part: −common_m·δm_s pushes every path as a change of D does.
    for sum in &mut linear {
        let pushed = sum[1];
        for k in 0..4 {
            sum[k] -= pushed * common_m * flow[k];
        }
    }
    for path in path_work.iter_mut() {
        let [rest, slope, drop_t, drop_a] = *path;
        *path = [
            (rest - common_m * flow[0]) / slope,
            (1.0 - common_m * flow[1]) / slope,
            -(common_t + drop_t + common_m * flow[2]) / slope,
            -(drop_a + common_m * flow[3]) / slope,
        ];
    }
    let [liquid, mut air, devices] = linear;
    // Direct current: devices and what is cooled by air; the supply's loss comes on top.
    let other = numbers.air_cooled_power + numbers.fan_power;
    let direct = devices[0] + other;
    let (loss, loss_slope) = supply_loss(design, numbers, direct);
    let mut power = devices;
    power[0] = direct + loss;
    air[0] += other + loss;
    for k in 1..4 {
        air[k] += devices[k] * loss_slope;
        power[k] += devices[k] * loss_slope;
    }
    let mut through = flow;
    through[0] += total;
    work.servers[s].totals = [through, liquid, air, power];
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

/// Pressure drop a·m + b·m|m| + m|m|/(Kv²ρ)·1000 and its slopes to m and T.
///
/// Kv is defined with water of 1000 kg/m³: Δp = (q/Kv)²·ρ/1000 = m²/(Kv²·1000·ρ).
fn common_drop(
    linear: f64,
    quadratic: f64,
    inverse_kv2: f64,
    m: f64,
    density: f64,
    density_slope: f64,
) -> (f64, f64, f64) {
    let smooth = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
    let kv = inverse_kv2 / (1000.0 * density);
    let b = quadratic + kv;
    let turbulent = m * smooth;
    let value = linear * m + b * turbulent;
    let slope = linear + b * (smooth + m * m / smooth);
    (value, slope, -kv * turbulent * density_slope / density)
}

/// A path at its present flow: what all plates on it share.
struct Chain<'a> {
    set: &'a crate::network::rack::SetDesign,
    inlet: &'a Inlet,
    m: f64,
    smooth: f64,
    /// Number of transfer units for conductance factor 1, and slopes to m and T_i.
    units: [f64; 3],
    /// ṁ⁺·cp and slopes.
    capacity: [f64; 3],
    /// Regularised capacity √(m² + ε²)·cp and slopes.
    divisor: [f64; 3],
    /// Measured pressure drop at reference viscosity, and slopes.
    measured: [f64; 3],
}

struct ChainResult {
    drop_value: f64,
    /// Change of the pressure drop: `[constant, m, T_i, T_a]`.
    drop: Affine,
    /// Heat to liquid, heat to air, device power.
    heat: [Affine; 3],
}

impl<'a> Chain<'a> {
    #[inline]
    fn new(set: &'a crate::network::rack::SetDesign, inlet: &'a Inlet, m: f64) -> Self {
        let smooth = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
        let sign = m / smooth;
        let (cp, cp_t) = (inlet.specific_heat, inlet.specific_heat_slope);
        let divisor = [cp * smooth, cp * sign, cp_t * smooth];
        let forward = 0.5 * (m + smooth);
        let capacity = [cp * forward, cp * 0.5 * (1.0 + sign), cp_t * forward];
        let volume = smooth / inlet.density;
        let volume_m = sign / inlet.density;
        let volume_t = -volume * inlet.density_slope / inlet.density;
        let (ua, ua_m, ua_t) = match &set.conductance {
            Conductance::Measured(table) => {
                let (ua, slope) = table.eval_with_slope(volume);
                (ua, slope * volume_m, slope * volume_t)
            }
            Conductance::Power {
                nominal,
                flow,
                exponent,
            } if *exponent == 0.0 => {
                let _ = flow;
                (*nominal, 0.0, 0.0)
            }
            Conductance::Power {
                nominal,
                flow,
                exponent,
            } => {
                let ua = nominal * (exponent * (smooth / flow).ln()).exp();
                (ua, ua * exponent * sign / smooth, 0.0)
            }
        };
        let inverse = 1.0 / divisor[0];
        let n = ua * inverse;
        let units = [
            n,
            (ua_m - n * divisor[1]) * inverse,
            (ua_t - n * divisor[2]) * inverse,
        ];
        let measured = if set.pressure_drop > 0.0 {
            let e = set.exponent;
            let size = set.pressure_drop
                * (e * (volume / set.pressure_drop_flow).ln()
                    + (e - 1.0) * (inlet.density / set.reference_density).ln())
                .exp();
            let value = size * sign;
            let sign_slope = (1.0 - sign * sign) / smooth;
            [
                value,
                size * (e * sign * sign / smooth + sign_slope),
                value * (-inlet.density_slope / inlet.density),
            ]
        } else {
            [0.0; 3]
        };
        Self {
            set,
            inlet,
            m,
            smooth,
            units,
            capacity,
            divisor,
            measured,
        }
    }

    #[inline]
    fn run(
        &self,
        fluid: &Fluid,
        plates: &[Plate],
        states: &[PlateState],
        statuses: &[u8],
        works: &mut [PlateWork],
    ) -> ChainResult {
        let inlet = self.inlet;
        let cp = inlet.specific_heat;
        let mut before: Affine = [0.0, 0.0, 1.0, 0.0];
        let mut t_in = inlet.temperature;
        let mut h_in = inlet.enthalpy;
        let mut cp_in = inlet.specific_heat;
        let mut result = ChainResult {
            drop_value: 0.0,
            drop: [0.0; 4],
            heat: [[0.0; 4]; 3],
        };
        let [cap, cap_m, cap_t] = self.capacity;
        let flow_exponent = 2.0 - self.set.exponent;
        let length = plates.len();
        let (states, statuses, works) =
            (&states[..length], &statuses[..length], &mut works[..length]);
        for index in 0..length {
            let (plate, state) = (&plates[index], states[index]);
            // Effectiveness and conductance, slopes to m and T_i.
            let f = plate.conductance_factor;
            let decay = (-f * self.units[0]).exp();
            let e = 1.0 - decay;
            let (e_m, e_t) = (decay * f * self.units[1], decay * f * self.units[2]);
            let k = cap * e;
            let (k_m, k_t) = (cap_m * e + cap * e_m, cap_t * e + cap * e_t);
            // Device: case temperature and power, and their changes.
            let device = device(
                self.set.leakage,
                plate,
                &state,
                statuses[index],
                t_in,
                [k, k_m, k_t],
                &before,
            );
            let theta = device.case - t_in;
            // Coolant: the outlet before it loses heat to air, T_x = T_ci + E·θ.
            let mut mixed = combine(1.0 - e, &before, e, &device.case_change);
            mixed[1] += theta * e_m;
            mixed[2] += theta * e_t;
            let warmed = e * theta;
            let mut rise = warmed;
            let mut rise_change = combine(1.0, &mixed, -1.0, &before);
            let mut lost = 0.0;
            let mut lost_change = [0.0; 4];
            let g = plate.air_conductance;
            if g > 0.0 {
                let sum = self.divisor[0] + g;
                let gamma = g / sum;
                let excess = t_in + warmed - inlet.air;
                let by_capacity = -gamma / sum * excess;
                lost = gamma * excess;
                lost_change = mixed.map(|c| gamma * c);
                lost_change[1] += by_capacity * self.divisor[1];
                lost_change[2] += by_capacity * self.divisor[2];
                lost_change[3] -= gamma;
                rise -= lost;
                rise_change = combine(1.0, &rise_change, -1.0, &lost_change);
            }
            let out = fluid.thermal_with_slopes(state.outlet);
            let inverse = 1.0 / out.specific_heat;
            let mut outlet = combine(cp_in * inverse, &before, cp * inverse, &rise_change);
            outlet[0] -= (out.enthalpy - h_in - cp * rise) * inverse;
            outlet[2] += inlet.specific_heat_slope * rise * inverse;
            // Pressure drop at the mean coolant temperature.
            let (ln_mu, ln_mu_slope) = fluid.ln_viscosity_with_slope(0.5 * (t_in + state.outlet));
            let thickness = ln_mu - self.set.ln_reference_viscosity;
            let factor = plate.drop_factor;
            let (mut value, mut by_flow, mut by_temperature) = (0.0, 0.0, 0.0);
            if self.set.pressure_drop > 0.0 {
                let viscous = plate.measured_factor * (flow_exponent * thickness).exp();
                value = self.measured[0] * viscous;
                by_flow = self.measured[1] * viscous;
                by_temperature = value * flow_exponent * ln_mu_slope;
                result.drop[2] += factor * self.measured[2] * viscous;
            }
            if plate.linear != 0.0 || plate.quadratic != 0.0 {
                let mut a = plate.linear;
                if self.set.viscosity_coupled {
                    a *= thickness.exp();
                    by_temperature += a * self.m * ln_mu_slope;
                }
                value += a * self.m + plate.quadratic * self.m * self.smooth;
                by_flow += a + plate.quadratic * (self.smooth + self.m * self.m / self.smooth);
            }
            result.drop_value += factor * value;
            let by_mean = 0.5 * factor * by_temperature;
            add_scaled(&mut result.drop, by_mean, &before);
            add_scaled(&mut result.drop, by_mean, &outlet);
            result.drop[1] += factor * by_flow;
            // Heat: to liquid ṁ⁺·cp·rise; to air the fixed share and the coolant's loss.
            let [liquid, air, power] = &mut result.heat;
            add_scaled(liquid, cap, &rise_change);
            liquid[0] += cap * rise;
            liquid[1] += cap_m * rise;
            liquid[2] += cap_t * rise;
            add_scaled(air, plate.air_fraction, &device.power_change);
            air[0] += plate.air_fraction * device.power;
            if g > 0.0 {
                add_scaled(air, cap, &lost_change);
                air[0] += cap * lost;
                air[1] += cap_m * lost;
                air[2] += cap_t * lost;
            }
            add_scaled(power, 1.0, &device.power_change);
            power[0] += device.power;
            works[index] = PlateWork {
                junction: device.junction_change,
                outlet,
                conductance: k,
                inlet: t_in,
                power: device.power,
            };
            before = outlet;
            t_in = state.outlet;
            h_in = out.enthalpy;
            cp_in = out.specific_heat;
        }
        result
    }
}

/// a·x + b·y
#[inline]
fn combine(a: f64, x: &Affine, b: f64, y: &Affine) -> Affine {
    std::array::from_fn(|c| a * x[c] + b * y[c])
}

/// x += a·y
#[inline]
fn add_scaled(x: &mut Affine, a: f64, y: &Affine) {
    for c in 0..4 {
        x[c] += a * y[c];
    }
}

struct DeviceStep {
    power: f64,
    case: f64,
    junction_change: Affine,
    case_change: Affine,
    power_change: Affine,
}

/// Power and case temperature of a device, and their changes with (m, T_i, T_a).
#[inline]
fn device(
    law: crate::network::rack::Leakage,
    plate: &Plate,
    state: &PlateState,
    status: u8,
    t_in: f64,
    conductance: [f64; 3],
    before: &Affine,
) -> DeviceStep {
    let [k, k_m, k_t] = conductance;
    let to_plate = 1.0 - plate.air_fraction;
    match status {
        status::NORMAL | status::CAPPED => {
            let (power, slope) = if status == status::CAPPED {
                (plate.cap, 0.0)
            } else {
                let excess = state.junction - plate.reference_temperature;
                let (leakage, slope) = law.at(plate.leakage, plate.e_fold, excess);
                (plate.base_power + leakage, slope)
            };
            let r = plate.core_resistance;
            let case = state.junction - r * power;
            let theta = case - t_in;
            let balance = power * to_plate - k * theta;
            // Where leakage outruns cooling there is no stable root; step as if power were given.
            let (case_slope, slope) = {
                let case_slope = 1.0 - r * slope;
                if k * case_slope - slope * to_plate > 0.05 * k {
                    (case_slope, slope)
                } else {
                    (1.0, 0.0)
                }
            };
            let divisor = (k * case_slope - slope * to_plate).max(1e-9);
            let mut junction = before.map(|c| k * c / divisor);
            junction[0] += balance / divisor;
            junction[1] -= theta * k_m / divisor;
            junction[2] -= theta * k_t / divisor;
            DeviceStep {
                power,
                case,
                junction_change: junction,
                case_change: junction.map(|c| case_slope * c),
                power_change: junction.map(|c| slope * c),
            }
        }
        status::THROTTLED_CORE | status::THROTTLED_MEMORY => {
            let (limit, r) = if status == status::THROTTLED_CORE {
                (core_limit(plate), plate.core_resistance)
            } else {
                (plate.memory_limit, plate.memory_resistance)
            };
            let sum = to_plate + k * r;
            let psi = limit - t_in;
            let power = k * psi / sum;
            let by_k = psi * to_plate / (sum * sum);
            let mut power_change = before.map(|c| -k / sum * c);
            power_change[1] += by_k * k_m;
            power_change[2] += by_k * k_t;
            let case = limit - r * power;
            let junction = case + plate.core_resistance * power;
            let mut junction_change = power_change.map(|c| (plate.core_resistance - r) * c);
            junction_change[0] += junction - state.junction;
            DeviceStep {
                power,
                case,
                junction_change,
                case_change: power_change.map(|c| -r * c),
                power_change,
            }
        }
        _ => {
            let mut junction_change = *before;
            junction_change[0] += t_in - state.junction;
            DeviceStep {
                power: 0.0,
                case: t_in,
                junction_change,
                case_change: *before,
                power_change: [0.0; 4],
            }
        }
    }
}

/// Junction temperature at which a device acts to protect itself, K.
pub fn core_limit(plate: &Plate) -> f64 {
    plate.core_limit.min(ASSUMED_SHUTDOWN)
}

/// Segment of manifold: pressure drop and slopes to flow and temperature.
fn segment(design: &RackDesign, parameters: &RackParameters, m: f64, temperature: f64) -> [f64; 3] {
    let p = &parameters.manifold;
    let smooth = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
    let mut value = p.segment_linear * m + p.segment_quadratic * m * smooth;
    let mut slope = p.segment_linear + p.segment_quadratic * (smooth + m * m / smooth);
    let mut by_temperature = 0.0;
    if let Some(bore) = p.bore
        && p.pitch > 0.0
    {
        type Dual = DualSVec64<2>;
        let flow = Dual::from_re(m).derivative(0);
        let t = Dual::from_re(temperature).derivative(1);
        let drop = darcy_pressure_drop(
            flow,
            design.fluid.density(t),
            design.fluid.viscosity(t),
            Dual::from_re(p.pitch),
            Dual::from_re(bore),
            Dual::from_re(DRAWN_TUBE_ROUGHNESS),
        );
        value += drop.re;
        if let Some(d) = drop.eps.0 {
            slope += d[0];
            by_temperature += d[1];
        }
    }
    [value, slope, by_temperature]
}

/// Roughness of drawn stainless or copper tube, m (Moody 1944).
const DRAWN_TUBE_ROUGHNESS: f64 = 1.5e-6;

/// Ladder and top of the rack.
fn ladder(
    design: &RackDesign,
    parameters: &RackParameters,
    state: &RackState,
    ports: &RackPorts,
    inlet: &Inlet,
    work: &mut RackWork,
) -> RackLinear {
    let n = design.servers;
    let paths = design.paths_per_server;
    let flow_of = |s: usize| -> f64 { state.path_flow[s * paths..(s + 1) * paths].iter().sum() };
    let whole: f64 = state.path_flow.iter().sum();
    let reverse = parameters.manifold.arrangement == 1;
    // From the far end: the tail's flow as a function of its D.
    let mut tail: Affine6 = [0.0; 6];
    let mut beyond = 0.0;
    for j in (0..n).rev() {
        let own = &work.servers[j].totals[0];
        let m = flow_of(j);
        tail = [
            tail[0] + own[0] - m,
            tail[1] + own[1],
            tail[2] + own[2],
            tail[3] + own[3],
            tail[4],
            tail[5],
        ];
        work.ladder[j].tail = tail;
        beyond += m;
        if j == 0 {
            break;
        }
        // Segment between j − 1 and j: δD_j from δD_{j−1}.
        let supply = segment(design, parameters, beyond, inlet.temperature);
        let back_flow = if reverse { whole - beyond } else { beyond };
        let back = segment(design, parameters, back_flow, state.return_temperature);
        let sign = if reverse { -1.0 } else { 1.0 };
        let rest = state.difference[j - 1] - state.difference[j] - supply[0] - sign * back[0];
        // δD_j = δD_{j−1} + rest − supply'·δM − T-parts ∓ back'·(…): back follows M, or M_whole − M.
        let slope = supply[1] + back[1];
        let scale = 1.0 / (1.0 + slope * tail[1]);
        let difference = [
            (rest - slope * tail[0]) * scale,
            scale,
            (-supply[2] - slope * tail[2]) * scale,
            -slope * tail[3] * scale,
            (-sign * back[2] - slope * tail[4]) * scale,
            (if reverse { back[1] } else { 0.0 } - slope * tail[5]) * scale,
        ];
        work.ladder[j].difference = difference;
        // The tail as a function of D_{j−1}.
        let by = tail[1];
        tail = [
            tail[0] + by * difference[0],
            by * difference[1],
            tail[2] + by * difference[2],
            tail[3] + by * difference[3],
            tail[4] + by * difference[4],
            tail[5] + by * difference[5],
        ];
    }
    // Forward: every D as a function of D_0, to sum what the rack gives.
    let mut difference: Affine6 = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let mut sums = [[0.0f64; 6]; 4];
    let mut far: Affine6 = [0.0; 6];
    let mut far_value = 0.0;
    let mut before = 0.0;
    for j in 0..n {
        if j > 0 {
            let step = work.ladder[j].difference;
            let by = step[1];
            difference = [
                step[0] + by * difference[0],
                by * difference[1],
                step[2] + by * difference[2],
                step[3] + by * difference[3],
                step[4] + by * difference[4],
                step[5] + by * difference[5],
            ];
            if reverse {
                // Return header beyond position j − 1 carries what has joined so far.
                let back = segment(design, parameters, before, state.return_temperature);
                far_value += back[0];
                let t = work.ladder[j].tail;
                let by = t[1];
                let tail_change: Affine6 = std::array::from_fn(|c| {
                    let direct = if c == 1 { 0.0 } else { t[c] };
                    direct + by * difference[c]
                });
                for c in 0..6 {
                    far[c] -= back[1] * tail_change[c];
                }
                far[4] += back[2];
                far[5] += back[1];
            }
        }
        before += flow_of(j);
        for (sum, total) in sums.iter_mut().zip(&work.servers[j].totals) {
            for c in 0..6 {
                sum[c] += total[1] * difference[c];
            }
            sum[0] += total[0];
            sum[2] += total[2];
            sum[3] += total[3];
        }
    }
    let [flow, liquid, air, power] = sums;
    top(
        design,
        parameters,
        state,
        ports,
        inlet,
        whole,
        [flow, liquid, air, power],
        (far_value, far),
        work,
    )
}

#[allow(clippy::too_many_arguments)] // one caller; a struct would only rename them
fn top(
    design: &RackDesign,
    parameters: &RackParameters,
    state: &RackState,
    ports: &RackPorts,
    inlet: &Inlet,
    whole: f64,
    sums: [Affine6; 4],
    (far_value, far): (f64, Affine6),
    work: &mut RackWork,
) -> RackLinear {
    let p = &parameters.manifold;
    let kv = p.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv));
    let (connection, connection_m, connection_t) = common_drop(
        p.linear,
        p.quadratic,
        kv,
        whole,
        inlet.density,
        inlet.density_slope,
    );
    let [flow, liquid, air, power] = sums;
    let back = design.fluid.thermal_with_slopes(state.return_temperature);
    let smooth = (whole * whole + SMALL_FLOW * SMALL_FLOW).sqrt();
    let lift = back.enthalpy - inlet.enthalpy;
    // Unknowns (D_0, M, T_r) against (1, Δp, T_i, T_a).
    //   D_0 + connection(M) + far = Δp
    //   M = Σ flows
    //   smooth·(h(T_r) − h(T_i)) = heat to liquid
    let matrix = Matrix3::new(
        1.0 + far[1],
        connection_m + far[5],
        far[4],
        -flow[1],
        1.0 - flow[5],
        -flow[4],
        -liquid[1],
        lift * whole / smooth - liquid[5],
        smooth * back.specific_heat - liquid[4],
    );
    let right = Matrix3x4::new(
        ports.difference - state.difference[0] - connection - far_value - far[0],
        1.0,
        -connection_t - far[2],
        -far[3],
        flow[0] - whole,
        0.0,
        flow[2],
        flow[3],
        liquid[0] - smooth * lift,
        0.0,
        liquid[2] + smooth * inlet.specific_heat,
        liquid[3],
    );
    // Rows are scaled so that the elimination's pivoting compares like with like.
    let solution = matrix.lu().solve(&right).unwrap_or_else(Matrix3x4::zeros);
    for (row, affine) in work.top.iter_mut().enumerate() {
        *affine = std::array::from_fn(|c| solution[(row, c)]);
    }
    let compose = |sum: &Affine6, value: f64| -> Affine {
        std::array::from_fn(|c| {
            let direct = match c {
                0 => value,
                2 => sum[2],
                3 => sum[3],
                _ => 0.0,
            };
            direct
                + sum[1] * solution[(0, c)]
                + sum[5] * solution[(1, c)]
                + sum[4] * solution[(2, c)]
        })
    };
    RackLinear {
        flow: compose(&flow, flow[0]),
        liquid: compose(&liquid, liquid[0]),
        air: compose(&air, air[0] + p.switch_power),
        power: compose(&power, power[0] + p.switch_power),
    }
}

/// Largest step of a temperature, K: far more than a well-posed step needs.
const TEMPERATURE_STEP: f64 = 60.0;

/// Substitutes the ports' change back and moves the state by `damping` of the step.
///
/// Returns the largest step relative to its scale (10 K, the path's flow).
pub fn recover(
    design: &RackDesign,
    work: &RackWork,
    change: &RackPorts,
    damping: f64,
    state: &mut RackState,
) -> f64 {
    let port = [1.0, change.difference, change.inlet, change.air];
    let at = |affine: &Affine| -> f64 { affine.iter().zip(&port).map(|(a, b)| a * b).sum() };
    let [d0, whole, back] = [at(&work.top[0]), at(&work.top[1]), at(&work.top[2])];
    let mut largest = 0.0f64;
    let limited = |step: f64| step.clamp(-TEMPERATURE_STEP, TEMPERATURE_STEP);
    state.return_temperature += damping * limited(back);
    let mut d = d0;
    for s in 0..design.servers {
        if s > 0 {
            let step = &work.ladder[s].difference;
            d = step[0]
                + step[1] * d
                + step[2] * change.inlet
                + step[3] * change.air
                + step[4] * back
                + step[5] * whole;
        }
        state.difference[s] += damping * d;
        let local = [1.0, d, change.inlet, change.air];
        for set in &design.sets {
            for path in 0..set.count / set.in_series {
                let index = s * design.paths_per_server + set.first_path + path;
                let dm: f64 = work.paths[index]
                    .iter()
                    .zip(&local)
                    .map(|(a, b)| a * b)
                    .sum();
                let m = &mut state.path_flow[index];
                largest = largest.max(dm.abs() / (m.abs() + 1e-4));
                *m += damping * dm;
                let first = s * design.plates_per_server + set.first_plate + path * set.in_series;
                let inner = [1.0, dm, change.inlet, change.air];
                for k in first..first + set.in_series {
                    let plate = &work.plates[k];
                    let dj: f64 = plate.junction.iter().zip(&inner).map(|(a, b)| a * b).sum();
                    let d_out: f64 = plate.outlet.iter().zip(&inner).map(|(a, b)| a * b).sum();
                    largest = largest.max(dj.abs().max(d_out.abs()) * 0.1);
                    state.plates[k].junction += damping * limited(dj);
                    state.plates[k].outlet += damping * limited(d_out);
                }
            }
        }
    }
    largest
}

/// Status that each device asks for at the present state; returns how many change.
pub fn propose(
    design: &RackDesign,
    parameters: &RackParameters,
    work: &RackWork,
    state: &mut RackState,
) -> usize {
    let mut changes = 0;
    for s in 0..design.servers {
        for set in &design.sets {
            let first = s * design.plates_per_server + set.first_plate;
            for k in first..first + set.count {
                let plate = &parameters.plates[k];
                let next = next_status(
                    set.leakage,
                    plate,
                    state.status[k],
                    &state.plates[k],
                    &work.plates[k],
                );
                if next != state.status[k] {
                    state.status[k] = next;
                    changes += 1;
                }
            }
        }
    }
    let whole: f64 = state.path_flow.iter().sum();
    if whole < -1e-6 {
        state.reversed = !state.reversed;
        for flow in &mut state.path_flow {
            *flow = flow.abs();
        }
        for difference in &mut state.difference {
            *difference = difference.abs();
        }
        changes += 1;
    }
    changes
}

fn next_status(
    law: crate::network::rack::Leakage,
    plate: &Plate,
    now: u8,
    state: &PlateState,
    work: &PlateWork,
) -> u8 {
    let to_plate = 1.0 - plate.air_fraction;
    let limit = core_limit(plate);
    let leakage = |t: f64| {
        law.at(plate.leakage, plate.e_fold, t - plate.reference_temperature)
            .0
    };
    // Power at which a limit just holds, with the flow and inlet temperature that it has.
    let allowed = |limit: f64, r: f64| {
        work.conductance * (limit - work.inlet) / (to_plate + work.conductance * r)
    };
    let core = allowed(limit, plate.core_resistance);
    let memory = if plate.memory_limit.is_finite() {
        allowed(plate.memory_limit, plate.memory_resistance)
    } else {
        f64::INFINITY
    };
    let allowed = core.min(memory);
    let idle = plate.idle_power + leakage(limit.min(state.junction.max(work.inlet)));
    let asked = |t: f64| plate.base_power + leakage(t);
    let throttle = || {
        if allowed <= idle.max(0.0) && idle > 0.0 || allowed <= 0.0 {
            status::SHUT_DOWN
        } else if core <= memory {
            status::THROTTLED_CORE
        } else {
            status::THROTTLED_MEMORY
        }
    };
    match now {
        status::NORMAL | status::CAPPED => {
            let power = work.power;
            let case = state.junction - plate.core_resistance * power;
            let memory_temperature = case + plate.memory_resistance * power;
            if state.junction > limit + 1e-6 || memory_temperature > plate.memory_limit + 1e-6 {
                throttle()
            } else if now == status::NORMAL && asked(state.junction) > plate.cap * (1.0 + 1e-12) {
                status::CAPPED
            } else if now == status::CAPPED && asked(state.junction) < plate.cap * (1.0 - 1e-9) {
                status::NORMAL
            } else {
                now
            }
        }
        status::THROTTLED_CORE | status::THROTTLED_MEMORY => {
            if allowed > asked(state.junction).min(plate.cap) * (1.0 + 1e-9) {
                if asked(state.junction) > plate.cap {
                    status::CAPPED
                } else {
                    status::NORMAL
                }
            } else {
                throttle()
            }
        }
        _ => {
            let idle = plate.idle_power + leakage(limit);
            if allowed > idle * (1.0 + 1e-6) && allowed > 0.0 {
                throttle()
            } else {
                now
            }
        }
    }
}

#[cfg(test)]
mod tests;
