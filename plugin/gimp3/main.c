/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The plug-in for GIMP 3: the procedure, its arguments and the run modes. */

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <locale.h>
#include <string.h>

#include "core/base/error.h"
#include "host/paint.h"
#include "plugin/gimp3/host.h"
#include "plugin/screen.h"
#include "ui/dialog.h"

#define PROCEDURE "plug-in-pastiche"
#define STYLE_PARASITE "pastiche-style-layer"

#define PASTICHE_TYPE_PLUG_IN (pastiche_plug_in_get_type ())
G_DECLARE_FINAL_TYPE (PastichePlugIn, pastiche_plug_in, PASTICHE, PLUG_IN, GimpPlugIn)

struct _PastichePlugIn
{
  GimpPlugIn parent_instance;
};

G_DEFINE_TYPE (PastichePlugIn, pastiche_plug_in, GIMP_TYPE_PLUG_IN)

/* The names of the choices, in the order of NstOutput. */
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
  settings->style_drawable = style ? gimp_item_get_id (GIMP_ITEM (style)) : -1;
  settings->style_file = file ? g_file_get_path (file) : g_strdup ("");
  if (!settings->style_file)
    settings->style_file = g_file_get_uri (file);
  if (!settings->json)
    settings->json = g_strdup ("");
  g_clear_object (&style);

  return settings;
}

/* What the dialog ended with, for GIMP to remember as last values. */
static void
settings_to_config (const NstSettings *settings, GimpProcedureConfig *config)
{
  g_autoptr (GFile) file = *settings->style_file ? g_file_new_for_commandline_arg (settings->style_file)
                                                 : NULL;

  g_object_set (config, "style",
                settings->style_drawable == -1 ? NULL : gimp_drawable_get_by_id (settings->style_drawable),
                "style-file", file, "alpha", settings->alpha, "beta", settings->beta, "iterations",
                settings->iterations, "size", settings->size, "preset",
                *settings->preset ? settings->preset : nst_presets ()->name, "output",
                output_names[settings->output], "settings", settings->json, "strength", settings->strength,
                NULL);
}

/* GIMP remembers no drawables from one call to the next, because its memory is a file. The style's layer is
 * kept with what GIMP forgets when it ends. */
static void
remember_style (int drawable)
{
  GimpParasite *parasite = gimp_parasite_new (STYLE_PARASITE, 0, sizeof drawable, &drawable);

  gimp_attach_parasite (parasite);
  gimp_parasite_free (parasite);
}

/* -1: none, or none any more. */
static int
recall_style (void)
{
  GimpParasite *parasite = gimp_get_parasite (STYLE_PARASITE);
  int           drawable = -1;
  guint32       size;
  const void   *data;

  if (!parasite)
    return -1;

  data = gimp_parasite_get_data (parasite, &size);
  if (size == sizeof drawable)
    memcpy (&drawable, data, sizeof drawable);
  gimp_parasite_free (parasite);

  return gimp_item_id_is_drawable (drawable) ? drawable : -1;
}

/* GIMP keeps a style sheet that stands for the theme that was chosen in it, and says inside whether that is a
 * dark one. */
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

/* All drawables, one after the other; with a dialog, it is shown for the first one and what it ends with goes
 * for the others, too. FALSE without an error: the user cancelled. */
static gboolean
paint (NstHost *host, NstSettings *settings, gboolean with_dialog, GError **error)
{
  gboolean done = TRUE;

  if (with_dialog)
    done = nst_dialog_run (host, settings, error);
  if (!done || (with_dialog && !nst_host_gimp3_next (host)))
    return done;

  gimp_progress_init (_ ("Neural style transfer"));
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
  if (mode != GIMP_RUN_NONINTERACTIVE && settings->style_drawable == -1 && !*settings->style_file)
    settings->style_drawable = recall_style ();
  if (!drawables[0])
    g_set_error (&error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("No layer is selected"));
  else if (mode != GIMP_RUN_NONINTERACTIVE && !with_dialog && settings->style_drawable == -1
           && !*settings->style_file)
    g_set_error (&error, NST_ERROR, NST_ERROR_ARGUMENT,
                 _ ("There is no style yet to repeat: choose one in Filters > Artistic > Neural Style "
                    "Transfer first"));
  else if (!paint (host, settings, with_dialog, &error))
    status = GIMP_PDB_CANCEL;
  else if (with_dialog)
    {
      settings_to_config (settings, config);
      remember_style (settings->style_drawable);
    }

  if (error)
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
                                        _ ("A layer, of any image, whose look the picture takes; none: the "
                                           "look of the style file"),
                                        TRUE, G_PARAM_READWRITE);
  gimp_procedure_add_file_argument (procedure, "style-file", _ ("Style _file"),
                                    _ ("A picture file whose look the picture takes; used when no layer is "
                                       "given"),
                                    GIMP_FILE_CHOOSER_ACTION_ANY, TRUE, NULL, G_PARAM_READWRITE);

  for (preset = nst_presets (), i = 0; preset->name; preset++, i++)
    gimp_choice_add (choice, preset->name, i, _ (preset->title), NULL);
  gimp_procedure_add_choice_argument (procedure, "preset", _ ("_Preset"),
                                      _ ("What all other settings begin with"), choice, nst_presets ()->name,
                                      G_PARAM_READWRITE);
}

static void
add_weight_arguments (GimpProcedure *procedure)
{
  gimp_procedure_add_double_argument (procedure, "alpha", _ ("_Content"),
                                      _ ("Weight of the content (alpha), 0 .. 1e9; below 0: the preset's "
                                         "own"),
                                      -1.0, 1e9, -1.0, G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (procedure, "beta", _ ("_Style weight"),
                                      _ ("Weight of the style (beta), 0 .. 1e9; below 0: the preset's own"),
                                      -1.0, 1e9, -1.0, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "iterations", _ ("_Iterations"),
                                   _ ("Iterations at each scale, 1 .. 100000; 0: the preset's own"), 0,
                                   100000, 0, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "size", _ ("Si_ze"),
                                   _ ("Longer side in pixels that is painted at most, 16 .. 32768, then "
                                      "enlarged to the layer's size; "
                                      "0: as large as the layer; -1: the preset's own"),
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
                                      _ ("Share of the result that is mixed into what was there"), 0.0, 1.0,
                                      1.0, G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (
      procedure, "settings", _ ("Other s_ettings"),
      _ ("Everything else as a JSON object: \"model\" and any field of a recipe, such as {\"tv\": 0.1, "
         "\"keep_colours\": true}; stronger than the preset, weaker than alpha, beta, iterations and size"),
      "", G_PARAM_READWRITE);
  gimp_procedure_add_core_object_array_return_value (procedure, "layers", _ ("Layers"),
                                                     _ ("The layers that were painted: the new ones, or the "
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
      _ ("Neural style transfer (Gatys, Ecker, Bethge 2015): keeps what the layer shows and takes brush "
         "strokes, colours and textures from the style. The whole layer is looked at; what is outside of the "
         "selection stays as it is, or transparent in a new layer, and alpha is kept. Several layers are "
         "painted one after the other. All in one undo step."),
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

/* Translations are where GIMP looks by itself: locale/ in the plug-in's folder. */
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
