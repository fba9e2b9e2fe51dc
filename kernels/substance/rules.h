/* SPDX-License-Identifier: MIT */
/**
 * Rules that a model's parameters must obey, as a list of condition and text.
 *
 * Thread-safe, never fail.
 */
#ifndef CSK_SUBSTANCE_RULES_H
#define CSK_SUBSTANCE_RULES_H

#include <stddef.h>
#include <string.h>

/** One rule. */
typedef struct {
    int holds;
    const char *text; /* "Eta must be a number >= 0": no full stop, for use inside a message */
} csk_rule;

/** The text of the first rule that does not hold; NULL if all do. */
static inline const char *csk_first_broken(const csk_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!rules[i].holds) {
            return rules[i].text;
        }
    }
    return NULL;
}

/** The text of a rule, or NULL, without what stands before the parameter's name ("herbicide."). */
static inline const char *csk_without_part(const char *text, const char *part)
{
    return text != NULL ? text + strlen(part) : NULL;
}

/** Whether x is finite (not for NaN). */
static inline int csk_is_number(double x)
{
    return x > -__builtin_inf() && x < __builtin_inf();
}

/** Whether x is finite and not negative (not for NaN). */
static inline int csk_is_amount(double x)
{
    return x >= 0.0 && x < __builtin_inf();
}

/** Whether x is in 0 .. 1 (not for NaN). */
static inline int csk_is_share(double x)
{
    return x >= 0.0 && x <= 1.0;
}

/** x brought into 0 .. 1. */
static inline double csk_clamped_share(double x)
{
    const double at_least = x > 0.0 ? x : 0.0;
    return at_least < 1.0 ? at_least : 1.0;
}

#endif
