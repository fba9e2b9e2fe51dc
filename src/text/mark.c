/* SPDX-License-Identifier: MIT */
#include "text/mark.h"

#include <string.h>

size_t cs_text_mark(const char *text, size_t size)
{
    static const char MARK[] = {'\xef', '\xbb', '\xbf'};
    return size >= sizeof MARK && memcmp(text, MARK, sizeof MARK) == 0 ? sizeof MARK : 0;
}
