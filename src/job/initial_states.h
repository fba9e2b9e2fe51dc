/* SPDX-License-Identifier: MIT */
/**
 * The states that an earlier run left, as the initial states of this one. Rank 0.
 *
 * The run goes on with the series of the earlier one: its row 0 is that one's last row, which gives
 * the initial states, and two pieces in a row are one run, bit for bit.
 */
#ifndef CS_JOB_INITIAL_STATES_H
#define CS_JOB_INITIAL_STATES_H

#include "config/config.h"
#include "model/external_text.h"
#include "model/substance.h"
#include "store/earlier.h"
#include "store/forcing.h"

/** What it has to fit. All borrowed. */
typedef struct {
    const cs_config *config;
    const cs_config_substance *substance; /* with the path of the earlier result */
    const cs_substance_model *model;      /* NULL: none of ours */
    const cs_forcing_info *input;
} cs_initial_states;

/**
 * Opens the substance's earlier result and checks that this run can go on from it: same substance
 * and model, same time step, its last time is that of row 0, every catchment is there.
 *
 * @param earlier [out] the caller closes it
 * Errors: CS_IO, CS_DATA (what does not fit), CS_MEMORY.
 */
cs_status cs_initial_states_open(cs_earlier **earlier, const cs_initial_states *run, cs_error *err);

/**
 * Takes the states of every catchment; those of a run that failed are NaN.
 *
 * @param states [out] [n_catchment][n_states]
 * Errors: CS_DATA (a state is missing, or breaks the model's rules: where), CS_MEMORY.
 */
cs_status cs_initial_states_fill(double *states, const cs_initial_states *run,
                                 const cs_earlier *earlier, cs_error *err);

/**
 * The same for an external program, whose templates must use every state of the model by its name.
 *
 * @param numbers [in,out] [n_catchment][wanted->n]
 * Errors: as above; CS_DATA where a state is in no template.
 */
cs_status cs_initial_states_fill_numbers(double *numbers, const cs_wanted *wanted,
                                         const cs_initial_states *run, const cs_earlier *earlier,
                                         cs_error *err);

#endif
