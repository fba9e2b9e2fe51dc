/* SPDX-License-Identifier: MIT */
/*
 * The pesticide model in long double by plain means, for tests only; it shares no code with the
 * fast one. Where seasons turn and where the temperature sum passes the objective is found by
 * bisection, and so is what is left to be applied; the stock by a series and doubling.
 */
#include <math.h>

#include "kernels/substance/pesticide.h"

enum { N_BISECTIONS = 200, N_TAYLOR = 24 };

/* A year's worth of rows is followed in long double; only what is reported is rounded. */
typedef struct {
    long double S, M, m;
} state;

/* The temperature sum after some days of a row. */
static long double warmed(long double S, const csk_pesticide_parameters *p, double T,
                          long double days)
{
    const long double rise = fmaxl((long double)T - p->T_threshold, 0.0L);
    if (T > 0.0) {
        return S + rise * days;
    }
    const long double rest = rise / 0.99L;
    return rest + (S - rest) * expl(-0.99L * days);
}

/* For how many of the days the sum is above the objective, which it passes once at most. */
static long double days_above(long double S, const csk_pesticide_parameters *p, double T,
                              long double days)
{
    const int begins_above = S > p->T_objective;
    const int ends_above = warmed(S, p, T, days) > p->T_objective;
    if (begins_above == ends_above) {
        return begins_above ? days : 0.0L;
    }
    long double low = 0.0L;
    long double high = days;
    for (int i = 0; i < N_BISECTIONS; i++) {
        const long double middle = (low + high) / 2.0L;
        if ((warmed(S, p, T, middle) > p->T_objective) == begins_above) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return begins_above ? low : days - low;
}

/* With y = ln(M1/M0): M0 (1 - e^y) - 0.01 M_total y = f_daily days. */
static long double deplete(state *s, const csk_pesticide_parameters *p, long double days)
{
    const long double before = s->M;
    const long double amount = (long double)p->f_daily * days;
    long double low = -amount / (0.01L * p->M_total); /* applies too much (or just enough) */
    long double high = 0.0L;                          /* applies nothing */
    for (int i = 0; i < N_BISECTIONS; i++) {
        const long double y = (low + high) / 2.0L;
        if (-before * expm1l(y) - 0.01L * p->M_total * y > amount) {
            low = y;
        } else {
            high = y;
        }
    }
    s->M = before * expl(high);
    if (s->M < 1e-18L * p->M_total) {
        s->M = 0.0L;
        return before;
    }
    return -before * expm1l(high);
}

static int refills_at(long double x)
{
    return fmodl(x, 365.25L) < 5.0L;
}

/* Where the next season begins behind x. */
static long double next_turn(long double x)
{
    const long double year = x - fmodl(x, 365.25L);
    return refills_at(x) ? year + 5.0L : year + 365.25L;
}

/* Temperature sum and application of a row; returns what was applied [g/m2]. */
static long double apply(state *s, const csk_pesticide_parameters *p, double T, double P,
                         long double begin, long double end)
{
    long double applied = 0.0L;
    for (long double x = begin; x < end;) {
        const long double to = fminl(next_turn(x), end);
        const long double above = days_above(s->S, p, T, to - x);
        if (refills_at(x)) {
            s->M = p->M_total + (s->M - p->M_total) * expl(-2.0L * (to - x));
        } else if (above > 0.0L && P <= p->rain_threshold && s->M > 0.0L && p->M_total > 0.0) {
            applied += deplete(s, p, above);
        }
        s->S = warmed(s->S, p, T, to - x);
        x = to;
    }
    return applied;
}

/*
 * What becomes of the stock in a row; returns its mean. The functions phi of a short piece by
 * Taylor's series, doubled until it is the row: phi2(2 z) = (phi1(z)^2 + 2 phi2(z))/4, phi1(2 z) =
 * phi1(z) (2 + e)/2 with e = e^z - 1.
 */
static long double wash(state *s, long double input, long double rate)
{
    const int n_doublings = rate > 0.25L ? ilogbl(rate) + 3 : 0; /* pieces of 1/4 at most */
    const long double z = ldexpl(-rate, -n_doublings);
    long double e = 0.0L;
    long double phi1 = 0.0L;
    long double phi2 = 0.0L;
    long double term = 1.0L; /* z^(k - 1)/(k - 1)! */
    for (int k = 1; k <= N_TAYLOR; k++) {
        phi1 += term / k;
        phi2 += term / k / (k + 1);
        term *= z / k;
        e += term;
    }
    for (int i = 0; i < n_doublings; i++) {
        phi2 = (phi1 * phi1 + 2.0L * phi2) / 4.0L;
        phi1 = phi1 * (2.0L + e) / 2.0L;
        e = e * (2.0L + e);
    }
    const long double mean = s->m * phi1 + input * phi2;
    s->m = s->m * (1.0L + e) + input * phi1;
    return mean;
}

static void report(csk_pesticide_output *output, size_t i, const state *s, long double rate,
                   long double delivered, long double q, long double step)
{
    output->load[i] = (double)(delivered * step);
    output->concentration[i] = q > 0.0L ? (double)(delivered / (0.0864L * q)) : (double)NAN;
    if (output->trace != NULL) {
        output->trace->T_sum[i] = (double)s->S;
        output->trace->M_to_apply[i] = (double)s->M;
        output->trace->f_applic[i] = (double)rate;
        output->trace->M_stock[i] = (double)s->m;
        output->trace->F_X[i] = (double)delivered;
    }
}

static void run(csk_pesticide_output *output, csk_pesticide_state *given,
                const csk_forcing *forcing, const csk_pesticide_parameters *p,
                const csk_clock *clock)
{
    const long double step = clock->step;
    state s = {given->T_sum, given->M_to_apply, given->M_stock};
    long double all_applied = 0.0L;
    long double all_lost = 0.0L;
    long double all_decayed = 0.0L;
    output->n_negative = 0;
    if (clock->n_time > 0) {
        report(output, 0, &s, 0.0L, 0.0L, 0.0L, step);
        output->concentration[0] = 0.0;
    }
    for (size_t i = 1; i < clock->n_time; i++) {
        const double T = forcing->temperature[i];
        const long double q = fmaxl(forcing->local_discharge[i], 0.0L);
        const long double row = (long double)(clock->number + i);
        const long double applied =
            apply(&s, p, T, forcing->precipitation[i], (row - 1.0L) * step, row * step);
        const long double in = applied * p->area_applic;
        const long double at_once = in * p->appl_loss;
        const long double decay = p->k_decay * powl(p->theta_decay, T - 20.0L) * step;
        const long double loss = 0.001L * p->beta * 86400.0L * q / p->area * step;
        const long double mean = wash(&s, in - at_once, decay + loss);
        const long double lost = loss * mean + at_once;
        all_applied += in;
        all_lost += lost;
        all_decayed += decay * mean;
        report(output, i, &s, applied / step, lost / step + 0.0864L * p->C_background * q, q, step);
        output->n_negative += forcing->local_discharge[i] < 0.0 ? 1 : 0;
    }
    *given = (csk_pesticide_state){(double)s.S, (double)s.M, (double)s.m};
    output->applied_mass = (double)all_applied;
    output->lost_mass = (double)all_lost;
    output->decayed_mass = (double)all_decayed;
}

void csk_pesticide_ref(csk_pesticide_output *outputs, csk_pesticide_state *states,
                       const csk_forcing *forcings, const csk_pesticide_parameters *parameters,
                       const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &states[i], &forcings[i], &parameters[i], clock);
    }
}
