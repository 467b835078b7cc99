//! hall
pub mod model;
pub mod variation;
