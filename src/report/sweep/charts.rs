//! Which figures a sweep has, and what is on them.

use super::collect::{Collector, Point};
use crate::plot::lines::Mark;
use crate::plot::{
    Caption, Figure, Limit, PlotError, Quantity, Spacing, Style, contour, family, lines, parallel,
};
use crate::report::figures::power_unit;
use crate::study::sweep::Axis;

/// Most outputs that are drawn.
const MOST_OUTPUTS: usize = 8;
/// Most results among parallel coordinates.
const MOST_RESULTS: usize = 3;
/// Most lines of a family.
const MOST_MEMBERS: usize = 9;
/// Outputs in the order in which they are drawn; others follow.
const FIRST: [&str; 8] = [
    "facility.power_w",
    "gpus.temperature_max_c",
    "summary.margin",
    "facility.cooling_power_w",
    "facility.pue",
    "facility.water_l_per_h",
    "gpus.margin_min_k",
    "gpus.lost_work_mean",
];
const MARGIN: &str = "summary.margin";
const POWER: &str = "facility.power_w";

pub(super) struct Chart {
    pub(super) name: String,
    data: Data,
}

enum Data {
    Lines(lines::Data),
    Family(family::Data),
    Contour(contour::Data),
    Parallel(parallel::Data),
}

impl Chart {
    pub(super) fn draw(&self, style: &Style) -> Result<Figure, PlotError> {
        match &self.data {
            Data::Lines(data) => lines::draw(data, style),
            Data::Family(data) => family::draw(data, style),
            Data::Contour(data) => contour::draw(data, style),
            Data::Parallel(data) => parallel::draw(data, style),
        }
    }
}

/// An output that is drawn: its place among the numbers, and how it is shown.
#[derive(Clone)]
struct Shown {
    path: String,
    index: usize,
    quantity: Quantity,
    /// Output's unit in one unit shown.
    scale: f64,
    limits: Vec<Limit>,
}

impl Shown {
    fn of(&self, point: &Point) -> Option<f64> {
        let number = *point.results.as_ref()?.get(self.index)?;
        number.is_finite().then_some(number / self.scale)
    }
}

