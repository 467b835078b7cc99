//! A year: every hour or bin of the weather solved, and summed up.
//!
//! The network is built once; each point sets its outdoor air and its workload and is solved in the steady state:
//! hours have no memory. What starts where is fixed beforehand (see `plan`), points are solved in parallel and summed up
//! in the order of hours, so results depend neither on threads nor on the order of anything. An hour without a solution
//! is named and counted; the sums then cover the other hours and say so.
//!
//! | metric | is |
//! |---|---|
//! | PUE | facility energy over IT energy of the year (ISO/IEC 30134-2) |
//! | WUE | make-up water over IT energy, L/kWh (The Green Grid) |
//! | ERE | (facility energy − heat used by somebody) over IT energy (The Green Grid); equal to PUE where no heat is used |
//! | cost | facility energy × price of electricity + make-up water × price of water, at flat tariffs |
//! | CO2 | facility energy × emission factor |

mod design;
mod extremes;
mod modes;
mod plan;
mod point;
mod sums;
mod tables;
mod workload;

pub use design::DesignResult;
pub use modes::{EquipmentModes, ModeHours, PlantMode};
pub use point::End;
pub use sums::{
    AnnualResult, Balances, BrokenLimit, EndEnergy, Energy, EquipmentEnergy, Hour, ModelWarning,
    Money, Month, Unsolved, Water, WeatherSummary,
};
pub use workload::parse as parse_workload;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::component::Outdoor;
use crate::diag::Diagnostics;
use crate::hall::model::{Annual, Hall, Workload};
use crate::network::Network;
use crate::network::build::{self, BuildError};
use crate::table::Table;
use crate::weather::{self, Source, Weather, WeatherError};
use crate::world::{ReadError, World};
use plan::Plan;
use point::Outcome;

/// Weather that is taken where neither the hall file nor the command line names any.
pub const DEFAULT_WEATHER: &str = "memphis";

/// What the command line says of the year, in place of the hall file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnnualOptions {
    /// Built-in weather, or a file.
    pub weather: Option<String>,
    /// Table of design conditions.
    pub design: Option<std::path::PathBuf>,
    /// Workload.
    pub workload: Option<Workload>,
    /// Price of electricity, USD/J.
    pub electricity_price: Option<f64>,
    /// Price of water, USD/m3.
    pub water_price: Option<f64>,
    /// Emission of the electricity, kg CO2 per J.
    pub co2_factor: Option<f64>,
    /// Heat sinks whose heat is used, beside those of the hall file.
    pub reused_heat: Vec<String>,
}

/// Why there is no year.
#[derive(Debug, thiserror::Error)]
pub enum AnnualError {
    /// The weather.
    #[error(transparent)]
    Weather(#[from] WeatherError),
    /// The workload's file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The workload's file is at fault.
    #[error("{}", .0.lines().join("\n"))]
    Trace(Diagnostics),
    /// Bins have no hours of the day.
    #[error(
        "a bin table has no hours of the day, so the workload must be constant; take an .epw file for a daily workload or a trace"
    )]
    NoHours,
    /// A name that is no heat sink of the hall.
    #[error("`{name}` is no heat sink of the hall, so its heat cannot be used{}; heat sinks are {}", hint.as_deref().map_or_else(String::new, |hint| format!(" (did you mean `{hint}`?)")), known.join(", "))]
    NoSink {
        /// Name as given.
        name: String,
        /// Paths of heat sinks.
        known: Vec<String>,
        /// The nearest of them.
        hint: Option<String>,
    },
    /// The hall has no well-posed equations.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No hour has a solution.
    #[error("none of the {hours} points of the year has a solution; the first: {label}: {reason}")]
    NoSolution {
        /// Points tried.
        hours: usize,
        /// The first.
        label: String,
        /// Why it has none.
        reason: String,
    },
}

