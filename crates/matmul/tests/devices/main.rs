//! Products by the libraries of GPU vendors, with a stand-in for driver and library: order
//! of calls, layouts and formats, and every fault by its reason.
#![cfg(target_os = "linux")]

#[path = "../../../vendor/tests/fixtures/machine.rs"]
mod machine;

mod calls;

use machine::{Build, Machine};
use perwatt_matmul::operands::{in_order, transposed};
use perwatt_matmul::{InputFormat, IntegerProblem, Problem, Shape, freivalds, reference};
use perwatt_vendor::lt::{Card, Device, Fault, Format, Operands, Plan, Road, Vendor};

/// None is square, and no two sides are equal.
const SHAPES: [Shape; 4] = [
    shape(48, 80, 112),
    shape(80, 16, 48),
    shape(16, 112, 32),
    shape(32, 64, 208),
];

const fn shape(m: usize, n: usize, k: usize) -> Shape {
    Shape { m, n, k }
}

fn vendor(build: Build) -> Vendor {
    match build {
        Build::Amd => Vendor::Amd,
        Build::Nvidia | Build::Old => Vendor::Nvidia,
    }
}

/// The road of a machine whose driver and library are the stand-in.
fn road(build: Build, machine: &Machine) -> Result<Road, String> {
    let file = || Some(machine.library.clone().into_os_string());
    Road::open_from(vendor(build), [file(), file()]).map_err(|error| error.to_string())
}

fn input(format: Format, device: &Device<'_>) -> InputFormat {
    match format {
        Format::Bf16 => InputFormat::Bf16,
        Format::F16 => InputFormat::F16,
        Format::Tf32 => InputFormat::Tf32,
        Format::Fp8 { .. } if device.has_fnuz() => InputFormat::E4m3Fnuz,
        Format::Fp8 { .. } | Format::I8 => InputFormat::E4m3,
    }
}

/// A product of real numbers and its inputs, with two copies of the operands.
fn real<'d>(
    device: &'d Device<'d>,
    format: Format,
    shape: Shape,
) -> Result<(Plan<'d>, Problem), Fault> {
    let input = input(format, device);
    let problem = Problem::generate(shape, 5).unwrap().rounded(input);
    let write = |value: f32, to: &mut [u8]| input.write(value, to);
    let (a, b) = (
        in_order(&problem.a, input.bytes(), write),
        transposed(&problem.b, shape.n, input.bytes(), write),
    );
    plan(device, format, shape, &a, &b).map(|plan| (plan, problem))
}

fn integers<'d>(device: &'d Device<'d>, shape: Shape) -> Result<(Plan<'d>, IntegerProblem), Fault> {
    let problem = IntegerProblem::of_integers(shape, 5).unwrap();
    let write = |value: i8, to: &mut [u8]| to[0] = value as u8;
    let (a, b) = (
        in_order(&problem.a, 1, write),
        transposed(&problem.b, shape.n, 1, write),
    );
    plan(device, Format::I8, shape, &a, &b).map(|plan| (plan, problem))
}

fn plan<'d>(
    device: &'d Device<'d>,
    format: Format,
    Shape { m, n, k }: Shape,
    a: &[u8],
    b: &[u8],
) -> Result<Plan<'d>, Fault> {
    let operands = Operands { a, b, copies: 2 };
    Plan::new(device, format, [m, n, k], operands)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let words = bytes.as_chunks::<4>().0.iter();
    words.map(|word| f32::from_le_bytes(*word)).collect()
}

const REAL: [Format; 5] = [
    Format::Bf16,
    Format::F16,
    Format::Tf32,
    Format::Fp8 { fast: true },
    Format::Fp8 { fast: false },
];

#[test]
fn every_format_agrees_with_the_reference_element_by_element() {
    for build in [Build::Nvidia, Build::Amd] {
        let machine = Machine::new(build, "");
        let road = road(build, &machine).unwrap();
        let device = road.device(0).unwrap();
        assert_eq!(device.has_fnuz(), matches!(build, Build::Amd));
        for shape in SHAPES {
            for format in REAL {
                let (mut plan, problem) = real(&device, format, shape).unwrap();
                // Each algorithm, with either copy of the operands.
                for index in 0..plan.algorithms().len() {
                    plan.choose(index).unwrap();
                    plan.fill(f32::NAN.to_bits()).unwrap();
                    plan.enqueue().unwrap();
                    let d = floats(&plan.result().unwrap());
                    let ratio = reference::max_ratio(&problem, &d);
                    assert!(ratio <= 1.0, "{format} {shape}: {ratio}");
                }
            }
            let (plan, problem) = integers(&device, shape).unwrap();
            plan.enqueue().unwrap();
            let d = plan.result().unwrap();
            let words = d.as_chunks::<4>().0.iter();
            let d: Vec<i64> = words.map(|word| i32::from_le_bytes(*word).into()).collect();
            assert_eq!(d, reference::integer_product(&problem), "{shape}");
        }
    }
}

