//! Halls that cannot be numbered, and where in the file the cause stands.

use super::super::rack::DesignError;
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::hall::model::{Hall, RETURN, SUPPLY};

/// A hall that cannot be numbered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .diagnostics.as_ref().map_or_else(|| .fault.to_string(), |all| all.lines().join("\n")))]
pub struct BuildError {
    /// What is wrong.
    pub fault: BuildFault,
    /// The same at its place in the hall file, where the hall came from one.
    pub diagnostics: Option<Box<Diagnostics>>,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BuildFault {
    /// A rack design contradicts its fluid.
    #[error("racks.{set}: {source}")]
    Design {
        /// Rack set.
        set: String,
        /// Cause.
        #[source]
        source: DesignError,
    },
    /// Part of a loop hangs in the air: nothing sets its pressure.
    #[error(
        "loop '{circuit}': node '{node}' is not connected to the loop's return; join it with a pipe or remove it"
    )]
    Unconnected {
        /// Loop.
        circuit: String,
        /// Node.
        node: String,
    },
    /// A value given for single assets that all of a set share.
    #[error(
        "`{key}` cannot differ from one asset to the next: it belongs to the law that racks '{set}' share; give it for the whole set"
    )]
    SharedKey {
        /// Key.
        key: String,
        /// Rack set.
        set: String,
    },
    /// A room into which heat only comes.
    #[error(
        "room '{room}': nothing takes the heat that comes into its air; {}",
        if *.exhaust {
            "let a rear door or the return of an air handler take it"
        } else {
            "put an air handler, a rear door, a room cooler or an envelope there"
        }
    )]
    Uncooled {
        /// Room, with its groups (`pod.hall`).
        room: String,
        /// Whether it is an exhaust.
        exhaust: bool,
    },
    /// A pump that stands against shut valves in some weather.
    #[error(
        "pumps '{pump}' of loop '{circuit}' feed economisers alone: while '{economiser}' is shut, since '{circuit}' is not the colder loop, they have no way for their flow, and the water that stands has no temperature"
    )]
    NoWay {
        /// Pumps, with their groups.
        pump: String,
        /// Their loop.
        circuit: String,
        /// One of the economisers.
        economiser: String,
    },
    /// A load whose supply is out of service.
    #[error(
        "`{load}`: all that feeds it is out of service ({feeders}); feed it by another path as well"
    )]
    Unfed {
        /// Path of the load.
        load: String,
        /// Names of its feeders.
        feeders: String,
    },
    /// An air node that nothing touches.
    #[error(
        "room '{room}': nothing exchanges heat with it; remove it or put a rack, a door or a CRAH there"
    )]
    EmptyRoom {
        /// Room.
        room: String,
    },
}

impl BuildFault {
    /// The error, at its place: `groups` are the names of those that lead to it from the hall inwards.
    pub(super) fn at(self, hall: &Hall, groups: &[&str]) -> BuildError {
        let diagnostics = self.place(hall, groups).map(|span| {
            let mut fault = Diagnostic::error(span, self.to_string());
            fault.hint = self.cure();
            Box::new(hall.places.fault(fault))
        });
        BuildError {
            fault: self,
            diagnostics,
        }
    }

    fn cure(&self) -> Option<String> {
        match self {
            Self::NoWay { economiser, .. } => Some(format!(
                "`when_shut = \"bypass\"` at `{economiser}` lets its flow go around the plates; or put what stays open beside it (a condenser, a bypass valve)"
            )),
            _ => None,
        }
    }

    fn place(&self, hall: &Hall, groups: &[&str]) -> Option<Span> {
        let places = &hall.places;
        match self {
            Self::Design { set, source } => {
                let own = match source {
                    DesignError::AllSolid { .. } | DesignError::SolidWithoutPoints(_) => {
                        "solid_resistance"
                    }
                    _ => "plate",
                };
                places
                    .value(groups, ("racks", set), own, None)
                    .or_else(|| places.entry(groups, "racks", set))
            }
            Self::Unconnected { circuit, node } => {
                let standard = [SUPPLY, RETURN].map(|k| ["supply", "return"][k]);
                let listed = (!standard.contains(&node.as_str()))
                    .then(|| places.value(groups, ("loops", circuit), "nodes", Some(node)))
                    .flatten();
                listed.or_else(|| places.entry(groups, "loops", circuit))
            }
            Self::SharedKey { key, set } => places
                .rule(key)
                .or_else(|| places.entry(groups, "racks", set)),
            Self::Uncooled { room, .. } => {
                // Rooms are found over the whole hall, with their groups in their name.
                let mut names: Vec<&str> = room.split('.').collect();
                let own = names.pop()?;
                places.entry(&names, "rooms", own)
            }
            Self::NoWay { pump, .. } => {
                let mut names: Vec<&str> = pump.split('.').collect();
                let own = names.pop()?;
                places.entry(&names, "equipment", own)
            }
            Self::EmptyRoom { room } => places.entry(groups, "rooms", room),
            Self::Unfed { load, .. } => {
                let own = load.rsplit('.').next()?;
                ["racks", "equipment"].iter().find_map(|table| {
                    places
                        .value(groups, (table, own), "feeder", None)
                        .or_else(|| places.entry(groups, table, own))
                })
            }
        }
    }
}
