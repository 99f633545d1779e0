/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* Where models lie on disk: NAME.safetensors in the user's data folder pastiche/models, which comes first,
 * and in the system's. Beside a model that this program put there lies NAME.safetensors.sha256, its sum. */

/* Letters, digits, "-", "_" and ".", beginning with a letter or digit, at most 100 bytes: what is safe as a
 * file's name. */
gboolean nst_store_is_name (const char *name);

/* The user's folder; owned. */
char *nst_store_folder (void);

/* All folders, the user's first; owned, ends with NULL. */
char **nst_store_folders (void);

/* The file of the model name in the first folder that has it, owned; or NULL. */
char *nst_store_find (const char *name);

/* Names of all models, sorted, each once; owned, ends with NULL. */
char **nst_store_list (void);

/* Keep model under name in the user's folder, in place of one of that name; half: as float16. On failure
 * (NST_ERROR_ARGUMENT for a name that is none, or that is the embedded one's; as nst_model_save ()) what was
 * there stays. path, if not NULL: to the file, owned. */
gboolean nst_store_add (NstModel *model, const char *name, gboolean half, char **path, GError **error);

/* Remove it from the user's folder; NST_ERROR_ARGUMENT when it is not there, with the place where it is
 * instead. */
gboolean nst_store_remove (const char *name, GError **error);

/* Does the file have the sum that lies beside it, and does it load? sum, if not NULL: to its SHA-256, owned,
 * also on failure if it could be read. NST_ERROR_FORMAT names both sums. A file without a sum beside it only
 * has to load. */
gboolean nst_store_verify (const char *path, char **sum, GError **error);

/* Sum of a file's bytes, in lower case hexadecimal digits, owned; NULL with G_FILE_ERROR or G_IO_ERROR. */
char *nst_store_sum (const char *path, GChecksumType type, GError **error);

G_END_DECLS
