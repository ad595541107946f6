//! The bundled font: pictures must come out on machines without any font installed.
//!
//! A subset of DejaVu Sans (Latin, Greek, Cyrillic, super- and subscripts, common signs) is compiled in.
//! plotters measures its own axis labels with it; glyphs on bitmaps are set here, because plotters' `ab_glyph`
//! support ignores side bearings (uneven letter spacing) and centres text too high.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use plotters::style::{FontStyle, register_font};

use super::error::PlotError;

/// The CSS family that SVG files name, and the name under which plotters finds the bundled font.
pub(super) const FAMILY: &str = "sans-serif";

/// plotters' font sizes are line heights; its SVG backend divides by this to get the em size.
pub(super) const LINE_HEIGHT: f64 = 1.24;

static BYTES: &[u8] = include_bytes!("font/DejaVuSans-subset.ttf");

fn face() -> Option<&'static FontRef<'static>> {
    static FACE: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FACE.get_or_init(|| FontRef::try_from_slice(BYTES).ok()).as_ref()
}

/// Makes the bundled font known to plotters.
pub(super) fn register() -> Result<(), PlotError> {
    register_font(FAMILY, FontStyle::Normal, BYTES)
        .map_err(|_| PlotError::Draw("the bundled font cannot be read".to_owned()))
}

/// `ab_glyph` scales by ascent minus descent, typography by the em.
fn scale(font: &FontRef<'_>, em: f64) -> PxScale {
    let units_per_em = font.units_per_em().unwrap_or(2048.0);
    PxScale::from(em as f32 * font.height_unscaled() / units_per_em)
}

/// Horizontal extent of `text` set at `em` pixels.
pub(super) fn width(text: &str, em: f64) -> f64 {
    let Some(font) = face() else { return em * 0.6 * text.chars().count() as f64 };
    let scaled = font.as_scaled(scale(font, em));
    let mut previous = None;
    let mut total = 0.0;
    for id in text.chars().map(|c| font.glyph_id(c)) {
        total += previous.map_or(0.0, |p| scaled.kern(p, id)) + scaled.h_advance(id);
        previous = Some(id);
    }
    f64::from(total)
}

/// Rasterises `text` with its baseline starting at the origin; `paint` gets pixel and coverage in 0..=1.
pub(super) fn rasterise(text: &str, em: f64, origin: (f64, f64), mut paint: impl FnMut(i32, i32, f32)) {
    let Some(font) = face() else { return };
    let scaled = font.as_scaled(scale(font, em));
    let mut previous = None;
    let mut pen = origin.0 as f32;
    for id in text.chars().map(|c| font.glyph_id(c)) {
        pen += previous.map_or(0.0, |p| scaled.kern(p, id));
        let glyph = id.with_scale_and_position(scaled.scale(), point(pen, origin.1 as f32));
        if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, coverage| {
                paint(corner.x as i32 + x as i32, corner.y as i32 + y as i32, coverage.clamp(0.0, 1.0));
            });
        }
        pen += scaled.h_advance(id);
        previous = Some(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_font_has_the_signs_that_figures_use() {
        let font = face().expect("the font parses");
        for sign in "aZ09\u{2212}×·αβθλσΣΔ²³⁰¹⁴⁵⁶⁷⁸⁹⁻₀₁₂₉→≤≥√Π…–".chars()
        {
            assert_ne!(font.glyph_id(sign).0, 0, "no glyph for {sign}");
        }
    }

    #[test]
    fn widths_add_up() {
        assert!(width("mmmm", 12.0) > 3.9 * width("m", 12.0));
        assert!((width("m", 24.0) - 2.0 * width("m", 12.0)).abs() < 1e-3);
    }
}
