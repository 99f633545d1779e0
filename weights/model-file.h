/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* A model as one safetensors file. The metadata key "pastiche" holds the network as JSON:
 *
 *   {"format": 1, "name": "slim", "source": "...", "licence": "...", "pooling": "max" | "average",
 *    "input": {"order": "RGB" | "BGR", "scale": 1, "mean": [r, g, b], "std": [r, g, b]},      (mean, std in
 * the order of "order") "layers": [{"name": "conv1_1", "channels": 16, "padding": "zero" | "replicate",
 * "head": 64}, {"name": "pool1"}, ...]}
 *
 * with the tensors NAME.weight (out x in x 3 x 3), NAME.bias (out) and, where there is a head,
 * NAME.head.weight (head x out) and NAME.head.bias (head). A layer whose name begins with "pool" is pooling.
 * padding and head may be left out: zero, no head; so may source and licence. Unknown keys at the top are
 * ignored, and so are tensors that no layer asks for; unknown keys in "input" and in a layer are errors,
 * because they would change the arithmetic. NST_ERROR_FORMAT or _SHAPE name the file, the layer, and what was
 * expected and found. */
NstModel *nst_model_load (const char *path, GError **error);
NstModel *nst_model_load_bytes (GBytes *bytes, const char *name, GError **error);

/* half: store as float16. Written beside and renamed, so that a failure (NST_ERROR of nst_model_validate (),
 * a weight beyond the range of a half, G_FILE_ERROR) changes nothing. Metadata of a file other than
 * "pastiche" are not kept. */
gboolean nst_model_save (const NstModel *model, const char *path, gboolean half, GError **error);

/* A model by name or by file: NULL or "slim" is the embedded one (compiled into the program); what has a '/'
 * in it, ends in
 * ".safetensors", or has a '.' and is there, is a file of any kind that can be imported (nst-import.h); other
 * names are looked for as NAME.safetensors in the user's data folder pastiche/models, then in the system's.
 * The error names the places, or says that the catalogue has it to be fetched. Returns a reference. */
NstModel *nst_model_get (const char *name, GError **error);

G_END_DECLS
