//! Compares the backends on the named shapes, interleaved (A B C A B C …), so that the
//! machine's drift affects all of them equally. The choices of the `embedded` backend are
//! based on this measurement.
//!
//! `cargo run --release -p perwatt-matmul --example interleave -- [THREADS] [ROUNDS] [SHAPE…]`
//!
//! Prints for each shape the median rate of each backend in GFLOP/s and its median
//! ratio to the first backend within the same round.

use std::error::Error;
use std::time::Instant;

use perwatt_matmul::{Backend, Multiply, Problem, freivalds, shapes};

/// Time that one backend runs in one round.
const SLICE_S: f64 = 0.15;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: usize| {
        arguments
            .get(index)
            .map_or(Ok(default), |text| text.parse())
    };
    let threads = number(0, std::thread::available_parallelism()?.get())?;
    let rounds = number(1, 9)?.max(1);
    let mut backends: Vec<Box<dyn Multiply>> = Vec::new();
    for status in Backend::list().into_iter().rev() {
        match status.reason {
            None => backends.push(Backend::open(status.name, threads, None)?),
            Some(reason) => println!("{}: {reason}", status.name),
        }
    }
    for backend in &backends {
        println!("{:?}", backend.describe());
    }
    let shapes = match arguments.get(2..) {
        Some(texts @ [_, ..]) => texts
            .iter()
            .map(|text| shapes::find(text))
            .collect::<Result<_, _>>()?,
        _ => shapes::all(),
    };
    for named in shapes {
        let problem = Problem::generate(named.shape, 1)?;
        let mut c = vec![0.0; named.shape.c_len()];
        for backend in &mut backends {
            backend.prepare(&problem)?;
        }
        let mut rates = vec![Vec::new(); backends.len()];
        let mut worst = 0.0f64;
        for round in 0..=rounds {
            for (backend, rates) in backends.iter_mut().zip(&mut rates) {
                if round == 0 {
                    // Warm-up and check.
                    c.fill(f32::NAN);
                    backend.multiply(&problem, &mut c);
                    worst = worst.max(freivalds::check(&problem, &c, 4, 2)?.max_ratio);
                    continue;
                }
                let start = Instant::now();
                let mut products = 0.0;
                while start.elapsed().as_secs_f64() < SLICE_S {
                    backend.multiply(&problem, &mut c);
                    products += 1.0;
                }
                let flop = products * named.shape.flop() as f64;
                rates.push(flop / start.elapsed().as_secs_f64() / 1e9);
            }
        }
        print!("{:<32}", named.name);
        for (backend, own) in backends.iter().zip(&rates) {
            let ratios = own.iter().zip(&rates[0]).map(|(own, first)| own / first);
            print!(
                " {} {:.1} ({:.2})",
                backend.describe().name,
                median(own.clone()),
                median(ratios.collect())
            );
        }
        println!(
            "  check {worst:.3}; trial {:?}",
            Backend::trials(named.shape)
        );
    }
    Ok(())
}

/// The middle value, or the mean of the middle two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (values[(n - 1) / 2] + values[n / 2]) / 2.0
}
