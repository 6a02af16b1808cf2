//! Asking one miner.

use crate::choice::{Address, Kind, kinds};
use crate::error::{ApiError, Problem};
use crate::firmware::{Facts, report};
use crate::link::{Answer, Request, Via, ask};
use crate::number;
use crate::replies::Replies;
use crate::report::Report;
use perwatt_host::Endpoint;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// How a miner is asked.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Api {
    /// As this kind.
    Kind(Kind),
    /// As each kind in turn, until one is recognised.
    Auto,
}

/// Reads what a miner claims about itself.
///
/// `timeout` limits each request; after a request without an answer no further one is sent
/// to that port, so that a dead miner takes one `timeout`, and `Auto` one for each of its
/// ports.
///
/// Only the requests of [`Kind::requests`] are sent, none of which changes anything. `Auto`
/// sends the first of each kind, each once, until one is recognised, and then the others of
/// that kind.
pub fn read(api: Api, address: &Address, timeout: Duration) -> Result<Report, ApiError> {
    let mut asker = Asker {
        address,
        timeout,
        answers: HashMap::new(),
    };
    match api {
        Api::Kind(kind) => asker.read(kind),
        Api::Auto => auto(&mut asker),
    }
}

fn auto(asker: &mut Asker) -> Result<Report, ApiError> {
    let mut tried: Vec<String> = Vec::new();
    let mut closed: Vec<ApiError> = Vec::new();
    for kind in kinds() {
        let facts = kind.0.facts();
        match asker.ask(facts, facts.requests[0]) {
            Ok(Answer::Value(value, _)) if kind.0.recognises(value) => match asker.read(kind) {
                Ok(mut report) => {
                    closed
                        .iter()
                        .for_each(|error| report.note(error.problem.to_string()));
                    return Ok(report);
                }
                // What wants a login may show less at another port.
                Err(error) => closed.push(error),
            },
            Ok(_) => {}
            Err(problem) => {
                let why = match problem {
                    Problem::Unreachable { why } => why,
                    other => other.to_string(),
                };
                let text = format!("port {}: {why}", asker.endpoint(facts).port);
                if !tried.contains(&text) {
                    tried.push(text);
                }
            }
        }
    }
    Err(closed.into_iter().next().unwrap_or_else(|| ApiError {
        address: asker.address.to_string(),
        problem: Problem::Unrecognised {
            tried: match tried.is_empty() {
                true => "it answers, but like none of them".to_owned(),
                false => tried.join("; "),
            },
        },
    }))
}

/// One reading, which sends no request twice and leaves dead ports alone.
struct Asker<'a> {
    address: &'a Address,
    timeout: Duration,
    answers: HashMap<(u16, Via, &'static str), Result<Answer, Problem>>,
}

impl Asker<'_> {
    fn endpoint(&self, facts: &Facts) -> Endpoint {
        self.address.endpoint(facts.port)
    }

    fn ask(&mut self, facts: &Facts, request: Request) -> Result<&Answer, Problem> {
        let endpoint = self.endpoint(facts);
        let (port, via) = (endpoint.port, facts.via);
        let key = (port, via, request.text);
        if !self.answers.contains_key(&key) {
            let answer = match self.known(port, via, request) {
                Some(problem) => Err(problem),
                None => ask(via, &endpoint, request, self.timeout),
            };
            self.answers.insert(key, answer);
        }
        self.answers[&key].as_ref().map_err(Clone::clone)
    }

    /// Why asking this port in this way is known to be in vain.
    fn known(&self, port: u16, via: Via, request: Request) -> Option<Problem> {
        let on_port = || self.answers.iter().filter(move |(key, _)| key.0 == port);
        // A usual port has one protocol: a server of cgminer's is not asked by HTTP.
        let other = !self.address.has_port() && on_port().any(|(key, a)| key.1 != via && a.is_ok());
        let silent = || {
            let problems = on_port()
                .filter(|(key, _)| key.1 == via)
                .map(|(_, answer)| answer);
            problems
                .filter_map(|answer| answer.as_ref().err())
                .find(|problem| problem.silent())
        };
        match other {
            true => Some(Problem::Protocol {
                request: request.name,
                why: "another protocol".to_owned(),
            }),
            false => silent().cloned(),
        }
    }

    fn read(&mut self, kind: Kind) -> Result<Report, ApiError> {
        let facts = kind.0.facts();
        let mut replies = Replies::default();
        let mut notes = Vec::new();
        let mut closed = Vec::new();
        let mut problems = Vec::new();
        for request in facts.requests {
            let name = request.name;
            match self.ask(facts, *request) {
                Ok(Answer::Value(value, repairs)) => {
                    let repairs: Vec<_> = repairs.iter().map(ToString::to_string).collect();
                    if !repairs.is_empty() {
                        notes.push(format!("{name}: malformed reply ({})", repairs.join(", ")));
                    }
                    notes.extend(refusal(value).map(|why| format!("{name}: refused ({why})")));
                    replies.push(name, value.clone());
                }
                Ok(Answer::Login) => closed.push(name),
                Err(problem) => {
                    notes.push(format!("{name}: {problem}"));
                    let silent = problem.silent();
                    problems.push(problem);
                    if silent {
                        break;
                    }
                }
            }
        }
        let closed = closed.join(", ");
        let login = Problem::Login {
            kind: facts.title,
            requests: closed.clone(),
        };
        if !closed.is_empty() {
            notes.push(login.to_string());
        }
        let mut report = report(kind.0, &replies);
        for note in notes {
            report.note(note);
        }
        if !report.claims.is_empty() {
            return Ok(report);
        }
        let problem = match closed.is_empty() {
            false => login,
            true => problems.into_iter().next().unwrap_or(Problem::NoClaims {
                kind: facts.title,
                notes: report
                    .notes
                    .iter()
                    .map(|note| format!(" ({note})"))
                    .collect(),
            }),
        };
        Err(ApiError {
            address: self.endpoint(facts).to_string(),
            problem,
        })
    }
}

/// The reason if a reply is a refusal: `STATUS` E or F of cgminer, a `code` other than 0 of
/// Whatsminer's API 3.
fn refusal(reply: &Value) -> Option<String> {
    let status = reply.pointer("/STATUS/0").unwrap_or(reply);
    let refused = matches!(
        status.get("STATUS").and_then(Value::as_str),
        Some("E" | "F")
    ) || reply
        .get("code")
        .and_then(Value::as_i64)
        .is_some_and(|code| code != 0);
    let words = status.get("Msg").or(status.get("msg"));
    refused.then(|| words.map_or_else(|| "no reason given".to_owned(), number::text))
}
