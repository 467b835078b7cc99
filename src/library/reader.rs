//! Reads values out of stacked tables by field list: units, ranges, defaults, words, curves, and
//! where each number came from.

use super::{DEFAULT_SOURCE, Grade, HALL_SOURCE, Layer, Parts, Provenance, SET_SOURCE, Stack};
use crate::curve::Pchip;
use crate::diag::{Diagnostic, Diagnostics, FileId, Span};
use crate::document::{Node, Table, Value};
use crate::spec::{DefaultValue, Field, FieldKind};
use crate::units::{Dimension, UnitError, UnitSystem};

/// What a reading collects.
#[derive(Debug)]
pub struct Reader<'t> {
    /// Parts that may be named.
    pub parts: Parts<'t>,
    /// Faults so far.
    pub diagnostics: Diagnostics,
    /// Origin of every number read so far.
    pub provenance: Vec<Provenance>,
    /// The pseudo-file of values given by `--set`.
    pub set_file: Option<FileId>,
}

/// Parameters read by a field list.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// A slot a field.
    pub theta: Vec<f64>,
    /// Curves.
    pub tables: Vec<Pchip>,
    /// Whether all could be read.
    pub complete: bool,
}

impl Values {
    /// The only slot, if it could be read.
    pub fn single(&self) -> Option<f64> {
        self.complete.then(|| self.theta.first().copied()).flatten()
    }
}

/// A value, freed of the table that may carry its source.
struct Given<'t> {
    node: &'t Node,
    units: Option<&'t Node>,
    source: Option<String>,
    confidence: Option<Grade>,
}

impl<'t> Reader<'t> {
    /// Notes a fault.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reads all fields of a thing at `path`.
    pub fn fields(&mut self, fields: &'static [Field], stack: &Stack<'t>, path: &str) -> Values {
        let mut values = Values {
            theta: Vec::with_capacity(fields.len()),
            complete: true,
            ..Values::default()
        };
        for field in fields {
            let slot = match stack.get(field.key) {
                Some((entry, layer)) => {
                    self.given(field, &entry.node, layer, path, &mut values.tables)
                }
                None => self.absent(field, stack, path),
            };
            values.complete &= slot.is_some();
            values.theta.push(slot.unwrap_or(f64::NAN));
        }
        values
    }

    fn absent(&mut self, field: &Field, stack: &Stack<'t>, path: &str) -> Option<f64> {
        match field.default {
            DefaultValue::Unset => Some(f64::NAN),
            DefaultValue::Value(value) => {
                if let FieldKind::Number { dimension, .. } = field.kind {
                    self.provenance.push(Provenance {
                        path: join(path, field.key),
                        value: dimension.display(value, UnitSystem::Si).to_string(),
                        part: None,
                        source: DEFAULT_SOURCE.to_owned(),
                        confidence: Grade::D,
                    });
                }
                Some(value)
            }
            DefaultValue::Required => {
                self.push(
                    Diagnostic::error(stack.heading, format!("`{path}` lacks `{}`", field.key))
                        .allowed(describe(field))
                        .hint(field.doc.trim()),
                );
                None
            }
        }
    }

    fn given(
        &mut self,
        field: &Field,
        node: &'t Node,
        layer: &Layer<'t>,
        path: &str,
        tables: &mut Vec<Pchip>,
    ) -> Option<f64> {
        let given = self.unwrap(
            field.key,
            node,
            matches!(field.kind, FieldKind::Points { .. }),
        )?;
        let value = if let FieldKind::Points { x, y } = field.kind {
            let curve = self.points(field.key, x, y, &given)?;
            tables.push(curve);
            Some((tables.len() - 1) as f64)
        } else {
            self.scalar(field, given.node)
        }?;
        if matches!(
            field.kind,
            FieldKind::Number { .. } | FieldKind::Points { .. }
        ) {
            self.note(
                &join(path, field.key),
                &given,
                layer
                    .part
                    .map(|part| (part.name.clone(), part.source.clone(), part.confidence)),
            );
        }
        Some(value)
    }

