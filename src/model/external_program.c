/* SPDX-License-Identifier: MIT */
#include "model/external_program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static bool is_file(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static cs_status refuse(const cs_config *config, const cs_config_engine *engine, cs_error *err,
                        const char *path, const char *why)
{
    return cs_config_fail_at(config, engine->line, err, CS_DATA, "engine %s: the program %s %s",
                             engine->name, path, why);
}

static cs_status check(const cs_config *config, const cs_config_engine *engine, const char *path,
                       int mode, cs_error *err)
{
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return refuse(config, engine, err, path, "does not exist");
    }
    if (!is_file(path)) {
        return refuse(config, engine, err, path, "is no file");
    }
    if (access(path, mode) != 0) {
        return refuse(config, engine, err, path,
                      mode == X_OK ? "is not executable; chmod +x would make it so"
                                   : "cannot be read");
    }
    return CS_OK;
}

/* ---- what the system can execute ---- */

enum { HEAD_SIZE = 256 }; /* so much of a file Linux looks at: BINPRM_BUF_SIZE */

/* Whether the system may know more kinds of programs than its own: any handler of binfmt_misc. What
 * they take is theirs to say. */
static bool has_other_kinds(void)
{
    DIR *folder = opendir("/proc/sys/fs/binfmt_misc");
    bool found = false;
    if (folder == NULL) {
        return false;
    }
    for (const struct dirent *at; !found && (at = readdir(folder)) != NULL;) {
        found = at->d_name[0] != '.' && strcmp(at->d_name, "register") != 0 &&
                strcmp(at->d_name, "status") != 0;
    }
    closedir(folder);
    return found;
}

/* The first bytes of a file, and a 0; returns how many, -1 if it cannot be read. */
static ssize_t read_head(char head[static HEAD_SIZE + 1], const char *path)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    const ssize_t n = read(file, head, HEAD_SIZE);
    close(file);
    head[n > 0 ? n : 0] = '\0';
    return n;
}

/* `line` is what follows "#!". A CR at its end is part of the last word's name, which `env` looks
 * for when it is started; others may be glad of it. */
static cs_status check_script(const cs_config *config, const cs_config_engine *engine,
                              const char *path, char *line, cs_error *err)
{
    char why[HEAD_SIZE + 80];
    line[strcspn(line, "\n")] = '\0';
    const size_t length = strlen(line);
    const bool has_cr = length > 0 && line[length - 1] == '\r';
    char *interpreter = line + strspn(line, " \t");
    interpreter[strcspn(interpreter, " \t")] = '\0';
    const char *slash = strrchr(interpreter, '/');
    const bool found =
        interpreter[0] == '/' && is_file(interpreter) && access(interpreter, X_OK) == 0;
    if (has_cr && (!found || strcmp(slash, "/env") == 0)) {
        return refuse(config, engine, err, path,
                      "has Windows line ends, which spoil the name after #! in its first line; "
                      "sed -i 's/\\r$//' would mend it");
    }
    if (!found) {
        snprintf(why, sizeof why,
                 "names \"%s\" after #!, which is not the absolute path of an executable file",
                 interpreter);
        return refuse(config, engine, err, path, why);
    }
    return CS_OK;
}

/* Executable files that no system can start, told by their first bytes before any run. One that may
 * not be read may be executed all the same. */
static cs_status check_kind(const cs_config *config, const cs_config_engine *engine,
                            const char *path, cs_error *err)
{
    static const char ELF[] = "\177ELF";
    char head[HEAD_SIZE + 1];
    if (read_head(head, path) < 0 || strncmp(head, ELF, strlen(ELF)) == 0) {
        return CS_OK;
    }
    if (strncmp(head, "#!", 2) == 0) {
        return check_script(config, engine, path, head + 2, err);
    }
    if (has_other_kinds()) {
        return CS_OK;
    }
    return refuse(config, engine, err, path,
                  strncmp(head, "MZ", 2) == 0
                      ? "is a Windows program; give wrapper=\"wine\""
                      : "is neither a program nor a script with #! in its first line");
}

/* The folder is resolved, its last component not: it may be a link whose own name, or place, tells
 * the program what to do. */
static cs_status make_absolute(char **out, const char *path, cs_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char *folder = NULL, *absolute = NULL;
    cs_status status = CS_OK;
    CS_CHECK(slash != NULL ? cs_format(&folder, err, "%.*s", (int)(name - path), path)
                           : cs_copy_string(&folder, ".", err));
    absolute = realpath(folder, NULL);
    if (absolute == NULL) {
        CS_CHECK(cs_fail_errno(err, CS_DATA, "%s: cannot be found", path));
    }
    CS_CHECK(cs_format(out, err, "%s/%s", strcmp(absolute, "/") == 0 ? "" : absolute, name));
release:
    free(folder);
    free(absolute);
    return status;
}

/* A name without '/': the first such file in PATH. Its folder is not resolved. */
static cs_status search(char **out, const char *name, cs_error *err)
{
    const char *folders = getenv("PATH");
    for (const char *at = folders; at != NULL && *at != '\0';) {
        char path[PATH_MAX];
        const size_t length = strcspn(at, ":");
        const int n = snprintf(path, sizeof path, "%.*s/%s", (int)length, at, name);
        if (length > 0 && n < (int)sizeof path && is_file(path) && access(path, X_OK) == 0) {
            return cs_copy_string(out, path, err);
        }
        at += length + (at[length] == ':');
    }
    return CS_OK;
}

static cs_status find_wrapper(char **out, const cs_config *config, const cs_config_engine *engine,
                              cs_error *err)
{
    const char *wrapper = engine->external.wrapper;
    if (strchr(wrapper, '/') != NULL) {
        CS_TRY(check(config, engine, wrapper, X_OK, err));
        return make_absolute(out, wrapper, err);
    }
    CS_TRY(search(out, wrapper, err));
    return *out != NULL ? CS_OK : refuse(config, engine, err, wrapper, "is not in PATH");
}

cs_status cs_external_program_find(char *arguments[static 2], const cs_config *config,
                                   const cs_config_engine *engine, cs_error *err)
{
    const cs_config_external *external = &engine->external;
    size_t place = 0;
    arguments[0] = NULL;
    arguments[1] = NULL;
    if (external->wrapper != NULL) {
        CS_TRY(find_wrapper(&arguments[place++], config, engine, err));
    }
    CS_TRY(check(config, engine, external->program, external->wrapper != NULL ? R_OK : X_OK, err));
    CS_TRY(check_kind(config, engine, place > 0 ? arguments[0] : external->program, err));
    return make_absolute(&arguments[place], external->program, err);
}

/* What wine starts beside a program, for all programs of the user; it ends some seconds after the
 * last of them, and takes as long as a short program to be started again. */
static const char WINE_SERVERS[] = "wineserver* services.exe winedevice.exe plugplay.exe "
                                   "svchost.exe rpcss.exe explorer.exe conhost.exe";

const char *cs_external_program_keeps(const cs_config_external *external)
{
    if (external->keeps != NULL || external->wrapper == NULL) {
        return external->keeps;
    }
    const char *slash = strrchr(external->wrapper, '/');
    const char *name = slash != NULL ? slash + 1 : external->wrapper;
    return strncmp(name, "wine", 4) == 0 ? WINE_SERVERS : NULL;
}
