//! The output of the programs.

use crate::options::Miner;
use crate::report::Sample;

/// A line without its terminal colours.
pub fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut parts = line.split("\u{1b}[");
    text.push_str(parts.next().unwrap_or(""));
    for part in parts {
        text.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    text.trim_end().to_owned()
}

/// The hashes per second of the interval that a line reports, if it reports one.
///
/// cpuminer-opt's `Total:` is left out: it is the mean since the start over whole seconds,
/// rounded down, and therefore not the rate of an interval.
pub fn rate(miner: Miner, line: &str) -> Option<f64> {
    let report = plain(line);
    let (_, report) = report.split_once("] ")?;
    let (subject, report) = report.split_once(": ")?;
    let number = match miner {
        // Thread 0, CPU 1: 28.91 Mh/s
        Miner::CpuminerOpt => subject.starts_with("Thread 0,").then_some(report)?,
        // thread 0: 37657744 hashes, 7245 khash/s
        Miner::Minerd => {
            let hashes = report.split_once(" hashes, ")?;
            (subject == "thread 0").then_some(hashes.1)?
        }
    };
    let (number, unit) = number.split_once(' ')?;
    let scale = match unit {
        "h/s" => 1.0,
        "kh/s" | "khash/s" => 1e3,
        "Mh/s" => 1e6,
        "Gh/s" => 1e9,
        _ => return None,
    };
    let rate = number.parse::<f64>().ok()? * scale;
    (rate > 0.0 && rate.is_finite()).then_some(rate)
}

/// Version and instruction sets from the program's output for `-V`.
pub fn about(miner: Miner, printed: &str) -> Option<String> {
    let (program, features) = match miner {
        Miner::CpuminerOpt => ("cpuminer-opt ", "SW features:"),
        Miner::Minerd => ("cpuminer ", "features:"),
    };
    let mut version = None;
    let mut instructions = None;
    for line in printed.lines().map(plain) {
        let line = line.trim_matches([' ', '*']);
        if let Some(after) = line.strip_prefix(program) {
            version = version.or(Some(after.trim().to_owned()));
        }
        if let Some(after) = line.strip_prefix(features) {
            let words: Vec<&str> = after.split_whitespace().collect();
            instructions = Some(words.join(" "));
        }
    }
    Some(format!(
        "{program}{}, built with {}",
        version?, instructions?
    ))
}

/// A window that the example timed.
pub fn window(line: &str) -> Option<(&str, Sample)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, hashes, ns, clock] = fields[..] else {
        return None;
    };
    let hashes: f64 = hashes.parse().ok()?;
    let seconds = ns.parse::<f64>().ok()? / 1e9;
    let clock_hz = match clock {
        "-" => None,
        hz => Some(hz.parse::<f64>().ok()?),
    };
    let sample = Sample {
        rate_h_per_s: hashes / seconds,
        cycles: clock_hz.map(|hz| hz * seconds / hashes),
        share: None,
    };
    (hashes > 0.0 && seconds > 0.0).then_some((name, sample))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cpuminer-opt 26.1, `-a sha256d --benchmark -t 1 --time-limit 4
    /// --hash-meter -s 1`.
    const CPUMINER: &str = "
         **********  cpuminer-opt 26.1  ********** 
     A CPU miner with multi algo support and optimized for CPUs
     with AVX512, SHA, AES and NEON extensions by JayDDee.