    /// Reads a number, a choice or a flag, SI or index.
    pub fn scalar(&mut self, field: &Field, node: &Node) -> Option<f64> {
        match field.kind {
            FieldKind::Number {
                dimension,
                min,
                max,
            } => self.quantity(field.key, node, dimension, min, max),
            FieldKind::Choice(words) => {
                let Some(word) = node.as_str() else {
                    self.push(
                        wrong_sort(field.key, node, "a word").words("", words.iter().copied()),
                    );
                    return None;
                };
                let index = words.iter().position(|known| *known == word);
                if index.is_none() {
                    self.push(
                        Diagnostic::error(node.span, format!("`{}` cannot be `{word}`", field.key))
                            .words(word, words.iter().copied()),
                    );
                }
                index.map(|index| index as f64)
            }
            FieldKind::Flag => {
                if let Value::Boolean(flag) = node.value {
                    return Some(f64::from(u8::from(flag)));
                }
                self.push(wrong_sort(field.key, node, "true or false"));
                None
            }
            FieldKind::Points { .. } => {
                let message = format!(
                    "`{}` is a curve: it cannot be set by a single value",
                    field.key
                );
                self.push(Diagnostic::error(node.span, message));
                None
            }
        }
    }

    /// Reads a quantity, SI, within bounds.
    pub fn quantity(
        &mut self,
        key: &str,
        node: &Node,
        dimension: Dimension,
        min: f64,
        max: f64,
    ) -> Option<f64> {
        let parsed = match &node.value {
            Value::String(text) => dimension.parse(text),
            Value::Integer(number) => dimension.parse_bare(*number as f64),
            Value::Float(number) if !number.is_finite() => {
                let message = format!(
                    "`{key}` must be a finite number, not `{}`",
                    node.value.written()
                );
                self.push(Diagnostic::error(node.span, message));
                return None;
            }
            Value::Float(number) => dimension.parse_bare(*number),
            _ => {
                self.push(wrong_sort(key, node, &quantity_words(dimension)));
                return None;
            }
        };
        match parsed {
            Ok(value) if value >= min && value <= max => Some(value),
            Ok(_) => {
                self.push(
                    Diagnostic::error(
                        node.span,
                        format!("`{key}` is out of range: {}", node.value.written()),
                    )
                    .allowed(range_words(dimension, min, max)),
                );
                None
            }
            Err(error) => {
                self.push(unit_fault(node.span, key, dimension, &error));
                None
            }
        }
    }

    /// Reads a quantity of the hall file under `key`; `None` where it is absent or faulty.
    pub fn optional_quantity(
        &mut self,
        table: &'t Table,
        key: &str,
        path: &str,
        dimension: Dimension,
        min: f64,
        max: f64,
    ) -> Option<f64> {
        let entry = table.get(key)?;
        let given = self.unwrap(key, &entry.node, false)?;
        let value = self.quantity(key, given.node, dimension, min, max)?;
        self.note(&join(path, key), &given, None);
        Some(value)
    }

    /// Notes the default of a value that was left out.
    pub fn note_default(&mut self, path: &str, value: String, source: &str) {
        self.provenance.push(Provenance {
            path: path.to_owned(),
            value,
            part: None,
            source: source.to_owned(),
            confidence: Grade::D,
        });
    }

    /// Reads a whole number.
    pub fn count(&mut self, key: &str, node: &Node, min: u64, max: u64) -> Option<usize> {
        let Value::Integer(number) = node.value else {
            self.push(wrong_sort(key, node, "a whole number"));
            return None;
        };
        match u64::try_from(number) {
            Ok(count) if (min..=max).contains(&count) => Some(count as usize),
            _ => {
                self.push(
                    Diagnostic::error(node.span, format!("`{key}` is out of range: {number}"))
                        .allowed(format!("{min} to {max}")),
                );
                None
            }
        }
    }

