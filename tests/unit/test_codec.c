/* SPDX-License-Identifier: MIT */
/* The chunk codec: round trips, damage, and that HDF5's own filters read and write the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hdf5.h>

#include "kernels/math/random.h"
#include "scene.h"
#include "store/codec.h"

enum { MAX_SIZE = 1 << 16 };

static cs_codec *codec;
static unsigned char *plain, *encoded, *decoded;

static int open_codec(void **state)
{
    cs_error err = {0};
    plain = malloc(MAX_SIZE);
    decoded = malloc(MAX_SIZE);
    encoded = malloc(cs_codec_bound(MAX_SIZE));
    return plain == NULL || decoded == NULL || encoded == NULL ||
           cs_codec_open(&codec, MAX_SIZE, &err) != CS_OK || scene_enter(state) != 0;
}

static int close_codec(void **state)
{
    cs_codec_close(codec);
    cs_codec_close(NULL);
    free(plain);
    free(decoded);
    free(encoded);
    return scene_leave(state);
}

/* Series as they come: smooth, with digits of no meaning; in floats or doubles. */
static void fill_series(size_t size, size_t element)
{
    memset(plain, 0x5a, MAX_SIZE);
    for (size_t i = 0; (i + 1) * element <= size; i++) {
        const double x = 10.0 * sin(0.01 * (double)i) + 0.1 * csk_normal(1, 2, i);
        const float narrow = (float)x;
        if (element == sizeof x) {
            memcpy(plain + i * element, &x, sizeof x);
        } else {
            memcpy(plain + i * element, &narrow, sizeof narrow);
        }
    }
}

static size_t encode(size_t size, cs_filters filters)
{
    size_t encoded_size = 0;
    cs_codec_encode(codec, encoded, &encoded_size, plain, size, filters);
    assert_true(encoded_size <= cs_codec_bound(size));
    return encoded_size;
}

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 3, 4, 7, 8, 9, 63, 4096, 35040, MAX_SIZE - 5, MAX_SIZE};
    for (size_t element = 4; element <= 8; element += 4) {
        for (int level = 0; level <= 12; level++) {
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                const cs_filters filters = cs_filters_make(element, level);
                cs_error err = {0};
                fill_series(sizes[i], element);
                const size_t size = encode(sizes[i], filters);
                memset(decoded, 0, MAX_SIZE);
                assert_int_equal(
                    cs_codec_decode(codec, decoded, sizes[i], encoded, size, 0, filters, &err),
                    CS_OK);
                assert_memory_equal(decoded, plain, sizes[i]);
                assert_true(sizes[i] < MAX_SIZE / 2 || level == 0 || size < sizes[i] * 9 / 10);
            }
        }
    }
}

static void level_0_has_no_filters(void **state)
{
    (void)state;
    const cs_filters none = cs_filters_make(4, 0), some = cs_filters_make(8, 3);
    assert_true(none.shuffle == 0 && none.deflate == 0 && none.element_size == 4);
    assert_true(some.shuffle == 1 && some.deflate == 1 && some.level == 3);
    fill_series(4096, 4);
    assert_int_equal(encode(4096, none), 4096);
    assert_memory_equal(encoded, plain, 4096);
}

static void the_same_data_give_the_same_bytes(void **state)
{
    (void)state;
    cs_codec *other = NULL;
    cs_error err = {0};
    assert_int_equal(cs_codec_open(&other, MAX_SIZE, &err), CS_OK);
    for (int level = 1; level <= 12; level++) {
        fill_series(20000, 4);
        const size_t size = encode(20000, cs_filters_make(4, level));
        size_t other_size = 0;
        cs_codec_encode(other, decoded, &other_size, plain, 20000, cs_filters_make(4, level));
        assert_int_equal(other_size, size);
        assert_memory_equal(decoded, encoded, size);
    }
    cs_codec_close(other);
}

