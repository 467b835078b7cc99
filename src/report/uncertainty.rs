//! The page of an uncertainty: distributions of results, and what moves them.

use std::path::Path;

use super::ReportError;
use super::study::{Drawn, Page, Section, WrittenStudy, write as write_page};
use super::table::{Align, Cell, Table, Tone};
use super::text::{NONE, Text, count, fixed, ratio, scientific, significant};
use crate::plot::{Caption, Quantity, Style, histogram, tornado};
use crate::study::uncertainty::effects::Effect;
use crate::study::uncertainty::sobol::{Index, Pair};
use crate::study::uncertainty::{Output, Spread, Swing, Uncertainty};
use crate::units::{Dimension, UnitSystem};

/// Inputs in a tornado.
const BARS: usize = 20;

/// Writes the page into a folder and makes it current.
///
/// # Errors
/// [`ReportError`]; a page that was there before is then whole.
pub fn write(
    found: &Uncertainty,
    out: &Path,
    units: UnitSystem,
) -> Result<WrittenStudy, ReportError> {
    let text = Text { system: units };
    let style = Style::default();
    let drawn = |id, title, caption, figure| Drawn {
        id,
        title,
        caption,
        figure,
    };
    let moves = "Each input moved alone from its present value to both ends of its range; the upright marks are where the \
                 exact slope at the present value would lead. A mark beside a bar's end is an input that does not act in \
                 proportion.";
    let percent = "By exact derivatives, to all numbers of devices, equipment and loops, with a range or without.";
    let spread = "Number of sampled points in each bin.";
    let figures = vec![
        drawn(
            "power",
            "Facility power",
            spread,
            histogram::draw(&distribution(found, Output::Power, text), &style),
        ),
        drawn(
            "power-tornado",
            "What moves facility power",
            moves,
            tornado::draw(&tornado(found, Output::Power, text), &style),
        ),
        drawn(
            "gpu",
            "Hottest GPU",
            spread,
            histogram::draw(&distribution(found, Output::HottestGpu, text), &style),
        ),
        drawn(
            "gpu-tornado",
            "What moves the hottest GPU",
            moves,
            tornado::draw(&tornado(found, Output::HottestGpu, text), &style),
        ),
    ];
    let percents = vec![
        drawn(
            "power-percent",
            "What 1 % of each number moves facility power",
            percent,
            tornado::draw(&percent_tornado(found, Output::Power, text), &style),
        ),
        drawn(
            "gpu-percent",
            "What 1 % of each number moves the hottest GPU",
            percent,
            tornado::draw(&percent_tornado(found, Output::HottestGpu, text), &style),
        ),
    ];
    let mut sections = Vec::new();
    let power = &found.spreads[0];
    let of = |number: Option<f64>| shown(Output::Power, number, text);
    let page = Page {
        title: format!("{}: uncertainty", found.name),
        case: format!("State {} · {}", found.state, found.scenario),
        tone: if found.solved == found.samples as usize && found.holding == found.solved {
            Tone::Good
        } else {
            Tone::Caution
        },
        verdict: format!(
            "Facility power lies between {} and {} in nine cases of ten, with a median of {}. Every limit holds in {} of {} \
             points with a solution, of {} sampled.",
            of(power.p5),
            of(power.p95),
            of(power.p50),
            count(found.holding as f64),
            count(found.solved as f64),
            count(f64::from(found.samples)),
        ),
        sections: {
            sections.push(Section {
                title: "Results",
                figures,
                text: found
                    .unsolved
                    .iter()
                    .map(|(reason, number)| format!("{number} points without a solution: {reason}"))
                    .collect(),
                table: Some(results(found, text)),
            });
            sections.push(Section {
                title: "Inputs",
                figures: Vec::new(),
                text: Vec::new(),
                table: Some(inputs(found, text)),
            });
            if let Some(sample) = found.index_sample {
                sections.push(Section {
                    title: "Sobol' indices",
                    figures: Vec::new(),
                    text: vec![format!(
                        "{} rows of {} inputs: {} points, {} of them without a solution.",
                        count(f64::from(sample.rows)),
                        count(sample.inputs as f64),
                        count(sample.points as f64),
                        count(sample.unsolved as f64)
                    )],
                    table: Some(indices(found)),
                });
            }
            if !found.effects.is_empty() {
                sections.push(Section {
                    title: "All numbers",
                    figures: percents,
                    text: edges(found),
                    table: Some(effects(found, text)),
                });
            }
            sections
        },
        foot: "Inputs are taken as independent and uniform over their ranges; what a grade is worth in percent is an assumption.",
        json: "uncertainty.json",
    };
    write_page(&page, found, out)
}

