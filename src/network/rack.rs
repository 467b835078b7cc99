//! Racks as flat numbers: what all racks of a design share, and what each plate has of its own.

mod conductance;
pub mod guess;
mod plates;

pub use conductance::{Conductance, Similarity};
pub use plates::{PlateField, Plates};

use crate::component::{cold_plate, device, manifold, server};
use crate::curve::{CurveError, Pchip};
use crate::fluid::Fluid;
use crate::hall::model::{DeviceRole, RackSet, State};

/// Leakage law of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leakage {
    /// L_ref·exp((T − T_ref)/T_e)
    Exponential,
    /// (L_ref/T_e)·(T − T_ref)
    Linear,
}

impl Leakage {
    /// Leakage and its slope against temperature, W and W/K.
    ///
    /// Three e-folds above the reference (135 K with the default e-fold) the exponential goes on as
    /// its tangent: no device runs there, and the solver passes by without overflow.
    #[inline]
    pub fn at(self, reference: f64, e_fold: f64, excess: f64) -> (f64, f64) {
        let ratio = excess / e_fold;
        match self {
            Self::Linear => (reference * ratio, reference / e_fold),
            Self::Exponential if ratio > 3.0 => {
                let top = reference * 3.0f64.exp();
                (top * (1.0 + ratio - 3.0), top / e_fold)
            }
            Self::Exponential => {
                let value = reference * ratio.exp();
                (value, value / e_fold)
            }
        }
    }
}

/// Numbers of a part by slot, not a number where it does not give one; equal if they are so bit by bit.
#[derive(Debug, Clone)]
pub struct Theta(Vec<f64>);

impl std::ops::Deref for Theta {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl PartialEq for Theta {
    fn eq(&self, other: &Self) -> bool {
        let bits = |theta| <[f64]>::iter(theta).map(|x| x.to_bits());
        bits(self).eq(bits(other))
    }
}

/// Devices of one role: what they share.
#[derive(Debug, Clone, PartialEq)]
pub struct SetDesign {
    /// Role.
    pub role: DeviceRole,
    /// Library part of the device.
    pub part: String,
    /// Devices in a server.
    pub count: usize,
    /// Devices on one path.
    pub in_series: usize,
    /// First plate of the set within its server.
    pub first_plate: usize,
    /// First path of the set within its server.
    pub first_path: usize,
    /// Leakage law.
    pub leakage: Leakage,
    /// Conductance law.
    pub conductance: Conductance,
    /// How it follows the fluid, where the plate names the fluid of its measurement.
    pub similarity: Option<Similarity>,
    /// First and last measured volume flow, m³/s.
    pub flow_range: Option<(f64, f64)>,
    /// Measured pressure drop Δp₀ [Pa], its flow q₀ [m³/s], exponent e, μ₀ as a logarithm, ρ₀.
    pub pressure_drop: f64,
    /// q₀, m³/s.
    pub pressure_drop_flow: f64,
    /// e.
    pub exponent: f64,
    /// ln μ₀, μ₀ in Pa s.
    pub ln_reference_viscosity: f64,
    /// ρ₀, kg/m³.
    pub reference_density: f64,
    /// Whether the linear coefficient follows viscosity.
    pub viscosity_coupled: bool,
    /// Parameters as given, before anything varies.
    pub device_theta: Theta,
    /// Parameters of the plate as given.
    pub plate_theta: Theta,
}

/// What all racks of one set share.
#[derive(Debug, Clone, PartialEq)]
pub struct RackDesign {
    /// Library part.
    pub part: String,
    /// Servers.
    pub servers: usize,
    /// Plates in a server.
    pub plates_per_server: usize,
    /// Paths in a server.
    pub paths_per_server: usize,
    /// Devices by role.
    pub sets: Vec<SetDesign>,
    /// Manifold parameters.
    pub manifold: manifold::Parameters<f64>,
    /// Efficiency curve of the power supplies, as loss per watt of output against load fraction.
    pub supply_loss: Option<Pchip>,
    /// Fluid.
    pub fluid: Fluid,
}

/// A plate and its device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plate {
    /// Power at the load asked for without leakage, W; plus leakage gives the power.
    pub base_power: f64,
    /// The same when idle, W.
    pub idle_power: f64,
    /// Leakage at reference, W.
    pub leakage: f64,
    /// E-fold, K.
    pub e_fold: f64,
    /// Reference temperature, K.
    pub reference_temperature: f64,
    /// Power cap, W.
    pub cap: f64,
    /// Junction to plate resistance times the core's share, K per watt of device power.
    pub core_resistance: f64,
    /// Memory to plate resistance times the memory's share, K per watt of device power.
    pub memory_resistance: f64,
    /// Junction temperature above which it throttles, K (infinite where not known).
    pub core_limit: f64,
    /// Memory temperature above which it throttles, K (infinite where not known).
    pub memory_limit: f64,
    /// Share of heat that leaves to air.
    pub air_fraction: f64,
    /// Multiplier on conductance.
    pub conductance_factor: f64,
    /// Multiplier on pressure drop.
    pub drop_factor: f64,
    /// Measured pressure drop relative to the set's.
    pub measured_factor: f64,
    /// Linear coefficient, Pa s/kg.
    pub linear: f64,
    /// Quadratic coefficient, Pa s²/kg².
    pub quadratic: f64,
    /// Conductance from coolant to air, W/K.
    pub air_conductance: f64,
}

