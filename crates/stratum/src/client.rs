//! The state of one connection: requests in any order become answers and events.
//!
//! Pure: lines in, lines out, the time as an argument. Passwords are not looked at. What
//! miners do is tested row by row in `tests/quirks*.rs`.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

use serde_json::{Value, json};

use crate::agent::Start;
use crate::difficulty::{Difficulty, of_hash};
use crate::event::{Quirk, What};
use crate::job::{EXTRANONCE2_SIZE, Job, Session, VERSION_MASK, Work};
use crate::jobs::{Jobs, Judged};
use crate::message::{Message, Request, answer, notification, refusal};
use crate::share::{Class, NEAR, Submission};

/// Longest name that is kept, in characters.
const MAX_NAME: usize = 128;

/// From this many hashes per share on, garbage is near the target by a chance below 1e-4.
const TELLING_WORK: f64 = 1e6;

/// What a connection has to send and to tell.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Lines for the miner.
    pub text: String,
    /// Events for the caller.
    pub told: Vec<What>,
}

/// A moment by two clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Seconds of the session.
    pub time_s: f64,
    /// Unix time.
    pub unix_s: u32,
}

/// What a connection is due to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The first job of an authorised worker.
    Welcome,
    /// A job for a connection that subscribed and no more: some probe a pool by that.
    Probe,
    /// The mask of rolled versions, agreed on after the first job.
    Mask,
    /// A new job, so that the miner knows that the pool lives.
    Keepalive,
}

/// Times of a connection, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Between jobs.
    pub keepalive_s: f64,
    /// From a subscription to a job without a worker.
    pub probe_s: f64,
    /// From the withdrawal of a job to the end of shares for it.
    pub late_s: f64,
}

/// One connection.
#[derive(Debug)]
pub struct Client {
    number: u32,
    times: Times,
    /// The software's name, after subscription, and when that was.
    subscribed: Option<(String, f64)>,
    worker: Option<String>,
    is_welcomed: bool,
    mask: Option<u32>,
    is_mask_sent: bool,
    suggested: Option<Difficulty>,
    /// The difficulty sent last, and when the last job was.
    sent: Option<(Difficulty, f64)>,
    jobs: Jobs,
    quirks: HashSet<Discriminant<Quirk>>,
    /// Lines that were no requests.
    pub unreadable: u32,
}

impl Client {
    /// A connection of this number, which is its extranonce1.
    pub fn new(number: u32, times: Times) -> Self {
        Self {
            number,
            times,
            subscribed: None,
            worker: None,
            is_welcomed: false,
            mask: None,
            is_mask_sent: false,
            suggested: None,
            sent: None,
            jobs: Jobs::default(),
            quirks: HashSet::new(),
            unreadable: 0,
        }
    }

    /// The authorised worker.
    pub fn worker(&self) -> Option<&str> {
        self.worker.as_deref()
    }

    /// The name of the software; empty before the subscription.
    pub fn user_agent(&self) -> &str {
        self.subscribed.as_ref().map_or("", |(agent, _)| agent)
    }

    /// True after the subscription.
    pub fn is_subscribed(&self) -> bool {
        self.subscribed.is_some()
    }

    /// True after the first job of the worker.
    pub fn is_welcomed(&self) -> bool {
        self.is_welcomed
    }

    /// Where the difficulty begins.
    pub fn start(&self) -> Start {
        Start::of(self.user_agent())
    }

    /// The difficulty that the miner asked for.
    pub fn suggested(&self) -> Option<Difficulty> {
        self.suggested
    }

    /// The difficulty sent last.
    pub fn difficulty(&self) -> Option<Difficulty> {
        self.sent.map(|(difficulty, _)| difficulty)
    }

    /// Tells of a quirk the first time.
    pub fn quirk(&mut self, quirk: Quirk, out: &mut Outbox) {
        if self.quirks.insert(discriminant(&quirk)) {
            out.told.push(What::Quirk(quirk));
        }
    }

    /// Handles a line: the answer is in the outbox, before anything else is.
    pub fn line(&mut self, line: &str, now: Now, out: &mut Outbox) {
        match Message::read(line) {
            Message::Request(request) => self.request(&request, now, out),
            Message::Answer => {}
            Message::Unreadable => {
                self.unreadable += 1;
                self.quirk(Quirk::Unreadable, out);
                out.text += &refusal("null", (20, "Other/Unknown"));
            }
        }
    }

