/* SPDX-License-Identifier: MIT */
/* Networks: orders against slow independent checkers, sums, and everything that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/math/random.h"
#include "kernels/network/network.h"

typedef struct {
    size_t n;
    int64_t *id, *next;
    void *memory;
    csk_network network;
    csk_network_result result;
    size_t place;
} basin;

static basin allocate(size_t n)
{
    basin b = {.n = n};
    b.id = calloc(n + 1, sizeof *b.id);
    b.next = calloc(n + 1, sizeof *b.next);
    b.memory = malloc(csk_network_bytes(n) + 1);
    assert_non_null(b.id);
    assert_non_null(b.next);
    assert_non_null(b.memory);
    return b;
}

static void make(basin *b)
{
    b->result = csk_network_make(&b->network, &b->place, b->memory, b->n, b->id, b->next);
}

static void release(basin *b)
{
    free(b->id);
    free(b->next);
    free(b->memory);
}

static basin chain(size_t n)
{
    basin b = allocate(n);
    for (size_t i = 0; i < n; i++) {
        b.id[i] = (int64_t)(n - i) * 3; /* upwards through the array, with gaps */
        b.next[i] = i == 0 ? 0 : b.id[i - 1];
    }
    make(&b);
    return b;
}

/* A tree whose ids are shuffled over the places; every place drains into one nearer to place 0. */
static basin random_tree(size_t n, uint64_t seed, size_t reach)
{
    basin b = allocate(n);
    for (size_t i = 0; i < n; i++) {
        b.id[i] = (int64_t)i + 1;
    }
    for (size_t i = n; i-- > 1;) {
        const size_t j = (size_t)(csk_uniform(seed, 1, i) * (double)(i + 1));
        const int64_t swapped = b.id[i];
        b.id[i] = b.id[j];
        b.id[j] = swapped;
    }
    for (size_t i = 1; i < n; i++) {
        const size_t span = i < reach ? i : reach;
        b.next[i] = b.id[i - 1 - (size_t)(csk_uniform(seed, 2, i) * (double)span)];
    }
    make(&b);
    return b;
}

/* The definition, by looking at all neighbours upstream again and again. */
static int32_t strahler_by_definition(const csk_network *network, size_t i)
{
    int32_t highest = 0;
    int32_t count = 0;
    for (size_t j = 0; j < network->n; j++) {
        if (network->down[j] == i && network->strahler[j] > highest) {
            highest = network->strahler[j];
            count = 0;
        }
        count += network->down[j] == i && network->strahler[j] == highest;
    }
    return highest == 0 ? 1 : highest + (count > 1);
}

static void assert_upstream_first(const csk_network *network, const size_t *order)
{
    size_t *rank = malloc((network->n + 1) * sizeof *rank);
    assert_non_null(rank);
    memset(rank, 0xff, (network->n + 1) * sizeof *rank);
    for (size_t k = 0; k < network->n; k++) {
        assert_true(order[k] < network->n);
        assert_int_equal(rank[order[k]], SIZE_MAX); /* each place once */
        rank[order[k]] = k;
    }
    for (size_t i = 0; i < network->n; i++) {
        assert_true(network->down[i] == network->n || rank[i] < rank[network->down[i]]);
    }
    free(rank);
}

/* What is open while the postorder is walked: never more than promised. */
static void assert_few_open(const csk_network *network)
{
    size_t depth = 0;
    size_t highest = 0;
    for (size_t k = 0; k < network->n; k++) {
        const size_t i = network->postorder[k];
        const int inner = k > 0 && network->down[network->postorder[k - 1]] == i;
        depth += inner ? 0 : 1;
        highest = depth > highest ? depth : highest;
        depth -= network->down[i] == network->n || !network->opens[i];
    }
    assert_int_equal(depth, 0);
    assert_true(highest <= (size_t)network->n_open);
}

static void assert_sound(const basin *b)
{
    assert_int_equal(b->result, CSK_NETWORK_OK);
    assert_int_equal(b->place, b->n);
    assert_upstream_first(&b->network, b->network.order);
    assert_upstream_first(&b->network, b->network.postorder);
    assert_few_open(&b->network);
}

static void chain_of_100000(void **state)
{
    (void)state;
    basin b = chain(100000);
    assert_sound(&b);
    assert_int_equal(b.network.n_open, 1);
    for (size_t i = 0; i < b.n; i++) {
        assert_int_equal(b.network.strahler[i], 1);
    }
    release(&b);
}

static void star(void **state)
{
    (void)state;
    basin b = allocate(5001);
    for (size_t i = 0; i < b.n; i++) {
        b.id[i] = (int64_t)i + 1;
        b.next[i] = i == 2500 ? 0 : 2501;
    }
    make(&b);
    assert_sound(&b);
    assert_int_equal(b.network.strahler[2500], 2);
    assert_int_equal(b.network.n_open, 2);
    release(&b);
}

static void full_binary_tree_needs_log2_n_rows(void **state)
{
    (void)state;
    basin b = allocate(65535); /* 16 levels */
    for (size_t i = 0; i < b.n; i++) {
        b.id[i] = (int64_t)i + 1;
        b.next[i] = ((int64_t)i + 1) / 2;
    }
    make(&b);
    assert_sound(&b);
    assert_int_equal(b.network.n_open, 16);
    release(&b);
}

static void random_trees(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        basin b = random_tree(50 * seed, seed, seed % 3 == 0 ? SIZE_MAX : 5 * seed);
        assert_sound(&b);
        for (size_t i = 0; i < b.n; i++) {
            assert_int_equal(b.network.strahler[i], strahler_by_definition(&b.network, i));
        }
        release(&b);
    }
}

