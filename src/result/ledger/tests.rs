//! The balance notices: each heat path and loss of each kind is taken away in turn, in a hall that
//! holds every kind, and the balance must break.

#![allow(clippy::unwrap_used)]

use std::path::Path as FilePath;

use crate::component::Kind;
use crate::component::mutation::{self, Mutation, Path};
use crate::hall::{LoadOptions, load};
use crate::network::{Network, build};
use crate::result::gather::{Part, gather};
use crate::result::{SolveResult, evaluate};
use crate::solve::block::component_at;
use crate::solve::{Options, Solution, SolveError, guess, on_threads, solve};
use crate::world::Memory;

/// What the balance has to close to.
const CLOSED: f64 = 1e-9;

fn network(more: &str, set: &[&str]) -> (crate::hall::model::Hall, Network) {
    let file = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/halls/everything.toml");
    let text = std::fs::read_to_string(file).unwrap() + more;
    let options = LoadOptions {
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        state: None,
    };
    let world = Memory::new().with("hall.toml", text.into_bytes());
    let loaded = load(&world, FilePath::new("hall.toml"), &options);
    let (hall, _) = loaded.unwrap_or_else(|error| panic!("{error}"));
    let network = build::build(&hall).unwrap();
    (hall, network)
}

/// A second way out for the heat of loops, into given water, and for every room's, by coolers that begin far above
/// what a room is run at: with any one way gone there still is a steady state.
fn second_ways() -> String {
    let mut text = String::from(
        "\n[loops.relief]\nfluid = \"water\"\n\n[equipment.relief]\nkind = \"given_water\"\nwater = \"relief\"\n\
         supply_temperature = \"8 degC\"\npressure_difference = \"50 kPa\"\n",
    );
    for circuit in ["coolant", "facility", "chilled", "tower", "dry", "cold"] {
        text += &format!(
            "\n[equipment.relief-of-{circuit}]\nkind = \"exchanger\"\ncold = \"relief\"\n\
             hot = {{ from = \"{circuit}.supply\", to = \"{circuit}.return\" }}\nconductance = \"10 kW/K\"\n\
             hot_flow = \"1 kg/s\"\ncold_flow = \"4 kg/s\"\nhot_pressure_drop = \"60 kPa\"\n\
             cold_pressure_drop = \"40 kPa\"\n"
        );
    }
    for room in ["hall", "exhaust", "return", "substation"] {
        text += &format!(
            "\n[equipment.relief-of-{room}-air]\nkind = \"room_cooler\"\nroom = \"{room}\"\ncapacity = \"1 MW\"\n\
             room_temperature = \"50 degC\"\nproportional_band = \"10 K\"\n"
        );
    }
    text
}

fn solved(network: &Network) -> Result<Solution, SolveError> {
    solve(network, guess(network), &Options::default())
}

/// Energy balance with a part of a path kept; `None` where the hall then has no steady state.
fn balance(hall: &(crate::hall::model::Hall, Network), mutation: Mutation) -> Option<f64> {
    mutation::with(mutation, || {
        let solution = solved(&hall.1).ok()?;
        let result: SolveResult = evaluate(&hall.0, &hall.1, &solution, 0.0);
        Some(result.balance.energy_relative)
    })
}

/// Paths of a component that carry something, W.
fn paths(network: &Network, solution: &Solution, part: &Part<'_>) -> Vec<(Path, f64)> {
    let crate::network::Element::Component(index) = part.stamp.element else {
        return Vec::new();
    };
    let state = &solution.state.blocks[part.block_index];
    let at = component_at(network, part.block, state, part.stamp, index);
    let kind = part.block.components[index].kind;
    let out = kind.equations(&at);
    let mut all = vec![
        (Path::Power, part.drawn - part.below),
        (Path::Below, part.below),
        (Path::HeatOut, part.ledger.heat_out),
        (Path::EnergyIn, part.ledger.energy_in),
    ];
    for side in 0..kind.spec().sides.len() {
        all.push((Path::Fluid(side), part.heat[side]));
        all.push((Path::Carried(side), out.energy_in[side]));
    }
    for node in 0..kind.spec().air.len() {
        all.push((Path::Air(node), out.air_heat[node]));
    }
    // A difference of large enthalpy flows that is nothing but rounding is no path.
    all.retain(|(_, watts)| watts.abs() > 1e-3);
    all
}