    /// Refuses keys that are not known.
    pub fn known_keys<'a>(
        &mut self,
        table: &Table,
        what: &str,
        known: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    ) {
        let known = known.into_iter();
        for entry in table.entries() {
            if !known.clone().any(|key| key == entry.key) {
                self.push(
                    Diagnostic::error(
                        entry.key_span,
                        format!("unknown key `{}` in {what}", entry.key),
                    )
                    .words(&entry.key, known.clone()),
                );
            }
        }
    }

    /// Frees a value of its `{ value = ..., source = ..., confidence = ... }`.
    fn unwrap(&mut self, key: &str, node: &'t Node, points: bool) -> Option<Given<'t>> {
        let Some(table) = node.as_table() else {
            return Some(Given {
                node,
                units: None,
                source: None,
                confidence: None,
            });
        };
        let inner = if points { "points" } else { "value" };
        let known: &[&str] = if points {
            &["points", "units", "source", "confidence"]
        } else {
            &["value", "source", "confidence"]
        };
        self.known_keys(
            table,
            &format!("the table of `{key}`"),
            known.iter().copied(),
        );
        let mut source = None;
        if let Some(entry) = table.get("source") {
            match entry.node.as_str() {
                Some(text) => source = Some(text.to_owned()),
                None => self.push(wrong_sort("source", &entry.node, "a text")),
            }
        }
        let mut confidence = None;
        if let Some(entry) = table.get("confidence") {
            let letter = entry.node.value.written();
            confidence = Grade::from_letter(&letter);
            if confidence.is_none() {
                self.push(Grade::fault(entry.node.span, &letter));
            }
        }
        let Some(entry) = table.get(inner) else {
            self.push(Diagnostic::error(
                node.span,
                format!("the table of `{key}` lacks `{inner}`"),
            ));
            return None;
        };
        let units = table.get("units").map(|entry| &entry.node);
        Some(Given {
            node: &entry.node,
            units,
            source,
            confidence,
        })
    }

    fn note(&mut self, path: &str, given: &Given<'t>, part: Option<(String, String, Grade)>) {
        let by_set = self.set_file == Some(given.node.span.file);
        let (part, source, confidence) = match part {
            Some((part, source, confidence)) => (Some(part), source, confidence),
            None => (
                None,
                if by_set { SET_SOURCE } else { HALL_SOURCE }.to_owned(),
                Grade::D,
            ),
        };
        let value = match &given.node.value {
            Value::Array(points) => format!("{} points", points.len()),
            other => other.written(),
        };
        self.provenance.push(Provenance {
            path: path.to_owned(),
            value,
            part,
            source: given.source.clone().unwrap_or(source),
            confidence: given.confidence.unwrap_or(confidence),
        });
    }

    fn points(
        &mut self,
        key: &str,
        x: Dimension,
        y: Dimension,
        given: &Given<'t>,
    ) -> Option<Pchip> {
        let Some(rows) = given.node.as_array() else {
            let wanted = "a table with a list of [x, y] pairs under `points` and `units`";
            self.push(wrong_sort(key, given.node, wanted));
            return None;
        };
        let symbols = self.units(key, x, y, given)?;
        if rows.len() < 2 {
            self.push(Diagnostic::error(
                given.node.span,
                format!("`{key}` needs at least two points, has {}", rows.len()),
            ));
            return None;
        }
        let mut columns = [
            Vec::with_capacity(rows.len()),
            Vec::with_capacity(rows.len()),
        ];
        for row in rows {
            let Some([first, second]) = row.as_array() else {
                self.push(Diagnostic::error(
                    row.span,
                    format!("each point of `{key}` must be a pair [x, y]"),
                ));
                return None;
            };
            for (column, (node, (dimension, symbol))) in columns.iter_mut().zip(
                [first, second]
                    .into_iter()
                    .zip([x, y].into_iter().zip(symbols)),
            ) {
                let number = match node.value {
                    Value::Integer(number) => number as f64,
                    Value::Float(number) => number,
                    _ => {
                        self.push(wrong_sort(
                            key,
                            node,
                            "a bare number in the unit of `units`",
                        ));
                        return None;
                    }
                };
                match dimension.convert(number, symbol) {
                    Ok(value) => column.push(value),
                    Err(error) => {
                        self.push(unit_fault(node.span, key, dimension, &error));
                        return None;
                    }
                }
            }
        }
        let [xs, ys] = columns;
        if let Some(at) = (1..xs.len()).find(|at| xs[*at] <= xs[at - 1]) {
            self.push(
                Diagnostic::error(
                    rows[at].span,
                    format!("the first column of `{key}` must rise from point to point"),
                )
                .related(rows[at - 1].span, "not above this one"),
            );
            return None;
        }
        match Pchip::new(xs, ys) {
            Ok(curve) => Some(curve),
            Err(error) => {
                self.push(Diagnostic::error(
                    given.node.span,
                    format!("`{key}`: {error}"),
                ));
                None
            }
        }
    }

    fn units(
        &mut self,
        key: &str,
        x: Dimension,
        y: Dimension,
        given: &Given<'t>,
    ) -> Option<[&'t str; 2]> {
        let Some(units) = given.units else {
            if x.allows_bare_number() && y.allows_bare_number() {
                return Some(["", ""]);
            }
            self.push(
                Diagnostic::error(
                    given.node.span,
                    format!("the points of `{key}` have no `units`"),
                )
                .allowed(format!(
                    "units = [\"{}\", \"{}\"] and the like",
                    x.si_symbol(),
                    y.si_symbol()
                )),
            );
            return None;
        };
        let Some([first, second]) = units.as_array() else {
            self.push(wrong_sort("units", units, "a list of two units"));
            return None;
        };
        let mut symbols = [""; 2];
        for (symbol, (node, dimension)) in symbols.iter_mut().zip([(first, x), (second, y)]) {
            let Some(text) = node.as_str() else {
                self.push(wrong_sort("units", node, "a unit in quotes"));
                return None;
            };
            let text = if text == "-" { "" } else { text };
            let known = if text.is_empty() {
                dimension.parse_bare(0.0).map(|_| ())
            } else {
                dimension.find_unit(text).map(|_| ())
            };
            if let Err(error) = known {
                self.push(unit_fault(node.span, key, dimension, &error));
                return None;
            }
            *symbol = text;
        }
        Some(symbols)
    }
}

