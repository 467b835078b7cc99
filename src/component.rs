//! Components: one file a kind, each with its equations, documentation and limits.
//!
//! A component is a stateless set of equations. It sees the nodes that it hangs between
//! ([`At`]) and answers with what it puts into their balances ([`Out`]); the network adds those
//! up and closes each balance. There are three sorts of node:
//!
//! - **fluid nodes** (a point in a loop): unknown pressure and temperature; balances of mass and
//!   of enthalpy;
//! - **air nodes** (a room, the exhaust of a rack row): unknown temperature; balance of heat;
//! - **buses** (a point of the electrical tree): unknown active and reactive power; each device
//!   carries the sum of what hangs below it and puts its own input on the bus above.
//!
//! A component has up to two *sides*, each an edge of a loop from node `a` to node `b` whose mass
//! flow is an unknown and whose momentum equation is its first residual, and up to
//! [`MAX_INTERNAL`] further unknowns of its own (a control position, an outlet state) with as many
//! residuals. A balance closes because a component adds to its nodes only what passes through it:
//! for each side `energy_out − energy_in` is the heat that it gave to the fluid.
//!
//! Equations are generic over the scalar, so exact derivatives come from dual numbers. What is
//! discrete (a valve at its stop, a pump off) is a *status*, outside the equations: [`Component::propose`]
//! looks at a converged point and says what should switch.
//!
//! Adding a component is one file here and one name in the registration list at the end.

pub mod coil;
pub mod cold_plate;
pub mod device;
pub mod fan_stage;
pub mod flow_law;
pub mod heat_exchange;
pub mod manifold;
pub mod modulation;
pub mod pump_law;
pub mod reset;
pub mod server;

use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::{Field, Scalar};

#[cfg(test)]
mod bench;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod energyplus;
#[cfg(test)]
pub mod mutation;

/// Most internal unknowns a component may have.
pub const MAX_INTERNAL: usize = 6;

/// Most status bytes a component may have.
pub const MAX_STATUS: usize = 4;

/// Flow below which flow direction is blurred for mixing, kg/s.
///
/// Smooth upwinding (see [`advect`]) keeps each balance exact; it only lets nodes joined by a
/// stagnant edge exchange about this much fluid, a few milliwatts a kelvin.
pub const STAGNANT_FLOW: f64 = 1e-6;

/// One edge of a loop, as the component on it sees it.
#[derive(Debug, Clone, Copy)]
pub struct Side<S> {
    /// Gauge pressure at node a, Pa.
    pub pressure_a: S,
    /// Gauge pressure at node b, Pa.
    pub pressure_b: S,
    /// Temperature of node a, K.
    pub temperature_a: S,
    /// Temperature of node b, K.
    pub temperature_b: S,
    /// Mass flow from a to b, kg/s.
    pub mass_flow: S,
}

impl<S: Scalar> Side<S> {
    /// Temperature of the fluid that flows in: node a's for forward flow, node b's for backward
    /// flow, blurred over [`STAGNANT_FLOW`].
    pub fn inlet_temperature(&self) -> S {
        let blur = (self.mass_flow * self.mass_flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt();
        let forward = (self.mass_flow / blur + 1.0) * 0.5;
        self.temperature_b + (self.temperature_a - self.temperature_b) * forward
    }
}

/// The air outside: what heat is rejected to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outdoor {
    /// Dry-bulb temperature, K.
    pub dry_bulb: f64,
    /// Wet-bulb temperature, K.
    pub wet_bulb: f64,
    /// Humidity ratio, kg water per kg dry air.
    pub humidity_ratio: f64,
    /// Station pressure, Pa absolute.
    pub pressure: f64,
}

/// The operating point as one component sees it.
pub struct At<'a, S> {
    /// Parameters, a slot for each field of the component's list.
    pub theta: &'a [f64],
    /// Curves of the component's `points` fields.
    pub tables: &'a [Pchip],
    /// Fluid of each side.
    pub fluids: [&'a Fluid; 2],
    /// Edges; only the first `sides` of the [`Spec`] mean something.
    pub sides: [Side<S>; 2],
    /// Pressures at the two sensor nodes (high, low), Pa; the side's own nodes b and a of the
    /// last side where the file names no sensor.
    pub sensor_pressure: [S; 2],
    /// Temperatures of the air nodes, K.
    pub air: [S; 2],
    /// Internal unknowns.
    pub internal: [S; MAX_INTERNAL],
    /// Active and reactive power that hangs on the bus below an electrical device, W and var.
    pub bus: [S; 2],
    /// Outdoor air.
    pub outdoor: &'a Outdoor,
    /// Discrete state, frozen during a Newton step.
    pub status: &'a [u8],
}

