/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plug-in for GIMP 3: its procedure, the arguments, the run modes and the last values. */

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <locale.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "host/paint.h"
#include "plugin/gimp3/host.h"
#include "plugin/screen.h"
#include "ui/dialog.h"

#define PROCEDURE "plug-in-pastiche"
#define STYLE_PARASITE "pastiche-style-layer"
#define LAST_PARASITE "pastiche-last-values"

#define NOT_KEPT (G_PARAM_READWRITE | GIMP_PARAM_DONT_SERIALIZE) /* by GIMP; see remember () */

#define PASTICHE_TYPE_PLUG_IN (pastiche_plug_in_get_type ())
G_DECLARE_FINAL_TYPE (PastichePlugIn, pastiche_plug_in, PASTICHE, PLUG_IN, GimpPlugIn)

struct _PastichePlugIn
{
  GimpPlugIn parent_instance;
};

G_DEFINE_TYPE (PastichePlugIn, pastiche_plug_in, GIMP_TYPE_PLUG_IN)

/* Values of the argument output, in the order of NstOutput. */
static const char *const output_names[] = { "new-layer", "in-place", "new-image" };

static NstSettings *
settings_from_config (GimpProcedureConfig *config)
{
  NstSettings      *settings = g_new0 (NstSettings, 1);
  g_autoptr (GFile) file = NULL;
  GimpDrawable     *style = NULL;

  g_object_get (config, "style", &style, "style-file", &file, "alpha", &settings->alpha, "beta",
                &settings->beta, "iterations", &settings->iterations, "size", &settings->size, "preset",
                &settings->preset, "settings", &settings->json, "strength", &settings->strength, NULL);
  settings->output = gimp_procedure_config_get_choice_id (config, "output");
  settings->style_drawable = style != NULL ? gimp_item_get_id (GIMP_ITEM (style)) : -1;
  settings->style_file = file != NULL ? g_file_get_path (file) : g_strdup ("");
  if (settings->style_file == NULL) /* a remote file */
    settings->style_file = g_file_get_uri (file);
  if (settings->json == NULL)
    settings->json = g_strdup ("");
  g_clear_object (&style);

  return settings;
}

/* Stores the dialog's settings in config, which GIMP keeps as the last values. */
static void
settings_to_config (const NstSettings *settings, GimpProcedureConfig *config)
{
  g_autoptr (GFile) file = *settings->style_file != '\0'
                               ? g_file_new_for_commandline_arg (settings->style_file)
                               : NULL;

  g_object_set (config, "style",
                gimp_item_id_is_drawable (settings->style_drawable)
                    ? gimp_drawable_get_by_id (settings->style_drawable)
                    : NULL,
                "style-file", file, "alpha", settings->alpha, "beta", settings->beta, "iterations",
                settings->iterations, "size", settings->size, "preset",
                *settings->preset != '\0' ? settings->preset : nst_presets ()->name, "output",
                output_names[settings->output], "settings", settings->json, "strength", settings->strength,
                NULL);
}

static void
attach (const char *name, guint flags, gconstpointer data, gsize size)
{
  GimpParasite *parasite = gimp_parasite_new (name, flags, size, data);

  gimp_attach_parasite (parasite);
  gimp_parasite_free (parasite);
}

/* GIMP keeps the last values of a procedure not only in a file, but also in the image, which may be passed
 * on. So the arguments that may hold paths, "style-file" and "settings", are not left to it: they are kept in
 * a global parasite, which stays in the user's profile. The id of the style's layer is kept in another one,
 * which ends with the session. */
