//! Weather files as users have them: good ones, and what is said of each sort of bad one.
//!
//! The messages stand in `tests/weather-faults.txt`. To write them anew after a change of words:
//! `UPDATE_FAULTS=1 cargo test --test weather`, and read the difference as a user would.

#![allow(clippy::unwrap_used)]

mod epw;

use loopwatt::weather::{Calendar, MoistAir, Source, Weather, WeatherError, open};
use loopwatt::world::Memory;
use std::fmt::Write;

fn read(name: &str, text: impl Into<Vec<u8>>) -> Result<(Weather, Vec<String>), WeatherError> {
    open(&Memory::new().with(name, text), &Source::named(name))
}

#[test]
fn every_hour_of_an_epw_file_is_read() {
    for (leap, hours) in [(false, 8760), (true, 8784)] {
        let (weather, warnings) = read("a.epw", epw::year(leap).text()).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(weather.calendar, Calendar::Year);
        assert_eq!(weather.samples.len(), hours);
        assert_eq!(weather.hours(), hours as f64);
        let mut hour = 0;
        for (month, days) in [31, if leap { 29 } else { 28 }, 31].into_iter().enumerate() {
            for _ in 0..days {
                for clock in 1..=24 {
                    let (dry, humidity) = epw::air(month + 1, clock);
                    let air = MoistAir::from_relative_humidity(dry + 273.15, humidity / 100.0, 1e5)
                        .unwrap();
                    assert_eq!(weather.samples[hour].air, air, "hour {hour}");
                    assert_eq!(weather.samples[hour].wet_bulb, air.wet_bulb());
                    hour += 1;
                }
            }
        }
        assert_eq!(weather.label(hours - 1), "31 Dec, hour 24");
    }
}

#[test]
fn design_conditions_come_with_an_epw_file() {
    let (weather, _) = read("a.epw", epw::year(false).text()).unwrap();
    let found: Vec<(&str, f64, f64)> = weather
        .design
        .iter()
        .map(|p| {
            let round = |kelvin: f64| ((kelvin - 273.15) * 1e6).round() / 1e6;
            (p.name.as_str(), round(p.air.dry_bulb()), round(p.wet_bulb))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("cooling-0.4", 35.0, 25.0),
            ("cooling-1", 34.0, 24.5),
            ("evaporation-0.4", 32.0, 27.0),
            ("evaporation-1", 31.0, 26.0),
            ("dry-bulb-20-year", 40.0, 25.0),
            ("wet-bulb-highest", 32.0, 29.0),
        ]
    );
    // Without the line, or in another form, the year is read all the same.
    let none = epw::year(false).header(1, "DESIGN CONDITIONS,0");
    let (weather, warnings) = read("a.epw", none.text()).unwrap();
    assert!(weather.design.is_empty() && warnings.is_empty());
    let other = epw::year(false).header(1, "DESIGN CONDITIONS,1,Old form,35,25");
    let (_, warnings) = read("a.epw", other.text()).unwrap();
    assert!(warnings[0].contains(":2:1:"), "{warnings:?}");
}

#[test]
fn missing_values_are_filled_as_the_format_says_and_reported() {
    let file = epw::year(false)
        .with(100, 6, "99.9")
        .with(101, 6, "")
        .with(200, 8, "999")
        .with(200, 7, "1.0")
        .with(300, 8, "999")
        .with(400, 9, "999999")
        .with(500, 8, "104")
        .with(600, 7, "0.4")
        .with(600, 8, "999");
    let (weather, warnings) = read("a.epw", file.text()).unwrap();
    let dry = |hour: usize| weather.samples[hour].air.dry_bulb() - 273.15;
    assert!((dry(100) - dry(99)).abs() < 1e-12 && (dry(101) - dry(99)).abs() < 1e-12);
    let saturated = MoistAir::from_dew_point(weather.samples[200].air.dry_bulb(), 274.15, 1e5);
    assert_eq!(weather.samples[200].air, saturated.unwrap());
    let humidity = |hour: usize| weather.samples[hour].air.relative_humidity();
    assert!((humidity(300) - humidity(299)).abs() < 1e-12);
    assert!((humidity(500) - 1.0).abs() < 1e-12);
    assert_eq!(weather.samples[400].air.pressure(), 1e5);
    let all = warnings.join("\n");
    for words in [
        "a.epw:109:",
        "no dry bulb in 2 hours, up to 2 in a row",
        "no relative humidity in 1 hour, up to 1 in a row",
        "no relative humidity in 2 hours: it is taken from the dew point",
        "no station pressure in 1 hour",
        "above 100 % in 1 hour",
        "a dew point above the dry bulb in 1 hour",
    ] {
        assert!(all.contains(words), "{words}:\n{all}");
    }
    // Before any value has come, the format's own first values hold: here 6 degC.
    let (weather, _) = read("a.epw", epw::year(false).with(0, 6, "99.9").text()).unwrap();
    assert!((weather.samples[0].air.dry_bulb() - 279.15).abs() < 1e-12);
}

