/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Conversion between the colours of a file and R'G'B' with sRGB's primaries and transfer curve, by Little CMS
 * in floats: relative colorimetric, without clipping where the profile's curves are formulas. Values are 0 to
 * 1; colours outside of sRGB have values outside of that. */
typedef struct _NstColour NstColour;

typedef enum
{
  NST_COLOURS_RGB,
  NST_COLOURS_GREY, /* one value a pixel */
  NST_COLOURS_CMYK, /* 0: paper, 1: ink */
  NST_COLOURS_LAB,  /* L 0 to 100 */
} NstColours;

/* Numbers of one pixel. */
int nst_colours_count (NstColours colours);

/* profile: an ICC profile for these colours. NULL: linear says whether values are linear or have sRGB's curve
 * (RGB, grey); Lab is D50; CMYK must have a profile. Owned by the caller. NULL: the profile is damaged or for
 * other colours. */
NstColour *nst_colour_new (NstColours colours, GBytes *profile, gboolean linear);
void       nst_colour_free (NstColour *colour); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstColour, nst_colour_free)

/* Whether colours can be converted back, too; RGB and grey only. */
gboolean nst_colour_has_return (const NstColour *colour);

/* Whether both directions change nothing. */
gboolean nst_colour_is_plain (const NstColour *colour);

/* n pixels from the file's colours to R'G'B', three numbers each. */
void nst_colour_from_file (const NstColour *colour, const float *from, float *rgb, gsize n);

/* n pixels from R'G'B' to the file's colours. */
void nst_colour_to_file (const NstColour *colour, const float *rgb, float *to, gsize n);

G_END_DECLS
