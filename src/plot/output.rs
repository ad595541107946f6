//! From a drawing to a file: all of it, or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::drawing::IntoDrawingArea;
use plotters_backend::DrawingBackend;

use super::canvas::Canvas;
use super::error::PlotError;
use super::figure::Figure;
use super::font;
use super::raster::{self, Raster};
use super::sheet::{FINE, Sheet};

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Png,
    Svg,
}

impl Format {
    fn of(path: &Path) -> Result<Self, PlotError> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "png" => Ok(Self::Png),
            "svg" => Ok(Self::Svg),
            _ => Err(PlotError::Extension { path: path.to_owned() }),
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// Draws with `draw` and writes the result to `path`, as PNG or SVG after the extension.
///
/// The extension is looked at before `draw` runs, so that a wrong name is reported whatever the data are.
pub(super) fn save(
    path: &Path,
    figure: &Figure,
    draw: impl FnOnce(&Sheet<'_>) -> Result<(), PlotError>,
) -> Result<(), PlotError> {
    let format = Format::of(path)?;
    font::register()?;
    let size = figure.pixels();
    let large = (size.0 * FINE, size.1 * FINE);
    match format {
        Format::Png => {
            let mut pixels = vec![255; large.0 as usize * large.1 as usize * 3];
            on(Canvas::Raster(Raster::new(&mut pixels, large)), size, figure, draw)?;
            let small = raster::shrink(&pixels, size, FINE);
            drop(pixels);
            write(path, format, |temporary| encode(temporary, size, &small))
        }
        Format::Svg => {
            let mut text = String::new();
            on(Canvas::Svg(SVGBackend::with_string(&mut text, large)), size, figure, draw)?;
            let text = natural_size(&text, size, large);
            write(path, format, |temporary| fs::write(temporary, text))
        }
    }
}

fn on(
    canvas: Canvas<'_>,
    size: (u32, u32),
    figure: &Figure,
    draw: impl FnOnce(&Sheet<'_>) -> Result<(), PlotError>,
) -> Result<(), PlotError> {
    let sheet = Sheet::new(canvas.into_drawing_area(), size, figure.title.as_deref())?;
    draw(&sheet)?;
    sheet.area.present().map_err(PlotError::draw)
}

/// plotters' SVG coordinates are whole numbers, so drawings are made on a finer grid; the `viewBox` scales them back.
fn natural_size(text: &str, size: (u32, u32), large: (u32, u32)) -> String {
    text.replacen(
        &format!("width=\"{}\" height=\"{}\"", large.0, large.1),
        &format!("width=\"{}\" height=\"{}\"", size.0, size.1),
        1,
    )
}

fn encode(path: &Path, size: (u32, u32), pixels: &[u8]) -> io::Result<()> {
    let mut backend = BitMapBackend::new(path, size);
    backend
        .blit_bitmap((0, 0), size, pixels)
        .and_then(|()| backend.present())
        .map_err(|error| io::Error::other(error.to_string()))
}

/// Writes beside the target and renames: readers see the old picture or the new one, never half of one.
fn write(path: &Path, format: Format, fill: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), PlotError> {
    let temporary = beside(path, format);
    let written = fs::File::create_new(&temporary)
        .and_then(|_| fill(&temporary))
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        // The first error is the one to report; that the leftover cannot be removed either adds nothing.
        let _ = fs::remove_file(&temporary);
        PlotError::Io { path: path.to_owned(), source }
    })
}

fn beside(path: &Path, format: Format) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{stem}.{}-{count}.{}", std::process::id(), format.extension()))
}
