/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the style: a file, a dropped file, or a picture of a strip. */
#include "ui/widgets/style-chooser.h"

#include <glib/gi18n-lib.h>

#include "host/host.h"
#include "ui/widgets/thumbnail.h"

#define SHOWN_WIDTH 132 /* of the chosen style, in pixels */
#define SHOWN_HEIGHT 99
#define STRIP_SIZE 54
#define BROWSING_SIZE 200 /* of the picture in the file chooser */

/* A picture in the strip. */
typedef struct
{
  int        drawable; /* -1: file */
  char      *file;     /* owned; "": drawable */
  char      *name;     /* owned; shown to the user */
  GdkPixbuf *pixbuf;   /* ref; of SHOWN_WIDTH x SHOWN_HEIGHT; NULL: not read yet */
  GtkWidget *image;    /* in the strip */
} Style;

struct _NstStyleChooser
{
  GtkBox parent;

  GPtrArray    *styles; /* owned; of Style, in the strip's order */
  GtkWidget    *shown;  /* the chosen style */
  GtkWidget    *file_button;
  GtkWidget    *strip, *strip_window;
  GCancellable *cancellable; /* ref; of thumbnails that are being read */
  int           drawable;    /* -1: file */
  char         *file;        /* owned; "": none */
  char         *name;        /* owned or NULL */
};

G_DEFINE_TYPE (NstStyleChooser, nst_style_chooser, GTK_TYPE_BOX)

static guint changed_signal;

static void
style_free (gpointer data)
{
  Style *style = data;

  g_free (style->file);
  g_free (style->name);
  g_clear_object (&style->pixbuf);
  g_free (style);
}

/* Its index in the strip, or -1. */
static int
find_style (NstStyleChooser *chooser, int drawable, const char *file)
{
  for (guint i = 0; i < chooser->styles->len; i++)
    {
      const Style *style = g_ptr_array_index (chooser->styles, i);

      if (style->drawable == drawable && (drawable != -1 || strcmp (style->file, file) == 0))
        return i;
    }

  return -1;
}

/* The chosen style */

static void
show_nothing (NstStyleChooser *chooser)
{
  gtk_image_set_from_icon_name (GTK_IMAGE (chooser->shown), "image-x-generic-symbolic", GTK_ICON_SIZE_DIALOG);
}

static void
shown_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstStyleChooser      *chooser = data; /* no longer valid when cancelled */
  g_autoptr (GError)    error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = nst_thumbnail_finish (result, &error);

  if (pixbuf != NULL && g_strcmp0 (nst_thumbnail_file (result), chooser->file) == 0)
    gtk_image_set_from_pixbuf (GTK_IMAGE (chooser->shown), pixbuf);
}

static void
show (NstStyleChooser *chooser)
{
  const int    i = find_style (chooser, chooser->drawable, chooser->file);
  const Style *style = i >= 0 ? g_ptr_array_index (chooser->styles, i) : NULL;

  g_free (chooser->name);
  chooser->name = style != NULL    ? g_strdup (style->name)
                  : *chooser->file ? g_filename_display_basename (chooser->file)
                                   : NULL;
  gtk_widget_set_tooltip_text (chooser->shown, chooser->name);
  if (style != NULL && style->pixbuf != NULL)
    gtk_image_set_from_pixbuf (GTK_IMAGE (chooser->shown), style->pixbuf);
  else
    {
      show_nothing (chooser);
      if (*chooser->file)
        nst_thumbnail_async (chooser->file, SHOWN_WIDTH, SHOWN_HEIGHT, chooser->cancellable, shown_ready,
                             chooser);
    }
}

