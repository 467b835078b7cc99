//! plotters' marks as SVG: short paths, real text, dashes and hatching, the same bytes each time.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};

use super::super::font::{self, Weight};
use super::super::scale::NO_BREAK;
use super::super::style::Color;
use super::FINE;
use super::ink::{Anchor, Paint, Pen, Type};

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Stands for the figure's own prefix in identifiers until the content, and so its hash, is known. A control character
/// cannot come from the caller, since escaping removes them.
const PREFIX: char = '\u{1}';

/// How a shape is filled and rimmed.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::plot) struct Look {
    /// Filling of the inside, even-odd.
    pub(super) fill: Option<Paint>,
    /// Line along the outline.
    pub(super) pen: Option<Pen>,
    /// The ends of each run are joined.
    pub(super) closed: bool,
    /// Edges fall on whole pixels, so that cells that touch show no seam.
    pub(super) crisp: bool,
}

/// A document being written. (Writing to a `String` cannot fail, so the results of `write!` are dropped.)
#[derive(Debug)]
pub(in crate::plot) struct Svg {
    size: (u32, u32),
    body: String,
    hatches: Vec<Color>,
}

impl Svg {
    /// An empty document on an area of the given size.
    pub(super) fn new(size: (u32, u32)) -> Self {
        Self {
            size,
            body: String::new(),
            hatches: Vec::new(),
        }
    }

    fn paint(&mut self, paint: Option<Paint>) {
        match paint {
            None => self.body.push_str(" fill=\"none\""),
            Some(Paint::Flat(color, opacity)) => {
                let _ = write!(self.body, " fill=\"{}\"", color.hex());
                if opacity < 1.0 {
                    let _ = write!(self.body, " fill-opacity=\"{}\"", short(opacity));
                }
            }
            Some(Paint::Hatch(color)) => {
                if !self.hatches.contains(&color) {
                    self.hatches.push(color);
                }
                let _ = write!(self.body, " fill=\"url(#{PREFIX}{})\"", &color.hex()[1..]);
            }
        }
    }

    fn pen(&mut self, pen: Pen) {
        let (color, width) = (pen.color.hex(), short(pen.width * FINE));
        let _ = write!(
            self.body,
            " stroke=\"{color}\" stroke-width=\"{width}\"{}",
            pen.dash.attribute()
        );
    }

    /// Lines through `points`, one for each of the ascending `starts`.
    pub(super) fn path(
        &mut self,
        points: impl Iterator<Item = BackendCoord>,
        starts: &[usize],
        look: Look,
    ) {
        self.body.push_str("<path d=\"");
        let mut starts = starts.iter().peekable();
        let (mut at, mut alone) = ((0, 0), false);
        for (index, (x, y)) in points.enumerate() {
            let (dx, dy) = (x - at.0, y - at.1);
            if index == 0 || starts.next_if(|start| **start == index).is_some() {
                if index == 0 {
                    starts.next_if(|start| **start == 0);
                } else if look.closed {
                    self.body.push('z');
                }
                let _ = write!(self.body, "M{x} {y}");
                alone = true;
            } else if (dx, dy) == (0, 0) && !alone {
                continue;
            } else {
                alone = false;
                let _ = match (dx, dy) {
                    (_, 0) => write!(self.body, "h{dx}"),
                    (0, _) => write!(self.body, "v{dy}"),
                    _ => write!(self.body, "l{dx} {dy}"),
                };
            }
            at = (x, y);
        }
        self.body.push_str(if look.closed { "z\"" } else { "\"" });
        self.paint(look.fill);
        if look.fill.is_some() {
            self.body.push_str(" fill-rule=\"evenodd\"");
        }
        if let Some(pen) = look.pen {
            self.pen(pen);
            self.body.push_str(" stroke-linejoin=\"round\"");
        }
        if look.crisp {
            self.body.push_str(" shape-rendering=\"crispEdges\"");
        }
        self.body.push_str("/>\n");
    }