#[test]
fn a_card_of_ocp_floats_by_amd_gets_those() {
    let machine = Machine::new(Build::Amd, "minor 5\n");
    let road = road(Build::Amd, &machine).unwrap();
    let device = road.device(0).unwrap();
    assert!(!device.has_fnuz());
    let (plan, problem) = real(&device, REAL[3], SHAPES[0]).unwrap();
    plan.enqueue().unwrap();
    let d = floats(&plan.result().unwrap());
    assert!(reference::max_ratio(&problem, &d) <= 1.0);
}

#[test]
fn elements_are_read_and_changed_where_they_are() {
    let machine = Machine::new(Build::Nvidia, "");
    let road = road(Build::Nvidia, &machine).unwrap();
    let device = road.device(0).unwrap();
    let (plan, mut problem) = real(&device, Format::Bf16, SHAPES[0]).unwrap();
    let at = 3 * problem.shape.k + 7;
    problem.a[at] = -problem.a[at];
    let mut bytes = [0; 2];
    InputFormat::Bf16.write(problem.a[at], &mut bytes);
    plan.poke(at, &bytes).unwrap();
    // Both copies have the change.
    for _ in 0..2 {
        plan.fill(0).unwrap();
        plan.enqueue().unwrap();
        let d = floats(&plan.result().unwrap());
        assert!(reference::max_ratio(&problem, &d) <= 1.0);
        let element = 5 * problem.shape.n + 11;
        assert_eq!(
            f32::from_le_bytes(plan.element(element).unwrap()),
            d[element]
        );
    }
    let wrong = Operands {
        a: &[0; 10],
        b: &[],
        copies: 1,
    };
    let short = Plan::new(&device, Format::Bf16, [4, 4, 4], wrong)
        .err()
        .unwrap();
    assert_eq!(
        short.to_string(),
        "A has 10 bytes where bf16 4x4x4 needs 32"
    );
}

#[test]
fn cards_and_libraries_are_described() {
    let settings = "card NVIDIA H100 80GB HBM3 MIG 1g.10gb\npci 0000:1B:00.0\nl2 52428800\n";
    let machine = Machine::new(Build::Nvidia, settings);
    let road = road(Build::Nvidia, &machine).unwrap();
    let wanted = Card {
        index: 0,
        name: "NVIDIA H100 80GB HBM3 MIG 1g.10gb".into(),
        pci_address: Some("0000:1B:00.0".into()),
        capability: [9, 0],
        memory_bytes: 1 << 30,
        l2_bytes: 52_428_800,
        ecc: Some(true),
        integrated: false,
    };
    assert_eq!(road.cards(), [wanted]);
    let path = machine.library.canonicalize().unwrap();
    let words = format!("cuBLASLt 13.0.1, {}", path.display());
    assert_eq!(
        (road.description(), road.driver_version()),
        (words, "13.0".into())
    );
    let missing = road.device(3).err().unwrap().to_string();
    assert!(missing.contains("no GPU 3"), "{missing}");

    let machine = Machine::new(Build::Amd, "");
    let road = self::road(Build::Amd, &machine).unwrap();
    assert!(road.description().starts_with("hipBLASLt 1.1.2, "));
    assert_eq!(road.driver_version(), "6.3");
}

#[test]
fn a_road_that_cannot_be_taken_says_why() {
    for (build, settings, parts) in [
        (Build::Nvidia, "fault no-device", &["finds no GPU"][..]),
        (
            Build::Nvidia,
            "driver 12040",
            &[
                "of CUDA 13 (version 13.0.1)",
                "driver is of CUDA 12",
                "update the driver",
            ],
        ),
        (
            Build::Nvidia,
            "version 100200",
            &["10.2.0", "older than 11"],
        ),
        (
            Build::Old,
            "",
            &["no function cublasLtMatmulAlgoGetHeuristic"],
        ),
        (Build::Amd, "version 301", &["0.3.1", "ROCm 6"]),
        (Build::Amd, "fault taken", &["another process"]),
    ] {
        let machine = Machine::new(build, settings);
        let error = road(build, &machine).err().unwrap();
        let names = vendor(build).variables();
        let named = names
            .iter()
            .any(|name| error.contains(&format!("{name} names")));
        assert!(named, "{error}");
        for part in parts {
            assert!(error.contains(part), "{settings}: {error}");
        }
    }
    // The library of the other vendor.
    let machine = Machine::new(Build::Amd, "");
    let error = road(Build::Nvidia, &machine).err().unwrap();
    assert!(error.contains("no function cuInit"), "{error}");
}

