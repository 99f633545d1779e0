/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour profiles of picture files, by Little CMS. */
#include "picture/colour.h"

#include <lcms2.h>
#include <string.h>

#include "core/base/parallel.h"
#include "core/image/srgb.h"

#define CHUNK 1024 /* pixels that are converted at once */

struct _NstColour
{
  NstColours    colours;
  cmsHTRANSFORM from_file, to_file; /* owned; both NULL: R'G'B' or grey as they are */
};

static const struct
{
  int                    count;
  cmsUInt32Number        type;
  cmsColorSpaceSignature space;
} kinds[] = { [NST_COLOURS_RGB] = { 3, TYPE_RGB_FLT, cmsSigRgbData },
              [NST_COLOURS_GREY] = { 1, TYPE_GRAY_FLT, cmsSigGrayData },
              [NST_COLOURS_CMYK] = { 4, TYPE_CMYK_FLT, cmsSigCmykData },
              [NST_COLOURS_LAB] = { 3, TYPE_Lab_FLT, cmsSigLabData } };

int
nst_colours_count (NstColours colours)
{
  return kinds[colours].count;
}

/* Damaged profiles are the caller's message. */
static void
ignore_message (cmsContext context G_GNUC_UNUSED, cmsUInt32Number code G_GNUC_UNUSED, const char *text)
{
  g_debug ("Little CMS: %s", text);
}

static cmsHPROFILE
linear_profile (NstColours colours)
{
  static const cmsCIExyY       white = { 0.3127, 0.3290, 1 };
  static const cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1 }, { 0.30, 0.60, 1 }, { 0.15, 0.06, 1 } };
  cmsToneCurve                *line = cmsBuildGamma (NULL, 1);
  cmsToneCurve                *curves[3] = { line, line, line };
  cmsHPROFILE                  profile;

  profile = colours == NST_COLOURS_GREY ? cmsCreateGrayProfile (cmsD50_xyY (), line)
                                        : cmsCreateRGBProfile (&white, &primaries, curves);
  cmsFreeToneCurve (line);

  return profile;
}

static cmsHPROFILE
open_profile (NstColours colours, GBytes *bytes)
{
  if (bytes != NULL)
    return cmsOpenProfileFromMem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return colours == NST_COLOURS_LAB ? cmsCreateLab4Profile (NULL) : linear_profile (colours);
}

NstColour *
nst_colour_new (NstColours colours, GBytes *bytes, gboolean linear)
{
  g_autoptr (NstColour) colour = g_new0 (NstColour, 1);
  const gboolean        returns = colours == NST_COLOURS_RGB || colours == NST_COLOURS_GREY;
  cmsUInt32Number       flags = cmsFLAGS_NOCACHE;
  cmsHPROFILE           profile, srgb;

  colour->colours = colours;
  if (bytes == NULL && returns && !linear)
    return g_steal_pointer (&colour);

  cmsSetLogErrorHandler (ignore_message);
  if (colours == NST_COLOURS_CMYK)
    flags |= cmsFLAGS_BLACKPOINTCOMPENSATION;
  profile = open_profile (colours, bytes);
  srgb = cmsCreate_sRGBProfile ();
  if (profile != NULL && srgb != NULL && cmsGetColorSpace (profile) == kinds[colours].space)
    {
      colour->from_file = cmsCreateTransform (profile, kinds[colours].type, srgb, TYPE_RGB_FLT,
                                              INTENT_RELATIVE_COLORIMETRIC, flags);
      if (returns)
        colour->to_file = cmsCreateTransform (srgb, TYPE_RGB_FLT, profile, kinds[colours].type,
                                              INTENT_RELATIVE_COLORIMETRIC, flags);
    }
  if (profile != NULL)
    cmsCloseProfile (profile);
  if (srgb != NULL)
    cmsCloseProfile (srgb);

  return colour->from_file != NULL ? g_steal_pointer (&colour) : NULL;
}

void
nst_colour_free (NstColour *colour)
{
  if (colour == NULL)
    return;
  if (colour->from_file != NULL)
    cmsDeleteTransform (colour->from_file);
  if (colour->to_file != NULL)
    cmsDeleteTransform (colour->to_file);
  g_free (colour);
}

gboolean
nst_colour_has_return (const NstColour *colour)
{
  return colour->to_file != NULL || nst_colour_is_plain (colour);
}

gboolean
nst_colour_is_plain (const NstColour *colour)
{
  return colour->from_file == NULL;
}

/* Pixels that Little CMS converts, CHUNK in a task. */
typedef struct
{
  const NstColour *colour;
  const float     *from;
  float           *to;
  gsize            n;
} Pixels;

static void
convert_from_file (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pixels *p = data;
  const gsize   first = (gsize) task * CHUNK, n = MIN (CHUNK, p->n - first);
  float        *rgb = p->to + 3 * first;

  cmsDoTransform (p->colour->from_file, p->from + first * kinds[p->colour->colours].count, rgb, n);
  for (gsize i = 0; i < 3 * n; i++)
    rgb[i] = nst_srgb_mirror (rgb[i]);
}

static void
convert_to_file (int task, int thread G_GNUC_UNUSED, gpointer data)
{
  const Pixels *p = data;
  const gsize   first = (gsize) task * CHUNK, n = MIN (CHUNK, p->n - first);
  float         chunk[3 * CHUNK];

  for (gsize i = 0; i < 3 * n; i++)
    chunk[i] = nst_srgb_unmirror (p->from[3 * first + i]);
  cmsDoTransform (p->colour->to_file, chunk, p->to + first * kinds[p->colour->colours].count, n);
}

void
nst_colour_from_file (const NstColour *colour, const float *from, float *rgb, gsize n)
{
  Pixels pixels = { colour, from, rgb, n };

  if (colour->from_file != NULL)
    nst_parallel ((n + CHUNK - 1) / CHUNK, convert_from_file, &pixels);
  else if (colour->colours == NST_COLOURS_GREY)
    for (gsize i = 0; i < n; i++)
      rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = from[i];
  else
    memcpy (rgb, from, n * 3 * sizeof (float));
}

void
nst_colour_to_file (const NstColour *colour, const float *rgb, float *to, gsize n)
{
  Pixels pixels = { colour, rgb, to, n };

  if (colour->to_file != NULL)
    nst_parallel ((n + CHUNK - 1) / CHUNK, convert_to_file, &pixels);
  else if (colour->colours == NST_COLOURS_GREY)
    for (gsize i = 0; i < n; i++)
      to[i] = (rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2]) / 3;
  else
    memcpy (to, rgb, n * 3 * sizeof (float));
}
