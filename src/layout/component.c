/* SPDX-License-Identifier: MIT */
#include "layout/component.h"

#include <string.h>

#include "kernels/substance/components.h"

/*
 * The structures of components.h hold doubles, or pointers to series, and nothing else: a member's
 * slot is its place in them, and an array of slots is copied into one as it is.
 */
#define SLOT(structure, name)                                                                      \
    {                                                                                              \
#name, offsetof(structure, name) / sizeof(double), false                                   \
    }
#define SLOT_IF_GIVEN(structure, name)                                                             \
    {                                                                                              \
#name, offsetof(structure, name) / sizeof(double), true                                    \
    }
#define MEMBERS(list)                                                                              \
    {                                                                                              \
        list, sizeof(list) / sizeof(list)[0]                                                       \
    }
#define CHECK_SIZE(structure, list)                                                                \
    _Static_assert(sizeof(structure) == sizeof(list) / sizeof(list)[0] * sizeof(double) &&         \
                       sizeof(structure) <= CS_COMPONENT_SLOTS * sizeof(double) &&                 \
                       sizeof(double) == sizeof(double *),                                         \
                   "every member of " #structure " must be in its list")

#define DEFINE_INVALID(type)                                                                       \
    static const char *type##_invalid(const double *slots)                                         \
    {                                                                                              \
        csk_component_##type##_parameters parameters;                                              \
        memcpy(&parameters, slots, sizeof parameters);                                             \
        return csk_component_##type##_invalid(&parameters);                                        \
    }

#define DEFINE_RUN(type)                                                                           \
    DEFINE_INVALID(type)                                                                           \
    static void type##_run(double *const *outputs, double *states, const double *const *inputs,    \
                           const double *parameters, const csk_clock *clock)                       \
    {                                                                                              \
        csk_component_##type##_output output;                                                      \
        csk_component_##type##_input input;                                                        \
        csk_component_##type##_parameters given;                                                   \
        (void)states;                                                                              \
        memcpy(&output, outputs, sizeof output);                                                   \
        memcpy(&input, inputs, sizeof input);                                                      \
        memcpy(&given, parameters, sizeof given);                                                  \
        csk_component_##type(&output, &input, &given, clock);                                      \
    }

#define DEFINE_RUN_WITH_STATE(type)                                                                \
    DEFINE_INVALID(type)                                                                           \
    static void type##_run(double *const *outputs, double *states, const double *const *inputs,    \
                           const double *parameters, const csk_clock *clock)                       \
    {                                                                                              \
        csk_component_##type##_output output;                                                      \
        csk_component_##type##_state state;                                                        \
        csk_component_##type##_input input;                                                        \
        csk_component_##type##_parameters given;                                                   \
        memcpy(&output, outputs, sizeof output);                                                   \
        memcpy(&state, states, sizeof state);                                                      \
        memcpy(&input, inputs, sizeof input);                                                      \
        memcpy(&given, parameters, sizeof given);                                                  \
        csk_component_##type(&output, &state, &input, &given, clock);                              \
        memcpy(states, &state, sizeof state);                                                      \
    }

/* ---- herbicide_application ---- */

static const cs_member herbicide_application_parameters[] = {
    SLOT(csk_component_herbicide_application_parameters, M_totalperA),
    SLOT(csk_component_herbicide_application_parameters, T_objective),
};
CHECK_SIZE(csk_component_herbicide_application_parameters, herbicide_application_parameters);
static const cs_member herbicide_application_inputs[] = {
    SLOT(csk_component_herbicide_application_input, T),
    SLOT(csk_component_herbicide_application_input, P),
};
CHECK_SIZE(csk_component_herbicide_application_input, herbicide_application_inputs);
static const cs_member herbicide_application_outputs[] = {
    SLOT(csk_component_herbicide_application_output, M_to_apply),
    SLOT(csk_component_herbicide_application_output, T_sum),
    SLOT(csk_component_herbicide_application_output, f_applic),
};
CHECK_SIZE(csk_component_herbicide_application_output, herbicide_application_outputs);
static const cs_member herbicide_application_states[] = {
    SLOT(csk_component_herbicide_application_state, M_to_apply),
    SLOT(csk_component_herbicide_application_state, T_sum),
};
CHECK_SIZE(csk_component_herbicide_application_state, herbicide_application_states);
static const char *const herbicide_application_initial[] = {"M_totalperA", NULL};
DEFINE_RUN_WITH_STATE(herbicide_application)

