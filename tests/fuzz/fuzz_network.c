/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing network tables of catchmake: a river network comes out, or one line that names the place.
 *
 * With libFuzzer: scripts/fuzz network.
 */
#include "base/log.h"
#include "corpus.h"
#include "job/make_basin.h"
#include "job/make_options.h"
#include "memory_file.h"

static void check_basin(const cs_make_basin *basin)
{
    CS_INVARIANT(basin->n > 0 && basin->network.n == basin->n);
    for (size_t i = 0; i < basin->n; i++) {
        CS_INVARIANT(basin->id[i] > 0 && basin->area[i] > 0.0 && basin->strahler[i] > 0);
        CS_INVARIANT(basin->population[i] >= 0.0 && basin->application_area[i] >= 0.0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[MEMORY_FILE_PATH];
    cs_make_options options;
    cs_make_basin basin = {0};
    cs_error err = {0};
    cs_log_setup("fuzz", 0, CS_LOG_ERROR);
    const int file = memory_file(path, data, size);
    cs_make_options_init(&options);
    options.network = path;
    cs_status status = cs_make_basin_read(&basin, &options, &err);
    if (status == CS_OK) {
        status = cs_make_basin_finish(&basin, path, 1, &err);
    }
    if (status == CS_OK) {
        check_basin(&basin);
    } else {
        CS_INVARIANT(status == CS_DATA && strchr(err.message, '\n') == NULL);
        CS_INVARIANT(strncmp(err.message, path, strlen(path)) == 0);
    }
    cs_make_basin_free(&basin);
    cs_make_options_free(&options);
    close(file);
    return 0;
}
