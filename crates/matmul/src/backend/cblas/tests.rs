//! Libraries compiled here by `cc` stand for those that are not installed; without a
//! compiler the tests print that and pass.

use half::{bf16, f16};

use super::*;
use crate::backend::test_library::library;
use crate::shape::Shape;

/// Plain loops with integer type `INT`, named by `SGEMM`.
const SGEMM: &str = r"
void SGEMM(int layout, int ta, int tb, INT m, INT n, INT k, float alpha,
           const float *a, INT lda, const float *b, INT ldb, float beta, float *c, INT ldc) {
    for (INT i = 0; i < m; i++)
        for (INT j = 0; j < n; j++) {
            float sum = 0;
            for (INT l = 0; l < k; l++) sum += a[i * lda + l] * b[l * ldb + j];
            c[i * ldc + j] = sum + WRONG;
        }
}
";

const OPENBLAS: &str = r#"
static int threads = 9;
void openblas_set_num_threads(int n) { threads = n; }
int openblas_get_num_threads(void) { return threads; }
const char *openblas_get_config(void) { return CONFIG; }
"#;

const BLIS: &str = r#"
static long threads = 9;
void bli_thread_set_num_threads(long n) { threads = n; }
long bli_thread_get_num_threads(void) { return threads; }
long bli_info_get_blas_int_type_size(void) { return 64; }
const char *bli_info_get_version_str(void) { return "0.9.0"; }
"#;

const MKL: &str = r#"
static int threads = 9;
void MKL_Set_Num_Threads(int n) { threads = n; }
int MKL_Get_Max_Threads(void) { return threads; }
void MKL_Get_Version_String(char *to, int len) {
    const char *from = "Intel(R) oneAPI Math Kernel Library Version 2025.2-Product Build 2025";
    while (len-- > 1 && *from) *to++ = *from++;
    *to = 0;
}
"#;

/// The width of the integers of the library made from `source` (true for 64 bits), and its
/// description after a product that agrees with the reference.
fn multiplied(source: &str, defines: &[&str], threads: usize) -> Option<(bool, Description)> {
    let (_directory, path) = library(source, defines)?;
    let opened = Cblas::<f32>::open_from(path, threads);
    let mut cblas = opened.unwrap_or_else(|e| panic!("{e}"));
    let problem = Problem::generate(Shape { m: 5, n: 9, k: 13 }, 2).unwrap();
    let mut c = vec![f32::NAN; 45];
    cblas.multiply(&problem, &mut c);
    assert!(crate::reference::max_ratio(&problem, &c) <= 1.0);
    Some((
        matches!(cblas.entry.function, gemm::Function::Ilp64(_)),
        cblas.describe(),
    ))
}

fn refusal(path: &Path) -> String {
    let error = Cblas::<f32>::open_from(path.to_owned(), 1).err().unwrap();
    assert!(matches!(
        error,
        BackendError::Unavailable { name: "cblas", .. }
    ));
    let message = error.to_string();
    assert!(message.contains("PERWATT_CBLAS") && message.contains(&path.display().to_string()));
    message
}

#[test]
fn openblas_is_named_versioned_and_told_its_threads() {
    let source = format!("{SGEMM}{OPENBLAS}");
    let config = r#"CONFIG="OpenBLAS 0.3.29 DYNAMIC_ARCH Haswell MAX_THREADS=64""#;
    let defines = ["INT=int", "WRONG=0", "SGEMM=cblas_sgemm", config];
    let Some((_, description)) = multiplied(&source, &defines, 3) else {
        return;
    };
    assert_eq!(description.library, "OpenBLAS");
    assert_eq!(description.version, "0.3.29");
    assert_eq!((description.threads, description.threads_known), (3, true));
    assert_eq!(description.warning, None);
    let file = description.path.unwrap();
    assert_eq!(file.file_name().unwrap(), "libstub.so");
}

#[test]
fn sixty_four_bit_openblas_is_recognised_by_its_configuration() {
    let source = format!("{SGEMM}{OPENBLAS}");
    let config = r#"CONFIG="OpenBLAS 0.3.29 USE64BITINT Haswell""#;
    let defines = ["INT=long", "WRONG=0", "SGEMM=cblas_sgemm", config];
    if let Some((is_64_bit, _)) = multiplied(&source, &defines, 1) {
        assert!(is_64_bit);
    }
}

#[test]
fn sixty_four_bit_libraries_are_recognised_by_their_suffix() {
    let defines = ["INT=long", "WRONG=0", "SGEMM=cblas_sgemm64_"];
    let Some((is_64_bit, description)) = multiplied(SGEMM, &defines, 2) else {
        return;
    };
    assert!(is_64_bit);
    assert_eq!(description.library, "CBLAS");
    assert!(!description.threads_known);
}

#[test]
fn blis_states_its_integer_width() {
    let defines = ["INT=long", "WRONG=0", "SGEMM=cblas_sgemm"];
    if let Some((is_64_bit, found)) = multiplied(&format!("{SGEMM}{BLIS}"), &defines, 4) {
        assert!(is_64_bit);
        assert_eq!([found.library, found.version], ["BLIS", "0.9.0"]);
        assert_eq!((found.threads, found.threads_known), (4, true));
    }
}