/// A server's own numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerNumbers {
    /// Linear coefficient of the common part, Pa s/kg.
    pub linear: f64,
    /// Quadratic coefficient, Pa s²/kg².
    pub quadratic: f64,
    /// 1/Kv², (Pa)(s/m³)² for density 1000.
    pub inverse_kv_squared: f64,
    /// Air-cooled power at this load, W.
    pub air_cooled_power: f64,
    /// Fan power, W.
    pub fan_power: f64,
    /// Rated output of the power supplies, W.
    pub supply_rating: f64,
    /// Constant loss, W.
    pub supply_constant_loss: f64,
    /// Reactive power per watt at the input.
    pub reactive_ratio: f64,
    /// Cross-section of the quick disconnects, m²; infinite where not known.
    pub coupling_area: f64,
    /// Velocity in them held to be good practice, m/s.
    pub coupling_velocity_limit: f64,
}

/// One distinct rack.
#[derive(Debug, Clone, PartialEq)]
pub struct RackParameters {
    /// Plates with their devices.
    pub plates: Plates,
    /// Servers.
    pub servers: Vec<ServerNumbers>,
    /// Connection and manifold coefficients with this rack's own changes.
    pub manifold: manifold::Parameters<f64>,
}

/// A design whose measured points cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DesignError {
    /// A resistance point below what the flow itself allows.
    #[error(
        "plate '{part}': {resistance:.5} K/W at {flow:.3e} m³/s is less than 1/(ṁ·cp) = {floor:.5} K/W of this fluid: \
         the plate would be colder than the coolant that leaves it"
    )]
    Impossible {
        /// Plate part.
        part: String,
        /// Resistance, K/W.
        resistance: f64,
        /// Flow, m³/s.
        flow: f64,
        /// Smallest resistance that flow allows, K/W.
        floor: f64,
    },
    /// A solid part that leaves nothing for the coolant.
    #[error(
        "plate '{part}': its solid_resistance of {solid:.5} K/W is not below the {whole:.5} K/W that the measured point \
         at {flow:.3e} m³/s leaves beside the coolant's rise"
    )]
    AllSolid {
        /// Plate part.
        part: String,
        /// Solid part, K/W.
        solid: f64,
        /// Volume flow of the point, m³/s.
        flow: f64,
        /// 1/UA of the point, K/W.
        whole: f64,
    },
    /// A solid part without measured points that it is a part of.
    #[error(
        "plate '{0}' has a `solid_resistance` but no `resistance` points that it is a part of; \
         a `conductance` is taken as the coolant's alone"
    )]
    SolidWithoutPoints(String),
    /// A plate with neither measured resistance nor conductance.
    #[error("plate '{0}' has neither `resistance` points nor a `conductance`")]
    NoConductance(String),
    /// A curve that cannot be interpolated.
    #[error("plate or power supply '{part}': {source}")]
    Curve {
        /// Part.
        part: String,
        /// Cause.
        source: CurveError,
    },
}

