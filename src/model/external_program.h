/* SPDX-License-Identifier: MIT */
/**
 * The program of an external engine: where it is, and whether it can be started.
 */
#ifndef CS_MODEL_EXTERNAL_PROGRAM_H
#define CS_MODEL_EXTERNAL_PROGRAM_H

#include "config/config.h"

/**
 * Finds the program and its wrapper, and checks that they can be started.
 *
 * @param arguments [out] the first one or two arguments: the wrapper if there is one, the program;
 *                        absolute paths, the last component not resolved if it is a link;
 *                        each released by free(), NULL where there is none
 * Errors: CS_DATA (no such file, not executable, by its first bytes nothing that the
 * system can execute: which, with file and line), CS_MEMORY.
 */
cs_status cs_external_program_find(char *arguments[static 2], const cs_config *config,
                                   const cs_config_engine *engine, cs_error *err);

/**
 * Names of the processes that may outlive a run of the program, for cs_program_call: what the
 * configuration says, else wine's own servers if the wrapper's name begins with "wine", else NULL.
 */
const char *cs_external_program_keeps(const cs_config_external *external);

#endif
