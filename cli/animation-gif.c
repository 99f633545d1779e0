/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF animations by giflib; each frame has its own palette. */
#include "cli/animation.h"

#include <gif_lib.h>

#include "cli/palette.h"

typedef struct
{
  GifFileType *gif;     /* owned; closed by end () or free_gif () */
  FILE        *file;    /* borrowed */
  guint8      *indices; /* owned; palette indices of one frame */
  int          width, height;
} Gif;

static int
append (GifFileType *gif, const GifByteType *data, int length)
{
  return (int) fwrite (data, 1, length, ((Gif *) gif->UserData)->file);
}

static void
free_gif (gpointer state)
{
  Gif *gif = state;

  if (gif->gif != NULL)
    EGifCloseFile (gif->gif, NULL);
  g_free (gif->indices);
  g_free (gif);
}

/* Makes the animation loop forever: the application extension "NETSCAPE2.0". */
static gboolean
put_loop (GifFileType *gif)
{
  static const GifByteType repeat[3] = { 1, 0, 0 };

  return EGifPutExtensionLeader (gif, APPLICATION_EXT_FUNC_CODE) == GIF_OK
         && EGifPutExtensionBlock (gif, 11, "NETSCAPE2.0") == GIF_OK
         && EGifPutExtensionBlock (gif, sizeof repeat, repeat) == GIF_OK
         && EGifPutExtensionTrailer (gif) == GIF_OK;
}

static gpointer
begin (FILE *file, int width, int height)
{
  Gif *state = g_new0 (Gif, 1);

  state->file = file;
  state->indices = g_try_malloc ((gsize) width * height);
  state->width = width;
  state->height = height;
  state->gif = state->indices != NULL ? EGifOpen (state, append, NULL) : NULL;
  if (state->gif != NULL)
    {
      EGifSetGifVersion (state->gif, true);
      if (EGifPutScreenDesc (state->gif, width, height, 8, 0, NULL) == GIF_OK && put_loop (state->gif))
        return state;
    }
  free_gif (state);

  return NULL;
}

static gboolean
frame (gpointer data, const guint8 *rgb, int milliseconds)
{
  Gif                 *state = data;
  GraphicsControlBlock control = { .DisposalMode = DISPOSE_DO_NOT,
                                   .DelayTime = milliseconds / 10,
                                   .TransparentColor = NO_TRANSPARENT_COLOR };
  GifByteType          extension[4];
  guint8               palette[NST_PALETTE_SIZE][3];
  ColorMapObject      *map = GifMakeMapObject (NST_PALETTE_SIZE, NULL);
  gboolean             good;

  if (map == NULL)
    return FALSE;

  good = nst_palette_quantise (rgb, state->width, state->height, palette, state->indices);
  for (int i = 0; good && i < NST_PALETTE_SIZE; i++)
    map->Colors[i] = (GifColorType){ palette[i][0], palette[i][1], palette[i][2] };
  good = good && EGifGCBToExtension (&control, extension) == sizeof extension
         && EGifPutExtension (state->gif, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension) == GIF_OK
         && EGifPutImageDesc (state->gif, 0, 0, state->width, state->height, false, map) == GIF_OK;
  for (int y = 0; good && y < state->height; y++)
    good = EGifPutLine (state->gif, state->indices + (gsize) y * state->width, state->width) == GIF_OK;
  GifFreeMapObject (map);

  return good;
}

static gboolean
end (gpointer data)
{
  Gif *state = data;
  int  result = EGifCloseFile (state->gif, NULL);

  state->gif = NULL;

  return result == GIF_OK;
}

const NstAnimationFormat nst_animation_gif = { begin, frame, end, free_gif };
