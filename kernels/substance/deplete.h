/* SPDX-License-Identifier: MIT */
/**
 * What farmers still have to apply, and how it falls while they do.
 *
 *     dM/dt = -rate M / (M + 0.01 total)
 *
 * In w = 100 M/total the equation is (1 + 1/w) dw = -dtau with tau = 100 rate days/total, so that
 * w + ln w falls by tau. The left side rises and is concave in w: Newton's method, started below
 * the root, climbs to it until rounding lets it climb no more. M below 1e-18 total counts as 0: it
 * never gets there by itself. Thread-safe, never fail, no memory.
 */
#ifndef CSK_SUBSTANCE_DEPLETE_H
#define CSK_SUBSTANCE_DEPLETE_H

#include "kernels/math/elementary.h"

#define CSK_HALF_SPEED_SHARE 0.01  /* M/total at which application is half as fast */
#define CSK_LEAST_SHARE      1e-18 /* of total that counts */

enum { CSK_MAX_NEWTON = 64 };

/**
 * The fall d of w, where about half of it or more is left: d - ln(1 - d/w0) = tau, from the zero of
 * the tangent at w0. Solved for the fall because it may be a small part of w.
 */
CSK_INLINE double csk_deplete_a_little(double w0, double tau)
{
    double d = w0 * (tau / (1.0 + w0));
    for (int i = 0; i < CSK_MAX_NEWTON; i++) {
        const double w = w0 - d;
        const double next = d - (d - csk_log1p(-d / w0) - tau) * (w / (1.0 + w));
        if (!(next < d)) {
            break;
        }
        d = next;
    }
    return d;
}

/**
 * The new w, which may be a small part of the old: (w - w0) + ln(w/w0) + tau = 0. The root is
 * Lambert's W(y), y = w0 e^(w0 - tau), and above y/(1 + y); y itself may be 0 or infinite.
 */
CSK_INLINE double csk_deplete_much(double w0, double tau)
{
    double w = 1.0 / (1.0 + 1.0 / (w0 * csk_exp(w0 - tau)));
    if (w < CSK_LEAST_SHARE) {
        return 0.0;
    }
    for (int i = 0; i < CSK_MAX_NEWTON; i++) {
        const double next = w - ((w - w0) + csk_log(w / w0) + tau) * (w / (1.0 + w));
        if (!(next > w)) {
            break;
        }
        w = next;
    }
    return w;
}

/** Lets M [g/m2] fall while w + ln w falls by tau; returns what was applied [g/m2]. total > 0. */
CSK_INLINE double csk_deplete(double *M, double total, double tau)
{
    const double unit = CSK_HALF_SPEED_SHARE * total;
    const double before = *M;
    const double w0 = before / unit;
    double applied;
    double after;
    if (tau < 0.5 * (1.0 + w0)) {
        applied = csk_deplete_a_little(w0, tau) * unit;
        after = before - applied;
    } else {
        after = csk_deplete_much(w0, tau) * unit;
        applied = before - after;
    }
    const int is_over = after < CSK_LEAST_SHARE * total;
    *M = is_over ? 0.0 : after;
    return is_over ? before : applied;
}

#endif
