//! Faulty hall files and what is said of them: `tests/faults/NAME.toml` and `NAME.stderr`.
//!
//! A file that is no text has only its message. Each file has one sort of fault (some have several of it, to see that all are found). To write
//! the messages anew after a change of words: `UPDATE_FAULTS=1 cargo test --test faults`, and read
//! the difference as a user would.

#![allow(clippy::unwrap_used)]

#[path = "faults/fuzz.rs"]
mod fuzz;

use loopwatt::hall::{LoadError, LoadOptions, load};
use loopwatt::network::build::{self, BuildError};
use loopwatt::world::{Disk, Memory, World};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults")
}

/// All files of the folder under bare names, so that messages do not depend on where it stands.
fn world() -> Memory {
    let mut world = Memory::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|end| end == "toml" || end == "csv")
        {
            world = world.with(path.file_name().unwrap(), std::fs::read(&path).unwrap());
        }
    }
    world
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn faults(world: &dyn World, name: &str, options: &LoadOptions) -> String {
    match load(world, Path::new(&format!("{name}.toml")), options) {
        Ok((hall, _)) => match build::build(&hall) {
            Ok(_) => panic!("{name}: no fault was found"),
            Err(BuildError {
                diagnostics: Some(found),
                ..
            }) => found.render(false),
            Err(error) => panic!("{name}: without a place: {error}"),
        },
        Err(LoadError::Read(error)) => format!("error: {error}\n"),
        Err(LoadError::Faults(found) | LoadError::Unreadable(found)) => found.render(false),
    }
}

