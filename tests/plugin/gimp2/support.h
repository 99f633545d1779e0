/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>
#include <libgimp/gimp.h>

/* Helpers of the tests that run inside GIMP 2.10. Pictures are small and random. */

/* An image with one layer of random pixels. With alpha a fifth of them is transparent. */
typedef struct
{
  const char       *name;
  GimpImageBaseType base;
  GimpPrecision     precision;
  gboolean          alpha;
  int               canvas_width, canvas_height;
  int               x, y, width, height; /* of the layer, on the canvas */
} Sheet;

#define RGB8 GIMP_RGB, GIMP_PRECISION_U8_GAMMA /* base and precision of a sheet */

/* Arguments of plug-in-pastiche. All zero: the style of sheet_style (), 2 iterations at 64 pixels, a new
 * layer. */
typedef struct
{
  int         mode;
  gint32      style; /* 0: sheet_style () */
  const char *style_file;
  double      alpha, beta;      /* 0: the preset's value */
  int         iterations, size; /* 0: 2 and 64 */
  const char *preset;
  int         output;
  const char *json;
} Call;

typedef struct
{
  GimpPDBStatusType status;
  gint32            layer;
  char             *message; /* owned; NULL on success */
} Answer;

/* Returns the image and stores its layer. The caller deletes the image. */
gint32 sheet_new (const Sheet *sheet, gint32 *layer);
gint32 sheet_style (void); /* a layer of a separate image, made at the first call */

/* The pixels in GIMP's storage format. Owned by the caller. */
GBytes *stored_pixels (gint32 drawable);
int     pixel_bytes (gint32 drawable);

/* Alpha, one float a pixel. Owned by the caller. */
GBytes *stored_alpha (gint32 drawable);

/* Largest difference of any component, as R'G'B'A float. Equal calls differ in the last digits (up to 1.7e-6
 * under load), because babl in each process chooses the fastest conversion by measuring. */
double greatest_difference (gint32 drawable, gint32 other);

Answer call_pastiche (gint32 image, gint32 drawable, const Call *call);
void   answer_clear (Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

int count_layers (gint32 image);

/* FALSE: the library that provides Undo (undo.c) is not loaded. */
gboolean can_undo (void);
void     undo (gint32 image);

/* Add the tests of colours.c, painting.c and gone.c. */
void add_colour_cases (void);
void add_painting_cases (void);
void add_gone_cases (void);
