/* SPDX-License-Identifier: MIT */
/**
 * What leaves a catchment: from a flux and the local discharge to load and concentration.
 *
 * Thread-safe, never fail. `discharge` is the local discharge [m3/s] with negative values already
 * set to 0, `flux` [g/d] the row's mean, `background` [ng/L].
 */
#ifndef CSK_SUBSTANCE_DELIVERY_H
#define CSK_SUBSTANCE_DELIVERY_H

#include "kernels/math/clones.h"

#define CSK_SECONDS_PER_DAY 86400.0
/* g/d of 1 ng/L in 1 m3/s: 86400 s/d x 1000 L/m3 x 1e-9 g/ng */
#define CSK_GRAMS_PER_DAY 0.0864

/** Discharge or precipitation as the models take it: below 0 counts as 0. */
CSK_INLINE double csk_not_negative(double given)
{
    return given > 0.0 ? given : 0.0;
}

/** What is measured at the outlet [g/d]: the flux and the background in the water. */
CSK_INLINE double csk_delivered(double flux, double discharge, double background)
{
    return flux + CSK_GRAMS_PER_DAY * background * discharge;
}

/** Concentration [ng/L]; NaN where there is no water. 1 g/m3 = 1e6 ng/L. */
CSK_INLINE double csk_concentration(double flux, double discharge, double background)
{
    return discharge > 0.0 ? flux / (CSK_SECONDS_PER_DAY * discharge) * 1e6 + background
                           : __builtin_nan("");
}

#endif
