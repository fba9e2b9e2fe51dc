/* SPDX-License-Identifier: MIT */
/**
 * Numbers that a layout and a parameter file give: parameters and initial states of models.
 *
 * A parameter is given to one model (in the layout, inside the model), to all models with a flag
 * (`k[substance]: 0.7`), or to all (`k: 0.7`); a flag wins over none, and that over the model's
 * own; of equals the later wins, so the file wins over the layout. Not thread-safe.
 */
#ifndef CS_LAYOUT_SETTINGS_H
#define CS_LAYOUT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

/** More than this is refused of a parameter file. */
enum { CS_SETTINGS_MAX_BYTES = 1 << 20 };

typedef enum {
    CS_SETTING_OF_MODEL, /* scope: the model's id */
    CS_SETTING_OF_ALL,   /* scope: "" */
    CS_SETTING_OF_FLAG,  /* scope: the flag */
    CS_SETTING_INITIAL,  /* a state; scope: the model's id */
} cs_setting_kind;

typedef struct {
    cs_setting_kind kind;
    const char *name, *scope;
    double value;
    const char *path; /* where it stands */
    size_t line;
    bool used;
} cs_setting;

typedef struct {
    cs_bytes list;  /* cs_setting[n] */
    size_t n;       /* how many */
    char *text;     /* of the parameter file, which its settings point into */
    char *own_path; /* of the parameter file */
} cs_settings;

/** Appends one; name, scope and path stay the caller's. Errors: CS_MEMORY. */
cs_status cs_settings_add(cs_settings *settings, const cs_setting *setting, cs_error *err);

/**
 * Appends a parameter file, at most one: lines `name[flag]: value`, `name: value`,
 * `state@0[model]: value`, `#` comments. `sigma[...]`, which only calibration uses, is passed over.
 *
 * @param path [in] names it in messages
 * Errors: CS_DATA as "path:line: ...", CS_MEMORY.
 */
cs_status cs_settings_parse(cs_settings *settings, const char *text, size_t size, const char *path,
                            cs_error *err);

/** The same from a file. Errors: CS_IO, too. */
cs_status cs_settings_read(cs_settings *settings, const char *path, cs_error *err);

void cs_settings_free(cs_settings *settings);

/** All of them, in the order in which they were given. */
cs_setting *cs_settings_all(const cs_settings *settings);

/** The one that counts for a model's parameter, marked as used, or NULL. */
cs_setting *cs_settings_parameter(const cs_settings *settings, const char *name, const char *model,
                                  const char *const *flags, size_t n_flags);

/** The same for a state. */
cs_setting *cs_settings_initial(const cs_settings *settings, const char *name, const char *model);

#endif
