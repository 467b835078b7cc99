//! The curve of one centrifugal pump, its speed and its power; used by pump sets and CDUs.
//!
//! # Equations
//! - affinity: Δp(q, s) = s²·H(q/s)·ρ/ρ₀, H the curve at full speed: points joined by a monotone
//!   cubic, beyond the last point the parabola through it with its slope; or the textbook law
//!   Δp = s²·h₀ − a·ṁ|ṁ|;
//! - shaft power: P = q·Δp/η(q/s); for q below a twentieth of the curve's last flow q/η goes on
//!   straight, so that a curve of efficiency that starts at zero gives the power at closed valve;
//!   where Δp falls below 1 % of the shut-off value (a pump driven by others) a small positive
//!   Δp stands in its place: a pump never generates;
//! - check valve: backward Δp rises by R·ṁ²/(w − ṁ), R = 10⁶ shut-off pressures per full flow,
//!   w = 10⁻⁶ full flows;
//! - head above boiling at the suction: NPSH = (p_s + p_atm − p_v(T))/(ρ·g), p_v that of water;
//! - heat: P·ṁ²/(ṁ² + (10⁻⁴·ṁ_full)²) goes into the fluid, the rest through the stagnant casing
//!   into the air: 10⁻⁸ of the power at full flow.
//!
//! # Symbols and units
//! q volume flow of one pump [m³/s]; ṁ mass flow [kg/s]; Δp pressure rise [Pa]; s relative speed
//! [-]; ρ density, ρ₀ that of the curve [kg/m³]; η hydraulic efficiency [-]; P shaft power [W];
//! h₀ shut-off pressure [Pa]; a [Pa s²/kg²]; p_s gauge pressure at the suction [Pa]; p_v vapour
//! pressure [Pa]; g 9.80665 m/s².
//!
//! # Source
//! Affinity laws: Gülich, Centrifugal Pumps, ch. 3.4; NPSH: ch. 6. Continuations: this file's own.

use super::Caution;
use super::flow_law::{at_least, check_valve};
use crate::curve::Pchip;
use crate::spec::Scalar;

/// Lowest relative speed at which the affinity laws are used as they stand; below it the speed's
/// effect flattens, so that iterates of any speed have a curve.
pub const LOWEST_SPEED: f64 = 0.05;

/// Lowest hydraulic efficiency that a curve's continuation may reach.
const LOWEST_EFFICIENCY: f64 = 0.05;

/// Pressure rise at full speed.
#[derive(Debug, Clone, Copy)]
pub enum Head<'a> {
    /// Points against volume flow, measured with a fluid of this density, kg/m³.
    Points(&'a Pchip, f64),
    /// h₀ [Pa] − a [Pa s²/kg²]·ṁ².
    Quadratic(f64, f64),
}

/// Hydraulic efficiency.
#[derive(Debug, Clone, Copy)]
pub enum Efficiency<'a> {
    /// Points against volume flow at full speed.
    Points(&'a Pchip),
    /// The same at any flow.
    Constant(f64),
}

/// One pump.
#[derive(Debug, Clone, Copy)]
pub struct PumpLaw<'a> {
    /// Pressure rise.
    pub head: Head<'a>,
    /// Efficiency.
    pub efficiency: Efficiency<'a>,
}

/// One pump at one point.
#[derive(Debug, Clone, Copy)]
pub struct PumpPoint<S> {
    /// Pressure rise, check valve included, Pa.
    pub rise: S,
    /// Shaft power, W.
    pub shaft: S,
    /// Part of it that heats the fluid, W.
    pub heat: S,
}

/// Net positive suction head available, m: how far the pressure at the suction lies above that at
/// which water boils. Glycol boils later, so the value is on the safe side there.
pub fn suction_head(gauge_pressure: f64, temperature: f64, density: f64, ambient: f64) -> f64 {
    let vapour: f64 = crate::weather::saturation_pressure(temperature);
    (gauge_pressure + ambient - vapour) / (density * GRAVITY)
}

/// Standard gravity, m/s².
const GRAVITY: f64 = 9.80665;

