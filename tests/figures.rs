//! The figures of a report as their reader sees them: nothing leaves the page, no text lies on another.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use assert_cmd::Command;
use resvg::tiny_skia::Rect;
use resvg::usvg::{Group, Node, Options, Tree, fontdb};

/// How far two texts' boxes may reach into one another, and a text's over the edge, in px: ascents and descents hold air.
const SLACK: f32 = 3.0;

fn options() -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    for weight in ["Regular", "SemiBold"] {
        let file = format!("src/plot/fonts/Inter-{weight}.ttf");
        fonts.load_font_data(std::fs::read(file).unwrap());
    }
    Options {
        font_family: "Inter".into(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    }
}

/// The words and boxes of all texts below a node.
fn texts(group: &Group, out: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(inner) => texts(inner, out),
            Node::Text(text) => {
                let words = text
                    .chunks()
                    .iter()
                    .map(resvg::usvg::TextChunk::text)
                    .collect();
                out.push((words, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

fn check(path: &Path) {
    let svg = std::fs::read_to_string(path).unwrap();
    let tree = Tree::from_str(&svg, &options()).unwrap();
    let (width, height) = (tree.size().width(), tree.size().height());
    let mut all = Vec::new();
    texts(tree.root(), &mut all);
    assert!(all.len() > 5, "{}: {} texts", path.display(), all.len());
    for (index, (words, a)) in all.iter().enumerate() {
        assert!(
            a.left() >= -SLACK && a.right() <= width + SLACK && a.bottom() <= height + SLACK,
            "{}: \"{words}\" leaves the page: {a:?}",
            path.display()
        );
        for (others, b) in &all[index + 1..] {
            let across = a.right().min(b.right()) - a.left().max(b.left());
            let down = a.bottom().min(b.bottom()) - a.top().max(b.top());
            assert!(
                across <= SLACK || down <= SLACK,
                "{}: \"{words}\" and \"{others}\" overlap: {a:?} {b:?}",
                path.display()
            );
        }
    }
}

fn report(hall: &str, units: &str) {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::cargo_bin("loopwatt")
        .unwrap()
        .args(["report", hall, "--units", units, "--out"])
        .arg(folder.path())
        .output()
        .unwrap()
        .status;
    assert_eq!(status.code(), Some(0));
    let mut figures = 0;
    for run in std::fs::read_dir(folder.path()).unwrap() {
        let Ok(files) = std::fs::read_dir(run.unwrap().path()) else {
            continue;
        };
        for file in files.map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|ending| ending == "svg") {
                check(&file);
                assert!(file.with_extension("png").exists());
                figures += 1;
            }
        }
    }
    // Power, heat, where the PUE comes from, ladder, distribution, map, pumps.
    assert_eq!(figures, 7);
}

#[test]
fn figures_in_si_units_are_clean() {
    report("models/halls/rack.toml", "si");
}

#[test]
fn figures_in_us_units_are_clean() {
    report("models/halls/rack.toml", "us");
}

#[test]
#[ignore = "takes minutes without optimisation"]
fn figures_of_the_large_halls_are_clean() {
    for hall in ["colossus", "nvl72", "bench-100k"] {
        report(&format!("models/halls/{hall}.toml"), "si");
    }
}

#[test]
fn figures_of_sweeps_keep_to_the_page() {
    let flow = "equipment.cdu.flow=40..120 L/min";
    let grid = format!("{flow}:5");
    let warm = "equipment.cdu.supply_temperature=34..60 degC";
    let warm_grid = format!("{warm}:6");
    let load = "states.training.gpu_load=0.3..1";
    let fluid = "loops.coolant.fluid=water,pg25,pg30";
    for (vary, more, figures) in [
        (&[warm_grid.as_str()][..], &[][..], 7),
        (&[&grid, fluid], &[], 8),
        (&[&grid, &warm_grid], &[], 16),
        (&[flow, warm, load, fluid], &["--sample", "sobol:64"], 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::cargo_bin("loopwatt").unwrap();
        command.args(["sweep", "models/halls/rack.toml"]).args(more);
        command.args(vary.iter().flat_map(|one| ["--vary", one]));
        command.arg("--out").arg(folder.path());
        assert_eq!(command.output().unwrap().status.code(), Some(0));
        let mut found = 0;
        for entry in std::fs::read_dir(folder.path().join("charts")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "svg") {
                check(&path);
                found += 1;
            }
        }
        assert!(found >= figures, "{vary:?}: {found} figures");
    }
}
