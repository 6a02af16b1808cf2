/* A stand-in for oneDNN with the functions and codes of its headers: plain loops. Version 3
   packs B by transposing it, so that a product with an unpacked B is wrong. Macros set the
   version and its faults. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef MAJOR
#define MAJOR 3
#endif
#ifndef RUNTIME
#define RUNTIME 2
#endif
#ifndef ISA
#define ISA 0x7
#endif
#ifndef NAME
#define NAME "brg_matmul:stub"
#endif
#ifndef FAILS
#define FAILS 0
#endif

struct version { int major, minor, patch; const char *hash; unsigned cpu, gpu; };
static const struct version version = {MAJOR, 1, 2, "stub", RUNTIME, 0};
const struct version *dnnl_version(void) { return &version; }
unsigned dnnl_get_effective_cpu_isa(void) { return ISA; }

void omp_set_num_threads(int count) {}

enum { F16 = 1, BF16 = 2, F32 = 3, S32 = 4, S8 = 5 };
enum { ANY = 1, AB = 3, BA = 4 };

static float number(int type, const void *at, int64_t i) {
    union { uint32_t bits; float value; } to = {0};
    uint16_t half = type == F16 || type == BF16 ? ((const uint16_t *)at)[i] : 0;
    switch (type) {
    case F32: return ((const float *)at)[i];
    case S8: return ((const int8_t *)at)[i];
    case BF16: to.bits = (uint32_t)half << 16; return to.value;
    default:
        to.bits = (half & 0x7fffu) << 13;
        to.value *= 0x1p112f;
        to.bits |= (uint32_t)(half & 0x8000u) << 16;
        return to.value;
    }
}

/* C = A·B; B is transposed where bt is true. */
static void multiply(int type, int64_t m, int64_t n, int64_t k, const void *a, const void *b,
                     int bt, void *c) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            int32_t whole = 0;
            for (int64_t l = 0; l < k; l++) {
                int64_t at = bt ? j * k + l : l * n + j;
#ifdef SATURATES
                /* Pairs of products in 16 bits, as before VNNI. */
                if (type == S8 && l % 2 == 0 && l + 1 < k) {
                    const int8_t *x = a, *y = b;
                    int64_t next = bt ? j * k + l + 1 : (l + 1) * n + j;
                    int pair = (x[i * k + l] + 128) * y[at] + (x[i * k + l + 1] + 128) * y[next];
                    pair = pair > 32767 ? 32767 : pair < -32768 ? -32768 : pair;
                    whole += pair - 128 * (y[at] + y[next]);
                    l++;
                    continue;
                }
#endif
                if (type == S8)
                    whole += ((const int8_t *)a)[i * k + l] * ((const int8_t *)b)[at];
                else
                    sum += number(type, a, i * k + l) * number(type, b, at);
            }
            if (type == S8)
                ((int32_t *)c)[i * n + j] = whole;
            else
                ((float *)c)[i * n + j] = sum;
        }
}

#if MAJOR == 2
int dnnl_sgemm(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
               int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    multiply(F32, m, n, k, a, b, 0, c);
    return FAILS;
}
int dnnl_gemm_bf16bf16f32(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha,
                          const uint16_t *a, int64_t lda, const uint16_t *b, int64_t ldb,
                          float beta, float *c, int64_t ldc) {
    multiply(BF16, m, n, k, a, b, 0, c);
    return FAILS;
}
int dnnl_gemm_s8s8s32(char ta, char tb, char oc, int64_t m, int64_t n, int64_t k, float alpha,
                      const int8_t *a, int64_t lda, int8_t ao, const int8_t *b, int64_t ldb,
                      int8_t bo, float beta, int32_t *c, int64_t ldc, const int32_t *co) {
    if (oc != 'F' || *co || ao || bo || lda != k || ldb != n || ldc != n) return 2;
    multiply(S8, m, n, k, a, b, 0, c);
    return FAILS;
}
#else
struct matrix { int64_t rows, columns; int type, tag; };
struct pd { int reorder; struct matrix a, b, c; };
struct memory { struct matrix of; void *at; int own; };
struct argument { int index; struct memory *memory; };

