/* SPDX-License-Identifier: MIT */
#include "config/names.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME_LENGTH = 100 };

static bool is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool cs_is_name(const char *text)
{
    if (!is_plain(text[0]) || strlen(text) > MAX_NAME_LENGTH) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        const bool inner_dot = *c == '.' && c[1] != '\0' && c[1] != '.';
        if (!is_plain(*c) && *c != '-' && !inner_dot) {
            return false;
        }
    }
    return true;
}

static int by_text_and_line(const void *a, const void *b)
{
    const cs_named *first = a;
    const cs_named *second = b;
    const int order = strcmp(first->text, second->text);
    return order != 0 ? order : (first->line > second->line) - (first->line < second->line);
}

bool cs_find_duplicate(cs_named *first, cs_named *second, cs_named *items, size_t n)
{
    bool found = false;
    if (n > 1) {
        qsort(items, n, sizeof *items, by_text_and_line);
    }
    for (size_t i = 1; i < n; i++) {
        const bool equal = strcmp(items[i - 1].text, items[i].text) == 0;
        if (equal && (!found || items[i].line < second->line)) {
            *first = items[i - 1];
            *second = items[i];
            found = true;
        }
    }
    return found;
}
