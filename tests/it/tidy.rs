//! The house, held to its plan: which room may know which, and what no file may
//! hold. The sources come in as text; each failure lists every offender as
//! `file:line: what is wrong`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::root;

/// The rooms and their floors. A room may import the rooms on floors below it:
/// those on one floor are strangers to each other. A room need not exist yet.
const FLOORS: &[(u8, &str)] = &[
    (9, "main"),
    (8, "cli"),
    (7, "lsp"),
    (6, "compile"),
    (5, "workspace rulefile resolve plan lower lint emit explain import backtest diff"),
    (4, "spec ir policy"),
    (3, "sli config"),
    (2, "yaml promql gotmpl report"),
    (1, "base"),
];

/// The rooms that may touch files: the others read through `World`.
const DISK: &[&str] = &["workspace", "cli"];

/// No file is longer, but for those of `LONG`.
const MAX_LINES: usize = 600;

/// Files that are longer, and why.
const LONG: &[(&str, &str)] = &[];

/// Faces that define a type, and why.
const FACES_WITH_TYPES: &[(&str, &str)] =
    &[("src/cli/mod.rs", "`Outcome` is what each command returns to `run`, which is the face")];

/// What no code outside tests may hold.
const FORBIDDEN: &[&str] = &[
    ".unwrap()",
    "panic!(",
    "todo!",
    "unimplemented!",
    "dbg!",
    "println!",
    "eprintln!",
    "print!(",
];

#[test]
fn rooms_import_only_the_floors_below() {
    let mut faults = Vec::new();
    for file in sources("src") {
        let Some(own) = floor(file.room()) else {
            faults.push(format!("{}: the room `{}` is on no floor", file.path, file.room()));
            continue;
        };
        // A macro names its own room for the rooms that use it.
        let macros = |at: &usize| file.code[..*at].ends_with('$');
        for (at, room) in rooms_named(&file.code).into_iter().filter(|(at, _)| !macros(at)) {
            let place = file.place(at);
            match floor(&room) {
                _ if room == file.room() => {
                    if !file.is_test(at) {
                        faults.push(format!("{place}: `{room}` through its own face: `super::`"));
                    }
                }
                Some(other) if other < own => {}
                Some(other) => faults.push(format!(
                    "{place}: `{}` (floor {own}) imports `{room}` (floor {other})",
                    file.room()
                )),
                None => faults.push(format!("{place}: `{room}` is on no floor")),
            }
        }
        for (at, _) in file.code.match_indices("super::super::") {
            if !file.is_test(at) {
                faults.push(format!("{}: climbs out of its folder", file.place(at)));
            }
        }
    }
    report(&faults);
}

#[test]
fn only_two_rooms_touch_the_disk() {
    let mut faults = Vec::new();
    for file in sources("src").iter().filter(|f| !DISK.contains(&f.room())) {
        let named = paths(&file.code, "std::").into_iter().filter(|(_, name)| name == "fs");
        for (at, _) in named.filter(|(at, _)| !file.is_test(*at)) {
            faults.push(format!("{}: `std::fs`: read through `World`", file.place(at)));
        }
    }
    report(&faults);
}

#[test]
fn code_holds_no_leftovers() {
    let mut faults = Vec::new();
    for file in sources("src") {
        for word in FORBIDDEN {
            let found = file.code.match_indices(word).map(|(at, _)| at);
            // `println!` ends `eprintln!`, `print!(` ends `eprint!(`: whole words.
            let whole = |at: usize| word.starts_with('.') || !is_word_before(&file.code, at);
            for at in found.filter(|&at| whole(at) && !file.is_test(at)) {
                faults.push(format!("{}: `{word}`", file.place(at)));
            }
        }
        for (at, _) in file.code.match_indices(".expect(").filter(|(at, _)| !file.is_test(*at)) {
            let literal = file.text[at + ".expect(".len()..].trim_start();
            let message = literal.strip_prefix('"').and_then(|rest| rest.split('"').next());
            if message.is_some_and(|message| message.split_whitespace().count() < 2) {
                faults.push(format!("{}: `expect` does not say why it holds", file.place(at)));
            }
        }
    }
    for file in sources("src").iter().chain(&sources("tests")) {
        for (index, line) in file.text.lines().enumerate() {
            let comment = line.trim_start().strip_prefix("//");
            let plain = comment.filter(|c| !c.starts_with(['/', '!'])).unwrap_or_default();
            if plain.contains("TODO") || plain.contains("FIXME") {
                faults.push(format!("{}:{}: unfinished", file.path, index + 1));
            }
        }
    }
    report(&faults);
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    let mut faults = Vec::new();
    for file in sources("src").iter().chain(&sources("tests")) {
        if !file.text.starts_with("//! ") {
            faults.push(format!("{}:1: does not begin with a `//!` header", file.path));
        }
        let lines = file.text.lines().count();
        if lines > MAX_LINES && !LONG.iter().any(|(path, _)| *path == file.path) {
            faults.push(format!("{}:{lines}: longer than {MAX_LINES} lines", file.path));
        }
        let exempt = FACES_WITH_TYPES.iter().any(|(path, _)| *path == file.path);
        if file.path.ends_with("/mod.rs") && !exempt {
            for (line, word) in types_defined(&file.code) {
                faults.push(format!("{}:{line}: a face defines the {word}", file.path));
            }
        }
    }
    for (path, _) in LONG.iter().chain(FACES_WITH_TYPES) {
        if !root().join(path).exists() {
            faults.push(format!("{path}: is an exception, but not there"));
        }
    }
    report(&faults);
}

