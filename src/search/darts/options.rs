//! The options of DARTS, under the names of its parts.

use super::architect::Order;
use crate::error::Error;
use crate::relaxation::MixtureKind;
use serde::{Deserialize, Serialize};

/// How a discrete architecture is taken from a trained supernet.
///
/// ```
/// use closedform::search::darts::{DartsOptions, Sampling};
/// assert_eq!(DartsOptions::default().sampling, Sampling::Max);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// From the largest weights, then every operation judged by what the loss loses without it.
    #[default]
    Max,
    /// One draw per edge from its mixture weights.
    Sample,
}

/// Options of differentiable architecture search.
///
/// | field | default | AutoRA's name |
/// |---|---|---|
/// | `order` | first | - (AutoRA: first; see [`Order`]) |
/// | `unrolled_momentum` | false | - (on in DARTS itself) |
/// | `inner_iterations` | 5 | - |
/// | `epochs` | 10 | `max_epochs` |
/// | `restarts` | 8 | - |
/// | `batch_size` | 64 | `batch_size` |
/// | `arch_updates` | 1 | `arch_updates_per_epoch` |
/// | `arch_learning_rate` | 3e-3 | `arch_learning_rate_max` |
/// | `arch_weight_decay` | 1e-4 | `arch_weight_decay` |
/// | `arch_weight_decay_df` | 3e-4 | `arch_weight_decay_df` |
/// | `arch_weight_decay_base` | 0 | `arch_weight_decay_base` |
/// | `arch_momentum` | 0.5 | `arch_momentum` (dead there; Adam's first decay here) |
/// | `param_updates` | 10 | `param_updates_per_epoch` |
/// | `param_learning_rate_max`, `_min` | 0.025, 0.01 | the same |
/// | `param_momentum` | 0.9 | `param_momentum` |
/// | `param_weight_decay` | 3e-4 | `param_weight_decay` |
/// | `grad_clip` | 5 | `grad_clip` |
/// | `mixture` | softmax | `darts_type` (original, fair) |
/// | `fair_loss_weight` | 1 | `fair_darts_loss_weight` |
/// | `output_weights`, `output_bias` | where nodes may multiply | `train_classifier_coefficients`, `_bias` |
/// | `output_weight_decay` | 1e-2 | `classifier_weight_decay` |
/// | `constant` | where nodes may multiply | - |
/// | `init_scale` | 1 | `init_weights_function` |
/// | `sampled_updates` | 100 | `param_updates_for_sampled_model` |
/// | `sampling` | max | `sampling_strategy` |
/// | `bilevel` | true | - (AutoRA is single-level) |
/// | `temperature_start`, `_end` | 1, 1 | - |
/// | `shrink` | empty | - |
/// | `zero_centred`, `normalise` | false, true | - |
///
/// `num_graph_nodes`, `primitives` and `output_type` belong to the search space and the model; see
/// [`crate::SymbolicRegressor`].
///
/// ```
/// use closedform::search::darts::DartsOptions;
/// let options = DartsOptions { epochs: 20, restarts: 4, ..DartsOptions::default() };
/// assert!(options.check().is_ok());
/// let error = DartsOptions { grad_clip: 0.0, ..options }.check().unwrap_err();
/// assert_eq!(error.to_string(), "grad_clip: expected a number above 0, got 0");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DartsOptions {
    /// How the architecture gradient treats the constants.
    pub order: Order,
    /// Whether the step that the second order looks through has the optimiser's momentum, as in the reference
    /// implementation; the momentum then lasts from epoch to epoch.
    pub unrolled_momentum: bool,
    /// Levenberg-Marquardt iterations on the constants before each step of the order `implicit`, which replace the
    /// `param_updates`.
    pub inner_iterations: usize,
    /// Epochs; 0 keeps the given architecture weights and only discretises and refits.
    pub epochs: usize,
    /// Independent seeded starts.
    pub restarts: usize,
    /// Rows per step.
    pub batch_size: usize,
    /// Steps on the architecture weights per epoch, before those on the constants.
    pub arch_updates: usize,
    /// Adam's step on the architecture weights.
    pub arch_learning_rate: f64,
    /// L2 decay of the architecture weights, in the gradient.
    pub arch_weight_decay: f64,
    /// Decay per step in proportion to one plus the number of constants of a primitive.
    pub arch_weight_decay_df: f64,
    /// Decay per step in proportion to the number of nodes.
    pub arch_weight_decay_base: f64,
    /// Adam's decay of the first moment, 0 to below 1.
    pub arch_momentum: f64,
    /// Steps on the constants per epoch.
    pub param_updates: usize,
    /// Step on the constants at the start of an epoch.
    pub param_learning_rate_max: f64,
    /// Step on the constants at the end of an epoch (cosine in between).
    pub param_learning_rate_min: f64,
    /// Momentum of the steps on the constants.
    pub param_momentum: f64,
    /// L2 decay of the constants, in the gradient.
    pub param_weight_decay: f64,
    /// Largest norm of the gradient of the constants; longer ones are scaled down.
    pub grad_clip: f64,
    /// Softmax (original) or sigmoid (fair) mixtures.
    pub mixture: MixtureKind,
    /// Weight of the zero-one loss of fair DARTS.
    pub fair_loss_weight: f64,
    /// Whether output weights are fitted; `None`: where nodes may multiply.
    pub output_weights: Option<bool>,
    /// Whether an output bias is fitted; `None`: where nodes may multiply.
    pub output_bias: Option<bool>,
    /// Decay per step of trained output weights and bias.
    pub output_weight_decay: f64,
    /// Whether the constant 1 feeds every node; `None`: where nodes may multiply.
    pub constant: Option<bool>,
    /// Half-width of the uniform start of the constants, in units of one over the scale of what they multiply.
    pub init_scale: f64,
    /// Iterations of the fit of each discrete graph.
    pub sampled_updates: usize,
    /// How the discrete graph is taken.
    pub sampling: Sampling,
    /// Architecture weights follow the loss on validation rows (true) or on all rows (false).
    pub bilevel: bool,
    /// Softmax temperature in the first epoch.
    pub temperature_start: f64,
    /// Softmax temperature in the last epoch (geometric in between).
    pub temperature_end: f64,
    /// Progressive shrinking: primitives kept per edge after each stage of equal length, e.g. `[8, 5, 3]`.
    pub shrink: Vec<usize>,
    /// Subtract the value at 0 from every primitive during the search.
    pub zero_centred: bool,
    /// Scale outputs of primitives to a root mean square of at most 1 during the search.
    pub normalise: bool,
}

