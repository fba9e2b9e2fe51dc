/* SPDX-License-Identifier: MIT */
#include "job/block_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal/checksum.h"

/* A chunk that lies in a file. */
typedef struct {
    cs_result_place place;
    uint64_t checksum;
} located;

static size_t count_places(const cs_bytes *places)
{
    return places == NULL ? 0 : places->size / sizeof(cs_result_place);
}

static cs_result_place place_at(const cs_bytes *places, size_t i)
{
    cs_result_place place;
    memcpy(&place, places->data + i * sizeof place, sizeof place);
    return place;
}

static cs_status append_places(cs_bytes *record, const cs_bytes *packet, const cs_bytes *places,
                               cs_error *err)
{
    for (size_t i = 0; i < count_places(places); i++) {
        located chunk = {.place = place_at(places, i)};
        chunk.checksum = cs_checksum(packet->data + chunk.place.at, (size_t)chunk.place.size);
        CS_TRY(cs_bytes_append(record, &chunk, sizeof chunk, err));
    }
    return CS_OK;
}

/* What is left of the packet without its chunks. */
static cs_status append_rest(cs_bytes *record, const cs_bytes *packet, const cs_bytes *places,
                             cs_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < count_places(places); i++) {
        const cs_result_place place = place_at(places, i);
        CS_INVARIANT(place.at >= at && place.at + place.size <= packet->size);
        CS_TRY(cs_bytes_append(record, packet->data + at, (size_t)place.at - at, err));
        at = (size_t)(place.at + place.size);
    }
    return packet->size > at ? cs_bytes_append(record, packet->data + at, packet->size - at, err)
                             : CS_OK;
}

cs_status cs_block_record_make(cs_bytes *record, const cs_bytes *packet, const cs_bytes *places,
                               const cs_block *block, const cs_block_report *report,
                               const char *host, cs_error *err)
{
    const char *message = report->error.message;
    const size_t n_message = report->error.status != CS_OK ? strlen(message) : 0;
    cs_block_head head = {.block = *block,
                          .n_packet = packet->size,
                          .n_places = count_places(places),
                          .n_message = n_message,
                          .seconds = report->seconds,
                          .rank = report->rank,
                          .status = report->error.status};
    snprintf(head.host, sizeof head.host, "%s", host);
    CS_TRY(cs_bytes_append(record, &head, sizeof head, err));
    CS_TRY(cs_bytes_append(record, message, n_message, err));
    CS_TRY(append_places(record, packet, places, err));
    return append_rest(record, packet, places, err);
}

cs_status cs_block_record_head(cs_block_head *head, const cs_bytes *record, cs_error *err)
{
    cs_reader reader = cs_reader_make(record->data, record->size);
    CS_TRY(cs_reader_copy(&reader, head, sizeof *head, err));
    head->host[sizeof head->host - 1] = '\0';
    return head->n_message < CS_ERROR_LENGTH
               ? CS_OK
               : cs_fail(err, CS_INTERNAL, "the record of a block is damaged");
}

/* Whether the chunk is there as it was written; appended to the packet. */
static cs_status read_chunk(cs_bytes *packet, bool *is_whole, const located *chunk,
                            const int *files, cs_error *err)
{
    const cs_result_place *place = &chunk->place;
    *is_whole = place->file < CS_N_RESULT_FILES && files[place->file] >= 0;
    if (!*is_whole) {
        return CS_OK;
    }
    const size_t size = (size_t)place->size;
    CS_TRY(cs_bytes_reserve(packet, size, err));
    unsigned char *data = packet->data + packet->size;
    size_t n_read = 0;
    while (n_read < size) {
        const ssize_t more = pread(files[place->file], data + n_read, size - n_read,
                                   (off_t)(place->address + n_read));
        if (more == 0 || (more < 0 && errno != EINTR)) {
            break;
        }
        n_read += more > 0 ? (size_t)more : 0;
    }
    *is_whole = n_read == size && cs_checksum(data, size) == chunk->checksum;
    packet->size += size;
    return CS_OK;
}

static cs_status take_rest(cs_bytes *packet, cs_reader *rest, uint64_t size, cs_error *err)
{
    const void *data = NULL;
    CS_TRY(cs_reader_take(rest, &data, (size_t)size, err));
    return cs_bytes_append(packet, data, (size_t)size, err);
}

/* The packet, of chunks in files and of what lies between them. */
static cs_status join(cs_bytes *packet, bool *is_whole, const cs_block_head *head,
                      cs_reader *places, cs_reader *rest, const int *files, cs_error *err)
{
    const size_t begin = packet->size;
    for (uint64_t i = 0; i < head->n_places && *is_whole; i++) {
        located chunk;
        CS_TRY(cs_reader_copy(places, &chunk, sizeof chunk, err));
        const uint64_t at = packet->size - begin;
        if (chunk.place.at < at || chunk.place.at > head->n_packet ||
            chunk.place.size > head->n_packet - chunk.place.at) {
            return cs_fail(err, CS_INTERNAL, "the record of a block is damaged");
        }
        CS_TRY(take_rest(packet, rest, chunk.place.at - at, err));
        CS_TRY(read_chunk(packet, is_whole, &chunk, files, err));
    }
    const uint64_t n_joined = packet->size - begin;
    return *is_whole ? take_rest(packet, rest, head->n_packet - n_joined, err) : CS_OK;
}

cs_status cs_block_record_restore(cs_bytes *packet, cs_block_report *report, bool *is_whole,
                                  const cs_bytes *record, const int *files, cs_error *err)
{
    cs_block_head head;
    CS_TRY(cs_block_record_head(&head, record, err));
    cs_reader reader = cs_reader_make(record->data, record->size);
    const void *skipped = NULL;
    CS_TRY(cs_reader_take(&reader, &skipped, sizeof head, err));
    *report = (cs_block_report){.rank = head.rank, .seconds = head.seconds};
    report->error.status = head.status;
    CS_TRY(cs_reader_copy(&reader, report->error.message, (size_t)head.n_message, err));
    cs_reader places = reader;
    if (head.n_places > record->size / sizeof(located)) {
        return cs_fail(err, CS_INTERNAL, "the record of a block is damaged");
    }
    CS_TRY(cs_reader_take(&reader, &skipped, (size_t)head.n_places * sizeof(located), err));
    *is_whole = true;
    CS_TRY(cs_bytes_reserve(packet, (size_t)head.n_packet, err));
    return join(packet, is_whole, &head, &places, &reader, files, err);
}
