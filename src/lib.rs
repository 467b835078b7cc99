//! loopwatt

pub mod plot;
