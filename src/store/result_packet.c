/* SPDX-License-Identifier: MIT */
#include "store/result_packet.h"

#include <math.h>

const char *cs_run_status_name(cs_run_status status)
{
    static const char *const NAMES[CS_N_RUN_STATUS] = {"pending", "ok", "failed", "timeout",
                                                       "invalid_input"};
    return NAMES[status];
}

cs_mass_balance cs_mass_none(void)
{
    return (cs_mass_balance){NAN, NAN, NAN, NAN, NAN};
}

double cs_mass_error(const cs_mass_balance *mass)
{
    const double in = mass->before + mass->applied;
    const double out = mass->lost + mass->decayed + mass->left;
    return in == 0.0 && out == 0.0 ? 0.0 : fabs(in - out) / in;
}

cs_run_record cs_run_record_make(cs_run_status status)
{
    return (cs_run_record){
        .status = (int32_t)status, .peak = NAN, .peak_row = -1, .mass = cs_mass_none()};
}

uint64_t cs_result_step_chunks(const cs_result_format *format)
{
    return format->with_steps ? (format->n_time + format->step_rows - 1) / format->step_rows : 0;
}

cs_status cs_result_append(cs_bytes *packet, const void *data, uint64_t size, cs_error *err)
{
    CS_TRY(cs_bytes_append(packet, &size, sizeof size, err));
    return cs_bytes_append(packet, data, (size_t)size, err);
}

cs_status cs_result_take(cs_encoded *chunk, cs_reader *packet, cs_error *err)
{
    CS_TRY(cs_reader_copy(packet, &chunk->size, sizeof chunk->size, err));
    return cs_reader_take(packet, &chunk->data, (size_t)chunk->size, err);
}
