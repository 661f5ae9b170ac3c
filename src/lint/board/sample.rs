//! Sample values for the variables of a query: a text comes in, one of the same length
//! that is PromQL goes out, so that a fault in it has its place in the file. What a
//! variable stands for is read off from what stands around it.

use super::mention::{Mention, mention_at};

/// A query with sample values.
pub(super) struct Sample {
    /// The text, as long as what it was made from.
    pub(super) text: String,
    /// How many variables were replaced.
    pub(super) replaced: usize,
    /// How many of them may be a number or a metric as well.
    pub(super) open: usize,
    /// Whether one of them may be more than a value: a function, an operator,
    /// matchers. Then a fault may be in the sample alone.
    pub(super) is_guess: bool,
}

/// What stands for a variable that may be a number or a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// A number.
    Number,
    /// A name.
    Name,
}

/// A value of a kind, written over a range.
enum Filler {
    Letters,
    Digits,
    Padded(&'static str),
    Quoted,
}

/// The words before the parentheses around labels.
const GROUPINGS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

/// The words after which an operand follows.
const BEFORE_OPERANDS: &[&str] = &["and", "or", "unless", "atan2", "bool", "offset"];

/// More than the longest of those words.
const LONGEST_WORD: usize = 20;

/// Puts sample values in the place of all variables.
pub(super) fn sample(text: &str, bare: Bare) -> Sample {
    let mut writer = Writer {
        source: text,
        out: text.as_bytes().to_vec(),
        quote: None,
        brackets: 0,
        braces: 0,
        parens: Vec::new(),
        bare,
        replaced: 0,
        open: 0,
        is_guess: false,
    };
    writer.run();
    // Whole characters were replaced by ASCII, so this stays UTF-8.
    let text = String::from_utf8(writer.out).unwrap_or_else(|_| text.to_owned());
    let Writer { replaced, open, is_guess, .. } = writer;
    Sample { text, replaced, open, is_guess }
}

struct Writer<'a> {
    source: &'a str,
    out: Vec<u8>,
    quote: Option<u8>,
    brackets: usize,
    braces: usize,
    /// For each open parenthesis whether it holds labels.
    parens: Vec<bool>,
    bare: Bare,
    replaced: usize,
    open: usize,
    is_guess: bool,
}

