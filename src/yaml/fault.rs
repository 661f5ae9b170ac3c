//! What the parser stumbled over, in our words: its error and the text around
//! come in; a finding comes out, and, where the extent of the fault is known, what
//! to blank so that the rest can be read.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::build::MAX_DEPTH;
use super::codes::{
    YAML_INDENTATION, YAML_NESTING, YAML_RESERVED_CHARACTER, YAML_SYNTAX, YAML_TAB, YAML_TAG,
    YAML_UNQUOTED_TEMPLATE,
};
use super::lines::{
    Line, entry_start, line_after, line_at, lines_below, open_bracket, quote_end, quoted,
    split_entry, text_end,
};
use crate::base::{Code, Diagnostic, FileId, Safety, Span};

/// Where a fault lies.
pub(super) struct Scene<'s> {
    pub file: FileId,
    pub source: &'s str,
    /// The outermost bracket that is open.
    pub bracket: Option<usize>,
    /// End of the last token that was read.
    pub last_end: usize,
}

/// What went wrong.
pub(super) enum Cause {
    /// The parser's error, and where it noticed it.
    Scan(ErrorKind, usize),
    /// A bare `{{` at an offset.
    Template(usize),
}

impl Cause {
    pub(super) fn at(&self) -> usize {
        match self {
            Cause::Scan(_, at) | Cause::Template(at) => *at,
        }
    }
}

/// What to overwrite so that the text can be read again.
#[derive(Default)]
pub(super) struct Patch {
    /// Becomes a scalar that stands for the fault.
    pub mask: Option<Range<usize>>,
    /// Becomes white space.
    pub blank: Vec<Range<usize>>,
    /// Entries vanish with it.
    pub lost: bool,
    /// It takes tabs away.
    pub tabs: bool,
}

pub(super) type Explained = (Diagnostic, Option<Patch>);

/// Whether a finding is about layout, and so may follow from another one.
pub(super) fn is_layout(finding: &Diagnostic, cause: &Cause) -> bool {
    let code: *const Code = finding.code;
    let stray = matches!(
        cause,
        Cause::Scan(
            ErrorKind::InvalidColonPlacement
                | ErrorKind::BlockEntryInFlowCollection
                | ErrorKind::BlockSequenceEntryNotAllowed,
            _
        )
    );
    stray || std::ptr::eq(code, &YAML_INDENTATION) || std::ptr::eq(code, &YAML_TAB)
}

/// Whether what went wrong may be due to the lines dropped at `last`: no key of the
/// document itself stands between.
pub(super) fn follows(source: &str, last: usize, cause: &Cause) -> bool {
    let end = line_at(source, cause.at()).start;
    let mut line = line_at(source, last);
    while line.start < end {
        if !line.is_blank() && line.indent == 0 && split_entry(source, &line).is_some() {
            return false;
        }
        match line_after(source, &line) {
            Some(next) => line = next,
            None => break,
        }
    }
    true
}

/// Whether a patch takes more than the value behind a key away.
pub(super) fn drops_lines(source: &str, patch: &Patch) -> bool {
    let entry = patch.mask.as_ref().is_none_or(|mask| {
        let line = line_at(source, mask.start);
        split_entry(source, &line).is_none_or(|(key, _)| mask.start < key.end)
    });
    patch.lost || (entry && !patch.tabs) || patch.blank.len() > 1
}

/// The finding for a fault, and the way on behind it.
pub(super) fn explain(scene: &Scene<'_>, cause: &Cause) -> Explained {
    let (kind, at) = match cause {
        Cause::Template(at) => return scene.bare_template(*at),
        Cause::Scan(kind, at) => (kind, *at),
    };
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => scene.tab(at),
        ErrorKind::UnexpectedCharacter { .. } | ErrorKind::MissingAnchorOrAliasName => {
            scene.reserved(at)
        }
        ErrorKind::MappingValueNotAllowed => scene.second_colon(at),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => scene.no_key(at),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::ExpectedDocumentStart => scene.misplaced(at),
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent => scene.unclosed_quote(at),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => scene.after_quote(at),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => scene.escape(kind, at),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::FlowMappingValueAdjacentCollection
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => scene.bracket(kind, at),
        ErrorKind::MisplacedFlowCollectionEnd => scene.stray_bracket(at),
        ErrorKind::BlockSequenceEntryNotAllowed => scene.list_beside_key(at),
        ErrorKind::CommentInterceptedScalar => scene.comment_inside(at),
        ErrorKind::CommentNotSeparated => scene.comment_beside(at),
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::ExpectedTagBang
        | ErrorKind::InvalidGlobalTagCharacter
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::InvalidTagEscape => scene.bad_tag(at),
        ErrorKind::InvalidBlockScalarHeader => scene.block_header(at),
        ErrorKind::RecursionLimitExceeded => {
            let message = "the document nests too deeply";
            let finding = Diagnostic::new(&YAML_NESTING, scene.one(at), message)
                .label(format!("more than {MAX_DEPTH} levels"))
                .help("flatten it; the rest of the document was not read");
            (finding, None)
        }
        _ if scene.on_directive(at) => scene.misplaced(at),
        _ if scene.source[at..].starts_with([',', '%']) => scene.reserved(at),
        other => {
            let finding = Diagnostic::new(&YAML_SYNTAX, scene.one(at), other.to_string())
                .label("not YAML")
                .help("the rest of the document was not read");
            (finding, None)
        }
    }
}

