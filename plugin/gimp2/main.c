/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The plug-in for GIMP 2.10: the procedure, its arguments and the run modes. */

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <locale.h>
#include <string.h>

#include "core/base/error.h"
#include "host/paint.h"
#include "plugin/gimp2/host.h"
#include "plugin/screen.h"
#include "ui/dialog.h"

#define PROCEDURE "plug-in-pastiche"

static const GimpParamDef arguments[] = {
  { GIMP_PDB_INT32, "run-mode",
    "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), RUN-WITH-LAST-VALS (2) }" },
  { GIMP_PDB_IMAGE, "image", "The image" },
  { GIMP_PDB_DRAWABLE, "drawable", "The layer to paint" },
  { GIMP_PDB_DRAWABLE, "style-drawable",
    "A layer, of any image, whose look the picture takes; -1: the look of style-file" },
  { GIMP_PDB_STRING, "style-file",
    "A picture file whose look the picture takes; used when style-drawable is -1" },
  { GIMP_PDB_FLOAT, "alpha", "Weight of the content, 0 .. 1e9; below 0: the preset's own" },
  { GIMP_PDB_FLOAT, "beta", "Weight of the style, 0 .. 1e9; below 0: the preset's own" },
  { GIMP_PDB_INT32, "iterations", "Iterations at each scale, 1 .. 100000; 0: the preset's own" },
  { GIMP_PDB_INT32, "size",
    "Longer side in pixels that is painted at most, 16 .. 32768, then enlarged to the layer's size; 0: as "
    "large as "
    "the layer; -1: the preset's own" },
  { GIMP_PDB_STRING, "preset", "Name of a preset; \"\": the default one" },
  { GIMP_PDB_INT32, "output", "Where the result goes { NEW-LAYER-ABOVE (0), IN-PLACE (1), NEW-IMAGE (2) }" },
  { GIMP_PDB_STRING, "settings",
    "Everything else as a JSON object: \"model\" and any field of a recipe, such as {\"tv\": 0.1, "
    "\"keep_colours\": true}; stronger than the preset, weaker than the arguments before; \"\": none" },
};

static const GimpParamDef results[] = {
  { GIMP_PDB_LAYER, "layer", "The layer that was painted: the new one, or the given one" },
};

static void
query (void)
{
  gimp_plugin_domain_register (GETTEXT_PACKAGE, LOCALEDIR);

  gimp_install_procedure (PROCEDURE, N_ ("Paint the picture in the style of another one"),
                          "Neural style transfer (Gatys, Ecker, Bethge 2015): keeps what the layer shows and "
                          "takes brush strokes, colours "
                          "and textures from the style. The whole layer is looked at; what is outside of the "
                          "selection stays as it is, or "
                          "transparent in a new layer, and alpha is kept. All in one undo step. Every call "
                          "that succeeds leaves its "
                          "arguments as the last values, which the interactive mode begins with and the one "
                          "with last values repeats.",
                          "The Pastiche authors", "The Pastiche authors", "2026",
                          N_ ("_Neural Style Transfer..."), "RGB*, GRAY*", GIMP_PLUGIN,
                          G_N_ELEMENTS (arguments), G_N_ELEMENTS (results), arguments, results);
  gimp_plugin_menu_register (PROCEDURE, "<Image>/Filters/Artistic");
}

/* The arguments from the style on; strings may be NULL in GIMP's hands. */
static NstSettings *
settings_from_arguments (const GimpParam *param)
{
  NstSettings *settings = g_new0 (NstSettings, 1);
  const char  *file = param[4].data.d_string, *preset = param[9].data.d_string,
             *json = param[11].data.d_string;

  settings->style_drawable = param[3].data.d_drawable;
  settings->style_file = g_strdup (file ? file : "");
  settings->alpha = param[5].data.d_float;
  settings->beta = param[6].data.d_float;
  settings->iterations = param[7].data.d_int32;
  settings->size = param[8].data.d_int32;
  settings->preset = g_strdup (preset ? preset : "");
  settings->output = param[10].data.d_int32;
  settings->json = g_strdup (json ? json : "");
  settings->strength = 1.0;

  return settings;
}

/* What the last call that succeeded since GIMP's start was asked for, or nothing. A style layer that is gone
 * is forgotten. */
