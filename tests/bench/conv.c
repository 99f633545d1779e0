/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures the time of every convolution of VGG-19 (up to conv5_1) and of the slim network: forward and
 * backward pass, by every method that supports its shape. The data is random. The methods alternate, so that
 * other load on the machine affects all of them alike. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/conv/methods.h"

typedef struct
{
  const char *name;
  int         in, out; /* channels of VGG-19 */
  int         down;    /* size of the picture divided by that of the layer's input */
} Layer;

static const Layer layers[] = {
  { "conv1_1", 3, 64, 1 },    { "conv1_2", 64, 64, 1 },   { "conv2_1", 64, 128, 2 },
  { "conv2_2", 128, 128, 2 }, { "conv3_1", 128, 256, 4 }, { "conv3_2", 256, 256, 4 },
  { "conv4_1", 256, 512, 8 }, { "conv4_2", 512, 512, 8 }, { "conv5_1", 512, 512, 16 },
};

#define N_METHODS 4
static const NstConvMethod methods[N_METHODS] = { NST_CONV_IM2COL, NST_CONV_THIN, NST_CONV_WINOGRAD4,
                                                  NST_CONV_WINOGRAD6 };

#define MAX_TIMES 100

static int   size[2] = { 512, 384 };
static int   n_times = 7, n_threads = 0;
static char *simd, *only;

static float *
random_floats (gsize n)
{
  static guint32 state = 1;
  float         *floats = nst_floats_try_new (n);

  if (floats == NULL)
    g_error ("no memory");
  for (gsize i = 0; i < n; i++)
    {
      state = state * 1664525 + 1013904223;
      floats[i] = (gint32) state / 2147483648.0f;
    }

  return floats;
}

