/* SPDX-License-Identifier: MIT */
/* factorize: prime factors of every integer of a range, or of a list. */
#include "job/factorize.h"

#include "base/stop.h"
#include "config/options.h"
#include "job/factorize_options.h"
#include "job/session.h"

int main(int argc, char **argv)
{
    cs_session_prepare(argv);
    cs_factorize_options options = cs_factorize_options_none();
    cs_common_options common;
    cs_options_parse(&cs_factorize_argp, argc, argv, &options, &common);
    cs_stop_listen();
    cs_session session;
    cs_error err = {0};
    cs_status status = cs_session_begin(&session, "factorize", &common, &argc, &argv, &err);
    if (status == CS_OK) {
        status = cs_factorize_run(&session, &options, &err);
    }
    return cs_session_end(&session, status, &err);
}
