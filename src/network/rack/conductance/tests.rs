#![allow(clippy::unwrap_used)]
use approx::assert_relative_eq;
use proptest::prelude::{prop_assert, proptest};

use super::{Conductance, Found, conductance};
use crate::component::cold_plate::Parameters;
use crate::curve::Pchip;
use crate::fluid::{Fluid, FluidKind};
use crate::network::rack::DesignError;
use crate::spec::{DefaultValue, position};

/// OCP OAI System Liquid Cooling Guidelines (2023), Figs 7 and 8: one plate, L/min and mK/W.
const PG25: [(f64, f64); 8] = [
    (0.4, 38.9),
    (0.6, 30.0),
    (0.8, 26.5),
    (1.0, 24.5),
    (1.4, 22.0),
    (2.0, 20.4),
    (2.2, 20.0),
    (2.4, 19.7),
];
const WATER: [(f64, f64); 4] = [(2.0, 17.2), (3.0, 16.0), (4.0, 15.4), (5.0, 15.1)];
const REFERENCE: f64 = 313.15;

fn pg25() -> Fluid {
    Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, 0.25).unwrap()
}

fn find(points: &[(f64, f64)], fluid: &Fluid, given: &[(&str, f64)]) -> Result<Found, DesignError> {
    let fields = Parameters::<f64>::FIELDS;
    let mut theta: Vec<f64> = fields
        .iter()
        .map(|field| match field.default {
            DefaultValue::Value(v) => v,
            DefaultValue::Required | DefaultValue::Unset => f64::NAN,
        })
        .collect();
    let measured = [("resistance", 0.0)];
    for (key, value) in measured[..points.len().min(1)].iter().chain(given) {
        theta[position(fields, key).unwrap()] = *value;
    }
    let tables: Vec<Pchip> = (!points.is_empty())
        .then(|| {
            let (flow, resistance) = points.iter().map(|(q, r)| (q / 60e3, r / 1e3)).unzip();
            Pchip::new(flow, resistance).unwrap()
        })
        .into_iter()
        .collect();
    conductance(
        "plate",
        &Parameters::load(&theta),
        &tables,
        fluid,
        REFERENCE,
    )
}

/// The plate of the guideline as measured with PG25, in some fluid.
fn plate(fluid: &Fluid, given: &[(&str, f64)]) -> Found {
    let mut all = vec![("reference_fluid", 2.0), ("solid_resistance", 3.0e-3)];
    all.extend_from_slice(given);
    find(&PG25, fluid, &all).unwrap()
}

/// Resistance from case to inlet at a volume flow (L/min) and an inlet temperature, mK/W.
fn resistance(found: &Found, fluid: &Fluid, litres: f64, temperature: f64) -> f64 {
    let flow = litres / 60e3;
    let Conductance::Measured(table) = &found.law else {
        panic!("measured")
    };
    let reference = table.eval(flow);
    let ua = found.similarity.map_or(reference, |law| {
        law.conductance(reference, law.ln_factor(fluid, temperature).exp())
    });
    let capacity = flow * fluid.density(temperature) * fluid.specific_heat(temperature);
    1e3 / (capacity * -(-ua / capacity).exp_m1())
}

#[test]
fn the_measurement_comes_back_in_its_own_fluid() {
    let (fluid, own) = (pg25(), plate(&pg25(), &[]));
    for (flow, measured) in PG25 {
        // Rounding alone: the factor is exactly that of the reference fluid.
        assert_relative_eq!(
            resistance(&own, &fluid, flow, REFERENCE),
            measured,
            max_relative = 1e-12
        );
    }
    let water = find(&WATER, &Fluid::water(), &[("reference_fluid", 1.0)]).unwrap();
    for (flow, measured) in WATER {
        assert_relative_eq!(
            resistance(&water, &Fluid::water(), flow, REFERENCE),
            measured,
            max_relative = 1e-12
        );
    }
}

