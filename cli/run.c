/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cjson/cJSON.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "core/nst-engine.h"
#include "core/nst-parallel.h"
#include "nst-picture.h"
#include "nst-progress.h"
#include "weights/nst-model-file.h"

static struct
{
  char    *content, *style, *output, *model, *preset, *recipe;
  char    *start;               /* the file that --init names */
  cJSON   *fields;              /* of the recipe that options set; an object, or NULL */
  int      depth, threads, save_every;
  gboolean json;
} options = { .depth = 8 };

/* Options */

/* An option that is a recipe's field of the same name: kept as JSON, so that the recipe's own checks and messages hold for it. */
static gboolean
set_field (const char *option,
           const char *value,
           gpointer    data G_GNUC_UNUSED,
           GError    **error)
{
  g_autofree char *name = g_strdelimit (g_strdup (option + strspn (option, "-")), "-", '_');
  double number;
  char  *end;

  if (options.fields == NULL)
    options.fields = cJSON_CreateObject ();
  cJSON_DeleteItemFromObject (options.fields, name);

  if (value == NULL)
    cJSON_AddBoolToObject (options.fields, name, TRUE);
  else if (strcmp (name, "optimizer") == 0)
    cJSON_AddStringToObject (options.fields, name, value);
  else
    {
      number = g_ascii_strtod (value, &end);
      if (end == value || *end != '\0')
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: \"%s\" is not a number", option, value);
          return FALSE;
        }
      cJSON_AddNumberToObject (options.fields, name, number);
    }

  return TRUE;
}

static gboolean
set_init (const char *option G_GNUC_UNUSED,
          const char *value,
          gpointer    data G_GNUC_UNUSED,
          GError    **error G_GNUC_UNUSED)
{
  gboolean word = strcmp (value, "content") == 0 || strcmp (value, "noise") == 0;

  if (options.fields == NULL)
    options.fields = cJSON_CreateObject ();
  cJSON_DeleteItemFromObject (options.fields, "init");
  cJSON_AddStringToObject (options.fields, "init", word ? value : "image");
  g_free (options.start);
  options.start = word ? NULL : g_strdup (value);

  return TRUE;
}

#define FIELD(name, help, argument) { name, 0, 0, G_OPTION_ARG_CALLBACK, set_field, help, argument }

static const GOptionEntry entries[] = {
  { "content", 0, 0, G_OPTION_ARG_FILENAME, &options.content, "The picture to paint anew", "FILE" },
  { "style", 0, 0, G_OPTION_ARG_FILENAME, &options.style, "The picture whose manner to paint in", "FILE" },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output, "Where to write: .png, .jpg, .tif or .webp", "FILE" },
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, "Network: a name, or a .safetensors file; the recipe's own by default", "MODEL" },
  { "preset", 0, 0, G_OPTION_ARG_STRING, &options.preset, "Recipe that comes with Pastiche; see \"pastiche presets\"", "NAME" },
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &options.recipe, "Recipe of your own", "FILE.json" },
  FIELD ("size", "Longer side of the result in pixels; 0: as large as the content", "N"),
  FIELD ("iterations", "Iterations at each scale", "N"),
  FIELD ("alpha", "Weight of the content", "A"),
  FIELD ("beta", "Weight of the style", "B"),
  FIELD ("tv", "Weight of the total variation: smoothness", "T"),
  { "init", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_init, "What to start from", "content|noise|FILE" },
  FIELD ("optimizer", "How to descend", "lbfgs|adam|gd"),
  FIELD ("seed", "Of the noise", "N"),
  { "keep-colours", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, set_field, "Give the result the colours of the content", NULL },
  { "depth", 0, 0, G_OPTION_ARG_INT, &options.depth, "Bits of each channel; 16 for PNG only", "8|16" },
  { "save-every", 0, 0, G_OPTION_ARG_INT, &options.save_every,
    "Every N iterations, write the picture beside the output: NAME-0010.png ...", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads to work with; 0: as many as there are processors", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print one line of JSON for each iteration", NULL },
  { NULL }
};

static gboolean
make_recipe (NstRecipe *recipe,
             GError   **error)
{
  char    *text;
  gboolean good;

  if (!nst_cli_recipe (recipe, options.preset, options.recipe, error))
    return FALSE;
  if (options.fields == NULL)
    return TRUE;

  text = cJSON_PrintUnformatted (options.fields);
  good = nst_recipe_merge_json (recipe, text, error);
  cJSON_free (text);

  return good;
}

static gboolean
check_options (GError **error)
{
  if (options.content == NULL || options.style == NULL || options.output == NULL)
    return nst_cli_usage (error, "--content, --style and --output are needed");
  if (options.threads < 0 || options.threads > NST_MAX_THREADS)
    return nst_cli_usage (error, "--threads: expected 0 to %d, found %d", NST_MAX_THREADS, options.threads);
  if (options.save_every < 0)
    return nst_cli_usage (error, "--save-every: expected a number of iterations, found %d", options.save_every);

  return nst_picture_check_path (options.output, options.depth, error);
}

/* Interruption */

