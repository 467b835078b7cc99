//! What blocks of one structure share: where each slope goes, how it is scaled, and in what order
//! the unknowns are eliminated. Made once, from the values at one state.
//!
//! The pattern is found by *probing*: an entry exists where a slope is not zero at one of two states
//! or at any status. Slopes outside the pattern are watched for when the program runs
//! ([`StampProgram::absent`]), and a new program is made if one appears.
//!
//! Rows are divided by their own scale and unknowns by theirs, so each entry of A is multiplied by
//! (scale of the unknown)/(scale of the row), once, where it is added.

use super::element::{self, Lanes, Local, MAX_LOCAL};
use super::{BlockState, BlockWork, Surroundings, status_of};
use crate::component::MAX_STATUS;
use crate::hall::model::RETURN;
use crate::network::{Block, Element, NONE, Role, Stamp, Structure};
use crate::solve::sparse::{Pattern, SmallPivot, Symbolic};

/// One addition: a slope, multiplied, into the matrix.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Place among the element's slopes: output·[`MAX_LOCAL`] + lane, or output·width + input of a
    /// block inside.
    pub from: u32,
    /// Place among the values.
    pub target: u32,
    /// Scale of the unknown by scale of the row; instances of a block inside included.
    pub factor: f64,
}

/// One addition: an output of an element into the residual.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// Output of the element.
    pub output: u32,
    /// Row.
    pub row: u32,
    /// One by the row's scale; instances of a block inside included.
    pub factor: f64,
}

/// How one stamp is added up.
#[derive(Debug, Clone)]
pub struct StampProgram {
    /// Lanes of its variables.
    pub lanes: Lanes,
    /// Its outputs.
    pub sums: Vec<Sum>,
    /// Its slopes.
    pub entries: Vec<Entry>,
    /// Places of slopes that were zero wherever they were looked at.
    pub absent: Vec<u32>,
}

/// A row that the block fills itself: a pressure reference, or what hangs on a bus.
#[derive(Debug, Clone, Copy)]
pub struct Fixed {
    /// Row, and unknown.
    pub row: u32,
    /// Place of the diagonal among the values.
    pub target: u32,
    /// Slope, scaled.
    pub slope: f64,
    /// One by the row's scale, signed as the slope.
    pub factor: f64,
    /// Value that is held.
    pub held: f64,
}

/// Where a structure's entries stand, and in what order its unknowns are eliminated.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) pattern: Pattern,
    pub(super) symbolic: Symbolic,
    pub(super) stamps: Vec<StampProgram>,
    pub(super) fixed: Vec<Fixed>,
    /// Places of the diagonal entries of temperatures.
    pub(super) temperatures: Vec<u32>,
    /// Scale of each unknown.
    pub(super) scales: Vec<f64>,
    /// Scale of each row.
    pub(super) row_scales: Vec<f64>,
}

/// Thermal inertia that an order of elimination must suit as well.
const INERTIA: f64 = 1.0;

/// Places of a matrix's entries, by row and column.
struct Places {
    /// Where each row begins, and the last one ends.
    starts: Vec<u32>,
    /// Columns, rising within each row.
    columns: Vec<u32>,
}

impl Places {
    /// Those of entries (row, column), each of which may stand there several times.
    fn new(rows: usize, entries: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut by_row = vec![Vec::new(); rows];
        for (row, column) in entries {
            by_row[row as usize].push(column);
        }
        let (mut starts, mut columns) = (Vec::with_capacity(rows + 1), Vec::new());
        starts.push(0);
        for row in &mut by_row {
            row.sort_unstable();
            row.dedup();
            columns.append(row);
            starts.push(columns.len() as u32);
        }
        Self { starts, columns }
    }

    /// Place of an entry.
    fn of(&self, row: u32, column: u32) -> u32 {
        let [start, end] = [0, 1].map(|next| self.starts[row as usize + next]);
        let own = &self.columns[start as usize..end as usize];
        start + own.binary_search(&column).unwrap_or(0) as u32
    }

