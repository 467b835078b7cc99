//! loopwatt

pub mod units;