fn place(output: Output) -> usize {
    Output::ALL
        .iter()
        .position(|one| *one == output)
        .unwrap_or(0)
}

fn shown(output: Output, number: Option<f64>, text: Text) -> String {
    let Some(number) = number else {
        return NONE.to_owned();
    };
    match output {
        Output::Power | Output::ItPower => text.power(number),
        Output::Pue => fixed(number, 4),
        Output::HottestGpu => text.temperature(number),
        Output::Slowed => count(number),
    }
}

/// Unit of a result in a chart, and what brings it there.
fn unit(output: Output, base: f64, text: Text) -> (&'static str, Box<dyn Fn(f64) -> f64>) {
    match output {
        Output::Power | Output::ItPower => {
            let (unit, size) = [("MW", 1e6), ("kW", 1e3)]
                .into_iter()
                .find(|(_, size)| base >= *size)
                .unwrap_or(("W", 1.0));
            (unit, Box::new(move |watts| watts / size))
        }
        Output::HottestGpu => (
            text.degree(),
            Box::new(move |celsius| text.degrees(celsius)),
        ),
        Output::Pue | Output::Slowed => ("", Box::new(|number| number)),
    }
}

fn caption(found: &Uncertainty, title: String, footnote: String) -> Caption {
    Caption {
        title,
        subtitle: format!("{} · {} · {}", found.name, found.state, found.scenario),
        footnote,
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn distribution(found: &Uncertainty, output: Output, text: Text) -> histogram::Data {
    let spread = &found.spreads[place(output)];
    let (unit, scale) = unit(output, spread.p50.unwrap_or(0.0), text);
    let of = |number: Option<f64>| shown(output, number, text);
    histogram::Data {
        caption: caption(
            found,
            format!("{} as uncertain as its inputs", capital(output.words())),
            format!(
                "P5 {}, P50 {}, P95 {}; as it stands {}. {} points.",
                of(spread.p5),
                of(spread.p50),
                of(spread.p95),
                of(spread.base),
                count(spread.values.len() as f64)
            ),
        ),
        quantity: Quantity::new(capital(output.words()), unit),
        counted: "points".to_owned(),
        distributions: vec![histogram::Distribution {
            name: capital(output.words()),
            values: spread.values.iter().map(|value| scale(*value)).collect(),
            ..histogram::Distribution::default()
        }],
        ..histogram::Data::default()
    }
}

fn tornado(found: &Uncertainty, output: Output, text: Text) -> tornado::Data {
    let at = place(output);
    let base: Vec<Option<f64>> = found.spreads.iter().map(|spread| spread.base).collect();
    let present = base[at].unwrap_or(0.0);
    let (unit, scale) = unit(output, present, text);
    let reach = |swing: &Swing| {
        let ends = [swing.low[at], swing.high[at], base[at]];
        let known = ends.iter().flatten();
        let high = known.clone().copied().fold(f64::NEG_INFINITY, f64::max);
        high - known.copied().fold(f64::INFINITY, f64::min)
    };
    let mut swings: Vec<&Swing> = found
        .swings
        .iter()
        .filter(|swing| swing.low[at].is_some() && swing.high[at].is_some())
        .collect();
    swings.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
    let inputs = swings
        .into_iter()
        .take(BARS)
        .map(|swing| {
            let end = |value: f64| short(value, &swing.input.unit);
            tornado::Input {
                label: swing.input.name.clone(),
                low_label: end(swing.input.low),
                high_label: end(swing.input.high),
                low: scale(swing.low[at].unwrap_or(present)),
                high: scale(swing.high[at].unwrap_or(present)),
                straight: swing.slopes[at].map(|slope| {
                    [swing.input.low, swing.input.high]
                        .map(|end| scale(present + slope * (end - swing.input.base)))
                }),
            }
        })
        .collect();
    tornado::Data {
        caption: caption(
            found,
            format!("What moves {}", output.named()),
            "Each input alone, others as they stand. Ranges by grade of the number, by the alternatives of an assumption, or given."
                .to_owned(),
        ),
        quantity: Quantity::new(capital(output.words()), unit),
        base: scale(present),
        inputs,
        ..tornado::Data::default()
    }
}

/// What a number changes of a result.
fn change_of(effect: &Effect, output: Output) -> Option<f64> {
    match output {
        Output::Power => effect.change.power,
        Output::ItPower => effect.change.it_power,
        Output::Pue => effect.change.pue,
        Output::HottestGpu => effect.change.hottest_gpu,
        Output::Slowed => None,
    }
}

fn percent_tornado(found: &Uncertainty, output: Output, text: Text) -> tornado::Data {
    let present = found.spreads[place(output)].base.unwrap_or(0.0);
    let (unit, scale) = unit(output, present, text);
    let mut effects: Vec<(&Effect, f64)> = found
        .effects
        .iter()
        .filter_map(|effect| Some((effect, change_of(effect, output)?)))
        .collect();
    effects.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let inputs = effects
        .into_iter()
        .take(BARS)
        .map(|(effect, change)| tornado::Input {
            label: effect.name.clone(),
            low_label: format!("−{}", effect.step),
            high_label: format!("+{}", effect.step),
            low: scale(present - change),
            high: scale(present + change),
            straight: None,
        })
        .collect();
    tornado::Data {
        caption: caption(
            found,
            format!("What 1 % of each number moves {}", output.named()),
            "Exact derivatives at the present state; of absolute temperatures the effect of 1 K. Each number alone.".to_owned(),
        ),
        quantity: Quantity::new(capital(output.words()), unit),
        base: scale(present),
        inputs,
        ends: ["1 % less, or 1 K less".to_owned(), "1 % more, or 1 K more".to_owned()],
    }
}

fn edges(found: &Uncertainty) -> Vec<String> {
    if found.edges.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "At the very point at which they switch, so that derivatives hold on one side only: {}.",
        found.edges.join(", ")
    )]
}

