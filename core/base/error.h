/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Errors that a user, a file or a size can cause. Cancelling is G_IO_ERROR_CANCELLED. Messages are translated
 * and meant for people: they name the file or layer, both numbers, and what to do. */
#define NST_ERROR (nst_error_quark ())

typedef enum
{
  NST_ERROR_ARGUMENT,  /* a recipe, an option or a JSON text is invalid */
  NST_ERROR_FORMAT,    /* a file is damaged, truncated or of another kind */
  NST_ERROR_SHAPE,     /* a tensor or a layer is missing or has the wrong shape */
  NST_ERROR_SIZE,      /* a picture is too small or too large for the network */
  NST_ERROR_MEMORY,    /* there is not enough memory */
  NST_ERROR_NONFINITE, /* the losses became infinite or NaN */
  NST_ERROR_THREADS,   /* the system allows no more threads */
} NstError;

GQuark nst_error_quark (void);

G_END_DECLS
