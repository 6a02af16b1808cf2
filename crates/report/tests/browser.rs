//! Tests of pages in a real browser: no message on the console, nothing wider than the
//! screen, no label cut or upon another, no script, no request, and nothing that axe-core
//! finds fault with.
#![cfg(target_os = "linux")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::gap::{archived_gap, gap_of, hostile_gap, hostile_site, session, site_of};
use common::{answered, archived, compared, compared_archive, fleet, hostile};
use perwatt_report::{Beside, answer_page, gap_page, render, site_page};
use serde_json::{Value, json};

/// Chromium with its driver; both are ended on drop.
struct Browser {
    driver: Child,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver: install Debian's packages chromium and chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port: u16 = lines
            .find_map(|line| {
                let line = line.unwrap();
                // "ChromeDriver was started successfully on port 12345."
                let tail = line.split("successfully on port ").nth(1)?;
                tail.trim_end_matches('.').trim().parse().ok()
            })
            .expect("the port that chromedriver listens on");
        // Later output is read and dropped, so that the pipe does not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let base = format!("http://127.0.0.1:{port}/session");
        let answer = post(
            &base,
            &json!({ "capabilities": { "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": { "args": args },
                "goog:loggingPrefs": { "browser": "ALL" },
            } } }),
        );
        let id = answer["sessionId"].as_str().expect("a session");
        Self {
            session: format!("{base}/{id}"),
            driver,
            _profile: profile,
        }
    }

    fn do_it(&self, what: &str, body: &Value) -> Value {
        post(&format!("{}/{what}", self.session), body)
    }

    fn protocol(&self, command: &str, params: &Value) {
        self.do_it(
            "goog/cdp/execute",
            &json!({ "cmd": command, "params": params }),
        );
    }

    fn evaluate(&self, script: &str) -> Value {
        self.do_it("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Takes the messages of the console that were not taken before.
    fn console(&self) -> Vec<Value> {
        let log = self.do_it("se/log", &json!({ "type": "browser" }));
        log.as_array().unwrap().clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn post(url: &str, body: &Value) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .build()
        .into();
    let mut response = agent
        .post(url)
        .header("content-type", "application/json")
        .send(body.to_string())
        .unwrap_or_else(|error| panic!("{url}: {error}"));
    let text = response.body_mut().read_to_string().unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert!(answer["value"]["error"].is_null(), "{url}: {answer}");
    answer["value"].clone()
}

/// The labels of pictures that lie outside their picture or upon another label.
const LABELS: &str = "
    const bad = [];
    for (const svg of document.querySelectorAll('svg')) {
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')];
        const all = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
        all.forEach(([text, a], i) => {
            if (a.left < frame.left - 2 || a.right > frame.right + 2) bad.push(text + ' is outside');
            for (const [other, b] of all.slice(i + 1)) {
                const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (wide > 1 && high > 3) bad.push(text + ' is upon ' + other);
            }
        });
    }
    return bad;";

/// The violations that axe-core finds, each with a place.
const AXE: &str = "
    return axe.run({ resultTypes: ['violations'] }).then(found => found.violations.map(
        rule => rule.id + ': ' + rule.nodes.slice(0, 3).map(
            node => node.target + ' ' + node.html.slice(0, 200) + ' ' + node.failureSummary)));";

/// The text of axe-core, which `cargo xtask setup` fetches.
fn axe() -> Option<String> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/axe/package/axe.min.js"
    );
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skipped: rules of accessible pages: there is no {path}");
    }
    text
}

fn look(browser: &Browser, path: &Path, title: &str, axe: Option<&str>) {
    let url = format!("file://{}", path.display());
    browser.do_it("url", &json!({ "url": url }));
    // What is folded must fit and be accessible too.
    browser.evaluate("document.querySelectorAll('details').forEach(of => of.open = true)");
    if let Some(axe) = axe {
        browser.evaluate(axe);
    }
    for width in [390, 1280, 1920] {
        browser.protocol(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
        );
        for scheme in ["light", "dark"] {
            browser.protocol(
                "Emulation.setEmulatedMedia",
                &json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
            );
            let found = browser.evaluate(
                "return {
                    wide: document.documentElement.scrollWidth,
                    screen: document.documentElement.clientWidth,
                    scripts: document.scripts.length,
                    fetched: performance.getEntriesByType('resource').length,
                    title: document.title,
                    dark: matchMedia('(prefers-color-scheme: dark)').matches,
                }",
            );
            let place = format!("{} at {width}, {scheme}: {found}", path.display());
            assert!(found["screen"].as_u64().unwrap() <= width, "{place}");
            assert!(
                found["wide"].as_u64() <= found["screen"].as_u64(),
                "wider than the screen: {place}"
            );
            assert_eq!(found["scripts"], 0, "{place}");
            assert_eq!(found["fetched"], 0, "{place}");
            assert_eq!(found["title"], title, "{place}");
            assert_eq!(found["dark"], scheme == "dark", "{place}");
            // Colours do not depend on the width.
            if axe.is_some() && (scheme == "light" || width == 1280) {
                assert_eq!(browser.evaluate(AXE), json!([]), "{place}");
            }
            let console = browser.console();
            assert!(console.is_empty(), "{place}: {console:?}");
        }
        let labels = browser.evaluate(LABELS);
        assert_eq!(labels, json!([]), "{} at {width}", path.display());
    }
}

#[test]
fn pages_open_without_a_word_and_fit_every_screen() {
    let dir = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    // Proves that messages on the console are seen.
    browser.evaluate("console.error('heard')");
    assert_eq!(browser.console().len(), 1);

    let records = archived();
    let hostile = hostile();
    let found = answered();
    let beside = Beside {
        answer: Some(&found),
        ..Beside::default()
    };
    let fleet = fleet(20);
    let many = Beside {
        sessions: &fleet.sessions,
        ..Beside::default()
    };
    let axe = axe();
    if let Some(axe) = &axe {
        // Proves that violations are seen: the empty page has neither title nor language.
        browser.evaluate(axe);
        assert_ne!(browser.evaluate(AXE), json!([]));
    }
    let pages = [
        (
            "archive",
            render(&records, Some(&compared_archive()), Beside::default()),
        ),
        ("one", render(&records[..1], None, beside)),
        ("many", render(&[], None, many)),
        ("answer", answer_page(&found)),
        (
            "hostile",
            render(&hostile, Some(&compared(&hostile)), Beside::default()),
        ),
        ("gap", gap_page(&gap_of(&[session(false)]))),
        ("gap-archive", gap_page(&archived_gap())),
        ("gap-hostile", gap_page(&hostile_gap())),
        ("site", site_page(&site_of("20 MW", "a site", 50))),
        ("site-hostile", site_page(&hostile_site())),
    ];
    for (name, page) in pages {
        let path = dir.path().join(format!("{name}.html"));
        std::fs::write(&path, &page).unwrap();
        let title = page
            .split("<title>")
            .nth(1)
            .and_then(|rest| rest.split("</title>").next())
            .unwrap();
        let unescaped = title
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        look(&browser, &path, &unescaped, axe.as_deref());
    }
}
