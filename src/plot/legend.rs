//! Legends that keep off the data: in a free corner when there is one, beside the panel otherwise.

use plotters::style::RGBColor;

use super::error::PlotError;
use super::font;
use super::palette;
use super::sheet::{Lettering, Pen, Point, Rect, Sheet, clean, shorten};

const TEXT: f64 = 12.0;
const ROW: f64 = 19.0;
const SWATCH: f64 = 26.0;
const PAD: f64 = 8.0;

/// The little picture in front of a legend's text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Swatch {
    Line(Pen),
    Dot(RGBColor),
    Ring(RGBColor),
}

/// Rows of entries; the entries of all rows line up in columns.
#[derive(Clone, Debug)]
pub(super) struct Legend {
    /// Longer texts are cut.
    text_width: f64,
    rows: Vec<Vec<(Swatch, String)>>,
}

impl Legend {
    /// An empty legend for a figure of `width` pixels, most of which is to stay for the data.
    pub(super) fn new(width: f64) -> Self {
        Self { text_width: (width * 0.22).min(220.0), rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, entries: impl IntoIterator<Item = (Swatch, String)>) {
        let cut = |(swatch, text): (Swatch, String)| (swatch, shorten(&clean(&text), TEXT, self.text_width));
        let row = entries.into_iter().map(cut).collect();
        self.rows.push(row);
    }

    /// Puts the entries of all rows into as few rows as `width` allows.
    pub(super) fn wrapped(self, width: f64) -> Self {
        let entries: Vec<_> = self.rows.into_iter().flatten().collect();
        let with = |rows: Vec<Vec<_>>| Self { text_width: self.text_width, rows };
        let mut best = with(entries.chunks(1).map(<[_]>::to_vec).collect());
        for columns in 2..=entries.len() {
            let wider = with(entries.chunks(columns).map(<[_]>::to_vec).collect());
            if wider.size().0 > width {
                break;
            }
            best = wider;
        }
        best
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn columns(&self) -> Vec<f64> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let entry = |row: &Vec<(Swatch, String)>, i: usize| {
            row.get(i).map_or(0.0, |e| SWATCH + 7.0 + font::width(&e.1, TEXT) + 14.0)
        };
        (0..count).map(|i| self.rows.iter().map(|row| entry(row, i)).fold(0.0, f64::max)).collect()
    }

    /// Width and height in pixels.
    pub(super) fn size(&self) -> (f64, f64) {
        let width = self.columns().iter().sum::<f64>() - 14.0 + 2.0 * PAD;
        (width, self.rows.len() as f64 * ROW + PAD)
    }

    /// A place inside `plot` that covers none of `taken`.
    pub(super) fn free_place(&self, plot: Rect, taken: &[Point]) -> Option<Rect> {
        let (width, height) = self.size();
        let room = plot.grown(-10.0);
        if width > room.width() || height > room.height() {
            return None;
        }
        let (right, bottom) = (room.right - width, room.bottom - height);
        let (middle, half) = ((room.left + right) / 2.0, (room.top + bottom) / 2.0);
        let places = [
            (right, room.top),
            (room.left, room.top),
            (right, bottom),
            (room.left, bottom),
            (right, half),
            (room.left, half),
            (middle, room.top),
            (middle, bottom),
        ];
        places
            .into_iter()
            .map(|corner| Rect::at(corner, (width, height)))
            .find(|place| !taken.iter().any(|point| place.grown(6.0).contains(*point)))
    }

    /// Draws the legend at `place`.
    pub(super) fn draw(&self, sheet: &Sheet<'_>, place: Rect, boxed: bool) -> Result<(), PlotError> {
        if boxed {
            sheet.fill_rect(place, palette::PAPER)?;
            sheet.frame(place, Pen::new(palette::GRID, 1.0))?;
        }
        let columns = self.columns();
        for (i, row) in self.rows.iter().enumerate() {
            let y = place.top + PAD / 2.0 + (i as f64 + 0.5) * ROW;
            let mut x = place.left + PAD;
            for ((swatch, text), column) in row.iter().zip(&columns) {
                let middle = (x + SWATCH / 2.0, y);
                match *swatch {
                    Swatch::Line(pen) => sheet.line(&[(x, y), (x + SWATCH, y)], pen)?,
                    Swatch::Dot(colour) => sheet.dot(middle, 4.0, colour, 1.0)?,
                    Swatch::Ring(colour) => sheet.ring(middle, 5.5, Pen::new(colour, 2.0))?,
                }
                sheet.text(text, (x + SWATCH + 7.0, y), Lettering::new(TEXT))?;
                x += column;
            }
        }
        Ok(())
    }
}

/// Points along a line, close enough together that no legend can slip between them.
pub(super) fn along(path: &[Point]) -> Vec<Point> {
    let mut points: Vec<Point> = path.first().copied().into_iter().collect();
    for pair in path.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let count = ((to.0 - from.0).hypot(to.1 - from.1) / 6.0).ceil().max(1.0);
        for i in 1..=count as usize {
            let share = i as f64 / count;
            points.push((from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share));
        }
    }
    points
}
