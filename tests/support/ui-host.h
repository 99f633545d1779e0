/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/host.h"

/* A host without GIMP: files, or pictures that a test hands over. The fields are the test's to look at. */
struct _NstHost
{
  NstImage *content; /* owned */
  NstImage *style;   /* owned; what every style is, or NULL: read the file */
  NstImage *written; /* owned; what the dialog applied last */
  NstOutput output;
  char     *text;        /* owned; with what was applied */
  gboolean  transparent; /* the left half */
  int       reads;       /* of styles */
  gboolean  refuse;      /* nst_host_write () fails */
};

void test_host_clear (NstHost *host);
