/* SPDX-License-Identifier: MIT */
/**
 * The units that are understood, by name of variable; private to src/store.
 */
#ifndef CS_STORE_UNITS_H
#define CS_STORE_UNITS_H

#include <stdbool.h>

/**
 * How to convert a variable's values to our unit: ours = factor x value + summand.
 *
 * @param known [out] the units that are known for this variable, for messages; NULL: any is fine
 * @return whether `units` is one of them (or any is fine). Thread-safe.
 */
bool cs_units_conversion(double *factor, double *summand, const char **known, const char *variable,
                         const char *units);

#endif
