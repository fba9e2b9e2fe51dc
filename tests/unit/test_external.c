/* SPDX-License-Identifier: MIT */
/* The files of external programs: numbers, templates, layouts, tables in every dialect. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "kernels/math/random.h"
#include "model/external_layout.h"
#include "model/external_output.h"
#include "model/external_parameters.h"
#include "model/external_series.h"
#include "model/scratch_tree.h"
#include "text/repr.h"

/* ---- numbers ---- */

static void doubles_are_written_as_repr_does(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.0, "0.0"},
                 {-0.0, "-0.0"},
                 {9.13, "9.13"},
                 {12.0, "12.0"},
                 {1.0 / 24.0, "0.041666666666666664"},
                 {13974932.5, "13974932.5"},
                 {0.0001, "0.0001"},
                 {5e-5, "5e-05"},
                 {1e16, "1e+16"},
                 {9999999999999998.0, "9999999999999998.0"},
                 {5e-324, "5e-324"},
                 {-DBL_MAX, "-1.7976931348623157e+308"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {NAN, "nan"},
                 {-INFINITY, "-inf"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CS_TEXT_REPR_LENGTH + 1];
        text[cs_text_put_repr(text, cases[i].value)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

static void doubles_read_back(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        char text[CS_TEXT_REPR_LENGTH + 1];
        const double x = csk_normal(3, 1, i) * pow(10.0, 600.0 * csk_uniform(3, 2, i) - 300.0);
        text[cs_text_put_repr(text, x)] = '\0';
        assert_true(strtod(text, NULL) == x);
    }
}

/* Numbers of every size, with few digits and with many, and the neighbours of powers of two: each
 * as printf writes it with the fewest of 15 to 17 digits that strtod reads back. */
static void assert_shortest(double x)
{
    char text[CS_TEXT_REPR_LENGTH + 1], wanted[CS_TEXT_REPR_LENGTH];
    size_t n_digits = 0, n_wanted = 0;
    text[cs_text_put_repr(text, x)] = '\0';
    assert_true(strtod(text, NULL) == x);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(wanted, sizeof wanted, "%.*e", digits - 1, x);
        if (strtod(wanted, NULL) == x) {
            break;
        }
    }
    /* the same digits: those of text, up to zeros at the end, begin those of wanted */
    const char *at = wanted;
    for (const char *c = text + strspn(text, "-0."); *c != '\0' && *c != 'e'; c++) {
        if (*c == '.') {
            continue;
        }
        at += strspn(at, "-.");
        const char digit = *at == 'e' || *at == '\0' ? '0' : *at++;
        if (*c != digit) {
            fail_msg("%.17g is written as %s, printf has %s", x, text, wanted);
        }
        n_digits++;
    }
    n_wanted = strspn(at, ".0");
    if (n_digits == 0 || at[n_wanted] != 'e') {
        fail_msg("%.17g is written as %s, printf has %s", x, text, wanted);
    }
}

static void numbers_are_as_short_as_printf_can(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        const uint64_t bits = (uint64_t)(csk_uniform(5, 1, i) * 18446744073709549568.0);
        double x = 0.0;
        memcpy(&x, &bits, sizeof x);
        if (isfinite(x) && fpclassify(x) == FP_NORMAL && i % 10 == 0) {
            assert_shortest(x);
        }
        const double size = pow(10.0, 30.0 * csk_uniform(5, 2, i) - 13.0);
        const double few = floor(csk_uniform(5, 3, i) * 1e5) / 1000.0;
        const float stored = (float)(size * csk_uniform(5, 4, i));
        assert_shortest(size);
        assert_shortest(few + 0.001);
        assert_shortest((double)stored + 1e-20);
        assert_shortest(24.0 * ((double)stored + 1e-20));
        const double power = ldexp(1.0, (int)(i % 100) - 40);
        assert_shortest(power);
        assert_shortest(nextafter(power, 0.0));
        assert_shortest(nextafter(power, 1e300));
    }
}

