//! The roads to GPUs by the libraries of their vendors. A library is loaded in workers only,
//! each in a process of its own.

use std::time::Duration;

use perwatt_record::schema::{Gpu, GpuKind};
use perwatt_vendor::lt::{Card, Fault, Road, Vendor};

use super::facts::{GpuFacts, GpuRoad, MachineFacts};
use super::library::load;
use crate::worker::{FromWorker, Road as Answer, RunError, ToWorker, WorkerCommand};

/// Longest time for a driver to start and a library to load: with eight cards that no
/// process holds open, drivers take many seconds.
const TRY_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest memory of a card that is no mistake of its driver, and a number that records
/// can hold.
const MOST_BYTES: u64 = 1 << 50;

/// A vendor's road.
pub(super) struct Maker {
    vendor: Vendor,
    backend: &'static str,
    /// The interface of cards that only this road reaches.
    interface: &'static str,
    /// PCI vendor id.
    vendor_id: u32,
}

/// All roads.
pub(super) static ROADS: [Maker; 2] = [
    Maker {
        vendor: Vendor::Nvidia,
        backend: "cublaslt",
        interface: "cuda",
        vendor_id: 0x10de,
    },
    Maker {
        vendor: Vendor::Amd,
        backend: "hipblaslt",
        interface: "hip",
        vendor_id: 0x1002,
    },
];

fn maker(backend: &str) -> Option<&'static Maker> {
    ROADS.iter().find(|maker| maker.backend == backend)
}

/// True for the backend of a GPU vendor's library.
pub fn is_road(backend: &str) -> bool {
    maker(backend).is_some()
}

/// The constant with the name of such a backend.
pub(crate) fn road_name(backend: &str) -> Option<&'static str> {
    maker(backend).map(|maker| maker.backend)
}

/// The worker's side: loads a library and lists its cards.
pub(crate) fn try_road(backend: &str) -> Answer {
    let Some(maker) = maker(backend) else {
        return Answer::unavailable(backend, "this build does not have it");
    };
    match Road::open(maker.vendor) {
        Ok(road) => Answer {
            backend: backend.into(),
            detail: detail(&road),
            driver: road.driver_version(),
            unavailable: None,
            cards: road.cards().to_vec(),
        },
        Err(error) => Answer::unavailable(backend, error),
    }
}

/// Name, version and file of a library, and the version of its driver.
fn detail(road: &Road) -> String {
    let driver = match road.vendor() {
        Vendor::Nvidia => "CUDA driver",
        Vendor::Amd => "HIP",
    };
    format!("{}, {driver} {}", road.description(), road.driver_version())
}

/// The worker's side: the road to the GPU of an entry and the number of its card, unless the
/// library is another one than `planned`.
pub(crate) fn open_road(
    gpu: &Gpu,
    backend: &str,
    planned: Option<&str>,
) -> Result<(Road, u32), RunError> {
    let Some(maker) = maker(backend) else {
        return Err(RunError::Refused(format!("no backend {backend:?}")));
    };
    let road = Road::open(maker.vendor).map_err(RunError::refused)?;
    let found = detail(&road);
    if let Some(planned) = planned.filter(|planned| !planned.starts_with(&found)) {
        return Err(RunError::Refused(format!(
            "the library has changed since the session was planned: {found} instead of {planned}; start a new session"
        )));
    }
    let index = card_of(gpu, road.cards()).ok_or_else(|| {
        RunError::Refused(match gpu.pci_address {
            Some(_) => format!(
                "{} ({}) is no longer among the cards of the driver; see perwatt list",
                gpu.name, gpu.model
            ),
            None => format!(
                "the driver states no PCI address of {}, and not exactly one such card has the name {:?}; show it that card alone (CUDA_VISIBLE_DEVICES or HIP_VISIBLE_DEVICES)",
                gpu.name, gpu.model
            ),
        })
    })?;
    Ok((road, index))
}

/// The number of the card that a GPU is: the one at its place on the PCI bus, or the only one
/// at no known place with its name.
fn card_of(gpu: &Gpu, cards: &[Card]) -> Option<u32> {
    if let Some(card) = cards.iter().find(|card| is_card(gpu, card)) {
        return Some(card.index);
    }
    let unplaced = |card: &&Card| card.pci_address.as_deref().and_then(place).is_none();
    let unplaced = cards.iter().filter(unplaced);
    let mut named = unplaced.filter(|card| card.name == gpu.model);
    let first = named.next().filter(|_| gpu.pci_address.is_none())?;
    named.next().is_none().then_some(first.index)
}

