/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour profiles and depths in GIMP 2.10: a run that changes nothing leaves every pixel as it was, and a
 * painting is seen in its own profile. */
#include "tests/plugin/gimp2/support.h"

#include <lcms2.h>
#include <math.h>

#define SIDE 32

typedef enum
{
  SRGB, /* none in the image */
  ADOBE,
  DISPLAY_P3,
  PROPHOTO,
  LINEAR,
} Profile;

typedef struct
{
  const char       *name;
  GimpImageBaseType base;
  GimpPrecision     precision;
  Profile           profile;
  double            low, high;  /* range of the values */
  double            difference; /* the most that may change, in the format's own values */
} ColourCase;

static const ColourCase colour_cases[] = {
  { "srgb-8", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, SRGB, 0, 1, 0 },
  { "adobe-8", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, ADOBE, 0, 1, 0 },
  { "p3-8", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, DISPLAY_P3, 0, 1, 0 },
  { "prophoto-8", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, PROPHOTO, 0, 1, 0 },
  { "linear-profile-8", GIMP_RGB, GIMP_PRECISION_U8_GAMMA, LINEAR, 0, 1, 0 },
  { "adobe-8-linear", GIMP_RGB, GIMP_PRECISION_U8_LINEAR, ADOBE, 0, 1, 0 },
  { "adobe-16", GIMP_RGB, GIMP_PRECISION_U16_GAMMA, ADOBE, 0, 1, 1 / 65535.0 },
  { "p3-16-linear", GIMP_RGB, GIMP_PRECISION_U16_LINEAR, DISPLAY_P3, 0, 1, 1 / 65535.0 },
  { "prophoto-16", GIMP_RGB, GIMP_PRECISION_U16_GAMMA, PROPHOTO, 0, 1, 1 / 65535.0 },
  { "p3-half", GIMP_RGB, GIMP_PRECISION_HALF_GAMMA, DISPLAY_P3, 0, 1, 1 / 1024.0 },
  { "srgb-float-bright", GIMP_RGB, GIMP_PRECISION_FLOAT_LINEAR, SRGB, -0.1, 8, 2e-5 },
  { "prophoto-float", GIMP_RGB, GIMP_PRECISION_FLOAT_LINEAR, PROPHOTO, 0, 1, 2e-6 },
  { "p3-float-gamma", GIMP_RGB, GIMP_PRECISION_FLOAT_GAMMA, DISPLAY_P3, 0, 1, 2e-6 },
  { "p3-32", GIMP_RGB, GIMP_PRECISION_U32_GAMMA, DISPLAY_P3, 0, 1, 1e-6 },
  { "grey-8", GIMP_GRAY, GIMP_PRECISION_U8_GAMMA, SRGB, 0, 1, 0 },
  { "grey-gamma-8", GIMP_GRAY, GIMP_PRECISION_U8_GAMMA, ADOBE, 0, 1, 0 },
  { "grey-linear-16", GIMP_GRAY, GIMP_PRECISION_U16_GAMMA, LINEAR, 0, 1, 1 / 65535.0 },
};

