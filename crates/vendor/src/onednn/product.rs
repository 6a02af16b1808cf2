//! One product with its packed weights.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

use super::ffi::{Argument, Handle, Input, OneCall, Primitives, Scalar, Status};
use super::{OneDnn, Threads};

/// Codes of dnnl_types.h and dnnl_common_types.h.
const CPU: c_int = 1;
const DEFAULT_STREAM: u32 = 1;
const ANY: c_int = 1;
const ROW_MAJOR: c_int = 3;
const STRICT: c_int = 0;
const IMPLEMENTATION: c_int = 8;
const WEIGHTS_DESCRIPTION: c_int = 131;
const SOURCE: c_int = 1;
const DESTINATION: c_int = 17;
const WEIGHTS: c_int = 33;
/// `DNNL_MEMORY_ALLOCATE`: the library allocates the memory.
const ALLOCATE: *mut c_void = usize::MAX as *mut c_void;

/// C = A·B for one B, in the library's own layout.
pub struct Product<T: Input> {
    lengths: [usize; 2],
    threads: Threads,
    by: By<T>,
}

enum By<T: Input> {
    Primitive(Primitive),
    OneCall {
        function: OneCall<T>,
        size: [i64; 3],
        b: Vec<T>,
    },
}

// SAFETY: the handles belong to this value alone, and oneDNN binds none to a thread.
unsafe impl<T: Input> Send for Product<T> {}

impl<T: Input> Product<T> {
    pub(super) fn new(library: &OneDnn, size: [usize; 3], b: &[T]) -> Result<Self, String> {
        let [m, n, k] = size;
        assert_eq!(b.len(), k * n, "length of B for {m}x{n}x{k}");
        let dimensions = size.map(i64::try_from);
        let [Ok(m_), Ok(n_), Ok(k_)] = dimensions else {
            return Err(format!("{m}x{n}x{k} does not fit in 64 bits"));
        };
        library.threads.set();
        let by = match &library.primitives {
            Some(primitives) => By::Primitive(Primitive::new::<T>(*primitives, [m_, n_, k_], b)?),
            None => By::OneCall {
                function: T::gemm(library.library).ok_or_else(|| format!("it {NO_CALL}"))?,
                size: [m_, n_, k_],
                b: b.to_vec(),
            },
        };
        Ok(Self {
            lengths: [m * k, m * n],
            threads: library.threads,
            by,
        })
    }

    /// C = A·B.
    ///
    /// # Errors
    /// The library's refusal in words.
    ///
    /// # Panics
    /// When a length is wrong.
    pub fn multiply(&mut self, a: &[T], c: &mut [T::Sum]) -> Result<(), String> {
        assert_eq!([a.len(), c.len()], self.lengths, "lengths of A and C");
        // OpenMP keeps the number for each thread that calls.
        self.threads.set();
        match &self.by {
            By::Primitive(primitive) => primitive.execute(a.as_ptr().cast(), c.as_mut_ptr().cast()),
            By::OneCall { function, size, b } => one_call(*function, *size, a, b, c),
        }
    }
}

pub(super) const NO_CALL: &str = "has no function for one product of this format";

/// C = A·B by one call.
fn one_call<T: Input>(
    function: OneCall<T>,
    [m, n, k]: [i64; 3],
    a: &[T],
    b: &[T],
    c: &mut [T::Sum],
) -> Result<(), String> {
    let plain = b'N' as c_char;
    let (a, b, c, offset) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), 0);
    // SAFETY: the matrices are row-major and have the lengths that these dimensions give:
    // `Product` asserted them. Beta is zero. An 'F'ixed offset of C is one number.
    let status = unsafe {
        match function {
            OneCall::Float(gemm) => gemm(plain, plain, m, n, k, 1.0, a, k, b, n, 0.0, c, n),
            OneCall::Integer(gemm) => {
                let fixed = b'F' as c_char;
                gemm(
                    plain,
                    plain,
                    fixed,
                    m,
                    n,
                    k,
                    1.0,
                    a,
                    k,
                    0,
                    b,
                    n,
                    0,
                    0.0,
                    c,
                    n,
                    &raw const offset,
                )
            }
        }
    };
    done(status, "the product")
}

