/* SPDX-License-Identifier: MIT */
#include "job/fakegen_plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "job/shared_text.h"
#include "kernels/record/bits.h"

/* Texts of a chunk: small enough to stay in a core's cache until they are written. Where ranks take
 * turns it is larger, since a turn costs a message and waking up (4 MiB: two ranks 5.5 GB/s, 2 MiB:
 * 4.6 to 4.8); and where it is packed, since a member starts with nothing known of its text. That
 * of packed files is a part of the format: members end there.
 */
enum { CHUNK_BYTES = 1 << 20, SHARED_CHUNK_BYTES = 4 << 20, GZIP_CHUNK_BYTES = 4 << 20 };

enum { MAX_FILES = 1000000 };

/* ---- schema ---- */

/* Of a schema that is part of the program; NULL: it is a file's. */
static const char *own_schema(const char *name)
{
    return strcmp(name, "movies") == 0    ? cs_record_movies_text
           : strcmp(name, "persons") == 0 ? cs_record_persons_text
                                          : NULL;
}

bool cs_fakegen_is_own_schema(const char *name)
{
    return own_schema(name) != NULL;
}

static cs_status read_schema(cs_fakegen_plan *plan, const cs_fakegen_options *options,
                             cs_comm *comm, cs_error *err)
{
    const char *text = own_schema(options->schema);
    if (text == NULL) {
        return cs_shared_text_read(&plan->text, options->schema, comm, err);
    }
    CS_TRY(cs_bytes_append(&plan->text, text, strlen(text) + 1, err));
    plan->text.size--;
    return CS_OK;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
    const size_t n = strlen(end);
    return length >= n && memcmp(text + length - n, end, n) == 0;
}

static void choose_format(cs_fakegen_plan *plan, const cs_fakegen_options *options)
{
    size_t length = strlen(options->output);
    const bool packed = ends_with(options->output, length, ".gz");
    length -= packed ? 3 : 0;
    const bool csv = options->format != NULL ? strcmp(options->format, "csv") == 0
                                             : ends_with(options->output, length, ".csv");
    plan->format = csv ? CS_RECORD_CSV : CS_RECORD_NDJSON;
    plan->gzip = options->gzip > 0 ? options->gzip : packed ? 6 : 0;
}

static cs_status compile(cs_fakegen_plan *plan, const cs_fakegen_options *options, cs_error *err)
{
    CS_TRY(cs_record_schema_parse(&plan->schema, (const char *)plan->text.data, plan->text.size,
                                  options->schema, options->words, err));
    const bool tables = plan->schema.n_tables > 0;
    if (tables && (options->has_count || options->has_start)) {
        return cs_fail(err, CS_USAGE, "--count and --start: the tables of %s have their own",
                       options->schema);
    }
    if (!tables && !options->has_count) {
        return cs_fail(err, CS_USAGE, "--count=N is missing: how many records?");
    }
    CS_TRY(cs_record_check_unique(&plan->schema, options->start + options->count, err));
    CS_TRY(cs_record_check_sequences(&plan->schema, options->start + options->count, err));
    choose_format(plan, options);
    if (plan->format == CS_RECORD_CSV && !options->no_header) {
        CS_TRY(cs_record_header(&plan->header, &plan->schema, err));
    }
    return cs_record_compile(&plan->code, &plan->schema, plan->format, options->seed, err);
}

/* ---- target ---- */

