/* SPDX-License-Identifier: MIT */
/*
 * Layouts over the native models: which of several parameters counts, connections that add up,
 * order, and what is refused on which line. The kernels themselves: test_golden.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/substance/components.h"
#include "layout/graph.h"

/* A biocide fed by two tables' columns, line by line. */
static const char biocide[] =
    "<layout version='0.3'>\n"
    "<model type='biocide' id='b'><attribute>s</attribute><attribute>t</attribute>\n"
    "<parameter name='M_totalperA' value='0.5'/><parameter name='A_appl' value='1000'/></model>\n"
    "<data src='in.txt' timecol='step'><column export='1'>C</column><column>L</column></data>\n"
    "<parameters><parameter name='Beta' domain='s' value='2' min='0' max='9'/>\n"
    "<parameter name='C_back' value='3'/></parameters>\n"
    "<connection sourcedata='P' destobj='b' destport='P'/>\n"
    "<connection sourcedata='T' destobj='b' destport='T'/>\n"
    "<connection sourcedata='Q' destobj='b' destport='Q'/>\n"
    "<connection sourceobj='b' sourceport='C' destdata='C'/>\n"
    "<connection sourceobj='b' sourceport='L' destdata='L' proportion='2'/>\n"
    "<solver accuracy='0.001'/>\n"
    "</layout>\n";
static const char table_text[] =
    "step\tT\tP\tQ\n0\t1\t0\t1\n0.5\t1\t4\t2\n1\t1\t8\t2\n1.5\t1\t0\tNaN\n";

/* Everything from texts to a graph. */
typedef struct {
    cs_settings settings;
    cs_layout layout;
    cs_table table;
    cs_graph graph;
} job;

static cs_status build(job *j, const char *layout, const char *parameters, const char *table,
                       cs_error *err)
{
    *j = (job){0};
    CS_TRY(cs_layout_parse(&j->layout, &j->settings, layout, strlen(layout), "l.xml", err));
    CS_TRY(cs_settings_parse(&j->settings, parameters, strlen(parameters), "p.txt", err));
    CS_TRY(cs_table_parse(&j->table, table, strlen(table), "in.txt", err));
    return cs_graph_build(&j->graph, &j->layout, &j->settings, &j->table, "in.txt", err);
}

static void release(job *j)
{
    cs_graph_free(&j->graph);
    cs_table_free(&j->table);
    cs_layout_free(&j->layout);
    cs_settings_free(&j->settings);
}

static void run(job *j, const char *layout, const char *parameters, const char *table)
{
    cs_error err = {0};
    if (build(j, layout, parameters, table, &err) != CS_OK ||
        cs_graph_run(&j->graph, &err) != CS_OK) {
        fail_msg("%s", err.message);
    }
}

static void refused(const char *layout, const char *parameters, const char *table,
                    const char *message)
{
    job j;
    cs_error err = {0};
    assert_int_equal(build(&j, layout, parameters, table, &err), CS_DATA);
    if (strncmp(err.message, message, strlen(message)) != 0) {
        fail_msg("\"%s\" instead of \"%s\"", err.message, message);
    }
    release(&j);
}

/* A copy of a text in which the first `from` is `to`; the caller frees. */
static char *with(const char *text, const char *from, const char *to)
{
    const char *place = strstr(text, from);
    assert_non_null(place);
    const size_t before = (size_t)(place - text);
    const size_t size = strlen(text) + strlen(to) + 1;
    char *copy = malloc(size);
    assert_non_null(copy);
    snprintf(copy, size, "%.*s%s%s", (int)before, text, to, place + strlen(from));
    return copy;
}

/* The table of three good rows. */
static char *good_table(void)
{
    return with(table_text, "1.5\t1\t0\tNaN\n", "");
}

static double parameter(const job *j, const char *name)
{
    const cs_members *names = &j->layout.models[0].component->parameters;
    return j->graph.instances[0].parameters[cs_members_find(names, name)->slot];
}

/* ---- parameters ---- */

