/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Compares every convolution method, with every instruction set of this processor, with the reference. Most
 * sizes are no multiple of a tile. */

#include <math.h>
#include <string.h>

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/conv/methods.h"
#include "tests/support/fence.h"
#include "tests/support/support.h"

typedef struct
{
  int in, out, height, width;
} Shape;

static const Shape shapes[] = {
  { 3, 16, 1, 1 },    { 3, 16, 13, 9 },    { 3, 64, 24, 17 },  { 3, 17, 5, 5 },      { 1, 32, 2, 3 },
  { 4, 48, 37, 50 },  { 16, 3, 5, 5 },     { 17, 16, 13, 9 },  { 16, 17, 2, 3 },     { 16, 16, 1, 1 },
  { 16, 16, 1, 7 },   { 16, 32, 2, 3 },    { 32, 16, 5, 5 },   { 16, 48, 13, 9 },    { 32, 32, 24, 17 },
  { 16, 16, 37, 50 }, { 16, 32, 17, 9 },   { 144, 64, 2, 3 },  { 64, 64, 13, 9 },    { 64, 128, 24, 17 },
  { 80, 64, 7, 1 },   { 128, 128, 6, 12 }, { 128, 144, 5, 5 }, { 160, 128, 13, 31 }, { 256, 80, 1, 7 },
  { 512, 512, 3, 2 },
};

typedef struct
{
  NstConvMethod method;
  double        bound; /* largest relative error, L2 */
} Method;

static const Method methods[] = {
  { NST_CONV_IM2COL, 2e-6 },
  { NST_CONV_THIN, 1e-6 },
  { NST_CONV_WINOGRAD4, 2e-6 },
  { NST_CONV_WINOGRAD6, 8e-6 },
};

/* Flags: operations that are fused into the backward pass. */
enum
{
  PLAIN = 0,
  ADD = 1,
  MASK = 2,
  ALIAS = 4,
  AVERAGE = 8,
  MAX = 16
};

static const int extras_list[] = { PLAIN,        ADD,     MASK,           ADD | MASK, ALIAS,
                                   ALIAS | MASK, AVERAGE, AVERAGE | MASK, MAX | ALIAS };

/* A layer and random data for all passes. */
typedef struct
{
  Shape      shape;
  NstPadding padding;
  float     *weight, *bias, *input, *gradient, *add;
  guint8    *mask, *unpool; /* ReLU mask of input; pooling mask of gradient */
} Case;

static guint8 *
random_mask (int channels, gsize positions)
{
  float  *values = test_floats (positions * channels);
  guint8 *mask = g_malloc0 (positions * ((channels + 7) / 8));

  nst_relu_mask_fill (mask, channels, 0, positions, values);
  nst_floats_free (values);

  return mask;
}

static void
case_make (Case *c, Shape shape, NstPadding padding)
{
  gsize positions = (gsize) shape.height * shape.width;

  c->shape = shape;
  c->padding = padding;
  c->weight = test_floats ((gsize) shape.in * shape.out * 9);
  c->bias = test_floats (shape.out);
  c->input = test_floats (positions * shape.in);
  c->gradient = test_floats (positions * shape.out);
  c->add = test_floats (positions * shape.in);
  c->mask = random_mask (shape.in, positions);
  c->unpool = random_mask (shape.out, positions);
}

static void
case_clear (Case *c)
{
  nst_floats_free (c->weight);
  nst_floats_free (c->bias);
  nst_floats_free (c->input);
  nst_floats_free (c->gradient);
  nst_floats_free (c->add);
  g_free (c->mask);
  g_free (c->unpool);
}

/* One backward pass. With AVERAGE or MAX the gradient is that of the pooled features. A method without fused
 * pooling gets it after a separate backward pass of the pooling. */