/* ---- herbicide ---- */

static const cs_member herbicide_parameters[] = {
    SLOT(csk_component_herbicide_parameters, A_tot),
    SLOT(csk_component_herbicide_parameters, A_appl),
    SLOT(csk_component_herbicide_parameters, k),
    SLOT(csk_component_herbicide_parameters, Init_avail),
    SLOT(csk_component_herbicide_parameters, Transfer_au),
    SLOT(csk_component_herbicide_parameters, Transfer_ua),
    SLOT(csk_component_herbicide_parameters, Eta),
    SLOT(csk_component_herbicide_parameters, C_back),
};
CHECK_SIZE(csk_component_herbicide_parameters, herbicide_parameters);
static const cs_member herbicide_inputs[] = {
    SLOT(csk_component_herbicide_input, F_applic),
    SLOT(csk_component_herbicide_input, Q),
};
CHECK_SIZE(csk_component_herbicide_input, herbicide_inputs);
static const cs_member herbicide_outputs[] = {
    SLOT(csk_component_herbicide_output, C),         SLOT(csk_component_herbicide_output, Flux),
    SLOT(csk_component_herbicide_output, L),         SLOT(csk_component_herbicide_output, M_avail),
    SLOT(csk_component_herbicide_output, M_unavail), SLOT(csk_component_herbicide_output, M_stock),
};
CHECK_SIZE(csk_component_herbicide_output, herbicide_outputs);
static const cs_member herbicide_states[] = {
    SLOT(csk_component_herbicide_state, M_avail),
    SLOT(csk_component_herbicide_state, M_unavail),
};
CHECK_SIZE(csk_component_herbicide_state, herbicide_states);
static const char *const herbicide_initial[] = {NULL, NULL};
DEFINE_RUN_WITH_STATE(herbicide)

/* ---- biocide ---- */

static const cs_member biocide_parameters[] = {
    SLOT(csk_component_biocide_parameters, M_totalperA),
    SLOT(csk_component_biocide_parameters, A_appl),
    SLOT(csk_component_biocide_parameters, Beta),
    SLOT(csk_component_biocide_parameters, C_back),
};
CHECK_SIZE(csk_component_biocide_parameters, biocide_parameters);
static const cs_member biocide_inputs[] = {
    SLOT(csk_component_biocide_input, Q),
    SLOT(csk_component_biocide_input, P),
    SLOT(csk_component_biocide_input, T),
};
CHECK_SIZE(csk_component_biocide_input, biocide_inputs);
static const cs_member biocide_outputs[] = {
    SLOT(csk_component_biocide_output, C),
    SLOT(csk_component_biocide_output, Flux),
    SLOT(csk_component_biocide_output, L),
};
CHECK_SIZE(csk_component_biocide_output, biocide_outputs);
DEFINE_RUN(biocide)

/* ---- iwq_quality_application ---- */

