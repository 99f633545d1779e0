/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>
#include <libgimp/gimp.h>

#include "picture/colour.h"

G_BEGIN_DECLS

/* The conversion for the values that a buffer of an image with this profile stores, which depend on the
 * image's precision: linear, or with the profile's curves, or with sRGB's. NULL: no profile, or one that
 * cannot be used, which is told in a message; the values are taken as sRGB then. Owned by the caller. */
NstColour *nst_profile_new_colour (GimpColorProfile *profile, GeglBuffer *buffer);

G_END_DECLS
