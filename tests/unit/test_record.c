/* SPDX-License-Identifier: MIT */
/* Fake records: the kernel against its reference, schemas, word lists. */
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

#include "base/calendar.h"
#include "kernels/record/bits.h"
#include "kernels/record/put.h"
#include "kernels/record/siphash.h"
#include "record/compile.h"

enum { N = 500 };

/* Every provider, in every way to be written. */
static const char everything[] =
    "<records version='1' name='all'>\n"
    "<field name='u' provider='uuid4'/><field name='us' provider='uuid4' count='2'/>\n"
    "<field name='i' provider='integer' min='-1200' max='99999999999'/>\n"
    "<field name='all' provider='integer' min='-9223372036854775808' max='9223372036854775807'/>\n"
    "<field name='f' provider='float' min='-2.5' max='2.5' decimals='3'/>\n"
    "<field name='whole' provider='float' min='0' max='9' decimals='0'/>\n"
    "<field name='b' provider='boolean' null='0.5'/><field name='d' provider='date'\n"
    "  min='0001-01-01' max='9999-12-31'/><field name='t' provider='datetime'/>\n"
    "<field name='y' provider='year' count='3'/><field name='q' provider='sequence' step='-7'/>\n"
    "<field name='n' provider='name'/><field name='ns' provider='name' count='9' null='0.2'/>\n"
    "<field name='fn' provider='first_name'/><field name='ln' provider='last_name'/>\n"
    "<field name='c' provider='catch_phrase'/><field name='co' provider='company' count='4'/>\n"
    "<field name='dn' provider='domain_name'/><field name='e' provider='email'/>\n"
    "<field name='cs' provider='country' count='5'/><field name='l' provider='language'/>\n"
    "<field name='lo' provider='locale'/><field name='h' provider='hex_colour'/>\n"
    "<field name='ci' provider='city'/><field name='sa' provider='street_address'/>\n"
    "<field name='ph' provider='phone'/><field name='s' provider='sentence' count='2'/>\n"
    "<field name='ch' provider='choice'><value weight='3'>a, \"b\"</value><value>c;\\</value>\n"
    "</field><field name='li' provider='choice' list='word' unique='no'/>\n"
    "<field name='p' provider='pattern' text='#?~-\\#\"####~~~~????????####'/>\n"
    "<field name='pu' provider='pattern' text='A###' unique='yes'/>\n"
    "<field name='iu' provider='integer' min='5' max='1004' unique='yes'/>\n"
    "<field name='hu' provider='hex_colour' unique='yes'/>\n"
    "<field name='wu' provider='choice' unique='yes' list='last_name'/>\n"
    "<field name='te' provider='template' text='{company} \"{1..9}\" {word:capital}'/>\n"
    "<field name='x \"quoted\"' provider='hash' of='i ns te'/>\n"
    "<field name='xx' provider='hash' of='x1 b u'/><field name='x1' provider='hash' of='h'/>\n"
    "</records>";

typedef struct {
    cs_record_schema schema;
    cs_record_code code;
} compiled;

static void compile(compiled *c, const char *text, cs_record_format format)
{
    cs_error err = {0};
    if (cs_record_schema_parse(&c->schema, text, strlen(text), "s.xml", NULL, &err) != CS_OK ||
        cs_record_compile(&c->code, &c->schema, format, 42, &err) != CS_OK) {
        fail_msg("%s", err.message);
    }
}

static void release(compiled *c)
{
    cs_record_code_free(&c->code);
    cs_record_schema_free(&c->schema);
}

static unsigned char *room(const compiled *c, size_t n)
{
    unsigned char *memory = malloc(n * c->code.program.max_bytes + CSK_RECORD_SLACK);
    assert_non_null(memory);
    return memory;
}

/* The text of some records, terminated; the caller frees it. */
static char *text_of(const char *schema, cs_record_format format, uint64_t first, uint64_t count)
{
    compiled c;
    compile(&c, schema, format);
    unsigned char *out = room(&c, count);
    out[csk_record_range(out, &c.code.program, NULL, first, count)] = '\0';
    release(&c);
    return (char *)out;
}