CPU: Intel(R) Xeon(R) Processor
SW built on Nov 24 2026 with GCC-12.2.0 Linux
CPU features:  AVX512 VAES SHA256
SW features:   AVX2    AES SHA256
[2026-11-24 10:48:18]\u{1b}[01;37m Running cpuminer as Superuser is discouraged.\u{1b}[0m
[2026-11-24 10:48:18] CPU affinity [.!]\u{1b}[0m
[2026-11-24 10:48:18] 1 of 2 miner threads started using 'sha256d' algorithm\u{1b}[0m
[2026-11-24 10:48:18] Thread 0, CPU 1: 842.11 kh/s\u{1b}[0m
[2026-11-24 10:48:19] Thread 0, CPU 1: 18.63 Mh/s\u{1b}[0m
[2026-11-24 10:48:19]\u{1b}[01;37m Total: 24.27 MH/s, Temp: 0C, Freq: 0.000/0.000 GHz\u{1b}[0m
[2026-11-24 10:48:20] Thread 0, CPU 1: 18.24 Mh/s\u{1b}[0m
[2026-11-24 10:48:20]\u{1b}[01;37m Total: 21.45 MH/s, Temp: 0C, Freq: 0.000/0.000 GHz\u{1b}[0m
[2026-11-24 10:48:22]\u{1b}[01;37m Benchmark: 19.28 MH/s\u{1b}[0m
";

    /// pooler's cpuminer 2.5.1, `-V` and then `-a sha256d --benchmark -t 1`.
    const MINERD: &str = "cpuminer 2.5.1
 built on Nov 24 2026
 features: x86_64 PHE SSE2 AVX AVX2 XOP
libcurl/7.88.1 OpenSSL/3.0.22 zlib/1.2.13
libjansson 2.14
[2026-11-24 10:44:37] 1 miner threads started, using 'sha256d' algorithm.
[2026-11-24 10:44:37] thread 0: 2097152 hashes, 7532 khash/s
[2026-11-24 10:44:37] Total: 7532 khash/s
[2026-11-24 10:44:42] thread 0: 37657744 hashes, 7245 khash/s
[2026-11-24 10:44:42] Total: 7245 khash/s
";

    fn rates(miner: Miner, printed: &str) -> Vec<f64> {
        let lines = printed.lines();
        lines.filter_map(|line| rate(miner, line)).collect()
    }

    #[test]
    fn the_rates_of_intervals_are_read() {
        assert_eq!(
            rates(Miner::CpuminerOpt, CPUMINER),
            [842_110.0, 18_630_000.0, 18_240_000.0]
        );
        assert_eq!(rates(Miner::Minerd, MINERD), [7_532_000.0, 7_245_000.0]);
        assert!(rates(Miner::Minerd, CPUMINER).is_empty());
        assert!(rates(Miner::CpuminerOpt, MINERD).is_empty());
    }

    #[test]
    fn versions_and_instruction_sets_are_read() {
        assert_eq!(
            about(Miner::CpuminerOpt, CPUMINER).unwrap(),
            "cpuminer-opt 26.1, built with AVX2 AES SHA256"
        );
        assert_eq!(
            about(Miner::Minerd, MINERD).unwrap(),
            "cpuminer 2.5.1, built with x86_64 PHE SSE2 AVX AVX2 XOP"
        );
        assert_eq!(about(Miner::Minerd, "something else"), None);
    }

    #[test]
    fn what_is_no_rate_is_passed_over() {
        for line in [
            "",
            "[x] thread 0: 1 hashes, 0 khash/s",
            "[x] thread 0: 1 hashes, nan khash/s",
            "[x] thread 0: 1 hashes, 5 apples",
            "[x] thread 1: 1 hashes, 5 khash/s",
            "\u{1b}[",
        ] {
            assert_eq!(rate(Miner::Minerd, line), None, "{line}");
        }
    }

    #[test]
    fn a_window_gives_rate_and_cycles() {
        let (name, sample) = window("avx2\t229376\t20000000\t3000000000").unwrap();
        assert_eq!(name, "avx2");
        assert!((sample.rate_h_per_s - 11_468_800.0).abs() < 1.0);
        assert!((sample.cycles.unwrap() - 261.579).abs() < 0.001);
        assert_eq!(window("portable\t5\t1000\t-").unwrap().1.cycles, None);
        for bad in ["", "a\t1\t2", "a\tx\t2\t-", "a\t1\t0\t-", "a\t1\t2\t?"] {
            assert!(window(bad).is_none(), "{bad:?}");
        }
    }
}
