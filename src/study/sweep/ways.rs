//! How each axis reaches the hall: straight into numbers, through the outdoor air, or by reading the hall file again.

use super::axis::{Axis, Value};
use super::model::Model;
use crate::hall::model::Hall;
use crate::hall::slots::{self, Slots};
use crate::units::Dimension;

/// Axes whose corners are all tried.
const MOST_CORNERS: usize = 4;
/// Shares along all axes at which points inside are tried, each axis turned on by one.
const INSIDE: [f64; 3] = [0.381_966, 0.618_034, 0.145_898];

/// Numbers of the hall that a value sets, which is written in a unit of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::study) struct Numbers {
    slots: Slots,
    /// From the value's unit to SI.
    scale: f64,
    offset: f64,
}

impl Numbers {
    /// From the hall read at two values; `None` where more than numbers hangs on the value.
    pub(in crate::study) fn between(
        (low, high): (&Hall, &Hall),
        unit: &str,
        (first, second): (f64, f64),
    ) -> Option<Self> {
        units(unit).into_iter().find_map(|(scale, offset)| {
            let si = |value: f64| value * scale + offset;
            let slots = Slots::between(low, high, (si(first), si(second)))?;
            Some(Self {
                slots,
                scale,
                offset,
            })
        })
    }

    /// Sets the value.
    pub(in crate::study) fn set(&self, hall: &mut Hall, value: f64) {
        self.slots.set(hall, value * self.scale + self.offset);
    }

    /// Whether racks must be filled in again where the value changes.
    pub(in crate::study) fn reach_racks(&self) -> bool {
        self.slots.reach_racks()
    }
}

/// How an axis reaches the hall.
#[derive(Debug, Clone, PartialEq)]
enum Way {
    /// It sets these numbers.
    Numbers(Numbers),
    /// It sets the outdoor air.
    Air,
    /// The hall file is read again.
    Reading,
}

/// How all axes reach the hall.
#[derive(Debug, Clone)]
pub(in crate::study) struct Ways {
    ways: Vec<Way>,
    /// Text of the hall file, for outdoor air.
    text: String,
    sets: Vec<String>,
    /// Reads for every point all the same.
    pub(super) always_read: bool,
}

impl Ways {
    /// The way that always works.
    fn reading(axes: &[Axis]) -> Self {
        Self {
            ways: vec![Way::Reading; axes.len()],
            text: String::new(),
            sets: Vec::new(),
            always_read: false,
        }
    }

    /// Finds the shortest ways, and tries them at corners and inside against reading the file; with the paths that set
    /// nothing.
    pub(in crate::study) fn find(axes: &[Axis], model: &Model) -> (Self, Vec<String>) {
        let middle: Vec<Value> = axes.iter().map(Axis::middle).collect();
        let (text, sets) = model.text();
        let mut ways = Self {
            ways: (0..axes.len())
                .map(|at| way(axes, at, &middle, model).unwrap_or(Way::Reading))
                .collect(),
            text,
            sets,
            always_read: false,
        };
        if !ways.hold(axes, model) {
            ways = Self::reading(axes);
        }
        let idle = axes
            .iter()
            .zip(&ways.ways)
            .filter(|(axis, way)| {
                axis.len() != 1 && matches!(way, Way::Numbers(numbers) if numbers.slots.is_empty())
            })
            .map(|(axis, _)| axis.path.clone())
            .collect();
        (ways, idle)
    }

    /// Whether the hall file must be read again where this axis's value changes.
    pub(super) fn reads(&self, axis: usize) -> bool {
        self.ways[axis] == Way::Reading
    }

    /// Whether racks must be filled in again where these values change.
    pub(super) fn reach_racks(&self, from: &[Value], to: &[Value]) -> bool {
        let mut changed = self
            .ways
            .iter()
            .zip(from.iter().zip(to))
            .filter(|(_, (from, to))| from != to);
        changed.any(|(way, _)| match way {
            Way::Numbers(numbers) => numbers.reach_racks(),
            Way::Air => false,
            Way::Reading => true,
        })
    }

