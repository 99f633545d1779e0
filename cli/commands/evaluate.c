/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command evaluate: prints every loss of a picture as JSON, and writes the gradient. */
#include <cjson/cJSON.h>
#include <glib/gi18n-lib.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/run/engine.h"
#include "picture/picture.h"
#include "shelf/shelf.h"
#include "weights/format/safetensors.h"
#include "weights/model-file.h"

static struct
{
  char *content, *style, *image, *model, *preset, *recipe, *gradient;
} options;

static const GOptionEntry entries[] = {
  { "content", 0, 0, G_OPTION_ARG_FILENAME, &options.content, N_ ("The picture to take the content from"),
    N_ ("FILE") },
  { "style", 0, 0, G_OPTION_ARG_FILENAME, &options.style, N_ ("The picture to take the style from, or @NAME"),
    N_ ("FILE") },
  { "image", 0, 0, G_OPTION_ARG_FILENAME, &options.image,
    N_ ("The picture to measure; same size as the content"), N_ ("FILE") },
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model,
    N_ ("Network: a name or a model file (default: that of the recipe)"), N_ ("MODEL") },
  { "preset", 0, 0, G_OPTION_ARG_STRING, &options.preset,
    N_ ("Built-in recipe; \"pastiche presets\" lists them"), N_ ("NAME") },
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &options.recipe, N_ ("Your own recipe"), N_ ("FILE.json") },
  { "gradient", 0, 0, G_OPTION_ARG_FILENAME, &options.gradient,
    N_ ("Write the gradient of the total loss: tensor \"gradient\", 3 x height x width, for RGB in 0..1"),
    N_ ("FILE.safetensors") },
  { NULL }
};

static const char *
kind_name (char kind)
{
  return kind == 'c' ? "content" : kind == 's' ? "style" : "variation";
}

static void
print_losses (const NstLosses *losses, const GArray *terms)
{
  cJSON *json = cJSON_CreateObject (), *list;
  char  *text;

  cJSON_AddNumberToObject (json, "total", losses->total);
  cJSON_AddNumberToObject (json, "content", losses->content);
  cJSON_AddNumberToObject (json, "style", losses->style);
  cJSON_AddNumberToObject (json, "variation", losses->variation);
  list = cJSON_AddArrayToObject (json, "terms");
  for (guint i = 0; i < terms->len; i++)
    {
      const NstTermLoss *term = &g_array_index (terms, NstTermLoss, i);
      cJSON             *item = cJSON_CreateObject ();

      cJSON_AddStringToObject (item, "kind", kind_name (term->kind));
      cJSON_AddStringToObject (item, "layer", term->layer);
      cJSON_AddNumberToObject (item, "weight", term->weight);
      cJSON_AddNumberToObject (item, "loss", term->loss);
      cJSON_AddItemToArray (list, item);
    }
  text = cJSON_PrintUnformatted (json);
  g_print ("%s\n", text);
  cJSON_free (text);
  cJSON_Delete (json);
}

/* gradient is height x width x 3. The file has 3 x height x width, the usual order of tensors. */
static gboolean
write_gradient (const NstImage *gradient, const char *path, GError **error)
{
  g_autoptr (NstSafetensorsWriter) writer = nst_safetensors_writer_new ();
  g_autofree float                *planes = NULL;
  const gsize                      n = (gsize) gradient->width * gradient->height;
  const gint64                     shape[3] = { 3, gradient->height, gradient->width };

  planes = g_try_new (float, 3 * n);
  if (planes == NULL)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_MEMORY,
                   _ ("%s: there is not enough memory to write %d x %d pixels"), path, gradient->width,
                   gradient->height);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      planes[c * n + i] = gradient->data[3 * i + c];
  nst_safetensors_writer_add (writer, "gradient", 3, shape, planes, FALSE);

  return nst_safetensors_writer_write (writer, path, error);
}

static gboolean
add_files (NstFiles *files, const NstRecipe *recipe, const char *style, GError **error)
{
  g_autofree char *model = nst_model_path (options.model != NULL ? options.model : recipe->model);

  return nst_files_read (files, "--content", options.content, error)
         && nst_files_read (files, "--style", style, error)
         && nst_files_read (files, "--image", options.image, error)
         && nst_files_read (files, options.model != NULL ? "--model" : _ ("the network"), model, error)
         && nst_files_read (files, "--recipe", options.recipe, error)
         && nst_files_write (files, "--gradient", options.gradient, error);
}

static gboolean
evaluate (GError **error)
{
  g_autofree char     *style_file = NULL;
  g_autoptr (NstImage) content = NULL;
  g_autoptr (NstImage) style = NULL;
  g_autoptr (NstImage) image = NULL;
  g_autoptr (NstImage) gradient = NULL;
  g_autoptr (NstModel) model = NULL;
  g_autoptr (GArray)   terms = NULL;
  g_autoptr (NstScene) scene = nst_scene_new (NULL);
  g_autoptr (NstFiles) files = nst_files_new ();
  NstRecipe            recipe;
  NstLosses            losses;

  if (options.content == NULL || options.style == NULL || options.image == NULL)
    return nst_cli_usage (error, _ ("--content FILE, --style FILE and --image FILE are needed"));
  if ((style_file = nst_shelf_find (options.style, error)) == NULL)
    return FALSE;
  if ((options.gradient != NULL && !nst_file_check (options.gradient, error))
      || !nst_cli_recipe (&recipe, options.preset, options.recipe, error)
      || !add_files (files, &recipe, style_file, error)
      || (content = nst_picture_load (options.content, error)) == NULL
      || (style = nst_picture_load (style_file, error)) == NULL
      || (image = nst_picture_load (options.image, error)) == NULL
      || (model = nst_model_get (options.model != NULL ? options.model : recipe.model, error)) == NULL
      || !nst_scene_add_style (scene, style, 1, error))
    return FALSE;

  nst_scene_set_content (scene, content);
  if (!nst_evaluate (model, &recipe, scene, image, &losses, &terms, &gradient, error))
    return FALSE;

  if (options.gradient != NULL && !write_gradient (gradient, options.gradient, error))
    return FALSE;
  print_losses (&losses, terms);

  return TRUE;
}

const NstCommand nst_command_evaluate = { "evaluate", N_ ("Print every loss of a picture, as JSON"), entries,
                                          NULL, evaluate };
