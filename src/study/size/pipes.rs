//! Pipes: nominal sizes, and the limits that a size is chosen by.
//!
//! | Pipe | Limit | Source |
//! |---|---|---|
//! | DN 50 and below | 1.2 m/s | ASHRAE Handbook - Fundamentals (2021), chapter 22: upper limits of usual practice, which it calls arbitrary (grade C) |
//! | above | 400 Pa/m, `--friction` otherwise | the same; systems are designed to 100 to 400 Pa/m, 250 on average |
//! | all | `velocity_limit` of the entry, 2.1 m/s if left out | `component::pipe` |
//!
//! Bores are those of steel pipe of ASME B36.10M: schedule 40 up to DN 250, standard weight (9.53 mm) above (grade A).

use std::f64::consts::PI;

use super::judge::Need;
use crate::component::pipe::{Parameters, darcy_pressure_drop};
use crate::result::gather::Part;
use crate::study::Run;
use crate::units::Dimension;

/// Most friction of pipes above DN 50, Pa/m.
pub const GRADIENT: f64 = 400.0;
/// Most velocity in pipes of DN 50 and below, m/s.
const SMALL_VELOCITY: f64 = 1.2;
/// The largest nominal size that this limit is for.
const SMALL: u32 = 50;

/// Nominal sizes DN and bores, mm.
const SIZES: [(u32, f64); 26] = [
    (15, 15.80),
    (20, 20.93),
    (25, 26.64),
    (32, 35.05),
    (40, 40.89),
    (50, 52.50),
    (65, 62.71),
    (80, 77.93),
    (100, 102.26),
    (125, 128.19),
    (150, 154.05),
    (200, 202.72),
    (250, 254.51),
    (300, 304.80),
    (350, 336.55),
    (400, 387.35),
    (450, 438.15),
    (500, 488.95),
    (550, 539.75),
    (600, 590.55),
    (700, 692.15),
    (750, 742.95),
    (800, 793.75),
    (900, 895.35),
    (1000, 996.95),
    (1200, 1200.15),
];

/// Place of the largest size.
pub const LARGEST: i32 = 25;

/// Nominal size DN and bore in m by its place in the series.
pub fn size(place: i32) -> (u32, f64) {
    let (number, bore) = SIZES[place.clamp(0, LARGEST) as usize];
    (number, 1e-3 * bore)
}

/// What flows in one pipe of an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Bore, m.
    pub bore: f64,
    /// Flow, m³/s.
    pub volume: f64,
    /// Velocity, m/s.
    pub velocity: f64,
    /// Friction, Pa/m.
    pub gradient: f64,
}

/// What flows in one pipe of a solved hall; none where the part is no pipe with a bore.
pub fn flow(run: &Run, part: &Part<'_>) -> Option<Flow> {
    let component = part.block.component(part.stamp)?;
    let pipe = Parameters::<f64>::load(&component.theta);
    let bore = pipe.bore?;
    let fluid = run.network.fluids.get(component.fluids[0] as usize)?;
    // As the schedule tells all flows: at 30 degC.
    let (density, viscosity) = (fluid.density(303.15), fluid.viscosity(303.15));
    let mass = part.flow[0].abs() / pipe.count;
    let volume = mass / density;
    Some(Flow {
        bore,
        volume,
        velocity: volume / (0.25 * PI * bore * bore),
        gradient: darcy_pressure_drop(mass, density, viscosity, 1.0, bore, pipe.roughness),
    })
}

/// What a pipe must keep beside its own limit of velocity.
pub fn needs(run: &Run, part: &Part<'_>, gradient: f64, out: &mut Vec<Need>) {
    let Some(flow) = flow(run, part) else { return };
    let small = SIZES
        .iter()
        .rev()
        .find(|(number, _)| *number <= SMALL)
        .map_or(0.0, |(_, bore)| 1e-3 * bore);
    if flow.bore <= small * (1.0 + 1e-9) {
        let what = "velocity in a pipe of DN 50 or below".to_owned();
        out.push(Need::new(
            what,
            flow.velocity,
            SMALL_VELOCITY,
            Dimension::Velocity,
            true,
        ));
    } else {
        let what = "friction per metre of pipe".to_owned();
        out.push(Need::new(
            what,
            flow.gradient,
            gradient,
            Dimension::Pressure,
            true,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, SIZES, size};

    #[test]
    fn sizes_rise() {
        assert!(
            SIZES
                .windows(2)
                .all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1)
        );
        assert_eq!((size(LARGEST).0, SIZES.len()), (1200, LARGEST as usize + 1));
        // Schedule 40 of 2 inches: 60.3 mm outside, walls of 3.91 mm.
        assert!((size(5).1 - (0.0603 - 2.0 * 0.00391)).abs() < 1e-4);
    }
}
