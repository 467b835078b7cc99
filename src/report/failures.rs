//! The page of failures: what holds at each level of the tree after each loss, and after each pair.

use std::path::Path;

use super::ReportError;
use super::study::{Drawn, Page, Section, WrittenStudy, write as write_page};
use super::table::{Align, Cell, Table, Tone};
use super::text::{NONE, Text, count, fixed};
use crate::plot::matrix::{self, Category};
use crate::plot::{Caption, Color, Palette, Style};
use crate::result::SeverityName;
use crate::study::failures::{Consequence, Failures, Outcome, Row};
use crate::study::levels::Level;
use crate::units::UnitSystem;

/// Losses drawn.
const MOST_ROWS: usize = 60;
/// Pairs listed.
const MOST_PAIRS: usize = 100;
/// Margin below which a limit that holds is drawn as tight.
const TIGHT: f64 = 0.1;

/// Writes the page into a folder and makes it current.
///
/// # Errors
/// [`ReportError`]; a page that was there before is then whole.
pub fn write(found: &Failures, out: &Path, units: UnitSystem) -> Result<WrittenStudy, ReportError> {
    let text = Text { system: units };
    let failing = found.redundancy.iter().filter(|one| !one.holds).count();
    let suffers = found
        .losses
        .iter()
        .filter(|row| row.outcome.consequence > Consequence::Advisory)
        .count();
    let (tone, claims) = match (found.redundancy.len(), failing) {
        (0, _) => (Tone::Caution, "The file claims no redundancy.".to_owned()),
        (all, 0) => (
            Tone::Good,
            format!("Each of the {all} claimed redundancies is shown."),
        ),
        (all, n) => (
            Tone::Broken,
            format!("{n} of {all} claimed redundancies fail."),
        ),
    };
    let mut sections = vec![
        Section {
            title: "Losses",
            figures: vec![Drawn {
                id: "losses",
                title: "What holds after each loss",
                caption: "A row for each loss, the worst on top; a column for each level of the electrical and hydraulic tree. \
                          A cell shows the worst limit of its level.",
                figure: matrix::draw(&by_level(found), &Style::default()),
            }],
            text: Vec::new(),
            table: Some(losses(found, text)),
        },
        Section {
            title: "Redundancy",
            figures: Vec::new(),
            text: vec![
                "Units are taken out one by one until a limit breaks; a reserve runs in the place of what is lost.".to_owned(),
            ],
            table: Some(redundancy(found)),
        },
    ];
    if !found.pairs.is_empty() {
        sections.push(Section {
            title: "Pairs",
            figures: vec![Drawn {
                id: "pairs",
                title: "What holds after each pair of losses",
                caption: "Rows and columns are the losses above; the diagonal is the same loss twice: two units of one set, or one \
                          in each of two instances of a group. Where a pair can strike one instance or two, the worse is shown. \
                          Empty cells cannot happen together.",
                figure: matrix::draw(&by_pair(found), &Style::default()),
            }],
            text: vec!["Pairs that are worse than their two losses by themselves:".to_owned()],
            table: Some(pairs(found, text)),
        });
    }
    let page = Page {
        title: format!("{}: failures", found.name),
        case: format!("State {} · {}", found.state, found.scenario),
        tone,
        verdict: format!(
            "{claims} {suffers} of {} single losses break a limit, throttle GPUs or leave no solution.",
            found.losses.len()
        ),
        sections,
        foot: "Each loss is a steady state after it; one instance is struck, those like it are not.",
        json: "failures.json",
    };
    write_page(&page, found, out)
}

fn caption(found: &Failures, title: &str, footnote: String) -> Caption {
    Caption {
        title: title.to_owned(),
        subtitle: format!("{} · {} · {}", found.name, found.state, found.scenario),
        footnote,
    }
}

/// Places of [`categories`].
const HOLDS: usize = 0;
const NARROW: usize = 1;
const ADVISORY: usize = 2;
const BROKEN: usize = 3;
const THROTTLED: usize = 4;
const SHUT_DOWN: usize = 5;
const UNSOLVED: usize = 6;

/// From light to dark as it gets worse, so that the order shows without colour.
fn categories() -> Vec<Category> {
    let palette = Palette::default();
    let category = |name: &str, color: Color, hatched: bool| Category {
        name: name.to_owned(),
        color,
        hatched,
    };
    vec![
        category("holds", Color(209, 229, 240), false),
        category("holds, margin below 10 %", palette.air, false),
        category("advisory limit exceeded", Color(240, 228, 66), false),
        category("limit broken", palette.electric, false),
        category("GPUs throttled", palette.limit, false),
        category("GPUs shut down", Color(120, 20, 30), false),
        category("no solution", palette.ink, true),
    ]
}

