/* SPDX-License-Identifier: MIT */
#include "job/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/options.h"
#include "journal/checksum.h"
#include "journal/identity.h"

/* A name of two parts: the kind of a thing, and which one. */
typedef struct {
    char text[256];
} name;

static name name_of(const char *kind, const char *which)
{
    name n;
    snprintf(n.text, sizeof n.text, "%s %s", kind, which);
    return n;
}

static const char *text_of(const char *text)
{
    return text == NULL ? "" : text;
}

/* Where nobody made a content id, a file is known by its size and its time. */
static cs_status add_input(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    struct stat about = {0};
    if (info->content_id != NULL) {
        return cs_identity_add(identity, err, "input", "%s", info->content_id);
    }
    stat(job->config->input, &about);
    return cs_identity_add(identity, err, "input", "%lld bytes of %lld.%09ld",
                           (long long)about.st_size, (long long)about.st_mtim.tv_sec,
                           about.st_mtim.tv_nsec);
}

static cs_status add_selection(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    const cs_forcing_info *info = cs_forcing_get_info(job->forcing);
    CS_TRY(cs_identity_add(identity, err, "catchments", "%zu, ids %016" PRIx64, info->n_catchment,
                           cs_checksum(info->id, info->n_catchment * sizeof *info->id)));
    CS_TRY(cs_identity_add(identity, err, "catchments of a block", "%" PRIu64,
                           job->plan.result.block_size));
    return cs_identity_add(identity, err, "time steps",
                           "%zu of %.17g d from %.17g s, number %" PRIu64, info->n_time,
                           info->step_days, info->start, job->plan.number);
}

static cs_status add_settings(cs_bytes *identity, const char *kind,
                              const cs_config_setting *settings, size_t n, cs_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const cs_config_setting *setting = &settings[i];
        const name key = name_of(kind, setting->name);
        if (setting->from != NULL) {
            CS_TRY(cs_identity_add(identity, err, key.text, "from %s", setting->from));
        } else {
            CS_TRY(cs_identity_add(identity, err, key.text, "%.17g", setting->value));
        }
    }
    return CS_OK;
}

static cs_status add_patterns(cs_bytes *identity, const cs_config_substance *substance,
                              cs_error *err)
{
    for (int k = 0; k < CS_N_PATTERNS; k++) {
        const cs_config_pattern *pattern = &substance->patterns[k];
        const name key = name_of("pattern", cs_pattern_name((cs_pattern_kind)k));
        char values[CS_PATTERN_MAX_VALUES * 26] = "";
        size_t length = 0;
        for (size_t i = 0; i < pattern->n; i++) {
            length += (size_t)snprintf(values + length, sizeof values - length, "%s%.17g",
                                       i == 0 ? "" : " ", pattern->values[i]);
        }
        if (pattern->n > 0) {
            CS_TRY(cs_identity_add(identity, err, key.text, "%s", values));
        }
    }
    return CS_OK;
}

/* All numbers of the catchments, wherever they come from: the input, the templates, a result. */
static cs_status add_numbers(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    const size_t n = (size_t)job->n_catchment;
    const size_t n_values = n * (size_t)job->plan.n_parameters;
    const size_t n_states = n * (size_t)job->plan.result.n_states;
    const uint64_t values = cs_checksum(job->parameters.values, n_values * sizeof(double));
    const uint64_t states = job->parameters.states == NULL
                                ? 0
                                : cs_checksum(job->parameters.states, n_states * sizeof(double));
    return cs_identity_add(identity, err, "numbers of the catchments", "%016" PRIx64 "%016" PRIx64,
                           values, states);
}

static cs_status add_substance(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    const cs_config_substance *substance = job->substance;
    CS_TRY(cs_identity_add(identity, err, "substance", "%s", substance->name));
    CS_TRY(cs_identity_add(identity, err, "model", "%s", substance->model));
    CS_TRY(
        add_settings(identity, "parameter", substance->parameters, substance->n_parameters, err));
    CS_TRY(add_settings(identity, "initial", substance->initials, substance->n_initials, err));
    CS_TRY(add_patterns(identity, substance, err));
    return add_numbers(identity, job, err);
}

static cs_status add_program(cs_bytes *identity, const cs_config_external *external, cs_error *err)
{
    uint64_t checksum = 0;
    cs_error ignored;
    if (cs_checksum_file(&checksum, external->program, &ignored) == CS_OK) {
        CS_TRY(cs_identity_add(identity, err, "program's file", "%016" PRIx64, checksum));
    } else {
        CS_TRY(cs_identity_add(identity, err, "program's file", "%s", external->program));
    }
    CS_TRY(cs_identity_add(identity, err, "wrapper", "%s", text_of(external->wrapper)));
    for (size_t i = 0; i < external->n_arguments; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        const name key = name_of("argument", number);
        CS_TRY(cs_identity_add(identity, err, key.text, "%s", external->arguments[i]));
    }
    return CS_OK;
}

static cs_status add_columns(cs_bytes *identity, const cs_config_external *external, cs_error *err)
{
    for (size_t i = 0; i < external->n_columns; i++) {
        const cs_config_column *column = &external->columns[i];
        const name key = name_of("column", column->name);
        CS_TRY(cs_identity_add(identity, err, key.text, "%zu: %s %s %s", i, text_of(column->from),
                               text_of(column->unit), text_of(column->text)));
    }
    return cs_identity_add(identity, err, "columns of the result", "%s %s %s",
                           text_of(external->concentration), text_of(external->discharge),
                           text_of(external->local_discharge));
}

static cs_status add_engine(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    const cs_external_job *external = &job->external;
    if (external->engine == NULL) {
        return cs_identity_add(identity, err, "engine", "%s%s", "native",
                               job->config->compare ? ", compared with itself" : "");
    }
    CS_TRY(cs_identity_add(identity, err, "engine", "%s",
                           job->config->compare ? "native, compared with a program" : "a program"));
    CS_TRY(add_program(identity, &external->engine->external, err));
    CS_TRY(cs_identity_add(identity, err, "layout template", "%016" PRIx64,
                           cs_checksum(external->layout.data, external->layout.size)));
    CS_TRY(cs_identity_add(identity, err, "parameters template", "%016" PRIx64,
                           cs_checksum(external->parameters.data, external->parameters.size)));
    return add_columns(identity, &external->engine->external, err);
}

static cs_status add_output(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    const cs_config_output *output = &job->config->output;
    CS_TRY(cs_identity_add(identity, err, "output type", "%s",
                           output->float64 ? "float64" : "float32"));
    CS_TRY(cs_identity_add(identity, err, "output deflate", "%d", output->deflate));
    CS_TRY(
        cs_identity_add(identity, err, "output discharge", "%s", output->discharge ? "yes" : "no"));
    return cs_identity_add(identity, err, "step file", "%s",
                           job->substance->steps != NULL ? "yes" : "no");
}

cs_status cs_job_identity(cs_bytes *identity, const cs_substance_job *job, cs_error *err)
{
    CS_TRY(cs_identity_add(identity, err, "program", "catchsim %s", cs_version()));
    CS_TRY(add_input(identity, job, err));
    CS_TRY(add_selection(identity, job, err));
    CS_TRY(add_engine(identity, job, err));
    CS_TRY(add_substance(identity, job, err));
    return add_output(identity, job, err);
}
