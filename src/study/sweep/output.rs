//! Results by their path: `facility.power_w`, `loops.tcs.supply_c`, `equipment[towers].load_fraction`.
//!
//! The names are those of `solve --json`. An entry of a list stands in brackets by its path; where several entries have
//! one path (limits, controls), by its path and what it is: `limits[rack, pressure].margin`. `*` stands for any path: of
//! limits the worst instance is listed, which need not be the same one everywhere.

use serde_json::Value;

use crate::diag::nearest;
use crate::result::SolveResult;

/// A result that is kept of each point.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// As written.
    pub path: String,
    /// Unit; empty where there is none.
    pub unit: String,
    /// Whether it is a word, not a number.
    pub is_word: bool,
    section: Section,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Entry { path: String, what: Option<String> },
}

/// Parts of a result, each turned into JSON only where an output is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Facility,
    Power,
    Gpus,
    Loops,
    Controls,
    Equipment,
    HeatSinks,
    Limits,
    Balance,
    Summary,
}

const SECTIONS: [(&str, Section); 10] = [
    ("facility", Section::Facility),
    ("power", Section::Power),
    ("gpus", Section::Gpus),
    ("loops", Section::Loops),
    ("controls", Section::Controls),
    ("equipment", Section::Equipment),
    ("heat_sinks", Section::HeatSinks),
    ("limits", Section::Limits),
    ("balance", Section::Balance),
    ("summary", Section::Summary),
];

/// Outputs where none is asked for, beside supply and return of each loop.
const USUAL: [&str; 14] = [
    "facility.power_w",
    "facility.it_power_w",
    "facility.cooling_power_w",
    "facility.electrical_loss_w",
    "facility.pue",
    "facility.water_l_per_h",
    "gpus.temperature_max_c",
    "gpus.margin_min_k",
    "gpus.throttled",
    "gpus.shut_down",
    "gpus.lost_work_mean",
    "summary.limits_broken",
    "summary.margin",
    "summary.tightest",
];
/// Most loops that are among the usual outputs.
const MOST_LOOPS: usize = 6;

/// Why there is no such output.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("--output {path}: {fault}")]
pub struct OutputError {
    /// As given.
    pub path: String,
    /// What is wrong, and what is allowed.
    pub fault: String,
}

/// What is judged of a point beside its result: how far it is from its limits.
fn summary(result: &SolveResult) -> Value {
    let tightest = super::judge::tightest(result);
    serde_json::json!({
        "limits_broken": super::judge::broken(result),
        "margin": tightest.as_ref().map(|(margin, _)| *margin),
        "tightest": tightest.map_or_else(String::new, |(_, name)| name),
        "warnings": result.warnings.len(),
    })
}

/// The parts of a result that outputs ask for, as JSON.
#[derive(Debug, Default)]
pub struct Sections(Vec<(Section, Value)>);

impl Sections {
    /// Those of `outputs`.
    pub fn of(result: &SolveResult, outputs: &[Output]) -> Self {
        let mut all: Vec<(Section, Value)> = Vec::new();
        for output in outputs {
            if !all.iter().any(|(section, _)| *section == output.section) {
                all.push((output.section, section(result, output.section)));
            }
        }
        Self(all)
    }

    fn get(&self, wanted: Section) -> &Value {
        let found = self.0.iter().find(|(section, _)| *section == wanted);
        found.map_or(&Value::Null, |(_, value)| value)
    }
}

fn section(result: &SolveResult, section: Section) -> Value {
    let value = match section {
        Section::Facility => serde_json::to_value(&result.facility),
        Section::Power => serde_json::to_value(&result.power),
        Section::Gpus => serde_json::to_value(&result.gpus),
        Section::Loops => serde_json::to_value(&result.loops),
        Section::Controls => serde_json::to_value(&result.controls),
        Section::Equipment => serde_json::to_value(&result.equipment),
        Section::HeatSinks => serde_json::to_value(&result.heat_sinks),
        Section::Limits => serde_json::to_value(&result.limits),
        Section::Balance => serde_json::to_value(result.balance),
        Section::Summary => Ok(summary(result)),
    };
    value.unwrap_or_default()
}