fn category(consequence: Consequence) -> usize {
    match consequence {
        Consequence::Holds => HOLDS,
        Consequence::Advisory => ADVISORY,
        Consequence::LimitBroken => BROKEN,
        Consequence::Throttled => THROTTLED,
        Consequence::ShutDown => SHUT_DOWN,
        Consequence::NoSolution => UNSOLVED,
    }
}

fn label(row: &Row) -> String {
    let like = if row.alike > 1 {
        format!(" (1 of {})", count(row.alike as f64))
    } else {
        String::new()
    };
    format!("{} {}{like}", row.rank, row.name)
}

/// What a loss costs, beside its row.
fn lost(outcome: &Outcome) -> String {
    let mut words = Vec::new();
    for (number, what) in [(outcome.shut_down, "off"), (outcome.throttled, "slower")] {
        if number > 0 {
            words.push(format!("{} GPUs {what}", count(number as f64)));
        }
    }
    if outcome.reason.is_none() && outcome.lost_work_job > 5e-5 {
        words.push(format!(
            "a job loses {} %",
            fixed(outcome.lost_work_job * 100.0, 1)
        ));
    }
    words.join(", ")
}

fn by_level(found: &Failures) -> matrix::Data {
    let outcomes = || found.losses.iter().map(|row| &row.outcome);
    let levels: Vec<Level> = Level::ALL
        .into_iter()
        .filter(|level| {
            let mut all = outcomes().chain(std::iter::once(&found.undisturbed));
            all.any(|outcome| outcome.levels.iter().any(|one| one.level == *level))
        })
        .collect();
    let cell = |outcome: &Outcome, level: Level| {
        if outcome.reason.is_some() {
            return Some(UNSOLVED);
        }
        let state = outcome.levels.iter().find(|one| one.level == level)?;
        let tight = state.margin.is_some_and(|margin| margin < TIGHT);
        Some(match state.state {
            Consequence::Holds if tight && level != Level::Gpu => NARROW,
            other => category(other),
        })
    };
    let shown = &found.losses[..found.losses.len().min(MOST_ROWS)];
    let left_out = found.losses.len() - shown.len();
    let mut rows = vec!["0 no loss".to_owned()];
    rows.extend(shown.iter().map(label));
    let all = std::iter::once(&found.undisturbed).chain(shown.iter().map(|row| &row.outcome));
    matrix::Data {
        caption: caption(
            found,
            "What holds after each loss",
            if left_out > 0 {
                format!("{left_out} losses of lesser consequence are left out.")
            } else {
                String::new()
            },
        ),
        rows,
        columns: levels
            .iter()
            .map(|level| level.words().to_owned())
            .collect(),
        categories: categories(),
        cells: all
            .map(|outcome| levels.iter().map(|&level| cell(outcome, level)).collect())
            .collect(),
        notes: std::iter::once(String::new())
            .chain(shown.iter().map(|row| lost(&row.outcome)))
            .collect(),
    }
}

fn by_pair(found: &Failures) -> matrix::Data {
    let n = found.losses.len().min(MOST_ROWS);
    let mut cells = vec![vec![None; n]; n];
    for pair in &found.pairs {
        let [a, b] = pair.losses;
        if a < n && b < n {
            let at = Some(category(pair.outcome.consequence)).max(cells[a][b]);
            cells[a][b] = at;
            cells[b][a] = at;
        }
    }
    // After a loss that leaves nothing to solve it does not matter what else is lost.
    for (a, row) in found.losses[..n].iter().enumerate() {
        if row.outcome.consequence == Consequence::NoSolution {
            for b in (0..n).filter(|b| *b != a) {
                cells[a][b].get_or_insert(UNSOLVED);
                cells[b][a].get_or_insert(UNSOLVED);
            }
        }
    }
    matrix::Data {
        caption: caption(
            found,
            "What holds after each pair of losses",
            "Columns are numbered as rows.".to_owned(),
        ),
        rows: found.losses[..n].iter().map(label).collect(),
        columns: (1..=n).map(|rank| rank.to_string()).collect(),
        categories: categories(),
        cells,
        notes: Vec::new(),
    }
}

fn tone(consequence: Consequence) -> Tone {
    match consequence {
        Consequence::Holds => Tone::Plain,
        Consequence::Advisory => Tone::Caution,
        _ => Tone::Broken,
    }
}

