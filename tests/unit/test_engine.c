/* SPDX-License-Identifier: MIT */
/* One suite for every engine and model: what cs_engine promises; and how parameters are found. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "model/compare.h"
#include "model/engine.h"
#include "model/external.h"
#include "model/parameters.h"
#include "model/warden.h"
#include "scene.h"

enum { N = 7, N_TIME = 200, MAX_PARAMETERS = 40 };

/* ---- the engines and models that the suite runs over ---- */

typedef cs_status engine_opener(cs_engine *engine, const cs_substance_model *model, size_t n_time,
                                cs_error *err);

static cs_status open_native(cs_engine *engine, const cs_substance_model *model, size_t n_time,
                             cs_error *err)
{
    (void)n_time;
    return cs_engine_open_native(engine, model, err);
}

/* Two native engines, compared: what it leaves of a run is the first one's. */
static cs_status open_compared(cs_engine *engine, const cs_substance_model *model, size_t n_time,
                               cs_error *err)
{
    (void)n_time;
    cs_compare_side one = {.n_parameters = model->n_parameters}, other = one;
    cs_status status = CS_OK;
    CS_CHECK(cs_engine_open_native(&one.engine, model, err));
    CS_CHECK(cs_engine_open_native(&other.engine, model, err));
    CS_CHECK(cs_engine_open_compare(engine, &one, &other, err));
    return CS_OK;
release:
    cs_engine_close(&one.engine);
    cs_engine_close(&other.engine);
    return status;
}

/* This program, started once more, is the external one: PROGRAM_WORD INPUT OUTPUT ID. */
#define PROGRAM_WORD "as-a-model"

/* Its concentration is some number that depends on the row and the rain. */
static int be_program(const char *input, const char *output, const char *id)
{
    char line[512], *rest = line;
    int rain = -1, column = 0;
    FILE *in = fopen(input, "r"), *out = fopen(output, "w");
    if (in == NULL || out == NULL || fgets(line, sizeof line, in) == NULL) {
        return 1;
    }
    for (char *name = strsep(&rest, "\t\n"); name != NULL; name = strsep(&rest, "\t\n")) {
        rain = strcmp(name, "P") == 0 ? column : rain;
        column++;
    }
    fprintf(out, "Conc_%s\n", id);
    for (int row = 0; fgets(line, sizeof line, in) != NULL; row++) {
        const char *at = line;
        for (int k = 0; k < rain; k++) {
            at = strchr(at, '\t') + 1;
        }
        fprintf(out, "%.17g\n", 2.5 + row % 7 + (rain < 0 ? 0.0 : fmax(strtod(at, NULL), 0.0)));
    }
    fclose(in);
    return fclose(out);
}

/* With the columns that the model needs, so that the same input fails. */
static cs_status open_external(cs_engine *engine, const cs_substance_model *model, size_t n_time,
                               cs_error *err)
{
    static char path[4096], word[] = PROGRAM_WORD, input[] = "{input}", output[] = "{output}";
    static char id[] = "{id}", program_name[] = "program", substance_name[] = "any";
    static char *arguments[] = {word, input, output, id};
    static char from[][16] = {"temperature", "precipitation", "discharge", "local_discharge"};
    static char names[][5] = {"T", "P", "Q", "Qloc"};
    static char units[][7] = {"degC", "mm d-1", "m3 s-1", "m3 s-1"};
    static cs_config_column columns[CS_N_VARIABLES];
    static cs_config_engine described;
    static const cs_config config;
    const cs_config_substance substance = {.name = substance_name, .model = substance_name};
    size_t n_columns = 0;
    assert_true(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        if (model->needs >> v & 1) {
            columns[n_columns++] =
                (cs_config_column){.name = names[v], .from = from[v], .unit = units[v]};
        }
    }
    described = (cs_config_engine){.name = program_name,
                                   .type = CS_ENGINE_EXTERNAL,
                                   .external = {.program = path,
                                                .arguments = arguments,
                                                .n_arguments = 4,
                                                .columns = columns,
                                                .n_columns = n_columns}};
    const cs_external_spec spec = {.config = &config,
                                   .engine = &described,
                                   .substance = &substance,
                                   .scratch = ".",
                                   .n_workers = 2,
                                   .n_sharing = 1,
                                   .n_time = n_time,
                                   .step_days = 1.0 / 24.0};
    return cs_engine_open_external(engine, &spec, err);
}

