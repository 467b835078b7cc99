//! The order of tables in the file, of rows in a table and of racks in a set does not matter, to
//! 1e-12: additions round differently in another order, and nothing else may.

use super::same::same;
use super::{run_text, text};

/// The tables of a hall file, each with its heading; the keys before the first one apart.
fn tables(text: &str) -> (String, Vec<String>) {
    let mut parts: Vec<String> = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') {
            parts.push(String::new());
        }
        let part = parts.last_mut().unwrap();
        part.push_str(line);
        part.push('\n');
    }
    (parts.remove(0), parts)
}

#[test]
fn tables_of_the_file() {
    for path in [
        "tests/halls/everything.toml",
        "models/halls/rack.toml",
        "models/halls/nvl72.toml",
        "tests/halls/tower.toml",
    ] {
        let (head, mut tables) = tables(&text(path));
        let plain = run_text(&format!("{head}{}", tables.concat()), "");
        // Backwards, and with a stride that is prime to most numbers of tables.
        tables.reverse();
        let reversed = run_text(&format!("{head}{}", tables.concat()), "");
        same(&plain, &reversed, 1e-12, &str::to_owned);
        let count = tables.len();
        let mixed: Vec<&str> = (0..count)
            .map(|k| tables[(k * 37 + 11) % count].as_str())
            .collect();
        if count % 37 != 0 {
            let mixed = run_text(&format!("{head}{}", mixed.concat()), "");
            same(&plain, &mixed, 1e-12, &str::to_owned);
        }
    }
}

const RACKS: u32 = 6;

/// Six racks on one CDU, each GPU's idle power and leakage from a table.
fn six_racks() -> String {
    text("models/halls/rack.toml")
        .replace(
            "inlet_air = \"hall\"\n",
            "inlet_air = \"hall\"\ncount = 6\n[tables.measured]\nfile = \"table.csv\"\n",
        )
        .replace("80 L/min\"", "480 L/min\", count = 6")
}

/// Rows of the table: rack `at[k]` holds what is rack k's in the plain order.
fn rows(at: &[u32]) -> Vec<String> {
    let mut rows = Vec::new();
    for (k, rack) in at.iter().enumerate() {
        for server in 0..8 {
            for gpu in 0..8 {
                // Every GPU a little different, and every server's sum: squares modulo a prime.
                let n = k as u32 * 64 + server * 8 + gpu;
                let spread = f64::from(n * n * 31 % 1009) / 1009.0;
                rows.push(format!(
                    "rack.{rack}.server.{server}.gpu.{gpu},{},{}\n",
                    80.0 + 20.0 * spread,
                    30.0 + 30.0 * spread
                ));
            }
        }
    }
    rows
}

fn table(rows: &[String]) -> String {
    format!("asset,idle_power [W],leakage [W]\n{}", rows.concat())
}

#[test]
fn rows_of_a_table() {
    let hall = six_racks();
    let mut rows = rows(&[0, 1, 2, 3, 4, 5]);
    let plain = run_text(&hall, &table(&rows));
    rows.reverse();
    same(
        &plain,
        &run_text(&hall, &table(&rows)),
        1e-12,
        &str::to_owned,
    );
    rows.rotate_left(100);
    same(
        &plain,
        &run_text(&hall, &table(&rows)),
        1e-12,
        &str::to_owned,
    );
}

#[test]
fn racks_of_a_set() {
    let hall = six_racks();
    let plain = run_text(&hall, &table(&rows(&[0, 1, 2, 3, 4, 5])));
    for at in [[5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3]] {
        let moved = run_text(&hall, &table(&rows(&at)));
        let rename = |path: &str| match path.strip_prefix("rack.") {
            Some(rest) => {
                let (rack, rest) = rest.split_once('.').unwrap_or((rest, ""));
                match rack.parse::<usize>() {
                    Ok(rack) => format!("rack.{}.{rest}", at[rack])
                        .trim_end_matches('.')
                        .to_owned(),
                    Err(_) => path.to_owned(),
                }
            }
            None => path.to_owned(),
        };
        same(&plain, &moved, 1e-12, &rename);
    }
    assert_eq!(RACKS, 6);
}

/// Racks that are all alike: the first by number is named, whatever rounding says.
#[test]
fn ties_go_to_the_first_path() {
    let hall = six_racks().replace("[tables.measured]\nfile = \"table.csv\"\n", "");
    let result = run_text(&hall, "");
    assert_eq!(result.gpus.count, u64::from(64 * RACKS));
    assert!(
        result
            .gpus
            .hottest
            .as_deref()
            .is_some_and(|path| path.starts_with("rack.0."))
    );
    // Told apart by overrides that change nothing of what is hot.
    let apart = format!("{hall}\n[overrides]\n\"rack.3\" = {{ power_limit = \"90 kW\" }}\n");
    let result = run_text(&apart, "");
    assert!(
        result
            .gpus
            .hottest
            .as_deref()
            .is_some_and(|path| path.starts_with("rack.0.")),
        "{:?}",
        result.gpus.hottest
    );
    for limit in result
        .limits
        .iter()
        .filter(|l| l.what.starts_with("GPU junction"))
    {
        assert!(limit.path.starts_with("rack.0."), "{}", limit.path);
    }
}
