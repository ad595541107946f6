//! The options of ENAS.

use crate::error::Error;
use serde::{Deserialize, Serialize};

/// Options of efficient neural architecture search.
///
/// | field | default | in the reference implementation |
/// |---|---|---|
/// | `restarts` | 4 | 1 |
/// | `epochs` | 10 | 150 to 310 |
/// | `shared_steps` | 20 | one pass over the training batches |
/// | `shared_iterations` | 4 | one step of gradient descent |
/// | `shared_part` | 0.5 | - |
/// | `controller_steps` | 10 | 30 (cells), 50 (whole networks) |
/// | `samples` | 5 | 10, 20 |
/// | `reward_iterations` | 4 | 0 |
/// | `hidden` | 64 | 64 |
/// | `predecessors` | 3 | 2 |
/// | `learning_rate` | 0.0035 | 0.0035 |
/// | `init` | 0.1 | 0.1 |
/// | `temperature` | 1 | 5 (language), none (images) |
/// | `tanh_constant` | 2.5 | 2.5, 1.1, 1.5 |
/// | `entropy_weight` | 1e-4 | 1e-4 |
/// | `baseline_decay` | 0.99 | 0.99 |
/// | `final_samples` | 60 | 10 |
/// | `keep` | 3 | 1 |
///
/// ```
/// use closedform::search::enas::EnasOptions;
/// let options = EnasOptions { hidden: 32, ..EnasOptions::default() };
/// assert!(options.check().is_ok());
/// assert!(EnasOptions { hidden: 0, ..EnasOptions::default() }.check().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnasOptions {
    /// Independent seeded controllers.
    pub restarts: usize,
    /// Alternations of the two phases.
    pub epochs: usize,
    /// Graphs that improve the shared constants, per epoch.
    pub shared_steps: usize,
    /// Levenberg-Marquardt iterations of each of them.
    pub shared_iterations: usize,
    /// How far the shared constants move to those of such a graph, 0 to 1.
    pub shared_part: f64,
    /// Steps on the controller per epoch.
    pub controller_steps: usize,
    /// Graphs whose rewards a step averages.
    pub samples: usize,
    /// Levenberg-Marquardt iterations from the shared constants before a graph is rewarded.
    pub reward_iterations: usize,
    /// Width of the controller.
    pub hidden: usize,
    /// Predecessors that a node reads, at most.
    pub predecessors: usize,
    /// Step length of Adam (first decay 0, epsilon 1e-3) on the controller.
    pub learning_rate: f64,
    /// Half-width of the uniform start of the controller's weights.
    pub init: f64,
    /// Divides the logits.
    pub temperature: f64,
    /// Logits are `tanh_constant * tanh(logits / temperature)`; 0 leaves the hyperbolic tangent out.
    pub tanh_constant: f64,
    /// Weight of the entropy of the decisions in the reward.
    pub entropy_weight: f64,
    /// Decay of the moving average that rewards are compared with.
    pub baseline_decay: f64,
    /// Graphs drawn from the trained controller at the end.
    pub final_samples: usize,
    /// How many of the best graphs are handed on.
    pub keep: usize,
}

impl Default for EnasOptions {
    fn default() -> Self {
        Self {
            restarts: 4,
            epochs: 10,
            shared_steps: 20,
            shared_iterations: 4,
            shared_part: 0.5,
            controller_steps: 10,
            samples: 5,
            reward_iterations: 4,
            hidden: 64,
            predecessors: 3,
            learning_rate: 0.0035,
            init: 0.1,
            temperature: 1.0,
            tanh_constant: 2.5,
            entropy_weight: 1e-4,
            baseline_decay: 0.99,
            final_samples: 60,
            keep: 3,
        }
    }
}

impl EnasOptions {
    /// Checks every range.
    ///
    /// ```
    /// use closedform::search::enas::EnasOptions;
    /// assert!(EnasOptions::default().check().is_ok());
    /// let error = EnasOptions { temperature: 0.0, ..EnasOptions::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "enas temperature: expected a number above 0, got 0");
    /// ```
    ///
    /// # Errors
    /// Naming the option, what is expected and what came.
    pub fn check(&self) -> Result<(), Error> {
        let counts = [
            ("restarts", self.restarts),
            ("samples", self.samples),
            ("hidden", self.hidden),
            ("predecessors", self.predecessors),
            ("keep", self.keep),
        ];
        for (name, n) in counts {
            if n == 0 {
                return Err(Error::options(format!("enas {name}: expected 1 or more, got 0")));
            }
        }
        for (name, x) in [
            ("learning_rate", self.learning_rate),
            ("entropy_weight", self.entropy_weight),
            ("tanh_constant", self.tanh_constant),
        ] {
            if !(x.is_finite() && x >= 0.0) {
                return Err(Error::options(format!("enas {name}: expected a number of 0 or more, got {x}")));
            }
        }
        for (name, x) in [("init", self.init), ("temperature", self.temperature)] {
            if !(x.is_finite() && x > 0.0) {
                return Err(Error::options(format!("enas {name}: expected a number above 0, got {x}")));
            }
        }
        for (name, x) in [("shared_part", self.shared_part), ("baseline_decay", self.baseline_decay)] {
            if !(0.0..=1.0).contains(&x) {
                return Err(Error::options(format!("enas {name}: expected a number from 0 to 1, got {x}")));
            }
        }
        Ok(())
    }
}
