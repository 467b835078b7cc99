//! Results compared number by number, whatever the order in which they are listed.

use std::collections::BTreeMap;

use loopwatt::result::SolveResult;
use serde_json::Value;

/// Numbers and texts of a result by where they stand; lists by the path of what they are about.
fn leaves(result: &SolveResult) -> BTreeMap<String, Value> {
    let mut value = serde_json::to_value(result).unwrap();
    let object = value.as_object_mut().unwrap();
    // Steps and time are the solver's own affair; what is left of a balance is rounding.
    object.remove("solver");
    object.remove("balance");
    let mut found = BTreeMap::new();
    walk(String::new(), &value, &mut found);
    found
}

fn walk(place: String, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                walk(format!("{place}/{key}"), value, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                let own = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
                // Of replicas the path of the worst is a result, not a name.
                let path: String = own("path")
                    .split('.')
                    .map(|name| {
                        if name.parse::<u32>().is_ok() {
                            "*"
                        } else {
                            name
                        }
                    })
                    .collect::<Vec<_>>()
                    .join(".");
                walk(
                    format!("{place}/{path}/{}{}", own("what"), own("text")),
                    item,
                    found,
                );
            }
        }
        leaf => {
            assert!(
                found.insert(place.clone(), leaf.clone()).is_none(),
                "{place} twice"
            );
        }
    }
}

/// Whether two results agree: numbers to a relative tolerance, all else exactly, but for the paths
/// that `rename` turns into each other.
pub fn same(a: &SolveResult, b: &SolveResult, tolerance: f64, rename: &dyn Fn(&str) -> String) {
    let (a, b) = (leaves(a), leaves(b));
    let keys = |map: &BTreeMap<String, Value>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&a), keys(&b));
    for (place, first) in &a {
        let second = &b[place];
        match (first, second) {
            (Value::Number(x), Value::Number(y)) => {
                let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
                // A margin is a difference: it is known as well as what it is the difference of.
                let beside = |key: &str| {
                    let place = format!("{}/{key}", place.rsplit_once('/').unwrap().0);
                    a.get(&place).and_then(Value::as_f64).unwrap_or(0.0).abs()
                };
                let scale = x
                    .abs()
                    .max(y.abs())
                    .max(beside("limit"))
                    .max(beside("setpoint"));
                // Temperatures are shown in degrees Celsius, known in kelvin.
                let scale = if place.ends_with("_c") || place.ends_with("_k") {
                    scale + 273.15
                } else {
                    scale
                };
                let scale = if place.contains("temperature") {
                    scale + 273.15
                } else {
                    scale
                };
                assert!(
                    (x - y).abs() <= tolerance * scale,
                    "{place}: {x:e} and {y:e}, {:e} apart",
                    (x - y).abs() / scale
                );
            }
            // Racks on one node have one pressure: the first by path is named, wherever it stands.
            (Value::String(_), Value::String(_))
                if place.ends_with("gauge pressure at the rack/path") => {}
            (Value::String(x), Value::String(y)) => assert_eq!(&rename(x), y, "{place}"),
            (x, y) => assert_eq!(x, y, "{place}"),
        }
    }
}
