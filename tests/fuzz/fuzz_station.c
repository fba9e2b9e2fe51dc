/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing station tables of catchmake: a week of complete series comes out, or one line.
 *
 * With libFuzzer: scripts/fuzz station.
 */
#include <math.h>

#include "base/log.h"
#include "corpus.h"
#include "job/make_options.h"
#include "job/make_weather.h"
#include "memory_file.h"

enum { N_HOURS = 168 };

static void check_weather(const cs_make_weather *weather)
{
    for (size_t t = 0; t < weather->n_station * weather->n_time; t++) {
        CS_INVARIANT(isfinite(weather->temperature[t]));
        CS_INVARIANT(isfinite(weather->precipitation[t]) && weather->precipitation[t] >= 0.0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static cs_make_station station = {
        .name = "one",
        .place = {.lon = 10.0, .lat = 47.0, .elevation = 500.0},
        .column = {{"time", ""}, {"temperature", "degC"}, {"precipitation", "mm/h"}}};
    char path[MEMORY_FILE_PATH];
    cs_make_options options;
    cs_make_weather weather = {0};
    cs_error err = {0};
    cs_log_setup("fuzz", 0, CS_LOG_ERROR);
    const int file = memory_file(path, data, size);
    cs_make_options_init(&options);
    snprintf(station.path, sizeof station.path, "%s", path);
    options.station = &station;
    options.n_station = 1;
    options.n_time = N_HOURS;
    const cs_status status = cs_make_weather_read(&weather, &options, &err);
    if (status == CS_OK) {
        check_weather(&weather);
    } else {
        CS_INVARIANT((status == CS_DATA || status == CS_USAGE) && err.message[0] != '\0');
        CS_INVARIANT(strchr(err.message, '\n') == NULL);
    }
    cs_make_weather_free(&weather);
    close(file);
    return 0;
}
