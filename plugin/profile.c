/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour profiles of GIMP's images, in either version. */
#include "plugin/profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* GIMP's own profile, for which babl has exact conversions. */
static gboolean
is_srgb (GimpColorProfile *profile)
{
  GimpColorProfile *srgb = gimp_color_profile_new_rgb_srgb ();
  const gboolean    same = gimp_color_profile_is_equal (profile, srgb);

  g_object_unref (srgb);

  return same;
}

NstColour *
nst_profile_new_colour (GimpColorProfile *profile, GeglBuffer *buffer)
{
  const Babl       *format = gegl_buffer_get_format (buffer);
  const char       *encoding = babl_format_get_encoding (format); /* for example "R'G'B' u8" */
  GimpColorProfile *stored;
  NstColour        *colour = NULL;

  if (profile == NULL || is_srgb (profile))
    return NULL;

  if (strchr (encoding, '\'') != NULL || babl_format_is_palette (format))
    stored = g_object_ref (profile);
  else if (strchr (encoding, '~') != NULL)
    stored = gimp_color_profile_new_srgb_trc_from_color_profile (profile);
  else
    stored = gimp_color_profile_new_linear_from_color_profile (profile);
  if (stored != NULL)
    {
      gsize              length;
      const guint8      *data = gimp_color_profile_get_icc_profile (stored, &length);
      g_autoptr (GBytes) bytes = g_bytes_new (data, length);

      colour = nst_colour_new (gimp_color_profile_is_gray (stored) ? NST_COLOURS_GREY : NST_COLOURS_RGB,
                               bytes, FALSE);
      g_object_unref (stored);
    }
  if (colour == NULL || !nst_colour_has_return (colour))
    {
      g_message (_ ("The colour profile \"%s\" of the image cannot be used for painting; its colours are "
                    "taken "
                    "as sRGB"),
                 gimp_color_profile_get_label (profile));
      g_clear_pointer (&colour, nst_colour_free);
    }

  return colour;
}
