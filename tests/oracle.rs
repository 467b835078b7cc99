//! An independent oracle: a network of racks with textbook laws, every GPU different, against a
//! plain Newton that uses none of the library's code.
//!
//! The hall: facility water of given temperature and pressure difference; a header with a law
//! Δp = a·ṁ + b·ṁ|ṁ| for each segment; racks with a manifold ladder of the same form; servers with two
//! paths of two plates in series; plates with Δp = a·ṁ + b·ṁ|ṁ|, UA = UA₀(ṁ/ṁ₀)^n and linear leakage.
//! Coefficients of every GPU come from a CSV.

#![allow(clippy::unwrap_used, clippy::needless_range_loop)]

use std::fmt::Write;
use std::path::Path;

use loopwatt::hall::LoadOptions;
use loopwatt::study;
use loopwatt::world::Memory;
use nalgebra::{DMatrix, DVector};

const RACKS: usize = 3;
const SERVERS: usize = 3;
const PATHS: usize = 2;
const SERIES: usize = 2;
const GPUS: usize = PATHS * SERIES;

const SUPPLY: f64 = 303.15;
const DP: f64 = 140e3;
const CP: f64 = 4180.0;
const N: f64 = 0.7;
const M0: f64 = 0.03;
const REFERENCE: f64 = 333.15;

/// One GPU's coefficients.
#[derive(Clone, Copy)]
struct Gpu {
    power: f64,
    slope: f64,
    resistance: f64,
    ua: f64,
    a: f64,
    b: f64,
}

fn gpu(r: usize, s: usize, k: usize) -> Gpu {
    let i = ((r * SERVERS + s) * GPUS + k) as f64;
    // Irregular, but the same every time.
    let wave = |w: f64| (w * (i + 1.0)).sin();
    Gpu {
        power: 600.0 + 100.0 * wave(1.3),
        slope: 1.0 + 0.5 * wave(2.1),
        resistance: 0.018 + 0.004 * wave(0.7),
        ua: 60.0 + 10.0 * wave(3.7),
        a: 2.0e4 * (1.0 + 0.3 * wave(5.1)),
        b: 3.0e7 * (1.0 + 0.2 * wave(4.3)),
    }
}

const SERVER: [f64; 2] = [1e3, 1e6];
const SEGMENT: [f64; 2] = [200.0, 2e4];
const CONNECTION: [f64; 2] = [100.0, 5e3];
const HEADER: [f64; 2] = [50.0, 1e3];

fn hall(arrangement: &str) -> String {
    format!(
        r#"schema = 1
name = "oracle"
state = "run"
[site]
dry_bulb = "20 degC"
wet_bulb = "15 degC"
pressure = "101.325 kPa"
[states.run]
gpu_load = 1.0
processor_load = 1.0
other_load = 1.0
[fluids.liquid]
kind = "constant"
density = "1000 kg/m3"
specific_heat = "{CP} J/(kg K)"
viscosity = "0.7 mPa s"
conductivity = "0.6 W/(m K)"
[loops.water]
fluid = "liquid"
design_supply_temperature = "30 degC"
design_pressure_difference = "140 kPa"
header = {{ segment_linear = "{} Pa s/kg", segment_quadratic = "{} Pa s2/kg2", return = "{arrangement}" }}
[rooms.room]
[equipment.source]
kind = "given_water"
water = "water"
supply_temperature = "{SUPPLY} K"
pressure_difference = "{DP} Pa"
[equipment.wall]
kind = "envelope"
conductance = "100 W/K"
room = "room"
[parts.gpu]
kind = "gpu"
rated_power = "600 W"
idle_power = "0 W"
leakage = "45 W"
leakage_e_fold = "45 K"
leakage_law = "linear"
reference_temperature = "{REFERENCE} K"
idle_temperature = "{REFERENCE} K"
junction_resistance = "0.018 K/W"
[parts.plate]
kind = "cold_plate"
conductance = "60 W/K"
conductance_flow = "{M0} kg/s"
conductance_exponent = {N}
linear = "20000 Pa s/kg"
quadratic = "3e7 Pa s2/kg2"
[parts.server]
kind = "server"
linear = "{} Pa s/kg"
quadratic = "{} Pa s2/kg2"
[parts.server.gpu]
part = "gpu"
count = {GPUS}
in_series = {SERIES}
plate = "plate"
[parts.rack]
kind = "rack"
servers = {SERVERS}
server = "server"
arrangement = "{arrangement}"
segment_linear = "{} Pa s/kg"
segment_quadratic = "{} Pa s2/kg2"
linear = "{} Pa s/kg"
quadratic = "{} Pa s2/kg2"
[racks.rack]
part = "rack"
count = {RACKS}
loop = "water"
inlet_air = "room"
[tables.gpus]
file = "gpus.csv"
"#,
        HEADER[0],
        HEADER[1],
        SERVER[0],
        SERVER[1],
        SEGMENT[0],
        SEGMENT[1],
        CONNECTION[0],
        CONNECTION[1],
    )
}