/* ---- templates ---- */

static cs_error err;
static const double NUMBERS[] = {2.5, 0.01909, NAN, 4.0};

static cs_external_values values_of(const char *name)
{
    return (cs_external_values){
        .id = 4711,
        .name = name,
        .numbers = NUMBERS,
        .file = {"layout_4711.xml", "param_4711.txt", "input_4711.txt", "out_4711.txt"}};
}

static void expect_text(cs_bytes *bytes, const char *text)
{
    assert_int_equal(cs_bytes_append(bytes, "", 1, &err), CS_OK);
    assert_string_equal((const char *)bytes->data, text);
    cs_bytes_free(bytes);
}

static void placeholders_are_filled(void **state)
{
    (void)state;
    static const char text[] = "{a} {id} {b}{a} {name} {input} {input_file_name} {output} "
                               "{ a} {} {1} {{b}} {a{b";
    const cs_external_values values = values_of("../../x \"'\n<&>");
    cs_text_template template;
    cs_wanted wanted = {0};
    cs_bytes out = {0};
    assert_int_equal(cs_text_template_parse(&template, &wanted, text, strlen(text), "here", &err),
                     CS_OK);
    assert_int_equal(wanted.n, 2);
    assert_true(wanted.needs_name);
    assert_int_equal(cs_text_template_fill(&out, &template, &wanted, &values, &err), CS_OK);
    expect_text(&out, "2.5 4711 0.019092.5 ../../x \"' <&> input_4711.txt input_4711.txt "
                      "out_4711.txt { a} {} {1} {0.01909} {a{b");
    cs_text_template_free(&template);
    cs_wanted_free(&wanted);
}

static void a_placeholder_without_value_is_named(void **state)
{
    (void)state;
    static const char text[] = "{a}{b}{c}";
    const cs_external_values values = values_of(NULL);
    cs_text_template template;
    cs_wanted wanted = {0};
    cs_bytes out = {0};
    assert_int_equal(
        cs_text_template_parse(&template, &wanted, text, strlen(text), "argument 3", &err), CS_OK);
    assert_int_equal(cs_text_template_fill(&out, &template, &wanted, &values, &err), CS_DATA);
    assert_string_equal(err.message, "argument 3: the placeholder {c} has no value");
    cs_bytes_free(&out);
    cs_text_template_free(&template);
    cs_wanted_free(&wanted);
}

/* ---- parameters ---- */

static void parameters_are_set_by_name(void **state)
{
    (void)state;
    static const char text[] = "# C_back[x]: 5 stays\n"
                               "C_back[substance]: 5\r\n"
                               "sigma[Conc_{id}]: 5\n"
                               "  k : 0.7  # 0.8 in: spring\n"
                               "k[b]: # to do\n"
                               "C_back[other]: 6\n"
                               "kk[a]: 0.7\n"
                               "C_background: 5\n"
                               "VAR@0[C_back]: 5";
    static char background[] = "C_back", k[] = "k";
    cs_config_setting settings[] = {{.name = background, .value = 8.0}, {.name = k, .value = 0.9}};
    const cs_config_substance substance = {.parameters = settings, .n_parameters = 2};
    const double numbers[] = {2.5, 0.01909, 4.0};
    const cs_external_values values = {.id = 4711, .numbers = numbers};
    cs_text_template template;
    cs_wanted wanted = {0};
    cs_bytes out = {0};
    assert_int_equal(
        cs_external_parameters_parse(&template, &wanted, text, &substance, "param.txt", &err),
        CS_OK);
    assert_int_equal(wanted.n, 3);
    assert_string_equal(wanted.items[0].name, "C_back");
    assert_true(wanted.items[0].base == 5.0);
    assert_string_equal(wanted.items[1].name, "k");
    assert_true(wanted.items[1].base == 0.7);
    assert_string_equal(wanted.items[2].name, "C_back"); /* a line's own value is that line's */
    assert_true(wanted.items[2].base == 6.0);
    assert_int_equal(cs_text_template_fill(&out, &template, &wanted, &values, &err), CS_OK);
    expect_text(&out, "# C_back[x]: 5 stays\n"
                      "C_back[substance]: 2.5\r\n"
                      "sigma[Conc_4711]: 5\n"
                      "  k : 0.01909  # 0.8 in: spring\n"
                      "k[b]:0.01909 # to do\n"
                      "C_back[other]: 4.0\n"
                      "kk[a]: 0.7\n"
                      "C_background: 5\n"
                      "VAR@0[C_back]: 5\n");
    cs_text_template_free(&template);
    cs_wanted_free(&wanted);
}

