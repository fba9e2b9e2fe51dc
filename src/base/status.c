/* SPDX-License-Identifier: MIT */
#include "base/status.h"

const char *cs_status_text(cs_status status)
{
    switch (status) {
#define CS_STATUS_CASE(code, exit_status, text)                                                    \
    case code:                                                                                     \
        return text;
        CS_STATUS_LIST(CS_STATUS_CASE)
#undef CS_STATUS_CASE
    }
    return "unknown status";
}

int cs_status_exit(cs_status status)
{
    switch (status) {
#define CS_STATUS_CASE(code, exit_status, text)                                                    \
    case code:                                                                                     \
        return exit_status;
        CS_STATUS_LIST(CS_STATUS_CASE)
#undef CS_STATUS_CASE
    }
    return 70;
}
