//! What tests share: the program as a process with a clean environment, scratch
//! projects, and tools that may be missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::live::{self, Release};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of its own, removed when it is dropped.
pub(crate) struct Scratch {
    pub(crate) path: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("scratch-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a scratch folder can be made");
        Scratch { path }
    }

    /// A project with a sound spec of a service `checkout`, its runbook, and no
    /// findings.
    pub(crate) fn project() -> Scratch {
        let scratch = Scratch::new();
        scratch.write("ninefold.yaml", PROJECT);
        scratch.write("slo/checkout.yaml", SPEC);
        scratch.write("runbooks/checkout.md", RUNBOOK);
        scratch
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder above"))
            .expect("folders can be made");
        std::fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path.join(path)).expect("the file is there")
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.path.join(path).exists()
    }

    /// Runs the program here.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run_in(&self.path, args)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind is in the target folder and harms nothing.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// The project file of [`Scratch::project`].
pub(crate) const PROJECT: &str = "\
ninefold: project/v1
runbooks: {base_url: \"https://git.example.com/shop/blob/main/\"}
";

/// The spec of [`Scratch::project`].
pub(crate) const SPEC: &str = "\
ninefold: v1
service: checkout
owner: team-payments
runbook: runbooks/checkout.md
remediation: {page: 1h, ticket: 3d}
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        bad: http_requests_total{job=\"checkout\", code=~\"5..\"}
        total: http_requests_total{job=\"checkout\"}
";

/// The runbook of [`Scratch::project`].
pub(crate) const RUNBOOK: &str = "# Checkout\n\nRoll back.\n\n## Latency\n\nTurn it off.\n";

/// How a run of the program ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Asserts the exit code, and shows everything if it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Output, then findings, then the exit code, as snapshots show it.
    pub(crate) fn transcript(&self) -> String {
        format!("{}{}[exit {}]\n", self.stdout, self.stderr, self.code)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Runs the program in a folder, with a clean environment.
pub(crate) fn run_in(folder: &Path, args: &[&str]) -> Run {
    program(folder).args(args).output().expect("the program starts").into()
}

/// The program as a command in a folder, with a clean environment.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    command.current_dir(folder).env_clear().env("NO_COLOR", "1");
    command
}

/// A tool that may be missing: says so, and fails where it must be there, in CI.
pub(crate) fn tool(name: &str) -> Option<Command> {
    let found = Command::new(name).arg("--help").output().is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "CI needs {name}");
        eprintln!("skipped: {name} is not installed");
    }
    found.then(|| Command::new(name))
}

/// Every release of Prometheus on this machine, oldest first. None: says so, and in CI
/// fails where the one on the path or a newer one of either major version is missing.
pub(crate) fn releases() -> Vec<Release> {
    let found = live::releases();
    let has = |lowest: (u32, u32), below: (u32, u32)| {
        found.iter().any(|r| (lowest..below).contains(&r.version))
    };
    if std::env::var_os("CI").is_some() {
        assert!(has((2, 0), (2, 53)), "CI needs prometheus 2.42 on the path");
        let newer = has((2, 53), (3, 0)) && has((3, 0), (u32::MAX, 0));
        assert!(newer, "CI needs prometheus 2.53 and 3: tests/prometheus/fetch.sh");
    }
    if found.is_empty() {
        eprintln!("skipped: prometheus is not installed");
    }
    found
}

/// The corpus of other people's files, where it is there.
pub(crate) fn corpus() -> Option<PathBuf> {
    let given = std::env::var_os("NINEFOLD_CORPUS").map(PathBuf::from);
    let path = given.unwrap_or_else(|| root().join("../shared/corpus"));
    if !path.is_dir() {
        eprintln!("skipped: no corpus at {}", path.display());
        return None;
    }
    Some(path)
}
