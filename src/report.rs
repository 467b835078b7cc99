//! report
pub mod folder;
pub mod table;
pub mod text;