/// A handle that is destroyed with it.
struct Owned(Handle, unsafe extern "C" fn(Handle) -> Status);

impl Owned {
    /// The handle that `create` stores.
    fn new(
        what: &str,
        destroy: unsafe extern "C" fn(Handle) -> Status,
        create: impl FnOnce(*mut Handle) -> Status,
    ) -> Result<Self, String> {
        let mut handle = null_mut();
        done(create(&raw mut handle), what)?;
        Ok(Self(handle, destroy))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle was created with success and is destroyed once, by the
        // function of its kind.
        unsafe { (self.1)(self.0) };
    }
}

/// The primitive with its memories. Fields are dropped in order, each before those that it
/// was made from.
struct Primitive {
    multiply: Owned,
    a: Owned,
    c: Owned,
    packed: Owned,
    stream: Owned,
    _engine: Owned,
    functions: Primitives,
}

/// The name of the implementation that the library chooses for products of this size.
pub(super) fn implementation<T: Input>(
    functions: Primitives,
    size: [i64; 3],
) -> Result<String, String> {
    let engine = engine(functions)?;
    let description = Description::new::<T>(functions, &engine, size)?;
    Ok(description.implementation)
}

fn engine(f: Primitives) -> Result<Owned, String> {
    // SAFETY: the first CPU engine; the handle goes where the argument points.
    let create = |to| unsafe { (f.engine_create)(to, CPU, 0) };
    Owned::new("a CPU engine", f.engine_destroy, create)
}

/// The descriptions of a product.
struct Description {
    product: Owned,
    a: Owned,
    b: Owned,
    c: Owned,
    implementation: String,
}

impl Description {
    fn new<T: Input>(f: Primitives, engine: &Owned, size: [i64; 3]) -> Result<Self, String> {
        let [m, n, k] = size;
        let matrix = |rows, columns, code, layout| {
            let dimensions: [i64; 2] = [rows, columns];
            // SAFETY: two dimensions are read.
            Owned::new("a matrix", f.md_destroy, |to| unsafe {
                (f.md_create)(to, 2, dimensions.as_ptr(), code, layout)
            })
        };
        let sum = <T::Sum as Scalar>::CODE;
        let a = matrix(m, k, T::CODE, ROW_MAJOR)?;
        let b = matrix(k, n, T::CODE, ROW_MAJOR)?;
        let any = matrix(k, n, T::CODE, ANY)?;
        let c = matrix(m, n, sum, ROW_MAJOR)?;
        // SAFETY: as above.
        let create = |to| unsafe { (f.attr_create)(to) };
        let exact = Owned::new("attributes", f.attr_destroy, create)?;
        // An environment variable may allow f32 to be rounded to shorter formats.
        // SAFETY: attributes and a code of the headers.
        let set = unsafe { (f.attr_set_fpmath_mode)(exact.0, STRICT) };
        done(set, "exact arithmetic")?;
        let product = Owned::new("the product", f.pd_destroy, |to| {
            // SAFETY: handles of these kinds, and no bias.
            unsafe { (f.matmul)(to, engine.0, a.0, any.0, null_mut(), c.0, exact.0) }
        })?;
        let mut name: *const c_char = std::ptr::null();
        // SAFETY: this query stores a string that lives as long as the description.
        let implementation = unsafe {
            let to = (&raw mut name).cast();
            done((f.pd_query)(product.0, IMPLEMENTATION, 0, to), "its name")?;
            match name.is_null() {
                true => String::new(),
                false => CStr::from_ptr(name).to_string_lossy().into_owned(),
            }
        };
        if implementation.is_empty() || implementation.starts_with("ref") {
            return Err(format!(
                "it has only its reference implementation ({implementation:?}) for {m}x{n}x{k}, whose rate is not this CPU's"
            ));
        }
        Ok(Self {
            product,
            a,
            b,
            c,
            implementation,
        })
    }
}

