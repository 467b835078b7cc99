//! Opens weather by name: a built-in table, an EPW file, or a bin table.

use super::series::{DesignPoint, Weather};
use super::{embedded, epw, table};
use crate::diag::{Diagnostic, Diagnostics, FileId, Sources, Span, nearest};
use crate::world::{ReadError, World};
use std::path::{Path, PathBuf};

/// What weather is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Name of a built-in table (`memphis`), or a file: `.epw`, or `.csv` for a bin table.
    pub weather: String,
    /// Table of design conditions, in place of those that come with the weather.
    pub design: Option<PathBuf>,
    /// Folder that relative paths start from.
    pub folder: PathBuf,
}

impl Source {
    /// Weather by its name or path.
    pub fn named(weather: impl Into<String>) -> Self {
        Self {
            weather: weather.into(),
            design: None,
            folder: PathBuf::new(),
        }
    }
}

/// Why there is no weather.
#[derive(Debug, thiserror::Error)]
pub enum WeatherError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file is at fault.
    #[error("{}", .0.lines().join("\n"))]
    Faults(Diagnostics),
    /// Neither a built-in table nor a file that weather is read from.
    #[error("`{name}` is neither an .epw file, nor a .csv bin table, nor built-in weather ({}){}", known.join(", "), hint.as_deref().map_or_else(String::new, |hint| format!(": did you mean `{hint}`?")))]
    Unknown {
        /// As asked for.
        name: String,
        /// Built-in names.
        known: Vec<&'static str>,
        /// The nearest of them.
        hint: Option<&'static str>,
    },
}

/// Names of the built-in weather.
pub fn built_in() -> Vec<&'static str> {
    embedded::FILES.iter().map(|(name, ..)| *name).collect()
}

/// Reads weather; warnings are one line each, with their place.
///
/// # Errors
/// [`WeatherError`] with the first fault of the file.
pub fn open(world: &dyn World, source: &Source) -> Result<(Weather, Vec<String>), WeatherError> {
    let name = source.weather.as_str();
    let known = embedded::FILES.iter().find(|(own, ..)| *own == name);
    let (mut weather, mut warnings) = if let Some((_, bins, design)) = known {
        let stem = format!("{name}-bins.csv");
        let (mut weather, warnings) =
            read(&stem, bins, |text, file| table::bins(text, file, name))?;
        weather.design = read(&format!("{name}-design.csv"), design, plain(table::design))?.0;
        (weather, warnings)
    } else {
        file(world, source)?
    };
    if let Some(path) = &source.design {
        let path = source.folder.join(path);
        let text = text(world, &path)?;
        let (points, more): (Vec<DesignPoint>, _) =
            read(&path.display().to_string(), &text, plain(table::design))?;
        weather.design = points;
        warnings.extend(more);
    }
    Ok((weather, warnings))
}

fn file(world: &dyn World, source: &Source) -> Result<(Weather, Vec<String>), WeatherError> {
    let name = source.weather.as_str();
    let path = source.folder.join(name);
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let stem = path
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let shown = path.display().to_string();
    match extension.as_str() {
        "epw" => read(&shown, &text(world, &path)?, epw::read),
        "csv" => read(&shown, &text(world, &path)?, |text, file| {
            table::bins(text, file, &stem)
        }),
        _ => Err(WeatherError::Unknown {
            name: name.to_owned(),
            known: built_in(),
            hint: nearest(name, built_in()),
        }),
    }
}

/// A reader without warnings as one with them.
fn plain<T>(
    reader: impl Fn(&str, FileId) -> Result<T, Diagnostic>,
) -> impl Fn(&str, FileId) -> Result<(T, Vec<Diagnostic>), Diagnostic> {
    move |text, file| reader(text, file).map(|found| (found, Vec::new()))
}

fn read<T>(
    name: &str,
    text: &str,
    reader: impl Fn(&str, FileId) -> Result<(T, Vec<Diagnostic>), Diagnostic>,
) -> Result<(T, Vec<String>), WeatherError> {
    let mut sources = Sources::default();
    let file = sources.add(name, text.to_owned());
    let mut diagnostics = Diagnostics::new(sources);
    match reader(text, file) {
        Ok((found, warnings)) => {
            for warning in warnings {
                diagnostics.push(warning);
            }
            Ok((found, diagnostics.lines()))
        }
        Err(fault) => {
            diagnostics.push(fault);
            Err(WeatherError::Faults(diagnostics))
        }
    }
}

/// A file as text; what is not UTF-8 is a fault with its line.
fn text(world: &dyn World, path: &Path) -> Result<String, WeatherError> {
    let bytes = world.read(path)?;
    let wrong = match String::from_utf8(bytes) {
        Ok(text) => {
            return Ok(text
                .strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text));
        }
        Err(error) => error,
    };
    let start = wrong.utf8_error().valid_up_to();
    let byte = wrong.as_bytes().get(start).copied().unwrap_or_default();
    let mut sources = Sources::default();
    let text = String::from_utf8_lossy(wrong.as_bytes()).into_owned();
    let file = sources.add(path.display().to_string(), text);
    let mut diagnostics = Diagnostics::new(sources);
    let span = Span {
        file,
        start,
        end: start + '\u{fffd}'.len_utf8(),
    };
    diagnostics.push(
        Diagnostic::error(span, format!("not UTF-8 text: byte 0x{byte:02x}"))
            .hint("the file is in another encoding (often Latin-1) or no text; save it as UTF-8"),
    );
    Err(WeatherError::Faults(diagnostics))
}
