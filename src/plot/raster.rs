//! Bitmaps with smooth edges.
//!
//! plotters' own bitmap backend draws thick lines as polygons with spikes at sharp turns, ignores the stroke
//! width of rectangles, and does not smooth them. Here everything is drawn hard-edged on a buffer several times
//! larger and averaged down once, which is simple and smooths all shapes alike.

use std::io;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::font;

type Drawn = Result<(), DrawingErrorKind<io::Error>>;

/// A drawing backend on an RGB buffer.
pub(super) struct Raster<'a> {
    pixels: &'a mut [u8],
    width: i32,
    height: i32,
}

impl<'a> Raster<'a> {
    /// `pixels` holds three bytes a pixel, row by row.
    pub(super) fn new(pixels: &'a mut [u8], (width, height): (u32, u32)) -> Self {
        assert_eq!(pixels.len(), width as usize * height as usize * 3, "buffer of another size");
        Self { pixels, width: width as i32, height: height as i32 }
    }

    fn blend(&mut self, x: i32, y: i32, colour: BackendColor, coverage: f64) {
        if x < 0 || y < 0 || x >= self.width || y >= self.height {
            return;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        let alpha = colour.alpha * coverage;
        let (r, g, b) = colour.rgb;
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip([r, g, b]) {
            *old = (f64::from(*old) * (1.0 - alpha) + f64::from(new) * alpha).round() as u8;
        }
    }

    fn row(&mut self, y: i32, from: f64, to: f64, colour: BackendColor) {
        // A pixel belongs to the shape when its centre does.
        let first = (from - 0.5).ceil().max(0.0) as i32;
        let last = (to - 0.5).floor().min(f64::from(self.width) - 1.0) as i32;
        for x in first..=last {
            self.blend(x, y, colour, 1.0);
        }
    }

    fn rows(&self, from: f64, to: f64) -> std::ops::RangeInclusive<i32> {
        (from - 0.5).ceil().max(0.0) as i32..=(to - 0.5).floor().min(f64::from(self.height) - 1.0) as i32
    }

    fn disc(&mut self, (x, y): (f64, f64), radius: f64, colour: BackendColor) {
        for row in self.rows(y - radius, y + radius) {
            let off = f64::from(row) + 0.5 - y;
            let half = (radius * radius - off * off).max(0.0).sqrt();
            self.row(row, x - half, x + half, colour);
        }
    }

    fn polygon(&mut self, corners: &[(f64, f64)], colour: BackendColor) {
        let top = corners.iter().map(|c| c.1).fold(f64::INFINITY, f64::min);
        let bottom = corners.iter().map(|c| c.1).fold(f64::NEG_INFINITY, f64::max);
        let mut crossings = Vec::new();
        for row in self.rows(top, bottom) {
            let y = f64::from(row) + 0.5;
            crossings.clear();
            for (i, &(x0, y0)) in corners.iter().enumerate() {
                let (x1, y1) = corners[(i + 1) % corners.len()];
                if (y0 <= y) != (y1 <= y) {
                    crossings.push(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for span in crossings.chunks_exact(2) {
                self.row(row, span[0], span[1], colour);
            }
        }
    }

    /// One straight piece of a stroke.
    fn stroke(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: BackendColor) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if length == 0.0 {
            return;
        }
        let (nx, ny) = (-dy / length * width / 2.0, dx / length * width / 2.0);
        let corners = [
            (from.0 + nx, from.1 + ny),
            (to.0 + nx, to.1 + ny),
            (to.0 - nx, to.1 - ny),
            (from.0 - nx, from.1 - ny),
        ];
        self.polygon(&corners, colour);
    }
}

fn real((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x), f64::from(y))
}

impl DrawingBackend for Raster<'_> {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.blend(x, y, colour, 1.0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.stroke(real(from), real(to), f64::from(style.stroke_width()), style.color());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let (width, colour) = (f64::from(style.stroke_width()), style.color());
        let points: Vec<_> = path.into_iter().map(real).collect();
        for (i, pair) in points.windows(2).enumerate() {
            self.stroke(pair[0], pair[1], width, colour);
            if i > 0 {
                // Round joints close the wedge that two pieces leave open at a turn.
                self.disc(pair[0], width / 2.0, colour);
            }
        }
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if fill {
            return self.fill_polygon(corners, style);
        }
        self.draw_path(corners.into_iter().chain([corners[0], corners[1]]), style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if fill {
            self.disc(real(centre), f64::from(radius), style.color());
            return Ok(());
        }
        let (centre, half) = (real(centre), f64::from(style.stroke_width()) / 2.0);
        let (outer, inner) = (f64::from(radius) + half, (f64::from(radius) - half).max(0.0));
        for row in self.rows(centre.1 - outer, centre.1 + outer) {
            let off = (f64::from(row) + 0.5 - centre.1).powi(2);
            let out = (outer * outer - off).max(0.0).sqrt();
            let hole = (inner * inner - off).max(0.0).sqrt();
            if hole > 0.0 {
                self.row(row, centre.0 - out, centre.0 - hole, style.color());
                self.row(row, centre.0 + hole, centre.0 + out, style.color());
            } else {
                self.row(row, centre.0 - out, centre.0 + out, style.color());
            }
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let corners: Vec<_> = corners.into_iter().map(real).collect();
        self.polygon(&corners, style.color());
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        let em = style.size() / font::LINE_HEIGHT;
        let anchor = style.anchor();
        let shift = match anchor.h_pos {
            HPos::Left => 0.0,
            HPos::Center => -font::width(text, em) / 2.0,
            HPos::Right => -font::width(text, em),
        };
        let baseline = match anchor.v_pos {
            VPos::Top => 0.76 * em,
            VPos::Center => 0.36 * em,
            VPos::Bottom => -0.24 * em,
        };
        let (turn, colour) = (style.transform(), style.color());
        font::rasterise(text, em, (shift, baseline), |x, y, coverage| {
            let (x, y) = turn.transform(x, y);
            self.blend(pos.0 + x, pos.1 + y, colour, f64::from(coverage));
        });
        Ok(())
    }
}

/// Averages blocks of `factor` by `factor` pixels; `size` is the size of the result.
pub(super) fn shrink(pixels: &[u8], (width, height): (u32, u32), factor: u32) -> Vec<u8> {
    let (width, height, factor) = (width as usize, height as usize, factor as usize);
    let mut sums = vec![0_u32; width * 3];
    let mut small = Vec::with_capacity(width * height * 3);
    let area = (factor * factor) as u32;
    for band in pixels.chunks_exact(width * factor * 3 * factor).take(height) {
        sums.fill(0);
        for line in band.chunks_exact(width * factor * 3) {
            for (x, pixel) in line.chunks_exact(3).enumerate() {
                let at = x / factor * 3;
                for (sum, &value) in sums[at..at + 3].iter_mut().zip(pixel) {
                    *sum += u32::from(value);
                }
            }
        }
        small.extend(sums.iter().map(|&sum| ((sum + area / 2) / area) as u8));
    }
    small
}

#[cfg(test)]
mod tests {
    use plotters::style::{RGBColor, ShapeStyle};

    use super::*;

    const SIDE: u32 = 100;

    /// How many pixels of a white square `draw` blackens.
    fn blackened(draw: impl FnOnce(&mut Raster<'_>, &ShapeStyle) -> Drawn) -> f64 {
        let mut pixels = vec![255; (SIDE * SIDE * 3) as usize];
        let style = ShapeStyle { color: RGBColor(0, 0, 0).into(), filled: false, stroke_width: 8 };
        draw(&mut Raster::new(&mut pixels, (SIDE, SIDE)), &style).expect("drawn");
        pixels.chunks_exact(3).filter(|pixel| pixel[0] == 0).count() as f64
    }

    #[test]
    fn shapes_cover_their_area() {
        let pi = std::f64::consts::PI;
        let disc = blackened(|r, s| r.draw_circle((50, 50), 30, s, true));
        assert!((disc - pi * 900.0).abs() < 40.0, "{disc}");
        let ring = blackened(|r, s| r.draw_circle((50, 50), 30, s, false));
        assert!((ring - pi * (34.0 * 34.0 - 26.0 * 26.0)).abs() < 40.0, "{ring}");
        let line = blackened(|r, s| r.draw_line((10, 10), (70, 90), s));
        assert!((line - 800.0).abs() < 30.0, "{line}");
        // A sharp turn must not grow a spike.
        let turn = blackened(|r, s| r.draw_path([(10, 50), (90, 50), (10, 51)], s));
        assert!(turn < 80.0 * 9.0 + 60.0, "{turn}");
    }

    #[test]
    fn nothing_is_drawn_off_the_paper() {
        let off = blackened(|r, s| {
            r.draw_line((-500, -20), (900, -20), s)?;
            r.draw_circle((300, 300), 60, s, true)
        });
        assert_eq!(off, 0.0);
        let across = blackened(|r, s| r.draw_line((-1000, 50), (1000, 50), s));
        assert_eq!(across, 800.0);
    }

    #[test]
    fn shrinking_averages() {
        let small = shrink(&[0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255], (1, 1), 2);
        assert_eq!(small, [128, 128, 128]);
    }
}