static void the_kernel_writes_what_the_reference_does(void **state)
{
    (void)state;
    static const char *const schemas[] = {everything, cs_record_movies_text,
                                          cs_record_persons_text};
    for (int i = 0; i < 6; i++) {
        compiled c;
        compile(&c, schemas[i / 2], i % 2 == 0 ? CS_RECORD_NDJSON : CS_RECORD_CSV);
        const csk_record_rows rows = {.population = i / 2 == 2 ? 333 : 0, .key = 5};
        unsigned char *fast = room(&c, N);
        unsigned char *slow = room(&c, N);
        const size_t size = csk_record_range(fast, &c.code.program, &rows, 7, N);
        assert_int_equal(csk_record_range_ref(slow, &c.code.program, &rows, 7, N), size);
        assert_memory_equal(fast, slow, size);
        assert_true(size <= N * c.code.program.max_bytes);
        free(fast);
        free(slow);
        release(&c);
    }
}

static void any_cut_and_any_threads_give_the_same(void **state)
{
    (void)state;
    compiled c;
    compile(&c, everything, CS_RECORD_NDJSON);
    unsigned char *whole = room(&c, N);
    const size_t size = csk_record_range(whole, &c.code.program, NULL, 0, N);
    for (int n = 1; n <= 7; n += 2) {
        csk_record_part parts[7];
        size_t at = 0;
        for (int i = 0; i < n; i++) {
            const uint64_t first = (uint64_t)(N * i / n);
            const uint64_t count = (uint64_t)(N * (i + 1) / n) - first;
            parts[i] = (csk_record_part){.out = room(&c, count), .first = first, .count = count};
        }
        csk_record_parts(parts, n, &c.code.program, NULL, n > 4 ? 4 : n);
        for (int i = 0; i < n; i++) {
            assert_memory_equal(whole + at, parts[i].out, parts[i].size);
            at += parts[i].size;
            free(parts[i].out);
        }
        assert_int_equal(at, size);
    }
    free(whole);
    release(&c);
}

/* Other fields do not change a field. */
static void a_field_depends_on_its_name_only(void **state)
{
    (void)state;
    char *alone = text_of("<records version='1'><field name='n' provider='name'/></records>",
                          CS_RECORD_CSV, 3, 1);
    char *second = text_of("<records version='1'><field name='q' provider='sequence'/>"
                           "<field name='n' provider='name'/></records>",
                           CS_RECORD_CSV, 3, 1);
    assert_memory_equal(second, "4,", 2);
    assert_string_equal(second + 2, alone);
    free(alone);
    free(second);
}

static void permutations_are_bijections(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 17, 1000, 4096, 4097};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        unsigned char *seen = calloc(sizes[k], 1);
        uint64_t n_fixed = 0;
        for (uint64_t i = 0; i < sizes[k]; i++) {
            const uint64_t to = csk_permute(i, sizes[k], 99);
            assert_true(to < sizes[k]);
            assert_int_equal(seen[to], 0);
            seen[to] = 1;
            n_fixed += to == i;
        }
        assert_true(sizes[k] < 17 || n_fixed < 12); /* 1 is expected, 12 in 10^9 cases */
        free(seen);
    }
}

/* The first two vectors of the reference implementation: key 00 01 .. 0f, texts "" and 00. */
static void siphash_gives_the_known_answers(void **state)
{
    (void)state;
    static const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    static const unsigned char empty[16] = {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
                                            0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93};
    static const unsigned char zero[16] = {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44,
                                           0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45};
    uint64_t out[2];
    csk_siphash128(out, (const unsigned char *)"", 0, key);
    assert_memory_equal(out, empty, 16);
    csk_siphash128(out, (const unsigned char *)"", 1, key);
    assert_memory_equal(out, zero, 16);
}

static void dates_are_those_of_the_calendar(void **state)
{
    (void)state;
    const int64_t first = cs_calendar_days(1, 1, 1);
    const int64_t last = cs_calendar_days(9999, 12, 31);
    for (int64_t day = first; day <= last; day += day > -40000 && day < 40000 ? 1 : 97) {
        char wanted[CS_CALENDAR_LENGTH];
        unsigned char text[64] = {0};
        cs_calendar_format(wanted, (double)day * 86400.0);
        wanted[10] = '\0';
        *csk_put_date(text, day) = '\0';
        assert_string_equal((char *)text, wanted);
    }
}

static void numbers_are_those_of_printf(void **state)
{
    (void)state;
    static const int64_t values[] = {0,      1,         -1,        9,         10,    99,
                                     100,    999,       1000,      9999,      10000, 12345,
                                     -10000, 100000000, INT64_MAX, INT64_MIN, -99,   1000000000};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char wanted[32];
        unsigned char text[64];
        snprintf(wanted, sizeof wanted, "%lld", (long long)values[i]);
        *csk_put_signed(text, values[i]) = '\0';
        assert_string_equal((char *)text, wanted);
    }
}

