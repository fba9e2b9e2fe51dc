/* SPDX-License-Identifier: MIT */
/* The synthetic basin: is the tree like a river's, the weather like weather, and no water lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/basin/hydrology.h"
#include "kernels/basin/synthetic.h"
#include "kernels/basin/tree.h"
#include "kernels/basin/weather.h"
#include "kernels/network/network.h"

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance)) {
        fail_msg("%.17g is not within %g of %.17g", a, tolerance, b);
    }
}

enum { YEAR = 8760, N_STATION = CSK_BASIN_SYNTHETIC };

/* ---- the tree ---- */

typedef struct {
    size_t n;
    csk_basin_tree tree;
    void *memory;
} basin;

static void *array(size_t n, size_t size)
{
    void *memory = calloc(n > 0 ? n : 1, size);
    assert_non_null(memory);
    return memory;
}

static basin grow(size_t n, uint64_t seed)
{
    basin b = {.n = n};
    b.tree.id = array(n, sizeof *b.tree.id);
    b.tree.next_down_id = array(n, sizeof *b.tree.next_down_id);
    b.tree.area = array(n, sizeof *b.tree.area);
    b.tree.lon = array(n, sizeof *b.tree.lon);
    b.tree.lat = array(n, sizeof *b.tree.lat);
    b.tree.elevation = array(n, sizeof *b.tree.elevation);
    b.memory = array(csk_basin_bytes(n), 1);
    csk_basin_grow(&b.tree, b.memory, n, seed);
    return b;
}

static void release(basin *b)
{
    free(b->tree.id);
    free(b->tree.next_down_id);
    free(b->tree.area);
    free(b->tree.lon);
    free(b->tree.lat);
    free(b->tree.elevation);
    free(b->memory);
}

/* One outlet, the last; ids in topological order; downhill all the way; inside the box. */
static void assert_river(const basin *b)
{
    const csk_basin_tree *t = &b->tree;
    for (size_t i = 0; i < b->n; i++) {
        assert_int_equal(t->id[i], i + 1);
        if (i + 1 == b->n) {
            assert_int_equal(t->next_down_id[i], 0);
        } else {
            assert_true(t->next_down_id[i] > t->id[i]);
            assert_true(t->next_down_id[i] <= (int64_t)b->n);
            assert_true(t->elevation[i] >= t->elevation[t->next_down_id[i] - 1]);
        }
        assert_true(t->area[i] > 1e5 && t->area[i] < 1e8);
        assert_true(t->elevation[i] >= 0.0 && t->elevation[i] <= 3000.0);
        assert_true(t->lon[i] >= CSK_BASIN_WEST && t->lon[i] <= CSK_BASIN_EAST);
        assert_true(t->lat[i] >= CSK_BASIN_SOUTH && t->lat[i] <= CSK_BASIN_NORTH);
    }
}

static void trees_of_all_sizes_are_rivers(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 100, 1000, 4321};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        basin b = grow(sizes[k], k);
        assert_river(&b);
        release(&b);
    }
}

/* Streams (runs of one order) of each order; ratios of neighbouring orders. */
static void strahler_histogram_is_that_of_rivers(void **state)
{
    (void)state;
    enum { N = 10000 };
    basin b = grow(N, 11);
    csk_network network;
    size_t place = 0;
    void *memory = array(csk_network_bytes(N), 1);
    assert_int_equal(csk_network_make(&network, &place, memory, N, b.tree.id, b.tree.next_down_id),
                     0);
    double streams[32] = {0};
    for (size_t i = 0; i < N; i++) {
        const size_t down = network.down[i];
        streams[network.strahler[i]] += down == N || network.strahler[down] != network.strahler[i];
    }
    assert_true(network.n_open >= 6 && network.n_open <= 8);
    for (int order = 2; order <= 4; order++) { /* higher orders are few: chance rules */
        const double ratio = streams[order - 1] / streams[order];
        assert_true(ratio > 3.0 && ratio < 6.0);
    }
    double area = 0.0;
    for (size_t i = 0; i < N; i++) {
        area += b.tree.area[i] / N;
    }
    assert_true(area > 9.8e6 && area < 10.6e6);
    free(memory);
    release(&b);
}

static void same_seed_same_tree(void **state)
{
    (void)state;
    basin a = grow(500, 3);
    basin b = grow(500, 3);
    basin c = grow(500, 4);
    assert_memory_equal(a.tree.next_down_id, b.tree.next_down_id, 500 * sizeof(int64_t));
    assert_memory_equal(a.tree.elevation, b.tree.elevation, 500 * sizeof(double));
    assert_memory_not_equal(a.tree.next_down_id, c.tree.next_down_id, 500 * sizeof(int64_t));
    release(&a);
    release(&b);
    release(&c);
}

