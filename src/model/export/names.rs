//! Column names, which may be any text, as identifiers.

use std::collections::BTreeSet;

/// Greek letters and their names, lower case; the upper case is the same with a capital.
const GREEK: [(char, char, &str); 24] = [
    ('α', 'Α', "alpha"),
    ('β', 'Β', "beta"),
    ('γ', 'Γ', "gamma"),
    ('δ', 'Δ', "delta"),
    ('ε', 'Ε', "epsilon"),
    ('ζ', 'Ζ', "zeta"),
    ('η', 'Η', "eta"),
    ('θ', 'Θ', "theta"),
    ('ι', 'Ι', "iota"),
    ('κ', 'Κ', "kappa"),
    ('λ', 'Λ', "lambda"),
    ('μ', 'Μ', "mu"),
    ('ν', 'Ν', "nu"),
    ('ξ', 'Ξ', "xi"),
    ('ο', 'Ο', "omicron"),
    ('π', 'Π', "pi"),
    ('ρ', 'Ρ', "rho"),
    ('σ', 'Σ', "sigma"),
    ('τ', 'Τ', "tau"),
    ('υ', 'Υ', "upsilon"),
    ('φ', 'Φ', "phi"),
    ('χ', 'Χ', "chi"),
    ('ψ', 'Ψ', "psi"),
    ('ω', 'Ω', "omega"),
];

/// The name of a Greek letter: `alpha`, `Omega`.
pub(super) fn greek_name(letter: char) -> Option<String> {
    GREEK.iter().find_map(|&(lower, upper, name)| {
        if letter == lower || (letter == 'µ' && name == "mu") {
            Some(name.to_string())
        } else if letter == upper {
            Some(capital(name))
        } else {
            None
        }
    })
}

/// Whether a word is the name of a Greek letter, in lower case or with a capital.
pub(super) fn is_greek(word: &str) -> bool {
    GREEK.iter().any(|(_, _, name)| *name == word || capital(name) == word)
}

fn capital(name: &str) -> String {
    let mut c = name.chars();
    c.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + c.as_str())
}

/// `[A-Za-z_][A-Za-z0-9_]*`
pub(super) fn is_ascii_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// One identifier per name, all different. A name that may be `kept` stays as it is; others are spelled with
/// letters, digits and underscores, and made different by an underscore or a number at the end.
pub(super) fn identifiers<S: AsRef<str>>(names: &[S], kept: impl Fn(&str) -> bool) -> Vec<String> {
    let stays = |n: &S| kept(n.as_ref());
    let mut taken: BTreeSet<String> =
        names.iter().filter(|n| stays(n)).map(|n| n.as_ref().to_string()).collect();
    let mut out = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        if stays(name) {
            out.push(name.as_ref().to_string());
            continue;
        }
        let mut base = spelled(name.as_ref());
        if base.is_empty() {
            base = format!("x{}", i + 1);
        }
        let candidates = [base.clone(), format!("{base}_")].into_iter();
        let fresh = candidates
            .chain((2..10).map(|k| format!("{base}_{k}")))
            // Where a language reserves all names that begin like this one.
            .chain((i + 1..).map(|k| format!("x{k}_{base}")))
            .find(|c| kept(c) && !taken.contains(c))
            .unwrap_or(base);
        taken.insert(fresh.clone());
        out.push(fresh);
    }
    out
}

/// A name with everything that is no ASCII letter or digit spelled out or turned into an underscore.
fn spelled(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c),
            '%' => out.push_str("percent"),
            '°' => out.push_str("deg"),
            '²' => out.push('2'),
            '³' => out.push('3'),
            c => match greek_name(c) {
                Some(word) => out.push_str(&word),
                None if !out.ends_with('_') => out.push('_'),
                None => {}
            },
        }
    }
    let out = out.trim_matches('_');
    let lead = if out.starts_with(|c: char| c.is_ascii_digit()) { "x" } else { "" };
    format!("{lead}{out}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_safe_and_different() {
        let kept = |n: &str| is_ascii_identifier(n) && n != "lambda";
        let got =
            identifiers(&["x y", "x_y", "lambda", "%", "α", "2nd", "温度", "v (m/s)", "x-y", "alpha"], kept);
        assert_eq!(
            got,
            ["x_y_", "x_y", "lambda_", "percent", "alpha_", "x2nd", "x7", "v_m_s", "x_y_2", "alpha"]
        );
    }
}
