//! Ctrl-C: once to end with the best model so far, twice to end at once.

use super::output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a program that was ended by an interrupt.
const INTERRUPTED: i32 = 130;

/// A flag that the first Ctrl-C (or a request to terminate) sets. The second ends the program.
pub(super) fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&flag);
    // Where no handler can be set, Ctrl-C ends the program as it does without one.
    let _ = ctrlc::set_handler(move || {
        if shared.swap(true, Ordering::Relaxed) {
            output::exit(INTERRUPTED);
        }
        output::say("\nending with the best model so far; press Ctrl-C again to end at once");
    });
    flag
}