static void several_outlets(void **state)
{
    (void)state;
    basin b = allocate(6);
    memcpy(b.id, (int64_t[]){10, 20, 30, 40, 50, 60}, 6 * sizeof *b.id);
    memcpy(b.next, (int64_t[]){20, 0, 20, 0, 40, 0}, 6 * sizeof *b.next);
    make(&b);
    assert_sound(&b);
    assert_int_equal(b.network.strahler[1], 2);
    assert_int_equal(b.network.strahler[3], 1);
    release(&b);
}

static void nothing_and_one(void **state)
{
    (void)state;
    basin none = allocate(0);
    make(&none);
    assert_int_equal(none.result, CSK_NETWORK_OK);
    release(&none);
    basin one = chain(1);
    assert_sound(&one);
    assert_int_equal(one.network.down[0], 1);
    release(&one);
    assert_int_equal(csk_network_bytes(SIZE_MAX / 2), 0);
}

static void expect_refusal(size_t n, const int64_t *id, const int64_t *next,
                           csk_network_result result, size_t place)
{
    basin b = allocate(n);
    memcpy(b.id, id, n * sizeof *id);
    memcpy(b.next, next, n * sizeof *next);
    make(&b);
    assert_int_equal(b.result, result);
    assert_int_equal(b.place, place);
    assert_true(strlen(csk_network_result_text(result)) > 0);
    release(&b);
}

static void refused(void **state)
{
    (void)state;
    const int64_t id[] = {1, 2, 3, 4, 5};
    expect_refusal(5, (int64_t[]){1, 2, 0, 4, 5}, (int64_t[]){2, 4, 4, 5, 0}, CSK_NETWORK_BAD_ID,
                   2);
    expect_refusal(5, (int64_t[]){1, 2, -3, 4, 5}, (int64_t[]){2, 4, 4, 5, 0}, CSK_NETWORK_BAD_ID,
                   2);
    expect_refusal(5, (int64_t[]){7, 2, 3, 7, 5}, (int64_t[]){2, 3, 5, 5, 0},
                   CSK_NETWORK_DUPLICATE_ID, 3);
    expect_refusal(5, id, (int64_t[]){2, 3, 4, 6, 0}, CSK_NETWORK_UNKNOWN_DOWN, 3);
    expect_refusal(5, id, (int64_t[]){2, 3, 4, -1, 0}, CSK_NETWORK_UNKNOWN_DOWN, 3);
    expect_refusal(5, id, (int64_t[]){2, 5, 4, 3, 0}, CSK_NETWORK_CYCLE, 2); /* 3 <-> 4 */
    expect_refusal(5, id, (int64_t[]){1, 3, 4, 5, 0}, CSK_NETWORK_CYCLE, 0); /* itself */
    expect_refusal(5, id, (int64_t[]){3, 3, 4, 5, 3}, CSK_NETWORK_CYCLE, 2); /* with inflow */
}

/* Small whole numbers add up without rounding in any order, so that all ways must agree to the
 * bit. */
static void sums_agree_with_the_plain_way(void **state)
{
    (void)state;
    enum { N = 300, N_TIME = 1100, BATCH = 7 };
    basin b = random_tree(N, 5, 12);
    double *x = calloc((size_t)N * N_TIME, sizeof *x);
    double *sum = calloc((size_t)N * N_TIME, sizeof *sum);
    double *plain = calloc((size_t)N * N_TIME, sizeof *plain);
    double *open = calloc((size_t)b.network.n_open * N_TIME, sizeof *open);
    assert_true(x != NULL && sum != NULL && plain != NULL && open != NULL);
    for (size_t i = 0; i < (size_t)N * N_TIME; i++) {
        x[i] = (double)(int)(csk_uniform(9, 0, i) * 100.0);
    }
    csk_network_accumulate_ref(plain, &b.network, x, N_TIME);
    csk_network_accumulate(sum, &b.network, x, N_TIME);
    assert_memory_equal(sum, plain, (size_t)N * N_TIME * sizeof *sum);

    static float in[BATCH * N_TIME];
    static float out[BATCH * N_TIME];
    size_t depth = 0;
    for (size_t first = 0; first < N; first += BATCH) {
        const size_t count = first + BATCH < N ? BATCH : N - first;
        for (size_t k = 0; k < count * N_TIME; k++) {
            in[k] = (float)x[b.network.postorder[first + k / N_TIME] * N_TIME + k % N_TIME];
        }
        csk_network_accumulate_stream(out, open, &depth, &b.network, first, count, in, N_TIME);
        for (size_t k = 0; k < count * N_TIME; k++) {
            const size_t i = b.network.postorder[first + k / N_TIME];
            assert_true((double)out[k] == plain[i * N_TIME + k % N_TIME]);
        }
    }
    assert_int_equal(depth, 0);

    memcpy(sum, x, (size_t)N * N_TIME * sizeof *x);
    csk_network_accumulate(sum, &b.network, sum, N_TIME); /* in place */
    assert_memory_equal(sum, plain, (size_t)N * N_TIME * sizeof *sum);
    free(x);
    free(sum);
    free(plain);
    free(open);
    release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of_100000),
        cmocka_unit_test(star),
        cmocka_unit_test(full_binary_tree_needs_log2_n_rows),
        cmocka_unit_test(random_trees),
        cmocka_unit_test(several_outlets),
        cmocka_unit_test(nothing_and_one),
        cmocka_unit_test(refused),
        cmocka_unit_test(sums_agree_with_the_plain_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
