/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/session.h"

#include <cjson/cJSON.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/picture.h"
#include "cli/progress.h"
#include "core/base/parallel.h"
#include "weights/model-file.h"

static struct
{
  char  *content, *model, *preset, *recipe;
  char **styles, **style_weights;
  char  *start;  /* the file that --init names */
  cJSON *fields; /* of the recipe that options set; an object, or NULL */
  int    threads;
} options;

/* Options */

/* An option that is a recipe's field of the same name: kept as JSON, so that the recipe's own checks and
 * messages hold for it. */
static gboolean
set_field (const char *option, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  g_autofree char *name = g_strdelimit (g_strdup (option + strspn (option, "-")), "-", '_');
  double           number;
  char            *end;

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
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: \"%s\" is not a number", option,
                       value);
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

#define FIELD(name, help, argument)                                                                          \
  {                                                                                                          \
    name, 0, 0, G_OPTION_ARG_CALLBACK, set_field, help, argument                                             \
  }

const GOptionEntry nst_session_pictures[] = {
  { "content", 0, 0, G_OPTION_ARG_FILENAME, &options.content, "The picture to paint anew", "FILE" },
  { "style", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.styles,
    "The picture whose manner to paint in; several times for a mixture", "FILE" },
  { "style-weight", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.style_weights,
    "Share of each style in the mixture, in their order", "W" },
  { NULL }
};

const GOptionEntry nst_session_weights[] = { FIELD ("alpha", "Weight of the content", "A"),
                                             FIELD ("beta", "Weight of the style", "B"),
                                             { NULL } };

const GOptionEntry nst_session_fields[] = {
  FIELD ("size", "Longer side of the result in pixels; 0: as large as the content", "N"),
  FIELD ("iterations", "Iterations at each scale", "N"),
  FIELD ("tv", "Weight of the total variation: smoothness", "T"),
  { "init", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_init, "What to start from",
    "content|noise|FILE" },
  FIELD ("seed", "Of the noise", "N"),
  { NULL }
};

const GOptionEntry nst_session_descent[] = { FIELD ("optimizer", "How to descend", "lbfgs|adam|gd"),
                                             { NULL } };

const GOptionEntry nst_session_colours[] = { { "keep-colours", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
                                               set_field, "Give the result the colours of the content",
                                               NULL },
                                             { NULL } };

const GOptionEntry nst_session_network[] = {
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model,
    "Network: a name, or a file of weights (see the manual); the recipe's own by default", "MODEL" },
  { "preset", 0, 0, G_OPTION_ARG_STRING, &options.preset,
    "Recipe that comes with Pastiche; see \"pastiche presets\"", "NAME" },
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &options.recipe, "Recipe of your own", "FILE.json" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads,
    "Threads to work with; 0: as many as there are processors", "N" },
  { NULL }
};

gboolean
nst_session_make_recipe (NstRecipe *recipe, const char *preset, GError **error)
{
  char    *text;
  gboolean good;

  if (!nst_cli_recipe (recipe, preset != NULL ? preset : options.preset, options.recipe, error))
    return FALSE;
  if (options.fields == NULL)
    return TRUE;

  text = cJSON_PrintUnformatted (options.fields);
  good = nst_recipe_merge_json (recipe, text, error);
  cJSON_free (text);

  return good;
}

NstModel *
nst_session_load_model (const NstRecipe *recipe, GError **error)
{
  return nst_model_get (options.model != NULL ? options.model : recipe->model, error);
}

/* Life */

/* Weights are 1 where none is given. */
static gboolean
load_styles (NstSession *session, GError **error)
{
  guint n = options.styles != NULL ? g_strv_length (options.styles) : 0;
  guint n_weights = options.style_weights != NULL ? g_strv_length (options.style_weights) : 0;

  if (n_weights > 0 && n_weights != n)
    return nst_cli_usage (error, "--style-weight: expected one for each --style, %u, found %u", n, n_weights);
  for (guint i = 0; i < n; i++)
    {
      char                *end = NULL;
      double               weight = n_weights > 0 ? g_ascii_strtod (options.style_weights[i], &end) : 1;
      g_autoptr (NstImage) style = NULL;

      if (n_weights > 0
          && (end == options.style_weights[i] || *end != '\0' || !(weight > 0 && weight <= 1e6)))
        return nst_cli_usage (error, "--style-weight: expected a number above 0, at most 1e6, found \"%s\"",
                              options.style_weights[i]);
      style = nst_picture_load (options.styles[i], error);
      if (style == NULL || !nst_scene_add_style (session->scene, style, weight, error))
        return FALSE;
    }

  return TRUE;
}

/* Content and start. */
static gboolean
load_pictures (NstSession *session, GError **error)
{
  g_autoptr (NstImage) content = NULL;
  g_autoptr (NstImage) start = NULL;

  if ((options.content != NULL && (content = nst_picture_load (options.content, error)) == NULL)
      || !load_styles (session, error)
      || (options.start != NULL && (start = nst_picture_load (options.start, error)) == NULL))
    return FALSE;

  nst_scene_set_content (session->scene, content);
  nst_scene_set_start (session->scene, start);

  return TRUE;
}

