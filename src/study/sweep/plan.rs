//! The plan: which points there are, in what order, where each solve starts, and which process solves which.
//!
//! Everything follows from the command line and the hall file alone. Points are numbered as a grid is written, the last
//! axis fastest, or as the Sobol sequence gives them. Consecutive points form *blocks*. All points of a block start
//! from the solution at the block's *anchor* (its middle point; the middle of all axes for a sample), which is itself
//! solved from the solution in the middle of all axes, and that from the network's own first guess. So no result depends on threads, shards or restarts. Blocks form
//! *segments*: a segment is finished before the next begins, so that a run needs to remember one segment at most.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use serde_json::json;

use super::axis::{Axis, Value};
use super::output::Output;

/// Most points of a block: each block solves its anchor once more.
const LARGEST_BLOCK: u64 = 64;
/// Fewest.
const SMALLEST_BLOCK: u64 = 4;
/// Blocks of a small plan, so that all cores have work.
const WANTED_BLOCKS: u64 = 64;
/// Blocks of a segment.
const SEGMENT: u64 = 256;
/// Points that need a word of consent.
pub const MANY_POINTS: u64 = 10_000_000;
/// Longest Sobol sequence.
pub const MOST_SAMPLES: u32 = 1 << 16;
/// Most axes of a sample.
pub const MOST_AXES: usize = 256;

/// Tells plans apart: FNV-1a, 128 bits, over all that results depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub u128);

impl Default for Digest {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Digest {
    /// Takes in bytes.
    pub fn eat(&mut self, bytes: &[u8]) {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
}

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.eat(text.as_bytes());
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A part of a plan: number `part` of `of`, from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shard {
    /// Which.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// The whole plan.
    pub const WHOLE: Self = Self { part: 1, of: 1 };

    /// Reads `K/N`.
    ///
    /// # Errors
    /// Words for what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        const ALLOWED: &str = "write K/N with K from 1 to N, as in 3/16";
        let Some((part, of)) = text.split_once('/') else {
            return Err(format!("`{text}` has no `/`; {ALLOWED}"));
        };
        let number = |text: &str| {
            text.trim()
                .parse::<u32>()
                .map_err(|_| format!("`{text}` is no whole number; {ALLOWED}"))
        };
        let (part, of) = (number(part)?, number(of)?);
        if of == 0 {
            return Err(format!("a plan cannot be cut into 0 parts; {ALLOWED}"));
        }
        if part == 0 || part > of {
            return Err(format!("there is no part {part} of {of}; {ALLOWED}"));
        }
        Ok(Self { part, of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// A limit on an output.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputLimit {
    /// Index of the output.
    pub output: usize,
    /// What is limited.
    pub label: String,
    /// Limit, in the output's unit.
    pub value: f64,
}

/// A sweep, laid out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name of the hall.
    pub hall: String,
    /// State solved, unless an axis varies it.
    pub state: String,
    /// Words for the outdoor condition.
    pub scenario: String,
    /// Varied values.
    pub axes: Vec<Axis>,
    /// Points of a Sobol sequence, in place of a grid.
    pub sample: Option<u32>,
    /// Results kept of each point.
    pub outputs: Vec<Output>,
    /// Limits on outputs, to be drawn.
    pub limits: Vec<OutputLimit>,
    /// Points.
    pub points: u64,
    /// Tells the plan from others.
    pub digest: Digest,
}

impl Plan {
    /// Points of a block.
    pub fn block(&self) -> u64 {
        self.points
            .div_ceil(WANTED_BLOCKS)
            .clamp(SMALLEST_BLOCK, LARGEST_BLOCK)
    }

    /// Blocks.
    pub fn blocks(&self) -> u64 {
        self.points.div_ceil(self.block())
    }

    /// Blocks of a part.
    pub fn blocks_of(&self, shard: Shard) -> Range<u64> {
        let cut = |part: u32| {
            let share = u128::from(self.blocks()) * u128::from(part) / u128::from(shard.of);
            share as u64
        };
        cut(shard.part - 1)..cut(shard.part)
    }

    /// Points of a block.
    pub fn points_of(&self, block: u64) -> Range<u64> {
        let first = block * self.block();
        first..(first + self.block()).min(self.points)
    }

    /// Points of a part.
    pub fn points_in(&self, shard: Shard) -> Range<u64> {
        let blocks = self.blocks_of(shard);
        let place = |block: u64| (block * self.block()).min(self.points);
        place(blocks.start)..place(blocks.end)
    }

    /// Segments of a part, as ranges of blocks.
    pub fn segments(&self, shard: Shard) -> impl Iterator<Item = Range<u64>> + use<> {
        let blocks = self.blocks_of(shard);
        let end = blocks.end;
        blocks
            .step_by(SEGMENT as usize)
            .map(move |first| first..(first + SEGMENT).min(end))
    }

    /// Values of a point, one for each axis.
    pub fn values(&self, point: u64) -> Vec<Value> {
        if self.sample.is_some() {
            let at = |(index, axis): (usize, &Axis)| axis.between(share(point as u32, index));
            return self.axes.iter().enumerate().map(at).collect();
        }
        let mut rest = point;
        let mut values: Vec<Value> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let value = axis.at(rest % axis.len());
                rest /= axis.len();
                value
            })
            .collect();
        values.reverse();
        values
    }

