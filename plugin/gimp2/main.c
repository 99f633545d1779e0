/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plug-in for GIMP 2.10: its procedure, the arguments, the run modes and the last values. */

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <locale.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/process.h"
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
  { GIMP_PDB_DRAWABLE, "style-drawable", "The style: a layer of any image; -1: use style-file" },
  { GIMP_PDB_STRING, "style-file", "The style: a picture file; used if style-drawable is -1" },
  { GIMP_PDB_FLOAT, "alpha", "Weight of the content, 0 .. 1e9; below 0: the preset's value" },
  { GIMP_PDB_FLOAT, "beta", "Weight of the style, 0 .. 1e9; below 0: the preset's value" },
  { GIMP_PDB_INT32, "iterations", "Iterations at each scale, 1 .. 100000; 0: the preset's value" },
  { GIMP_PDB_INT32, "size",
    "Largest longer side to paint, in pixels, 16 .. 32768; the result is then enlarged to the layer's size; "
    "0: the layer's size; -1: the preset's value" },
  { GIMP_PDB_STRING, "preset", "Name of a preset; \"\": the default preset" },
  { GIMP_PDB_INT32, "output", "Where the result goes { NEW-LAYER-ABOVE (0), IN-PLACE (1), NEW-IMAGE (2) }" },
  { GIMP_PDB_STRING, "settings",
    "All other settings: a JSON object with \"model\" and any field of a recipe, for example {\"tv\": 0.1, "
    "\"palette\": 0.5}. It overrides the preset; alpha, beta, iterations and size override it. \"\": "
    "none" },
};

static const GimpParamDef results[] = {
  { GIMP_PDB_LAYER, "layer", "The layer with the result: the new one, or the given one" },
};

static void
query (void)
{
  gimp_plugin_domain_register (GETTEXT_PACKAGE, LOCALEDIR);

  gimp_install_procedure (
      PROCEDURE, N_ ("Paint the picture in the style of another one"),
      "Neural style transfer (Gatys, Ecker, Bethge 2015): keeps what the layer shows, and "
      "takes brush strokes, colours and textures from the style. The whole layer is read. "
      "Outside the selection the layer is left as it is, and a new layer is transparent. "
      "Alpha is kept. The result is one undo step. The arguments of a successful call "
      "become the last values: the interactive mode starts with them, and the mode with "
      "last values repeats them.",
      "The Pastiche authors", "The Pastiche authors", "2026", N_ ("_Neural Style Transfer..."), "RGB*, GRAY*",
      GIMP_PLUGIN, G_N_ELEMENTS (arguments), G_N_ELEMENTS (results), arguments, results);
  gimp_plugin_menu_register (PROCEDURE, "<Image>/Filters/Artistic");
}

/* The settings in the arguments of a non-interactive call. GIMP may pass NULL for a string. */
static NstSettings *
settings_from_arguments (const GimpParam *param)
{
  NstSettings *settings = g_new0 (NstSettings, 1);
  const char  *file = param[4].data.d_string, *preset = param[9].data.d_string,
             *json = param[11].data.d_string;

  settings->style_drawable = param[3].data.d_drawable;
  settings->style_file = g_strdup (file != NULL ? file : "");
  settings->alpha = param[5].data.d_float;
  settings->beta = param[6].data.d_float;
  settings->iterations = param[7].data.d_int32;
  settings->size = param[8].data.d_int32;
  settings->preset = g_strdup (preset != NULL ? preset : "");
  settings->output = param[10].data.d_int32;
  settings->json = g_strdup (json != NULL ? json : "");
  settings->strength = 1.0;

  return settings;
}

/* The settings of the last successful call since GIMP started, or new ones. A style layer that was deleted is
 * dropped. */
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
  if (settings == NULL)
    settings = nst_settings_new ();
  if (settings->style_drawable != -1 && !gimp_item_is_valid (settings->style_drawable))
    settings->style_drawable = -1;

  return settings;
}

/* The settings that this call paints with; NULL with NST_ERROR_ARGUMENT. */
static NstSettings *
get_settings (int n_params, const GimpParam *param, gboolean with_dialog, GError **error)
{
  GimpRunMode             mode = param[0].data.d_int32;
  g_autoptr (NstSettings) settings = NULL;

  if (mode == GIMP_RUN_NONINTERACTIVE && n_params != G_N_ELEMENTS (arguments))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("plug-in-pastiche takes %d arguments, but %d were given"),
                   (int) G_N_ELEMENTS (arguments), n_params);
      return NULL;
    }

  settings = mode == GIMP_RUN_NONINTERACTIVE ? settings_from_arguments (param) : settings_from_last_values ();
  if ((int) settings->output < 0 || settings->output > NST_OUTPUT_NEW_IMAGE)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("output is %d; it must be 0 (new layer above), 1 (in place) or 2 (new image)"),
                   (int) settings->output);
      return NULL;
    }
  if (mode != GIMP_RUN_NONINTERACTIVE && !with_dialog && !nst_settings_has_style (settings))
    {
      g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT,
                           _ ("There is no style yet: choose one in Filters > Artistic > Neural Style "
                              "Transfer first"));
      return NULL;
    }

  return g_steal_pointer (&settings);
}

/* Opens the screen. GIMP 2.10's themes are for GTK+ 2; GTK+ 3 can only be told whether the theme is dark. */
static gboolean
open_screen (void)
{
  g_autofree char *theme = NULL;

  if (!nst_screen_open ())
    return FALSE;

  theme = gimp_gimprc_query ("theme");
  if (theme != NULL)
    nst_screen_set_theme (NULL, strstr (theme, "Dark") != NULL || strstr (theme, "dark") != NULL);

  return TRUE;
}

/* Paints, with the dialog in interactive mode, and remembers the settings as last values. Without a screen
 * interactive mode repeats the last values. FALSE without an error: the user cancelled. */
static gboolean
paint (int n_params, const GimpParam *param, gint32 *layer, GError **error)
{
  const GimpRunMode   mode = param[0].data.d_int32;
  const gboolean      with_dialog = mode == GIMP_RUN_INTERACTIVE && open_screen ();
  g_autoptr (NstHost) host = nst_host_gimp2_new (param[2].data.d_drawable, mode != GIMP_RUN_NONINTERACTIVE);
  g_autoptr (NstSettings) settings = get_settings (n_params, param, with_dialog, error);
  g_autoptr (GBytes)      bytes = NULL;

  if (settings == NULL)
    return FALSE;

  gimp_progress_init (_ ("Neural style transfer"));
  if (!(with_dialog ? nst_dialog_run (host, settings, error) : nst_paint (host, settings, error)))
    return FALSE;

  bytes = nst_settings_save (settings);
  g_debug ("Last values: %" G_GSIZE_FORMAT " bytes", g_bytes_get_size (bytes));
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
  nst_process_init (0); /* main () itself is a macro of libgimp */
  /* Errors of procedures that are called here become part of this procedure's own message. */
  gimp_plugin_set_pdb_error_handler (GIMP_PDB_ERROR_HANDLER_PLUGIN);

  answer[0].type = GIMP_PDB_STATUS;
  if (paint (n_params, param, &answer[1].data.d_layer, &error))
    {
      answer[0].data.d_status = GIMP_PDB_SUCCESS;
      answer[1].type = GIMP_PDB_LAYER;
    }
  else if (error == NULL)
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
      /* Not freed: GIMP reads it when this function has returned, and then the process ends. */
      answer[1].data.d_string = error->message;
    }

  *n_values = n;
  *values = answer;
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

MAIN ()