    /// Row of each entry.
    fn rows(&self) -> Vec<u32> {
        let mut rows = Vec::with_capacity(self.columns.len());
        for (row, ends) in self.starts.windows(2).enumerate() {
            rows.resize(ends[1] as usize, row as u32);
        }
        rows
    }
}

impl Program {
    /// Makes a program from the non-zero entries at the present state, together with those of the
    /// program before; probes every status so that a switched control finds its place.
    ///
    /// # Errors
    /// [`SmallPivot`] where the block's equations are singular here.
    pub fn make(
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        before: Option<&Self>,
        stagnant: bool,
    ) -> Result<Self, SmallPivot> {
        let structure = &*block.structure;
        let found = probe(around, block, state, before);
        let fixed = fixed_rows(structure);
        let temperatures: Vec<u32> = (0..structure.unknowns as u32)
            .filter(|&row| {
                matches!(
                    structure.variables[row as usize].role,
                    Role::Temperature | Role::Air
                )
            })
            .collect();
        let diagonal = fixed
            .iter()
            .map(|f| f.row)
            .chain(temperatures.iter().copied());
        let inside = structure
            .stamps
            .iter()
            .zip(&found)
            .flat_map(|(stamp, seen)| {
                seen.iter()
                    .map(|&(o, v)| (stamp.rows[o as usize], stamp.variables[v as usize]))
            });
        let places = Places::new(
            structure.unknowns + structure.outputs,
            diagonal.map(|row| (row, row)).chain(inside),
        );
        let target = |row: u32, column: u32| places.of(row, column);
        let stamps = structure
            .stamps
            .iter()
            .zip(&found)
            .map(|(stamp, seen)| stamp_program(structure, stamp, seen, &target))
            .collect();
        let fixed = (fixed.into_iter())
            .map(|f| Fixed {
                target: target(f.row, f.row),
                ..f
            })
            .collect();
        let temperatures = temperatures.iter().map(|&row| target(row, row)).collect();
        let pattern = Pattern {
            order: structure.unknowns,
            inputs: structure.inputs,
            outputs: structure.outputs,
            rows: places.rows(),
            columns: places.columns,
        };
        let own = &structure.variables[..structure.unknowns];
        let mut program = Self {
            symbolic: Symbolic::default(),
            pattern,
            stamps,
            fixed,
            temperatures,
            scales: own.iter().map(|v| v.scale).collect(),
            row_scales: own.iter().map(|v| v.row_scale).collect(),
        };
        program.symbolic = program.order(around, block, state, stagnant)?;
        Ok(program)
    }

    /// Chooses an order that serves from first steps, with positions held and thermal inertia, to the
    /// end, with positions free.
    fn order(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        stagnant: bool,
    ) -> Result<Symbolic, SmallPivot> {
        let held = self.sample(around, block, state, stagnant, true);
        let mut slow = held.clone();
        // Inertia decides in which direction a chain of nodes must be eliminated: against the flow every
        // step would multiply the one before.
        self.hold_temperatures(&mut slow, INERTIA);
        self.order_of(around, block, state, stagnant, &held, &slow)
            .or_else(|_| {
                let present = self.sample(around, block, state, stagnant, around.hold);
                Symbolic::analyse(&self.pattern, &[&present])
            })
    }

    /// Values where control positions are held or free.
    fn sample(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        stagnant: bool,
        hold: bool,
    ) -> Vec<f64> {
        let mut work = BlockWork {
            stagnant,
            ..BlockWork::default()
        };
        let around = Surroundings { hold, ..*around };
        // What is not finite, or missing, shows again when the program runs.
        self.assemble(&around, block, state, &mut work).ok();
        work.values
    }

    /// Chooses an order that serves one matrix, and those where positions are held, free, and some at
    /// their stops.
    fn order_of(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        stagnant: bool,
        held: &[f64],
        also: &[f64],
    ) -> Result<Symbolic, SmallPivot> {
        let mut free = self.sample(around, block, state, stagnant, false);
        self.release_inside(around, block, &mut free);
        // Some controls at their stops, the others free; and the other way about.
        let mixed = |odd: usize| -> Vec<f64> {
            let pair = held.iter().zip(&free).zip(&self.pattern.rows);
            pair.map(|((held, free), &row)| {
                if row as usize % 2 == odd {
                    *free
                } else {
                    *held
                }
            })
            .collect()
        };
        Symbolic::analyse(&self.pattern, &[also, &free, &mixed(0), &mixed(1)])
    }

