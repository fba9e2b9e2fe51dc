/* SPDX-License-Identifier: MIT */
/**
 * The path to a field, as users write it: title, actors[0], crew.director.name, ["a.b"][2].
 *
 * Steps are names, separated by points, and places in arrays in brackets, from 0. A name with a
 * point, a bracket or a quote in it stands in brackets and quotes, with the escapes of JSON's \"
 * and
 * \\ only. The first step is a name, since records are objects.
 */
#ifndef CS_PIPE_FIELD_H
#define CS_PIPE_FIELD_H

#include "base/error.h"
#include "kernels/scan/scan.h"

enum { CS_FIELD_STEPS = 64 };

typedef struct {
    csk_scan_step steps[CS_FIELD_STEPS]; /* [n_steps]; their keys lie in `names` */
    size_t n_steps;                      /* >= 1 */
    char *names;
} cs_field;

/** Reads a path. Thread-safe. Errors: CS_USAGE, CS_MEMORY; on failure nothing is to release. */
cs_status cs_field_parse(cs_field *field, const char *text, cs_error *err);

void cs_field_free(cs_field *field);

#endif