impl Scene<'_> {
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// The character at `at`.
    pub(super) fn one(&self, at: usize) -> Span {
        let width = self.source.get(at..).and_then(|s| s.chars().next()).map_or(0, char::len_utf8);
        Span::new(self.file, at, at + width)
    }

    /// The end of the character at `at`.
    pub(super) fn after(&self, at: usize) -> usize {
        self.one(at).end as usize
    }

    fn on_directive(&self, at: usize) -> bool {
        self.source[line_at(self.source, at).start..].starts_with('%')
    }

    pub(super) fn text(&self, range: &Range<usize>) -> &str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    /// The value that holds `at`, to the end of its line; within brackets to the
    /// next comma or bracket.
    pub(super) fn value_around(&self, at: usize) -> Range<usize> {
        let line = line_at(self.source, at);
        let before = self.source[line.start..at].trim_end().bytes().last();
        if self.bracket.is_some() || matches!(before, Some(b'[' | b'{')) {
            let rest = &self.source[at..line.end];
            let end = at + rest.find([',', ']', '}']).unwrap_or(rest.len());
            return at..text_end(self.source, at, &Line { end, ..line })
                .max(self.after(at))
                .min(line.end);
        }
        let start = match split_entry(self.source, &line) {
            Some((_, value)) if value <= at => value,
            // The fault is in the key itself.
            Some((key, _)) if key.contains(&at) => return key,
            _ => entry_start(self.source, &line).min(at),
        };
        start..text_end(self.source, start, &line).max(at).min(line.end)
    }

    /// Blanks the line of `at` and all that is indented below it.
    pub(super) fn drop_line(&self, line: &Line) -> Option<Patch> {
        let mut blank = vec![line.range()];
        blank.extend(lines_below(self.source, line, line.indent));
        Some(Patch { blank, lost: true, ..Patch::default() })
    }

    pub(super) fn mask(&self, range: Range<usize>) -> Option<Patch> {
        Some(Patch { mask: Some(range), ..Patch::default() })
    }

    /// Masks from `start` to the end of its line and blanks what is indented below
    /// the line.
    pub(super) fn mask_below(&self, start: usize) -> Option<Patch> {
        let line = line_at(self.source, start);
        // What is deeper than its key: behind a dash that is not the line's indent.
        let column = entry_start(self.source, &line).min(start) - line.start;
        let blank = lines_below(self.source, &line, column);
        let end = text_end(self.source, start, &line).max(self.after(start));
        Some(Patch { mask: Some(start..end), blank, ..Patch::default() })
    }

    fn bare_template(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let end = if self.bracket.is_some() {
            let rest = &self.source[at..line.end];
            let close = rest.find("}}").map_or(rest.len(), |i| i + 2);
            at + close + rest[close..].find([',', ']', '}']).unwrap_or(rest.len() - close)
        } else {
            text_end(self.source, at, &line)
        };
        let range = at..at + self.text(&(at..end)).trim_end().len();
        let text = self.text(&range);
        let finding = Diagnostic::new(
            &YAML_UNQUOTED_TEMPLATE,
            self.span(&range),
            "a value that begins with `{{` is not quoted",
        )
        .label("YAML reads `{` as the start of a map")
        .fix(
            format!("quote it: `{}`", quoted(text)),
            self.span(&range),
            quoted(text),
            Safety::Safe,
        );
        (finding, self.mask(range))
    }

    /// A character that begins no plain scalar.
    fn reserved(&self, at: usize) -> Explained {
        let range = self.value_around(at);
        let text = self.text(&range);
        let character = self.source.get(at..).and_then(|s| s.chars().next()).unwrap_or(' ');
        let shown = if character == '`' { "a backtick".into() } else { format!("`{character}`") };
        let message = format!("a value cannot begin with {shown} unless it is quoted");
        let mut finding = Diagnostic::new(&YAML_RESERVED_CHARACTER, self.span(&range), message)
            .label(format!("{shown} is reserved in YAML"));
        if range.start == at {
            finding = finding.fix(
                format!("quote it: `{}`", quoted(text)),
                self.span(&range),
                quoted(text),
                Safety::Safe,
            );
        }
        (finding, self.mask(range))
    }

    fn bad_tag(&self, at: usize) -> Explained {
        let range = self.value_around(at);
        let text = quoted(self.text(&range));
        let finding = Diagnostic::new(&YAML_TAG, self.one(at), "a tag that means nothing")
            .label("a word that begins with `!` is a tag")
            .fix(
                "quote the value if the `!` belongs to it",
                self.span(&range),
                text,
                Safety::Suggestion,
            );
        (finding, self.mask(range))
    }

    fn unclosed_quote(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let quote = self.source.get(at..at + 1).unwrap_or("\"");
        let range = at..text_end(self.source, at, &line).max(self.after(at));
        let finding = Diagnostic::new(
            &YAML_SYNTAX,
            self.span(&range),
            format!("a `{quote}` is never closed"),
        )
        .label("opened here")
        .help(format!("add the closing `{quote}`"))
        .fix(
            "close the quote at the end of the line",
            self.span(&range).after(),
            quote,
            Safety::Suggestion,
        );
        (finding, self.mask(range))
    }

    /// Text after a closing quote: it was the opening quote of a later line, or
    /// the quote belongs to the text.
    fn after_quote(&self, at: usize) -> Explained {
        let Some(start) = self.quote_before(at) else {
            return self.text_behind(at, &line_at(self.source, at));
        };
        let line = line_at(self.source, start);
        if !(line.start..=line.end).contains(&at) {
            return self.unclosed_quote(start);
        }
        let mut end = text_end(self.source, start, &line).max(self.after(at)).min(line.end.max(at));
        if self.bracket.is_some() {
            let rest = &self.source[at..end];
            end = at + rest[..rest.find([',', ']', '}']).unwrap_or(rest.len())].trim_end().len();
        }
        let range = start..end;
        let text = self.text(&range);
        let inner = text.get(1..text.len().max(2) - 1).filter(|_| text.ends_with(&text[..1]));
        let better = quoted(inner.unwrap_or(text));
        let finding = Diagnostic::new(&YAML_SYNTAX, self.one(at), "text behind a closing quote")
            .label("the quote before this ends the value")
            .also(self.one(start), "opened here")
            .fix("quote the value as a whole", self.span(&range), better, Safety::Suggestion);
        (finding, self.mask(range))
    }

    /// The quoted text, after the last token that was read, that ends before `at`.
    fn quote_before(&self, at: usize) -> Option<usize> {
        let mut from = self.last_end.min(at);
        loop {
            let start = from + self.source.get(from..at)?.find(['"', '\''])?;
            let end = quote_end(self.source, start)?;
            if end > at {
                return None;
            }
            if self.source[end..at].trim().is_empty() {
                return Some(start);
            }
            from = end;
        }
    }

    fn escape(&self, kind: &ErrorKind, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let end = quote_end(self.source, at);
        let range = at..end.unwrap_or_else(|| text_end(self.source, at, &line).max(self.after(at)));
        let text = self.text(&range);
        let known = |c: char| "0abt\tnvfre \"/\\N_LPxuU".contains(c);
        let mut chars = text.char_indices();
        let mut bad = None;
        while let Some((i, c)) = chars.next() {
            if c == '\\'
                && let Some((_, next)) = chars.next()
                && !known(next)
            {
                bad = Some((i, next));
                break;
            }
        }
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        let finding = match bad {
            Some((i, next)) => {
                let place = Span::new(self.file, at + i, at + i + 1 + next.len_utf8());
                let message = format!("`\\{next}` means nothing in double quotes");
                let mut finding =
                    Diagnostic::new(&YAML_SYNTAX, place, message).label("not an escape");
                if end.is_some() && !inner.contains(['\'', '\n']) && !inner.contains("\\\"") {
                    let single = format!("'{inner}'");
                    finding = finding.fix(
                        "use single quotes, in which a backslash is itself",
                        self.span(&range),
                        single,
                        Safety::Suggestion,
                    );
                }
                finding.help(format!("or double the backslash: `\\\\{next}`"))
            }
            None => Diagnostic::new(&YAML_SYNTAX, self.span(&range), kind.to_string())
                .label("in this text")
                .help("write the character itself, or `\\u` and four hexadecimal digits"),
        };
        // Of several lines the first stands for the fault.
        let first = range.end.min(line.end);
        let rest = first..range.end;
        let blank = vec![rest];
        (finding, Some(Patch { mask: Some(at..first), blank, ..Patch::default() }))
    }

    /// A bracket that is not closed, or not by its like.
    fn bracket(&self, kind: &ErrorKind, at: usize) -> Explained {
        let opening = |offset: usize| {
            matches!(self.source.as_bytes().get(offset), Some(b'[' | b'{')).then_some(offset)
        };
        let start = self
            .bracket
            .and_then(opening)
            .or_else(|| open_bracket(self.source, self.last_end.min(at), at))
            .or_else(|| opening(at));
        let Some(start) = start else {
            let range = self.value_around(at);
            let finding = Diagnostic::new(&YAML_SYNTAX, self.one(at), kind.to_string())
                .label("not expected here")
                .help("quote the value if it is meant as a text");
            return (finding, self.mask_below(range.start));
        };
        if self.source[start..].starts_with("{{") {
            return self.bare_template(start);
        }
        let open = if self.source[start..].starts_with('[') { '[' } else { '{' };
        let close = if open == '[' { ']' } else { '}' };
        let line = line_at(self.source, start);
        let here = (line.start..line.end).contains(&at) && at > start;
        let range = start..text_end(self.source, start, &line).max(self.after(start));
        let separator = matches!(
            kind,
            ErrorKind::ExpectedFlowMappingSeparator
                | ErrorKind::ExpectedFlowSequenceSeparator
                | ErrorKind::InvalidColonPlacement
        );
        let finding = if let ErrorKind::MismatchedFlowCollectionEnd { open, close } = kind {
            let wanted = if *open == '[' { ']' } else { '}' };
            Diagnostic::new(
                &YAML_SYNTAX,
                self.span(&range),
                format!("`{open}` is closed by `{close}`"),
            )
            .label("the brackets do not match")
            .help(format!("close it with `{wanted}`, or quote the value if it is a text"))
        } else if separator && here {
            Diagnostic::new(
                &YAML_SYNTAX,
                self.one(at),
                format!("a `,` or `{close}` is missing before this"),
            )
            .label("not expected here")
            .also(self.one(start), "opened here")
            .help("add it, or quote the text if it is one value")
        } else {
            let finding = Diagnostic::new(
                &YAML_SYNTAX,
                self.one(start),
                format!("a `{open}` is never closed"),
            )
            .label("opened here")
            .help(format!("add the closing `{close}`, or quote the value if it is a text"));
            if at > start && !here {
                finding.also(self.one(at), "still inside it here")
            } else {
                finding
            }
        };
        (finding, self.mask_below(start))
    }

    fn stray_bracket(&self, at: usize) -> Explained {
        let range = self.value_around(at);
        let character = self.source.get(at..at + 1).unwrap_or("}");
        let finding = Diagnostic::new(
            &YAML_SYNTAX,
            self.one(at),
            format!("the `{character}` closes nothing"),
        )
        .label("nothing is open here")
        .help("remove it, or quote the value if it is a text");
        (finding, self.mask(range))
    }

    fn comment_inside(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let comment = at..line.end;
        let finding = Diagnostic::new(
            &YAML_SYNTAX,
            self.span(&comment),
            "a comment stands inside a value of several lines",
        )
        .label("the value ends before this")
        .help("quote the value if the `#` belongs to it, or move the comment above the key");
        (finding, self.mask_below(self.value_around(at).start.min(at)))
    }

    fn comment_beside(&self, at: usize) -> Explained {
        let finding =
            Diagnostic::new(&YAML_SYNTAX, self.one(at), "no space before the `#` of a comment")
                .label("not a comment without a space")
                .fix("add the space", Span::new(self.file, at, at), " ", Safety::Safe);
        let line = line_at(self.source, at);
        let comment = at..line.end;
        let patch = Patch { blank: vec![comment], ..Patch::default() };
        (finding, Some(patch))
    }

    fn block_header(&self, at: usize) -> Explained {
        let line = line_at(self.source, at);
        let range = at..text_end(self.source, at, &line).max(self.after(at));
        let character = self.source.get(at..at + 1).unwrap_or("|");
        let message = format!("text stands on the line of `{character}`");
        let finding = Diagnostic::new(&YAML_SYNTAX, self.span(&range), message)
            .label(format!("`{character}` begins a block of lines"))
            .help("begin the text on the next line, indented, or quote it");
        (finding, self.mask_below(at))
    }
}
