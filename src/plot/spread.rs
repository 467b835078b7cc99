//! Moves labels along one axis, as little as possible, until none overlaps another.

/// Centres for items that want to be at `wanted.0` and take `wanted.1` of room, in the order given, within
/// `low..high`. The least sum of squared moves that keeps the order (isotonic regression by pooling neighbours).
/// Where the room is too small, the items stay apart and run past `high`.
pub(super) fn spread_ordered(wanted: &[(f64, f64)], low: f64, high: f64) -> Vec<f64> {
    // With each item's share of the stack subtracted, "does not overlap" becomes "does not decrease".
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut stacked = 0.0;
    for (_, size) in wanted {
        offsets.push(stacked + size / 2.0);
        stacked += size;
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for ((at, _), offset) in wanted.iter().zip(&offsets) {
        let mut block = (at - offset, 1);
        while let Some(&(mean, count)) = blocks.last() {
            if mean <= block.0 {
                break;
            }
            blocks.pop();
            let total = count + block.1;
            block = (
                (mean * count as f64 + block.0 * block.1 as f64) / total as f64,
                total,
            );
        }
        blocks.push(block);
    }
    let top = (high - stacked).max(low);
    blocks
        .iter()
        .flat_map(|&(mean, count)| std::iter::repeat_n(mean.clamp(low, top), count))
        .zip(&offsets)
        .map(|(base, offset)| base + offset)
        .collect()
}

/// As [`spread_ordered`], for items in any order: they are put in the order of where they want to be, ties as given.
pub(super) fn spread(wanted: &[(f64, f64)], low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].0.total_cmp(&wanted[b].0).then(a.cmp(&b)));
    let sorted: Vec<(f64, f64)> = order.iter().map(|&i| wanted[i]).collect();
    let mut out = vec![0.0; wanted.len()];
    for (&index, centre) in order.iter().zip(spread_ordered(&sorted, low, high)) {
        out[index] = centre;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn items_that_do_not_touch_stay() {
        assert_eq!(
            spread(&[(10.0, 5.0), (30.0, 5.0)], 0.0, 100.0),
            vec![10.0, 30.0]
        );
    }

    #[test]
    fn overlapping_items_move_apart_evenly_and_stay_inside() {
        assert_eq!(
            spread(&[(50.0, 10.0), (50.0, 10.0)], 0.0, 100.0),
            vec![45.0, 55.0]
        );
        assert_eq!(
            spread(&[(0.0, 10.0), (0.0, 10.0)], 0.0, 100.0),
            vec![5.0, 15.0]
        );
        assert_eq!(
            spread(&[(100.0, 10.0), (99.0, 10.0)], 0.0, 100.0),
            vec![95.0, 85.0]
        );
    }
}
