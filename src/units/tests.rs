#![allow(clippy::unwrap_used)]
// Where values are compared exactly, the arithmetic is exact.
#![allow(clippy::float_cmp)]

use super::{Dimension, Quantity, UnitError, UnitSystem};
use approx::assert_relative_eq;
use proptest::prelude::{Strategy, any, proptest};
use std::collections::HashSet;

/// Conversions by definition; expected values from NIST SP 811 appendix B (seven digits).
#[test]
fn known_conversions() {
    let cases = [
        (Dimension::VolumeFlow, "1.2 L/min", 2.0e-5),
        (Dimension::VolumeFlow, "5 gpm", 3.154_510e-4),
        (Dimension::VolumeFlow, "3 m3/h", 8.333_333e-4),
        (Dimension::VolumeFlow, "3 m³/h", 8.333_333e-4),
        (Dimension::VolumeFlow, "1 cfm", 4.719_474e-4),
        (Dimension::Temperature, "30 degC", 303.15),
        (Dimension::Temperature, "30 °C", 303.15),
        (Dimension::Temperature, "-40degF", 233.15),
        (Dimension::Temperature, "\u{2212}5 degC", 268.15),
        (Dimension::Temperature, "300 K", 300.0),
        (Dimension::TemperatureDifference, "45 K", 45.0),
        (Dimension::Power, "150 MW", 1.5e8),
        (Dimension::Power, "1.2kW", 1200.0),
        (Dimension::Power, "1 ton", 3_516.853),
        (Dimension::Power, "1 hp", 745.699_9),
        (Dimension::Power, ".5e3 W", 500.0),
        (Dimension::Pressure, "25 psi", 172_368.9),
        (Dimension::Pressure, "1 ftH2O", 2_989.067),
        (Dimension::Pressure, "1 inH2O", 249.088_9),
        (Dimension::ThermalResistance, "8.5 mK/W", 0.0085),
        (Dimension::DynamicViscosity, "1.39 mPa·s", 1.39e-3),
        (Dimension::AreaThermalResistance, "10 K mm2/W", 1e-5),
        (
            Dimension::AreaThermalResistance,
            "0.0001 h ft2 degF/Btu",
            1.761_102e-5,
        ),
        (Dimension::SpecificHeat, "1 Btu/(lb degF)", 4_186.8),
        (Dimension::RotationalSpeed, "50 Hz", 314.159_265),
        (Dimension::RotationalSpeed, "1750 rpm", 183.259_571),
        (Dimension::VolumeSpecificPower, "2 W/(L/s)", 2000.0),
        (Dimension::MassPerEnergy, "0.36 kg/kWh", 1e-7),
        (Dimension::Fraction, "85 %", 0.85),
        (Dimension::Fraction, "0.85", 0.85),
        (Dimension::Dimensionless, "-1e-3", -0.001),
        (Dimension::Energy, "1 MWh", 3.6e9),
    ];
    for (dimension, text, expected) in cases {
        assert_relative_eq!(
            dimension.parse(text).unwrap(),
            expected,
            max_relative = 2e-7
        );
    }
}

/// A valve of Kv 1 passes 1 m3/h at 1 bar; Kv = 0.865 Cv (IEC 60534-1).
#[test]
fn flow_coefficients() {
    let kv = Dimension::FlowCoefficient.parse("12 Kv").unwrap();
    assert_relative_eq!(kv * 1e5_f64.sqrt() * 3600.0, 12.0, max_relative = 1e-14);
    let cv = Dimension::FlowCoefficient.parse("1 Cv").unwrap();
    let psi = Dimension::Pressure.parse("1 psi").unwrap();
    assert_relative_eq!(
        cv * psi.sqrt(),
        Dimension::VolumeFlow.parse("1 gpm").unwrap(),
        max_relative = 1e-14
    );
    assert_relative_eq!(cv / (kv / 12.0), 0.865, max_relative = 5e-4);
}

