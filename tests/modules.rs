//! Data flows one way: a module of the library imports only from those before it. Unit tests may reach
//! further.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// The modules in order, as ARCHITECTURE.md lists them; `document` is the tree of a TOML file that
/// `library` and `hall` share.
const ORDER: &[&str] = &[
    "world",
    "diag",
    "units",
    "spec",
    "table",
    "curve",
    "fluid",
    "weather",
    "component",
    "document",
    "library",
    "hall",
    "network",
    "solve",
    "result",
    "study",
    "export",
    "plot",
    "report",
    "cli",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// First names of all `crate::…` paths of a line, and of `use crate::{…}`.
fn imports(line: &str) -> Vec<&str> {
    let name = |text: &'_ str| text.len() - text.trim_start_matches(is_name).len();
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        // `$crate` names a macro's own crate; a longer name that ends in `crate` is no path.
        if line[..at].ends_with(|c: char| is_name(c) || c == '$') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or(list);
                found.extend(list.split(',').map(|item| {
                    let item = item.trim();
                    &item[..name(item)]
                }));
            }
            None => found.push(&rest[..name(rest)]),
        }
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == module)
}

/// Imports of a file of module `own` against the order, as `line: text`.
fn faults(own: &str, text: &str) -> Vec<String> {
    let own_rank = rank(own).unwrap_or_else(|| panic!("`{own}` has no place in the order"));
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or(line);
        let against = imports(code)
            .into_iter()
            // Macros and functions at the root of the library (`crate::fields!`) have no rank.
            .filter_map(rank)
            .any(|imported| imported > own_rank);
        // A list over several lines would hide its names from this test.
        if against || code.trim_end().ends_with("crate::{") {
            faults.push(format!("{}: {}", number + 1, line.trim()));
        }
    }
    faults
}

/// Modules that `#[cfg(test)]` stands before: those in files of their own, and where the first one in
/// the text itself begins.
fn test_modules(text: &str) -> (Vec<&str>, usize) {
    let mut files = Vec::new();
    for (at, mark) in text.match_indices("#[cfg(test)]") {
        let rest = text[at + mark.len()..].trim_start();
        let declared = rest.strip_prefix("pub ").unwrap_or(rest);
        let Some(declared) = declared.strip_prefix("mod ") else {
            continue;
        };
        let end = declared.find(|c: char| !is_name(c)).unwrap_or(0);
        if declared[end..].starts_with(';') {
            files.push(&declared[..end]);
        } else {
            return (files, at);
        }
    }
    (files, text.len())
}

#[test]
fn modules_import_only_from_those_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 100, "{}", files.len());
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            (file, text)
        })
        .collect();
    // `foo.rs` declares what lies in `foo/`.
    let tests: Vec<PathBuf> = texts
        .iter()
        .flat_map(|(file, text)| {
            let folder = file.with_extension("");
            let names = test_modules(text).0;
            names.into_iter().map(move |name| folder.join(name))
        })
        .collect();
    let mut found = Vec::new();
    for (file, text) in &texts {
        if tests
            .iter()
            .any(|test| file.with_extension("").starts_with(test))
        {
            continue;
        }
        let relative = file.strip_prefix(&root).unwrap();
        let first = relative.components().next().unwrap().as_os_str();
        let own = first.to_str().unwrap().trim_end_matches(".rs");
        if own == "lib" || own == "main" {
            continue;
        }
        let own_text = &text[..test_modules(text).1];
        found.extend(
            faults(own, own_text)
                .iter()
                .map(|fault| format!("src/{}:{fault}", relative.display())),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn tests_may_reach_further() {
    let text = "use crate::diag::X;\n#[cfg(test)]\nmod bench;\n#[cfg(test)]\npub mod mutation;\n\
                #[cfg(test)]\nuse crate::units::Y;\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::cli::Z;\n}\n";
    let (files, end) = test_modules(text);
    assert_eq!(files, ["bench", "mutation"]);
    assert!(text[..end].ends_with("fn f() {}\n"));
    assert!(faults("hall", &text[..end]).is_empty());
}

#[test]
fn an_import_against_the_order_is_found() {
    assert_eq!(faults("units", "use crate::hall::Hall;").len(), 1);
    assert_eq!(faults("hall", "let x = crate::solve::solve(y);").len(), 1);
    assert_eq!(faults("hall", "use crate::{units::Unit, study};").len(), 1);
    assert_eq!(faults("hall", "use crate::{").len(), 1);
    for fine in [
        "use crate::units::Unit;",
        "use crate::{diag, units};",
        "//! see [`crate::solve`]",
        "crate::fields! {",
        "$crate::solve::x",
        "use crate::hall::scope::Scope;",
    ] {
        assert!(faults("hall", fine).is_empty(), "{fine}");
    }
}
