//! The nearest right spelling of a word.

/// The candidate that is nearest to `given`, if any is near enough to have been meant.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = simplify(given);
    if plain.is_empty() {
        return None;
    }
    let longest = 1 + plain.chars().count() / 4;
    candidates
        .into_iter()
        .map(|word| {
            let known = simplify(word);
            let distance = strsim::damerau_levenshtein(&plain, &known);
            // A word cut short, or with something added, is nearer than its letters say.
            let part = plain.len() >= 4 && known.contains(&plain)
                || known.len() >= 4 && plain.contains(&known);
            (
                if part {
                    distance.min(longest)
                } else {
                    distance
                },
                distance,
                word,
            )
        })
        .filter(|(rank, _, _)| *rank <= longest)
        .min_by_key(|(rank, distance, _)| (*rank, *distance))
        .map(|(_, _, word)| word)
}

/// Letter case and the choice of `-`, `_` or blank are the commonest slips: they cost nothing.
fn simplify(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn plausible_slips_only() {
        let words = [
            "fluid",
            "reference_pressure",
            "design_supply_temperature",
            "count",
        ];
        assert_eq!(nearest("Fluid", words), Some("fluid"));
        assert_eq!(nearest("flud", words), Some("fluid"));
        assert_eq!(
            nearest("reference-pressure", words),
            Some("reference_pressure")
        );
        assert_eq!(
            nearest("supply_temperature", words),
            Some("design_supply_temperature")
        );
        assert_eq!(nearest("cuont", words), Some("count"));
        assert_eq!(nearest("elephant", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("x", []), None);
    }
}
