//! The paper of a figure: points in pixels of the finished picture, and the few marks that figures are made of.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::canvas::Canvas;
use super::error::PlotError;
use super::font;
use super::palette;

/// Drawings are made on a grid this many times finer than the finished picture.
pub(super) const FINE: u32 = 4;

/// A place on the paper in pixels, from the upper left corner.
pub(super) type Point = (f64, f64);

/// plotters' drawing area on our backend.
pub(super) type Area<'a> = DrawingArea<Canvas<'a>, Shift>;

/// From pixels of the finished picture to the fine grid.
pub(super) fn fine(length: f64) -> i32 {
    (length * f64::from(FINE)).round() as i32
}

/// How a line is drawn: colour, width in pixels, and lengths of stroke and gap when it is dashed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pen {
    pub(super) colour: RGBColor,
    pub(super) width: f64,
    pub(super) dash: Option<(f64, f64)>,
}

impl Pen {
    pub(super) fn new(colour: RGBColor, width: f64) -> Self {
        Self { colour, width, dash: None }
    }

    pub(super) fn dashed(self, stroke: f64, gap: f64) -> Self {
        Self { dash: Some((stroke, gap)), ..self }
    }

    fn style(&self) -> ShapeStyle {
        let width = (self.width * f64::from(FINE)).round().max(1.0) as u32;
        ShapeStyle { color: self.colour.to_rgba(), filled: false, stroke_width: width }
    }
}

/// A rectangle on the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Rect {
    pub(super) fn at((left, top): Point, (width, height): (f64, f64)) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn grown(self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    pub(super) fn contains(&self, (x, y): Point) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    pub(super) fn holds(&self, other: &Self) -> bool {
        self.contains((other.left, other.top)) && self.contains((other.right, other.bottom))
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Cuts the rectangle into `columns` by `rows` equal cells, row by row.
    pub(super) fn cells(&self, columns: usize, rows: usize) -> Vec<Self> {
        let size = (self.width() / columns as f64, self.height() / rows as f64);
        let corner =
            |i: usize| (self.left + (i % columns) as f64 * size.0, self.top + (i / columns) as f64 * size.1);
        (0..columns * rows).map(|i| Self::at(corner(i), size)).collect()
    }
}

/// The paper.
pub(super) struct Sheet<'a> {
    pub(super) area: Area<'a>,
    /// What is left below the title.
    pub(super) body: Rect,
}

impl<'a> Sheet<'a> {
    /// Clears the paper and writes the title.
    pub(super) fn new(area: Area<'a>, size: (u32, u32), title: Option<&str>) -> Result<Self, PlotError> {
        area.fill(&palette::PAPER).map_err(PlotError::draw)?;
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let mut sheet = Self { area, body: Rect::at((0.0, 0.0), (width, height)).grown(-6.0) };
        if let Some(title) = title.filter(|t| !t.trim().is_empty()) {
            let title = shorten(title, 16.0, width - 24.0);
            sheet.text(&title, (width / 2.0, 22.0), Lettering::new(16.0).centred())?;
            sheet.body.top += 32.0;
        }
        Ok(sheet)
    }

    /// Draws a line through `points`.
    pub(super) fn line(&self, points: &[Point], pen: Pen) -> Result<(), PlotError> {
        let Some((stroke, gap)) = pen.dash else {
            return self.stroke(points, pen);
        };
        for piece in dashes(points, stroke, gap) {
            self.stroke(&piece, pen)?;
        }
        Ok(())
    }

    fn stroke(&self, points: &[Point], pen: Pen) -> Result<(), PlotError> {
        let mut path: Vec<_> = points.iter().map(|p| (fine(p.0), fine(p.1))).collect();
        path.dedup();
        if path.len() < 2 {
            return Ok(());
        }
        self.area.draw(&PathElement::new(path, pen.style())).map_err(PlotError::draw)
    }

    /// Draws a filled disc; `opacity` in 0..=1.
    pub(super) fn dot(
        &self,
        at: Point,
        radius: f64,
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), PlotError> {
        let style = ShapeStyle { color: colour.mix(opacity), filled: true, stroke_width: 0 };
        self.area.draw(&Circle::new((fine(at.0), fine(at.1)), fine(radius), style)).map_err(PlotError::draw)
    }

    /// Draws a circle.
    pub(super) fn ring(&self, at: Point, radius: f64, pen: Pen) -> Result<(), PlotError> {
        let circle = Circle::new((fine(at.0), fine(at.1)), fine(radius), pen.style());
        self.area.draw(&circle).map_err(PlotError::draw)
    }

