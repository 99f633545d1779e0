/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host-gimp3.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/nst-error.h"
#include "nst-buffer.h"

#define PARASITE "pastiche-settings"

/* A drawable and what becomes of it. Items are kept by number: GIMP's objects may go while the user is asked. */
typedef struct
{
  int       drawable;
  int       painted;
  NstImage *picture;    /* owned; waits to be painted. NULL: not there yet, or the caller's own */
  NstOutput output;
  char     *text;       /* owned; the settings to keep with it */
} Work;

struct _NstHost
{
  int      image;
  gboolean show;
  Work    *works;
  int      n_works, current;
};

NstHost *
nst_host_gimp3_new (GimpImage     *image,
                    GimpDrawable **drawables,
                    gboolean       show)
{
  NstHost *host = g_new0 (NstHost, 1);
  int      i;

  while (drawables[host->n_works])
    host->n_works++;
  host->image = gimp_image_get_id (image);
  host->show = show;
  host->works = g_new0 (Work, host->n_works);
  for (i = 0; i < host->n_works; i++)
    host->works[i].drawable = host->works[i].painted = gimp_item_get_id (GIMP_ITEM (drawables[i]));

  return host;
}

void
nst_host_gimp3_free (NstHost *host)
{
  int i;

  for (i = 0; i < host->n_works; i++)
    {
      nst_image_free (host->works[i].picture);
      g_free (host->works[i].text);
    }
  g_free (host->works);
  g_free (host);
}

gboolean
nst_host_gimp3_next (NstHost *host)
{
  if (host->current + 1 >= host->n_works)
    return FALSE;

  host->current++;
  return TRUE;
}

GimpLayer **
nst_host_gimp3_painted (NstHost *host)
{
  GimpLayer **layers = g_new0 (GimpLayer *, host->n_works + 1);
  int         i;

  for (i = 0; i < host->n_works; i++)
    layers[i] = gimp_layer_get_by_id (host->works[i].painted);

  return layers;
}

static GimpImage *
get_image (NstHost *host)
{
  return gimp_image_get_by_id (host->image);
}

/* NULL once it is gone. */
static GimpDrawable *
get_drawable (const Work *work)
{
  return gimp_drawable_get_by_id (work->drawable);
}

GBytes *
nst_host_get_window (NstHost *host G_GNUC_UNUSED)
{
  GimpDisplay *display = gimp_default_display ();

  return display ? gimp_display_get_window_handle (display) : NULL;
}

static void
list_image (GPtrArray *list,
            GimpImage *image,
            int        left_out,
            int        size)
{
  g_autofree char       *image_name = gimp_image_get_name (image);
  g_autofree GimpLayer **layers = gimp_image_get_layers (image);
  int                    i, width, height, channels;

  for (i = 0; layers[i]; i++)
    {
      const int          id = gimp_item_get_id (GIMP_ITEM (layers[i]));
      g_autofree char   *name = gimp_item_get_name (GIMP_ITEM (layers[i]));
      g_autoptr (GBytes) bytes = NULL;
      NstHostLayer      *layer;

      if (id == left_out)
        continue;
      bytes = gimp_drawable_get_thumbnail_data (GIMP_DRAWABLE (layers[i]), size, size, &width, &height, &channels);
      layer = nst_host_layer_new (id, name, image_name, bytes ? g_bytes_get_data (bytes, NULL) : NULL, width, height, channels);
      if (layer)
        g_ptr_array_add (list, layer);
    }
}

GPtrArray *
nst_host_list_layers (NstHost *host,
                      int      size)
{
  GPtrArray             *list = g_ptr_array_new_with_free_func ((GDestroyNotify) nst_host_layer_free);
  g_autofree GimpImage **images = gimp_get_images ();
  int                    i;

  for (i = 0; images[i]; i++)
    list_image (list, images[i], host->works[host->current].drawable, size);

  return list;
}