gboolean
nst_session_open (NstSession *session, gboolean content, gboolean style, GError **error)
{
  const char *first_style = nst_session_style_path ();

  if (content && style && (options.content == NULL || first_style == NULL))
    return nst_cli_usage (error, "--content and --style are needed");
  if ((content && options.content == NULL) || (style && first_style == NULL))
    return nst_cli_usage (error, "--%s is needed", content ? "content" : "style");
  if (options.threads < 0 || options.threads > NST_MAX_THREADS)
    return nst_cli_usage (error, "--threads: expected 0 to %d, found %d", NST_MAX_THREADS, options.threads);
  if (!nst_session_make_recipe (&session->recipe, NULL, error))
    return FALSE;
  if (session->recipe.init == NST_INIT_IMAGE && options.start == NULL)
    return nst_cli_usage (error, "The recipe starts from a picture; --init FILE says which");

  nst_set_threads (options.threads);

  session->scene = nst_scene_new (NULL);

  return load_pictures (session, error)
         && (session->model = nst_session_load_model (&session->recipe, error)) != NULL;
}

void
nst_session_clear (NstSession *session)
{
  g_clear_pointer (&session->engine, nst_engine_free);
  g_clear_pointer (&session->scene, nst_scene_free);
  g_clear_pointer (&session->model, nst_model_unref);
}

gboolean
nst_session_has_field (const char *name)
{
  return cJSON_HasObjectItem (options.fields, name);
}

gboolean
nst_session_has_preset (void)
{
  return options.preset != NULL;
}

const char *
nst_session_content_path (void)
{
  return options.content;
}

const char *
nst_session_style_path (void)
{
  return options.styles != NULL ? options.styles[0] : NULL;
}

const char *
nst_session_start_path (void)
{
  return options.start;
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
watch_signals (gpointer loop)
{
  g_main_loop_run (loop);

  return NULL;
}

/* A main loop in a thread of its own waits for the signals, because the main thread is busy with the run. */
GCancellable *
nst_session_cancellable (void)
{
  static GCancellable *cancellable;

  if (cancellable == NULL)
    {
      cancellable = g_cancellable_new ();
      g_unix_signal_add (SIGINT, interrupt, cancellable);
      g_unix_signal_add (SIGTERM, interrupt, cancellable);
      g_thread_unref (g_thread_new ("signals", watch_signals, g_main_loop_new (NULL, FALSE)));
    }

  return cancellable;
}

/* The run */

static gboolean
iterate (NstEngine *engine, const NstWatch *watch, NstProgress *progress, NstOutcome *outcome, GError **error)
{
  do
    {
      if (!nst_engine_step (engine, &outcome->status, error))
        return FALSE;
      outcome->done++;
      nst_progress_show (progress, &outcome->status, outcome->done);
      if (watch->func != NULL && !watch->func (engine, &outcome->status, outcome->done, watch->data, error))
        return FALSE;
    }
  while (!outcome->status.finished);

  return TRUE;
}

/* The session's scene; where it lacks content or style, the other stands in for it. */
static NstScene *
complete_scene (const NstSession *session)
{
  NstScene *scene = nst_scene_copy (session->scene);

  if (scene->content == NULL)
    nst_scene_set_content (scene, scene->styles[0].image);
  if (scene->n_styles == 0)
    nst_scene_add_style (scene, scene->content, 1, NULL);

  return scene;
}

/* Owned by the session if it shares one, else by the caller. */
static NstEngine *
take_engine (NstSession *session, const NstRecipe *recipe, GError **error)
{
  g_autoptr (NstScene) scene = complete_scene (session);
  NstEngine           *engine;

  if (session->engine != NULL)
    return nst_engine_restart (session->engine, recipe, error) ? session->engine : NULL;

  engine = nst_engine_new (session->model, recipe, scene, nst_session_cancellable (), error);
  if (engine != NULL && session->share)
    {
      nst_engine_keep_targets (engine);
      session->engine = engine;
    }

  return engine;
}

gboolean
nst_session_paint (
    NstSession *session, const NstRecipe *recipe, const NstWatch *watch, NstOutcome *outcome, GError **error)
{
  g_autoptr (NstEngine) own = NULL;
  NstEngine            *engine;
  NstProgress           progress;
  gboolean              good;

  *outcome = (NstOutcome){ NULL };
  nst_progress_begin (&progress, watch->label, watch->json);
  engine = take_engine (session, recipe, error);
  if (engine == NULL)
    return FALSE;
  if (!session->share)
    own = engine;

  good = iterate (engine, watch, &progress, outcome, error);
  nst_progress_end (&progress);
  outcome->seconds = nst_progress_seconds (&progress);
  if (outcome->done > 0)
    outcome->picture = nst_engine_get_image (engine, good ? error : NULL);

  return good && outcome->picture != NULL;
}
