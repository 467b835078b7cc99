//! Exact derivatives of results to the numbers of a hall file, by the adjoint of the solved equations
//! ([`crate::solve::adjoint`]): one more linear solve for each result, whatever the number of inputs.
//!
//! A path of the hall file sets numbers of the typed hall; the hall is numbered with the path at a few values near the
//! present one, and the adjoint weighs what that changes in the equations *at the solved state*: nothing is solved again.
//! The step is small (5·10⁻⁵ of the value) and the equations are evaluated to rounding, so that central differences leave
//! about eight digits; where the slopes on either side differ, a second step tells a kink from curvature.
//!
//! Where the slopes upward and downward differ, whatever the step, the equations have a *kink* at the present value (a
//! minimum of two laws): the derivative is then the upward one, and is marked. Where a device stands at the very point at
//! which it switches ([`Derivatives::edges`]), derivatives are those of the side on which it does not. Of several hottest
//! GPUs in different racks that which rises most counts, and the number is marked where they do not rise alike.

mod places;

use crate::component::{EndUse, Kind};
use crate::hall::model::{DeviceRole, Hall};
use crate::hall::slots::{Number, numbers};
use crate::network::{ComponentNumbers, Network, build};
use crate::result::gpus;
use crate::solve::adjoint::{Adjoint, Functional, adjoint, edges};
use crate::study::Run;
use crate::units::Dimension;
use places::Places;

/// A result with derivatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// Facility power, W.
    Power,
    /// IT power, W.
    ItPower,
    /// PUE at this point.
    Pue,
    /// Hottest GPU's junction, K.
    HottestGpu,
    /// Power of pumps and coolant distribution units, W.
    PumpPower,
    /// Power of all cooling, W.
    CoolingPower,
    /// Losses of the electrical tree, W.
    ElectricalLoss,
}

impl Derived {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Power,
        Self::ItPower,
        Self::Pue,
        Self::HottestGpu,
        Self::PumpPower,
        Self::CoolingPower,
        Self::ElectricalLoss,
    ];
}

/// A value of each of [`Derived::ALL`]; `None` where the hall has no such result.
pub type Slopes = [Option<f64>; Derived::ALL.len()];

/// Derivatives to one number, or to several that move together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derivative {
    /// By the number's SI unit; temperatures by K.
    pub slopes: Slopes,
    /// Whether slopes upward and downward differ there.
    pub kink: bool,
    /// Step of its differences, SI.
    pub step: f64,
    /// Slopes of each of the hottest GPUs.
    tied: Vec<f64>,
}

impl Derivative {
    /// What moving both at once does, the other `scale` times as far. Of the hottest GPUs that counts which then rises
    /// most, which is not the sum of what each number does alone.
    #[must_use]
    pub fn with(mut self, other: &Self, scale: f64) -> Self {
        for (sum, slope) in self.slopes.iter_mut().zip(other.slopes) {
            *sum = sum.zip(slope).map(|(a, b)| a + b * scale);
        }
        for (sum, slope) in self.tied.iter_mut().zip(&other.tied) {
            *sum += slope * scale;
        }
        self.kink |= other.kink;
        self.slopes[HOTTEST] = largest(&self.tied, 1.0);
        self
    }

    /// Moved `scale` times as far; positive.
    #[must_use]
    pub fn scaled(mut self, scale: f64) -> Self {
        for slope in self.slopes.iter_mut().flatten().chain(&mut self.tied) {
            *slope *= scale;
        }
        self
    }

    /// Whether the hottest GPUs do not rise alike.
    fn parts(&self) -> bool {
        let (most, least) = (largest(&self.tied, 1.0), largest(&self.tied, -1.0));
        most.zip(least).is_some_and(|(most, least)| {
            let noise = ROUNDING * JUNCTION / self.step;
            most - least > BEND * most.abs().max(least.abs()) + noise
        })
    }

    /// Whether a smaller and a greater value do not move a result alike: the slopes are then those of a greater one.
    pub fn one_sided(&self) -> bool {
        self.kink || self.parts()
    }
}

/// Place of the hottest GPU among the results.
const HOTTEST: usize = 3;

/// Step, relative to the value.
const STEP: f64 = 5e-5;
/// Step of a temperature, K: well within what smooths a limit of a fitted range.
const TEMPERATURE_STEP: f64 = 5e-3;
/// Difference of upward and downward slope, relative to them, that counts.
const BEND: f64 = 1e-4;
/// GPUs within this of the hottest are as hot, K.
const TIE: f64 = 1e-6;
/// Most racks with a hottest GPU that are told apart.
const MOST_TIED: usize = 8;
/// Change of a result, relative to its size, that may be rounding.
const ROUNDING: f64 = 1e-11;
/// Size of a junction temperature, K.
const JUNCTION: f64 = 300.0;

