//! Real releases of Prometheus: those on this machine, a server of one of them on the
//! loopback, and questions to its API. Shared by the tests and by the bench of rules.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a server may take to answer: a range query over days is slow.
const ANSWER: Duration = Duration::from_secs(300);

/// How long a server may take to be ready.
const READY: Duration = Duration::from_secs(60);

/// The two programs of one release.
pub(crate) struct Release {
    /// Major and minor version.
    pub(crate) version: (u32, u32),
    promtool: PathBuf,
    prometheus: PathBuf,
}

impl Release {
    /// The release whose `promtool` and `prometheus` are in a folder.
    fn in_folder(folder: &Path) -> Option<Release> {
        let (promtool, prometheus) = (folder.join("promtool"), folder.join("prometheus"));
        if !prometheus.is_file() {
            return None;
        }
        let output = Command::new(&promtool).arg("--version").output().ok()?;
        // 2.42 tells its version on stderr.
        let told = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let mut numbers = told.split("version ").nth(1)?.split('.').map(str::parse);
        let version = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Release { version, promtool, prometheus })
    }

    /// `2.42`.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.version.0, self.version.1)
    }

    pub(crate) fn promtool(&self) -> Command {
        Command::new(&self.promtool)
    }
}

/// Every release on this machine, oldest first: the one on the path, and those that
/// `tests/prometheus/fetch.sh` has fetched.
pub(crate) fn releases() -> Vec<Release> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<Release> =
        std::env::split_paths(&path).find_map(|f| Release::in_folder(&f)).into_iter().collect();
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/prometheus");
    let folders = fs::read_dir(fetched).into_iter().flatten().flatten().map(|e| e.path());
    // Suites are links to the folders of releases.
    found.extend(folders.filter(|f| !f.is_symlink()).filter_map(|f| Release::in_folder(&f)));
    found.sort_by_key(|release| release.version);
    found.dedup_by_key(|release| release.version);
    found
}

/// A server on the loopback, ended when it is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a server on the `prometheus.yml` of a folder, with its data in `data` there,
    /// and waits until it answers. An error is the end of its log.
    pub(crate) fn start(
        release: &Release,
        folder: &Path,
        flags: &[&str],
    ) -> Result<Server, String> {
        // Between the search for a port and the start another may take it.
        for _ in 0..5 {
            let port = free_port();
            let log = File::create(folder.join("prometheus.log")).expect("a log can be written");
            let child = Command::new(&release.prometheus)
                .current_dir(folder)
                .arg("--config.file=prometheus.yml")
                .arg("--storage.tsdb.path=data")
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .args(flags)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .expect("prometheus starts");
            let mut server = Server { child, port };
            if server.wait_until_ready() {
                return Ok(server);
            }
        }
        let log = fs::read_to_string(folder.join("prometheus.log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        Err(format!("prometheus {} does not come up: {tail:#?}", release.name()))
    }

    /// Whether it is ready; not, if it ended or takes too long.
    fn wait_until_ready(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < READY {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            // A query needs the TSDB to be open.
            if self.get("/api/v1/query", &[("query", "vector(1)")]).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        false
    }

    /// The `data` of an answer of the API, or what went wrong.
    pub(crate) fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        let mut target = path.to_owned();
        for (index, (name, value)) in parameters.iter().enumerate() {
            let sign = if index == 0 { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(target, "{sign}{name}={}", percent_encoded(value));
        }
        let text = self.request(&target).map_err(|e| e.to_string())?;
        let (_, body) = text.split_once("\r\n\r\n").ok_or("an answer without a body")?;
        // `parse` is compiled with its crate: also in a test build it is optimised.
        let mut answer: Value = body.parse().map_err(|e| format!("{e}: {body}"))?;
        match answer["status"].as_str() {
            Some("success") => Ok(answer["data"].take()),
            _ => Err(body.to_owned()),
        }
    }

    fn request(&self, target: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(ANSWER))?;
        // HTTP 1.0: the answer ends with the connection, in one piece.
        write!(stream, "GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback has a port");
    listener.local_addr().expect("a bound listener has an address").port()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
