//! The data files that are built into the program.

/// (name, text) of each file of `models/equipment`.
pub(super) const FILES: &[(&str, &str)] = &[
    (
        "library/cdus.toml",
        include_str!("../../models/equipment/cdus.toml"),
    ),
    (
        "library/cold_plates.toml",
        include_str!("../../models/equipment/cold_plates.toml"),
    ),
    (
        "library/electrical.toml",
        include_str!("../../models/equipment/electrical.toml"),
    ),
    (
        "library/exchangers.toml",
        include_str!("../../models/equipment/exchangers.toml"),
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
        "library/pumps.toml",
        include_str!("../../models/equipment/pumps.toml"),
    ),
    (
        "library/racks.toml",
        include_str!("../../models/equipment/racks.toml"),
    ),
    (
        "library/servers.toml",
        include_str!("../../models/equipment/servers.toml"),
    ),
    (
        "library/towers.toml",
        include_str!("../../models/equipment/towers.toml"),
    ),
];
