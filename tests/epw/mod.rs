//! A synthetic weather file: no real place, every hour known by formula.

#![allow(dead_code)]

/// Rows of an EPW file, to be changed one by one.
#[derive(Clone)]
pub struct Epw {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

const DAYS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A year with 48 kinds of hour: one day a month, in four parts. Dry bulb 2·month + part − 2 degC, relative humidity
/// 40 + 10·part %, 100,000 Pa.
pub fn year(leap: bool) -> Epw {
    let design = "DESIGN CONDITIONS,1,Invented,,Heating,1,-8,-5,-15,1,-5,-12,1,-3,10,4,9,7,4,0,\
Cooling,7,9,35,25,34,24.5,33,24,27,32,26,31,25,30,3,240,25,20,29,24,19,29,24,19,28,84,33,81,32,79,31,706,\
Extremes,9,8,7,29,-11,37,3,1,-14,38,-16,39,-18,40,-21,41";
    let header = [
        "LOCATION,Nowhere,XX,XXX,Invented,000000,35.0,-90.0,-6.0,100.0",
        design,
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        if leap {
            "HOLIDAYS/DAYLIGHT SAVINGS,Yes,0,0,0"
        } else {
            "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0"
        },
        "COMMENTS 1,a \"single\" quotation mark: 5\" pipe",
        "COMMENTS 2,",
        "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
    ];
    let mut rows = Vec::new();
    for (month, &days) in DAYS.iter().enumerate() {
        let days = days + usize::from(leap && month == 1);
        for day in 1..=days {
            for hour in 1..=24 {
                rows.push(row(month + 1, day, hour));
            }
        }
    }
    Epw {
        header: header.map(str::to_owned).to_vec(),
        rows,
    }
}

/// Dry bulb in degC and relative humidity in % of an hour (1 to 24) of a month (1 to 12).
pub fn air(month: usize, hour: usize) -> (f64, f64) {
    let part = (hour - 1) / 6;
    (
        2.0 * month as f64 + part as f64 - 2.0,
        40.0 + 10.0 * part as f64,
    )
}

pub fn row(month: usize, day: usize, hour: usize) -> Vec<String> {
    let (dry, humidity) = air(month, hour);
    let mut cells = vec![
        "1999".to_owned(),
        month.to_string(),
        day.to_string(),
        hour.to_string(),
        "0".to_owned(),
        "?9?9?9".to_owned(),
        format!("{dry:.1}"),
        "99.9".to_owned(),
        format!("{humidity:.0}"),
        "100000".to_owned(),
    ];
    cells.extend(std::iter::repeat_n("0".to_owned(), 25));
    cells
}

impl Epw {
    pub fn text(&self) -> String {
        let rows = self.rows.iter().map(|row| row.join(","));
        let mut lines: Vec<String> = self.header.clone();
        lines.extend(rows);
        // As such files come: with both ends of line.
        lines.join("\r\n") + "\r\n"
    }

    /// The same with a cell of an hour (from 0) changed.
    pub fn with(mut self, hour: usize, column: usize, value: &str) -> Self {
        value.clone_into(&mut self.rows[hour][column]);
        self
    }

    /// The same with another header line.
    pub fn header(mut self, line: usize, text: &str) -> Self {
        text.clone_into(&mut self.header[line]);
        self
    }
}
