//! The weather that is built into the program.

/// Name, bin table, design conditions.
pub(super) const FILES: &[(&str, &str, &str)] = &[(
    "memphis",
    include_str!("../../models/weather/memphis-bins.csv"),
    include_str!("../../models/weather/memphis-design.csv"),
)];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::weather::{Source, open};
    use crate::world::Memory;

    #[test]
    fn every_data_file_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/weather");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        there.sort();
        let mut built_in: Vec<String> = super::FILES
            .iter()
            .flat_map(|(name, ..)| [format!("{name}-bins.csv"), format!("{name}-design.csv")])
            .collect();
        built_in.sort();
        assert_eq!(there, built_in);
    }

    /// Against the published statistics of the hourly year that the table sums up: mean dry bulb 17.0, wet bulb
    /// 13.0 degC, pressure 100.7 kPa; each was rounded to its last digit.
    #[test]
    fn memphis_is_a_year_with_the_published_means() {
        let (weather, warnings) = open(&Memory::new(), &Source::named("memphis")).unwrap();
        assert!(warnings.is_empty());
        assert_eq!(weather.hours(), 8760.0);
        let mean = |value: &dyn Fn(&crate::weather::Sample) -> f64| {
            weather
                .samples
                .iter()
                .map(|s| s.hours * value(s))
                .sum::<f64>()
                / 8760.0
        };
        assert!((mean(&|s| s.air.dry_bulb()) - 273.15 - 17.0).abs() < 0.06);
        assert!((mean(&|s| s.wet_bulb) - 273.15 - 13.0).abs() < 0.06);
        assert!((mean(&|s| s.air.pressure()) - 100_700.0).abs() < 60.0);
        assert_eq!(weather.design.len(), 6);
        assert!(!weather.source.is_empty());
    }
}