static engine_opener *const OPENERS[] = {open_native, open_compared, open_external};

typedef void conformance_test(engine_opener *open, const cs_substance_model *model);

static void for_every_engine_and_model(conformance_test *test)
{
    for (size_t e = 0; e < sizeof OPENERS / sizeof *OPENERS; e++) {
        char names[256], *rest = names;
        snprintf(names, sizeof names, "%s", cs_substance_names());
        for (char *name = strsep(&rest, ", "); name != NULL; name = strsep(&rest, ", ")) {
            if (name[0] != '\0') {
                const cs_substance_model *model = cs_substance_find(name);
                assert_non_null(model);
                /* to a program, models differ by what is written for it: everything, or less */
                if (OPENERS[e] != open_external || strcmp(name, "biocide") == 0 ||
                    strcmp(name, "household") == 0) {
                    test(OPENERS[e], model);
                }
            }
        }
    }
}

/* ---- a task with its arrays ---- */

typedef struct {
    cs_engine_task task;
    float forcing[CS_N_VARIABLES][N][N_TIME];
    double forcing64[CS_N_VARIABLES][N][N_TIME];
    double parameters[N * MAX_PARAMETERS], states[N * CS_MAX_STATES];
    double load[N][N_TIME], concentration[N][N_TIME];
    double extras[N][CS_N_COMPARE];
    cs_run_record record[N];
    int64_t id[N];
    cs_bytes message[N];
} work;

/* What an input would give for a parameter without a default. */
static double typical(const cs_parameter_info *info, size_t i)
{
    const char *from = info->from == NULL ? "" : info->from;
    if (strcmp(from, "area") == 0) {
        return scene_area(i);
    }
    if (strstr(from, "area") != NULL) {
        return scene_application_area(i);
    }
    return strcmp(from, "population") == 0 ? 1000.0 : 0.02;
}

static work *make_work(const cs_substance_model *model)
{
    work *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_true(model->n_parameters <= MAX_PARAMETERS && model->n_states <= CS_MAX_STATES);
    w->task = (cs_engine_task){.n = N,
                               .n_time = N_TIME,
                               .n_parameters = model->n_parameters,
                               .n_states = model->n_states,
                               .n_extras = CS_N_COMPARE,
                               .start = 1609462800.0,
                               .step_days = 1.0 / 24.0,
                               .parameters = w->parameters,
                               .states = w->states,
                               .load = w->load[0],
                               .concentration = w->concentration[0],
                               .record = w->record,
                               .message = w->message,
                               .id = w->id,
                               .extras = w->extras[0]};
    for (size_t i = 0; i < N; i++) {
        double *parameters = w->parameters + i * model->n_parameters;
        for (size_t p = 0; p < model->n_parameters; p++) {
            const cs_parameter_info *info = &model->parameters[p];
            parameters[p] = isnan(info->default_value) ? typical(info, i) : info->default_value;
        }
        assert_null(model->invalid(parameters));
        model->initial(w->states + i * model->n_states, parameters);
        w->record[i] = cs_run_record_make(CS_RUN_PENDING);
        w->id[i] = (int64_t)i + 1;
    }
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        w->task.forcing[v] = w->forcing[v][0];
        for (size_t i = 0; i < N; i++) {
            for (size_t t = 0; t < N_TIME; t++) {
                w->forcing[v][i][t] = scene_value((cs_variable)v, i, t);
            }
        }
    }
    return w;
}

static void free_work(work *w)
{
    for (size_t i = 0; i < N; i++) {
        cs_bytes_free(&w->message[i]);
    }
    free(w);
}

static void run(engine_opener *open, const cs_substance_model *model, work *w, int n_threads)
{
    cs_engine engine = {0};
    cs_error err = {0};
    assert_int_equal(open(&engine, model, w->task.n_time, &err), CS_OK);
    assert_non_null(engine.ops->type);
    assert_int_equal(engine.ops->run(engine.self, &w->task, n_threads, &err), CS_OK);
    cs_engine_close(&engine);
    cs_engine_close(&engine);
}

/* Whether the message of a catchment is one line that names the word. */
static bool says(const work *w, size_t i, const char *word)
{
    const cs_bytes *message = &w->message[i];
    return memmem(message->data, message->size, word, strlen(word)) != NULL &&
           memchr(message->data, '\n', message->size) == NULL;
}