/// The error of one product on a machine with this fault.
fn fault(build: Build, name: &str) -> Fault {
    let machine = Machine::new(build, &format!("fault {name}"));
    let road = road(build, &machine).unwrap();
    let error = (|| {
        let device = road.device(0)?;
        let (plan, _) = real(&device, Format::Bf16, SHAPES[0])?;
        plan.enqueue()?;
        plan.result()
    })();
    error.expect_err(name)
}

#[test]
fn every_failure_has_its_class_and_its_remedy() {
    for build in [Build::Nvidia, Build::Amd] {
        let of = |name| fault(build, name);
        let library = vendor(build).library();
        assert!(matches!(
            of("no-memory"),
            Fault::OutOfMemory { free_bytes: 0, .. }
        ));
        assert!(
            of("no-memory")
                .to_string()
                .contains("end the program that holds")
        );
        assert!(matches!(of("no-heuristic"), Fault::NoAlgorithm { .. }));
        assert!(matches!(of("not-supported"), Fault::NotSupported { .. }));
        assert!(matches!(of("launch"), Fault::Call { .. }));
        assert!(
            of("late")
                .to_string()
                .contains("unspecified launch failure (719)")
        );
        for name in ["no-heuristic", "not-supported"] {
            let said = of(name).to_string();
            assert!(
                said.contains(library) && said.contains("bf16 48x80x112"),
                "{said}"
            );
        }
    }
    let taken = fault(Build::Nvidia, "taken");
    assert!(matches!(taken, Fault::Taken { .. }));
    assert!(
        taken.to_string().contains("busy or unavailable (46)"),
        "{taken}"
    );
}

/// Wrong products at a size where a row has many elements.
#[test]
fn every_wrong_product_is_refused() {
    let shape = shape(64, 48, 512);
    for build in [Build::Nvidia, Build::Amd] {
        for (name, format) in [
            ("one-wrong", Format::Bf16),
            ("zeros", Format::F16),
            ("last-block", Format::Bf16),
            ("last-block", Format::Fp8 { fast: true }),
            ("stale", Format::Bf16),
            ("short", Format::Tf32),
            ("layout", Format::Bf16),
        ] {
            let machine = Machine::new(build, &format!("fault {name}"));
            let road = road(build, &machine).unwrap();
            let device = road.device(0).unwrap();
            let (plan, problem) = real(&device, format, shape).unwrap();
            plan.fill(f32::NAN.to_bits()).unwrap();
            plan.enqueue().unwrap();
            let d = floats(&plan.result().unwrap());
            let wrong = freivalds::check(&problem, &d, 10, 3).is_err();
            assert!(wrong, "{name} {format}");
            machine.set("");
            plan.enqueue().unwrap();
            let d = floats(&plan.result().unwrap());
            freivalds::check(&problem, &d, 10, 3).unwrap();
        }
        for name in ["one-wrong", "saturates", "stale", "last-block", "layout"] {
            // Pairs that leave 16 bits are rare: three in a million.
            let shape = Shape {
                m: 512,
                n: 512,
                k: 512,
            };
            let machine = Machine::new(build, &format!("fault {name}"));
            let road = road(build, &machine).unwrap();
            let device = road.device(0).unwrap();
            let (plan, problem) = integers(&device, shape).unwrap();
            plan.fill(i32::MIN as u32).unwrap();
            plan.enqueue().unwrap();
            let d = plan.result().unwrap();
            let words = d.as_chunks::<4>().0.iter();
            let d: Vec<i32> = words.map(|word| i32::from_le_bytes(*word)).collect();
            let wrong = freivalds::check_integers(&problem, &d, 2, 3).is_err();
            assert!(wrong, "{name}");
        }
    }
}

/// A library that is linked to another driver than the one in use.
#[test]
fn handles_of_one_driver_are_not_given_to_another() {
    let [one, other] = [(); 2].map(|()| Machine::new(Build::Amd, ""));
    let files = [&one, &other].map(|of| Some(of.library.clone().into_os_string()));
    let error = Road::open_from(Vendor::Amd, files)
        .err()
        .unwrap()
        .to_string();
    for part in [
        "PERWATT_HIPBLASLT",
        "another driver",
        "set PERWATT_LIBAMDHIP",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(error.contains(other.library.to_str().unwrap()), "{error}");
}
