/* SPDX-License-Identifier: MIT */
#include "base/streams.h"

#ifdef _WIN32
void cs_streams_occupy(void)
{
}
#else
#include <fcntl.h>
#include <unistd.h>

#include "base/status.h"

void cs_streams_occupy(void)
{
    /* each opened for what is never done with it */
    static const int modes[] = {
        [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY};
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        /* the lowest free number is i: those below are open by now */
        if (fcntl(i, F_GETFD) < 0 && open("/dev/null", modes[i]) != i) {
            _exit(cs_status_exit(CS_IO));
        }
    }
}
#endif
