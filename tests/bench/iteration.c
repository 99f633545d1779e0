/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures time and memory of iterations for bench.py; with --profile also the time of each layer and phase.
 *
 * One iteration is a forward pass to conv5_1, five Gram losses, the content loss at conv4_2, a backward pass
 * to the picture, and a step of Adam. The networks are those of support.h.
 *
 * Prints lines "name value": seconds (of an iteration; the median), least (the fastest iteration), peak
 * (bytes), threads, kernels, blas. With --profile it also prints a line for each pass of each layer, and one
 * for the rest:
 *
 *   part PASS LAYER METHOD OPERATIONS WALL INPUT WEIGHTS MULTIPLY OUTPUT DIRECT GRAM LOSS
 *
 * WALL is the time of the pass in milliseconds an iteration. The phases follow, each summed over threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/base/profile.h"
#include "core/conv/conv.h"
#include "core/run/engine.h"
#include "core/simd/simd.h"
#include "tests/bench/support.h"

static int      n_threads;
static char    *pooling;
static gboolean with_profile;

static int
compare (const void *a, const void *b)
{
  double d = *(const double *) a - *(const double *) b;

  return (d > 0) - (d < 0);
}

static void
print_part (const NstProfilePart *part,
            int                   runs,
            const char           *pass,
            const char           *layer,
            const char           *method,
            double                operations)
{
  printf ("part %s %s %s %.0f %.3f", pass, layer, method, operations, part->wall * 1e3 / runs);
  for (int i = 0; i < NST_N_PHASES; i++)
    printf (" %.3f", part->phases[i] * 1e3 / runs);
  printf ("\n");
}

static void
print_profile (const NstModel *model, int width, int height, int runs)
{
  NstProfilePart parts[NST_PROFILE_PARTS];

  nst_profile_stop (parts);
  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];
      NstConvMethod   method = nst_conv_choose (layer->in_channels, layer->out_channels);

      if (layer->kind == NST_LAYER_POOL)
        {
          width /= 2;
          height /= 2;
          continue;
        }
      for (int pass = 0; pass < 2; pass++)
        print_part (&parts[pass == 0 ? NST_PROFILE_FORWARD (i) : NST_PROFILE_BACKWARD (i)], runs,
                    pass == 0 ? "forward" : "backward", layer->name, nst_conv_method_name (method),
                    18.0 * width * height * layer->in_channels * layer->out_channels);
    }
  print_part (&parts[NST_PROFILE_ELSE], runs, "else", "-", "-", 0);
}

static NstEngine *
start (NstModel *model, int width, int height)
{
  /* Whatever the default look is: what iteration.py computes in PyTorch. */
  g_autofree char     *json = g_strdup_printf ("{\"scale_ratio\": 1, \"optimizer\": \"adam\", \"pooling\": "
                                                   "\"%s\", \"init\": \"noise\", \"iterations\": 100000, "
                                                   "\"style_loss\": \"gram\", \"no_lattice\": false, "
                                                   "\"content_layers\": {\"conv4_2\": 1}, \"style_layers\": "
                                                   "{\"conv1_1\": 1, \"conv2_1\": 1, \"conv3_1\": 1, "
                                                   "\"conv4_1\": 1, \"conv5_1\": 1}}",
                                           pooling != NULL ? pooling : "average");
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstImage) content = nst_image_new (width, height, &error),
                       style = nst_image_new (width, height, &error);
  g_autoptr (NstScene) scene = nst_scene_new (content);
  NstEngine           *engine = NULL;
  NstRecipe            recipe;

  bench_fill (content->data, (gsize) width * height * 3);
  bench_fill (style->data, (gsize) width * height * 3);
  nst_scene_add_style (scene, style, 1, NULL);
  nst_recipe_init (&recipe);
  if (!nst_recipe_merge_json (&recipe, json, &error)
      || (engine = nst_engine_new (model, &recipe, scene, NULL, &error)) == NULL)
    {
      fprintf (stderr, "bench-iteration: %s\n", error->message);
      exit (1);
    }

  return engine;
}

/* Only OpenBLAS has this function. */
extern char *openblas_get_config (void) __attribute__ ((weak));

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "threads", 't', 0, G_OPTION_ARG_INT, &n_threads, "threads; 0: all", "N" },
    { "pooling", 'p', 0, G_OPTION_ARG_STRING, &pooling, "average (default) or max", "POOLING" },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &with_profile, "time of each phase of each layer", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("full|slim|embedded WIDTH HEIGHT RUNS");
  g_autoptr (GError)         error = NULL;
  g_autoptr (NstModel)       model = NULL;
  g_autoptr (NstEngine)      engine = NULL;
  g_autofree double         *seconds = NULL;
  NstStatus                  status;
  struct rusage              usage;
  int                        width, height, runs;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 5)
    {
      fprintf (stderr, "bench-iteration: %s; see --help\n",
               error != NULL ? error->message : "four arguments are needed");
      return 2;
    }
  width = atoi (argv[2]);
  height = atoi (argv[3]);
  runs = MAX (atoi (argv[4]), 1);
  nst_process_init (n_threads);
  model = bench_model (argv[1]);
  engine = start (model, width, height);
  if (!nst_engine_step (engine, &status, &error))
    {
      fprintf (stderr, "bench-iteration: %s\n", error->message);
      return 1;
    }

  seconds = g_new (double, runs);
  if (with_profile)
    nst_profile_start ();
  for (int i = 0; i < runs; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      nst_engine_step (engine, &status, NULL);
      seconds[i] = (g_get_monotonic_time () - begin) * 1e-6;
    }
  if (with_profile)
    print_profile (model, width, height, runs);
  qsort (seconds, runs, sizeof (double), compare);
  getrusage (RUSAGE_SELF, &usage);
  printf ("seconds %.5f\nleast %.5f\npeak %.0f\nthreads %d\nkernels %s\nblas %s\n", seconds[runs / 2],
          seconds[0], usage.ru_maxrss * 1024.0, nst_threads (), nst_simd_for (64)->name,
          openblas_get_config != NULL ? openblas_get_config () : "unknown");

  return 0;
}
