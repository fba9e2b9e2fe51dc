/* SPDX-License-Identifier: MIT */
#include "pipe/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernels/scan/scan.h"
#include "text/mark.h"

/* Behind the range, until its last line ends: small reads at first, since it is another's work. */
enum { OVERHANG = 16 << 10 };

void cs_lines_begin(cs_lines *lines, const cs_lines_input *input, uint64_t begin, uint64_t limit)
{
    cs_bytes buffer = lines->buffer;
    buffer.size = 0;
    *lines = (cs_lines){.input = *input,
                        .limit = limit,
                        .place = begin > 0 ? begin - 1 : 0,
                        .buffer = buffer,
                        .skip_first = begin > 0,
                        .is_first = begin == 0};
}

void cs_lines_free(cs_lines *lines)
{
    cs_bytes_free(&lines->buffer);
}

static size_t piece_of(const cs_lines *lines)
{
    return lines->input.max_line < CS_LINES_PIECE ? lines->input.max_line + 1 : CS_LINES_PIECE;
}

static cs_status read_stream(cs_lines *lines, size_t wanted, size_t *n_read, cs_error *err)
{
    const cs_lines_input *input = &lines->input;
    for (;;) {
        *n_read = 0;
        if (input->halt != NULL && !cs_halt_wait_for_input(input->halt, input->file)) {
            return CS_OK;
        }
        const ssize_t n = read(input->file, lines->buffer.data + lines->buffer.size, wanted);
        if (n >= 0) {
            *n_read = (size_t)n;
            return CS_OK;
        }
        if (errno != EINTR && errno != EAGAIN) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be read", input->name);
        }
    }
}

static cs_status read_file(cs_lines *lines, size_t wanted, size_t *n_read, cs_error *err)
{
    const cs_lines_input *input = &lines->input;
    const uint64_t left = input->size - lines->place;
    wanted = left < wanted ? (size_t)left : wanted;
    *n_read = 0;
    while (wanted > 0) {
        const ssize_t n = pread(input->file, lines->buffer.data + lines->buffer.size, wanted,
                                (off_t)lines->place);
        if (n > 0) {
            *n_read = (size_t)n;
            return CS_OK;
        }
        if (n == 0) {
            return cs_fail(
                err, CS_IO, "%s: became shorter while it was read: %llu bytes instead of %llu",
                input->name, (unsigned long long)lines->place, (unsigned long long)input->size);
        }
        if (errno != EINTR) {
            return cs_fail_errno(err, CS_IO, "%s: cannot be read", input->name);
        }
    }
    return CS_OK;
}

/* Reads up to `wanted` bytes behind those in the buffer; none: the end. */
static cs_status read_more(cs_lines *lines, size_t wanted, cs_error *err)
{
    size_t n = 0;
    CS_TRY(cs_bytes_reserve(&lines->buffer, wanted + CSK_SCAN_PADDING, err));
    CS_TRY(lines->input.is_stream ? read_stream(lines, wanted, &n, err)
                                  : read_file(lines, wanted, &n, err));
    lines->buffer.size += n;
    lines->place += n;
    lines->at_end = n == 0;
    memset(lines->buffer.data + lines->buffer.size, 0, CSK_SCAN_PADDING);
    return CS_OK;
}

/* Moves what was not given away to the buffer's begin. */
static void close_ranks(cs_lines *lines)
{
    cs_bytes *buffer = &lines->buffer;
    const size_t left = buffer->size - lines->begin;
    if (lines->begin > 0 && left > 0) {
        memmove(buffer->data, buffer->data + lines->begin, left);
    }
    buffer->size = left;
    lines->begin = 0;
}

/* Place in the input of the buffer's begin. */
static uint64_t front(const cs_lines *lines)
{
    return lines->place - lines->buffer.size;
}

/* Drops the end of a line that began before the range. */
static cs_status skip_first_line(cs_lines *lines, cs_error *err)
{
    while (lines->skip_first && !lines->is_done) {
        CS_TRY(read_more(lines, piece_of(lines), err));
        const unsigned char *data = lines->buffer.data;
        const unsigned char *found = memchr(data, '\n', lines->buffer.size);
        lines->begin = found != NULL ? (size_t)(found - data) + 1 : lines->buffer.size;
        lines->skip_first = found == NULL;
        close_ranks(lines);
        lines->is_done = lines->at_end || front(lines) >= lines->limit;
    }
    return CS_OK;
}