#[test]
fn every_heat_path_is_watched() {
    // Mutations hold on one thread, so the solves stay on it.
    let work = || {
        let hall = network("", &[]);
        let solution = solved(&hall.1).unwrap_or_else(|error| panic!("{error}"));
        let whole = evaluate(&hall.0, &hall.1, &solution, 0.0);
        assert!(
            whole.balance.energy_relative < CLOSED,
            "{:?}",
            whole.balance
        );
        let mut found: Vec<(Kind, Path)> = Vec::new();
        for part in gather(&hall.1, &solution) {
            let kind = Kind::from_name(part.kind).unwrap();
            for (path, _) in paths(&hall.1, &solution, &part) {
                if !found.contains(&(kind, path)) {
                    found.push((kind, path));
                }
            }
        }
        for &kind in Kind::ALL {
            assert!(
                found.iter().any(|f| f.0 == kind),
                "tests/halls/everything.toml holds no {} through which heat or power goes",
                kind.spec().kind
            );
        }
        // What carries power has to draw it, what has air nodes or sides has to use them all, or the
        // hall does not show what it is for.
        for &kind in Kind::ALL {
            let spec = kind.spec();
            for node in 0..spec.air.len() {
                // What comes back from servers goes to the exhaust; the room's air is only drawn.
                let drawn = kind == Kind::RoomAir && node == 0;
                assert!(
                    drawn || found.contains(&(kind, Path::Air(node))),
                    "{} gives nothing to its {}",
                    spec.kind,
                    spec.air[node]
                );
            }
            for side in 0..spec.sides.len() {
                assert!(
                    found.contains(&(kind, Path::Carried(side))),
                    "{} has no flow on its side {}",
                    spec.kind,
                    spec.sides[side]
                );
            }
            assert!(!spec.carries_bus || found.contains(&(kind, Path::Below)));
        }
        let mut mutations: Vec<Mutation> = found
            .iter()
            .map(|&(kind, path)| Mutation {
                kind: Some(kind),
                path,
                // What is carried through is nearly everything: a hundredth of it is lost.
                kept: if matches!(path, Path::Carried(_)) {
                    0.99
                } else {
                    0.0
                },
            })
            .collect();
        mutations.extend(
            [
                Path::Plates,
                Path::CoolantToAir,
                Path::DevicesToAir,
                Path::AirCooled,
                Path::SupplyLoss,
                Path::Switches,
                Path::DevicePower,
                Path::OtherPower,
            ]
            .map(|path| Mutation {
                kind: None,
                path,
                kept: 0.0,
            }),
        );
        let relieved = network(&second_ways(), &[]);
        let solution = solved(&relieved.1).unwrap_or_else(|error| panic!("{error}"));
        let closed = evaluate(&relieved.0, &relieved.1, &solution, 0.0).balance;
        assert!(closed.energy_relative < CLOSED, "{closed:?}");
        let (mut unnoticed, mut unsolved) = (Vec::new(), Vec::new());
        for mutation in &mutations {
            // Where all of a plant's heat rejection is gone there is no steady state, unless the heat
            // has a second way; where it has none either, a tenth is enough to take away.
            let whole = balance(&hall, *mutation).or_else(|| balance(&relieved, *mutation));
            let broken = whole.or_else(|| {
                unsolved.push(*mutation);
                let most = Mutation {
                    kept: 0.9 + 0.1 * mutation.kept,
                    ..*mutation
                };
                balance(&hall, most)
            });
            if !broken.is_some_and(|relative| relative > CLOSED) {
                unnoticed.push((mutation, broken));
            }
        }
        assert!(unnoticed.is_empty(), "{unnoticed:#?}");
        // A fixed heat on a loop of air, and on given water itself, have no second way there.
        assert!(
            unsolved.len() <= 2,
            "{} of {} have no steady state: {unsolved:#?}",
            unsolved.len(),
            mutations.len()
        );
        // Fans apart from what else is cooled by air.
        let fans = network("", &["racks.rack.server.air_cooled_power=0 W"]);
        let mutation = Mutation {
            kind: None,
            path: Path::AirCooled,
            kept: 0.0,
        };
        assert!(balance(&fans, mutation).is_some_and(|relative| relative > CLOSED));
    };
    on_threads(Some(1), work).unwrap();
}