fn cells(outcome: &Outcome, text: Text) -> Vec<Cell> {
    let none = outcome.reason.is_some();
    let shown = |words: String| Cell::from(if none { NONE.to_owned() } else { words });
    let broken: Vec<String> = outcome
        .broken
        .iter()
        .filter(|l| l.path != "gpus")
        .map(|l| {
            format!(
                "{}: {}{}",
                l.path,
                l.what,
                if l.severity == SeverityName::Advisory {
                    " (advisory)"
                } else {
                    ""
                }
            )
        })
        .collect();
    let racks: Vec<String> = outcome
        .racks
        .iter()
        .take(3)
        .map(|rack| rack.path.clone())
        .collect();
    let more = outcome.racks.len().saturating_sub(racks.len());
    let mut what: Vec<String> = outcome.reason.iter().cloned().collect();
    if !racks.is_empty() {
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        what.push(format!("GPUs of {}{more}", racks.join(", ")));
    }
    what.extend(broken);
    vec![
        Cell::from(outcome.consequence.words()).tone(tone(outcome.consequence)),
        shown(count(outcome.throttled as f64)),
        shown(count(outcome.shut_down as f64)),
        shown(format!("{} %", fixed(outcome.lost_work_mean * 100.0, 2))),
        shown(format!("{} %", fixed(outcome.lost_work_job * 100.0, 2))),
        outcome
            .gpu_temperature_max_c
            .map_or(NONE.to_owned(), |t| text.temperature(t))
            .into(),
        what.join("; ").into(),
    ]
}

const OUTCOME: [(&str, Align); 7] = [
    ("Consequence", Align::Left),
    ("Throttled", Align::Right),
    ("Shut down", Align::Right),
    ("Work lost", Align::Right),
    ("of a job", Align::Right),
    ("Hottest GPU", Align::Right),
    ("What breaks", Align::Left),
];

fn losses(found: &Failures, text: Text) -> Table {
    let mut columns = vec![
        ("", Align::Right),
        ("Struck", Align::Path),
        ("Alike", Align::Right),
        ("Loss", Align::Left),
    ];
    columns.extend(OUTCOME);
    let mut table = Table::new(&columns);
    for row in &found.losses {
        let mut all = vec![
            row.rank.to_string().into(),
            row.path.clone().into(),
            count(row.alike as f64).into(),
            row.text.clone().into(),
        ];
        all.extend(cells(&row.outcome, text));
        table.push(Tone::Plain, all);
    }
    let mut note = format!(
        "Work lost is the mean over all GPUs; a job that waits for its slowest GPU loses what stands beside it. Fouling adds \
         {} % to a thermal resistance, blockage multiplies a filter's pressure drop by {} (assumed, grade D).",
        fixed(found.fouling * 100.0, 0),
        found.blockage
    );
    for (group, number) in &found.left_out {
        note.push_str(&format!(
            " {number} more of {group} differ and were not struck."
        ));
    }
    table.note(note)
}

fn redundancy(found: &Failures) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Alike", Align::Right),
        ("Claimed", Align::Left),
        ("Key", Align::Path),
        ("Losses needed", Align::Right),
        ("Losses shown", Align::Right),
        ("", Align::Left),
        ("What breaks at one more", Align::Left),
    ]);
    for one in &found.redundancy {
        let (word, tone) = if one.holds {
            ("holds", Tone::Good)
        } else {
            ("fails", Tone::Broken)
        };
        let shown = if one.or_more {
            format!("{} or more", one.shown)
        } else {
            one.shown.to_string()
        };
        table.row(
            if one.holds { Tone::Plain } else { Tone::Broken },
            [
                one.path.clone().into(),
                count(one.alike as f64).into(),
                one.claimed.clone().into(),
                one.key.into(),
                one.needed.to_string().into(),
                shown.into(),
                Cell::from(word).tone(tone),
                one.breaks.clone().unwrap_or_default().into(),
            ],
        );
    }
    table
}

fn pairs(found: &Failures, text: Text) -> Table {
    let mut columns = vec![("Losses", Align::Path)];
    columns.extend(OUTCOME);
    let mut table = Table::new(&columns);
    let worse = found.worse_pairs();
    for pair in worse.iter().take(MOST_PAIRS) {
        let name = found.pair_words(pair);
        let mut all = vec![name.into()];
        all.extend(cells(&pair.outcome, text));
        table.push(Tone::Plain, all);
    }
    let more = worse.len().saturating_sub(MOST_PAIRS);
    if more > 0 {
        return table.note(format!("{more} more stand in failures.json."));
    }
    table
}
