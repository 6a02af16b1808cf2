// What naga's Metal text uses of Metal's standard library, for CUDA compiled with
// -default-device.

namespace metal {

typedef unsigned int uint;

// Half precision, by PTX, since CUDA has its type in a header of another package.
struct half {
  unsigned short bits;
  half() = default;
  half(float value) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value)); }
  operator float() const {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
  }
};

template <class T, int N> struct vec;

#define VECTOR(N, ALIGN, MEMBERS) \
  template <class T> struct __align__(ALIGN * sizeof(T)) vec<T, N> { \
    T MEMBERS; \
    vec() = default; \
    vec(T value) { \
      for (int i = 0; i < N; i++) (&x)[i] = value; \
    } \
    template <class U> explicit vec(const vec<U, N> &other) { \
      for (int i = 0; i < N; i++) (&x)[i] = T((&other.x)[i]); \
    } \
    template <class... U> \
    vec(T first, T second, U... rest) { \
      const T all[] = {first, second, T(rest)...}; \
      static_assert(sizeof...(rest) == N - 2, "as many as members"); \
      for (int i = 0; i < N; i++) (&x)[i] = all[i]; \
    } \
    template <class U> vec(const vec<U, 2> &low, const vec<U, 2> &high) { \
      static_assert(N == 2 + 2 && sizeof(T) == sizeof(U), "two halves"); \
      for (int i = 0; i < N; i++) (&x)[i] = (&(i < 2 ? low : high).x)[i % 2]; \
    } \
    T &operator[](uint i) { return (&x)[i]; } \
    T operator[](uint i) const { return (&x)[i]; } \
  };

#define COMMA ,
VECTOR(2, 2, x COMMA y)
VECTOR(3, 4, x COMMA y COMMA z)
VECTOR(4, 4, x COMMA y COMMA z COMMA w)

#define OPERATOR(OP) \
  template <class T, int N> \
  vec<T, N> operator OP(const vec<T, N> &a, const vec<T, N> &b) { \
    vec<T, N> result; \
    for (int i = 0; i < N; i++) (&result.x)[i] = (&a.x)[i] OP(&b.x)[i]; \
    return result; \
  } \
  template <class T, int N> \
  vec<T, N> operator OP(const vec<T, N> &a, T b) { \
    return a OP vec<T, N>(b); \
  } \
  template <class T, int N> \
  vec<T, N> operator OP(T a, const vec<T, N> &b) { \
    return vec<T, N>(a) OP b; \
  }

OPERATOR(+)
OPERATOR(-)
OPERATOR(*)
OPERATOR(/)
OPERATOR(&)
OPERATOR(|)
OPERATOR(^)
OPERATOR(<<)
OPERATOR(>>)

// CUDA has one of its own.
#define float2 metal_float2
#define VECTORS(T, TWO, THREE, FOUR) \
  typedef vec<T, 2> TWO; \
  typedef vec<T, 3> THREE; \
  typedef vec<T, 4> FOUR;
VECTORS(uint, uint2, uint3, uint4)
VECTORS(int, int2, int3, int4)
VECTORS(float, float2, float3, float4)
VECTORS(half, half2, half3, half4)

inline float fma(float a, float b, float c) { return __fmaf_rn(a, b, c); }
template <int N>
vec<float, N> fma(const vec<float, N> &a, const vec<float, N> &b, const vec<float, N> &c) {
  vec<float, N> result;
  for (int i = 0; i < N; i++) (&result.x)[i] = __fmaf_rn((&a.x)[i], (&b.x)[i], (&c.x)[i]);
  return result;
}
inline uint pair(half low, half high) {
  uint both;
  asm("mov.b32 %0, {%1, %2};" : "=r"(both) : "h"(low.bits), "h"(high.bits));
  return both;
}
// Two at a time, as every vendor's compiler makes it of vectors of halves.
inline half4 fma(const half4 &a, const half4 &b, const half4 &c) {
  half4 result;
  for (int i = 0; i < 4; i += 2) {
    half *to = &result.x + i;
    uint both;
    asm("fma.rn.f16x2 %0, %1, %2, %3;"
        : "=r"(both)
        : "r"(pair((&a.x)[i], (&a.x)[i + 1])), "r"(pair((&b.x)[i], (&b.x)[i + 1])),
          "r"(pair((&c.x)[i], (&c.x)[i + 1])));
    asm("mov.b32 {%0, %1}, %2;" : "=h"(to[0].bits), "=h"(to[1].bits) : "r"(both));
  }
  return result;
}
template <int N> float dot(const vec<float, N> &a, const vec<float, N> &b) {
  float sum = a.x * b.x;
  for (int i = 1; i < N; i++) sum = __fmaf_rn((&a.x)[i], (&b.x)[i], sum);
  return sum;
}
template <class T> T min(T a, T b) { return a < b ? a : b; }
template <class T> T max(T a, T b) { return a > b ? a : b; }
template <class T> T clamp(T a, T low, T high) { return min(max(a, low), high); }
template <class T> T select(T no, T yes, bool which) { return which ? yes : no; }

enum class mem_flags { mem_none, mem_threadgroup, mem_device };
inline void threadgroup_barrier(mem_flags) { __syncthreads(); }

enum memory_order { memory_order_relaxed };
template <class T> struct atomic { T value; };
typedef atomic<uint> atomic_uint;
typedef atomic<int> atomic_int;
template <class T> T atomic_fetch_add_explicit(atomic<T> *at, T by, memory_order) {
  return atomicAdd(&at->value, by);
}

} // namespace metal

template <class To, class From> To as_type(From from) {
  static_assert(sizeof(To) == sizeof(From), "a bit cast is between types of one size");
  To to;
  memcpy(&to, &from, sizeof(To));
  return to;
}

// Of the types that naga names without their namespace.
using metal::half;
using metal::half2;
using metal::float2;

// naga writes `dot4I8Packed` as `(+a[0] * b[0] + a[1] * b[1] + ...)`, whose four
// parts are put together to the one instruction that they stand for.
struct packed_char {
  int word;
};
template <int PARTS> struct dot_product {
  int a, b;
  operator int() const {
    static_assert(PARTS == 4, "all four bytes");
    return __dp4a(a, b, 0);
  }
};
struct packed_char4 {
  int word;
  packed_char operator[](int) const { return {word}; }
};
inline packed_char operator+(packed_char a) { return a; }
inline dot_product<1> operator*(packed_char a, packed_char b) { return {a.word, b.word}; }
template <int N> dot_product<N + 1> operator+(dot_product<N> sum, dot_product<1>) {
  return {sum.a, sum.b};
}
template <class To> To as_type(dot_product<4> sum) { return as_type<To>(int(sum)); }

// Last, since CUDA's own keywords are macros with these words in them.
#define kernel extern "C" __global__
#define constant const
#define device
#define thread

