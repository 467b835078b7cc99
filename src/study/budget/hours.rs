//! Which outdoor air the hall is held against beside that of its file: the worst hours of the year, found by solving all
//! of them, and the worst of the design conditions.
//!
//! | scenario | air of |
//! |---|---|
//! | `worst-hour` | the hour or bin of highest facility power |
//! | `hottest-hour` | that without a solution, else with the most broken limits, else with the hottest GPU, else the hottest air |
//! | `worst-design` | the design condition without a solution, else with the most broken limits, else of the highest power |
//!
//! Every hour is solved in the present state at full workload, since a job may run in any of them. Where no weather is
//! named there is no year: `worst-hour` is then the worst of the design conditions of a table, else the outdoor air of
//! the file, and says so.

use serde::Serialize;

use super::{BudgetError, BudgetOptions, Progress, broken};
use crate::component::Outdoor;
use crate::hall::model::{Group, Hall, Workload};
use crate::study::annual::{self, AnnualOptions};
use crate::study::scenario::{Base, Change, Scenario, run_all};
use crate::weather::{self, Calendar, DesignPoint, Weather};
use crate::world::World;

/// Name of the scenario of the hour of highest facility power.
pub const WORST: &str = "worst-hour";
/// Name of the scenario of the hour that asks most of the cooling.
pub const HOTTEST: &str = "hottest-hour";
/// Name of the scenario of the worst design condition.
pub const DESIGN: &str = "worst-design";
/// What is added to a name where all GPUs are at their rated load as well.
const PEAK: &str = "-peak";

/// The year that the worst hours are taken from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct YearSearched {
    /// Place of the weather.
    pub weather: String,
    /// `hours` or `bins`.
    pub kind: &'static str,
    /// Hours or bins.
    pub samples: usize,
    /// Different ones, that were solved.
    pub points: usize,
    /// Hours without a solution.
    pub hours_unsolved: f64,
    /// Hours in which a limit that counts is broken.
    pub hours_limit_broken: f64,
    /// The hour of highest facility power: its date, or the bin.
    pub worst_hour: String,
    /// That which asks most of the cooling.
    pub hottest_hour: String,
}

impl YearSearched {
    /// In a sentence, whole numbers as `number` writes them.
    pub fn sentence(&self, number: &dyn Fn(f64) -> String) -> String {
        let mut text = format!(
            "Year searched: {}, {} {}, each in the present state at full load; highest power: {}; hardest for the cooling: {}; \
             limits are broken in {} h",
            self.weather,
            number(self.samples as f64),
            self.kind,
            self.worst_hour,
            self.hottest_hour,
            number(self.hours_limit_broken)
        );
        if self.hours_unsolved > 0.0 {
            text.push_str(&format!(
                ", and {} h have no solution",
                number(self.hours_unsolved)
            ));
        }
        text
    }
}

/// The weather, opened before anything is solved.
pub(super) struct Air {
    /// Weather with hours, where one is named.
    named: bool,
    /// Design conditions.
    design: Vec<DesignPoint>,
    /// Sentences to be told.
    pub(super) warnings: Vec<String>,
}

impl Air {
    /// Opens what is named.
    pub(super) fn open(
        world: &dyn World,
        hall: &Hall,
        options: &BudgetOptions,
    ) -> Result<Self, BudgetError> {
        let own = &hall.annual;
        let named = options.weather.is_some() || own.weather.is_some();
        let tabled = options.design.is_some() || own.design.is_some();
        if !named && !tabled {
            let text = "neither --weather nor [annual] names the weather: there is no year to search, and the worst hour is \
                        the outdoor air of [site]";
            return Ok(Self {
                named,
                design: Vec::new(),
                warnings: vec![text.to_owned()],
            });
        }
        let source = source(hall, options);
        let (weather, mut warnings) = weather::open(world, &source)?;
        if !named {
            warnings.push(
                "neither --weather nor [annual] names the weather: there is no year to search, and the worst hour is the worst \
                 of the design conditions"
                    .to_owned(),
            );
        }
        Ok(Self {
            named,
            design: weather.design,
            warnings,
        })
    }

