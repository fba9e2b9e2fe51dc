/* SPDX-License-Identifier: MIT */
/**
 * Two stocks that exchange, one of which loses: their exact change over a row.
 *
 * With a row as the unit of time, a the available stock, u the unavailable one [g]:
 *
 *     da/dt = in_a - (au + loss) a + ua u        du/dt = in_u + au a - ua u
 *
 * all rates and inputs constant and >= 0. Written x' = A x + b, the solution is
 * x(1) = e^A x0 + phi1(A) b and the mean over the row phi1(A) x0 + phi2(A) b, with
 * phi1(z) = (e^z - 1)/z, phi2(z) = (phi1(z) - 1)/z. Small rates by Taylor's series of the matrix,
 * larger ones by the eigenvalues, in forms where only terms of one sign are added, so that equal
 * eigenvalues, zero rates and a loss up to 1e100 are no special cases and nothing becomes negative.
 * Thread-safe, never fail, no memory.
 */
#ifndef CSK_SUBSTANCE_STOCKS_H
#define CSK_SUBSTANCE_STOCKS_H

#include "kernels/math/elementary.h"

/** Rates, as parts of a stock per row. */
typedef struct {
    double au;   /* from available to unavailable */
    double ua;   /* and back */
    double loss; /* out of the available stock; at most 1e100 (more makes no difference) */
} csk_stock_rates;

/** Both stocks, or an amount for each [g]. */
typedef struct {
    double a, u;
} csk_stocks;

/** What a row does to the stocks. */
typedef struct {
    csk_stocks end;
    double mean_a; /* mean over the row of the available stock, g */
} csk_stock_row;

enum { CSK_N_INVERSE_FACTORIALS = 22 };

/* 1/k!, correctly rounded: all k! up to 22! are doubles. */
static const double csk_inverse_factorial[CSK_N_INVERSE_FACTORIALS] = {
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40320.0,
    1.0 / 362880.0,
    1.0 / 3628800.0,
    1.0 / 39916800.0,
    1.0 / 479001600.0,
    1.0 / 6227020800.0,
    1.0 / 87178291200.0,
    1.0 / 1307674368000.0,
    1.0 / 20922789888000.0,
    1.0 / 355687428096000.0,
    1.0 / 6402373705728000.0,
    1.0 / 121645100408832000.0,
    1.0 / 2432902008176640000.0,
    1.0 / 51090942171709440000.0,
};

/**
 * n_terms of the series for small rates: with g = A x0 + b, x(1) = x0 + sum of A^k g/(k + 1)! and
 * the mean x0 + sum of A^k g/(k + 2)!, k from 0.
 *
 * Where the norm of A (largest sum of a column) is below q, the first term left out is below
 * q^(n + 1)/(n + 1)! of the stocks.
 */
CSK_INLINE csk_stock_row csk_stocks_by_series(csk_stocks x, csk_stocks in, csk_stock_rates rates,
                                              int n_terms)
{
    const double leave = rates.au + rates.loss;
    double a = __builtin_fma(-leave, x.a, __builtin_fma(rates.ua, x.u, in.a));
    double u = __builtin_fma(rates.au, x.a, __builtin_fma(-rates.ua, x.u, in.u));
    csk_stocks change = {a, u};
    double mean_change = 0.5 * a;
#pragma GCC unroll 20
    for (int k = 1; k < n_terms; k++) {
        const double next = __builtin_fma(-leave, a, rates.ua * u);
        u = __builtin_fma(rates.au, a, -rates.ua * u);
        a = next;
        change.a = __builtin_fma(csk_inverse_factorial[k + 1], a, change.a);
        change.u = __builtin_fma(csk_inverse_factorial[k + 1], u, change.u);
        mean_change = __builtin_fma(csk_inverse_factorial[k + 2], a, mean_change);
    }
    return (csk_stock_row){{x.a + change.a, x.u + change.u}, x.a + mean_change};
}

/** e^x and e^x - 1 for x <= 0, both accurate, by one exponential. */
typedef struct {
    double exp, expm1;
} csk_decay;

CSK_INLINE csk_decay csk_decay_of(double x)
{
    if (x > -0.5) {
        const double less = csk_expm1(x);
        return (csk_decay){1.0 + less, less};
    }
    const double value = csk_exp(x);
    return (csk_decay){value, value - 1.0};
}

/** phi1(x) for x <= 0, with expm1 = e^x - 1. */
CSK_INLINE double csk_phi1(double x, double expm1)
{
    return x == 0.0 ? 1.0 : expm1 / x;
}

/** phi2(x) for x <= 0, phi1 = phi1(x); up to 1/2 by its series, the rest is below 2^-57. */
CSK_INLINE double csk_phi2(double x, double phi1)
{
    if (x < -0.5) {
        return (phi1 - 1.0) / x;
    }
    double sum = csk_inverse_factorial[15];
    for (int k = 14; k >= 2; k--) {
        sum = __builtin_fma(sum, x, csk_inverse_factorial[k]);
    }
    return sum;
}

/**
 * A function of A at its eigenvalues x2 <= x1 <= 0: its values there and the divided difference
 * (f(x1) - f(x2))/(x1 - x2), none of them negative.
 */
