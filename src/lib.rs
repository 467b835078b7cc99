//! loopwatt

pub mod curve;
pub mod fluid;
pub mod units;
pub mod weather;
