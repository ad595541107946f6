//! What can go wrong between a set of numbers and a picture on disk.

use std::io;
use std::path::PathBuf;

/// Why a figure was not written. Whatever the reason, no partial file is left behind.
///
/// ```
/// use closedform::plot::{self, CurvesPlot, PlotError};
///
/// let nothing = CurvesPlot::new("time", "performance");
/// assert!(matches!(plot::curves("figure.pdf", &nothing), Err(PlotError::Extension { .. })));
/// assert!(matches!(plot::curves("figure.png", &nothing), Err(PlotError::Empty { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The file name does not say whether PNG or SVG is wanted.
    #[error("cannot tell the picture format of `{}`: expected a name that ends in .png or .svg", path.display())]
    Extension {
        /// The name as it was given.
        path: PathBuf,
    },
    /// There is nothing to draw: no data at all, or no finite number among them.
    #[error("nothing to draw in the {figure} figure: expected {expected}")]
    Empty {
        /// Which figure was asked for, such as `parity`.
        figure: &'static str,
        /// What would have been drawn.
        expected: &'static str,
    },
    /// The picture could not be written.
    #[error("cannot write the picture `{}`: {source}", path.display())]
    Io {
        /// The file that was to be written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The drawing library refused.
    #[error("drawing failed: {0}")]
    Draw(String),
}

impl PlotError {
    /// Wraps whatever error the drawing library reports: its types are generic over the backend and
    /// would otherwise leak into this crate's interface.
    pub(super) fn draw(error: impl std::fmt::Display) -> Self {
        Self::Draw(error.to_string())
    }
}