/// A year solved.
#[derive(Debug)]
pub struct Year {
    /// Sums and findings.
    pub result: AnnualResult,
    /// The weather.
    pub weather: Weather,
    /// Workload of each sample.
    pub workload: Vec<f64>,
    plan: Plan,
    outcomes: Vec<Outcome>,
    equipment: Vec<(String, &'static str)>,
}

/// Told how many points of how many are done.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Solves a hall's year.
///
/// # Errors
/// [`AnnualError`]; an hour without a solution is none.
pub fn run(
    world: &dyn World,
    hall: &Hall,
    options: &AnnualOptions,
    progress: &Progress<'_>,
) -> Result<Year, AnnualError> {
    let started = Instant::now();
    let own = &hall.annual;
    let place = |given: bool| if given { Path::new("") } else { &own.folder };
    let source = source(own, options.weather.as_deref(), options.design.as_deref());
    let (weather, mut warnings) = weather::open(world, &source)?;
    let workload = options.workload.as_ref().unwrap_or(&own.workload);
    let loads = workload::loads(world, workload, place(options.workload.is_some()), &weather)?;
    let network = build::build(hall)?;
    let mut reused = own.reused_heat.clone();
    reused.extend(options.reused_heat.iter().cloned());
    let plan = plan::plan(&weather.samples, &loads);
    let outcomes = solve(hall, &network, &plan, &reused, progress)?;

    let design = design::judge(hall, &network, &weather, &reused);
    let Some((equipment, sinks)) = names(hall, &network, &plan, &outcomes) else {
        let reason = outcomes.iter().find_map(|outcome| outcome.clone().err());
        return Err(AnnualError::NoSolution {
            hours: outcomes.len(),
            label: weather.label(0),
            reason: reason.unwrap_or_default(),
        });
    };
    for name in &reused {
        if !sinks.contains(name) {
            let hint = crate::diag::nearest(name, sinks.iter().map(String::as_str));
            return Err(AnnualError::NoSink {
                name: name.clone(),
                hint: hint.map(str::to_owned),
                known: sinks,
            });
        }
    }
    if source.weather == DEFAULT_WEATHER && own.weather.is_none() && options.weather.is_none() {
        warnings.push(format!(
            "neither --weather nor [annual] names the weather: {} is taken",
            weather.name
        ));
    }
    let rates = sums::Rates {
        electricity: options.electricity_price.or(own.electricity_price),
        water: options.water_price.or(own.water_price),
        co2: options.co2_factor.or(own.co2_factor),
    };
    let mut year = Year {
        result: AnnualResult::default(),
        weather,
        workload: loads,
        plan,
        outcomes,
        equipment,
    };
    year.result = sums::sum(hall, &year, &rates, design, warnings);
    year.result.seconds = started.elapsed().as_secs_f64();
    Ok(year)
}

/// The weather asked for, on the command line or in the hall file.
pub fn source(own: &Annual, weather: Option<&str>, design: Option<&Path>) -> Source {
    // A path in the hall file starts at that file, one on the command line at the present folder.
    let place = |given: bool| if given { Path::new("") } else { &own.folder };
    let name = weather
        .or(own.weather.as_deref())
        .unwrap_or(DEFAULT_WEATHER);
    Source {
        weather: name.to_owned(),
        design: design.or(own.design.as_deref()).map(|path| {
            let path = place(design.is_some()).join(path);
            // The design table's folder is not the weather's: an absolute path is joined without change.
            std::path::absolute(&path).unwrap_or(path)
        }),
        folder: place(weather.is_some()).to_owned(),
    }
}

/// Solves all points: tasks in parallel, their outcomes put back in the order of points.
fn solve(
    hall: &Hall,
    network: &Network,
    plan: &Plan,
    reused: &[String],
    progress: &Progress<'_>,
) -> Result<Vec<Outcome>, BuildError> {
    let done = AtomicUsize::new(0);
    let total = plan.points.len();
    progress(0, total);
    let solved: Vec<Vec<Outcome>> = plan
        .tasks
        .par_iter()
        .with_max_len(1)
        .map(|task| {
            let anchor = task
                .first()
                .and_then(|&first| point::anchor(hall, network, &plan.points[first]));
            let mut at: Option<(u64, Network)> = None;
            let mut spare = None;
            task.iter()
                .map(|&index| {
                    let point = &plan.points[index];
                    let bits = point.workload.to_bits();
                    if at.as_ref().is_none_or(|(known, _)| *known != bits) {
                        at = Some((bits, point::at_workload(hall, network, point.workload)?));
                    }
                    let outcome = match &mut at {
                        Some((_, network)) => {
                            network.outdoor = point.outdoor;
                            point::solve_at(hall, network, anchor.as_ref(), &mut spare)
                                .map(|result| point::keep(&result, reused))
                        }
                        None => Err("not solved".to_owned()),
                    };
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                    Ok(outcome)
                })
                .collect()
        })
        .collect::<Result<_, BuildError>>()?;
    let mut outcomes: Vec<Outcome> = vec![Err(String::new()); total];
    for (task, solved) in plan.tasks.iter().zip(solved) {
        for (&index, outcome) in task.iter().zip(solved) {
            outcomes[index] = outcome;
        }
    }
    Ok(outcomes)
}

/// Paths and kinds of the result's equipment, and paths of heat sinks: the same at every point, so taken from the first
/// that has a solution.
type Names = (Vec<(String, &'static str)>, Vec<String>);

fn names(hall: &Hall, network: &Network, plan: &Plan, outcomes: &[Outcome]) -> Option<Names> {
    let first = outcomes.iter().position(Result::is_ok)?;
    let point = &plan.points[first];
    let mut at = point::at_workload(hall, network, point.workload).ok()?;
    at.outdoor = point.outdoor;
    let anchor = point::anchor(hall, network, point);
    let result = point::solve_at(hall, &at, anchor.as_ref(), &mut None).ok()?;
    let equipment = result
        .equipment
        .iter()
        .map(|one| (one.path.clone(), one.kind))
        .collect();
    let sinks = result
        .heat_sinks
        .iter()
        .map(|sink| sink.path.clone())
        .collect();
    Some((equipment, sinks))
}

impl Year {
    /// What became of a sample.
    fn outcome(&self, sample: usize) -> &Outcome {
        &self.outcomes[self.plan.of_sample[sample]]
    }

    /// The hour or bin of highest facility power, by its index; none where no hour has a solution.
    pub fn highest_power(&self) -> Option<usize> {
        extremes::highest_power(self)
    }

    /// The hour or bin that asks most of the cooling, by its index: one without a solution, else that with the most broken
    /// limits that count, else that with the hottest GPU (a hundredth of a kelvin is none), else that with the highest wet
    /// bulb where `wet`, else the highest dry bulb.
    pub fn hardest(&self, wet: bool) -> Option<usize> {
        extremes::hardest(self, wet)
    }

    /// Outdoor air of an hour or bin.
    pub fn outdoor(&self, index: usize) -> Option<Outdoor> {
        let sample = self.weather.samples.get(index)?;
        Some(plan::Point::new(&sample.air, sample.wet_bulb, 1.0).outdoor)
    }

    /// Power of the facility in W at each sample, with its hours; none where there is no solution.
    pub fn power(&self) -> Vec<(Option<f64>, f64)> {
        self.each(|kept| kept.power)
    }

    /// PUE of each sample with its hours.
    pub fn pue(&self) -> Vec<(Option<f64>, f64)> {
        self.each(|kept| kept.power / kept.it)
            .into_iter()
            .map(|(pue, hours)| (pue.filter(|pue| pue.is_finite()), hours))
            .collect()
    }

    fn each(&self, value: impl Fn(&point::Kept) -> f64) -> Vec<(Option<f64>, f64)> {
        (0..self.weather.samples.len())
            .map(|sample| {
                let kept = self.outcome(sample).as_ref().ok();
                (kept.map(&value), self.weather.samples[sample].hours)
            })
            .collect()
    }

    /// Index into [`AnnualResult::plant_modes`] of each sample.
    pub fn plant_modes(&self) -> Vec<Option<usize>> {
        modes::of_samples(self)
    }

    /// A row for each hour or bin.
    pub fn hourly(&self) -> Table {
        tables::hourly(self)
    }
}

#[cfg(test)]
mod tests;