static const cs_member iwq_quality_application_parameters[] = {
    SLOT(csk_component_iwq_quality_application_parameters, M_total),
    SLOT(csk_component_iwq_quality_application_parameters, T_threshold),
    SLOT(csk_component_iwq_quality_application_parameters, T_objective),
    SLOT(csk_component_iwq_quality_application_parameters, f_daily),
    SLOT(csk_component_iwq_quality_application_parameters, rain_threshold),
};
CHECK_SIZE(csk_component_iwq_quality_application_parameters, iwq_quality_application_parameters);
static const cs_member iwq_quality_application_inputs[] = {
    SLOT(csk_component_iwq_quality_application_input, T_air),
    SLOT(csk_component_iwq_quality_application_input, rain),
};
CHECK_SIZE(csk_component_iwq_quality_application_input, iwq_quality_application_inputs);
static const cs_member iwq_quality_application_outputs[] = {
    SLOT(csk_component_iwq_quality_application_output, T_sum),
    SLOT(csk_component_iwq_quality_application_output, M_to_apply),
    SLOT(csk_component_iwq_quality_application_output, f_applic),
};
CHECK_SIZE(csk_component_iwq_quality_application_output, iwq_quality_application_outputs);
static const cs_member iwq_quality_application_states[] = {
    SLOT(csk_component_iwq_quality_application_state, T_sum),
    SLOT(csk_component_iwq_quality_application_state, M_to_apply),
};
CHECK_SIZE(csk_component_iwq_quality_application_state, iwq_quality_application_states);
static const char *const iwq_quality_application_initial[] = {NULL, "M_total"};
DEFINE_RUN_WITH_STATE(iwq_quality_application)

/* ---- iwq_quality_pesticide ---- */

static const cs_member iwq_quality_pesticide_parameters[] = {
    SLOT(csk_component_iwq_quality_pesticide_parameters, area),
    SLOT(csk_component_iwq_quality_pesticide_parameters, area_applic),
    SLOT(csk_component_iwq_quality_pesticide_parameters, beta),
    SLOT(csk_component_iwq_quality_pesticide_parameters, appl_loss),
    SLOT(csk_component_iwq_quality_pesticide_parameters, k_decay),
    SLOT(csk_component_iwq_quality_pesticide_parameters, theta_decay),
    SLOT(csk_component_iwq_quality_pesticide_parameters, C_background),
};
CHECK_SIZE(csk_component_iwq_quality_pesticide_parameters, iwq_quality_pesticide_parameters);
static const cs_member iwq_quality_pesticide_inputs[] = {
    SLOT(csk_component_iwq_quality_pesticide_input, f_applic),
    SLOT(csk_component_iwq_quality_pesticide_input, T_air),
    SLOT(csk_component_iwq_quality_pesticide_input, F_driver),
    SLOT(csk_component_iwq_quality_pesticide_input, Q_total),
    SLOT(csk_component_iwq_quality_pesticide_input, Q_background),
};
CHECK_SIZE(csk_component_iwq_quality_pesticide_input, iwq_quality_pesticide_inputs);
static const cs_member iwq_quality_pesticide_outputs[] = {
    SLOT(csk_component_iwq_quality_pesticide_output, C_X),
    SLOT(csk_component_iwq_quality_pesticide_output, F_X),
    SLOT(csk_component_iwq_quality_pesticide_output, M_stock),
};
CHECK_SIZE(csk_component_iwq_quality_pesticide_output, iwq_quality_pesticide_outputs);
static const cs_member iwq_quality_pesticide_states[] = {
    SLOT(csk_component_iwq_quality_pesticide_state, M_stock),
};
CHECK_SIZE(csk_component_iwq_quality_pesticide_state, iwq_quality_pesticide_states);
static const char *const iwq_quality_pesticide_initial[] = {NULL};
DEFINE_RUN_WITH_STATE(iwq_quality_pesticide)

/* ---- iwq_quality_biocide ---- */