#[test]
fn mkl_is_named_and_versioned() {
    let defines = ["INT=int", "WRONG=0", "SGEMM=cblas_sgemm"];
    if let Some((_, found)) = multiplied(&format!("{SGEMM}{MKL}"), &defines, 2) {
        assert_eq!([found.library, found.version], ["MKL", "2025.2-Product"]);
        assert_eq!((found.threads, found.threads_known), (2, true));
    }
}

#[test]
fn a_library_that_multiplies_wrongly_is_refused() {
    let defines = ["INT=int", "WRONG=1", "SGEMM=cblas_sgemm"];
    if let Some((_directory, path)) = library(SGEMM, &defines) {
        assert!(refusal(&path).contains("[59.0, 65.0, 140.0, 155.0]"));
    }
}

#[test]
fn a_library_without_cblas_is_refused() {
    if let Some((_directory, path)) = library("int nothing;", &[]) {
        assert!(refusal(&path).contains("no symbol cblas_sgemm"));
    }
}

#[test]
fn a_path_that_is_no_library_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    assert!(refusal(&directory.path().join("missing.so")).contains("cannot be loaded"));
    let text = directory.path().join("text.so");
    std::fs::write(&text, "not a library").unwrap();
    assert!(refusal(&text).contains("cannot be loaded"));
}

/// Plain loops on elements of 16 bits, named by `GEMM`; `SHIFT` widens them.
const SHORT: &str = r"
#include <stdint.h>
static float wide(uint16_t half) {
    union { uint32_t bits; float value; } to = {BF16 ? (uint32_t)half << 16 : (half & 0x7fffu) << 13};
    if (!BF16) { to.value *= 0x1p112f; to.bits |= (uint32_t)(half & 0x8000u) << 16; }
    return to.value;
}
void GEMM(int layout, int ta, int tb, INT m, INT n, INT k, float alpha, const uint16_t *a,
          INT lda, const uint16_t *b, INT ldb, float beta, float *c, INT ldc) {
    for (INT i = 0; i < m; i++)
        for (INT j = 0; j < n; j++) {
            float sum = 0;
            for (INT l = 0; l < k; l++) sum += wide(a[i * lda + l]) * wide(b[l * ldb + j]);
            c[i * ldc + j] = sum;
        }
}
";

/// The result of one product in a short format by the stand-in, or its refusal.
fn short<T: Element>(source: &str, defines: &[&str]) -> Option<Result<String, String>> {
    let (_directory, path) = library(source, defines)?;
    Some(match Cblas::<T>::open_from(path, 2) {
        Err(error) => Err(error.to_string()),
        Ok(mut cblas) => {
            let problem = T::generate(Shape { m: 5, n: 9, k: 13 }, 2).unwrap();
            let mut c = vec![T::Sum::default(); 45];
            cblas.multiply(&problem, &mut c);
            let c = c.into_iter().map(|c| c.into() as f32).collect::<Vec<_>>();
            assert!(crate::reference::max_ratio(&problem.widened(), &c) <= 1.0);
            Ok(cblas.entry.name.to_owned())
        }
    })
}

#[test]
fn short_formats_are_multiplied_by_the_functions_of_each_library() {
    let mkl = format!("{SHORT}{MKL}");
    let open = |core: &str| {
        format!("{SHORT}{OPENBLAS}const char *openblas_get_corename(void) {{ return \"{core}\"; }}")
    };
    let config = r#"CONFIG="OpenBLAS 0.3.29 DYNAMIC_ARCH MAX_THREADS=64""#;
    let bf16_by = |name: &'static str| ["INT=int", "BF16=1", name, config];
    let f16_by = |name: &'static str| ["INT=int", "BF16=0", name, config];
    let Some(found) = short::<bf16>(&mkl, &bf16_by("GEMM=cblas_gemm_bf16bf16f32")) else {
        return;
    };
    assert_eq!(found.unwrap(), "cblas_gemm_bf16bf16f32");
    let found = short::<f16>(&mkl, &f16_by("GEMM=cblas_gemm_f16f16f32")).unwrap();
    assert_eq!(found.unwrap(), "cblas_gemm_f16f16f32");
    let sbgemm = bf16_by("GEMM=cblas_sbgemm");
    let found = short::<bf16>(&open("SapphireRapids"), &sbgemm).unwrap();
    assert_eq!(found.unwrap(), "cblas_sbgemm");
    let refusal = short::<bf16>(&open("Zen"), &sbgemm).unwrap().unwrap_err();
    assert!(
        refusal.contains("(Zen) have no tuned products"),
        "{refusal}"
    );
    let refusal = short::<f16>(&open("NEOVERSEV1"), &sbgemm)
        .unwrap()
        .unwrap_err();
    assert!(refusal.contains("OpenBLAS has no products"), "{refusal}");
    let refusal = short::<f16>(&mkl, &bf16_by("GEMM=other"))
        .unwrap()
        .unwrap_err();
    assert!(
        refusal.contains("no symbol cblas_gemm_f16f16f32"),
        "{refusal}"
    );
}
