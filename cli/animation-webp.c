/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP animations by libwebpmux. */
#include "cli/animation.h"

#include <webp/encode.h>
#include <webp/mux.h>

#define QUALITY 85

typedef struct
{
  WebPAnimEncoder *encoder; /* owned */
  int              width, height;
  int              time; /* start of the next frame, in milliseconds */
} Webp;

static gpointer
begin (int width, int height)
{
  WebPAnimEncoderOptions options;
  Webp                  *state;

  if (!WebPAnimEncoderOptionsInit (&options))
    return NULL;

  state = g_new0 (Webp, 1);
  state->width = width;
  state->height = height;
  state->encoder = WebPAnimEncoderNew (width, height, &options);
  if (state->encoder == NULL)
    g_clear_pointer (&state, g_free);

  return state;
}

static gboolean
frame (gpointer data, const guint8 *rgb, int milliseconds)
{
  Webp       *state = data;
  WebPConfig  config;
  WebPPicture picture;
  gboolean    good;

  if (!WebPConfigPreset (&config, WEBP_PRESET_PICTURE, QUALITY) || !WebPPictureInit (&picture))
    return FALSE;

  picture.use_argb = 1;
  picture.width = state->width;
  picture.height = state->height;
  good = WebPPictureImportRGB (&picture, rgb, 3 * state->width)
         && WebPAnimEncoderAdd (state->encoder, &picture, state->time, &config);
  WebPPictureFree (&picture);
  state->time += milliseconds;

  return good;
}

static GBytes *
end (gpointer data)
{
  Webp    *state = data;
  WebPData file;
  GBytes  *bytes = NULL;

  WebPDataInit (&file);
  if (WebPAnimEncoderAdd (state->encoder, NULL, state->time, NULL)
      && WebPAnimEncoderAssemble (state->encoder, &file))
    bytes = g_bytes_new (file.bytes, file.size);
  WebPDataClear (&file);

  return bytes;
}

static void
free_webp (gpointer state)
{
  WebPAnimEncoderDelete (((Webp *) state)->encoder);
  g_free (state);
}

const NstAnimationFormat nst_animation_webp = { begin, frame, end, free_webp };
