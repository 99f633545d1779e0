/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP animations: frames by libwebp, in a container of our own, which is written as the frames come. (The
 * encoder of libwebpmux keeps all frames in memory.) RFC 9649, section 2. */
#include "cli/animation.h"

#include <string.h>
#include <webp/encode.h>

#define QUALITY 85
#define RIFF 12        /* bytes before the first chunk: "RIFF", the size, "WEBP" */
#define ANIMATED 2     /* flag of VP8X */
#define DO_NOT_BLEND 2 /* flag of ANMF */

typedef struct
{
  FILE *file; /* borrowed */
  int   width, height;
} Webp;

/* Appends n bytes of value, the least significant first. */
static void
put (GByteArray *to, guint32 value, int n)
{
  for (int i = 0; i < n; i++)
    {
      const guint8 byte = value >> 8 * i;

      g_byte_array_append (to, &byte, 1);
    }
}

static void
put_name (GByteArray *to, const char *name)
{
  g_byte_array_append (to, (const guint8 *) name, strlen (name));
}

static gboolean
write_bytes (FILE *file, const GByteArray *bytes)
{
  return fwrite (bytes->data, 1, bytes->len, file) == bytes->len;
}

static gpointer
begin (FILE *file, int width, int height)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();
  Webp                  *state;

  put_name (header, "RIFF");
  put (header, 0, 4); /* written by end () */
  put_name (header, "WEBPVP8X");
  put (header, 10, 4);
  put (header, ANIMATED, 4);
  put (header, width - 1, 3);
  put (header, height - 1, 3);
  put_name (header, "ANIM");
  put (header, 6, 4);
  put (header, 0xffffffff, 4); /* background: white */
  put (header, 0, 2);          /* repeated for ever */
  if (!write_bytes (file, header))
    return NULL;

  state = g_new (Webp, 1);
  *state = (Webp){ file, width, height };

  return state;
}

/* Writes a frame. data: a still WebP picture; its chunks are those of the frame. */
static gboolean
write_frame (const Webp *state, const guint8 *data, gsize size, int milliseconds)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();

  if (size < RIFF || size % 2 != 0)
    return FALSE;

  put_name (header, "ANMF");
  put (header, 16 + size - RIFF, 4);
  put (header, 0, 6); /* at the left and at the top */
  put (header, state->width - 1, 3);
  put (header, state->height - 1, 3);
  put (header, milliseconds, 3);
  put (header, DO_NOT_BLEND, 1);

  return write_bytes (state->file, header)
         && fwrite (data + RIFF, 1, size - RIFF, state->file) == size - RIFF;
}

static gboolean
frame (gpointer data, const guint8 *rgb, int milliseconds)
{
  const Webp      *state = data;
  WebPConfig       config;
  WebPPicture      picture;
  WebPMemoryWriter writer;
  gboolean         good;

  if (!WebPConfigPreset (&config, WEBP_PRESET_PICTURE, QUALITY) || !WebPPictureInit (&picture))
    return FALSE;

  WebPMemoryWriterInit (&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  picture.width = state->width;
  picture.height = state->height;
  good = WebPPictureImportRGB (&picture, rgb, 3 * state->width) && WebPEncode (&config, &picture)
         && write_frame (state, writer.mem, writer.size, milliseconds);
  WebPPictureFree (&picture);
  WebPMemoryWriterClear (&writer);

  return good;
}

static gboolean
end (gpointer data)
{
  FILE                  *file = ((Webp *) data)->file;
  const off_t            size = ftello (file);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  put (bytes, size - 8, 4);

  return size > 8 && fseek (file, 4, SEEK_SET) == 0 && write_bytes (file, bytes);
}

const NstAnimationFormat nst_animation_webp = { begin, frame, end, g_free };
