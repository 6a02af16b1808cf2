//! The AI figure of each device: the fastest product by arithmetic that reaches its units.

mod sessions;

use perwatt_gap::energy::{AiFigures, Answer, EnergyGap};
use perwatt_record::fixture::{Made, MadeEntry, card, counter, product};
use perwatt_record::work::Matmul;

use sessions::{made, near, of, plain};

/// A session on a card with these entries, at 100 W of its board.
fn on_card(model: &str, entries: Vec<MadeEntry>) -> Made {
    let mut made = made(1, entries);
    made.gpus = vec![card("gpu:0", model)];
    made.meter = Some(counter("nvml", Some(0.05)));
    made
}

fn entry(work: Matmul, device: &str, backend: &str, rate: f64) -> MadeEntry {
    of(product(work, device, backend), rate, 100.0)
}

fn only(found: &EnergyGap) -> &AiFigures {
    match &found.ai[..] {
        [one] => one,
        other => panic!("{other:?}"),
    }
}

fn absent(found: &EnergyGap) -> &str {
    match &only(found).rows {
        Answer::Not(why) => why,
        Answer::Is(rows) => panic!("{rows:?}"),
    }
}

#[test]
fn shaders_on_a_hopper_card_are_never_its_figure() {
    let coop = entry(Matmul::F16F32, "gpu:0", "wgsl-coop", 60e12);
    let found = plain(&[on_card("NVIDIA H200", vec![coop.clone()])]);
    let why = absent(&found);
    assert!(why.starts_with("not measured: reached by shaders"), "{why}");
    assert!(why.contains("fix: pip install nvidia-cublas"), "{why}");
    // Nor is it set against accelerators.
    assert!(found.arithmetic[0].against.is_empty());

    let library = entry(Matmul::Bf16, "gpu:0", "cublaslt", 750e12);
    let found = plain(&[on_card("NVIDIA H200", vec![coop.clone(), library])]);
    let Answer::Is(rows) = &only(&found).rows else {
        panic!("{:?}", found.ai)
    };
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&*rows[0].backend, rows[0].per_j.is_some()),
        ("cublaslt", true)
    );
    near(rows[0].rate_per_s, 750e12);

    // Shaders reach the units of an Ampere card.
    let found = plain(&[on_card("NVIDIA A100-SXM4-80GB", vec![coop])]);
    assert!(only(&found).rows.known().is_some());
    assert!(!found.arithmetic[0].against.is_empty());
}

#[test]
fn single_precision_alone_is_no_ai_figure_and_keeps_its_comparison() {
    let found = plain(&[made(1, vec![entry(Matmul::F32, "cpu", "cblas", 1e12)])]);
    let why = absent(&found);
    assert!(
        why.contains("f32 is not the format that models are run in"),
        "{why}"
    );
    assert!(why.contains("no bf16 arithmetic"), "{why}");
    assert!(!found.arithmetic[0].against.is_empty());
    let bf16 = entry(Matmul::Bf16, "cpu", "onednn", 2e12);
    let f32_row = entry(Matmul::F32, "cpu", "cblas", 1e12);
    let found = plain(&[made(1, vec![f32_row, bf16])]);
    assert_eq!(only(&found).rows.known().unwrap()[0].backend, "onednn");
}

/// Tokens per joule of an entry whose step is a pass of a model; its watts are 100.
fn tokens_per_j(tokens: &str) -> Option<f64> {
    let mut one = entry(Matmul::Bf16, "gpu:0", "cublaslt", 750e12);
    let params = &mut one.entry.workload.params;
    params.insert("tokens_per_step".into(), tokens.into());
    one.entry.work_per_step = 1 << 40;
    let found = plain(&[on_card("NVIDIA H200", vec![one])]);
    let [energy] = &found.arithmetic[0].energy[..] else {
        panic!("{:?}", found.arithmetic)
    };
    let tokens = energy.tokens_per_j.as_ref()?;
    // The scale error of the meter widens both alike.
    let [low, high] = tokens.figure.interval.expect("an interval");
    assert!(low < tokens.figure.value && tokens.figure.value < high);
    Some(tokens.figure.value)
}

#[test]
fn a_models_pass_has_tokens_per_joule() {
    let passes_per_j = 750e12 / (1_u64 << 40) as f64 / 100.0;
    near(tokens_per_j("512").unwrap(), 512.0 * passes_per_j);
    for nonsense in ["0", "-512", "NaN", "1e308", ""] {
        assert_eq!(tokens_per_j(nonsense), None, "{nonsense:?}");
    }
    let plain = plain(&[on_card(
        "NVIDIA H200",
        vec![entry(Matmul::Bf16, "gpu:0", "cublaslt", 750e12)],
    )]);
    let found = &plain.arithmetic[0].energy[0];
    assert!(found.tokens_per_j.is_none(), "a product of no model");
}