static void
run_backward (const Case *c, const NstConv *conv, int extras, float *result, float *scratch)
{
  const Shape *s = &c->shape;
  gsize        positions = (gsize) s->height * s->width;
  NstTensor from = { s->height, s->width, s->out, c->gradient }, to = { s->height, s->width, s->in, result };
  NstTensor small = { s->height / 2, s->width / 2, s->out, c->gradient };
  float    *whole = test_floats (positions * s->out);
  NstConvGradient step = { .output = &from,
                           .input = &to,
                           .add = extras & ALIAS ? result
                                  : extras & ADD ? c->add
                                                 : NULL,
                           .mask = extras & MASK ? c->mask : NULL,
                           .pooling = extras & MAX ? NST_POOLING_MAX : NST_POOLING_AVERAGE };

  if (extras & ALIAS)
    memcpy (result, c->add, positions * s->in * sizeof (float));
  if ((extras & (AVERAGE | MAX)) && nst_conv_pools (conv))
    {
      step.output = &small;
      step.unpool = c->unpool;
    }
  else if (extras & (AVERAGE | MAX))
    {
      from.data = whole;
      nst_pool_backward (step.pooling, c->unpool, &small, &from, NULL);
    }
  nst_conv_backward (conv, &step, scratch);
  nst_floats_free (whole);
}

/* Runs a method and checks the guards. Returns the result. extras < 0: forward pass; otherwise the backward
 * pass with these flags. */
static Fence
run (const Case *c, NstConvMethod method, int extras)
{
  const Shape *s = &c->shape;
  gsize        positions = (gsize) s->height * s->width;
  NstConv     *conv = nst_conv_try_new (s->in, s->out, c->weight, c->bias, c->padding, method);
  Fence        scratch = fence_new (nst_conv_scratch (conv, s->height, s->width));
  Fence        result = fence_new (positions * (extras < 0 ? s->out : s->in));

  g_assert_true (conv->method == method || method == NST_CONV_FAST);
  if (extras < 0)
    {
      NstTensor input = { s->height, s->width, s->in, c->input },
                output = { s->height, s->width, s->out, result.data };

      nst_conv_forward (conv, &input, &(NstConvOutput){ .features = &output }, scratch.data);
    }
  else
    run_backward (c, conv, extras, result.data, scratch.data);
  fence_check (&result);
  fence_check (&scratch);
  fence_clear (&scratch);
  nst_conv_free (conv);

  return result;
}

static void
compare (const Case *c, const Method *method, int extras)
{
  Fence  wanted = run (c, NST_CONV_REFERENCE, extras), found = run (c, method->method, extras);
  double error = test_distance (found.data, wanted.data, wanted.n), length = 0, typical;

  /* In a small picture all sums may be close to 0, or 0 after the ReLU. Then the error is relative to the
   * typical size of such sums: a product of two random numbers has variance 1/9, and at least one of the nine
   * kernel positions is inside the picture. */
  for (gsize i = 0; i < wanted.n; i++)
    length += (double) wanted.data[i] * wanted.data[i];
  length = sqrt (length);
  typical = sqrt ((double) wanted.n * (extras < 0 ? c->shape.in : c->shape.out)) / 3;
  if (length > 0 && length < typical)
    error *= length / typical;

  if (error > method->bound)
    g_test_message ("%s: %d to %d channels, %d x %d, padding %d, extras %d: error %g, at most %g",
                    nst_conv_method_name (method->method), c->shape.in, c->shape.out, c->shape.height,
                    c->shape.width, c->padding, extras, error, method->bound);
  g_assert_cmpfloat (error, <=, method->bound);
  fence_clear (&wanted);
  fence_clear (&found);
}

/* The forward pass's other outputs equal those computed from its features: the mask, and the pooled features
 * with their mask. */
