//! Weather that a year is made of: hours in their order, or bins with the hours that they stand for.

use super::{MoistAir, PsychrometricError};

/// Outdoor air over one hour, or of one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The air.
    pub air: MoistAir,
    /// Its thermodynamic wet bulb, K.
    pub wet_bulb: f64,
    /// Hours that it lasts.
    pub hours: f64,
}

/// Outdoor air that a plant is judged at beside the year.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignPoint {
    /// Short name (`evaporation-0.4`).
    pub name: String,
    /// What it is, in words.
    pub text: String,
    /// The air.
    pub air: MoistAir,
    /// Its wet bulb, K.
    pub wet_bulb: f64,
}

impl DesignPoint {
    /// A point by dry bulb, wet bulb (K) and pressure (Pa).
    ///
    /// # Errors
    /// [`PsychrometricError`] where no air is so.
    pub fn new(
        name: impl Into<String>,
        text: impl Into<String>,
        dry_bulb: f64,
        wet_bulb: f64,
        pressure: f64,
    ) -> Result<Self, PsychrometricError> {
        let air = MoistAir::from_wet_bulb(dry_bulb, wet_bulb, pressure)?;
        Ok(Self {
            name: name.into(),
            text: text.into(),
            air,
            wet_bulb,
        })
    }
}

/// How samples follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// One sample an hour from 1 January on: 8,760 of them, or in a leap year 8,784.
    Year,
    /// Bins: no date, no order.
    Bins,
}

/// A year's weather.
#[derive(Debug, Clone, PartialEq)]
pub struct Weather {
    /// Place, in words.
    pub name: String,
    /// Where the numbers come from.
    pub source: String,
    /// How samples follow each other.
    pub calendar: Calendar,
    /// Hours or bins.
    pub samples: Vec<Sample>,
    /// Design conditions that come with it.
    pub design: Vec<DesignPoint>,
}

/// Names of the months.
pub const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Days of a month (1 to 12).
pub const fn days_of_month(month: usize, leap: bool) -> usize {
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Month (1 to 12), day (from 1) and hour (1 to 24, the hour that ends then) of an hour of the year, counted from 0;
/// hours past the year's end stay in December.
pub fn date(hour: usize, leap: bool) -> (usize, usize, usize) {
    let (mut day, mut month) = (hour / 24, 1);
    while month < 12 && day >= days_of_month(month, leap) {
        day -= days_of_month(month, leap);
        month += 1;
    }
    (month, day + 1, hour % 24 + 1)
}

impl Weather {
    /// Hours of all samples together.
    pub fn hours(&self) -> f64 {
        self.samples.iter().map(|sample| sample.hours).sum()
    }

    /// Whether the year has a 29 February.
    pub fn is_leap(&self) -> bool {
        self.calendar == Calendar::Year && self.samples.len() == 8784
    }

    /// What a sample is called in messages: `14 Jul, hour 16`, or `bin 12 (25.3 degC, wet bulb 20.1 degC)`.
    pub fn label(&self, index: usize) -> String {
        match self.calendar {
            Calendar::Year => {
                let (month, day, hour) = date(index, self.is_leap());
                format!("{day} {}, hour {hour}", MONTHS[month - 1])
            }
            Calendar::Bins => self.samples.get(index).map_or_else(String::new, |sample| {
                format!(
                    "bin {} ({:.1} degC, wet bulb {:.1} degC)",
                    index + 1,
                    sample.air.dry_bulb() - 273.15,
                    sample.wet_bulb - 273.15
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn hours_have_their_dates() {
        assert_eq!(date(0, false), (1, 1, 1));
        assert_eq!(date(23, false), (1, 1, 24));
        assert_eq!(date(59 * 24, false), (3, 1, 1));
        assert_eq!(date(59 * 24, true), (2, 29, 1));
        assert_eq!(date(8759, false), (12, 31, 24));
        assert_eq!(date(8783, true), (12, 31, 24));
    }
}
