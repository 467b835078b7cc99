//! Parts of the built-in files, each read when it is first asked for: a hall needs a dozen of them.

use super::Part;
use crate::diag::{Diagnostics, FileId, Sources};
use std::ops::Range;
use std::sync::OnceLock;

/// A part, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Section {
    file: FileId,
    text: &'static str,
    range: Range<usize>,
    part: OnceLock<Option<Box<Part>>>,
}

impl Section {
    /// A part that was read before.
    pub(super) fn read(part: Part) -> Self {
        Self {
            file: part.span.file,
            text: "",
            range: 0..0,
            part: OnceLock::from(Some(Box::new(part))),
        }
    }

    /// The part; `None` where its text is no part, which the tests of the built-in files rule out.
    pub(super) fn part(&self) -> Option<&Part> {
        let read = || {
            let text = self.text.get(self.range.clone())?;
            let table = crate::document::parse_at(self.file, self.range.start, text).ok()?;
            let mut faults = Diagnostics::new(Sources::default());
            Part::from_entry(table.entries().first()?, false, &mut faults).map(Box::new)
        };
        self.part.get_or_init(read).as_deref()
    }
}

/// Name and stretch of each part of a file: from the first line `[NAME]` or `[NAME.…]` to that of another name.
pub(super) fn sections(file: FileId, text: &'static str) -> Vec<(&'static str, Section)> {
    let mut found: Vec<(&str, Range<usize>)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let heading = line.strip_prefix('[').and_then(|rest| {
            let name = rest.split([']', '.']).next()?;
            let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            (!name.is_empty() && name.bytes().all(word)).then_some(name)
        });
        if let Some(name) = heading
            && found.last().is_none_or(|(last, _)| *last != name)
        {
            found.push((name, at..at));
        }
        at += line.len();
        if let Some((_, range)) = found.last_mut() {
            range.end = at;
        }
    }
    let section = |range| Section {
        file,
        text,
        range,
        part: OnceLock::new(),
    };
    found
        .into_iter()
        .map(|(name, range)| (name, section(range)))
        .collect()
}