/// The coordinator's side: has a worker load a library.
pub(super) fn ask_road(command: &WorkerCommand, maker: &Maker) -> Answer {
    let backend = maker.backend.into();
    let error = match load(command, &ToWorker::Road { backend }, TRY_TIMEOUT) {
        Ok(FromWorker::Road(found)) => return found,
        Ok(other) => format!("answered {other:?}"),
        Err(error) => error,
    };
    let [driver, library] = maker.vendor.variables();
    let reason = format!(
        "{} or its driver was found, and its process {error} when they were loaded; set {library} and {driver} to the paths of ones that work",
        maker.vendor.library()
    );
    Answer::unavailable(maker.backend, reason)
}

/// Joins the cards of the roads with the GPUs by their places on the PCI bus; cards that are
/// at none become GPUs of their own, numbered after the others.
pub(super) fn join(facts: &mut MachineFacts) {
    for answer in &facts.roads {
        let Some(maker) = maker(&answer.backend) else {
            continue;
        };
        let road = |card| GpuRoad {
            backend: maker.backend,
            interface: maker.interface,
            detail: answer.detail.clone(),
            card,
        };
        let hardware = |found: &&mut GpuFacts| {
            found.gpu.vendor_id == maker.vendor_id && found.gpu.kind != GpuKind::Software
        };
        for found in facts.gpus.iter_mut().filter(hardware) {
            let card = answer.cards.iter().find(|card| is_card(&found.gpu, card));
            let hidden = || match &answer.unavailable {
                Some(reason) => reason.clone(),
                None => format!(
                    "its driver does not show the card at {}; CUDA_VISIBLE_DEVICES or HIP_VISIBLE_DEVICES may hide it",
                    found
                        .gpu
                        .pci_address
                        .as_deref()
                        .unwrap_or("an unknown address")
                ),
            };
            found.road = Some(road(card.cloned().ok_or_else(hidden)));
        }
        for card in &answer.cards {
            if facts.gpus.iter().any(|found| is_card(&found.gpu, card)) {
                continue;
            }
            let name = format!("gpu:{}", facts.gpus.len());
            facts.gpus.push(GpuFacts {
                road: Some(road(Ok(card.clone()))),
                ..GpuFacts::new(describe(name, card, maker, &answer.driver))
            });
        }
    }
}

/// A card as a GPU of its own.
fn describe(name: String, card: &Card, maker: &Maker, driver: &str) -> Gpu {
    // As meters write it.
    let address = card.pci_address.as_deref().and_then(place);
    let address = address.map(|[domain, bus, device, function]| {
        format!("{domain:04x}:{bus:02x}:{device:02x}.{function:x}")
    });
    let id = address.as_ref().and_then(|address| {
        let file = format!("/sys/bus/pci/devices/{address}/device");
        let text = fs_err::read_to_string(file).ok()?;
        u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()
    });
    Gpu {
        name,
        model: card.name.clone(),
        kind: match card.integrated {
            true => GpuKind::Integrated,
            false => GpuKind::Discrete,
        },
        interface: maker.interface.into(),
        driver: maker.interface.to_uppercase(),
        driver_info: driver.into(),
        vendor_id: maker.vendor_id,
        device_id: id.unwrap_or(0),
        pci_address: address,
        features: Vec::new(),
        limits: [
            ("memory_bytes", card.memory_bytes),
            ("l2_bytes", card.l2_bytes),
        ]
        .into_iter()
        .filter(|(_, bytes)| *bytes <= MOST_BYTES)
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect(),
    }
}

/// True if a card is at the same place as this GPU. Names do not tell equal cards apart.
fn is_card(gpu: &Gpu, card: &Card) -> bool {
    let at = |address: &Option<String>| address.as_deref().and_then(place);
    at(&gpu.pci_address).is_some_and(|at_gpu| at(&card.pci_address) == Some(at_gpu))
}