/// What a component puts into the balances of its nodes, and its own residuals.
#[derive(Debug, Clone, Copy)]
pub struct Out<S> {
    /// Momentum residual of each side, Pa (zero at the solution).
    pub pressure: [S; 2],
    /// Enthalpy flow out of node a into the side, W, against the fluid's enthalpy zero.
    pub energy_in: [S; 2],
    /// Enthalpy flow out of the side into node b, W.
    pub energy_out: [S; 2],
    /// Residuals of the internal unknowns; each should be of the size of its unknown.
    pub internal: [S; MAX_INTERNAL],
    /// Heat put into each air node, W.
    pub air_heat: [S; 2],
    /// Active and reactive power drawn from the feeder, W and var.
    pub power: [S; 2],
}

impl<S: Scalar> Out<S> {
    /// All zero.
    pub fn zero() -> Self {
        let z = S::from(0.0);
        Self {
            pressure: [z; 2],
            energy_in: [z; 2],
            energy_out: [z; 2],
            internal: [z; MAX_INTERNAL],
            air_heat: [z; 2],
            power: [z; 2],
        }
    }
}

/// A passive branch at one point, with slopes: one side whose pressure drop depends on its flow and
/// on the temperature of what flows in, and at most one air node to which it loses heat. Without
/// status, internal unknowns and power.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Branch {
    /// Pressure drop from a to b, Pa.
    pub drop: f64,
    /// Its slope with flow, Pa s/kg.
    pub drop_by_flow: f64,
    /// Its slope with inlet temperature, Pa/K.
    pub drop_by_inlet: f64,
    /// Heat lost to the air, W.
    pub loss: f64,
    /// Its slope with flow, J/kg.
    pub loss_by_flow: f64,
    /// Its slope with inlet temperature, W/K.
    pub loss_by_inlet: f64,
    /// Its slope with air temperature, W/K.
    pub loss_by_air: f64,
}

/// Enthalpy flow carried by a mass flow between nodes of specific enthalpy `h_a` and `h_b`, W.
///
/// Upwinding smooth at zero flow: `m⁺·h_a − m⁻·h_b` with `m⁺ − m⁻ = m` exactly, so what leaves one
/// node arrives at the other whatever the flow.
pub fn advect<S: Scalar>(mass_flow: S, h_a: S, h_b: S) -> S {
    let blur = (mass_flow * mass_flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt();
    (mass_flow + blur) * h_a * 0.5 + (mass_flow - blur) * h_b * 0.5
}

/// Carries the fluid of one side through, adding `heat` (W) to it: sets `energy_in`, `energy_out`.
///
/// `heat` must vanish with the flow (as every ε·C·ΔT does).
pub fn pass_through<S: Scalar>(
    out: &mut Out<S>,
    index: usize,
    side: &Side<S>,
    fluid: &Fluid,
    heat: S,
) {
    let flow = advect(
        side.mass_flow,
        fluid.enthalpy(side.temperature_a),
        fluid.enthalpy(side.temperature_b),
    );
    // Backward flow meets the component at b: what it gains is then found at a.
    let blur = (side.mass_flow * side.mass_flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt();
    let forward = (side.mass_flow / blur + 1.0) * 0.5;
    out.energy_in[index] = flow - heat * (S::from(1.0) - forward);
    out.energy_out[index] = flow + heat * forward;
}

/// What a component kind is called and how it is connected and described.
#[derive(Debug)]
pub struct Spec {
    /// Word in `kind = "..."`.
    pub kind: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Names of the fluid sides, in order (`["primary", "secondary"]`).
    pub sides: &'static [&'static str],
    /// Per side: whether it sits on the source part of its loop, so that the short form
    /// `secondary = "tcs"` runs from the loop's `return` node to its `supply` node; a consumer
    /// runs from `supply` to `return`.
    pub source: &'static [bool],
    /// Names of the air nodes (`["room"]`, or `["exhaust", "room"]`).
    pub air: &'static [&'static str],
    /// Whether it carries a bus of the electrical tree for others to hang on.
    pub carries_bus: bool,
    /// Names of the internal unknowns, with unit, for messages (`"valve position [-]"`).
    pub internal: &'static [&'static str],
    /// Typical size of each internal unknown, to scale its residual and its step.
    pub internal_scale: &'static [f64],
    /// Number of status bytes.
    pub status: usize,
    /// The parameters.
    pub fields: &'static [Field],
}