static const cs_member iwq_quality_biocide_parameters[] = {
    SLOT(csk_component_iwq_quality_biocide_parameters, a_urban),
    SLOT(csk_component_iwq_quality_biocide_parameters, M_stock),
    SLOT(csk_component_iwq_quality_biocide_parameters, beta),
    SLOT(csk_component_iwq_quality_biocide_parameters, k_wwtp),
    SLOT_IF_GIVEN(csk_component_iwq_quality_biocide_parameters, f_wwtp),
    SLOT(csk_component_iwq_quality_biocide_parameters, C_background),
};
CHECK_SIZE(csk_component_iwq_quality_biocide_parameters, iwq_quality_biocide_parameters);
static const cs_member iwq_quality_biocide_inputs[] = {
    SLOT(csk_component_iwq_quality_biocide_input, F_driver),
    SLOT_IF_GIVEN(csk_component_iwq_quality_biocide_input, T_air),
    SLOT(csk_component_iwq_quality_biocide_input, Q_total),
    SLOT(csk_component_iwq_quality_biocide_input, Q_background),
    SLOT_IF_GIVEN(csk_component_iwq_quality_biocide_input, f_wwtp),
};
CHECK_SIZE(csk_component_iwq_quality_biocide_input, iwq_quality_biocide_inputs);
static const cs_member iwq_quality_biocide_outputs[] = {
    SLOT(csk_component_iwq_quality_biocide_output, C_X),
    SLOT(csk_component_iwq_quality_biocide_output, F_X),
};
CHECK_SIZE(csk_component_iwq_quality_biocide_output, iwq_quality_biocide_outputs);
DEFINE_RUN(iwq_quality_biocide)

static const cs_component components[] = {
    {.type = "herbicide_application",
     .parameters = MEMBERS(herbicide_application_parameters),
     .inputs = MEMBERS(herbicide_application_inputs),
     .outputs = MEMBERS(herbicide_application_outputs),
     .states = MEMBERS(herbicide_application_states),
     .initial = herbicide_application_initial,
     .invalid = herbicide_application_invalid,
     .run = herbicide_application_run},
    {.type = "herbicide",
     .parameters = MEMBERS(herbicide_parameters),
     .inputs = MEMBERS(herbicide_inputs),
     .outputs = MEMBERS(herbicide_outputs),
     .states = MEMBERS(herbicide_states),
     .initial = herbicide_initial,
     .invalid = herbicide_invalid,
     .run = herbicide_run},
    {.type = "biocide",
     .parameters = MEMBERS(biocide_parameters),
     .inputs = MEMBERS(biocide_inputs),
     .outputs = MEMBERS(biocide_outputs),
     .invalid = biocide_invalid,
     .run = biocide_run},
    {.type = "iwq_quality_application",
     .parameters = MEMBERS(iwq_quality_application_parameters),
     .inputs = MEMBERS(iwq_quality_application_inputs),
     .outputs = MEMBERS(iwq_quality_application_outputs),
     .states = MEMBERS(iwq_quality_application_states),
     .initial = iwq_quality_application_initial,
     .invalid = iwq_quality_application_invalid,
     .run = iwq_quality_application_run},
    {.type = "iwq_quality_pesticide",
     .parameters = MEMBERS(iwq_quality_pesticide_parameters),
     .inputs = MEMBERS(iwq_quality_pesticide_inputs),
     .outputs = MEMBERS(iwq_quality_pesticide_outputs),
     .states = MEMBERS(iwq_quality_pesticide_states),
     .initial = iwq_quality_pesticide_initial,
     .invalid = iwq_quality_pesticide_invalid,
     .run = iwq_quality_pesticide_run},
    {.type = "iwq_quality_biocide",
     .parameters = MEMBERS(iwq_quality_biocide_parameters),
     .inputs = MEMBERS(iwq_quality_biocide_inputs),
     .outputs = MEMBERS(iwq_quality_biocide_outputs),
     .invalid = iwq_quality_biocide_invalid,
     .run = iwq_quality_biocide_run},
};

const cs_component *cs_component_find(const char *type)
{
    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
        if (strcmp(components[i].type, type) == 0) {
            return &components[i];
        }
    }
    return NULL;
}

const char *cs_component_names(void)
{
    return "herbicide_application, herbicide, biocide, iwq_quality_application, "
           "iwq_quality_pesticide, iwq_quality_biocide";
}

const cs_member *cs_members_find(const cs_members *members, const char *name)
{
    for (size_t i = 0; i < members->n; i++) {
        if (strcmp(members->members[i].name, name) == 0) {
            return &members->members[i];
        }
    }
    return NULL;
}
