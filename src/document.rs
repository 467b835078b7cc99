//! TOML text as a tree in which every key and value knows its place in the file.
//!
//! The order of the file is kept: branches of a loop are tapped off in that order.

mod parse;

pub use parse::{parse, parse_at, parse_value};

use crate::diag::Span;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Place of the value; of the heading for a table with one.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    String(String),
    /// Whole number.
    Integer(i64),
    /// Number, which may be infinite or NaN as TOML allows.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// Date or time, as written.
    Datetime(String),
    /// List.
    Array(Vec<Node>),
    /// Table.
    Table(Table),
}

impl Value {
    /// What it is, in words.
    pub fn sort(&self) -> &'static str {
        match self {
            Self::String(_) => "a text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::Datetime(_) => "a date",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The value as one would write it; tables and lists shortened.
    pub fn written(&self) -> String {
        match self {
            Self::String(text) | Self::Datetime(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            // As TOML writes it.
            Self::Float(number) => number.to_string().to_lowercase(),
            Self::Boolean(flag) => flag.to_string(),
            Self::Array(items) => format!("[{} items]", items.len()),
            Self::Table(_) => "{ ... }".to_owned(),
        }
    }
}

impl Node {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Place of the key, where it first stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// A table, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    entries: Vec<Entry>,
}

impl Table {
    /// Entries in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry of this key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    /// Sets a value: replaces it where the key exists, else adds it at the end.
    pub fn set(&mut self, key: &str, key_span: Span, node: Node) -> &mut Entry {
        let at = match self.entries.iter().position(|entry| entry.key == key) {
            Some(at) => {
                self.entries[at].node = node;
                self.entries[at].key_span = key_span;
                at
            }
            None => {
                self.entries.push(Entry {
                    key: key.to_owned(),
                    key_span,
                    node,
                });
                self.entries.len() - 1
            }
        };
        &mut self.entries[at]
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.iter().map(|entry| entry.key.as_str())
    }
}
