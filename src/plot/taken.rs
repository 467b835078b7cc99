//! Keeps track of the room on the page that is taken, and finds the first free place for a label.

/// Rectangles that are taken, each left, top, right, bottom.
#[derive(Debug, Default)]
pub(super) struct Taken {
    boxes: Vec<[f64; 4]>,
    /// Upper and lower end of the room.
    range: (f64, f64),
}

impl Taken {
    /// Nothing is taken between the heights `top` and `bottom`.
    pub(super) fn new(top: f64, bottom: f64) -> Self {
        Self {
            boxes: Vec::new(),
            range: (top, bottom),
        }
    }

    /// Takes a rectangle.
    pub(super) fn take(&mut self, left: f64, top: f64, right: f64, bottom: f64) {
        self.boxes.push([left, top, right, bottom]);
    }

    fn free(&self, a: [f64; 4]) -> bool {
        a[1] >= self.range.0
            && a[3] <= self.range.1
            && self
                .boxes
                .iter()
                .all(|b| a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1])
    }

    /// Takes the first free of the heights `wanted` for a label of the given size centred at `x`, or the first of them
    /// where none is free. Returns the height of its centre.
    pub(super) fn place(&mut self, x: f64, (width, height): (f64, f64), wanted: &[f64]) -> f64 {
        let around = |y: f64| {
            [
                x - width / 2.0,
                y - height / 2.0,
                x + width / 2.0,
                y + height / 2.0,
            ]
        };
        let chosen = wanted.iter().copied().find(|&y| self.free(around(y)));
        let y = chosen
            .or_else(|| wanted.first().copied())
            .unwrap_or(self.range.0);
        self.boxes.push(around(y));
        y
    }
}

#[cfg(test)]
mod tests {
    // Places are taken over unchanged.
    #![allow(clippy::float_cmp)]
    use super::Taken;

    #[test]
    fn labels_take_the_first_free_place() {
        let mut taken = Taken::new(0.0, 100.0);
        taken.take(0.0, 40.0, 100.0, 50.0);
        assert_eq!(taken.place(50.0, (20.0, 10.0), &[45.0, 55.0, 65.0]), 55.0);
        assert_eq!(taken.place(50.0, (20.0, 10.0), &[45.0, 55.0, 65.0]), 65.0);
        assert_eq!(taken.place(200.0, (20.0, 10.0), &[45.0]), 45.0);
        assert_eq!(taken.place(300.0, (20.0, 10.0), &[99.0, 50.0]), 50.0);
    }
}
