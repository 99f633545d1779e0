/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/files.h"
#include "core/scene/scene.h"

G_BEGIN_DECLS

/* The options that say where each style goes: --region, --style-region and --style-scale, which belong to the
 * --style before them, --protect and --strength. */
extern const GOptionEntry nst_masks_options[];

/* Fill in mask, part and scale of the style with this number, from 0; masks are owned by the caller also
 * after a failure. A file that is named for several styles gives the same mask. Errors name the file. */
gboolean nst_masks_fill (int number, NstSceneStyle *style, GError **error);

/* After all styles, content and image were set: the other masks of the scene. Prints a note for each mask
 * whose proportions differ from its picture's. */
gboolean nst_masks_complete (NstScene *scene, GError **error);

/* Adds the masks to the files that are read. */
gboolean nst_masks_add_files (NstFiles *files, GError **error);

G_END_DECLS
