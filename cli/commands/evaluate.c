/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cjson/cJSON.h>

#include "cli/cli.h"
#include "cli/picture.h"
#include "core/run/engine.h"
#include "weights/format/safetensors.h"
#include "weights/model-file.h"

static struct
{
  char *content, *style, *image, *model, *preset, *recipe, *gradient;
} options;

static const GOptionEntry entries[] = {
  { "content", 0, 0, G_OPTION_ARG_FILENAME, &options.content, "The picture whose objects are wanted",
    "FILE" },
  { "style", 0, 0, G_OPTION_ARG_FILENAME, &options.style, "The picture whose manner is wanted", "FILE" },
  { "image", 0, 0, G_OPTION_ARG_FILENAME, &options.image, "The picture to measure, as large as the content",
    "FILE" },
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, "Network: a name, or a file of weights", "MODEL" },
  { "preset", 0, 0, G_OPTION_ARG_STRING, &options.preset,
    "Recipe that comes with Pastiche; see \"pastiche presets\"", "NAME" },
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &options.recipe, "Recipe of your own", "FILE.json" },
  { "gradient", 0, 0, G_OPTION_ARG_FILENAME, &options.gradient,
    "Write the gradient of the total: tensor \"gradient\", 3 x height x width, for RGB in 0..1",
    "FILE.safetensors" },
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
      const NstTerm *term = &g_array_index (terms, NstTerm, i);
      cJSON         *item = cJSON_CreateObject ();

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

/* gradient: height x width x 3; the file has 3 x height x width, the order of tensors in other programs. */
static gboolean
write_gradient (const NstImage *gradient, const char *path, GError **error)
{
  g_autoptr (NstSafetensorsWriter) writer = nst_safetensors_writer_new ();
  g_autofree float                *planes = NULL;
  const gsize                      n = (gsize) gradient->width * gradient->height;
  const gint64                     shape[3] = { 3, gradient->height, gradient->width };

  planes = g_new (float, 3 * n);
  for (gsize i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      planes[c * n + i] = gradient->data[3 * i + c];
  nst_safetensors_writer_add (writer, "gradient", 3, shape, planes, FALSE);

  return nst_safetensors_writer_write (writer, path, error);
}

static gboolean
evaluate (GError **error)
{
  g_autoptr (NstImage) content = NULL;
  g_autoptr (NstImage) style = NULL;
  g_autoptr (NstImage) image = NULL;
  g_autoptr (NstImage) gradient = NULL;
  g_autoptr (NstModel) model = NULL;
  g_autoptr (GArray)   terms = NULL;
  g_autoptr (NstScene) scene = nst_scene_new (NULL);
  NstRecipe            recipe;
  NstLosses            losses;

  if (options.content == NULL || options.style == NULL || options.image == NULL)
    return nst_cli_usage (error, "--content, --style and --image are needed");
  if (!nst_cli_recipe (&recipe, options.preset, options.recipe, error)
      || (content = nst_picture_load (options.content, error)) == NULL
      || (style = nst_picture_load (options.style, error)) == NULL
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

const NstCommand nst_command_evaluate = { "evaluate", "Print every loss of a picture, as JSON", entries, NULL,
                                          evaluate };