static void a_byte_order_mark_is_not_a_part_of_the_first_name(void **state)
{
    (void)state;
    static char k[] = "k";
    cs_config_setting setting = {.name = k, .value = 2.5};
    const cs_config_substance substance = {.parameters = &setting, .n_parameters = 1};
    const double number = 2.5;
    const cs_external_values values = {.id = 1, .numbers = &number};
    cs_text_template template;
    cs_wanted wanted = {0};
    cs_bytes out = {0};
    assert_int_equal(cs_external_parameters_parse(&template, &wanted, "\xef\xbb\xbfk[b]: 7\r\n",
                                                  &substance, "param.txt", &err),
                     CS_OK);
    assert_int_equal(wanted.n, 1);
    assert_int_equal(cs_text_template_fill(&out, &template, &wanted, &values, &err), CS_OK);
    expect_text(&out, "\xef\xbb\xbfk[b]: 2.5\r\n");
    cs_text_template_free(&template);
    cs_wanted_free(&wanted);
}

/* ---- layouts ---- */

static void layouts_escape_what_they_are_given(void **state)
{
    (void)state;
    static const char text[] = "<layout version=\"0.3\">\n"
                               "\t<!-- {a} stays -->\n"
                               "\t<model id=\"{name}\" area='{a}'><attribute>{name}</attribute>"
                               "&amp;{b}</model>\n"
                               "\t<data src=\"{input_file_name}\" plain=\"&lt;1\"/>\n"
                               "</layout>";
    cs_external_layout *layout = NULL;
    cs_wanted wanted = {0};
    cs_bytes out = {0};
    cs_external_values values = values_of("\"/><evil a='&lt;'> \xff\x01");
    assert_int_equal(
        cs_external_layout_parse(&layout, &wanted, text, strlen(text), "layout.xml", &err), CS_OK);
    assert_int_equal(wanted.n, 2);
    for (int i = 0; i < 2; i++) { /* the second time as the first */
        out.size = 0;
        assert_int_equal(cs_external_layout_fill(&out, layout, &wanted, &values, &err), CS_OK);
    }
    expect_text(&out, "<layout version=\"0.3\">\n"
                      "\t<!-- {a} stays -->\n"
                      "\t<model id=\"&quot;/&gt;&lt;evil a='&amp;lt;'&gt; ? \" area=\"2.5\">"
                      "<attribute>\"/&gt;&lt;evil a='&amp;lt;'&gt; ? </attribute>"
                      "&amp;0.01909</model>\n"
                      "\t<data src=\"input_4711.txt\" plain=\"&lt;1\"/>\n"
                      "</layout>\n");
    values.name = "next";
    assert_int_equal(cs_external_layout_fill(&out, layout, &wanted, &values, &err), CS_OK);
    assert_int_equal(cs_bytes_append(&out, "", 1, &err), CS_OK);
    assert_non_null(strstr((const char *)out.data, "id=\"next\""));
    cs_bytes_free(&out);
    cs_external_layout_free(layout);
    cs_wanted_free(&wanted);
}

