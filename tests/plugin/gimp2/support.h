/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>
#include <libgimp/gimp.h>

/* What tests inside of GIMP share. Pictures are random; sizes small. */

/* An image with one layer; its pixels are random, a fifth of them transparent where there is alpha. */
typedef struct
{
  const char       *name;
  GimpImageBaseType base;
  GimpPrecision     precision;
  gboolean          alpha;
  int               canvas_width, canvas_height;
  int               x, y, width, height; /* of the layer, on the canvas */
} Sheet;

/* A call of plug-in-pastiche. Clear: the style of sheet_style (), tiny and short, as a new layer. */
typedef struct
{
  int         mode;
  gint32      style; /* 0: sheet_style () */
  const char *style_file;
  double      alpha, beta;      /* 0: the preset's own */
  int         iterations, size; /* 0: 2 and 64 */
  const char *preset;
  int         output;
  const char *json;
} Call;

typedef struct
{
  GimpPDBStatusType status;
  gint32            layer;
  char             *message; /* owned; NULL when all went well */
} Answer;

gint32 sheet_new (const Sheet *sheet, gint32 *layer);
gint32 sheet_style (void); /* a layer of an image of its own, made once */

/* The pixels as GIMP stores them. */
GBytes *stored_pixels (gint32 drawable);
int     pixel_bytes (gint32 drawable);

/* One float of alpha a pixel. */
GBytes *stored_alpha (gint32 drawable);

/* Of any component, as floats of R'G'B'A. Equal calls differ in the last digits (1.7e-6 were seen under
 * load): babl chooses the way from one format to another by its speed, in every process anew. */
double greatest_difference (gint32 drawable, gint32 other);

Answer call_pastiche (gint32 image, gint32 drawable, const Call *call);
void   answer_clear (Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

int count_layers (gint32 image);

/* FALSE where the library with Undo (undo.c) is not there. */
gboolean can_undo (void);
void     undo (gint32 image);
