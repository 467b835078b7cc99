//! Paths of assets: `pod.3.rack.0-7.server.*.gpu.5`, and what they name.
//!
//! Groups, racks, servers and devices carry an index; an equipment entry carries none in the path
//! and counts as index 0 in rules.

use super::model::{DeviceRole, DeviceSet, Equipment, Group, RackSet, Server};
use super::variation::{Indices, Step};
use crate::component::{cold_plate, device, manifold, server};
use crate::diag::{Diagnostic, Span, nearest};
use crate::spec::{Field, FieldKind};
use std::collections::BTreeSet;

/// What a path names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'h> {
    Rack(&'h RackSet),
    Server(&'h Server),
    Device(&'h DeviceSet),
    Equipment(&'h Equipment),
}

/// Assets of one kind of path.
#[derive(Debug, Clone)]
pub(super) struct Asset<'h> {
    pub steps: Vec<Step>,
    /// Instances that each step has.
    pub counts: Vec<u32>,
    pub target: Target<'h>,
}

/// Why a path names nothing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PathFault {
    pub message: String,
    pub allowed: Option<String>,
    pub hint: Option<String>,
    /// It names something that is at fault itself.
    pub silent: bool,
}

impl PathFault {
    fn new(message: String) -> Self {
        Self {
            message,
            allowed: None,
            hint: None,
            silent: false,
        }
    }

    /// The fault at its place, unless it is told elsewhere.
    pub fn at(self, span: Span) -> Option<Diagnostic> {
        (!self.silent).then(|| Diagnostic {
            allowed: self.allowed,
            hint: self.hint,
            ..Diagnostic::error(span, self.message)
        })
    }

    fn words(mut self, given: &str, words: &[&str]) -> Self {
        if let Some(word) = nearest(given, words.iter().copied()) {
            self.hint = Some(format!("did you mean `{word}`?"));
        }
        self.allowed = Some(words.join(", "));
        self
    }
}

/// A number of an asset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub field: &'static Field,
    /// Value before anything varies; NaN where there is none.
    pub base: f64,
}

/// The key of a device's role in a path.
pub(super) fn role_name(role: DeviceRole) -> &'static str {
    match role {
        DeviceRole::Gpu => "gpu",
        DeviceRole::Processor => "processor",
        DeviceRole::Auxiliary => "auxiliary",
    }
}

/// The assets of a whole path.
pub(super) fn asset<'h>(
    root: &'h Group,
    path: &str,
    faulty: &BTreeSet<&str>,
) -> Result<Asset<'h>, PathFault> {
    let (asset, rest) = walk(root, path, faulty)?;
    match rest {
        None => Ok(asset),
        Some(rest) => {
            let word = rest.split('.').next().unwrap_or(rest);
            let inside = asset.target.inside();
            let fault = PathFault::new(format!(
                "nothing called `{word}` in {}",
                asset.target.words()
            ));
            Err(if inside.is_empty() {
                fault
            } else {
                fault.words(word, &inside)
            })
        }
    }
}

/// The assets and the key of a path with the key at its end.
pub(super) fn edit<'h, 'p>(
    root: &'h Group,
    path: &'p str,
    faulty: &BTreeSet<&str>,
) -> Result<(Asset<'h>, &'p str), PathFault> {
    let (asset, rest) = walk(root, path, faulty)?;
    match rest {
        Some(key) => Ok((asset, key)),
        None => Err(
            PathFault::new(format!("`{path}` names an asset, but no value of it")).words(
                "",
                &asset
                    .target
                    .keys()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            ),
        ),
    }
}

