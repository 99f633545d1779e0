/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/model/model.h"
#include "weights/format/safetensors.h"

G_BEGIN_DECLS

/* A model is stored as one safetensors file. The metadata key "pastiche" holds the network as JSON:
 *
 *   {"format": 1, "name": "slim", "source": "...", "licence": "...", "pooling": "max" | "average",
 *    "input": {"order": "RGB" | "BGR", "scale": 1, "mean": [r, g, b], "std": [r, g, b]},
 *    "layers": [
 *      {"name": "conv1_1", "channels": 16, "padding": "zero" | "replicate", "head": 64},
 *      {"name": "pool1"},
 *      ...]}
 *
 * mean and std follow the channel order of "order". A layer whose name begins with "pool" is a pooling layer;
 * any other is a convolution with these tensors:
 *
 *   NAME.weight       out x in x 3 x 3
 *   NAME.bias         out
 *   NAME.head.weight  head x out, if the layer has a head
 *   NAME.head.bias    head, if the layer has a head
 *
 * source and licence are optional, and so are padding (default: zero) and head (default: none). Unknown
 * top-level keys and unused tensors are ignored. Unknown keys in "input" or in a layer are errors, because
 * they could change the arithmetic. */

/* Loads a model from a file or from memory. name stands for the bytes in error messages. Returns a reference.
 * Fails with NST_ERROR_FORMAT, NST_ERROR_SHAPE, NST_ERROR_MEMORY or G_FILE_ERROR; messages name the file and
 * the layer, and what was expected and found. */
NstModel *nst_model_load (const char *path, GError **error);
NstModel *nst_model_load_bytes (GBytes *bytes, const char *name, GError **error);

/* Writes a model; half stores the parameters as float16. The file is written under a temporary name and
 * renamed, so a failure leaves an existing file untouched. Other metadata of an existing file are not kept.
 * Fails with an error of nst_model_validate (), with NST_ERROR_ARGUMENT for what the format cannot hold, if a
 * parameter exceeds the range of float16, or with G_FILE_ERROR. */
gboolean nst_model_save (const NstModel *model, const char *path, gboolean half, GError **error);

/* The same, and ready (file, data, ...) is called before the file gets its name; NULL: none. */
gboolean nst_model_save_ready (const NstModel     *model,
                               const char         *path,
                               gboolean            half,
                               NstSafetensorsReady ready,
                               gpointer            data,
                               GError            **error);

/* A SHA-256 of what the model computes, in lower case hexadecimal digits, owned by the caller: of layers,
 * parameters, preprocessing and pooling, not of name, source and licence. Equal sums mean equal results. The
 * sum of one model is the same on all processors of one byte order. */
char *nst_model_sum (const NstModel *model);

/* Loads a model by its name or from a file. Returns a reference.
 *
 *   NULL or "slim"                        the model that is compiled into the program
 *   contains "/", ends in ".safetensors", a file of any kind that nst_model_import () reads
 *   or contains "." and exists
 *   anything else                         NAME.safetensors in the user's data folder pastiche/models, then in
 *                                         those of the system
 *
 * Fails with NST_ERROR_ARGUMENT if there is no such model; the message lists the folders, or says how to
 * fetch the model if the catalogue has it. */
NstModel *nst_model_get (const char *name, GError **error);

/* The file that nst_model_get () reads for this name, owned by the caller; it may not exist. NULL for the
 * built-in model and where there is no model of this name. */
char *nst_model_path (const char *name);

/* The same as nst_model_get (), with the errors of nst_model_import (): G_IO_ERROR_CANCELLED, if another
 * thread cancels. */
NstModel *nst_model_get_cancellable (const char *name, GCancellable *cancellable, GError **error);

G_END_DECLS