/* Any cut is found; a changed byte is found, or gives other data of the same size (never more). */
static void damaged_streams_are_refused(void **state)
{
    (void)state;
    enum { SIZE = 4000 };
    const cs_filters filters = cs_filters_make(4, 1);
    cs_error err = {0};
    fill_series(SIZE, 4);
    const size_t size = encode(SIZE, filters);
    unsigned char *own = malloc(size); /* of the exact size, so that ASan sees a step too far */
    assert_non_null(own);
    for (size_t cut = 0; cut < size; cut++) {
        unsigned char *part = malloc(cut > 0 ? cut : 1);
        assert_non_null(part);
        memcpy(part, encoded, cut);
        assert_int_equal(cs_codec_decode(codec, decoded, SIZE, part, cut, 0, filters, &err),
                         CS_DATA);
        free(part);
    }
    for (size_t at = 0; at < size; at++) {
        memcpy(own, encoded, size);
        own[at] ^= (unsigned char)(1 << at % 8);
        const cs_status status = cs_codec_decode(codec, decoded, SIZE, own, size, 0, filters, &err);
        assert_true(status == CS_DATA ||
                    (status == CS_OK && memcmp(decoded, plain, SIZE) == 0)); /* in the header */
    }
    free(own);
    static const size_t other_sizes[] = {0, 4, SIZE - 4, SIZE + 4, MAX_SIZE};
    for (size_t i = 0; i < sizeof other_sizes / sizeof *other_sizes; i++) {
        assert_int_equal(
            cs_codec_decode(codec, decoded, other_sizes[i], encoded, size, 0, filters, &err),
            CS_DATA);
        assert_true(err.message[0] != '\0');
    }
}

static void stored_chunks_must_have_their_size(void **state)
{
    (void)state;
    cs_error err = {0};
    for (size_t size = 90; size <= 110; size++) {
        assert_int_equal(
            cs_codec_decode(codec, decoded, 100, encoded, size, 0, cs_filters_make(4, 0), &err),
            size == 100 ? CS_OK : CS_DATA);
    }
}

static void assert_decodes(size_t size, size_t encoded_size, uint32_t skipped, cs_filters filters)
{
    cs_error err = {0};
    memset(decoded, 0, MAX_SIZE);
    assert_int_equal(
        cs_codec_decode(codec, decoded, size, encoded, encoded_size, skipped, filters, &err),
        CS_OK);
    assert_memory_equal(decoded, plain, size);
}

/* Bit i of the mask: filter i of the pipeline was left out for this chunk. */
static void the_filter_mask_says_what_was_left_out(void **state)
{
    (void)state;
    enum { SIZE = 4001 };
    const cs_filters both = cs_filters_make(4, 2);
    const cs_filters shuffle = {.element_size = 4, .shuffle = 1};
    const cs_filters deflate = {.element_size = 4, .deflate = 1, .level = 2};
    fill_series(SIZE, 4);
    assert_decodes(SIZE, encode(SIZE, both), 0, both);
    assert_decodes(SIZE, encode(SIZE, deflate), 1, both);
    assert_decodes(SIZE, encode(SIZE, shuffle), 2, both);
    assert_decodes(SIZE, encode(SIZE, cs_filters_make(4, 0)), 3, both);
    assert_decodes(SIZE, encode(SIZE, deflate), 0, deflate);
    assert_decodes(SIZE, encode(SIZE, cs_filters_make(4, 0)), 1, deflate);
    assert_decodes(SIZE, encode(SIZE, shuffle), 0, shuffle);
    assert_decodes(SIZE, encode(SIZE, cs_filters_make(4, 0)), 1, shuffle);
}

/* ---- HDF5's own filters ---- */

typedef struct {
    hid_t file, dataset;
} one_chunk;

