//! Findings as plain data: a code, a place, what is wrong, what to do. Rooms put
//! them into a [`Diagnostics`]; `report/` renders them. No code is known here.

use super::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look; nothing is refused.
    Warning,
    /// What it is about is not built.
    Error,
}

impl Severity {
    /// The word that messages and options use.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A kind of finding. Codes are statics beside the code that raises them, made
/// by the macro `codes!`, so that the text which `ninefold explain` prints is their doc
/// comment.
#[derive(Debug)]
pub struct Code {
    /// Kebab-case and stable, such as `runbook-missing`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Why it matters, what fires it, what to write instead: markdown with the
    /// headings `## Why`, `## Fires`, `## Instead`.
    pub doc: &'static str,
}

impl Code {
    /// The documentation as markdown: without the space that each line of a doc comment
    /// begins with, an empty line before each heading.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.doc.len());
        for (index, line) in self.doc.lines().enumerate() {
            let line = line.strip_prefix(' ').unwrap_or(line);
            if index > 0 && line.starts_with("## ") {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Why it matters, in a sentence: the first below the heading `Why`, without its
    /// full stop.
    pub fn why(&self) -> String {
        let prose: Vec<&str> = self
            .doc
            .lines()
            .map(str::trim)
            .skip_while(|line| line.starts_with('#') || line.is_empty())
            .take_while(|line| !line.starts_with('#') && !line.is_empty())
            .collect();
        let prose = prose.join(" ");
        let end = prose.find(". ").unwrap_or(prose.len());
        prose[..end].trim_end_matches('.').to_owned()
    }
}

/// Declares codes and their list `CODES`. The doc comment of each is what
/// `ninefold explain` prints.
macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $severity:ident $code:literal; )+) => {
        $(
            $(#[doc = $doc])+
            #[allow(unreachable_pub, reason = "which codes leave a room, its face says")]
            pub static $name: $crate::base::Code = $crate::base::Code {
                name: $code,
                severity: $crate::base::Severity::$severity,
                doc: concat!($($doc, "\n"),+),
            };
        )+
        /// The codes that this file raises.
        #[allow(unreachable_pub, reason = "which codes leave a room, its face says")]
        pub static CODES: &[&$crate::base::Code] = &[$(&$name),+];
    };
}
pub(crate) use codes;

/// A place that has to do with a finding, and what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What this place is or says. May be empty.
    pub text: String,
}

/// Whether a fix may be applied without being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// The meaning is what was meant.
    Safe,
    /// Likely right; a person decides.
    Suggestion,
}

/// One replacement in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A change that would end a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// The replacements, in source order, not overlapping.
    pub edits: Vec<Edit>,
    /// Whether it may be applied unread.
    pub safety: Safety,
}

/// One finding: message states the fact, label names the place, help names the
/// act.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: &'static Code,
    /// How bad; the code's own severity unless it was changed.
    pub severity: Severity,
    /// The fact: no capital, no full stop, no "you".
    pub message: String,
    /// The place, [`Span::NONE`] where no file has it.
    pub primary: Label,
    /// Further places, such as the other of two that disagree.
    pub others: Vec<Label>,
    /// Facts beside the point, such as where a value came from.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// How to do it, where that is known.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding of `code` at `span`.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity,
            message: clipped(message.into()),
            primary: Label { span, text: String::new() },
            others: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Names the primary place.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = clipped(text.into());
        self
    }

    /// Adds a further place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        if !span.is_none() {
            self.others.push(Label { span, text: text.into() });
        }
        self
    }

    /// Adds a fact.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Adds what to do.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// Adds a fix of one replacement.
    pub fn fix(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        safety: Safety,
    ) -> Diagnostic {
        let edits = vec![Edit { span, text: text.into() }];
        self.fixes.push(Fix { title: title.into(), edits, safety });
        self
    }

    /// Where it sorts: by file, then place, then code, then text.
    fn order(&self) -> (Span, &'static str, &str) {
        (self.primary.span, self.code.name, &self.message)
    }
}

/// The most bytes of a message or label: what is quoted in it may be a file of its
/// own.
const LONGEST: usize = 1_000;

/// A text that is not longer than a message may be.
fn clipped(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// The sink that every stage reports into.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Takes a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Takes all findings of another sink.
    pub fn append(&mut self, mut other: Diagnostics) {
        self.list.append(&mut other.list);
    }

    /// Whether something was refused.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many findings are of `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|d| d.severity == severity).count()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Puts the findings into source order and drops exact repeats, as one YAML
    /// anchor used ten times would give ten of.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| a.order().cmp(&b.order()));
        self.list.dedup_by(|a, b| a.order() == b.order());
    }

    /// The findings, in the order in which they came or were sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }
}
