//! `--set PATH=VALUE`: edits of the file's tree, before it is resolved.
//!
//! A path that starts with a key of the file edits the tree; any other is an asset's
//! (`rack.17.server.3.gpu.5.idle_power`) and becomes a rule of the highest rank. The values stand
//! in a pseudo-file of their own, so that faults in them point at the command line.

use super::names::{HALL_TABLES, SCOPE_TABLES, hall_keys};
use crate::diag::{Diagnostic, Diagnostics, FileId, Span};
use crate::document::{Node, Table, Value, parse_value};

/// An edit of one asset's value.
#[derive(Debug, Clone)]
pub(super) struct AssetEdit {
    /// Asset and key.
    pub path: String,
    /// Place of the path.
    pub span: Span,
    /// Value.
    pub node: Node,
}

/// Applies the edits; those of assets are returned.
pub(super) fn apply(
    root: &mut Table,
    sets: &[String],
    diagnostics: &mut Diagnostics,
) -> (Option<FileId>, Vec<AssetEdit>) {
    if sets.is_empty() {
        return (None, Vec::new());
    }
    let file = diagnostics.sources_mut().add("--set", sets.join("\n"));
    let mut edits = Vec::new();
    let mut seen: Vec<(&str, Span)> = Vec::new();
    let mut start = 0;
    for set in sets {
        let whole = Span {
            file,
            start,
            end: start + set.len(),
        };
        let edit = split(set, whole);
        start = whole.end + 1;
        let (path, path_span, node) = match edit {
            Ok(edit) => edit,
            Err(fault) => {
                diagnostics.push(fault);
                continue;
            }
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == path) {
            diagnostics.push(
                Diagnostic::error(path_span, format!("`{path}` is set twice"))
                    .related(*first, "first here"),
            );
            continue;
        }
        seen.push((path, path_span));
        let first = path.split('.').next().unwrap_or(path);
        if hall_keys().any(|key| key == first) {
            if let Err(fault) = edit_tree(root, path, path_span, node) {
                diagnostics.push(fault);
            }
        } else {
            edits.push(AssetEdit {
                path: path.to_owned(),
                span: path_span,
                node,
            });
        }
    }
    (Some(file), edits)
}

/// Path, its place, and the value.
fn split(set: &str, whole: Span) -> Result<(&str, Span, Node), Diagnostic> {
    let Some((path, value)) = set.split_once('=') else {
        return Err(Diagnostic::error(whole, format!("`{set}` has no `=`")).allowed("PATH=VALUE"));
    };
    let path = path.trim();
    let value_text = value.trim();
    if path.is_empty() || path.split('.').any(str::is_empty) {
        return Err(Diagnostic::error(whole, format!("`{path}` is no path"))
            .allowed("keys with dots between, such as loops.tcs.fluid"));
    }
    let lead = set.len() - set.trim_start().len();
    let path_span = Span {
        start: whole.start + lead,
        end: whole.start + lead + path.len(),
        ..whole
    };
    let offset = set.len() - value.trim_start().len();
    let span = Span {
        start: whole.start + offset,
        end: whole.start + offset + value_text.len(),
        ..whole
    };
    if value_text.is_empty() {
        return Err(
            Diagnostic::error(whole, format!("`{path}` is set to nothing"))
                .allowed("PATH=VALUE, VALUE as in the file or bare, such as 30 degC"),
        );
    }
    let node = match parse_value(whole.file, span.start, value_text) {
        // A date is no value of any key: what looks like one is a word.
        Some(node) if !matches!(node.value, Value::Datetime(_)) => node,
        _ => Node {
            span,
            value: Value::String(value_text.to_owned()),
        },
    };
    Ok((path, path_span, node))
}

fn edit_tree(root: &mut Table, path: &str, span: Span, node: Node) -> Result<(), Diagnostic> {
    let keys: Vec<&str> = path.split('.').collect();
    let Some((last, ways)) = keys.split_last() else {
        return Ok(());
    };
    let mut table = root;
    let mut at = Place::Scope { hall: true };
    for (depth, key) in ways.iter().enumerate() {
        if at == Place::Names && table.get(key).is_none() {
            let so_far = keys[..depth].join(".");
            return Err(
                Diagnostic::error(span, format!("the file has no `{so_far}.{key}`"))
                    .words(key, table.keys().collect::<Vec<_>>()),
            );
        }
        at = at.below(key, depth.checked_sub(1).map(|above| keys[above]));
        table = descend(table, key, span)?;
    }
    if at == Place::Names && table.get(last).is_none() {
        return Err(Diagnostic::error(span, format!("the file has no `{path}`"))
            .words(last, table.keys().collect::<Vec<_>>()));
    }
    table.set(last, span, node);
    Ok(())
}

