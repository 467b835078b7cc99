//! Halls broken at random: whatever the text, reading and numbering it ends in a hall or in messages,
//! never in a panic, and no message is made of a number that is none.
//!
//! `FUZZ_CASES=100000 cargo test --release --test faults fuzz` tries more of them.

use std::path::Path;

use loopwatt::hall::model::Group;
use loopwatt::hall::{LoadOptions, load};
use loopwatt::network::build::build;
use loopwatt::world::Memory;
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};
use proptest::test_runner::RngSeed;

const HALLS: &[&str] = &[
    include_str!("../../models/halls/rack.toml"),
    include_str!("../../models/halls/nvl72.toml"),
    include_str!("../../models/halls/bench-100k.toml"),
    include_str!("../halls/everything.toml"),
    include_str!("../halls/single-gpu.toml"),
    include_str!("../halls/tower.toml"),
    include_str!("group-scope.toml"),
    include_str!("table-rows.toml"),
    include_str!("curve-faults.toml"),
    include_str!("spread-faults.toml"),
    include_str!("assumption-faults.toml"),
];

/// Words at which readers stumble.
const NASTY: &[&str] = &[
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-320",
    "nan",
    "-inf",
    "9223372036854775807",
    "0x7f",
    "true",
    "[]",
    "{}",
    "[[]]",
    "[[0, 0], [0, 0]]",
    "\"\"",
    "\"0 W\"",
    "\"nan W\"",
    "\"-300 degC\"",
    "\"1e308 MW\"",
    "\"\\u0000\"",
    "\"rack.*\"",
    "\"rack.0-99\"",
    "\"....\"",
    "\"supply\"",
    "\"hall\"",
    "{ from = \"a.b\", to = \"a.c\" }",
    "{ points = [], units = [] }",
    "{ points = [[1, 1], [1, 2]], units = [\"W\", \"W\"] }",
    "{ value = {} }",
    "'''",
    "\"\"\"",
    "#",
    "2026-11-24",
    "\u{feff}",
    "\u{202e}",
    "[a]",
    "[[a]]",
    "=",
    ".",
];

/// Random numbers from one seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }
}

/// Start and end of every word, number, quoted text and mark.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        at += 1;
        if bytes[start] == b'"' {
            while at < bytes.len() && !matches!(bytes[at], b'"' | b'\n') {
                at += 1;
            }
            at = (at + 1).min(bytes.len());
        } else if plain(bytes[start]) {
            while at < bytes.len() && plain(bytes[at]) {
                at += 1;
            }
        } else if bytes[start].is_ascii_whitespace() || !bytes[start].is_ascii() {
            continue;
        }
        found.push((start, at));
    }
    found
}

/// A word of a hall, or a nasty one.
fn word(dice: &mut Dice) -> &'static str {
    if dice.below(2) == 0 {
        return NASTY[dice.below(NASTY.len())];
    }
    let hall = HALLS[dice.below(HALLS.len())];
    let words = tokens(hall);
    let (from, to) = words[dice.below(words.len())];
    &hall[from..to]
}

/// One change of a text.
fn change(text: &mut Vec<u8>, dice: &mut Dice) {
    let whole = String::from_utf8_lossy(text).into_owned();
    let words = tokens(&whole);
    let mut lines: Vec<&str> = whole.lines().collect();
    if words.is_empty() || lines.is_empty() {
        text.extend_from_slice(b"\nschema = 1");
        return;
    }
    match dice.below(10) {
        // A word becomes another one.
        0..=4 => {
            let (start, end) = words[dice.below(words.len())];
            if whole.is_char_boundary(start) && whole.is_char_boundary(end) {
                *text = format!("{}{}{}", &whole[..start], word(dice), &whole[end..]).into_bytes();
            }
        }
        // Lines go, come twice, or change places.
        5 | 6 => {
            let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
            match dice.below(3) {
                0 => drop(lines.remove(a)),
                1 => lines.insert(b, lines[a]),
                _ => lines.swap(a, b),
            }
            *text = lines.join("\n").into_bytes();
        }
        // Bytes.
        7 | 8 => {
            let at = dice.below(text.len());
            match dice.below(3) {
                0 => text[at] = dice.below(256) as u8,
                1 => drop(text.remove(at)),
                _ => text.insert(at, b"\"[]{}=.,#'\\\n0-e"[dice.below(15)]),
            }
        }
        _ => text.truncate(dice.below(text.len())),
    }
}

/// Racks of a group, all instances.
fn racks(group: &Group) -> u64 {
    let own: u64 = group.racks.iter().map(|set| set.count as u64).sum();
    let inner = group.groups.iter().map(racks);
    inner
        .fold(own, u64::saturating_add)
        .saturating_mul(group.count as u64)
}

fn config() -> ProptestConfig {
    let asked = std::env::var("FUZZ_CASES")
        .ok()
        .and_then(|words| words.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(300),
        failure_persistence: None,
        rng_seed: match asked {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(2026),
        },
        max_shrink_iters: 64,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn broken_halls_do_not_panic(
        hall in 0..HALLS.len(), seed in 1u64..u64::MAX, changes in 1usize..6, edit in any::<bool>(),
    ) {
        let mut dice = Dice(seed);
        let mut text = HALLS[hall].as_bytes().to_vec();
        for _ in 0..changes {
            change(&mut text, &mut dice);
        }
        let table = "asset,idle_power [W]\nrack.0.server.0.gpu.0,95\n";
        let world = Memory::new().with("hall.toml", text.clone()).with("rows.csv", table);
        let mut options = LoadOptions::default();
        if edit {
            // A path of the command line, made of words.
            let path: Vec<&str> = (0..3).map(|_| word(&mut dice).trim_matches('"')).collect();
            let value = word(&mut dice).trim_matches('"');
            options.set.push(format!("{}={value}", path.join(".")));
        }
        let shown = || format!("{}\n--set {:?}", String::from_utf8_lossy(&text), options.set);
        match load(&world, Path::new("hall.toml"), &options) {
            Ok((hall, _)) => {
                // Large halls take their time; what panics does so in a small one too.
                if racks(&hall.root) <= 2000
                    && let Err(error) = build(&hall)
                {
                    prop_assert!(!error.to_string().contains("NaN"), "{error}\n{}", shown());
                }
            }
            Err(error) => {
                let message = error
                    .diagnostics()
                    .map_or_else(|| error.to_string(), |found| found.render(false));
                prop_assert!(!message.is_empty());
                let said = message.lines().filter(|line| line.starts_with("error"));
                let said: Vec<&str> = said.filter(|line| line.contains("NaN")).collect();
                prop_assert!(said.is_empty(), "{said:?}\n{}", shown());
            }
        }
    }
}
