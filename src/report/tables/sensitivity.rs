//! What the assumptions move: the hall solved again with other values.

use crate::hall::model::{Assumption, Grade};
use crate::report::table::{Align, Cell, Table, Tone};
use crate::report::text::{NONE, change, ratio};
use crate::result::SolveResult;

/// What came of solving again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Facility power, W.
    pub power_w: f64,
    /// Hottest GPU, °C.
    pub hottest_c: Option<f64>,
    /// Design or instantaneous PUE.
    pub pue: Option<f64>,
    /// Whether all limits hold.
    pub holds: bool,
}

impl Outcome {
    /// Of a result.
    pub fn of(result: &SolveResult) -> Self {
        Self {
            power_w: result.facility.power_w,
            hottest_c: result.gpus.temperature_max_c,
            pue: result.facility.pue,
            holds: result.holds(),
        }
    }

    /// Cells: change of power, change of the hottest GPU, and whether the limits hold.
    fn cells(this: &Result<Self, String>, base: &Self, unit: (&str, f64)) -> [Cell; 4] {
        match this {
            Ok(new) => {
                let kelvin = new.hottest_c.zip(base.hottest_c).map(|(a, b)| a - b);
                [
                    change((new.power_w - base.power_w) / unit.1, 3, unit.0).into(),
                    kelvin.map_or(NONE.to_owned(), |k| change(k, 2, "K")).into(),
                    ratio(new.pue, 3).into(),
                    if new.holds {
                        Cell::from("hold").tone(Tone::Good)
                    } else {
                        Cell::from("broken").tone(Tone::Broken)
                    },
                ]
            }
            Err(why) => [
                NONE.into(),
                NONE.into(),
                NONE.into(),
                Cell::from(why.as_str()).tone(Tone::Caution),
            ],
        }
    }
}

/// Unit of changes, and its size in W: megawatts for halls, kilowatts for racks.
fn unit(base: &Outcome) -> (&'static str, f64) {
    if base.power_w >= 1e6 {
        ("MW", 1e6)
    } else {
        ("kW", 1e3)
    }
}

/// The file's assumptions, those that move most first; one outcome for each alternative, in order.
pub fn assumptions(
    list: &[Assumption],
    outcomes: &[Vec<Result<Outcome, String>>],
    base: &Outcome,
) -> Table {
    let unit = unit(base);
    let mut table = Table::new(&[
        ("Assumption", Align::Left),
        ("Grade", Align::Left),
        ("Value", Align::Path),
        ("Instead", Align::Right),
        ("Facility power", Align::Right),
        ("Hottest GPU", Align::Right),
        ("PUE", Align::Right),
        ("Limits", Align::Left),
    ]);
    let moved = |k: usize| {
        let sizes = outcomes
            .get(k)
            .into_iter()
            .flatten()
            .filter_map(|o| o.as_ref().ok());
        sizes
            .map(|o| (o.power_w - base.power_w).abs())
            .fold(-1.0, f64::max)
    };
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|&a, &b| moved(b).total_cmp(&moved(a)).then(a.cmp(&b)));
    for k in order {
        let one = &list[k];
        let tried = outcomes.get(k).map_or(&[][..], Vec::as_slice);
        let head = [
            Cell::from(one.text.clone()),
            grade(one.confidence).into(),
            one.path.clone().unwrap_or_default().into(),
        ];
        if tried.is_empty() {
            let mut cells = head.to_vec();
            cells.extend([
                Cell::from("no alternative given").tone(Tone::Faint),
                NONE.into(),
                NONE.into(),
                NONE.into(),
                NONE.into(),
            ]);
            table.push(Tone::Plain, cells);
        }
        for (n, (outcome, value)) in tried.iter().zip(&one.alternatives).enumerate() {
            let mut cells = if n == 0 {
                head.to_vec()
            } else {
                vec![Cell::default(), Cell::default(), Cell::default()]
            };
            cells.push(value.clone().into());
            cells.extend(Outcome::cells(outcome, base, unit));
            table.push(Tone::Plain, cells);
        }
    }
    table.note("Each line is the hall solved again with that one value changed; the change is against this report's state.")
}

/// Letter of a grade.
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::D => "D",
    }
}

/// An ungraded number of a part, moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Part, or the hall file.
    pub part: String,
    /// Key within it.
    pub key: String,
    /// Value as written.
    pub value: String,
    /// Value tried instead; none where the number cannot be scaled (points of a curve).
    pub instead: Option<String>,
    /// Source as given.
    pub source: String,
    /// Outcome of the trial.
    pub outcome: Option<Result<Outcome, String>>,
}

/// The D-grade numbers by part, and what a tenth more of each moves.
pub fn numbers(list: &[Number], base: &Outcome) -> Table {
    let unit = unit(base);
    let mut table = Table::new(&[
        ("Part", Align::Path),
        ("Number", Align::Path),
        ("Value", Align::Right),
        ("Instead", Align::Right),
        ("Facility power", Align::Right),
        ("Hottest GPU", Align::Right),
        ("PUE", Align::Right),
        ("Limits", Align::Left),
        ("Why", Align::Left),
    ]);
    let mut before = "";
    for one in list {
        let part = if one.part == before {
            Cell::default()
        } else {
            one.part.clone().into()
        };
        before = &one.part;
        let mut cells = vec![part, one.key.clone().into(), one.value.clone().into()];
        match (&one.instead, &one.outcome) {
            (Some(value), Some(outcome)) => {
                cells.push(value.clone().into());
                cells.extend(Outcome::cells(outcome, base, unit));
            }
            _ => cells.extend([
                Cell::from("not varied").tone(Tone::Faint),
                NONE.into(),
                NONE.into(),
                NONE.into(),
                NONE.into(),
            ]),
        }
        cells.push(Cell::from(one.source.clone()).tone(Tone::Faint));
        table.push(Tone::Plain, cells);
    }
    table.note(
        "Grade D: engineering judgement without a source. Each is raised by a tenth (absolute temperatures by 1 K) in all places \
         that use it, one at a time.",
    )
}