static void broken_layouts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "no XML", "<layout>", "<layout><a></layout>",
        "<!DOCTYPE layout [<!ENTITY e \"x\">]><layout>&e;</layout>"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cs_external_layout *layout = NULL;
        cs_wanted wanted = {0};
        assert_int_equal(cs_external_layout_parse(&layout, &wanted, texts[i], strlen(texts[i]),
                                                  "layout.xml", &err),
                         CS_DATA);
        assert_null(layout);
        assert_non_null(strstr(err.message, "layout.xml:1: "));
        cs_wanted_free(&wanted);
    }
}

/* ---- series ---- */

/* Floats are written as the doubles that our own models compute with. */
static void the_table_is_the_servers(void **state)
{
    (void)state;
    const float temperature[] = {9.13f, -0.5f, NAN}, precipitation[] = {0.0f, (float)(4.8 / 24), 0};
    const float discharge[] = {1.67133f, 1e-5f, 3.0f}, local[] = {0.60552f, 0.5f, 2.0f};
    const cs_engine_task task = {
        .n = 1, .n_time = 3, .forcing = {temperature, precipitation, discharge, local}};
    const cs_config config = {0};
    const cs_config_external external = {0};
    cs_external_series *series = NULL;
    cs_bytes out = {0};
    assert_int_equal(cs_external_series_open(&series, &config, &external, 3, 1.0 / 24.0, &err),
                     CS_OK);
    assert_int_equal(cs_external_series_fill(&out, series, &task, 0, &err), CS_OK);
    expect_text(&out, "step\tT\tP\tQ\tQloc\tEmptymeas\n"
                      "0.0\t9.130000114440918\t0.0\t1.6713299751281738\t0.6055200099945068\tN/A\n"
                      "0.041666666666666664\t-0.5\t4.800000071525574\t9.999999747378752e-06\t"
                      "0.5\tN/A\n"
                      "0.08333333333333333\tNA\t0.0\t3.0\t2.0\tN/A\n");
    cs_external_series_free(series);
}

/* Doubles, as CrossWater's files have them, are written as they are; precipitation is in mm/d. */
static void doubles_keep_all_their_digits(void **state)
{
    (void)state;
    const double temperature[] = {9.13, 1.0 / 3.0}, precipitation[] = {4.8, 0.1 + 0.2};
    const double discharge[] = {1.67133, 1e22}, local[] = {5e-324, 2.0};
    const cs_engine_task task = {
        .n = 1, .n_time = 2, .forcing64 = {temperature, precipitation, discharge, local}};
    const cs_config config = {0};
    const cs_config_external external = {0};
    cs_external_series *series = NULL;
    cs_bytes out = {0};
    assert_int_equal(cs_external_series_open(&series, &config, &external, 2, 1.0, &err), CS_OK);
    assert_int_equal(cs_external_series_fill(&out, series, &task, 0, &err), CS_OK);
    expect_text(&out, "step\tT\tP\tQ\tQloc\tEmptymeas\n"
                      "0.0\t9.13\t4.8\t1.67133\t5e-324\tN/A\n"
                      "1.0\t0.3333333333333333\t0.30000000000000004\t1e+22\t2.0\tN/A\n");
    cs_external_series_free(series);
}

/* Where both are the same numbers, one is copied from the other: never an earlier or a missing one.
 */
static void headwaters_have_their_own_water_only(void **state)
{
    (void)state;
    const float temperature[] = {1, 1, 1, 2, 3}, precipitation[] = {2, 1, 1, 1, 1};
    const float discharge[] = {1, 2, NAN, 2, 3}, local[] = {1, 1, 2, 2, NAN};
    const cs_engine_task task = {
        .n = 1, .n_time = 5, .forcing = {temperature, precipitation, discharge, local}};
    const cs_config config = {0};
    const cs_config_external external = {0};
    cs_external_series *series = NULL;
    cs_bytes out = {0};
    assert_int_equal(cs_external_series_open(&series, &config, &external, 5, 1.0, &err), CS_OK);
    assert_int_equal(cs_external_series_fill(&out, series, &task, 0, &err), CS_OK);
    expect_text(&out, "step\tT\tP\tQ\tQloc\tEmptymeas\n"
                      "0.0\t1.0\t48.0\t1.0\t1.0\tN/A\n"
                      "1.0\t1.0\t24.0\t2.0\t1.0\tN/A\n"
                      "2.0\t1.0\t24.0\tNA\t2.0\tN/A\n"
                      "3.0\t2.0\t24.0\t2.0\t2.0\tN/A\n"
                      "4.0\t3.0\t24.0\t3.0\tNA\tN/A\n");
    cs_external_series_free(series);
}