/* Lists with what the formats must escape, in names and values. */
static void formats_are_escaped(void **state)
{
    (void)state;
    static const char schema[] =
        "<records version='1'><field name='a \"b\"' provider='choice'><value>x\"\\y</value></field>"
        "<field name='c' provider='choice' count='2'><value>1,2</value></field>"
        "<field name='d' provider='pattern' text='\"\\#\\\\'/>"
        "<field name='e' provider='template' text='&#9;é'/></records>";
    char *json = text_of(schema, CS_RECORD_NDJSON, 0, 1);
    assert_string_equal(json, "{\"a \\\"b\\\"\":\"x\\\"\\\\y\",\"c\":[\"1,2\",\"1,2\"],"
                              "\"d\":\"\\\"#\\\\\",\"e\":\"\\u0009é\"}\n");
    free(json);
    char *csv = text_of(schema, CS_RECORD_CSV, 0, 1);
    assert_string_equal(csv, "\"x\"\"\\y\",\"1,2;1,2\",\"\"\"#\\\",\té\n");
    free(csv);
    compiled c;
    cs_bytes header = {0};
    compile(&c, schema, CS_RECORD_CSV);
    assert_int_equal(cs_record_header(&header, &c.schema, NULL), CS_OK);
    assert_int_equal(header.size, 16);
    assert_memory_equal(header.data, "\"a \"\"b\"\"\",c,d,e\n", 16);
    cs_bytes_free(&header);
    release(&c);
}

static void a_hash_is_that_of_the_texts(void **state)
{
    (void)state;
    static const uint64_t key[2] = {0, 0};
    char *csv = text_of("<records version='1'><field name='a' provider='integer'/><field name='h' "
                        "provider='hash' of='a b'/><field name='b' provider='name'/></records>",
                        CS_RECORD_CSV, 11, 1);
    char a[16], h[40], b[64], text[100], wanted[40];
    uint64_t out[2];
    assert_int_equal(sscanf(csv, "%15[^,],%39[^,],%63[^\n]", a, h, b), 3);
    snprintf(text, sizeof text, "%s\x1f%s", a, b);
    csk_siphash128(out, (unsigned char *)text, strlen(text), key);
    snprintf(wanted, sizeof wanted, "%016llx%016llx", (unsigned long long)out[0],
             (unsigned long long)out[1]);
    assert_string_equal(h, wanted);
    free(csv);
}

static int by_value(const void *a, const void *b)
{
    const long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

static void unique_values_use_up_their_range(void **state)
{
    (void)state;
    char *csv = text_of("<records version='1'><field name='a' provider='integer' min='-500' "
                        "max='499' unique='yes'/></records>",
                        CS_RECORD_CSV, 0, 1000);
    long values[1000];
    char *at = csv;
    for (int i = 0; i < 1000; i++) {
        values[i] = strtol(at, &at, 10);
    }
    assert_true(values[0] != -500 || values[1] != -499);
    qsort(values, 1000, sizeof *values, by_value);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(values[i], i - 500);
    }
    free(csv);
}

/* Pearson's chi-square of counts against equal shares. */
static double chi_square(const long *counts, int n, double expected)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    }
    return sum;
}

/* Two million draws of pairs of 97 x 97 values by two words of a generator. Limits: 5 standard
 * deviations, sqrt(2 n), above the mean n. */
static void choices_are_even_and_independent(void **state)
{
    (void)state;
    enum { SIDE = 97, DRAWS = 200000 };
    static const char schema[] = "<records version='1'><field name='a' provider='template' "
                                 "count='10' text='{1..97} {101..197}'/></records>";
    static long first[SIDE], second[SIDE], both[SIDE * SIDE];
    memset(first, 0, sizeof first);
    memset(second, 0, sizeof second);
    memset(both, 0, sizeof both);
    char *csv = text_of(schema, CS_RECORD_CSV, 0, DRAWS);
    char *at = csv;
    for (long i = 0; i < 10L * DRAWS; i++) {
        const long x = strtol(at, &at, 10) - 1;
        const long y = strtol(at, &at, 10) - 101;
        at++;
        assert_true(x >= 0 && x < SIDE && y >= 0 && y < SIDE);
        first[x]++;
        second[y]++;
        both[x * SIDE + y]++;
    }
    assert_true(chi_square(first, SIDE, 10.0 * DRAWS / SIDE) < 97 + 5 * 14);
    assert_true(chi_square(second, SIDE, 10.0 * DRAWS / SIDE) < 97 + 5 * 14);
    assert_true(chi_square(both, SIDE * SIDE, 10.0 * DRAWS / SIDE / SIDE) < 9409 + 5 * 138);
    free(csv);
}

