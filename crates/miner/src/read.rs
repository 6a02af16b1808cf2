//! Asking one miner.

use crate::choice::{Address, Kind, kinds};
use crate::error::ApiError;
use crate::firmware::{Facts, report};
use crate::link::{Answer, Request, Via, ask};
use crate::number::clean;
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
        silent: HashMap::new(),
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
        match asker.first(kind) {
            Ok(Answer::Value(value, _)) if kind.0.recognises(&value) => match asker.read(kind) {
                Ok(mut report) => {
                    closed
                        .iter()
                        .for_each(|error| report.note(error.to_string()));
                    return Ok(report);
                }
                // What wants a login may show less at another port.
                Err(error) => closed.push(error),
            },
            Ok(_) => {}
            Err(error) => {
                let error = error.to_string();
                if !tried.contains(&error) {
                    tried.push(error);
                }
            }
        }
    }
    match closed.into_iter().next() {
        Some(error) => Err(error),
        None => Err(ApiError::Unrecognised {
            host: asker.address.to_string(),
            tried: match tried.is_empty() {
                true => "it answers, but like none of them".to_owned(),
                false => tried.join("; "),
            },
        }),
    }
}

/// One reading, which sends no request twice and leaves dead ports alone.
struct Asker<'a> {
    address: &'a Address,
    timeout: Duration,
    answers: HashMap<(u16, &'static str), Answer>,
    /// Ports that did not answer in some way of asking.
    silent: HashMap<(u16, Via), ApiError>,
}

impl Asker<'_> {
    fn endpoint(&self, facts: &Facts) -> Endpoint {
        self.address.endpoint(facts.port)
    }

    /// The answer to the first request of a kind.
    fn first(&mut self, kind: Kind) -> Result<&Answer, ApiError> {
        let facts = kind.0.facts();
        self.ask(facts, facts.requests[0])
    }

    fn ask(&mut self, facts: &Facts, request: Request) -> Result<&Answer, ApiError> {
        let endpoint = self.endpoint(facts);
        let port = endpoint.port;
        if let Some(error) = self.silent.get(&(port, facts.via)) {
            return Err(error.clone());
        }
        let key = (port, request.text);
        if !self.answers.contains_key(&key) {
            let answer = ask(facts.via, &endpoint, request, self.timeout);
            let answer = answer.inspect_err(|error| {
                if error.silent() {
                    self.silent.insert((port, facts.via), error.clone());
                }
            })?;
            self.answers.insert(key, answer);
        }
        Ok(&self.answers[&key])
    }

    fn read(&mut self, kind: Kind) -> Result<Report, ApiError> {
        let facts = kind.0.facts();
        let address = self.endpoint(facts).to_string();
        let mut replies = Replies::default();
        let mut notes = Vec::new();
        let mut closed = Vec::new();
        let mut errors = Vec::new();
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
                Err(error) => {
                    notes.push(format!("{name}: {error}"));
                    let silent = error.silent();
                    errors.push(error);
                    if silent {
                        break;
                    }
                }
            }
        }
        if !closed.is_empty() {
            let closed = closed.join(", ");
            notes.push(format!("not read, because they want a login: {closed}"));
        }
        let mut report = report(kind.0, &replies);
        for note in notes {
            report.note(note);
        }
        match (report.claims.is_empty(), closed.is_empty()) {
            (false, _) => Ok(report),
            (true, false) => Err(ApiError::Login {
                address,
                kind: facts.title,
                requests: closed.join(", "),
            }),
            (true, true) => Err(errors.into_iter().next().unwrap_or(ApiError::NoClaims {
                address,
                kind: facts.title,
                notes: report
                    .notes
                    .iter()
                    .map(|note| format!(" ({note})"))
                    .collect(),
            })),
        }
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
    refused
        .then(|| words.map_or_else(|| "no reason given".to_owned(), crate::number::text))
        .map(|why| clean(&why))
}