    /// Takes out how blocks inside answer to pressures: once their controls are free they hold their
    /// flow, whatever the pressure.
    fn release_inside(&self, around: &Surroundings<'_>, block: &Block, values: &mut [f64]) {
        let roles = &block.structure.variables;
        for (stamp, program) in block.structure.stamps.iter().zip(&self.stamps) {
            let Element::Child(index) = stamp.element else {
                continue;
            };
            let slopes = &around.blocks[block.children[index]].by_input;
            for entry in &program.entries {
                let column = self.pattern.columns[entry.target as usize] as usize;
                if roles.get(column).is_some_and(|v| v.role == Role::Pressure) {
                    values[entry.target as usize] -= entry.factor * slopes[entry.from as usize];
                }
            }
        }
    }

    /// Chooses an order of elimination for this block alone: one that serves its last values, and to the
    /// end if there is one.
    ///
    /// # Errors
    /// [`SmallPivot`] where the block's equations are singular here.
    pub fn analyse_privately(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        work: &mut BlockWork,
    ) -> Result<(), SmallPivot> {
        let held = self.sample(around, block, state, work.stagnant, true);
        let symbolic = self
            .order_of(around, block, state, work.stagnant, &held, &work.values)
            .or_else(|_| Symbolic::analyse(&self.pattern, &[&work.values]))?;
        work.factors = symbolic.factors();
        work.private = Some(symbolic);
        Ok(())
    }

    /// Chooses an order of elimination for this block's last values alone, whatever the next ones are like.
    pub(in crate::solve) fn analyse_closely(&self, work: &mut BlockWork) {
        if work.values.len() == self.pattern.rows.len()
            && let Ok(symbolic) = Symbolic::analyse(&self.pattern, &[&work.values])
        {
            work.factors = symbolic.factors();
            work.private = Some(symbolic);
        }
    }

    /// Adds inertia to the temperatures' diagonals, scaled.
    pub(super) fn hold_temperatures(&self, values: &mut [f64], inertia: f64) {
        for &target in &self.temperatures {
            // An enthalpy balance falls with its own temperature.
            values[target as usize] -= inertia;
        }
    }
}

/// The entries (output, variable) of each stamp.
fn probe(
    around: &Surroundings<'_>,
    block: &Block,
    state: &BlockState,
    before: Option<&Program>,
) -> Vec<Vec<(u8, u8)>> {
    let structure = &*block.structure;
    let mut shifted = state.clone();
    for (i, x) in shifted.x.iter_mut().enumerate() {
        *x += 0.01 * structure.variables[i].scale * (1.0 + (i % 7) as f64);
    }
    let mut local = Local::zero();
    let mut all = Vec::with_capacity(structure.stamps.len());
    for (k, stamp) in structure.stamps.iter().enumerate() {
        let vars = stamp.variables.len();
        let mut seen = vec![false; stamp.rows.len() * vars];
        match stamp.element {
            Element::Child(_) | Element::Rack(_) => seen.fill(true),
            Element::Component(index) => {
                let lanes = Lanes::new(stamp);
                let own = status_of(state, index);
                let fixed = [[0u8; MAX_STATUS], [1; MAX_STATUS], [2; MAX_STATUS]];
                let switched = block.components[index].kind.spec().status > 0;
                let statuses = fixed
                    .iter()
                    .filter(|_| switched)
                    .map(<[u8; MAX_STATUS]>::as_slice);
                for status in std::iter::once(own).chain(statuses) {
                    for at in [state, &shifted] {
                        element::component(
                            around, block, at, stamp, index, status, &lanes, &mut local,
                        );
                        for (place, seen) in seen.iter_mut().enumerate() {
                            if let Some(lane) = lanes.of(place % vars) {
                                *seen |=
                                    local.matters(place / vars * MAX_LOCAL + lane, lanes.count());
                            }
                        }
                    }
                }
                for (out, variable) in element::positions(block, index) {
                    seen[out * vars + variable] = true;
                }
                if let Some(before) = before {
                    let stamp = &before.stamps[k];
                    for (place, seen) in seen.iter_mut().enumerate() {
                        if let Some(lane) = lanes.of(place % vars) {
                            let from = (place / vars * MAX_LOCAL + lane) as u32;
                            *seen |= stamp.entries.iter().any(|entry| entry.from == from);
                        }
                    }
                }
            }
        }
        all.push(
            (0..seen.len())
                .filter(|&place| {
                    seen[place]
                        && stamp.rows[place / vars] != NONE
                        && stamp.variables[place % vars] != NONE
                })
                .map(|place| ((place / vars) as u8, (place % vars) as u8))
                .collect(),
        );
    }
    all
}

