//! Options of differentiable architecture search on the command line; see [`DartsOptions`] for AutoRA's names.

use super::choice::choice;
use crate::relaxation::MixtureKind;
use crate::search::darts::{DartsOptions, Order, Sampling};
use clap::Args;

const MIXTURES: &[(&str, MixtureKind)] =
    &[("original", MixtureKind::Softmax), ("fair", MixtureKind::Sigmoid)];
const ORDERS: &[(&str, Order)] = &[
    ("first", Order::First),
    ("unrolled", Order::Unrolled),
    ("exact", Order::Exact),
    ("implicit", Order::Implicit),
];
const SAMPLINGS: &[(&str, Sampling)] = &[("max", Sampling::Max), ("sample", Sampling::Sample)];

/// What was said of DARTS; the rest is as in [`DartsOptions::default`].
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "DARTS options")]
pub(super) struct DartsArgs {
    /// How the architecture gradient treats the constants: as fixed, through one step (by differences or exact), or
    /// through their optimum [default: first]
    #[arg(long, value_name = "ORDER", value_parser = choice(ORDERS))]
    order: Option<Order>,

    /// Momentum in the step that the second order looks through [default: false]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    unrolled_momentum: Option<bool>,

    /// Iterations on the constants before each step of the order implicit [default: 5]
    #[arg(long, value_name = "N")]
    inner_iterations: Option<usize>,

    /// Epochs of the search; 0 keeps the architecture weights and only discretises and refits [default: 10]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,

    /// Independent starts, each with its own random numbers [default: 8]
    #[arg(long, value_name = "N")]
    restarts: Option<usize>,

    /// Rows per step [default: 64]
    #[arg(long, value_name = "ROWS")]
    batch_size: Option<usize>,

    /// Mixture of an edge: softmax (original) or independent sigmoids (fair) [default: original]
    #[arg(long, value_name = "TYPE", value_parser = choice(MIXTURES))]
    darts_type: Option<MixtureKind>,

    /// Weight of the zero-one loss of fair DARTS [default: 1]
    #[arg(long, value_name = "X")]
    fair_loss_weight: Option<f64>,

    /// Steps on the architecture weights per epoch [default: 1]
    #[arg(long, value_name = "N")]
    arch_updates: Option<usize>,

    /// Step length on the architecture weights [default: 0.003]
    #[arg(long, value_name = "X")]
    arch_learning_rate: Option<f64>,

    /// L2 decay of the architecture weights [default: 0.0001]
    #[arg(long, value_name = "X")]
    arch_weight_decay: Option<f64>,

    /// Decay in proportion to one plus the number of constants of a primitive [default: 0.0003]
    #[arg(long, value_name = "X")]
    arch_weight_decay_df: Option<f64>,

    /// Decay in proportion to the number of nodes [default: 0]
    #[arg(long, value_name = "X")]
    arch_weight_decay_base: Option<f64>,

    /// Decay of Adam's first moment, 0 to below 1 [default: 0.5]
    #[arg(long, value_name = "X")]
    arch_momentum: Option<f64>,

    /// Steps on the constants per epoch [default: 10]
    #[arg(long, value_name = "N")]
    param_updates: Option<usize>,

    /// Step length on the constants at the start of an epoch [default: 0.025]
    #[arg(long, value_name = "X")]
    param_learning_rate_max: Option<f64>,

    /// Step length on the constants at the end of an epoch [default: 0.01]
    #[arg(long, value_name = "X")]
    param_learning_rate_min: Option<f64>,

    /// Momentum of the steps on the constants, 0 to below 1 [default: 0.9]
    #[arg(long, value_name = "X")]
    param_momentum: Option<f64>,

    /// L2 decay of the constants [default: 0.0003]
    #[arg(long, value_name = "X")]
    param_weight_decay: Option<f64>,

    /// Largest norm of the gradient of the constants [default: 5]
    #[arg(long, value_name = "X")]
    grad_clip: Option<f64>,

    /// Iterations of the fit of each discrete graph [default: 100]
    #[arg(long, value_name = "N")]
    sampled_updates: Option<usize>,

    /// How the discrete graph is taken from the weights: the largest, or a draw [default: max]
    #[arg(long, value_name = "HOW", value_parser = choice(SAMPLINGS))]
    sampling: Option<Sampling>,

    /// Fit the weights of the output layer [default: where nodes may multiply]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    output_weights: Option<bool>,

    /// Fit the constant term of the output [default: where nodes may multiply]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    output_bias: Option<bool>,