/* ---- the suite ---- */

static void ok_catchments_have_numbers(engine_opener *open, const cs_substance_model *model)
{
    work *w = make_work(model);
    w->forcing[CS_LOCAL_DISCHARGE][1][0] = 0.0F;
    w->forcing[CS_LOCAL_DISCHARGE][1][5] = 0.0F;
    w->forcing[CS_LOCAL_DISCHARGE][2][7] = -3.0F;
    w->forcing[CS_LOCAL_DISCHARGE][2][8] = -1e-30F;
    run(open, model, w, 1);
    for (size_t i = 0; i < N; i++) {
        const cs_run_record *record = &w->record[i];
        assert_int_equal(record->status, CS_RUN_OK);
        assert_int_equal(record->attempts, 1);
        assert_int_equal(record->exit, 0);
        assert_true(record->seconds >= 0.0 && record->seconds < 60.0);
        assert_int_equal(record->n_negative_discharge, i == 2 ? 2 : 0);
        assert_int_equal(w->message[i].size, 0);
        for (size_t t = 0; t < N_TIME; t++) {
            const double c = w->concentration[i][t];
            assert_true(isfinite(w->load[i][t]) && w->load[i][t] >= 0.0);
            assert_true((w->forcing[CS_LOCAL_DISCHARGE][i][t] > 0.0F) ? c >= 0.0 && isfinite(c)
                                                                      : isnan(c));
        }
        for (size_t s = 0; s < model->n_states; s++) {
            assert_true(isfinite(w->states[i * model->n_states + s]));
        }
    }
    free_work(w);
}

static void any_team_gives_the_same_bytes(engine_opener *open, const cs_substance_model *model)
{
    work *one = make_work(model);
    run(open, model, one, 1);
    for (int n_threads = 2; n_threads <= 4; n_threads++) {
        work *more = make_work(model);
        run(open, model, more, n_threads);
        assert_memory_equal(more->load, one->load, sizeof one->load);
        assert_memory_equal(more->concentration, one->concentration, sizeof one->concentration);
        assert_memory_equal(more->states, one->states, sizeof one->states);
        free_work(more);
    }
    free_work(one);
}

/* Inputs of float64 have their rain in mm/d. */
static void doubles_say_the_same(engine_opener *open, const cs_substance_model *model)
{
    work *floats = make_work(model), *doubles = make_work(model);
    for (int v = 0; v < CS_N_VARIABLES; v++) {
        for (size_t i = 0; i < N; i++) {
            for (size_t t = 0; t < N_TIME; t++) {
                const double value = (double)doubles->forcing[v][i][t];
                doubles->forcing64[v][i][t] = v == CS_PRECIPITATION ? 24.0 * value : value;
            }
        }
        doubles->task.forcing[v] = NULL;
        doubles->task.forcing64[v] = doubles->forcing64[v][0];
    }
    run(open, model, floats, 2);
    run(open, model, doubles, 2);
    assert_memory_equal(doubles->load, floats->load, sizeof floats->load);
    assert_memory_equal(doubles->concentration, floats->concentration,
                        sizeof floats->concentration);
    free_work(floats);
    free_work(doubles);
}

static void what_has_failed_before_is_passed_over(engine_opener *open,
                                                  const cs_substance_model *model)
{
    work *w = make_work(model);
    w->record[3].status = CS_RUN_INVALID_INPUT;
    w->load[3][9] = 42.0;
    run(open, model, w, 2);
    assert_int_equal(w->record[3].status, CS_RUN_INVALID_INPUT);
    assert_int_equal(w->record[3].attempts, 0);
    assert_true(w->load[3][9] == 42.0);
    assert_int_equal(w->record[4].status, CS_RUN_OK);
    w->task.n = 0;
    run(open, model, w, 2);
    free_work(w);
}

static void missing_input_fails_its_catchment(engine_opener *open, const cs_substance_model *model)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        for (int v = 0; v < CS_N_VARIABLES; v++) {
            const bool needed = model->needs >> v & 1;
            work *w = make_work(model);
            w->forcing[v][2][0] = NAN; /* row 0 is never used */
            w->forcing[v][4][N_TIME - 1] = bad[k];
            run(open, model, w, 2);
            for (size_t i = 0; i < N; i++) {
                const bool fails = i == 4 && needed;
                assert_int_equal(w->record[i].status, fails ? CS_RUN_INVALID_INPUT : CS_RUN_OK);
                assert_true(w->message[i].size > 0 ? fails : !fails);
            }
            assert_true(!needed || says(w, 4, cs_variable_name((cs_variable)v)));
            assert_true(!needed || says(w, 4, "199"));
            free_work(w);
        }
    }
}