static void
compare_outputs (const Case *c, const Method *method)
{
  const Shape *s = &c->shape;
  NstTensor input = { s->height, s->width, s->in, c->input }, output = { s->height, s->width, s->out, NULL };
  NstTensor small = { s->height / 2, s->width / 2, s->out, NULL }, pooled = small;
  NstConv  *conv = nst_conv_try_new (s->in, s->out, c->weight, c->bias, c->padding, method->method);
  float    *scratch = test_floats (nst_conv_scratch (conv, s->height, s->width));
  gsize     bytes = nst_relu_mask_bytes (&output);
  Fence   features = fence_new (nst_tensor_length (&output)), wanted = fence_new (nst_tensor_length (&small));
  guint8 *mask = g_malloc0 (bytes), *right = g_malloc0 (bytes);

  output.data = features.data;
  small.data = wanted.data;
  nst_conv_forward (conv, &input, &(NstConvOutput){ .features = &output, .mask = mask }, scratch);
  nst_relu_mask_fill (right, s->out, 0, nst_tensor_positions (&output), output.data);
  g_assert_cmpmem (mask, bytes, right, bytes);
  for (NstPooling pooling = NST_POOLING_MAX; nst_conv_pools (conv) && pooling <= NST_POOLING_AVERAGE;
       pooling++)
    {
      Fence found = fence_new (wanted.n);

      pooled.data = found.data;
      memset (mask, 0, bytes);
      memset (right, 0, bytes);
      nst_conv_forward (conv, &input, &(NstConvOutput){ .pooled = &pooled, .pooling = pooling, .mask = mask },
                        scratch);
      nst_pool_forward (pooling, &output, &small, right, TRUE);
      fence_check (&found);
      g_assert_cmpmem (found.data, found.n * sizeof (float), wanted.data, wanted.n * sizeof (float));
      g_assert_cmpmem (mask, bytes, right, bytes);
      fence_clear (&found);
    }
  fence_clear (&features);
  fence_clear (&wanted);
  g_free (mask);
  g_free (right);
  nst_floats_free (scratch);
  nst_conv_free (conv);
}

/* Whether a case has more products than the environment variable TEST_PRODUCTS allows. On an emulated
 * processor the reference would take minutes. */
static gboolean
has_too_many_products (const Shape *s)
{
  const char *most = g_getenv ("TEST_PRODUCTS");

  return most != NULL
         && (gint64) s->height * s->width * s->in * s->out * 9 > g_ascii_strtoll (most, NULL, 10);
}

static void
test_method (gconstpointer data)
{
  const Method *method = data;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (NstPadding padding = NST_PADDING_ZERO; padding <= NST_PADDING_REPLICATE; padding++)
      {
        Case c;

        if (!nst_conv_can (method->method, shapes[i].in, shapes[i].out) || has_too_many_products (&shapes[i]))
          continue;
        case_make (&c, shapes[i], padding);
        compare (&c, method, -1);
        compare_outputs (&c, method);
        for (guint j = 0; j < G_N_ELEMENTS (extras_list); j++)
          compare (&c, method, extras_list[j]);
        case_clear (&c);
      }
}