static NstImage *
read_drawable (GimpDrawable *drawable,
               int           longest,
               GError      **error)
{
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autofree char *name = gimp_item_get_name (GIMP_ITEM (drawable));

  gegl_init (NULL, NULL);   /* here, because it takes longer than to find out that there is nothing to read */
  buffer = gimp_drawable_get_buffer (drawable);

  return nst_buffer_read (buffer, name, longest, error);
}

/* Whether the result may go where it shall, asked before anything changes. */
static gboolean
check_output (NstHost      *host,
              GimpDrawable *drawable,
              NstOutput     output,
              GError      **error)
{
  const char *problem = NULL;

  if (output == NST_OUTPUT_NEW_IMAGE)
    return TRUE;
  if (output == NST_OUTPUT_NEW_LAYER)
    {
      if (gimp_image_get_floating_sel (get_image (host)))
        problem = _("There is a floating selection: anchor it first");
    }
  else if (gimp_item_is_group (GIMP_ITEM (drawable)))
    problem = _("A layer group cannot be painted in place: choose a new layer above it");
  else if (gimp_item_get_lock_content (GIMP_ITEM (drawable)))
    problem = _("The layer's pixels are locked");

  if (problem)
    g_set_error_literal (error, NST_ERROR, NST_ERROR_ARGUMENT, problem);

  return !problem;
}

NstImage *
nst_host_read_content (NstHost           *host,
                       const NstSettings *settings,
                       GError           **error)
{
  return nst_host_read_content_small (host, settings, 0, error);
}

void
nst_host_get_size (NstHost *host,
                   int     *width,
                   int     *height)
{
  GimpDrawable *drawable = get_drawable (&host->works[host->current]);

  *width = gimp_drawable_get_width (drawable);
  *height = gimp_drawable_get_height (drawable);
}

guint8 *
nst_host_read_alpha (NstHost *host,
                     int      width,
                     int      height)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (get_drawable (&host->works[host->current]));

  return nst_buffer_read_alpha (buffer, width, height);
}

char *
nst_host_read_settings (NstHost *host,
                        int      drawable)
{
  GimpItem     *item = gimp_item_get_by_id (drawable == -1 ? host->works[host->current].drawable : drawable);
  GimpParasite *parasite = item ? gimp_item_get_parasite (item, PARASITE) : NULL;
  const char   *data;
  guint32       length;
  char         *text;

  if (!parasite)
    return NULL;

  data = gimp_parasite_get_data (parasite, &length);
  text = g_strndup (data, length);
  gimp_parasite_free (parasite);

  return text;
}

NstImage *
nst_host_read_content_small (NstHost           *host,
                             const NstSettings *settings,
                             int                longest,
                             GError           **error)
{
  GimpDrawable *drawable = get_drawable (&host->works[host->current]);
  int           x, y, width, height;

  if (!GIMP_IS_LAYER (drawable))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _("Masks and channels cannot be painted: choose the layer itself"));
      return NULL;
    }
  if (!gimp_drawable_mask_intersect (drawable, &x, &y, &width, &height))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _("The selection does not touch the layer: nothing would change"));
      return NULL;
    }

  if (!check_output (host, drawable, settings->output, error))
    return NULL;

  return read_drawable (drawable, longest, error);
}

/* Open the picture as an image of its own for as long as it is read. name: a path or a URI. */
static NstImage *
read_file (const char *name,
           GError    **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (name);
  GimpImage *image = gimp_file_load (GIMP_RUN_NONINTERACTIVE, file);
  GimpLayer *layer;
  NstImage  *picture = NULL;

  if (!image)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _("The style %s cannot be read: %s"), name,
                   gimp_pdb_get_last_error (gimp_get_pdb ()));
      return NULL;
    }

  layer = gimp_image_merge_visible_layers (image, GIMP_CLIP_TO_IMAGE);
  if (!layer)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _("The style %s has no layer to be seen"), name);
  else
    picture = read_drawable (GIMP_DRAWABLE (layer), 0, error);
  gimp_image_delete (image);

  return picture;
}

