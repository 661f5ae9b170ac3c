//! Files that another template engine fills in before Prometheus sees them: Helm,
//! Jinja. A text comes in; the same text of the same length with the actions blanked
//! out comes out.

/// What an action of Prometheus' own templates reads.
const OURS: [&str; 6] =
    ["$labels", "$value", "$externalLabels", "$externalURL", ".Labels", ".ExternalLabels"];

/// Whether a text holds actions that are not Prometheus': block tags, or `{{ }}` that
/// reads nothing of an alert.
pub(super) fn is_templated(text: &str) -> bool {
    text.contains("{%") || actions(text).any(|(from, to)| is_foreign(&text[from..to]))
}

fn is_foreign(action: &str) -> bool {
    !OURS.iter().any(|ours| action.contains(ours))
}

/// The text with every action of a template in fillers, and lines that held nothing
/// else blank. Line breaks stay, so that every other byte keeps its place.
pub(super) fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (from, to) in actions(text) {
        for byte in &mut bytes[from..to] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = FILLER;
            }
        }
    }
    for line in bytes.split_mut(|b| *b == b'\n') {
        let filled = line.contains(&FILLER);
        if filled && line.iter().all(|b| matches!(*b, FILLER | b' ' | b'\r' | b'-')) {
            line.fill(b' ');
        }
    }
    // Actions begin and end at ASCII bytes, so this stays UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}

const FILLER: u8 = b'_';

/// The places of all actions, tags and comments.
fn actions(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let from = at + text.get(at..)?.find('{')?;
            let close = match text.as_bytes().get(from + 1) {
                Some(b'{') => "}}",
                Some(b'%') => "%}",
                _ => {
                    at = from + 1;
                    continue;
                }
            };
            let rest = &text[from..];
            let end = rest.find(close).map(|end| end + close.len());
            let line = rest.find('\n').unwrap_or(rest.len());
            at = from + end.unwrap_or(line);
            return Some((from, at));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{is_templated, masked};

    #[test]
    fn actions_are_blanked_in_place() {
        let text = "a: {{ .Values.é }}\n{{- if x }}\n  {% if y %}{{ z }}\nb: 1\n";
        let blank = masked(text);
        assert_eq!(blank.len(), text.len());
        assert_eq!(blank.lines().next(), Some("a: ________________"));
        assert!(blank.lines().nth(1).is_some_and(|line| line.trim().is_empty()));
        assert!(blank.lines().nth(2).is_some_and(|line| line.trim().is_empty()));
        assert!(blank.ends_with("b: 1\n"));
    }

    #[test]
    fn prometheus_templates_are_its_own() {
        assert!(!is_templated("summary: {{ $labels.instance }} is at {{ $value }}"));
        assert!(is_templated("team: {{ .Values.team }}"));
        assert!(is_templated("{% raw %}"));
        assert!(!is_templated("x{a=\"b\"}"));
    }
}