/// Follows a path as far as it names assets; the rest is a key.
fn walk<'h, 'p>(
    root: &'h Group,
    path: &'p str,
    faulty: &BTreeSet<&str>,
) -> Result<(Asset<'h>, Option<&'p str>), PathFault> {
    let mut at = Walk {
        rest: Some(path),
        steps: Vec::new(),
        counts: Vec::new(),
    };
    let mut group = root;
    loop {
        let name = at.name()?;
        if faulty.contains(name) {
            return Err(PathFault {
                silent: true,
                ..PathFault::new(String::new())
            });
        }
        if let Some(inner) = group.groups.iter().find(|inner| inner.name == name) {
            at.indexed(name, inner.count)?;
            if at.rest.is_none() {
                return Err(PathFault::new(format!(
                    "`{path}` names a group, which has no values of its own"
                ))
                .words("", &names(inner)));
            }
            group = inner;
        } else if let Some(set) = group.racks.iter().find(|set| set.name == name) {
            at.indexed(name, set.count)?;
            return at.inside(set);
        } else if let Some(equipment) = group.equipment.iter().find(|entry| entry.name == name) {
            at.steps.push(Step {
                name: name.to_owned(),
                indices: Indices::Range(0, 0),
            });
            at.counts.push(1);
            return Ok(at.end(Target::Equipment(equipment)));
        } else {
            return Err(
                PathFault::new(format!("no rack, group or equipment `{name}`"))
                    .words(name, &names(group)),
            );
        }
    }
}

fn names(group: &Group) -> Vec<&str> {
    let groups = group.groups.iter().map(|inner| inner.name.as_str());
    let racks = group.racks.iter().map(|set| set.name.as_str());
    groups
        .chain(racks)
        .chain(group.equipment.iter().map(|entry| entry.name.as_str()))
        .collect()
}

struct Walk<'p> {
    rest: Option<&'p str>,
    steps: Vec<Step>,
    counts: Vec<u32>,
}

impl<'p> Walk<'p> {
    fn peek(&self) -> Option<&'p str> {
        self.rest
            .map(|rest| rest.split_once('.').map_or(rest, |(first, _)| first))
    }

    fn next(&mut self) -> Option<&'p str> {
        let rest = self.rest?;
        let (first, after) = rest
            .split_once('.')
            .map_or((rest, None), |(first, after)| (first, Some(after)));
        self.rest = after;
        Some(first)
    }

    fn name(&mut self) -> Result<&'p str, PathFault> {
        self.next()
            .ok_or_else(|| PathFault::new("the path is empty".to_owned()))
    }

    /// The index after a name: a number, a range, or `*`.
    fn indexed(&mut self, name: &str, count: usize) -> Result<(), PathFault> {
        let last = count - 1;
        let words = if last == 0 {
            format!("{name}.0 or {name}.*")
        } else {
            format!("{name}.0 to {name}.{last}, a range such as {name}.0-{last}, or {name}.*")
        };
        let Some(text) = self.next() else {
            let mut fault = PathFault::new(format!("`{name}` needs an index"));
            fault.allowed = Some(words);
            return Err(fault);
        };
        let indices = if text == "*" {
            Some(Indices::All)
        } else {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            match (first.parse::<u32>(), last.parse::<u32>()) {
                (Ok(first), Ok(last)) => Some(Indices::Range(first, last)),
                _ => None,
            }
        };
        let fault = |message: String| PathFault {
            allowed: Some(words.clone()),
            ..PathFault::new(message)
        };
        match indices {
            None => Err(fault(format!("`{text}` is no index of `{name}`"))),
            Some(Indices::Range(first, last)) if first > last => Err(fault(format!(
                "the range `{text}` of `{name}` runs backwards"
            ))),
            Some(Indices::Range(_, last)) if last as usize >= count => {
                let number = if count == 1 {
                    "is 1".to_owned()
                } else {
                    format!("are {count}")
                };
                Err(fault(format!(
                    "there is no `{name}.{last}`: there {number}"
                )))
            }
            Some(indices) => {
                self.steps.push(Step {
                    name: name.to_owned(),
                    indices,
                });
                self.counts.push(count as u32);
                Ok(())
            }
        }
    }

    /// What a rack holds: the rack itself, a server, a device.
    fn inside<'h>(mut self, set: &'h RackSet) -> Result<(Asset<'h>, Option<&'p str>), PathFault> {
        if self.peek() != Some("server") {
            return Ok(self.end(Target::Rack(set)));
        }
        self.next();
        self.indexed("server", set.servers)?;
        let found = self.peek().and_then(|name| {
            set.server
                .devices
                .iter()
                .find(|devices| role_name(devices.role) == name)
        });
        match found {
            Some(devices) => {
                self.next();
                self.indexed(role_name(devices.role), devices.count)?;
                Ok(self.end(Target::Device(devices)))
            }
            None => Ok(self.end(Target::Server(&set.server))),
        }
    }

    fn end<'h>(self, target: Target<'h>) -> (Asset<'h>, Option<&'p str>) {
        (
            Asset {
                steps: self.steps,
                counts: self.counts,
                target,
            },
            self.rest,
        )
    }
}

