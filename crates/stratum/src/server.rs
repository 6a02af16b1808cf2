//! The pool: a listener, a thread for each connection, and the caller's view of them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use crate::connection::serve;
use crate::event::{Event, What};
use crate::message::notification;
use crate::shared::{Config, Shared};
use crate::workers::{Steering, WorkerCounts};

/// Events that wait for the caller at most.
const WAITING_EVENTS: usize = 65_536;

/// A pool that is open.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

/// The reasons that a pool cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not of a private network.
    #[error(
        "{0} is not an address of a private network, and a pool has no passwords; listen on the LAN address of this machine, such as 192.168.1.10:3333, or allow public addresses"
    )]
    Public(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The wanted rate of shares is no rate.
    #[error(
        "{per_s} shares per second, looked at every {period_s} s, cannot be wanted; ask for 0.01 to 15 per second, and a period above 0"
    )]
    Wanted {
        /// Shares per second.
        per_s: f64,
        /// Seconds between steps of the difficulty.
        period_s: f64,
    },
}

impl Server {
    /// Opens a pool. Events must be received: the threads wait when many are not.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(config: Config) -> Result<(Self, Receiver<Event>), StartError> {
        if !config.allow_public && !is_private(config.listen.ip()) {
            return Err(StartError::Public(config.listen));
        }
        if let Steering::Wanted { per_s, period_s } = config.steering
            && !((0.01..=15.0).contains(&per_s) && period_s > 0.0)
        {
            return Err(StartError::Wanted { per_s, period_s });
        }
        let failed = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (sender, events) = sync_channel(WAITING_EVENTS);
        let shared = Arc::new(Shared::new(config, sender));
        let theirs = Arc::clone(&shared);
        let listening = std::thread::spawn(move || listen(&listener, &theirs));
        let server = Self {
            shared,
            address,
            listening: Some(listening),
        };
        Ok((server, events))
    }

    /// The address with its port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Fixes all difficulties before a window: from here on no job changes one or withdraws
    /// another. A miner that connects later gets the difficulty that its name had.
    pub fn freeze(&self) {
        self.shared.workers().freeze(true);
    }

    /// Begins another session: every miner gets a job of it at once, which withdraws all
    /// others. Its jobs are numbered from `first_job` or later, so that a session that goes on
    /// in another pool has none twice.
    pub fn begin(&self, session_id: &str, first_job: u32) {
        self.shared.begin(session_id, first_job);
    }

    /// Lets difficulties change again.
    pub fn thaw(&self) {
        self.shared.workers().freeze(false);
    }

    /// The counts of all workers, by name. The difference of two snapshots is a window:
    /// [`WorkerCounts::shares_since`].
    pub fn workers(&self) -> BTreeMap<String, WorkerCounts> {
        self.shared.workers().counts()
    }

    /// Connections that are open.
    pub fn open_connections(&self) -> u32 {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Seconds since the session's epoch.
    pub fn now_s(&self) -> f64 {
        self.shared.now().time_s
    }

    /// The transcript so far.
    pub fn transcript(&self) -> String {
        self.shared.transcript().text().to_owned()
    }

    /// Closes all connections and waits for their threads.
    pub fn shutdown(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
        // The listener waits for a connection: this is one.
        let mut own = self.address;
        if own.ip().is_unspecified() {
            own.set_ip(match own.ip() {
                IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let woken = TcpStream::connect_timeout(&own, Duration::from_secs(1));
        if let (Ok(_), Some(listening)) = (woken, self.listening.take()) {
            // A thread that panicked has ended too.
            let _ = listening.join();
        }
    }
}

/// True for addresses that the Internet does not reach.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Takes connections until the pool is closed.
fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    // Number 0 is nobody's.
    let mut number = 0_u32;
    loop {
        let taken = listener.accept();
        if shared.is_stopped() {
            break;
        }
        let Ok((stream, peer)) = taken else {
            // Out of file descriptors, or the peer is gone again.
            sleep(Duration::from_millis(20));
            continue;
        };
        threads.retain(|thread| !thread.is_finished());
        if shared.open.load(Ordering::Relaxed) >= shared.config.limits.connections {
            turn_away(stream, shared.config.limits.connections);
            shared.tell(0, What::TurnedAway { peer });
            continue;
        }
        number += 1;
        shared.tell(number, What::Connected { peer });
        shared.open.fetch_add(1, Ordering::Relaxed);
        let theirs = Arc::clone(shared);
        let thread = std::thread::Builder::new().spawn(move || {
            serve(stream, &theirs, number);
            theirs.open.fetch_sub(1, Ordering::Relaxed);
        });
        match thread {
            Ok(thread) => threads.push(thread),
            Err(_) => {
                shared.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
    for thread in threads {
        // A thread that panicked has ended too.
        let _ = thread.join();
    }
}

/// Tells a miner why it is closed, without waiting for it.
fn turn_away(mut stream: TcpStream, connections: u32) {
    let text = format!("[\"perwatt: all {connections} connections are taken; closed\"]");
    let told = notification("client.show_message", &text);
    // It may be gone already, and nothing more is owed to it. What it sent is read, because
    // closing with unread bytes would take the message away from it.
    let _ = stream.set_nonblocking(true);
    let _ = stream.read(&mut [0; 4096]);
    let _ = stream.write_all(told.as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn start(address: &str, per_s: f64) -> Result<(Server, Receiver<Event>), StartError> {
        let mut config = Config::new(address.parse().unwrap(), "00ff", Instant::now());
        let period_s = 1.0;
        config.steering = Steering::Wanted { per_s, period_s };
        Server::start(config)
    }

    #[test]
    fn public_addresses_are_refused() {
        for public in ["0.0.0.0:0", "8.8.8.8:3333", "[::]:0", "[2001:db8::1]:1"] {
            let error = start(public, 1.0).unwrap_err();
            assert!(matches!(error, StartError::Public(_)));
            assert!(error.to_string().starts_with(public), "{error}");
        }
    }

    #[test]
    fn a_port_in_use_and_a_rate_that_is_none_are_named() {
        let (server, _events) = start("127.0.0.1:0", 1.0).unwrap();
        let taken = start(&server.address().to_string(), 1.0).unwrap_err();
        assert!(
            taken.to_string().contains("cannot listen on 127.0.0.1:"),
            "{taken}"
        );
        for none in [0.0, -1.0, 100.0, f64::NAN] {
            let error = start("127.0.0.1:0", none).unwrap_err();
            assert!(matches!(error, StartError::Wanted { .. }), "{error}");
        }
        server.shutdown();
    }
}
