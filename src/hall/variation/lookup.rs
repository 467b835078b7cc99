//! Values by asset, as a per-asset table gives them.

/// Values of assets, found by their indices.
///
/// Indices are packed into one number, as digits of a mixed base, so that all assets below a given
/// one lie next to each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lookup {
    counts: Vec<u32>,
    /// Codes of the assets that are there; `None` where all are, so that the code is the place.
    codes: Option<Vec<u64>>,
    values: Vec<f64>,
}

impl Lookup {
    /// Values of some assets by their [`code`]; `counts` are the instances of each step. `Err` holds the places of two
    /// values of one asset.
    pub fn new(
        counts: Vec<u32>,
        mut codes: Vec<u64>,
        mut values: Vec<f64>,
    ) -> Result<Self, (usize, usize)> {
        if !codes.is_sorted_by(|one, next| one < next) {
            let mut order: Vec<(u64, usize)> = codes.into_iter().zip(0..).collect();
            order.sort_unstable();
            if let Some(pair) = order.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err((pair[0].1, pair[1].1));
            }
            values = order.iter().map(|(_, at)| values[*at]).collect();
            codes = order.into_iter().map(|(code, _)| code).collect();
        }
        let all = counts
            .iter()
            .fold(1_u64, |all, count| all.wrapping_mul(u64::from(*count)));
        let codes = if all == values.len() as u64 {
            None
        } else {
            Some(codes)
        };
        Ok(Self {
            counts,
            codes,
            values,
        })
    }

    /// The value of the asset of these indices, if it is there.
    pub fn get(&self, indices: &[u32]) -> Option<f64> {
        if indices.len() != self.counts.len()
            || indices
                .iter()
                .zip(&self.counts)
                .any(|(index, count)| index >= count)
        {
            return None;
        }
        let code = code(&self.counts, indices);
        let at = match &self.codes {
            None => code as usize,
            Some(codes) => codes.binary_search(&code).ok()?,
        };
        self.values.get(at).copied()
    }

    /// Replaces `values` of the assets of the last step from index `first` on by those that are there; `around` are the
    /// indices of what they are in.
    pub fn replace(&self, around: &[u32], first: u32, values: &mut [f64]) {
        let Some((last, outer)) = self.counts.split_last() else {
            return;
        };
        let inside = outer.len() == around.len()
            && around.iter().zip(outer).all(|(index, count)| index < count);
        let room = last.saturating_sub(first) as usize;
        if !inside || room == 0 {
            return;
        }
        let most = values.len().min(room);
        let values = &mut values[..most];
        let from = code(outer, around)
            .wrapping_mul(u64::from(*last))
            .wrapping_add(u64::from(first));
        let Some(codes) = &self.codes else {
            if let Some(own) = self.values.get(from as usize..from as usize + most) {
                values.copy_from_slice(own);
            }
            return;
        };
        let at = codes.partition_point(|code| *code < from);
        for (code, own) in codes[at..].iter().zip(&self.values[at..]) {
            match values.get_mut(code.wrapping_sub(from) as usize) {
                Some(value) => *value = *own,
                None => break,
            }
        }
    }

    /// Number of assets that are there.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether none is there.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The indices at step `prefix.len()` of assets whose first indices are `prefix`, sorted.
    pub fn below(&self, prefix: &[u32]) -> Vec<u32> {
        let level = prefix.len();
        if level >= self.counts.len() {
            return Vec::new();
        }
        let span = |steps: &[u32]| {
            steps
                .iter()
                .fold(1_u64, |all, count| all.wrapping_mul(u64::from(*count)))
        };
        let (outer, inner) = (span(&self.counts[level..]), span(&self.counts[level + 1..]));
        let first = code(&self.counts[..level], prefix).wrapping_mul(outer);
        let Some(codes) = &self.codes else {
            return (0..self.counts[level]).collect();
        };
        let from = codes.partition_point(|code| *code < first);
        let to = codes.partition_point(|code| *code < first.wrapping_add(outer));
        let mut found: Vec<u32> = codes[from..to]
            .iter()
            .map(|code| ((code - first) / inner.max(1)) as u32)
            .collect();
        found.dedup();
        found
    }
}

/// Indices packed into one number.
pub fn code(counts: &[u32], indices: &[u32]) -> u64 {
    counts
        .iter()
        .zip(indices)
        .fold(0, |code: u64, (count, index)| {
            code.wrapping_mul(u64::from(*count))
                .wrapping_add(u64::from(*index))
        })
}
