/* SPDX-License-Identifier: MIT */
/**
 * The forcing variables of an input file, float32 (catchment, time), in their order everywhere.
 */
#ifndef CS_STORE_VARIABLES_H
#define CS_STORE_VARIABLES_H

typedef enum {
    CS_TEMPERATURE,     /* degC */
    CS_PRECIPITATION,   /* mm h-1 */
    CS_DISCHARGE,       /* m3 s-1 */
    CS_LOCAL_DISCHARGE, /* m3 s-1 */
    CS_N_VARIABLES
} cs_variable;

/** Name of the dataset. */
const char *cs_variable_name(cs_variable variable);

/** Its unit in our files. */
const char *cs_variable_units(cs_variable variable);

#endif
