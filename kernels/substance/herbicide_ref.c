/* SPDX-License-Identifier: MIT */
/*
 * The herbicide model in long double by plain means: bisection for what is to be applied, the
 * exponential of one 4 x 4 matrix for stocks, input and export together. Slow, for tests only; it
 * shares no code with the fast one.
 */
#include <math.h>

#include "kernels/substance/herbicide.h"

enum { N_BISECTIONS = 200, N_TAYLOR = 24, N_VECTOR = 4 };

/* A year's worth of rows is followed in long double; only what is reported is rounded. */
typedef struct {
    long double S, M, a, u;
} state;

typedef struct {
    long double m[N_VECTOR][N_VECTOR];
} matrix;

static matrix product(const matrix *x, const matrix *y)
{
    matrix z;
    for (int i = 0; i < N_VECTOR; i++) {
        for (int j = 0; j < N_VECTOR; j++) {
            z.m[i][j] = 0.0L;
            for (int k = 0; k < N_VECTOR; k++) {
                z.m[i][j] += x->m[i][k] * y->m[k][j];
            }
        }
    }
    return z;
}

static long double norm(const matrix *x)
{
    long double largest = 0.0L;
    for (int j = 0; j < N_VECTOR - 1; j++) { /* the last column is the input: any size */
        long double sum = 0.0L;
        for (int i = 0; i < N_VECTOR; i++) {
            sum += fabsl(x->m[i][j]);
        }
        largest = fmaxl(largest, sum);
    }
    return largest;
}

/*
 * e^x - 1: Taylor's series of a piece of the row, doubled until it is the whole row. Doubling
 * e^x - 1 = E to 2 E + E^2 keeps what is slow beside what is fast.
 */
static matrix exponential_less_one(matrix x)
{
    const long double size = norm(&x);
    int n_doublings = size > 0.25L ? ilogbl(size) + 3 : 0; /* pieces of norm 1/4 at most */
    for (int i = 0; i < N_VECTOR; i++) {
        for (int j = 0; j < N_VECTOR; j++) {
            x.m[i][j] = ldexpl(x.m[i][j], -n_doublings);
        }
    }
    matrix term = x;
    matrix sum = x;
    for (int k = 2; k <= N_TAYLOR; k++) {
        term = product(&x, &term);
        for (int i = 0; i < N_VECTOR; i++) {
            for (int j = 0; j < N_VECTOR; j++) {
                term.m[i][j] /= k;
                sum.m[i][j] += term.m[i][j];
            }
        }
    }
    for (; n_doublings > 0; n_doublings--) {
        const matrix square = product(&sum, &sum);
        for (int i = 0; i < N_VECTOR; i++) {
            for (int j = 0; j < N_VECTOR; j++) {
                sum.m[i][j] = 2.0L * sum.m[i][j] + square.m[i][j];
            }
        }
    }
    return sum;
}

/* The stocks after the row, and what was exported [g]: d(a, u, exported, 1)/dt is linear. */
static long double transport(state *s, const csk_herbicide_parameters *p, long double in,
                             long double q, long double step)
{
    const long double lambda = p->Eta * powl(q / p->A_tot, 2.0L) * 86400.0L;
    matrix x = {{
        {-(p->Transfer_au + lambda), p->Transfer_ua, 0.0L, p->Init_avail * in},
        {p->Transfer_au, -(long double)p->Transfer_ua, 0.0L, (1.0L - p->Init_avail) * in},
        {lambda, 0.0L, 0.0L, 0.0L},
        {0.0L, 0.0L, 0.0L, 0.0L},
    }};
    for (int i = 0; i < N_VECTOR; i++) {
        for (int j = 0; j < N_VECTOR; j++) {
            x.m[i][j] *= step;
        }
    }
    const matrix e = exponential_less_one(x);
    const long double more_a = e.m[0][0] * s->a + e.m[0][1] * s->u + e.m[0][3];
    const long double more_u = e.m[1][0] * s->a + e.m[1][1] * s->u + e.m[1][3];
    const long double exported = e.m[2][0] * s->a + e.m[2][1] * s->u + e.m[2][3];
    s->a += more_a;
    s->u += more_u;
    return exported;
}