    /// Sets all values that need no reading; false where the hall file would refuse them.
    pub(super) fn set(&self, axes: &[Axis], values: &[Value], hall: &mut Hall) -> bool {
        if self.always_read {
            return false;
        }
        for (way, value) in self.ways.iter().zip(values) {
            if let (Way::Numbers(numbers), Value::Number(number)) = (way, value) {
                numbers.set(hall, *number);
            }
        }
        if self.ways.contains(&Way::Air) {
            let mut sets = self.sets.clone();
            let air = self.ways.iter().zip(axes.iter().zip(values));
            sets.extend(
                air.filter(|(way, _)| **way == Way::Air)
                    .map(|(_, (axis, value))| axis.set(value)),
            );
            match slots::outdoor(&self.text, &sets) {
                Some(outdoor) => hall.outdoor = outdoor,
                None => return false,
            }
        }
        !slots::is_at_fault(hall)
    }

    /// Whether the ways give what reading gives, at corners and inside.
    fn hold(&self, axes: &[Axis], model: &Model) -> bool {
        let tried: Vec<usize> = (0..axes.len()).filter(|at| !self.reads(*at)).collect();
        if tried.is_empty() {
            return true;
        }
        let middle: Vec<Value> = axes.iter().map(Axis::middle).collect();
        let Ok(base) = model.load(&sets_of(axes, &middle)) else {
            return false;
        };
        let corners = (0..1_usize << tried.len().min(MOST_CORNERS)).map(|corner| {
            let mut values = middle.clone();
            for (bit, at) in tried.iter().enumerate() {
                // Axes beyond those of the corners go with the last of them.
                let high = corner >> bit.min(MOST_CORNERS - 1) & 1 == 1;
                values[*at] = axes[*at].between(if high { 1.0 } else { 0.0 });
            }
            values
        });
        let inside = (0..INSIDE.len()).map(|turn| {
            let mut values = middle.clone();
            for at in &tried {
                values[*at] = axes[*at].between(INSIDE[(at + turn) % INSIDE.len()]);
            }
            values
        });
        corners.chain(inside).all(|values| {
            let mut hall = base.clone();
            let set = self.set(axes, &values, &mut hall);
            match model.load(&sets_of(axes, &values)) {
                Ok(read) => set && slots::same_numbers(&hall, &read),
                Err(_) => !set,
            }
        })
    }
}

/// The edits that give these values.
pub(in crate::study) fn sets_of(axes: &[Axis], values: &[Value]) -> Vec<String> {
    axes.iter()
        .zip(values)
        .map(|(axis, value)| axis.set(value))
        .collect()
}

fn way(axes: &[Axis], at: usize, middle: &[Value], model: &Model) -> Option<Way> {
    let axis = &axes[at];
    let (Value::Number(first), Value::Number(second)) = (axis.between(0.0), axis.between(1.0))
    else {
        return None;
    };
    if first == second {
        return Some(Way::Numbers(Numbers::default()));
    }
    let read = |value: f64| {
        let mut values = middle.to_vec();
        values[at] = Value::Number(value);
        model.load(&sets_of(axes, &values)).ok()
    };
    let (a, mut b) = (read(first)?, read(second)?);
    if let Some(numbers) = Numbers::between((&a, &b), &axis.unit, (first, second)) {
        return Some(Way::Numbers(numbers));
    }
    b.outdoor = a.outdoor;
    let air_alone = Slots::between(&a, &b, (0.0, 0.0)).is_some_and(|slots| slots.is_empty());
    (axis.path.starts_with("site.") && air_alone).then_some(Way::Air)
}

/// Scales and offsets to SI that a unit's spelling may mean; of several dimensions the right one is that whose value the
/// hall holds.
fn units(symbol: &str) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = Vec::new();
    let mut add = |scale, offset| {
        if !all.contains(&(scale, offset)) {
            all.push((scale, offset));
        }
    };
    if symbol.is_empty() {
        add(1.0, 0.0);
    }
    for dimension in Dimension::ALL {
        if let Ok(unit) = dimension.find_unit(symbol) {
            add(unit.scale, unit.offset);
        }
    }
    all
}
