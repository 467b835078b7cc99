//! The tables of the report.

mod claims;
mod plant;
mod power;
mod sensitivity;
mod standing;
mod states;

pub use claims::{Audit, claims, published};
pub use plant::{controls, equipment, heat_sinks, loops};
pub use power::power;
pub use sensitivity::{Number, Outcome, assumptions, numbers};
pub use standing::{balance, limits, severity, solver};
pub use states::states;
