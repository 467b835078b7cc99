//! Exact derivatives of results to the numbers of a hall file, by the adjoint of the solved equations
//! ([`crate::solve::adjoint`]): one more linear solve for each result, whatever the number of inputs.
//!
//! A path of the hall file sets numbers of the typed hall; the hall is numbered with the path at a few values near the
//! present one, and the adjoint weighs what that changes in the equations *at the solved state*: nothing is solved again.
//! Differences at two steps are extrapolated to none (Richardson), so what is left of the step is its fourth power; the
//! equations are evaluated to rounding.
//!
//! Where the slopes upward and downward differ, whatever the step, the present value stands at a *kink* (a
//! minimum of two laws, a device of which a limit is its rating): the derivative is then the upward one, and is marked.

use crate::component::{EndUse, Kind};
use crate::hall::model::Hall;
use crate::hall::slots::{Number, numbers};
use crate::network::{ComponentNumbers, Network, build};
use crate::result::gpus;
use crate::solve::adjoint::{Adjoint, Functional, adjoint};
use crate::study::Run;
use crate::units::Dimension;

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

/// Derivatives to one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivative {
    /// By the number's SI unit; temperatures by K.
    pub slopes: Slopes,
    /// Whether the number stands where its slopes upward and downward differ.
    pub kink: bool,
}

/// Step, relative to the value.
const STEP: f64 = 5e-4;
/// Step of a temperature, K.
const TEMPERATURE_STEP: f64 = 0.1;
/// Difference of upward and downward slope, relative to them, that may be rounding.
const ROUNDING: f64 = 1e-6;

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
    adjoint: Adjoint<'a>,
    hottest: bool,
}

impl<'a> Derivatives<'a> {
    /// Solves the adjoint at a solution; `None` where its equations do not determine an unknown.
    pub fn new(run: &'a Run) -> Option<Self> {
        let (network, solution) = (&run.network, &run.solution);
        let points = gpus::points(network, solution);
        let path = |point: &gpus::GpuPoint| gpus::path(network, point);
        let hottest = run.result.gpus.hottest.as_ref();
        let junction = hottest.and_then(|name| {
            let hot = points.iter().map(|p| p.junction).fold(0.0, f64::max) - 1e-6;
            let mut alike = points.iter().filter(|p| p.junction >= hot);
            let found = alike
                .clone()
                .find(|p| path(p) == *name)
                .or_else(|| alike.next())?;
            let design = &network.racks[found.rack as usize].design;
            let set = design
                .sets
                .iter()
                .find(|set| set.role == crate::hall::model::DeviceRole::Gpu)?;
            let plate = found.server as usize * design.plates_per_server
                + set.first_plate
                + found.gpu as usize;
            Some((found.rack as usize, plate))
        });
        let weights = POWERS.map(|derived| move |numbers: &ComponentNumbers| weight(derived, numbers));
        let racks = |derived| f64::from(u8::from(matches!(derived, Derived::Power | Derived::ItPower)));
        let mut functionals: Vec<Functional<'_>> = POWERS
            .iter()
            .zip(&weights)
            .map(|(derived, component)| Functional {
                component,
                racks: racks(*derived),
                junction: None,
            })
            .collect();
        functionals.extend(junction.map(|junction| Functional {
            component: &|_| 0.0,
            racks: 0.0,
            junction: Some(junction),
        }));
        let adjoint = adjoint(network, solution, &functionals).ok()?;
        Some(Self {
            run,
            adjoint,
            hottest: junction.is_some(),
        })
    }

    /// Numbers of the hall with a path.
    pub fn numbers(&self) -> Vec<Number> {
        numbers(&self.run.hall)
    }

    /// Derivatives to a number of the hall; `None` where it is nought, or reaches what has no slope.
    pub fn by(&self, number: &Number) -> Option<Derivative> {
        self.along(number.value, number.dimension, |value| {
            let mut hall = self.run.hall.clone();
            number.slots.set(&mut hall, value);
            self.network(&hall, number.slots.reach_racks())
        })
    }

    /// Derivatives to any value that makes a network.
    pub fn along(
        &self,
        value: f64,
        dimension: Dimension,
        network: impl Fn(f64) -> Option<Network>,
    ) -> Option<Derivative> {
        let step = match dimension {
            Dimension::Temperature | Dimension::TemperatureDifference if value != 0.0 => {
                TEMPERATURE_STEP.min(0.01 * value.abs())
            }
            _ => STEP * value.abs(),
        };
        if step == 0.0 {
            return None;
        }
        let change = |steps: f64| {
            let other = network(value + steps * step)?;
            let change = self.adjoint.change(&other)?;
            change.iter().all(|c| c.is_finite()).then_some(change)
        };
        let [low, down, up, high] = [change(-1.0)?, change(-0.5)?, change(0.5)?, change(1.0)?];
        let mut kink = false;
        let found: Vec<f64> = (0..low.len())
            .map(|k| {
                let central = [(high[k] - low[k]) / (2.0 * step), (up[k] - down[k]) / step];
                // Difference of the slopes on either side, over the whole step and half of it.
                let bends = [(high[k] + low[k]) / step, 2.0 * (up[k] + down[k]) / step];
                let size = (2.0 * up[k] / step).abs().max((2.0 * down[k] / step).abs());
                if bends[1].abs() > ROUNDING.max(STEP) * size && bends[1].abs() > 0.75 * bends[0].abs() {
                    kink = true;
                    // Upward, extrapolated too.
                    return 2.0 * (2.0 * up[k] / step) - high[k] / step;
                }
                (4.0 * central[1] - central[0]) / 3.0
            })
            .collect();
        Some(Derivative {
            slopes: self.slopes(&found),
            kink,
        })
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

    fn slopes(&self, found: &[f64]) -> Slopes {
        let place = |derived| POWERS.iter().position(|power| *power == derived);
        let facility = &self.run.result.facility;
        Derived::ALL.map(|derived| match derived {
            Derived::Pue => {
                let (power, it) = (facility.power_w, facility.it_power_w);
                let slope = |derived| place(derived).map(|k| found[k]);
                let (by_power, by_it) = (slope(Derived::Power)?, slope(Derived::ItPower)?);
                (it > 0.0).then(|| (by_power * it - power * by_it) / (it * it))
            }
            Derived::HottestGpu => self.hottest.then(|| found[POWERS.len()]),
            power => place(power).map(|k| found[k]),
        })
    }
}

#[cfg(test)]
mod tests;
