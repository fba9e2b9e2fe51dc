/* SPDX-License-Identifier: MIT */
/**
 * One row of the herbicide model, in its two halves: application, then transport.
 *
 * The kernels and the components of catchmodel's layouts are loops over these. Equations in
 * herbicide.h. Thread-safe, never fail, no memory.
 */
#ifndef CSK_SUBSTANCE_HERBICIDE_ROWS_H
#define CSK_SUBSTANCE_HERBICIDE_ROWS_H

#include "kernels/math/elementary.h"
#include "kernels/substance/delivery.h"
#include "kernels/substance/deplete.h"
#include "kernels/substance/stocks.h"

/* Numbers of the model. */
#define CSK_FORGET_RATE      0.99 /* of the temperature sum in frost, and of M in hard frost, 1/d */
#define CSK_HARD_FROST       (-5.0) /* degC */
#define CSK_DRY              2.0    /* most rain at which a farmer works, mm/d */
#define CSK_APPLICATION_DAYS 14.0

#define CSK_LEAST_MASS       1e-30 /* of a stock that counts, g */
#define CSK_LARGEST_LOSS     1e100 /* parts of the stock per row; see stocks.h */

/** What the rows of a catchment's application have in common. */
typedef struct {
    double step;        /* d */
    double forget;      /* e^(-0.99 step) */
    double recover;     /* 1 - e^(-0.99 step) */
    double T_objective; /* degC d */
    double Mtot;        /* g/m2 */
} csk_herbicide_season;

/** What the rows of a catchment's transport have in common. */
typedef struct {
    double share_a;        /* Init_avail */
    double loss;           /* parts of the available stock lost per row and (m3/s)^2 */
    csk_stock_rates rates; /* per row; its loss is set row by row */
} csk_herbicide_soil;

CSK_INLINE double csk_smaller(double a, double b)
{
    return a < b ? a : b;
}

/** @param step days a row, T_objective [degC d], Mtot [g/m2] as in csk_herbicide_parameters */
CSK_INLINE csk_herbicide_season csk_herbicide_season_of(double step, double T_objective,
                                                        double Mtot)
{
    return (csk_herbicide_season){
        .step = step,
        .forget = csk_exp(-CSK_FORGET_RATE * step),
        .recover = -csk_expm1(-CSK_FORGET_RATE * step),
        .T_objective = T_objective,
        .Mtot = Mtot,
    };
}

/** The parameters of transport as in csk_herbicide_parameters, au and ua [1/d]. */
CSK_INLINE csk_herbicide_soil csk_herbicide_soil_of(double step, double Init_avail, double au,
                                                    double ua, double Eta, double A_tot)
{
    return (csk_herbicide_soil){
        .share_a = Init_avail,
        .loss = csk_smaller(CSK_SECONDS_PER_DAY * step * Eta / A_tot / A_tot, CSK_LARGEST_LOSS),
        .rates = {au * step, ua * step, 0.0},
    };
}

/** Moves the temperature sum over a row; returns for how many of its days application may go on. */
CSK_INLINE double csk_herbicide_warm(double *T_sum, const csk_herbicide_season *fixed,
                                     double temperature)
{
    const double before = *T_sum;
    if (temperature > 0.0) {
        const double after = before + temperature * fixed->step;
        *T_sum = after;
        if (before > fixed->T_objective) {
            return fixed->step;
        }
        const double days = (after - fixed->T_objective) / temperature;
        return days > 0.0 ? csk_smaller(days, fixed->step) : 0.0;
    }
    *T_sum = before * fixed->forget;
    if (temperature == 0.0 && before > fixed->T_objective) { /* until the sum has fallen that far */
        return csk_smaller(csk_log(before / fixed->T_objective) / CSK_FORGET_RATE, fixed->step);
    }
    return 0.0;
}

/** Moves T_sum [degC d] and M_to_apply [g/m2] over a row; returns what was applied [g/m2]. */
CSK_INLINE double csk_herbicide_apply(double *T_sum, double *M_to_apply,
                                      const csk_herbicide_season *fixed, double temperature,
                                      double precipitation)
{
    const double days = csk_herbicide_warm(T_sum, fixed, temperature);
    const double before = *M_to_apply;
    if (temperature <= CSK_HARD_FROST) {
        *M_to_apply = before + (fixed->Mtot - before) * fixed->recover;
        return 0.0;
    }
    if (days > 0.0 && precipitation <= CSK_DRY && before > 0.0 && fixed->Mtot > 0.0) {
        return csk_deplete(M_to_apply, fixed->Mtot,
                           days / (CSK_HALF_SPEED_SHARE * CSK_APPLICATION_DAYS));
    }
    return 0.0;
}

/** A mass, or 0 where it is too small to count. */
CSK_INLINE double csk_counting(double mass)
{
    return mass < CSK_LEAST_MASS ? 0.0 : mass;
}

/** Moves the stocks over a row with an input [g]; returns what they lost to the water [g]. */
CSK_INLINE double csk_herbicide_transport(double *M_avail, double *M_unavail,
                                          const csk_herbicide_soil *fixed, double input,
                                          double discharge)
{
    const csk_stocks x = {*M_avail, *M_unavail};
    if (x.a + x.u + input == 0.0) {
        return 0.0;
    }
    csk_stock_rates rates = fixed->rates;
    rates.loss = csk_smaller(fixed->loss * discharge * discharge, CSK_LARGEST_LOSS);
    const csk_stocks in = {fixed->share_a * input, (1.0 - fixed->share_a) * input};
    const csk_stock_row row = csk_stocks_advance(x, in, rates);
    *M_avail = csk_counting(row.end.a);
    *M_unavail = csk_counting(row.end.u);
    return rates.loss * row.mean_a;
}

#endif