static int
compare (const void *a, const void *b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gint64
once (const NstConv *conv,
      gboolean       forward,
      NstTensor     *input,
      NstTensor     *output,
      NstTensor     *gradient,
      float         *scratch)
{
  gint64 start = g_get_monotonic_time ();

  if (forward)
    nst_conv_forward (conv, input, &(NstConvOutput){ .features = output }, scratch);
  else
    nst_conv_backward (conv, &(NstConvGradient){ .output = output, .input = gradient }, scratch);

  return g_get_monotonic_time () - start;
}

static void
print (const char   *name,
       int           in,
       int           out,
       gboolean      forward,
       NstConvMethod method,
       gint64       *times,
       double        operations)
{
  qsort (times, n_times, sizeof times[0], compare);
  g_print ("%-8s %4d %4d  %-8s %-10s%s %9.2f %9.2f %9.1f\n", name, in, out, forward ? "forward" : "backward",
           nst_conv_method_name (method), method == nst_conv_choose (in, out) ? "*" : " ",
           times[n_times / 2] / 1e3, times[0] / 1e3, operations / 1e3 / MAX (1, times[n_times / 2]));
}

static void
bench (const Layer *layer, int divisor)
{
  int       in = layer->in > 3 ? layer->in / divisor : 3, out = layer->out / divisor;
  NstTensor input = { size[1] / layer->down, size[0] / layer->down, in, NULL }, output = input,
            gradient = input;
  float   *weight = random_floats ((gsize) in * out * 9), *bias = random_floats (out), *scratch[N_METHODS];
  NstConv *convs[N_METHODS];
  gint64   times[N_METHODS][MAX_TIMES];

  output.channels = out;
  input.data = random_floats (nst_tensor_length (&input));
  output.data = random_floats (nst_tensor_length (&output));
  gradient.data = random_floats (nst_tensor_length (&gradient));
  for (int m = 0; m < N_METHODS; m++)
    {
      gboolean wanted = only == NULL || strstr (only, nst_conv_method_name (methods[m])) != NULL;
      gboolean can = wanted && nst_conv_can (methods[m], in, out);

      convs[m] = can ? nst_conv_try_new (in, out, weight, bias, NST_PADDING_ZERO, methods[m]) : NULL;
      scratch[m] = can ? nst_floats_try_new (nst_conv_scratch (convs[m], input.height, input.width)) : NULL;
    }

  for (int forward = TRUE; forward >= FALSE; forward--)
    {
      for (int t = -1; t < n_times; t++)
        for (int m = 0; m < N_METHODS; m++)
          if (convs[m] != NULL)
            {
              gint64 time = once (convs[m], forward, &input, &output, &gradient, scratch[m]);

              if (t >= 0)
                times[m][t] = time;
            }
      for (int m = 0; m < N_METHODS; m++)
        if (convs[m] != NULL)
          print (layer->name, in, out, forward, methods[m], times[m],
                 18.0 * nst_tensor_positions (&input) * in * out);
    }

  for (int m = 0; m < N_METHODS; m++)
    {
      nst_conv_free (convs[m]);
      nst_floats_free (scratch[m]);
    }
  nst_floats_free (input.data);
  nst_floats_free (output.data);
  nst_floats_free (gradient.data);
  nst_floats_free (weight);
  nst_floats_free (bias);
}

static char *
processor (void)
{
  g_autofree char *text = NULL;
  char            *name = NULL;

  if (g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    {
      g_autoptr (GRegex)     regex = g_regex_new ("^model name\\s*: (.*)$", G_REGEX_MULTILINE, 0, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      if (g_regex_match (regex, text, 0, &match))
        name = g_match_info_fetch (match, 1);
    }

  return name != NULL ? name : g_strdup ("unknown processor");
}

/* Only OpenBLAS has this function. */
extern char *openblas_get_config (void) __attribute__ ((weak));

int
main (int argc, char **argv)
{
  g_autofree char   *model = processor (), *wanted = NULL;
  int                divisor = 0;
  const GOptionEntry entries[] = {
    { "size", 's', 0, G_OPTION_ARG_STRING, &wanted, "size of the picture (default: 512x384)",
      "WIDTHxHEIGHT" },
    { "times", 'n', 0, G_OPTION_ARG_INT, &n_times,
      "calls to measure (default: 7); prints their median and minimum", "N" },
    { "threads", 't', 0, G_OPTION_ARG_INT, &n_threads, "threads; 0: all", "N" },
    { "simd", 0, 0, G_OPTION_ARG_STRING, &simd, "largest instruction set to use", "NAME" },
    { "methods", 'm', 0, G_OPTION_ARG_STRING, &only, "only these methods", "NAME,NAME" },
    { "divide", 'd', 0, G_OPTION_ARG_INT, &divisor, "only the network with VGG-19's channels divided by N",
      "N" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- convolutions, layer by layer");
  g_autoptr (GError)         error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("bench-conv: %s\n", error->message);
      return 2;
    }
  if ((wanted != NULL && sscanf (wanted, "%dx%d", &size[0], &size[1]) != 2) || n_times < 1
      || n_times > MAX_TIMES || size[0] < 16 || size[1] < 16 || (simd != NULL && !nst_simd_limit (simd))
      || !(divisor == 0 || divisor == 1 || divisor == 2 || divisor == 4))
    {
      g_printerr ("bench-conv: invalid argument; see --help\n");
      return 2;
    }

  nst_process_init (n_threads);
  g_print ("# %s, %d threads, kernels %s, BLAS %s, %d x %d, milliseconds of %d calls (*: the chosen "
           "method)\n",
           model, nst_threads (), nst_simd_for (32)->name,
           openblas_get_config != NULL ? openblas_get_config () : "unknown", size[0], size[1], n_times);
  g_print ("# layer    in  out  pass     method        median       min  GFLOP/s\n");
  for (int divide = divisor == 0 ? 1 : divisor; divide <= (divisor == 0 ? 4 : divisor); divide *= 4)
    for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
      bench (&layers[i], divide);

  return 0;
}