fn csv() -> String {
    let mut text = String::from(
        "asset,rated_power [W],leakage [W],junction_resistance [K/W],plate.conductance [W/K],\
         plate.linear [Pa s/kg],plate.quadratic [Pa s2/kg2]\n",
    );
    for r in 0..RACKS {
        for s in 0..SERVERS {
            for k in 0..GPUS {
                let g = gpu(r, s, k);
                writeln!(
                    text,
                    "rack.{r}.server.{s}.gpu.{k},{},{},{},{},{},{}",
                    g.power,
                    g.slope * 45.0,
                    g.resistance,
                    g.ua,
                    g.a,
                    g.b
                )
                .unwrap();
            }
        }
    }
    text
}

fn law([a, b]: [f64; 2], m: f64) -> f64 {
    a * m + b * m * m.abs()
}

/// Unknowns: per rack header difference H; per server D; per path m; per GPU T_j, T_o.
struct Index;
impl Index {
    const SERVER: usize = 1 + PATHS * (1 + 2 * SERIES);
    const RACK: usize = 1 + SERVERS * Self::SERVER;
    const ALL: usize = RACKS * Self::RACK;
    fn header(r: usize) -> usize {
        r * Self::RACK
    }
    fn server(r: usize, s: usize) -> usize {
        Self::header(r) + 1 + s * Self::SERVER
    }
    fn path(r: usize, s: usize, p: usize) -> usize {
        Self::server(r, s) + 1 + p * (1 + 2 * SERIES)
    }
    fn gpu(r: usize, s: usize, k: usize) -> usize {
        Self::path(r, s, k / SERIES) + 1 + 2 * (k % SERIES)
    }
}

fn residual(x: &DVector<f64>, reverse: bool) -> DVector<f64> {
    let mut f = DVector::zeros(Index::ALL);
    let server_flow = |r: usize, s: usize| (0..PATHS).map(|p| x[Index::path(r, s, p)]).sum::<f64>();
    let rack_flow = |r: usize| (0..SERVERS).map(|s| server_flow(r, s)).sum::<f64>();
    let total: f64 = (0..RACKS).map(rack_flow).sum();
    // Pressures along the header, from the source outward: supply falls, return rises toward it.
    let mut supply = DP;
    let mut back = [0.0; RACKS];
    let joined = |r: usize| (0..=r).map(rack_flow).sum::<f64>();
    if reverse {
        // The return leaves behind the last tap.
        let mut p = law(HEADER, total);
        for r in (0..RACKS).rev() {
            if r < RACKS - 1 {
                p += law(HEADER, joined(r));
            }
            back[r] = p;
        }
    } else {
        let mut p = 0.0;
        for r in 0..RACKS {
            p += law(HEADER, (r..RACKS).map(rack_flow).sum());
            back[r] = p;
        }
    }
    for r in 0..RACKS {
        supply -= law(HEADER, (r..RACKS).map(rack_flow).sum());
        f[Index::header(r)] = (x[Index::header(r)] - (supply - back[r])) / 1e5;
        let whole = rack_flow(r);
        let mut ps = x[Index::header(r)] - law(CONNECTION, whole);
        let mut pr = [0.0; SERVERS];
        if reverse {
            let mut p = 0.0;
            for s in (0..SERVERS).rev() {
                if s < SERVERS - 1 {
                    p += law(SEGMENT, (0..=s).map(|j| server_flow(r, j)).sum());
                }
                pr[s] = p;
            }
        } else {
            let mut p = 0.0;
            for s in 0..SERVERS {
                if s > 0 {
                    p += law(SEGMENT, (s..SERVERS).map(|j| server_flow(r, j)).sum());
                }
                pr[s] = p;
            }
        }
        for s in 0..SERVERS {
            if s > 0 {
                ps -= law(SEGMENT, (s..SERVERS).map(|j| server_flow(r, j)).sum());
            }
            let d = x[Index::server(r, s)];
            f[Index::server(r, s)] = (d - (ps - pr[s])) / 1e5;
            for p in 0..PATHS {
                let m = x[Index::path(r, s, p)];
                let mut drop = law(SERVER, server_flow(r, s));
                let mut t_in = SUPPLY;
                for q in 0..SERIES {
                    let k = p * SERIES + q;
                    let g = gpu(r, s, k);
                    drop += law([g.a, g.b], m);
                    let (tj, to) = (x[Index::gpu(r, s, k)], x[Index::gpu(r, s, k) + 1]);
                    let power = g.power + g.slope * (tj - REFERENCE);
                    let c = m * CP;
                    let ua = g.ua * (m / M0).powf(N);
                    let e = 1.0 - (-ua / c).exp();
                    let plate = tj - g.resistance * power;
                    f[Index::gpu(r, s, k)] = (power - c * e * (plate - t_in)) / 1e3;
                    f[Index::gpu(r, s, k) + 1] = (c * (to - t_in) - power) / 1e3;
                    t_in = to;
                }
                f[Index::path(r, s, p)] = (d - drop) / 1e5;
            }
        }
    }
    f
}

