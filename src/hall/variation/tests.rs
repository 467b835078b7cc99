#![allow(clippy::unwrap_used)]

use super::{Action, Distinct, Distribution, Indices, Lookup, Rule, Step, Variations, code};

fn lookup(counts: &[u32], rows: &[(Vec<u32>, f64)]) -> Result<Lookup, (usize, usize)> {
    let codes = rows.iter().map(|(indices, _)| code(counts, indices));
    let values = rows.iter().map(|(_, value)| *value);
    Lookup::new(counts.to_vec(), codes.collect(), values.collect())
}

fn path(text: &str) -> Vec<Step> {
    let words: Vec<&str> = text.split('.').collect();
    words
        .chunks(2)
        .map(|pair| {
            let indices = match pair[1].split_once('-') {
                _ if pair[1] == "*" => Indices::All,
                Some((first, last)) => {
                    Indices::Range(first.parse().unwrap(), last.parse().unwrap())
                }
                None => Indices::Range(pair[1].parse().unwrap(), pair[1].parse().unwrap()),
            };
            Step {
                name: pair[0].to_owned(),
                indices,
            }
        })
        .collect()
}

fn set(text: &str) -> Rule {
    Rule::new(path(text), "idle_power", Action::Set(99.0))
}

fn spread(text: &str) -> Rule {
    let distribution = Distribution::Normal { sigma: 0.03 };
    Rule::new(
        path(text),
        "leakage",
        Action::Spread {
            seed: 1,
            distribution,
        },
    )
}

#[test]
fn rules_are_found_by_the_instance_so_far() {
    let rules = vec![
        set("pod.2.rack.0-3.server.*"),
        spread("pod.*.rack.*.server.*.gpu.*"),
        set("pod.*.cdu.0"),
    ];
    let all = Variations { rules };
    let found = all.rules_for(&[("pod", 2), ("rack", 1)]);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].rest.len(), found[1].rest.len()), (1, 2));
    assert_eq!(all.rules_for(&[("pod", 2), ("rack", 4)]).len(), 1);
    assert_eq!(all.rules_for(&[("pod", 1), ("rack", 1)]).len(), 1);
    let cdu = all.rules_for(&[("pod", 7), ("cdu", 0)]);
    assert_eq!(cdu.len(), 1);
    assert!(cdu[0].rest.is_empty());
}

#[test]
fn only_instances_unlike_the_rest_are_distinct() {
    let one = |rule: Rule| Variations { rules: vec![rule] };
    assert_eq!(
        Variations::default().distinct(&["pod"], &[], 5),
        Distinct::None
    );
    assert_eq!(
        one(set("pod.*.rack.*")).distinct(&["pod"], &[], 5),
        Distinct::None
    );
    assert_eq!(
        one(set("pod.0-4.rack.1")).distinct(&["pod"], &[], 5),
        Distinct::None
    );
    assert_eq!(
        one(set("pod.*.rack.1")).distinct(&["pod", "rack"], &[3], 8),
        Distinct::Some(vec![1])
    );
    assert_eq!(
        one(set("pod.2.rack.1")).distinct(&["pod", "rack"], &[3], 8),
        Distinct::None
    );
    assert_eq!(
        one(set("pod.2-3.rack.1")).distinct(&["pod"], &[], 8),
        Distinct::Some(vec![2, 3])
    );
    assert_eq!(
        one(spread("pod.*.rack.*")).distinct(&["pod"], &[], 8),
        Distinct::All
    );
    assert_eq!(
        one(spread("pod.1.rack.*")).distinct(&["pod"], &[], 8),
        Distinct::Some(vec![1])
    );
    let rows = [(vec![2, 5], 1.0), (vec![0, 1], 2.0), (vec![2, 1], 3.0)];
    let table = lookup(&[4, 8], &rows).unwrap();
    let table = one(Rule::new(
        path("pod.*.rack.*"),
        "air_flow",
        Action::Table(table),
    ));
    assert_eq!(table.distinct(&["pod"], &[], 4), Distinct::Some(vec![0, 2]));
    assert_eq!(
        table.distinct(&["pod", "rack"], &[2], 8),
        Distinct::Some(vec![1, 5])
    );
    assert_eq!(table.distinct(&["pod", "rack"], &[1], 8), Distinct::None);
    assert_eq!(
        table.rules[0].apply(&[2, 5], 7.0).to_bits(),
        1.0_f64.to_bits()
    );
    assert_eq!(
        table.rules[0].apply(&[2, 6], 7.0).to_bits(),
        7.0_f64.to_bits()
    );
}

#[test]
fn rows_of_one_asset_are_refused() {
    let rows = [(vec![2], 1.0), (vec![0], 2.0), (vec![2], 3.0)];
    assert_eq!(lookup(&[4], &rows), Err((0, 2)));
    let all: Vec<(Vec<u32>, f64)> = (0..6).map(|i| (vec![i / 3, i % 3], f64::from(i))).collect();
    let table = lookup(&[2, 3], &all).unwrap();
    assert_eq!(
        (table.get(&[1, 2]), table.get(&[1, 3]), table.get(&[1])),
        (Some(5.0), None, None)
    );
}

