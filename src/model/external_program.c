/* SPDX-License-Identifier: MIT */
#include "model/external_program.h"

#include <errno.h>
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
