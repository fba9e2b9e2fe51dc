/* SPDX-License-Identifier: MIT */
/**
 * Lists of integers: a text with one decimal integer a line, read piece by piece.
 *
 * A line is digits only, of any number below 10^CS_INTEGERS_DIGITS; \n or \r\n ends it, and the
 * last one may do without. Whatever else stands there (nothing, blanks, a sign, 0x, NUL bytes, more
 * digits) is bad. Memory does not depend on the length of a line.
 *
 * Local; a reader is used by one thread.
 */
#ifndef CS_TEXT_INTEGERS_H
#define CS_TEXT_INTEGERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

enum { CS_INTEGERS_DIGITS = 256 };

/** An integer of more than 64 bits: where it stands in the list, and its digits. */
typedef struct {
    uint64_t place;
    uint32_t offset, length; /* in `digits`, no zero ahead */
} cs_big_integer;

/** Integers in their order. Zeroed: empty. The caller releases by cs_integer_list_free. */
typedef struct {
    uint64_t *number; /* [count]; of big ones UINT64_MAX */
    size_t count, capacity;
    cs_big_integer *big; /* [n_big], by place */
    size_t n_big, big_capacity;
    cs_bytes digits;
} cs_integer_list;

/** Empties a list, and keeps its memory. */
void cs_integer_list_clear(cs_integer_list *list);
void cs_integer_list_free(cs_integer_list *list);

/** Appends an integer below 2^64. Errors: CS_MEMORY. */
cs_status cs_integer_list_add(cs_integer_list *list, uint64_t number, cs_error *err);

/** A text on its way into a list. Set the first three, zero the rest. */
typedef struct {
    const char *name;   /* for messages */
    const char *no_big; /* why more than 64 bits are bad; NULL: they are not */
    bool skip_bad;      /* bad lines are counted, else the first one is an error */
    uint64_t n_lines;   /* that are complete */
    uint64_t n_bad;
    uint64_t length; /* bytes of the line so far */
    bool is_bad;
    bool has_return; /* its last byte was \r */
    uint32_t n_digits;
    char digit[CS_INTEGERS_DIGITS];
    uint32_t n_shown;
    unsigned char shown[40]; /* how a line begins, for messages */
} cs_integer_parser;

/** Takes the next bytes. Errors: CS_DATA (name:line: what is wrong), CS_MEMORY. */
cs_status cs_integer_parser_feed(cs_integer_parser *parser, cs_integer_list *list,
                                 const unsigned char *data, size_t size, cs_error *err);

/** Takes the end: a line without a newline. Errors: as above. */
cs_status cs_integer_parser_end(cs_integer_parser *parser, cs_integer_list *list, cs_error *err);

/** A file, or "-" for standard input, that is read in pieces. */
typedef struct {
    cs_integer_parser parser;
    int file; /* its descriptor; -1: none */
    bool at_end;
    unsigned char *piece;
} cs_integer_reader;

/** Opens it; the other parameters are the parser's. Errors: CS_IO, CS_MEMORY. */
cs_status cs_integer_reader_open(cs_integer_reader *reader, const char *path, bool skip_bad,
                                 const char *no_big, cs_error *err);

/** Appends integers until the list has `wanted` of them or a piece more, or the text ends. Errors:
 * the parser's, CS_IO, CS_INTERRUPTED (a stop was requested while there was nothing to read). */
cs_status cs_integer_reader_read(cs_integer_reader *reader, cs_integer_list *list, size_t wanted,
                                 cs_error *err);

void cs_integer_reader_close(cs_integer_reader *reader);

#endif
