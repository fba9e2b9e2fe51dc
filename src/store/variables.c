/* SPDX-License-Identifier: MIT */
#include "store/variables.h"

static const struct {
    const char *name, *units;
} VARIABLES[CS_N_VARIABLES] = {
    [CS_TEMPERATURE] = {"temperature", "degC"},
    [CS_PRECIPITATION] = {"precipitation", "mm h-1"},
    [CS_DISCHARGE] = {"discharge", "m3 s-1"},
    [CS_LOCAL_DISCHARGE] = {"local_discharge", "m3 s-1"},
};

const char *cs_variable_name(cs_variable variable)
{
    return VARIABLES[variable].name;
}

const char *cs_variable_units(cs_variable variable)
{
    return VARIABLES[variable].units;
}
