/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing parameter files of external programs: any text is a template; what is filled keeps its
 * lines, and values of the configuration stand where the file had its own.
 *
 * With libFuzzer: scripts/fuzz parameters.
 */
#include "corpus.h"
#include "model/external_parameters.h"

enum { MAX_NUMBERS = 64 };

static size_t count_lines(const unsigned char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        n += text[i] == '\n';
    }
    return n + (size > 0 && text[size - 1] != '\n');
}

static void check_filled(const cs_text_template *template, const cs_wanted *wanted,
                         const uint8_t *data, size_t size)
{
    double numbers[MAX_NUMBERS];
    for (size_t i = 0; i < wanted->n && i < MAX_NUMBERS; i++) {
        numbers[i] = 2.5;
    }
    const cs_external_values values = {
        .id = 9, .name = "nine", .numbers = numbers, .file = {"l", "p", "i", "o"}};
    cs_bytes out = {0};
    cs_error err = {0};
    CS_INVARIANT(cs_text_template_fill(&out, template, wanted, &values, &err) == CS_OK);
    CS_INVARIANT(count_lines(out.data, out.size) == count_lines(data, size));
    const bool is_mark_alone = out.size == 3 && memcmp(out.data, "\xef\xbb\xbf", 3) == 0;
    CS_INVARIANT(out.size == 0 || out.data[out.size - 1] == '\n' || is_mark_alone);
    cs_bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char background[] = CS_BACKGROUND_NAME, rate[] = "R_appl", from[] = "application_rate";
    cs_config_setting settings[] = {{.name = background, .value = 1.5},
                                    {.name = rate, .from = from}};
    const cs_config_substance substance = {.parameters = settings, .n_parameters = 2};
    char *text = malloc(size + 1); /* the reader is given a terminated text */
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    cs_text_template template = {0};
    cs_wanted wanted = {0};
    cs_error err = {0};
    const cs_status status =
        cs_external_parameters_parse(&template, &wanted, text, &substance, "fuzz.txt", &err);
    CS_INVARIANT(status == CS_OK);
    if (wanted.n <= MAX_NUMBERS) {
        check_filled(&template, &wanted, (const uint8_t *)text, strlen(text));
    }
    cs_text_template_free(&template);
    cs_wanted_free(&wanted);
    free(text);
    return 0;
}
