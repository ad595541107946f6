//! One concrete drawing backend for both formats, so that the figures need no type parameters.

use std::io;

use plotters::backend::SVGBackend;
use plotters_backend::text_anchor::VPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};

use super::font;
use super::raster::Raster;

type Drawn = Result<(), DrawingErrorKind<io::Error>>;

/// Where a figure is drawn.
pub(super) enum Canvas<'a> {
    /// A bitmap, to be encoded as PNG.
    Raster(Raster<'a>),
    /// A vector drawing.
    Svg(SVGBackend<'a>),
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        match self {
            Self::Raster(raster) => raster.get_size(),
            Self::Svg(svg) => svg.get_size(),
        }
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        match self {
            Self::Raster(raster) => raster.present(),
            Self::Svg(svg) => svg.present(),
        }
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        match self {
            Self::Raster(raster) => raster.draw_pixel(point, colour),
            Self::Svg(svg) => svg.draw_pixel(point, colour),
        }
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        match self {
            Self::Raster(raster) => raster.draw_line(from, to, style),
            Self::Svg(svg) => svg.draw_line(from, to, style),
        }
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        match self {
            Self::Raster(raster) => raster.draw_rect(upper_left, bottom_right, style, fill),
            Self::Svg(svg) => svg.draw_rect(upper_left, bottom_right, style, fill),
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        match self {
            Self::Raster(raster) => raster.draw_path(path, style),
            Self::Svg(svg) => svg.draw_path(path, style),
        }
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        match self {
            Self::Raster(raster) => raster.draw_circle(centre, radius, style, fill),
            Self::Svg(svg) => svg.draw_circle(centre, radius, style, fill),
        }
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        match self {
            Self::Raster(raster) => raster.fill_polygon(corners, style),
            Self::Svg(svg) => svg.fill_polygon(corners, style),
        }
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        match self {
            Self::Raster(raster) => raster.draw_text(text, style, (x, y)),
            Self::Svg(svg) => {
                // The SVG backend centres on small letters; most of our labels are digits and capitals.
                let sag = match style.anchor().v_pos {
                    VPos::Center => (0.09 * style.size() / font::LINE_HEIGHT).round() as i32,
                    _ => 0,
                };
                let at = match style.transform() {
                    FontTransform::Rotate270 => (x + sag, y),
                    _ => (x, y + sag),
                };
                svg.draw_text(text, style, at)
            }
        }
    }
}