static void
remember (const NstSettings *settings)
{
  g_autoptr (GBytes) bytes = nst_settings_save (settings);

  attach (LAST_PARASITE, GIMP_PARASITE_PERSISTENT, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  attach (STYLE_PARASITE, 0, &settings->style_drawable, sizeof settings->style_drawable);
}

/* The settings of the last call; NULL: there was none. Owned by the caller. */
static NstSettings *
recall_last (void)
{
  GimpParasite      *parasite = gimp_get_parasite (LAST_PARASITE);
  g_autoptr (GBytes) bytes = NULL;
  guint32            size;
  const void        *data;

  if (parasite == NULL)
    return NULL;

  data = gimp_parasite_get_data (parasite, &size);
  bytes = g_bytes_new (data, size);
  gimp_parasite_free (parasite);

  return nst_settings_load (bytes);
}

/* Id of the style's layer in the last call; -1: there was none, or it was deleted. */
static int
recall_style (void)
{
  GimpParasite *parasite = gimp_get_parasite (STYLE_PARASITE);
  int           drawable = -1;
  guint32       size;
  const void   *data;

  if (parasite == NULL)
    return -1;

  data = gimp_parasite_get_data (parasite, &size);
  if (size == sizeof drawable)
    memcpy (&drawable, data, sizeof drawable);
  gimp_parasite_free (parasite);

  return gimp_item_id_is_drawable (drawable) ? drawable : -1;
}

/* Puts into settings what GIMP does not keep of the last call, unless the caller gave it. */
static void
recall (NstSettings *settings)
{
  g_autoptr (NstSettings) last = recall_last ();

  if (!nst_settings_has_style (settings))
    settings->style_drawable = recall_style ();
  if (last == NULL)
    return;

  if (!nst_settings_has_style (settings))
    {
      g_free (settings->style_file);
      settings->style_file = g_steal_pointer (&last->style_file);
    }
  if (*settings->json == '\0')
    {
      g_free (settings->json);
      settings->json = g_steal_pointer (&last->json);
    }
}

/* Opens the screen with GIMP's theme. GIMP writes a style sheet that imports the chosen theme, and marks it
 * if that is a dark one. */
static gboolean
open_screen (void)
{
  g_autofree char *css = g_build_filename (gimp_directory (), "theme.css", NULL);
  g_autofree char *text = NULL;

  if (!nst_screen_open ())
    return FALSE;

  if (g_file_get_contents (css, &text, NULL, NULL))
    nst_screen_set_theme (css, strstr (text, "/* prefer-dark-theme */") != NULL);

  return TRUE;
}

/* Paints all layers, one after the other. The dialog is shown for the first one, and its settings apply to
 * the others. FALSE without an error: the user cancelled. */
static gboolean
paint (NstHost *host, NstSettings *settings, gboolean with_dialog, GError **error)
{
  gboolean done = TRUE;

  gimp_progress_init (_ ("Neural style transfer"));
  if (with_dialog)
    done = nst_dialog_run (host, settings, error);
  if (!done || (with_dialog && !nst_host_gimp3_next (host)))
    return done;

  do
    done = nst_paint (host, settings, error);
  while (done && nst_host_gimp3_next (host));

  return done;
}

static GimpValueArray *
run (GimpProcedure       *procedure,
     GimpRunMode          mode,
     GimpImage           *image,
     GimpDrawable       **drawables,
     GimpProcedureConfig *config,
     gpointer             data G_GNUC_UNUSED)
{
  const gboolean          with_dialog = mode == GIMP_RUN_INTERACTIVE && open_screen ();
  g_autoptr (NstSettings) settings = settings_from_config (config);
  g_autoptr (NstHost)     host = nst_host_gimp3_new (image, drawables, mode != GIMP_RUN_NONINTERACTIVE);
  GimpPDBStatusType       status = GIMP_PDB_SUCCESS;
  GimpValueArray         *values;
  GError                 *error = NULL;

  setlocale (LC_NUMERIC, "C");
  nst_process_init (0); /* main () itself is a macro of libgimp */
  /* Errors of procedures that are called here become part of this procedure's own message. */
  gimp_plug_in_set_pdb_error_handler (gimp_procedure_get_plug_in (procedure), GIMP_PDB_ERROR_HANDLER_PLUGIN);
  if (mode != GIMP_RUN_NONINTERACTIVE)
    recall (settings);
  if (drawables[0] == NULL)
    g_set_error (&error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("No layer is selected: select the layer to paint"));
  else if (mode != GIMP_RUN_NONINTERACTIVE && !with_dialog && !nst_settings_has_style (settings))
    g_set_error (&error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("There is no style yet: choose one in Filters > Artistic > Neural Style "
                    "Transfer first"));
  else if (!paint (host, settings, with_dialog, &error))
    status = GIMP_PDB_CANCEL;
  else if (mode == GIMP_RUN_INTERACTIVE)
    {
      if (with_dialog)
        settings_to_config (settings, config);
      remember (settings);
    }

  if (error != NULL)
    status = g_error_matches (error, NST_ERROR, NST_ERROR_ARGUMENT) ? GIMP_PDB_CALLING_ERROR
                                                                    : GIMP_PDB_EXECUTION_ERROR;
  values = gimp_procedure_new_return_values (procedure, status, error);
  if (status == GIMP_PDB_SUCCESS)
    GIMP_VALUES_TAKE_CORE_OBJECT_ARRAY (values, 1, nst_host_gimp3_painted (host));

  return values;
}

static void
add_style_arguments (GimpProcedure *procedure)
{
  GimpChoice          *choice = gimp_choice_new ();
  const NstPresetInfo *preset;
  int                  i;

  gimp_procedure_add_drawable_argument (procedure, "style", _ ("St_yle"),
                                        _ ("The style: a layer of any image; none: use the style file"), TRUE,
                                        G_PARAM_READWRITE);
  gimp_procedure_add_file_argument (procedure, "style-file", _ ("Style _file"),
                                    _ ("The style: a picture file; used if no layer is given"),
                                    GIMP_FILE_CHOOSER_ACTION_ANY, TRUE, NULL, NOT_KEPT);

  for (preset = nst_presets (), i = 0; preset->name != NULL; preset++, i++)
    gimp_choice_add (choice, preset->name, i, _ (preset->title), NULL);
  gimp_procedure_add_choice_argument (procedure, "preset", _ ("_Preset"),
                                      _ ("Initial values of all other settings"), choice,
                                      nst_presets ()->name, G_PARAM_READWRITE);
}

static void
add_weight_arguments (GimpProcedure *procedure)
{
  gimp_procedure_add_double_argument (procedure, "alpha", _ ("_Content"),
                                      _ ("Weight of the content (alpha), 0 .. 1e9; below 0: the preset's "
                                         "value"),
                                      -1.0, 1e9, -1.0, G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (procedure, "beta", _ ("_Style weight"),
                                      _ ("Weight of the style (beta), 0 .. 1e9; below 0: the preset's value"),
                                      -1.0, 1e9, -1.0, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "iterations", _ ("_Iterations"),
                                   _ ("Iterations at each scale, 1 .. 100000; 0: the preset's value"), 0,
                                   100000, 0, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "size", _ ("Si_ze"),
                                   _ ("Largest longer side to paint, in pixels, 16 .. 32768; the result is "
                                      "then "
                                      "enlarged to the layer's size; 0: the layer's size; -1: the preset's "
                                      "value"),
                                   -1, 32768, -1, G_PARAM_READWRITE);
}

static void
add_result_arguments (GimpProcedure *procedure)
{
  GimpChoice *choice = gimp_choice_new_with_values (output_names[0], NST_OUTPUT_NEW_LAYER,
                                                    _ ("New layer above"), NULL, output_names[1],
                                                    NST_OUTPUT_IN_PLACE, _ ("In place"), NULL,
                                                    output_names[2], NST_OUTPUT_NEW_IMAGE, _ ("New image"),
                                                    NULL, NULL);

  gimp_procedure_add_choice_argument (procedure, "output", _ ("_Output"), _ ("Where the result goes"), choice,
                                      output_names[0], G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (procedure, "strength", _ ("St_rength"),
                                      _ ("Share of the painted picture in the result, 0 .. 1; the rest is "
                                         "the layer"),
                                      0.0, 1.0, 1.0, G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "settings", _ ("Other s_ettings"),
                                      _ ("All other settings: a JSON object with \"model\" and any field "
                                         "of a recipe, for example {\"tv\": "
                                         "0.1, \"palette\": 0.5}. It overrides the preset; alpha, "
                                         "beta, iterations and size override it."),
                                      "", NOT_KEPT);
  gimp_procedure_add_core_object_array_return_value (procedure, "layers", _ ("Layers"),
                                                     _ ("The layers with the results: the new ones, or the "
                                                        "given ones"),
                                                     GIMP_TYPE_LAYER, G_PARAM_READWRITE);
}

static GimpProcedure *
create_procedure (GimpPlugIn *plug_in, const char *name)
{
  GimpProcedure *procedure = gimp_image_procedure_new (plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL,
                                                       NULL);

  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE
                                                      | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
  gimp_procedure_set_menu_label (procedure, _ ("_Neural Style Transfer..."));
  gimp_procedure_add_menu_path (procedure, "<Image>/Filters/Artistic");
  gimp_procedure_set_documentation (
      procedure, _ ("Paint the picture in the style of another one"),
      _ ("Neural style transfer (Gatys, Ecker, Bethge 2015): keeps what the layer shows, and takes brush "
         "strokes, colours and textures from the style. The whole layer is read. Outside the selection the "
         "layer is left as it is, and a new layer is transparent. Alpha is kept. Several layers are painted "
         "one after the other. The result is one undo step."),
      NULL);
  gimp_procedure_set_attribution (procedure, "The Pastiche authors", "The Pastiche authors", "2026");
  add_style_arguments (procedure);
  add_weight_arguments (procedure);
  add_result_arguments (procedure);

  return procedure;
}

static GList *
query_procedures (GimpPlugIn *plug_in G_GNUC_UNUSED)
{
  return g_list_append (NULL, g_strdup (PROCEDURE));
}

/* set_i18n is not overridden: GIMP's default finds the translations, in locale/ in the plug-in's folder. */
static void
pastiche_plug_in_class_init (PastichePlugInClass *class)
{
  GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS (class);

  plug_in->query_procedures = query_procedures;
  plug_in->create_procedure = create_procedure;
}

static void
pastiche_plug_in_init (PastichePlugIn *plug_in G_GNUC_UNUSED)
{
}

GIMP_MAIN (PASTICHE_TYPE_PLUG_IN)
