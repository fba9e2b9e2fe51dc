/* SPDX-License-Identifier: MIT */
#include "layout/graph_parts.h"

static const cs_layout_model *model_of(const cs_graph *graph, size_t i)
{
    return &graph->layout->models[i];
}

static cs_status set_parameters(cs_graph *graph, size_t i, const cs_settings *settings,
                                cs_error *err)
{
    const cs_layout_model *model = model_of(graph, i);
    const cs_members *names = &model->component->parameters;
    for (size_t k = 0; k < names->n; k++) {
        const cs_member *member = &names->members[k];
        const cs_setting *given =
            cs_settings_parameter(settings, member->name, model->id, model->flags, model->n_flags);
        if (given == NULL && !member->optional) {
            return cs_fail(err, CS_DATA, "%s:%zu: model %s: parameter %s is not given",
                           graph->layout->path, model->line, model->id, member->name);
        }
        graph->instances[i].parameters[member->slot] = given != NULL ? given->value : 0.0;
    }
    const char *broken = model->component->invalid(graph->instances[i].parameters);
    if (broken != NULL) {
        return cs_fail(err, CS_DATA, "%s:%zu: model %s: %s", graph->layout->path, model->line,
                       model->id, broken);
    }
    return CS_OK;
}

/* A state is told, or a parameter, or 0. */
static double default_state(const cs_component *component, const double *parameters, size_t slot)
{
    const char *name = component->initial[slot];
    return name != NULL ? parameters[cs_members_find(&component->parameters, name)->slot] : 0.0;
}

static cs_status set_states(cs_graph *graph, size_t i, const cs_settings *settings, cs_error *err)
{
    const cs_layout_model *model = model_of(graph, i);
    const cs_members *names = &model->component->states;
    cs_instance *instance = &graph->instances[i];
    for (size_t k = 0; k < names->n; k++) {
        const cs_member *member = &names->members[k];
        const cs_setting *given = cs_settings_initial(settings, member->name, model->id);
        if (given != NULL && !(given->value >= 0.0)) {
            return cs_fail(err, CS_DATA, "%s:%zu: the initial %s of %s must be a number >= 0",
                           given->path, given->line, member->name, model->id);
        }
        instance->states[member->slot] =
            given != NULL ? given->value
                          : default_state(model->component, instance->parameters, member->slot);
    }
    return CS_OK;
}

/* An initial state that no model has is a mistake; so it would have no effect. */
static cs_status check_initials(const cs_settings *settings, cs_error *err)
{
    const cs_setting *all = cs_settings_all(settings);
    for (size_t i = 0; i < settings->n; i++) {
        if (all[i].kind == CS_SETTING_INITIAL && !all[i].used) {
            return cs_fail(err, CS_DATA, "%s:%zu: no model %.60s has a state %.60s", all[i].path,
                           all[i].line, all[i].scope, all[i].name);
        }
    }
    return CS_OK;
}

cs_status cs_graph_set_numbers(cs_graph *graph, const cs_settings *settings, cs_error *err)
{
    for (size_t i = 0; i < graph->layout->n_models; i++) {
        CS_TRY(set_parameters(graph, i, settings, err));
        CS_TRY(set_states(graph, i, settings, err));
    }
    return check_initials(settings, err);
}