/// All of a server's GPUs at once get the bits that each would get alone.
#[test]
fn side_by_side_is_as_one_by_one() {
    let spread = |text, distribution| {
        let action = Action::Spread {
            seed: 3,
            distribution,
        };
        Rule::new(path(text), "leakage", action)
    };
    let table = |rows: &[(Vec<u32>, f64)]| {
        let table = Action::Table(lookup(&[40, 11], rows).unwrap());
        Rule::new(path("rack.*.gpu.*"), "leakage", table)
    };
    let all = (0..440).map(|i| (vec![i / 11, i % 11], f64::from(i)));
    let some = [(vec![3, 1], 1.0), (vec![3, 9], 2.0), (vec![4, 0], 3.0)];
    let probability = 0.3;
    let chance = Distribution::Chance {
        probability,
        factor: 2.0,
    };
    for rule in [
        spread("rack.*.gpu.*", Distribution::Normal { sigma: 0.2 }),
        spread("rack.0-30.gpu.2-8", Distribution::LogNormal { sigma: 0.4 }),
        spread("rack.*.gpu.*", Distribution::Uniform { half_width: 0.1 }),
        spread("rack.*.gpu.9", chance),
        table(&all.collect::<Vec<_>>()),
        table(&some),
        Rule::new(path("rack.3-20.gpu.2-5"), "leakage", Action::Set(7.0)),
        Rule::new(path("rack.*.gpu.30-40"), "leakage", Action::Set(7.0)),
        Rule::new(path("rack.*"), "leakage", Action::Set(7.0)),
    ] {
        // One more rack than there are, and more GPUs than a table knows, or fewer.
        for (rack, count) in (0..41).flat_map(|rack| [(rack, 11), (rack, 5), (rack, 13)]) {
            let mut values = vec![50.0; count];
            rule.apply_to_all(&[rack], &mut values);
            for (gpu, value) in (0..).zip(values) {
                let alone = rule.apply(&[rack, gpu], 50.0);
                assert_eq!(value.to_bits(), alone.to_bits(), "{rule:?} {rack} {gpu}");
            }
        }
    }
}

#[test]
fn a_spread_has_its_mean_and_width() {
    let rule = spread("rack.*.gpu.*");
    let n = 40_000_u32;
    let values: Vec<f64> = (0..n)
        .map(|i| rule.apply(&[i / 64, i % 64], 700.0))
        .collect();
    let mean = values.iter().sum::<f64>() / f64::from(n);
    let sigma = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(n)).sqrt();
    // Standard errors: 21 W/√40000 = 0.1 W of the mean, 0.07 W of the width.
    assert!((mean - 700.0).abs() < 0.5, "{mean}");
    assert!((sigma - 21.0).abs() < 0.4, "{sigma}");
    let chance = Distribution::Chance {
        probability: 0.1,
        factor: 3.0,
    };
    let rule = Rule::new(
        path("rack.*.gpu.*"),
        "x",
        Action::Spread {
            seed: 1,
            distribution: chance,
        },
    );
    let struck = (0..n)
        .filter(|i| rule.apply(&[i / 64, i % 64], 1.0) > 2.0)
        .count();
    assert!(
        (struck as f64 / f64::from(n) - 0.1).abs() < 0.008,
        "{struck}"
    );
}

#[test]
fn seed_path_and_key_change_the_draw_and_extremes_hold_it() {
    let distribution = Distribution::LogNormal { sigma: 0.15 };
    let at = |seed, text: &str, key: &str| {
        Rule::new(path(text), key, Action::Spread { seed, distribution }).apply(&[3, 1], 1.0)
    };
    let one = at(1, "rack.*.gpu.*", "leakage");
    assert_eq!(
        one.to_bits(),
        at(1, "rack.0-9.gpu.*", "leakage").to_bits(),
        "the pattern does not matter"
    );
    for other in [
        at(2, "rack.*.gpu.*", "leakage"),
        at(1, "row.*.gpu.*", "leakage"),
        at(1, "rack.*.gpu.*", "x"),
    ] {
        assert!((one - other).abs() > 1e-9);
    }
    let (low, high) = distribution.extremes();
    assert!(low > 0.0 && low < one && one < high && high < 4.0);
}

/// Run with `cargo test --release spread_is_fast -- --ignored --nocapture`.
#[test]
#[ignore = "measures time"]
fn spread_is_fast() {
    let rules: Vec<Rule> = (0..4)
        .map(|i| {
            let distribution = Distribution::LogNormal { sigma: 0.15 };
            Rule::new(
                path("pod.*.rack.*.server.*.gpu.*"),
                format!("k{i}"),
                Action::Spread {
                    seed: 1,
                    distribution,
                },
            )
        })
        .collect();
    let start = std::time::Instant::now();
    let mut sum = 0.0;
    for i in 0..100_352_u32 {
        for rule in &rules {
            sum += rule.apply(&[i / 512, i / 64 % 8, i / 8 % 8, i % 8], 1.0);
        }
    }
    let elapsed = start.elapsed();
    println!("401,408 draws in {elapsed:?} (sum {sum})");
    assert!(elapsed.as_millis() < 60);
}
