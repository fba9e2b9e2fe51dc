/* SPDX-License-Identifier: MIT */
/**
 * Runs of an external program that are kept: a plain folder each, with all that the program was
 * given and what it left, which its owner can start by hand.
 *
 * FOLDER/ID has the input files of the catchment, what the program wrote (plain files of its
 * folder, cut off at a limit), `run` (a script with the command line), environment.txt, stderr.txt
 * (the end of what it printed) and message.txt. What cannot be kept is a warning in the log: it
 * never makes a run fail. Thread-safe, and safe for several ranks with one folder.
 */
#ifndef CS_MODEL_EXTERNAL_KEEP_H
#define CS_MODEL_EXTERNAL_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "model/warden.h"
#include "store/result_packet.h"

enum { CS_KEEP_RUNS = 100, CS_KEEP_MEBIBYTES = 16 };

/** Which runs are kept. Zeroed: none. */
typedef struct {
    const char *folder;    /* NULL: none is kept */
    const char *subfolder; /* of it, NULL: none */
    bool all;              /* also those that are ok */
    size_t max_runs;       /* folders at most */
    uint64_t max_bytes;    /* of what a program wrote, a run */
} cs_keep_rule;

/** A run that is to be kept. All borrowed. */
typedef struct {
    int64_t id;
    const char *substance, *engine;
    const char *scratch;          /* where it ran */
    const char *const *arguments; /* [n_arguments] the program first */
    size_t n_arguments;
    const cs_run_record *record;
    const cs_bytes *message;
    const cs_program_end *end;
} cs_kept_run;

/** Makes the rule's folders, unless they are there. Errors: CS_IO, CS_MEMORY. */
cs_status cs_keep_prepare(const cs_keep_rule *rule, cs_error *err);

/** Whether a run that ended so is to be kept. */
bool cs_keep_wants(const cs_keep_rule *rule, const cs_run_record *record);

/**
 * Makes an empty folder for a catchment; one that was kept before is replaced.
 *
 * @param path [out] released by free(); NULL if max_runs are there already
 * Errors: CS_IO (something else has that name), CS_MEMORY.
 */
cs_status cs_keep_folder(char **path, const cs_keep_rule *rule, int64_t id, cs_error *err);

/** Puts what the program left into the folder, beside the inputs, and how to start it. Errors:
 * CS_IO, CS_MEMORY. */
cs_status cs_keep_run(const char *path, const cs_keep_rule *rule, const cs_kept_run *run,
                      cs_error *err);

#endif
