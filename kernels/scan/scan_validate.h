/* SPDX-License-Identifier: MIT */
/**
 * Inside of kernels/scan: whether a line is JSON, as RFC 8259 has it, in UTF-8, without half
 * surrogate pairs. Included by scan_lines.h, see there.
 */

/* The containers that are open, one bit each: 1 is an object. */
typedef struct {
    uint64_t is_object[CSK_SCAN_DEPTH / 64];
    size_t depth;
} nesting;

static bool in_object(const nesting *n)
{
    return n->is_object[(n->depth - 1) / 64] >> (n->depth - 1) % 64 & 1;
}

static bool open_container(nesting *n, bool is_object)
{
    if (n->depth == CSK_SCAN_DEPTH) {
        return false;
    }
    const uint64_t bit = UINT64_C(1) << n->depth % 64;
    uint64_t *word = &n->is_object[n->depth / 64];
    *word = is_object ? *word | bit : *word & ~bit;
    n->depth++;
    return true;
}

/* Goes behind the string whose inside begins at *p. */
static csk_scan_result validate_string(const char **p, const char *end)
{
    const char *at = *p;
    for (;;) {
        at = plain_end(at, end);
        if (at >= end) {
            return CSK_SCAN_TRUNCATED;
        }
        if (*at == '"') {
            *p = at + 1;
            return CSK_SCAN_OK;
        }
        if (*at == '\\') {
            uint32_t code = 0;
            at = read_escape(&code, at, end);
            if (at == NULL) {
                return CSK_SCAN_BAD_ESCAPE;
            }
        } else if ((unsigned char)*at < 0x20) {
            return CSK_SCAN_BAD_CONTROL;
        } else {
            const size_t n = utf8_length(at, end);
            if (n == 0) {
                return CSK_SCAN_BAD_UTF8;
            }
            at += n;
        }
    }
}

/* Goes behind a key and its colon. */
static csk_scan_result validate_key(const char **p, const char *end)
{
    if (*p >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    if (**p != '"') {
        return CSK_SCAN_BROKEN;
    }
    ++*p;
    const csk_scan_result result = validate_string(p, end);
    if (result != CSK_SCAN_OK) {
        return result;
    }
    *p = skip_blanks(*p, end);
    if (*p >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    return *(*p)++ == ':' ? CSK_SCAN_OK : CSK_SCAN_BROKEN;
}

/* Goes behind a string or scalar, or into a container; `*is_open`: its first value comes next. */
static csk_scan_result validate_begin(const char **p, const char *end, nesting *n, bool *is_open)
{
    *is_open = false;
    *p = skip_blanks(*p, end);
    if (*p >= end) {
        return CSK_SCAN_TRUNCATED;
    }
    if (**p == '"') {
        ++*p;
        return validate_string(p, end);
    }
    if (**p != '{' && **p != '[') {
        const char *behind = scalar_end(*p, end), *begin = *p;
        *p = behind;
        return is_scalar(begin, behind) ? CSK_SCAN_OK : CSK_SCAN_BAD_SCALAR;
    }
    const bool is_object = **p == '{';
    if (!open_container(n, is_object)) {
        return CSK_SCAN_TOO_DEEP;
    }
    *p = skip_blanks(*p + 1, end);
    if (*p < end && **p == (is_object ? '}' : ']')) {
        n->depth--;
        ++*p;
        return CSK_SCAN_OK;
    }
    *is_open = true;
    return is_object ? validate_key(p, end) : CSK_SCAN_OK;
}

/* Behind a value: goes behind what closes, up to where the next value begins or all is closed. */
static csk_scan_result validate_end(const char **p, const char *end, nesting *n)
{
    while (n->depth > 0) {
        *p = skip_blanks(*p, end);
        if (*p >= end) {
            return CSK_SCAN_TRUNCATED;
        }
        const char c = *(*p)++;
        if (c == ',') {
            *p = skip_blanks(*p, end);
            return in_object(n) ? validate_key(p, end) : CSK_SCAN_OK;
        }
        if (c != (in_object(n) ? '}' : ']')) {
            return CSK_SCAN_BROKEN;
        }
        n->depth--;
    }
    return CSK_SCAN_OK;
}

/* Whether the line [p, end), without blanks around it, is one JSON value. */
static csk_scan_result validate(const char *p, const char *end)
{
    nesting n;
    n.depth = 0;
    csk_scan_result result = CSK_SCAN_OK;
    do {
        bool is_open = false;
        result = validate_begin(&p, end, &n, &is_open);
        if (result == CSK_SCAN_OK && !is_open) {
            result = validate_end(&p, end, &n);
        }
    } while (result == CSK_SCAN_OK && n.depth > 0);
    return result == CSK_SCAN_OK && p != end ? CSK_SCAN_BROKEN : result;
}