/* ---- the weather ---- */

typedef struct {
    csk_basin_place place[N_STATION];
    double *temperature, *precipitation, *lapse;
    csk_basin_stations stations;
} region;

static region make_region(size_t n_time, uint64_t seed)
{
    region r;
    csk_basin_place_stations(r.place, N_STATION, seed);
    for (size_t s = 0; s < N_STATION; s++) {
        r.place[s].elevation = 100.0 * (double)s;
    }
    r.temperature = array(N_STATION * n_time, sizeof(double));
    r.precipitation = array(N_STATION * n_time, sizeof(double));
    r.lapse = array(n_time / 24 + 1, sizeof(double));
    for (size_t d = 0; d <= n_time / 24; d++) {
        r.lapse[d] = -0.0065;
    }
    csk_basin_synthesize(r.temperature, r.precipitation, r.place, N_STATION, -0.0065, -0.5, n_time,
                         0.0, seed);
    r.stations = (csk_basin_stations){.n_station = N_STATION,
                                      .n_time = n_time,
                                      .place = NULL,
                                      .temperature = r.temperature,
                                      .precipitation = r.precipitation,
                                      .lapse = r.lapse,
                                      .northward = -0.5,
                                      .orographic = 5e-4,
                                      .advection = 30.0};
    return r;
}

static void release_region(region *r)
{
    free(r->temperature);
    free(r->precipitation);
    free(r->lapse);
}

static double mean(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return sum / (double)n;
}