fn effects(found: &Uncertainty, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Number", Align::Left),
        ("Value", Align::Right),
        ("Moved by", Align::Right),
        ("Facility power", Align::Right),
        ("IT power", Align::Right),
        ("Pumps", Align::Right),
        ("PUE", Align::Right),
        ("Hottest GPU", Align::Right),
    ]);
    for effect in &found.effects {
        let change = &effect.change;
        let power =
            |watts: Option<f64>| watts.map_or(NONE.to_owned(), |w| signed(text.power(w), w));
        let mark = if effect.kink { " *" } else { "" };
        table.row(
            Tone::Plain,
            [
                format!("{}{mark}", effect.name).into(),
                text.quantity(effect.dimension, effect.value).into(),
                format!("+{}", effect.step).into(),
                power(change.power).into(),
                power(change.it_power).into(),
                power(change.pump_power).into(),
                change
                    .pue
                    .map_or(NONE.to_owned(), |pue| signed(scientific(pue), pue))
                    .into(),
                change
                    .hottest_gpu
                    .map_or(NONE.to_owned(), |kelvin| {
                        signed(
                            text.quantity(Dimension::TemperatureDifference, kelvin),
                            kelvin,
                        )
                    })
                    .into(),
            ],
        );
    }
    table.note(
        "First-order change with 1 % of the number, of an absolute temperature with 1 K, by the adjoint of the solved \
         equations; devices stay as they are switched. * A smaller value does not move it alike: the change is that of a \
         greater one.",
    )
}