#[test]
fn measured_with_one_fluid_it_predicts_the_other() {
    // The curves overlap from 2.0 to 2.4 L/min; water there from a cubic through its points.
    let water = Fluid::water();
    let measured = find(&WATER, &water, &[("reference_fluid", 1.0)]).unwrap();
    let predicted = plate(&water, &[]);
    for flow in [2.0, 2.2, 2.4] {
        let (a, b) = (
            resistance(&predicted, &water, flow, REFERENCE),
            resistance(&measured, &water, flow, REFERENCE),
        );
        // The solid part is fitted at 2.0 L/min, so that one is exact to its rounding; the others are
        // two readings of a printed curve, 0.1 mK/W each.
        assert!(
            (a - b).abs() < if flow == 2.0 { 0.02 } else { 0.2 },
            "{flow} L/min: {a} predicted, {b} measured"
        );
    }
    // And back: PG25 from the points in water.
    let back = find(
        &WATER,
        &pg25(),
        &[("reference_fluid", 1.0), ("solid_resistance", 3.0e-3)],
    )
    .unwrap();
    let found = resistance(&back, &pg25(), 2.0, REFERENCE);
    assert!((found - 20.4).abs() < 0.02, "{found}");
    // Without the fluid's part the prediction would miss by more than 2 mK/W.
    let blind = find(&PG25, &water, &[]).unwrap();
    assert!(resistance(&blind, &water, 2.0, REFERENCE) > 19.2);
}

#[test]
fn known_regimes() {
    let (water, glycol) = (Fluid::water(), pg25());
    let at = |property: fn(&Fluid, f64) -> f64| {
        property(&water, REFERENCE) / property(&glycol, REFERENCE)
    };
    let (k, rho, cp, mu) = (
        at(Fluid::conductivity::<f64>),
        at(Fluid::density::<f64>),
        at(Fluid::specific_heat::<f64>),
        at(Fluid::viscosity::<f64>),
    );
    for (m, n, expected) in [
        (0.0, 0.0, k),
        (1.0 / 3.0, 1.0 / 3.0, k.powf(2.0 / 3.0) * (rho * cp).cbrt()),
        (0.8, 0.4, k * (rho / mu).powf(0.8) * (cp * mu / k).powf(0.4)),
    ] {
        let law = plate(&water, &[("reynolds_exponent", m), ("prandtl_exponent", n)]);
        let found = law.similarity.unwrap().ln_factor(&water, REFERENCE).exp();
        assert_relative_eq!(found, expected, max_relative = 1e-12);
    }
}

#[test]
fn without_a_named_fluid_flow_alone_counts() {
    let found = find(&PG25, &Fluid::water(), &[]).unwrap();
    assert!(found.similarity.is_none());
    let textbook = find(&[], &Fluid::water(), &[("conductance", 50.0)]).unwrap();
    assert!(textbook.similarity.is_none());
}

#[test]
fn impossible_solid_parts_are_refused() {
    let solid = [("reference_fluid", 2.0), ("solid_resistance", 12e-3)];
    // 1/UA is 11.4 mK/W at the first point.
    assert!(matches!(
        find(&PG25, &pg25(), &solid),
        Err(DesignError::AllSolid { .. })
    ));
    let textbook = [("conductance", 50.0), ("solid_resistance", 1e-3)];
    assert!(matches!(
        find(&[], &pg25(), &textbook),
        Err(DesignError::SolidWithoutPoints(_))
    ));
}

proptest! {
    #[test]
    fn better_conductors_cool_better(flow in 0.4..2.4, strong in 0.05..0.5, warm in 285.0..345.0) {
        let glycol = |x| Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, x).unwrap();
        let (weak, strong) = (glycol(strong - 0.05), glycol(strong));
        let r = |fluid: &Fluid, t| resistance(&plate(fluid, &[]), fluid, flow, t);
        prop_assert!(r(&weak, warm) < r(&strong, warm));
        // Conductivity rises with temperature over this range; by how much coolant warms, which counts
        // at the least flows, hardly changes.
        let film = |t| plate(&weak, &[]).similarity.unwrap().ln_factor(&weak, t);
        prop_assert!(film(warm + 5.0) > film(warm));
    }
}
