#![allow(clippy::unwrap_used)]

use super::{Grade, Library, PartKind, Parts};
use crate::diag::Diagnostics;

#[test]
fn embedded_files_are_sound() {
    let library = Library::embedded();
    assert!(
        library.faults().is_empty(),
        "{}",
        library.faults().render(false)
    );
    assert!(library.parts().count() > 20);
    for part in library.parts() {
        assert!(library.kind(part).is_some(), "{}", part.name);
        assert!(
            part.name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
        );
    }
}

#[test]
fn numbers_carry_source_and_confidence() {
    let library = Library::embedded();
    let numbers = library.numbers(library.get("h100-sxm5").unwrap());
    let find = |key: &str| numbers.iter().find(|number| number.key == key).unwrap();
    assert_eq!(find("rated_power").value, "700 W");
    assert_eq!(find("rated_power").confidence, Grade::A);
    assert_eq!(find("leakage").confidence, Grade::D);
    assert!(find("leakage").source.contains("assumption"));
    assert!(numbers.iter().all(|number| !number.source.is_empty()));
}

const BASES: &str = r#"
[a]
kind = "gpu"
title = "A"
source = "s"
confidence = "B"
rated_power = "700 W"
idle_power = "90 W"

[b]
base = "a"
title = "B"
source = "t"
confidence = "C"
rated_power = "650 W"

[c]
base = "d"
title = "C"
source = "s"
confidence = "C"

[d]
base = "c"
title = "D"
source = "s"
confidence = "C"

[e]
base = "a"
kind = "server"
title = "E"
source = "s"
confidence = "C"
"#;

#[test]
fn bases_are_inherited() {
    let library = Library::from_texts(&[("parts.toml", BASES)]);
    assert!(library.faults().is_empty());
    let b = library.get("b").unwrap();
    assert_eq!(library.kind(b), Some(PartKind::Gpu));
    let numbers = library.numbers(b);
    let find = |key: &str| numbers.iter().find(|number| number.key == key).unwrap();
    assert_eq!(
        (
            find("rated_power").value.as_str(),
            find("rated_power").part.as_str()
        ),
        ("650 W", "b")
    );
    assert_eq!(
        (
            find("idle_power").value.as_str(),
            find("idle_power").part.as_str()
        ),
        ("90 W", "a")
    );
    assert_eq!(find("idle_power").confidence, Grade::B);
}

#[test]
fn circles_and_mixed_kinds_are_faults() {
    let library = Library::from_texts(&[("parts.toml", BASES)]);
    let parts = Parts::library_only(&library);
    let fault = |name: &str| {
        let mut diagnostics = Diagnostics::new(library.faults().sources().clone());
        assert!(
            parts
                .chain(library.get(name).unwrap(), &mut diagnostics)
                .is_none()
        );
        diagnostics.lines().join("\n")
    };
    assert!(
        fault("c").contains("the bases of part `c` go round in a circle: c -> d -> c"),
        "{}",
        fault("c")
    );
    assert!(
        fault("e").contains("of kind server, but its base `a` is of kind gpu"),
        "{}",
        fault("e")
    );
    assert_eq!(library.kind(library.get("c").unwrap()), None);
}

#[test]
fn faults_in_the_files_are_collected() {
    let library = Library::from_texts(&[
        (
            "one.toml",
            "[a]\nkind = \"gpu\"\n[b]\nkind = \"gpu\"\ntitle = \"B\"\nsource = \"s\"\nconfidence = \"E\"\n",
        ),
        (
            "two.toml",
            "[b]\nkind = \"gpu\"\ntitle = \"B\"\nsource = \"s\"\nconfidence = \"A\"\n",
        ),
        ("three.toml", "[["),
    ]);
    let text = library.faults().lines().join("\n");
    for part in [
        "one.toml:1:2: part `a` has no `title`",
        "no `source`",
        "unknown confidence `E`",
        "there twice",
        "three.toml:1",
    ] {
        assert!(text.contains(part), "{part} missing in\n{text}");
    }
}
