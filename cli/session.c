/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options, pictures and model that the painting commands share; runs; Ctrl-C. */
#include "cli/session.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/masks.h"
#include "cli/progress.h"
#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/base/thread.h"
#include "picture/picture.h"
#include "shelf/shelf.h"
#include "weights/model-file.h"

static struct
{
  char  *content, *model, *preset, *recipe;
  char **styles, **style_weights;
  char  *start;  /* the file of --init, or NULL */
  cJSON *fields; /* an object of the recipe's fields that options set, or NULL */
  int    threads;
  char  *memory;
} options;

/* Options */

/* Handles an option that sets the recipe's field of the same name. The value is kept as JSON, so that the
 * recipe's checks and messages apply to it. */
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
  else if (strcmp (name, "optimizer") == 0 || strcmp (name, "precision") == 0)
    cJSON_AddStringToObject (options.fields, name, value);
  else
    {
      number = g_ascii_strtod (value, &end);
      if (end == value || *end != '\0')
        {
          g_autofree char *found = nst_text_quote (value);

          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("%s: expected a number, found \"%s\""), option, found);
          return FALSE;
        }
      /* nan, inf and 1e400 go on as the text that was typed: the check of the field names its range. */
      if (isfinite (number))
        cJSON_AddNumberToObject (options.fields, name, number);
      else
        cJSON_AddStringToObject (options.fields, name, value);
      if (strcmp (name, "size") == 0)
        {
          cJSON_DeleteItemFromObject (options.fields, "enlarge");
          cJSON_AddTrueToObject (options.fields, "enlarge");
        }
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

static gboolean
add_style (const char *option G_GNUC_UNUSED, const char *value, gpointer data G_GNUC_UNUSED, GError **error)
{
  const guint n = options.styles != NULL ? g_strv_length (options.styles) : 0;
  char       *file = nst_shelf_find (value, error);

  if (file == NULL)
    return FALSE;

  options.styles = g_renew (char *, options.styles, n + 2);
  options.styles[n] = file;
  options.styles[n + 1] = NULL;

  return TRUE;
}

#define FIELD(name, help, argument)                                                                          \
  {                                                                                                          \
    name, 0, 0, G_OPTION_ARG_CALLBACK, set_field, help, argument                                             \
  }

const GOptionEntry nst_session_pictures[] = {
  { "content", 0, 0, G_OPTION_ARG_FILENAME, &options.content, N_ ("The picture to paint"), N_ ("FILE") },
  { "style", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, add_style,
    N_ ("The picture to take the style from, or @NAME of the shelf; give it several times for a mixture"),
    N_ ("FILE") },
  { "style-weight", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.style_weights,
    N_ ("Weight of each style in the mixture, in the order of --style"), "W" },
  { NULL }
};

const GOptionEntry nst_session_weights[] = { FIELD ("alpha", N_ ("Weight of the content"), "A"),
                                             FIELD ("beta", N_ ("Weight of the style"), "B"),
                                             { NULL } };

const GOptionEntry nst_session_fields[] = {
  FIELD ("size", N_ ("Longer side of the result in pixels; may exceed the content's (0: same size)"), "N"),
  FIELD ("iterations", N_ ("Iterations at each scale"), "N"),
  FIELD ("tv", N_ ("Weight of the total variation; more is smoother"), "T"),
  { "init", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_init, N_ ("Picture to start from"),
    "content|noise|FILE" },
  FIELD ("detail", N_ ("What is kept of the content, from large shapes (0) to fine lines (1)"), "D"),
  FIELD ("freedom", N_ ("How far large shapes may leave the content's, 0 to 1"), "F"),
  FIELD ("seed", N_ ("Seed of the noise"), "N"),
  FIELD ("precision", N_ ("Numbers of the network: fast is bf16, where the processor has it"), "exact|fast"),
  { NULL }
};

const GOptionEntry nst_session_descent[] = { FIELD ("optimizer", N_ ("Optimiser"), "lbfgs|adam|gd"),
                                             { NULL } };

const GOptionEntry nst_session_colours[] = {
  FIELD ("palette", N_ ("Colours: from the content's (0) to the style's (1)"), "P"),
  { "keep-colours", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, set_field,
    N_ ("Keep the colours of the content: --palette 0"), NULL },
  { NULL }
};

const GOptionEntry nst_session_network[] = {
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model,
    N_ ("Network: a name or a model file (default: that of the recipe)"), N_ ("MODEL") },
  { "preset", 0, 0, G_OPTION_ARG_STRING, &options.preset,
    N_ ("Built-in recipe; \"pastiche presets\" lists them"), N_ ("NAME") },
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &options.recipe, N_ ("Your own recipe"), N_ ("FILE.json") },
  { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, N_ ("Number of threads (0: one for each processor)"),
    "N" },
  { "memory", 0, 0, G_OPTION_ARG_STRING, &options.memory,
    N_ ("Most memory that a run may take, for example 2G or 800M (default: half of what is free)"),
    N_ ("SIZE") },
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

