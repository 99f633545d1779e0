/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can go wrong because of a user, a file or a size. Cancelling is G_IO_ERROR_CANCELLED. Messages are for
 * people: they name the file, the layer and both numbers. */
#define NST_ERROR (nst_error_quark ())

typedef enum
{
  NST_ERROR_ARGUMENT,  /* a recipe, an option or a JSON text says something impossible */
  NST_ERROR_FORMAT,    /* a file is not what it should be, or is cut off */
  NST_ERROR_SHAPE,     /* a tensor or a layer has the wrong shape, or is missing */
  NST_ERROR_SIZE,      /* a picture is too small or too large for the network */
  NST_ERROR_MEMORY,    /* the run would need more memory than there is */
  NST_ERROR_NONFINITE, /* the losses stopped being numbers */
} NstError;

GQuark nst_error_quark (void);

G_END_DECLS