impl Default for DartsOptions {
    fn default() -> Self {
        Self {
            order: Order::First,
            unrolled_momentum: false,
            inner_iterations: 5,
            epochs: 10,
            restarts: 8,
            batch_size: 64,
            arch_updates: 1,
            arch_learning_rate: 3e-3,
            arch_weight_decay: 1e-4,
            arch_weight_decay_df: 3e-4,
            arch_weight_decay_base: 0.0,
            arch_momentum: 0.5,
            param_updates: 10,
            param_learning_rate_max: 0.025,
            param_learning_rate_min: 0.01,
            param_momentum: 0.9,
            param_weight_decay: 3e-4,
            grad_clip: 5.0,
            mixture: MixtureKind::Softmax,
            fair_loss_weight: 1.0,
            output_weights: None,
            output_bias: None,
            output_weight_decay: 1e-2,
            constant: None,
            init_scale: 1.0,
            sampled_updates: 100,
            sampling: Sampling::Max,
            bilevel: true,
            temperature_start: 1.0,
            temperature_end: 1.0,
            shrink: Vec::new(),
            zero_centred: false,
            normalise: true,
        }
    }
}

impl DartsOptions {
    /// Checks every range.
    ///
    /// ```
    /// use closedform::search::darts::DartsOptions;
    /// assert!(DartsOptions::default().check().is_ok());
    /// let error = DartsOptions { param_momentum: 1.0, ..DartsOptions::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "param_momentum: expected a number from 0 to below 1, got 1");
    /// ```
    ///
    /// # Errors
    /// Naming the option, what is expected and what came.
    pub fn check(&self) -> Result<(), Error> {
        let non_negative = [
            ("arch_learning_rate", self.arch_learning_rate),
            ("arch_weight_decay", self.arch_weight_decay),
            ("arch_weight_decay_df", self.arch_weight_decay_df),
            ("arch_weight_decay_base", self.arch_weight_decay_base),
            ("param_learning_rate_max", self.param_learning_rate_max),
            ("param_learning_rate_min", self.param_learning_rate_min),
            ("param_weight_decay", self.param_weight_decay),
            ("output_weight_decay", self.output_weight_decay),
            ("fair_loss_weight", self.fair_loss_weight),
        ];
        for (name, x) in non_negative {
            if !(x.is_finite() && x >= 0.0) {
                return Err(Error::options(format!("{name}: expected a number of 0 or more, got {x}")));
            }
        }
        let positive = [
            ("grad_clip", self.grad_clip),
            ("init_scale", self.init_scale),
            ("temperature_start", self.temperature_start),
            ("temperature_end", self.temperature_end),
        ];
        for (name, x) in positive {
            if !(x.is_finite() && x > 0.0) {
                return Err(Error::options(format!("{name}: expected a number above 0, got {x}")));
            }
        }
        for (name, x) in [("arch_momentum", self.arch_momentum), ("param_momentum", self.param_momentum)] {
            if !(0.0..1.0).contains(&x) {
                return Err(Error::options(format!("{name}: expected a number from 0 to below 1, got {x}")));
            }
        }
        if self.batch_size == 0 || self.restarts == 0 {
            return Err(Error::options("batch_size and restarts: expected 1 or more"));
        }
        if self.shrink.contains(&0) {
            return Err(Error::options("shrink: every stage has to keep at least one primitive"));
        }
        Ok(())
    }
}
