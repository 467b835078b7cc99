//! Racks of one design side by side: their numbers, packed for the kernel.
//!
//! A batch holds up to [`WIDTH`] racks of one design; a place without a rack repeats the last one and
//! is not read. Each field of a set's plates is a row of planes, one for each plate; a field that is
//! the same on all plates of the batch is one plane that is read again and again (step 0), so that
//! only what differs costs memory traffic.

use std::collections::HashMap;
use std::sync::Arc;

use pulp::Simd;

use super::core_limit;
use crate::curve::Pchip;
use crate::network::Rack;
use crate::network::rack::{
    Conductance, PlateField, Plates, RackDesign, RackParameters, ServerNumbers, SetDesign,
};
use crate::solve::lane::{Lane, Plane, WIDTH};

/// Fields of a plate and its device that the kernel reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    BasePower,
    Leakage,
    InverseEFold,
    ReferenceTemperature,
    Cap,
    CoreResistance,
    MemoryResistance,
    CoreLimit,
    /// As the part states it, infinite where it does not.
    StatedLimit,
    MemoryLimit,
    AirFraction,
    ConductanceFactor,
    DropFactor,
    MeasuredFactor,
    Linear,
    Quadratic,
    AirConductance,
}

/// Of each [`Field`], in its order: the plate's field that it comes from, and how.
const FIELDS: [(PlateField, fn(f64) -> f64); 17] = [
    (PlateField::BasePower, same),
    (PlateField::Leakage, same),
    (PlateField::EFold, |e_fold| 1.0 / e_fold),
    (PlateField::ReferenceTemperature, same),
    (PlateField::Cap, same),
    (PlateField::CoreResistance, same),
    (PlateField::MemoryResistance, same),
    (PlateField::CoreLimit, core_limit),
    (PlateField::CoreLimit, same),
    (PlateField::MemoryLimit, same),
    (PlateField::AirFraction, same),
    (PlateField::ConductanceFactor, same),
    (PlateField::DropFactor, same),
    (PlateField::MeasuredFactor, same),
    (PlateField::Linear, same),
    (PlateField::Quadratic, same),
    (PlateField::AirConductance, same),
];

fn same(value: f64) -> f64 {
    value
}

/// Fields of a server that the kernel reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerField {
    Linear,
    Quadratic,
    InverseKvSquared,
    /// What is cooled by air, fans included.
    AirCooledPower,
    SupplyRating,
    SupplyConstantLoss,
}

const SERVER_FIELDS: [fn(&ServerNumbers) -> f64; 6] = [
    |s| s.linear,
    |s| s.quadratic,
    |s| s.inverse_kv_squared,
    |s| s.air_cooled_power + s.fan_power,
    |s| s.supply_rating,
    |s| s.supply_constant_loss,
];

/// Fields of a rack's connection and manifold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ManifoldField {
    SegmentLinear,
    SegmentQuadratic,
    Linear,
    Quadratic,
    InverseKvSquared,
    SwitchPower,
}

/// Where a field's planes stand: `first + step·k` for item k.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    first: u32,
    step: u32,
}

impl Column {
    /// Packs a field of items, given side by side.
    fn pack<T>(planes: &mut Vec<Plane>, items: &[[&T; WIDTH]], value: fn(&T) -> f64) -> Self {
        let first = planes.len() as u32;
        let same = value(items[0][0]);
        let uniform = items
            .iter()
            .flatten()
            .all(|item| value(item).to_bits() == same.to_bits());
        if uniform {
            planes.push([same; WIDTH]);
            return Self { first, step: 0 };
        }
        planes.extend(items.iter().map(|side_by_side| side_by_side.map(value)));
        Self { first, step: 1 }
    }

    #[inline(always)]
    fn at(self, item: usize) -> usize {
        self.first as usize + self.step as usize * item
    }
}

/// Plates of one set, of the racks of a batch.
struct PlatesOfSet<'a> {
    lanes: [&'a Plates; WIDTH],
    /// All of them have the same plates before anything varies.
    alike: bool,
    /// Plates in a server, those of the set among them, and servers.
    per_server: usize,
    within: std::ops::Range<usize>,
    servers: usize,
}