#[test]
fn faults_are_told_apart() {
    let error = |dimension: Dimension, text: &str| dimension.parse(text).unwrap_err();
    assert!(matches!(
        error(Dimension::Power, "12"),
        UnitError::MissingUnit { .. }
    ));
    assert!(matches!(
        error(Dimension::Power, ""),
        UnitError::NotANumber { .. }
    ));
    assert!(matches!(
        error(Dimension::Power, "kW"),
        UnitError::NotANumber { .. }
    ));
    assert!(matches!(
        error(Dimension::Power, ". W"),
        UnitError::NotANumber { .. }
    ));
    assert!(matches!(
        error(Dimension::Power, "1,200 W"),
        UnitError::BadNumber { .. }
    ));
    assert!(matches!(
        error(Dimension::Power, "1 200 W"),
        UnitError::BadNumber { .. }
    ));
    for text in ["nan W", "inf W", "-inf", "1e999 W", "1e305 GW"] {
        assert!(
            matches!(error(Dimension::Power, text), UnitError::NotFinite { .. }),
            "{text}"
        );
    }
    assert!(matches!(
        error(Dimension::Dimensionless, "1 W"),
        UnitError::WrongDimension { .. }
    ));
    assert!(matches!(
        error(Dimension::Temperature, "-300 degC"),
        UnitError::BelowAbsoluteZero { .. }
    ));
    assert!(matches!(
        Dimension::Power.parse_bare(3.0).unwrap_err(),
        UnitError::MissingUnit { .. }
    ));
    assert!(matches!(
        Dimension::Fraction.parse_bare(f64::NAN).unwrap_err(),
        UnitError::NotFinite { .. }
    ));
}

#[test]
fn fault_texts_say_what_to_write() {
    let text = |dimension: Dimension, text: &str| dimension.parse(text).unwrap_err().to_string();
    assert_eq!(
        text(Dimension::Pressure, "3 kW"),
        "`kW` is a unit of power, wanted pressure; allowed: Pa, kPa, MPa, bar, mbar, psi, mH2O, ftH2O, inH2O (all gauge)"
    );
    assert_eq!(
        text(Dimension::ApparentPower, "3"),
        "`3` has no unit: an apparent power needs one; allowed: VA, kVA, MVA"
    );
    assert!(
        text(Dimension::TemperatureDifference, "5 degC")
            .contains("write a temperature difference in K")
    );
    assert!(text(Dimension::Power, "5 KW").contains("did you mean `kW`?"));
    assert!(text(Dimension::Temperature, "5 C").contains("did you mean `degC`?"));
    assert!(text(Dimension::VolumeFlow, "5 L/mn").contains("did you mean `L/min`?"));
    assert!(!text(Dimension::Power, "5 parsec").contains("did you mean"));
}

#[test]
fn tables_are_sound() {
    assert_eq!(
        Dimension::ALL.iter().collect::<HashSet<_>>().len(),
        Dimension::ALL.len()
    );
    for dimension in Dimension::ALL {
        let mut seen = HashSet::new();
        for unit in dimension.units() {
            assert!(unit.scale > 0.0 && unit.scale.is_finite());
            for spelling in std::iter::once(&unit.symbol).chain(unit.aliases) {
                assert!(seen.insert(*spelling), "{spelling} twice in {dimension}");
                // Every spelling is read back as its own unit.
                assert_eq!(
                    dimension.convert(400.0, spelling).unwrap(),
                    unit.to_si(400.0)
                );
                assert_eq!(
                    dimension.parse(&format!("400 {spelling}")).unwrap(),
                    unit.to_si(400.0)
                );
            }
        }
        if !dimension.allows_bare_number() {
            let first = dimension.units().first().unwrap();
            assert_eq!(
                (first.scale, first.offset),
                (1.0, 0.0),
                "{dimension}: the SI unit comes first"
            );
            assert!(
                dimension
                    .symbols()
                    .any(|symbol| symbol == dimension.si_symbol())
            );
        }
        for system in [UnitSystem::Si, UnitSystem::Us] {
            for size in [0.0, 1e-7, 1.0, 1e7] {
                let shown = dimension.display(size, system);
                assert!(shown.symbol.is_empty() || dimension.find_unit(shown.symbol).is_ok());
                let bare = shown.symbol.is_empty();
                assert_eq!(bare, dimension == Dimension::Dimensionless, "{dimension}");
            }
        }
    }
}