fn stamp_program(
    structure: &Structure,
    stamp: &Stamp,
    seen: &[(u8, u8)],
    target: &dyn Fn(u32, u32) -> u32,
) -> StampProgram {
    let n = structure.unknowns;
    let lanes = Lanes::new(stamp);
    let vars = stamp.variables.len();
    let (width, count) = match stamp.element {
        Element::Child(_) => (vars, f64::from(stamp.count)),
        // Racks multiply themselves, components stand for one.
        Element::Rack(_) | Element::Component(_) => (MAX_LOCAL, 1.0),
    };
    let row_factor = |row: u32| {
        let own = structure
            .variables
            .get(row as usize)
            .filter(|_| (row as usize) < n);
        count / own.map_or(1.0, |v| v.row_scale)
    };
    let place = |o: usize, v: usize| match stamp.element {
        Element::Component(_) => lanes.of(v).map(|lane| o * width + lane),
        Element::Rack(_) | Element::Child(_) => Some(o * width + v),
    };
    let sums = stamp
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| **row != NONE)
        .map(|(o, &row)| Sum {
            output: o as u32,
            row,
            factor: row_factor(row),
        })
        .collect();
    let mut taken = vec![false; stamp.rows.len() * width];
    let entries = seen
        .iter()
        .filter_map(|&(o, v)| {
            let from = place(o as usize, v as usize)?;
            let (row, column) = (stamp.rows[o as usize], stamp.variables[v as usize]);
            taken[from] = true;
            let own = structure
                .variables
                .get(column as usize)
                .filter(|_| (column as usize) < n);
            Some(Entry {
                from: from as u32,
                target: target(row, column),
                factor: row_factor(row) * own.map_or(1.0, |v| v.scale),
            })
        })
        .collect();
    let absent = match stamp.element {
        Element::Component(_) => (0..stamp.rows.len())
            .filter(|&o| stamp.rows[o] != NONE)
            .flat_map(|o| (0..lanes.count()).map(move |lane| o * width + lane))
            .filter(|&from| !taken[from])
            .map(|from| from as u32)
            .collect(),
        Element::Rack(_) | Element::Child(_) => Vec::new(),
    };
    StampProgram {
        lanes,
        sums,
        entries,
        absent,
    }
}

/// Rows that the block itself fills; their places are not known yet.
fn fixed_rows(structure: &Structure) -> Vec<Fixed> {
    let fixed = |row: u32, sign: f64, held: f64| {
        let variable = &structure.variables[row as usize];
        Fixed {
            row,
            target: 0,
            slope: sign * variable.scale / variable.row_scale,
            factor: sign / variable.row_scale,
            held,
        }
    };
    // The expansion vessel holds the pressure of the return node; a bus carries what hangs on it.
    let references = structure
        .loops
        .iter()
        .map(|l| fixed(l.nodes[RETURN], 1.0, l.reference_pressure));
    let buses = (0..structure.unknowns as u32)
        .filter(|&row| {
            matches!(
                structure.variables[row as usize].role,
                Role::Power | Role::Reactive
            )
        })
        .map(|row| fixed(row, -1.0, 0.0));
    references.chain(buses).collect()
}