/// First guess of a component's unknowns.
#[derive(Debug, Clone, Copy)]
pub struct Guess {
    /// Mass flow of each side, kg/s.
    pub mass_flow: [f64; 2],
    /// Pressure rise from a to b of each side, Pa (negative for a consumer).
    pub pressure_rise: [f64; 2],
    /// Temperature rise from a to b of each side, K.
    pub temperature_rise: [f64; 2],
    /// Temperature that the component would hold at node b of a side, K, where it has one.
    pub temperature: [Option<f64>; 2],
    /// Internal unknowns.
    pub internal: [f64; MAX_INTERNAL],
}

impl Default for Guess {
    fn default() -> Self {
        Self {
            mass_flow: [1.0; 2],
            pressure_rise: [0.0; 2],
            temperature_rise: [0.0; 2],
            temperature: [None; 2],
            internal: [0.0; MAX_INTERNAL],
        }
    }
}

/// How serious it is when a limit is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Outside good practice or a fitted range; never ends in exit code 1.
    Advisory,
    /// Outside a rating.
    Rating,
    /// A protective device acts.
    Trip,
}

/// Which side of a limit is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The value may not exceed the limit.
    AtMost,
    /// The value may not fall below the limit.
    AtLeast,
}

/// A checked limit of one component.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What is limited, a short phrase ("heat duty", "flow per unit").
    pub what: &'static str,
    /// Value found, SI; `None` where it cannot be known (then the status is `unknown`).
    pub value: Option<f64>,
    /// Limit, SI.
    pub limit: f64,
    /// Dimension of both.
    pub dimension: crate::units::Dimension,
    /// Allowed side.
    pub bound: Bound,
    /// Severity.
    pub severity: Severity,
}

/// A control loop's outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// What is controlled ("supply temperature").
    pub what: &'static str,
    /// Set-point, SI.
    pub setpoint: f64,
    /// Value reached, SI.
    pub actual: f64,
    /// Dimension of both.
    pub dimension: crate::units::Dimension,
    /// At a stop: the set-point floats.
    pub saturated: bool,
    /// Whether missing the set-point in this direction breaks a requirement (too warm a supply
    /// does; a supply colder than asked because the valve is shut does not).
    pub required: bool,
}

/// What crosses the site's boundary or is metered, found from streams and meters, never from the
/// component's own duty.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ledger {
    /// Heat that leaves the site with air, water or by a given stream, W.
    pub heat_out: f64,
    /// Energy that comes in beside the electrical feed, W (a given stream, a heat leak).
    pub energy_in: f64,
    /// Make-up water taken in, kg/s.
    pub water_in: f64,
    /// Water leaving as vapour, drift and blowdown, kg/s.
    pub water_out: f64,
}

/// How a heat sink appears in the results.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sink {
    /// Heat rejected, W.
    pub heat: f64,
    /// Water used, kg/s.
    pub water: f64,
}

/// What the power that a component draws counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndUse {
    /// IT equipment.
    It,
    /// Cooling: pumps, fans, chillers.
    Cooling,
    /// Loss of the electrical tree.
    Electrical,
    /// Lighting, storage and the rest.
    Other,
}

/// A quantity shown by `explain` and in per-asset tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// Name with spelled-out terms ("effectiveness").
    pub name: &'static str,
    /// Value, SI.
    pub value: f64,
    /// Dimension.
    pub dimension: crate::units::Dimension,
}

/// A warning of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Caution {
    /// In words ("chiller curve left its fitted range: ...").
    pub text: String,
    /// How far a curve or correlation has left its range, as a share of the range's width; none of other warnings.
    pub beyond: Option<f64>,
}

impl Caution {
    /// A curve or correlation that has left its range.
    pub fn beyond(beyond: f64, text: String) -> Self {
        Self {
            text,
            beyond: Some(beyond),
        }
    }
}

impl From<String> for Caution {
    fn from(text: String) -> Self {
        Self { text, beyond: None }
    }
}

/// A component's account of itself at a solved point.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Operating mode ("free cooling", "off", "on").
    pub mode: &'static str,
    /// Units running and installed.
    pub on: f64,
    /// Units installed.
    pub of: f64,
    /// Share of the rated duty, where a rating is known.
    pub load_fraction: Option<f64>,
    /// Limits.
    pub limits: Vec<Limit>,
    /// Controls.
    pub controls: Vec<Control>,
    /// Heat sink, for heat rejection.
    pub sink: Option<Sink>,
    /// Warnings.
    pub warnings: Vec<Caution>,
    /// Named intermediate quantities.
    pub quantities: Vec<Quantity>,
}

