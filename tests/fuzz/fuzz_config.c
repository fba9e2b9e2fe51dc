/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing the configuration: whatever the text, it is taken or refused with one line, no more.
 *
 * With libFuzzer: scripts/fuzz config.
 */
#include "config/config.h"
#include "corpus.h"

/* A refusal is a configuration's or usage's mistake, never ours, and names the file. */
static void check_refusal(cs_status status, const cs_error *err)
{
    const char *message = err->message;
    CS_INVARIANT(status == CS_DATA || status == CS_USAGE);
    CS_INVARIANT(err->status == (int)status);
    CS_INVARIANT(strncmp(message, "fuzz.xml:", 9) == 0 && strchr(message, '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_config *config = NULL;
    cs_error err = {0};
    cs_status status = cs_config_parse(&config, (const char *)data, size, "fuzz.xml", &err);
    if (status == CS_OK) {
        status = cs_config_finish(config, NULL, &err);
        cs_config_free(config);
    }
    if (status != CS_OK) {
        check_refusal(status, &err);
    }
    return 0;
}
