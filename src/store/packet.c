/* SPDX-License-Identifier: MIT */
/* Packets: the rows of some catchments on their way from rank 0, as declared in forcing.h. */
#include <math.h>
#include <string.h>

#include "store/forcing_ops.h"

typedef struct {
    uint64_t size;    /* bytes that follow, rounded up to 8 */
    uint64_t skipped; /* filter mask */
} row_head;

static const uint64_t ALIGNMENT = 8;

cs_status cs_packet_append(cs_bytes *packet, const void *data, uint64_t size, uint32_t skipped,
                           cs_error *err)
{
    const uint64_t padding = (ALIGNMENT - size % ALIGNMENT) % ALIGNMENT;
    const row_head head = {.size = size, .skipped = skipped};
    static const unsigned char zeros[8];
    CS_TRY(cs_bytes_append(packet, &head, sizeof head, err));
    CS_TRY(cs_bytes_append(packet, data, (size_t)size, err));
    return cs_bytes_append(packet, zeros, (size_t)padding, err);
}

cs_status cs_packet_append_room(cs_bytes *packet, size_t *first, size_t *stride, size_t count,
                                uint64_t size, cs_error *err)
{
    const size_t padded = (size_t)(size + (ALIGNMENT - size % ALIGNMENT) % ALIGNMENT);
    const row_head head = {.size = size};
    *stride = sizeof head + padded;
    *first = packet->size + sizeof head;
    CS_TRY(cs_bytes_reserve(packet, count * *stride, err));
    for (size_t i = 0; i < count; i++) {
        CS_TRY(cs_bytes_append(packet, &head, sizeof head, err));
        memset(packet->data + packet->size, 0, padded);
        packet->size += padded;
    }
    return CS_OK;
}

static cs_status index_row(cs_packet_row *row, cs_reader *packet, cs_error *err)
{
    row_head head;
    CS_TRY(cs_reader_copy(packet, &head, sizeof head, err));
    const uint64_t padding = (ALIGNMENT - head.size % ALIGNMENT) % ALIGNMENT;
    row->size = head.size;
    row->skipped = head.skipped;
    const void *zeros = NULL;
    CS_TRY(cs_reader_take(packet, &row->data, (size_t)head.size, err));
    return cs_reader_take(packet, &zeros, (size_t)padding, err);
}

cs_status cs_packet_index(cs_packet_row *rows, cs_reader *packet, size_t count,
                          const cs_forcing_format *format, cs_error *err)
{
    for (size_t v = 0; v < CS_N_VARIABLES; v++) {
        for (size_t i = 0; i < count; i++) {
            cs_packet_row *row = &rows[v * count + i];
            *row = (cs_packet_row){0};
            if (format->variable[v].wanted) {
                CS_TRY(index_row(row, packet, err));
            }
        }
    }
    return CS_OK;
}

static void convert(float *values, const float *stored, size_t n, const cs_row_format *format)
{
    const int as_it_is = format->factor == 1.0 && format->summand == 0.0;
    for (size_t i = 0; i < n; i++) {
        const float value = stored[i];
        if (format->has_missing && value == format->missing) {
            values[i] = NAN;
        } else {
            values[i] = as_it_is ? value : (float)(format->factor * value + format->summand);
        }
    }
}

/* The whole row as it is stored. */
static cs_status unfold(void *stored, const cs_packet_row *row, cs_codec *codec,
                        const cs_forcing_format *format, cs_variable variable, cs_error *err)
{
    const cs_filters filters = format->variable[variable].filters;
    return cs_codec_decode(codec, stored, (size_t)format->n_time_stored * filters.element_size,
                           row->data, (size_t)row->size, (uint32_t)row->skipped, filters, err);
}

cs_status cs_packet_decode(float *values, const cs_packet_row *row, float *scratch, cs_codec *codec,
                           const cs_forcing_format *format, cs_variable variable, cs_error *err)
{
    const cs_row_format *of = &format->variable[variable];
    CS_INVARIANT(of->filters.element_size == sizeof *values);
    if (row->size == 0) {
        for (size_t i = 0; i < format->n_time; i++) {
            values[i] = NAN;
        }
        return CS_OK;
    }
    CS_TRY(unfold(scratch, row, codec, format, variable, err));
    convert(values, scratch + format->first_time, (size_t)format->n_time, of);
    return CS_OK;
}

cs_status cs_packet_decode_f64(double *values, const cs_packet_row *row, double *scratch,
                               cs_codec *codec, const cs_forcing_format *format,
                               cs_variable variable, cs_error *err)
{
    CS_INVARIANT(format->variable[variable].filters.element_size == sizeof *values);
    if (row->size == 0) {
        for (size_t i = 0; i < format->n_time; i++) {
            values[i] = NAN;
        }
        return CS_OK;
    }
    CS_TRY(unfold(scratch, row, codec, format, variable, err));
    memcpy(values, scratch + format->first_time, (size_t)format->n_time * sizeof *values);
    return CS_OK;
}
