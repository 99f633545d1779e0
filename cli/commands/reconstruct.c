/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command reconstruct: shows what layers represent (Gatys et al. 2015, figure 1). White noise is
 * optimised until it matches the content's features at one layer, or the style's Gram matrices at the first k
 * layers. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "cli/session.h"
#include "cli/sheet.h"
#include "picture/picture.h"

static struct
{
  char **what;
  char  *layers, *output, *folder;
} options;

static const GOptionEntry entries[] = {
  { "layers", 0, 0, G_OPTION_ARG_STRING, &options.layers,
    N_ ("One picture for each: content from this layer alone, style from this and all layers before it in "
        "the list"),
    N_ ("LAYER,LAYER,...") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
    N_ ("The contact sheet: a .png, .jpg, .tif or .webp file"), N_ ("FILE") },
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &options.folder,
    N_ ("Also save each picture in this folder, as LAYER.png"), N_ ("FOLDER") },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.what, NULL, "content|style" },
  { NULL }
};

static const GOptionEntry *const shared[] = { nst_session_pictures, nst_session_fields, nst_session_descent,
                                              nst_session_network,  nst_sheet_entries,  NULL };

static const char content_layers[] = "conv1_1,conv2_1,conv3_1,conv4_1,conv4_2,conv5_1";
static const char style_layers[] = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1";

/* The recipe for picture k: content loss or style loss alone. The content gets the larger of both weights, so
 * that total variation has the same share in both reconstructions. */
static NstRecipe
recipe_of (const NstRecipe *recipe, const NstLayerWeights *layers, gboolean style, int k)
{
  NstRecipe        own = *recipe;
  NstLayerWeights *list = style ? &own.style_layers : &own.content_layers;
  double           weight;

  own.content_layers.n = own.style_layers.n = 0;
  if (style)
    {
      *list = *layers;
      list->n = k + 1;
    }
  else
    list->layers[list->n++] = layers->layers[k];
  weight = style && recipe->beta > 0 ? recipe->beta : MAX (recipe->alpha, recipe->beta);
  own.alpha = style ? 0 : weight;
  own.beta = style ? weight : 0;
  own.palette = 1;
  if (!nst_session_has_field ("init"))
    own.init = NST_INIT_NOISE;

  return own;
}

static gboolean
paint (NstSession            *session,
       const NstLayerWeights *layers,
       gboolean               style,
       int                    k,
       NstSheet              *sheet,
       GError               **error)
{
  const NstRecipe  recipe = recipe_of (&session->recipe, layers, style, k);
  const char      *layer = layers->layers[k].layer;
  g_autofree char *title = style && k > 0 ? g_strdup_printf (_ ("%s to %s"), layers->layers[0].layer, layer)
                                          : g_strdup (layer);
  g_autofree char *name = g_strconcat (layer, ".png", NULL);
  g_autofree char *path = options.folder != NULL ? g_build_filename (options.folder, name, NULL) : NULL;

  return nst_sheet_paint (sheet, session, &recipe, title, title, NULL, path, error);
}

/* Adds the original picture, scaled to the size of the reconstructions. */
static gboolean
add_original (const NstSession *session, gboolean style, NstSheet *sheet, GError **error)
{
  const NstImage      *original = style ? session->scene->styles[0].image : session->scene->content;
  const NstRecipe     *recipe = &session->recipe;
  const int            longest = MAX (original->width, original->height);
  const int            size = recipe->size > 0 ? recipe->size : longest;
  g_autoptr (NstImage) scaled = NULL;
  int                  width, height;

  nst_image_fit (original->width, original->height, recipe->enlarge ? size : MIN (size, longest), &width,
                 &height);
  scaled = nst_image_resize (original, width, height, error);

  return scaled != NULL
         && nst_sheet_add (sheet, scaled, style ? _ ("the style") : _ ("the content"), NULL, error);
}

static gboolean
add_files (NstFiles *files, const NstLayerWeights *layers, GError **error)
{
  if (!nst_session_add_files (files, error) || !nst_files_write (files, "--output", options.output, error))
    return FALSE;
  for (int k = 0; options.folder != NULL && k < layers->n; k++)
    {
      g_autofree char *name = g_strconcat (layers->layers[k].layer, ".png", NULL);

      if (!nst_files_write_in (files, _ ("the result"), options.folder, name, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
reconstruct (GError **error)
{
  g_auto (NstSession)  session = { NULL };
  g_autoptr (NstFiles) files = nst_files_new ();
  g_autoptr (NstSheet) sheet = NULL;
  NstLayerWeights      layers;
  gint64               begun = g_get_monotonic_time ();
  gboolean             style, good = TRUE;

  if (options.what == NULL || g_strv_length (options.what) != 1
      || (strcmp (options.what[0], "content") != 0 && strcmp (options.what[0], "style") != 0))
    return nst_cli_usage (error, _ ("Say what to reconstruct: \"content\" or \"style\""));
  if (options.output == NULL)
    return nst_cli_usage (error, _ ("--output FILE is needed"));
  style = strcmp (options.what[0], "style") == 0;
  if (style && nst_session_content_path () != NULL)
    return nst_cli_usage (error, _ ("\"reconstruct style\" does not use a content; leave out --content"));
  if (!style && nst_session_style_path () != NULL)
    return nst_cli_usage (error, _ ("\"reconstruct content\" does not use a style; leave out --style"));
  if (!nst_list_parse_layers ("--layers",
                              options.layers != NULL ? options.layers
                              : style                ? style_layers
                                                     : content_layers,
                              &layers, error)
      || !nst_picture_check_path (options.output, NULL, error) || !nst_sheet_check (error)
      || !nst_files_lock_folder (files, options.folder, error) || !add_files (files, &layers, error)
      || !nst_session_open (&session, !style, style, error))
    return FALSE;

  sheet = nst_sheet_new (0);
  if (!add_original (&session, style, sheet, error))
    return FALSE;
  for (int k = 0; k < layers.n && good; k++)
    good = paint (&session, &layers, style, k, sheet, error);
  if (!nst_sheet_finish (sheet, good, options.output, error))
    return FALSE;
  g_printerr (_ ("%s: %d pictures, %.1f s\n"), options.output, layers.n,
              (g_get_monotonic_time () - begun) * 1e-6);

  return TRUE;
}

const NstCommand nst_command_reconstruct = {
  "reconstruct", N_ ("Show what layers represent of a content or a style, from noise"), entries, shared,
  reconstruct
};
