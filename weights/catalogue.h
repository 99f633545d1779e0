/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/import.h"

G_BEGIN_DECLS

/* The list of model files that others publish and that Pastiche can download. It is read from catalogue.json,
 * which is compiled into the program, and from the user's own pastiche/catalogue.json in the user's data
 * folder. A user's entry replaces a built-in entry of the same name. Reading the catalogue uses no network.
 *
 *   {"format": 1, "models": [
 *     {"name": ..., "title": ..., "file": ..., "bytes": size, "megabytes": approximate size, "licence": ...,
 *      "addresses": [URLs in order of preference],
 *      "sha256": the whole checksum or its first 8 or more digits, or "md5": ...,
 *      "sum_by": ...,
 *      "input": {"order": "RGB" | "BGR", "scale": ..., "mean": [...], "std": [...]}}]}
 *
 * Optional keys:
 *   bytes        the exact size of the file
 *   megabytes    its approximate size, if bytes is missing; a file of less than half or more than twice the
 * size is refused. A checksum of which only the first digits are known needs one of both sizes sha256, md5
 * without a checksum, the file is downloaded only if the user supplies one sum_by       who published the
 * checksum, if not the publisher of the file input        preprocessing, for files that do not describe it
 * themselves */
typedef struct
{
  char   *name;      /* letters, digits, "-", "_", "."; all strings of an entry are owned */
  char   *title;     /* for people; at most 200 characters, as all texts of an entry but the addresses */
  char   *file;      /* name of the published file, without a folder */
  double  megabytes; /* size of the file; 0: unknown */
  guint64 bytes;     /* the same; 0: only megabytes is known, approximately, or none */
  char   *licence;
  char  **addresses; /* http or https; ends with NULL */

  GChecksumType sum_type; /* SHA-256 or MD5 */
  char         *sum;      /* lower case; of SHA-256 possibly only the first digits; NULL: none is published */
  char         *sum_by;   /* or NULL */

  gboolean has_input; /* whether the four fields below are set */
  int      order[3];
  float    scale, mean[3], std[3];
} NstCatalogueEntry;

/* Reads both catalogues. Returns an array of NstCatalogueEntry, the user's entries first; free it with
 * g_ptr_array_unref (). Fails with NST_ERROR_FORMAT, which names the file, the entry and the key, or with
 * G_FILE_ERROR. */
GPtrArray *nst_catalogue_new (GError **error);

/* The entry of this name, borrowed from catalogue, or NULL. */
const NstCatalogueEntry *nst_catalogue_find (const GPtrArray *catalogue, const char *name);

/* Parses the JSON text and appends its entries to entries, except those whose name is already there. where
 * names the text in error messages. On failure (NST_ERROR_FORMAT) the entries before the faulty one have been
 * appended. */
gboolean nst_catalogue_parse (GPtrArray *entries, const char *text, const char *where, GError **error);

/* Fills in options for nst_model_import () with what the entry says about its file. options borrows from
 * entry. */
void nst_catalogue_options (const NstCatalogueEntry *entry, NstImportOptions *options);

G_END_DECLS