static gboolean
interrupt (gpointer cancellable)
{
  if (g_cancellable_is_cancelled (cancellable))
    _exit (NST_EXIT_INTERRUPTED);
  g_cancellable_cancel (cancellable);

  return G_SOURCE_CONTINUE;
}

static gpointer
watch (gpointer loop)
{
  g_main_loop_run (loop);

  return NULL;
}

/* From here on Ctrl-C cancels, and a second one ends the program. A main loop in a thread of its own waits for the signals, because
 * the main thread is busy with the run; it lasts as long as the program. */
static GCancellable *
catch_signals (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_unix_signal_add (SIGINT, interrupt, cancellable);
  g_unix_signal_add (SIGTERM, interrupt, cancellable);
  g_thread_unref (g_thread_new ("signals", watch, g_main_loop_new (NULL, FALSE)));

  return g_object_ref (cancellable);
}

/* The run */

/* "cat.png" after 10 iterations is "cat-0010.png". */
static char *
numbered_path (const char *path,
               int         number)
{
  const char *dot = strrchr (path, '.');

  return g_strdup_printf ("%.*s-%04d%s", (int) (dot - path), path, number, dot);
}

static gboolean
save (NstEngine  *engine,
      const char *path,
      GError    **error)
{
  g_autoptr (NstImage) image = nst_engine_get_image (engine, error);

  return image != NULL && nst_picture_save (image, path, options.depth, error);
}

/* All iterations. On failure status and done say how far it went. */
static gboolean
iterate (NstEngine   *engine,
         NstProgress *progress,
         NstStatus   *status,
         int         *done,
         GError     **error)
{
  for (;;)
    {
      if (!nst_engine_step (engine, status, error))
        return FALSE;
      ++*done;
      nst_progress_show (progress, status, *done);
      if (options.save_every > 0 && *done % options.save_every == 0)
        {
          g_autofree char *path = numbered_path (options.output, *done);

          if (!save (engine, path, error))
            return FALSE;
        }
      if (status->finished)
        return TRUE;
    }
}

/* A run that ended early, because of *error: the picture so far is worth keeping if there is one, and the message says so. */
static void
keep (NstEngine       *engine,
      const NstStatus *status,
      int              done,
      GError         **error)
{
  g_autoptr (GError) other = NULL;

  if (done == 0)
    g_prefix_error (error, "Nothing is written, for no iteration was done: ");
  else if (save (engine, options.output, &other))
    g_prefix_error (error, "%s holds the picture after iteration %d, scale %d of %d: ", options.output, done, status->scale + 1,
                    status->n_scales);
  else
    g_prefix_error (error, "The picture so far could not be kept (%s): ", other->message);
}

static gboolean
paint (NstModel        *model,
       const NstRecipe *recipe,
       const NstImage  *content,
       const NstImage  *style,
       const NstImage  *start,
       GError         **error)
{
  g_autoptr (GCancellable) cancellable = catch_signals ();
  g_autoptr (NstEngine) engine = nst_engine_new (model, recipe, content, style, start, cancellable, error);
  NstProgress progress;
  NstStatus   status;
  int         done = 0;
  gboolean    good;

  if (engine == NULL)
    return FALSE;

  nst_progress_begin (&progress, options.json);
  good = iterate (engine, &progress, &status, &done, error);
  nst_progress_end (&progress);
  if (!good)
    {
      keep (engine, &status, done, error);
      return FALSE;
    }
  if (!save (engine, options.output, error))
    return FALSE;
  g_printerr ("%s: %d x %d pixels after %d %s, %.1f s\n", options.output, status.width, status.height, done,
              done == 1 ? "iteration" : "iterations", nst_progress_seconds (&progress));

  return TRUE;
}

static gboolean
run (GError **error)
{
  g_autoptr (NstImage) content = NULL;
  g_autoptr (NstImage) style = NULL;
  g_autoptr (NstImage) start = NULL;
  g_autoptr (NstModel) model = NULL;
  NstRecipe recipe;
  NstPlan   plan;

  if (!check_options (error) || !make_recipe (&recipe, error))
    return FALSE;
  if (recipe.init == NST_INIT_IMAGE && options.start == NULL)
    return nst_cli_usage (error, "The recipe starts from a picture; --init FILE says which");

  nst_set_threads (options.threads);
  if ((content = nst_picture_load (options.content, error)) == NULL ||
      (style = nst_picture_load (options.style, error)) == NULL ||
      (options.start != NULL && (start = nst_picture_load (options.start, error)) == NULL) ||
      (model = nst_model_get (options.model != NULL ? options.model : recipe.model, error)) == NULL ||
      !nst_plan (&plan, model, &recipe, content->width, content->height, error))
    return FALSE;

  g_printerr ("%d x %d pixels, %d %s of %d iterations, at most %.0f MB of memory, model \"%s\"\n", plan.width, plan.height,
              plan.n_scales, plan.n_scales == 1 ? "scale" : "scales", recipe.iterations, plan.bytes * 1e-6, model->name);

  return paint (model, &recipe, content, style, start, error);
}

const NstCommand nst_command_run = { "run", "Paint one picture in the style of another", entries, run };