NstImage *
nst_host_read_style (NstHost           *host G_GNUC_UNUSED,
                     const NstSettings *settings,
                     GError           **error)
{
  GimpDrawable *style;

  if (settings->style_drawable == -1 && *settings->style_file)
    return read_file (settings->style_file, error);

  if (settings->style_drawable == -1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _("No style: give a layer or a file whose look the picture shall take"));
      return NULL;
    }
  style = gimp_drawable_get_by_id (settings->style_drawable);
  if (!style)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _("The style's layer %d is not there, or not any more"),
                   settings->style_drawable);
      return NULL;
    }

  return read_drawable (style, 0, error);
}

/* GIMP ends this process when the user cancels: at the next call to GIMP where it can, else by force soon after. No clean-up may depend on
 * more than that. */
void
nst_host_progress (NstHost    *host,
                   double      fraction,
                   const char *text)
{
  if (text)
    gimp_progress_set_text (text);
  gimp_progress_update ((host->current + fraction) / host->n_works);
}

static void
keep_settings (GimpLayer  *layer,
               const char *text)
{
  GimpParasite *parasite = gimp_parasite_new (PARASITE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE, strlen (text) + 1, text);

  gimp_item_attach_parasite (GIMP_ITEM (layer), parasite);
  gimp_parasite_free (parasite);
}

/* A transparent layer of the source's size, place and precision right above it. Where the source has no alpha and there is no selection,
 * none is needed. NULL where GIMP does not want it. */
static GimpLayer *
add_layer (GimpImage    *image,
           GimpDrawable *drawable,
           const char   *text)
{
  GimpItem        *source = GIMP_ITEM (drawable);
  g_autofree char *source_name = gimp_item_get_name (source);
  g_autofree char *name = g_strdup_printf (_("Pastiche of %s"), source_name);
  GimpImageType    type = gimp_drawable_type (drawable);
  GimpItem        *parent = gimp_item_get_parent (source);
  GimpLayer       *layer;
  int              x, y;

  if (!gimp_selection_is_empty (image))
    type = gimp_drawable_type_with_alpha (drawable);

  layer = gimp_layer_new (image, name, gimp_drawable_get_width (drawable), gimp_drawable_get_height (drawable), type,
                          100.0, GIMP_LAYER_MODE_NORMAL);
  if (!layer)
    return NULL;

  gimp_drawable_get_offsets (drawable, &x, &y);
  gimp_layer_set_offsets (layer, x, y);
  gimp_drawable_fill (GIMP_DRAWABLE (layer), GIMP_FILL_TRANSPARENT);
  if (!gimp_image_insert_layer (image, layer, parent ? GIMP_LAYER (parent) : NULL, gimp_image_get_item_position (image, source)))
    {
      gimp_item_delete (GIMP_ITEM (layer));
      return NULL;
    }

  keep_settings (layer, text);

  return layer;
}

/* An image of its own with one layer like the source. NULL where GIMP does not want it. */
static GimpLayer *
add_image (GimpImage    *image,
           GimpDrawable *drawable,
           const char   *text)
{
  const int        width = gimp_drawable_get_width (drawable), height = gimp_drawable_get_height (drawable);
  GimpImage       *other = gimp_image_new_with_precision (width, height, gimp_image_get_base_type (image),
                                                          gimp_image_get_precision (image));
  g_autofree char *name = gimp_item_get_name (GIMP_ITEM (drawable));
  g_autoptr (GimpColorProfile) profile = gimp_image_get_color_profile (image);
  GimpLayer       *layer;
  double           x, y;

  if (!other)
    return NULL;

  gimp_image_undo_disable (other);
  if (profile)
    gimp_image_set_color_profile (other, profile);
  if (gimp_image_get_resolution (image, &x, &y))
    gimp_image_set_resolution (other, x, y);
  layer = gimp_layer_new (other, name, width, height, gimp_drawable_type (drawable), 100.0, GIMP_LAYER_MODE_NORMAL);
  if (!layer || !gimp_image_insert_layer (other, layer, NULL, 0))
    {
      gimp_image_delete (other);
      return NULL;
    }
  gimp_drawable_fill (GIMP_DRAWABLE (layer), GIMP_FILL_TRANSPARENT);
  keep_settings (layer, text);

  return layer;
}