    /// Values in the middle of all axes, from which anchors are solved.
    pub fn middle(&self) -> Vec<Value> {
        self.axes.iter().map(Axis::middle).collect()
    }

    /// Values at the anchor of a block.
    pub fn anchor(&self, block: u64) -> Vec<Value> {
        if self.sample.is_some() {
            return self.middle();
        }
        let points = self.points_of(block);
        self.values(points.start + (points.end - points.start) / 2)
    }

    /// The plan for readers and other programs; enough to put its parts together without the hall file.
    pub fn json(&self) -> serde_json::Value {
        let axes: Vec<_> = self
            .axes
            .iter()
            .map(|axis| {
                json!({
                    "path": axis.path,
                    "unit": axis.unit,
                    "vary": axis.to_string(),
                    "own_value": axis.base.map(|base| base.to_string()),
                })
            })
            .collect();
        let outputs: Vec<_> = self
            .outputs
            .iter()
            .map(|output| json!({ "path": output.path, "unit": output.unit, "word": output.is_word }))
            .collect();
        let limits: Vec<_> = self
            .limits
            .iter()
            .map(|limit| {
                json!({
                    "output": self.outputs[limit.output].path,
                    "what": limit.label,
                    "value": limit.value,
                })
            })
            .collect();
        json!({
            "schema_version": 1,
            "hall": self.hall,
            "state": self.state,
            "scenario": self.scenario,
            "vary": axes,
            "sample": self.sample.map(|count| format!("sobol:{count}")),
            "outputs": outputs,
            "limits": limits,
            "points": self.points,
            "points_per_block": self.block(),
            "digest": self.digest.to_string(),
        })
    }