fn signed(text: String, value: f64) -> String {
    if value > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

fn indices(found: &Uncertainty) -> Table {
    let mut table = Table::new(&[
        ("Input", Align::Left),
        ("Facility power, first order", Align::Right),
        ("Total", Align::Right),
        ("Hottest GPU, first order", Align::Right),
        ("Total", Align::Right),
    ]);
    let (power, gpu) = (place(Output::Power), place(Output::HottestGpu));
    let mut sampled: Vec<&Swing> = found.swings.iter().filter(|swing| swing.sampled).collect();
    let total = |swing: &Swing| swing.indices[power].map_or(0.0, |pair| pair.total.value);
    sampled.sort_by(|a, b| total(b).total_cmp(&total(a)));
    for swing in sampled {
        let of = |output: usize, which: fn(&Pair) -> Index| {
            swing.indices[output]
                .as_ref()
                .map(which)
                .map_or(NONE.to_owned(), |index| {
                    format!(
                        "{} ({} to {})",
                        fixed(index.value, 3),
                        fixed(index.low, 3),
                        fixed(index.high, 3)
                    )
                })
        };
        table.row(
            Tone::Plain,
            [
                swing.input.name.clone().into(),
                of(power, |pair| pair.first).into(),
                of(power, |pair| pair.total).into(),
                of(gpu, |pair| pair.first).into(),
                of(gpu, |pair| pair.total).into(),
            ],
        );
    }
    table.note(
        "First order: share of the variance that the input explains alone; total: with all others. In brackets the interval of \
         95 % of resamples.",
    )
}

fn short(value: f64, unit: &str) -> String {
    let text = significant(value, 4);
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    let unit = unit
        .replace("deg", "°")
        .replace("m3", "m³")
        .replace("m2", "m²");
    super::text::join(text, &unit)
}

/// How far a result is moved from its present value, with its sign.
fn change(output: Output, value: Option<f64>, base: Option<f64>, text: Text) -> String {
    let Some((value, base)) = value.zip(base) else {
        return NONE.to_owned();
    };
    let moved = value - base;
    // What is below this share of the result is no change.
    let least = match output {
        Output::HottestGpu => 0.005,
        _ => 1e-5 * base.abs(),
    };
    if moved.abs() < least {
        return "0".to_owned();
    }
    let words = match output {
        Output::Power | Output::ItPower => text.power(moved),
        Output::HottestGpu => format!("{}\u{a0}K", fixed(moved, 2)),
        Output::Pue | Output::Slowed => fixed(moved, 4),
    };
    signed(words, moved)
}

fn results(found: &Uncertainty, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Result", Align::Left),
        ("As it stands", Align::Right),
        ("P5", Align::Right),
        ("P50", Align::Right),
        ("P95", Align::Right),
        ("Standard deviation", Align::Right),
        ("R²", Align::Right),
    ]);
    let row = |spread: &Spread| -> [Cell; 7] {
        let of = |number: Option<f64>| Cell::from(shown(spread.output, number, text));
        let deviation = match spread.output {
            Output::HottestGpu => spread.deviation.map_or(NONE.to_owned(), |k| {
                text.quantity(Dimension::TemperatureDifference, k)
            }),
            output => shown(output, spread.deviation, text),
        };
        [
            capital(spread.output.words()).into(),
            of(spread.base),
            of(spread.p5),
            of(spread.p50),
            of(spread.p95),
            deviation.into(),
            ratio(spread.r_squared, 3).into(),
        ]
    };
    for spread in &found.spreads {
        table.row(Tone::Plain, row(spread));
    }
    table.note(
        "R² is the share of the variance that a linear regression on the sampled inputs explains: so far the shares below are to be \
         trusted.",
    )
}

fn inputs(found: &Uncertainty, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Input", Align::Left),
        ("From", Align::Right),
        ("Present", Align::Right),
        ("To", Align::Right),
        ("Facility power", Align::Right),
        ("Share", Align::Right),
        ("Hottest GPU", Align::Right),
        ("Share", Align::Right),
    ]);
    let (power, gpu) = (place(Output::Power), place(Output::HottestGpu));
    for swing in &found.swings {
        let input = &swing.input;
        let span = |output: Output, at: usize| {
            let base = found.spreads[at].base;
            let end = |value: Option<f64>| change(output, value, base, text);
            format!("{} to {}", end(swing.low[at]), end(swing.high[at]))
        };
        let share = |at: usize| {
            swing.shares[at].map_or(NONE.to_owned(), |share| {
                format!("{} %", fixed(100.0 * share, 1))
            })
        };
        table.row(
            if swing.sampled {
                Tone::Plain
            } else {
                Tone::Faint
            },
            [
                if swing.switches == [false; 2] {
                    input.name.clone()
                } else {
                    format!("{} +", input.name)
                }
                .into(),
                short(input.low, &input.unit).into(),
                short(input.base, &input.unit).into(),
                short(input.high, &input.unit).into(),
                span(Output::Power, power).into(),
                share(power).into(),
                span(Output::HottestGpu, gpu).into(),
                share(gpu).into(),
            ],
        );
    }
    let mut note = "Results are shown as what the two ends of the range alone change of them. Share of the variance of the sample that the input explains: the square of its standardised coefficient in a \
                    linear regression. Inputs in grey move no result as much as the others and are not sampled. + Devices switch within the range \
                    (a control at its stop, a GPU at its limit)."
        .to_owned();
    if !found.refused.is_empty() {
        note.push_str(&format!(
            " The hall file takes no range of: {}.",
            found.refused.join(", ")
        ));
    }
    table.note(note)
}
