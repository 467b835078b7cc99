//! EPANET input file (`.inp`, EPANET 2.2 and newer).
//!
//! # Equations
//! - a flow of 1 L/s in the file is 1 kg/s, a head of 1 m is 9,806.65 Pa: the fluid of the file has
//!   1,000 kg/m³, so that volume is conserved as mass is;
//! - Δp = a·ṁ + b·ṁ² is a pipe in laminar flow (Hagen–Poiseuille, below Re 2,000) with a minor loss.
//!   Its bore gives 1 m/s where that is laminar for the file's viscosity, which is a thousand times
//!   that of water, up to 2.5 times the solved flow; its length and loss coefficient follow from a and b;
//! - a lift h₀ − c·ṁⁿ is a pump with a curve of three points: at rest, at the solved flow, and beyond;
//! - a loop's return is a reservoir: no water flows to or from it, since each loop is closed.
//!
//! EPANET computes in feet with rounded constants (28.317 L/s a cubic foot a second, g = 32.2 ft/s²,
//! 0.02517 in a minor loss); lengths and coefficients are written for those, so that the law comes out.
//!
//! # Source
//! Rossman et al., EPANET 2.2 User Manual, EPA/600/R-20/133, §3.1 and appendix C.

use std::f64::consts::PI;
use std::io::{Result, Write};

use super::law::{Law, exponent};
use super::{GRAVITY, Link, Model, REFERENCE_DENSITY, bore};

/// L/s in a cubic foot a second, as EPANET has it.
const LITRES: f64 = 28.317;
/// Metres in a foot.
const FOOT: f64 = 0.3048;
/// 8/(g·π²), as EPANET has it, s²/ft.
const MINOR_LOSS: f64 = 0.02517;
/// g, as EPANET has it in friction, ft/s².
const EPANET_GRAVITY: f64 = 32.2;
/// Kinematic viscosity of water, as EPANET has it, ft²/s.
const WATER: f64 = 1.1e-5;
/// Viscosity of the file against water.
const THICKNESS: f64 = 1000.0;
/// Reynolds number at the solved flow; EPANET's laminar law ends at 2,000.
const REYNOLDS: f64 = 800.0;
/// Part of the drop that stays linear, where the law has no linear part: EPANET divides by the slope.
const LEAST_LINEAR: f64 = 1e-9;

/// Metres of head for a pressure in Pa.
fn head(pressure: f64) -> f64 {
    pressure / (REFERENCE_DENSITY * GRAVITY)
}

/// Length [m], bore [mm] and loss coefficient of a law at a flow.
fn pipe(flow: f64, linear: f64, quadratic: f64) -> [f64; 3] {
    let viscosity = THICKNESS * WATER; // ft²/s
    let laminar = 4.0 * (flow / LITRES) / (PI * viscosity * REYNOLDS); // ft
    let diameter = (bore(flow) / FOOT).max(laminar);
    let linear = linear.max(LEAST_LINEAR * (linear + quadratic * flow));
    // Head in feet for each cubic foot a second, and for its square.
    let slope = head(linear) * LITRES / FOOT;
    let curvature = head(quadratic) * LITRES * LITRES / FOOT;
    let fourth = diameter.powi(4);
    let length = slope * EPANET_GRAVITY * PI * fourth / (128.0 * viscosity);
    [
        length * FOOT,
        diameter * FOOT * 1000.0,
        curvature * fourth / MINOR_LOSS,
    ]
}