/* A stdout that was closed is /dev/null, too, but not for writing (base/streams.h). */
static bool is_for_writing(int descriptor)
{
    return (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

/* What is there under the output's name, seen by rank 0. */
static cs_fakegen_target look_at(const char *output)
{
    struct stat about;
    const bool is_stdout = strcmp(output, "-") == 0;
    if ((is_stdout ? fstat(STDOUT_FILENO, &about) : stat(output, &about)) == 0 &&
        S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3) &&
        (!is_stdout || is_for_writing(STDOUT_FILENO))) {
        return CS_FAKEGEN_NOWHERE;
    }
    if (is_stdout) {
        return CS_FAKEGEN_STREAM;
    }
    /* a link is written through, not replaced */
    return lstat(output, &about) != 0 || S_ISREG(about.st_mode) ? CS_FAKEGEN_FILES
                                                                : CS_FAKEGEN_STREAM;
}

static cs_status check_target(const cs_fakegen_plan *plan, const cs_fakegen_options *options,
                              cs_error *err)
{
    const bool named = strstr(options->output, "{table}") != NULL;
    if (plan->target == CS_FAKEGEN_STREAM && options->layout != CS_FAKEGEN_WHOLE) {
        return cs_fail(err, CS_USAGE, "--output=%s: --per-rank and --split make files",
                       options->output);
    }
    if (plan->schema.n_tables > 1 && !named && plan->target != CS_FAKEGEN_NOWHERE) {
        return cs_fail(err, CS_USAGE,
                       "--output=%s: %s has several tables; name files with {table} in it",
                       options->output, options->schema);
    }
    if (plan->schema.n_tables == 0 && named) {
        return cs_fail(err, CS_USAGE, "--output=%s: %s has no tables", options->output,
                       options->schema);
    }
    return CS_OK;
}

static void choose_chunks(cs_fakegen_plan *plan, int size)
{
    const size_t record = plan->code.program.max_bytes;
    const size_t wanted = plan->gzip > 0             ? GZIP_CHUNK_BYTES
                          : plan->shared && size > 1 ? SHARED_CHUNK_BYTES
                                                     : CHUNK_BYTES;
    plan->chunk_rows = record < wanted ? wanted / record : 1;
    plan->max_chunk_bytes = plan->chunk_rows * record + plan->header.size + CSK_RECORD_SLACK;
}

/* ---- files ---- */

/* The path with {table} replaced, and a number before the first dot of its name. */
static cs_status name_file(char **path, const char *output, const char *table, uint64_t number,
                           bool numbered, cs_error *err)
{
    char *named = NULL;
    const char *place = table != NULL ? strstr(output, "{table}") : NULL;
    if (place != NULL) {
        CS_TRY(cs_format(&named, err, "%.*s%s%s", (int)(place - output), output, table,
                         place + strlen("{table}")));
    } else {
        CS_TRY(cs_copy_string(&named, output, err));
    }
    if (!numbered) {
        *path = named;
        return CS_OK;
    }
    const char *slash = strrchr(named, '/');
    const char *name = slash != NULL ? slash + 1 : named;
    const char *dot = name[0] != '\0' ? strchr(name + 1, '.') : NULL;
    dot = dot != NULL ? dot : name + strlen(name);
    const cs_status status = cs_format(path, err, "%.*s_%llu%s", (int)(dot - named), named,
                                       (unsigned long long)number, dot);
    free(named);
    return status;
}

typedef struct {
    const cs_fakegen_options *options;
    const cs_record_sample *table; /* NULL: none */
    csk_record_rows rows;
    uint64_t first, count; /* rows of the table, or records */
    uint64_t rank, size;
} share;

static cs_status add_file(cs_fakegen_plan *plan, const share *s, uint64_t first, uint64_t count,
                          uint64_t number, cs_error *err)
{
    cs_fakegen_file *file = &plan->files[plan->n_files];
    const bool numbered =
        plan->target == CS_FAKEGEN_FILES && s->options->layout != CS_FAKEGEN_WHOLE;
    *file = (cs_fakegen_file){.rows = s->rows, .first = first, .count = count};
    file->n_chunks = count / plan->chunk_rows + (count % plan->chunk_rows != 0 || count == 0);
    plan->n_files++;
    if (plan->target == CS_FAKEGEN_NOWHERE) {
        CS_TRY(cs_copy_string(&file->path, "/dev/null", err));
    } else {
        CS_TRY(name_file(&file->path, s->options->output, s->table != NULL ? s->table->name : NULL,
                         number, numbered, err));
    }
    return cs_format(&file->part_path, err, "%s%s", file->path,
                     plan->target == CS_FAKEGEN_FILES ? ".part" : "");
}

/* Row at which a rank's part of all rows begins. */
static uint64_t part_of(const share *s, uint64_t rank)
{
    return s->first + (uint64_t)((csk_u128)s->count * rank / s->size);
}

static cs_status add_files(cs_fakegen_plan *plan, const share *s, cs_error *err)
{
    plan->n_records += s->count;
    if (s->options->layout == CS_FAKEGEN_SPLIT && plan->target == CS_FAKEGEN_FILES) {
        const uint64_t split = s->options->split;
        const uint64_t n = s->count / split + (s->count % split != 0 || s->count == 0);
        plan->n_all_files += n;
        for (uint64_t i = s->rank; i < n; i += s->size) {
            const uint64_t left = s->count - i * split;
            CS_TRY(add_file(plan, s, s->first + i * split, left < split ? left : split, i, err));
        }
        return CS_OK;
    }
    if (plan->shared || plan->target == CS_FAKEGEN_STREAM) {
        plan->n_all_files++;
        return add_file(plan, s, s->first, s->count, 0, err);
    }
    const uint64_t first = part_of(s, s->rank);
    plan->n_all_files += s->size;
    return add_file(plan, s, first, part_of(s, s->rank + 1) - first, s->rank, err);
}

static cs_status add_all(cs_fakegen_plan *plan, const cs_fakegen_options *options, int rank,
                         int size, cs_error *err)
{
    const cs_record_schema *schema = &plan->schema;
    const size_t n_tables = schema->n_tables > 0 ? schema->n_tables : 1;
    share s = {.options = options,
               .first = options->start,
               .count = options->count,
               .rank = (uint64_t)rank,
               .size = (uint64_t)size};
    uint64_t n = n_tables;
    for (size_t i = 0; options->layout == CS_FAKEGEN_SPLIT && i < n_tables; i++) {
        n += (schema->n_tables > 0 ? schema->tables[i].count : options->count) / options->split;
    }
    if (n > MAX_FILES) {
        return cs_fail(err, CS_USAGE, "--split=%llu: that makes more than %d files",
                       (unsigned long long)options->split, MAX_FILES);
    }
    CS_TRY(cs_alloc(&plan->files, n, sizeof *plan->files, "the list of files", err));
    for (size_t i = 0; i < n_tables; i++) {
        if (schema->n_tables > 0) {
            s.table = &schema->tables[i];
            s.first = 0;
            s.count = s.table->count;
            s.rows = (csk_record_rows){.population = schema->population,
                                       .key = cs_record_sample_key(options->seed, s.table->name)};
        }
        CS_TRY(add_files(plan, &s, err));
    }
    return CS_OK;
}

cs_status cs_fakegen_plan_make(cs_fakegen_plan *plan, const cs_fakegen_options *options,
                               cs_comm *comm, cs_error *err)
{
    const int rank = cs_comm_rank(comm);
    const int size = cs_comm_size(comm);
    *plan = (cs_fakegen_plan){0};
    CS_TRY(cs_comm_agree(comm, read_schema(plan, options, comm, err), err));
    cs_status status = compile(plan, options, err);
    CS_TRY(cs_comm_agree(comm, status, err));
    plan->target = rank == 0 ? look_at(options->output) : CS_FAKEGEN_FILES;
    cs_comm_broadcast(comm, &plan->target, sizeof plan->target);
    CS_TRY(check_target(plan, options, err));
    plan->shared = plan->target == CS_FAKEGEN_FILES && options->layout == CS_FAKEGEN_WHOLE;
    choose_chunks(plan, size);
    return cs_comm_agree(comm, add_all(plan, options, rank, size, err), err);
}

void cs_fakegen_plan_free(cs_fakegen_plan *plan)
{
    for (size_t i = 0; i < plan->n_files; i++) {
        free(plan->files[i].path);
        free(plan->files[i].part_path);
    }
    free(plan->files);
    cs_bytes_free(&plan->header);
    cs_record_code_free(&plan->code);
    cs_record_schema_free(&plan->schema);
    cs_bytes_free(&plan->text);
    *plan = (cs_fakegen_plan){0};
}

uint64_t cs_fakegen_chunk_count(const cs_fakegen_plan *plan, const cs_fakegen_file *file,
                                uint64_t c)
{
    const uint64_t left = file->count - c * plan->chunk_rows;
    return left < plan->chunk_rows ? left : plan->chunk_rows;
}

size_t cs_fakegen_chunk_write(unsigned char *out, const cs_fakegen_plan *plan,
                              const cs_fakegen_file *file, uint64_t c)
{
    size_t size = 0;
    if (c == 0 && plan->header.size > 0) {
        memcpy(out, plan->header.data, plan->header.size);
        size = plan->header.size;
    }
    return size + csk_record_range(out + size, &plan->code.program, &file->rows,
                                   file->first + c * plan->chunk_rows,
                                   cs_fakegen_chunk_count(plan, file, c));
}