    /// Decay per step of fitted output weights [default: 0.01]
    #[arg(long, value_name = "X")]
    output_weight_decay: Option<f64>,

    /// Feed the constant 1 to every node [default: where nodes may multiply]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    constant: Option<bool>,

    /// Half-width of the random start of the constants, relative to what they multiply [default: 1]
    #[arg(long, value_name = "X")]
    init_scale: Option<f64>,

    /// Let the architecture weights follow the loss on validation rows (true) or on all rows (false)
    /// [default: true]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    bilevel: Option<bool>,

    /// Softmax temperature in the first epoch [default: 1]
    #[arg(long, value_name = "X")]
    temperature_start: Option<f64>,

    /// Softmax temperature in the last epoch [default: 1]
    #[arg(long, value_name = "X")]
    temperature_end: Option<f64>,

    /// Primitives kept per edge after each stage, such as 8,5,3 [default: all to the end]
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    shrink: Option<Vec<usize>>,

    /// Subtract the value at 0 from every primitive during the search [default: false]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    zero_centred: Option<bool>,

    /// Scale outputs of primitives to a root mean square of at most 1 during the search [default: true]
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    normalise: Option<bool>,
}

/// Which option of the command line sets which field. Taking all fields apart makes the compiler find an option that
/// is read nowhere.
macro_rules! fields {
    ($($option:ident => $field:ident),* $(,)?) => {
        impl DartsArgs {
            /// The options, with those of `start` for what was not said.
            pub(super) fn over(&self, start: DartsOptions) -> DartsOptions {
                let mut o = start;
                let Self { $($option),* } = self;
                $(if let Some(value) = $option { o.$field = value.clone().into(); })*
                o
            }

            /// The options that were said, as they are written.
            pub(super) fn given(&self) -> Vec<&'static str> {
                let mut given = Vec::new();
                $(if self.$option.is_some() { given.push(concat!("--", stringify!($option))); })*
                given
            }
        }
    };
}

fields! {
    order => order,
    unrolled_momentum => unrolled_momentum,
    inner_iterations => inner_iterations,
    epochs => epochs,
    restarts => restarts,
    batch_size => batch_size,
    darts_type => mixture,
    fair_loss_weight => fair_loss_weight,
    arch_updates => arch_updates,
    arch_learning_rate => arch_learning_rate,
    arch_weight_decay => arch_weight_decay,
    arch_weight_decay_df => arch_weight_decay_df,
    arch_weight_decay_base => arch_weight_decay_base,
    arch_momentum => arch_momentum,
    param_updates => param_updates,
    param_learning_rate_max => param_learning_rate_max,
    param_learning_rate_min => param_learning_rate_min,
    param_momentum => param_momentum,
    param_weight_decay => param_weight_decay,
    grad_clip => grad_clip,
    sampled_updates => sampled_updates,
    sampling => sampling,
    output_weights => output_weights,
    output_bias => output_bias,
    output_weight_decay => output_weight_decay,
    constant => constant,
    init_scale => init_scale,
    bilevel => bilevel,
    temperature_start => temperature_start,
    temperature_end => temperature_end,
    shrink => shrink,
    zero_centred => zero_centred,
    normalise => normalise,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        darts: DartsArgs,
    }

    #[test]
    fn the_defaults_in_the_help_are_those_of_the_library() {
        assert_eq!(DartsArgs::default().over(DartsOptions::default()), DartsOptions::default());
        use clap::CommandFactory;
        let library = serde_json::to_value(DartsOptions::default()).unwrap();
        for argument in Only::command().get_arguments() {
            let name = argument.get_id().as_str();
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let said = help.rsplit_once("[default: ").map(|(_, d)| d.trim_end_matches(']')).unwrap();
            match library.get(name) {
                Some(serde_json::Value::Number(n)) => {
                    assert_eq!(said.parse::<f64>().unwrap(), n.as_f64().unwrap(), "{name}");
                }
                Some(serde_json::Value::Bool(b)) => assert_eq!(said, b.to_string(), "{name}"),
                Some(serde_json::Value::String(s)) => assert_eq!(said, s, "{name}"),
                _ => {}
            }
        }
    }

    #[test]
    fn options_act() {
        let o = Only::parse_from([
            "x",
            "--darts-type",
            "fair",
            "--sampling",
            "sample",
            "--epochs",
            "0",
            "--shrink",
            "4,2",
        ])
        .darts
        .over(DartsOptions::default());
        assert_eq!(
            (o.mixture, o.sampling, o.epochs, o.shrink),
            (MixtureKind::Sigmoid, Sampling::Sample, 0, vec![4, 2])
        );
    }
}