/// The figures that suit the plan, or why there are none.
pub(super) fn charts(collected: &Collector<'_>) -> Result<Vec<Chart>, &'static str> {
    let axes: Vec<&Axis> = collected
        .wide
        .iter()
        .map(|at| &collected.plan.axes[*at])
        .collect();
    let outputs = outputs(collected);
    if outputs.is_empty() {
        return Err("no output changes from point to point");
    }
    let numbers: Vec<usize> = (0..axes.len()).filter(|at| !axes[*at].is_words()).collect();
    match (collected.is_grid(), axes.len(), numbers.as_slice()) {
        (true, 0, _) => Err("the plan has a single point"),
        (true, 1 | 2, []) => Err("words alone have no axis to draw along"),
        (true, 1, _) => Ok(outputs
            .iter()
            .map(|shown| along(collected, axes[0], shown))
            .collect()),
        (true, 2, [number]) => Ok(outputs
            .iter()
            .map(|shown| family(collected, &axes, *number, shown))
            .collect()),
        (true, 2, _) => {
            // The axis of more values lies flat.
            let flat = usize::from(axes[1].len() > axes[0].len());
            let both = outputs.iter().flat_map(|shown| {
                [
                    contour(collected, &axes, flat, shown),
                    family(collected, &axes, flat, shown),
                ]
            });
            Ok(both.collect())
        }
        _ => Ok(vec![parallel(collected, &axes, &outputs)]),
    }
}

/// The outputs that change from point to point, the usual ones first.
fn outputs(collected: &Collector<'_>) -> Vec<Shown> {
    let plan = collected.plan;
    let numbers = plan
        .outputs
        .iter()
        .enumerate()
        .filter(|(_, output)| !output.is_word);
    let mut all: Vec<Shown> = numbers
        .enumerate()
        .filter_map(|(index, (place, output))| {
            let values = || {
                let results = collected.points.iter().filter_map(|p| p.results.as_ref());
                results.map(|r| r[index]).filter(|value| value.is_finite())
            };
            let (low, high) = (
                values().fold(f64::INFINITY, f64::min),
                values().fold(f64::NEG_INFINITY, f64::max),
            );
            let largest = low.abs().max(high.abs());
            if high.is_nan() || high - low <= 1e-6 * largest {
                return None;
            }
            let (unit, scale) = shown_unit(&output.unit, largest);
            let limits = plan.limits.iter().filter(|limit| limit.output == place);
            Some(Shown {
                path: output.path.clone(),
                index,
                quantity: Quantity::new(label(&output.path), unit),
                scale,
                limits: limits
                    .map(|limit| Limit {
                        label: limit.label.clone(),
                        value: limit.value / scale,
                    })
                    // A limit far away would press the lines together.
                    .filter(|limit| {
                        let (low, high) = (low / scale, high / scale);
                        let room = 1.5 * (high - low);
                        limit.value > low - room && limit.value < high + room
                    })
                    .collect(),
            })
        })
        .collect();
    let rank = |shown: &Shown| {
        let found = FIRST.iter().position(|path| *path == shown.path);
        found.unwrap_or(FIRST.len())
    };
    all.sort_by_key(rank);
    all.truncate(MOST_OUTPUTS);
    all
}

fn shown_unit(unit: &str, largest: f64) -> (String, f64) {
    match unit {
        "W" => {
            let (unit, scale) = power_unit(largest);
            (unit.to_owned(), scale)
        }
        "Pa" if largest >= 1e3 => ("kPa".to_owned(), 1e3),
        "L/h" if largest >= 1e4 => ("m³/h".to_owned(), 1e3),
        "degC" => ("°C".to_owned(), 1.0),
        other => (other.to_owned(), 1.0),
    }
}

/// Words for a result's path.
fn label(path: &str) -> String {
    let known = [
        ("facility.power_w", "Facility power"),
        ("facility.it_power_w", "IT power"),
        ("facility.cooling_power_w", "Cooling power"),
        ("facility.electrical_loss_w", "Electrical loss"),
        ("facility.pue", "PUE at this point"),
        ("facility.water_l_per_h", "Make-up water"),
        ("gpus.temperature_max_c", "Hottest GPU"),
        ("gpus.memory_temperature_max_c", "Hottest GPU memory"),
        ("gpus.margin_min_k", "Least margin of a GPU"),
        ("gpus.lost_work_mean", "Work lost, mean"),
        (MARGIN, "Margin to the nearest limit, share of it"),
    ];
    if let Some((_, words)) = known.iter().find(|(known, _)| *known == path) {
        return (*words).to_owned();
    }
    const ENDS: [&str; 7] = ["_l_per_kwh", "_l_per_h", "_kg_s", "_pa", "_w", "_c", "_k"];
    let bare = ENDS
        .iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path);
    let bare = bare.strip_prefix("loops.").unwrap_or(bare);
    sentence(&bare.replace(['_', '.', '['], " ").replace(']', ""))
}

fn axis_quantity(axis: &Axis) -> Quantity {
    path_quantity(&axis.path, &axis.unit)
}

/// Words for a path of the hall file: what it is of, and the key.
pub(in crate::report) fn path_quantity(path: &str, unit: &str) -> Quantity {
    let steps: Vec<&str> = path.split('.').collect();
    let words = steps[steps.len().saturating_sub(2)..].join(" ");
    let unit = match unit {
        "degC" => "°C",
        "degF" => "°F",
        other => other,
    };
    Quantity::new(sentence(&words.replace(['_', '-'], " ")), unit)
}

/// Abbreviations that are names of things in hall files.
const ABBREVIATIONS: [(&str, &str); 7] = [
    ("cdu", "CDU"),
    ("gpu", "GPU"),
    ("gpus", "GPUs"),
    ("pue", "PUE"),
    ("ups", "UPS"),
    ("crah", "CRAH"),
    ("tcs", "TCS"),
];

fn sentence(words: &str) -> String {
    let mut all: Vec<String> = words
        .split_whitespace()
        .map(|word| {
            let known = ABBREVIATIONS.iter().find(|(known, _)| *known == word);
            known.map_or(word, |(_, written)| written).to_owned()
        })
        .collect();
    if let Some(first) = all.first_mut()
        && let Some(letter) = first.chars().next()
    {
        let rest = first[letter.len_utf8()..].to_owned();
        *first = format!("{}{rest}", letter.to_uppercase());
    }
    all.join(" ")
}

fn spacing(axis: &Axis) -> Spacing {
    if axis.is_logarithmic() {
        Spacing::Logarithmic
    } else {
        Spacing::Linear
    }
}