impl Output {
    /// Reads a path and finds it in a result.
    ///
    /// # Errors
    /// [`OutputError`] with the nearest name that there is.
    pub fn find(path: &str, result: &SolveResult) -> Result<Self, OutputError> {
        let path = path.trim();
        find(path, result).map_err(|fault| OutputError {
            path: path.to_owned(),
            fault,
        })
    }

    /// An output by its names alone, to be written but not found.
    pub(super) fn named(path: String, unit: String, is_word: bool) -> Self {
        Self {
            path,
            unit,
            is_word,
            section: Section::Summary,
            steps: Vec::new(),
        }
    }

    /// The usual outputs of a hall.
    pub fn usual(result: &SolveResult) -> Vec<Self> {
        let loops = result.loops.keys().take(MOST_LOOPS).flat_map(|name| {
            ["supply_c", "return_c", "flow_kg_s"].map(|key| format!("loops.{name}.{key}"))
        });
        USUAL
            .into_iter()
            .map(str::to_owned)
            .chain(loops)
            .filter_map(|path| Self::find(&path, result).ok())
            .collect()
    }

    /// Name of the column: path and unit.
    pub fn column(&self) -> String {
        if self.unit.is_empty() {
            self.path.clone()
        } else {
            format!("{} [{}]", self.path, self.unit)
        }
    }

    /// The number here; not a number where there is none.
    pub fn number(&self, sections: &Sections) -> f64 {
        match walk(sections.get(self.section), &self.steps) {
            Some(Value::Bool(flag)) => f64::from(u8::from(*flag)),
            Some(value) => value.as_f64().unwrap_or(f64::NAN),
            None => f64::NAN,
        }
    }

