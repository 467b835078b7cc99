//! The index page: what stands on it, and its template.

use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::figures::Drawn;
use super::folder::MARK;
use super::site::Site;
use super::table::{Table, Tone};
use super::tables::{self, Outcome};
use super::text::{NONE, Text, count, difference, fixed, ratio};
use super::trials::Trials;
use crate::hall::model::DeviceRole;
use crate::result::{LimitStatus, Warning};

const TEMPLATE: &str = include_str!("page.html");

/// A figure of the headline.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Headline {
    name: String,
    value: String,
    detail: String,
    tone: Tone,
}

/// A figure as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Shown {
    id: String,
    title: String,
    caption: String,
    /// Why it could not be drawn.
    missing: Option<String>,
}

/// Sentence at the top.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Verdict {
    tone: Tone,
    text: String,
    broken: Vec<String>,
}

/// All that the template needs.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    mark: &'static str,
    version: &'static str,
    name: String,
    description: String,
    state: String,
    scenario: String,
    verdict: Verdict,
    headlines: Vec<Headline>,
    figures: Vec<Shown>,
    limits: Table,
    states: Table,
    claims: Vec<tables::Audit>,
    published: Option<Table>,
    power: Table,
    loops: Table,
    controls: Table,
    equipment: Table,
    heat_sinks: Table,
    balance: Table,
    assumptions: Option<Table>,
    numbers: Option<Table>,
    warnings: Vec<Warning>,
    solver: Table,
    kinds: Vec<String>,
    gpus: bool,
    run: String,
}

impl Page {
    /// Puts the page together.
    pub fn new(site: &Site<'_>, trials: &Trials, drawn: &[Drawn], gpus: bool, text: Text) -> Self {
        let (hall, result) = (&site.run.hall, &site.run.result);
        let racks = site.all_racks();
        let base = Outcome::of(result);
        let mut gpu_parts: Vec<String> = Vec::new();
        for rack in &site.run.network.racks {
            for set in rack
                .design
                .sets
                .iter()
                .filter(|set| set.role == DeviceRole::Gpu)
            {
                if !gpu_parts.contains(&set.part) {
                    gpu_parts.push(set.part.clone());
                }
            }
        }
        let mut kinds: Vec<String> = site
            .items
            .iter()
            .map(|item| item.equipment.kind.spec().kind.to_owned())
            .collect();
        kinds.sort();
        kinds.dedup();
        Self {
            mark: MARK,
            version: env!("CARGO_PKG_VERSION"),
            name: result.name.clone(),
            description: hall.description.clone(),
            state: result.state.clone(),
            scenario: result.scenario.clone(),
            verdict: verdict(site),
            headlines: headlines(site, text),
            figures: drawn
                .iter()
                .map(|one| Shown {
                    id: one.chart.id.to_owned(),
                    title: one.chart.title.to_owned(),
                    caption: one.chart.caption.clone(),
                    missing: one.drawing.as_ref().err().map(ToString::to_string),
                })
                .collect(),
            limits: tables::limits(result, text),
            states: tables::states(&trials.states, &result.state, racks.rated, text),
            claims: tables::claims(
                &hall.claims,
                &trials.states,
                &result.state,
                racks.rated,
                text,
            ),
            published: tables::published(&gpu_parts, racks.gpus, &trials.states, text),
            power: tables::power(result, text),
            loops: tables::loops(site, text),
            controls: tables::controls(result, text),
            equipment: tables::equipment(result, text),
            heat_sinks: tables::heat_sinks(result, text),
            balance: tables::balance(result, text),
            assumptions: (!hall.assumptions.is_empty())
                .then(|| tables::assumptions(&hall.assumptions, &trials.assumptions, &base)),
            numbers: (!trials.numbers.is_empty()).then(|| tables::numbers(&trials.numbers, &base)),
            warnings: result.warnings.clone(),
            solver: tables::solver(result),
            kinds,
            gpus,
            run: String::new(),
        }
    }

    /// The page as HTML, its files in the folder `run`.
    ///
    /// # Errors
    /// The template's own.
    pub fn render(&self, run: &str) -> Result<String, minijinja::Error> {
        let mut environment = environment()?;
        environment.add_template("page", TEMPLATE)?;
        let page = Self {
            run: run.to_owned(),
            ..self.clone()
        };
        environment.get_template("page")?.render(&page)
    }
}

/// What all pages share: the look, and the form of tables.
///
/// # Errors
/// The templates' own.
pub(super) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| match name {
        "style" => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_template("style", include_str!("style.css"))?;
    environment.add_template("head", include_str!("head.html"))?;
    environment.add_template("figure", include_str!("figure.html"))?;
    environment.add_template("grid", include_str!("grid.html"))?;
    Ok(environment)
}

