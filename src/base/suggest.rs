//! "Did you mean": the known name that is nearest to a misspelt one.

/// The candidate nearest to `name`, if one is near enough to be meant: at most a
/// third of its letters differ, counting a swap of neighbours as one. Case does
/// not count; on a tie the first candidate wins.
///
/// ```
/// use ninefold::base::nearest;
/// assert_eq!(nearest("objectve", ["objective", "window"]), Some("objective"));
/// assert_eq!(nearest("banana", ["objective", "window"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST + 1).collect();
    if wanted.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .map(|c| (distance(&wanted, &c.to_lowercase().chars().collect::<Vec<_>>()), c))
        .filter(|(d, c)| *d <= (c.chars().count().max(wanted.len()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Longer names are not compared: the cost is the product of both lengths.
const LONGEST: usize = 100;

/// Edits between two words: insert, delete, replace, swap neighbours (optimal
/// string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replace = last[j] + usize::from(x != y);
            let mut best = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    fn edits(a: &str, b: &str) -> usize {
        distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    #[test]
    fn counts_edits() {
        assert_eq!(edits("slo", "slo"), 0);
        assert_eq!(edits("sol", "slo"), 1);
        assert_eq!(edits("", "slo"), 3);
        assert_eq!(edits("runbok", "runbook"), 1);
    }

    #[test]
    fn far_names_are_not_suggested() {
        assert_eq!(nearest("x", ["objective"]), None);
        assert_eq!(nearest("ownr", ["objective", "owner"]), Some("owner"));
        assert_eq!(nearest("Totla", ["bad", "total"]), Some("total"));
    }
}
