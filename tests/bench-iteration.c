/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/nst-engine.h"
#include "core/nst-parallel.h"
#include "bench-support.h"

/* One whole iteration: forward to conv5_1, five Gram losses, the content loss at conv4_2, backward to the picture, one step of Adam. VGG-19's
 * layers with random weights, average pooling.
 *
 *   bench-iteration full|slim WIDTH HEIGHT RUNS [THREADS]
 *
 * prints one line: seconds (median, least), peak memory, and what the plan had said. */

static int
compare (const void *a,
         const void *b)
{
  double d = *(const double *) a - *(const double *) b;

  return (d > 0) - (d < 0);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NstModel) model = NULL;
  g_autoptr (NstImage) content = NULL;
  g_autoptr (NstImage) style = NULL;
  g_autoptr (NstEngine) engine = NULL;
  g_autofree double *seconds = NULL;
  NstRecipe     recipe;
  NstPlan       plan;
  NstStatus     status;
  struct rusage usage;
  int           width, height, runs;

  if (argc < 5)
    {
      fprintf (stderr, "usage: %s full|slim WIDTH HEIGHT RUNS [THREADS]\n", argv[0]);
      return 2;
    }
  width = atoi (argv[2]);
  height = atoi (argv[3]);
  runs = MAX (atoi (argv[4]), 1);
  nst_set_threads (argc > 5 ? atoi (argv[5]) : 0);
  model = bench_model (strcmp (argv[1], "slim") == 0 ? 4 : 1);

  nst_recipe_init (&recipe);
  nst_recipe_merge_json (&recipe, "{\"scale_ratio\": 1, \"optimizer\": \"adam\", \"pooling\": \"average\", \"init\": \"noise\","
                         " \"iterations\": 100000}", &error);
  content = nst_image_new (width, height, &error);
  style = nst_image_new (width, height, &error);
  bench_fill (content->data, (gsize) width * height * 3);
  bench_fill (style->data, (gsize) width * height * 3);
  if (!nst_plan (&plan, model, &recipe, width, height, style, &error) ||
      (engine = nst_engine_new (model, &recipe, content, style, NULL, NULL, &error)) == NULL ||
      !nst_engine_step (engine, &status, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }

  seconds = g_new (double, runs);
  for (int i = 0; i < runs; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      nst_engine_step (engine, &status, NULL);
      seconds[i] = (g_get_monotonic_time () - begin) * 1e-6;
    }
  qsort (seconds, runs, sizeof (double), compare);
  getrusage (RUSAGE_SELF, &usage);
  printf ("pastiche %s %d x %d, %d threads: %.4f s (least %.4f), peak %.3f GB, planned %.3f GB\n", argv[1], width, height, nst_threads (),
          seconds[runs / 2], seconds[0], usage.ru_maxrss * 1.024e-6, plan.bytes * 1e-9);

  return 0;
}
