/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversion between float and IEEE 754 binary16. */
#include "weights/format/half.h"

#include <math.h>
#include <string.h>

/* 1 sign, 5 exponent (bias 15), 10 mantissa bits; a float has 1, 8 (bias 127) and 23. */

float
nst_half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 exponent = (half >> 10) & 31;
  guint32 mantissa = half & 0x3ff;
  guint32 bits;
  float   value;

  /* zero and subnormals: mantissa * 2^-24, an exact normal float */
  if (exponent == 0)
    return copysignf (mantissa * 0x1p-24f, sign != 0 ? -1.0f : 1.0f);

  bits = sign | (exponent == 31 ? 255 : exponent + 127 - 15) << 23 | mantissa << 13;
  memcpy (&value, &bits, sizeof value);

  return value;
}

guint16
nst_half_from_float (float value)
{
  guint32 bits, magnitude;
  guint16 sign;

  memcpy (&bits, &value, sizeof bits);
  sign = bits >> 16 & 0x8000;
  magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000) /* NaN: keep the upper bits of the payload, and set one so that it does not
                                 become an infinity */
    return sign | 0x7c00 | MAX (magnitude >> 13 & 0x3ff, 1);
  if (magnitude >= 0x477ff000) /* 65520: halfway between the largest half and the next power of two */
    return sign | 0x7c00;
  /* below 2^-14: subnormal; a result of 1024 is the smallest normal number */
  if (magnitude < 0x38800000)
    return sign | (guint16) lrintf (fabsf (value) * 0x1p24f);

  /* Round to nearest, ties to even; a carry may reach the exponent. */
  return sign | (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
}
