/* SPDX-License-Identifier: MIT */
/*
 * The scanner's oracle: byte by byte, with a stack of its own and no function in common with the
 * other two. Slow on purpose.
 */
#include "kernels/scan/scan.h"

#include "kernels/scan/scan_ref_text.h"

/* ---- values ---- */

static int ends_scalar(int byte)
{
    return byte < 0 || (byte > 0 && strchr(",]} \t\r\n", byte) != NULL);
}

static void pass_nested(cursor *c)
{
    long depth = 0;
    do {
        const int byte = peek(c);
        if (byte < 0) {
            spoil(c, CSK_SCAN_TRUNCATED);
            return;
        }
        c->p++;
        depth += (byte == '{' || byte == '[') - (byte == '}' || byte == ']');
        if (byte == '"') {
            pass_string(c);
        } else if (byte == '\\' && (peek(c) == '"' || peek(c) == '\\')) {
            c->p++;
        }
    } while (depth > 0 && c->bad == CSK_SCAN_OK);
}

static void pass_value(cursor *c)
{
    const unsigned char *begin = c->p;
    if (peek(c) == '"') {
        c->p++;
        pass_string(c);
    } else if (peek(c) == '{' || peek(c) == '[') {
        pass_nested(c);
    } else {
        while (!ends_scalar(peek(c))) {
            c->p++;
        }
        if (peek(c) < 0) {
            spoil(c, CSK_SCAN_TRUNCATED);
        } else if (c->p == begin) {
            spoil(c, CSK_SCAN_BROKEN);
        }
    }
}

static int number(const unsigned char *p, size_t n)
{
    /* states: 0 begin, 1 minus, 2 zero, 3 whole, 4 point, 5 fraction, 6 e, 7 sign, 8 exponent */
    int state = 0;
    for (size_t i = 0; i < n; i++) {
        const int digit = p[i] >= '0' && p[i] <= '9', e = p[i] == 'e' || p[i] == 'E';
        if (digit) {
            const int next[] = {3, 3, -1, 3, 5, 5, 8, 8, 8};
            state = p[i] == '0' && state < 2 ? 2 : next[state];
        } else if (p[i] == '-' && state == 0) {
            state = 1;
        } else if (p[i] == '.' && (state == 2 || state == 3)) {
            state = 4;
        } else if (e && (state == 2 || state == 3 || state == 5)) {
            state = 6;
        } else if ((p[i] == '+' || p[i] == '-') && state == 6) {
            state = 7;
        } else {
            return 0;
        }
        if (state < 0) {
            return 0;
        }
    }
    return state == 2 || state == 3 || state == 5 || state == 8;
}

static int scalar(const unsigned char *p, size_t n)
{
    return number(p, n) || (n == 4 && memcmp(p, "true", 4) == 0) ||
           (n == 5 && memcmp(p, "false", 5) == 0) || (n == 4 && memcmp(p, "null", 4) == 0);
}

/* ---- validation ---- */

static void validate_text(cursor *c)
{
    unsigned char ignored[8];
    c->p++;
    while (c->bad == CSK_SCAN_OK && peek(c) != '"') {
        if (peek(c) < 0) {
            spoil(c, CSK_SCAN_TRUNCATED);
            return;
        }
        /* one character at a time: an escape, a pair, a sequence */
        cursor one = *c;
        size_t n = *c->p < 128 ? 1 : sequence(c->p, c->end);
        if (*c->p == '\\') {
            cursor escape = *c;
            n = unescape(&escape) < 0 ? 2 : (size_t)(escape.p - c->p);
        }
        one.end = (size_t)(c->end - c->p) < n ? c->end : c->p + n;
        one.end = n == 0 ? c->p + 1 : one.end;
        decode(ignored, &one, 1);
        c->bad = one.bad;
        c->p += n;
    }
    c->p++;
}

static void validate_value(cursor *c, int depth)
{
    blanks(c);
    const int byte = peek(c);
    const int close = byte == '{' ? '}' : ']';
    if (byte < 0) {
        spoil(c, CSK_SCAN_TRUNCATED);
    } else if (byte == '"') {
        validate_text(c);
    } else if (byte != '{' && byte != '[') {
        const unsigned char *begin = c->p;
        while (!ends_scalar(peek(c))) {
            c->p++;
        }
        if (!scalar(begin, (size_t)(c->p - begin))) {
            spoil(c, CSK_SCAN_BAD_SCALAR);
        }
    } else if (depth == CSK_SCAN_DEPTH) {
        spoil(c, CSK_SCAN_TOO_DEEP);
    } else {
        c->p++;
        blanks(c);
        if (peek(c) == close) {
            c->p++;
            return;
        }
        for (int more = 1; more && c->bad == CSK_SCAN_OK;) {
            blanks(c);
            if (byte == '{') {
                if (peek(c) != '"') {
                    spoil(c, peek(c) < 0 ? CSK_SCAN_TRUNCATED : CSK_SCAN_BROKEN);
                    return;
                }
                validate_text(c);
                demand(c, ':');
            }
            if (c->bad == CSK_SCAN_OK) {
                validate_value(c, depth + 1);
            }
            blanks(c);
            more = peek(c) == ',';
            if (c->bad == CSK_SCAN_OK && more) {
                c->p++;
            }
        }
        demand(c, close);
    }
}

