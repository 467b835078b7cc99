//! The embedded font: its bytes, its metrics and how text is broken into lines with them.
//!
//! Inter 3.19 under the SIL Open Font License 1.1 (`fonts/OFL.txt`), regular and semibold, without kerning, so that the
//! width of a text is the sum of its advances in the measurement and in the raster alike.

use std::sync::{Arc, OnceLock};

use ab_glyph::{Font, FontRef, ScaleFont};
use plotters::style::{FontStyle, register_font};
use resvg::usvg::fontdb::Database;

use super::scale::NO_BREAK;

const REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.ttf");

/// Family list in the SVG: browsers without Inter fall back to faces that run no wider.
pub(super) const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";
/// The family that the rasteriser knows.
pub(super) const EMBEDDED: &str = "Inter";

/// Distance of lines of text, in sizes.
pub(super) const LEADING: f64 = 1.3;
/// Drop from the middle of a line of digits to its baseline, in sizes (half of Inter's cap height of 0.727).
pub(super) const MIDDLE: f64 = 0.364;

/// Thickness of the strokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// 400.
    Regular,
    /// 600.
    Semibold,
}

fn face(weight: Weight) -> Option<&'static FontRef<'static>> {
    static FACES: [OnceLock<Option<FontRef<'static>>>; 2] = [OnceLock::new(), OnceLock::new()];
    let (slot, bytes) = match weight {
        Weight::Regular => (&FACES[0], REGULAR),
        Weight::Semibold => (&FACES[1], SEMIBOLD),
    };
    slot.get_or_init(|| FontRef::try_from_slice(bytes).ok())
        .as_ref()
}

/// Width of one line of `text` at `size`, in the unit of `size`.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    // The embedded bytes always parse (a test says so); without them a cautious guess keeps the layout sound.
    let Some(face) = face(weight) else {
        return text.chars().count() as f64 * size * 0.7;
    };
    let units = face.units_per_em().unwrap_or(1000.0);
    // ab_glyph scales by the height of the font, not by its em; at a height in font units an advance is unscaled.
    let scaled = face.as_scaled(face.height_unscaled());
    let sum: f64 = text
        .chars()
        .map(|c| if c == NO_BREAK { ' ' } else { c })
        .map(|c| f64::from(scaled.h_advance(face.glyph_id(c))))
        .sum();
    sum * size / f64::from(units)
}

/// `text` cut to at most `room`, with an ellipsis where something was cut.
pub(super) fn shorten(text: &str, size: f64, weight: Weight, room: f64) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let short: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if width(&short, size, weight) <= room {
            return short;
        }
    }
    String::new()
}

/// `text` broken between words into lines of at most `room`; a longer word is shortened. At most `lines` lines, the
/// last of them shortened where more would be needed.
pub(super) fn wrap(text: &str, size: f64, weight: Weight, room: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    // Narrow and no-break spaces hold a number to what it counts or measures.
    for word in text.split_ascii_whitespace() {
        if let Some(last) = out.last_mut() {
            let joined = format!("{last} {word}");
            if width(&joined, size, weight) <= room || out.len() >= lines {
                *out.last_mut().unwrap_or(&mut String::new()) = joined;
                continue;
            }
        }
        out.push(word.to_owned());
    }
    for line in &mut out {
        *line = shorten(line, size, weight, room);
    }
    out
}

/// Makes the faces known to plotters, under the name that styles of text use.
pub(super) fn register() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        // The embedded bytes always parse (a test says so).
        let _ = register_font(EMBEDDED, FontStyle::Normal, REGULAR);
        let _ = register_font(EMBEDDED, FontStyle::Bold, SEMIBOLD);
    });
}

/// Widest of `lines`.
pub(super) fn widest<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    size: f64,
    weight: Weight,
) -> f64 {
    lines
        .into_iter()
        .map(|line| width(line, size, weight))
        .fold(0.0, f64::max)
}

/// The rasteriser's fonts: the embedded ones and no other.
pub(super) fn database() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(SEMIBOLD.to_vec());
        fonts.set_sans_serif_family(EMBEDDED);
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Weight, face, shorten, width, wrap};

    #[test]
    fn both_faces_parse_and_hold_the_symbols_of_the_charts() {
        use ab_glyph::Font;
        for weight in [Weight::Regular, Weight::Semibold] {
            let face = face(weight).unwrap();
            for c in "AZaz09 °µ·×−–—…≤≥Δ→²³ηäЖ".chars() {
                assert_ne!(face.glyph_id(c).0, 0, "no glyph for {c}");
            }
        }
    }

    #[test]
    fn widths_follow_the_font() {
        // Inter's digit zero is 0.62 em wide in the regular face (3.19, hmtx).
        let zero = width("0", 100.0, Weight::Regular);
        assert!((55.0..70.0).contains(&zero), "{zero}");
        assert!((width("00", 100.0, Weight::Regular) - 2.0 * zero).abs() < 1e-6);
        assert!(width("W", 10.0, Weight::Semibold) > width("i", 10.0, Weight::Semibold));
    }

    #[test]
    fn text_is_broken_and_cut_to_its_room() {
        let text = "Facility water distribution units";
        let lines = wrap(text, 12.0, Weight::Regular, 90.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(
            lines
                .iter()
                .all(|line| width(line, 12.0, Weight::Regular) <= 90.0),
            "{lines:?}"
        );
        let limit = wrap("Shutdown 95\u{a0}°C", 12.0, Weight::Regular, 70.0, 2);
        assert_eq!(limit, ["Shutdown", "95\u{a0}°C"]);
        assert_eq!(shorten("short", 12.0, Weight::Regular, 500.0), "short");
        assert_eq!(shorten("anything", 12.0, Weight::Regular, 0.0), "");
    }
}