/* The same of first names, which share their random word with the last ones. */
static void names_are_even(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    char *csv = text_of("<records version='1'><field name='a' provider='name' count='10'/>"
                        "</records>",
                        CS_RECORD_CSV, 0, DRAWS);
    compiled c;
    compile(&c, "<records version='1'><field name='a' provider='name'/></records>", CS_RECORD_CSV);
    const cs_sequence *pieces = &c.schema.fields[0].value.alternatives[0];
    const cs_word_list *list = pieces->pieces[0].list;
    long *counts = calloc(list->n, sizeof *counts);
    for (char *name = strtok(csv, ";\n"); name != NULL; name = strtok(NULL, ";\n")) {
        size_t i = 0;
        while (i < list->n && (strncmp(name, list->words[i].text, list->words[i].length) != 0 ||
                               name[list->words[i].length] != ' ')) {
            i++;
        }
        assert_true(i < list->n);
        counts[i]++;
    }
    const double n = (double)list->n;
    assert_true(chi_square(counts, (int)list->n, 10.0 * DRAWS / n) < n + 5 * 35);
    free(counts);
    free(csv);
    release(&c);
}

static void bad_schemas_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"<records version='1'>\n<field name='a' provider='nonsense'/></records>",
         "s.xml:2: field a: unknown provider \"nonsense\""},
        {"<records version='1'>\n\n<field name='a' provider='integer' min='5' max='4'/></records>",
         "s.xml:3: field a: min (5) is above max (4)"},
        {"<records version='1'><field name='a' provider='integer' min='x'/></records>",
         "min=\"x\""},
        {"<records version='1'><field name='a' provider='float' decimals='10'/></records>",
         "decimals"},
        {"<records version='1'><field name='a' provider='date' min='2001-02-30'/></records>",
         "min=\"2001-02-30\""},
        {"<records version='1'>\n<field name='a' provider='datetime' "
         "max='2016-12-31T23:59:60Z'/></records>",
         "s.xml:2: field a: max=\"2016-12-31T23:59:60Z\""},
        {"<records version='1'><field name='a' provider='datetime' "
         "min='2016-12-31T23:59:58.5Z'/></records>",
         "min=\"2016-12-31T23:59:58.5Z\""},
        {"<records version='1'>\n<field name='a' provider='year' min='-5' max='3'/></records>",
         "s.xml:2: field a: min and max of a year"},
        {"<records version='1'><field name='a' provider='year' max='10000'/></records>",
         "min and max of a year"},
        {"<records version='1'>\n<field name='a' provider='float' min='0.001' max='0.004'/>"
         "</records>",
         "s.xml:2: field a: no number of 2 decimals lies between min (0.001) and max (0.004)"},
        {"<records version='1'><field name='a' provider='float' min='-5.5' max='-5.5' "
         "decimals='0'/></records>",
         "no number of 0 decimals"},
        {"<records version='1'>\n<field name='a' provider='choice' file='none.txt'/></records>",
         "s.xml:2: field a: none.txt"},
        {"<records version='1'>\n<field name='a' provider='choice' list='none'/></records>",
         "s.xml:2: field a: there is no word list \"none\""},
        {"<records version='1'>\n<field name='a' provider='choice'/></records>",
         "nothing to choose from"},
        {"<records version='1'>\n<field name='a' provider='hash' of='b'/>\n<field name='b' "
         "provider='hash' of='a'/></records>",
         "s.xml:2: field a: a hash of itself, through field b (a circle)"},
        {"<records version='1'>\n<field name='a' provider='hash' of='a'/></records>",
         "a hash of itself"},
        {"<records version='1'><field name='a' provider='hash' of='c'/></records>",
         "there is no field \"c\""},
        {"<records version='1'><field name='a' provider='name' unique='yes'/></records>",
         "unique is possible"},
        {"<records version='1'><field name='a' provider='uuid4' unique='yes'/></records>",
         "unique is possible"},
        {"<records version='1'><field name='a' provider='choice' unique='yes'><value>x</value>"
         "<value>x</value></field></records>",
         "\"x\" occurs twice"},
        {"<records version='1' population='100'><table name='t' count='5'/>\n<field name='a' "
         "provider='integer' min='1' max='99' unique='yes'/></records>",
         "s.xml:2: field a: unique: 99 values are not enough for a population of 100"},
        {"<records version='1'><field name='a' provider='name'/>\n<field name='a' "
         "provider='name'/></records>",
         "s.xml:2: field a: the name is taken already, in line 1"},
        {"<records version='1'><field name='a' provider='name' colour='x'/></records>",
         "no argument \"colour\""},
        {"<records version='1'><field name='a' provider='name' count='0'/></records>", "count"},
        {"<records version='1'><field name='a' provider='name' null='2'/></records>", "null"},
        {"<records version='1'><field name='a' provider='template' text='{no}'/></records>",
         "{no}"},
        {"<records version='1'><field name='a' provider='template' text='{'/></records>", "brace"},
        {"<records version='1'><field name='a' provider='sentence' min='0'/></records>",
         "1 to 40 words"},
        {"<records version='1'><feld/></records>", "feld"},
        {"<records version='1'/>", "an element field is missing"},
        {"<records version='2'/>", "version"},
        {"<records version='1'><table name='a' count='1'/><field name='a' provider='name'/>"
         "</records>",
         "population"},
        {"<records version='1'><field name='a' provider='name'/>\n<oops></records>", "s.xml:2"},
        {"<!DOCTYPE records><records version='1'/>", "s.xml:1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cs_record_schema schema;
        cs_error err = {0};
        const cs_status status = cs_record_schema_parse(&schema, cases[i].text,
                                                        strlen(cases[i].text), "s.xml", NULL, &err);
        assert_int_equal(status, CS_DATA);
        if (strstr(err.message, cases[i].wanted) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", cases[i].wanted, err.message);
        }
        cs_record_schema_free(&schema);
    }
}

