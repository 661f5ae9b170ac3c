//! What is written, in the server itself: the page fires from a live exporter and
//! carries what a person needs, and every rule of the examples is evaluated without
//! an error, on every release of Prometheus on this machine.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::live::{Release, Server};
use crate::support::{PROJECT, Scratch, releases, root};

/// How long anything here may take: it is a matter of seconds, on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The events per second of the services of these tests; counters begin at zero.
enum Growth {
    /// So many per second since the start.
    Events(f64),
    /// A gauge that keeps its value.
    Still(f64),
    /// A gauge that lies so many seconds ahead of now.
    Ahead(f64),
}
use Growth::{Ahead, Events, Still};

/// A job and the series that its target shows.
type Job = (&'static str, &'static [(&'static str, Growth)]);

/// What the services of the examples would show, errors included. An example that is not
/// here runs without data.
const EXAMPLES: &[(&str, &[Job])] = &[
    (
        "01-first-slo",
        &[(
            "checkout",
            &[
                ("http_requests_total{code=\"200\"}", Events(50.0)),
                ("http_requests_total{code=\"503\"}", Events(0.5)),
            ],
        )],
    ),
    (
        "02-shop",
        &[
            (
                "checkout",
                &[
                    ("http_requests_total{code=\"200\"}", Events(50.0)),
                    ("http_requests_total{code=\"503\"}", Events(5.0)),
                    ("http_request_duration_seconds_bucket{code=\"200\",le=\"0.1\"}", Events(30.0)),
                    ("http_request_duration_seconds_bucket{code=\"200\",le=\"0.3\"}", Events(45.0)),
                    (
                        "http_request_duration_seconds_bucket{code=\"200\",le=\"+Inf\"}",
                        Events(50.0),
                    ),
                    ("http_request_duration_seconds_count{code=\"200\"}", Events(50.0)),
                    ("http_request_duration_seconds_sum{code=\"200\"}", Events(5.0)),
                    ("payment_attempts_total{provider=\"a\",outcome=\"ok\"}", Events(1.0)),
                    ("payment_attempts_total{provider=\"a\",outcome=\"error\"}", Events(4.0)),
                ],
            ),
            (
                "ingress-nginx",
                &[
                    ("nginx_ingress_controller_requests{status=\"200\"}", Events(90.0)),
                    ("nginx_ingress_controller_requests{status=\"502\"}", Events(1.0)),
                    (
                        "nginx_ingress_controller_request_duration_seconds_bucket{le=\"1\"}",
                        Events(80.0),
                    ),
                    (
                        "nginx_ingress_controller_request_duration_seconds_bucket{le=\"+Inf\"}",
                        Events(91.0),
                    ),
                    ("nginx_ingress_controller_request_duration_seconds_count", Events(91.0)),
                    ("nginx_ingress_controller_request_duration_seconds_sum", Events(30.0)),
                    (
                        "nginx_ingress_controller_ssl_expire_time_seconds{host=\"shop.example\"}",
                        Ahead(86_400.0),
                    ),
                ],
            ),
            (
                "mailer",
                &[
                    ("mailer_delivered_total{queue=\"orders\"}", Events(9.0)),
                    ("mailer_delivered_total{queue=\"newsletters\"}", Events(3.0)),
                    ("mailer_jobs_total{queue=\"orders\"}", Events(10.0)),
                    ("mailer_jobs_total{queue=\"newsletters\"}", Events(3.0)),
                    ("mailer_queue_wait_milliseconds_bucket{le=\"30000\"}", Events(12.0)),
                    ("mailer_queue_wait_milliseconds_bucket{le=\"+Inf\"}", Events(13.0)),
                    ("mailer_queue_wait_milliseconds_count", Events(13.0)),
                    ("mailer_queue_wait_milliseconds_sum", Events(90_000.0)),
                    ("mailer_queue_oldest_job_age_seconds", Still(900.0)),
                ],
            ),
        ],
    ),
    (
        "03-every-sli-kind",
        &[
            (
                "store",
                &[
                    ("web_orders_total{region=\"eu\"}", Events(20.0)),
                    ("web_orders_total{region=\"us\"}", Events(10.0)),
                    ("app_orders_total{region=\"eu\"}", Events(5.0)),
                    ("web_orders_failed_total{region=\"eu\"}", Events(1.0)),
                    ("app_orders_failed_total{region=\"eu\"}", Events(0.5)),
                    ("search_duration_seconds_bucket{le=\"0.1\"}", Events(5.0)),
                    ("search_duration_seconds_bucket{le=\"0.3\"}", Events(8.0)),
                    ("search_duration_seconds_bucket{le=\"+Inf\"}", Events(9.0)),
                    ("search_duration_seconds_count", Events(9.0)),
                    ("search_duration_seconds_sum", Events(2.0)),
                    ("http_requests_total{code=\"200\"}", Events(50.0)),
                    ("http_requests_total{code=\"503\"}", Events(5.0)),
                    ("prices_last_import_timestamp_seconds", Ahead(-7_200.0)),
                    ("cart_saves_total{result=\"ok\"}", Events(6.0)),
                    ("cart_saves_total{result=\"error\"}", Events(1.0)),
                    ("cart_conflicts_total", Events(0.1)),
                    ("cache_hit_ratio", Still(0.9)),
                    ("store_queue_oldest_seconds", Still(900.0)),
                ],
            ),
            ("blackbox", &[("probe_success{instance=\"https://shop.example\"}", Still(0.0))]),
        ],
    ),
];

/// Services without data: a native histogram has no form in text.
const SILENT: &[&str] = &["rpc"];

/// Serves pages of metrics by path on a port of the loopback, until the process ends.
fn serve(page: impl Fn(&str) -> String + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a port");
    let port = listener.local_addr().expect("a bound listener has an address").port();
    // A scrape that breaks off is the server's business.
    thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| drop(answer(stream, &page)));
    });
    port
}