static void one_time_step_is_the_initial_state(engine_opener *open, const cs_substance_model *model)
{
    work *w = make_work(model), *untouched = make_work(model);
    w->task.n_time = 1;
    run(open, model, w, 2);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(w->record[i].status, CS_RUN_OK);
    }
    assert_memory_equal(w->states, untouched->states, sizeof w->states);
    free_work(w);
    free_work(untouched);
}

/* Negative precipitation counts as 0, and is counted. */
static void negative_precipitation_is_none(engine_opener *open, const cs_substance_model *model)
{
    /* what a program makes of it is its own affair */
    const bool needed = model->needs >> CS_PRECIPITATION & 1 && open != open_external;
    work *w = make_work(model), *dry = make_work(model);
    for (size_t t = 0; t < N_TIME; t += 3) {
        w->forcing[CS_PRECIPITATION][1][t] = t % 2 == 0 ? -0.5F : -1e9F;
        dry->forcing[CS_PRECIPITATION][1][t] = 0.0F;
    }
    run(open, model, w, 2);
    run(open, model, dry, 2);
    assert_memory_equal(w->load, dry->load, sizeof w->load);
    assert_memory_equal(w->concentration, dry->concentration, sizeof w->concentration);
    assert_memory_equal(w->states, dry->states, sizeof w->states);
    assert_int_equal(w->record[1].n_negative_precipitation, needed ? (N_TIME - 1) / 3 : 0);
    assert_int_equal(w->record[2].n_negative_precipitation, 0);
    assert_int_equal(dry->record[1].n_negative_precipitation, 0);
    free_work(w);
    free_work(dry);
}

static void an_allocation_that_fails_is_the_machinerys(engine_opener *open,
                                                       const cs_substance_model *model)
{
    cs_status status = CS_MEMORY;
    if (open == open_external && strcmp(model->name, "biocide") != 0) {
        return; /* a program for each allocation takes its time: once is enough */
    }
    for (long nth = 1; status != CS_OK; nth++) {
        work *w = make_work(model);
        cs_engine engine = {0};
        cs_error err = {0};
        w->forcing[CS_TEMPERATURE][1][3] = NAN; /* has a message */
        cs_memory_fail_nth(nth);
        status = open(&engine, model, N_TIME, &err);
        if (status == CS_OK) {
            status = engine.ops->run(engine.self, &w->task, 2, &err);
        }
        cs_memory_fail_nth(0);
        assert_true(status == CS_OK || status == CS_MEMORY);
        assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
        cs_engine_close(&engine);
        free_work(w);
    }
}

#define CONFORMANCE_TEST(name)                                                                     \
    static void suite_##name(void **state)                                                         \
    {                                                                                              \
        (void)state;                                                                               \
        for_every_engine_and_model(name);                                                          \
    }

CONFORMANCE_TEST(ok_catchments_have_numbers)
CONFORMANCE_TEST(any_team_gives_the_same_bytes)
CONFORMANCE_TEST(doubles_say_the_same)
CONFORMANCE_TEST(what_has_failed_before_is_passed_over)
CONFORMANCE_TEST(missing_input_fails_its_catchment)
CONFORMANCE_TEST(one_time_step_is_the_initial_state)
CONFORMANCE_TEST(negative_precipitation_is_none)
CONFORMANCE_TEST(an_allocation_that_fails_is_the_machinerys)