#[test]
fn every_file_is_a_module() {
    let mut faults = Vec::new();
    for (folder, roots) in
        [("src", &["src/lib.rs", "src/main.rs"][..]), ("tests", &["tests/it/main.rs"])]
    {
        let files = sources(folder);
        for file in files.iter().filter(|f| !roots.contains(&f.path.as_str())) {
            let path = file.path.strip_suffix("/mod.rs").or(file.path.strip_suffix(".rs"));
            let (parent, name) = path.and_then(|p| p.rsplit_once('/')).unwrap_or_default();
            let declared = files.iter().any(|f| {
                let beside =
                    f.path == format!("{parent}/mod.rs") || f.path == format!("{parent}.rs");
                let above = roots.contains(&f.path.as_str())
                    && Path::new(&f.path).parent() == Some(Path::new(parent));
                (beside || above)
                    && f.code.lines().any(|line| {
                        line.trim_start().trim_start_matches("pub ").trim()
                            == format!("mod {name};")
                    })
            });
            if !declared {
                faults.push(format!("{}:1: no `mod {name};` declares it", file.path));
            }
        }
    }
    report(&faults);
}

#[test]
fn files_that_prose_names_are_there() {
    let mut faults = Vec::new();
    let mut prose: Vec<(String, String)> =
        ["README.md", "Cargo.toml", "docs/ci.md", "docs/policy.md"]
            .iter()
            .filter_map(|p| Some(((*p).to_owned(), fs::read_to_string(root().join(p)).ok()?)))
            .collect();
    prose.extend(sources("src").into_iter().chain(sources("tests")).map(|f| (f.path, f.text)));
    for (path, text) in prose {
        for (index, line) in text.lines().enumerate() {
            let is_prose = !path.ends_with(".rs") || line.trim_start().starts_with("//");
            for named in named_paths(line).into_iter().filter(|_| is_prose) {
                if !root().join(named).exists() {
                    faults.push(format!("{path}:{}: there is no `{named}`", index + 1));
                }
            }
        }
    }
    report(&faults);
}

/// The scanner sees what the rules are about, and nothing else.
#[test]
fn the_scanner_sees() {
    let text = "use crate::{base::Span, ir::{self, name}, yaml};\n\
                // crate::cli\n/* crate::cli /* */ */ let s = \"crate::cli \\\" crate::cli\";\n\
                let r = r#\"crate::cli\"#; let c = '\"'; fn f<'a>(x: &'a str) { crate::plan::plan() }\n";
    let code = masked(text);
    assert_eq!(code.len(), text.len());
    let rooms: Vec<String> = rooms_named(&code).into_iter().map(|(_, room)| room).collect();
    assert_eq!(rooms, ["base", "ir", "yaml", "plan"]);
    assert_eq!(named_paths("see `src/lib.rs`, `src/<room>/mod.rs`, `slo/a.yaml`"), ["src/lib.rs"]);
    assert_eq!(types_defined("pub(crate) struct A;\n fn type_of() {}\nenum B {}").len(), 2);
    let source = Source::new("src/x.rs".to_owned(), "a\n#[cfg(test)]\nmod tests {}\n".to_owned());
    assert!(!source.is_test(0) && source.is_test(20));
    assert!(floor("lower") == floor("emit") && floor("kitchen").is_none());
    assert!(sources("src").len() > 90, "the sources are found");
}

/// A file of the crate.
struct Source {
    /// From the root, with `/`.
    path: String,
    text: String,
    /// The text with comments, strings and characters blanked out.
    code: String,
    /// Where its tests begin: at the foot, or at the start of a file of tests.
    tests: usize,
}

impl Source {
    fn new(path: String, text: String) -> Source {
        let code = masked(&text);
        let tests = code.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        Source { path, text, code, tests }
    }

