/* SPDX-License-Identifier: MIT */
/**
 * The model types that a layout may name, each as a table: parameters, ports, states, run.
 *
 * A model's numbers and series are arrays with one slot for each name of its type. Thread-safe; all
 * tables are constant. The equations: kernels/substance/components.h.
 */
#ifndef CS_LAYOUT_COMPONENT_H
#define CS_LAYOUT_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/substance/forcing.h"

enum { CS_COMPONENT_SLOTS = 8 }; /* of any kind: herbicide has 8 parameters */

/** A parameter, port or state. */
typedef struct {
    const char *name;
    size_t slot;
    bool optional; /* a parameter then is 0, a port not connected */
} cs_member;

/** All of one kind; at most CS_COMPONENT_SLOTS. */
typedef struct {
    const cs_member *members;
    size_t n;
} cs_members;

typedef struct {
    const char *type;
    cs_members parameters, inputs, outputs, states;
    /** The parameter that a state is at the beginning unless told: [n of states], NULL: 0. */
    const char *const *initial;
    /** Which rule the parameters break, without a full stop; NULL: none. */
    const char *(*invalid)(const double *parameters);
    /**
     * Runs the whole series.
     *
     * @param outputs [out]    a series [n_time] for each slot; NULL: not wanted
     * @param states  [in,out] initial, then final
     * @param inputs  [in]     a series [n_time] for each slot; NULL: not connected
     */
    void (*run)(double *const *outputs, double *states, const double *const *inputs,
                const double *parameters, const csk_clock *clock);
} cs_component;

/** The model type of this name, or NULL. */
const cs_component *cs_component_find(const char *type);

/** All types, separated by ", ", for messages. */
const char *cs_component_names(void);

/** The member of this name, or NULL. */
const cs_member *cs_members_find(const cs_members *members, const char *name);

#endif