static double correlation(const double *x, const double *y, size_t n)
{
    const double mx = mean(x, n);
    const double my = mean(y, n);
    double xx = 0.0;
    double yy = 0.0;
    double xy = 0.0;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static void weather_at(const region *r, double lon, double lat, double elevation, double *t,
                       double *p)
{
    csk_basin_stations stations = r->stations;
    stations.place = r->place;
    csk_basin_weather(t, p, &stations, &(csk_basin_place){lon, lat, elevation});
}

static void temperature_has_season_day_and_height(void **state)
{
    (void)state;
    region r = make_region(YEAR, 1);
    double *t = array(YEAR, sizeof *t);
    double *p = array(YEAR, sizeof *p);
    double *high = array(YEAR, sizeof *high);
    weather_at(&r, 7.5, 48.0, 200.0, t, p);
    weather_at(&r, 7.5, 48.0, 1200.0, high, p);
    assert_true(fabs(mean(t, YEAR) - 9.7) < 1.5);
    assert_true(fabs(mean(t, YEAR) - mean(high, YEAR) - 6.5) < 1e-9);
    assert_true(mean(t + 181 * 24, 31 * 24) - mean(t, 31 * 24) > 12.0); /* July, January */
    double noon = 0.0;
    double night = 0.0;
    for (size_t day = 0; day < 365; day++) {
        noon += t[day * 24 + 13] / 365.0;
        night += t[day * 24 + 3] / 365.0;
    }
    assert_true(noon - night > 4.0 && noon - night < 10.0);
    free(t);
    free(p);
    free(high);
    release_region(&r);
}

static void rain_comes_and_goes(void **state)
{
    (void)state;
    region r = make_region(YEAR, 2);
    double *t = array(YEAR, sizeof *t);
    double *p = array(YEAR, sizeof *p);
    double sum = 0.0;
    double wet = 0.0;
    for (int k = 0; k < 20; k++) {
        weather_at(&r, 6.1 + 0.2 * k, 46.2 + 0.28 * k, 300.0, t, p);
        for (size_t i = 0; i < YEAR; i++) {
            assert_true(p[i] >= 0.0 && p[i] < 100.0);
            sum += p[i] / 20.0;
            wet += (p[i] >= 0.1) / (20.0 * YEAR);
        }
    }
    assert_true(sum > 500.0 && sum < 1300.0); /* mm of the year */
    assert_true(wet > 0.05 && wet < 0.25);
    free(t);
    free(p);
    release_region(&r);
}

static void rain_of_neighbours_is_alike(void **state)
{
    (void)state;
    region r = make_region(YEAR, 3);
    r.stations.advection = 0.0; /* the delay would hide it */
    double near = 0.0;
    double middle = 0.0;
    double far = 0.0;
    double *t = array(YEAR, sizeof *t);
    double *p[4];
    for (size_t k = 0; k < 4; k++) {
        p[k] = array(YEAR, sizeof *p[k]);
    }
    for (int k = 0; k < 8; k++) {
        const double lon = 6.3 + 0.4 * k;
        weather_at(&r, lon, 46.8, 300.0, t, p[0]);
        weather_at(&r, lon, 46.9, 300.0, t, p[1]);
        weather_at(&r, lon, 47.8, 300.0, t, p[2]);
        weather_at(&r, lon, 51.3, 300.0, t, p[3]);
        near += correlation(p[0], p[1], YEAR) / 8.0;
        middle += correlation(p[0], p[2], YEAR) / 8.0;
        far += correlation(p[0], p[3], YEAR) / 8.0;
    }
    assert_true(near > 0.8);
    assert_true(near > middle + 0.1);
    assert_true(middle > far + 0.1);
    assert_true(far < 0.25);
    for (size_t k = 0; k < 4; k++) {
        free(p[k]);
    }
    free(t);
    release_region(&r);
}

/* One station: its weather, brought to the place by plain arithmetic. */
static void one_station_is_moved_as_promised(void **state)
{
    (void)state;
    const csk_basin_place station = {8.0, 48.0, 1000.0};
    const double t_station[4] = {1.0, 2.0, 3.0, 4.0};
    const double p_station[4] = {0.0, 4.0, 0.0, 0.0};
    const double lapse[1] = {-0.006};
    csk_basin_stations stations = {1, 4, &station, t_station, p_station, lapse, -0.5, 5e-4, 30.0};
    double t[4];
    double p[4];
    csk_basin_weather(t, p, &stations, &(csk_basin_place){8.0, 48.0, 2000.0});
    for (size_t i = 0; i < 4; i++) {
        assert_near(t[i], t_station[i] - 6.0, 1e-12);
        assert_near(p[i], p_station[i] * 2.0 / 1.5, 1e-12);
    }
    /* two degrees to the north are one kelvin */
    csk_basin_weather(t, p, &stations, &(csk_basin_place){8.0, 50.0, 1000.0});
    assert_near(t[2], 2.0, 1e-12);
    /* 60 km to the east: two hours later; 60 km to the west: two hours earlier, cyclic */
    const double degrees = 60.0 / 111.13 / cos(48.0 * 3.14159265358979 / 180.0);
    csk_basin_weather(t, p, &stations, &(csk_basin_place){8.0 + degrees, 48.0, 1000.0});
    assert_near(p[3], 4.0, 1e-12);
    csk_basin_weather(t, p, &stations, &(csk_basin_place){8.0 - degrees, 48.0, 1000.0});
    assert_near(p[3], 4.0, 1e-12);
    csk_basin_weather(t, p, &stations, &(csk_basin_place){8.0 - degrees / 2, 48.0, 1000.0});
    assert_near(p[0], 4.0, 1e-12);
    /* factors stay within 0.5 and 2 */
    csk_basin_weather(t, p, &stations, &(csk_basin_place){8.0, 48.0, 9000.0});
    assert_near(p[1], 8.0, 1e-12);
}

static void weights_add_up_to_one(void **state)
{
    (void)state;
    region r = make_region(24, 5);
    r.stations.place = r.place;
    for (int k = 0; k < 500; k++) {
        const csk_basin_place place = {5.0 + 0.012 * k, 45.0 + 0.017 * (k * 7 % 500), 300.0};
        csk_basin_share shares[CSK_BASIN_NEAREST];
        const size_t n = csk_basin_find_shares(shares, &r.stations, &place);
        assert_int_equal(n, CSK_BASIN_NEAREST);
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) {
            assert_true(shares[i].weight >= 0.0 && shares[i].delay < 24);
            sum += shares[i].weight;
        }
        assert_near(sum, 1.0, 1e-12);
        for (size_t s = 0; s < N_STATION; s++) { /* none nearer was left out */
            const double d = csk_basin_distance(&r.place[s], &place);
            const double last = csk_basin_distance(&r.place[shares[n - 1].station], &place);
            assert_true(d >= last || s == shares[0].station || s == shares[1].station);
        }
    }
    release_region(&r);
}

static void same_seed_same_weather(void **state)
{
    (void)state;
    region a = make_region(240, 7);
    region b = make_region(240, 7);
    region c = make_region(240, 8);
    const size_t bytes = N_STATION * 240 * sizeof(double);
    assert_memory_equal(a.temperature, b.temperature, bytes);
    assert_memory_equal(a.precipitation, b.precipitation, bytes);
    assert_memory_not_equal(a.temperature, c.temperature, bytes);
    release_region(&a);
    release_region(&b);
    release_region(&c);
}

/* ---- the water ---- */

static double held(const csk_basin_stores *s)
{
    return s->snow + s->soil + s->fast + s->slow;
}