void
nst_style_chooser_set (NstStyleChooser *chooser, int drawable, const char *file)
{
  g_autofree char *copy = g_strdup (drawable == -1 ? file : "");
  const int        i = find_style (chooser, drawable, copy);

  g_free (chooser->file);
  chooser->file = g_steal_pointer (&copy);
  chooser->drawable = drawable;
  if (*chooser->file)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (chooser->file_button), chooser->file);
  else
    gtk_file_chooser_unselect_all (GTK_FILE_CHOOSER (chooser->file_button));
  if (i >= 0)
    gtk_flow_box_select_child (GTK_FLOW_BOX (chooser->strip),
                               gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (chooser->strip), i));
  else
    gtk_flow_box_unselect_all (GTK_FLOW_BOX (chooser->strip));
  show (chooser);
  g_signal_emit (chooser, changed_signal, 0);
}

/* Choosing */

static void
file_set (NstStyleChooser *chooser)
{
  g_autofree char *file = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser->file_button));

  if (file != NULL)
    nst_style_chooser_set (chooser, -1, file);
}

static void
strip_activated (NstStyleChooser *chooser, GtkFlowBoxChild *child)
{
  const Style *style = g_ptr_array_index (chooser->styles, gtk_flow_box_child_get_index (child));

  if (style->drawable != chooser->drawable || strcmp (style->file, chooser->file) != 0)
    nst_style_chooser_set (chooser, style->drawable, style->file);
}

static void
preview_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstStyleChooser      *chooser = data; /* no longer valid when cancelled */
  g_autoptr (GError)    error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = nst_thumbnail_finish (result, &error);
  g_autofree char      *name = NULL;
  GtkFileChooser       *files;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  files = GTK_FILE_CHOOSER (chooser->file_button);
  name = gtk_file_chooser_get_preview_filename (files);
  if (g_strcmp0 (nst_thumbnail_file (result), name) != 0)
    return;
  gtk_image_set_from_pixbuf (GTK_IMAGE (gtk_file_chooser_get_preview_widget (files)), pixbuf);
  gtk_file_chooser_set_preview_widget_active (files, pixbuf != NULL);
}

static void
browse (NstStyleChooser *chooser)
{
  GtkFileChooser  *files = GTK_FILE_CHOOSER (chooser->file_button);
  g_autofree char *name = gtk_file_chooser_get_preview_filename (files);

  gtk_image_clear (GTK_IMAGE (gtk_file_chooser_get_preview_widget (files)));
  if (name != NULL)
    nst_thumbnail_async (name, BROWSING_SIZE, BROWSING_SIZE, chooser->cancellable, preview_ready, chooser);
  else
    gtk_file_chooser_set_preview_widget_active (files, FALSE);
}

static void
dropped (NstStyleChooser  *chooser,
         GdkDragContext   *context,
         int               x G_GNUC_UNUSED,
         int               y G_GNUC_UNUSED,
         GtkSelectionData *data,
         guint             info G_GNUC_UNUSED,
         guint             time)
{
  g_auto (GStrv)   uris = gtk_selection_data_get_uris (data);
  g_autofree char *file = uris != NULL && uris[0] != NULL ? g_filename_from_uri (uris[0], NULL, NULL) : NULL;

  gtk_drag_finish (context, file != NULL, FALSE, time);
  if (file != NULL)
    nst_style_chooser_set (chooser, -1, file);
}

void
nst_style_chooser_accept_drops (NstStyleChooser *chooser, GtkWidget *widget)
{
  gtk_drag_dest_set (widget, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (widget);
  g_signal_connect_object (widget, "drag-data-received", G_CALLBACK (dropped), chooser, G_CONNECT_SWAPPED);
}

/* The strip */

static void
set_strip_image (Style *style)
{
  const double          factor = MIN (1.0, (double) STRIP_SIZE
                                               / MAX (gdk_pixbuf_get_width (style->pixbuf),
                                                      gdk_pixbuf_get_height (style->pixbuf)));
  g_autoptr (GdkPixbuf) small
      = gdk_pixbuf_scale_simple (style->pixbuf,
                                 MAX (1, (int) (gdk_pixbuf_get_width (style->pixbuf) * factor)),
                                 MAX (1, (int) (gdk_pixbuf_get_height (style->pixbuf) * factor)),
                                 GDK_INTERP_BILINEAR);

  gtk_image_set_from_pixbuf (GTK_IMAGE (style->image), small);
}

static void
strip_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstStyleChooser   *chooser = data; /* no longer valid when cancelled */
  g_autoptr (GError) error = NULL;
  GdkPixbuf         *pixbuf = nst_thumbnail_finish (result, &error);
  const int          i = pixbuf != NULL ? find_style (chooser, -1, nst_thumbnail_file (result)) : -1;
  Style             *style = i >= 0 ? g_ptr_array_index (chooser->styles, i) : NULL;

  if (style == NULL)
    {
      g_clear_object (&pixbuf);
      return;
    }

  g_set_object (&style->pixbuf, pixbuf);
  g_object_unref (pixbuf);
  set_strip_image (style);
}

