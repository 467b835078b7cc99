//! The component reference of the book, made from the heads of the component files and their field
//! lists. `UPDATE_DOCS=1 cargo test --test book` writes it anew.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use loopwatt::component::Kind;
use loopwatt::library::PartKind;
use loopwatt::spec::{DefaultValue, Field, FieldKind};
use loopwatt::units::UnitSystem;

fn values(field: &Field) -> String {
    match field.kind {
        FieldKind::Number {
            dimension,
            min,
            max,
        } => {
            let show = |v: f64| dimension.display(v, UnitSystem::Si).to_string();
            format!("{} to {}", show(min), show(max))
        }
        FieldKind::Choice(words) => words.join(", "),
        FieldKind::Flag => "true, false".to_owned(),
        FieldKind::Points { .. } => "points".to_owned(),
    }
}

fn default(field: &Field) -> String {
    match (field.default, field.kind) {
        (DefaultValue::Required, _) => "required".to_owned(),
        (DefaultValue::Unset, _) => "none".to_owned(),
        (DefaultValue::Value(v), FieldKind::Number { dimension, .. }) => {
            dimension.display(v, UnitSystem::Si).to_string()
        }
        (DefaultValue::Value(v), FieldKind::Choice(words)) => words[v as usize].to_owned(),
        (DefaultValue::Value(v), _) => (v > 0.5).to_string(),
    }
}

/// The head of a file with its headings two levels down, and links that only rustdoc follows as code.
fn head(documentation: &str) -> String {
    let mut text = String::new();
    for line in documentation.lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            writeln!(text, "**{heading}**\n").unwrap();
            continue;
        }
        // [`name`](super::name) and [`name`] as `name`.
        let mut line = line.to_owned();
        while let Some(open) = line.find("[`") {
            let Some(close) = line[open..].find("`]") else {
                break;
            };
            let name = line[open + 1..=open + close].to_owned();
            let mut end = open + close + 2;
            if line[end..].starts_with('(') {
                end += line[end..].find(')').unwrap() + 1;
            }
            line.replace_range(open..end, &name);
        }
        writeln!(text, "{line}").unwrap();
    }
    text
}

fn fields(list: &[Field]) -> String {
    if list.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n| Key | Meaning | Values | Default |\n|---|---|---|---|\n");
    for field in list {
        let doc = field.doc.trim().trim_end_matches('.').replace('|', "\\|");
        writeln!(
            text,
            "| `{}` | {doc} | {} | {} |",
            field.key,
            values(field),
            default(field)
        )
        .unwrap();
    }
    text
}

fn reference() -> String {
    let mut text = String::from(
        "# Component reference\n\n\
         Every kind of part: its equations as the head of its source file has them, then its keys with \
         bounds and defaults. Written by `UPDATE_DOCS=1 cargo test --test book`.\n",
    );
    let mut section = |name: &str, sides: &str, documentation: &str, list: &[Field]| {
        write!(
            text,
            "\n## {name}\n\n{}{sides}{}",
            head(documentation),
            fields(list)
        )
        .unwrap();
    };
    let rack_parts = [
        (
            PartKind::Gpu,
            "gpu, processor, auxiliary (\"device\")",
            include_str!("../src/component/device.rs"),
        ),
        (
            PartKind::ColdPlate,
            "cold_plate",
            include_str!("../src/component/cold_plate.rs"),
        ),
        (
            PartKind::Server,
            "server",
            include_str!("../src/component/server.rs"),
        ),
        (
            PartKind::Rack,
            "rack (\"manifold\")",
            include_str!("../src/component/manifold.rs"),
        ),
    ];
    for (kind, name, source) in rack_parts {
        let documentation = loopwatt::component::module_documentation(source);
        section(name, "", &documentation, kind.fields());
    }
    let mut kinds: Vec<Kind> = Kind::ALL.to_vec();
    kinds.sort_by_key(|kind| kind.spec().kind);
    for kind in kinds {
        let spec = kind.spec();
        let mut sides = String::new();
        for (what, names) in [("Fluid sides", spec.sides), ("Air", spec.air)] {
            if !names.is_empty() {
                write!(sides, "\n{what}: {}.", names.join(", ")).unwrap();
            }
        }
        if spec.carries_bus {
            sides.push_str("\nOthers may name it as their `feeder`.");
        }
        if !sides.is_empty() {
            sides.push('\n');
        }
        section(spec.kind, &sides, &kind.documentation(), spec.fields);
    }
    text
}

#[test]
fn the_component_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/components.md");
    let new = reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &new).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        old == new,
        "UPDATE_DOCS=1 cargo test --test book writes docs/components.md anew"
    );
}
