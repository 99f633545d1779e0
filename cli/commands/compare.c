/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command compare: runs several optimisers from the same start at one scale and plots their losses. */
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/chart.h"
#include "cli/cli.h"
#include "cli/draw.h"
#include "cli/list.h"
#include "cli/session.h"
#include "cli/sheet.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "picture/picture.h"

#define ITERATIONS 100 /* default */
#define MOST 8         /* number of optimisers */
#define PANEL_WIDTH 520
#define PANEL_HEIGHT 420

static struct
{
  char *optimizers, *output, *log, *sheet, *at;
} options = { .optimizers = (char *) "lbfgs,adam,gd", .at = (char *) "10,60" };

static const GOptionEntry entries[] = {
  { "optimizers", 0, 0, G_OPTION_ARG_STRING, &options.optimizers,
    N_ ("Optimisers to compare: lbfgs, adam or gd, optionally with a learning rate, as "
        "adam:0.05 (default: lbfgs,adam,gd)"),
    N_ ("NAME[:RATE],...") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
    N_ ("Plot of the losses: a .png, .jpg, .tif or .webp file"), N_ ("FILE") },
  { "log", 0, 0, G_OPTION_ARG_FILENAME, &options.log,
    N_ ("Write the losses of each iteration with evaluations and seconds"), N_ ("FILE.csv") },
  { "sheet", 0, 0, G_OPTION_ARG_FILENAME, &options.sheet,
    N_ ("Contact sheet of the pictures after the iterations of --at"), N_ ("FILE") },
  { "at", 0, 0, G_OPTION_ARG_STRING, &options.at,
    N_ ("Iterations for the sheet; the others are measured by the loss that the first "
        "optimiser reaches at the first of these (default: 10,60)"),
    "N,N,..." },
  { NULL }
};

static const GOptionEntry *const shared[] = { nst_session_pictures,
                                              nst_session_weights,
                                              nst_session_fields,
                                              nst_session_colours,
                                              nst_session_network,
                                              nst_sheet_entries,
                                              NULL };

/* Distinguishable in greyscale, too. */
static const guint32 colours[MOST] = { 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                       0x806000, 0x56b4e9, 0x7a3db8, 0x404040 };

typedef struct
{
  double    iteration, seconds;
  int       evaluations;
  NstLosses losses;
} Point;

typedef struct
{
  char        *name; /* owned; as in --optimizers */
  NstOptimizer optimizer;
  double       rate;   /* learning rate; below 0: the default */
  GArray      *points; /* owned; points[0] is the start */

  /* Set while it runs. */
  gint64        begun;
  const GArray *at;    /* borrowed; of double */
  NstSheet     *sheet; /* borrowed */
} Trial;

static void
clear_trial (gpointer data)
{
  g_free (((Trial *) data)->name);
  g_array_unref (((Trial *) data)->points);
}

static gboolean
read_trials (GArray *list, GError **error)
{
  static const char *const names[] = { "lbfgs", "adam", "gd" };
  g_auto (GStrv)           words = g_strsplit (options.optimizers, ",", -1);

  for (int i = 0; words[i] != NULL; i++)
    {
      Trial              one = { .rate = -1 };
      const char        *colon = strchr (words[i], ':');
      gsize              length = colon != NULL ? (gsize) (colon - words[i]) : strlen (words[i]), k = 0;
      g_autoptr (GArray) rate = colon != NULL ? nst_list_parse_numbers ("--optimizers", colon + 1, 1e-9, 1e3,
                                                                        FALSE, error)
                                              : NULL;

      if (colon != NULL && rate == NULL)
        return FALSE;
      while (k < G_N_ELEMENTS (names)
             && (strlen (names[k]) != length || strncmp (names[k], words[i], length) != 0))
        k++;
      if (k == G_N_ELEMENTS (names))
        {
          g_autofree char *found = nst_text_quote (words[i]);

          return nst_cli_usage (error, _ ("--optimizers: expected lbfgs, adam or gd, found \"%s\""), found);
        }
      if (i == MOST)
        return nst_cli_usage (error, _ ("--optimizers: at most %d optimisers are possible"), MOST);
      if (rate != NULL)
        one.rate = g_array_index (rate, double, 0);
      one.optimizer = (NstOptimizer) k;
      one.name = g_strdup (words[i]);
      one.points = g_array_new (FALSE, FALSE, sizeof (Point));
      g_array_append_val (list, one);
    }

  return list->len > 0
         || nst_cli_usage (error, _ ("--optimizers: expected lbfgs, adam or gd, found nothing"));
}

