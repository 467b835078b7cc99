//! Diagnostics as text, in the manner of a compiler.

use super::{Diagnostic, Diagnostics, Severity, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// Columns to render within: long lists wrap in the terminal rather than being cut.
const WIDTH: usize = 400;

impl Diagnostics {
    /// All as text; `styled` adds colours for a terminal.
    pub fn render(&self, styled: bool) -> String {
        let renderer = if styled {
            Renderer::styled()
        } else {
            Renderer::plain()
        }
        .term_width(WIDTH);
        let mut text = String::new();
        for item in self.sorted() {
            text.push_str(&renderer.render(&[self.group(item)]));
            text.push_str("\n\n");
        }
        text
    }

    /// One line each, `file:line:column: message`, for logs.
    pub fn lines(&self) -> Vec<String> {
        self.sorted()
            .into_iter()
            .map(|item| {
                let (file, line, column) = self.sources().position(item.span);
                format!("{file}:{line}:{column}: {}", item.message)
            })
            .collect()
    }

    fn group<'a>(&'a self, item: &'a Diagnostic) -> Group<'a> {
        let level = match item.severity {
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        let mut snippet = self
            .snippet(item.span)
            .annotation(AnnotationKind::Primary.span(self.range(item.span)));
        let mut elsewhere = None;
        if let Some((span, label)) = &item.related {
            let note = AnnotationKind::Context
                .span(self.range(*span))
                .label(label.as_str());
            if span.file == item.span.file {
                snippet = snippet.annotation(note);
            } else {
                elsewhere = Some(self.snippet(*span).annotation(note));
            }
        }
        let mut group = level.primary_title(item.message.as_str()).element(snippet);
        if let Some(snippet) = elsewhere {
            group = group.element(snippet);
        }
        if let Some(allowed) = &item.allowed {
            group = group.element(Level::NOTE.message(format!("allowed: {allowed}")));
        }
        if let Some(hint) = &item.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        group
    }

    fn snippet(&self, span: Span) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
        let source = self.sources().get(span.file);
        Snippet::source(source.text.as_ref()).path(source.name.as_str())
    }

    /// The span cut to its first line, inside the text and on character boundaries.
    fn range(&self, span: Span) -> Range<usize> {
        let text = self.sources().get(span.file).text.as_ref();
        let boundary = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = boundary(span.start);
        let end = boundary(span.end).max(start);
        let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
        start..line_end
    }
}