/* Bounds between two decimals are rounded inwards, decimals themselves are kept. */
static void floats_stay_within_their_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        double low, high; /* both occur */
    } cases[] = {
        {"min='0.001' max='0.036'", 0.01, 0.03},
        {"min='-0.036' max='-0.001'", -0.03, -0.01},
        {"min='0.07' max='0.29'", 0.07, 0.29},
        {"min='-0.29' max='-0.07'", -0.29, -0.07},
        {"min='1.005' max='1.005' decimals='3'", 1.005, 1.005},
        {"min='-5.5' max='-4' decimals='0'", -5.0, -4.0},
        {"min='89999.9999999' max='90000.0000004' decimals='7'", 89999.9999999, 90000.0000004},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char schema[200];
        snprintf(schema, sizeof schema,
                 "<records version='1'><field name='a' provider='float' %s/></records>",
                 cases[i].arguments);
        char *csv = text_of(schema, CS_RECORD_CSV, 0, 1000);
        double low = INFINITY, high = -INFINITY;
        for (char *one = strtok(csv, "\n"); one != NULL; one = strtok(NULL, "\n")) {
            low = fmin(low, strtod(one, NULL));
            high = fmax(high, strtod(one, NULL));
        }
        assert_true(low == cases[i].low && high == cases[i].high);
        free(csv);
    }
}

static void sequences_that_leave_64_bits_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        uint64_t most; /* records */
    } cases[] = {
        {"start='9223372036854775807'", 1},
        {"start='9223372036854775800' step='7'", 2},
        {"start='-9223372036854775808' step='9223372036854775807'", 3},
        {"start='-9223372036854775807' step='-1'", 2},
        {"start='9223372036854775807' step='-9223372036854775808'", 2},
        {"start='9223372036854775807' step='0'", UINT64_MAX},
        {"start='0'", (uint64_t)1 << 63},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char schema[200];
        compiled c;
        cs_error err = {0};
        snprintf(schema, sizeof schema,
                 "<records version='1'>\n<field name='a' provider='sequence' %s/></records>",
                 cases[i].arguments);
        compile(&c, schema, CS_RECORD_CSV);
        assert_int_equal(cs_record_check_sequences(&c.schema, 0, &err), CS_OK);
        assert_int_equal(cs_record_check_sequences(&c.schema, cases[i].most, &err), CS_OK);
        if (cases[i].most < UINT64_MAX) {
            assert_int_equal(cs_record_check_sequences(&c.schema, cases[i].most + 1, &err),
                             CS_DATA);
            assert_non_null(strstr(err.message, "s.xml:2: field a: start="));
        }
        release(&c);
    }
}

