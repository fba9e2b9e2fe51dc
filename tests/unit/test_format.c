/* SPDX-License-Identifier: MIT */
/* Numbers to text: the same characters as printf, and text that reads back to the same bits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/math/random.h"
#include "text/format.h"
#include "text/number.h"

/* Four random words of 64 bits for each index. */
static void draw(uint64_t words[4], uint32_t seed, uint32_t index)
{
    for (uint32_t half = 0; half < 2; half++) {
        uint32_t out[4];
        csk_philox(out, (const uint32_t[4]){index, half, 0, 0}, (const uint32_t[2]){seed, 0});
        words[2 * half] = (uint64_t)out[0] << 32 | out[1];
        words[2 * half + 1] = (uint64_t)out[2] << 32 | out[3];
    }
}

static void check_as_printf(double value, int digits)
{
    char expected[64];
    char ours[CS_TEXT_NUMBER_LENGTH + 1];
    ours[cs_text_put_double(ours, value, digits)] = '\0';
    snprintf(expected, sizeof expected, "%.*g", digits, value);
    assert_string_equal(ours, expected);
}

static void check_shortest(double value)
{
    char ours[CS_TEXT_NUMBER_LENGTH + 1];
    double back = NAN;
    const size_t length = cs_text_put_shortest(ours, value);
    assert_true(cs_text_double(&back, ours, length));
    assert_memory_equal(&back, &value, sizeof value);
}

static void known_numbers_are_those_of_printf(void **state)
{
    (void)state;
    /* ties, carries into the next power, the change to an exponent, the ends of exact arithmetic */
    static const double values[] = {
        0.0,         -0.0,        1.0,         -1.5,  0.1,          5.12,     1e-4,
        9.9999e-5,   999999999.0, 999999999.5, 1e9,   1234567890.5, 0.5,      123456.7895,
        1234567.125, 0x1p-20,     1e22,        1e23,  1e27,         1e28,     1e35,
        1e36,        1e-18,       1e-19,       1e-20, 1e300,        4.9e-324, 2.2e-308,
        1.0 / 24.0,  9.999999995, 99999999.95, 2.5,   12345678.25,
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        for (int digits = 1; digits <= 17; digits++) {
            check_as_printf(values[i], digits);
            check_as_printf(-values[i], digits);
        }
        check_shortest(values[i]);
    }
}

static void random_numbers_are_those_of_printf(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        uint64_t word[4];
        draw(word, 20, i);
        double any;
        memcpy(&any, &word[0], sizeof any);
        const double values[] = {
            any,                                                   /* any bits */
            ldexp((double)(word[1] >> 11), -(int)(word[2] % 140)), /* the usual sizes */
            (double)(word[1] % 2000001) / 8.0,                     /* ties */
            (double)(word[2] % 100000) / 100.0,                    /* measured values */
        };
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
            if (isfinite(values[k])) {
                check_as_printf(values[k], 9);
                check_as_printf(values[k], 1 + (int)(word[3] % 17));
                check_shortest(values[k]);
            }
        }
    }
}

/* Numbers of 16 to 19 digits, which one multiplication does not convert. */
static void long_numbers_read_as_strtod_does(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        uint64_t word[4];
        draw(word, 21, i);
        char text[64];
        double value = NAN;
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)word[0],
                 (int)(word[1] % 61) - 30);
        const double expected = strtod(text, NULL);
        assert_true(cs_text_double(&value, text, strlen(text)));
        assert_memory_equal(&value, &expected, sizeof value);
    }
}

static void what_is_no_number_has_its_words(void **state)
{
    (void)state;
    char text[CS_TEXT_NUMBER_LENGTH];
    assert_int_equal(cs_text_put_double(text, (double)NAN, 9), 3);
    assert_memory_equal(text, "NaN", 3);
    assert_int_equal(cs_text_put_double(text, -(double)INFINITY, 9), 4);
    assert_memory_equal(text, "-inf", 4);
    assert_int_equal(cs_text_put_shortest(text, (double)INFINITY), 3);
    assert_memory_equal(text, "inf", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers_are_those_of_printf),
        cmocka_unit_test(random_numbers_are_those_of_printf),
        cmocka_unit_test(long_numbers_read_as_strtod_does),
        cmocka_unit_test(what_is_no_number_has_its_words),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