fn caption(collected: &Collector<'_>, title: String) -> Caption {
    let plan = collected.plan;
    let words = [plan.hall.as_str(), &plan.state, &plan.scenario];
    let subtitle: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let unsolved = collected
        .points
        .iter()
        .filter(|p| p.results.is_none())
        .count();
    let mut footnote = format!(
        "{} of {} points are drawn.",
        collected.points.len(),
        plan.points
    );
    if unsolved > 0 {
        footnote.push_str(&format!(" {unsolved} of them have no solution."));
    }
    Caption {
        title,
        subtitle: subtitle.join(" · "),
        footnote,
    }
}

/// Name of a file from a path.
fn file(path: &str, what: &str) -> String {
    let plain: String = path
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("{}-{what}", plain.trim_matches('-'))
}

/// The least margin at a point, where it is known.
fn margin(collected: &Collector<'_>, point: &Point) -> Option<f64> {
    let numbers = collected.plan.outputs.iter().filter(|one| !one.is_word);
    let index = numbers.into_iter().position(|one| one.path == MARGIN)?;
    let margin = *point.results.as_ref()?.get(index)?;
    margin.is_finite().then_some(margin)
}

/// The feasible point of least power, or of the least first output where power was not kept.
fn best<'c>(collected: &'c Collector<'_>, outputs: &Shown) -> Option<(&'c Point, &'static str)> {
    let numbers = || collected.plan.outputs.iter().filter(|one| !one.is_word);
    let power = numbers().position(|one| one.path == POWER);
    let (index, words) = match power {
        Some(index) => (index, "Least power"),
        None => (outputs.index, "Least"),
    };
    let feasible = collected
        .points
        .iter()
        .filter(|point| margin(collected, point).is_none_or(|margin| margin >= 0.0));
    let value = |point: &Point| Some(point.results.as_ref()?[index]).filter(|v| v.is_finite());
    feasible
        .filter_map(|point| Some((value(point)?, point)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, point)| (point, words))
}

fn along(collected: &Collector<'_>, axis: &Axis, shown: &Shown) -> Chart {
    let mut points: Vec<&Point> = collected.points.iter().collect();
    points.sort_by(|a, b| a.at[0].total_cmp(&b.at[0]));
    let x = axis_quantity(axis);
    let title = format!("{} against {}", shown.quantity.label, lower(&x.label));
    let broken: Vec<(f64, bool)> = points
        .iter()
        .map(|point| {
            let margin = margin(collected, point);
            (point.at[0], margin.is_some_and(|margin| margin < 0.0))
        })
        .collect();
    let marks = best(collected, shown)
        .filter(|_| shown.path == POWER)
        .and_then(|(point, words)| {
            Some(Mark {
                label: words.to_owned(),
                x: point.at[0],
                y: shown.of(point)?,
            })
        });
    Chart {
        name: file(&shown.path, "lines"),
        data: Data::Lines(lines::Data {
            caption: caption(collected, title),
            x,
            y: shown.quantity.clone(),
            spacing: spacing(axis),
            series: vec![lines::Series {
                name: shown.quantity.label.clone(),
                points: points.iter().map(|p| (p.at[0], shown.of(p))).collect(),
            }],
            limits: shown.limits.clone(),
            marks: marks.into_iter().collect(),
            infeasible: ranges(&broken),
            ..lines::Data::default()
        }),
    }
}

/// Ranges in which a limit is broken, from halfway to the neighbours that hold.
pub(in crate::report) fn ranges(broken: &[(f64, bool)]) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    let mut start = None;
    for (index, &(x, is_broken)) in broken.iter().enumerate() {
        let before = index.checked_sub(1).map_or(x, |i| 0.5 * (broken[i].0 + x));
        if is_broken && start.is_none() {
            start = Some(before);
        }
        if !is_broken && let Some(from) = start.take() {
            all.push((from, before));
        }
    }
    if let (Some(from), Some((last, _))) = (start, broken.last()) {
        all.push((from, *last));
    }
    all
}

pub(in crate::report) fn lower(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            format!("{}{}", first.to_lowercase(), &label[first.len_utf8()..])
        }
        _ => label.to_owned(),
    }
}