/// The text with long lists of what is allowed left out: they grow with the library and its kinds.
fn lasting(text: &str) -> String {
    let line = |line: &str| match line.split_once("= note: allowed: ") {
        Some((before, list)) if list.split(", ").count() > 9 => {
            format!("{before}= note: allowed: [a list]\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn messages_are_as_recorded() {
    let names = names();
    assert!(names.len() >= 130, "{}", names.len());
    let world = world();
    let update = std::env::var_os("UPDATE_FAULTS").is_some();
    let mut changed = Vec::new();
    for name in &names {
        let text = lasting(&faults(&world, name, &LoadOptions::default()));
        let place = folder().join(format!("{name}.stderr"));
        if update {
            std::fs::write(&place, &text).unwrap();
        }
        let recorded = std::fs::read_to_string(&place).unwrap_or_default();
        if recorded != text {
            changed.push(format!(
                "{name}:\n--- recorded\n{recorded}\n--- now\n{text}"
            ));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// Every fault names a file, a line and a column, and shows no number that is none.
#[test]
fn every_message_has_a_place() {
    let world = world();
    for name in names() {
        let lines = match load(
            &world,
            Path::new(&format!("{name}.toml")),
            &LoadOptions::default(),
        ) {
            Ok((hall, _)) => {
                let error = build::build(&hall).map(|_| ()).unwrap_err();
                error.diagnostics.expect(&name).lines()
            }
            Err(error) => {
                let Some(diagnostics) = error.diagnostics() else {
                    // What is no text has no lines.
                    assert!(error.to_string().contains("not UTF-8 text"), "{error}");
                    continue;
                };
                diagnostics.lines()
            }
        };
        assert!(!lines.is_empty());
        for line in lines {
            let mut parts = line.splitn(4, ':');
            let (file, row, column) = (
                parts.next().unwrap(),
                parts.next().unwrap(),
                parts.next().unwrap(),
            );
            assert!(file.contains('.'), "{line}");
            assert!(
                row.parse::<usize>().unwrap() >= 1 && column.parse::<usize>().unwrap() >= 1,
                "{line}"
            );
            assert!(!line.contains("NaN"), "{line}");
        }
    }
}

#[test]
fn faults_of_the_command_line_point_at_it() {
    let text = "schema = 1\n[loops.tcs]\nfluid = \"pg25\"\n[rooms.hall]\n[equipment.water]\nkind = \"given_water\"\nwater = \"tcs\"\nsupply_temperature = \"30 degC\"\n[racks.rack]\npart = \"supermicro-hgx-h100-64\"\nloop = \"tcs\"\ncount = 4\n";
    let world = Memory::new().with("good.toml", text);
    let set = |edits: &[&str], state: Option<&str>| LoadOptions {
        set: edits.iter().map(|edit| (*edit).to_owned()).collect(),
        state: state.map(str::to_owned),
    };
    assert!(
        load(
            &world,
            Path::new("good.toml"),
            &set(
                &["racks.rack.count=8", "rack.7.air_flow=2 m3/s"],
                Some("idle")
            )
        )
        .is_ok()
    );
    for (edit, words) in [
        ("loops.tcs.fluid=gp30", "no fluid `gp30`"),
        ("loops.tsc.fluid=pg30", "did you mean `tcs`?"),
        ("racks.rack.cuont=8", "unknown key `cuont`"),
        (
            "rack.4.air_flow=2 m3/s",
            "there is no `rack.4`: there are 4",
        ),
        (
            "rack.0.air_flow=2 kg/s",
            "is a unit of mass flow, wanted volume flow",
        ),
        ("rak.0.air_flow=2 m3/s", "no rack, group or equipment `rak`"),
        (
            "rack.0.server.0.gpu.0.idle=2 W",
            "unknown key `idle` of a GPU",
        ),
        (
            "rack.0.server.0.gpu.0=2 W",
            "names an asset, but no value of it",
        ),
        ("name", "has no `=`"),
        ("=3", "is no path"),
        ("loops..fluid=water", "is no path"),
        ("site.dry_bulb=", "is set to nothing"),
        (
            "loops.tcs.fluid.name=water",
            "`fluid` is a value, not a table",
        ),
        ("equipment.new.kind=pipe", "the file has no `equipment.new`"),
        (
            "equipment.water=3",
            "must be a part's name or a table, not a number",
        ),
        (
            "equipment.water.supply_temperature=30 kW",
            "`kW` is a unit of power, wanted temperature",
        ),
        (
            "equipment.water.supply_temperature=30,5 degC",
            "write its number with a decimal point",
        ),
        (
            "equipment.water.supply_temperature=nan degC",
            "is not a finite number",
        ),
        ("equipment.water.supply_temperature={a=1}", "lacks `value`"),
        ("racks.rack.count=-1", "`count` is out of range: -1"),
        ("racks.rack.count=1e3", "must be a whole number"),
        (
            "racks.rack.count=99999999999999999999",
            "must be a whole number",
        ),
        ("racks=4", "`racks` must be a table of named things"),
        ("rack.0=3", "names an asset, but no value of it"),
        ("rack.3-2.air_flow=2 m3/s", "runs backwards"),
        ("nonsense=1", "no rack, group or equipment `nonsense`"),
        ("parts.mine.idle_power=9 W", "the file has no `parts.mine`"),
        ("schema=2", "schema 2 is not supported"),
        ("states.idle.gpu_load=2", "`gpu_load` is out of range: 2"),
    ] {
        let text = faults(&world, "good", &set(&[edit], None));
        assert!(
            text.contains(words) && text.contains("--set:1:"),
            "{edit}:\n{text}"
        );
    }
    let text = faults(
        &world,
        "good",
        &set(&["rack.*.air_flow=1 m3/s", "rack.2.air_flow=2 m3/s"], None),
    );
    assert!(text.contains("a second `--set` sets `air_flow`"), "{text}");
    let text = faults(&world, "good", &set(&[], Some("trainng")));
    assert!(
        text.contains("--state:1:1") && text.contains("did you mean `training`?"),
        "{text}"
    );
}

#[test]
fn files_that_cannot_be_read_are_told_from_faulty_ones() {
    let options = LoadOptions::default();
    let unreadable = |path: &str| load(&Disk, Path::new(path), &options).unwrap_err();
    let folder = folder();
    assert!(unreadable(folder.to_str().unwrap()).is_unreadable());
    assert!(unreadable("no/such/file.toml").is_unreadable());
    let missing_table = load(&world(), Path::new("table-missing.toml"), &options).unwrap_err();
    assert!(missing_table.is_unreadable());
    let bytes = Memory::new().with("a.toml", vec![b'a', 0xff, b'\n']);
    let error = load(&bytes, Path::new("a.toml"), &options).unwrap_err();
    assert!(!error.is_unreadable());
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    for empty in ["", "\n", "# nothing\n"] {
        let world = Memory::new().with("a.toml", empty);
        let error = load(&world, Path::new("a.toml"), &options).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("a.toml:1:1: the file does not state its `schema`"),
            "{error}"
        );
    }
}

/// Halls whose parts are sound but which have no equations to solve: what is missing is named.
#[test]
fn halls_that_cannot_be_numbered_say_why() {
    let good = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls/rack.toml"),
    )
    .unwrap();
    let said = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        let world = Memory::new().with("a.toml", good.replace(from, to));
        let (hall, _) = load(&world, Path::new("a.toml"), &LoadOptions::default()).unwrap();
        loopwatt::network::build::build(&hall)
            .unwrap_err()
            .to_string()
    };
    let text = said(
        "[loops.coolant] #",
        "[loops.coolant]\nnodes = [\"pumped\"] #",
    );
    assert!(
        text.contains("loop 'coolant': node 'pumped' is not connected"),
        "{text}"
    );
    let air = "air = { part = \"ideal-room-cooler-100kw\", room = \"hall\" }";
    let text = said(air, "");
    assert!(
        text.contains("room 'hall': nothing takes the heat that comes into its air"),
        "{text}"
    );
    let text = said(
        "inlet_air = \"hall\"",
        "inlet_air = \"hall\"\nexhaust_air = \"row\"\n[rooms.row]\nexhaust = true",
    );
    assert!(
        text.contains("room 'row': nothing takes") && text.contains("rear door"),
        "{text}"
    );
}

/// A table that is a folder.
#[test]
fn a_folder_is_no_table() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hall.toml");
    let hall = std::fs::read_to_string(folder().join("table-rows.toml")).unwrap();
    std::fs::write(&file, hall.replace("rows.csv", ".")).unwrap();
    let error = load(&Disk, &file, &LoadOptions::default()).unwrap_err();
    assert!(error.is_unreadable());
    let text = error.diagnostics().unwrap().render(false);
    assert!(text.contains("is a directory"), "{text}");
}

/// Brackets and keys as deep as a machine might write them.
#[test]
fn depth_does_not_overflow_the_stack() {
    for text in [
        format!("x = {}{}", "[".repeat(200_000), "]".repeat(200_000)),
        format!("x = {}1{}", "{a=".repeat(200_000), "}".repeat(200_000)),
        format!("x{} = 1", ".a".repeat(200_000)),
        format!("[x{}]", ".a".repeat(200_000)),
        "[".repeat(200_000),
    ] {
        let world = Memory::new().with("a.toml", format!("schema = 1\n{text}\n"));
        let error = load(&world, Path::new("a.toml"), &LoadOptions::default()).unwrap_err();
        assert!(
            error.to_string().contains("not valid TOML"),
            "{}",
            &text[..20]
        );
    }
}

/// No text makes the reader panic: files cut anywhere, and files with a byte changed.
#[test]
fn damaged_files_do_not_panic() {
    let text = std::fs::read_to_string(folder().join("group-scope.toml")).unwrap();
    for cut in (0..text.len())
        .step_by(7)
        .filter(|at| text.is_char_boundary(*at))
    {
        let world = Memory::new().with("a.toml", &text[..cut]);
        let _ = load(&world, Path::new("a.toml"), &LoadOptions::default());
        let mut bytes = text.clone().into_bytes();
        bytes[cut] = b"0\"[.=-"[cut % 6];
        let world = Memory::new().with("a.toml", bytes);
        if let Err(LoadError::Faults(found)) =
            load(&world, Path::new("a.toml"), &LoadOptions::default())
        {
            assert!(!found.render(false).is_empty());
        }
    }
}