/// The equations of one kind of component.
pub trait Component {
    /// Name, connections and parameters.
    const SPEC: Spec;
    /// What its electrical power counts as.
    const END_USE: EndUse = EndUse::Cooling;
    /// Whether its controls rest at stops that its status switches, and never leave their travel
    /// ([`control_residual`]); other controls push beyond ([`modulation`]).
    const STOPS: bool = false;

    /// Faults that ranges of single fields cannot show (a curve that rises, a minimum above a
    /// maximum), as `(key, message)`.
    fn check(theta: &[f64], tables: &[Pchip]) -> Vec<(&'static str, String)> {
        let _ = (theta, tables);
        Vec::new()
    }

    /// First guess of the unknowns.
    fn guess(theta: &[f64], tables: &[Pchip], fluids: [&Fluid; 2], outdoor: &Outdoor) -> Guess;

    /// Residuals and contributions to the balances.
    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S>;

    /// The same equations in closed form with their slopes, for a passive branch of which a hall has
    /// thousands: see [`Branch`]. `flow` kg/s, `inlet` and `air` temperatures K.
    fn branch(theta: &[f64], fluid: &Fluid, flow: f64, inlet: f64, air: f64) -> Option<Branch> {
        let _ = (theta, fluid, flow, inlet, air);
        None
    }

    /// What of the power on its bus comes through this device, W and var: all of it, but for a cord.
    fn passed<S: Scalar>(at: &At<'_, S>) -> [S; 2] {
        at.bus
    }

    /// Units in parallel of an electrical device that its `out_of_service` counts.
    fn installed(theta: &[f64]) -> Option<f64> {
        let _ = theta;
        None
    }

    /// Whether all of them are out: it then carries nothing and loses nothing.
    fn is_dead(theta: &[f64]) -> bool {
        let _ = theta;
        false
    }

    /// Status that this point asks for, written into `next` (which holds the present one).
    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let _ = (at, next);
    }

    /// Results, limits, controls and warnings at a solved point.
    fn report(at: &At<'_, f64>) -> Report;

    /// What crosses the site's boundary, from streams.
    fn ledger(at: &At<'_, f64>) -> Ledger {
        let _ = at;
        Ledger::default()
    }
}

/// Status of a controlled device: its set-point holds.
pub const CONTROLLED: u8 = 0;
/// Status of a controlled device at its lower stop.
pub const AT_MINIMUM: u8 = 1;
/// Status of a controlled device at its upper stop.
pub const AT_MAXIMUM: u8 = 2;

/// Residual of a control position: the set-point's error while controlled, else the stop.
///
/// `error` should be scaled to the order of one and signed so that it rises with the position.
pub fn control_residual<S: Scalar>(
    status: u8,
    position: S,
    minimum: f64,
    maximum: f64,
    error: S,
) -> S {
    match status {
        AT_MINIMUM => position - minimum,
        AT_MAXIMUM => position - maximum,
        _ => error,
    }
}

/// Status that a control should take: to a stop when the position has passed it, off the stop when
/// the set-point's `error` (same sign convention as [`control_residual`]) asks for it.
pub fn propose_control(status: u8, position: f64, minimum: f64, maximum: f64, error: f64) -> u8 {
    match status {
        // A hair of tolerance, so that a control resting exactly on its stop does not chatter.
        AT_MINIMUM if error < -1e-9 => CONTROLLED,
        AT_MAXIMUM if error > 1e-9 => CONTROLLED,
        CONTROLLED if position < minimum - 1e-12 => AT_MINIMUM,
        CONTROLLED if position > maximum + 1e-12 => AT_MAXIMUM,
        unchanged => unchanged,
    }
}

