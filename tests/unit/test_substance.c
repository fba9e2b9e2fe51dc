/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of models: names, defaults that are valid, what a model shares with its part in the
 * mixed one, and the scaling of the herbicide's background.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/substance.h"

enum { MAX_PARAMETERS = 32, MAX_STATES = 8, N_TIME = 50 };

static const char *const names[] = {"herbicide",    "biocide",   "pesticide",
                                    "biocide_wwtp", "household", "mixed"};

enum { N_MODELS = sizeof names / sizeof names[0] };

static size_t index_of(const cs_substance_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_parameters; i++) {
        if (strcmp(model->parameters[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("model %s has no parameter %s", model->name, name);
    return 0;
}

/* Defaults; what comes from the input is 1000 (an area, persons) or small (a rate). */
static void fill_defaults(double *p, const cs_substance_model *model)
{
    assert_true(model->n_parameters <= MAX_PARAMETERS && model->n_states <= MAX_STATES);
    for (size_t i = 0; i < model->n_parameters; i++) {
        const cs_parameter_info *info = &model->parameters[i];
        assert_true(info->from != NULL || isfinite(info->default_value));
        p[i] = info->from == NULL                            ? info->default_value
               : strcmp(info->from, "application_rate") == 0 ? 0.05
                                                             : 1000.0;
    }
}

static void all_models_are_there(void **unused)
{
    (void)unused;
    char list[128] = "";
    for (size_t i = 0; i < N_MODELS; i++) {
        assert_non_null(cs_substance_find(names[i]));
        assert_string_equal(cs_substance_find(names[i])->name, names[i]);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "",
                 names[i]);
    }
    assert_string_equal(cs_substance_names(), list);
    assert_null(cs_substance_find("Herbicide"));
}

static void defaults_are_valid_and_run(void **unused)
{
    (void)unused;
    static double T[N_TIME], P[N_TIME], Q[N_TIME], load[N_TIME], concentration[N_TIME];
    for (size_t i = 0; i < N_TIME; i++) {
        T[i] = 20.0;
        P[i] = 1.0;
        Q[i] = 0.1;
    }
    for (size_t k = 0; k < N_MODELS; k++) {
        const cs_substance_model *model = cs_substance_find(names[k]);
        double p[MAX_PARAMETERS];
        double s[MAX_STATES];
        fill_defaults(p, model);
        model->initial(s, p);
        assert_null(model->invalid(p));
        assert_null(model->state_invalid(s));
        for (size_t i = 0; i < model->n_parameters; i++) { /* each is looked at */
            const double good = p[i];
            p[i] = (double)NAN;
            assert_non_null(model->invalid(p));
            p[i] = good;
        }
        cs_substance_run run = {.forcing = {(model->needs >> CS_TEMPERATURE & 1) != 0 ? T : NULL,
                                            (model->needs >> CS_PRECIPITATION & 1) != 0 ? P : NULL,
                                            Q},
                                .clock = {.n_time = N_TIME, .step = 1.0},
                                .parameters = p,
                                .states = s,
                                .load = load,
                                .concentration = concentration};
        model->run(&run);
        assert_true(load[N_TIME - 1] > 0.0 && concentration[N_TIME - 1] > 0.0);
        assert_true(isnan(run.mass.applied) == (model->n_states == 0));
    }
}

/* Units, sources and defaults of the parts are those of the models. */
static void the_mixed_model_has_its_parts_parameters(void **unused)
{
    (void)unused;
    const cs_substance_model *mixed = cs_substance_find("mixed");
    const char *const parts[] = {"herbicide", "biocide", "household"};
    size_t n = 1; /* C_back */
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        const cs_substance_model *part = cs_substance_find(parts[k]);
        for (size_t i = 0; i < part->n_parameters; i++) {
            const cs_parameter_info *of_part = &part->parameters[i];
            if (strcmp(of_part->name, "C_back") == 0 ||
                strcmp(of_part->name, "ratio_herbicide_area_cal") == 0) {
                continue;
            }
            char name[64];
            snprintf(name, sizeof name, "%s.%s", parts[k], of_part->name);
            const cs_parameter_info *info = &mixed->parameters[index_of(mixed, name)];
            assert_string_equal(info->units, of_part->units);
            assert_true(info->from == of_part->from || strcmp(info->from, of_part->from) == 0);
            assert_true(info->default_value == of_part->default_value || info->from != NULL);
            n++;
        }
    }
    assert_int_equal(mixed->n_parameters, n);
    index_of(mixed, "C_back");
    assert_int_equal(mixed->n_states, cs_substance_find("herbicide")->n_states);
}

/* C_back (A_appl/A_tot)/r; 0 where nothing is applied; unchanged without a ratio. */
static void background_is_scaled_by_the_share_of_area(void **unused)
{
    (void)unused;
    const cs_substance_model *model = cs_substance_find("herbicide");
    double p[MAX_PARAMETERS];
    fill_defaults(p, model);
    p[index_of(model, "A_appl")] = 200.0;
    const size_t background = index_of(model, "C_back");
    const size_t ratio = index_of(model, "ratio_herbicide_area_cal");
    model->settle(p);
    assert_true(p[background] == 5.0);
    p[ratio] = 0.05;
    assert_null(model->invalid(p));
    model->settle(p);
    assert_true(fabs(p[background] - 20.0) < 1e-14);
    p[index_of(model, "R_appl")] = 0.0;
    model->settle(p);
    assert_true(p[background] == 0.0);
    p[ratio] = -0.1;
    assert_non_null(strstr(model->invalid(p), "ratio_herbicide_area_cal"));
}

static void needs_and_patterns_are_the_models(void **unused)
{
    (void)unused;
    const uint32_t water = 1U << CS_LOCAL_DISCHARGE;
    const uint32_t rain = 1U << CS_PRECIPITATION;
    assert_int_equal(cs_substance_find("household")->needs, water);
    assert_int_equal(cs_substance_find("biocide_wwtp")->needs, water | rain);
    for (size_t k = 0; k < N_MODELS; k++) {
        const bool people = strcmp(names[k], "household") == 0 || strcmp(names[k], "mixed") == 0;
        assert_true(cs_substance_find(names[k])->has_patterns == people);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_models_are_there),
        cmocka_unit_test(defaults_are_valid_and_run),
        cmocka_unit_test(the_mixed_model_has_its_parts_parameters),
        cmocka_unit_test(background_is_scaled_by_the_share_of_area),
        cmocka_unit_test(needs_and_patterns_are_the_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
