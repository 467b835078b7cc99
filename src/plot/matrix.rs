//! Matrix: one coloured cell for each row and column, by category. Categories may be hatched, so that the figure is read in
//! black and white too; a cell without one stays empty.

use super::canvas::{Paint, Pen, Type};
use super::sheet::{Sheet, Swatch};
use super::style::{Color, Style};
use super::{Caption, Figure, PlotError, check, font};

/// Most cells that are drawn.
const MOST: usize = 20_000;

/// What a cell may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Name in the legend.
    pub name: String,
    /// Colour.
    pub color: Color,
    /// Whether it is hatched.
    pub hatched: bool,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// Names of the rows, from the top down.
    pub rows: Vec<String>,
    /// Names of the columns, from the left.
    pub columns: Vec<String>,
    /// Categories, in the order of the legend.
    pub categories: Vec<Category>,
    /// For each row the category of each column.
    pub cells: Vec<Vec<Option<usize>>>,
    /// Words beside each row, on the right; none where it is empty.
    pub notes: Vec<String>,
}

/// Draws the matrix.
///
/// # Errors
/// [`PlotError::Empty`] without rows or columns, [`PlotError::Length`] where a row does not match the columns,
/// [`PlotError::Range`] for a category that there is not or more than 20,000 cells.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("row", &data.rows)?;
    check::some("column", &data.columns)?;
    check::length("matrix", data.cells.len(), data.rows.len())?;
    if !data.notes.is_empty() {
        check::length("notes", data.notes.len(), data.rows.len())?;
    }
    for row in &data.cells {
        check::length("matrix row", row.len(), data.columns.len())?;
        if let Some(wrong) = row
            .iter()
            .flatten()
            .find(|&&at| at >= data.categories.len())
        {
            return Err(PlotError::Range {
                what: "category",
                requirement: "one of the categories",
                value: *wrong as f64,
            });
        }
    }
    let cells = data.rows.len() * data.columns.len();
    if cells > MOST {
        return Err(PlotError::Range {
            what: "number of cells",
            requirement: "20,000 at most",
            value: cells as f64,
        });
    }
    let mut sheet = Sheet::new(&data.caption, style)?;
    let used = |at: usize| data.cells.iter().flatten().any(|cell| *cell == Some(at));
    let legend: Vec<(Swatch, String)> = data
        .categories
        .iter()
        .enumerate()
        .filter(|(at, _)| used(*at))
        .map(|(_, category)| {
            let swatch = if category.hatched {
                Swatch::Hatch(category.color)
            } else {
                Swatch::Area(category.color)
            };
            (swatch, category.name.clone())
        })
        .collect();
    sheet.legend(&legend);
    let how = sheet.small();
    let names = data.rows.iter().map(String::as_str);
    let room = font::widest(names, how.size, how.weight).min(sheet.width() * 0.5);
    let left = sheet.left + room + how.size;
    // Few columns are not drawn out to the edge of the page.
    let notes = data.notes.iter().map(String::as_str);
    let beside = font::widest(notes, how.size, how.weight).min(sheet.width() * 0.25);
    let beside = if beside > 0.0 { beside + how.size } else { 0.0 };
    let width = ((sheet.right - beside - left) / data.columns.len() as f64).min(style.text * 8.0);
    let row = (style.text * 1.5).min(width.max(how.size * 1.25));
    let middle = |column: usize| left + (column as f64 + 0.5) * width;
    headings(&mut sheet, data, how, width, &middle);
    let top = sheet.top;
    let gap = (width.min(row) * 0.08).min(1.5);
    for (index, (name, cells)) in data.rows.iter().zip(&data.cells).enumerate() {
        let y = top + index as f64 * row;
        let name = font::shorten(name, how.size, how.weight, room);
        sheet
            .canvas
            .text_at(left - how.size * 0.6, y + row / 2.0, &name, how.end());
        for (column, cell) in cells.iter().enumerate() {
            let x = middle(column) - width / 2.0;
            let place = (x, y, width - gap, row - gap);
            match cell.map(|at| &data.categories[at]) {
                Some(category) if category.hatched => {
                    let rim = Pen::new(category.color, 0.8);
                    sheet
                        .canvas
                        .rect_with(place, Paint::Hatch(category.color), rim);
                }
                Some(category) => {
                    let (x, y, w, h) = place;
                    sheet.canvas.rect(x, y, w, h, category.color);
                }
                None => {
                    let rim = Pen::new(style.palette.grid, 0.6);
                    sheet
                        .canvas
                        .rect_with(place, Paint::Flat(style.palette.paper, 1.0), rim);
                }
            }
        }
    }
    let end = left + width * data.columns.len() as f64 + how.size * 0.6;
    for (index, note) in data.notes.iter().enumerate() {
        let y = top + (index as f64 + 0.5) * row;
        let note = font::shorten(note, how.size, how.weight, beside);
        sheet.canvas.text_at(end, y, &note, how);
    }
    sheet.finish(top + data.rows.len() as f64 * row)
}