/// Faults of a pump's curves, as `(key, message)` with the keys given.
pub fn curve_faults(
    law: &PumpLaw<'_>,
    curve_key: &'static str,
    efficiency_key: &'static str,
) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    if let Head::Points(curve, _) = law.head {
        let points: Vec<_> = curve.points().collect();
        let (last, slope) = (
            points[points.len() - 1],
            curve.eval_with_slope(curve.range().max).1,
        );
        if points.len() < 2 || slope >= 0.0 {
            faults.push((
                curve_key,
                "the pressure must fall towards the last point".to_owned(),
            ));
        }
        if points[0].0 < 0.0 || points[0].1 <= 0.0 || last.0 <= 0.0 {
            faults.push((
                curve_key,
                "the curve must start at a flow of at least zero and a pressure above zero"
                    .to_owned(),
            ));
        }
    }
    if let Efficiency::Points(curve) = law.efficiency {
        if curve
            .points()
            .any(|(q, eta)| q < 0.0 || !(0.0..=1.0).contains(&eta))
        {
            faults.push((
                efficiency_key,
                "an efficiency lies between 0 and 1".to_owned(),
            ));
        } else if curve.points().all(|(_, eta)| eta < LOWEST_EFFICIENCY) {
            faults.push((
                efficiency_key,
                "an efficiency below 5 % throughout is not a pump's".to_owned(),
            ));
        }
    }
    faults
}

impl PumpLaw<'_> {
    /// Shut-off pressure at full speed, Pa.
    pub fn shutoff(&self) -> f64 {
        match self.head {
            Head::Points(curve, _) => curve.points().next().map_or(0.0, |point| point.1),
            Head::Quadratic(shutoff, _) => shutoff,
        }
    }

    /// Mass flow that counts as full, kg/s: the curve's last point, or where the parabola ends.
    pub fn full_flow(&self) -> f64 {
        match self.head {
            Head::Points(curve, density) => curve.range().max * density,
            Head::Quadratic(shutoff, a) if a > 0.0 => (shutoff / a).sqrt(),
            Head::Quadratic(..) => 1.0,
        }
    }

    /// The same as a volume flow, m³/s; the textbook law knows no density, and takes 1000 kg/m³.
    fn full_volume_flow(&self) -> f64 {
        match self.head {
            Head::Points(curve, _) => curve.range().max,
            Head::Quadratic(..) => 1e-3 * self.full_flow(),
        }
    }

    /// The pump at a mass flow (kg/s), density (kg/m³) and relative speed.
    pub fn at<S: Scalar>(&self, mass_flow: S, density: S, speed: S) -> PumpPoint<S> {
        let s = at_least(speed, S::from(LOWEST_SPEED));
        let (shutoff, full) = (self.shutoff(), self.full_flow());
        let flow = mass_flow / density;
        let ratio = flow / s;
        let rise = match self.head {
            Head::Points(curve, reference) => head(curve, ratio) * s * s * density / reference,
            Head::Quadratic(shutoff, a) => {
                s * s * shutoff - mass_flow * (mass_flow * mass_flow + 1e-12).sqrt() * a
            }
        };
        // Forward part of the flow, rounded over a ten-thousandth of the full flow.
        let width = 1e-4 * self.full_volume_flow();
        let size = (ratio * ratio + width * width).sqrt();
        // The second form is the same without cancellation.
        let forward = if ratio.re() >= 0.0 {
            (ratio + size) * 0.5
        } else {
            S::from(0.5 * width * width) / (size - ratio)
        };
        let shaft =
            at_least(rise, s * s * (0.01 * shutoff)) * s * self.flow_per_efficiency(forward);
        let square = mass_flow * mass_flow;
        PumpPoint {
            rise: rise
                - check_valve(
                    mass_flow,
                    S::from(1e6 * shutoff / full),
                    S::from(1e-6 * full),
                ),
            shaft,
            heat: shaft * square / (square + 1e-8 * full * full),
        }
    }

    /// q/η at full speed.
    fn flow_per_efficiency<S: Scalar>(&self, flow: S) -> S {
        match self.efficiency {
            Efficiency::Constant(eta) => flow / eta,
            Efficiency::Points(curve) => {
                let first = 0.05 * self.full_volume_flow();
                if flow.re() >= first {
                    return flow / at_least(curve.eval(flow), S::from(LOWEST_EFFICIENCY));
                }
                let (eta, slope) = curve.eval_with_slope(first);
                let (eta, slope) = if eta > LOWEST_EFFICIENCY {
                    (eta, slope)
                } else {
                    (LOWEST_EFFICIENCY, 0.0)
                };
                let tangent = 1.0 / eta - first * slope / (eta * eta);
                (flow - first) * tangent + first / eta
            }
        }
    }

    /// Relative speed at which the pump gives `rise` (Pa) at `mass_flow` (kg/s); `None` beyond
    /// twice the full speed.
    pub fn speed_for(&self, mass_flow: f64, density: f64, rise: f64) -> Option<f64> {
        let (mut low, mut high) = (LOWEST_SPEED, 2.0);
        if self.at(mass_flow, density, high).rise < rise {
            return None;
        }
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if self.at(mass_flow, density, middle).rise < rise {
                low = middle
            } else {
                high = middle
            }
        }
        Some(high)
    }

    /// Words of warning about an operating point: `flow` (m³/s) of one pump at a relative speed.
    pub fn warnings(&self, flow: f64, speed: f64, running: f64) -> Vec<Caution> {
        let mut warnings = Vec::new();
        if let Head::Points(curve, _) = self.head {
            let range = curve.range();
            let ratio = flow / speed.max(LOWEST_SPEED);
            if ratio > range.max || ratio < range.min * (1.0 - 1e-9) {
                let text = format!(
                    "pump curve left its points: {:.4} m3/s at full speed, points from {:.4} to {:.4}",
                    ratio, range.min, range.max
                );
                warnings.push(Caution::beyond(range.beyond(ratio), text));
            }
            if running > 1.5
                && curve
                    .points()
                    .zip(curve.points().skip(1))
                    .any(|(a, b)| b.1 > a.1)
            {
                warnings.push(
                    "pump curve rises with flow in part: pumps in parallel then have no unique point"
                        .to_owned()
                        .into(),
                );
            }
        }
        warnings
    }
}