    /// One line of text on the baseline through `at`.
    pub(super) fn text(&mut self, (x, y): BackendCoord, text: &str, how: Type) {
        if text.is_empty() {
            return;
        }
        let (size, color) = (short(how.size * FINE), how.color.hex());
        let _ = write!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{color}\""
        );
        self.body.push_str(match how.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        });
        if how.weight == Weight::Semibold {
            self.body.push_str(" font-weight=\"600\"");
        }
        if let Some(halo) = how.halo {
            self.pen(Pen::new(halo, how.size * 0.24));
            self.body
                .push_str(" stroke-linejoin=\"round\" paint-order=\"stroke\"");
        }
        self.body.push('>');
        escape(&mut self.body, text);
        self.body.push_str("</text>\n");
    }

    /// The whole document, `width` by `height` page units.
    pub(super) fn document(&self, width: f64, height: f64, paper: Color, title: &str) -> String {
        let mut name = String::new();
        escape(&mut name, title);
        let mut defs = String::new();
        for color in &self.hatches {
            let hex = color.hex();
            let _ = writeln!(
                defs,
                "<pattern id=\"{PREFIX}{}\" width=\"40\" height=\"40\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate(45)\"><path d=\"M0 0V40\" stroke=\"{hex}\" stroke-width=\"20\"/></pattern>",
                &hex[1..]
            );
        }
        if !defs.is_empty() {
            defs = format!("<defs>\n{defs}</defs>\n");
        }
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
             font-family=\"{}\">\n<title>{name}</title>\n{defs}<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n{}</svg>\n",
            short(width),
            short(height),
            font::FAMILY,
            paper.hex(),
            self.body,
            w = short(width * FINE),
            h = short(height * FINE),
        );
        let prefix = format!("p{:016x}-", fnv(svg.as_bytes()));
        svg.replace(PREFIX, &prefix)
    }
}

impl DrawingBackend for Svg {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if visible(style) {
            let (w, h) = (right - x, bottom - y);
            let _ = write!(
                self.body,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\""
            );
            self.ink(style, fill);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if visible(style) {
            let pen = Some(pen(style));
            self.path(
                path.into_iter(),
                &[],
                Look {
                    pen,
                    ..Look::default()
                },
            );
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if visible(style) {
            let _ = write!(self.body, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
            self.ink(style, fill);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        if visible(style) {
            let look = Look {
                fill: Some(flat(style)),
                closed: true,
                ..Look::default()
            };
            self.path(vert.into_iter(), &[], look);
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        (x, y): BackendCoord,
    ) -> Drawn {
        let mut how = typed(style);
        how.anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        let drop = match style.anchor().v_pos {
            VPos::Top => 2.0 * font::MIDDLE,
            VPos::Center => font::MIDDLE,
            VPos::Bottom => 0.0,
        };
        let y = y + (drop * style.size()).round() as i32;
        self.text((x, y), text, how);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let how = typed(style);
        let (width, height) = (how.width(text) * FINE, style.size() * font::LEADING);
        Ok((width.ceil() as u32, height.ceil() as u32))
    }
}

impl Svg {
    /// Ends an element that plotters fills or strokes.
    fn ink<S: BackendStyle>(&mut self, style: &S, fill: bool) {
        self.paint(fill.then(|| flat(style)));
        if !fill {
            self.pen(pen(style));
        }
        self.body.push_str("/>\n");
    }
}

fn visible<S: BackendStyle>(style: &S) -> bool {
    style.color().alpha > 0.0
}

fn color(color: BackendColor) -> Color {
    Color(color.rgb.0, color.rgb.1, color.rgb.2)
}

fn flat<S: BackendStyle>(style: &S) -> Paint {
    Paint::Flat(color(style.color()), style.color().alpha)
}

fn pen<S: BackendStyle>(style: &S) -> Pen {
    Pen::new(color(style.color()), f64::from(style.stroke_width()) / FINE)
}

fn typed<T: BackendTextStyle>(style: &T) -> Type {
    let how = Type::new(style.size() / FINE, color(style.color()));
    if matches!(style.style(), FontStyle::Bold) {
        how.bold()
    } else {
        how
    }
}

/// `value` to two decimals, without needless zeros.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Appends `text` with XML's special characters escaped and those that XML forbids left out.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' | NO_BREAK => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}

/// The 64-bit FNV-1a hash, which is the same on every machine and in every release.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{Look, Svg, short};

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(1.0), "1");
        assert_eq!(short(-0.001), "0");
        assert_eq!(short(12.345), "12.35");
        assert_eq!(short(100.0), "100");
    }

    #[test]
    fn runs_of_a_path_are_apart_and_repeated_points_left_out() {
        let mut svg = Svg::new((100, 100));
        let points = [(0, 0), (5, 0), (5, 0), (5, 7), (20, 20), (21, 22)];
        let look = Look {
            closed: true,
            ..Look::default()
        };
        svg.path(points.into_iter(), &[0, 4], look);
        assert!(
            svg.body.contains("\"M0 0h5v7zM20 20l1 2z\""),
            "{}",
            svg.body
        );
    }
}