/* Bytes of the whole lines of ours at the buffer's begin; 0: there is none. */
static size_t whole_lines(const cs_lines *lines, bool *is_last)
{
    const unsigned char *data = lines->buffer.data;
    size_t size = lines->buffer.size;
    const uint64_t ours = lines->limit - front(lines); /* > 0 */
    *is_last = false;
    if (ours <= size) { /* the line that byte ours - 1 is in, is the last one of ours */
        const size_t from = (size_t)ours - 1;
        const unsigned char *found = memchr(data + from, '\n', size - from);
        if (found != NULL) {
            *is_last = true;
            return (size_t)(found - data) + 1;
        }
        size = from;
    }
    const unsigned char *found = size > 0 ? memrchr(data, '\n', size) : NULL;
    return found == NULL ? 0 : (size_t)(found - data) + 1;
}

static void note_last(char *last, const unsigned char *data, size_t size)
{
    while (size > 0) {
        const char c = (char)data[--size];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            *last = c;
            return;
        }
    }
}

/* Gives the first max_line bytes away and passes over the rest of the line. */
static cs_status cut_line(cs_lines *lines, cs_chunk *chunk, cs_error *err)
{
    const size_t kept = lines->input.max_line;
    cs_bytes *buffer = &lines->buffer;
    *chunk = (cs_chunk){.size = kept, .n_bytes = kept, .is_cut = true};
    note_last(&chunk->last, buffer->data, kept);
    for (;;) { /* what is read goes behind the kept bytes, again and again */
        const unsigned char *rest = buffer->data + kept;
        const size_t size = buffer->size - kept;
        const unsigned char *found = memchr(rest, '\n', size);
        const size_t passed = found == NULL ? size : (size_t)(found - rest) + 1;
        note_last(&chunk->last, rest, passed);
        chunk->n_bytes += passed;
        if (found != NULL || lines->at_end) {
            lines->begin = kept + passed;
            chunk->data = (const char *)buffer->data;
            return CS_OK;
        }
        buffer->size = kept;
        CS_TRY(read_more(lines, piece_of(lines), err)); /* of the next line no more than fits */
    }
}

static void give(cs_lines *lines, cs_chunk *chunk, size_t size)
{
    *chunk = (cs_chunk){.data = (const char *)lines->buffer.data, .size = size, .n_bytes = size};
    lines->begin = size;
}

static void pass_byte_order_mark(cs_lines *lines, cs_chunk *chunk)
{
    const size_t n_mark = lines->is_first ? cs_text_mark(chunk->data, chunk->size) : 0;
    chunk->data += n_mark;
    chunk->size -= n_mark;
    lines->is_first = false;
}

/* How much to read: to a piece, to the range's end, and then what the last line still needs. */
static size_t next_read(const cs_lines *lines)
{
    const size_t have = lines->buffer.size, line = lines->input.max_line + 1;
    size_t wanted = have < piece_of(lines) ? piece_of(lines) - have : have;
    const uint64_t overhang = have > OVERHANG ? have : OVERHANG;
    const uint64_t left = lines->limit > lines->place ? lines->limit - lines->place : overhang;
    wanted = left < wanted ? (size_t)left : wanted;
    return have < line && wanted > line - have ? line - have : wanted;
}

cs_status cs_lines_next(cs_lines *lines, cs_chunk *chunk, bool *more, cs_error *err)
{
    *more = false;
    CS_TRY(skip_first_line(lines, err));
    close_ranks(lines);
    while (!lines->is_done) {
        if (front(lines) >= lines->limit) {
            break;
        }
        const size_t size = whole_lines(lines, &lines->is_done);
        if (size > 0) {
            give(lines, chunk, size);
        } else if (lines->buffer.size > lines->input.max_line) {
            CS_TRY(cut_line(lines, chunk, err));
        } else if (lines->at_end) {
            lines->is_done = true;
            if (lines->buffer.size == 0) {
                break;
            }
            give(lines, chunk, lines->buffer.size);
        } else {
            CS_TRY(read_more(lines, next_read(lines), err));
            continue;
        }
        pass_byte_order_mark(lines, chunk);
        if (chunk->size > 0) {
            *more = true;
            return CS_OK;
        }
        close_ranks(lines); /* nothing but a byte order mark */
    }
    lines->is_done = true;
    return CS_OK;
}
