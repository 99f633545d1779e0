/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"

/* A host in memory, without GIMP. Tests set and read the fields. */
struct _NstHost
{
  NstImage *content;     /* ref; the layer to paint */
  NstImage *style;       /* ref; the layer with id 7; NULL: there is none */
  NstMask  *selection;   /* ref; the mask "selection"; NULL: there is none */
  NstImage *written;     /* ref; the last result; NULL: none */
  NstOutput output;      /* of the last result */
  char     *text;        /* owned; settings of the last result */
  gboolean  transparent; /* alpha is 0 in the left half */
  gboolean  grey;        /* the layer is in greyscale */
  int       reads;       /* calls of nst_host_read_style () */
  gboolean  refuse;      /* nst_host_write () fails */
  gboolean  gone;        /* the layer was deleted: only a new image can be written */
};

/* Drop all pictures and the text. */
void test_host_clear (NstHost *host);
