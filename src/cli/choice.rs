//! Options that take one of several words.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A parser for words that stand for values; clap lists them in help texts and messages.
pub(super) fn choice<T: Clone + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|w| w.0)).map(move |word| {
        let found = words.iter().find(|w| w.0 == word);
        found.expect("clap has checked the word").1.clone()
    })
}
