//! Choice of an order of elimination: Markowitz' count with threshold pivoting, ties by index.
//!
//! The order must serve the whole of an iteration, not one point of it. So it is chosen on several
//! *samples* of the matrix at once (positions of controls held, and free), all eliminated side by
//! side: a pivot counts as large enough only if it is so in every sample. Rows and columns are first
//! scaled to a largest entry of one over all samples (powers of two, twice over), so that units do
//! not decide.
//!
//! A row with many entries (a room's heat balance, a bus) knows the place of each of its columns,
//! so that subtracting a short pivot row costs the length of the short one.
//!
//! # Source
//! H. M. Markowitz, The elimination form of the inverse and its application to linear programming,
//! Management Science 3 (1957) 255–269; threshold pivoting as in I. S. Duff, A. M. Erisman,
//! J. K. Reid, *Direct Methods for Sparse Matrices*, chapters 5 and 7.

use super::{Pattern, SmallPivot, Symbolic};

/// Samples that are eliminated side by side.
const SAMPLES: usize = 4;
/// A pivot must be at least this part of the largest entry of its row; where no entry of any row is
/// so in all samples, the next.
const THRESHOLDS: [f64; 4] = [1e-2, 1e-4, 1e-6, 1e-8];
/// Rows whose entries are all smaller than this, of one at the start, have cancelled to rounding.
const ROUNDING: f64 = 1e-14;
/// Candidate rows looked at for each pivot: all of a group's, few of a hall's, where a better order
/// would not pay for the search.
const CANDIDATES: std::ops::RangeInclusive<usize> = 8..=100;
/// Candidates times unknowns.
const SEARCH: usize = 4_000;
/// Rows longer than this keep the places of their columns.
const LONG: usize = 48;

/// No place.
const ABSENT: u32 = u32::MAX;

type Values = [f64; SAMPLES];

/// What is left of a row.
#[derive(Default)]
struct Row {
    columns: Vec<u32>,
    values: Vec<Values>,
    /// Place of each column among the entries, in long rows.
    place: Vec<u32>,
}

impl Row {
    fn len(&self) -> usize {
        self.columns.len()
    }

    /// Keeps the places of the columns from now on, if it has become long.
    fn index(&mut self, columns: usize) {
        if self.place.is_empty() && self.len() > LONG {
            self.place = vec![ABSENT; columns];
            for (k, &c) in self.columns.iter().enumerate() {
                self.place[c as usize] = k as u32;
            }
        }
    }

    fn find(&self, column: u32) -> Option<usize> {
        if self.place.is_empty() {
            self.columns.iter().position(|&c| c == column)
        } else {
            Some(self.place[column as usize] as usize).filter(|&k| k != ABSENT as usize)
        }
    }

    fn remove(&mut self, k: usize) -> Values {
        let column = self.columns.swap_remove(k);
        if !self.place.is_empty() {
            self.place[column as usize] = ABSENT;
            if let Some(&moved) = self.columns.get(k) {
                self.place[moved as usize] = k as u32;
            }
        }
        self.values.swap_remove(k)
    }

    fn push(&mut self, column: u32, values: Values) {
        if !self.place.is_empty() {
            self.place[column as usize] = self.len() as u32;
        }
        self.columns.push(column);
        self.values.push(values);
    }
}

/// Rows by number of entries; of as many, those first that came last.
struct Queue {
    /// First row of each number of entries.
    first: Vec<u32>,
    after: Vec<u32>,
    before: Vec<u32>,
    /// No row has fewer entries.
    least: usize,
}

impl Queue {
    fn new(lengths: impl ExactSizeIterator<Item = usize> + DoubleEndedIterator) -> Self {
        let rows = lengths.len();
        let mut queue = Self {
            first: Vec::new(),
            after: vec![ABSENT; rows],
            before: vec![ABSENT; rows],
            least: 0,
        };
        for (row, length) in lengths.enumerate().rev() {
            queue.insert(row as u32, length);
        }
        queue
    }

    fn insert(&mut self, row: u32, length: usize) {
        if self.first.len() <= length {
            self.first.resize(length + 1, ABSENT);
        }
        let next = std::mem::replace(&mut self.first[length], row);
        self.after[row as usize] = next;
        self.before[row as usize] = ABSENT;
        if next != ABSENT {
            self.before[next as usize] = row;
        }
        self.least = self.least.min(length);
    }

    fn remove(&mut self, row: u32, length: usize) {
        let (before, after) = (self.before[row as usize], self.after[row as usize]);
        if before == ABSENT {
            self.first[length] = after;
        } else {
            self.after[before as usize] = after;
        }
        if after != ABSENT {
            self.before[after as usize] = before;
        }
    }

    /// Passes over lengths that no row has any more.
    fn advance(&mut self) {
        while self.first.get(self.least) == Some(&ABSENT) {
            self.least += 1;
        }
    }

