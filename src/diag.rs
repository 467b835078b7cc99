//! Diagnostics: what is wrong with the input, where, what is allowed there, and the nearest right
//! spelling.
//!
//! A reader collects them all and goes on; at the end [`Diagnostics::has_errors`] decides.

pub mod nearest;
mod render;

pub use nearest::nearest;

use std::borrow::Cow;
use std::collections::HashSet;

/// Index of a file in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A stretch of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is used all the same.
    Warning,
    /// The input is refused.
    Error,
}

/// One fault or warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What is allowed there.
    pub allowed: Option<String>,
    /// What to write instead.
    pub hint: Option<String>,
    /// Another place that has to do with it, and in what way.
    pub related: Option<(Span, String)>,
    /// Path of the thing that it is about, where there is one (`equipment.cdu`).
    pub about: Option<String>,
}

impl Diagnostic {
    /// A fault.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            span,
            message: message.into(),
            allowed: None,
            hint: None,
            related: None,
            about: None,
        }
    }

    /// A warning.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, message)
        }
    }

    /// With what is allowed.
    #[must_use]
    pub fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    /// With advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With advice, unless there is some already.
    #[must_use]
    pub fn hint_if_none(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// With another place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }

    /// With the path of what it is about.
    #[must_use]
    pub fn about(mut self, path: impl Into<String>) -> Self {
        self.about = Some(path.into());
        self
    }

    /// With the words that are allowed in place of `given`, and the nearest of them as advice.
    #[must_use]
    pub fn words<'a>(
        mut self,
        given: &str,
        words: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    ) -> Self {
        let words = words.into_iter();
        if let Some(word) = nearest(given, words.clone()) {
            self.hint = Some(format!("did you mean `{word}`?"));
        }
        self.allowed = Some(list(words));
        self
    }
}

/// Words with commas between; long lists are cut.
fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 48;
    let all: Vec<&str> = words.collect();
    match all.len() {
        0 => "(none)".to_owned(),
        n if n > MOST => format!("{}, ... ({n} in all)", all[..MOST].join(", ")),
        _ => all.join(", "),
    }
}

/// A file that diagnostics may point into.
#[derive(Debug, Clone)]
pub struct Source {
    /// Name as shown: a path, or a pseudo-file such as `--set`.
    pub name: String,
    /// Its text.
    pub text: Cow<'static, str>,
}

/// The files that diagnostics point into.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Cow<'static, str>>) -> FileId {
        self.files.push(Source {
            name: name.into(),
            text: text.into(),
        });
        FileId((self.files.len() - 1) as u32)
    }

    /// The file of this number.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// File name, line and column (from one, in characters) of the start of a span.
    pub fn position(&self, span: Span) -> (&str, usize, usize) {
        let source = self.get(span.file);
        let mut start = span.start.min(source.text.len());
        while !source.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &source.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            &source.name,
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

/// Faults and warnings with the files that they point into.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    sources: Sources,
    items: Vec<Diagnostic>,
    seen: HashSet<(Span, String)>,
}

impl Diagnostics {
    /// No faults yet.
    pub fn new(sources: Sources) -> Self {
        Self {
            sources,
            ..Self::default()
        }
    }

    /// Adds one, unless the same is there already (a part used twice shows its fault once).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self
            .seen
            .insert((diagnostic.span, diagnostic.message.clone()))
        {
            self.items.push(diagnostic);
        }
    }

    /// The files.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The files alone.
    pub fn into_sources(self) -> Sources {
        self.sources
    }

    /// The files, to add to.
    pub fn sources_mut(&mut self) -> &mut Sources {
        &mut self.sources
    }

    /// All, in the order of files and lines.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.items.iter().collect();
        all.sort_by_key(|item| (item.span.file, item.span.start, item.span.end));
        all
    }

    /// Whether any is a fault.
    pub fn has_errors(&self) -> bool {
        self.items
            .iter()
            .any(|item| item.severity == Severity::Error)
    }

    /// Number of faults.
    pub fn error_count(&self) -> usize {
        self.items
            .iter()
            .filter(|item| item.severity == Severity::Error)
            .count()
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, Sources, Span};

    fn one() -> Diagnostics {
        let mut sources = Sources::default();
        let file = sources.add("hall.toml", "schema = 1\nnäme = \"a\"\nfluidd = \"pg25\"\n");
        let mut all = Diagnostics::new(sources);
        let span = Span {
            file,
            start: 23,
            end: 29,
        };
        let fault =
            Diagnostic::error(span, "unknown key `fluidd`").words("fluidd", ["fluid", "nodes"]);
        all.push(fault.clone());
        all.push(fault);
        all
    }

    #[test]
    fn rendering_names_file_line_column_and_nearest_word() {
        let all = one();
        assert_eq!(all.error_count(), 1, "the same fault is kept once");
        let text = all.render(false);
        for part in [
            "error: unknown key `fluidd`",
            "hall.toml:3:1",
            "allowed: fluid, nodes",
            "did you mean `fluid`?",
        ] {
            assert!(text.contains(part), "{part:?} missing in\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
        assert!(all.render(true).contains('\u{1b}'));
    }

    #[test]
    fn positions_count_characters() {
        let all = one();
        let file = all.items[0].span.file;
        let at = |start| {
            all.sources().position(Span {
                file,
                start,
                end: start,
            })
        };
        assert_eq!(at(0), ("hall.toml", 1, 1));
        assert_eq!(
            at(16),
            ("hall.toml", 2, 5),
            "ä is one character of two bytes"
        );
        assert_eq!(at(13), ("hall.toml", 2, 2), "inside a character: its start");
        assert_eq!(at(10_000), ("hall.toml", 4, 1));
    }
}
