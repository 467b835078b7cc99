//! PNG bytes of a finished SVG, with the embedded font alone.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::PlotError;
use super::font;

/// Longest side of a PNG in pixels; a page at 600 dpi is below it.
const LONGEST: f32 = 16_384.0;

/// Rasterises `svg` at `scale` pixels for each of its units.
pub(super) fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    let options = Options {
        font_family: font::EMBEDDED.into(),
        fontdb: font::database(),
        ..Options::default()
    };
    let failed = |reason: String| PlotError::Raster { reason };
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let size = tree.size();
    let (width, height) = (
        (size.width() * scale).ceil(),
        (size.height() * scale).ceil(),
    );
    if !(scale > 0.0 && width >= 1.0 && height >= 1.0 && width.max(height) <= LONGEST) {
        let requirement = "above zero and give sides of 1 to 16,384 pixels";
        return Err(PlotError::Range {
            what: "PNG scale",
            requirement,
            value: f64::from(scale),
        });
    }
    let mut pixmap = Pixmap::new(width as u32, height as u32)
        .ok_or_else(|| failed("no memory for the pixels".to_owned()))?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixmap.as_mut(),
    );
    pixmap
        .encode_png()
        .map_err(|error| failed(error.to_string()))
}