static void the_narrower_parameter_counts_and_then_the_later(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        double beta, background, amount;
    } cases[] = {
        {"", 2.0, 3.0, 0.5},
        {"Beta[s]: 5\nC_back: 6", 5.0, 6.0, 0.5},
        {"Beta: 5\n", 2.0, 3.0, 0.5}, /* the layout's has a flag */
        {"C_back[s]: 7\nC_back: 6\n", 2.0, 7.0, 0.5},
        {"Beta[s]: 5\nBeta[s]: 6\n", 6.0, 3.0, 0.5},
        {"Beta[other]: 5\n", 2.0, 3.0, 0.5},
        {"M_totalperA: 9\n", 2.0, 3.0, 9.0}, /* the model's own is weakest */
        {"M_totalperA: 9\nM_totalperA[t]: 8\n", 2.0, 3.0, 8.0},
        {"# all\r\n\r\n Beta [ s ] :\t1e-3 # and\r\nsigma[C]: no number\r\n", 1e-3, 3.0, 0.5},
    };
    char *table = good_table();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        job j;
        run(&j, biocide, cases[i].file, table);
        assert_true(parameter(&j, "Beta") == cases[i].beta);
        assert_true(parameter(&j, "C_back") == cases[i].background);
        assert_true(parameter(&j, "M_totalperA") == cases[i].amount);
        release(&j);
    }
    free(table);
}

static void what_nobody_uses_is_marked_so(void **state)
{
    (void)state;
    job j;
    char *table = good_table();
    run(&j, biocide, "Beta[s]: 5\nbeta[s]: 6\n", table);
    const cs_setting *all = cs_settings_all(&j.settings);
    assert_true(all[j.settings.n - 2].used);
    assert_false(all[j.settings.n - 1].used);
    release(&j);
    free(table);
}

static void broken_parameter_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"\nBeta[s] 5", "p.txt:2: no \"name[flag]: value\""},
        {"Beta[s: 5", "p.txt:1: ']' must end the flag"},
        {"Beta[s]x: 5", "p.txt:1: ']' must end the flag"},
        {"Beta[]: 5", "p.txt:1: an empty flag"},
        {"[s]: 5", "p.txt:1: a name is missing"},
        {"Beta[s]:", "p.txt:1: \"\" is no number"},
        {"Beta[s]: five", "p.txt:1: \"five\" is no number"},
        {"Beta[s]: nan", "p.txt:1: \"nan\" is no number"},
        {"Beta[s]: -1", "l.xml:2: model b: Beta must be"},
        {"M@1[b]: 5", "p.txt:1: behind '@' there must be 0"},
        {"M@[b]: 5", "p.txt:1: behind '@' there must be 0"},
        {"M@0: 5", "p.txt:1: an initial state needs its model"},
        {"M@0[b]: 5", "p.txt:1: no model b has a state M"},
    };
    char *table = good_table();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(biocide, cases[i].file, table, cases[i].message);
    }
    free(table);
    cs_settings settings = {0};
    cs_error err = {0};
    assert_int_equal(cs_settings_parse(&settings, "a: 1\0b", 6, "p.txt", &err), CS_DATA);
    cs_settings_free(&settings);
}

/* ---- connections ---- */

static void models_and_columns_are_those_of_the_kernel(void **state)
{
    (void)state;
    job j;
    char *table = good_table();
    run(&j, biocide, "", table);
    assert_true(j.graph.clock.step == 0.5);
    /* Beta M A P = 2 x 0.5 x 1000 x 4 g/d in 2 m3/s, and the background */
    const double flux = 4000.0;
    const double concentration = flux / (86400.0 * 2.0) * 1e6 + 3.0;
    assert_true(j.graph.columns[0].series[0] == 0.0);
    assert_true(fabs(j.graph.columns[0].series[1] / concentration - 1.0) < 1e-15);
    assert_true(fabs(j.graph.columns[1].series[1] / (2.0 * (flux + 0.0864 * 3.0 * 2.0)) - 1.0) <
                1e-15);
    release(&j);
    free(table);
}

