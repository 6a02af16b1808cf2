//! Results of tuning, kept for later sessions on the same device with the same driver and
//! the same kernels.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use perwatt_record::schema::Gpu;

use crate::worker::Tuned;

/// The environment variable for the directory of the cache; an empty value turns it off.
const VARIABLE: &str = "PERWATT_CACHE";

/// The largest size of a file that [`Cache::put`] writes.
const LARGEST: u64 = 16 << 20;

/// A file of the user's cache directory. If it is missing or damaged, forms are timed
/// again: a cache can be deleted at any time.
pub(super) struct Cache {
    path: Option<PathBuf>,
}

type Entries = BTreeMap<String, Vec<Tuned>>;

impl Cache {
    pub(super) fn of_user() -> Self {
        let dir = match std::env::var_os(VARIABLE) {
            Some(dir) if dir.is_empty() => None,
            Some(dir) => Some(PathBuf::from(dir)),
            None => dirs::cache_dir().map(|dir| dir.join("perwatt")),
        };
        Self {
            path: dir.map(|dir| dir.join("gpu-tuning.json")),
        }
    }

    fn entries(&self) -> Entries {
        let read = |path: &PathBuf| perwatt_host::files::read(path, LARGEST).ok();
        let text = self.path.as_ref().and_then(read);
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    pub(super) fn get(&self, key: &str) -> Option<Vec<Tuned>> {
        self.entries().remove(key)
    }

    /// Adds an entry. A process that does so at the same time may undo it, which only costs
    /// another trial; no reader gets an incomplete file.
    pub(super) fn put(&self, key: String, tuned: &[Tuned]) -> std::io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let mut entries = self.entries();
        entries.insert(key, tuned.to_vec());
        let dir = path.parent().unwrap_or(path);
        fs_err::create_dir_all(dir)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(&serde_json::to_vec_pretty(&entries)?)?;
        file.persist(path)?;
        Ok(())
    }
}

/// The key under which a result is kept. It contains everything that must be equal for the
/// result to apply: device, driver and the text of every kernel that was timed.
pub(super) fn key<'k>(gpu: &Gpu, workload: &str, kernels: impl Iterator<Item = &'k str>) -> String {
    let mut text = String::new();
    for kernel in kernels {
        text.push_str(kernel);
        text.push('\0');
    }
    let kernels = hex::encode(&perwatt_record::proof::sha256d(text.as_bytes())[..8]);
    format!(
        "{workload}|{}|{:x}:{:x}|{}|{}|{}|{kernels}",
        gpu.model, gpu.vendor_id, gpu.device_id, gpu.interface, gpu.driver, gpu.driver_info
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::test_gpu;

    fn tuned() -> Vec<Tuned> {
        vec![Tuned {
            workload: "sha256d".into(),
            backend: "wgsl".into(),
            variant: "1-uniform-xor".into(),
            rate_per_s: 1e9,
            tried: 4,
            forms: 4,
        }]
    }

    #[test]
    fn what_was_found_is_found_again_and_only_for_the_same_driver_and_kernels() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache {
            path: Some(dir.path().join("new").join("gpu-tuning.json")),
        };
        let gpu = test_gpu("gpu:0");
        let known = key(&gpu, "sha256d", ["a", "b"].into_iter());
        assert_eq!(cache.get(&known), None);
        cache.put(known.clone(), &tuned()).unwrap();
        assert_eq!(cache.get(&known), Some(tuned()));

        let mut newer = gpu.clone();
        newer.driver_info.push_str(".1");
        for other in [
            key(&newer, "sha256d", ["a", "b"].into_iter()),
            key(&gpu, "sha256d", ["a", "c"].into_iter()),
            key(&gpu, "sha256d", ["ab"].into_iter()),
            key(&gpu, "matmul/f32", ["a", "b"].into_iter()),
        ] {
            assert_eq!(cache.get(&other), None);
        }
    }

    #[test]
    fn a_damaged_cache_is_no_cache() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gpu-tuning.json");
        std::fs::write(&path, "{ not json").unwrap();
        let cache = Cache { path: Some(path) };
        assert_eq!(cache.get("k"), None);
        cache.put("k".into(), &tuned()).unwrap();
        assert_eq!(cache.get("k"), Some(tuned()));
    }

    #[test]
    fn without_a_directory_nothing_is_kept() {
        let cache = Cache { path: None };
        cache.put("k".into(), &tuned()).unwrap();
        assert_eq!(cache.get("k"), None);
    }
}
