//! stub
use crate::hall::LoadOptions; use crate::study::*; use crate::units::UnitSystem; use std::path::*;
/// o
pub struct ReportOptions { /// u
pub units: UnitSystem, /// l
pub load: LoadOptions }
/// w
pub struct Written { /// i
pub index: PathBuf, /// r
pub result: crate::result::SolveResult }
/// e
#[derive(Debug, thiserror::Error)] pub enum ReportError { /// r
#[error(transparent)] Run(#[from] RunError) }
/// w
pub fn write(solve: &dyn Fn(&LoadOptions)->Result<Run,RunError>, out: &Path, o: &ReportOptions) -> Result<Written, ReportError> { let r = solve(&o.load)?; Ok(Written{index: out.to_owned(), result: r.result}) }