static gboolean
is_wanted (const GArray *at, int iteration)
{
  for (guint i = 0; i < at->len; i++)
    if (g_array_index (at, double, i) == iteration)
      return TRUE;

  return FALSE;
}

/* An NstIterationFunc that adds a point and, if wanted, a cell of the sheet. The time for the sheet is not
 * counted. */
static gboolean
record_point (NstEngine *engine, const NstStatus *status, int done, gpointer data, GError **error)
{
  Trial *c = data;
  Point  point = { done, (g_get_monotonic_time () - c->begun) * 1e-6, status->evaluations, status->losses };
  gint64 before = g_get_monotonic_time ();
  g_autofree char     *title = g_strdup_printf ("%s, %d", c->name, done);
  g_autoptr (NstImage) image = NULL;

  g_array_append_val (c->points, point);
  if (c->sheet == NULL || !is_wanted (c->at, done))
    return TRUE;

  image = nst_engine_get_image (engine, error);
  if (image == NULL || !nst_sheet_add (c->sheet, image, title, NULL, error))
    return FALSE;
  c->begun += g_get_monotonic_time () - before;

  return TRUE;
}

/* Adam and gradient descent report the losses at the start of an iteration. This moves them to the iteration
 * before, whose result they describe, and drops the last point; run_trial () adds one. */
static void
move_losses (GArray *points)
{
  for (guint i = 0; i + 1 < points->len; i++)
    g_array_index (points, Point, i).losses = g_array_index (points, Point, i + 1).losses;
  if (points->len > 0)
    g_array_set_size (points, points->len - 1);
}

/* Measures the losses of the start picture by one iteration of gradient descent. That iteration also computes
 * the targets of content and style, so their time is not charged to any optimiser. *rate: Polyak's step at
 * the start, f / |g|^2, which is half the largest stable step along the gradient of a quadratic function. */
static gboolean
measure_start (NstSession *session, NstLosses *losses, double *rate, GError **error)
{
  g_autoptr (NstImage) start = NULL;
  g_autoptr (NstImage) gradient = NULL;
  NstRecipe            recipe = session->recipe;
  NstWatch             watch = { .label = "start" };
  NstOutcome           outcome;
  NstLosses            again;
  double               sum = 0;
  gboolean             good;

  recipe.optimizer = NST_OPTIMIZER_GD;
  recipe.learning_rate = 1e-9;
  recipe.iterations = 1;
  good = nst_session_paint (session, &recipe, &watch, &outcome, error);
  start = outcome.picture;
  *losses = outcome.status.losses;
  if (!good || !nst_evaluate (session->model, &recipe, session->scene, start, &again, NULL, &gradient, error))
    return FALSE;

  for (gsize i = 0; i < (gsize) gradient->width * gradient->height * 3; i++)
    sum += (double) gradient->data[i] * gradient->data[i];
  *rate = losses->total / MAX (sum, G_MINDOUBLE);

  return TRUE;
}

/* A point whose losses are those of picture. */
static gboolean
add_last (
    const NstSession *session, const NstRecipe *recipe, const NstImage *picture, Trial *c, GError **error)
{
  Point last = { 0 };

  if (!nst_evaluate (session->model, recipe, session->scene, picture, &last.losses, NULL, NULL, error))
    return FALSE;
  g_array_append_val (c->points, last);

  return TRUE;
}

/* Runs one optimiser. The last losses of Adam and gradient descent come from one extra iteration. After as
 * many iterations as possible there is none, and the picture is evaluated, which is clamped to 0..1. Losses
 * that are no longer finite end its curve, but not the comparison. */