#[test]
fn leap_days_are_left_out_where_the_header_does_not_observe_them() {
    let file = epw::year(true).header(4, "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0");
    let (weather, warnings) = read("a.epw", file.text()).unwrap();
    assert_eq!(weather.samples.len(), 8760);
    assert!(warnings[0].contains("29 February, 24 hours, is left out"));
}

#[test]
fn weights_stand_for_a_year() {
    let table = "# Here\n# source: made up\nweight,dry_bulb [degF],wet_bulb [degC],pressure [kPa]\n3,68,15,100\n1,50,8,100\n";
    let (weather, warnings) = read("a.csv", table).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(
        (weather.name.as_str(), weather.source.as_str()),
        ("Here", "made up")
    );
    assert_eq!(weather.samples[0].hours, 6570.0);
    assert!((weather.samples[0].air.dry_bulb() - 293.15).abs() < 1e-9);
    let hours = table.replace("weight", "hours [h]");
    let (weather, warnings) = read("a.csv", hours).unwrap();
    assert_eq!(weather.hours(), 4.0);
    assert!(warnings[0].contains("4 hours, not a year"), "{warnings:?}");
}

/// Every faulty file, with a name for it.
fn faulty() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let year = || epw::year(false);
    let bytes = |epw: epw::Epw| epw.text().into_bytes();
    let cut = |hours: usize| {
        let mut file = year();
        file.rows.truncate(hours);
        bytes(file)
    };
    let mut swapped = year();
    swapped.rows.swap(50, 51);
    let mut doubled = year();
    doubled.rows.insert(60, doubled.rows[59].clone());
    let mut lost = year();
    lost.rows.remove(4000);
    let mut long = year();
    long.rows.push(epw::row(1, 1, 1));
    let mut cells = year();
    cells.rows[7].truncate(5);
    let mut latin = bytes(year());
    latin[9] = 0xe3;
    let table = |text: &str| text.as_bytes().to_vec();
    let head = "hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n";
    let bins = |row: &str| table(&format!("{head}{row}\n"));
    vec![
        ("empty", "a.epw", Vec::new()),
        ("no EPW", "a.epw", table("date,temperature\n1,2\n")),
        (
            "a wrong header line",
            "a.epw",
            bytes(year().header(3, "SOIL,0")),
        ),
        (
            "within the header",
            "a.epw",
            table("LOCATION,a,b,c,d,1,2,3,4,5\nDESIGN CONDITIONS,0\n"),
        ),
        (
            "a short LOCATION",
            "a.epw",
            bytes(year().header(0, "LOCATION,Nowhere")),
        ),
        (
            "no elevation",
            "a.epw",
            bytes(year().header(0, "LOCATION,a,b,c,d,1,2,3,4,NaN")),
        ),
        (
            "a number of the design conditions",
            "a.epw",
            bytes(year().header(1, "DESIGN CONDITIONS,1,x,,Cooling,7,inf")),
        ),
        (
            "two periods",
            "a.epw",
            bytes(year().header(7, "DATA PERIODS,2,1,Data,Sunday,1/1,12/31")),
        ),
        (
            "four records an hour",
            "a.epw",
            bytes(year().header(7, "DATA PERIODS,1,4,Data,Sunday,1/1,12/31")),
        ),
        (
            "half a year",
            "a.epw",
            bytes(year().header(7, "DATA PERIODS,1,1,Data,Sunday,1/1,6/30")),
        ),
        ("short", "a.epw", cut(5000)),
        ("no hours", "a.epw", cut(0)),
        ("long", "a.epw", bytes(long)),
        ("swapped", "a.epw", bytes(swapped)),
        ("doubled", "a.epw", bytes(doubled)),
        ("lost", "a.epw", bytes(lost)),
        ("an hour 25", "a.epw", bytes(year().with(23, 3, "25"))),
        (
            "a day that is no number",
            "a.epw",
            bytes(year().with(23, 2, "x")),
        ),
        ("cut row", "a.epw", bytes(cells)),
        ("NaN", "a.epw", bytes(year().with(10, 6, "NaN"))),
        ("no number", "a.epw", bytes(year().with(10, 8, "wet"))),
        (
            "dew point above dry bulb",
            "a.epw",
            bytes(year().with(10, 7, "25.0")),
        ),
        ("too hot", "a.epw", bytes(year().with(10, 6, "75"))),
        ("vacuum", "a.epw", bytes(year().with(10, 9, "100"))),
        ("not UTF-8", "a.epw", latin),
        ("an empty table", "a.csv", Vec::new()),
        (
            "wet bulb above dry bulb",
            "a.csv",
            bins("8760,20,21,100000"),
        ),
        ("air drier than dry", "a.csv", bins("8760,40,5,100000")),
        (
            "swapped columns",
            "a.csv",
            table("hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n8760,10,30,100000\n"),
        ),
        ("NaN in a table", "a.csv", bins("8760,NaN,5,100000")),
        ("words in a table", "a.csv", bins("8760,warm,5,100000")),
        ("an empty cell", "a.csv", bins("8760,,5,100000")),
        ("negative hours", "a.csv", bins("-1,20,5,100000")),
        ("no time at all", "a.csv", bins("0,20,15,100000")),
        ("gauge pressure", "a.csv", bins("8760,20,15,0")),
        ("a day on the sun", "a.csv", bins("8760,95,15,100000")),
        ("a cell too few", "a.csv", bins("8760,20,15")),
        (
            "no unit",
            "a.csv",
            table("hours [h],dry_bulb,wet_bulb [degC],pressure [Pa]\n"),
        ),
        (
            "a wrong unit",
            "a.csv",
            table("hours [h],dry_bulb [kPa],wet_bulb [degC],pressure [Pa]\n"),
        ),
        (
            "a misspelt column",
            "a.csv",
            table("hours [h],dry_blub [degC],wet_bulb [degC],pressure [Pa]\n"),
        ),
        (
            "a missing column",
            "a.csv",
            table("hours [h],dry_bulb [degC],wet_bulb [degC]\n"),
        ),
        (
            "a column twice",
            "a.csv",
            table("hours [h],hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n"),
        ),
        (
            "neither hours nor weight",
            "a.csv",
            table("dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n20,15,100000\n"),
        ),
        (
            "hours and weight",
            "a.csv",
            table(
                "hours [h],weight,dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n1,1,20,15,100000\n",
            ),
        ),
        ("a misspelt name", "memfis", Vec::new()),
    ]
}