static void connections_into_one_port_add_up(void **state)
{
    (void)state;
    job once, parts;
    char *table = good_table();
    char *layout = with(biocide, "<connection sourcedata='P' destobj='b' destport='P'/>",
                        "<connection sourcedata='P' destobj='b' destport='P' proportion='0.25'/>"
                        "<connection sourcedata='P' destobj='b' destport='P' proportion='0.75'/>");
    run(&once, biocide, "", table);
    run(&parts, layout, "", table);
    for (size_t row = 0; row < 3; row++) {
        assert_true(once.graph.columns[0].series[row] == parts.graph.columns[0].series[row]);
    }
    assert_true(once.graph.columns[0].series[1] > 0.0);
    release(&once);
    release(&parts);
    free(layout);
    free(table);
}

static void columns_add_up_models_and_data(void **state)
{
    (void)state;
    job j;
    char *table = good_table();
    char *layout = with(biocide, "<solver accuracy='0.001'/>",
                        "<connection sourcedata='T' destdata='C' proportion='-1e6'/>");
    run(&j, layout, "", table);
    assert_true(j.graph.columns[0].series[0] == -1e6);
    assert_true(j.graph.columns[0].series[1] == 4000.0 / (86400.0 * 2.0) * 1e6 + 3.0 - 1e6);
    release(&j);
    free(layout);
    free(table);
}

static const char chain[] =
    "<layout>\n"
    "<model type='herbicide' id='soil'>"
    "<parameter name='A_tot' value='1e6'/><parameter name='A_appl' value='1e5'/></model>\n"
    "<model type='herbicide_application' id='farm'>"
    "<parameter name='M_totalperA' value='0.1'/></model>\n"
    "<data src='in.txt' timecol='step'><column>M</column></data>\n"
    "<parameters><parameter name='k' value='0'/><parameter name='Init_avail' value='1'/>"
    "<parameter name='T_objective' value='0'/><parameter name='Transfer_au' value='0'/>"
    "<parameter name='Transfer_ua' value='0'/><parameter name='Eta' value='0'/>"
    "<parameter name='C_back' value='0'/></parameters>\n"
    "<connection sourcedata='T' destobj='farm' destport='T'/>\n"
    "<connection sourcedata='T' destobj='farm' destport='P'/>\n"
    "<connection sourceobj='farm' sourceport='f_applic' destobj='soil' destport='F_applic'/>\n"
    "<connection sourcedata='Q' destobj='soil' destport='Q'/>\n"
    "<connection sourceobj='soil' sourceport='M_avail' destdata='M'/>\n"
    "<initials><initial variable='M_avail' model='soil' value='7'/></initials>\n"
    "</layout>\n";

/* The model that feeds comes second in the layout. */
static void models_run_in_the_order_of_their_connections(void **state)
{
    (void)state;
    job j;
    char *table = good_table();
    run(&j, chain, "", table);
    assert_int_equal(j.graph.order[0], 1);
    assert_true(j.graph.columns[0].series[0] == 7.0);
    assert_true(j.graph.columns[0].series[2] > 8.0); /* the farm's arrived */
    release(&j);
    run(&j, chain, "M_avail@0[soil]: 9\n", table); /* the file wins */
    assert_true(j.graph.columns[0].series[0] == 9.0);
    release(&j);
    run(&j, chain, "M_to_apply@0[farm]: 0\nM_avail@0[soil]: 0\n", table);
    assert_true(j.graph.columns[0].series[2] == 0.0);
    release(&j);
    refused(chain, "M_avail@0[soil]: -1\n", table, "p.txt:1: the initial M_avail of soil");
    free(table);
}

static void an_overflow_never_reaches_a_model(void **state)
{
    (void)state;
    job j;
    cs_error err = {0};
    char *table = good_table();
    char *layout = with(biocide, "destport='P'", "destport='P' proportion='1e308'");
    assert_int_equal(build(&j, layout, "", table, &err), CS_OK);
    assert_int_equal(cs_graph_run(&j.graph, &err), CS_DATA);
    assert_string_equal(err.message, "l.xml:2: model b: its input P is too large in row 1");
    release(&j);
    free(layout);
    free(table);
}

