//! Bit for bit the same on any number of threads.

use super::run;
use loopwatt::solve::on_threads;

/// The printed result on one, two and eight threads.
fn same_on_threads(path: &str, set: &[&str]) {
    let json = |threads: usize| {
        on_threads(Some(threads), || {
            let mut result = run(path, None, set).result;
            result.solver.seconds = 0.0;
            serde_json::to_string(&result).unwrap()
        })
        .unwrap()
    };
    let one = json(1);
    assert!(one == json(2), "{path} differs on two threads");
    assert!(one == json(8), "{path} differs on eight threads");
}

#[test]
fn small_halls() {
    for path in [
        "models/halls/rack.toml",
        "models/halls/nvl72.toml",
        "tests/halls/everything.toml",
        "tests/halls/shared-header.toml",
        "tests/halls/tower.toml",
    ] {
        same_on_threads(path, &[]);
    }
}

/// 100,352 GPUs, each of them different.
#[test]
fn all_different() {
    same_on_threads("models/halls/bench-100k.toml", &[]);
}