/// Plain Newton with a difference Jacobian, until nothing moves.
fn oracle(reverse: bool) -> DVector<f64> {
    let mut x = DVector::zeros(Index::ALL);
    for r in 0..RACKS {
        x[Index::header(r)] = DP * 0.9;
        for s in 0..SERVERS {
            x[Index::server(r, s)] = DP * 0.8;
            for p in 0..PATHS {
                x[Index::path(r, s, p)] = 0.03;
            }
            for k in 0..GPUS {
                x[Index::gpu(r, s, k)] = 340.0;
                x[Index::gpu(r, s, k) + 1] = 312.0;
            }
        }
    }
    for _ in 0..100 {
        let f = residual(&x, reverse);
        let mut j = DMatrix::zeros(Index::ALL, Index::ALL);
        for c in 0..Index::ALL {
            let h = 1e-6 * x[c].abs().max(1e-3);
            let (mut up, mut down) = (x.clone(), x.clone());
            up[c] += h;
            down[c] -= h;
            let d = (residual(&up, reverse) - residual(&down, reverse)) / (2.0 * h);
            j.set_column(c, &d);
        }
        let step = j.lu().solve(&f).unwrap();
        x -= &step;
        if step
            .iter()
            .zip(x.iter())
            .all(|(s, x)| s.abs() < 1e-14 * x.abs().max(1.0))
        {
            return x;
        }
    }
    assert!(
        residual(&x, reverse).amax() < 1e-12,
        "the oracle itself did not settle"
    );
    x
}

#[test]
fn agrees_with_a_plain_newton() {
    for (arrangement, reverse) in [("direct", false), ("reverse", true)] {
        let world = Memory::new()
            .with("oracle.toml", hall(arrangement))
            .with("gpus.csv", csv());
        let run = study::run(&world, Path::new("oracle.toml"), &LoadOptions::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let x = oracle(reverse);
        let (mut flow_error, mut temperature_error) = (0.0f64, 0.0f64);
        let mut seen = 0;
        for (index, rack) in run.network.racks.iter().enumerate() {
            let r = rack.path[0].1 as usize;
            let found = run.solution.rack(index);
            for s in 0..SERVERS {
                for p in 0..PATHS {
                    let expected = x[Index::path(r, s, p)];
                    flow_error =
                        flow_error.max((found.path_flow(s * PATHS + p) / expected - 1.0).abs());
                }
                for k in 0..GPUS {
                    let plate = s * GPUS + k;
                    let i = Index::gpu(r, s, k);
                    temperature_error = temperature_error
                        .max((found.junction(plate) - x[i]).abs())
                        .max((found.coolant_outlet(plate) - x[i + 1]).abs());
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, RACKS * SERVERS * GPUS);
        assert!(
            flow_error < 1e-9,
            "{arrangement}: flow off by {flow_error:e}"
        );
        assert!(
            temperature_error < 1e-8,
            "{arrangement}: temperature off by {temperature_error:e} K"
        );
    }
}
