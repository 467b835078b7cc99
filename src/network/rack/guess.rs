//! First guess of a rack: three quarters of the pressure on the plates, all servers alike.

use super::{Plate, RackDesign, RackParameters, SetDesign};

/// First guess of a plate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateGuess {
    /// Junction, K.
    pub junction: f64,
    /// Coolant outlet, K.
    pub outlet: f64,
}

/// First guess of a rack; plates and paths of its first server stand for those of all.
#[derive(Debug, Clone, PartialEq)]
pub struct RackGuess {
    /// Plates of a server.
    pub plates: Vec<PlateGuess>,
    /// Flow of each path of a server, kg/s.
    pub path_flow: Vec<f64>,
    /// Return temperature, K.
    pub return_temperature: f64,
}

/// Largest rise or drop of temperature that a guess takes, K.
const MOST: f64 = 60.0;

/// First guess for a pressure difference (Pa) and an inlet temperature (K).
pub fn rack(
    design: &RackDesign,
    parameters: &RackParameters,
    difference: f64,
    inlet: f64,
) -> RackGuess {
    let density = design.fluid.density(inlet);
    let specific_heat = design.fluid.specific_heat(inlet);
    let available = 0.75 * difference.abs().max(1.0);
    let (mut plates, mut path_flow) = (Vec::new(), Vec::new());
    let (mut heat, mut flow) = (0.0, 0.0);
    for set in &design.sets {
        let chain = chain(parameters, set);
        let m = chain_flow(set, &chain, available, density);
        let mut one = Vec::with_capacity(set.in_series);
        let mut temperature = inlet;
        let mut warmed = 0.0;
        for plate in &chain {
            let power = (plate.base_power + plate.leakage).min(plate.cap);
            temperature += (power / (m * specific_heat).max(power / MOST + 1e-9)).min(MOST);
            one.push(PlateGuess {
                junction: temperature + (power * (plate.core_resistance + 0.02)).min(MOST),
                outlet: temperature,
            });
            warmed += power;
        }
        for _ in 0..set.count / set.in_series {
            plates.extend_from_slice(&one);
            path_flow.push(m);
            heat += warmed;
            flow += m;
        }
    }
    RackGuess {
        plates,
        path_flow,
        return_temperature: inlet + (heat / (flow * specific_heat).max(1e-9)).min(MOST),
    }
}

/// Flow of a rack at a pressure difference, guessed, kg/s.
pub fn flow(design: &RackDesign, parameters: &RackParameters, difference: f64, inlet: f64) -> f64 {
    let density = design.fluid.density(inlet);
    let available = 0.75 * difference.abs().max(1.0);
    design
        .sets
        .iter()
        .map(|set| {
            let chain = chain(parameters, set);
            let paths = design.servers * set.count / set.in_series;
            paths as f64 * chain_flow(set, &chain, available, density)
        })
        .sum()
}

/// Plates of the first path of a set.
fn chain(parameters: &RackParameters, set: &SetDesign) -> Vec<Plate> {
    let plates = set.first_plate..set.first_plate + set.in_series;
    plates.map(|k| parameters.plates.get(k)).collect()
}

fn chain_flow(set: &SetDesign, chain: &[Plate], available: f64, density: f64) -> f64 {
    let (mut linear, mut quadratic, mut factor) = (0.0, 0.0, 0.0);
    for plate in chain {
        linear += plate.drop_factor * plate.linear;
        quadratic += plate.drop_factor * plate.quadratic;
        factor += plate.drop_factor;
    }
    let mut guess = f64::INFINITY;
    if linear > 0.0 || quadratic > 0.0 {
        guess = if quadratic > 0.0 {
            2.0 * available / (linear + (linear * linear + 4.0 * quadratic * available).sqrt())
        } else {
            available / linear
        };
    }
    let nominal = factor * set.pressure_drop;
    if nominal > 0.0 {
        let m = density * set.pressure_drop_flow * (available / nominal).powf(1.0 / set.exponent);
        guess = guess.min(m);
    }
    if guess.is_finite() { guess } else { 0.05 }
}