/* Parameters at the edge of double: numbers that overflow are a failure, not a result. */
static void results_that_overflow_are_failures(void **state)
{
    (void)state;
    static const char *const models[] = {"biocide", "herbicide"};
    for (size_t k = 0; k < 2; k++) {
        const cs_substance_model *model = cs_substance_find(models[k]);
        work *w = make_work(model);
        for (size_t p = 0; p < model->n_parameters; p++) {
            if (strcmp(model->parameters[p].name, "A_appl") == 0 ||
                strcmp(model->parameters[p].name, "R_appl") == 0) {
                w->parameters[2 * model->n_parameters + p] = 1e200;
            }
        }
        const double *parameters = w->parameters + 2 * model->n_parameters;
        assert_null(model->invalid(parameters));
        model->initial(w->states + 2 * model->n_states, parameters);
        for (size_t t = 0; t < N_TIME && k == 1; t++) {
            w->forcing[CS_TEMPERATURE][2][t] = 1000.0F; /* applied at once */
            w->forcing[CS_PRECIPITATION][2][t] = 0.0F;
        }
        run(open_native, model, w, 2);
        assert_int_equal(w->record[2].status, CS_RUN_FAILED);
        assert_true(says(w, 2, "not finite"));
        assert_int_equal(w->record[1].status, CS_RUN_OK);
        free_work(w);
    }
}

/* ---- parameters ---- */

#define HEAD                                                                                       \
    "<catchsim version=\"1\">\n"                                                                   \
    "  <input file=\"input.h5\"/>\n"                                                               \
    "  <engine name=\"exact\" type=\"native\"/>\n"                                                 \
    "  <substance name=\"a\" model=\"herbicide\" engine=\"exact\">\n"
#define TAIL "\n  </substance>\n  <output results=\"out.h5\"/>\n</catchsim>\n"

/* Resolves the parameters of a substance with this body; the body is line 5. */
static cs_status resolve(cs_parameters *parameters, const char *body, cs_error *err)
{
    char text[2048];
    cs_config *config = NULL;
    snprintf(text, sizeof text, "%s%s%s", HEAD, body, TAIL);
    cs_forcing *forcing = scene_open("input.h5");
    *parameters = (cs_parameters){0};
    cs_status status = CS_OK;
    CS_CHECK(cs_config_parse(&config, text, strlen(text), "conf.xml", err));
    CS_CHECK(cs_config_finish(config, NULL, err));
    CS_CHECK(cs_parameters_resolve(parameters, config, &config->substances[0],
                                   cs_substance_find("herbicide"), forcing, err));
release:
    cs_config_free(config);
    cs_forcing_close(forcing);
    return status;
}

static void write_input(void)
{
    scene_write_input("input.h5", &(scene_input){4, 10, 1.0, NULL, 1});
}

static double parameter(const cs_parameters *parameters, size_t i, const char *name)
{
    const cs_substance_model *model = cs_substance_find("herbicide");
    for (size_t p = 0; p < model->n_parameters; p++) {
        if (strcmp(model->parameters[p].name, name) == 0) {
            return parameters->values[i * model->n_parameters + p];
        }
    }
    fail_msg("no parameter %s", name);
    return NAN;
}

static void parameters_come_from_value_input_or_default(void **state)
{
    (void)state;
    write_input();
    cs_parameters parameters;
    cs_error err = {0};
    assert_int_equal(resolve(&parameters,
                             "<parameter name=\"T_objective\" value=\"300\"/>"
                             "<parameter name=\"C_back\" from=\"area\"/>"
                             "<initial name=\"M_avail\" from=\"application_area\"/>"
                             "<initial name=\"T_sum\" value=\"12.5\"/>",
                             &err),
                     CS_OK);
    for (size_t i = 0; i < 4; i++) {
        const double *states = parameters.states + 4 * i;
        assert_true(parameter(&parameters, i, "T_objective") == 300.0);
        assert_true(parameter(&parameters, i, "C_back") == scene_area(i));
        assert_true(parameter(&parameters, i, "A_tot") == scene_area(i));
        assert_true(parameter(&parameters, i, "A_appl") == scene_application_area(i));
        assert_true(parameter(&parameters, i, "R_appl") == 0.02 + 0.001 * (double)i);
        assert_true(parameter(&parameters, i, "k") == 0.7);
        assert_true(parameter(&parameters, i, "Eta") == 5e9);
        assert_true(states[0] == 12.5 && states[1] == parameter(&parameters, i, "R_appl"));
        assert_true(states[2] == scene_application_area(i) && states[3] == 0.0);
    }
    cs_parameters_free(&parameters);
    cs_parameters_free(&parameters);
}