/// The results that are sums over components and racks, in the order of the functionals.
const POWERS: [Derived; 5] = [
    Derived::Power,
    Derived::ItPower,
    Derived::PumpPower,
    Derived::CoolingPower,
    Derived::ElectricalLoss,
];

fn weight(derived: Derived, numbers: &ComponentNumbers) -> f64 {
    let counts = match derived {
        Derived::Power => true,
        Derived::ItPower => numbers.kind.end_use() == EndUse::It,
        Derived::PumpPower => matches!(numbers.kind, Kind::PumpSet | Kind::Cdu),
        Derived::CoolingPower => numbers.kind.end_use() == EndUse::Cooling,
        Derived::ElectricalLoss => numbers.kind.end_use() == EndUse::Electrical,
        Derived::Pue | Derived::HottestGpu => false,
    };
    f64::from(u8::from(counts))
}

/// The adjoint of a run's results.
pub struct Derivatives<'a> {
    run: &'a Run,
    /// The hall without where its numbers come from, to be copied for each number.
    hall: Hall,
    adjoint: Adjoint<'a>,
    /// Rack and plate of the hottest GPU, and of those elsewhere that are as hot.
    junctions: Vec<(usize, usize)>,
    places: Places,
}

impl<'a> Derivatives<'a> {
    /// Solves the adjoint at a solution; `None` where its equations do not determine an unknown.
    pub fn new(run: &'a Run) -> Option<Self> {
        let (network, solution) = (&run.network, &run.solution);
        let junctions = hottest(network, &gpus::points(network, solution));
        let weights =
            POWERS.map(|derived| move |numbers: &ComponentNumbers| weight(derived, numbers));
        let racks = |derived| {
            f64::from(u8::from(matches!(
                derived,
                Derived::Power | Derived::ItPower
            )))
        };
        let mut functionals: Vec<Functional<'_>> = POWERS
            .iter()
            .zip(&weights)
            .map(|(derived, component)| Functional {
                component,
                racks: racks(*derived),
                junction: None,
            })
            .collect();
        functionals.extend(junctions.iter().map(|junction| Functional {
            component: &|_| 0.0,
            racks: 0.0,
            junction: Some(*junction),
        }));
        let adjoint = adjoint(network, solution, &functionals).ok()?;
        let mut hall = run.hall.clone();
        hall.provenance.clear();
        Some(Self {
            run,
            hall,
            adjoint,
            junctions,
            places: Places::of(network),
        })
    }

    /// Rack in the network's list and plate there of the hottest GPU.
    pub fn hottest(&self) -> Option<(usize, usize)> {
        self.junctions.first().copied()
    }

    /// Numbers of the hall with a path.
    pub fn numbers(&self) -> Vec<Number> {
        numbers(&self.run.hall)
    }

    /// Derivatives to a number of the hall; `None` where it is nought, or reaches what has no slope.
    pub fn by(&self, number: &Number) -> Option<Derivative> {
        if let Some((places, slot)) = self.places.of_number(number, &self.run.network) {
            return self.differences(number.value, number.dimension, |value| {
                let changes = self.adjoint.change_of_components(places, slot, value);
                Some(changes)
            });
        }
        let mut hall = self.hall.clone();
        let racks = places::rack_set(&number.path);
        self.differences(number.value, number.dimension, |value| {
            number.slots.set(&mut hall, value);
            match &racks {
                Some(names) => {
                    let racks = build::refill(&hall, &self.run.network, names)?;
                    self.adjoint.change_of_racks(&racks)
                }
                None => self.renumbered(&hall, number.slots.reach_racks()),
            }
        })
    }

    /// Derivatives to a number as [`Derivatives::by`] finds them, the whole hall numbered again for each step.
    #[cfg(test)]
    fn by_numbering(&self, number: &Number) -> Option<Derivative> {
        let mut hall = self.hall.clone();
        self.differences(number.value, number.dimension, |value| {
            number.slots.set(&mut hall, value);
            self.renumbered(&hall, true)
        })
    }

    fn renumbered(&self, hall: &Hall, racks: bool) -> Option<Vec<f64>> {
        self.adjoint.change(&self.network(hall, racks)?)
    }

    /// Derivatives to any value that makes a network.
    pub fn along(
        &self,
        value: f64,
        dimension: Dimension,
        mut network: impl FnMut(f64) -> Option<Network>,
    ) -> Option<Derivative> {
        self.differences(value, dimension, |value| {
            self.adjoint.change(&network(value)?)
        })
    }

    /// Derivatives from what other values change at the solved state.
    fn differences(
        &self,
        value: f64,
        dimension: Dimension,
        changed: impl FnMut(f64) -> Option<Vec<f64>>,
    ) -> Option<Derivative> {
        let step = match dimension {
            Dimension::Temperature | Dimension::TemperatureDifference if value != 0.0 => {
                TEMPERATURE_STEP.min(0.01 * value.abs())
            }
            _ => STEP * value.abs(),
        };
        (step > 0.0).then(|| self.at_step(value, step, changed))?
    }