static void too_many_unique_records_are_refused(void **state)
{
    (void)state;
    compiled c;
    cs_error err = {0};
    compile(&c,
            "<records version='1'>\n<field name='a' provider='pattern' text='##' unique='yes'/>"
            "</records>",
            CS_RECORD_CSV);
    assert_int_equal(cs_record_check_unique(&c.schema, 100, &err), CS_OK);
    assert_int_equal(cs_record_check_unique(&c.schema, 101, &err), CS_DATA);
    assert_non_null(strstr(err.message, "s.xml:2: field a: unique: there are 100 values"));
    release(&c);
}

static void write_list(const char *folder, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s.txt", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_folder_replaces_word_lists(void **state)
{
    (void)state;
    static const char text[] = "<records version='1'><field name='a' provider='template' "
                               "text='{first_name} {mine} {tld}'/></records>";
    char folder[] = "/tmp/catchsim-words-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_list(folder, "first_name", "# my names\r\nJo\r\n\n");
    write_list(folder, "mine", "own\n");
    cs_record_schema schema;
    cs_record_code code;
    cs_error err = {0};
    unsigned char out[1024] = {0};
    assert_int_equal(cs_record_schema_parse(&schema, text, strlen(text), "s.xml", folder, &err),
                     CS_OK);
    assert_int_equal(cs_record_compile(&code, &schema, CS_RECORD_CSV, 1, &err), CS_OK);
    csk_record_range(out, &code.program, NULL, 0, 1);
    assert_memory_equal(out, "Jo own ", 7);
    cs_record_code_free(&code);
    cs_record_schema_free(&schema);

    write_list(folder, "mine", "fine\nbroken \xff\n");
    assert_int_equal(cs_record_schema_parse(&schema, text, strlen(text), "s.xml", folder, &err),
                     CS_DATA);
    assert_non_null(strstr(err.message, "mine.txt:2: not UTF-8"));
    cs_record_schema_free(&schema);
    char path[300];
    snprintf(path, sizeof path, "%s/mine.txt", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/first_name.txt", folder);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(cs_record_schema_parse(&schema, text, strlen(text), "s.xml", folder, &err),
                     CS_IO);
    cs_record_schema_free(&schema);
}

/* The nth allocation fails, for every n: a clean failure, nothing left behind. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char text[] =
        "<records version='1'><field name='a' provider='company' count='2' null='0.5'/>"
        "<field name='b' provider='choice'><value>x</value></field>"
        "<field name='p' provider='pattern' text='#\"'/>"
        "<field name='h' provider='hash' of='a b'/></records>";
    for (long nth = 1;; nth++) {
        cs_record_schema schema;
        cs_record_code code = {0};
        cs_error err = {0};
        cs_memory_fail_nth(nth);
        cs_status status = cs_record_schema_parse(&schema, text, strlen(text), "s.xml", NULL, &err);
        if (status == CS_OK) {
            status = cs_record_compile(&code, &schema, CS_RECORD_NDJSON, 1, &err);
        }
        cs_memory_fail_nth(0);
        cs_record_code_free(&code);
        cs_record_schema_free(&schema);
        if (status == CS_OK) {
            assert_true(nth > 20);
            break;
        }
        assert_int_equal(status, CS_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_writes_what_the_reference_does),
        cmocka_unit_test(any_cut_and_any_threads_give_the_same),
        cmocka_unit_test(a_field_depends_on_its_name_only),
        cmocka_unit_test(permutations_are_bijections),
        cmocka_unit_test(siphash_gives_the_known_answers),
        cmocka_unit_test(dates_are_those_of_the_calendar),
        cmocka_unit_test(numbers_are_those_of_printf),
        cmocka_unit_test(formats_are_escaped),
        cmocka_unit_test(a_hash_is_that_of_the_texts),
        cmocka_unit_test(unique_values_use_up_their_range),
        cmocka_unit_test(choices_are_even_and_independent),
        cmocka_unit_test(names_are_even),
        cmocka_unit_test(bad_schemas_are_refused_with_their_line),
        cmocka_unit_test(floats_stay_within_their_bounds),
        cmocka_unit_test(sequences_that_leave_64_bits_are_refused),
        cmocka_unit_test(too_many_unique_records_are_refused),
        cmocka_unit_test(a_folder_replaces_word_lists),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
