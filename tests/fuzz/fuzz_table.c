/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing tables of model programs: whatever the text, it becomes columns of one length, or is
 * refused with one line that names its place.
 *
 * With libFuzzer: scripts/fuzz table.
 */
#include <math.h>

#include "corpus.h"
#include "text/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cs_table table;
    cs_error err = {0};
    const cs_status status = cs_table_parse(&table, (const char *)data, size, "fuzz.txt", &err);
    CS_INVARIANT(status == CS_OK || status == CS_DATA);
    if (status == CS_DATA) {
        CS_INVARIANT(strncmp(err.message, "fuzz.txt:", 9) == 0);
    }
    for (size_t i = 0; i < table.n_columns; i++) {
        CS_INVARIANT(table.columns[i].name[0] != '\0');
        for (size_t row = 0; row < table.n_rows; row++) {
            CS_INVARIANT(!isinf(table.columns[i].values[row]));
        }
    }
    cs_table_free(&table);
    return 0;
}
