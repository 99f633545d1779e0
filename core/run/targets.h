/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/loss/objective.h"
#include "core/scene/scene.h"

G_BEGIN_DECLS

/* Give objective the targets of a scene: content is the scene's content at the size of the pictures to come,
 * and every style is evaluated at the size that recipe wants for it. Errors: NST_ERROR_SIZE,
 * NST_ERROR_MEMORY, G_IO_ERROR_CANCELLED. */
gboolean nst_targets_set (NstObjective    *objective,
                          const NstModel  *model,
                          const NstRecipe *recipe,
                          const NstScene  *scene,
                          const NstImage  *content,
                          GCancellable    *cancellable,
                          GError         **error);

/* Only where the scene's regions are, for targets that are restored. NST_ERROR_MEMORY. */
gboolean nst_targets_set_masks (
    NstObjective *objective, const NstScene *scene, int width, int height, GError **error);

G_END_DECLS
