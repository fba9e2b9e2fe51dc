/* SPDX-License-Identifier: MIT */
/**
 * The models behind the catalogue, one file each, and what the mixed model shares with its parts.
 * For the files of this folder only.
 *
 * A list of parameters is a macro over the prefix of its names, so that the mixed model
 * ("herbicide.Eta") has the order, units and defaults of the model itself. Conversions take the
 * numbers in that order. Thread-safe; all tables are constant.
 */
#ifndef CS_MODEL_SUBSTANCE_MODELS_H
#define CS_MODEL_SUBSTANCE_MODELS_H

#include <math.h>

#include "kernels/substance/biocide.h"
#include "kernels/substance/herbicide.h"
#include "kernels/substance/household.h"
#include "model/substance.h"

#define CS_COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CS_NO_DEFAULT   NAN

/* Bits of cs_substance_model.needs. */
#define CS_NEEDS_TEMPERATURE   (1U << CS_TEMPERATURE)
#define CS_NEEDS_PRECIPITATION (1U << CS_PRECIPITATION)
#define CS_NEEDS_WATER         (1U << CS_LOCAL_DISCHARGE)
#define CS_NEEDS_ALL           (CS_NEEDS_TEMPERATURE | CS_NEEDS_PRECIPITATION | CS_NEEDS_WATER)

/* Without C_back, which the mixed model has once for all parts. */
#define CS_HERBICIDE_PARAMETERS(prefix)                                                            \
    {prefix "A_tot", "m2", "area", CS_NO_DEFAULT},                                                 \
        {prefix "A_appl", "m2", "application_area", CS_NO_DEFAULT},                                \
        {prefix "R_appl", "g m-2", "application_rate", CS_NO_DEFAULT},                             \
        {prefix "k", "1", NULL, 0.7}, {prefix "Init_avail", "1", NULL, 0.3},                       \
        {prefix "T_objective", "degC d", NULL, 400.0}, {prefix "Transfer_au", "d-1", NULL, 0.05},  \
        {prefix "Transfer_ua", "d-1", NULL, 0.003},                                                \
    {                                                                                              \
        prefix "Eta", "s m-2", NULL, 5e9                                                           \
    }
#define CS_BIOCIDE_PARAMETERS(prefix)                                                              \
    {prefix "A_appl", "m2", "application_area", CS_NO_DEFAULT},                                    \
        {prefix "R_appl", "g m-2", NULL, 0.3},                                                     \
    {                                                                                              \
        prefix "Beta", "mm-1", NULL, 2e-5                                                          \
    }
#define CS_HOUSEHOLD_PARAMETERS(prefix)                                                            \
    {prefix "population", "1", "population", CS_NO_DEFAULT},                                       \
        {prefix "consumption", "g d-1", NULL, 0.001}, {prefix "excreted", "1", NULL, 0.1},         \
        {prefix "connected", "1", NULL, 0.95}, {prefix "removal", "1", NULL, 0.1},                 \
        {prefix "direct", "1", NULL, 1.0},                                                         \
    {                                                                                              \
        prefix "point_load", "g d-1", NULL, 0.0                                                    \
    }

/* How many parameters the lists have. */
enum { CS_N_HERBICIDE = 9, CS_N_BIOCIDE = 3, CS_N_HOUSEHOLD = 7 };

/* The herbicide's background, and that of the mixed model: the sum of its parts'. */
#define CS_HERBICIDE_BACKGROUND 5.0

extern const cs_substance_model cs_model_herbicide;
extern const cs_substance_model cs_model_biocide;
extern const cs_substance_model cs_model_pesticide;
extern const cs_substance_model cs_model_biocide_wwtp;
extern const cs_substance_model cs_model_household;
extern const cs_substance_model cs_model_mixed;

/** From the numbers of a list to a kernel's parameters, with a background of 0. */
csk_herbicide_parameters cs_herbicide_parameters(const double *p);
csk_biocide_parameters cs_biocide_parameters(const double *p);
csk_household_parameters cs_household_parameters(const double *p);

/** The herbicide's states, which are those of the mixed model too. */
extern const cs_state_info cs_herbicide_states[];
enum { CS_N_HERBICIDE_STATES = 4 };
csk_herbicide_state cs_herbicide_state(const double *s);
void cs_herbicide_put_state(double *s, const csk_herbicide_state *state);
const char *cs_herbicide_state_invalid(const double *s);

/** For models without states. */
const char *cs_no_state_invalid(const double *states);
void cs_no_initial(double *states, const double *parameters);

#endif
