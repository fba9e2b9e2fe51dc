/* SPDX-License-Identifier: MIT */
#include "job/demo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "job/make.h"
#include "job/simulate.h"

extern const char cs_demo_config_text[]; /* inputs/demo.xml */

#define DEMO_FOLDER "catchsim-demo"

#define DEMO_FOLDER "catchsim-demo"

static cs_status write_demo_config(cs_error *err)
{
    if (mkdir(DEMO_FOLDER, 0777) != 0 && errno != EEXIST) {
        return cs_fail_errno(err, CS_IO, "%s: cannot be created", DEMO_FOLDER);
    }
    FILE *file = fopen(DEMO_FOLDER "/demo.xml", "we");
    if (file == NULL) {
        return cs_fail_errno(err, CS_IO, "%s/demo.xml: cannot be written", DEMO_FOLDER);
    }
    const bool written = fputs(cs_demo_config_text, file) >= 0;
    if (fclose(file) != 0 || !written) {
        return cs_fail_errno(err, CS_IO, "%s/demo.xml: cannot be written", DEMO_FOLDER);
    }
    return CS_OK;
}

cs_status cs_demo_run(cs_session *session, cs_error *err)
{
    cs_status status = CS_OK;
    if (cs_comm_rank(session->comm) == 0) {
        status = write_demo_config(err);
    }
    CS_TRY(cs_comm_agree(session->comm, status, err));
    cs_make_options make;
    cs_make_options_init(&make);
    make.output = DEMO_FOLDER "/demo.h5";
    make.fresh = true;
    const double begin = cs_now();
    status = cs_make_run(session->comm, &make, &session->threads, session->progress, err);
    const int phase = cs_phases_add(&session->phases, "make_input");
    cs_phases_count(&session->phases, phase, cs_now() - begin, 0);
    cs_make_options_free(&make);
    CS_TRY(status);
    cs_simulate_options options = cs_simulate_options_none();
    options.config = DEMO_FOLDER "/demo.xml";
    return cs_simulate_run(session, &options, err);
}
