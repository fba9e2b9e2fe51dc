/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing the tables that external programs write: the columns that are wanted are found whole, or
 * the table is refused with one line. The first byte is the number of rows that are expected.
 *
 * With libFuzzer: scripts/fuzz output.
 */
#include <math.h>

#include "corpus.h"
#include "model/external_output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double concentration[256], discharge[256];
    const size_t n_time = size > 0 ? data[0] : 0;
    if (n_time == 0) {
        return 0;
    }
    for (size_t t = 0; t < n_time; t++) {
        concentration[t] = -777.0; /* that it was left alone */
        discharge[t] = -777.0;
    }
    cs_output_column columns[] = {{.name = "Conc_1", .required = true, .values = concentration},
                                  {.name = "Qloc", .values = discharge}};
    cs_error err = {0};
    const cs_status status =
        cs_external_output_parse(columns, 2, (const char *)data + 1, size - 1, n_time, &err);
    if (status != CS_OK) {
        CS_INVARIANT(status == CS_DATA && err.message[0] != '\0');
        CS_INVARIANT(strchr(err.message, '\n') == NULL);
        return 0;
    }
    CS_INVARIANT(columns[0].is_there);
    for (size_t t = 0; t < n_time; t++) {
        CS_INVARIANT(!isinf(concentration[t]));
        CS_INVARIANT(columns[1].is_there || discharge[t] == -777.0);
    }
    return 0;
}
