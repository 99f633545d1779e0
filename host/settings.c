/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings as a value: defaults, memory, and a form in bytes for the last values of a session. */
#include "host/settings.h"

/* The fields in the order of the struct. A file name is bytes, because it need not be UTF-8. */
#define SAVED_TYPE "(iayddiisisd)"
#define SAVED_FORMAT "(i^ayddiisisd)"

NstSettings *
nst_settings_new (void)
{
  NstSettings *settings = g_new0 (NstSettings, 1);

  settings->style_drawable = -1;
  settings->style_file = g_strdup ("");
  settings->alpha = settings->beta = -1.0;
  settings->size = -1;
  settings->preset = g_strdup ("");
  settings->json = g_strdup ("");
  settings->strength = 1.0;

  return settings;
}

void
nst_settings_free (NstSettings *settings)
{
  if (settings == NULL)
    return;

  g_free (settings->style_file);
  g_free (settings->preset);
  g_free (settings->json);
  g_free (settings);
}

gboolean
nst_settings_has_style (const NstSettings *settings)
{
  return settings->style_drawable != -1 || *settings->style_file != '\0';
}

GBytes *
nst_settings_save (const NstSettings *settings)
{
  g_autoptr (GVariant) variant = NULL;

  variant = g_variant_ref_sink (g_variant_new (SAVED_FORMAT, settings->style_drawable, settings->style_file,
                                               settings->alpha, settings->beta, settings->iterations,
                                               settings->size, settings->preset, (int) settings->output,
                                               settings->json, settings->strength));
  return g_variant_get_data_as_bytes (variant);
}

NstSettings *
nst_settings_load (GBytes *bytes)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (SAVED_TYPE), bytes, FALSE));
  NstSettings *settings;
  int          output;

  if (!g_variant_is_normal_form (variant))
    return NULL;

  settings = g_new0 (NstSettings, 1);
  g_variant_get (variant, SAVED_FORMAT, &settings->style_drawable, &settings->style_file, &settings->alpha,
                 &settings->beta, &settings->iterations, &settings->size, &settings->preset, &output,
                 &settings->json, &settings->strength);
  settings->strength = CLAMP (settings->strength, 0.0, 1.0);
  settings->output = output >= 0 && output <= NST_OUTPUT_NEW_IMAGE ? (NstOutput) output
                                                                   : NST_OUTPUT_NEW_LAYER;

  return settings;
}