    /// Names of the scenarios that there will be.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let mut names = vec![WORST, "worst-hour-peak"];
        if self.named {
            names.extend([HOTTEST, "hottest-hour-peak"]);
            if !self.design.is_empty() {
                names.extend([DESIGN, "worst-design-peak"]);
            }
        }
        names
    }

    /// The scenarios, each with and without `peak`, and the year that was searched.
    pub(super) fn scenarios(
        &self,
        world: &dyn World,
        base: &Base<'_>,
        options: &BudgetOptions,
        peak: &[Change],
        progress: &Progress<'_>,
    ) -> Result<(Vec<Scenario>, Option<YearSearched>), BudgetError> {
        let mut found: Vec<Scenario> = Vec::new();
        let mut year = None;
        if self.named {
            let (searched, hours) = search(world, &base.hall, options, progress)?;
            found.extend(hours);
            year = Some(searched);
        }
        if let Some(design) = self.worst_design(base, progress) {
            let name = if self.named { DESIGN } else { WORST };
            let text = format!("design condition {}: {}", design.name, design.text);
            found.push(scenario(name, text, outdoor(design)));
        }
        if found.is_empty() {
            let text = format!("outdoor air of [site], {}", base.hall.scenario);
            found.push(scenario(WORST, text, base.hall.outdoor));
        }
        let with_peaks = found.into_iter().flat_map(|plain| {
            let both = Scenario {
                name: format!("{}{PEAK}", plain.name),
                text: format!(
                    "the same with all GPUs at rated load at once ({})",
                    plain.text
                ),
                changes: [&plain.changes[..], peak].concat(),
            };
            [plain, both]
        });
        Ok((with_peaks.collect(), year))
    }

    fn worst_design(&self, base: &Base<'_>, progress: &Progress<'_>) -> Option<&DesignPoint> {
        let plain: Vec<Scenario> = self
            .design
            .iter()
            .map(|design| scenario("", String::new(), outdoor(design)))
            .collect();
        let outcomes = run_all(base, &plain, progress, |run| {
            (broken(&run.result, true), run.result.facility.power_w)
        });
        let rank = |outcome: &Result<(usize, f64), String>| match outcome {
            Err(_) => (usize::MAX, 0.0),
            Ok(found) => *found,
        };
        let ranked = self.design.iter().zip(outcomes.iter().map(rank));
        ranked
            .reduce(|a, b| {
                let worse = b.1.0.cmp(&a.1.0).then(b.1.1.total_cmp(&a.1.1));
                if worse.is_gt() { b } else { a }
            })
            .map(|(design, _)| design)
    }
}

fn source(hall: &Hall, options: &BudgetOptions) -> weather::Source {
    let design = options.design.as_deref();
    annual::source(&hall.annual, options.weather.as_deref(), design)
}

fn outdoor(design: &DesignPoint) -> Outdoor {
    Outdoor {
        dry_bulb: design.air.dry_bulb(),
        wet_bulb: design.wet_bulb,
        humidity_ratio: design.air.humidity_ratio(),
        pressure: design.air.pressure(),
    }
}

fn scenario(name: &str, text: String, outdoor: Outdoor) -> Scenario {
    Scenario {
        name: name.to_owned(),
        text,
        changes: vec![Change::Outdoor(outdoor)],
    }
}

/// Solves the year and takes its worst hours.
fn search(
    world: &dyn World,
    hall: &Hall,
    options: &BudgetOptions,
    progress: &Progress<'_>,
) -> Result<(YearSearched, Vec<Scenario>), BudgetError> {
    // Design conditions are judged apart, and nothing is asked of reused heat.
    let mut plain = hall.clone();
    plain.annual.reused_heat.clear();
    let asked = AnnualOptions {
        weather: options.weather.clone(),
        workload: Some(Workload::Constant(1.0)),
        ..AnnualOptions::default()
    };
    let year = annual::run(world, &plain, &asked, &|_, _| progress())?;
    let wet = evaporates(&hall.root);
    let (worst, hottest) = (year.highest_power(), year.hardest(wet));
    let hours = [(WORST, worst), (HOTTEST, hottest)]
        .into_iter()
        .filter_map(|(name, index)| {
            let index = index?;
            Some(scenario(
                name,
                words(&year.weather, index),
                year.outdoor(index)?,
            ))
        })
        .collect();
    let label =
        |index: Option<usize>| index.map_or_else(String::new, |at| words(&year.weather, at));
    let result = &year.result;
    let searched = YearSearched {
        weather: result.weather.name.clone(),
        kind: result.weather.kind,
        samples: result.weather.samples,
        points: result.points,
        hours_unsolved: result.hours - result.hours_solved,
        hours_limit_broken: result.hours_limit_broken,
        worst_hour: label(worst),
        hottest_hour: label(hottest),
    };
    Ok((searched, hours))
}

/// An hour with its air.
fn words(weather: &Weather, index: usize) -> String {
    let label = weather.label(index);
    let sample = &weather.samples[index];
    match weather.calendar {
        // The name of a bin is its air.
        Calendar::Bins => format!("{label}, {:.0} h a year", sample.hours),
        Calendar::Year => format!(
            "{label}: {:.1} degC, wet bulb {:.1} degC",
            sample.air.dry_bulb() - 273.15,
            sample.wet_bulb - 273.15
        ),
    }
}

/// Whether heat leaves by evaporation, so that the wet bulb is what makes an hour hot.
fn evaporates(group: &Group) -> bool {
    let tower = |kind: &str| kind == "tower";
    group
        .equipment
        .iter()
        .any(|one| tower(one.kind.spec().kind))
        || group.groups.iter().any(evaporates)
}