/* ---- the field ---- */

static int key_is(const unsigned char *p, const unsigned char *end, const csk_scan_step *step)
{
    cursor c = {.p = p, .end = end};
    size_t matched = 0;
    while (c.p < end) {
        unsigned char bytes[4] = {*c.p};
        size_t n = 1;
        if (*c.p == '\\') {
            const long code = unescape(&c);
            if (code < 0) {
                return 0;
            }
            n = encode(bytes, code);
        } else {
            c.p++;
        }
        if (matched + n > step->length || memcmp(step->key + matched, bytes, n) != 0) {
            return 0;
        }
        matched += n;
    }
    return matched == step->length;
}

/* Goes into the container at c->p, to the value of the step. */
static void enter(cursor *c, const csk_scan_step *step, int strict)
{
    const int is_object = step->key != NULL;
    const unsigned char *found = NULL;
    if (peek(c) != (is_object ? '{' : '[')) {
        spoil(c, CSK_SCAN_MISSING);
        return;
    }
    c->p++;
    blanks(c);
    int more = peek(c) != (is_object ? '}' : ']');
    for (uint64_t i = 0; more && c->bad == CSK_SCAN_OK; i++) {
        int matches = i == step->index;
        if (is_object) {
            demand(c, '"');
            const unsigned char *key = c->p;
            if (c->bad == CSK_SCAN_OK) {
                pass_string(c);
            }
            const unsigned char *key_end = c->p - 1;
            if (c->bad == CSK_SCAN_OK) {
                demand(c, ':');
            }
            matches = c->bad == CSK_SCAN_OK && key_is(key, key_end, step);
        }
        blanks(c);
        if (c->bad == CSK_SCAN_OK && peek(c) < 0) {
            spoil(c, CSK_SCAN_TRUNCATED);
        }
        if (c->bad == CSK_SCAN_OK && matches) {
            if (found != NULL) {
                spoil(c, CSK_SCAN_DUPLICATE);
                return;
            }
            found = c->p;
            if (!strict || !is_object) {
                break;
            }
        }
        if (c->bad == CSK_SCAN_OK) {
            pass_value(c);
            blanks(c);
        }
        if (c->bad == CSK_SCAN_OK) {
            more = peek(c) != (is_object ? '}' : ']');
            if (more) {
                demand(c, ',');
            }
        }
    }
    if (found != NULL) {
        c->p = found;
    } else {
        spoil(c, CSK_SCAN_MISSING);
    }
}

static csk_scan_result field(char **out, const char *line, const char *end,
                             const csk_scan_query *query)
{
    cursor c = {.p = (const unsigned char *)line, .end = (const unsigned char *)end};
    if (query->strict) {
        cursor whole = c;
        validate_value(&whole, 0);
        if (whole.bad == CSK_SCAN_OK && whole.p != whole.end) {
            spoil(&whole, CSK_SCAN_BROKEN);
        }
        if (whole.bad != CSK_SCAN_OK) {
            return whole.bad;
        }
    }
    if (*line != '{') {
        return CSK_SCAN_NOT_OBJECT;
    }
    if (end[-1] != '}') {
        return CSK_SCAN_NO_END;
    }
    for (size_t i = 0; i < query->n_steps && c.bad == CSK_SCAN_OK; i++) {
        enter(&c, &query->steps[i], query->strict);
    }
    if (c.bad != CSK_SCAN_OK) {
        return c.bad;
    }
    const unsigned char *begin = c.p;
    pass_value(&c);
    if (c.bad != CSK_SCAN_OK) {
        return c.bad;
    }
    size_t length = (size_t)(c.p - begin);
    if (*begin == '"' && !query->raw) {
        cursor inside = {.p = begin + 1, .end = c.p - 1};
        length = decode((unsigned char *)*out, &inside, query->keep_newlines);
        c.bad = inside.bad;
    } else if (*begin != '"' && *begin != '{' && *begin != '[' && !scalar(begin, length)) {
        c.bad = CSK_SCAN_BAD_SCALAR;
    } else {
        memcpy(*out, begin, length);
    }
    if (c.bad == CSK_SCAN_OK) {
        (*out)[length] = '\n';
        *out += length + 1;
    }
    return c.bad;
}

csk_scan_result csk_scan_lines_ref(csk_scan *scan, const csk_scan_query *query)
{
    csk_scan_result result = CSK_SCAN_OK;
    while (scan->at < scan->end && result == CSK_SCAN_OK) {
        const char *line = scan->at, *end = line;
        while (end < scan->end && *end != '\n') {
            end++;
        }
        scan->at = end < scan->end ? end + 1 : end;
        scan->n_lines++;
        scan->line = line;
        scan->length = (size_t)(end - line);
        while (line < end && strchr(" \t\r", *line) != NULL && *line != '\0') {
            line++;
        }
        while (end > line && strchr(" \t\r", end[-1]) != NULL && end[-1] != '\0') {
            end--;
        }
        if (line == end) {
            scan->n_blank++;
            continue;
        }
        result = field(&scan->out, line, end, query);
        scan->n_values += result == CSK_SCAN_OK;
    }
    return result;
}