static void
append (NstStyleChooser *chooser, int drawable, const char *file, const char *name, GdkPixbuf *pixbuf)
{
  Style           *style = g_new0 (Style, 1);
  g_autofree char *path = g_filename_display_name (file);
  GtkWidget       *child;

  style->drawable = drawable;
  style->file = g_strdup (file);
  style->name = g_strdup (name);
  style->pixbuf = pixbuf;
  style->image = gtk_image_new_from_icon_name ("image-x-generic-symbolic", GTK_ICON_SIZE_DND);
  gtk_widget_set_size_request (style->image, STRIP_SIZE, -1);
  gtk_widget_set_tooltip_text (style->image, drawable == -1 ? path : name);
  gtk_flow_box_insert (GTK_FLOW_BOX (chooser->strip), style->image, -1);
  child = gtk_widget_get_parent (style->image);
  atk_object_set_name (gtk_widget_get_accessible (child), name);
  gtk_widget_show_all (child);
  g_ptr_array_add (chooser->styles, style);
  if (pixbuf != NULL)
    set_strip_image (style);
  else if (drawable == -1)
    nst_thumbnail_async (file, SHOWN_WIDTH, SHOWN_HEIGHT, chooser->cancellable, strip_ready, chooser);
}

void
nst_style_chooser_fill (NstStyleChooser   *chooser,
                        GPtrArray         *layers,
                        const char *const *recent,
                        const char        *folder)
{
  for (guint i = 0; i < layers->len; i++)
    {
      const NstHostLayer *layer = g_ptr_array_index (layers, i);

      append (chooser, layer->drawable, "", layer->name,
              nst_thumbnail_of_image (layer->thumbnail, SHOWN_WIDTH, SHOWN_HEIGHT));
    }
  for (guint i = 0; recent != NULL && recent[i] != NULL; i++)
    if (g_file_test (recent[i], G_FILE_TEST_IS_REGULAR) && find_style (chooser, -1, recent[i]) < 0)
      {
        g_autofree char *name = g_filename_display_basename (recent[i]);

        append (chooser, -1, recent[i], name, NULL);
      }
  gtk_widget_set_visible (chooser->strip_window, chooser->styles->len > 0);
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser->file_button), folder);
}

/* Class */

static void
nst_style_chooser_dispose (GObject *object)
{
  g_cancellable_cancel (NST_STYLE_CHOOSER (object)->cancellable);
  G_OBJECT_CLASS (nst_style_chooser_parent_class)->dispose (object);
}

static void
nst_style_chooser_finalize (GObject *object)
{
  NstStyleChooser *chooser = NST_STYLE_CHOOSER (object);

  g_ptr_array_unref (chooser->styles);
  g_object_unref (chooser->cancellable);
  g_free (chooser->file);
  g_free (chooser->name);
  G_OBJECT_CLASS (nst_style_chooser_parent_class)->finalize (object);
}