static void units_and_variables_are_checked(void **state)
{
    (void)state;
    static char name[] = "x", unit[] = "furlong", from[] = "temperature", other[] = "snow";
    cs_config_column columns[] = {{.name = name, .from = from, .unit = unit}};
    const cs_config config = {0};
    const cs_config_external external = {.columns = columns, .n_columns = 1};
    cs_external_series *series = NULL;
    assert_int_equal(cs_external_series_open(&series, &config, &external, 3, 1.0, &err), CS_DATA);
    assert_non_null(strstr(err.message, "furlong"));
    columns[0].from = other;
    assert_int_equal(cs_external_series_open(&series, &config, &external, 3, 1.0, &err), CS_DATA);
    assert_non_null(strstr(err.message, "snow"));
    assert_null(series);
}

/* ---- memory ---- */

/* All texts of one catchment. */
static cs_status write_texts(cs_bytes *out, cs_wanted *wanted, cs_error *e)
{
    static const char layout_text[] = "<layout id='{name}' a='{a}'>{b}</layout>";
    static const char parameters_text[] = "# a comment\nk[x]: 0.7\nC_back: 6\n";
    static char k[] = "k";
    static const float values[3] = {1.0f, 2.0f, 3.0f};
    cs_config_setting setting = {.name = k, .value = 0.9};
    const cs_config_substance substance = {.parameters = &setting, .n_parameters = 1};
    const cs_config config = {0};
    const cs_config_external external = {0};
    const cs_engine_task task = {.n = 1, .n_time = 3, .forcing = {values, values, values, values}};
    const cs_external_values numbers = values_of("somewhere");
    cs_external_layout *layout = NULL;
    cs_external_series *series = NULL;
    cs_text_template template = {0};
    cs_status status = CS_OK;
    CS_CHECK(cs_external_layout_parse(&layout, wanted, layout_text, strlen(layout_text), "l", e));
    CS_CHECK(cs_external_layout_fill(out, layout, wanted, &numbers, e));
    CS_CHECK(cs_external_parameters_parse(&template, wanted, parameters_text, &substance, "p", e));
    CS_CHECK(cs_external_series_open(&series, &config, &external, 3, 1.0, e));
    CS_CHECK(cs_external_series_fill(out, series, &task, 0, e));
release:
    cs_text_template_free(&template);
    cs_external_series_free(series);
    cs_external_layout_free(layout);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        cs_bytes out = {0};
        cs_wanted wanted = {0};
        err = (cs_error){0};
        cs_memory_fail_nth(++nth);
        status = write_texts(&out, &wanted, &err);
        cs_memory_fail_nth(0);
        assert_true(status == CS_OK || status == CS_MEMORY);
        assert_int_equal(err.status, (int)status);
        assert_true(status == CS_OK || strstr(err.message, "memory") != NULL);
        cs_bytes_free(&out);
        cs_wanted_free(&wanted);
    }
    assert_true(nth > 10);
}

/* ---- output ---- */

enum { N_TIME = 3 };

/* Takes columns C and Qloc out of a text. */
static cs_status parse(double c[N_TIME], double q[N_TIME], const char *text)
{
    cs_output_column columns[] = {{.name = "C", .required = true, .values = c},
                                  {.name = "Qloc", .values = q}};
    return cs_external_output_parse(columns, 2, text, strlen(text), N_TIME, &err);
}

