/* SPDX-License-Identifier: MIT */
#include "store/mend.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/copy.h"
#include "base/output.h"
#include "store/earlier.h"
#include "store/hdf.h"

/* The chunks of a column of a step file, of four variables, so that each is packed once or twice
 * however many catchments share it. */
enum { CACHE_BYTES = 64 << 20, CACHE_SLOTS = 10007 };

typedef struct {
    cs_output output;
    hid_t file; /* the copy */
} mended_file;

typedef struct {
    cs_earlier *whole, *again;
    hid_t file; /* of the other result */
    size_t n, n_time, n_again;
    size_t *place; /* [n_again] in the whole */
    mended_file rows, steps;
} mending;

/* ---- do they fit ---- */

static cs_status find_places(mending *m, cs_error *err)
{
    const cs_earlier_info *whole = cs_earlier_get_info(m->whole);
    const cs_earlier_info *again = cs_earlier_get_info(m->again);
    m->n = whole->n_catchment;
    m->n_time = whole->n_time;
    m->n_again = again->n_catchment;
    if (again->n_time != whole->n_time || again->start != whole->start ||
        again->step_days != whole->step_days || again->series_number != whole->series_number ||
        again->series_start != whole->series_start) {
        return cs_fail(err, CS_DATA, "%s and %s: have other times", whole->path, again->path);
    }
    CS_TRY(cs_alloc(&m->place, m->n_again, sizeof *m->place, "places", err));
    for (size_t i = 0; i < m->n_again; i++) {
        if (!cs_earlier_find(&m->place[i], m->whole, again->id[i])) {
            return cs_fail(err, CS_DATA, "%s: has no catchment %lld, which is in %s", whole->path,
                           (long long)again->id[i], again->path);
        }
    }
    return CS_OK;
}

/* Opens a dataset of both files; *found is false where either does not have it. */
static cs_status open_pair(hid_t *to, hid_t *from, bool *found, hid_t to_parent, hid_t from_parent,
                           const char *name, cs_error *err)
{
    *to = *from = H5I_INVALID_HID;
    *found = H5Lexists(to_parent, name, H5P_DEFAULT) > 0 &&
             H5Lexists(from_parent, name, H5P_DEFAULT) > 0;
    H5Eclear2(H5E_DEFAULT);
    if (!*found) {
        return CS_OK;
    }
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, CACHE_SLOTS, CACHE_BYTES, 1.0);
    *to = H5Dopen2(to_parent, name, access);
    H5Pclose(access);
    *from = H5Dopen2(from_parent, name, H5P_DEFAULT);
    return *to < 0 || *from < 0 ? cs_hdf_fail(err, CS_DATA, "dataset %s cannot be opened", name)
                                : CS_OK;
}

static void close_pair(hid_t to, hid_t from)
{
    if (to >= 0) {
        H5Dclose(to);
    }
    if (from >= 0) {
        H5Dclose(from);
    }
}

/* ---- series ---- */

/* One catchment's row of `from` into the row, or the column, of `to`. */
static bool move_series(hid_t to, hid_t from, void *values, hid_t type, const mending *m, size_t i,
                        bool by_step)
{
    const hsize_t length = m->n_time;
    const hsize_t source[2] = {i, 0}, source_size[2] = {1, length};
    hsize_t target[2] = {m->place[i], 0}, target_size[2] = {1, length};
    if (by_step) {
        target[0] = 0;
        target[1] = m->place[i];
        target_size[0] = length;
        target_size[1] = 1;
    }
    const hid_t memory = H5Screate_simple(1, &length, NULL);
    const hid_t from_space = H5Dget_space(from), to_space = H5Dget_space(to);
    H5Sselect_hyperslab(from_space, H5S_SELECT_SET, source, NULL, source_size, NULL);
    H5Sselect_hyperslab(to_space, H5S_SELECT_SET, target, NULL, target_size, NULL);
    const bool moved = H5Dread(from, type, memory, from_space, H5P_DEFAULT, values) >= 0 &&
                       H5Dwrite(to, type, memory, to_space, H5P_DEFAULT, values) >= 0;
    H5Sclose(memory);
    H5Sclose(from_space);
    H5Sclose(to_space);
    return moved;
}