static void no_water_is_made_or_lost(void **state)
{
    (void)state;
    region r = make_region(YEAR, 1);
    double *t = array(YEAR, sizeof *t);
    double *p = array(YEAR, sizeof *p);
    double *runoff = array(YEAR, sizeof *runoff);
    for (int k = 0; k < 12; k++) {
        weather_at(&r, 6.2 + 0.3 * k, 46.5 + 0.4 * k, 250.0 * k, t, p);
        csk_basin_stores stores = {0};
        csk_basin_runoff(runoff, &stores, NULL, &csk_basin_default_soil, t, p, YEAR, 48.0, 0.0);
        const csk_basin_stores before = stores;
        csk_basin_balance year = {0};
        csk_basin_runoff(runoff, &stores, &year, &csk_basin_default_soil, t, p, YEAR, 48.0, 0.0);
        double sum = 0.0;
        for (size_t i = 0; i < YEAR; i++) {
            assert_true(runoff[i] >= 0.0);
            sum += runoff[i];
        }
        assert_near(sum, year.runoff, 1e-9);
        assert_near(year.precipitation,
                    year.evapotranspiration + year.runoff + held(&stores) - held(&before), 1e-9);
        const double coefficient = year.runoff / year.precipitation;
        assert_true(coefficient > 0.2 && coefficient < 1.1);
        assert_true(year.evapotranspiration > 50.0 && year.evapotranspiration < 750.0);
    }
    free(t);
    free(p);
    free(runoff);
    release_region(&r);
}

/* FAO 56, equations 21 to 25, with the mathematics library. */
static double radiation_by_libm(double latitude, double day)
{
    const double pi = 3.14159265358979323846;
    const double phi = latitude * pi / 180.0;
    const double delta = 0.409 * sin(2.0 * pi * day / 365.25 - 1.39);
    const double sunset = acos(-tan(phi) * tan(delta));
    return 24.0 * 60.0 / pi * 0.0820 * (1.0 + 0.033 * cos(2.0 * pi * day / 365.25)) *
           (sunset * sin(phi) * sin(delta) + cos(phi) * cos(delta) * sin(sunset));
}

static void radiation_is_that_of_fao_56(void **state)
{
    (void)state;
    /* its example 8: 20 degrees south, 3 September */
    assert_near(csk_basin_radiation(-20.0, 246.0) * 2.45, 32.2, 0.15);
    for (int day = 0; day < 366; day += 5) {
        for (double latitude = -65.0; latitude <= 65.0; latitude += 6.5) {
            assert_near(csk_basin_radiation(latitude, day) * 2.45, radiation_by_libm(latitude, day),
                        1e-5);
        }
    }
    assert_true(csk_basin_radiation(80.0, 355.0) == 0.0);
    assert_true(csk_basin_radiation(90.0, 172.0) * 2.45 > 40.0);
}

static void snow_waits_for_warmth(void **state)
{
    (void)state;
    enum { HOURS = 480 };
    double t[HOURS];
    double p[HOURS];
    double runoff[HOURS];
    for (size_t i = 0; i < HOURS; i++) {
        t[i] = i < HOURS / 2 ? -8.0 : 8.0;
        p[i] = i < HOURS / 2 ? 0.5 : 0.0;
    }
    csk_basin_stores stores = {0};
    csk_basin_runoff(runoff, &stores, NULL, &csk_basin_default_soil, t, p, HOURS / 2, 48.0, 0.0);
    assert_near(stores.snow, 0.5 * HOURS / 2, 1e-9);
    assert_true(runoff[HOURS / 2 - 1] == 0.0);
    csk_basin_runoff(runoff, &stores, NULL, &csk_basin_default_soil, t + HOURS / 2, p + HOURS / 2,
                     HOURS / 2, 48.0, 10.0);
    assert_true(stores.snow == 0.0);
    assert_true(runoff[HOURS / 2 - 1] > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_of_all_sizes_are_rivers),
        cmocka_unit_test(strahler_histogram_is_that_of_rivers),
        cmocka_unit_test(same_seed_same_tree),
        cmocka_unit_test(temperature_has_season_day_and_height),
        cmocka_unit_test(rain_comes_and_goes),
        cmocka_unit_test(rain_of_neighbours_is_alike),
        cmocka_unit_test(one_station_is_moved_as_promised),
        cmocka_unit_test(weights_add_up_to_one),
        cmocka_unit_test(same_seed_same_weather),
        cmocka_unit_test(no_water_is_made_or_lost),
        cmocka_unit_test(radiation_is_that_of_fao_56),
        cmocka_unit_test(snow_waits_for_warmth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
