/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the result to the host, with the settings that made it. */
#include "ui/result.h"

/* Put what was used into settings, for the next call and for the layer. */
static void
remember (NstSettings *settings, NstPainter *painter, NstControls *controls, NstLooks *looks)
{
  g_free (settings->preset);
  settings->preset = g_strdup (nst_looks_preset (looks));
  settings->output = nst_controls_output (controls);
  nst_painter_save (painter, settings);
}

/* The size in the text is the one that was painted; the size in settings is the one that was asked for. */
static char *
make_text (const NstSettings *settings, NstPainter *painter, const char *style_name)
{
  const NstSources *sources = nst_painter_sources (painter);
  const int         size = nst_painter_run_size (painter);
  NstRecipe         recipe = *nst_painter_recipe (painter);

  recipe.size = size < MAX (sources->width, sources->height) ? size : 0;

  return nst_settings_to_json (settings, &recipe, style_name);
}

gboolean
nst_result_write (NstHost     *host,
                  NstSettings *settings,
                  NstPainter  *painter,
                  NstControls *controls,
                  NstLooks    *looks,
                  NstImage    *picture,
                  GError     **error)
{
  g_autofree char *text = NULL;

  remember (settings, painter, controls, looks);
  text = make_text (settings, painter, nst_controls_style_name (controls));

  return nst_host_write (host, picture, settings->output, text, error);
}
