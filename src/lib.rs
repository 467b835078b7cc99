//! loopwatt

pub mod curve;
pub mod units;
