/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "weights/import/import.h"

G_BEGIN_DECLS

/* Files of weights that others publish: catalogue.json, compiled in, and the user's own catalogue.json of the
 * same form in the data folder pastiche, whose entries come before ours of the same name. Knowing an address
 * fetches nothing.
 *
 *   {"format": 1, "models": [{"name": ..., "title": ..., "file": ..., "megabytes": about, "licence": ...,
 *    "addresses": [in order of preference], "sha256": all of it or its first 8 digits at least, or "md5":
 * ..., "sum_by": ..., "input": {"order": "RGB" | "BGR", "scale": ..., "mean": [...], "std": [...]}}]}
 *
 * The sum, sum_by and input may be missing: without a sum nothing is fetched unless the user gives one;
 * sum_by is who published the sum, where it was not who published the file; input is for files whose content
 * does not say how they want their pictures. */
typedef struct
{
  char  *name; /* owned, as all of this; letters, digits, "-", "_", "." */
  char  *title;
  char  *file;      /* the name that the file has where it is published; no folder */
  double megabytes; /* about; 0: not known */
  char  *licence;
  char **addresses; /* http or https */

  GChecksumType sum_type; /* SHA-256 or MD5 */
  /* lower case; of SHA-256 maybe its first digits only; NULL: none is published */
  char *sum;
  char *sum_by; /* who did, if not who published the file; or NULL */

  gboolean has_input;
  int      order[3];
  float    scale, mean[3], std[3];
} NstCatalogueEntry;

/* The entries in order, owned: free with g_ptr_array_unref (). NST_ERROR_FORMAT names the file, the entry and
 * what is wrong with it. */
GPtrArray *nst_catalogue_new (GError **error);

/* Borrowed from the catalogue, or NULL. */
const NstCatalogueEntry *nst_catalogue_find (const GPtrArray *catalogue, const char *name);

/* The entries of one text; where: for messages. Appended to entries, but for names that are there. */
gboolean nst_catalogue_parse (GPtrArray *entries, const char *text, const char *where, GError **error);

/* What the entry says of its file, for nst_model_import (); borrows from entry. */
void nst_catalogue_options (const NstCatalogueEntry *entry, NstImportOptions *options);

G_END_DECLS