/* Through the shadow buffer, so that GIMP itself applies the selection and remembers what was there. */
static gboolean
paint_layer (GimpDrawable   *source,
             GimpDrawable   *target,
             const NstImage *picture)
{
  GeglBuffer *from = gimp_drawable_get_buffer (source);
  GeglBuffer *shadow = gimp_drawable_get_shadow_buffer (target);

  nst_buffer_paint (from, picture, shadow);
  g_object_unref (shadow);      /* sends the tiles to GIMP */
  g_object_unref (from);

  return gimp_drawable_merge_shadow (target, TRUE) && gimp_drawable_update (target, 0, 0, picture->width, picture->height);
}

/* Asked again: the user had time to change the image. */
static gboolean
check_work (NstHost        *host,
            const Work     *work,
            const NstImage *picture,
            GError        **error)
{
  GimpDrawable *drawable = get_drawable (work);

  if (!GIMP_IS_LAYER (drawable)
      || gimp_drawable_get_width (drawable) != picture->width || gimp_drawable_get_height (drawable) != picture->height)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _("The layer changed its size or went away while it was painted"));
      return FALSE;
    }

  return check_output (host, drawable, work->output, error);
}

/* What paint_layer () left: take the place of a result that failed back, show one that is an image of its own. */
static void
settle (NstHost   *host,
        GimpLayer *layer,
        NstOutput  output,
        gboolean   done)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));

  if (output == NST_OUTPUT_NEW_LAYER && !done)
    gimp_image_remove_layer (image, layer);
  if (output != NST_OUTPUT_NEW_IMAGE)
    return;

  gimp_image_undo_enable (image);
  if (!done)
    gimp_image_delete (image);
  else if (host->show)
    gimp_display_new (image);
}

static gboolean
do_work (NstHost        *host,
         Work           *work,
         const NstImage *picture)
{
  GimpImage    *image = get_image (host);
  GimpDrawable *source = get_drawable (work);
  GimpLayer    *layer = GIMP_LAYER (source);
  int           id;
  gboolean      done;

  if (work->output == NST_OUTPUT_NEW_LAYER)
    layer = add_layer (image, source, work->text);
  else if (work->output == NST_OUTPUT_NEW_IMAGE)
    layer = add_image (image, source, work->text);
  if (!layer)
    return FALSE;

  id = gimp_item_get_id (GIMP_ITEM (layer));
  done = paint_layer (source, GIMP_DRAWABLE (layer), picture);
  settle (host, layer, work->output, done);
  if (done)
    work->painted = id;

  return done;
}

/* All works, the last one with picture. A new image leaves the old one, and its undo, alone. */
static gboolean
do_works (NstHost        *host,
          const NstImage *picture)
{
  const gboolean group = host->works->output != NST_OUTPUT_NEW_IMAGE;
  gboolean       done = TRUE;
  int            i;

  if (group)
    gimp_image_undo_group_start (get_image (host));
  for (i = 0; done && i < host->n_works; i++)
    done = do_work (host, host->works + i, i == host->current ? picture : host->works[i].picture);
  if (group)
    gimp_image_undo_group_end (get_image (host));
  gimp_displays_flush ();

  return done;
}

gboolean
nst_host_write (NstHost        *host,
                const NstImage *picture,
                NstOutput       output,
                const char     *text,
                GError        **error)
{
  Work *last = &host->works[host->current];
  Work *work;

  last->output = output;
  g_free (last->text);
  last->text = g_strdup (text);
  if (!check_work (host, last, picture, error))
    return FALSE;
  if (host->current + 1 < host->n_works)
    {
      nst_image_free (last->picture);
      last->picture = nst_image_copy (picture, error);
      return last->picture != NULL;
    }

  for (work = host->works; work < last; work++)
    if (!check_work (host, work, work->picture, error))
      return FALSE;
  if (do_works (host, picture))
    return TRUE;

  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _("GIMP did not take the result: %s"), gimp_pdb_get_last_error (gimp_get_pdb ()));
  return FALSE;
}