/// Code of a return manifold that leaves at the far end.
const REVERSE: usize = 1;

impl RackParameters {
    /// Whether the return manifold leaves at the far end.
    pub fn reverse(&self) -> bool {
        self.manifold.arrangement == REVERSE
    }
}

impl RackDesign {
    /// Set that a plate belongs to, and its number in its server's part of the set.
    pub fn set_of(&self, plate: usize) -> (usize, usize) {
        let in_server = plate % self.plates_per_server;
        let set = (self.sets.iter())
            .rposition(|set| set.first_plate <= in_server)
            .unwrap_or(0);
        (set, in_server - self.sets[set].first_plate)
    }

    /// Builds the shared part of a rack set for the fluid of its loop.
    ///
    /// # Errors
    /// [`DesignError`] where the plate's measured points contradict the fluid.
    pub fn new(set: &RackSet, fluid: &Fluid, temperature: f64) -> Result<Self, DesignError> {
        let mut sets = Vec::new();
        let (mut first_plate, mut first_path) = (0, 0);
        for devices in &set.server.devices {
            if devices.count == 0 {
                continue;
            }
            let d = device::Parameters::<f64>::load(&devices.device);
            let p = cold_plate::Parameters::<f64>::load(&devices.plate);
            let in_series = devices.in_series.max(1);
            let conductance = conductance::conductance(
                &devices.plate_part,
                &p,
                &devices.plate_tables,
                fluid,
                temperature,
            )?;
            sets.push(SetDesign {
                role: devices.role,
                part: devices.part.clone(),
                count: devices.count,
                in_series,
                first_plate,
                first_path,
                leakage: if d.leakage_law == 0 {
                    Leakage::Exponential
                } else {
                    Leakage::Linear
                },
                conductance: conductance.law,
                similarity: conductance.similarity,
                flow_range: conductance.flow_range,
                pressure_drop: p.pressure_drop,
                pressure_drop_flow: p.pressure_drop_flow,
                exponent: p.pressure_drop_exponent,
                ln_reference_viscosity: p.reference_viscosity.ln(),
                reference_density: p.reference_density,
                viscosity_coupled: p.viscosity_coupled,
                device_theta: Theta(devices.device.clone()),
                plate_theta: Theta(devices.plate.clone()),
            });
            first_plate += devices.count;
            first_path += devices.count / in_series;
        }
        let s = server::Parameters::<f64>::load(&set.server.theta);
        let supply_loss = match s.supply_efficiency {
            Some(index) => {
                let curve = &set.server.tables[index];
                let (load, loss): (Vec<f64>, Vec<f64>) =
                    curve.points().map(|(x, eta)| (x, 1.0 / eta - 1.0)).unzip();
                let table = Pchip::new(load, loss).map_err(|source| DesignError::Curve {
                    part: set.server.part.clone(),
                    source,
                })?;
                Some(table)
            }
            None => None,
        };
        Ok(Self {
            part: set.part.clone(),
            servers: set.servers,
            plates_per_server: first_plate,
            paths_per_server: first_path,
            sets,
            manifold: manifold::Parameters::load(&set.theta),
            supply_loss,
            fluid: *fluid,
        })
    }

    /// Plates in the rack.
    pub fn plates(&self) -> usize {
        self.plates_per_server * self.servers
    }

    /// Paths in the rack.
    pub fn paths(&self) -> usize {
        self.paths_per_server * self.servers
    }
}

