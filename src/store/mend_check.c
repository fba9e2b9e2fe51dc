/* SPDX-License-Identifier: MIT */
/* Whether there is something to mend, before anything is run again for it. */
#include <hdf5.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/hdf.h"
#include "store/mend.h"

static cs_status check_length(hid_t file, const char *path, const char *name, size_t n,
                              cs_error *err)
{
    const bool is_there = H5Lexists(file, name, H5P_DEFAULT) > 0;
    const hid_t dataset = is_there ? H5Dopen2(file, name, H5P_DEFAULT) : H5I_INVALID_HID;
    hssize_t length = -1;
    if (dataset >= 0) {
        const hid_t space = H5Dget_space(dataset);
        length = H5Sget_simple_extent_npoints(space);
        H5Sclose(space);
        H5Dclose(dataset);
    }
    const bool fits = length >= 0 && (size_t)length == n;
    return fits ? CS_OK
                : cs_fail(err, CS_DATA,
                          "%s: is not the step file of the result: %s there has not %zu values; "
                          "name the one that was written with it (--steps)",
                          path, name, n);
}

static cs_status check_substance(hid_t file, const char *path, const char *substance, cs_error *err)
{
    char *text = NULL;
    const bool has = H5Aexists(file, "substance") > 0;
    cs_status status = has ? cs_hdf_read_text(&text, file, "substance", err) : CS_OK;
    if (status == CS_OK && (text == NULL || strcmp(text, substance) != 0)) {
        status =
            cs_fail(err, CS_DATA, "%s: is not the step file of the result: it is of %s, not %s",
                    path, text != NULL ? text : "no substance", substance);
    }
    free(text);
    return status;
}

cs_status cs_steps_check(const char *steps_path, const char *substance, size_t n_catchment,
                         size_t n_time, cs_error *err)
{
    hid_t file = H5I_INVALID_HID;
    cs_status status = CS_OK;
    CS_TRY(cs_hdf_open(&file, steps_path, err));
    CS_CHECK(check_substance(file, steps_path, substance, err));
    CS_CHECK(check_length(file, steps_path, "catchment", n_catchment, err));
    CS_CHECK(check_length(file, steps_path, "time", n_time, err));
release:
    cs_hdf_drop(file);
    return status;
}