static void every_dialect_is_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "step\tQloc\tC\n0\t1\t2e-5\n1\t2\tNA\n2\t3\t1e3\n",
        "step\tQloc\tC\r\n0\t1\t2e-005\r\n1\t2\tNaN\r\n2\t3\t1e+003\r\n",
        "C\tx\ty\tz\tQloc\n0.00002\t\t\t\t1\n\t\t\t\t2\n1000\tabc\t\t\t3",
        "Qloc C\n1 2E-05\n2 nan\n3 +1000.0\n\n\n",
        "   Qloc    C\n   1    2E-05\n   2    -nan(ind)\n   3  1000\r\n\r\n",
        "Qloc;C\n1;2e-5\n2;1.#QNAN\n3;1000\n",
        "\"Qloc\",\"C\"\n1,2e-5\n2,inf\n3,1000\n",
        "Qloc\tC\n1\t2e-5\t\n2\t\n3\t1000\n",
        "Qloc,C,\n1,2e-5,\n2,NA,\n3,1000\n",
        ("\xef\xbb\xbf"
         "C\tQloc\r\n2e-5\t1\r\nNA\t2\r\n1000\t3\r\n"),
        "\xef\xbb\xbf\"Qloc\",\"C\"\n1,2e-5\n2,NaN\n3,1000\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double c[N_TIME], q[N_TIME];
        assert_int_equal(parse(c, q, texts[i]), CS_OK);
        assert_true(c[0] == 2e-5 && isnan(c[1]) && c[2] == 1000.0);
        assert_true(q[0] == 1.0 && q[1] == 2.0 && q[2] == 3.0);
    }
}

/* Without a line end the last row counts if it has its last field: some programs end so. What was
 * cut off before that is refused, and names the row. */
static void a_last_row_that_is_cut_off_is_refused(void **state)
{
    (void)state;
    static const char *const whole[] = {
        "C\tQloc\n1\t1\n2\t2\n3\t3",
        "C\tQloc\r\n1\t1\r\n2\t2\r\n3\t3\r",
        "C,Qloc,\n1,1,\n2,2,\n3,3,",
        "Qloc C\n1 1\n2 2\n3 3",
    };
    static const char *const cut[] = {
        "C\tQloc\n1\t1\n2\t2\n3\t",
        "C\tQloc\n1\t1\n2\t2\n3",
        "C,Qloc,x\n1,1,1\n2,2,2\n3,3,",
        "Qloc C\n1 1\n2 2\n3",
    };
    double c[N_TIME], q[N_TIME];
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        assert_int_equal(parse(c, q, whole[i]), CS_OK);
        assert_true(c[2] == 3.0 && q[2] == 3.0);
    }
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        assert_int_equal(parse(c, q, cut[i]), CS_DATA);
        assert_non_null(strstr(err.message, "row 3"));
        assert_non_null(strstr(err.message, "cut off"));
    }
    assert_int_equal(parse(c, q, "C\tQloc\n1\t1\n2\t2\n3\t\n"), CS_OK); /* ended, hence empty */
    assert_true(isnan(q[2]));
}

static void an_optional_column_may_be_missing(void **state)
{
    (void)state;
    double c[N_TIME], q[N_TIME] = {7.0, 8.0, 9.0};
    assert_int_equal(parse(c, q, "C\n1\n2\n3\n"), CS_OK);
    assert_true(c[2] == 3.0 && q[0] == 7.0);
}

