/* SPDX-License-Identifier: MIT */
#include "model/scratch_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_DESCRIPTORS = 16 };

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    const bool is_lock = place->level == 1 && strcmp(path + place->base, CS_SCRATCH_LOCK) == 0;
    if (kind == FTW_DNR) {
        chmod(path, 0700); /* a second walk gets in */
    }
    if (place->level > 0 && !is_lock) {
        remove(path);
    }
    return 0;
}

/* A folder that may not be written keeps its entries. */
static int open_folder(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)place;
    if (kind == FTW_D || kind == FTW_DNR) {
        chmod(path, 0700);
    }
    return 0;
}

/* Last, so that what a kill leaves of a folder can be told from one that is being made. */
static void remove_root(const char *folder)
{
    char lock[PATH_MAX];
    const int length = snprintf(lock, sizeof lock, "%s/%s", folder, CS_SCRATCH_LOCK);
    struct stat about;
    if (lstat(folder, &about) == 0 && S_ISDIR(about.st_mode) && length < (int)sizeof lock) {
        unlink(lock);
    }
    remove(folder);
}

bool cs_scratch_remove_tree(const char *folder)
{
    const int flags = FTW_PHYS | FTW_MOUNT;
    struct stat about;
    for (int walks = 0; walks < 3; walks++) {
        nftw(folder, remove_entry, N_DESCRIPTORS, flags | FTW_DEPTH);
        remove_root(folder);
        if (lstat(folder, &about) != 0 && errno == ENOENT) {
            return true;
        }
        nftw(folder, open_folder, N_DESCRIPTORS, flags);
    }
    return false;
}

static bool is_own_entry(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* ---- measuring ---- */

enum { MAX_DEPTH = 16 };

static void add_entry(cs_scratch_use *use, const struct stat *about)
{
    const uint64_t size = about->st_size > 0 ? (uint64_t)about->st_size : 0;
    const uint64_t stored = (uint64_t)about->st_blocks * 512; /* POSIX's unit of st_blocks */
    const uint64_t larger = size > stored ? size : stored;
    use->n_bytes += larger > CS_SCRATCH_FILE ? larger : CS_SCRATCH_FILE;
    use->n_files++;
}

/* Adds what is in the folder, which is closed. */
static void add_folder(cs_scratch_use *use, int folder, uint64_t n_bytes, int depth)
{
    DIR *stream = folder < 0 ? NULL : fdopendir(folder);
    if (stream == NULL) {
        if (folder >= 0) {
            close(folder);
        }
        return;
    }
    if (depth == MAX_DEPTH) {
        use->n_bytes = n_bytes + 1;
    }
    const struct dirent *entry = NULL;
    while (use->n_bytes <= n_bytes && (entry = readdir(stream)) != NULL) {
        struct stat about;
        if (is_own_entry(entry->d_name) ||
            fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        add_entry(use, &about);
        if (S_ISDIR(about.st_mode)) {
            const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
            add_folder(use, openat(folder, entry->d_name, flags), n_bytes, depth + 1);
        }
    }
    closedir(stream);
}

void cs_scratch_measure(cs_scratch_use *use, const char *folder, uint64_t n_bytes)
{
    *use = (cs_scratch_use){0};
    add_folder(use, open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), n_bytes, 0);
}

/* ---- emptying ---- */

/* The folder itself, never what a link in its place leads to; -1: it cannot be opened. */
static int open_own_folder(const char *folder)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int file = open(folder, flags);
    if (file < 0 && fchmodat(AT_FDCWD, folder, 0700, AT_SYMLINK_NOFOLLOW) == 0) {
        file = open(folder, flags);
    }
    if (file >= 0 && fchmod(file, 0700) != 0) {
        close(file);
        return -1;
    }
    return file;
}

/* Removes all that is in a folder that is there. */
static bool remove_entries(const char *folder)
{
    const int file = open_own_folder(folder);
    DIR *stream = file < 0 ? NULL : fdopendir(file);
    if (stream == NULL) {
        if (file >= 0) {
            close(file);
        }
        return false;
    }
    bool is_empty = true;
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        char path[PATH_MAX];
        if (is_own_entry(entry->d_name) || unlinkat(dirfd(stream), entry->d_name, 0) == 0) {
            continue;
        }
        const int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        is_empty &= length < (int)sizeof path && cs_scratch_remove_tree(path);
    }
    closedir(stream);
    return is_empty;
}

bool cs_scratch_empty(const char *folder)
{
    return remove_entries(folder) || (cs_scratch_remove_tree(folder) && mkdir(folder, 0700) == 0);
}
