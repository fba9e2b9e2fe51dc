/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing parameter files: whatever the text, it becomes named finite numbers, or is refused with
 * one line that names its place.
 *
 * With libFuzzer: scripts/fuzz settings.
 */
#include <math.h>

#include "corpus.h"
#include "layout/settings.h"

static void check(const cs_setting *setting)
{
    CS_INVARIANT(setting->name[0] != '\0' && isfinite(setting->value));
    CS_INVARIANT(setting->line > 0);
    CS_INVARIANT((setting->kind == CS_SETTING_OF_ALL) == (setting->scope[0] == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_settings settings = {0};
    cs_error err = {0};
    const cs_status status =
        cs_settings_parse(&settings, (const char *)data, size, "fuzz.txt", &err);
    CS_INVARIANT(status == CS_OK || status == CS_DATA);
    if (status == CS_DATA) {
        CS_INVARIANT(strncmp(err.message, "fuzz.txt:", 9) == 0);
    }
    for (size_t i = 0; i < settings.n; i++) {
        check(&cs_settings_all(&settings)[i]);
    }
    cs_settings_free(&settings);
    return 0;
}
