//! [`Fitted`]: a formula with its constants fitted, and how good it is.

use super::{Sample, Symbol, Tree, undressed};
use crate::search::{Control, Known};

/// Errors below this are equally exact.
const EXACT: f64 = 1e-24;

/// Longest formula of the front that is taken in, in symbols.
const LONGEST_KNOWN: usize = 60;

/// As many constants as rows meet any data.
fn most_parameters(rows: usize) -> usize {
    (rows * 3 / 5).max(2)
}

/// A fitted formula.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fitted {
    pub(crate) tree: Tree,
    /// Mean squared error over the variance of the target.
    pub(crate) error: f64,
    pub(crate) complexity: u32,
}

impl Fitted {
    /// Fits the constants of a formula, takes out what contributes nothing, and measures it. Iterations end early
    /// where the error stays above `hopeless`. `None` where the formula has no finite value on some row, reads no
    /// input, or is longer than `most`.
    pub(crate) fn new(
        tree: &Tree,
        sample: &Sample,
        iterations: usize,
        hopeless: f64,
        most: u32,
        control: &Control,
    ) -> Option<Self> {
        let parameters = tree.symbols().iter().filter(|s| matches!(s, Symbol::Parameter(_))).count();
        if parameters > most_parameters(sample.rows()) {
            return None;
        }
        let (fitted, error) = sample.fit(tree, iterations, hopeless, control)?;
        let bare = undressed(&fitted, sample, sample.residual_rms(error));
        let complexity = bare.complexity();
        if complexity > most || !bare.has_variable() {
            return None;
        }
        let error = sample.error(&bare);
        error.is_finite().then_some(Self { tree: bare, error, complexity })
    }

    /// A formula of the front as it is; `None` where it is too long or has no finite value on some row.
    pub(crate) fn known(known: &Known, sample: &Sample, control: &Control) -> Option<Self> {
        let tree = sample.lower(&known.expr, LONGEST_KNOWN)?;
        Self::new(&tree, sample, 0, f64::INFINITY, u32::MAX, control)
    }

    /// The error below which nothing is gained.
    pub(crate) fn floored_error(&self) -> f64 {
        self.error.max(EXACT)
    }

    /// The error on a scale on which parsimony is weighed; exact formulas are all alike.
    pub(crate) fn log_error(&self) -> f64 {
        self.floored_error().ln()
    }

    /// Whether the error is rounding.
    pub(crate) fn is_exact(&self) -> bool {
        self.error <= EXACT
    }
}