static gboolean
run_trial (NstSession *session, Trial *c, const NstLosses *start, double rate, GError **error)
{
  g_autoptr (GError) own = NULL;
  NstRecipe          recipe = session->recipe;
  NstWatch           watch = { .label = c->name, .func = record_point, .data = c };
  NstOutcome         outcome;
  Point              first = { .losses = *start };
  gboolean           good, extra, late = c->optimizer != NST_OPTIMIZER_LBFGS;

  recipe.optimizer = c->optimizer;
  if (c->rate > 0 || c->optimizer == NST_OPTIMIZER_GD)
    recipe.learning_rate = CLAMP (c->rate > 0 ? c->rate : rate, 1e-9, 1e3);
  extra = late && recipe.iterations < NST_MOST_ITERATIONS;
  recipe.iterations += extra;
  g_array_append_val (c->points, first);
  c->begun = g_get_monotonic_time ();
  good = nst_session_paint (session, &recipe, &watch, &outcome, &own);
  if (good && late && !extra)
    good = add_last (session, &recipe, outcome.picture, c, &own);
  nst_image_unref (outcome.picture);
  if (late)
    move_losses (c->points);
  if (good)
    return TRUE;
  if (!g_error_matches (own, NST_ERROR, NST_ERROR_NONFINITE))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&own), "%s: ", c->name);
      return FALSE;
    }
  g_printerr ("%s: %s\n", c->name, own->message);

  return TRUE;
}

static gboolean
write_log (const GArray *trials, GError **error)
{
  g_autoptr (GString) text = g_string_new (
      "optimizer,iteration,evaluations,seconds,total,content,style,variation\n");

  for (guint i = 0; i < trials->len; i++)
    {
      const Trial *c = &g_array_index (trials, Trial, i);

      for (guint k = 0; k < c->points->len; k++)
        {
          const Point *p = &g_array_index (c->points, Point, k);

          g_string_append_printf (text, "%s,%g,%d,%.3f,%.9g,%.9g,%.9g,%.9g\n", c->name, p->iteration,
                                  p->evaluations, p->seconds, p->losses.total, p->losses.content,
                                  p->losses.style, p->losses.variation);
        }
    }

  return nst_file_write (options.log, text->str, text->len, error);
}

/* Draws one panel: total loss over iterations or over seconds. */
static void
draw_panel (cairo_t *cr, const GArray *trials, gboolean seconds, double mark, double x)
{
  NstCurve curves[MOST];
  NstChart chart = { seconds ? _ ("seconds") : _ ("iterations"), _ ("total loss"), curves, trials->len,
                     mark };
  double  *values[2 * MOST] = { NULL };

  for (guint i = 0; i < trials->len; i++)
    {
      const Trial *c = &g_array_index (trials, Trial, i);

      values[2 * i] = g_new (double, c->points->len);
      values[2 * i + 1] = g_new (double, c->points->len);
      for (guint k = 0; k < c->points->len; k++)
        {
          const Point *p = &g_array_index (c->points, Point, k);

          values[2 * i][k] = seconds ? p->seconds : p->iteration;
          values[2 * i + 1][k] = p->losses.total;
        }
      curves[i] = (NstCurve){ c->name, colours[i], values[2 * i], values[2 * i + 1], c->points->len };
    }
  nst_chart_draw (cr, &chart, x, 10, PANEL_WIDTH, PANEL_HEIGHT);
  for (guint i = 0; i < 2 * trials->len; i++)
    g_free (values[i]);
}

static gboolean
draw (const GArray *trials, double mark, GError **error)
{
  cairo_t *cr = nst_draw_new (2 * PANEL_WIDTH + 20, PANEL_HEIGHT + 20, error);
  gboolean good;

  if (cr == NULL)
    return FALSE;

  draw_panel (cr, trials, FALSE, mark, 10);
  draw_panel (cr, trials, TRUE, mark, 10 + PANEL_WIDTH);
  good = nst_draw_save (cr, options.output, error);
  cairo_destroy (cr);

  return good;
}

/* Prints the loss of the first optimiser after some iterations, and how long the others take to reach it.
 * Returns that loss, or 0 if the first optimiser did not get so far. */
static double
report (const GArray *trials, int after)
{
  const Trial *first = &g_array_index (trials, Trial, 0);
  const Point *goal;

  if ((guint) after >= first->points->len)
    return 0;

  goal = &g_array_index (first->points, Point, after);
  g_print (_ ("%s: total loss %.4g after %d iterations, %d evaluations, %.2f s\n"), first->name,
           goal->losses.total, after, goal->evaluations, goal->seconds);
  for (guint i = 1; i < trials->len; i++)
    {
      const Trial *c = &g_array_index (trials, Trial, i);
      const Point *p = NULL;
      guint        k = 0;

      for (; k < c->points->len; k++)
        {
          p = &g_array_index (c->points, Point, k);
          if (p->losses.total <= goal->losses.total)
            break;
        }
      if (k < c->points->len)
        g_print (_ ("%s: reaches it after %d iterations (%+d), %.2f s\n"), c->name, (int) k, (int) k - after,
                 p->seconds);
      else if (p != NULL)
        g_print (_ ("%s: does not reach it in %d iterations: %.4g\n"), c->name, (int) c->points->len - 1,
                 p->losses.total);
    }

  return goal->losses.total;
}