impl<'a> PlatesOfSet<'a> {
    fn new(design: &RackDesign, set: &SetDesign, lanes: &[&'a Arc<RackParameters>; WIDTH]) -> Self {
        let lanes = lanes.map(|parameters| &parameters.plates);
        Self {
            alike: (lanes.iter()).all(|lane| Arc::ptr_eq(lane.shared(), lanes[0].shared())),
            lanes,
            per_server: design.plates_per_server,
            within: set.first_plate..set.first_plate + set.count,
            servers: design.servers,
        }
    }

    /// Indices of its plates in their racks.
    fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.servers)
            .flat_map(move |s| self.within.clone().map(move |k| s * self.per_server + k))
    }

    /// A field of its plates before anything varies, of each rack that does not share them with the first.
    fn shared(&self, field: PlateField) -> impl Iterator<Item = f64> + '_ {
        let racks = if self.alike { 1 } else { WIDTH };
        let plates =
            (self.lanes[..racks].iter()).flat_map(|lane| &lane.shared()[self.within.clone()]);
        plates.map(move |plate| plate.field(field))
    }

    fn any(&self, field: PlateField, test: impl Fn(f64) -> bool + Copy) -> bool {
        self.shared(field).any(test)
            || (self.lanes.iter().filter_map(|lane| lane.own(field)))
                .any(|own| self.indices().any(|k| test(own[k])))
    }

    /// Packs a field.
    fn pack(&self, planes: &mut Vec<Plane>, field: PlateField, how: fn(f64) -> f64) -> Column {
        let first = planes.len() as u32;
        let own = self.lanes.map(|lane| lane.own(field));
        let mut shared = self.shared(field);
        let one = shared.next().unwrap_or_default();
        if own.iter().all(Option::is_none) && shared.all(|value| value.to_bits() == one.to_bits()) {
            planes.push([how(one); WIDTH]);
            return Column { first, step: 0 };
        }
        planes.extend(self.indices().map(|k| {
            std::array::from_fn(|lane| {
                how(match own[lane] {
                    Some(own) => own[k],
                    None => self.lanes[lane].shared()[k % self.per_server].field(field),
                })
            })
        }));
        Column { first, step: 1 }
    }
}

/// What the plates of one set need beside their design.
#[derive(Debug, Clone)]
pub(super) struct SetNumbers {
    columns: [Column; FIELDS.len()],
    /// UA against volume flow, where measured.
    pub(super) conductance: Option<Table>,
    /// Whether any plate gives heat to the air from its coolant.
    pub(super) loses_heat: bool,
    /// Whether any plate follows the textbook law of pressure drop.
    pub(super) textbook_drop: bool,
}

/// Racks of one design side by side.
#[derive(Debug, Clone)]
pub struct Batch {
    /// What they share.
    pub(super) design: Arc<RackDesign>,
    /// Whether the return manifold leaves at the far end.
    pub(super) reverse: bool,
    /// Their indices in the network's list.
    pub(crate) racks: Vec<u32>,
    pub(super) sets: Vec<SetNumbers>,
    servers: [Column; SERVER_FIELDS.len()],
    manifold: [Plane; 6],
    /// Bore and pitch of the manifold, where the Darcy term counts, m.
    pub(super) tube: Option<[Plane; 2]>,
    /// Loss of the power supplies per watt of output against load.
    pub(super) supply_loss: Option<Table>,
    planes: Vec<Plane>,
}