fn answer(mut stream: TcpStream, page: &impl Fn(&str) -> String) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    // The headers are read so that closing does not cut the answer off.
    let mut header = String::from(" ");
    while !header.trim().is_empty() {
        header.clear();
        reader.read_line(&mut header)?;
    }
    let body = page(request.split(' ').nth(1).unwrap_or_default());
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A server that scrapes the jobs from a port each second, and evaluates the rules of the
/// folder `rules` as often.
fn start(release: &Release, scratch: &Scratch, jobs: &[&str], port: u16) -> Server {
    let scrape = |job: &&str| {
        format!(
            "  - job_name: {job}\n    metrics_path: /{job}\n    honor_labels: true\n    static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
        )
    };
    let jobs: String = jobs.iter().map(scrape).collect();
    scratch.write(
        "prometheus.yml",
        &format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['rules/*.yaml']\nscrape_configs:\n{jobs}"
        ),
    );
    Server::start(release, &scratch.path, &[]).expect("the server comes up")
}

/// Does the same on every release, all at once: it is mostly waiting.
fn on_each(releases: &[Release], act: impl Fn(&Release) + Sync) {
    thread::scope(|scope| {
        for release in releases {
            scope.spawn(|| act(release));
        }
    });
}

/// Asks until there is an answer.
#[track_caller]
fn until<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(last) => assert!(start.elapsed() < PATIENCE, "{what}: {last}"),
        }
        thread::sleep(Duration::from_millis(250));
    }
}

/// The rules that a server runs.
fn rules(server: &Server) -> Result<Vec<Value>, String> {
    let mut data = server.get("/api/v1/rules", &[])?;
    let groups = data["groups"].as_array_mut().ok_or("no groups")?;
    let of = |group: &mut Value| group["rules"].as_array().cloned().unwrap_or_default();
    Ok(groups.iter_mut().flat_map(of).collect())
}

/// What is wrong with a rule of the API, if anything.
fn fault(rule: &Value) -> Option<String> {
    let evaluated = rule["lastEvaluation"].as_str().is_some_and(|t| !t.starts_with("0001"));
    let error = rule["lastError"].as_str().unwrap_or_default();
    let sound = evaluated && rule["health"] == "ok" && error.is_empty();
    (!sound).then(|| format!("{}: {} {error}", rule["name"], rule["health"]))
}

#[test]
fn the_page_fires_and_says_what_to_do() {
    let releases = releases();
    on_each(&releases, page_fires);
}

