/* SPDX-License-Identifier: MIT */
/**
 * One field out of every line of newline-delimited JSON, without parsing what is not asked.
 *
 * A line is looked at up to the field's value; of the rest only its end is searched, which is right
 * because a JSON string cannot contain a line end. Before the field, strings and nested values are
 * passed over by their quotes and brackets, 32 or 64 bytes at a time where the processor has AVX2
 * (bit masks of quotes and brackets, and the prefix xor that tells inside from outside: Langdale
 * and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28, 2019). The plain functions
 * give the same results everywhere.
 *
 * Serial; thread-safe: texts may be scanned by any number of threads, each with a csk_scan of its
 * own. No memory is allocated. Whoever wants several cores gives each a range of lines.
 */
#ifndef CSK_SCAN_SCAN_H
#define CSK_SCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes behind a text that must be readable (their values do not matter). */
enum { CSK_SCAN_PADDING = 64 };

/** Values nested deeper than this are refused by the validation. */
enum { CSK_SCAN_DEPTH = 4096 };

/** What became of a line. */
#define CSK_SCAN_RESULTS(X)                                                                        \
    X(CSK_SCAN_OK, "fine")                                                                         \
    X(CSK_SCAN_NOT_OBJECT, "not an object")                                                        \
    X(CSK_SCAN_NO_END, "does not end with }")                                                      \
    X(CSK_SCAN_MISSING, "the field is missing")                                                    \
    X(CSK_SCAN_TRUNCATED, "ends within a value")                                                   \
    X(CSK_SCAN_BROKEN, "is no JSON: a key, a value, a colon or a comma is not where it must be")   \
    X(CSK_SCAN_BAD_SCALAR, "is no JSON: neither string nor number, true, false, null")             \
    X(CSK_SCAN_BAD_ESCAPE, "a string with an invalid escape (or half a surrogate pair)")           \
    X(CSK_SCAN_BAD_CONTROL, "a string with a control character")                                   \
    X(CSK_SCAN_BAD_UTF8, "a string that is not UTF-8")                                             \
    X(CSK_SCAN_TOO_DEEP, "nested deeper than 4096")                                                \
    X(CSK_SCAN_DUPLICATE, "the field is there twice")                                              \
    X(CSK_SCAN_TOO_LONG, "the field is not within the first bytes that --max-line allows")

typedef enum {
#define CSK_SCAN_RESULT_NAME(name, text) name,
    CSK_SCAN_RESULTS(CSK_SCAN_RESULT_NAME)
#undef CSK_SCAN_RESULT_NAME
} csk_scan_result;

/** One line of text for a result, never NULL. */
const char *csk_scan_result_text(csk_scan_result result);

/** A step into a value: the member of an object, or the element of an array. */
typedef struct {
    const char *key; /* UTF-8, unescaped; NULL: an element */
    size_t length;   /* of the key, bytes */
    uint64_t index;  /* of the element, from 0 */
} csk_scan_step;

typedef struct {
    const csk_scan_step *steps; /* [n_steps]; the first one is a member */
    size_t n_steps;             /* >= 1 */
    bool raw;                   /* the value's JSON text as it stands, else strings decoded */
    bool keep_newlines;         /* decoded line ends as they are, else as \n and \r */
    bool strict;                /* the whole line is validated, the field must be there once */
} csk_scan_query;

/** Which functions do it. */
typedef enum {
    CSK_SCAN_AUTO,  /* the best that this processor has */
    CSK_SCAN_PLAIN, /* C alone */
    CSK_SCAN_AVX2,  /* x86-64 with AVX2 and PCLMULQDQ; plain where there is none */
} csk_scan_isa;

/** Whether CSK_SCAN_AVX2 is something else than plain here. */
bool csk_scan_has_avx2(void);

/** Lines under way. */
typedef struct {
    const char *at;    /* [in,out] the next line */
    const char *end;   /* [in] behind the text; its last line need not end with a line end */
    char *out;         /* [in,out] where values go, one a line; room for end - at bytes */
    uint64_t n_lines;  /* [in,out] lines passed, whatever became of them */
    uint64_t n_values; /* [in,out] values written */
    uint64_t n_blank;  /* [in,out] lines of nothing but blanks, which are passed over */
    const char *line;  /* [out] the line that is malformed */
    size_t length;     /* [out] its length without the line end */
} csk_scan;

/**
 * Writes the field of every line, up to the end of the text or to a malformed line.
 *
 * A decoded string becomes UTF-8, its line ends (LF, CR) become \n and \r again unless they are to
 * be kept; numbers, true, false and null are written as they stand, and so are objects and arrays
 * (their inside is not decoded, nor looked at without `strict`). Of two members with the asked key
 * the first counts; with `strict` the line is refused.
 *
 * @return CSK_SCAN_OK at the end of the text; otherwise why scan->line is malformed: nothing was
 *         written for it, and a further call goes on behind it
 * Cost: a search for line ends (as memchr), and about 0.1 ns a byte in front of the field.
 */
csk_scan_result csk_scan_lines(csk_scan *scan, const csk_scan_query *query, csk_scan_isa isa);

/**
 * The same for one line of which only the beginning is there: [at, end) of it, no line end.
 *
 * @param last [in] the last byte of the line that is no blank; 0: none
 * @return CSK_SCAN_TOO_LONG if the beginning does not decide it, as always with `strict`
 */
csk_scan_result csk_scan_beginning(csk_scan *scan, char last, const csk_scan_query *query,
                                   csk_scan_isa isa);

/** The same as csk_scan_lines, byte by byte and plainly, for tests. */
csk_scan_result csk_scan_lines_ref(csk_scan *scan, const csk_scan_query *query);

#endif
