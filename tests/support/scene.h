/* SPDX-License-Identifier: MIT */
/**
 * Shared by unit tests: a folder of their own, and input files whose every value is known.
 */
#ifndef CS_TESTS_SCENE_H
#define CS_TESTS_SCENE_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "store/forcing.h"
#include "store/variables.h"

/** Makes a folder in the system's place for such things and goes there; a cmocka setup. */
int scene_enter(void **state);

/** Removes that folder with all that is in it; a cmocka teardown. */
int scene_leave(void **state);

/** How many files of the folder are there. */
size_t scene_count_files(void);

/** What an input holds. Ids are 11, 22, ...; zeros stand for 1 hour and 2021-01-01. */
typedef struct {
    size_t n_catchment, n_time;
    double step_hours;
    const char *time_units;
    int deflate;
} scene_input;

/** Writes an input by cs_forcing_writer, with areas; fails the test where that fails. */
void scene_write_input(const char *path, const scene_input *input);

/** The value of a variable in it: unlike any neighbour's, rain now and then, frost sometimes. */
float scene_value(cs_variable variable, size_t catchment, size_t time);

/** area and application_area in m2 of a catchment. */
double scene_area(size_t catchment);
double scene_application_area(size_t catchment);

/** Opens the whole of an input and wants all four variables. */
cs_forcing *scene_open(const char *path);

/** Opens a file for changes by HDF5 itself. */
hid_t scene_edit(const char *path);

/** The values of a dataset of n numbers, as doubles; the caller frees. */
double *scene_read(const char *path, const char *dataset, size_t n);

/** A text attribute; the caller frees. NULL: none. */
char *scene_attribute(const char *path, const char *object, const char *name);

#endif