/* ---- what is refused ---- */

static void broken_layouts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"<layout version='0.3'>", "<layout version='9'>", "l.xml:1: version \"9\""},
        {"<layout version='0.3'>", "<layout versions='0.3'>", "l.xml:1: <layout> has no attribute"},
        {"type='biocide'", "type='biocides'", "l.xml:2: unknown model type \"biocides\"; known"},
        {"type='biocide' ", "", "l.xml:2: <model> needs the attribute \"type\""},
        {"<attribute>t</attribute>", "<attribute/>", "l.xml:2: <attribute> is empty"},
        {"<attribute>t</attribute>", "<flag>t</flag>", "l.xml:2: <flag> is not known inside"},
        {"name='A_appl'", "name='Area'", "l.xml:3: biocide has no parameter Area"},
        {"value='1000'", "value='x'", "l.xml:3: value=\"x\" of <parameter> is no number"},
        {"<parameter name='A_appl' value='1000'/>", "",
         "l.xml:2: model b: parameter A_appl is not given"},
        {"value='1000'", "value='-1'", "l.xml:2: model b: A_appl must be"},
        {"</model>", "</model><model type='biocide' id='b'/>", "l.xml:3: two models have the id"},
        {"timecol='step'", "timecol='Step'", "l.xml:4: there is no column Step in in.txt"},
        {"<column>L</column>", "<column>C</column>", "l.xml:4: two columns are named \"C\""},
        {"<column>L</column>", "<column><x/></column>", "l.xml:4: <x> is not known inside"},
        {"<column>L</column>", "<column>L</column><column>M</column>",
         "l.xml:4: nothing is connected to column M"},
        {"<parameters>", "<parameters/><parameters>", "l.xml:1: a layout needs one <data> and one"},
        {"max='9'", "max='x'", "l.xml:5: max=\"x\""},
        {"max='9'", "most='9'", "l.xml:5: <parameter> has no attribute \"most\""},
        {"sourcedata='P'", "sourcedata='p'", "l.xml:7: there is no column p in in.txt"},
        {"sourcedata='P'", "", "l.xml:7: <connection> needs either sourcedata, or sourceobj"},
        {"sourcedata='P'", "sourcedata='P' sourceobj='b'", "l.xml:7: <connection> needs either"},
        {"destport='P'/>", "/>", "l.xml:7: <connection> needs either destdata, or destobj"},
        {"destobj='b' destport='P'", "destobj='c' destport='P'", "l.xml:7: no model has the id"},
        {"destport='P'", "destport='C'", "l.xml:7: biocide has no input \"C\""},
        {"sourceport='C'", "sourceport='P'", "l.xml:10: biocide has no output \"P\""},
        {"destdata='C'", "destdata='D'", "l.xml:4: nothing is connected to column C"},
        {"destdata='L'", "destdata='L'/><connection sourcedata='T' destdata='Q'",
         "l.xml:11: <data> has no <column> Q"},
        {"proportion='2'", "proportion='2%'", "l.xml:11: proportion=\"2%\""},
        {"<connection sourcedata='T' destobj='b' destport='T'/>", "",
         "l.xml:2: model b: nothing is connected to its input T"},
        {"<solver accuracy='0.001'/>", "<solver accuracy='high'/>", "l.xml:12: accuracy=\"high\""},
        {"<solver accuracy='0.001'/>", "<solvers/>", "l.xml:12: <solvers> is not known inside"},
        {"<solver accuracy='0.001'/>",
         "<initials><initial variable='M' model='b' value='1'/></initials>",
         "l.xml:12: no model b has a state M"},
        {"</layout>", "</layouts>", "l.xml:13: <layout> of line 1 is not ended"},
    };
    char *table = good_table();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *layout = with(biocide, cases[i].from, cases[i].to);
        refused(layout, "", table, cases[i].message);
        free(layout);
    }
    refused("<data/>", "", table, "l.xml:1: <data> is no layout");
    refused("<layout/>", "", table, "l.xml:1: a layout needs one <data>");
    free(table);
}