    fn request(&mut self, request: &Request, now: Now, out: &mut Outbox) {
        let Request { id, method, .. } = request;
        // bfgminer sends its target without an identifier and takes the next line for the
        // answer to what it sends after that.
        let is_notification = id == "null";
        let result = match method.as_str() {
            "mining.subscribe" => self.subscribe(&request.parameters, now, out),
            "mining.authorize" => self.authorize(&request.parameters, out),
            "mining.configure" => self.configure(&request.parameters, out),
            "mining.submit" => return self.submit(request, now, out),
            "mining.suggest_difficulty" | "mining.suggest_target" => {
                let target = method == "mining.suggest_target";
                self.suggest(request.parameters.first(), target, out);
                if is_notification {
                    return;
                }
                json!(true)
            }
            "mining.capabilities" if is_notification => return,
            "mining.capabilities" => json!({}),
            "mining.extranonce.subscribe" => json!(true),
            "mining.get_transactions" => json!([]),
            "mining.ping" => json!("pong"),
            _ => {
                let method = kept(method);
                self.quirk(Quirk::UnknownMethod { method }, out);
                out.text += &refusal(id, (20, "Method not found"));
                return;
            }
        };
        out.text += &answer(id, &result.to_string());
    }

    fn subscribe(&mut self, parameters: &[Value], now: Now, out: &mut Outbox) -> Value {
        if self.subscribed.is_none() {
            let user_agent = kept(parameters.first().and_then(Value::as_str).unwrap_or(""));
            self.subscribed = Some((user_agent.clone(), now.time_s));
            out.told.push(What::Subscribed { user_agent });
        }
        let extranonce1 = format!("{:08x}", self.number);
        json!([
            [
                ["mining.set_difficulty", extranonce1],
                ["mining.notify", extranonce1]
            ],
            extranonce1,
            EXTRANONCE2_SIZE
        ])
    }

    /// Every name is right, and the password is nobody's business.
    fn authorize(&mut self, parameters: &[Value], out: &mut Outbox) -> Value {
        let user = match parameters.first() {
            Some(Value::String(user)) => kept(user),
            Some(Value::Number(user)) => user.to_string(),
            _ => String::new(),
        };
        match &self.worker {
            None => {
                self.worker = Some(user.clone());
                let user_agent = self.user_agent().to_owned();
                out.told.push(What::Authorised {
                    worker: user,
                    user_agent,
                });
            }
            Some(first) if *first != user => self.quirk(Quirk::SecondName { user }, out),
            Some(_) => {}
        }
        json!(true)
    }

    /// Only the requested keys are answered: others make some firmware reconnect for ever.
    fn configure(&mut self, parameters: &[Value], out: &mut Outbox) -> Value {
        let names = parameters.first().and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let option = |key: &str| parameters.get(1).and_then(|options| options.get(key));
        let mut result = serde_json::Map::new();
        for name in names.take(16) {
            let granted = match name {
                "version-rolling" => {
                    let text = option("version-rolling.mask").and_then(Value::as_str);
                    let wanted = text.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                    let mask = wanted.unwrap_or(u32::MAX) & VERSION_MASK;
                    if mask != 0 {
                        self.is_mask_sent = false;
                        self.mask = Some(mask);
                        let mask = json!(format!("{mask:08x}"));
                        result.insert("version-rolling.mask".into(), mask);
                    }
                    mask != 0
                }
                "minimum-difficulty" => {
                    self.suggest(option("minimum-difficulty.value"), false, out);
                    true
                }
                "subscribe-extranonce" | "info" => true,
                _ => false,
            };
            result.insert(name.into(), json!(granted));
        }
        Value::Object(result)
    }

    /// Takes a difficulty, as a number or text, or a target in hexadecimal.
    fn suggest(&mut self, value: Option<&Value>, is_target: bool, out: &mut Outbox) {
        let number = match value {
            Some(Value::String(digits)) if is_target => {
                let target = perwatt_sha256d::Target::from_hex(digits.trim());
                target
                    .ok()
                    .map(|target| of_hash(&target.value().to_le_bytes()))
            }
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_f64(),
            None => None,
        };
        match number.and_then(Difficulty::power_below) {
            Some(difficulty) => self.suggested = Some(difficulty),
            None => {
                let text = kept(&value.unwrap_or(&Value::Null).to_string());
                self.quirk(Quirk::UnusableSuggestion { text }, out);
            }
        }
    }

