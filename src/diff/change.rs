//! One thing that differs, and all of them together. Made by `compare`; the forms of
//! output read them.

use super::side::Fault;

/// What a change does to the promise that a service makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Less is promised, or somebody is told later or not at all.
    Weaker,
    /// Neither, or both.
    Other,
    /// More is promised, or somebody is told earlier.
    Stronger,
}

impl Weight {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Weaker => "weaker",
            Weight::Other => "other",
            Weight::Stronger => "stronger",
        }
    }

    /// Of a figure that went up, where more of it is weaker.
    pub(super) fn of_rise<T: PartialOrd>(before: &T, after: &T) -> Weight {
        if after > before { Weight::Weaker } else { Weight::Stronger }
    }

    /// Of something that is there now, or is no longer.
    pub(super) fn of_presence(is_there: bool) -> Weight {
        if is_there { Weight::Stronger } else { Weight::Weaker }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does to the promise.
    pub weight: Weight,
    /// What differs: `objective`, `label`.
    pub what: &'static str,
    /// Which of several: the name of a label, a pair of windows. May be empty.
    pub key: String,
    /// What it was; `None`: it was not there.
    pub before: Option<String>,
    /// What it is; `None`: it is gone.
    pub after: Option<String>,
    /// What follows from it, in a sentence.
    pub notes: Vec<String>,
    /// Whether it follows from another change, such as a threshold from the objective.
    pub is_derived: bool,
    /// Whether a service hands it down to its SLOs and alerts.
    pub(super) is_inherited: bool,
}

impl Change {
    /// A change, if both differ.
    pub(super) fn between(
        what: &'static str,
        weight: Weight,
        before: Option<String>,
        after: Option<String>,
    ) -> Option<Change> {
        (before != after).then(|| Change {
            weight,
            what,
            key: String::new(),
            before,
            after,
            notes: Vec::new(),
            is_derived: false,
            is_inherited: false,
        })
    }

    /// The same of one of several.
    pub(super) fn key(mut self, key: impl Into<String>) -> Change {
        self.key = key.into();
        self
    }

    /// The same with what follows from it.
    pub(super) fn note(mut self, note: impl Into<String>) -> Change {
        self.notes.push(note.into());
        self
    }

    /// The same as a consequence of another change.
    pub(super) fn derived(mut self) -> Change {
        self.is_derived = true;
        self
    }

    /// The same as what a service hands down.
    pub(super) fn inherited(mut self) -> Change {
        self.is_inherited = true;
        self
    }
}

/// What of a service changes are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The service itself.
    Service,
    /// Everything that inherits from it, in words.
    All(&'static str),
    /// An SLO, by its name.
    Slo(String),
    /// A plain alert, by its name.
    Alert(String),
}

/// What differs in one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDiff {
    /// Its name, the new one where it was renamed.
    pub name: String,
    /// What differs, by part: the service, all of it, SLOs by name, alerts by name. Of
    /// one part the weaker changes come first.
    pub parts: Vec<(Part, Vec<Change>)>,
}

impl ServiceDiff {
    /// All that differs.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.parts.iter().flat_map(|(_, changes)| changes)
    }
}

/// What could not be compared, since it has errors on one side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncompared {
    /// The service.
    pub service: String,
    /// Its SLO or alert; `None`: all of it.
    pub part: Option<String>,
    /// How the side with the errors is called.
    pub side: String,
}

/// How many changes there are of each weight; those that follow from others do not
/// count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of [`Weight::Weaker`].
    pub weaker: usize,
    /// Of [`Weight::Stronger`].
    pub stronger: usize,
    /// Of [`Weight::Other`].
    pub other: usize,
}

impl Counts {
    pub(super) fn of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Counts {
        let mut counts = Counts::default();
        for change in changes.into_iter().filter(|change| !change.is_derived) {
            match change.weight {
                Weight::Weaker => counts.weaker += 1,
                Weight::Other => counts.other += 1,
                Weight::Stronger => counts.stronger += 1,
            }
        }
        counts
    }

    /// `2 weaker, 1 other`; empty where there is none.
    pub(super) fn words(self) -> String {
        let all = [(self.weaker, "weaker"), (self.stronger, "stronger"), (self.other, "other")];
        let some = all.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }
}

/// All that differs between two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How the older side is called.
    pub before: String,
    /// How the newer side is called.
    pub after: String,
    /// Whether the older side holds no spec at all.
    pub is_all_new: bool,
    /// What differs in the project file: it changes every alert.
    pub project: Vec<Change>,
    /// What differs in services, by name.
    pub services: Vec<ServiceDiff>,
    /// What could not be compared.
    pub uncompared: Vec<Uncompared>,
    /// The errors that are the reason.
    pub faults: Vec<Fault>,
}

impl Comparison {
    /// Whether nothing differs, as far as it could be compared.
    pub fn is_empty(&self) -> bool {
        self.project.is_empty() && self.services.is_empty()
    }

    /// How many changes there are.
    pub fn counts(&self) -> Counts {
        Counts::of(self.project.iter().chain(self.services.iter().flat_map(ServiceDiff::changes)))
    }
}
