/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* Folds a 1x1 layer y = C u + d without ReLU (matrix: 3 x 3, row-major; offset: 3) between the input u =
 * (scale rgb - mean) / std and the first convolution W into the two, exactly for any padding: y = C (u + C^-1
 * d), so that the input's mean becomes mean - std C^-1 d and the convolution W C. channels: rows of the
 * matrix. NST_ERROR_SHAPE if they are not 3 or C has no inverse. */
gboolean nst_model_fold_first (
    NstModel *model, int channels, const float *matrix, const float *offset, GError **error);

G_END_DECLS