#[test]
fn customary_units() {
    let si =
        |dimension: Dimension, value: f64| dimension.display(value, UnitSystem::Si).to_string();
    let us =
        |dimension: Dimension, value: f64| dimension.display(value, UnitSystem::Us).to_string();
    assert_eq!(si(Dimension::Temperature, 303.15), "30 degC");
    assert_eq!(us(Dimension::Temperature, 303.15), "86 degF");
    assert_eq!(si(Dimension::Power, 1.234_567e8), "123.5 MW");
    assert_eq!(si(Dimension::Power, 0.0), "0 W");
    assert_eq!(si(Dimension::Power, -2500.0), "-2.5 kW");
    assert_eq!(si(Dimension::Pressure, 172_369.0), "172.4 kPa");
    assert_eq!(us(Dimension::Pressure, 172_368.93), "25 psi");
    assert_eq!(us(Dimension::VolumeFlow, 6.309_02e-4), "10 gpm");
    assert_eq!(si(Dimension::Fraction, 0.853), "85.3%");
    assert_eq!(si(Dimension::Dimensionless, 100_352.0), "100352");
    assert_eq!(
        format!(
            "{:.2}",
            Quantity {
                value: 1.0,
                symbol: "W"
            }
        ),
        "1.00 W"
    );
}

#[test]
fn pattern_holds_every_spelling() {
    let pattern = Dimension::VolumeFlow.pattern();
    assert!(pattern.starts_with('^') && pattern.ends_with('$'));
    assert!(pattern.contains(r"m[3³]\/h"));
    assert!(Dimension::Fraction.pattern().ends_with(r"(%)?\s*$"));
    assert!(
        Dimension::SpecificHeat
            .pattern()
            .contains(r"J\/\(kg[ ·⋅*]K\)")
    );
}

proptest! {
    /// What is shown is read back within the half of the fourth digit.
    #[test]
    fn display_then_parse(
        index in 0..Dimension::ALL.len(),
        mantissa in -9.99_f64..9.99,
        exponent in -8_i32..9,
        us in any::<bool>(),
    ) {
        let dimension = Dimension::ALL[index];
        let value = mantissa * 10_f64.powi(exponent);
        let value = if dimension == Dimension::Temperature { value.abs() + 1.0 } else { value };
        let system = if us { UnitSystem::Us } else { UnitSystem::Si };
        let shown = dimension.display(value, system);
        let read = dimension.parse(&shown.to_string()).unwrap();
        let scale = dimension.find_unit(shown.symbol).map_or(1.0, |unit| unit.scale);
        assert!((read - value).abs() <= 5.1e-4 * shown.value.abs() * scale + 1e-12 * value.abs());
    }

    /// No text makes the parser panic.
    #[test]
    fn any_text(text in "\\PC*", index in 0..Dimension::ALL.len()) {
        if let Ok(value) = Dimension::ALL[index].parse(&text) {
            assert!(value.is_finite());
        }
    }

    /// Nor does a number with odd text after it.
    #[test]
    fn any_unit(number in any::<f64>().prop_map(|x| x.to_string()), unit in "\\PC{0,6}") {
        for dimension in Dimension::ALL {
            if let Ok(value) = dimension.parse(&format!("{number}{unit}")) {
                assert!(value.is_finite());
            }
        }
    }
}