impl Plate {
    /// Packs a device and its plate at the load asked for.
    pub fn pack(
        device_theta: &[f64],
        plate_theta: &[f64],
        role: DeviceRole,
        law: Leakage,
        state: &State,
    ) -> Self {
        let d = device::Parameters::<f64>::load(device_theta);
        let p = cold_plate::Parameters::<f64>::load(plate_theta);
        let load = match role {
            DeviceRole::Gpu => state.gpu_load,
            DeviceRole::Processor | DeviceRole::Auxiliary => state.processor_load,
        };
        let leakage_at = |t: f64| {
            law.at(d.leakage, d.leakage_e_fold, t - d.reference_temperature)
                .0
        };
        let at_idle = leakage_at(d.idle_temperature);
        let at_reference = leakage_at(d.reference_temperature);
        let dynamic = d.rated_power - d.idle_power - (at_reference - at_idle);
        let idle_power = d.idle_power - at_idle;
        Self {
            base_power: idle_power + load * dynamic,
            idle_power,
            leakage: d.leakage,
            e_fold: d.leakage_e_fold,
            reference_temperature: d.reference_temperature,
            cap: d.power_cap.unwrap_or(f64::INFINITY),
            core_resistance: d.junction_resistance * (1.0 - d.memory_share),
            memory_resistance: d.memory_resistance * d.memory_share,
            core_limit: d
                .software_slowdown
                .or(d.hardware_slowdown)
                .or(d.shutdown)
                .unwrap_or(f64::INFINITY),
            memory_limit: d.memory_limit.unwrap_or(f64::INFINITY),
            air_fraction: d.air_fraction,
            conductance_factor: p.conductance_factor,
            drop_factor: p.pressure_drop_factor,
            measured_factor: 1.0,
            linear: p.linear,
            quadratic: p.quadratic,
            air_conductance: p.air_conductance,
        }
    }
}

/// Keys of a device or plate that all of a set share: laws, and the points at which they hold.
pub const SHARED_KEYS: [&str; 17] = [
    "leakage_law",
    "clock_exponent",
    "plate.resistance",
    "plate.conductance_flow",
    "plate.conductance_exponent",
    "plate.pressure_drop_flow",
    "plate.pressure_drop_exponent",
    "plate.reference_viscosity",
    "plate.reference_density",
    "plate.reference_fluid",
    "plate.reference_strength",
    "plate.reference_temperature",
    "plate.solid_resistance",
    "plate.reynolds_exponent",
    "plate.prandtl_exponent",
    "plate.channel_area",
    "plate.velocity_limit",
];

impl SetDesign {
    /// Packs one asset's own device and plate against what the set shares.
    pub fn pack(&self, device_theta: &[f64], plate_theta: &[f64], state: &State) -> Plate {
        let mut plate = Plate::pack(device_theta, plate_theta, self.role, self.leakage, state);
        let own = cold_plate::Parameters::<f64>::load(plate_theta);
        if let (Conductance::Power { nominal, .. }, Some(conductance)) =
            (&self.conductance, own.conductance)
            && *nominal > 0.0
        {
            plate.conductance_factor *= conductance / nominal;
        }
        if self.pressure_drop > 0.0 {
            plate.measured_factor = own.pressure_drop / self.pressure_drop;
        }
        plate
    }
}

impl ServerNumbers {
    /// Packs a server at the load asked for.
    pub fn pack(theta: &[f64], state: &State) -> Self {
        let s = server::Parameters::<f64>::load(theta);
        let span = s.air_cooled_power - s.air_cooled_idle_power;
        Self {
            linear: s.linear,
            quadratic: s.quadratic,
            inverse_kv_squared: s.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv)),
            air_cooled_power: s.air_cooled_idle_power + state.other_load * span,
            fan_power: s.fan_power,
            supply_rating: s.supply_rating.unwrap_or(f64::INFINITY),
            supply_constant_loss: s.supply_constant_loss,
            reactive_ratio: (1.0 / (s.power_factor * s.power_factor) - 1.0)
                .max(0.0)
                .sqrt(),
            coupling_area: s
                .coupling_bore
                .map_or(f64::INFINITY, |d| 0.25 * std::f64::consts::PI * d * d),
            coupling_velocity_limit: s.coupling_velocity_limit,
        }
    }
}
