/* SPDX-License-Identifier: MIT */
/**
 * --retry-failed: the catchments of finished results that failed are run again, and the results get
 * what comes out.
 *
 * They are an ordinary run of their own, into NAME.retry beside the result, which is put into the
 * place of what had failed at the end (store/mend.h). So the result is whole at any time, what had
 * not failed is neither computed nor changed, and --resume goes on with a retry that was killed.
 */
#ifndef CS_JOB_RETRY_H
#define CS_JOB_RETRY_H

#include "base/memory.h"
#include "config/config.h"
#include "farm/comm.h"
#include "job/simulate.h"

/** A substance's part. */
typedef struct {
    cs_config_substance *substance;
    char *path, *steps;          /* of the result, of its step file or NULL */
    cs_simulate_options options; /* that choose what failed */
    int64_t *failed;             /* [n_failed] ids */
    uint64_t n_failed;
} cs_retry;

/**
 * Finds what failed in the substance's result, and points the substance's outputs elsewhere until
 * cs_retry_close. The time steps are those of the result, whatever the options say.
 *
 * Collective; the same on all ranks.
 * @param config [in,out] of which the substance is; results get the type that they had
 * @param text   [in] of the configuration, "" without one: if it differs, that is told
 * Errors: CS_USAGE (options that choose catchments), CS_DATA (no such result, another substance,
 * model or input; initial states missing), CS_IO, CS_MEMORY. cs_retry_close is due in any case.
 */
cs_status cs_retry_open(cs_retry *retry, cs_config *config, cs_config_substance *substance,
                        const cs_simulate_options *options, const char *text, cs_comm *comm,
                        cs_error *err);

/** Puts what was run again, which is finished, into the result. Rank 0. Errors: as
 * cs_results_mend. */
cs_status cs_retry_finish(cs_retry *retry, cs_error *err);

/** Gives the substance its outputs back; a zeroed one is fine. */
void cs_retry_close(cs_retry *retry);

#endif
