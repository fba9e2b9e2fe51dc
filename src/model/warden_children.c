/* SPDX-License-Identifier: MIT */
#include "model/warden_children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch/clock.h"

enum { LIST_SIZE = 65536 };

int cs_children_open(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void each_in_text(char *text, cs_child_action *action, void *about)
{
    char *rest = NULL;
    for (char *word = strtok_r(text, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest)) {
        action((pid_t)strtol(word, NULL, 10), about);
    }
}

/* The kernel hands out whole numbers, about a page of them at a time. */
static void each_in_list(int list, cs_child_action *action, void *about)
{
    char text[LIST_SIZE];
    off_t place = 0;
    ssize_t n = 0;
    while ((n = pread(list, text, sizeof text - 1, place)) > 0) {
        place += n;
        text[n] = '\0';
        each_in_text(text, action, about);
    }
}

/* The parent of a process; -1: not to be had. */
static long parent_of(long pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) {
        close(file);
    }
    text[n > 0 ? n : 0] = '\0';
    const char *name_end = strrchr(text, ')'); /* "pid (name) state parent ..." */
    return name_end != NULL && strlen(name_end) > 4 ? strtol(name_end + 4, NULL, 10) : -1;
}

static void each_in_proc(cs_child_action *action, void *about)
{
    DIR *proc = opendir("/proc");
    if (proc == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        const long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(pid) == (long)getpid()) {
            action((pid_t)pid, about);
        }
    }
    closedir(proc);
}

void cs_children_each(int list, cs_child_action *action, void *about)
{
    if (list >= 0) {
        each_in_list(list, action, about);
    } else {
        each_in_proc(action, about);
    }
}

static void kill_child(pid_t pid, void *about)
{
    size_t *n = about;
    kill(pid, SIGKILL);
    ++*n;
}

size_t cs_children_kill_all(int list, double patience)
{
    const double end = cs_now() + patience;
    for (;;) {
        const pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid > 0 || (pid < 0 && errno == EINTR)) {
            continue;
        }
        if (pid < 0) {
            return 0; /* no child, hence nothing below */
        }
        size_t n = 0;
        cs_children_each(list, kill_child, &n);
        if (cs_now() >= end) {
            return n > 0 ? n : 1;
        }
        usleep(1000);
    }
}