/* PASTICHE_SIMD limits the instruction set. It is read once, so each value needs a process of its own. */
static void
test_environment (void)
{
  if (g_test_subprocess ())
    {
      g_assert_cmpstr (nst_simd_for (16)->name, ==, "plain");
      return;
    }

  g_setenv ("PASTICHE_SIMD", "plain", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_setenv ("PASTICHE_SIMD", "abacus", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed (); /* warnings are fatal in tests */
  g_test_trap_assert_stderr ("*PASTICHE_SIMD=abacus: this processor or build does not have it*");
  g_unsetenv ("PASTICHE_SIMD");
}

typedef struct
{
  const char *set;
  Method      method;
} SetMethod;

static void
test_instruction_set (gconstpointer data)
{
  const SetMethod *s = data;
  const char      *before = nst_simd_for (32)->name;

  g_assert_false (nst_simd_limit ("abacus"));
  g_assert_true (nst_simd_limit (s->set));
  g_assert_cmpstr (nst_simd_for (32)->name, ==, s->set);
  nst_set_threads (2); /* the number of threads decides how a layer is computed */
  test_method (&s->method);
  nst_set_threads (0);
  nst_simd_limit (before);
}

/* Winograd with products of bf16 numbers: the same tests with the error that eight bits of fraction leave. */
static void
test_fast (void)
{
  const Method method = { NST_CONV_FAST, 0.06 };
  float       *weight = test_floats (64 * 64 * 9);
  NstConv     *conv = nst_conv_try_new (64, 64, weight, weight, NST_PADDING_ZERO, NST_CONV_FAST);
  gboolean     bf16;

  g_assert_cmpint (nst_conv_method (conv, &bf16), ==, NST_CONV_WINOGRAD6);
  g_assert_cmpint (bf16, ==, nst_conv_has_bf16 ());
  nst_conv_free (conv);
  nst_floats_free (weight);
  if (!nst_conv_has_bf16 ())
    {
      g_test_skip ("this processor has no avx512_bf16");
      return;
    }

  test_method (&method);
  g_assert_true (nst_simd_limit ("plain"));
  g_assert_false (nst_conv_has_bf16 ());
  g_assert_true (nst_simd_limit ("avx512"));
}

/* With another number of threads the results differ by rounding only. */
static void
test_threads (gconstpointer data)
{
  const Method *method = data;
  const Shape   some[] = {
      { 3, 16, 24, 17 }, { 64, 32, 37, 50 }, { 160, 128, 24, 17 }, { 64, 64, 13, 9 }, { 64, 64, 70, 5 }
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (some); i++)
    for (int extras = -1; extras <= (ADD | MASK); extras += 4)
      {
        Case  c;
        Fence one, more;

        if (!nst_conv_can (method->method, some[i / 2].in, some[i / 2].out))
          continue;
        case_make (&c, some[i / 2], i % 2 ? NST_PADDING_REPLICATE : NST_PADDING_ZERO);
        nst_set_threads (1);
        one = run (&c, method->method, extras);
        for (int threads = 2; threads <= 3; threads++)
          {
            nst_set_threads (threads);
            more = run (&c, method->method, extras);
            g_assert_cmpfloat (test_distance (more.data, one.data, one.n), <=, 1e-6);
            fence_clear (&more);
          }
        nst_set_threads (0);
        fence_clear (&one);
        case_clear (&c);
      }
}

/* The reference itself: its gradient equals central differences of sum (dY * Y). With large biases every ReLU
 * is active, so the function is linear. */
static void
test_reference (gconstpointer data)
{
  const NstPadding padding = GPOINTER_TO_INT (data);
  const Shape      some[] = { { 2, 3, 1, 1 }, { 2, 2, 1, 4 }, { 3, 2, 4, 5 } };

  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    {
      Case  c;
      Fence gradient;
      gsize outputs = (gsize) some[i].height * some[i].width * some[i].out;

      case_make (&c, some[i], padding);
      for (int k = 0; k < some[i].out; k++)
        c.bias[k] = 100;
      gradient = run (&c, NST_CONV_REFERENCE, PLAIN);
      for (gsize j = 0; j < gradient.n; j++)
        {
          float  at = c.input[j];
          double slope = 0;

          for (int side = -1; side <= 1; side += 2)
            {
              Fence y;

              c.input[j] = at + side;
              y = run (&c, NST_CONV_REFERENCE, -1);
              for (gsize o = 0; o < outputs; o++)
                slope += side * 0.5 * y.data[o] * c.gradient[o];
              fence_clear (&y);
            }
          c.input[j] = at;
          g_assert_cmpfloat_with_epsilon (slope, gradient.data[j], 1e-3);
        }
      fence_clear (&gradient);
      case_clear (&c);
    }
}

/* The comparison detects wrong results. */
static void
test_checker (void)
{
  float right[100], wrong[100];

  for (int i = 0; i < 100; i++)
    wrong[i] = right[i] = g_test_rand_double_range (-1, 1);
  g_assert_cmpfloat (test_distance (wrong, right, 100), ==, 0);
  wrong[99] += 1e-3f;
  g_assert_cmpfloat (test_distance (wrong, right, 100), >, 2e-5);
  wrong[99] = NAN;
  g_assert_cmpfloat (test_distance (wrong, right, 100), ==, INFINITY);
}

static void
test_choice (void)
{
  g_assert_cmpint (nst_conv_choose (3, 64), ==, NST_CONV_THIN);
  g_assert_cmpint (nst_conv_choose (3, 16), ==, NST_CONV_THIN);
  g_assert_cmpint (nst_conv_choose (3, 17), ==, NST_CONV_IM2COL);
  g_assert_cmpint (nst_conv_choose (16, 16), ==, NST_CONV_WINOGRAD4);
  g_assert_cmpint (nst_conv_choose (64, 64), ==, NST_CONV_WINOGRAD6);
  g_assert_cmpint (nst_conv_choose (64, 128), ==, NST_CONV_WINOGRAD6);
  g_assert_cmpint (nst_conv_choose (64, 72), ==, NST_CONV_IM2COL);
}

/* nst_conv_bytes () counts what a layer stores. Of large kernels it stores nothing; of smaller ones a copy if
 * edges are replicated; of small ones also the transformed kernels. */
static void
test_bytes (void)
{
  static const struct
  {
    int        channels;
    NstPadding padding;
    gsize      floats;
  } layers[] = {
    { 256, NST_PADDING_ZERO, 0 },
    { 256, NST_PADDING_REPLICATE, 0 },
    { 128, NST_PADDING_ZERO, 0 },
    { 128, NST_PADDING_REPLICATE, 9 * 128 * 128 },
    { 64, NST_PADDING_ZERO, 2 * 64 * 64 * 64 },
    { 64, NST_PADDING_REPLICATE, (2 * 64 + 9) * 64 * 64 },
  };
  float *weight = test_floats (256 * 256 * 9);

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      int      C = layers[i].channels;
      NstConv *conv = nst_conv_try_new (C, C, weight, weight, layers[i].padding, NST_CONV_WINOGRAD6);

      g_assert_cmpuint (nst_conv_bytes (conv), ==,
                        sizeof (NstConv) + sizeof (float) * (C + layers[i].floats));
      g_assert_true ((conv->taps != NULL) == (C <= 128 && layers[i].padding == NST_PADDING_REPLICATE));
      g_assert_true ((conv->prepared[0] != NULL) == (C == 64));
      nst_conv_free (conv);
    }
  nst_floats_free (weight);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  g_test_add_func ("/core/conv/checker", test_checker);
  g_test_add_func ("/core/conv/choice", test_choice);
  g_test_add_func ("/core/conv/bytes", test_bytes);
  g_test_add_func ("/core/conv/environment", test_environment);
  g_test_add_func ("/core/conv/fast", test_fast);
  g_test_add_data_func ("/core/conv/reference/zero", GINT_TO_POINTER (NST_PADDING_ZERO), test_reference);
  g_test_add_data_func ("/core/conv/reference/replicate", GINT_TO_POINTER (NST_PADDING_REPLICATE),
                        test_reference);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      const char      *name = nst_conv_method_name (methods[i].method);
      g_autofree char *threads = g_strdup_printf ("/core/conv/%s/threads", name);

      for (const char *const *set = nst_simd_names (); *set != NULL; set++)
        {
          g_autofree char *path = g_strdup_printf ("/core/conv/%s/%s", name, *set);
          SetMethod       *data = g_new (SetMethod, 1);

          *data = (SetMethod){ *set, methods[i] };
          g_test_add_data_func_full (path, data, test_instruction_set, g_free);
        }
      g_test_add_data_func (threads, &methods[i], test_threads);
    }

  return g_test_run ();
}