static cs_status mend_variable(const mending *m, hid_t file, const char *name, bool by_step,
                               cs_error *err)
{
    hid_t to = H5I_INVALID_HID, from = H5I_INVALID_HID, type = H5I_INVALID_HID;
    bool found = false;
    void *values = NULL;
    cs_status status = CS_OK;
    CS_CHECK(open_pair(&to, &from, &found, file, m->file, name, err));
    if (!found) {
        goto release;
    }
    type = H5Dget_type(to);
    const hid_t other = H5Dget_type(from);
    const bool is_same = H5Tequal(type, other) > 0;
    H5Tclose(other);
    if (!is_same) {
        CS_CHECK(cs_fail(err, CS_DATA, "%s: the results have other types of numbers", name));
    }
    CS_CHECK(cs_alloc(&values, m->n_time, H5Tget_size(type), "a series", err));
    for (size_t i = 0; i < m->n_again; i++) {
        if (!move_series(to, from, values, type, m, i, by_step)) {
            CS_CHECK(cs_hdf_fail(err, CS_IO, "%s of a catchment cannot be replaced", name));
        }
    }
release:
    free(values);
    if (type >= 0) {
        H5Tclose(type);
    }
    close_pair(to, from);
    return status;
}

static cs_status mend_variables(const mending *m, hid_t file, bool by_step, cs_error *err)
{
    static const char *const NAMES[] = {"load", "concentration", "discharge", "local_discharge"};
    for (size_t v = 0; v < sizeof NAMES / sizeof NAMES[0]; v++) {
        CS_TRY(mend_variable(m, file, NAMES[v], by_step, err));
    }
    return CS_OK;
}

/* ---- columns: one value a catchment ---- */

static bool has_length(hid_t dataset, size_t n)
{
    const hid_t space = H5Dget_space(dataset);
    const bool fits =
        H5Sget_simple_extent_ndims(space) == 1 && (size_t)H5Sget_simple_extent_npoints(space) == n;
    H5Sclose(space);
    return fits;
}

/* Values of any type: numbers, or pointers to texts, which stay with HDF5. */
static bool mend_values(const mending *m, hid_t to, hid_t from, hid_t type, char *whole,
                        char *again)
{
    const size_t size = H5Tget_size(type);
    if (H5Dread(to, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, whole) < 0 ||
        H5Dread(from, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, again) < 0) {
        return false;
    }
    for (size_t i = 0; i < m->n_again; i++) { /* swapped, so that each text is released once */
        char *a = whole + m->place[i] * size, *b = again + i * size;
        for (size_t k = 0; k < size; k++) {
            const char kept = a[k];
            a[k] = b[k];
            b[k] = kept;
        }
    }
    return H5Dwrite(to, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, whole) >= 0;
}

static void release_texts(hid_t dataset, hid_t type, void *values)
{
    if (H5Tis_variable_str(type) > 0) {
        const hid_t space = H5Dget_space(dataset);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
        H5Sclose(space);
    }
}

static cs_status mend_column(const mending *m, hid_t to_parent, hid_t from_parent, const char *name,
                             cs_error *err)
{
    hid_t to = H5I_INVALID_HID, from = H5I_INVALID_HID;
    bool found = false;
    char *whole = NULL, *again = NULL;
    cs_status status = open_pair(&to, &from, &found, to_parent, from_parent, name, err);
    if (status == CS_OK && found && has_length(to, m->n) && has_length(from, m->n_again)) {
        const hid_t stored = H5Dget_type(to);
        const size_t size = H5Tget_size(stored);
        status = cs_alloc(&whole, m->n, size, "a column", err);
        status = status == CS_OK ? cs_alloc(&again, m->n_again, size, "a column", err) : status;
        if (status == CS_OK && !mend_values(m, to, from, stored, whole, again)) {
            status = cs_hdf_fail(err, CS_IO, "dataset %s cannot be replaced", name);
        }
        if (whole != NULL && again != NULL) {
            release_texts(to, stored, whole);
            release_texts(from, stored, again);
        }
        H5Tclose(stored);
    }
    free(whole);
    free(again);
    close_pair(to, from);
    return status;
}