impl Writer<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(&byte) = self.source.as_bytes().get(at) {
            let mention =
                if matches!(byte, b'$' | b'[') { mention_at(self.source, at) } else { None };
            if let Some(mention) = mention {
                let filler = self.filler(&mention);
                self.fill(&mention, &filler);
                at = mention.range.end;
                continue;
            }
            at += match self.quote {
                Some(quote) => self.inside(byte, quote),
                None => self.outside(byte, at),
            };
        }
    }

    /// Reads a byte of a string; how many bytes to go on.
    fn inside(&mut self, byte: u8, quote: u8) -> usize {
        if byte == b'\\' && quote != b'`' {
            return 2;
        }
        if byte == quote {
            self.quote = None;
        }
        1
    }

    /// Reads a byte outside strings; how many bytes to go on.
    fn outside(&mut self, byte: u8, at: usize) -> usize {
        match byte {
            b'#' => {
                let rest = self.source.get(at..).unwrap_or_default();
                return rest.find('\n').unwrap_or(rest.len()).max(1);
            }
            b'"' | b'\'' | b'`' => self.quote = Some(byte),
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            b'{' => self.braces += 1,
            b'}' => self.braces = self.braces.saturating_sub(1),
            b'(' => {
                let word = self.word_before(at);
                let groups = GROUPINGS.iter().any(|g| g.as_bytes().eq_ignore_ascii_case(word));
                self.parens.push(groups);
            }
            b')' => {
                self.parens.pop();
            }
            _ => {}
        }
        1
    }

    fn fill(&mut self, mention: &Mention<'_>, filler: &Filler) {
        self.replaced += 1;
        let Some(place) = self.out.get_mut(mention.range.clone()) else { return };
        let (head, body, tail): (&[u8], u8, &[u8]) = match filler {
            Filler::Letters => (b"", b'x', b""),
            Filler::Digits => (b"", b'1', b""),
            Filler::Padded(value) => (value.as_bytes(), b' ', b""),
            Filler::Quoted => (b"\"", b'x', b"\""),
        };
        let last = place.len().saturating_sub(tail.len());
        for (index, byte) in place.iter_mut().enumerate() {
            let ending = index.checked_sub(last).and_then(|at| tail.get(at));
            *byte = *head.get(index).or(ending).unwrap_or(&body);
        }
    }

    fn filler(&mut self, mention: &Mention<'_>) -> Filler {
        let (start, end) = (mention.range.start, mention.range.end);
        if self.quote.is_some() {
            return Filler::Letters;
        }
        let before = start.checked_sub(1).and_then(|at| self.out.get(at).copied());
        let after = self.source.as_bytes().get(end).copied();
        let unit_follows = after.is_some_and(|b| b.is_ascii_alphabetic());
        let digit_before = before.is_some_and(|b| b.is_ascii_digit());
        let after_offset = self.word_before(start).eq_ignore_ascii_case(b"offset");
        if self.brackets > 0 || after_offset {
            return match (digit_before, unit_follows) {
                (_, true) => Filler::Digits,
                (true, false) => Filler::Padded("m"),
                (false, false) => Filler::Padded("5m"),
            };
        }
        let is_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':');
        let joined = mention_at(self.source, end).is_some();
        if joined || before.is_some_and(is_word) || after.is_some_and(is_word) {
            // `5$unit` and `${n}m` are numbers that no sample of this length can be.
            self.is_guess |= digit_before || unit_follows;
            return Filler::Letters;
        }
        let next = self.next_byte(end);
        if self.braces > 0 {
            return self.in_braces(start, next, mention.range.len());
        }
        if self.parens.last() == Some(&true) || matches!(next, Some(b'{' | b'[')) {
            return Filler::Letters;
        }
        if next == Some(b'(') || self.follows_operand(start) {
            self.is_guess = true;
            return Filler::Letters;
        }
        if mention.name.starts_with("__") {
            return Filler::Padded("1");
        }
        self.open += 1;
        match self.bare {
            Bare::Number => Filler::Padded("1"),
            Bare::Name => Filler::Letters,
        }
    }

    /// A label, its value, or a matcher.
    fn in_braces(&mut self, start: usize, next: Option<u8>, length: usize) -> Filler {
        let before = self.byte_before(start);
        match (before, next) {
            (_, Some(b'=' | b'!')) => Filler::Letters,
            (Some(b'=' | b'~'), _) => {
                self.is_guess = true;
                Filler::Quoted
            }
            (Some(b'{' | b','), _) if length >= 4 => {
                self.is_guess = true;
                Filler::Padded("x=''")
            }
            _ => {
                self.is_guess = true;
                Filler::Letters
            }
        }
    }

    /// Whether an operand ends before `start`, so that an operator would follow.
    fn follows_operand(&self, start: usize) -> bool {
        let word = self.word_before(start);
        if word.is_empty() {
            return matches!(self.byte_before(start), Some(b')' | b']' | b'}' | b'"' | b'\''));
        }
        !BEFORE_OPERANDS.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(word))
    }

    /// The last byte before `at` that is no blank.
    fn byte_before(&self, at: usize) -> Option<u8> {
        self.out.get(..at)?.trim_ascii_end().last().copied()
    }

    /// The next byte of the source that is no blank.
    fn next_byte(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at..)?.iter().copied().find(|b| !b.is_ascii_whitespace())
    }

    /// The word that ends before `at`, blanks and a sign skipped.
    fn word_before(&self, at: usize) -> &[u8] {
        let before = self.out.get(..at).unwrap_or_default().trim_ascii_end();
        let before = match before {
            [rest @ .., b'-'] if rest.trim_ascii_end().ends_with(b"offset") => {
                rest.trim_ascii_end()
            }
            _ => before,
        };
        // Long words are none of those that matter, and need not be read through.
        let before = before.get(before.len().saturating_sub(LONGEST_WORD)..).unwrap_or_default();
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':');
        let start = before.iter().rposition(|b| !is_word(b)).map_or(0, |at| at + 1);
        before.get(start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn made(text: &str) -> String {
        let sample = sample(text, Bare::Number);
        assert_eq!(sample.text.len(), text.len());
        sample.text
    }

    #[test]
    fn a_value_fits_its_surroundings() {
        for (text, expected) in [
            (r#"up{job="$job"}"#, r#"up{job="xxxx"}"#),
            (r#"up{job=~"a|${job:regex}"}"#, r#"up{job=~"a|xxxxxxxxxxxx"}"#),
            ("rate(x[$r])", "rate(x[5m])"),
            ("rate(x[$__rate_interval])", "rate(x[5m              ])"),
            ("x[${d}d:$s]", "x[1111d:5m]"),
            ("rate(x[[[r]]])", "rate(x[5m   ])"),
            ("x offset $o", "x offset 5m"),
            ("x offset -${o}", "x offset -5m  "),
            ("sum by ($label, a) (x)", "sum by (xxxxxx, a) (x)"),
            ("${ns}_requests_$kind", "xxxxx_requests_xxxxx"),
            ("$metric{a='b'}", "xxxxxxx{a='b'}"),
            ("time() - ${__from:date:seconds}", "time() - 1                     "),
            ("x > $limit", "x > 1     "),
            ("x{$label=\"a\"}", "x{xxxxxx=\"a\"}"),
            (
                "label_replace(x, 'a', '$1', 'b', '(.*)')",
                "label_replace(x, 'a', '$1', 'b', '(.*)')",
            ),
            ("x # $y\n + $z", "x # $y\n + 1 "),
        ] {
            assert_eq!(made(text), expected, "{text}");
        }
    }

    #[test]
    fn what_may_be_more_than_a_value_is_a_guess() {
        for text in ["$f(x)", "x $op 5", "x{$filters}", "x{a=$b}", "x > ${n}m", "x{} ${cmp} 1"] {
            assert!(sample(text, Bare::Number).is_guess, "{text}");
        }
        for text in ["x > $n", "x and $m", "x{a='$b'}", "sum by ($l) (x)", "x > bool $n"] {
            assert!(!sample(text, Bare::Number).is_guess, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_length_is_kept(text in "([a-z0-9 \\[\\]{}()$:.,=~\"'`#\\\\é-]|\\$[a-z]|\\$\\{[a-z]+(:[^}]{0,4})?\\}|\\[\\[a\\]\\]|offset |by ){0,30}") {
            for bare in [Bare::Number, Bare::Name] {
                prop_assert_eq!(sample(&text, bare).text.len(), text.len());
            }
        }

        #[test]
        fn any_text_keeps_its_length(text in "\\PC{0,60}") {
            prop_assert_eq!(sample(&text, Bare::Number).text.len(), text.len());
        }
    }
}
