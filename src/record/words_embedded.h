/* SPDX-License-Identifier: MIT */
/**
 * The word lists that are part of the program; the build makes their texts of inputs/words.
 */
#ifndef CS_RECORD_WORDS_EMBEDDED_H
#define CS_RECORD_WORDS_EMBEDDED_H

#define CS_WORDS_EMBEDDED(X)                                                                       \
    X(city)                                                                                        \
    X(company_suffix)                                                                              \
    X(country)                                                                                     \
    X(first_name)                                                                                  \
    X(language)                                                                                    \
    X(last_name)                                                                                   \
    X(locale)                                                                                      \
    X(mail_domain)                                                                                 \
    X(phrase_adjective)                                                                            \
    X(phrase_descriptor)                                                                           \
    X(phrase_noun)                                                                                 \
    X(street)                                                                                      \
    X(tld)                                                                                         \
    X(word)

#define CS_WORDS_DECLARE(name) extern const char cs_words_##name[];
CS_WORDS_EMBEDDED(CS_WORDS_DECLARE)
#undef CS_WORDS_DECLARE

#endif
