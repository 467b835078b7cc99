//! From the `toml` crate's spanned tables to [`Table`].

use super::{Entry, Node, Table, Value};
use crate::diag::{Diagnostic, FileId, Span};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Faults of syntax that are shown: one bracket left open makes every later line look wrong.
const MOST_FAULTS: usize = 5;

/// What is said of a fault of syntax, in a user's words, and what may help.
fn words(message: &str, text: Option<&str>) -> (String, Option<&'static str>) {
    let open = "is a `]` missing above?";
    match (message, text) {
        ("duplicate key", Some(key)) => (format!("duplicate key `{key}`"), None),
        // Both limits of the parser: of nested brackets, and of dotted keys.
        ("recursion limit", _) => ("tables lie too deep inside each other".to_owned(), None),
        (deep, _) if deep.contains("max recursion depth") => (
            "lists or tables lie too deep inside each other".to_owned(),
            None,
        ),
        (list, _) if list.starts_with("missing comma between array elements") => {
            (list.to_owned(), Some(open))
        }
        (list, _) if list.starts_with("unclosed array") => (list.to_owned(), Some(open)),
        (other, _) => (other.to_owned(), None),
    }
}

/// Parses a document; the faults of syntax are returned at once, as far as they are not the
/// consequence of others.
pub fn parse(file: FileId, text: &str) -> Result<Table, Vec<Diagnostic>> {
    parse_at(file, 0, text)
}

/// The same of a part of a file that starts at `offset`.
pub fn parse_at(file: FileId, offset: usize, text: &str) -> Result<Table, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        file,
        faults: Vec::new(),
    };
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let (message, hint) = words(error.message().trim(), text.get(range.clone()));
        let message = format!("not valid TOML: {message}");
        let span = reader.span(range, offset);
        let mut fault = Diagnostic::error(span, message);
        fault.hint = hint.map(str::to_owned);
        reader.faults.push(fault);
    }
    if reader.faults.len() > MOST_FAULTS {
        let more = reader.faults.len() - MOST_FAULTS;
        let span = reader.faults[MOST_FAULTS].span;
        reader.faults.truncate(MOST_FAULTS);
        reader.faults.push(
            Diagnostic::error(
                span,
                format!("{more} more faults from here on are not shown"),
            )
            .hint("most of them may come of the first one"),
        );
        return Err(reader.faults);
    }
    let table = reader.table(table.get_ref(), offset);
    if reader.faults.is_empty() {
        Ok(table)
    } else {
        Err(reader.faults)
    }
}

/// Parses a single value that stands at `offset` of a file; `None` if it is not TOML.
pub fn parse_value(file: FileId, offset: usize, text: &str) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut reader = Reader {
        file,
        faults: Vec::new(),
    };
    let node = reader.node(value.span(), value.get_ref(), offset);
    reader.faults.is_empty().then_some(node)
}

struct Reader {
    file: FileId,
    faults: Vec<Diagnostic>,
}

impl Reader {
    fn span(&self, range: Range<usize>, offset: usize) -> Span {
        Span {
            file: self.file,
            start: range.start + offset,
            end: range.end + offset,
        }
    }

    fn table(&mut self, table: &DeTable<'_>, offset: usize) -> Table {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_span: self.span(key.span(), offset),
                node: self.node(value.span(), value.get_ref(), offset),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        Table { entries }
    }

    fn node(&mut self, range: Range<usize>, value: &DeValue<'_>, offset: usize) -> Node {
        let span = self.span(range, offset);
        let value = match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => {
                match i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
                    Ok(number) => Value::Integer(number),
                    Err(_) => self.fault(span, "whole number is too large"),
                }
            }
            DeValue::Float(number) => match number.as_str().replace('_', "").parse() {
                Ok(number) => Value::Float(number),
                Err(_) => self.fault(span, "not a number"),
            },
            DeValue::Boolean(flag) => Value::Boolean(*flag),
            DeValue::Datetime(date) => Value::Datetime(date.to_string()),
            DeValue::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.node(item.span(), item.get_ref(), offset))
                    .collect(),
            ),
            DeValue::Table(table) => Value::Table(self.table(table, offset)),
        };
        Node { span, value }
    }

    fn fault(&mut self, span: Span, message: &str) -> Value {
        self.faults.push(Diagnostic::error(span, message));
        Value::Integer(0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{parse, parse_value};
    use crate::diag::Sources;
    use crate::document::Value;

    #[test]
    fn order_and_places_are_kept() {
        let text = "schema = 1\n[racks.b]\ncount = 2\n[racks.b.server]\npart = \"x\"\n[racks.a]\n[x]\na.b = 1_0\n";
        let mut sources = Sources::default();
        let file = sources.add("f", text);
        let table = parse(file, text).unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), ["schema", "racks", "x"]);
        let racks = table.get("racks").unwrap().node.as_table().unwrap();
        assert_eq!(racks.keys().collect::<Vec<_>>(), ["b", "a"]);
        let b = racks.get("b").unwrap();
        assert_eq!(sources.position(b.key_span), ("f", 2, 8));
        assert_eq!(sources.position(b.node.span), ("f", 2, 1));
        let dotted = table
            .get("x")
            .unwrap()
            .node
            .as_table()
            .unwrap()
            .get("a")
            .unwrap();
        assert_eq!(
            dotted.node.as_table().unwrap().get("b").unwrap().node.value,
            Value::Integer(10)
        );
    }

    #[test]
    fn all_faults_of_syntax_at_once() {
        let text = "a = \nb = 1\nb = 2\nc = \"x\n";
        let mut sources = Sources::default();
        let file = sources.add("f", text);
        let faults = parse(file, text).unwrap_err();
        assert!(faults.len() >= 3, "{faults:?}");
    }

    #[test]
    fn whole_number_out_of_range_is_a_fault() {
        let mut sources = Sources::default();
        let file = sources.add("f", "");
        assert!(parse(file, "a = 99999999999999999999\n").is_err());
        assert!(parse_value(file, 0, "99999999999999999999").is_none());
        assert!(parse_value(file, 0, "30 degC").is_none());
        assert_eq!(parse_value(file, 3, "[1, 2]").unwrap().span.start, 3);
    }
}