impl Batch {
    /// Packs racks of one design.
    pub fn new(racks: &[u32], network: &[Rack]) -> Self {
        let design = &network[racks[0] as usize].design;
        let rack = |lane: usize| {
            let k = lane.min(racks.len() - 1);
            &network[racks[k] as usize].parameters
        };
        let lanes: [_; WIDTH] = std::array::from_fn(rack);
        let mut planes = Vec::new();
        let sets = design
            .sets
            .iter()
            .map(|set| {
                let side_by_side = PlatesOfSet::new(design, set, &lanes);
                let any = |field| side_by_side.any(field, |value| value != 0.0);
                SetNumbers {
                    columns: FIELDS.map(|(field, how)| side_by_side.pack(&mut planes, field, how)),
                    conductance: match &set.conductance {
                        Conductance::Measured(curve) => Some(Table::new(curve)),
                        Conductance::Power { .. } => None,
                    },
                    loses_heat: side_by_side.any(PlateField::AirConductance, |value| value > 0.0),
                    textbook_drop: any(PlateField::Linear) || any(PlateField::Quadratic),
                }
            })
            .collect();
        let servers: Vec<[&ServerNumbers; WIDTH]> = (0..design.servers)
            .map(|s| lanes.map(|p| &p.servers[s]))
            .collect();
        let servers = SERVER_FIELDS.map(|field| Column::pack(&mut planes, &servers, field));
        let own = |value: fn(&crate::component::manifold::Parameters<f64>) -> f64| -> Plane {
            std::array::from_fn(|lane| value(&lanes[lane].manifold))
        };
        let tubes = (0..WIDTH)
            .any(|lane| lanes[lane].manifold.bore.is_some() && lanes[lane].manifold.pitch > 0.0);
        Self {
            design: Arc::clone(design),
            reverse: lanes[0].reverse(),
            sets,
            servers,
            manifold: [
                own(|m| m.segment_linear),
                own(|m| m.segment_quadratic),
                own(|m| m.linear),
                own(|m| m.quadratic),
                own(|m| m.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv))),
                own(|m| m.switch_power),
            ],
            tube: tubes.then(|| [own(|m| m.bore.unwrap_or(0.0)), own(|m| m.pitch)]),
            supply_loss: design.supply_loss.as_ref().map(Table::new),
            planes,
            racks: racks.to_vec(),
        }
    }

    /// Racks of one design without their numbers: a place for [`new`](Self::new).
    pub fn unpacked(racks: &[u32], network: &[Rack]) -> Self {
        let first = &network[racks[0] as usize];
        Self {
            design: Arc::clone(&first.design),
            reverse: first.parameters.reverse(),
            racks: racks.to_vec(),
            sets: Vec::new(),
            servers: Default::default(),
            manifold: [[0.0; WIDTH]; 6],
            tube: None,
            supply_loss: None,
            planes: Vec::new(),
        }
    }

    /// Field of plate `item` of a set (plates of all servers, one after the other).
    #[inline(always)]
    pub(super) fn plate<S: Simd>(
        &self,
        simd: S,
        set: &SetNumbers,
        field: Field,
        item: usize,
        chunk: usize,
    ) -> Lane<S> {
        let plane = &self.planes[set.columns[field as usize].at(item)];
        Lane::load(simd, plane, chunk)
    }

    /// Power that the device of a plate of a rack draws where nothing holds it back, W.
    pub(super) fn power_asked(&self, plate: usize, lane: usize, junction: f64) -> f64 {
        let (k, within) = self.design.set_of(plate);
        let (set, numbers) = (&self.design.sets[k], &self.sets[k]);
        let item = plate / self.design.plates_per_server * set.count + within;
        let field = |field: Field| self.planes[numbers.columns[field as usize].at(item)][lane];
        let excess = junction - field(Field::ReferenceTemperature);
        let e_fold = 1.0 / field(Field::InverseEFold);
        field(Field::BasePower) + (set.leakage.at(field(Field::Leakage), e_fold, excess)).0
    }

    /// Field of a server.
    #[inline(always)]
    pub(super) fn server<S: Simd>(
        &self,
        simd: S,
        field: ServerField,
        server: usize,
        chunk: usize,
    ) -> Lane<S> {
        let plane = &self.planes[self.servers[field as usize].at(server)];
        Lane::load(simd, plane, chunk)
    }

    /// Field of the manifold.
    #[inline(always)]
    pub(super) fn manifold<S: Simd>(&self, simd: S, field: ManifoldField, chunk: usize) -> Lane<S> {
        Lane::load(simd, &self.manifold[field as usize], chunk)
    }
}

/// Racks of each batch, in the network's order (racks of one design and of one `owner`, a mark of the
/// block that they are in, [`WIDTH`] at a time), and of each rack its batch and its place there.
pub fn layout(
    network: &[Rack],
    owner: impl Fn(usize) -> usize,
) -> (Vec<Vec<u32>>, Vec<(u32, u32)>) {
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut open: HashMap<(*const RackDesign, bool, usize), usize> = HashMap::new();
    let mut place = Vec::with_capacity(network.len());
    for (index, rack) in network.iter().enumerate() {
        let key = (
            Arc::as_ptr(&rack.design),
            rack.parameters.reverse(),
            owner(index),
        );
        let group = match open.get(&key) {
            Some(&group) if groups[group].len() < WIDTH => group,
            _ => {
                groups.push(Vec::with_capacity(WIDTH));
                open.insert(key, groups.len() - 1);
                groups.len() - 1
            }
        };
        place.push((group as u32, groups[group].len() as u32));
        groups[group].push(index as u32);
    }
    (groups, place)
}

/// A piecewise cubic, laid out for lookups of several arguments at once.
#[derive(Debug, Clone)]
pub(super) struct Table {
    knots: Vec<f64>,
    /// Start and coefficients in rising powers of the distance from it; one before the first knot,
    /// one after each.
    pieces: Vec<[f64; 5]>,
}

impl Table {
    fn new(curve: &Pchip) -> Self {
        Self {
            knots: curve.points().map(|(x, _)| x).collect(),
            pieces: curve.pieces(),
        }
    }

    /// Value and slope.
    #[inline(always)]
    pub(super) fn eval<S: Simd>(&self, x: Lane<S>) -> (Lane<S>, Lane<S>) {
        let mut after = x.constant(0.0);
        for &knot in &self.knots {
            after = after + x.step(knot);
        }
        let [start, value, slope, quadratic, cubic] =
            after.each(|after| self.pieces[(after as usize).min(self.pieces.len() - 1)]);
        let t = x - start;
        (
            ((cubic * t + quadratic) * t + slope) * t + value,
            (cubic * t * 3.0 + quadratic * 2.0) * t + slope,
        )
    }
}
