/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* The models on disk: NAME.safetensors in the folder pastiche/models of the user's data folder, then of each
 * system data folder. The user's models take precedence. NAME.safetensors.sha256 lists the checksum of a
 * model that Pastiche stored, and after an interrupted replacement also that of the model before it. */

/* Whether name is a valid model name: letters, digits, "-", "_" and ".", starting with a letter or digit, at
 * most 100 bytes. Such a name is safe as a file name. */
gboolean nst_store_is_name (const char *name);

/* The user's folder; owned by the caller. It may not exist yet. */
char *nst_store_folder (void);

/* The folder for the published file that model name is made of; owned by the caller. No model is stored
 * there, so a published file cannot be taken for a model, or replace one, whatever its name is. */
char *nst_store_downloads (const char *name);

/* All folders, the user's first; owned by the caller, ends with NULL. */
char **nst_store_folders (void);

/* Path of the model in the first folder that has it, owned by the caller; NULL if no folder has it. */
char *nst_store_find (const char *name);

/* The names of all models, sorted and without duplicates; owned by the caller, ends with NULL. */
char **nst_store_list (void);

/* Stores model and its checksum under name in the user's folder; a model of that name is replaced. half
 * stores the parameters as float16. path, if not NULL, receives the path of the file, owned by the caller.
 *
 * Model and checksum change together: a failure leaves both as they were, and after a crash at any moment
 * there is the old or the new model, complete, with a checksum file that lists its checksum. Programs that
 * store at the same time wait for each other.
 *
 * Fails with NST_ERROR_ARGUMENT if name is not valid or is that of the built-in model, and with the errors of
 * nst_model_save (). */
gboolean nst_store_add (const NstModel *model, const char *name, gboolean half, char **path, GError **error);

/* Checks that a model can be stored under name, before work that would be lost otherwise. Creates the user's
 * folder. Fails with NST_ERROR_ARGUMENT if name is not valid or is that of the built-in model, and with
 * G_FILE_ERROR. */
gboolean nst_store_check (const char *name, GError **error);

/* nst_model_save () to any path. If the file there has a checksum file, as stored models have, that is
 * replaced together with it. */
gboolean nst_store_save (const NstModel *model, const char *path, gboolean half, GError **error);

/* Deletes a model from the user's folder. Fails with NST_ERROR_ARGUMENT if it is not there; if a system
 * folder has it, the message says which. */
gboolean nst_store_remove (const char *name, GError **error);

/* Checks that a file has a checksum that is listed next to it and that it loads. Without a stored checksum it
 * only has to load. sum, if not NULL, receives the file's SHA-256, owned by the caller, whenever the file can
 * be read, also on failure. NST_ERROR_FORMAT names both checksums; other errors are those of nst_model_import
 * (). */
gboolean nst_store_verify (const char *path, char **sum, GError **error);

/* The checksum of a file in lower case hexadecimal digits, owned by the caller; NULL with G_FILE_ERROR. */
char *nst_store_sum (const char *path, GChecksumType type, GError **error);

G_END_DECLS