/// The curve of points, with the parabola beyond its last one.
fn head<S: Scalar>(curve: &Pchip, flow: S) -> S {
    let last = curve.range().max;
    if flow.re() <= last {
        return curve.eval(flow);
    }
    let (value, slope) = curve.eval_with_slope(last);
    (flow * flow - last * last) * (slope / (2.0 * last)) + value
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Efficiency, Head, PumpLaw, curve_faults};
    use crate::curve::Pchip;

    /// Frontier's CDU pump: head in m of water against m³/s (as published for its plant model).
    fn frontier() -> Pchip {
        let points = [
            (0.0, 68.0),
            (0.008, 66.1),
            (0.02, 62.4),
            (0.03, 53.2),
            (0.04, 38.5),
            (0.0573, 0.0),
        ];
        let (q, h): (Vec<f64>, Vec<f64>) = points.iter().map(|&(q, h)| (q, h * 9806.65)).unzip();
        Pchip::new(q, h).unwrap()
    }

    #[test]
    fn points_are_met_and_scaled_by_the_affinity_laws() {
        let curve = frontier();
        let law = PumpLaw {
            head: Head::Points(&curve, 1000.0),
            efficiency: Efficiency::Constant(0.85),
        };
        let full = law.at(20.0f64, 1000.0, 1.0);
        assert!((full.rise / (62.4 * 9806.65) - 1.0).abs() < 1e-14);
        // The rounding of the flow at rest moves the power by 2e-8 here.
        assert!((full.shaft / (0.02 * 62.4 * 9806.65 / 0.85) - 1.0).abs() < 1e-7);
        assert!((full.heat / full.shaft - 1.0).abs() < 1e-7);
        // Half the speed and flow: a quarter of the pressure, an eighth of the power.
        let half = law.at(10.0f64, 1000.0, 0.5);
        assert!((half.rise / full.rise - 0.25).abs() < 1e-14);
        assert!((half.shaft / full.shaft - 0.125).abs() < 1e-9);
        let speed = law.speed_for(10.0, 1000.0, half.rise).unwrap();
        assert!((speed - 0.5).abs() < 1e-12);
        assert!(curve_faults(&law, "curve", "efficiency").is_empty());
    }

    #[test]
    fn stays_smooth_and_positive_far_from_its_points() {
        let curve = frontier();
        let law = PumpLaw {
            head: Head::Points(&curve, 1000.0),
            efficiency: Efficiency::Constant(0.85),
        };
        let mut last = law.at(20.0f64, 1000.0, 1.0).rise;
        for k in 21..200 {
            let point = law.at(f64::from(k), 1000.0, 1.0);
            assert!(point.rise < last && point.shaft > 0.0);
            last = point.rise;
        }
        // The check valve: at a millionth of the full flow backward it takes half the shut-off pressure.
        assert!(law.at(-57.3e-6f64, 1000.0, 1.0).rise > 1.4 * law.shutoff());
        // Any speed an iterate may take, and none of it NaN.
        for speed in [-3.0, 0.0, 0.01, 5.0] {
            for flow in [-50.0, 0.0, 1e-9, 1e3f64] {
                let point = law.at(flow, 1000.0, speed);
                assert!(point.rise.is_finite() && point.shaft >= 0.0 && point.heat >= 0.0);
            }
        }
    }

    #[test]
    fn efficiency_points_give_power_at_closed_valve() {
        let curve = frontier();
        let eta = Pchip::new(vec![0.0, 0.01, 0.03, 0.05], vec![0.0, 0.5, 0.8, 0.6]).unwrap();
        let law = PumpLaw {
            head: Head::Points(&curve, 1000.0),
            efficiency: Efficiency::Points(&eta),
        };
        let shut = law.at(0.0f64, 1000.0, 1.0);
        let design = law.at(30.0f64, 1000.0, 1.0);
        // Radial pumps draw 30 to 60 % of their best-point power at shut-off (Gülich, ch. 4).
        assert!(
            (0.2..0.7).contains(&(shut.shaft / design.shaft)),
            "{} {}",
            shut.shaft,
            design.shaft
        );
        assert!(shut.heat.abs() < 1e-12);
        assert!((design.shaft / (0.03 * 53.2 * 9806.65 / 0.8) - 1.0).abs() < 1e-8);
    }

    /// Water at 80 °C boils at 47.4 kPa absolute: an open tank at sea level gives
    /// (101.325 − 47.4) kPa/(971.8 kg/m³·g) = 5.66 m.
    #[test]
    fn suction_head_counts_from_boiling() {
        let head = super::suction_head(0.0, 353.15, 971.8, 101_325.0);
        assert!((head - 5.66).abs() < 0.01, "{head}");
        let boiling = super::suction_head(47.4e3 - 101_325.0, 353.15, 971.8, 101_325.0);
        assert!(boiling.abs() < 0.01, "{boiling}");
    }

    #[test]
    fn rising_ends_are_faults() {
        let rising = Pchip::new(vec![0.0, 0.01], vec![1e5, 2e5]).unwrap();
        let law = PumpLaw {
            head: Head::Points(&rising, 1000.0),
            efficiency: Efficiency::Constant(0.7),
        };
        assert_eq!(curve_faults(&law, "curve", "efficiency")[0].0, "curve");
        let humped = Pchip::new(vec![0.0, 0.01, 0.02], vec![1e5, 1.1e5, 0.8e5]).unwrap();
        let law = PumpLaw {
            head: Head::Points(&humped, 1000.0),
            efficiency: Efficiency::Constant(0.7),
        };
        assert!(curve_faults(&law, "curve", "efficiency").is_empty());
        assert_eq!(law.warnings(0.01, 1.0, 2.0).len(), 1);
        assert!(law.warnings(0.01, 1.0, 1.0).is_empty());
    }
}