/* What a pass over the links of a group needs. */
typedef struct {
    const mending *m;
    hid_t from;
    cs_status status;
    cs_error *err;
} pass;

static herr_t visit(hid_t to, const char *name, const H5L_info_t *about, void *data)
{
    pass *p = data;
    (void)about;
    const hid_t object = H5Oopen(to, name, H5P_DEFAULT);
    const bool is_dataset = H5Iget_type(object) == H5I_DATASET;
    H5Oclose(object);
    if (!is_dataset || strcmp(name, "catchment") == 0 || strcmp(name, "catchment_name") == 0) {
        return 0;
    }
    p->status = mend_column(p->m, to, p->from, name, p->err);
    return p->status == CS_OK ? 0 : 1;
}

static cs_status mend_columns(const mending *m, hid_t to, hid_t from, cs_error *err)
{
    pass p = {.m = m, .from = from, .err = err};
    if (H5Literate(to, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, &p) < 0 && p.status == CS_OK) {
        return cs_hdf_fail(err, CS_DATA, "the datasets cannot be listed");
    }
    return p.status;
}

static cs_status mend_group(const mending *m, const char *name, cs_error *err)
{
    const bool in_whole = H5Lexists(m->rows.file, name, H5P_DEFAULT) > 0;
    const bool in_again = H5Lexists(m->file, name, H5P_DEFAULT) > 0;
    if (in_whole != in_again) {
        return cs_fail(err, CS_DATA, "only one of the results has a group /%s: was it %s?", name,
                       "--engine=both");
    }
    if (!in_whole) {
        return CS_OK;
    }
    const hid_t to = H5Gopen2(m->rows.file, name, H5P_DEFAULT);
    const hid_t from = H5Gopen2(m->file, name, H5P_DEFAULT);
    const cs_status status = mend_columns(m, to, from, err);
    H5Gclose(to);
    H5Gclose(from);
    return status;
}

/* ---- texts ---- */

static cs_status copy_report(const mending *m, cs_error *err)
{
    static const char FROM[] = "run/report", TO[] = "run/retry_report";
    if (H5Lexists(m->rows.file, TO, H5P_DEFAULT) > 0 &&
        H5Ldelete(m->rows.file, TO, H5P_DEFAULT) < 0) {
        return cs_hdf_fail(err, CS_IO, "dataset %s cannot be replaced", TO);
    }
    return H5Ocopy(m->file, FROM, m->rows.file, TO, H5P_DEFAULT, H5P_DEFAULT) < 0
               ? cs_hdf_fail(err, CS_IO, "dataset %s cannot be written", TO)
               : CS_OK;
}

/* The first line of the other run's history comes before what there is. */
static cs_status mend_history(const mending *m, hid_t file, cs_error *err)
{
    char *before = NULL, *again = NULL, *history = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_hdf_read_text(&before, file, "history", err));
    CS_CHECK(cs_hdf_read_text(&again, m->file, "history", err));
    CS_CHECK(cs_format(&history, err, "%.*s, %zu catchments that had failed%s%s",
                       again == NULL ? 0 : (int)strcspn(again, "\n"), again == NULL ? "" : again,
                       m->n_again, before == NULL ? "" : "\n", before == NULL ? "" : before));
    if (before != NULL && H5Adelete(file, "history") < 0) {
        CS_CHECK(cs_hdf_fail(err, CS_IO, "attribute history cannot be replaced"));
    }
    CS_CHECK(cs_hdf_write_text(file, "history", history, err));
release:
    free(before);
    free(again);
    free(history);
    return status;
}

/* ---- files ---- */