static gboolean
check_options (GArray *trials, GArray **at, NstFiles *files, GError **error)
{
  if (options.output == NULL)
    return nst_cli_usage (error, _ ("--output FILE is needed"));

  return read_trials (trials, error)
         && (*at = nst_list_parse_numbers ("--at", options.at, 1, 1e6, TRUE, error)) != NULL
         && nst_picture_check_path (options.output, NULL, error) && nst_sheet_check (error)
         && (options.log == NULL || nst_file_check (options.log, error))
         && (options.sheet == NULL || nst_picture_check_path (options.sheet, NULL, error))
         && nst_session_add_files (files, error) && nst_files_write (files, "--output", options.output, error)
         && nst_files_write (files, "--log", options.log, error)
         && nst_files_write (files, "--sheet", options.sheet, error)
         && nst_files_lock_log (files, options.log, error);
}

/* Checks before painting that the sheet can be drawn. */
static gboolean
check_size (const NstSession *session, const GArray *trials, const GArray *at, GError **error)
{
  const NstImage *content = session->scene->content;
  NstPlan         plan;

  return nst_plan (&plan, session->model, &session->recipe, content->width, content->height, session->scene,
                   error)
         && (options.sheet == NULL
             || nst_sheet_check_size (at->len, trials->len * at->len, plan.width, plan.height, "adam", NULL,
                                      error));
}

/* Writes log, plot and sheet with what was measured, also until Ctrl-C. One file that cannot be written does
 * not prevent the others. */
static void
write_results (const GArray *trials, const GArray *at, const NstSheet *sheet, GError **first)
{
  GError *own = NULL;

  if (options.log != NULL)
    write_log (trials, &own);
  nst_cli_add_failure (first, g_steal_pointer (&own));
  draw (trials, report (trials, (int) g_array_index (at, double, 0)), &own);
  nst_cli_add_failure (first, g_steal_pointer (&own));
  if (sheet != NULL && !nst_sheet_is_empty (sheet))
    nst_sheet_save (sheet, options.sheet, &own);
  nst_cli_add_failure (first, own);
}

static gboolean
compare (GError **error)
{
  g_auto (NstSession)  session = { NULL };
  g_autoptr (GArray)   trials = g_array_new (FALSE, FALSE, sizeof (Trial));
  g_autoptr (GArray)   at = NULL;
  g_autoptr (NstSheet) sheet = NULL;
  g_autoptr (NstFiles) files = nst_files_new (); /* holds the lock of the log */
  GError              *first = NULL;
  NstLosses            start;
  double               rate;

  g_array_set_clear_func (trials, clear_trial);
  if (!check_options (trials, &at, files, error) || !nst_session_open (&session, TRUE, TRUE, error))
    return FALSE;

  session.share = TRUE;
  session.recipe.scale_ratio = 1;
  session.recipe.evaluations = 0;
  if (!nst_session_has_field ("iterations"))
    session.recipe.iterations = ITERATIONS;
  if (!nst_session_has_field ("init"))
    session.recipe.init = NST_INIT_NOISE;
  sheet = options.sheet != NULL ? nst_sheet_new (at->len) : NULL;

  if (!check_size (&session, trials, at, error) || !measure_start (&session, &start, &rate, error))
    return FALSE;
  for (guint i = 0; i < trials->len && first == NULL; i++)
    {
      Trial *c = &g_array_index (trials, Trial, i);

      c->at = at;
      c->sheet = sheet;
      run_trial (&session, c, &start, rate, &first);
    }
  write_results (trials, at, sheet, &first);
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, first);

  return FALSE;
}

const NstCommand nst_command_compare = { "compare", N_ ("Plot how fast several optimisers reduce the loss"),
                                         entries, shared, compare };
