//! A trained supernet as JSON, in the model's report.

use crate::error::Error;
use crate::relaxation::{MixtureKind, Supernet, SupernetOptions, TrainedSupernet};
use crate::search::darts::Sampling;
use crate::search_space::{Combine, Genotype, PrimitiveSet, SearchSpace};
use serde::{Deserialize, Serialize};

/// Everything that discretising again or training on needs, and the discrete graph that was taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Architecture {
    /// The chosen graph: nodes, edges, primitive, weight, constants.
    pub(super) genotype: Genotype,
    /// How it was taken.
    pub(super) sampling: Sampling,
    /// Where the chosen graph was drawn: the one that `max` gives, for a refit to go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<Genotype>,
    /// Names of the primitives; own ones as `name = formula`.
    pub(super) primitives: String,
    pub(super) nodes: usize,
    pub(super) combine: Combine,
    mixture: MixtureKind,
    constant: bool,
    output_weights: bool,
    output_bias: bool,
    pub(super) logistic_output: bool,
    normalise: bool,
    zero_centred: bool,
    temperature: f64,
    /// Number of input columns.
    pub(super) inputs: usize,
    active: Vec<bool>,
    alpha: Vec<f64>,
    theta: Vec<f64>,
}

impl Architecture {
    pub(super) fn new(
        trained: &TrainedSupernet,
        genotype: &Genotype,
        space: &SearchSpace,
        sampling: Sampling,
        maximum: Option<Genotype>,
    ) -> Self {
        let net = &trained.supernet;
        Self {
            genotype: genotype.clone(),
            sampling,
            maximum,
            primitives: space.primitives.to_text(),
            nodes: space.nodes,
            combine: space.combine,
            mixture: net.options.mixture,
            constant: net.options.constant,
            output_weights: net.options.output_weights,
            output_bias: net.options.output_bias,
            logistic_output: net.options.logistic_output,
            normalise: net.options.normalise,
            zero_centred: net.options.zero_centred,
            temperature: net.temperature,
            inputs: net.layout.inputs,
            active: net.active.clone(),
            alpha: trained.alpha.clone(),
            theta: trained.theta.clone(),
        }
    }

    /// Reads it back.
    pub(super) fn from_json(value: &serde_json::Value) -> Result<Option<Self>, Error> {
        if value.is_null() {
            return Ok(None);
        }
        serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|e| Error::model(format!("the architecture of the model is damaged: {e}")))
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("an architecture holds only finite numbers, lists and names")
    }

    /// The graph that `max` gives; unknown where every graph so far was drawn.
    pub(super) fn maximum_genotype(&self) -> Option<&Genotype> {
        match self.sampling {
            Sampling::Max => Some(&self.genotype),
            Sampling::Sample => self.maximum.as_ref(),
        }
    }

    /// The search space.
    pub(super) fn space(&self) -> Result<SearchSpace, Error> {
        let mut space = SearchSpace::new(PrimitiveSet::parse(&self.primitives)?, self.nodes)?;
        space.combine = self.combine;
        Ok(space)
    }

    /// The supernet with its weights.
    pub(super) fn trained(&self) -> Result<TrainedSupernet, Error> {
        let options = SupernetOptions {
            mixture: self.mixture,
            constant: self.constant,
            output_weights: self.output_weights,
            output_bias: self.output_bias,
            logistic_output: self.logistic_output,
            normalise: self.normalise,
            zero_centred: self.zero_centred,
        };
        let mut supernet = Supernet::new(&self.space()?, self.inputs, options);
        let fits = self.alpha.len() == supernet.layout.alphas()
            && self.theta.len() == supernet.layout.thetas()
            && self.active.len() == supernet.active.len();
        if !fits {
            return Err(Error::model(
                "the architecture of the model is damaged: its weights do not fit its graph",
            ));
        }
        supernet.active.clone_from(&self.active);
        supernet.temperature = self.temperature;
        Ok(TrainedSupernet { supernet, alpha: self.alpha.clone(), theta: self.theta.clone() })
    }
}
