//! The hall language: from TOML text to a typed, complete [`model::Hall`] in SI.
//!
//! ```text
//! text ── document ── set ── resolve (site, fluids, loops, rooms, racks, equipment, groups)
//!                             └─ rules (spreads, CSV tables, overrides, --set on an asset)
//! ```
//!
//! Every fault is collected, with its place, what is allowed there and the nearest right spelling.
//!
//! ```
//! use loopwatt::hall::{LoadError, LoadOptions, load};
//! use loopwatt::world::Memory;
//! use std::path::Path;
//!
//! let world = Memory::new().with("hall.toml", "schema = 1\n[loops.tcs]\nfluidd = \"pg25\"\n");
//! let Err(LoadError::Faults(faults)) = load(&world, Path::new("hall.toml"), &LoadOptions::default())
//! else { panic!() };
//! assert!(faults.render(false).contains("did you mean `fluid`?"));
//! ```

mod annual;
mod assets;
mod check;
mod circuits;
mod conflict;
mod csv_table;
mod equipment;
mod feeders;
pub mod model;
mod names;
pub mod places;
mod racks;
mod resolve;
mod rules;
mod schema;
mod scope;
mod set;
mod site;
pub mod slots;
pub mod variation;

pub use schema::schema;

use crate::diag::Diagnostics;
use crate::library::Library;
use crate::world::{ReadError, World};
use model::Hall;
use std::path::Path;

/// The version of the hall file that is read.
pub const SCHEMA: i64 = 1;

/// Most GPUs (and other plated devices) that a hall may have.
pub const MOST_DEVICES: u64 = 10_000_000;

/// What the command line adds to a hall file.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// `PATH=VALUE` edits, applied before the file is resolved.
    pub set: Vec<String>,
    /// Operating state, instead of the file's own.
    pub state: Option<String>,
}

/// Something that is not refused, but should be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Path of what it is about (`loops.tcs`).
    pub path: String,
    /// What is to be known.
    pub text: String,
    /// Where it stands, `file:line:column`.
    pub place: String,
}

/// Warnings of a load, in the order of the file.
pub type Warnings = Vec<Warning>;

/// Whether an edit (`PATH=VALUE`) changes the file's tree, rather than the value of single assets.
pub fn edits_the_tree(edit: &str) -> bool {
    let first = edit.split(['.', '=']).next().unwrap_or(edit).trim();
    names::hall_keys().any(|key| key == first)
}

/// Why a hall file gives no hall.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The hall file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The hall file is good as far as it could be judged, but files that it names could not be
    /// read.
    #[error("{}", summary(.0))]
    Unreadable(Diagnostics),
    /// The hall file is at fault.
    #[error("{}", summary(.0))]
    Faults(Diagnostics),
}

impl LoadError {
    /// Whether files could not be read, rather than what stands in them being wrong. Text that is
    /// not UTF-8 is wrong.
    pub fn is_unreadable(&self) -> bool {
        match self {
            Self::Read(error) => !matches!(error, ReadError::NotText { .. }),
            Self::Unreadable(_) => true,
            Self::Faults(_) => false,
        }
    }

    /// The faults, for rendering with their places; `None` where there was nothing to read.
    pub fn diagnostics(&self) -> Option<&Diagnostics> {
        match self {
            Self::Read(_) => None,
            Self::Unreadable(faults) | Self::Faults(faults) => Some(faults),
        }
    }
}

/// All faults, a line each.
fn summary(faults: &Diagnostics) -> String {
    faults.lines().join("\n")
}

/// Reads a hall file.
///
/// # Errors
/// [`LoadError`] with every fault that was found.
pub fn load(
    world: &dyn World,
    path: &Path,
    options: &LoadOptions,
) -> Result<(Hall, Warnings), LoadError> {
    let text = world.read_to_string(path)?;
    let stem = path
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let source = resolve::Input {
        world,
        directory: path.parent().unwrap_or(Path::new("")),
        name: &path.display().to_string(),
        stem: &stem,
        text,
        options,
        library: Library::embedded(),
    };
    resolve::resolve(source)
}

#[cfg(test)]
mod tests;