    /// All rows, those with fewest entries first.
    fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        let present = |row: u32| (row != ABSENT).then_some(row);
        let lists = &self.first[self.least.min(self.first.len())..];
        lists.iter().flat_map(move |&first| {
            std::iter::successors(present(first), move |&row| {
                present(self.after[row as usize])
            })
        })
    }
}

/// Where the elimination stands.
struct Active {
    order: usize,
    rows: Vec<Row>,
    /// Rows with an entry in each column; those that have been pivots are not taken out.
    column_rows: Vec<Vec<u32>>,
    /// Of these, the ones still there.
    column_count: Vec<usize>,
    /// Rows left.
    queue: Queue,
    done: Vec<bool>,
    /// Place of each column in the pivot row, while it is subtracted.
    slot: Vec<u32>,
    /// Of its entries, those that the other row has.
    met: Vec<bool>,
}

/// A candidate: fill it may cause, its size in its row, row, place in the row.
type Candidate = (usize, f64, u32, usize);

/// Lists with room for twice as much as there is: fill seldom asks for more.
fn room(index: &[u32], lists: usize) -> Vec<usize> {
    let mut room = vec![0; lists];
    index.iter().for_each(|&i| room[i as usize] += 2);
    room
}

impl Active {
    fn new(pattern: &Pattern, scaled: Vec<Values>) -> Self {
        let (n, columns) = (pattern.order, pattern.order + pattern.inputs);
        let all = n + pattern.outputs;
        let mut rows: Vec<Row> = (room(&pattern.rows, all).into_iter())
            .map(|room| Row {
                columns: Vec::with_capacity(room),
                values: Vec::with_capacity(room),
                place: Vec::new(),
            })
            .collect();
        let mut column_rows: Vec<Vec<u32>> = (room(&pattern.columns, columns).into_iter())
            .map(Vec::with_capacity)
            .collect();
        for (e, values) in scaled.into_iter().enumerate() {
            let (r, c) = (pattern.rows[e], pattern.columns[e]);
            let row = &mut rows[r as usize];
            if let Some(k) = row.find(c) {
                let sum = &mut row.values[k];
                *sum = std::array::from_fn(|s| sum[s] + values[s]);
            } else {
                row.push(c, values);
                row.index(columns);
                column_rows[c as usize].push(r);
            }
        }
        Self {
            order: n,
            queue: Queue::new(rows[..n].iter().map(Row::len)),
            column_count: column_rows.iter().map(Vec::len).collect(),
            rows,
            column_rows,
            done: vec![false; all],
            slot: vec![ABSENT; columns],
            met: Vec::new(),
        }
    }

    /// Best entry of a row as a pivot, if any is large enough.
    fn examine(&self, r: u32, threshold: f64, best: &mut Option<Candidate>) -> bool {
        let row = &self.rows[r as usize];
        let entries = || row.columns.iter().zip(&row.values);
        let mut largest = [0.0f64; SAMPLES];
        for (&c, values) in entries() {
            if (c as usize) < self.order {
                for (most, v) in largest.iter_mut().zip(values) {
                    *most = most.max(v.abs());
                }
            }
        }
        if !largest.iter().all(|m| *m > ROUNDING && m.is_finite()) {
            return false;
        }
        let inverse = largest.map(|most| 1.0 / most);
        for (k, (&c, values)) in entries().enumerate() {
            if c as usize >= self.order {
                continue;
            }
            let size = (values.iter().zip(inverse)).fold(f64::INFINITY, |least, (v, inverse)| {
                least.min(v.abs() * inverse)
            });
            if size < threshold {
                continue;
            }
            let cost = (row.len() - 1) * (self.column_count[c as usize] - 1);
            let better = match *best {
                None => true,
                Some((least, most, ..)) => cost < least || (cost == least && size > 2.0 * most),
            };
            if better {
                *best = Some((cost, size, r, k));
            }
        }
        true
    }

    fn choose(&mut self) -> Option<Candidate> {
        self.queue.advance();
        let candidates = (SEARCH / self.order.max(1)).clamp(*CANDIDATES.start(), *CANDIDATES.end());
        THRESHOLDS.into_iter().find_map(|threshold| {
            let mut best = None;
            let mut looked = 0;
            for r in self.queue.rows() {
                looked += usize::from(self.examine(r, threshold, &mut best));
                if best.is_some_and(|(cost, ..)| cost == 0 || looked >= candidates) {
                    break;
                }
            }
            best
        })
    }

