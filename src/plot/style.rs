//! One look for all figures: colours with a fixed meaning, sizes of text, size of the page.
//!
//! The colours are those of Okabe and Ito (2008), *Color Universal Design*, <https://jfly.uni-koeln.de/color/>, which
//! stay apart for readers with any common colour vision deficiency; the darker inks beside them are chosen for text.

use super::PlotError;
use super::check;

/// An opaque colour: red, green, blue, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// The colour `share` (0 to 1) of the way to `other`.
    pub(super) fn toward(self, other: Self, share: f64) -> Self {
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }
}

impl From<colorous::Color> for Color {
    fn from(color: colorous::Color) -> Self {
        Self(color.r, color.g, color.b)
    }
}

/// The colours of all figures, each with one meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// Background.
    pub paper: Color,
    /// Text and axes.
    pub ink: Color,
    /// Secondary text.
    pub muted: Color,
    /// Grid lines.
    pub grid: Color,
    /// Electric power.
    pub electric: Color,
    /// Heat carried by liquid.
    pub liquid: Color,
    /// Heat carried by air.
    pub air: Color,
    /// Losses and what is not counted elsewhere.
    pub loss: Color,
    /// Limits, and whatever breaks one.
    pub limit: Color,
    /// A mean or typical item.
    pub mean: Color,
    /// The hottest or worst item.
    pub hottest: Color,
    /// A best point, a set-point.
    pub chosen: Color,
    /// Series without a meaning of their own, in order.
    pub series: [Color; 7],
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            paper: Color(255, 255, 255),
            ink: Color(31, 35, 40),
            muted: Color(92, 99, 107),
            grid: Color(226, 229, 233),
            electric: Color(230, 159, 0),
            liquid: Color(0, 114, 178),
            air: Color(86, 180, 233),
            loss: Color(140, 140, 140),
            limit: Color(213, 94, 0),
            mean: Color(0, 114, 178),
            hottest: Color(170, 51, 119),
            chosen: Color(0, 128, 96),
            series: [
                Color(0, 114, 178),
                Color(230, 159, 0),
                Color(0, 158, 115),
                Color(204, 121, 167),
                Color(86, 180, 233),
                Color(140, 140, 140),
                Color(240, 228, 66),
            ],
        }
    }
}

/// What a bar, band or link stands for; decides its colour and its legend entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// Electric power.
    Electric,
    /// Heat carried by a liquid.
    Liquid,
    /// Heat carried by air.
    Air,
    /// Power lost, or of no use to the equipment.
    Loss,
}

impl Carrier {
    /// All carriers in the order of legends.
    pub const ALL: [Self; 4] = [Self::Electric, Self::Liquid, Self::Air, Self::Loss];

    /// Words for the legend.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Electric => "Electric power",
            Self::Liquid => "Heat to liquid",
            Self::Air => "Heat to air",
            Self::Loss => "Loss",
        }
    }

    /// Colour in `palette`.
    pub(super) fn color(self, palette: &Palette) -> Color {
        match self {
            Self::Electric => palette.electric,
            Self::Liquid => palette.liquid,
            Self::Air => palette.air,
            Self::Loss => palette.loss,
        }
    }
}

/// Size and look of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// Width of the drawing in CSS pixels, 320 to 4,000.
    pub width: f64,
    /// Height of the plotting area in CSS pixels, 80 to 4,000; `None` takes the chart's own. Headings, legends and
    /// footnotes come on top. A chart grows beyond it where its labels need more.
    pub height: Option<f64>,
    /// Size of running text in CSS pixels, 8 to 40; headings and notes follow it.
    pub text: f64,
    /// Colours.
    pub palette: Palette,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 960.0,
            height: None,
            text: 13.0,
            palette: Palette::default(),
        }
    }
}

impl Style {
    /// Size of the title.
    pub(super) fn title(&self) -> f64 {
        self.text * 1.4
    }

    /// Size of tick labels, notes and legends.
    pub(super) fn small(&self) -> f64 {
        self.text * 0.88
    }

    /// White space around the drawing.
    pub(super) fn pad(&self) -> f64 {
        self.text * 1.4
    }

    /// Height of the plotting area: the chosen one, or the chart's own.
    pub(super) fn height_or(&self, own: f64) -> f64 {
        self.height.unwrap_or(own)
    }

    /// The sizes are within their ranges.
    pub(super) fn check(&self) -> Result<(), PlotError> {
        check::finite(
            "style size",
            [self.width, self.text, self.height.unwrap_or(100.0)],
        )?;
        let within = |what, requirement, value: f64, low: f64, high: f64| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(PlotError::Range {
                    what,
                    requirement,
                    value,
                })
            }
        };
        within("figure width", "320 to 4,000 px", self.width, 320.0, 4000.0)?;
        within(
            "figure height",
            "80 to 4,000 px",
            self.height.unwrap_or(100.0),
            80.0,
            4000.0,
        )?;
        within("text size", "8 to 40 px", self.text, 8.0, 40.0)
    }
}
