//! Interning of texts, keys and contexts that thousands of records share.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use perwatt_host::lock;

use crate::context::Context;
use crate::key::Key;

/// Tables of shared copies, for all threads that read records.
#[derive(Debug, Default)]
pub struct Interner {
    texts: Mutex<HashSet<Arc<str>>>,
    keys: Mutex<HashSet<Arc<Key>>>,
    contexts: Mutex<HashSet<Arc<Context>>>,
}

impl Interner {
    /// The shared copy of a text.
    pub fn text(&self, text: &str) -> Arc<str> {
        let mut all = lock(&self.texts);
        if let Some(found) = all.get(text) {
            return Arc::clone(found);
        }
        let new: Arc<str> = text.into();
        all.insert(Arc::clone(&new));
        new
    }

    /// The shared copy of a key.
    pub fn key(&self, key: Key) -> Arc<Key> {
        one(&self.keys, key)
    }

    /// The shared copy of a context.
    pub fn context(&self, context: Context) -> Arc<Context> {
        one(&self.contexts, context)
    }
}

fn one<T: Eq + Hash>(all: &Mutex<HashSet<Arc<T>>>, value: T) -> Arc<T> {
    let mut all = lock(all);
    if let Some(found) = all.get(&value) {
        return Arc::clone(found);
    }
    let new = Arc::new(value);
    all.insert(Arc::clone(&new));
    new
}
