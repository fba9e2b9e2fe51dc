/* SPDX-License-Identifier: MIT */
#include "store/units.h"

#include <string.h>

typedef struct {
    const char *name; /* several spellings, separated by | */
    double factor, summand;
} unit;

static const unit TEMPERATURE[] = {{"degC|degree_Celsius|degrees_Celsius|celsius|Celsius|\xc2\xb0"
                                    "C|deg_C|degree_C",
                                    1.0, 0.0},
                                   {"K|kelvin|Kelvin|degK", 1.0, -273.15},
                                   {NULL, 0.0, 0.0}};
static const unit PRECIPITATION[] = {
    {"mm h-1|mm/h|mm hr-1|mm/hr|mm hour-1|mm/hour|mm h^-1", 1.0, 0.0},
    {"mm d-1|mm/d|mm day-1|mm/day|mm d^-1", 1.0 / 24.0, 0.0},
    {NULL, 0.0, 0.0}};
static const unit DISCHARGE[] = {{"m3 s-1|m3/s|m^3/s|m**3/s|m^3 s^-1|m**3 s**-1", 1.0, 0.0},
                                 {"L s-1|l s-1|L/s|l/s|L s^-1", 1e-3, 0.0},
                                 {NULL, 0.0, 0.0}};
static const unit AREA[] = {
    {"m2|m^2|m**2", 1.0, 0.0}, {"km2|km^2|km**2", 1e6, 0.0}, {NULL, 0.0, 0.0}};
static const unit RATE[] = {{"g m-2|g/m2|g/m^2|g/m**2|g m^-2", 1.0, 0.0}, {NULL, 0.0, 0.0}};

static const struct {
    const char *variable;
    const unit *units;
    const char *known;
} TABLE[] = {
    {"temperature", TEMPERATURE, "degC or K"},
    {"precipitation", PRECIPITATION, "mm h-1 or mm d-1"},
    {"discharge", DISCHARGE, "m3 s-1 or L s-1"},
    {"local_discharge", DISCHARGE, "m3 s-1 or L s-1"},
    {"area", AREA, "m2 or km2"},
    {"application_area", AREA, "m2 or km2"},
    {"facade_area", AREA, "m2 or km2"},
    {"application_rate", RATE, "g m-2"},
};

static bool is_spelling(const char *spellings, const char *text)
{
    const size_t length = strlen(text);
    for (const char *at = spellings; *at != '\0';) {
        const size_t one = strcspn(at, "|");
        if (one == length && strncmp(at, text, one) == 0) {
            return true;
        }
        at += one + (at[one] == '|');
    }
    return false;
}

bool cs_units_conversion(double *factor, double *summand, const char **known, const char *variable,
                         const char *units)
{
    *factor = 1.0;
    *summand = 0.0;
    *known = NULL;
    for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
        if (strcmp(TABLE[i].variable, variable) != 0) {
            continue;
        }
        *known = TABLE[i].known;
        for (const unit *u = TABLE[i].units; u->name != NULL && units != NULL; u++) {
            if (is_spelling(u->name, units)) {
                *factor = u->factor;
                *summand = u->summand;
                return true;
            }
        }
        return false;
    }
    return true;
}