    /// Takes the pivot's row out and subtracts it from the others; the rows that changed.
    fn eliminate(&mut self, pivot: Candidate) -> (u32, Vec<u32>, Vec<u32>) {
        let (_, _, r, k) = pivot;
        let Row {
            columns: mut left,
            values: mut pivot_values,
            ..
        } = std::mem::take(&mut self.rows[r as usize]);
        self.queue.remove(r, left.len());
        self.done[r as usize] = true;
        let column = left.swap_remove(k);
        let inverse = pivot_values.swap_remove(k).map(|pivot| 1.0 / pivot);
        for (slot, &c) in left.iter().enumerate() {
            self.column_count[c as usize] -= 1;
            self.slot[c as usize] = slot as u32;
        }
        let columns = self.column_rows.len();
        let mut below = std::mem::take(&mut self.column_rows[column as usize]);
        below.retain(|&r| !self.done[r as usize]);
        for &other in &below {
            let row = &mut self.rows[other as usize];
            let before = row.len();
            let Some(k) = row.find(column) else { continue };
            let at = row.remove(k);
            let factor: Values = std::array::from_fn(|s| -at[s] * inverse[s]);
            let add = |sum: &mut Values, values: &Values| {
                *sum = std::array::from_fn(|s| sum[s] + factor[s] * values[s]);
            };
            self.met.clear();
            self.met.resize(left.len(), false);
            if row.place.is_empty() {
                for (c, sum) in row.columns.iter().zip(&mut row.values) {
                    let slot = self.slot[*c as usize];
                    if slot != ABSENT {
                        add(sum, &pivot_values[slot as usize]);
                        self.met[slot as usize] = true;
                    }
                }
            } else {
                for (slot, &c) in left.iter().enumerate() {
                    if let Some(k) = row.find(c) {
                        add(&mut row.values[k], &pivot_values[slot]);
                        self.met[slot] = true;
                    }
                }
            }
            for (slot, &c) in left.iter().enumerate() {
                if !self.met[slot] {
                    let mut fill = [0.0; SAMPLES];
                    add(&mut fill, &pivot_values[slot]);
                    row.push(c, fill);
                    self.column_rows[c as usize].push(other);
                    self.column_count[c as usize] += 1;
                }
            }
            row.index(columns);
            let now = row.len();
            if (other as usize) < self.order && before != now {
                self.queue.remove(other, before);
                self.queue.insert(other, now);
            }
        }
        for &c in &left {
            self.slot[c as usize] = ABSENT;
        }
        (column, left, below)
    }
}

/// The samples' values, rows and columns scaled to a largest entry near one over all samples; and
/// the columns' scales.
fn scale(pattern: &Pattern, samples: &[&[f64]]) -> (Vec<Values>, Vec<f64>) {
    let count = pattern.rows.len();
    let mut values: Vec<Values> = (0..count)
        .map(|e| std::array::from_fn(|s| samples[s.min(samples.len() - 1)][e]))
        .collect();
    let size = |v: &Values| v.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let mut weights = vec![1.0; pattern.order];
    for _ in 0..2 {
        for by_row in [true, false] {
            let index = if by_row {
                &pattern.rows
            } else {
                &pattern.columns
            };
            let mut largest = vec![0.0f64; pattern.order + pattern.inputs.max(pattern.outputs)];
            for (e, v) in values.iter().enumerate() {
                // Borders give no pivots and have no say.
                if (pattern.columns[e].max(pattern.rows[e]) as usize) < pattern.order {
                    let most = &mut largest[index[e] as usize];
                    *most = most.max(size(v));
                }
            }
            for most in &mut largest {
                *most = if *most > 0.0 && most.is_finite() {
                    (-most.log2().round()).exp2()
                } else {
                    1.0
                };
            }
            for (e, v) in values.iter_mut().enumerate() {
                *v = v.map(|x| x * largest[index[e] as usize]);
            }
            if !by_row {
                weights.iter_mut().zip(&largest).for_each(|(w, l)| *w *= l);
            }
        }
    }
    (values, weights)
}

impl Symbolic {
    /// Chooses an order of elimination for matrices with values like these; at most [`SAMPLES`].
    ///
    /// # Errors
    /// [`SmallPivot`] where a sample is singular.
    pub fn analyse(pattern: &Pattern, samples: &[&[f64]]) -> Result<Self, SmallPivot> {
        let n = pattern.order;
        let (scaled, weights) = scale(pattern, samples);
        let mut active = Active::new(pattern, scaled);
        let mut pivots: Vec<(u32, u32)> = Vec::with_capacity(n);
        let mut upper_rows = Vec::with_capacity(n);
        let mut lower_of: Vec<Vec<u32>> = vec![Vec::new(); n + pattern.outputs];
        for step in 0..n {
            let Some(pivot) = active.choose() else {
                let mut open = vec![true; n];
                pivots.iter().for_each(|p| open[p.1 as usize] = false);
                let column = open.iter().position(|o| *o).unwrap_or(0);
                return Err(SmallPivot { column });
            };
            let (column, left, below) = active.eliminate(pivot);
            pivots.push((pivot.2, column));
            upper_rows.push(left);
            for r in below {
                lower_of[r as usize].push(step as u32);
            }
        }
        Ok(Self::assemble(
            pattern,
            &pivots,
            &weights,
            &upper_rows,
            &lower_of,
        ))
    }
}