/// Domain, bus, device and function of a PCI address, which drivers write in several ways.
fn place(address: &str) -> Option<[u32; 4]> {
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let (rest, function) = address.trim().split_once('.').unwrap_or((address, "0"));
    let mut parts = rest.trim().rsplit(':');
    let (device, bus) = (number(parts.next()?)?, number(parts.next()?)?);
    let domain = parts.next().map_or(Some(0), number)?;
    Some([domain, bus, device, number(function)?])
}

impl From<Fault> for RunError {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        match fault {
            Fault::OutOfMemory { .. } | Fault::Taken { .. } => Self::OutOfMemory(message),
            Fault::Call { .. } => Self::DeviceLost(message),
            _ => Self::Refused(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::test_gpu;

    fn card(index: u32, address: &str) -> Card {
        Card {
            index,
            name: format!("card {index}"),
            pci_address: Some(address.into()),
            capability: [9, 0],
            memory_bytes: 1 << 36,
            l2_bytes: 1 << 25,
            ecc: Some(true),
            integrated: false,
        }
    }

    fn facts(cards: Vec<Card>) -> MachineFacts {
        let mut gpus = vec![test_gpu("gpu:0"), test_gpu("gpu:1"), test_gpu("gpu:2")];
        gpus[0].pci_address = Some("0000:0B:00.0".into());
        gpus[1].pci_address = Some("0000:c1:00.0".into());
        gpus[2].vendor_id = 0x8086;
        let mut facts = MachineFacts {
            gpus: gpus.into_iter().map(GpuFacts::new).collect(),
            roads: vec![Answer {
                cards,
                unavailable: None,
                ..Answer::unavailable("cublaslt", "")
            }],
            ..MachineFacts::default()
        };
        join(&mut facts);
        facts
    }

    #[test]
    fn a_card_is_one_device_by_whichever_driver_it_is_seen() {
        let facts = facts(vec![card(0, "00000000:0b:00.0"), card(1, "0000:d1:00.0")]);
        let road = |index: usize| facts.gpus[index].road.as_ref();
        let index = |at| road(at).unwrap().card.as_ref().map(|card| card.index);
        assert_eq!(facts.gpus.len(), 4);
        assert_eq!(index(0), Ok(0));
        assert!(index(1).unwrap_err().contains("0000:c1:00.0"));
        assert_eq!(road(2), None);
        let last = &facts.gpus[3];
        assert_eq!(last.gpu.name, "gpu:3");
        assert_eq!((index(3), last.gpu.interface.as_str()), (Ok(1), "cuda"));
        assert!(last.lacks_shaders().is_some() && facts.gpus[0].lacks_shaders().is_none());
    }

    #[test]
    fn cards_at_no_known_place_are_found_by_a_name_that_only_one_has() {
        let card = |index, name: &str, address: Option<&str>| Card {
            name: name.into(),
            pci_address: address.map(Into::into),
            ..card(index, "")
        };
        let mut gpu = test_gpu("gpu:0");
        (gpu.model, gpu.pci_address) = ("B".into(), None);
        let one = [card(0, "A", None), card(1, "B", Some("zz"))];
        assert_eq!(card_of(&gpu, &one), Some(1));
        let two = [card(0, "B", None), card(1, "B", None)];
        assert_eq!(card_of(&gpu, &two), None);
        assert_eq!(card_of(&gpu, &[card(0, "B", Some("0000:0b:00.0"))]), None);
        gpu.pci_address = Some("0000:c1:00.0".into());
        assert_eq!(card_of(&gpu, &one), None);
    }

    #[test]
    fn a_size_that_no_card_has_is_not_recorded() {
        let mut card = card(0, "0000:0b:00.0");
        card.memory_bytes = u64::MAX;
        let gpu = describe("gpu:0".into(), &card, &ROADS[0], "13.0");
        assert_eq!(gpu.limits.keys().collect::<Vec<_>>(), ["l2_bytes"]);
    }

    #[test]
    fn addresses_are_equal_in_every_spelling() {
        assert_eq!(place("0000:0B:00.0"), place("00000000:0b:00.0"));
        assert_eq!(place("0b:00.0"), place("0000:0b:00"));
        assert_ne!(place("0001:0b:00.0"), place("0000:0b:00.0"));
        assert_eq!(place("somewhere"), None);
    }
}