fn page_fires(release: &Release) {
    let scratch = Scratch::project();
    scratch.write("ninefold.yaml", &format!("{PROJECT}prometheus: {{scrape_interval: 1s}}\n"));
    scratch.run(&["build", "--verify"]).exits(0);
    fs::rename(scratch.path.join("generated/rules"), scratch.path.join("rules"))
        .expect("rules were written");

    let began = Instant::now();
    let outage = Arc::new(OnceLock::<Instant>::new());
    let since = Arc::clone(&outage);
    let port = serve(move |_| {
        let total = 20.0 * began.elapsed().as_secs_f64();
        let bad = since.get().map_or(0.0, |start| 20.0 * start.elapsed().as_secs_f64());
        format!(
            "http_requests_total{{code=\"200\"}} {}\nhttp_requests_total{{code=\"500\"}} {bad}\n",
            total - bad
        )
    });
    let server = start(release, &scratch, &["checkout"], port);
    let name = release.name();

    // Traffic without errors: a ratio of 0, and nothing fires.
    until(&format!("{name}: a ratio of 0"), || {
        let query = "slo:sli_error:ratio_rate1h{service=\"checkout\"} == 0";
        let data = server.get("/api/v1/query", &[("query", query)])?;
        let one = data["result"].as_array().is_some_and(|series| series.len() == 1);
        one.then_some(()).ok_or_else(|| data.to_string())
    });
    let alerts = server.get("/api/v1/alerts", &[]).expect("alerts");
    // The slow group may have looked before the first scrape: NoData is pending then.
    let mut fired = alerts["alerts"].as_array().expect("a list of alerts").iter();
    assert!(fired.all(|alert| alert["state"] == "pending"), "{name}: {alerts}");
    let page_is_there = alerts.to_string().contains("CheckoutAvailabilityPage");
    assert!(!page_is_there, "{name}: {alerts}");

    outage.set(Instant::now()).expect("the outage begins once");
    let alert = until(&format!("{name}: the page"), || {
        let data = server.get("/api/v1/alerts", &[])?;
        let mut alerts = data["alerts"].as_array().into_iter().flatten();
        let page = |alert: &&Value| {
            alert["labels"]["alertname"] == "CheckoutAvailabilityPage" && alert["state"] == "firing"
        };
        alerts.find(page).cloned().ok_or_else(|| data.to_string())
    });
    let labels = serde_json::json!({
        "alertname": "CheckoutAvailabilityPage",
        "severity": "critical",
        "owner": "team-payments",
        "service": "checkout",
        "slo": "availability",
    });
    let sorted = |value: &Value| -> Vec<(String, Value)> {
        let mut pairs: Vec<_> = value.as_object().expect("a map").clone().into_iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs
    };
    assert_eq!(sorted(&alert["labels"]), sorted(&labels), "{name}");

    let annotation = |key: &str| alert["annotations"][key].as_str().unwrap_or_default();
    let summary = "checkout availability: the error budget is burning too fast";
    assert_eq!(annotation("summary"), summary, "{name}");
    let runbook = "https://git.example.com/shop/blob/main/runbooks/checkout.md";
    assert_eq!(annotation("runbook_url"), runbook, "{name}");
    assert_eq!(annotation("remediation_time"), "1h", "{name}");
    // The ratio when the alert was last evaluated: over 0.6 %, the lower of its thresholds.
    let description = annotation("description");
    let (share, rest) = description
        .split_once("% of events were bad over 1h or 6h")
        .expect("the description begins with a percentage");
    let share: f64 = share.parse().expect("a rendered percentage");
    assert!((0.6..=100.0).contains(&share), "{name}: {description}");
    assert_eq!(rest, "; the objective of 99.9% over 30d allows 0.1%.", "{name}");

    let rules = rules(&server).expect("rules");
    let page = rules.iter().find(|rule| rule["name"] == "CheckoutAvailabilityPage");
    let page = page.expect("the rule of the page");
    assert_eq!(page["state"], "firing", "{name}");
    assert_eq!(page["labels"]["severity"], "critical", "{name}");
    let expr = page["query"].as_str().unwrap_or_default();
    let values = server.get("/api/v1/query", &[("query", expr)]).expect("the rule is a query");
    assert_eq!(values["result"].as_array().map(Vec::len), Some(1), "{name}: {values}");
    assert_eq!(fault(page), None, "{name}");
}