    /// Fills a polygon.
    pub(super) fn fill(&self, corners: &[Point], colour: RGBColor) -> Result<(), PlotError> {
        let corners: Vec<_> = corners.iter().map(|p| (fine(p.0), fine(p.1))).collect();
        self.area.draw(&Polygon::new(corners, colour.filled())).map_err(PlotError::draw)
    }

    /// Fills a rectangle.
    pub(super) fn fill_rect(&self, r: Rect, colour: RGBColor) -> Result<(), PlotError> {
        self.fill(&[(r.left, r.top), (r.right, r.top), (r.right, r.bottom), (r.left, r.bottom)], colour)
    }

    /// Draws the outline of a rectangle.
    pub(super) fn frame(&self, r: Rect, pen: Pen) -> Result<(), PlotError> {
        let corner = (r.left, r.top);
        // Half a stroke beyond the start closes the first corner.
        let close = (r.left + pen.width / 2.0, r.top);
        self.line(&[corner, (r.right, r.top), (r.right, r.bottom), (r.left, r.bottom), corner, close], pen)
    }

    /// Writes one line of text.
    pub(super) fn text(&self, text: &str, at: Point, lettering: Lettering) -> Result<(), PlotError> {
        let place = (fine(at.0), fine(at.1));
        self.area.draw(&Text::new(clean(text), place, lettering.style())).map_err(PlotError::draw)
    }
}

/// How text is set.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    size: f64,
    colour: RGBColor,
    horizontal: HPos,
    upwards: bool,
}

impl Lettering {
    /// Letters of `size` pixels to the right of the given point, centred vertically on it.
    pub(super) fn new(size: f64) -> Self {
        Self { size, colour: palette::INK, horizontal: HPos::Left, upwards: false }
    }

    pub(super) fn colour(self, colour: RGBColor) -> Self {
        Self { colour, ..self }
    }

    pub(super) fn centred(self) -> Self {
        Self { horizontal: HPos::Center, ..self }
    }

    /// Reads from bottom to top, as along a vertical axis.
    pub(super) fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }

    pub(super) fn style(self) -> TextStyle<'static> {
        let size = self.size * font::LINE_HEIGHT * f64::from(FINE);
        let turn = if self.upwards { FontTransform::Rotate270 } else { FontTransform::None };
        let mut style = TextStyle::from((font::FAMILY, size).into_font().transform(turn))
            .pos(Pos::new(self.horizontal, VPos::Center));
        style.color = self.colour.to_backend_color();
        style
    }
}

/// Line breaks and control characters, which column names may hold, have no place in a one-line label (nor in SVG).
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Cuts `text` to `room` pixels, with an ellipsis when something was cut.
pub(super) fn shorten(text: &str, size: f64, room: f64) -> String {
    if font::width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let cut: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if font::width(&cut, size) <= room {
            return cut;
        }
    }
    String::new()
}

/// The strokes of a dashed line, measured along the line so that the pattern does not depend on the sampling.
fn dashes(points: &[Point], stroke: f64, gap: f64) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, stroke);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut length = (to.0 - from.0).hypot(to.1 - from.1);
        while length > left {
            let share = left / length;
            from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            length -= left;
            if drawing {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            drawing = !drawing;
            left = if drawing { stroke } else { gap };
        }
        left -= length;
        if drawing {
            piece.push(to);
        }
    }
    if drawing {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_follow_the_line_whatever_its_sampling() {
        let coarse = dashes(&[(0.0, 0.0), (10.0, 0.0)], 3.0, 2.0);
        let fine = dashes(&[(0.0, 0.0), (1.0, 0.0), (4.0, 0.0), (10.0, 0.0)], 3.0, 2.0);
        let ends = |d: &[Vec<Point>]| d.iter().map(|p| (p[0].0, p[p.len() - 1].0)).collect::<Vec<_>>();
        assert_eq!(ends(&coarse), [(0.0, 3.0), (5.0, 8.0)]);
        assert_eq!(ends(&coarse), ends(&fine));
    }

    #[test]
    fn long_labels_end_in_an_ellipsis() {
        let cut = shorten("exp(-0.03*trial)*(1 - P0)", 12.0, 80.0);
        assert!(cut.ends_with('…') && font::width(&cut, 12.0) <= 80.0);
        assert_eq!(shorten("x", 12.0, 80.0), "x");
    }
}
