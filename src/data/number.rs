//! One field of a text table to a number, or the reason why it is none.

/// What a field holds.
#[derive(Debug, PartialEq)]
pub(super) enum Field {
    /// A finite number.
    Number(f64),
    /// Nothing, or one of the usual words for nothing.
    Missing,
    /// Something else: what was expected, and a hint where the cause is known.
    Other {
        /// What was expected.
        expected: &'static str,
        /// The likely cause and its remedy, in parentheses, or nothing.
        hint: String,
    },
}

/// Ways in which programs and people write that there is no value. `NaN` is not among them: it is more often the
/// result of a computation that failed, and is reported as such.
const MISSING: [&str; 12] = ["", "na", "n/a", "#n/a", "null", "none", "nil", "missing", "-", "--", ".", "?"];

/// Reads one field, which has no white space around it.
pub(super) fn parse(field: &str) -> Field {
    match field.parse::<f64>() {
        Ok(value) if value.is_finite() => Field::Number(value),
        Ok(_) if field.contains(|c: char| c.is_ascii_digit()) => {
            Field::Other { expected: "a number of at most 1.8e308 in size", hint: String::new() }
        }
        Ok(_) => Field::Other { expected: "a finite number", hint: String::new() },
        Err(_) if MISSING.contains(&field.to_ascii_lowercase().as_str()) => Field::Missing,
        Err(_) => Field::Other { expected: "a number", hint: hint(field) },
    }
}

/// True for text that is a finite number as it stands.
pub(super) fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A field as it appears in a message: short, on one line.
pub(super) fn shown(field: &str) -> String {
    let line: String = field.chars().take(40).flat_map(char::escape_debug).collect();
    if field.chars().count() > 40 { format!("{line}...") } else { line }
}

fn hint(field: &str) -> String {
    let lower = field.to_ascii_lowercase();
    let without = |drop: &[char]| field.replace(|c| drop.contains(&c), "");
    if field.contains('\n') || field.contains('\r') {
        return " (is a quotation mark not closed?)".to_string();
    }
    if field.contains(',') {
        return comma(field);
    }
    // A typographic minus sign, as word processors write it.
    let dashes = field.replace(['\u{2212}', '\u{2013}'], "-");
    if is_number(&dashes) {
        return format!(" (a typographic minus sign: write {dashes})");
    }
    let parts: Vec<&str> = field.split_whitespace().collect();
    let grouped = parts.len() > 1
        && parts[1..].iter().all(|p| p.split('.').next().is_some_and(|digits| digits.len() == 3));
    if parts.len() > 1 && !grouped && parts.iter().all(|p| is_number(p)) {
        return " (columns separated by spaces? use commas, semicolons or tabs)".to_string();
    }
    let plain = without(&[' ', '\u{a0}', '\u{2009}', '\u{202f}', '\'', '\u{2019}', '_']);
    if is_number(&plain) {
        return format!(" (thousands separators: write {plain})");
    }
    if field.matches('.').count() > 1 && is_number(&without(&['.'])) {
        return format!(" (thousands separators: write {})", without(&['.']));
    }
    if lower == "true" || lower == "false" {
        return " (write 1 for true and 0 for false)".to_string();
    }
    if let Some(number) = field.strip_suffix('%')
        && is_number(number.trim_end())
    {
        return " (a percent sign: write the number alone)".to_string();
    }
    let exponent = lower.replace('d', "e");
    if lower.contains('d') && is_number(&exponent) {
        return format!(" (an exponent is written with e: {exponent})");
    }
    String::new()
}

/// `1,5`, `1.234,5`, `1,234.5` and `1,234,567`; `1,234` may be either and the remedy says both.
fn comma(field: &str) -> String {
    let decimal = field.replace('.', "").replace(',', ".");
    let grouped = field.replace(',', "");
    let groups_of_three = field
        .split('.')
        .next()
        .is_some_and(|whole| whole.split(',').skip(1).all(|group| group.len() == 3) && whole.contains(','));
    let comma_is_last = field.rfind(',') > field.rfind('.');
    match (comma_is_last && is_number(&decimal), groups_of_three && is_number(&grouped)) {
        (true, true) => format!(" (a comma in a number: write {grouped} or {decimal}, whichever is meant)"),
        (true, false) => format!(" (a decimal comma: write {decimal})"),
        (false, true) => format!(" (thousands separators: write {grouped})"),
        (false, false) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_of(field: &str) -> String {
        match parse(field) {
            Field::Other { hint, .. } => hint,
            other => panic!("{field}: {other:?}"),
        }
    }

    #[test]
    fn numbers_of_every_spelling() {
        for (text, value) in
            [("1e-3", 1e-3), ("+.5", 0.5), ("5.", 5.0), ("-1E+05", -1e5), ("0", 0.0), ("4.9e-324", 4.9e-324)]
        {
            assert_eq!(parse(text), Field::Number(value), "{text}");
        }
    }

    #[test]
    fn missing_values() {
        for text in ["", "NA", "n/a", "#N/A", "NULL", "None", "?", "-"] {
            assert_eq!(parse(text), Field::Missing, "{text}");
        }
    }

    #[test]
    fn what_is_not_finite() {
        for text in ["inf", "-Infinity", "NaN"] {
            assert!(matches!(parse(text), Field::Other { expected: "a finite number", .. }), "{text}");
        }
        assert!(matches!(parse("1e999"), Field::Other { expected, .. } if expected.contains("1.8e308")));
    }

    #[test]
    fn hints_name_cause_and_remedy() {
        for (text, hint) in [
            ("1,5", " (a decimal comma: write 1.5)"),
            ("1.234,5", " (a decimal comma: write 1234.5)"),
            ("1,234.5", " (thousands separators: write 1234.5)"),
            ("1,234,567", " (thousands separators: write 1234567)"),
            ("1,234", " (a comma in a number: write 1234 or 1.234, whichever is meant)"),
            ("1.234.567", " (thousands separators: write 1234567)"),
            ("12 345", " (thousands separators: write 12345)"),
            ("12'345.5", " (thousands separators: write 12345.5)"),
            ("1 2 3", " (columns separated by spaces? use commas, semicolons or tabs)"),
            ("\u{2212}3", " (a typographic minus sign: write -3)"),
            ("TRUE", " (write 1 for true and 0 for false)"),
            ("5 %", " (a percent sign: write the number alone)"),
            ("1.5D+03", " (an exponent is written with e: 1.5e+03)"),
            ("1\n2", " (is a quotation mark not closed?)"),
            ("abc", ""),
            ("2024-01-01", ""),
            ("a,b", ""),
        ] {
            assert_eq!(hint_of(text), hint, "{text}");
        }
    }

    #[test]
    fn long_fields_are_cut() {
        assert_eq!(shown("a\tb"), "a\\tb");
        assert_eq!(shown(&"x".repeat(50)), format!("{}...", "x".repeat(40)));
    }
}
