/* SPDX-License-Identifier: MIT */
/**
 * One row of the pesticide model, in its two halves: application, then stock.
 *
 * The kernel and the components of catchmodel's layouts are loops over these. Equations in
 * pesticide.h. Thread-safe, never fail, no memory.
 */
#ifndef CSK_SUBSTANCE_PESTICIDE_ROWS_H
#define CSK_SUBSTANCE_PESTICIDE_ROWS_H

#include "kernels/math/elementary.h"
#include "kernels/substance/deplete.h"
#include "kernels/substance/stocks.h"

/* Numbers of the model. */
#define CSK_PESTICIDE_FORGET_RATE 0.99   /* of the temperature sum in frost, 1/d */
#define CSK_PESTICIDE_REFILL_RATE 2.0    /* of what is to be applied, at the turn of a year, 1/d */
#define CSK_PESTICIDE_YEAR        365.25 /* d */
#define CSK_PESTICIDE_REFILL_DAYS 5.0    /* at the beginning of a year */
#define CSK_PESTICIDE_REFERENCE   20.0   /* degC at which k_decay holds */
#define CSK_METRES_PER_MILLIMETRE 0.001

#define CSK_PESTICIDE_LEAST_MASS  1e-30 /* of the stock that counts, g */
#define CSK_PESTICIDE_MOST_LOST   1e100 /* parts of the stock per row: more makes no difference */

/** What the rows of a catchment's application have in common. */
typedef struct {
    double step;           /* d */
    double forget;         /* e^(-0.99 step) */
    double refill;         /* 1 - e^(-2 step) */
    double T_threshold;    /* degC */
    double T_objective;    /* degC d */
    double rain_threshold; /* mm/d */
    double M_total;        /* g/m2 */
    double tau_per_day;    /* f_daily/(0.01 M_total); see deplete.h */
} csk_pesticide_season;

/** What the rows of a catchment's stock have in common. */
typedef struct {
    double decay;     /* k_decay step: parts per row at 20 degC */
    double log_theta; /* ln theta_decay */
    double wash;      /* 0.001 beta step/area: parts per row and m3/d */
    double at_once;   /* appl_loss: share of the input that is lost at once */
} csk_pesticide_soil;

/** What a row does to the stock. */
typedef struct {
    double lost;    /* to the water, g */
    double decayed; /* g */
} csk_pesticide_fate;

CSK_INLINE csk_pesticide_season csk_pesticide_season_of(double step, double T_threshold,
                                                        double T_objective, double rain_threshold,
                                                        double M_total, double f_daily)
{
    return (csk_pesticide_season){
        .step = step,
        .forget = csk_exp(-CSK_PESTICIDE_FORGET_RATE * step),
        .refill = -csk_expm1(-CSK_PESTICIDE_REFILL_RATE * step),
        .T_threshold = T_threshold,
        .T_objective = T_objective,
        .rain_threshold = rain_threshold,
        .M_total = M_total,
        .tau_per_day = M_total > 0.0 ? f_daily / (CSK_HALF_SPEED_SHARE * M_total) : 0.0,
    };
}

CSK_INLINE csk_pesticide_soil csk_pesticide_soil_of(double step, double beta, double appl_loss,
                                                    double k_decay, double theta_decay, double area)
{
    return (csk_pesticide_soil){
        .decay = k_decay * step,
        .log_theta = csk_log(theta_decay),
        .wash = CSK_METRES_PER_MILLIMETRE * beta * step / area,
        .at_once = appl_loss,
    };
}

/**
 * Moves the temperature sum over some days; returns for how many of them it is above the objective.
 *
 * The sum rises by what is above the threshold and, in frost, falls towards the rise/0.99 (both at
 * once where the threshold is below 0). It only rises or only falls, so it crosses the objective
 * once at most.
 *
 * @param forget e^(-0.99 days)
 */
CSK_INLINE double csk_pesticide_warm(double *T_sum, const csk_pesticide_season *fixed,
                                     double temperature, double days, double forget)
{
    const double objective = fixed->T_objective;
    const double excess = temperature - fixed->T_threshold;
    const double rise = excess > 0.0 ? excess : 0.0;
    const double rest = rise / CSK_PESTICIDE_FORGET_RATE; /* where it comes to rest in frost */
    const double before = *T_sum;
    const int is_frost = temperature <= 0.0;
    *T_sum = is_frost ? rest + (before - rest) * forget : before + rise * days;
    const int was_above = before > objective;
    const int is_above = *T_sum > objective;
    if (was_above == is_above) {
        return was_above ? days : 0.0;
    }
    double crossing =
        is_frost ? csk_log((before - rest) / (objective - rest)) / CSK_PESTICIDE_FORGET_RATE
                 : (objective - before) / rise;
    crossing = crossing > 0.0 ? crossing : 0.0;
    crossing = crossing < days ? crossing : days;
    return was_above ? crossing : days - crossing;
}

