//! What happened to the examples: the incidents of each SLO and plain alert over 33 days.
//! Each example has an SLO without any error, one that a sharp outage cost a part of its
//! budget, one that a slow leak exhausted, one that burns now, one whose series stopped 70
//! minutes ago, and one with little traffic.

use crate::incidents::{DAY, HOUR, Incident, Past, Plain, Raw};

const MINUTE: i64 = 60;

/// Until the end.
const fn since(ago: i64, bad: f64) -> Incident {
    Incident { ago, lasts: ago, bad }
}

const fn outage(ago: i64, lasts: i64, bad: f64) -> Incident {
    Incident { ago, lasts, bad }
}

/// What happened to an SLO without groups that has data until the end.
const fn past(
    service: &'static str,
    slo: &'static str,
    traffic: [f64; 2],
    bad: f64,
    incidents: &'static [Incident],
) -> Past {
    Past { service, slo, group: "", traffic, bad, incidents, silent: None }
}

/// `02-shop`.
pub(crate) const SHOP: &[Past] = &[
    // Burns now.
    past(
        "checkout",
        "availability",
        [50.0, 10.0],
        0.000_1,
        &[since(40 * MINUTE, 0.05), outage(11 * DAY, 25 * MINUTE, 0.3)],
    ),
    // A sharp outage two days ago.
    past("checkout", "latency", [50.0, 10.0], 0.0, &[outage(2 * DAY, 50 * MINUTE, 0.6)]),
    // A slow leak for 20 days, too slow for a page. The period is longer than the history.
    past("ingress", "availability", [90.0, 30.0], 0.0, &[since(20 * DAY, 0.002_8)]),
    // No error at all.
    past("ingress", "latency", [90.0, 30.0], 0.0, &[]),
    // The series stopped 70 minutes ago.
    Past {
        silent: Some(70 * MINUTE),
        ..past("mailer", "delivery", [10.0, 2.0], 0.001, &[outage(4 * DAY, 30 * MINUTE, 0.5)])
    },
    // 18 mails an hour: less than one of them may fail.
    past("mailer", "waiting-time", [0.005, 0.005], 0.01, &[outage(6 * DAY, 3 * HOUR, 0.9)]),
];

/// `03-every-sli-kind`.
pub(crate) const KINDS: &[Past] = &[
    past("rpc", "latency", [200.0, 40.0], 0.000_5, &[]),
    // One region is exhausted by a slow leak, the other has no error at all.
    Past {
        group: "region=\"eu\"",
        ..past("store", "orders", [20.0, 5.0], 0.0, &[since(25 * DAY, 0.003)])
    },
    Past { group: "region=\"us\"", ..past("store", "orders", [10.0, 10.0], 0.0, &[]) },
    // 80 searches an hour, fewer than the spec expects; two hours of none in time, two days ago.
    past("store", "search", [0.022_2, 0.022_2], 0.0, &[outage(2 * DAY, 2 * HOUR, 1.0)]),
    // An outage in this month, and a longer one in the last.
    past(
        "store",
        "reachable",
        [1.0 / 30.0, 1.0 / 30.0],
        0.0,
        &[outage(8 * DAY, 90 * MINUTE, 1.0), outage(20 * DAY, 5 * HOUR, 1.0)],
    ),
    // The series stopped 70 minutes ago.
    Past {
        silent: Some(70 * MINUTE),
        ..past(
            "store",
            "good-minutes",
            [1.0 / 120.0, 1.0 / 120.0],
            0.0,
            &[outage(5 * DAY, 40 * MINUTE, 1.0)],
        )
    },
    // Too old since three hours. No page, but a ticket.
    past("store", "prices", [1.0 / 30.0, 1.0 / 30.0], 0.0, &[since(3 * HOUR, 1.0)]),
    // Burns now.
    past("store", "carts", [6.0, 1.0], 0.000_1, &[since(30 * MINUTE, 0.08)]),
    // Burns slower than evenly, all the time.
    past("store", "cache", [1.0, 1.0], 0.03, &[]),
];

/// The plain alerts of `02-shop`.
pub(crate) const SHOP_ALERTS: &[Plain] = &[
    Plain {
        alert: "CheckoutPaymentProviderDown",
        pages: true,
        raw: &[
            provider("payment_attempts_total{job=\"checkout\",provider=\"a\",outcome=\"ok\"}", 1.0),
            Raw {
                incidents: &[(9 * DAY, HOUR, 4.0)],
                ..provider(
                    "payment_attempts_total{job=\"checkout\",provider=\"a\",outcome=\"error\"}",
                    0.01,
                )
            },
            provider("payment_attempts_total{job=\"checkout\",provider=\"b\",outcome=\"ok\"}", 0.5),
            Raw {
                incidents: &[(25 * MINUTE, 25 * MINUTE, 4.0)],
                ..provider(
                    "payment_attempts_total{job=\"checkout\",provider=\"b\",outcome=\"error\"}",
                    0.01,
                )
            },
        ],
        fired: &[(9 * DAY - 7 * MINUTE, HOUR - 3 * MINUTE), (18 * MINUTE, 18 * MINUTE)],
    },
    Plain {
        alert: "IngressCertificateExpires",
        pages: false,
        raw: &[Raw {
            labels: "nginx_ingress_controller_ssl_expire_time_seconds{job=\"ingress-nginx\",host=\"shop.example\"}",
            grows: false,
            // 13 days after the end.
            calm: (crate::incidents::END + 13 * DAY) as f64,
            incidents: &[],
        }],
        fired: &[(DAY - HOUR, DAY - HOUR)],
    },
    Plain {
        alert: "MailerQueueStuck",
        pages: false,
        raw: &[Raw {
            labels: "mailer_queue_oldest_job_age_seconds{job=\"mailer\"}",
            grows: false,
            calm: 4.0,
            incidents: &[(3 * DAY, HOUR, 900.0)],
        }],
        fired: &[(3 * DAY - 10 * MINUTE, 65 * MINUTE)],
    },
];

const fn provider(labels: &'static str, rate: f64) -> Raw {
    Raw { labels, grows: true, calm: rate, incidents: &[] }
}

/// The plain alert of `03-every-sli-kind`.
pub(crate) const KINDS_ALERTS: &[Plain] = &[Plain {
    alert: "StoreQueueStuck",
    pages: true,
    raw: &[Raw {
        labels: "store_queue_oldest_seconds{job=\"store\"}",
        grows: false,
        calm: 2.0,
        incidents: &[(7 * DAY, 45 * MINUTE, 1_800.0)],
    }],
    fired: &[(7 * DAY - 10 * MINUTE, 35 * MINUTE)],
}];