    /// The plan that [`Plan::json`] wrote; `None` where it is none.
    pub fn from_json(json: &serde_json::Value) -> Option<Self> {
        let text = |value: &serde_json::Value, key: &str| -> Option<String> {
            Some(value.get(key)?.as_str()?.to_owned())
        };
        let sample = match text(json, "sample") {
            Some(sample) => Some(sample.strip_prefix("sobol:")?.parse().ok()?),
            None => None,
        };
        let mut axes = Vec::new();
        for one in json.get("vary")?.as_array()? {
            let mut axis = Axis::parse(&text(one, "vary")?, sample.is_some()).ok()?;
            axis.unit = text(one, "unit")?;
            if axis.base.is_some() {
                axis.base = Some(text(one, "own_value")?.parse().ok()?);
            }
            axes.push(axis);
        }
        let mut outputs = Vec::new();
        for one in json.get("outputs")?.as_array()? {
            let word = one.get("word")?.as_bool()?;
            outputs.push(Output::named(text(one, "path")?, text(one, "unit")?, word));
        }
        let mut limits = Vec::new();
        for one in json.get("limits")?.as_array()? {
            let path = text(one, "output")?;
            limits.push(OutputLimit {
                output: outputs.iter().position(|output| output.path == path)?,
                label: text(one, "what")?,
                value: one.get("value")?.as_f64()?,
            });
        }
        let points = match sample {
            Some(count) => u64::from(count),
            None => grid(&axes)?,
        };
        (json.get("points")?.as_u64()? == points && points > 0).then_some(())?;
        Some(Self {
            hall: text(json, "hall")?,
            state: text(json, "state")?,
            scenario: text(json, "scenario")?,
            axes,
            sample,
            outputs,
            limits,
            points,
            digest: Digest(u128::from_str_radix(&text(json, "digest")?, 16).ok()?),
        })
    }
}

/// A number of the Sobol sequence, 0 to 1, in the middle of its cell of the last bit.
fn share(sample: u32, axis: usize) -> f64 {
    f64::from(sobol_burley::sample(sample, axis as u32, 0)) + 0.5 / f64::from(1 << 24)
}

/// Points of a grid; `None` where there are more than can be counted.
pub fn grid(axes: &[Axis]) -> Option<u64> {
    axes.iter()
        .try_fold(1_u64, |points, axis| points.checked_mul(axis.len()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Digest, Plan, Shard, grid};
    use crate::study::sweep::axis::{Axis, Value};
    use proptest::prelude::proptest;

    pub(crate) fn plan(axes: &[&str], sample: Option<u32>) -> Plan {
        let axes: Vec<Axis> = axes
            .iter()
            .map(|text| Axis::parse(text, sample.is_some()).unwrap())
            .collect();
        Plan {
            hall: String::new(),
            state: String::new(),
            scenario: String::new(),
            points: sample.map_or_else(|| grid(&axes).unwrap(), u64::from),
            axes,
            sample,
            outputs: Vec::new(),
            limits: Vec::new(),
            digest: Digest::default(),
        }
    }

    #[test]
    fn the_last_axis_is_the_fastest() {
        let plan = plan(&["a=1..2:2", "b=u,v,w"], None);
        let written: Vec<String> = (0..plan.points)
            .map(|point| {
                plan.values(point)
                    .iter()
                    .zip(&plan.axes)
                    .map(|(value, axis)| axis.written(value))
                    .collect()
            })
            .collect();
        assert_eq!(written, ["1u", "1v", "1w", "2u", "2v", "2w"]);
    }

    #[test]
    fn a_sample_fills_every_stratum() {
        let plan = plan(&["a=0..1", "b=0..1", "c=0..1"], Some(64));
        for axis in 0..3 {
            let mut cells = [0; 64];
            for point in 0..64 {
                let Value::Number(at) = plan.values(point)[axis] else {
                    panic!()
                };
                cells[(at * 64.0) as usize] += 1;
            }
            assert_eq!(cells, [1; 64], "each of 64 intervals has one point");
        }
    }

    proptest! {
        #[test]
        fn shards_cover_every_point_once(points in 1..200_000u64, of in 1..300u32) {
            let mut plan = plan(&["a=1..2:2"], None);
            plan.points = points;
            let mut next = 0;
            for part in 1..=of {
                let shard = Shard { part, of };
                let range = plan.points_in(shard);
                assert_eq!(range.start, next);
                next = range.end;
                let mut at = range.start;
                for segment in plan.segments(shard) {
                    for block in segment {
                        let inside = plan.points_of(block);
                        assert_eq!(inside.start, at);
                        at = inside.end;
                    }
                }
                assert_eq!(at, range.end);
            }
            assert_eq!(next, points);
        }
    }

    #[test]
    fn shards_are_read() {
        assert_eq!(Shard::parse("3/16"), Ok(Shard { part: 3, of: 16 }));
        for (text, part) in [
            ("0/0", "0 parts"),
            ("0/4", "no part 0 of 4"),
            ("5/4", "no part 5 of 4"),
            ("3", "no `/`"),
            ("a/4", "no whole number"),
            ("-1/4", "no whole number"),
        ] {
            let error = Shard::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
