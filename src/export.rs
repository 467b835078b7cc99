//! A hall's hydraulics at its solved state, for other tools: EPANET and pandapipes.
//!
//! The network is the same (junctions, links, closed loops held at one pressure each); laws are those
//! that the other tool knows, see [`law`]. What is controlled (a valve's position, a pump's speed)
//! stands where the solution left it. Identical racks and groups, which are solved once, are written
//! once and carry the flow of all of them.
//!
//! Mass flow is what is conserved: other tools take volume for it, so files are written for a fluid of
//! 1,000 kg/m³ where the tool has no mass flow of its own.

pub mod epanet;
pub mod gather;
pub mod law;
pub mod pandapipes;
mod place;
mod rack;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::fluid::Fluid;
use law::{Fit, Law};

/// Standard gravity, m/s².
pub const GRAVITY: f64 = 9.80665;

/// Density that stands for all fluids where a tool counts volume, kg/m³.
pub const REFERENCE_DENSITY: f64 = 1000.0;

/// A loop.
#[derive(Debug, Clone)]
pub struct Circuit {
    /// Path (`pod.3.coolant`).
    pub path: String,
    /// Fluid.
    pub fluid: Fluid,
    /// Fluid in words.
    pub fluid_name: String,
    /// Junction whose pressure is held: the loop's return.
    pub reference: usize,
    /// Loops of the hall that it stands for.
    pub count: u32,
}

/// A junction.
#[derive(Debug, Clone)]
pub struct Junction {
    /// Name with its loop's path.
    pub name: String,
    /// Index of its loop.
    pub circuit: usize,
    /// Gauge pressure, Pa.
    pub pressure: f64,
    /// Temperature, K.
    pub temperature: f64,
    /// Place on a drawing, in units of one symbol.
    pub place: [f64; 2],
}

/// A link, drawn in the direction of its flow.
#[derive(Debug, Clone)]
pub struct Link {
    /// Name.
    pub name: String,
    /// Index of its loop.
    pub circuit: usize,
    /// Junction it leaves.
    pub from: usize,
    /// Junction it enters.
    pub to: usize,
    /// Mass flow of all that it stands for, kg/s.
    pub flow: f64,
    /// Law for that flow.
    pub law: Law,
    /// How well the law stands for ours.
    pub fit: Fit,
    /// Heat given to the fluid, W.
    pub heat: f64,
    /// Temperature of the fluid as it leaves, K.
    pub outlet: f64,
}

/// What is exported.
#[derive(Debug, Clone)]
pub struct Model {
    /// Hall.
    pub name: String,
    /// Loops.
    pub circuits: Vec<Circuit>,
    /// Junctions.
    pub junctions: Vec<Junction>,
    /// Links.
    pub links: Vec<Link>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no loop.
    #[error(
        "the hall has no fluid loop, so there is nothing to export; loops are declared under [loops]"
    )]
    NoLoop,
    /// No loop has this name.
    #[error("no loop is called '{wanted}'; {}the hall has: {known}", hint(nearest.as_deref()))]
    UnknownLoop {
        /// Name asked for.
        wanted: String,
        /// Nearest name.
        nearest: Option<String>,
        /// Names with `*` for indices.
        known: String,
    },
    /// Temperatures need one fluid.
    #[error(
        "pandapipes knows one fluid in a network, and these loops hold {fluids}: \
         choose loops of one fluid with --loop (such as --loop '{example}'), or leave --heat out"
    )]
    Fluids {
        /// Fluids of the loops.
        fluids: String,
        /// A loop that could be chosen.
        example: String,
    },
    /// The file could not be written.
    #[error("'{}' could not be written: {source}", path.display())]
    Io {
        /// File.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("'{name}' was probably meant; "))
}

impl ExportError {
    /// Whether the caller asked for something impossible, rather than the disk refusing.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::Io { .. })
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Junctions.
    pub junctions: usize,
    /// Links with a passive law.
    pub pipes: usize,
    /// Links with a lift.
    pub pumps: usize,
    /// Links through which nothing flows.
    pub closed: usize,
    /// Laws that are the same at any flow.
    pub laws_exact: usize,
    /// Laws of the same value and slope at the solved flow.
    pub laws_tangent: usize,
    /// Laws of the same value at the solved flow.
    pub laws_point: usize,
    /// Largest mass balance error of a junction, relative to its loop's largest flow.
    pub imbalance: f64,
    /// Loops.
    pub loops: Vec<LoopSummary>,
}

/// A loop of the export.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoopSummary {
    /// Path.
    pub path: String,
    /// Fluid in words.
    pub fluid: String,
    /// Loops of the hall that it stands for.
    pub count: u32,
    /// Junctions.
    pub junctions: usize,
    /// Links.
    pub links: usize,
    /// Largest flow of a link, kg/s.
    pub flow_kg_s: f64,
    /// Pressure held at its return, Pa.
    pub reference_pressure_pa: f64,
}

impl Model {
    /// Counts what there is.
    pub fn summary(&self) -> Summary {
        let mut loops: Vec<LoopSummary> = (self.circuits.iter())
            .map(|c| LoopSummary {
                path: c.path.clone(),
                fluid: c.fluid_name.clone(),
                count: c.count,
                junctions: 0,
                links: 0,
                flow_kg_s: 0.0,
                reference_pressure_pa: self.junctions[c.reference].pressure,
            })
            .collect();
        for junction in &self.junctions {
            loops[junction.circuit].junctions += 1;
        }
        let mut net = vec![0.0; self.junctions.len()];
        let (mut kinds, mut fits) = ([0; 3], [0; 3]);
        for link in &self.links {
            let circuit = &mut loops[link.circuit];
            circuit.links += 1;
            circuit.flow_kg_s = circuit.flow_kg_s.max(link.flow);
            net[link.from] -= link.flow;
            net[link.to] += link.flow;
            let kind = match link.law {
                Law::Passive { .. } => 0,
                Law::Lift { .. } => 1,
                Law::Closed => 2,
            };
            kinds[kind] += 1;
            if kind < 2 {
                fits[link.fit as usize] += 1;
            }
        }
        let imbalance = (self.junctions.iter().zip(&net))
            .map(|(junction, net)| net.abs() / loops[junction.circuit].flow_kg_s.max(1e-9))
            .fold(0.0, f64::max);
        Summary {
            junctions: self.junctions.len(),
            pipes: kinds[0],
            pumps: kinds[1],
            closed: kinds[2],
            laws_exact: fits[0],
            laws_tangent: fits[1],
            laws_point: fits[2],
            imbalance,
            loops,
        }
    }
}

/// Bore at which a flow has a velocity of 1 m/s, m.
fn bore(flow: f64) -> f64 {
    (4.0 * flow / (std::f64::consts::PI * REFERENCE_DENSITY))
        .sqrt()
        .max(1e-4)
}

/// Writes a file beside its place, and renames it.
///
/// # Errors
/// [`ExportError::Io`]; the file is then as it was before.
pub fn save(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), ExportError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = (|| {
        let mut out = BufWriter::new(File::create(&beside)?);
        write(&mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        std::fs::rename(&beside, path)
    })();
    written.map_err(|source| {
        let _ = std::fs::remove_file(&beside);
        ExportError::Io {
            path: path.to_owned(),
            source,
        }
    })
}
