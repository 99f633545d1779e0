/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folds a 1x1 layer before the first convolution into the input's mean and that convolution. */
#include "weights/import/model-fold.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/base/error.h"

/* Solve C x = d by Cramer's rule. FALSE if the determinant is negligible beside the product of the rows'
 * lengths. */
static gboolean
solve (const float *c, const float *d, double *x)
{
  double determinant = 0, scale = 1;

  for (int i = 0; i < 3; i++)
    {
      int j = (i + 1) % 3, k = (i + 2) % 3;

      determinant += c[i] * ((double) c[3 + j] * c[6 + k] - (double) c[3 + k] * c[6 + j]);
      scale *= sqrt ((double) c[3 * i] * c[3 * i] + (double) c[3 * i + 1] * c[3 * i + 1]
                     + (double) c[3 * i + 2] * c[3 * i + 2]);
    }
  if (!isfinite (determinant) || !(fabs (determinant) > 1e-4 * scale))
    return FALSE;

  for (int i = 0; i < 3; i++)
    {
      int    j = (i + 1) % 3, k = (i + 2) % 3;
      double sum = 0;

      for (int row = 0; row < 3; row++)
        {
          int next = (row + 1) % 3, last = (row + 2) % 3;

          sum += d[row]
                 * ((double) c[3 * next + j] * c[3 * last + k] - (double) c[3 * next + k] * c[3 * last + j]);
        }
      x[i] = sum / determinant;
    }

  return TRUE;
}

gboolean
nst_model_fold_first (NstModel *model, int channels, const float *matrix, const float *offset, GError **error)
{
  NstLayer *layer = &model->layers[0];
  double    shift[3];

  if (channels != 3)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE, _ ("conv0: expected 3 output channels, found %d"),
                   channels);
      return FALSE;
    }
  if (!solve (matrix, offset, shift))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_SHAPE,
                   _ ("conv0: its 3x3 matrix has no inverse, so the layer cannot be merged into the next "
                      "one"));
      return FALSE;
    }

  for (int i = 0; i < 3; i++)
    model->mean[i] -= model->std[i] * shift[i];
  for (int out = 0; out < layer->out_channels; out++)
    for (int k = 0; k < 9; k++)
      {
        float *weight = layer->weight + out * 27 + k, old[3] = { weight[0], weight[9], weight[18] };

        for (int i = 0; i < 3; i++)
          weight[9 * i] = (double) old[0] * matrix[i] + (double) old[1] * matrix[3 + i]
                          + (double) old[2] * matrix[6 + i];
      }

  return TRUE;
}