static cs_status open_copy(mended_file *copy, const char *path, cs_error *err)
{
    CS_TRY(cs_output_lock(&copy->output, path, err));
    CS_TRY(cs_output_refuse(&copy->output, true, err));
    const cs_status status = cs_output_refuse_journal(&copy->output, err);
    copy->output.is_kept = status != CS_OK; /* of a run that would replace it */
    CS_TRY(status);
    CS_TRY(cs_copy_file(copy->output.part_path, path, err));
    copy->file = H5Fopen(copy->output.part_path, H5F_ACC_RDWR, H5P_DEFAULT);
    return copy->file < 0 ? cs_hdf_fail(err, CS_DATA, "%s: cannot be opened for changes", path)
                          : CS_OK;
}

static cs_status close_copy(mended_file *copy, cs_error *err)
{
    const hid_t file = copy->file;
    copy->file = H5I_INVALID_HID;
    return cs_hdf_close(file, copy->output.part_path, err);
}

/* Adds which file it is to what went wrong inside of it. */
static cs_status explain(cs_error *err, const mended_file *copy, cs_status status)
{
    if (status == CS_OK) {
        return CS_OK;
    }
    const cs_error inner = *err;
    return cs_fail(err, status, "%s: %s", copy->output.path, inner.message);
}

static cs_status mend_rows(mending *m, const char *path, cs_error *err)
{
    mended_file *rows = &m->rows;
    CS_TRY(open_copy(rows, path, err));
    CS_TRY(explain(err, rows, mend_variables(m, rows->file, false, err)));
    CS_TRY(explain(err, rows, mend_columns(m, rows->file, m->file, err)));
    CS_TRY(explain(err, rows, mend_group(m, "compare", err)));
    CS_TRY(explain(err, rows, mend_group(m, "run", err)));
    CS_TRY(explain(err, rows, copy_report(m, err)));
    CS_TRY(explain(err, rows, mend_history(m, rows->file, err)));
    return close_copy(rows, err);
}

static cs_status mend_steps(mending *m, const char *path, cs_error *err)
{
    mended_file *steps = &m->steps;
    CS_TRY(open_copy(steps, path, err));
    CS_TRY(explain(err, steps, mend_variables(m, steps->file, true, err)));
    CS_TRY(explain(err, steps, mend_history(m, steps->file, err)));
    return close_copy(steps, err);
}

static cs_status finish(mending *m, bool has_steps, cs_error *err)
{
    if (has_steps) {
        CS_TRY(cs_output_sync(&m->rows.output, err)); /* both are whole before either */
        CS_TRY(cs_output_finish(&m->steps.output, err));
    }
    return cs_output_finish(&m->rows.output, err);
}

static void drop(mended_file *copy)
{
    cs_hdf_drop(copy->file);
    cs_output_release(&copy->output);
}

cs_status cs_results_mend(size_t *n_mended, const cs_mend_spec *spec, cs_error *err)
{
    mending m = {.file = H5I_INVALID_HID,
                 .rows = {.output = {.journal = -1}, .file = H5I_INVALID_HID},
                 .steps = {.output = {.journal = -1}, .file = H5I_INVALID_HID}};
    cs_status status = CS_OK;
    CS_CHECK(cs_earlier_open(&m.whole, spec->path, err));
    CS_CHECK(cs_earlier_open(&m.again, spec->again_path, err));
    CS_CHECK(cs_hdf_open(&m.file, spec->again_path, err));
    CS_CHECK(find_places(&m, err));
    CS_CHECK(mend_rows(&m, spec->path, err));
    if (spec->steps_path != NULL) {
        CS_CHECK(mend_steps(&m, spec->steps_path, err));
    }
    CS_CHECK(finish(&m, spec->steps_path != NULL, err));
    *n_mended = m.n_again;
release:
    drop(&m.rows);
    drop(&m.steps);
    cs_hdf_drop(m.file);
    cs_earlier_close(m.whole);
    cs_earlier_close(m.again);
    free(m.place);
    return status;
}
