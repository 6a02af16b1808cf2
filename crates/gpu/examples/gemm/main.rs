//! Times every tile of an element on every adapter, by turns, and for f32 the kernels of
//! WGSL tutorials and web frameworks:
//!
//! ```text
//! cargo run --release -p perwatt-gpu --example gemm -- [ELEMENT [MxNxK [TURNS]]]
//! ```
//!
//! Prints the median GFLOP/s of each and its ratio to the best textbook kernel, or to the
//! best tile where there is none.

mod textbook;

use std::time::Duration;

use perwatt_gpu::adapter::{Adapter, adapters};
use perwatt_gpu::device::Device;
use perwatt_gpu::matmul::{Element, Inputs, Product, variants};
use perwatt_gpu::{GpuError, run};
use perwatt_matmul::{Problem, Shape};

const LIMIT: Duration = Duration::from_secs(120);

type Error = Box<dyn std::error::Error>;

/// One kernel: its name and a function that times one product, in seconds.
struct Contestant<'a> {
    name: String,
    textbook: bool,
    turn: Box<dyn Fn() -> Result<f64, Error> + 'a>,
    times: Vec<f64>,
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let element = arguments.next().unwrap_or_else(|| "f32".to_owned());
    let element = Element::find(&element).ok_or_else(|| {
        let known = Element::ALL.map(Element::name).join(", ");
        format!("{element:?} is not an element: give one of {known}")
    })?;
    let shape: Shape = arguments
        .next()
        .unwrap_or_else(|| "512x512x512".to_owned())
        .parse()?;
    let turns: usize = arguments.next().unwrap_or_else(|| "5".to_owned()).parse()?;
    let found = adapters();
    if found.is_empty() {
        println!("there is no adapter; Debian's mesa-vulkan-drivers has a software one");
    }
    for adapter in &found {
        compare(adapter, element, shape, turns.max(1))?;
    }
    Ok(())
}

fn compare(adapter: &Adapter, element: Element, shape: Shape, turns: usize) -> Result<(), Error> {
    println!(
        "{} ({}), {element}, {shape}, median of {turns}",
        adapter.name, adapter.kind
    );
    let device = Device::open(adapter)?;
    if let Err(lacks) = element.available(&device) {
        println!("  skipped: {lacks}");
        return Ok(());
    }
    let inputs = Inputs::generate(element, shape, 1)?;
    let mut contestants = Vec::new();
    if let (Element::F32, Inputs::Real(problem)) = (element, &inputs) {
        contestants.extend(textbook_kernels(adapter, problem)?);
    }
    for tile in variants(&device, element) {
        match Product::new(&device, element, tile, &inputs, false) {
            Ok(product) => contestants.push(own(&device, tile.name(), product)),
            Err(GpuError::Unsupported { lacks, .. }) => println!("  skipped: {tile}: {lacks}"),
            Err(error) => return Err(error.into()),
        }
    }
    // The first turn compiles.
    for turn in 0..=turns {
        for contestant in &mut contestants {
            let time_s = (contestant.turn)()?;
            if turn > 0 {
                contestant.times.push(time_s);
            }
        }
    }
    report(&mut contestants, shape);
    Ok(())
}

fn own<'a>(device: &'a Device, name: String, product: Product<'a>) -> Contestant<'a> {
    Contestant {
        name,
        textbook: false,
        turn: Box::new(move || Ok(run(device, &product, u32::MAX, LIMIT)?.as_secs_f64())),
        times: Vec::new(),
    }
}

fn textbook_kernels(
    adapter: &Adapter,
    problem: &Problem,
) -> Result<Vec<Contestant<'static>>, Error> {
    let Some(kernels) = textbook::kernels(&adapter.name, problem)? else {
        println!("  skipped: the textbook kernels take multiples of 32");
        return Ok(Vec::new());
    };
    Ok(kernels
        .into_iter()
        .map(|kernel| Contestant {
            name: format!("textbook {}", kernel.name),
            textbook: true,
            turn: Box::new(move || kernel.turn(LIMIT)),
            times: Vec::new(),
        })
        .collect())
}

fn report(contestants: &mut [Contestant<'_>], shape: Shape) {
    let mut rates: Vec<(String, bool, f64)> = contestants
        .iter_mut()
        .map(|contestant| {
            contestant.times.sort_by(f64::total_cmp);
            let median_s = contestant.times[contestant.times.len() / 2];
            let rate = shape.flop() as f64 / median_s / 1e9;
            (contestant.name.clone(), contestant.textbook, rate)
        })
        .collect();
    let best = |textbook| {
        rates
            .iter()
            .filter(|rate| rate.1 == textbook)
            .map(|rate| rate.2)
            .reduce(f64::max)
    };
    let base = best(true).or(best(false)).unwrap_or(f64::NAN);
    rates.sort_by(|one, other| other.2.total_cmp(&one.2));
    for (name, _, rate) in rates {
        println!("  {name:32} {rate:10.3} GFLOP/s {:7.2} x", rate / base);
    }
}
