/* SPDX-License-Identifier: MIT */
#include "kernels/substance/herbicide.h"

#include "kernels/math/elementary.h"
#include "kernels/substance/delivery.h"
#include "kernels/substance/rules.h"
#include "kernels/substance/stocks.h"

/* Numbers of the model. */
#define FORGET_RATE      0.99   /* of the temperature sum in frost, and of M in hard frost, 1/d */
#define HARD_FROST       (-5.0) /* degC */
#define DRY              2.0    /* most rain at which a farmer works, mm/d */
#define APPLICATION_DAYS 14.0
#define HALF_SPEED_SHARE 0.01 /* M/Mtot at which application is half as fast */

#define LEAST_SHARE      1e-18 /* of Mtot that counts */
#define LEAST_MASS       1e-30 /* of a stock that counts, g */
#define LARGEST_LOSS     1e100 /* parts of the stock per row; see stocks.h */

enum { MAX_NEWTON = 64 };

const char *csk_herbicide_invalid(const csk_herbicide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->A_tot) && p->A_tot > 0.0, "A_tot must be a number > 0"},
        {csk_is_amount(p->A_appl), "A_appl must be a number >= 0"},
        {csk_is_amount(p->Mtot), "R_appl (Mtot) must be a number >= 0"},
        {csk_is_share(p->k), "k must be in 0 .. 1"},
        {csk_is_share(p->Init_avail), "Init_avail must be in 0 .. 1"},
        {csk_is_amount(p->T_objective), "T_objective must be a number >= 0"},
        {csk_is_share(p->Transfer_au) && p->Transfer_au < 1.0,
         "Transfer_au must be >= 0 and less than 1"},
        {csk_is_share(p->Transfer_ua) && p->Transfer_ua < 1.0,
         "Transfer_ua must be >= 0 and less than 1"},
        {csk_is_amount(p->Eta), "Eta must be a number >= 0"},
        {csk_is_amount(p->C_back), "C_back must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

const char *csk_herbicide_state_invalid(const csk_herbicide_state *state)
{
    const csk_rule rules[] = {
        {csk_is_amount(state->T_sum), "initial T_sum must be a number >= 0"},
        {csk_is_amount(state->M_to_apply), "initial M_to_apply must be a number >= 0"},
        {csk_is_amount(state->M_avail), "initial M_avail must be a number >= 0"},
        {csk_is_amount(state->M_unavail), "initial M_unavail must be a number >= 0"},
    };
    return csk_first_broken(rules, sizeof rules / sizeof rules[0]);
}

csk_herbicide_state csk_herbicide_initial(const csk_herbicide_parameters *parameters)
{
    return (csk_herbicide_state){.M_to_apply = parameters->Mtot};
}

/* What a catchment's rows have in common. */
typedef struct {
    double step;           /* d */
    double per_day;        /* 1/step */
    double forget;         /* e^(-0.99 step) */
    double recover;        /* 1 - e^(-0.99 step) */
    double T_objective;    /* degC d */
    double Mtot;           /* g/m2 */
    double into_soil;      /* (1 - k) A_appl: g of input per g/m2 applied */
    double share_a;        /* Init_avail */
    double loss;           /* parts of the available stock lost per row and (m3/s)^2 */
    double background;     /* ng/L */
    csk_stock_rates rates; /* per row; its loss is set row by row */
} setting;

CSK_INLINE double smaller(double a, double b)
{
    return a < b ? a : b;
}

CSK_INLINE setting prepare(const csk_herbicide_parameters *p, const csk_clock *clock)
{
    const double step = clock->step;
    return (setting){
        .step = step,
        .per_day = 1.0 / step,
        .forget = csk_exp(-FORGET_RATE * step),
        .recover = -csk_expm1(-FORGET_RATE * step),
        .T_objective = p->T_objective,
        .Mtot = p->Mtot,
        .into_soil = (1.0 - p->k) * p->A_appl,
        .share_a = p->Init_avail,
        .loss = smaller(CSK_SECONDS_PER_DAY * step * p->Eta / p->A_tot / p->A_tot, LARGEST_LOSS),
        .background = p->C_back,
        .rates = {p->Transfer_au * step, p->Transfer_ua * step, 0.0},
    };
}

/* Moves the temperature sum over the row; returns for how many of its days application may go on.
 */
CSK_INLINE double pass_season(csk_herbicide_state *state, const setting *fixed, double temperature)
{
    const double before = state->T_sum;
    if (temperature > 0.0) {
        const double after = before + temperature * fixed->step;
        state->T_sum = after;
        if (before > fixed->T_objective) {
            return fixed->step;
        }
        const double days = (after - fixed->T_objective) / temperature;
        return days > 0.0 ? smaller(days, fixed->step) : 0.0;
    }
    state->T_sum = before * fixed->forget;
    if (temperature == 0.0 && before > fixed->T_objective) { /* until the sum has fallen that far */
        return smaller(csk_log(before / fixed->T_objective) / FORGET_RATE, fixed->step);
    }
    return 0.0;
}

/*
 * The fall d of w, where about half of it or more is left: d - ln(1 - d/w0) = tau, from the zero of
 * the tangent at w0. Solved for the fall because it may be a small part of w.
 */
CSK_INLINE double deplete_a_little(double w0, double tau)
{
    double d = w0 * (tau / (1.0 + w0));
    for (int i = 0; i < MAX_NEWTON; i++) {
        const double w = w0 - d;
        const double next = d - (d - csk_log1p(-d / w0) - tau) * (w / (1.0 + w));
        if (!(next < d)) {
            break;
        }
        d = next;
    }
    return d;
}

/*
 * The new w, which may be a small part of the old: (w - w0) + ln(w/w0) + tau = 0. The root is
 * Lambert's W(y), y = w0 e^(w0 - tau), and above y/(1 + y); y itself may be 0 or infinite.
 */
CSK_INLINE double deplete_much(double w0, double tau)
{
    double w = 1.0 / (1.0 + 1.0 / (w0 * csk_exp(w0 - tau)));
    if (w < LEAST_SHARE) {
        return 0.0;
    }
    for (int i = 0; i < MAX_NEWTON; i++) {
        const double next = w - ((w - w0) + csk_log(w / w0) + tau) * (w / (1.0 + w));
        if (!(next > w)) {
            break;
        }
        w = next;
    }
    return w;
}

/*
 * Application for some days; returns what was applied [g/m2].
 *
 * In w = 100 M/Mtot the equation is (1 + 1/w) dw = -dtau with tau = 100 days/14, so that
 * w + ln w falls by tau. The left side rises and is concave in w: Newton's method, started below
 * the root, climbs to it until rounding lets it climb no more.
 */
CSK_INLINE double deplete(double *M, double Mtot, double days)
{
    const double unit = HALF_SPEED_SHARE * Mtot;
    const double before = *M;
    const double w0 = before / unit;
    const double tau = days / (HALF_SPEED_SHARE * APPLICATION_DAYS);
    double applied;
    double after;
    if (tau < 0.5 * (1.0 + w0)) {
        applied = deplete_a_little(w0, tau) * unit;
        after = before - applied;
    } else {
        after = deplete_much(w0, tau) * unit;
        applied = before - after;
    }
    const int is_over = after < LEAST_SHARE * Mtot;
    *M = is_over ? 0.0 : after;
    return is_over ? before : applied;
}

/* Moves what is to be applied over the row; returns what was applied [g/m2]. */
CSK_INLINE double apply(csk_herbicide_state *state, const setting *fixed, double temperature,
                        double precipitation)
{
    const double days = pass_season(state, fixed, temperature);
    const double before = state->M_to_apply;
    if (temperature <= HARD_FROST) {
        state->M_to_apply = before + (fixed->Mtot - before) * fixed->recover;
        return 0.0;
    }
    if (days > 0.0 && precipitation <= DRY && before > 0.0 && fixed->Mtot > 0.0) {
        return deplete(&state->M_to_apply, fixed->Mtot, days);
    }
    return 0.0;
}

CSK_INLINE double counting(double mass)
{
    return mass < LEAST_MASS ? 0.0 : mass;
}

/* Moves the stocks over the row; returns what they lost to the water [g]. */
CSK_INLINE double transport(csk_herbicide_state *state, const setting *fixed, double input,
                            double discharge)
{
    const csk_stocks x = {state->M_avail, state->M_unavail};
    if (x.a + x.u + input == 0.0) {
        return 0.0;
    }
    csk_stock_rates rates = fixed->rates;
    rates.loss = smaller(fixed->loss * discharge * discharge, LARGEST_LOSS);
    const csk_stocks in = {fixed->share_a * input, (1.0 - fixed->share_a) * input};
    const csk_stock_row row = csk_stocks_advance(x, in, rates);
    state->M_avail = counting(row.end.a);
    state->M_unavail = counting(row.end.u);
    return rates.loss * row.mean_a;
}

/* Sum in two doubles, so that a year of small rows loses nothing (Knuth's exact sum). */
CSK_INLINE void add(csk_pair *sum, double x)
{
    const double high = sum->high + x;
    const double part = high - sum->high;
    sum->low += (sum->high - (high - part)) + (x - part);
    sum->high = high;
}

/* What a row did, beside the state. */
typedef struct {
    double applied;   /* g/m2 */
    double input;     /* g */
    double flux;      /* g/d */
    double delivered; /* g/d */
} change;

CSK_INLINE void trace_row(const csk_herbicide_trace *trace, size_t i,
                          const csk_herbicide_state *state, const setting *fixed, change c)
{
    if (trace == NULL) {
        return;
    }
    trace->M_to_apply[i] = state->M_to_apply;
    trace->T_sum[i] = state->T_sum;
    trace->f_applic[i] = c.applied * fixed->per_day;
    trace->M_avail[i] = state->M_avail;
    trace->M_unavail[i] = state->M_unavail;
    trace->M_stock[i] = c.input * fixed->per_day - c.flux;
    trace->Flux[i] = c.flux;
    trace->L[i] = c.delivered;
}

CSK_INLINE void run(csk_herbicide_output *restrict output, csk_herbicide_state *restrict state,
                    const csk_forcing *restrict forcing,
                    const csk_herbicide_parameters *restrict parameters, const csk_clock *clock)
{
    const setting fixed = prepare(parameters, clock);
    csk_herbicide_state now = *state;
    csk_pair applied = {0.0, 0.0};
    csk_pair lost = {0.0, 0.0};
    size_t n_negative = 0;
    if (clock->n_time > 0) {
        output->load[0] = 0.0;
        output->concentration[0] = 0.0;
        trace_row(output->trace, 0, &now, &fixed, (change){0});
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double given = forcing->local_discharge[i];
        const double discharge = given > 0.0 ? given : 0.0;
        n_negative += given < 0.0 ? 1 : 0;
        change c;
        c.applied = apply(&now, &fixed, forcing->temperature[i], forcing->precipitation[i]);
        c.input = c.applied * fixed.into_soil;
        const double loss = transport(&now, &fixed, c.input, discharge);
        c.flux = loss * fixed.per_day;
        c.delivered = csk_delivered(c.flux, discharge, fixed.background);
        add(&applied, c.input);
        add(&lost, loss);
        output->load[i] = c.delivered * fixed.step;
        output->concentration[i] = csk_concentration(c.flux, discharge, fixed.background);
        trace_row(output->trace, i, &now, &fixed, c);
    }
    *state = now;
    output->applied_mass = applied.high + applied.low;
    output->lost_mass = lost.high + lost.low;
    output->n_negative = n_negative;
}

CSK_CLONES void csk_herbicide_range(csk_herbicide_output *restrict outputs,
                                    csk_herbicide_state *restrict states,
                                    const csk_forcing *restrict forcings,
                                    const csk_herbicide_parameters *restrict parameters,
                                    const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &states[i], &forcings[i], &parameters[i], clock);
    }
}

void csk_herbicide(csk_herbicide_output *outputs, csk_herbicide_state *states,
                   const csk_forcing *forcings, const csk_herbicide_parameters *parameters,
                   const csk_clock *clock, size_t n, int n_threads)
{
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        csk_herbicide_range(outputs, states, forcings, parameters, clock, i, i + 1);
    }
}
