/* SPDX-License-Identifier: MIT */
/* catchmodel: the external model server's interface over our kernels. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/streams.h"
#include "layout/component.h"
#include "layout/run.h"

static const char help[] =
    "Usage: catchmodel [OPTION...] LAYOUT RUN PARAM OUT\n"
    "Runs the models of a layout over a table of inputs, as the external model server does.\n"
    "\n"
    "  LAYOUT   XML: models, connections, the input table, the columns to be written\n"
    "  PARAM    text: name[flag]: value, state@0[model]: value\n"
    "  OUT      table to be written: all input columns, then those of the layout\n"
    "\n"
    "      --quiet     errors only\n"
    "      --help      this text\n"
    "      --version   the version\n"
    "\n"
    "Model types: %s.\n"
    "\n"
    "Exit status: 0 done; 64 wrong usage; 65 bad layout, parameters or table; 70 internal;\n"
    "74 input/output. OUT appears as a whole or not at all.\n";

enum { N_ARGUMENTS = 4 };

/* Sorts options from arguments. Returns whether there is a run to do; else `status` is the end. */
static bool parse(const char *arguments[N_ARGUMENTS], int argc, char **argv, cs_status *status)
{
    int n = 0;
    bool options_ended = false;
    *status = CS_OK;
    for (int i = 1; i < argc; i++) {
        const bool is_option = !options_ended && strncmp(argv[i], "--", 2) == 0;
        if (is_option && strcmp(argv[i], "--help") == 0) {
            printf(help, cs_component_names());
            return false;
        }
        if (is_option && strcmp(argv[i], "--version") == 0) {
            puts("catchmodel " CS_VERSION);
            return false;
        }
        if (is_option && strcmp(argv[i], "--quiet") == 0) {
            cs_log_setup("catchmodel", 0, CS_LOG_ERROR);
        } else if (is_option && argv[i][2] == '\0') {
            options_ended = true;
        } else if (is_option || n == N_ARGUMENTS) {
            n = N_ARGUMENTS + 1;
            break;
        } else {
            arguments[n++] = argv[i];
        }
    }
    if (n != N_ARGUMENTS || strcmp(arguments[1], "RUN") != 0) {
        cs_log(CS_LOG_ERROR, "usage: catchmodel LAYOUT RUN PARAM OUT (more: catchmodel --help)");
        *status = CS_USAGE;
    }
    return *status == CS_OK;
}

int main(int argc, char **argv)
{
    cs_streams_occupy();
    const char *arguments[N_ARGUMENTS] = {0};
    cs_error err = {0};
    cs_status status = CS_OK;
    cs_log_setup("catchmodel", 0, CS_LOG_INFO);
    if (parse(arguments, argc, argv, &status)) {
        status = cs_layout_run(&(cs_layout_paths){.layout = arguments[0],
                                                  .parameters = arguments[2],
                                                  .output = arguments[3]},
                               &err);
        if (status != CS_OK) {
            cs_log(CS_LOG_ERROR, "%s", err.message);
        }
    }
    return cs_status_exit(status);
}