/// The table under a key, made where there is none. A part's name becomes a table that names it.
fn descend<'t>(table: &'t mut Table, key: &str, span: Span) -> Result<&'t mut Table, Diagnostic> {
    let empty = |value| Node { span, value };
    if table.get(key).is_none() {
        table.set(key, span, empty(Value::Table(Table::default())));
    }
    let missing = || Diagnostic::error(span, format!("`{key}` is a value, not a table"));
    let entry = table.get_mut(key).ok_or_else(missing)?;
    const PARTS: &[&str] = &["server", "plate", "gpu", "processor", "auxiliary"];
    if entry.node.as_str().is_some() && PARTS.contains(&key) {
        let name = entry.node.clone();
        let mut inner = Table::default();
        inner.set("part", name.span, name.clone());
        entry.node = Node {
            span: name.span,
            value: Value::Table(inner),
        };
    }
    match &mut entry.node.value {
        Value::Table(inner) => Ok(inner),
        _ => Err(missing()),
    }
}

/// What the keys of a table are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// The hall itself, or a group.
    Scope { hall: bool },
    /// Names that must exist.
    Names,
    /// Anything: the reader will judge.
    Inside,
}

impl Place {
    /// What the keys below `key` are; `above` is the key before it.
    fn below(self, key: &str, above: Option<&str>) -> Self {
        match self {
            Self::Scope { .. } if SCOPE_TABLES.contains(&key) => Self::Names,
            // The states that every hall has need not stand in the file.
            Self::Scope { hall: true } if HALL_TABLES.contains(&key) && key != "states" => {
                Self::Names
            }
            Self::Names if above == Some("groups") => Self::Scope { hall: false },
            _ => Self::Inside,
        }
    }
}

/// Whether the file has a value or table at this path.
pub(super) fn exists(root: &Table, path: &str) -> bool {
    let mut table = root;
    let mut keys = path.split('.').peekable();
    while let Some(key) = keys.next() {
        let Some(entry) = table.get(key) else {
            return false;
        };
        match (keys.peek(), entry.node.as_table()) {
            (None, _) => return true,
            (Some(_), Some(inner)) => table = inner,
            (Some(_), None) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{apply, exists};
    use crate::diag::{Diagnostics, Sources};
    use crate::document::{Table, Value, parse};

    const TEXT: &str = "[loops.tcs]\nfluid = \"pg25\"\n[racks.rack]\nserver = \"hgx\"\n[groups.pod.racks.r]\ncount = 1\n";

    fn run(sets: &[&str]) -> (Table, Diagnostics, usize) {
        let mut sources = Sources::default();
        let file = sources.add("f", TEXT);
        let mut root = parse(file, TEXT).unwrap();
        let mut diagnostics = Diagnostics::new(sources);
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let (_, edits) = apply(&mut root, &sets, &mut diagnostics);
        (root, diagnostics, edits.len())
    }

    fn value<'t>(root: &'t Table, path: &str) -> &'t Value {
        let mut table = root;
        let mut found = None;
        for key in path.split('.') {
            let entry = table.get(key).unwrap();
            found = Some(&entry.node.value);
            if let Some(inner) = entry.node.as_table() {
                table = inner;
            }
        }
        found.unwrap()
    }

    #[test]
    fn values_may_be_bare_or_toml() {
        let (root, faults, edits) = run(&[
            "loops.tcs.fluid=pg30",
            "racks.rack.count = 10",
            "loops.tcs.design_temperature_rise=8 K",
            "racks.rack.server.gpu.idle_power=\"95 W\"",
            "groups.pod.racks.r.count=3",
            "states.training.gpu_load=0.9",
            "rack.0.server.1.gpu.2.idle_power=95 W",
        ]);
        assert!(faults.is_empty(), "{}", faults.render(false));
        assert_eq!(edits, 1);
        assert_eq!(
            value(&root, "loops.tcs.fluid"),
            &Value::String("pg30".into())
        );
        assert_eq!(value(&root, "racks.rack.count"), &Value::Integer(10));
        assert_eq!(
            value(&root, "racks.rack.server.part"),
            &Value::String("hgx".into())
        );
        assert_eq!(
            value(&root, "racks.rack.server.gpu.idle_power"),
            &Value::String("95 W".into())
        );
        assert_eq!(value(&root, "groups.pod.racks.r.count"), &Value::Integer(3));
        assert!(exists(&root, "states.training.gpu_load") && !exists(&root, "loops.other"));
    }

    #[test]
    fn names_must_exist_and_faults_point_at_the_command_line() {
        let (_, faults, _) = run(&[
            "loops.tsc.fluid=pg30",
            "racks.rack.count",
            "racks.rack.count=",
            "loops.tcs.fluid.x=1",
            "a..b=1",
            "groups.pod.racks.s.count=1",
            "loops.tcs.fluid=a",
            "loops.tcs.fluid=b",
        ]);
        let text = faults.render(false);
        for part in [
            "--set:1:1",
            "did you mean `tcs`?",
            "has no `=`",
            "set to nothing",
            "`fluid` is a value, not a table",
            "`a..b` is no path",
            "the file has no `groups.pod.racks.s`",
            "`loops.tcs.fluid` is set twice",
        ] {
            assert!(text.contains(part), "{part} missing in\n{text}");
        }
    }
}
