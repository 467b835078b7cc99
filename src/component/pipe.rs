//! A pipe: friction, fittings and loss of heat to the surroundings, for flow either way.
//!
//! # Equations
//! - friction: Δp = f·(L/D)·ρv²/2, f by Churchill, one formula from laminar to fully rough flow:
//!   f = 8·[(8/Re)¹² + (A + B)^(−3/2)]^(1/12),
//!   A = {2.457·ln[1/((7/Re)^0.9 + 0.27·ε/D)]}¹⁶, B = (37530/Re)¹⁶.
//!   It is evaluated as f·Re, which tends to 64 at rest: Δp is linear in ṁ there (Hagen–Poiseuille);
//! - fittings: Δp = K·ρv²/2;
//! - textbook law, added: Δp = a·ṁ + b·ṁ|ṁ|;
//! - heat to the air: Q = C·(1 − exp(−UA/C))·(T_in − T_air), C = |ṁ|·cp.
//!
//! `count` pipes in parallel share the flow; a and b hold for all of them together.
//! Properties are those at the inlet, whichever end that is.
//!
//! # Symbols and units
//! Δp pressure drop from a to b [Pa]; ṁ mass flow [kg/s]; v velocity [m/s]; ρ density [kg/m³];
//! µ viscosity [Pa s]; L length [m]; D bore [m]; ε roughness [m]; Re = ρvD/µ [-]; K loss
//! coefficient [-]; a [Pa s/kg]; b [Pa s²/kg²]; UA conductance of one pipe to the air [W/K];
//! C capacity flow [W/K]; T temperature [K].
//!
//! # Range of validity
//! Circular bore, developed flow, ε/D up to 0.05. Between Re 2,100 and 4,000 flow is neither
//! laminar nor turbulent and no formula is sure.
//!
//! # Neglected
//! Entrance lengths; height (in a closed circuit its static head cancels); axial conduction.
//!
//! # Source
//! S. W. Churchill, Friction-factor equation spans all fluid-flow regimes, Chemical Engineering 84
//! (24), 1977, 91–92. Roughness: L. F. Moody, Trans. ASME 66 (1944) 671–684 (drawn tube 1.5 µm,
//! commercial steel 46 µm). Velocity limit: ASHRAE piping practice, 2.1 m/s.