/* Version 4 profiles, made by Little CMS. */
static GimpColorProfile *
make_profile (Profile kind, gboolean grey)
{
  static const cmsCIExyY       d65 = { 0.3127, 0.3290, 1 }, d50 = { 0.3457, 0.3585, 1 };
  static const cmsCIExyYTRIPLE adobe = { { 0.64, 0.33, 1 }, { 0.21, 0.71, 1 }, { 0.15, 0.06, 1 } },
                               p3 = { { 0.68, 0.32, 1 }, { 0.265, 0.69, 1 }, { 0.15, 0.06, 1 } },
                               prophoto = { { 0.7347, 0.2653, 1 },
                                            { 0.1596, 0.8404, 1 },
                                            { 0.0366, 0.0001, 1 } },
                               srgb = { { 0.64, 0.33, 1 }, { 0.30, 0.60, 1 }, { 0.15, 0.06, 1 } };
  static const double parameters[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
  cmsToneCurve       *curve, *curves[3];
  cmsHPROFILE         profile;
  GimpColorProfile   *result;
  g_autofree guint8  *bytes = NULL;
  cmsUInt32Number     length = 0;

  curve = kind == LINEAR     ? cmsBuildGamma (NULL, 1)
          : kind == ADOBE    ? cmsBuildGamma (NULL, 563 / 256.0)
          : kind == PROPHOTO ? cmsBuildGamma (NULL, 1.8)
                             : cmsBuildParametricToneCurve (NULL, 4, parameters);
  curves[0] = curves[1] = curves[2] = curve;
  profile = grey ? cmsCreateGrayProfile (&d50, curve)
                 : cmsCreateRGBProfile (kind == PROPHOTO ? &d50 : &d65,
                                        kind == ADOBE        ? &adobe
                                        : kind == DISPLAY_P3 ? &p3
                                        : kind == PROPHOTO   ? &prophoto
                                                             : &srgb,
                                        curves);
  cmsFreeToneCurve (curve);
  g_assert_true (cmsSaveProfileToMem (profile, NULL, &length));
  bytes = g_malloc (length);
  g_assert_true (cmsSaveProfileToMem (profile, bytes, &length));
  cmsCloseProfile (profile);
  result = gimp_color_profile_new_from_icc_profile (bytes, length, NULL);
  g_assert_nonnull (result);

  return result;
}

static void
set_profile (gint32 image, Profile kind, gboolean grey)
{
  GimpColorProfile *profile;

  if (kind == SRGB)
    return;

  profile = make_profile (kind, grey);
  g_assert_true (gimp_image_set_color_profile (image, profile));
  g_object_unref (profile);
}

/* The drawable's own format as floats, in its own space. */
static const Babl *
own_floats (gint32 drawable)
{
  const Babl *stored = gimp_drawable_get_format (drawable);
  const char *model = babl_get_name (babl_format_get_model (stored));
  const char *name = g_str_has_prefix (model, "R'") || g_str_has_prefix (model, "R~")   ? "R'G'B' float"
                     : g_str_has_prefix (model, "Y'") || g_str_has_prefix (model, "Y~") ? "Y' float"
                     : g_str_has_prefix (model, "Y")                                    ? "Y float"
                                                                                        : "RGB float";

  return babl_format_with_space (name, babl_format_get_space (stored));
}

static gint32
make_image (const ColourCase *test, gint32 *layer)
{
  const Sheet sheet = { test->name, test->base, test->precision, FALSE, SIDE, SIDE, 0, 0, SIDE, SIDE };
  gint32      image = sheet_new (&sheet, layer);
  float       values[SIDE * SIDE * 3];
  GeglBuffer *buffer;

  set_profile (image, test->profile, test->base == GIMP_GRAY);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = g_test_rand_double_range (test->low, test->high);
  buffer = gimp_drawable_get_buffer (*layer);
  gegl_buffer_set (buffer, NULL, 0, own_floats (*layer), values, GEGL_AUTO_ROWSTRIDE);
  g_object_unref (buffer);

  return image;
}

static void
read_own (gint32 drawable, float *values)
{
  GeglBuffer *buffer = gimp_drawable_get_buffer (drawable);

  gegl_buffer_get (buffer, NULL, 1.0, own_floats (drawable), values, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  g_object_unref (buffer);
}

/* Without style and variation the photograph is the best picture. */
static const Call unchanged = { .mode = GIMP_RUN_NONINTERACTIVE,
                                .output = 1,
                                .size = 1024,
                                .json = "{\"beta\": 0, \"tv\": 0, \"match_colours\": 0}" };

static void
test_unchanged (gconstpointer data)
{
  const ColourCase *test = data;
  const int         n = SIDE * SIDE * (test->base == GIMP_GRAY ? 1 : 3);
  float             before[SIDE * SIDE * 3], after[SIDE * SIDE * 3];
  double            most = 0;
  gint32            layer, image = make_image (test, &layer);
  g_auto (Answer)   answer = { 0 };

  read_own (layer, before);
  answer = call_pastiche (image, layer, &unchanged);
  g_assert_cmpstr (answer.message, ==, NULL);
  read_own (layer, after);
  for (int i = 0; i < n; i++)
    most = MAX (most, fabs (after[i] - before[i]));
  g_test_message ("%s: largest difference %g", test->name, most);
  g_assert_cmpfloat (most, <=, test->difference + 1e-9);
  gimp_image_delete (image);
}

/* Two copies of a painting, one converted to another profile, are the same style. */
static void
test_style (void)
{
  const Sheet sheet = {
    "content", GIMP_RGB, GIMP_PRECISION_FLOAT_GAMMA, FALSE, SIDE, SIDE, 0, 0, SIDE, SIDE
  };
  gint32 layers[3], images[3], styles[3];

  images[0] = sheet_new (&sheet, &layers[0]);
  images[1] = gimp_image_duplicate (images[0]);
  images[2] = gimp_image_duplicate (images[0]);
  layers[1] = gimp_image_get_active_layer (images[1]);
  layers[2] = gimp_image_get_active_layer (images[2]);
  styles[0] = sheet_new (&sheet, &layers[0]);
  for (int i = 0; i < 3; i++)
    {
      gint32          style = i == 0 ? styles[0] : gimp_image_duplicate (styles[0]);
      Call            call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1, .iterations = 1 };
      g_auto (Answer) answer = { 0 };

      styles[i] = style;
      if (i == 1)
        {
          GimpColorProfile *profile = make_profile (PROPHOTO, FALSE);

          g_assert_true (gimp_image_convert_color_profile (style, profile,
                                                           GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC,
                                                           FALSE));
        }
      if (i == 2)
        set_profile (style, PROPHOTO, FALSE);
      call.style = gimp_image_get_active_layer (style);
      layers[i] = gimp_image_get_active_layer (images[i]);
      answer = call_pastiche (images[i], layers[i], &call);
      g_assert_cmpstr (answer.message, ==, NULL);
    }
  g_test_message ("converted: %g, relabelled: %g", greatest_difference (layers[0], layers[1]),
                  greatest_difference (layers[0], layers[2]));
  g_assert_cmpfloat (greatest_difference (layers[0], layers[1]), <, 0.02); /* rounding, enlarged by the run */
  g_assert_cmpfloat (greatest_difference (layers[0], layers[2]), >, 0.1);
  for (int i = 0; i < 3; i++)
    {
      gimp_image_delete (images[i]);
      gimp_image_delete (styles[i]);
    }
}

void
add_colour_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (colour_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plugin/gimp2/colours/", colour_cases[i].name, NULL);

      g_test_add_data_func (path, colour_cases + i, test_unchanged);
    }
  g_test_add_func ("/plugin/gimp2/colours/style", test_style);
}
