//! Shared libraries that crash, hang, print or give wrong results.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use perwatt_record::schema::FailureKind;

use crate::processes::{self, closed_pipe, code, full};
use crate::sandbox::{Sandbox, ended, has, stderr, stdout, words};

/// A shared library built from this source; `None` without a compiler.
pub fn library(sandbox: &Sandbox, name: &str, source: &str) -> Option<PathBuf> {
    let input = sandbox.file(&format!("{name}.c"), source);
    let output = sandbox.path(&format!("{name}.so"));
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&output, &input])
        .status();
    match made {
        Ok(status) => assert!(status.success(), "{name} does not compile"),
        Err(error) => {
            println!("skipped: no C compiler ({error})");
            return None;
        }
    }
    Some(output)
}

const SGEMM: &str = "
void cblas_sgemm(int layout, int ta, int tb, int m, int n, int k, float alpha,
                 const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc) {
    BEGIN
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int l = 0; l < k; l++) sum += a[i * lda + l] * b[l * ldb + j];
            c[i * ldc + j] = sum;
        }
    END
}
";

fn multiplying(begin: &str, end: &str) -> String {
    let body = SGEMM.replace("BEGIN", begin).replace("END", end);
    format!("#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n{body}")
}

fn at_load(what: &str) -> String {
    let good = multiplying("", "");
    format!("{good}\n__attribute__((constructor)) static void begin(void) {{ {what} }}")
}

/// A command that measures a CBLAS product with this library; `extra` is appended to its
/// arguments.
fn cblas(sandbox: &Sandbox, library: &Path, extra: &[&str]) -> Command {
    let args = words(
        "run --workload matmul/f32:64x64x64 --backend cblas --device cpu --rounds 1 \
         --seconds 0.2 --threads 1",
    );
    let mut command = sandbox.command([&args[..], extra].concat());
    command.env("PERWATT_CBLAS", library);
    command
}

#[test]
fn a_library_that_crashes_hangs_or_exits_does_so_in_a_worker() {
    #[rustfmt::skip]
    let cases = [
        ("segv", at_load("*(volatile int *)8 = 1;"), "ended by signal 11 when it was loaded"),
        ("abort", at_load("abort();"), "ended by signal 6"),
        ("exit", at_load("_exit(0);"), "ended with exit code 0"),
        ("exit-7", at_load("exit(7);"), "ended with exit code 7"),
        ("loop", at_load("for (;;) pause();"), "hung for 15 s"),
        ("hang", multiplying("for (;;);", ""), "hung for 15 s"),
        ("call", multiplying("", "*(volatile int *)8 = 1;"), "ended by signal 11"),
        ("said", at_load("fprintf(stderr, \"no licence\\n\"); _exit(3);"), "no licence"),
    ];
    std::thread::scope(|scope| {
        for (name, source, part) in cases {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let Some(library) = library(&sandbox, name, &source) else {
                    return;
                };
                let errors = stderr(&ended(cblas(&sandbox, &library, &["--dry-run"])).code(2));
                has!(errors, "cblas", "PERWATT_CBLAS names", "one that works");
                has!(errors, name, part);
                assert!(sandbox.result_files().is_empty());
            });
        }
    });
}

/// A library that fails while it is loaded costs only the answers about itself.
#[test]
fn a_onednn_that_crashes_hangs_or_exits_does_so_in_a_worker() {
    let stub = include_str!("../../../matmul/src/backend/onednn/stub.c");
    let at_load = |what: &str| {
        format!(
            "#include <unistd.h>\n{stub}\n__attribute__((constructor)) static void begin(void) {{ {what} }}"
        )
    };
    std::thread::scope(|scope| {
        for (name, what, part) in [
            ("segv", "*(volatile int *)8 = 1;", "ended by signal 11"),
            ("exit", "_exit(7);", "ended with exit code 7"),
            ("loop", "for (;;) pause();", "hung for 15 s"),
        ] {
            let source = at_load(what);
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let Some(library) = library(&sandbox, name, &source) else {
                    return;
                };
                let mut command = sandbox.command(["list"]);
                command.env("PERWATT_ONEDNN", &library);
                let listed = stdout(&ended(command).code(0));
                has!(listed, "PERWATT_ONEDNN names", part, "  embedded");
            });
        }
    });
}

#[test]
fn products_by_onednn_are_measured_and_a_wrong_one_is_found_out() {
    let stub = include_str!("../../../matmul/src/backend/onednn/stub.c");
    let wrong = stub.replace("= sum;", "= sum + (m == 64 && i == 3);");
    assert_ne!(stub, wrong);
    for (source, status) in [(stub, 0), (wrong.as_str(), 4)] {
        let sandbox = Sandbox::new();
        let Some(library) = library(&sandbox, "stub", source) else {
            return;
        };
        let args = words(
            "run --workload matmul/f32:64x48x80 --backend onednn --device cpu --rounds 1 \
             --seconds 0.2 --threads 1",
        );
        let mut command = sandbox.command(args);
        command.env("PERWATT_ONEDNN", &library);
        ended(command).code(status);
        let record = processes::read(&sandbox.result_files()[0]);
        let detail = record.plan.entries[0].backend_detail.as_deref().unwrap();
        has!(
            detail,
            "oneDNN 3.1.2",
            "stub.so",
            "0x7 (AVX2)",
            "B packed once",
            "brg_matmul:stub"
        );
    }
}

/// Ctrl-C is handled while a library hangs.
#[test]
fn a_library_that_hangs_is_not_waited_for_after_an_interrupt() {
    let sandbox = Sandbox::new();
    let Some(library) = library(&sandbox, "loop", &at_load("for (;;) pause();")) else {
        return;
    };
    let mut command = sandbox.command(["run", "--workload", "matmul", "--device", "cpu"]);
    command.env("PERWATT_CBLAS", library);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    processes::wait_for("the worker", || {
        let mut children = processes::children(child.id()).into_iter();
        children.find(|pid| processes::is_worker(*pid))
    });
    let began = std::time::Instant::now();
    processes::signal(child.id(), rustix::process::Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(began.elapsed().as_secs() < 10, "it was waited for");
    assert!(sandbox.result_files().is_empty());
}

#[test]
fn a_broken_library_costs_its_own_rows_alone() {
    let sandbox = Sandbox::new();
    let Some(library) = library(&sandbox, "exit", &at_load("_exit(0);")) else {
        return;
    };
    let mut command = sandbox.command(["list"]);
    command.env("PERWATT_CBLAS", &library);
    let listed = stdout(&ended(command).code(0));
    has!(listed, "ended with exit code 0", "  embedded ");
}

/// The output of a library is not taken for a message of its worker, and a product that
/// becomes wrong only later is detected.
#[test]
fn a_library_that_talks_is_heard_and_one_that_errs_is_found_out() {
    let sandbox = Sandbox::new();
    let talks = "printf(\"{\\\"say\\\":\\\"ready\\\"}\\n\"); fflush(stdout);";
    let Some(library) = library(&sandbox, "talks", &multiplying(talks, "")) else {
        return;
    };
    ended(cblas(&sandbox, &library, &[])).code(0);

    let sandbox = Sandbox::new();
    let errs = multiplying("", "if (m == 64) c[0] += 100;");
    let library = self::library(&sandbox, "errs", &errs).unwrap();
    for out in [closed_pipe(), full().into(), Stdio::null()] {
        let mut command = cblas(&sandbox, &library, &[]);
        command.stdout(out);
        assert_eq!(code(command.stderr(Stdio::null())), Some(4));
    }
    let record = processes::read(&sandbox.result_files()[0]);
    processes::failed(&record, FailureKind::Unverified);
}