static void every_cause_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "its output has no column \"C\""},
        {"Qloc\tc\n1\t2\n", "its output has no column \"C\""},
        {"Qloc\tC\n", "its output is short: 0 of 3 rows"},
        {"Qloc\tC\n1\t2\n1\t2\n\n\n", "its output is short: 2 of 3 rows"},
        {"Qloc\tC\n1\t2\n1\t2\n1\t2\n1\t2\n", "its output is long: more than 3 rows"},
        {"Qloc\tC\n1\t2\n1\n1\t2\n", "row 2 of its output has 1 columns, the head 2"},
        {"Qloc\tC\n1\t2\n1\t2\n1\tseven\n", "row 3 of its output: C is no number: \"seven\""},
        {"Qloc\tC\n1\t2,5\n1\t2\n1\t2\n", "row 1 of its output: C is no number: \"2,5\""},
        {"Qloc C\n1 2\n\n1 2\n1 2\n", "row 2 of its output has 0 columns, the head 2"},
        /* R's write.table with row names: the column would be the neighbour's */
        {"\"C\" \"Qloc\"\n\"1\" 7 1\n\"2\" 7 1\n\"3\" 7 1\n",
         "row 1 of its output has 3 columns, the head 2"},
        {"C\tQloc\n7\t1\n7\t1\t1\n7\t1\n", "row 2 of its output has 3 columns, the head 2"},
        {"C\tQloc\tx\n7\t1\t2\n7\t1\n7\t1\t3\n", "row 2 of its output has 2 columns, the head 3"},
        {"C,Qloc,\n7,1,\n7,1,,\n7,1\n", "row 2 of its output has 4 columns, the head 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double c[N_TIME], q[N_TIME];
        assert_int_equal(parse(c, q, cases[i].text), CS_DATA);
        assert_string_equal(err.message, cases[i].message);
    }
}

/* ---- the folder of a program ---- */

static void make_file(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

/* The folder is there, can be used, and nothing is in it. */
static void expect_empty(const char *folder)
{
    struct stat about;
    assert_true(cs_scratch_empty(folder));
    assert_int_equal(lstat(folder, &about), 0);
    assert_true(S_ISDIR(about.st_mode));
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_equal(rmdir(folder), 0);
}

static void a_folder_is_empty_whatever_a_program_did_to_it(void **state)
{
    (void)state;
    char top[] = "/tmp/catchsim-test-XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(chdir(top), 0);
    assert_int_equal(mkdir("own", 0700), 0); /* closed, with a closed folder in it */
    assert_int_equal(mkdir("own/closed", 0700), 0);
    make_file("own/closed/file");
    assert_int_equal(chmod("own/closed", 0), 0);
    assert_int_equal(chmod("own", 0), 0);
    expect_empty("own");
    expect_empty("own"); /* gone */
    make_file("own");    /* a file */
    expect_empty("own");
    assert_int_equal(mkdir("other", 0755), 0); /* a link to what is not its own */
    make_file("other/file");
    assert_int_equal(symlink("other", "own"), 0);
    expect_empty("own");
    assert_int_equal(access("other/file", F_OK), 0);
    assert_false(cs_scratch_empty("other/file/own")); /* cannot be made anew */
    assert_int_equal(chdir("/"), 0);
    assert_true(cs_scratch_remove_tree(top));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_written_as_repr_does),
        cmocka_unit_test(doubles_read_back),
        cmocka_unit_test(numbers_are_as_short_as_printf_can),
        cmocka_unit_test(placeholders_are_filled),
        cmocka_unit_test(a_placeholder_without_value_is_named),
        cmocka_unit_test(parameters_are_set_by_name),
        cmocka_unit_test(a_byte_order_mark_is_not_a_part_of_the_first_name),
        cmocka_unit_test(layouts_escape_what_they_are_given),
        cmocka_unit_test(broken_layouts_are_refused),
        cmocka_unit_test(the_table_is_the_servers),
        cmocka_unit_test(doubles_keep_all_their_digits),
        cmocka_unit_test(headwaters_have_their_own_water_only),
        cmocka_unit_test(units_and_variables_are_checked),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_dialect_is_read),
        cmocka_unit_test(a_last_row_that_is_cut_off_is_refused),
        cmocka_unit_test(an_optional_column_may_be_missing),
        cmocka_unit_test(every_cause_is_told),
        cmocka_unit_test(a_folder_is_empty_whatever_a_program_did_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
