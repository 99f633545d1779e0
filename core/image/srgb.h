/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

/* The transfer function of sRGB (IEC 61966-2-1), which pictures are encoded with. Values are 0..1; above 1
 * the curve goes on. */

static inline float
nst_srgb_to_linear (float v)
{
  return v <= 0.04045f ? v / 12.92f : powf ((v + 0.055f) / 1.055f, 2.4f);
}

static inline float
nst_srgb_from_linear (float v)
{
  return v <= 0.0031308f ? v * 12.92f : 1.055f * powf (v, 1 / 2.4f) - 0.055f;
}

/* Colours outside of sRGB's primaries have negative components. Colour libraries continue the curve's
 * straight part for them, so that Adobe RGB's green has a red of -5. Pictures here have the curve mirrored at
 * 0 instead
 * (-0.65): as large a step as it looks. These convert from the one to the other; 0 and more stays. */

static inline float
nst_srgb_mirror (float v)
{
  return v < 0 ? -nst_srgb_from_linear (-v / 12.92f) : v;
}

static inline float
nst_srgb_unmirror (float v)
{
  return v < 0 ? -12.92f * nst_srgb_to_linear (-v) : v;
}

G_END_DECLS