    fn submit(&mut self, request: &Request, now: Now, out: &mut Outbox) {
        let submission = Submission::read(&request.parameters);
        let (judged, refused) = match (&self.worker, submission) {
            _ if !self.is_subscribed() => {
                let judged = Judged::bare(Class::UnknownJob);
                (judged, Some((25, "Not subscribed")))
            }
            (None, _) => {
                let judged = Judged::bare(Class::UnknownJob);
                (judged, Some((24, "Unauthorized worker")))
            }
            (_, None) => (Judged::bare(Class::Malformed), Class::Malformed.refusal()),
            (Some(worker), Some(submission)) => {
                let user = kept(&submission.user);
                if *worker != user {
                    self.quirk(Quirk::OtherUser { user }, out);
                }
                let judged = self.judge(&submission, now, out);
                (judged, judged.class.refusal())
            }
        };
        out.text += &match refused {
            None => answer(&request.id, "true"),
            Some(refused) => refusal(&request.id, refused),
        };
        let worker = self.worker.clone().unwrap_or_default();
        out.told.push(What::Share { worker, judged });
    }

    fn judge(&mut self, submission: &Submission, now: Now, out: &mut Outbox) -> Judged {
        match (self.mask, submission.version_bits) {
            (None, Some(_)) => self.quirk(Quirk::BitsWithoutConfigure, out),
            (Some(_), None) => self.quirk(Quirk::NoBitsAfterConfigure, out),
            _ => {}
        }
        let mask = self.mask.unwrap_or(VERSION_MASK);
        let late_s = self.times.late_s;
        let judged = self
            .jobs
            .judge(self.number, submission, mask, now.time_s, late_s);
        if let (Class::Low, Some(sent), Some(fraction)) =
            (judged.class, judged.difficulty, judged.fraction)
            && fraction < NEAR
            && sent.work() > TELLING_WORK
        {
            let used = sent.value() / fraction;
            self.quirk(Quirk::OtherDifficulty { used, sent }, out);
        }
        judged
    }

    /// What the connection is due to be sent now. A notification never overtakes an answer:
    /// the caller asks after all lines that arrived are handled.
    pub fn due(&self, now_s: f64) -> Option<Due> {
        let (_, subscribed_s) = self.subscribed.as_ref()?;
        let is_mask_due = self.mask.is_some() && !self.is_mask_sent;
        match self.sent {
            _ if self.worker.is_some() && !self.is_welcomed => Some(Due::Welcome),
            None if now_s - subscribed_s >= self.times.probe_s => Some(Due::Probe),
            Some(_) if is_mask_due && self.is_welcomed => Some(Due::Mask),
            Some((_, sent_s)) if now_s - sent_s >= self.times.keepalive_s => Some(Due::Keepalive),
            _ => None,
        }
    }

    /// Sends a job. A difficulty goes with it where it is a new one, or the first of a
    /// worker: always one of them and then one job, because some firmware queues
    /// difficulties. The job withdraws earlier ones then, and where the caller says so.
    pub fn job(
        &mut self,
        session: &Session,
        counter: u32,
        difficulty: Difficulty,
        is_clean: bool,
        now: Now,
        out: &mut Outbox,
    ) {
        let is_first = self.worker.is_some() && !self.is_welcomed;
        self.is_welcomed |= self.worker.is_some();
        // Some firmware drops the connection where a mask comes before the authorisation.
        if let Some(mask) = self.mask.filter(|_| self.is_welcomed && !self.is_mask_sent) {
            let parameters = format!("[\"{mask:08x}\"]");
            out.text += &notification("mining.set_version_mask", &parameters);
            self.is_mask_sent = true;
        }
        let is_new = is_first || self.difficulty() != Some(difficulty);
        if is_new {
            out.text += &notification("mining.set_difficulty", &format!("[{difficulty}]"));
        }
        let job = Job {
            counter,
            device: self.worker.clone().unwrap_or_default(),
            difficulty,
            ntime: now.unix_s,
        };
        let work = Work::new(session, job.clone());
        let is_clean = is_clean || is_new || self.jobs.is_empty();
        out.text += &notification("mining.notify", &work.notify(is_clean));
        self.jobs.issue(work, is_clean, now.time_s);
        self.sent = Some((difficulty, now.time_s));
        out.told.push(What::Job(job));
    }
}

/// A name as it is kept: of bounded length, without control characters.
fn kept(name: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.chars().take(MAX_NAME).map(printable).collect()
}