typedef struct {
    double at_1, at_2, difference;
} csk_spectral;

/** The eigenvalues of A, and the weights (sum 1) that make a function of A of its values. */
typedef struct {
    double x1, x2;             /* x2 <= x1 <= 0 */
    double apart;              /* x1 - x2 >= 0 */
    double weight_1, weight_2; /* f(A)[a][a] = weight_1 f(x1) + weight_2 f(x2); [u][u] swapped */
} csk_spectrum;

/*
 * x = -s +- d with s = (au + loss + ua)/2, h = (au + loss - ua)/2, d = sqrt(h^2 + au ua). The
 * weights are (d - h)/(2 d) and (d + h)/(2 d). Differences are replaced by quotients: x1 x2 =
 * loss ua, (d - h)(d + h) = au ua. d = 0 means f(x1) = f(x2), so that any weights do.
 */
CSK_INLINE csk_spectrum csk_stocks_spectrum(csk_stock_rates rates)
{
    const double leave = rates.au + rates.loss;
    const double h = 0.5 * (leave - rates.ua);
    const double product = rates.au * rates.ua;
    const double d = __builtin_sqrt(h * h + product);
    const double larger = d + __builtin_fabs(h);
    const double smaller = larger > 0.0 ? product / larger : 0.0;
    const double both = larger + smaller;
    const double share = both > 0.0 ? larger / both : 0.5;
    const double rest = both > 0.0 ? smaller / both : 0.5;
    const double x2 = -(0.5 * (leave + rates.ua) + d);
    return (csk_spectrum){
        .x1 = rates.loss * rates.ua / x2,
        .x2 = x2,
        .apart = 2.0 * d,
        .weight_1 = h >= 0.0 ? rest : share,
        .weight_2 = h >= 0.0 ? share : rest,
    };
}

/** Row a of f(A) times a vector. */
CSK_INLINE double csk_stocks_row_a(const csk_spectrum *s, csk_stock_rates rates, csk_spectral f,
                                   csk_stocks v)
{
    const double diagonal = s->weight_1 * f.at_1 + s->weight_2 * f.at_2;
    return diagonal * v.a + rates.ua * f.difference * v.u;
}

/** Row u of f(A) times a vector. */
CSK_INLINE double csk_stocks_row_u(const csk_spectrum *s, csk_stock_rates rates, csk_spectral f,
                                   csk_stocks v)
{
    const double diagonal = s->weight_2 * f.at_1 + s->weight_1 * f.at_2;
    return rates.au * f.difference * v.a + diagonal * v.u;
}

/**
 * The row by eigenvalues, for rates that are not small: |x2| >= 1/2 keeps the divided differences
 * well conditioned. They follow from x phi1(x) = e^x - 1 and x phi2(x) = phi1(x) - 1.
 */
CSK_INLINE csk_stock_row csk_stocks_by_spectrum(csk_stocks x, csk_stocks in, csk_stock_rates rates)
{
    const csk_spectrum s = csk_stocks_spectrum(rates);
    const csk_decay slow = csk_decay_of(s.x1);
    const csk_decay apart = csk_decay_of(-s.apart);
    const double fast = slow.exp * apart.exp; /* e^x2 */
    const csk_spectral e = {slow.exp, fast, slow.exp * csk_phi1(-s.apart, apart.expm1)};
    const double phi1_1 = csk_phi1(s.x1, slow.expm1);
    const double phi1_2 = (fast - 1.0) / s.x2;
    const csk_spectral phi1 = {phi1_1, phi1_2, (e.difference - phi1_1) / s.x2};
    const double phi2_1 = csk_phi2(s.x1, phi1_1);
    const double phi2_2 = (phi1_2 - 1.0) / s.x2;
    const csk_spectral phi2 = {phi2_1, phi2_2, (phi1.difference - phi2_1) / s.x2};
    return (csk_stock_row){
        .end = {csk_stocks_row_a(&s, rates, e, x) + csk_stocks_row_a(&s, rates, phi1, in),
                csk_stocks_row_u(&s, rates, e, x) + csk_stocks_row_u(&s, rates, phi1, in)},
        .mean_a = csk_stocks_row_a(&s, rates, phi1, x) + csk_stocks_row_a(&s, rates, phi2, in),
    };
}

/**
 * The stocks after a row and the mean of the available one.
 *
 * @param x  stocks before, g
 * @param in input over the whole row, g
 * The rest of the series, as part of the stocks: 2^-61 for 6 terms, 2^-63 for 8, 2^-65 for 20.
 */
CSK_INLINE csk_stock_row csk_stocks_advance(csk_stocks x, csk_stocks in, csk_stock_rates rates)
{
    const double from_a = 2.0 * rates.au + rates.loss;
    const double from_u = 2.0 * rates.ua;
    const double norm = from_a > from_u ? from_a : from_u;
    if (norm < 0x1p-7) {
        return csk_stocks_by_series(x, in, rates, 6);
    }
    if (norm < 0x1p-5) {
        return csk_stocks_by_series(x, in, rates, 8);
    }
    if (norm < 1.0) {
        return csk_stocks_by_series(x, in, rates, 20);
    }
    return csk_stocks_by_spectrum(x, in, rates);
}

#endif