impl Primitive {
    fn new<T: Input>(f: Primitives, size: [i64; 3], b: &[T]) -> Result<Self, String> {
        let engine = engine(f)?;
        // SAFETY: the handle of an engine.
        let create = |to| unsafe { (f.stream_create)(to, engine.0, DEFAULT_STREAM) };
        let stream = Owned::new("a stream", f.stream_destroy, create)?;
        let of = Description::new::<T>(f, &engine, size)?;
        let memory = |description: Handle, at: *mut c_void| {
            // SAFETY: the description's size lies at `at`, is allocated by the library, or,
            // for null, is given before it is used.
            Owned::new("a memory", f.memory_destroy, |to| unsafe {
                (f.memory_create)(to, description, engine.0, at)
            })
        };
        let primitive = |description: &Owned| {
            // SAFETY: the handle of a primitive's description.
            Owned::new("a primitive", f.primitive_destroy, |to| unsafe {
                (f.primitive_create)(to, description.0)
            })
        };
        // SAFETY: the query returns a description that lives as long as the product's.
        let packed = unsafe { (f.pd_query_md)(of.product.0, WEIGHTS_DESCRIPTION, 0) };
        let pack = Owned::new("packing", f.pd_destroy, |to| {
            // SAFETY: handles of these kinds; attributes are optional.
            unsafe { (f.reorder)(to, of.b.0, engine.0, packed, engine.0, null_mut()) }
        })?;
        let plain = memory(of.b.0, b.as_ptr().cast_mut().cast())?;
        let this = Self {
            multiply: primitive(&of.product)?,
            a: memory(of.a.0, null_mut())?,
            c: memory(of.c.0, null_mut())?,
            packed: memory(packed, ALLOCATE)?,
            stream,
            _engine: engine,
            functions: f,
        };
        this.run(
            &primitive(&pack)?,
            &[(SOURCE, &plain), (DESTINATION, &this.packed)],
        )?;
        Ok(this)
    }

    /// Executes a primitive and waits for its end.
    fn run(&self, primitive: &Owned, arguments: &[(c_int, &Owned)]) -> Result<(), String> {
        let arguments = arguments.iter().map(|(index, memory)| Argument {
            index: *index,
            memory: memory.0,
        });
        let arguments: Vec<Argument> = arguments.collect();
        // SAFETY: the memories are those that the primitive takes, with their data in place.
        unsafe {
            let count = arguments.len() as c_int;
            let f = &self.functions;
            let status =
                (f.primitive_execute)(primitive.0, self.stream.0, count, arguments.as_ptr());
            done(status, "the product")?;
            done((f.stream_wait)(self.stream.0), "the end of the product")
        }
    }

    /// One product of the matrix at `a`, to `c`; both have the lengths of the description.
    fn execute(&self, a: *const c_void, c: *mut c_void) -> Result<(), String> {
        // SAFETY: A is only read, and the memories are not used after the caller's borrows
        // of both end.
        unsafe {
            done((self.functions.memory_set)(self.a.0, a.cast_mut()), "A")?;
            done((self.functions.memory_set)(self.c.0, c), "C")?;
        }
        let arguments = [
            (SOURCE, &self.a),
            (WEIGHTS, &self.packed),
            (DESTINATION, &self.c),
        ];
        self.run(&self.multiply, &arguments)
    }
}

/// The error of a status, in words.
fn done(status: Status, what: &str) -> Result<(), String> {
    let meaning = match status {
        0 => return Ok(()),
        1 => "out of memory",
        2 => "invalid arguments",
        3 => "not implemented",
        5 => "failed",
        _ => "refused",
    };
    Err(format!(
        "oneDNN does not give {what}: {meaning} (status {status})"
    ))
}