    fn at_step(
        &self,
        value: f64,
        step: f64,
        mut changed: impl FnMut(f64) -> Option<Vec<f64>>,
    ) -> Option<Derivative> {
        let mut change = |steps: f64| {
            let change = changed(value + steps * step)?;
            change.iter().all(|c| c.is_finite()).then_some(change)
        };
        let sides = [change(-1.0)?, change(1.0)?];
        // Slopes on either side differ by curvature, which half a step halves, or by a kink, which it does not.
        let bend = |[low, high]: &[Vec<f64>; 2], k: usize| (high[k] + low[k]) / step;
        let bent = |k: usize| {
            let size = sides[0][k].abs().max(sides[1][k].abs()) / step;
            bend(&sides, k).abs() > BEND * size + ROUNDING * self.size(k) / step
        };
        let bent: Vec<bool> = (0..sides[0].len()).map(bent).collect();
        let halves = if bent.contains(&true) {
            Some([change(-0.5)?, change(0.5)?])
        } else {
            None
        };
        let mut kink = false;
        let found: Vec<f64> = (0..sides[0].len())
            .map(|k| {
                let [low, high] = [sides[0][k], sides[1][k]];
                let central = (high - low) / (2.0 * step);
                let Some(halves) = &halves else {
                    return central;
                };
                let [down, up] = [halves[0][k], halves[1][k]];
                if bent[k] && 2.0 * bend(halves, k).abs() > 0.75 * bend(&sides, k).abs() {
                    kink = true;
                    // Upward, extrapolated.
                    return (4.0 * up - high) / step;
                }
                (4.0 * (up - down) / step - central) / 3.0
            })
            .collect();
        let tied = found[POWERS.len()..].to_vec();
        Some(Derivative {
            slopes: self.slopes(&found, largest(&tied, 1.0)),
            kink,
            step,
            tied,
        })
    }

    /// Size of a functional's result.
    fn size(&self, functional: usize) -> f64 {
        if functional < POWERS.len() {
            self.run.result.facility.power_w.abs()
        } else {
            JUNCTION
        }
    }

    /// Devices that stand at the point at which they switch.
    pub fn edges(&self) -> Vec<String> {
        edges(&self.run.network, &self.run.solution)
    }

    /// The hall numbered, racks kept where they do not change.
    fn network(&self, hall: &Hall, racks: bool) -> Option<Network> {
        if racks {
            return build::build(hall).ok();
        }
        let own = &self.run.network;
        let kept = Network {
            blocks: Vec::new(),
            structures: 0,
            racks: own.racks.clone(),
            fluids: Vec::new(),
            outdoor: own.outdoor,
        };
        build::renew(hall, kept).ok()
    }

    fn slopes(&self, found: &[f64], hottest: Option<f64>) -> Slopes {
        let place = |derived| POWERS.iter().position(|power| *power == derived);
        let facility = &self.run.result.facility;
        Derived::ALL.map(|derived| match derived {
            Derived::Pue => {
                let (power, it) = (facility.power_w, facility.it_power_w);
                let slope = |derived| place(derived).map(|k| found[k]);
                let (by_power, by_it) = (slope(Derived::Power)?, slope(Derived::ItPower)?);
                (it > 0.0).then(|| (by_power * it - power * by_it) / (it * it))
            }
            Derived::HottestGpu => hottest,
            power => place(power).map(|k| found[k]),
        })
    }
}

/// Largest of some slopes, or least for a sign of −1.
fn largest(slopes: &[f64], sign: f64) -> Option<f64> {
    let slopes = slopes.iter().copied();
    slopes.max_by(|a, b| (sign * a).total_cmp(&(sign * b)))
}

/// Rack and plate of the hottest GPU; where others are as hot, one of each rack.
fn hottest(network: &Network, points: &[gpus::GpuPoint]) -> Vec<(usize, usize)> {
    let hot = points
        .iter()
        .map(|p| p.junction)
        .fold(f64::NEG_INFINITY, f64::max);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for point in points.iter().filter(|p| p.junction >= hot - TIE) {
        let rack = point.rack as usize;
        if found.len() == MOST_TIED || found.iter().any(|(known, _)| *known == rack) {
            continue;
        }
        let design = &network.racks[rack].design;
        // Points count through all GPUs of a set.
        let set = design.sets.iter().find(|set| set.role == DeviceRole::Gpu);
        found.extend(set.map(|set| {
            let server = point.server as usize * design.plates_per_server;
            (rack, server + set.first_plate + point.gpu as usize)
        }));
    }
    found
}

#[cfg(test)]
mod tests;