static void cycles_are_refused(void **state)
{
    (void)state;
    char *table = good_table();
    char *self = with(biocide, "sourcedata='P' destobj", "sourceobj='b' sourceport='L' destobj");
    refused(self, "", table, "l.xml:2: model b feeds itself");
    char *both = with(chain, "sourcedata='T' destobj='farm' destport='T'",
                      "sourceobj='soil' sourceport='C' destobj='farm' destport='T'");
    refused(both, "", table, "l.xml:2: model soil feeds itself");
    free(self);
    free(both);
    free(table);
}

static void tables_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    refused(biocide, "", table_text, "in.txt:5: column Q: a number is needed by model b");
    refused(biocide, "", "step\tT\tP\n0\t1\t1\n", "l.xml:9: there is no column Q");
    refused(biocide, "", "step\tT\tP\tQ\tC\n0\t1\t1\t1\t1\n", "l.xml:4: column C is in in.txt");
    refused(biocide, "", "step\tT\tP\tQ\n", "in.txt:1: there are no rows");
    refused(biocide, "", "step\tT\tP\tQ\n-1\t1\t1\t1\n", "in.txt:2: column step: must be days");
    refused(biocide, "", "step\tT\tP\tQ\nx\t1\t1\t1\n", "in.txt:2: column step: must be days");
    refused(biocide, "", "step\tT\tP\tQ\n1\t1\t1\t1\n0\t1\t1\t1\n", "in.txt:3: column step: time");
    refused(biocide, "", "step\tT\tP\tQ\n0\t1\t1\t1\n1\t1\t1\t1\n4\t1\t1\t1\n",
            "in.txt:3: column step: rows must be 2 days apart");
}

/* Nine printed digits of 1/24 are not even; the clock is. */
static void a_printed_clock_is_taken_as_meant(void **state)
{
    (void)state;
    job j;
    run(&j, biocide, "", "step\tT\tP\tQ\n2.5\t1\t1\t1\n2.54166667\t1\t1\t1\n2.58333333\t1\t1\t1\n");
    assert_true(j.graph.clock.step == 1.0 / 24.0);
    assert_int_equal(j.graph.clock.number, 60);
    release(&j);
    run(&j, biocide, "", "step\tT\tP\tQ\n0\tx\tx\tx\n"); /* row 0 is never read */
    assert_true(j.graph.columns[0].series[0] == 0.0);
    release(&j);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    char *table = good_table();
    cs_status status = CS_MEMORY;
    for (long nth = 1; status == CS_MEMORY && nth < 1000; nth++) {
        job j;
        cs_error err = {0};
        cs_memory_fail_nth(nth);
        status = build(&j, chain, "k: 0.5\n", table, &err);
        cs_memory_fail_nth(0);
        assert_int_equal(err.status, (int)status);
        assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
        release(&j);
    }
    assert_int_equal(status, CS_OK);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrower_parameter_counts_and_then_the_later),
        cmocka_unit_test(what_nobody_uses_is_marked_so),
        cmocka_unit_test(broken_parameter_files_are_refused),
        cmocka_unit_test(models_and_columns_are_those_of_the_kernel),
        cmocka_unit_test(connections_into_one_port_add_up),
        cmocka_unit_test(columns_add_up_models_and_data),
        cmocka_unit_test(models_run_in_the_order_of_their_connections),
        cmocka_unit_test(an_overflow_never_reaches_a_model),
        cmocka_unit_test(broken_layouts_are_refused),
        cmocka_unit_test(cycles_are_refused),
        cmocka_unit_test(tables_that_do_not_fit_are_refused),
        cmocka_unit_test(a_printed_clock_is_taken_as_meant),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