/* What is applied in some days: with y = ln(M1/M0), M0 (1 - e^y) - 0.01 Mtot y = Mtot days/14. */
static long double deplete(state *s, long double Mtot, long double days)
{
    const long double before = s->M;
    long double low = -100.0L * days / 14.0L; /* applies too much (or just enough) */
    long double high = 0.0L;                  /* applies nothing */
    for (int i = 0; i < N_BISECTIONS; i++) {
        const long double y = (low + high) / 2.0L;
        if (-before * expm1l(y) - 0.01L * Mtot * y > Mtot * days / 14.0L) {
            low = y;
        } else {
            high = y;
        }
    }
    s->M = before * expl(high);
    if (s->M < 1e-18L * Mtot) {
        s->M = 0.0L;
        return before;
    }
    return -before * expm1l(high);
}

/* Temperature sum and application of a row; returns what was applied [g/m2]. */
static long double apply(state *s, const csk_herbicide_parameters *p, double T, double P,
                         long double step)
{
    const long double before = s->S;
    long double days = 0.0L;
    if (T > 0.0) {
        s->S = before + T * step;
        if (before > p->T_objective) {
            days = step;
        } else if (s->S > p->T_objective) {
            days = step - (p->T_objective - before) / T;
        }
    } else {
        s->S = before * expl(-0.99L * step);
        if (T == 0.0 && s->S > p->T_objective) {
            days = step;
        } else if (T == 0.0 && before > p->T_objective) {
            days = logl(before / p->T_objective) / 0.99L;
        }
    }
    if (T <= -5.0) {
        s->M = p->Mtot + (s->M - p->Mtot) * expl(-0.99L * step);
    }
    return days > 0.0L && P <= 2.0 && s->M > 0.0L && p->Mtot > 0.0 ? deplete(s, p->Mtot, days)
                                                                   : 0.0L;
}

static void trace_row(const csk_herbicide_trace *trace, size_t i, const state *s)
{
    trace->T_sum[i] = (double)s->S;
    trace->M_to_apply[i] = (double)s->M;
    trace->M_avail[i] = (double)s->a;
    trace->M_unavail[i] = (double)s->u;
}

static void trace_fluxes(const csk_herbicide_trace *trace, size_t i, long double f,
                         long double stock, long double flux, long double delivered)
{
    trace->f_applic[i] = (double)f;
    trace->M_stock[i] = (double)stock;
    trace->Flux[i] = (double)flux;
    trace->L[i] = (double)delivered;
}

static void run(csk_herbicide_output *output, csk_herbicide_state *given,
                const csk_forcing *forcing, const csk_herbicide_parameters *p,
                const csk_clock *clock)
{
    const long double step = clock->step;
    state s = {given->T_sum, given->M_to_apply, given->M_avail, given->M_unavail};
    long double all_applied = 0.0L;
    long double all_lost = 0.0L;
    output->n_negative = 0;
    for (size_t i = 0; i < clock->n_time; i++) {
        long double applied = 0.0L;
        long double lost = 0.0L;
        long double q = 0.0L;
        if (i > 0) {
            q = fmaxl(forcing->local_discharge[i], 0.0L);
            output->n_negative += forcing->local_discharge[i] < 0.0 ? 1 : 0;
            applied = apply(&s, p, forcing->temperature[i], forcing->precipitation[i], step);
            lost = transport(&s, p, applied * (1.0L - p->k) * p->A_appl / step, q, step);
        }
        const long double in = applied * (1.0L - p->k) * p->A_appl;
        const long double delivered = lost / step + 0.0864L * p->C_back * q;
        all_applied += in;
        all_lost += lost;
        output->load[i] = (double)(delivered * step);
        output->concentration[i] = q > 0.0L ? (double)(delivered / (0.0864L * q)) : (double)NAN;
        if (output->trace != NULL) {
            trace_row(output->trace, i, &s);
            trace_fluxes(output->trace, i, applied / step, (in - lost) / step, lost / step,
                         delivered);
        }
    }
    if (clock->n_time > 0) {
        output->concentration[0] = 0.0;
    }
    *given = (csk_herbicide_state){(double)s.S, (double)s.M, (double)s.a, (double)s.u};
    output->applied_mass = (double)all_applied;
    output->lost_mass = (double)all_lost;
}

void csk_herbicide_ref(csk_herbicide_output *outputs, csk_herbicide_state *states,
                       const csk_forcing *forcings, const csk_herbicide_parameters *parameters,
                       const csk_clock *clock, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        run(&outputs[i], &states[i], &forcings[i], &parameters[i], clock);
    }
}