static NstSettings *
settings_from_last_values (void)
{
  int          length = gimp_get_data_size (PROCEDURE);
  NstSettings *settings = NULL;

  if (length > 0)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc (length), length);

      if (gimp_get_data (PROCEDURE, (gpointer) g_bytes_get_data (bytes, NULL)))
        settings = nst_settings_load (bytes);
    }
  if (!settings)
    settings = nst_settings_new ();
  if (settings->style_drawable != -1 && !gimp_item_is_valid (settings->style_drawable))
    settings->style_drawable = -1;

  return settings;
}

static NstSettings *
get_settings (int n_params, const GimpParam *param, gboolean with_dialog, GError **error)
{
  GimpRunMode             mode = param[0].data.d_int32;
  g_autoptr (NstSettings) settings = NULL;

  if (mode == GIMP_RUN_NONINTERACTIVE && n_params != G_N_ELEMENTS (arguments))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("expected %d arguments, found %d"),
                   (int) G_N_ELEMENTS (arguments), n_params);
      return NULL;
    }

  settings = mode == GIMP_RUN_NONINTERACTIVE ? settings_from_arguments (param) : settings_from_last_values ();
  if ((int) settings->output < 0 || settings->output > NST_OUTPUT_NEW_IMAGE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("output: expected 0 (new layer above), 1 (in place) or 2 (new image), found %d"),
                   (int) settings->output);
      return NULL;
    }
  if (mode != GIMP_RUN_NONINTERACTIVE && !with_dialog && settings->style_drawable == -1
      && !*settings->style_file)
    {
      g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT,
                           _ ("There is no style yet to repeat: choose one in Filters > Artistic > Neural "
                              "Style Transfer first"));
      return NULL;
    }

  return g_steal_pointer (&settings);
}

/* GIMP 2.10's themes are for GTK+ 2: only whether it is dark can be taken over. */
static gboolean
open_screen (void)
{
  g_autofree char *theme = NULL;

  if (!nst_screen_open ())
    return FALSE;

  theme = gimp_gimprc_query ("theme");
  if (theme)
    nst_screen_set_theme (NULL, strstr (theme, "Dark") || strstr (theme, "dark"));

  return TRUE;
}

/* FALSE without an error: the user cancelled. */
static gboolean
paint (int n_params, const GimpParam *param, gint32 *layer, GError **error)
{
  const GimpRunMode   mode = param[0].data.d_int32;
  const gboolean      with_dialog = mode == GIMP_RUN_INTERACTIVE && open_screen ();
  g_autoptr (NstHost) host = nst_host_gimp2_new (param[2].data.d_drawable, mode != GIMP_RUN_NONINTERACTIVE);
  g_autoptr (NstSettings) settings = get_settings (n_params, param, with_dialog, error);
  g_autoptr (GBytes)      bytes = NULL;

  if (!settings)
    return FALSE;

  if (!with_dialog)
    gimp_progress_init (_ ("Neural style transfer"));
  if (!(with_dialog ? nst_dialog_run (host, settings, error) : nst_paint (host, settings, error)))
    return FALSE;

  bytes = nst_settings_save (settings);
  gimp_set_data (PROCEDURE, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  *layer = nst_host_gimp2_painted (host);

  return TRUE;
}

static void
run (const char *name G_GNUC_UNUSED, int n_params, const GimpParam *param, int *n_values, GimpParam **values)
{
  static GimpParam answer[2];
  GError          *error = NULL;
  int              n = G_N_ELEMENTS (answer);

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  gimp_plugin_enable_precision ();
  /* errors go into this procedure's own message */
  gimp_plugin_set_pdb_error_handler (GIMP_PDB_ERROR_HANDLER_PLUGIN);

  answer[0].type = GIMP_PDB_STATUS;
  if (paint (n_params, param, &answer[1].data.d_layer, &error))
    {
      answer[0].data.d_status = GIMP_PDB_SUCCESS;
      answer[1].type = GIMP_PDB_LAYER;
    }
  else if (!error)
    {
      answer[0].data.d_status = GIMP_PDB_CANCEL;
      n = 1;
    }
  else
    {
      answer[0].data.d_status = g_error_matches (error, NST_ERROR, NST_ERROR_ARGUMENT)
                                    ? GIMP_PDB_CALLING_ERROR
                                    : GIMP_PDB_EXECUTION_ERROR;
      answer[1].type = GIMP_PDB_STRING;
      /* lives as long as the process, which is over once GIMP has it */
      answer[1].data.d_string = error->message;
    }

  *n_values = n;
  *values = answer;
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

MAIN ()