/** The part of a row that is within one season: application (from day 5 of a year on) or refill. */
typedef struct {
    double end; /* days since row number 0 */
    int is_refill;
} csk_pesticide_part;

/** The part that begins at x and ends at the season's end or at the row's, whichever is first. */
CSK_INLINE csk_pesticide_part csk_pesticide_next_part(double x, double row_end)
{
    const double year = CSK_PESTICIDE_YEAR * __builtin_floor(x / CSK_PESTICIDE_YEAR);
    const int is_refill = x - year < CSK_PESTICIDE_REFILL_DAYS;
    const double end = year + (is_refill ? CSK_PESTICIDE_REFILL_DAYS : CSK_PESTICIDE_YEAR);
    return (csk_pesticide_part){end < row_end ? end : row_end, is_refill};
}

/**
 * Moves T_sum [degC d] and M_to_apply [g/m2] over a row; returns what was applied [g/m2].
 *
 * @param begin, end of the row, days since row number 0
 */
CSK_INLINE double csk_pesticide_apply(double *T_sum, double *M_to_apply,
                                      const csk_pesticide_season *fixed, double temperature,
                                      double rain, double begin, double end)
{
    double applied = 0.0;
    for (double x = begin; x < end;) {
        const csk_pesticide_part part = csk_pesticide_next_part(x, end);
        const int is_whole = x == begin && part.end == end;
        const double days = is_whole ? fixed->step : part.end - x;
        double forget = fixed->forget;
        double refill = fixed->refill;
        if (!is_whole) {
            forget = csk_exp(-CSK_PESTICIDE_FORGET_RATE * days);
            refill = -csk_expm1(-CSK_PESTICIDE_REFILL_RATE * days);
        }
        const double above = csk_pesticide_warm(T_sum, fixed, temperature, days, forget);
        const double M = *M_to_apply;
        if (part.is_refill) {
            *M_to_apply = M + (fixed->M_total - M) * refill;
        } else if (above > 0.0 && rain <= fixed->rain_threshold && M > 0.0 &&
                   fixed->M_total > 0.0) {
            applied += csk_deplete(M_to_apply, fixed->M_total, above * fixed->tau_per_day);
        }
        x = part.end;
    }
    return applied;
}

CSK_INLINE double csk_pesticide_bounded(double parts)
{
    return parts < CSK_PESTICIDE_MOST_LOST ? parts : CSK_PESTICIDE_MOST_LOST;
}

/**
 * Moves the stock [g] over a row: M' = in - (decay + wash) M with in the input less what is lost at
 * once, so M(1) = M e^-z + in phi1(-z), and its mean M phi1(-z) + in phi2(-z).
 *
 * @param input   over the whole row, g
 * @param driver  F_driver, m3/d, >= 0
 */
CSK_INLINE csk_pesticide_fate csk_pesticide_wash(double *M_stock, const csk_pesticide_soil *fixed,
                                                 double input, double temperature, double driver)
{
    const double at_once = fixed->at_once * input;
    const double before = *M_stock;
    if (before == 0.0 && input == 0.0) {
        return (csk_pesticide_fate){0.0, 0.0};
    }
    const double warmth = csk_exp((temperature - CSK_PESTICIDE_REFERENCE) * fixed->log_theta);
    const double decay = fixed->decay > 0.0 ? csk_pesticide_bounded(fixed->decay * warmth) : 0.0;
    const double wash = csk_pesticide_bounded(fixed->wash * driver);
    const double z = -(decay + wash);
    const csk_decay e = csk_decay_of(z);
    const double phi1 = csk_phi1(z, e.expm1);
    const double rest = input - at_once;
    const double mean = before * phi1 + rest * csk_phi2(z, phi1);
    const double kept = z > -0.5 ? __builtin_fma(before, e.expm1, before) : before * e.exp;
    const double after = kept + rest * phi1;
    *M_stock = __builtin_fabs(after) < CSK_PESTICIDE_LEAST_MASS ? 0.0 : after;
    return (csk_pesticide_fate){wash * mean + at_once, decay * mean};
}

#endif
