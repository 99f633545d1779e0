/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/gimp3/host.h"

G_BEGIN_DECLS

/* What reading (host-gimp3.c) and writing (host-gimp3-write.c) share. */

/* The name of the settings that are kept with a layer. */
#define NST_PARASITE "pastiche-settings"

/* A drawable and what becomes of it. Items are kept by number: GIMP's objects may go while the user is asked.
 */
typedef struct
{
  int       drawable;
  int       painted;
  NstImage *picture; /* owned; waits to be painted. NULL: not there yet, or the caller's own */
  NstOutput output;
  char     *text; /* owned; the settings to keep with it */
} NstWork;

struct _NstHost
{
  int      image;
  gboolean show;
  NstWork *works; /* owned */
  int      n_works, current;
};

GimpImage *nst_host_gimp3_get_image (NstHost *host);

/* NULL once it is gone. */
GimpDrawable *nst_host_gimp3_get_drawable (const NstWork *work);

/* Whether the result may go where it shall, asked before anything changes. */
gboolean nst_host_gimp3_check_output (NstHost      *host,
                                      GimpDrawable *drawable,
                                      NstOutput     output,
                                      GError      **error);

G_END_DECLS
