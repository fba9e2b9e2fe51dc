/* SPDX-License-Identifier: MIT */
#include "kernels/math/random.h"

#include "kernels/math/elementary.h"

enum { N_ROUNDS = 10 };

/* Multipliers and key increments of the paper: the latter are the golden ratio and sqrt(3) - 1. */
#define MULTIPLIER_0 UINT64_C(0xd2511f53)
#define MULTIPLIER_1 UINT64_C(0xcd9e8d57)
#define INCREMENT_0  UINT32_C(0x9e3779b9)
#define INCREMENT_1  UINT32_C(0xbb67ae85)

CSK_INLINE void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0];
    uint32_t c1 = counter[1];
    uint32_t c2 = counter[2];
    uint32_t c3 = counter[3];
    uint32_t k0 = key[0];
    uint32_t k1 = key[1];
    for (int round = 0; round < N_ROUNDS; round++) {
        const uint64_t p0 = MULTIPLIER_0 * c0;
        const uint64_t p1 = MULTIPLIER_1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        k0 += INCREMENT_0;
        k1 += INCREMENT_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void csk_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    philox(out, counter, key);
}

/* The 64 bits of words first and first + 1 as the middle of one of 2^52 intervals. */
CSK_INLINE double uniform(uint64_t seed, uint64_t stream, uint64_t index, int first)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream,
                                 (uint32_t)(stream >> 32)};
    uint32_t out[4];
    philox(out, counter, key);
    const uint64_t bits = (uint64_t)out[first + 1] << 32 | out[first];
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

double csk_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
    return uniform(seed, stream, index, 0);
}

/* The three rational functions of AS 241, highest power first. */
enum { N_COEFFICIENTS = 8 };
typedef struct {
    double numerator[N_COEFFICIENTS];
    double denominator[N_COEFFICIENTS];
} rational;

static const rational centre = {
    {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
     4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
     1.3314166789178437745e+2, 3.3871328727963666080e+0},
    {5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
     2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
     4.2313330701600911252e+1, 1.0}};
static const rational flank = {
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
     4.63033784615654529590e+0, 1.42343711074968357734e+0},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
     2.05319162663775882187e+0, 1.0}};
static const rational tail = {
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
     5.46378491116411436990e+0, 6.65790464350110377720e+0},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0}};

CSK_INLINE double evaluate(const rational *f, double x)
{
    double numerator = f->numerator[0];
    double denominator = f->denominator[0];
    for (int i = 1; i < N_COEFFICIENTS; i++) {
        numerator = __builtin_fma(numerator, x, f->numerator[i]);
        denominator = __builtin_fma(denominator, x, f->denominator[i]);
    }
    return numerator / denominator;
}

CSK_INLINE double normal_quantile(double p)
{
    const double q = p - 0.5;
    if (__builtin_fabs(q) <= 0.425) {
        return q * evaluate(&centre, 0.180625 - q * q);
    }
    const double smaller = q < 0.0 ? p : 1.0 - p;
    if (!(smaller > 0.0)) {
        return smaller == 0.0 ? __builtin_copysign(CSK_INFINITY, q) : CSK_NAN;
    }
    const double r = __builtin_sqrt(-csk_log(smaller));
    const double value = r <= 5.0 ? evaluate(&flank, r - 1.6) : evaluate(&tail, r - 5.0);
    return __builtin_copysign(value, q);
}

CSK_CLONES double csk_normal_quantile(double p)
{
    return normal_quantile(p);
}

CSK_CLONES double csk_normal(uint64_t seed, uint64_t stream, uint64_t index)
{
    return normal_quantile(uniform(seed, stream, index, 2));
}