static one_chunk create_chunk(size_t n, size_t element, int level, int with_shuffle)
{
    const hsize_t shape = n;
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &shape, NULL);
    H5Pset_chunk(list, 1, &shape);
    if (with_shuffle) {
        H5Pset_shuffle(list);
    }
    if (level > 0) {
        H5Pset_deflate(list, level < 9 ? (unsigned)level : 9U);
    }
    one_chunk to = {.file = H5Fcreate("chunk.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)};
    to.dataset =
        H5Dcreate2(to.file, "x", element == sizeof(double) ? H5T_IEEE_F64LE : H5T_IEEE_F32LE, space,
                   H5P_DEFAULT, list, H5P_DEFAULT);
    assert_true(to.dataset >= 0);
    H5Sclose(space);
    H5Pclose(list);
    return to;
}

static void close_chunk(one_chunk *to)
{
    H5Dclose(to->dataset);
    H5Fclose(to->file);
}

static hid_t memory_type(size_t element)
{
    return element == sizeof(double) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
}

static void hdf5_reads_what_we_encode(void **state)
{
    (void)state;
    enum { N = 8760 };
    for (size_t element = 4; element <= 8; element += 4) {
        for (int level = 0; level <= 12; level++) {
            const hsize_t origin = 0;
            fill_series(N * element / 2, element);
            one_chunk to = create_chunk(N / 2, element, level, level > 0);
            const size_t size = encode(N / 2 * element, cs_filters_make(element, level));
            assert_true(H5Dwrite_chunk(to.dataset, H5P_DEFAULT, 0, &origin, size, encoded) >= 0);
            H5Dclose(to.dataset);
            to.dataset = H5Dopen2(to.file, "x", H5P_DEFAULT); /* nothing in its cache */
            memset(decoded, 0, MAX_SIZE);
            assert_true(H5Dread(to.dataset, memory_type(element), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                decoded) >= 0);
            assert_memory_equal(decoded, plain, N / 2 * element);
            close_chunk(&to);
        }
    }
}

static void we_decode_what_hdf5_writes(void **state)
{
    (void)state;
    enum { N = 4387 };
    for (size_t element = 4; element <= 8; element += 4) {
        for (int level = 0; level <= 9; level++) {
            for (int with_shuffle = 0; with_shuffle <= 1; with_shuffle++) {
                const hsize_t origin = 0;
                hsize_t size = 0;
                uint32_t skipped = 0;
                const cs_filters filters = {.element_size = (uint32_t)element,
                                            .shuffle = (uint32_t)with_shuffle,
                                            .deflate = level > 0};
                fill_series(N * element, element);
                one_chunk to = create_chunk(N, element, level, with_shuffle);
                assert_true(H5Dwrite(to.dataset, memory_type(element), H5S_ALL, H5S_ALL,
                                     H5P_DEFAULT, plain) >= 0);
                H5Dflush(to.dataset);
                assert_true(H5Dget_chunk_storage_size(to.dataset, &origin, &size) >= 0);
                assert_true(H5Dread_chunk(to.dataset, H5P_DEFAULT, &origin, &skipped, encoded) >=
                            0);
                assert_decodes(N * element, (size_t)size, skipped, filters);
                close_chunk(&to);
            }
        }
    }
}

static void every_allocation_of_opening_may_fail(void **state)
{
    (void)state;
    cs_status status = CS_MEMORY;
    long nth = 0;
    while (status != CS_OK) {
        cs_codec *own = NULL;
        cs_error err = {0};
        cs_memory_fail_nth(++nth);
        status = cs_codec_open(&own, 1000, &err);
        cs_memory_fail_nth(0);
        assert_true(status == (own == NULL ? CS_MEMORY : CS_OK));
        cs_codec_close(own);
    }
    assert_int_equal(nth, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(level_0_has_no_filters),
        cmocka_unit_test(the_same_data_give_the_same_bytes),
        cmocka_unit_test(damaged_streams_are_refused),
        cmocka_unit_test(stored_chunks_must_have_their_size),
        cmocka_unit_test(the_filter_mask_says_what_was_left_out),
        cmocka_unit_test(hdf5_reads_what_we_encode),
        cmocka_unit_test(we_decode_what_hdf5_writes),
        cmocka_unit_test(every_allocation_of_opening_may_fail),
    };
    return cmocka_run_group_tests(tests, open_codec, close_codec);
}