/* The session */

int
nst_session_side (const NstRecipe *recipe, double scale)
{
  return nst_session_has_field ("size") ? (int) ceil (recipe->size * scale) : 0;
}

/* Loads the styles; the default weight is 1. */
static gboolean
load_styles (NstSession *session, GError **error)
{
  guint     n = options.styles != NULL ? g_strv_length (options.styles) : 0;
  const int side = nst_session_side (&session->recipe, MAX (session->recipe.style_scale, 1));
  guint     n_weights = options.style_weights != NULL ? g_strv_length (options.style_weights) : 0;

  if (n_weights > 0 && n_weights != n)
    return nst_cli_usage (error,
                          _ ("--style-weight must be given once for each --style: expected %u, found %u"), n,
                          n_weights);
  for (guint i = 0; i < n; i++)
    {
      char                *end = NULL;
      double               weight = n_weights > 0 ? g_ascii_strtod (options.style_weights[i], &end) : 1;
      g_autoptr (NstImage) image = NULL;
      g_autoptr (NstMask)  mask = NULL;
      g_autoptr (NstMask)  part = NULL;
      NstSceneStyle        style = { .weight = weight };
      gboolean             good;

      if (n_weights > 0
          && (end == options.style_weights[i] || *end != '\0' || !(weight > 0 && weight <= 1e6)))
        {
          g_autofree char *found = nst_text_quote (options.style_weights[i]);

          return nst_cli_usage (error,
                                _ ("--style-weight: expected a number above 0, at most 1e6, found \"%s\""),
                                found);
        }
      good = nst_masks_fill (i, &style, error);
      mask = style.mask;
      part = style.part;
      if (!good)
        return FALSE;
      style.image = image = nst_picture_load_for (options.styles[i], side * (int) ceil (MAX (style.scale, 1)),
                                                  error);
      if (image == NULL || !nst_scene_append_style (session->scene, &style, error))
        return FALSE;
    }

  return TRUE;
}

/* Loads content, styles and start. */
static gboolean
load_pictures (NstSession *session, GError **error)
{
  const int            side = nst_session_side (&session->recipe, 1);
  g_autoptr (NstImage) content = NULL;
  g_autoptr (NstImage) start = NULL;

  if ((options.content != NULL
       && (content = nst_picture_load_content (options.content, side, &session->origin, error)) == NULL)
      || !load_styles (session, error)
      || (options.start != NULL && (start = nst_picture_load_for (options.start, side, error)) == NULL))
    return FALSE;

  nst_scene_set_content (session->scene, content);
  nst_scene_set_start (session->scene, start);

  return nst_masks_complete (session->scene, error);
}

#define LEAST_MEMORY (64 << 20)

/* --memory: a number and G or M, of powers of ten as in the messages. */
static gboolean
set_memory (GError **error)
{
  double bytes;
  char  *end;

  if (options.memory == NULL)
    return TRUE;

  bytes = g_ascii_strtod (options.memory, &end);
  bytes *= *end == 'G' || *end == 'g' ? 1e9 : *end == 'M' || *end == 'm' ? 1e6 : 0;
  if (!(bytes >= LEAST_MEMORY && bytes < 1e15) || end[1] != 0)
    return nst_cli_usage (error, _ ("--memory: expected a number with G or M, at least 68M, found \"%s\""),
                          options.memory);

  nst_memory_set_limit (bytes);

  return TRUE;
}

