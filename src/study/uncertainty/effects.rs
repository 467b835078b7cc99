//! How much each number of the hall moves the results: exact derivatives to all numbers of devices, servers, racks,
//! equipment, loops and the state that is solved, whether or not they have a range.
//!
//! A number of a library part counts as one wherever it stands, as an input does. The effect is that of 1 % of the value;
//! of an absolute temperature, of which 1 % means nothing, that of 1 K.

use std::collections::HashMap;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::inputs::Input;
use super::moved;
use crate::hall::model::Provenance;
use crate::hall::slots::Number;
use crate::network::build;
use crate::study::derivatives::{Derivative, Derivatives, Derived, Slopes};
use crate::study::scenario::Base;
use crate::units::Dimension;

/// What one number does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// Part and key, or path.
    pub name: String,
    /// Paths that hold it.
    pub paths: Vec<String>,
    /// Its value, SI; temperatures in K.
    pub value: f64,
    /// Unit of the value.
    pub unit: &'static str,
    /// By how much it is moved: `1 %` or `1 K`.
    pub step: &'static str,
    /// Change of each result with it.
    pub change: Changes,
    /// Whether a smaller and a greater value do not move a result alike: the change is then that of a greater one.
    pub kink: bool,
    /// Dimension of the value.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// Changes of the results, W, 1 and K; null where the hall has no such result.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Changes {
    /// Facility power, W.
    pub power: Option<f64>,
    /// IT power, W.
    pub it_power: Option<f64>,
    /// PUE at this point.
    pub pue: Option<f64>,
    /// Hottest GPU, K.
    pub hottest_gpu: Option<f64>,
    /// Power of pumps and coolant distribution units, W.
    pub pump_power: Option<f64>,
    /// Power of all cooling, W.
    pub cooling_power: Option<f64>,
    /// Losses of the electrical tree, W.
    pub electrical_loss: Option<f64>,
}

impl Changes {
    fn new(slopes: &Slopes, step: f64) -> Self {
        let of = |derived: Derived| {
            let place = Derived::ALL.iter().position(|one| *one == derived)?;
            slopes[place].map(|slope| slope * step)
        };
        Self {
            power: of(Derived::Power),
            it_power: of(Derived::ItPower),
            pue: of(Derived::Pue),
            hottest_gpu: of(Derived::HottestGpu),
            pump_power: of(Derived::PumpPower),
            cooling_power: of(Derived::CoolingPower),
            electrical_loss: of(Derived::ElectricalLoss),
        }
    }
}

/// Derivatives to each number of a hall that has a path.
pub(super) struct Found {
    numbers: Vec<(Number, Option<Derivative>)>,
    place: HashMap<String, usize>,
}

impl Found {
    pub(super) fn new(derivatives: &Derivatives<'_>) -> Self {
        let numbers: Vec<(Number, Option<Derivative>)> = derivatives
            .numbers()
            .par_iter()
            .map(|number| (number.clone(), derivatives.by(number)))
            .collect();
        let place = numbers.iter().enumerate();
        Self {
            place: place.map(|(k, (n, _))| (n.path.clone(), k)).collect(),
            numbers,
        }
    }

    /// Effects of all numbers that have a derivative, those that move facility power most first.
    pub(super) fn effects(&self, provenance: &[Provenance]) -> Vec<Effect> {
        let parts: HashMap<&str, &str> = provenance
            .iter()
            .filter_map(|one| Some((one.path.as_str(), one.part.as_deref()?)))
            .collect();
        let mut all: Vec<(Effect, Slopes)> = Vec::new();
        let mut known: HashMap<(String, u64), usize> = HashMap::new();
        for (number, derivative) in &self.numbers {
            let Some(derivative) = derivative else {
                continue;
            };
            let name = match parts.get(number.path.as_str()) {
                Some(part) => {
                    let key = number.path.rsplit('.').next().unwrap_or(&number.path);
                    format!("{part}: {key}")
                }
                None => number.path.clone(),
            };
            let key = (name.clone(), number.value.to_bits());
            if let Some(&place) = known.get(&key) {
                let (effect, slopes) = &mut all[place];
                effect.paths.push(number.path.clone());
                effect.kink |= derivative.kink;
                for (sum, slope) in slopes.iter_mut().zip(derivative.slopes) {
                    *sum = sum.zip(slope).map(|(a, b)| a + b);
                }
                continue;
            }
            known.insert(key, all.len());
            let effect = Effect {
                name,
                paths: vec![number.path.clone()],
                value: number.value,
                unit: match number.dimension {
                    Dimension::Temperature => "K",
                    other => other.si_symbol(),
                },
                step: if number.dimension == Dimension::Temperature {
                    "1 K"
                } else {
                    "1 %"
                },
                change: Changes::default(),
                kink: derivative.kink,
                dimension: number.dimension,
            };
            all.push((effect, derivative.slopes));
        }
        let mut effects: Vec<Effect> = all
            .into_iter()
            .map(|(mut effect, slopes)| {
                let step = match effect.dimension {
                    Dimension::Temperature => 1.0,
                    _ => 0.01 * effect.value.abs(),
                };
                effect.change = Changes::new(&slopes, step);
                effect
            })
            .collect();
        let size = |effect: &Effect| effect.change.power.map_or(0.0, f64::abs);
        effects.sort_by(|a, b| {
            size(b)
                .total_cmp(&size(a))
                .then_with(|| a.name.cmp(&b.name))
        });
        effects
    }

    /// Slopes to an input, by its unit, and whether it stands at a kink; a path that no number has is read with the hall
    /// file.
    pub(super) fn of_input(
        &self,
        input: &Input,
        base: &Base<'_>,
        derivatives: &Derivatives<'_>,
    ) -> Option<Derivative> {
        let known: Option<Vec<&(Number, Option<Derivative>)>> = input
            .paths
            .iter()
            .map(|path| self.place.get(path).map(|&k| &self.numbers[k]))
            .collect();
        let Some(known) = known else {
            return derivatives.along(input.base, Dimension::Dimensionless, |value| {
                let hall = moved(input.edits(value)).hall(base).ok()?;
                build::build(&hall).ok()
            });
        };
        let mut sum = Derivative {
            slopes: [Some(0.0); Derived::ALL.len()],
            kink: false,
            step: 0.0,
        };
        for (number, derivative) in known {
            let derivative = derivative.as_ref()?;
            let scale = match input.unit.as_str() {
                "" => 1.0,
                unit => number.dimension.find_unit(unit).ok()?.scale,
            };
            sum.kink |= derivative.kink;
            for (sum, slope) in sum.slopes.iter_mut().zip(derivative.slopes) {
                *sum = sum.zip(slope).map(|(a, b)| a + b * scale);
            }
        }
        Some(sum)
    }
}
