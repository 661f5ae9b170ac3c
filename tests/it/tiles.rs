//! What the tiles of a board have to show, by plain arithmetic over the known incidents:
//! boards and their answers come in, tiles that are wrong by more than one per cent go out.

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::boards::Look;
use crate::grafana::Board;
use crate::incidents::{DAY, END, HOUR, Plain, Truth};

/// The groups of an SLO.
type Groups<'a> = Vec<&'a Truth>;

/// What a tile has to show.
struct Tile {
    title: &'static str,
    /// The query, where there are several.
    ref_id: &'static str,
    /// The value; none: the tile is empty.
    value: Option<f64>,
    /// How far off it may be.
    within: f64,
}

/// A tile that may be off by one per cent.
fn tile(title: &'static str, value: impl Into<Option<f64>>) -> Tile {
    let value = value.into();
    Tile { title, ref_id: "A", value, within: value.unwrap_or_default().abs() / 100.0 }
}

/// A tile that counts.
fn count(title: &'static str, number: usize) -> Tile {
    tile(title, number as f64)
}

/// The tiles of a board that do not show what they have to.
pub(crate) fn wrong(
    board: &Board,
    looks: &[Look],
    truths: &[Truth],
    plain: &[Plain],
    files: &[Value],
) -> Vec<String> {
    let tag = |key: &str| board.tags.iter().find_map(|tag| tag.strip_prefix(key));
    let mut slos: BTreeMap<(&str, &str), Groups> = BTreeMap::new();
    for truth in truths {
        slos.entry((truth.past.service, truth.past.slo)).or_default().push(truth);
    }
    let mut wrong = Vec::new();
    let mut hold = |slo: Option<&str>, tiles: Vec<Tile>| {
        let looks: Vec<&Look> = looks.iter().filter(|look| look.slo.as_deref() == slo).collect();
        let faults = tiles.iter().filter_map(|tile| tile.fault(&looks));
        wrong.extend(faults.map(|fault| format!("{}, slo {slo:?}: {fault}", board.name)));
    };
    let is = |kind: &str| board.tags.iter().any(|tag| tag == kind);
    if let Some(service) = tag("service:").filter(|_| is("service-board")) {
        let own = |alert: &&Plain| label_of(files, alert.alert, "service") == service;
        let own: Vec<&Plain> = plain.iter().filter(own).collect();
        for ((_, slo), groups) in slos.iter().filter(|((of, _), _)| *of == service) {
            hold(Some(slo), of_slo(groups, &own));
        }
    } else if is("owner-page") {
        let owner = tag("owner:").expect("the page of an owner names it");
        slos.retain(|_, groups| groups[0].promise.owner == owner);
        let own = |alert: &&Plain| label_of(files, alert.alert, "owner") == owner;
        hold(None, of_owner(&slos, &plain.iter().filter(own).collect::<Vec<_>>()));
    } else if is("overview") {
        hold(None, of_all(&slos, &plain.iter().collect::<Vec<_>>()));
    } else {
        wrong
            .push(format!("{}: neither of a service nor of an owner nor the overview", board.name));
    }
    wrong
}

impl Tile {
    fn fault(&self, looks: &[&Look]) -> Option<String> {
        let Tile { title, ref_id, value, within } = self;
        let Some(look) = looks.iter().find(|look| look.panel.title == *title) else {
            return Some(format!("there is no tile `{title}`"));
        };
        let answers: Vec<f64> = look
            .answers
            .iter()
            .filter(|a| a.ref_id == *ref_id)
            .map(|answer| answer.last())
            .collect();
        let holds = match (answers.as_slice(), value) {
            ([], None) => true,
            ([shown], Some(value)) => (shown - value).abs() <= within + 1e-9,
            _ => false,
        };
        (!holds).then(|| format!("`{title}` {ref_id} shows {answers:?}, the truth is {value:?}"))
    }
}

