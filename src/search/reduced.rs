//! [`Reduced`]: a smaller problem that a target leaves, whose formulas become formulas of the whole.

use super::{Candidate, Control, Known, Problem, SearchStrategy, shortened};
use crate::data::{Split, thinned};
use crate::expr::{Expr, Tape, complexity};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use std::collections::HashSet;

/// Training rows of a reduced problem, at most, and as many others: no stage looks at more.
const ROWS: usize = 2048;

/// What a formula leaves that is taken apart, relative to what shorter ones leave, at most.
const MUCH_LESS: f64 = 0.1;

/// What searches a reduced problem.
pub(crate) struct Stage {
    strategy: Box<dyn SearchStrategy>,
    /// Round in which it first takes part, and its own rounds in each.
    starts: usize,
    rounds: usize,
    finished: bool,
}

impl Stage {
    pub(crate) fn new(strategy: impl SearchStrategy + 'static, starts: usize, rounds: usize) -> Self {
        Self { strategy: Box::new(strategy), starts, rounds, finished: false }
    }
}

/// The rows of a problem that a reduced one is made of, by their numbers, and which of these are for training.
pub(crate) fn rows_of(problem: &Problem<'_>) -> (Vec<usize>, Split) {
    let Split { train, validation } = problem.split;
    let (train, validation) = (thinned(train, ROWS), thinned(validation, ROWS));
    let rows: Vec<usize> = train.iter().chain(&validation).copied().collect();
    let split = Split { train: (0..train.len()).collect(), validation: (train.len()..rows.len()).collect() };
    (rows, split)
}

/// A target without a factor, and weights under which its squared error is that of the target. Rows without a finite value do
/// not count.
pub(crate) fn without_factor(
    target: &[f64],
    weights: Option<&[f64]>,
    factor: impl Fn(usize) -> f64,
) -> (Vec<f64>, Vec<f64>) {
    let of = |row: usize| {
        let f = factor(row);
        let (value, weight) = (target[row] / f, weights.map_or(1.0, |w| w[row]) * f * f);
        if value.is_finite() && weight.is_finite() { (value, weight) } else { (0.0, 0.0) }
    };
    (0..target.len()).map(of).unzip()
}

/// The data of a reduced problem.
pub(crate) struct Data {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) target: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) split: Split,
}

/// A reduced problem and its search.
pub(crate) struct Reduced {
    data: Data,
    stages: Vec<Stage>,
    front: Vec<Known>,
    round: usize,
    /// The stage whose turn it is.
    next: usize,
    rebuild: Box<dyn Fn(&Expr) -> Expr + Send + Sync>,
}

impl Reduced {
    /// `rebuild` makes a formula of the columns one of the inputs of the whole problem.
    pub(crate) fn new(
        data: Data,
        stages: Vec<Stage>,
        rebuild: impl Fn(&Expr) -> Expr + Send + Sync + 'static,
    ) -> Self {
        Self { data, stages, front: Vec::new(), round: 0, next: 0, rebuild: Box::new(rebuild) }
    }

    /// Rounds of every stage; formulas of the inputs of the whole problem, in the name of `origin`.
    pub(crate) fn round(
        &mut self,
        problem: &Problem<'_>,
        origin: &'static str,
        control: &Control,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        for _ in 0..self.stages.len() {
            found.extend(self.step(problem, origin, control));
        }
        found
    }

    /// The part of a round that belongs to the next stage.
    pub(crate) fn step(
        &mut self,
        problem: &Problem<'_>,
        origin: &'static str,
        control: &Control,
    ) -> Vec<Candidate> {
        let Self { data, stages, front, round, next, rebuild } = self;
        let views: Vec<&[f64]> = data.columns.iter().map(Vec::as_slice).collect();
        let part = Problem {
            columns: &views,
            target: &data.target,
            weights: Some(&data.weights),
            split: &data.split,
            ..problem.clone()
        };
        let mut found = Vec::new();
        let stage = &mut stages[*next];
        for _ in 0..stage.rounds {
            if stage.starts > *round || stage.finished || control.is_stopped() {
                break;
            }
            let round = stage.strategy.round(&part, front, control);
            stage.finished = round.finished;
            for expr in round.candidates.iter().filter_map(Candidate::expr) {
                file(front, expr, data);
                found.push(Candidate::new(rebuild(expr), origin));
            }
        }
        *next = (*next + 1) % stages.len();
        *round += usize::from(*next == 0);
        found
    }

    /// Files formulas that are longer than wanted and leave much less than all others without one or two of their parts, constants
    /// solved again. Values that are not quite those of a function show as that function with a little beside it.
    pub(crate) fn take_apart(&mut self, wanted: u32) {
        let Self { data, front, .. } = self;
        let views: Vec<&[f64]> = data.columns.iter().map(Vec::as_slice).collect();
        let options = LmOptions { iterations: 25, ..LmOptions::default() };
        let reached =
            front.iter().filter(|k| k.complexity <= wanted).map(|k| k.mse).fold(f64::INFINITY, f64::min);
        let long =
            |k: &&Known| (wanted + 1..=2 * wanted).contains(&k.complexity) && k.mse < MUCH_LESS * reached;
        let mut shorter: Vec<Expr> = front.iter().filter(long).flat_map(|k| shortened(&k.expr)).collect();
        shorter.extend(shorter.iter().flat_map(shortened).collect::<Vec<Expr>>());
        let mut seen: HashSet<String> = HashSet::new();
        shorter.retain(|e| complexity(e) <= wanted && seen.insert(format!("{:?}", e.nodes())));
        for expr in shorter {
            let tape = Tape::compile(&expr);
            let objective = SquaredError::new(&tape, &views, &data.target, Some(&data.weights));
            let solved = levenberg_marquardt(&objective, expr.parameters(), &options);
            file(front, &expr.with_parameters(&solved.parameters), data);
        }
    }

    /// Whether nothing is left to try.
    pub(crate) fn is_finished(&self) -> bool {
        self.stages.iter().all(|s| s.finished)
    }

    /// The formulas of the columns that nothing as short beats, the shortest first.
    pub(crate) fn front(&self) -> &[Known] {
        &self.front
    }
}

/// Files a formula among those that nothing as short beats.
fn file(front: &mut Vec<Known>, expr: &Expr, data: &Data) {
    let views: Vec<&[f64]> = data.columns.iter().map(Vec::as_slice).collect();
    let values = Tape::compile(expr).values(expr.parameters(), &views);
    let train = &data.split.train;
    let squares: f64 = train.iter().map(|&r| data.weights[r] * (values[r] - data.target[r]).powi(2)).sum();
    let mse = squares / train.iter().map(|&r| data.weights[r]).sum::<f64>();
    let complexity = complexity(expr);
    if !mse.is_finite() || front.iter().any(|k| k.complexity <= complexity && k.mse <= mse) {
        return;
    }
    front.retain(|k| k.complexity < complexity || k.mse < mse);
    let at = front.partition_point(|k| k.complexity < complexity);
    front.insert(at, Known { expr: expr.clone(), mse, complexity });
}
