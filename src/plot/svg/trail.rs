//! Outlines of shapes, and how coordinates are written.

/// The outline of a shape, in SVG's path language.
#[derive(Debug, Default)]
pub(in crate::plot) struct Trail {
    /// In SVG's path language.
    pub(super) d: String,
    /// Some coordinate was not finite.
    pub(super) faulty: bool,
}

impl Trail {
    fn put(&mut self, command: &str, numbers: &[f64]) -> &mut Self {
        self.d.push_str(command);
        for (index, &value) in numbers.iter().enumerate() {
            if index > 0 {
                self.d.push(' ');
            }
            self.faulty |= !number(&mut self.d, value);
        }
        self
    }

    /// Begins at a point.
    pub(in crate::plot) fn start(&mut self, x: f64, y: f64) -> &mut Self {
        self.put("M", &[x, y])
    }

    /// A straight line to a point.
    pub(in crate::plot) fn line(&mut self, x: f64, y: f64) -> &mut Self {
        self.put("L", &[x, y])
    }

    /// A horizontal line by a distance.
    pub(in crate::plot) fn right(&mut self, dx: f64) -> &mut Self {
        self.put("h", &[dx])
    }

    /// A cubic to a point that leaves and arrives horizontally; `x0` is where it leaves.
    pub(in crate::plot) fn swing(&mut self, x0: f64, y0: f64, x: f64, y: f64) -> &mut Self {
        let mid = f64::midpoint(x0, x);
        self.put("C", &[mid, y0, mid, y, x, y])
    }

    /// A closed rectangle.
    pub(in crate::plot) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64) -> &mut Self {
        self.put("M", &[x, y])
            .put("h", &[w])
            .put("v", &[h])
            .put("h", &[-w])
            .close()
    }

    /// Joins the end to the start.
    pub(in crate::plot) fn close(&mut self) -> &mut Self {
        self.d.push('z');
        self
    }

    /// A line through `points`.
    pub(in crate::plot) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut trail = Self::default();
        for (index, (x, y)) in points.into_iter().enumerate() {
            trail.put(if index == 0 { "M" } else { "L" }, &[x, y]);
        }
        trail
    }

    /// A line through `points`, broken where one is missing.
    pub(in crate::plot) fn broken(points: impl IntoIterator<Item = Option<(f64, f64)>>) -> Self {
        let mut trail = Self::default();
        let mut pen_down = false;
        for point in points {
            if let Some((x, y)) = point {
                trail.put(if pen_down { "L" } else { "M" }, &[x, y]);
            }
            pen_down = point.is_some();
        }
        trail
    }

    /// Nothing was drawn.
    pub(in crate::plot) fn is_empty(&self) -> bool {
        self.d.is_empty()
    }
}

/// Appends `value` to two decimals, without needless zeros; says whether it was finite.
pub(super) fn number(out: &mut String, value: f64) -> bool {
    if !value.is_finite() {
        out.push('0');
        return false;
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    out.push_str(if text == "-0" { "0" } else { text });
    true
}