static int64_t bytes(const struct matrix *of) {
    int each = of->type == S8 ? 1 : of->type == F16 || of->type == BF16 ? 2 : 4;
    return of->rows * of->columns * each;
}
static int made(void **to, const void *from, size_t size) {
    *to = malloc(size);
    memcpy(*to, from, size);
    return 0;
}
static int gone(void *what) { free(what); return 0; }

int dnnl_engine_create(void **to, int kind, size_t index) {
    return kind == 1 && index == 0 ? made(to, &kind, sizeof kind) : 2;
}
int dnnl_engine_destroy(void *engine) { return gone(engine); }
int dnnl_stream_create(void **to, void *engine, unsigned flags) {
    return made(to, &flags, sizeof flags);
}
int dnnl_stream_destroy(void *stream) { return gone(stream); }
int dnnl_stream_wait(void *stream) { return 0; }
int dnnl_primitive_attr_create(void **to) { return made(to, "attr", 5); }
int dnnl_primitive_attr_destroy(void *attr) { return gone(attr); }
int dnnl_primitive_attr_set_fpmath_mode(void *attr, int mode) { return mode == 0 ? 0 : 2; }
int dnnl_memory_desc_create_with_tag(void **to, int ndims, const int64_t *dims, int type,
                                     int tag) {
    struct matrix of = {dims[0], dims[1], type, tag};
    return ndims == 2 && (tag == ANY || tag == AB) ? made(to, &of, sizeof of) : 2;
}
int dnnl_memory_desc_destroy(void *of) { return gone(of); }
int dnnl_matmul_primitive_desc_create(void **to, void *engine, struct matrix *a,
                                      struct matrix *b, void *bias, struct matrix *c,
                                      void *attr) {
    struct pd pd = {0, *a, *b, *c};
    if (a->tag != AB || b->tag != ANY || c->tag != AB || bias || !attr) return 2;
    if (a->columns != b->rows || a->rows != c->rows || b->columns != c->columns) return 2;
    if (a->type != b->type || c->type != (a->type == S8 ? S32 : F32)) return 2;
    pd.b.tag = BA;
    return FAILS ? FAILS : made(to, &pd, sizeof pd);
}
int dnnl_reorder_primitive_desc_create(void **to, struct matrix *from, void *engine,
                                       struct matrix *into, void *other, void *attr) {
    struct pd pd = {1, *from, *from, *into};
    return from->tag == AB && into->tag == BA ? made(to, &pd, sizeof pd) : 2;
}
int dnnl_primitive_desc_query(struct pd *pd, int what, int index, void *to) {
    if (what != 8) return 2;
    *(const char **)to = NAME;
    return 0;
}
const struct matrix *dnnl_primitive_desc_query_md(struct pd *pd, int what, int index) {
    return what == 131 ? &pd->b : NULL;
}
int dnnl_primitive_desc_destroy(void *pd) { return gone(pd); }
int dnnl_primitive_create(void **to, struct pd *pd) { return made(to, pd, sizeof *pd); }
int dnnl_primitive_destroy(void *primitive) { return gone(primitive); }
int dnnl_memory_create(void **to, struct matrix *of, void *engine, void *at) {
    struct memory memory = {*of, at, at == (void *)(size_t)-1};
    if (memory.own) memory.at = malloc(bytes(of));
    return made(to, &memory, sizeof memory);
}
int dnnl_memory_set_data_handle(struct memory *memory, void *at) {
    memory->at = at;
    return 0;
}
int dnnl_memory_destroy(struct memory *memory) {
    if (memory->own) free(memory->at);
    return gone(memory);
}
int dnnl_primitive_execute(struct pd *pd, void *stream, int count,
                           const struct argument *arguments) {
    void *at[64] = {0};
    for (int i = 0; i < count; i++) at[arguments[i].index] = arguments[i].memory->at;
    if (pd->reorder) {
        int64_t size = bytes(&pd->a) / (pd->a.rows * pd->a.columns);
        for (int64_t i = 0; i < pd->a.rows; i++)
            for (int64_t j = 0; j < pd->a.columns; j++)
                memcpy((char *)at[17] + (j * pd->a.rows + i) * size,
                       (char *)at[1] + (i * pd->a.columns + j) * size, size);
    } else
        multiply(pd->a.type, pd->a.rows, pd->b.columns, pd->a.columns, at[1], at[33], 1, at[17]);
    return 0;
}
#endif
