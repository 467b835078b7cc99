//! The data files that are built into the program.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// (name, text) of each file of `models/equipment`.
        pub(super) const FILES: &[(&str, &str)] = &[
            $((concat!("library/", $name), include_str!(concat!("../../models/equipment/", $name)))),*
        ];
    };
}

files![
    "air_side.toml",
    "cdus.toml",
    "chillers.toml",
    "cold_plates.toml",
    "couplings.toml",
    "dry_coolers.toml",
    "electrical.toml",
    "exchangers.toml",
    "gpus.toml",
    "processors.toml",
    "pumps.toml",
    "racks.toml",
    "servers.toml",
    "thermodynamic_chillers.toml",
    "towers.toml",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn every_data_file_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/equipment");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("library/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        there.sort();
        let built_in: Vec<&str> = super::FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, built_in);
    }
}