static void
nst_style_chooser_class_init (NstStyleChooserClass *class)
{
  G_OBJECT_CLASS (class)->dispose = nst_style_chooser_dispose;
  G_OBJECT_CLASS (class)->finalize = nst_style_chooser_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
name_button (GtkWidget *child, gpointer name)
{
  if (GTK_IS_BUTTON (child))
    atk_object_set_name (gtk_widget_get_accessible (child), name);
}

static GtkWidget *
make_file_button (NstStyleChooser *chooser)
{
  GtkWidget     *button = gtk_file_chooser_button_new (_ ("Choose a picture for the style"),
                                                       GTK_FILE_CHOOSER_ACTION_OPEN);
  GtkWidget     *image = gtk_image_new ();
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Pictures"));
  gtk_file_filter_add_mime_type (filter, "image/*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (button), filter);
  gtk_file_chooser_set_preview_widget (GTK_FILE_CHOOSER (button), image);
  gtk_file_chooser_set_use_preview_label (GTK_FILE_CHOOSER (button), FALSE);
  g_signal_connect_swapped (button, "update-preview", G_CALLBACK (browse), chooser);
  g_signal_connect_swapped (button, "file-set", G_CALLBACK (file_set), chooser);
  atk_object_set_name (gtk_widget_get_accessible (button), _ ("Style file"));
  gtk_container_forall (GTK_CONTAINER (button), name_button, _ ("Style file"));
  gtk_widget_set_tooltip_text (button, _ ("A picture file with the style that the result takes. You can also "
                                          "drop a file here."));

  return button;
}

static GtkWidget *
make_strip (NstStyleChooser *chooser)
{
  GtkWidget *window = gtk_scrolled_window_new (NULL, NULL);

  chooser->strip = gtk_flow_box_new ();
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (chooser->strip), 5);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (chooser->strip), 5);
  gtk_widget_set_halign (chooser->strip, GTK_ALIGN_START);
  atk_object_set_name (gtk_widget_get_accessible (chooser->strip), _ ("Layers of open images, recent files"));
  g_signal_connect_swapped (chooser->strip, "child-activated", G_CALLBACK (strip_activated), chooser);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (window), STRIP_SIZE + 12);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (window), 2 * STRIP_SIZE + 24);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (window), TRUE);
  gtk_container_add (GTK_CONTAINER (window), chooser->strip);
  gtk_widget_show_all (window);
  gtk_widget_set_no_show_all (window, TRUE);

  return window;
}

static void
nst_style_chooser_init (NstStyleChooser *chooser)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *hint = gtk_label_new_with_mnemonic (_ ("Any picture _file, or drop one here"));

  chooser->styles = g_ptr_array_new_with_free_func (style_free);
  chooser->cancellable = g_cancellable_new ();
  chooser->drawable = -1;
  chooser->file = g_strdup ("");
  chooser->shown = gtk_image_new ();
  chooser->file_button = make_file_button (chooser);
  chooser->strip_window = make_strip (chooser);
  gtk_widget_set_size_request (chooser->shown, SHOWN_WIDTH, SHOWN_HEIGHT);
  atk_object_set_name (gtk_widget_get_accessible (chooser->shown), _ ("The chosen style"));
  gtk_label_set_line_wrap (GTK_LABEL (hint), TRUE);
  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (hint), 22);
  gtk_label_set_mnemonic_widget (GTK_LABEL (hint), chooser->file_button);
  gtk_style_context_add_class (gtk_widget_get_style_context (hint), GTK_STYLE_CLASS_DIM_LABEL);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (chooser), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (chooser), 6);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_box_pack_start (GTK_BOX (column), chooser->file_button, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (column), hint, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), chooser->shown, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), column, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->strip_window, FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (chooser));
  nst_style_chooser_accept_drops (chooser, GTK_WIDGET (chooser));
  show_nothing (chooser);
}

int
nst_style_chooser_get_drawable (NstStyleChooser *chooser)
{
  return chooser->drawable;
}

const char *
nst_style_chooser_get_file (NstStyleChooser *chooser)
{
  return chooser->file;
}

const char *
nst_style_chooser_get_name (NstStyleChooser *chooser)
{
  return chooser->name;
}

char *
nst_style_chooser_get_folder (NstStyleChooser *chooser)
{
  return gtk_file_chooser_get_current_folder (GTK_FILE_CHOOSER (chooser->file_button));
}
