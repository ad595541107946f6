//! Fits on a thread of their own: Python stays free for others, and Ctrl-C ends them with the best model so far.

use crate::error::OrRaise;
use crate::model::Model;
use crate::{options, table};
use closedform::model::export::{Digits, infix};
use closedform::search::darts::Epoch;
use closedform::{Dataset, Error, FitControl, Progress};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How often Ctrl-C is looked for.
const POLL: Duration = Duration::from_millis(50);

/// What the searching thread tells.
enum Message {
    Round(Round),
    Epoch(Epoch),
    Done(Box<Result<closedform::Model, Error>>),
}

/// The state after a round, in words that Python can print.
struct Round {
    elapsed: f64,
    rounds: usize,
    evaluations: u64,
    loss: f64,
    formula: Option<String>,
}

type Work = Box<dyn FnOnce(&Dataset, FitControl<'_>) -> Result<closedform::Model, Error> + Send>;

/// Searches for laws. `observer(dict)` is called after every round, `epochs(restart, epoch, loss, weights)` after every
/// epoch of differentiable search. Returns the model and whether Ctrl-C ended the search.
#[pyfunction]
#[pyo3(signature = (options, x, y, weights, variables, target, observer=None, epochs=None))]
#[allow(clippy::too_many_arguments)] // one caller, by name
pub(crate) fn fit(
    py: Python<'_>,
    options: &str,
    x: PyReadonlyArray2<'_, f64>,
    y: PyReadonlyArray1<'_, f64>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    variables: &str,
    target: &str,
    observer: Option<Py<PyAny>>,
    epochs: Option<Py<PyAny>>,
) -> PyResult<(Model, bool)> {
    let regressor = options::regressor(py, options)?;
    let data = table::dataset(py, &x, &y, weights.as_ref(), variables, target)?;
    run(py, data, Box::new(move |data, control| regressor.fit_with(data, control)), observer, epochs)
}

/// Fits the constants of a model again, or goes on with the supernet that it came from; see
/// `SymbolicRegressor::refit` of the engine.
#[pyfunction]
#[pyo3(signature = (options, model, x, y, weights, variables, target, observer=None, epochs=None))]
#[allow(clippy::too_many_arguments)] // one caller, by name
pub(crate) fn refit(
    py: Python<'_>,
    options: &str,
    model: &Model,
    x: PyReadonlyArray2<'_, f64>,
    y: PyReadonlyArray1<'_, f64>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    variables: &str,
    target: &str,
    observer: Option<Py<PyAny>>,
    epochs: Option<Py<PyAny>>,
) -> PyResult<(Model, bool)> {
    let regressor = options::regressor(py, options)?;
    let data = table::dataset(py, &x, &y, weights.as_ref(), variables, target)?;
    let model = model.0.clone();
    run(
        py,
        data,
        Box::new(move |data, control| regressor.refit_with(&model, data, control)),
        observer,
        epochs,
    )
}

fn run(
    py: Python<'_>,
    data: Dataset,
    work: Work,
    observer: Option<Py<PyAny>>,
    epochs: Option<Py<PyAny>>,
) -> PyResult<(Model, bool)> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let flag = Arc::clone(&interrupted);
    let (wants_rounds, wants_epochs) = (observer.is_some(), epochs.is_some());
    // Not joined: after a second Ctrl-C it ends by itself, soon.
    std::thread::Builder::new()
        .name("closedform".into())
        .spawn(move || search(&data, work, flag, &sender, wants_rounds, wants_epochs))?;
    wait(py, receiver, &interrupted, observer.as_ref(), epochs.as_ref())
}

/// The searching thread. That nobody listens any more is no error: it was told to stop.
fn search(
    data: &Dataset,
    work: Work,
    interrupted: Arc<AtomicBool>,
    sender: &Sender<Message>,
    wants_rounds: bool,
    wants_epochs: bool,
) {
    let names: Vec<String> = data.variables().iter().map(|v| v.name.clone()).collect();
    let mut on_round = |p: &Progress| {
        let _ = sender.send(Message::Round(Round {
            elapsed: p.elapsed.as_secs_f64(),
            rounds: p.rounds,
            evaluations: p.evaluations,
            loss: p.loss,
            formula: p.best.as_ref().map(|e| infix(e, &names, Digits::Significant(4))),
        }));
    };
    let mut on_epoch = |e: &Epoch| {
        let _ = sender.send(Message::Epoch(e.clone()));
    };
    let control = FitControl {
        interrupted,
        observer: wants_rounds.then_some(&mut on_round as _),
        epochs: wants_epochs.then_some(&mut on_epoch as _),
    };
    let result = work(data, control);
    let _ = sender.send(Message::Done(Box::new(result)));
}

/// The calling thread: looks for signals, and calls back with the interpreter held.
fn wait(
    py: Python<'_>,
    mut receiver: Receiver<Message>,
    interrupted: &AtomicBool,
    observer: Option<&Py<PyAny>>,
    epochs: Option<&Py<PyAny>>,
) -> PyResult<(Model, bool)> {
    let mut signal: Option<PyErr> = None;
    loop {
        // Handed over and back: a channel's receiving end cannot be shared.
        let message;
        (receiver, message) = py.detach(move || {
            let message = receiver.recv_timeout(POLL);
            (receiver, message)
        });
        if let Err(raised) = py.check_signals() {
            if signal.is_some() {
                return Err(raised);
            }
            interrupted.store(true, Ordering::Relaxed);
            signal = Some(raised);
        }
        let told = match message {
            Ok(Message::Done(result)) => {
                return match (*result, signal) {
                    (Ok(model), signal) => Ok((Model(model), signal.is_some())),
                    // Nothing was found yet: then the interrupt is what happened.
                    (Err(_), Some(signal)) => Err(signal),
                    (Err(error), None) => Err(error).or_raise(py),
                };
            }
            Ok(Message::Round(round)) => observer.map_or(Ok(()), |f| tell_round(py, f, &round)),
            Ok(Message::Epoch(e)) => {
                epochs.map_or(Ok(()), |f| f.call1(py, (e.restart, e.epoch, e.loss, e.weights)).map(drop))
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the search ended without a result; please report this"));
            }
        };
        if let Err(raised) = told {
            // A callback that fails ends the search; what it raised is what the caller gets.
            interrupted.store(true, Ordering::Relaxed);
            return Err(raised);
        }
    }
}

fn tell_round(py: Python<'_>, observer: &Py<PyAny>, round: &Round) -> PyResult<()> {
    let state = PyDict::new(py);
    state.set_item("elapsed", round.elapsed)?;
    state.set_item("rounds", round.rounds)?;
    state.set_item("evaluations", round.evaluations)?;
    state.set_item("loss", round.loss)?;
    state.set_item("formula", round.formula.as_deref())?;
    observer.call1(py, (state,)).map(drop)
}
