/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* The models on disk: NAME.safetensors in the folder pastiche/models of the user's data folder, then of each
 * system data folder. The user's models take precedence. NAME.safetensors.sha256 holds the checksum of a
 * model that Pastiche stored. */

/* Whether name is a valid model name: letters, digits, "-", "_" and ".", starting with a letter or digit, at
 * most 100 bytes. Such a name is safe as a file name. */
gboolean nst_store_is_name (const char *name);

/* The user's folder; owned by the caller. It may not exist yet. */
char *nst_store_folder (void);

/* All folders, the user's first; owned by the caller, ends with NULL. */
char **nst_store_folders (void);

/* Path of the model in the first folder that has it, owned by the caller; NULL if no folder has it. */
char *nst_store_find (const char *name);

/* The names of all models, sorted and without duplicates; owned by the caller, ends with NULL. */
char **nst_store_list (void);

/* Stores model under name in the user's folder; a model of that name is replaced. half stores the parameters
 * as float16. path, if not NULL, receives the path of the file, owned by the caller. Fails with
 * NST_ERROR_ARGUMENT if name is not valid or is that of the built-in model, and with the errors of
 * nst_model_save (); an existing model then stays. */
gboolean nst_store_add (NstModel *model, const char *name, gboolean half, char **path, GError **error);

/* Deletes a model from the user's folder. Fails with NST_ERROR_ARGUMENT if it is not there; if a system
 * folder has it, the message says which. */
gboolean nst_store_remove (const char *name, GError **error);

/* Checks that a file has the checksum stored next to it and that it loads. Without a stored checksum it only
 * has to load. sum, if not NULL, receives the file's SHA-256, owned by the caller, whenever the file can be
 * read, also on failure. NST_ERROR_FORMAT names both checksums; other errors are those of nst_model_import
 * (). */
gboolean nst_store_verify (const char *path, char **sum, GError **error);

/* The checksum of a file in lower case hexadecimal digits, owned by the caller; NULL with G_FILE_ERROR. */
char *nst_store_sum (const char *path, GChecksumType type, GError **error);

G_END_DECLS
