/* SPDX-License-Identifier: MIT */
/**
 * From a valid document to the configuration's structs. For the files of this folder only.
 */
#ifndef CS_CONFIG_READER_H
#define CS_CONFIG_READER_H

#include <libxml/tree.h>

#include "config/config.h"

/**
 * Reads all that this version uses.
 *
 * @param config [in,out] zeroed but for its path; on failure the caller releases it as it is
 * @param root   [in]     the element catchsim of a document that follows the schema
 * Errors: CS_DATA for numbers that are not finite, names that occur twice, unknown engines;
 * CS_MEMORY.
 */
cs_status cs_read_config(cs_config *config, const xmlNode *root, cs_error *err);

#endif
