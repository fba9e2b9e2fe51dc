/* SPDX-License-Identifier: MIT */
/**
 * Inside of kernels/scan: the lines and the way to the field, for any processor.
 *
 * Included by scan_plain.c and scan_avx2.c behind the three functions that differ:
 *
 *     const char *string_end(const char *p, const char *end);
 *         the quote that ends the string whose inside begins at p; NULL: none within [p, end)
 *     const char *plain_end(const char *p, const char *end);
 *         the first byte from p on that is a quote, a backslash, a control character or no ASCII;
 *         end or a few bytes more: none within [p, end)
 *     const char *nested_end(const char *p, const char *end);
 *         behind the bracket that closes the one at p; NULL: none within [p, end)
 *
 * They may read CSK_SCAN_PADDING bytes behind `end`.
 */
#include "kernels/scan/scan_text.h"
#include "kernels/scan/scan_validate.h"

/* Goes behind the value at *p. */
static csk_scan_result skip_value(const char **p, const char *end)
{
    const char *at = *p;
    if (at >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    if (*at == '"') {
        at = string_end(at + 1, end);
        at = at == NULL ? NULL : at + 1;
    } else if (*at == '{' || *at == '[') {
        at = nested_end(at, end);
    } else {
        const char *const begin = at;
        at = scalar_end(at, end);
        if (at == begin) {
            return CSK_SCAN_BROKEN;
        }
        at = at == end ? NULL : at; /* more of it might follow */
    }
    if (at == NULL) {
        return CSK_SCAN_TRUNCATED;
    }
    *p = at;
    return CSK_SCAN_OK;
}

/* Goes from behind a value to the next one's begin; CSK_SCAN_MISSING: there is none. */
static csk_scan_result next_value(const char **p, const char *end, char close)
{
    const char *at = skip_blanks(*p, end);
    if (at >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    if (*at == close) {
        return CSK_SCAN_MISSING;
    }
    if (*at != ',') {
        return CSK_SCAN_BROKEN;
    }
    *p = skip_blanks(at + 1, end);
    return *p < end ? CSK_SCAN_OK : CSK_SCAN_TRUNCATED;
}

static bool is_key(const char *p, const char *end, const csk_scan_step *step)
{
    const size_t length = (size_t)(end - p);
    if (length == step->length && memcmp(p, step->key, length) == 0) {
        return memchr(p, '\\', length) == NULL;
    }
    return length > step->length && memchr(p, '\\', length) != NULL &&
           is_escaped_key(p, end, step->key, step->length);
}

/* Goes from a key to its value. */
static csk_scan_result read_key(const char **p, const char *end, bool *matches,
                                const csk_scan_step *step)
{
    if (**p != '"') {
        return CSK_SCAN_BROKEN;
    }
    const char *key_end = string_end(*p + 1, end);
    if (key_end == NULL) {
        return CSK_SCAN_TRUNCATED;
    }
    const char *at = skip_blanks(key_end + 1, end);
    if (at >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    if (*at != ':') {
        return CSK_SCAN_BROKEN;
    }
    *matches = is_key(*p + 1, key_end, step);
    *p = skip_blanks(at + 1, end);
    return *p < end ? CSK_SCAN_OK : CSK_SCAN_TRUNCATED;
}

/* Goes from an object to the value of a member. */
static csk_scan_result find_member(const char **p, const char *end, const csk_scan_step *step,
                                   bool strict)
{
    const char *at = skip_blanks(*p + 1, end), *found = NULL;
    csk_scan_result result = at >= end    ? CSK_SCAN_TRUNCATED
                             : *at == '}' ? CSK_SCAN_MISSING
                                          : CSK_SCAN_OK;
    while (result == CSK_SCAN_OK) {
        bool matches = false;
        result = read_key(&at, end, &matches, step);
        if (result == CSK_SCAN_OK && matches) {
            if (found != NULL) {
                return CSK_SCAN_DUPLICATE;
            }
            found = at;
            if (!strict) {
                break;
            }
        }
        result = result == CSK_SCAN_OK ? skip_value(&at, end) : result;
        result = result == CSK_SCAN_OK ? next_value(&at, end, '}') : result;
    }
    if (found != NULL) {
        *p = found;
        return CSK_SCAN_OK;
    }
    return result;
}

/* Goes from an array to one of its elements. */
static csk_scan_result find_element(const char **p, const char *end, uint64_t index)
{
    const char *at = skip_blanks(*p + 1, end);
    if (at >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    csk_scan_result result = *at == ']' ? CSK_SCAN_MISSING : CSK_SCAN_OK;
    for (uint64_t i = 0; result == CSK_SCAN_OK && i < index; i++) {
        result = skip_value(&at, end);
        result = result == CSK_SCAN_OK ? next_value(&at, end, ']') : result;
    }
    *p = at;
    return result;
}

/* Goes from the object at *p to the value that the query asks for. */
static csk_scan_result find(const char **p, const char *end, const csk_scan_query *query)
{
    for (size_t i = 0; i < query->n_steps; i++) {
        const csk_scan_step *step = &query->steps[i];
        if (**p != (step->key != NULL ? '{' : '[')) {
            return CSK_SCAN_MISSING;
        }
        const csk_scan_result result = step->key != NULL ? find_member(p, end, step, query->strict)
                                                         : find_element(p, end, step->index);
        if (result != CSK_SCAN_OK) {
            return result;
        }
    }
    return CSK_SCAN_OK;
}

/* Writes an escape's character. */
static char *put_code(char *out, uint32_t code, bool keep_newlines)
{
    if (!keep_newlines && (code == '\n' || code == '\r')) {
        *out++ = '\\';
        *out++ = code == '\n' ? 'n' : 'r';
        return out;
    }
    return out + put_utf8(out, code);
}

/* Writes the string whose inside is [p, end), with a quote at end. */
static csk_scan_result put_string(char **out, const char *p, const char *end, bool keep_newlines)
{
    char *to = *out;
    for (;;) {
        const char *stop = plain_end(p, end);
        memcpy(to, p, (size_t)(stop - p));
        to += stop - p;
        p = stop;
        if (p == end) {
            *out = to;
            return CSK_SCAN_OK;
        }
        if (*p == '\\') {
            uint32_t code = 0;
            p = read_escape(&code, p, end);
            if (p == NULL) {
                return CSK_SCAN_BAD_ESCAPE;
            }
            to = put_code(to, code, keep_newlines);
        } else if ((unsigned char)*p < 0x20) {
            return CSK_SCAN_BAD_CONTROL;
        } else {
            const size_t n = utf8_length(p, end);
            if (n == 0) {
                return CSK_SCAN_BAD_UTF8;
            }
            memcpy(to, p, n);
            to += n;
            p += n;
        }
    }
}

/* Writes the value at p and a line end. */
static csk_scan_result put_value(char **out, const char *p, const char *end,
                                 const csk_scan_query *query)
{
    const char *behind = p;
    csk_scan_result result = skip_value(&behind, end);
    if (result != CSK_SCAN_OK) {
        return result;
    }
    char *to = *out;
    const bool nested = *p == '{' || *p == '[';
    if (*p == '"' && !query->raw) {
        result = put_string(&to, p + 1, behind - 1, query->keep_newlines);
    } else if (*p == '"' || nested || is_scalar(p, behind)) {
        memcpy(to, p, (size_t)(behind - p));
        to += behind - p;
    } else {
        result = CSK_SCAN_BAD_SCALAR;
    }
    if (result == CSK_SCAN_OK) {
        *to++ = '\n';
        *out = to;
    }
    return result;
}

/* Writes the field of the line [p, end), which has no blank at its begin. */
static csk_scan_result put_field(char **out, const char *p, const char *end,
                                 const csk_scan_query *query)
{
    if (*p != '{') {
        return CSK_SCAN_NOT_OBJECT;
    }
    const csk_scan_result result = find(&p, end, query);
    return result == CSK_SCAN_OK ? put_value(out, p, end, query) : result;
}

/* The same for a line that is there as a whole, without blanks around it. */
static csk_scan_result put_line(char **out, const char *p, const char *end,
                                const csk_scan_query *query)
{
    if (query->strict) {
        const csk_scan_result result = validate(p, end);
        if (result != CSK_SCAN_OK) {
            return result;
        }
    }
    if (*p == '{' && end[-1] != '}') {
        return CSK_SCAN_NO_END;
    }
    return put_field(out, p, end, query);
}

static csk_scan_result scan_lines(csk_scan *scan, const csk_scan_query *query)
{
    const char *p = scan->at;
    const char *const end = scan->end;
    char *out = scan->out;
    csk_scan_result result = CSK_SCAN_OK;
    while (p < end && result == CSK_SCAN_OK) {
        const char *const line = p, *line_end = memchr(p, '\n', (size_t)(end - p));
        p = line_end == NULL ? end : line_end + 1;
        line_end = line_end == NULL ? end : line_end;
        scan->n_lines++;
        const char *const begin = skip_blanks(line, line_end), *last = line_end;
        if (begin == line_end) {
            scan->n_blank++;
            continue;
        }
        while (is_blank(last[-1])) {
            last--;
        }
        result = put_line(&out, begin, last, query);
        scan->n_values += result == CSK_SCAN_OK;
        scan->line = line;
        scan->length = (size_t)(line_end - line);
    }
    scan->at = p;
    scan->out = out;
    return result;
}

static csk_scan_result scan_beginning(csk_scan *scan, const csk_scan_query *query)
{
    const char *const begin = skip_blanks(scan->at, scan->end);
    return begin == scan->end ? CSK_SCAN_TRUNCATED : put_field(&scan->out, begin, scan->end, query);
}