#[test]
fn no_rule_of_the_examples_has_an_error() {
    let folder = fs::read_dir(root().join("examples")).expect("the examples");
    let mut examples: Vec<PathBuf> = folder.map(|e| e.expect("an entry").path()).collect();
    examples.sort();
    for (known, _) in EXAMPLES {
        assert!(examples.iter().any(|e| e.ends_with(known)), "{known} is no example");
    }
    let releases = releases();
    for example in &examples {
        on_each(&releases, |release| example_runs(release, example));
    }
}

/// Runs all rules of an example each second until every one was evaluated; where there is
/// data, until every series is recorded too.
fn example_runs(release: &Release, example: &Path) {
    let scratch = Scratch::new();
    let mut written = 0;
    for entry in fs::read_dir(example.join("generated/rules")).expect("rules") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("rules are text");
        // The server spreads the groups over their interval: minutes, for the slow ones.
        let hurried = |line: &str| match line.trim().starts_with("interval: ") {
            true => "    interval: 1s\n".to_owned(),
            false => format!("{line}\n"),
        };
        let text: String = text.lines().map(hurried).collect();
        written +=
            text.matches("      - record: ").count() + text.matches("      - alert: ").count();
        let name = path.file_name().and_then(|n| n.to_str()).expect("a plain name");
        scratch.write(&format!("rules/{name}"), &text);
    }
    let name = format!("{} on {}", example.display(), release.name());
    let known = EXAMPLES.iter().find(|(known, _)| example.ends_with(known));
    let jobs: &[Job] = known.map_or(&[], |(_, jobs)| jobs);
    let began = Instant::now();
    let port = serve(move |path| {
        let job = jobs.iter().find(|(job, _)| path.trim_start_matches('/') == *job);
        job.map(|(_, series)| exposition(series, began)).unwrap_or_default()
    });
    let jobs: Vec<&str> = jobs.iter().map(|(job, _)| *job).collect();
    let server = start(release, &scratch, &jobs, port);

    until(&name, || {
        let rules = rules(&server)?;
        assert_eq!(rules.len(), written, "{name}");
        let faults: Vec<String> = rules.iter().filter_map(fault).collect();
        if !faults.is_empty() {
            return Err(faults.join("\n"));
        }
        let missing = if jobs.is_empty() { BTreeSet::new() } else { unrecorded(&server, &rules)? };
        if missing.is_empty() { Ok(()) } else { Err(format!("not recorded: {missing:?}")) }
    });
    // Rules with data may yet fail where rules without did not.
    thread::sleep(Duration::from_secs(3));
    let faults: Vec<String> = rules(&server).expect("rules").iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}");
}

/// The text of a page of metrics.
fn exposition(series: &[(&str, Growth)], began: Instant) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let seconds = began.elapsed().as_secs_f64();
    let line = |(name, growth): &(&str, Growth)| match growth {
        Events(rate) => format!("{name} {}\n", rate * seconds),
        Still(value) => format!("{name} {value}\n"),
        Ahead(ahead) => format!("{name} {}\n", now + ahead),
    };
    series.iter().map(line).collect()
}

/// The recording rules whose series the server does not have. First errors are none: every
/// series here was born with its target.
fn unrecorded(server: &Server, rules: &[Value]) -> Result<BTreeSet<String>, String> {
    let query = [("query", "{__name__=~\"(slo|ninefold).*\"}")];
    let data = server.get("/api/v1/query", &query)?;
    let result = data["result"].as_array().ok_or("no result")?;
    let identity = |name: &Value, labels: &Value| {
        let [service, slo, window] = ["service", "slo", "window"].map(|key| &labels[key]);
        format!("{name} {service} {slo} {window}")
    };
    let there: BTreeSet<String> =
        result.iter().map(|s| identity(&s["metric"]["__name__"], &s["metric"])).collect();
    let recorded = rules.iter().filter(|r| r["type"] == "recording");
    let excused = |rule: &&Value| {
        let [name, service] = [&rule["name"], &rule["labels"]["service"]]
            .map(|value| value.as_str().unwrap_or_default());
        name == "slo:events_first_bad:rate5m" || SILENT.contains(&service)
    };
    let wanted = recorded.filter(|rule| !excused(rule));
    Ok(wanted.map(|r| identity(&r["name"], &r["labels"])).filter(|i| !there.contains(i)).collect())
}
