//! The data files that are built into the program.

/// (name, text) of each file of `models/equipment`.
pub(super) const FILES: &[(&str, &str)] = &[
    (
        "library/cold_plates.toml",
        include_str!("../../models/equipment/cold_plates.toml"),
    ),
    (
        "library/gpus.toml",
        include_str!("../../models/equipment/gpus.toml"),
    ),
    (
        "library/processors.toml",
        include_str!("../../models/equipment/processors.toml"),
    ),
    (
        "library/racks.toml",
        include_str!("../../models/equipment/racks.toml"),
    ),
    (
        "library/servers.toml",
        include_str!("../../models/equipment/servers.toml"),
    ),
];
