//! oneDNN found at run time.

#[cfg(all(test, target_os = "linux"))]
mod tests;

use perwatt_vendor::onednn::{OneDnn, Product};
use perwatt_vendor::search::Unavailable;

use super::{
    Backend, BackendError, Description, Library, Multiply, Origin, assert_lengths,
    multiplies_correctly,
};
use crate::element::Element;
use crate::problem::Problem;
use crate::shape::Shape;

pub(super) const BACKEND: Backend = Backend {
    name: "onednn",
    measured_unnamed: true,
    origin: Origin::Loaded(Library::OneDnn),
};

/// Opens the library for products of one format.
pub(super) fn open<T: Element>(threads: usize) -> Result<Box<dyn Multiply<T>>, BackendError> {
    let library = OneDnn::open(threads).map_err(unavailable)?;
    Ok(Box::new(Opened::<T>::new(library, threads)?))
}

fn unavailable(Unavailable { reason, fix }: Unavailable) -> BackendError {
    BackendError::Unavailable {
        name: BACKEND.name,
        reason,
        fix,
    }
}

/// The library, and the product that it is prepared for.
struct Opened<T: Element> {
    library: OneDnn,
    product: Option<(Shape, Product<T>)>,
    description: Description,
}

impl<T: Element> Opened<T> {
    fn new(library: OneDnn, threads: usize) -> Result<Self, BackendError> {
        let implementation = library.implementation::<T>().map_err(unavailable)?;
        let description = Description {
            name: BACKEND.name.to_owned(),
            library: "oneDNN".to_owned(),
            version: library.version.clone(),
            path: Some(library.path.clone()),
            config: Some(format!("{}, {implementation}", library.config)),
            threads,
            threads_known: library.threads_known,
            thread_hook: false,
            warning: library.warning.clone(),
        };
        let mut opened = Self {
            library,
            product: None,
            description,
        };
        multiplies_correctly(&mut opened, "product").map_err(|reason| {
            unavailable(Unavailable {
                reason: format!("{}: {reason}", opened.library.path.display()),
                fix: "set PERWATT_ONEDNN to the path of another oneDNN".into(),
            })
        })?;
        Ok(opened)
    }
}

impl<T: Element> Multiply<T> for Opened<T> {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn prepare(&mut self, problem: &Problem<T>) -> Result<(), BackendError> {
        let shape = problem.shape;
        let size = [shape.m, shape.n, shape.k];
        let product = self.library.product(size, &problem.b).map_err(|reason| {
            unavailable(Unavailable {
                reason,
                fix: "measure another shape".into(),
            })
        })?;
        self.product = Some((shape, product));
        Ok(())
    }

    fn multiply(&mut self, problem: &Problem<T>, c: &mut [T::Sum]) {
        assert_lengths(problem, c);
        let Some((shape, product)) = &mut self.product else {
            panic!("oneDNN was not prepared for a product of {}", problem.shape);
        };
        assert_eq!(
            *shape, problem.shape,
            "the shape that oneDNN is prepared for"
        );
        if let Err(reason) = product.multiply(&problem.a, c) {
            panic!("{reason}");
        }
    }
}