/// `path.key`, or `key` at the top.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

pub(crate) fn wrong_sort(key: &str, node: &Node, wanted: &str) -> Diagnostic {
    let given = match &node.value {
        Value::Array(_) | Value::Table(_) => node.value.sort().to_owned(),
        Value::String(text) => format!("the text `{text}`"),
        other => format!("{} ({})", other.sort(), other.written()),
    };
    Diagnostic::error(node.span, format!("`{key}` must be {wanted}, not {given}"))
}

/// What a key takes, in words.
pub(crate) fn describe(field: &Field) -> String {
    match field.kind {
        FieldKind::Number {
            dimension,
            min,
            max,
        } => {
            format!(
                "{}, {}",
                quantity_words(dimension),
                range_words(dimension, min, max)
            )
        }
        FieldKind::Choice(words) => words.join(", "),
        FieldKind::Flag => "true or false".to_owned(),
        FieldKind::Points { x, y } => format!(
            "{{ points = [[...], ...], units = [\"{}\", \"{}\"] }}",
            x.si_symbol(),
            y.si_symbol()
        ),
    }
}

fn quantity_words(dimension: Dimension) -> String {
    if dimension == Dimension::Dimensionless {
        return "a number".to_owned();
    }
    if dimension == Dimension::Fraction {
        return "a fraction such as 0.5 or \"50 %\"".to_owned();
    }
    // Customary units are meant more often than the SI unit.
    let example = match dimension {
        Dimension::Temperature => "30 degC".to_owned(),
        Dimension::VolumeFlow => "10 L/min".to_owned(),
        Dimension::Pressure => "100 kPa".to_owned(),
        Dimension::Power => "10 kW".to_owned(),
        Dimension::ThermalResistance => "30 mK/W".to_owned(),
        other => format!("1 {}", other.si_symbol()),
    };
    format!("a quantity such as \"{example}\"")
}

/// A range in words.
pub(crate) fn range_words(dimension: Dimension, min: f64, max: f64) -> String {
    let show = |value| dimension.display(value, UnitSystem::Si);
    match (min.is_finite(), max.is_finite()) {
        (true, true) => format!("{} to {}", show(min), show(max)),
        (true, false) => format!("at least {}", show(min)),
        (false, true) => format!("at most {}", show(max)),
        (false, false) => "any finite number".to_owned(),
    }
}

/// What is said of a text that is no quantity of the wanted dimension.
pub fn unit_fault(span: Span, key: &str, dimension: Dimension, error: &UnitError) -> Diagnostic {
    let text = error.to_string();
    // The units' own text carries what is allowed; it is shown apart, as everywhere else.
    let (message, allowed) = match text.split_once("; allowed: ") {
        Some((message, allowed)) => (message.to_owned(), Some(allowed.to_owned())),
        None => (text, None),
    };
    let (message, hint) = match message.split_once("; did you mean ") {
        Some((message, hint)) => (message.to_owned(), Some(format!("did you mean {hint}"))),
        None => (message, None),
    };
    let mut fault = Diagnostic::error(span, format!("`{key}`: {message}"));
    fault.allowed = allowed.map(|units| format!("{dimension} in {units}"));
    fault.hint = hint;
    fault
}