impl Target<'_> {
    /// The lists of fields: prefix of the key, fields, values.
    fn lists(&self) -> Vec<(&'static str, &'static [Field], &[f64])> {
        match self {
            Self::Rack(set) => vec![("", manifold::Parameters::<f64>::FIELDS, &set.theta)],
            Self::Server(entry) => vec![("", server::Parameters::<f64>::FIELDS, &entry.theta)],
            Self::Device(devices) => vec![
                ("", device::Parameters::<f64>::FIELDS, &devices.device),
                (
                    "plate.",
                    cold_plate::Parameters::<f64>::FIELDS,
                    &devices.plate,
                ),
            ],
            Self::Equipment(entry) => vec![("", entry.kind.spec().fields, &entry.theta)],
        }
    }

    /// Keys that may vary.
    pub fn keys(&self) -> Vec<String> {
        let lists = self.lists();
        let fields = lists.iter().flat_map(|(prefix, fields, _)| {
            fields
                .iter()
                .filter(|field| !matches!(field.kind, FieldKind::Points { .. }))
                .map(move |field| (prefix, field))
        });
        fields
            .map(|(prefix, field)| format!("{prefix}{}", field.key))
            .collect()
    }

    /// What a path may go on to.
    fn inside(&self) -> Vec<&'static str> {
        match self {
            Self::Rack(_) => vec!["server"],
            Self::Server(server) => server
                .devices
                .iter()
                .map(|devices| role_name(devices.role))
                .collect(),
            Self::Device(_) | Self::Equipment(_) => Vec::new(),
        }
    }

    /// What the thing is called in messages.
    pub fn words(&self) -> String {
        match self {
            Self::Rack(_) => "a rack".to_owned(),
            Self::Server(_) => "a server".to_owned(),
            Self::Device(devices) => match devices.role {
                DeviceRole::Gpu => "a GPU".to_owned(),
                DeviceRole::Processor => "a processor".to_owned(),
                DeviceRole::Auxiliary => "an auxiliary device".to_owned(),
            },
            Self::Equipment(entry) => format!("`{}` ({})", entry.name, entry.kind.spec().kind),
        }
    }

    /// The value under a key.
    pub fn slot(&self, key: &str) -> Result<Slot, PathFault> {
        for (prefix, fields, theta) in self.lists() {
            let Some(key) = key.strip_prefix(prefix) else {
                continue;
            };
            let Some(index) = fields.iter().position(|field| field.key == key) else {
                continue;
            };
            let field = &fields[index];
            if matches!(field.kind, FieldKind::Points { .. }) {
                return Err(PathFault::new(format!(
                    "`{key}` is a curve, which cannot differ between assets"
                )));
            }
            return Ok(Slot {
                field,
                base: theta.get(index).copied().unwrap_or(f64::NAN),
            });
        }
        let keys = self.keys();
        let words: Vec<&str> = keys.iter().map(String::as_str).collect();
        Err(PathFault::new(format!("unknown key `{key}` of {}", self.words())).words(key, &words))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{asset, edit};
    use crate::hall::model::{
        DeviceRole, DeviceSet, Feeders, Group, NodeRef, RackSet, Ref, Server,
    };
    use crate::hall::variation::Indices;
    use std::collections::BTreeSet;

    fn hall() -> Group {
        let nothing = Ref { up: 0, index: 0 };
        let node = NodeRef {
            circuit: nothing,
            node: 0,
        };
        let devices = |role, count| DeviceSet {
            role,
            part: String::new(),
            count,
            in_series: 1,
            device: vec![700.0, 90.0],
            plate_part: String::new(),
            plate: Vec::new(),
            plate_tables: Vec::new(),
        };
        let server = Server {
            devices: vec![
                devices(DeviceRole::Gpu, 8),
                devices(DeviceRole::Processor, 2),
            ],
            ..Server::default()
        };
        let rack = RackSet {
            name: "rack".into(),
            count: 4,
            part: String::new(),
            servers: 8,
            server,
            theta: Vec::new(),
            supply: node,
            back: node,
            inlet_air: nothing,
            exhaust_air: nothing,
            feeders: Feeders::default(),
        };
        let pod = Group {
            name: "pod".into(),
            count: 196,
            racks: vec![rack],
            ..Group::default()
        };
        Group {
            count: 1,
            groups: vec![pod],
            ..Group::default()
        }
    }

    #[test]
    fn paths_are_followed() {
        let hall = hall();
        let none = BTreeSet::new();
        let found = asset(&hall, "pod.3.rack.0-3.server.*.gpu.5", &none).unwrap();
        assert_eq!(found.counts, [196, 4, 8, 8]);
        assert_eq!(found.steps[1].indices, Indices::Range(0, 3));
        assert_eq!(found.steps[2].indices, Indices::All);
        let (found, key) = edit(&hall, "pod.3.rack.1.server.2.gpu.7.plate.linear", &none).unwrap();
        assert_eq!((found.steps.len(), key), (4, "plate.linear"));
        let (found, key) = edit(&hall, "pod.3.rack.1.server.2.fan_power", &none).unwrap();
        assert_eq!((found.steps.len(), key), (3, "fan_power"));
        assert_eq!(
            found.target.slot("fan_power").unwrap().field.key,
            "fan_power"
        );
    }

    #[test]
    fn faults_name_what_is_there() {
        let hall = hall();
        let none = BTreeSet::new();
        let fault = |path: &str| asset(&hall, path, &none).unwrap_err();
        assert_eq!(fault("pud.3").hint.unwrap(), "did you mean `pod`?");
        assert!(
            fault("pod.196.rack.0")
                .message
                .contains("no `pod.196`: there are 196")
        );
        assert!(fault("pod.3.rack.2-1").message.contains("runs backwards"));
        assert!(fault("pod.3.rack.x").message.contains("no index"));
        assert!(fault("pod.3.rack").message.contains("needs an index"));
        assert!(fault("pod.3").message.contains("names a group"));
        assert!(
            fault("pod.3.rack.1.server.0.gpus.1")
                .message
                .contains("nothing called `gpus` in a server")
        );
        assert!(
            edit(&hall, "pod.3.rack.1", &none)
                .unwrap_err()
                .message
                .contains("no value of it")
        );
        assert!(fault("").message.contains("no rack"));
        let gpu = asset(&hall, "pod.0.rack.0.server.0.gpu.0", &none).unwrap();
        let slot = gpu.target.slot("leakge").unwrap_err();
        assert_eq!(slot.hint.unwrap(), "did you mean `leakage`?");
        assert!(
            gpu.target
                .slot("plate.resistance")
                .unwrap_err()
                .message
                .contains("is a curve")
        );
        assert!(
            asset(&hall, "pod.0", &BTreeSet::from(["pod"]))
                .unwrap_err()
                .silent
        );
    }
}
