/* SPDX-License-Identifier: MIT */
#include "watch/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool cs_terminal_is_there(void)
{
    const char *type = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && type != NULL && strcmp(type, "dumb") != 0;
}

size_t cs_terminal_columns(void)
{
    struct winsize window = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) {
        return 80;
    }
    return window.ws_col;
}
