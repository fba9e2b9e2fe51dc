/* SPDX-License-Identifier: MIT */
#include "job/make_basin.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "kernels/basin/streams.h"
#include "kernels/basin/tree.h"
#include "kernels/math/elementary.h"
#include "kernels/math/random.h"

#define RHINE_AREA       185e9 /* m2 */
#define RHINE_POPULATION 58e6

static cs_status allocate_numbers(double **numbers, size_t n, cs_error *err)
{
    CS_TRY(cs_alloc(numbers, n, sizeof **numbers, "numbers of the catchments", err));
    for (size_t i = 0; i < n; i++) {
        (*numbers)[i] = NAN;
    }
    return CS_OK;
}

cs_status cs_make_basin_allocate(cs_make_basin *basin, size_t n, cs_error *err)
{
    if (n == 0) {
        return cs_fail(err, CS_DATA, "there are 0 catchments: at least one is needed");
    }
    basin->n = n;
    double **const numbers[] = {&basin->area,
                                &basin->lon,
                                &basin->lat,
                                &basin->elevation,
                                &basin->application_area,
                                &basin->facade_area,
                                &basin->application_rate,
                                &basin->population};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        CS_TRY(allocate_numbers(numbers[k], n, err));
    }
    CS_TRY(cs_alloc(&basin->id, n, sizeof *basin->id, "ids", err));
    CS_TRY(cs_alloc(&basin->next_down_id, n, sizeof *basin->next_down_id, "ids", err));
    return cs_alloc(&basin->strahler, n, sizeof *basin->strahler, "Strahler orders", err);
}

void cs_make_basin_free(cs_make_basin *basin)
{
    free(basin->id);
    free(basin->next_down_id);
    free(basin->strahler);
    free(basin->area);
    free(basin->lon);
    free(basin->lat);
    free(basin->elevation);
    free(basin->application_area);
    free(basin->facade_area);
    free(basin->application_rate);
    free(basin->population);
    free(basin->network_memory);
    *basin = (cs_make_basin){0};
}

cs_status cs_make_basin_grow(cs_make_basin *basin, size_t n, uint64_t seed, cs_error *err)
{
    if (n == 0 || csk_basin_bytes(n) == 0) {
        return cs_fail(err, CS_USAGE, "--catchments: %zu is not a number of catchments", n);
    }
    void *memory = NULL;
    CS_TRY(cs_make_basin_allocate(basin, n, err));
    CS_TRY(cs_alloc(&memory, csk_basin_bytes(n), 1, "a grid to grow a basin on", err));
    const csk_basin_tree tree = {.id = basin->id,
                                 .next_down_id = basin->next_down_id,
                                 .area = basin->area,
                                 .lon = basin->lon,
                                 .lat = basin->lat,
                                 .elevation = basin->elevation};
    csk_basin_grow(&tree, memory, n, seed);
    free(memory);
    return CS_OK;
}

static cs_status connect(cs_make_basin *basin, const char *where, cs_error *err)
{
    size_t place = 0;
    CS_TRY(cs_alloc(&basin->network_memory, csk_network_bytes(basin->n), 1, "a network", err));
    const csk_network_result result = csk_network_make(
        &basin->network, &place, basin->network_memory, basin->n, basin->id, basin->next_down_id);
    if (result != CSK_NETWORK_OK) {
        return cs_fail(err, CS_DATA,
                       "%s: row %zu: catchment %" PRId64 " (next_down_id %" PRId64 "): %s", where,
                       place + 1, basin->id[place], basin->next_down_id[place],
                       csk_network_result_text(result));
    }
    for (size_t i = 0; i < basin->n; i++) {
        if (basin->strahler[i] == 0) { /* not given */
            basin->strahler[i] = basin->network.strahler[i];
        }
    }
    return CS_OK;
}

static void set_default_use(cs_make_basin *basin, uint64_t seed)
{
    for (size_t i = 0; i < basin->n; i++) {
        if (isnan(basin->application_area[i])) {
            basin->application_area[i] = 0.05 * basin->area[i];
        }
        if (isnan(basin->facade_area[i])) {
            basin->facade_area[i] = 0.002 * basin->area[i];
        }
        if (isnan(basin->application_rate[i])) {
            basin->application_rate[i] = 0.1 * (0.5 + csk_uniform(seed, CSK_STREAM_RATE, i));
        }
    }
}

static void set_default_population(cs_make_basin *basin)
{
    double area = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < basin->n; i++) {
        area += basin->area[i];
        sum += basin->area[i] * csk_exp(-basin->elevation[i] / 500.0);
    }
    const double share = area < RHINE_AREA ? area / RHINE_AREA : 1.0;
    for (size_t i = 0; i < basin->n; i++) {
        if (isnan(basin->population[i])) {
            basin->population[i] = RHINE_POPULATION * share * basin->area[i] *
                                   csk_exp(-basin->elevation[i] / 500.0) / sum;
        }
    }
}

cs_status cs_make_basin_finish(cs_make_basin *basin, const char *where, uint64_t seed,
                               cs_error *err)
{
    CS_TRY(connect(basin, where, err));
    set_default_use(basin, seed);
    set_default_population(basin);
    return CS_OK;
}
