//! Pictures of a search and of what it found, as PNG or SVG after the extension of the file name.
//!
//! In go plain numbers and names: nothing here knows models or searches. Out comes a file, whole or not at all: it is
//! written beside its target and renamed. The same data give the same bytes. Numbers that are not finite are left
//! out; a picture without any data is a [`PlotError`]. A font is compiled in, so PNGs come out right on machines
//! that have none; SVGs name the generic family `sans-serif`. Colours are those of Okabe and Ito, which readers with
//! any kind of colour vision can tell apart.
//!
//! | Function | Shows |
//! |---|---|
//! | [`curves`] | original curves and the recovered law on top of them |
//! | [`front`] | error against complexity: the Pareto front and the model chosen from it |
//! | [`parity`] | predicted against observed values |
//! | [`residuals`] | residuals against predictions, and how they are distributed |
//! | [`trajectories`] | architecture weights and loss over the epochs of a search |
//! | [`convergence`] | best loss of several strategies against evaluations and time |
//! | [`architecture`] | the expression graph with its primitives |
//!
//! ```
//! use closedform::plot::{self, Curve, CurvesPlot};
//!
//! # let folder = tempfile::tempdir()?;
//! let trials: Vec<f64> = (0..100).map(f64::from).collect();
//! let learned = |t: &f64| 1.0 - 0.8 * (-0.03 * t).exp();
//! let original: Vec<f64> = trials.iter().map(learned).collect();
//! let recovered = original.clone();
//!
//! let figure = CurvesPlot::new("trial", "performance")
//!     .curve(Curve::new("P0 = 0.2", &trials, &original, &recovered));
//! plot::curves(folder.path().join("learning.png"), &figure)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod figure;

mod axis;
mod canvas;
mod font;
mod legend;
mod output;
mod palette;
mod panel;
mod raster;
mod sheet;

mod architecture;
mod convergence;
mod curves;
mod from_model;
mod front;
mod parity;
mod predictions;
mod residuals;
mod route;
mod trajectories;

pub use architecture::{GraphEdge, GraphNode, GraphPlot, NodeKind, architecture};
pub use convergence::{ConvergencePlot, ConvergenceRun, convergence};
pub use curves::{Curve, CurvesPlot, curves};
pub use error::PlotError;
pub use figure::Figure;
pub use from_model::{architecture_of, curves_of, front_of, predictions_of, trajectories_of};
pub use front::{FrontPlot, FrontPoint, front};
pub use parity::parity;
pub use predictions::PredictionsPlot;
pub use residuals::residuals;
pub use trajectories::{NamedSeries, TrajectoriesPlot, TrajectoryPanel, trajectories};
