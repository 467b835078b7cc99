//! The plates of a rack, field by field.
//!
//! Racks of a set differ in few fields. What no spread, table or override touches stands once for all of
//! them; a field that something touches has one number for each plate.

use std::sync::Arc;

use super::Plate;

/// Number of fields of a [`Plate`].
const FIELDS: usize = 17;

/// A field of a [`Plate`], in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlateField {
    /// See [`Plate::base_power`].
    BasePower,
    /// See [`Plate::idle_power`].
    IdlePower,
    /// See [`Plate::leakage`].
    Leakage,
    /// See [`Plate::e_fold`].
    EFold,
    /// See [`Plate::reference_temperature`].
    ReferenceTemperature,
    /// See [`Plate::cap`].
    Cap,
    /// See [`Plate::core_resistance`].
    CoreResistance,
    /// See [`Plate::memory_resistance`].
    MemoryResistance,
    /// See [`Plate::core_limit`].
    CoreLimit,
    /// See [`Plate::memory_limit`].
    MemoryLimit,
    /// See [`Plate::air_fraction`].
    AirFraction,
    /// See [`Plate::conductance_factor`].
    ConductanceFactor,
    /// See [`Plate::drop_factor`].
    DropFactor,
    /// See [`Plate::measured_factor`].
    MeasuredFactor,
    /// See [`Plate::linear`].
    Linear,
    /// See [`Plate::quadratic`].
    Quadratic,
    /// See [`Plate::air_conductance`].
    AirConductance,
}

impl Plate {
    /// Its fields, in the order of [`PlateField`].
    fn numbers(&self) -> [f64; FIELDS] {
        [
            self.base_power,
            self.idle_power,
            self.leakage,
            self.e_fold,
            self.reference_temperature,
            self.cap,
            self.core_resistance,
            self.memory_resistance,
            self.core_limit,
            self.memory_limit,
            self.air_fraction,
            self.conductance_factor,
            self.drop_factor,
            self.measured_factor,
            self.linear,
            self.quadratic,
            self.air_conductance,
        ]
    }

    fn from_numbers(numbers: [f64; FIELDS]) -> Self {
        let [
            base_power,
            idle_power,
            leakage,
            e_fold,
            reference_temperature,
            cap,
            core_resistance,
            memory_resistance,
            core_limit,
            memory_limit,
            air_fraction,
            conductance_factor,
            drop_factor,
            measured_factor,
            linear,
            quadratic,
            air_conductance,
        ] = numbers;
        Self {
            base_power,
            idle_power,
            leakage,
            e_fold,
            reference_temperature,
            cap,
            core_resistance,
            memory_resistance,
            core_limit,
            memory_limit,
            air_fraction,
            conductance_factor,
            drop_factor,
            measured_factor,
            linear,
            quadratic,
            air_conductance,
        }
    }

    /// One of its fields.
    pub fn field(&self, field: PlateField) -> f64 {
        self.numbers()[field as usize]
    }
}

/// Plates of a rack, server by server; in a server set by set, path by path, in the order of flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Plates {
    /// Those of a server, before anything varies.
    shared: Arc<[Plate]>,
    servers: usize,
    /// Fields that vary, rising, with the numbers of all plates.
    own: Vec<(usize, Box<[f64]>)>,
}

impl Plates {
    /// Plates that are the same in each of the servers.
    pub fn new(server: Vec<Plate>, servers: usize) -> Self {
        Self {
            shared: server.into(),
            servers,
            own: Vec::new(),
        }
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.shared.len() * self.servers
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Plates of a server before anything varies: what holds for fields without an [`own`](Self::own) list.
    pub fn shared(&self) -> &Arc<[Plate]> {
        &self.shared
    }

    /// A field of all plates, where it varies.
    pub fn own(&self, field: PlateField) -> Option<&[f64]> {
        let own = self.own.iter().find(|(own, _)| *own == field as usize);
        own.map(|(_, numbers)| &**numbers)
    }

    /// A plate.
    pub fn get(&self, index: usize) -> Plate {
        let mut numbers = self.shared[index % self.shared.len()].numbers();
        for (field, own) in &self.own {
            numbers[*field] = own[index];
        }
        Plate::from_numbers(numbers)
    }

    /// All plates.
    pub fn iter(&self) -> impl Iterator<Item = Plate> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Gives a plate numbers of its own.
    pub fn set(&mut self, index: usize, plate: &Plate) {
        let new = plate.numbers();
        let old = self.shared[index % self.shared.len()].numbers();
        let mut place = 0;
        for (field, (new, old)) in new.into_iter().zip(old).enumerate() {
            let known = self.own.get(place).is_some_and(|(own, _)| *own == field);
            if !known && new.to_bits() != old.to_bits() {
                let all = (0..self.servers).flat_map(|_| self.shared.iter());
                let all = all.map(|plate| plate.numbers()[field]).collect();
                self.own.insert(place, (field, all));
            }
            if known || new.to_bits() != old.to_bits() {
                self.own[place].1[index] = new;
                place += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Plate, PlateField, Plates};

    #[test]
    fn plates_keep_what_they_are_given() {
        let plate = |k: f64| Plate::from_numbers(std::array::from_fn(|field| k + field as f64));
        let mut plates = Plates::new(vec![plate(0.0), plate(100.0)], 3);
        assert_eq!(plates.len(), 6);
        let mut own = plate(100.0);
        own.quadratic = -1.0;
        plates.set(3, &own);
        own.leakage = f64::NAN;
        own.quadratic = plate(100.0).quadratic;
        plates.set(5, &own);
        let changed = |index: usize| match index {
            3 => [102.0, -1.0],
            5 => [f64::NAN, 115.0],
            even if even % 2 == 0 => [2.0, 15.0],
            _ => [102.0, 115.0],
        };
        for (index, plate) in plates.iter().enumerate() {
            let [leakage, quadratic] = changed(index);
            assert_eq!(plate.leakage.to_bits(), leakage.to_bits(), "plate {index}");
            assert_eq!(plate.quadratic.to_bits(), quadratic.to_bits());
            assert_eq!(plate.cap.to_bits(), plates.shared[index % 2].cap.to_bits());
        }
        assert!(plates.own(PlateField::Cap).is_none());
        assert_eq!(plates.own(PlateField::Quadratic).map(<[f64]>::len), Some(6));
        let every = PlateField::AirConductance as usize + 1;
        assert_eq!(every, super::FIELDS);
        assert_eq!(
            plate(7.0).field(PlateField::AirFraction).to_bits(),
            17f64.to_bits()
        );
    }
}