fn verdict(site: &Site<'_>) -> Verdict {
    let result = &site.run.result;
    let mut broken = Vec::new();
    let (mut advisory, mut unknown) = (0, 0);
    for limit in &result.limits {
        match limit.status {
            LimitStatus::Broken if tables::severity(limit) == "advisory" => advisory += 1,
            LimitStatus::Broken => broken.push(format!("{} ({})", limit.what, limit.path)),
            LimitStatus::Unknown => unknown += 1,
            LimitStatus::Ok => {}
        }
    }
    let plural = |n: usize, one: &str, many: &str| {
        if n == 1 {
            format!("1 {one}")
        } else {
            format!("{n} {many}")
        }
    };
    let mut text = if broken.is_empty() {
        "Every limit that could be judged holds at the requested load.".to_owned()
    } else {
        format!(
            "{} broken at the requested load.",
            plural(broken.len(), "limit is", "limits are")
        )
    };
    if advisory > 0 {
        text.push_str(&format!(
            " {} exceeded.",
            plural(advisory, "advisory limit is", "advisory limits are")
        ));
    }
    if unknown > 0 {
        text.push_str(&format!(
            " {} unknown, which is not the same as holding.",
            plural(unknown, "limit is", "limits are")
        ));
    }
    let tone = if !broken.is_empty() {
        Tone::Broken
    } else if advisory + unknown > 0 {
        Tone::Caution
    } else {
        Tone::Good
    };
    Verdict { tone, text, broken }
}

fn headlines(site: &Site<'_>, text: Text) -> Vec<Headline> {
    let result = &site.run.result;
    let (facility, gpus) = (&result.facility, &result.gpus);
    let mut out = Vec::new();
    let mut add = |name: &str, value: String, detail: String, tone: Tone| {
        out.push(Headline {
            name: name.to_owned(),
            value,
            detail,
            tone,
        });
    };
    let each = |watts: f64| {
        if gpus.count > 0 {
            format!("{}\u{a0}W per GPU", fixed(watts / gpus.count as f64, 0))
        } else {
            String::new()
        }
    };
    add(
        "Facility power",
        text.power(facility.power_w),
        each(facility.power_w),
        Tone::Strong,
    );
    add(
        "IT power",
        text.power(facility.it_power_w),
        each(facility.it_power_w),
        Tone::Strong,
    );
    add(
        "Design or instantaneous PUE",
        ratio(facility.pue, 3),
        format!(
            "{} at the rack PDU; TUE {}",
            ratio(facility.pue_rack_pdu, 3),
            ratio(facility.tue, 3)
        ),
        Tone::Plain,
    );
    add(
        "Water use effectiveness",
        facility
            .wue_l_per_kwh
            .map_or(NONE.to_owned(), |w| format!("{}\u{a0}L/kWh", fixed(w, 2))),
        format!("{} make-up", text.water(facility.water_l_per_h)),
        Tone::Plain,
    );
    if gpus.count > 0 {
        let slowed = gpus.throttled + gpus.shut_down;
        add(
            "Hottest GPU",
            gpus.temperature_max_c
                .map_or(NONE.to_owned(), |t| text.temperature(t)),
            format!(
                "mean {}; {}",
                gpus.temperature_mean_c
                    .map_or(NONE.to_owned(), |t| text.temperature(t)),
                gpus.hottest.as_deref().unwrap_or_default()
            ),
            if slowed > 0 {
                Tone::Broken
            } else {
                Tone::Plain
            },
        );
        let margin = gpus.margin_min_k;
        add(
            "Least margin to slowdown",
            margin.map_or(NONE.to_owned(), difference),
            gpus.memory_temperature_max_c.map_or(String::new(), |t| {
                format!("hottest memory {}", text.temperature(t))
            }),
            if margin.is_some_and(|m| m < 0.0) {
                Tone::Broken
            } else {
                Tone::Plain
            },
        );
        add(
            "GPUs",
            count(gpus.count as f64),
            format!(
                "{} in {} racks",
                text.power(gpus.power_w),
                count(site.all_racks().racks)
            ),
            Tone::Plain,
        );
        add(
            "Work lost to heat",
            format!("{}%", fixed(gpus.lost_work_job * 100.0, 1)),
            format!(
                "by a synchronous job; {} throttled, {} shut down",
                count(gpus.throttled as f64),
                count(gpus.shut_down as f64)
            ),
            if slowed > 0 {
                Tone::Broken
            } else {
                Tone::Plain
            },
        );
    }
    out
}