#[test]
fn messages_are_as_recorded() {
    let mut text = String::new();
    for (what, name, bytes) in faulty() {
        let error = read(name, bytes).expect_err(what);
        let message = match &error {
            WeatherError::Faults(faults) => {
                let lines = faults.lines();
                assert_eq!(lines.len(), 1, "{what}: one message: {lines:?}");
                let mut place = lines[0].splitn(4, ':').skip(1);
                assert!(
                    place.next().unwrap().parse::<usize>().unwrap() >= 1,
                    "{what}"
                );
                faults.render(false)
            }
            WeatherError::Unknown { .. } => error.to_string(),
            WeatherError::Read(error) => panic!("{what}: {error}"),
        };
        let _ = writeln!(text, "== {what}\n{}\n", message.trim_end());
    }
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/weather-faults.txt");
    if std::env::var_os("UPDATE_FAULTS").is_some() {
        std::fs::write(place, &text).unwrap();
    }
    let recorded = std::fs::read_to_string(place).unwrap_or_default();
    assert!(
        recorded == text,
        "--- recorded\n{recorded}\n--- now\n{text}"
    );
}

/// No bytes make the reader panic: files cut anywhere, and files with a byte changed.
#[test]
fn damaged_files_do_not_panic() {
    let whole = epw::year(false).text().into_bytes();
    for at in (0..2600).step_by(13) {
        let _ = read("a.epw", &whole[..at]);
        let mut bytes = whole[..2600].to_vec();
        bytes[at] = b"0\",\n-\xff"[at % 6];
        let _ = read("a.epw", bytes);
    }
    let table =
        b"hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n1,20,15,100000\n".to_vec();
    for at in 0..table.len() {
        for byte in *b"0\",[\n#\xff" {
            let mut bytes = table.clone();
            bytes[at] = byte;
            let _ = read("a.csv", bytes);
        }
    }
}