/// The `//!` head of a source file, as Markdown.
pub fn module_documentation(source: &str) -> String {
    source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| {
            line.trim_start_matches("//!")
                .strip_prefix(' ')
                .unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Declares the modules, the [`Kind`] enumeration and its dispatch from one list.
macro_rules! register {
    ($($module:ident :: $name:ident),* $(,)?) => {
        $( pub mod $module; )*

        /// Every kind of component.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $(
                #[doc = concat!("See [`", stringify!($module), "`].")]
                $name,
            )*
        }

        impl Kind {
            /// All kinds, in the order of registration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Name, connections and parameters.
            pub fn spec(self) -> &'static Spec {
                match self { $(Self::$name => { const SPEC: Spec = <$module::$name as Component>::SPEC; &SPEC })* }
            }

            /// Equations, symbols, range of validity and source: the head of the component's file.
            pub fn documentation(self) -> String {
                let text = match self {
                    $(Self::$name => include_str!(concat!("component/", stringify!($module), ".rs")),)*
                };
                module_documentation(text)
            }

            /// What its electrical power counts as.
            pub fn end_use(self) -> EndUse {
                match self { $(Self::$name => <$module::$name as Component>::END_USE),* }
            }

            /// See [`Component::STOPS`].
            pub fn stops(self) -> bool {
                match self { $(Self::$name => <$module::$name as Component>::STOPS),* }
            }

            /// See [`Component::check`].
            pub fn check(self, theta: &[f64], tables: &[Pchip]) -> Vec<(&'static str, String)> {
                match self { $(Self::$name => <$module::$name as Component>::check(theta, tables)),* }
            }

            /// See [`Component::guess`].
            pub fn guess(self, theta: &[f64], tables: &[Pchip], fluids: [&Fluid; 2], outdoor: &Outdoor) -> Guess {
                match self { $(Self::$name => <$module::$name as Component>::guess(theta, tables, fluids, outdoor)),* }
            }

            /// See [`Component::equations`].
            pub fn equations<S: Scalar>(self, at: &At<'_, S>) -> Out<S> {
                let out = match self { $(
                    Self::$name if <$module::$name as Component>::is_dead(at.theta) => Out { power: at.bus, ..Out::zero() },
                    Self::$name => <$module::$name as Component>::equations(at),
                )* };
                #[cfg(test)]
                let out = { let mut out = out; mutation::thin(self, self.passed(at)[0], &mut out); out };
                out
            }

            /// See [`Component::passed`].
            pub fn passed<S: Scalar>(self, at: &At<'_, S>) -> [S; 2] {
                match self { $(Self::$name => <$module::$name as Component>::passed(at)),* }
            }

            /// See [`Component::installed`].
            pub fn installed(self, theta: &[f64]) -> Option<f64> {
                match self { $(Self::$name => <$module::$name as Component>::installed(theta)),* }
            }

            /// See [`Component::is_dead`].
            pub fn is_dead(self, theta: &[f64]) -> bool {
                match self { $(Self::$name => <$module::$name as Component>::is_dead(theta)),* }
            }

            /// See [`Component::branch`].
            pub fn branch(self, theta: &[f64], fluid: &Fluid, flow: f64, inlet: f64, air: f64) -> Option<Branch> {
                #[cfg(test)]
                if mutation::touches(self) { return None; }
                match self { $(Self::$name => <$module::$name as Component>::branch(theta, fluid, flow, inlet, air)),* }
            }

            /// See [`Component::propose`].
            pub fn propose(self, at: &At<'_, f64>, next: &mut [u8]) {
                match self { $(Self::$name => <$module::$name as Component>::propose(at, next)),* }
            }

            /// See [`Component::report`].
            pub fn report(self, at: &At<'_, f64>) -> Report {
                if let Some(of) = self.installed(at.theta).filter(|_| self.is_dead(at.theta)) {
                    return Report { mode: "out of service", of, ..Report::default() };
                }
                match self { $(Self::$name => <$module::$name as Component>::report(at)),* }
            }

            /// See [`Component::ledger`].
            pub fn ledger(self, at: &At<'_, f64>) -> Ledger {
                if self.is_dead(at.theta) { return Ledger::default(); }
                let ledger = match self { $(Self::$name => <$module::$name as Component>::ledger(at)),* };
                #[cfg(test)]
                let ledger = { let mut ledger = ledger; mutation::thin_ledger(self, &mut ledger); ledger };
                ledger
            }

            /// Kinds that a file may write as equipment: cords are made from lists of feeders.
            pub fn written() -> impl Iterator<Item = Self> + Clone {
                Self::ALL.iter().copied().filter(|kind| *kind != Self::Cord)
            }

            /// The kind of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.spec().kind == name)
            }
        }
    };
}

register! {
    air_cooled_chiller::AirCooledChiller,
    busway::Busway,
    chiller::Chiller,
    cord::Cord,
    crah::Crah,
    dry_cooler::DryCooler,
    economiser::Economiser,
    envelope::Envelope,
    feed::Feed,
    it_load::ItLoad,
    other_load::OtherLoad,
    buffer_tank::BufferTank,
    cdu::Cdu,
    exchanger::Exchanger,
    given_water::GivenWater,
    heat_load::HeatLoad,
    heat_reuse::HeatReuse,
    pipe::Pipe,
    power_supply::PowerSupply,
    pump_set::PumpSet,
    rear_door::RearDoor,
    resistance::Resistance,
    room_air::RoomAir,
    room_cooler::RoomCooler,
    thermodynamic_chiller::ThermodynamicChiller,
    tower::Tower,
    transformer::Transformer,
    ups::Ups,
    valve::Valve,
}