/// Values along an axis of a grid, ascending, each once.
fn values(collected: &Collector<'_>, axis: usize) -> Vec<f64> {
    let mut all: Vec<f64> = collected.points.iter().map(|p| p.at[axis]).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

fn family(collected: &Collector<'_>, axes: &[&Axis], flat: usize, shown: &Shown) -> Chart {
    let other = 1 - flat;
    let (x, by) = (axis_quantity(axes[flat]), axis_quantity(axes[other]));
    let all = values(collected, other);
    let every = (all.len() - 1).div_ceil(MOST_MEMBERS - 1).max(1);
    let kept = all
        .iter()
        .enumerate()
        .filter(|(index, _)| index % every == 0 || index + 1 == all.len());
    let members = kept
        .map(|(_, value)| {
            let mut points: Vec<(f64, Option<f64>)> = collected
                .points
                .iter()
                .filter(|point| point.at[other] == *value)
                .map(|point| (point.at[flat], shown.of(point)))
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            family::Member {
                value: axes[other]
                    .words()
                    .get(*value as usize)
                    .cloned()
                    .unwrap_or_else(|| value.to_string()),
                points,
            }
        })
        .collect();
    let title = format!(
        "{} against {} and {}",
        shown.quantity.label,
        lower(&x.label),
        lower(&by.label)
    );
    Chart {
        name: file(&shown.path, "family"),
        data: Data::Family(family::Data {
            caption: caption(collected, title),
            x,
            y: shown.quantity.clone(),
            by,
            members,
            limits: shown.limits.clone(),
            marks: Vec::new(),
        }),
    }
}

fn contour(collected: &Collector<'_>, axes: &[&Axis], flat: usize, shown: &Shown) -> Chart {
    let up = 1 - flat;
    let (xs, ys) = (values(collected, flat), values(collected, up));
    let mut grid = vec![None; xs.len() * ys.len()];
    let mut margins = vec![0.0; grid.len()];
    let place = |all: &[f64], value: f64| all.binary_search_by(|one| one.total_cmp(&value)).ok();
    let mut known = false;
    for point in &collected.points {
        if let (Some(x), Some(y)) = (place(&xs, point.at[flat]), place(&ys, point.at[up])) {
            grid[y * xs.len() + x] = shown.of(point);
            if let Some(margin) = margin(collected, point) {
                margins[y * xs.len() + x] = margin;
                known = true;
            }
        }
    }
    let (x, y) = (axis_quantity(axes[flat]), axis_quantity(axes[up]));
    let title = format!(
        "{} over {} and {}",
        shown.quantity.label,
        lower(&x.label),
        lower(&y.label)
    );
    let optimum = best(collected, shown).map(|(point, words)| Mark {
        label: words.to_owned(),
        x: point.at[flat],
        y: point.at[up],
    });
    Chart {
        name: file(&shown.path, "contour"),
        data: Data::Contour(contour::Data {
            caption: caption(collected, title),
            x,
            y,
            z: shown.quantity.clone(),
            xs,
            ys,
            values: grid,
            margins: if known { margins } else { Vec::new() },
            optimum,
            hatched: String::new(),
        }),
    }
}

fn parallel(collected: &Collector<'_>, axes: &[&Axis], outputs: &[Shown]) -> Chart {
    let results: Vec<&Shown> = outputs.iter().take(MOST_RESULTS).collect();
    let mut all: Vec<parallel::Axis> = axes
        .iter()
        .map(|axis| parallel::Axis {
            quantity: axis_quantity(axis),
            spacing: spacing(axis),
            words: axis.words().to_vec(),
        })
        .collect();
    let colour = all.len();
    all.extend(results.iter().map(|shown| parallel::Axis {
        quantity: shown.quantity.clone(),
        ..parallel::Axis::default()
    }));
    let lines = collected
        .points
        .iter()
        .map(|point| parallel::Line {
            values: point
                .at
                .iter()
                .map(|value| Some(*value))
                .chain(results.iter().map(|shown| shown.of(point)))
                .collect(),
            broken: margin(collected, point).is_some_and(|margin| margin < 0.0),
        })
        .collect();
    let title = format!("{} varied together, and what came of it", count(axes.len()));
    Chart {
        name: "parallel".to_owned(),
        data: Data::Parallel(parallel::Data {
            caption: caption(collected, title),
            axes: all,
            lines,
            colour,
        }),
    }
}

fn count(axes: usize) -> String {
    match axes {
        1 => "One value".to_owned(),
        2 => "Two values".to_owned(),
        3 => "Three values".to_owned(),
        4 => "Four values".to_owned(),
        more => format!("{more} values"),
    }
}
