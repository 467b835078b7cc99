//! The charts of studies.

use super::Chart;

/// These charts by name.
pub(super) const CHARTS: [Chart; 0] = [];