    /// The word here; empty where there is none.
    pub fn word(&self, sections: &Sections) -> String {
        walk(sections.get(self.section), &self.steps)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

fn find(path: &str, result: &SolveResult) -> Result<Output, String> {
    let mut steps = steps(path)?.into_iter();
    let Some(Step::Key(first)) = steps.next() else {
        return Err("it has no name".to_owned());
    };
    let known = || SECTIONS.iter().map(|(name, _)| *name);
    let Some((_, section_)) = SECTIONS.iter().find(|(name, _)| *name == first) else {
        return Err(unknown(
            &format!("no result `{first}`"),
            &first,
            known().map(str::to_owned).collect(),
        ));
    };
    let steps: Vec<Step> = steps.collect();
    let root = section(result, *section_);
    // Step by step, so that the message names the first that is wrong.
    for end in 1..=steps.len() {
        if walk(&root, &steps[..end]).is_none() {
            let above = walk(&root, &steps[..end - 1]).unwrap_or(&Value::Null);
            return Err(missing(&first, &steps[..end], above));
        }
    }
    let Some(value) = walk(&root, &steps) else {
        return Err("there is no such result".to_owned());
    };
    if value.is_object() || value.is_array() {
        let names = names(value);
        let hint = if value.is_array() {
            format!(
                "choose one of its entries, as in {path}[{}]",
                names.first().map_or("PATH", String::as_str)
            )
        } else {
            format!("choose one of {}", names.join(", "))
        };
        return Err(format!("it holds several results; {hint}"));
    }
    let above = walk(&root, &steps[..steps.len().saturating_sub(1)]);
    let key = match steps.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "",
    };
    Ok(Output {
        path: path.to_owned(),
        unit: unit(key, above).to_owned(),
        is_word: value.is_string(),
        section: *section_,
        steps,
    })
}

fn missing(first: &str, steps: &[Step], above: &Value) -> String {
    let names = names(above);
    match (steps.last(), above) {
        (Some(Step::Entry { path, what: None }), Value::Array(all))
            if all.iter().filter(|entry| is(entry, path, None)).count() > 1 =>
        {
            let whats: Vec<String> = all
                .iter()
                .filter(|entry| is(entry, path, None))
                .filter_map(|entry| Some(format!("[{path}, {}]", entry.get("what")?.as_str()?)))
                .collect();
            format!(
                "several entries have this path; choose one of {}",
                whats.join(", ")
            )
        }
        (Some(Step::Entry { path, .. }), Value::Array(_)) => {
            unknown(&format!("`{first}` has no entry `{path}`"), path, names)
        }
        (Some(Step::Key(_)), Value::Array(_)) => format!(
            "`{first}` is a list; an entry stands in brackets, as in {first}[{}]",
            names.first().map_or("PATH", String::as_str)
        ),
        (Some(Step::Key(key)), Value::Object(_)) => {
            unknown(&format!("no result `{key}` there"), key, names)
        }
        _ => "it goes on where there is a single value".to_owned(),
    }
}

fn unknown(what: &str, word: &str, known: Vec<String>) -> String {
    let mut text = what.to_owned();
    if let Some(near) = nearest(word, known.iter().map(String::as_str)) {
        text.push_str(&format!(" (did you mean `{near}`?)"));
    }
    let mut known = known;
    known.dedup();
    let more = known.len().saturating_sub(24);
    known.truncate(24);
    text.push_str(&format!("; there are {}", known.join(", ")));
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// Names in a table; paths of the entries of a list.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(table) => table.keys().cloned().collect(),
        Value::Array(all) => all
            .iter()
            .filter_map(|entry| Some(entry.get("path")?.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let key = &rest[..end];
        if key.is_empty() {
            return Err(
                "a name is missing; write names with dots between, as in facility.power_w"
                    .to_owned(),
            );
        }
        steps.push(Step::Key(key.to_owned()));
        rest = &rest[end..];
        if let Some(inside) = rest.strip_prefix('[') {
            let Some((entry, after)) = inside.split_once(']') else {
                return Err("the bracket is not closed".to_owned());
            };
            let (path, what) = match entry.split_once(',') {
                Some((path, what)) => (path, Some(what.trim().to_owned())),
                None => (entry, None),
            };
            steps.push(Step::Entry {
                path: path.trim().to_owned(),
                what,
            });
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => {
                return Err(format!(
                    "`{rest}` follows the bracket; a dot is wanted there"
                ));
            }
        }
    }
}

fn is(entry: &Value, path: &str, what: Option<&str>) -> bool {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    (path == "*" || text("path") == Some(path))
        && what.is_none_or(|what| text("what") == Some(what))
}

/// The value at the end of the steps; an entry that is not the only one of its path is none.
fn walk<'v>(root: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    let mut at = root;
    for step in steps {
        at = match step {
            Step::Key(key) => at.get(key.as_str())?,
            Step::Entry { path, what } => {
                let mut found = at
                    .as_array()?
                    .iter()
                    .filter(|entry| is(entry, path, what.as_deref()));
                let first = found.next()?;
                if found.next().is_some() {
                    return None;
                }
                first
            }
        };
    }
    Some(at)
}

/// Unit by the end of the name, or as the entry says.
fn unit<'v>(key: &str, above: Option<&'v Value>) -> &'v str {
    const ENDS: [(&str, &str); 10] = [
        ("_l_per_kwh", "L/kWh"),
        ("_l_per_h", "L/h"),
        ("_kg_s", "kg/s"),
        ("_pa", "Pa"),
        ("_w", "W"),
        ("_c", "degC"),
        ("_k", "K"),
        ("_s", "s"),
        ("watts", "W"),
        ("_count", ""),
    ];
    if let Some(unit) = above
        .and_then(|entry| entry.get("unit"))
        .and_then(Value::as_str)
    {
        return match key {
            "margin" if unit == "degC" => "K",
            "setpoint" | "actual" | "value" | "limit" | "margin" => unit,
            _ => "",
        };
    }
    let found = ENDS.iter().find(|(end, _)| key.ends_with(end));
    found.map_or("", |(_, unit)| unit)
}