static void mistakes_name_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *body, *where, *word;
    } cases[] = {
        {"<parameter name=\"Etta\" value=\"1\"/>", "conf.xml:5", "Etta"},
        {"\n<parameter name=\"T_sum\" value=\"1\"/>", "conf.xml:6", "T_sum"},
        {"\n\n<initial name=\"Eta\" value=\"1\"/>", "conf.xml:7", "Eta"},
        {"<parameter name=\"Eta\" from=\"nowhere\"/>", "conf.xml:5", "nowhere"},
        {"<initial name=\"T_sum\" from=\"nowhere\"/>", "conf.xml:5", "nowhere"},
        {"<parameter name=\"Init_avail\" value=\"1.5\"/>", "conf.xml:4", "Init_avail"},
        {"<parameter name=\"Transfer_au\" value=\"-1\"/>", "conf.xml:4", "Transfer_au"},
        {"<parameter name=\"Transfer_ua\" from=\"area\"/>", "conf.xml:4", "catchment 11"},
        {"<initial name=\"M_avail\" value=\"-1\"/>", "conf.xml:4", "M_avail"},
    };
    write_input();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cs_parameters parameters;
        cs_error err = {0};
        const cs_status status = resolve(&parameters, cases[i].body, &err);
        if (status != CS_DATA || strstr(err.message, cases[i].where) == NULL ||
            strstr(err.message, cases[i].word) == NULL || parameters.values != NULL) {
            fail_msg("%s: status %d, %s", cases[i].body, (int)status, err.message);
        }
    }
}

static void a_catchment_without_its_number_is_named(void **state)
{
    (void)state;
    const double area[4] = {1e5, 1e5, NAN, 1e5};
    write_input();
    const hid_t file = scene_edit("input.h5");
    const hid_t dataset = H5Dopen2(file, "application_area", H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, area) >= 0);
    H5Dclose(dataset);
    H5Fclose(file);
    cs_parameters parameters;
    cs_error err = {0};
    assert_int_equal(resolve(&parameters, "", &err), CS_DATA);
    assert_non_null(strstr(err.message, "catchment 33"));
    assert_non_null(strstr(err.message, "A_appl"));
}

static void every_allocation_of_parameters_may_fail(void **state)
{
    (void)state;
    write_input();
    cs_config *config = NULL;
    cs_error err = {0};
    assert_int_equal(cs_config_default(&config, "input.h5", "herbicide", &err), CS_OK);
    assert_int_equal(cs_config_finish(config, NULL, &err), CS_OK);
    cs_forcing *forcing = scene_open("input.h5");
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        cs_parameters parameters;
        cs_memory_fail_nth(++nth);
        status = cs_parameters_resolve(&parameters, config, &config->substances[0],
                                       cs_substance_find("herbicide"), forcing, &err);
        cs_memory_fail_nth(0);
        assert_true(status == (parameters.values == NULL ? CS_MEMORY : CS_OK));
        cs_parameters_free(&parameters);
    }
    assert_true(nth > 6);
    cs_config_free(config);
    cs_forcing_close(forcing);
}

static void a_model_that_does_not_exist_is_not_found(void **state)
{
    (void)state;
    static const char *const names[] = {"", "Herbicide", "herbicide ", "no_such_model"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(cs_substance_find(names[i]));
    }
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], PROGRAM_WORD) == 0) {
        return be_program(argv[2], argv[3], argv[4]);
    }
    cs_warden_start();
    cs_log_setup("test", 0, CS_LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suite_ok_catchments_have_numbers),
        cmocka_unit_test(suite_any_team_gives_the_same_bytes),
        cmocka_unit_test(suite_doubles_say_the_same),
        cmocka_unit_test(suite_what_has_failed_before_is_passed_over),
        cmocka_unit_test(suite_missing_input_fails_its_catchment),
        cmocka_unit_test(suite_one_time_step_is_the_initial_state),
        cmocka_unit_test(suite_negative_precipitation_is_none),
        cmocka_unit_test(suite_an_allocation_that_fails_is_the_machinerys),
        cmocka_unit_test(results_that_overflow_are_failures),
        cmocka_unit_test(parameters_come_from_value_input_or_default),
        cmocka_unit_test(mistakes_name_file_and_line),
        cmocka_unit_test(a_catchment_without_its_number_is_named),
        cmocka_unit_test(every_allocation_of_parameters_may_fail),
        cmocka_unit_test(a_model_that_does_not_exist_is_not_found),
    };
    const int n_failed = cmocka_run_group_tests(tests, scene_enter, scene_leave);
    cs_warden_stop();
    return n_failed;
}