    /// `compile` of `src/compile.rs`, `ir` of `src/ir/name.rs`. The root of the library is
    /// above all rooms.
    fn room(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        let room = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if room == "lib" { "main" } else { room }
    }

    fn is_test(&self, at: usize) -> bool {
        at >= self.tests
    }

    fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.text[..at].matches('\n').count() + 1)
    }
}

/// All Rust files below a folder, sorted; those that `#[cfg(test)] mod x;`
/// declares are tests as a whole.
fn sources(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the crate") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path: &Path| {
        let relative = path.strip_prefix(root()).expect("below the root").components();
        let parts: Vec<_> = relative.map(|part| part.as_os_str().to_string_lossy()).collect();
        Source::new(parts.join("/"), fs::read_to_string(path).expect("a source"))
    };
    let mut files: Vec<Source> = paths.iter().map(|path| read(path)).collect();
    let mut tests = BTreeSet::new();
    for file in &files {
        for (at, _) in file.code.match_indices("#[cfg(test)]\nmod ") {
            let rest = &file.code[at + "#[cfg(test)]\nmod ".len()..];
            let (name, _) = rest.split_once([';', ' ']).unwrap_or_default();
            let beside = file.path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
            tests.insert(format!("{beside}/{name}"));
        }
    }
    for file in &mut files {
        if tests
            .iter()
            .any(|t| file.path == format!("{t}.rs") || file.path.starts_with(&format!("{t}/")))
        {
            file.tests = 0;
        }
    }
    files
}

fn floor(room: &str) -> Option<u8> {
    let holds = |rooms: &str| rooms.split(' ').any(|r| r == room);
    FLOORS.iter().find(|(_, rooms)| holds(rooms)).map(|(floor, _)| *floor)
}

/// The rooms that code names, `use` or not, with the place of each. `main` sees
/// the library from outside.
fn rooms_named(code: &str) -> Vec<(usize, String)> {
    [paths(code, "crate::"), paths(code, "ninefold::")].concat()
}

/// What follows `prefix` in code: `a` of `crate::a::b`, `a` and `b` of
/// `crate::{a::x, b}`.
fn paths(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix).filter(|(at, _)| !is_word_before(code, *at)) {
        let rest = &code[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.push((at, word(rest).to_owned()));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (offset, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if c.is_whitespace() => {}
                _ if begins => {
                    found.push((at, word(&list[offset..]).to_owned()));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn is_word_before(code: &str, at: usize) -> bool {
    code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Lines, from 1, that define a type, and its kind and name.
fn types_defined(code: &str) -> Vec<(usize, String)> {
    let kinds = ["struct", "enum", "trait", "union"];
    let define = |(index, line): (usize, &str)| {
        let mut words = line.split_whitespace().skip_while(|w| w.starts_with("pub"));
        let kind = words.next().filter(|word| kinds.contains(word))?;
        Some((index + 1, format!("{kind} `{}`", word(words.next()?))))
    };
    code.lines().enumerate().filter_map(define).collect()
}

/// The paths of the repository that a line names in backticks.
fn named_paths(line: &str) -> Vec<&str> {
    let tops =
        ["src/", "tests/", "schemas/", "templates/", "examples/", "docs/", "ci/", ".github/"];
    let quoted = line.split('`').skip(1).step_by(2);
    quoted
        .filter(|text| tops.iter().any(|top| text.starts_with(top)))
        .filter(|text| !text.contains(['*', '<', '{', ' ', '$']))
        .collect()
}

/// The text with comments, strings and characters blanked out, byte for byte.
fn masked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = (at + blank_len(&text.as_bytes()[at..], at > 0 && is_word_byte(bytes[at - 1])))
            .min(bytes.len());
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&code).into_owned()
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of the comment, string or character that `rest` begins with, or 0.
fn blank_len(rest: &[u8], in_word: bool) -> usize {
    let until = |end: &[u8], from: usize| {
        let found = rest.get(from..).and_then(|r| r.windows(end.len()).position(|w| w == end));
        found.map_or(rest.len(), |at| from + at + end.len())
    };
    match rest {
        [b'/', b'/', ..] => rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'r', b'"', ..] if !in_word => until(b"\"", 2),
        [b'r', b'#', ..] if !in_word => {
            let hashes = rest[1..].iter().take_while(|&&b| b == b'#').count();
            if rest.get(1 + hashes) != Some(&b'"') {
                return 0;
            }
            until(&[b"\"", &rest[1..=hashes]].concat(), 2 + hashes)
        }
        // A lifetime has no quote after its first character.
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', first, ..] => {
            let width = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
        }
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

#[track_caller]
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