/// Names of the columns: in one line where each fits over its column, else by turns in several, with leaders.
fn headings(sheet: &mut Sheet, data: &Data, how: Type, width: f64, middle: &dyn Fn(usize) -> f64) {
    let names = data.columns.iter().map(String::as_str);
    let widest = font::widest(names, how.size, how.weight) + how.size * 0.6;
    let lines = (widest / width).ceil().clamp(1.0, 4.0) as usize;
    let step = how.size * font::LEADING;
    let bottom = sheet.top + step * lines as f64;
    let pen = Pen::new(sheet.style.palette.grid, 1.0);
    for (column, name) in data.columns.iter().enumerate() {
        let level = column % lines;
        let y = bottom - step * (level as f64 + 0.5);
        let text = font::shorten(name, how.size, how.weight, width * lines as f64 - 4.0);
        // At the edges of the page a name is set beside its column rather than cut off.
        let half = how.width(&text) / 2.0;
        let x = middle(column)
            .min(sheet.right - half)
            .max(sheet.left + half);
        if level > 0 {
            let x = middle(column);
            sheet.canvas.line(x, y + step * 0.5, x, bottom, pen);
        }
        sheet
            .canvas
            .text_at(x, y, &text, how.middle().halo(sheet.style.palette.paper));
    }
    sheet.top = bottom + how.size * 0.3;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Category, Data, draw};
    use crate::plot::{Color, PlotError, Style};

    fn data() -> Data {
        let category = |name: &str, hatched| Category {
            name: name.into(),
            color: Color(10, 20, 30),
            hatched,
        };
        Data {
            rows: vec!["one pump lost".into(), "one cell lost".into()],
            columns: vec!["feed".into(), "GPU".into(), "heat rejection".into()],
            categories: vec![category("holds", false), category("no solution", true)],
            cells: vec![vec![Some(0), Some(1), None], vec![Some(0); 3]],
            ..Data::default()
        }
    }

    #[test]
    fn rows_columns_and_the_categories_used_are_named() {
        let svg = draw(&data(), &Style::default()).unwrap().svg().to_owned();
        for word in ["one pump lost", "heat rejection", "holds", "no solution"] {
            assert!(svg.contains(&format!(">{word}<")), "{word}");
        }
        let mut few = data();
        few.cells[0][1] = None;
        let svg = draw(&few, &Style::default()).unwrap().svg().to_owned();
        assert!(!svg.contains(">no solution<"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let style = Style::default();
        let mut short = data();
        short.cells[0].pop();
        assert!(matches!(
            draw(&short, &style),
            Err(PlotError::Length { .. })
        ));
        let mut unknown = data();
        unknown.cells[0][0] = Some(2);
        assert!(matches!(
            draw(&unknown, &style),
            Err(PlotError::Range { .. })
        ));
        assert!(matches!(
            draw(&Data::default(), &style),
            Err(PlotError::Empty { .. })
        ));
    }
}