/// Writes the model.
///
/// # Errors
/// The writer's own.
pub fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
    let w = out;
    writeln!(w, "[TITLE]")?;
    writeln!(
        w,
        "{}: hydraulics at the solved state, from loopwatt",
        title(&model.name)
    )?;
    writeln!(
        w,
        "1 L/s stands for 1 kg/s, 1 m of head for 9.80665 kPa; closed loops, no demand"
    )?;
    writeln!(
        w,
        "Laminar pipes with minor losses: dp = a m + b m2. Bores are nominal, viscosity is scaled"
    )?;
    let mut reservoir = vec![false; model.junctions.len()];
    for circuit in &model.circuits {
        reservoir[circuit.reference] = true;
    }
    writeln!(w, "\n[JUNCTIONS]\n;ID  Elevation  Demand")?;
    for (k, junction) in model.junctions.iter().enumerate() {
        if !reservoir[k] {
            writeln!(w, "N{k} 0 0 ;{}", junction.name)?;
        }
    }
    writeln!(w, "\n[RESERVOIRS]\n;ID  Head")?;
    for circuit in &model.circuits {
        let junction = &model.junctions[circuit.reference];
        writeln!(
            w,
            "N{} {:e} ;{}",
            circuit.reference,
            head(junction.pressure),
            junction.name
        )?;
    }
    writeln!(
        w,
        "\n[PIPES]\n;ID  Node1  Node2  Length  Diameter  Roughness  MinorLoss  Status"
    )?;
    for (k, link) in model.links.iter().enumerate() {
        let (numbers, status) = match link.law {
            Law::Passive { linear, quadratic } => (pipe(link.flow, linear, quadratic), "Open"),
            Law::Closed => ([1.0, 100.0, 0.0], "Closed"),
            Law::Lift { .. } => continue,
        };
        let [length, bore, loss] = numbers;
        write!(
            w,
            "L{k} N{} N{} {length:.12e} {bore:.12e} 0.0015 {loss:.12e} {status}",
            link.from, link.to
        )?;
        comment(w, link)?;
    }
    writeln!(w, "\n[PUMPS]\n;ID  Node1  Node2  Parameters")?;
    for (k, link) in lifts(model) {
        write!(w, "L{k} N{} N{} HEAD C{k}", link.from, link.to)?;
        comment(w, link)?;
    }
    writeln!(w, "\n[CURVES]\n;ID  L/s  m")?;
    for (k, link) in lifts(model) {
        let Law::Lift {
            shutoff,
            rise,
            slope,
        } = link.law
        else {
            continue;
        };
        let n = exponent(link.flow, shutoff, rise, slope);
        let beyond = 1.25 * link.flow;
        let lower = shutoff - (shutoff - rise) * 1.25f64.powf(n);
        for (flow, pressure) in [(0.0, shutoff), (link.flow, rise), (beyond, lower)] {
            writeln!(w, "C{k} {flow:.12e} {:.12e}", head(pressure))?;
        }
    }
    writeln!(w, "\n[OPTIONS]")?;
    for line in [
        "Units LPS",
        "Headloss D-W",
        "Specific Gravity 1",
        &format!("Viscosity {THICKNESS}"),
        "Trials 200",
        "Accuracy 0.00001",
        "Unbalanced Stop",
    ] {
        writeln!(w, "{line}")?;
    }
    writeln!(
        w,
        "\n[TIMES]\nDuration 0\n\n[REPORT]\nStatus No\nSummary No"
    )?;
    writeln!(w, "\n[COORDINATES]\n;Node  X  Y")?;
    for (k, junction) in model.junctions.iter().enumerate() {
        // EPANET draws upward.
        writeln!(
            w,
            "N{k} {:.1} {:.1}",
            10.0 * junction.place[0],
            -10.0 * junction.place[1]
        )?;
    }
    writeln!(w, "\n[END]")
}

fn lifts(model: &Model) -> impl Iterator<Item = (usize, &Link)> {
    let links = model.links.iter().enumerate();
    links.filter(|(_, link)| matches!(link.law, Law::Lift { .. }))
}

fn comment(w: &mut dyn Write, link: &Link) -> Result<()> {
    writeln!(w, " ;{}, loopwatt {:.12e} kg/s", link.name, link.flow)
}

/// A title that EPANET takes: one line of at most 79 characters.
fn title(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(30).collect()
}
