//! loopwatt: liquid-cooled AI data-centre halls, from a hall file to every GPU's temperature,
//! every loop's flow and the megawatts at the meter.

pub mod cli;
pub mod component;
pub mod curve;
pub mod diag;
pub mod document;
pub mod export;
pub mod fluid;
pub mod hall;
pub mod library;
pub mod network;
pub mod plot;
pub mod report;
pub mod result;
pub mod solve;
pub mod spec;
pub mod study;
pub mod table;
pub mod units;
pub mod weather;
pub mod world;