/// The tiles of an SLO: of several groups the worst counts.
fn of_slo(groups: &Groups, plain: &[&Plain]) -> Vec<Tile> {
    let least = |of: fn(&Truth) -> f64| groups.iter().map(|t| of(t)).fold(f64::INFINITY, f64::min);
    let objective = groups[0].promise.objective / 100.0;
    let sli = least(Truth::period_sli);
    let tickets = plain_tickets(plain) + groups.iter().map(|t| t.tickets()).sum::<usize>();
    let gone = groups.iter().filter_map(|t| t.exhausted_in()).reduce(f64::min);
    vec![
        tile("Budget left", least(Truth::budget_left)),
        // One per cent of the errors, which are few, and not of what is good.
        Tile { within: (1.0 - sli) / 100.0, ..tile("Period SLI", sli) },
        Tile { within: 0.0, ..tile("Objective", objective) },
        tile("Burn rate 1h", burn_rate(groups)),
        tile("Exhausted in", gone),
        tile("Outage left", least(Truth::outage_left)),
        tile("Events left", least(Truth::events_left)),
        count("Alerts firing", firing(&pages(groups.iter().copied(), plain))),
        Tile { ref_id: "B", ..count("Alerts firing", tickets) },
    ]
}

/// The tiles of the overview.
fn of_all(slos: &BTreeMap<(&str, &str), Groups>, plain: &[&Plain]) -> Vec<Tile> {
    let number = |has: &dyn Fn(&Groups) -> bool| slos.values().filter(|groups| has(groups)).count();
    let spent = |groups: &Groups| groups.iter().any(|t| t.budget_left() <= 0.0);
    let silent = number(&|groups| groups.iter().all(|t| !t.has_data()));
    let exhausted = number(&spent);
    vec![
        count("SLOs", slos.len()),
        tile("Objective met", (slos.len() - exhausted) as f64 / slos.len() as f64),
        count("Budget exhausted", exhausted),
        count("Burning too fast", number(&|groups| burn_rate(groups).is_some_and(|b| b > 1.0))),
        count("Pages firing", firing(&pages(slos.values().flatten().copied(), plain))),
        count("No data", silent),
    ]
}

/// The tiles of an owner's page.
fn of_owner(slos: &BTreeMap<(&str, &str), Groups>, plain: &[&Plain]) -> Vec<Tile> {
    let all = || slos.values().flatten().copied();
    let pages = pages(all(), plain);
    let least = all().map(Truth::budget_left).reduce(f64::min);
    let recent: Vec<(i64, i64)> =
        pages.iter().filter(|(from, _)| *from > END - 30 * DAY).copied().collect();
    // Each page is looked for every five minutes, and seen for five more.
    let within = 600.0 * recent.len() as f64;
    vec![
        count("SLOs", slos.len()),
        count("Pages firing", firing(&pages)),
        count("Tickets firing", plain_tickets(plain) + all().map(Truth::tickets).sum::<usize>()),
        tile("Least budget", least),
        count("Pages in 30 days", recent.len()),
        Tile { within, ..tile("Time paging", together(recent) as f64) },
    ]
}

fn burn_rate(groups: &Groups) -> Option<f64> {
    groups.iter().filter_map(|t| t.burn_rate(HOUR)).reduce(f64::max)
}

/// From when to when anything paged.
fn pages<'a>(truths: impl Iterator<Item = &'a Truth>, plain: &[&Plain]) -> Vec<(i64, i64)> {
    let alerts = plain.iter().filter(|alert| alert.pages).flat_map(|alert| alert.firing());
    truths.flat_map(Truth::pages).chain(alerts).collect()
}

/// How many tickets that are no SLOs fire at the end.
fn plain_tickets(plain: &[&Plain]) -> usize {
    let tickets = plain.iter().filter(|alert| !alert.pages);
    tickets.filter(|alert| alert.firing().any(|(_, to)| to >= END)).count()
}

fn firing(pages: &[(i64, i64)]) -> usize {
    pages.iter().filter(|(_, to)| *to >= END).count()
}

/// The seconds in which at least one of them was.
fn together(mut times: Vec<(i64, i64)>) -> i64 {
    times.sort_unstable();
    let add = |(sum, until): (i64, i64), (from, to): &(i64, i64)| {
        (sum + (to - from.max(&until)).max(0), until.max(*to))
    };
    times.iter().fold((0, i64::MIN), add).0
}

/// A label of a plain alert, as its rule says.
fn label_of<'a>(files: &'a [Value], alert: &str, label: &str) -> &'a str {
    let groups = files.iter().flat_map(|file| file["groups"].as_sequence().into_iter().flatten());
    let mut rules = groups.flat_map(|group| group["rules"].as_sequence().into_iter().flatten());
    let rule = rules.find(|rule| rule["alert"] == alert).expect("every plain alert has a rule");
    rule["labels"][label].as_str().unwrap_or_default()
}