use super::{
    At, Bound, Branch, Component, Guess, Limit, Outdoor, Out, Quantity, Report, STAGNANT_FLOW, Severity,
    Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;
use num_dual::DualSVec64;
use std::f64::consts::PI;

crate::fields! {
    /// Parameters of a pipe.
    pub struct Parameters {
        /// Length, fittings apart.
        length: number(Length, 0.0, 1e5) = 0.0,
        /// Bore; left out where only the textbook law is wanted.
        bore: optional(Length, 1e-4, 10.0),
        /// Roughness of the wall.
        roughness: number(Length, 0.0, 0.01) = 4.6e-5,
        /// Sum K of the loss coefficients of fittings.
        minor_loss: number(Dimensionless, 0.0, 1e6) = 0.0,
        /// Pipes in parallel.
        count: number(Dimensionless, 1.0, 1e6) = 1.0,
        /// Coefficient a of the textbook law.
        linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the textbook law.
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Conductance of one pipe to the surrounding air.
        air_conductance: number(ThermalConductance, 0.0, 1e7) = 0.0,
        /// Water content of all pipes; from length and bore if left out.
        volume: optional(Volume, 0.0, 1e6),
        /// Velocity not to be exceeded by good practice.
        velocity_limit: number(Velocity, 0.01, 20.0) = 2.1,
    }
}

/// Reynolds number below which Churchill's formula is laminar to the last digit.
const PURELY_LAMINAR: f64 = 500.0;

/// Churchill's friction factor times the Reynolds number, f·Re; 64 in laminar flow.
///
/// `reynolds` must not be negative; `relative_roughness` is ε/D.
pub fn friction_times_reynolds<S: Scalar>(reynolds: S, relative_roughness: S) -> S {
    if reynolds.re() < PURELY_LAMINAR {
        return S::from(64.0);
    }
    let rough = ((S::from(7.0) / reynolds).ln() * 0.9).exp() + relative_roughness * 0.27;
    let a = (rough.ln() * 2.457).powi(16);
    let b = (S::from(37_530.0) / reynolds).powi(16);
    // f·Re = 64·(1 + t¹²)^(1/12), t = (Re/8)·(A + B)^(−1/8).
    let t = reynolds * 0.125 / (a + b).sqrt().sqrt().sqrt();
    if t.re() > 100.0 {
        return t * 64.0;
    }
    (t.powi(12).ln_1p() / 12.0).exp() * 64.0
}

/// Pressure drop by friction of a round pipe, Pa, with the sign of `mass_flow`.
///
/// `mass_flow` kg/s, `density` kg/m³, `viscosity` Pa s, `length`, `bore` and `roughness` m.
/// Smooth, with the finite slope of Hagen–Poiseuille's law at rest.
pub fn darcy_pressure_drop<S: Scalar>(
    mass_flow: S,
    density: S,
    viscosity: S,
    length: S,
    bore: S,
    roughness: S,
) -> S {
    let reynolds = mass_flow.abs() * (4.0 / PI) / (bore * viscosity);
    let area = bore * bore;
    // f·(L/D)·ρv²/2 with v = 4ṁ/(πρD²) and f = (f·Re)·µ/(ρvD).
    friction_times_reynolds(reynolds, roughness / bore) * (2.0 / PI) * viscosity * length * mass_flow
        / (density * area * area)
}

/// Heat that fluid at `inlet` loses to surroundings at `ambient` (K) through a conductance `ua`
/// (W/K), W; zero without flow.
pub fn loss_to_air<S: Scalar>(mass_flow: S, specific_heat: S, ua: S, inlet: S, ambient: S) -> S {
    let capacity =
        (mass_flow * mass_flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt() * specific_heat;
    -capacity * (-ua / capacity).exp_m1() * (inlet - ambient)
}

/// Pressure drop of the whole pipe, Pa, at a mass flow (kg/s) and inlet temperature (K).
fn pressure_drop<S: Scalar>(p: &Parameters<S>, fluid: &Fluid, mass_flow: S, inlet: S) -> S {
    let size = (mass_flow * mass_flow + 1e-12).sqrt();
    let mut drop = p.linear * mass_flow + p.quadratic * mass_flow * size;
    if let Some(bore) = p.bore {
        let density = fluid.density(inlet);
        let viscosity = fluid.viscosity(inlet);
        let flow = mass_flow / p.count;
        drop += darcy_pressure_drop(flow, density, viscosity, p.length, bore, p.roughness);
        let area = bore * bore;
        drop += p.minor_loss * (8.0 / (PI * PI)) * flow * (size / p.count) / (density * area * area);
    }
    drop
}

/// Pipe; see the module.
pub struct Pipe;

impl Component for Pipe {
    const SPEC: Spec = Spec {
        kind: "pipe",
        doc: "Pipe with friction, fittings and loss of heat to the air, for flow either way.",
        sides: &["fluid"],
        source: &[false],
        air: &["room"],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        match p.bore {
            None if p.length > 0.0 && p.linear <= 0.0 && p.quadratic <= 0.0 => {
                faults.push(("bore", "a pipe with a length needs its bore".to_owned()));
            }
            None if p.minor_loss > 0.0 => {
                faults.push(("bore", "a loss coefficient needs the bore it refers to".to_owned()));
            }
            Some(bore) if p.roughness > 0.1 * bore => faults.push((
                "roughness",
                "the roughness exceeds a tenth of the bore, beyond any friction law".to_owned(),
            )),
            _ => {}
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let temperature = 303.15;
        // 1 m/s.
        let flow = p.bore.map_or(1.0, |bore| {
            0.25 * PI * bore * bore * fluids[0].density(temperature) * p.count
        });
        Guess {
            mass_flow: [flow, 0.0],
            pressure_rise: [-pressure_drop(&p, fluids[0], flow, temperature), 0.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<S>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let inlet = side.inlet_temperature();
        let mut out = Out::zero();
        out.pressure[0] = side.pressure_a
            - side.pressure_b
            - pressure_drop(&p, fluid, side.mass_flow, inlet);
        let loss = if p.air_conductance.re() > 0.0 {
            let specific_heat = fluid.specific_heat(inlet);
            loss_to_air(side.mass_flow, specific_heat, p.air_conductance * p.count, inlet, at.air[0])
        } else {
            S::from(0.0)
        };
        pass_through(&mut out, 0, side, fluid, -loss);
        out.air_heat[0] = loss;
        out
    }

    fn branch(theta: &[f64], fluid: &Fluid, flow: f64, inlet: f64, air: f64) -> Option<Branch> {
        let p = Parameters::<f64>::load(theta);
        let mut branch = Branch::default();
        if p.bore.is_some() {
            type Dual = DualSVec64<2>;
            let law = pressure_drop(
                &Parameters::<Dual>::load(theta),
                fluid,
                Dual::from_re(flow).derivative(0),
                Dual::from_re(inlet).derivative(1),
            );
            branch.drop = law.re;
            if let Some(slopes) = law.eps.0 {
                (branch.drop_by_flow, branch.drop_by_inlet) = (slopes[0], slopes[1]);
            }
        } else {
            let size = (flow * flow + 1e-12).sqrt();
            branch.drop = p.linear * flow + p.quadratic * flow * size;
            branch.drop_by_flow = p.linear + p.quadratic * (size + flow * flow / size);
        }
        if p.air_conductance > 0.0 {
            type Dual = DualSVec64<3>;
            let inlet = Dual::from_re(inlet).derivative(1);
            let law = loss_to_air(
                Dual::from_re(flow).derivative(0),
                fluid.specific_heat(inlet),
                Dual::from_re(p.air_conductance * p.count),
                inlet,
                Dual::from_re(air).derivative(2),
            );
            branch.loss = law.re;
            if let Some(slopes) = law.eps.0 {
                (branch.loss_by_flow, branch.loss_by_inlet) = (slopes[0], slopes[1]);
                branch.loss_by_air = slopes[2];
            }
        }
        Some(branch)
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let mut report = Report { mode: "on", on: p.count, of: p.count, ..Report::default() };
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        report.quantities.push(quantity(
            "pressure drop",
            side.pressure_a - side.pressure_b,
            Dimension::Pressure,
        ));
        if let Some(bore) = p.bore {
            let inlet = side.inlet_temperature();
            let flow = side.mass_flow.abs() / p.count;
            let velocity = flow / (fluid.density(inlet) * 0.25 * PI * bore * bore);
            let reynolds = flow * (4.0 / PI) / (bore * fluid.viscosity(inlet));
            report.quantities.push(quantity("velocity", velocity, Dimension::Velocity));
            report.quantities.push(quantity("Reynolds number", reynolds, Dimension::Dimensionless));
            report.limits.push(Limit {
                what: "flow velocity",
                value: Some(velocity),
                limit: p.velocity_limit,
                dimension: Dimension::Velocity,
                bound: Bound::AtMost,
                severity: Severity::Advisory,
            });
        }
        let content = p.volume.or(p.bore.map(|bore| 0.25 * PI * bore * bore * p.length * p.count));
        if let Some(volume) = content {
            report.quantities.push(quantity("water content", volume, Dimension::Volume));
        }
        report
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{darcy_pressure_drop, friction_times_reynolds, loss_to_air};
    use num_dual::Dual64;
    use std::f64::consts::PI;

    /// Colebrook and White's friction factor, by fixed point.
    fn colebrook(reynolds: f64, relative_roughness: f64) -> f64 {
        let mut x = 5.0;
        for _ in 0..100 {
            x = -2.0 * (relative_roughness / 3.7 + 2.51 * x / reynolds).log10();
        }
        1.0 / (x * x)
    }

    #[test]
    fn turbulent_friction_agrees_with_colebrook() {
        // Moody's chart to 3 %, the scatter that Churchill states against it.
        for reynolds in [1e4, 1e5, 1e6, 1e7] {
            for rough in [0.0, 1e-4, 1e-3, 1e-2] {
                let f = friction_times_reynolds(reynolds, rough) / reynolds;
                let reference = colebrook(reynolds, rough);
                assert!((f / reference - 1.0).abs() < 0.035, "{reynolds} {rough}: {f} {reference}");
            }
        }
        // White, Fluid Mechanics, example 6.7: Re 3e5, ε/D 0.0013 gives f = 0.0225 (Colebrook 0.0222).
        let f = friction_times_reynolds(3e5f64, 0.0013) / 3e5;
        assert!((f - 0.0223).abs() < 4e-4, "{f}");
    }

    #[test]
    fn laminar_flow_follows_hagen_and_poiseuille() {
        let (rho, mu, length, bore) = (1000.0, 1e-3, 10.0, 0.02);
        for flow in [1e-12, 1e-4, -1e-3, 5e-3] {
            let exact = 128.0 * mu * length * (flow / rho) / (PI * f64::powi(bore, 4));
            let drop = darcy_pressure_drop(flow, rho, mu, length, bore, 1e-5);
            // Re up to 318 here: to rounding.
            assert!((drop / exact - 1.0).abs() < 1e-14);
        }
        // At Re 2000 Churchill's blend is still within 0.5 % of 64/Re.
        assert!((friction_times_reynolds(2000.0, 0.0) / 64.0 - 1.0f64).abs() < 5e-3);
    }

    #[test]
    fn friction_is_smooth_and_odd() {
        let drop = |m: f64| {
            let dual = |x: f64| Dual64::from(x);
            darcy_pressure_drop(
                Dual64::new(m, 1.0),
                dual(1000.0),
                dual(1e-3),
                dual(1.0),
                dual(0.02),
                dual(0.0),
            )
        };
        let rest = drop(0.0);
        assert!(rest.re.abs() < 1e-300 && rest.eps > 0.0 && rest.eps.is_finite());
        // Over the switch of formulas at Re 500 neither value nor slope jumps.
        let critical = 500.0 * PI * 0.02 * 1e-3 / 4.0;
        let (below, above) = (drop(critical * (1.0 - 1e-12)), drop(critical * (1.0 + 1e-12)));
        assert!((above.re / below.re - 1.0).abs() < 1e-11);
        assert!((above.eps / below.eps - 1.0).abs() < 1e-9);
        // Rising with flow throughout, and finite however large.
        let mut last = 0.0;
        for k in 0..200 {
            let m = 1e-6 * 10f64.powf(f64::from(k) * 0.1);
            let d = drop(m);
            assert!(d.re > last && d.eps > 0.0 && d.eps.is_finite());
            assert!((drop(-m).re + d.re).abs() <= 1e-15 * d.re);
            last = d.re;
        }
    }

    #[test]
    fn heat_loss_has_its_limits() {
        // Without flow none; with much flow UA·ΔT; equal temperatures none.
        assert!(loss_to_air(0.0, 4180.0, 10.0, 330.0, 300.0) < 1.0f64);
        let full: f64 = loss_to_air(1e3, 4180.0, 10.0, 330.0, 300.0);
        assert!((full / 300.0 - 1.0).abs() < 1e-5);
        assert!(loss_to_air(1.0f64, 4180.0, 10.0, 300.0, 300.0).abs() < 1e-12);
        let slow = loss_to_air(Dual64::new(0.0, 1.0), 4180.0.into(), 10.0.into(), 330.0.into(), 300.0.into());
        assert!(slow.eps.is_finite());
    }
}