gboolean
nst_session_open (NstSession *session, gboolean content, gboolean style, GError **error)
{
  const char *first_style = nst_session_style_path ();

  if (content && style && (options.content == NULL || first_style == NULL))
    return nst_cli_usage (error, _ ("--content FILE and --style FILE are needed"));
  if (content && options.content == NULL)
    return nst_cli_usage (error, _ ("--content FILE is needed"));
  if (style && first_style == NULL)
    return nst_cli_usage (error, _ ("--style FILE is needed"));
  if (options.threads < 0 || options.threads > NST_MAX_THREADS)
    return nst_cli_usage (error, _ ("--threads: expected 0 to %d, found %d"), NST_MAX_THREADS,
                          options.threads);
  if (!nst_session_make_recipe (&session->recipe, NULL, error))
    return FALSE;
  if (session->recipe.init == NST_INIT_IMAGE && options.start == NULL)
    return nst_cli_usage (error, _ ("The recipe starts from a picture; name it with --init FILE"));

  if (!set_memory (error))
    return FALSE;

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
  g_clear_pointer (&session->origin, nst_origin_free);
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

gboolean
nst_session_add_files (NstFiles *files, GError **error)
{
  NstRecipe        recipe;
  g_autofree char *model = NULL;

  if (!nst_session_make_recipe (&recipe, NULL, error))
    return FALSE;
  model = nst_model_path (options.model != NULL ? options.model : recipe.model);
  for (int i = 0; options.styles != NULL && options.styles[i] != NULL; i++)
    if (!nst_files_read (files, "--style", options.styles[i], error))
      return FALSE;

  return nst_files_read (files, "--content", options.content, error)
         && nst_files_read (files, "--init", options.start, error) && nst_masks_add_files (files, error)
         && nst_files_read (files, options.model != NULL ? "--model" : _ ("the network"), model, error)
         && nst_files_read (files, "--recipe", options.recipe, error);
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

guint
nst_session_count_styles (void)
{
  return options.styles != NULL ? g_strv_length (options.styles) : 0;
}

const char *
nst_session_start_path (void)
{
  return options.start;
}

/* Interruption */

static struct
{
  GCancellable    *cancellable; /* owned; NULL before the first call */
  sem_t            news;        /* posted once for each signal */
  struct sigaction before[3];   /* of each signal */
} signals;

static const int watched[] = { SIGINT, SIGTERM, SIGHUP };

/* The first SIGINT or SIGTERM stops the run; the second ends the program at once. A terminal that is closed
 * sends SIGHUP more than once, by the kernel and by the shell. */
static void
take_signal (int number)
{
  static volatile sig_atomic_t asked;
  const int                    code = errno;

  if (number != SIGHUP && asked)
    _exit (NST_EXIT_INTERRUPTED);
  if (number != SIGHUP)
    asked = TRUE;
  sem_post (&signals.news);
  errno = code;
}

static gpointer
watch_signals (gpointer data G_GNUC_UNUSED)
{
  for (;;)
    if (sem_wait (&signals.news) == 0)
      g_cancellable_cancel (signals.cancellable);

  return NULL;
}

/* A signal's handler may not cancel, and the main thread is busy with the run, so a separate thread does it.
 * Not g_unix_signal_add (): GLib ends the process where it cannot start its thread. Without the thread the
 * signals keep their meaning and end the program. */
GCancellable *
nst_session_cancellable (void)
{
  struct sigaction action = { .sa_handler = take_signal, .sa_flags = SA_RESTART };
  GThread         *thread;

  if (signals.cancellable != NULL)
    return signals.cancellable;

  signals.cancellable = g_cancellable_new ();
  sem_init (&signals.news, 0, 0);
  thread = nst_thread_try_new ("signals", watch_signals, NULL, NULL);
  if (thread == NULL)
    return signals.cancellable;

  g_thread_unref (thread);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    if (sigaction (watched[i], NULL, &signals.before[i]) == 0
        && (watched[i] != SIGHUP || signals.before[i].sa_handler != SIG_IGN)) /* nohup ignores it */
      sigaction (watched[i], &action, NULL);

  return signals.cancellable;
}

void
nst_session_release_signals (void)
{
  struct sigaction now;

  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    if (sigaction (watched[i], NULL, &now) == 0 && now.sa_handler == take_signal)
      sigaction (watched[i], &signals.before[i], NULL);
}

/* The run */

static gboolean
iterate (NstEngine *engine, const NstWatch *watch, NstProgress *progress, NstOutcome *outcome, GError **error)
{
  while (!outcome->status.finished)
    {
      if (!nst_engine_step (engine, &outcome->status, error))
        return FALSE;
      outcome->done = outcome->status.done;
      nst_progress_show (progress, &outcome->status, outcome->done);
      if (watch->func != NULL && !watch->func (engine, &outcome->status, outcome->done, watch->data, error))
        return FALSE;
      if (watch->checkpoint != NULL && !outcome->status.finished)
        nst_checkpoint_iteration (watch->checkpoint, engine);
    }

  return TRUE;
}

/* A copy of the session's scene; a missing content or style is replaced by the other picture. */
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

/* Returns an engine for this recipe: the shared one, owned by the session, or a new one, owned by the caller.
 */
static NstEngine *
get_engine (NstSession *session, const NstRecipe *recipe, GError **error)
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
  g_autoptr (NstEngine) owned = NULL;
  NstEngine            *engine;
  NstProgress           progress;
  GError               *own = NULL;
  gboolean              good;

  *outcome = (NstOutcome){ NULL };
  nst_progress_begin (&progress, watch->label, watch->json);
  engine = get_engine (session, recipe, error);
  if (engine == NULL)
    return FALSE;
  if (!session->share)
    owned = engine;

  if (watch->checkpoint != NULL && !nst_checkpoint_resume (watch->checkpoint, engine, error))
    return FALSE;

  nst_engine_get_status (engine, &outcome->status);
  outcome->done = outcome->status.done;
  good = iterate (engine, watch, &progress, outcome, &own);
  nst_progress_end (&progress);
  if (!good && watch->checkpoint != NULL && outcome->done > 0
      && !g_error_matches (own, NST_ERROR, NST_ERROR_NONFINITE))
    nst_checkpoint_interrupted (watch->checkpoint, engine);
  if (!good)
    g_propagate_error (error, own);
  outcome->seconds = nst_progress_seconds (&progress);
  if (outcome->done > 0)
    outcome->picture = nst_engine_get_result (engine, good ? error : NULL);

  return good && outcome->picture != NULL;
}
