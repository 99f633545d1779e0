/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the chosen style, and chooses a file or a dropped file. */
#include "ui/widgets/style-chooser.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/widgets/thumbnail.h"

#define BROWSING_SIZE 200 /* of the picture in the file chooser */

struct _NstStyleChooser
{
  GtkBox parent;

  NstStyleStrip *strip;         /* borrowed, or NULL; knows layers and paintings */
  GtkWidget     *shown, *title; /* the chosen style */
  GtkWidget     *file_button;
  GCancellable  *cancellable; /* ref; of thumbnails that are being read */
  int            drawable;    /* -1: file */
  char          *file;        /* owned; "": none */
  char          *name;        /* owned or NULL */
};

G_DEFINE_TYPE (NstStyleChooser, nst_style_chooser, GTK_TYPE_BOX)

static guint changed_signal;

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
  const NstStripStyle *style = chooser->strip != NULL
                                   ? nst_style_strip_find (chooser->strip, chooser->drawable, chooser->file)
                                   : NULL;
  const char          *text;

  g_free (chooser->name);
  chooser->name = style != NULL    ? g_strdup (style->name)
                  : *chooser->file ? g_filename_display_basename (chooser->file)
                                   : NULL;
  text = chooser->name != NULL ? chooser->name : _ ("Click on a style below the preview, or drop a picture");
  gtk_widget_set_tooltip_text (chooser->shown, chooser->name);
  gtk_widget_set_tooltip_text (chooser->title, chooser->name);
  gtk_label_set_text (GTK_LABEL (chooser->title), text);
  if (style != NULL && style->pixbuf != NULL)
    gtk_image_set_from_pixbuf (GTK_IMAGE (chooser->shown), style->pixbuf);
  else
    {
      show_nothing (chooser);
      if (*chooser->file)
        nst_thumbnail_async (chooser->file, NST_STRIP_WIDTH, NST_STRIP_HEIGHT, chooser->cancellable,
                             shown_ready, chooser);
    }
}

void
nst_style_chooser_set (NstStyleChooser *chooser, int drawable, const char *file)
{
  g_autofree char *copy = g_strdup (drawable == -1 ? file : "");

  g_free (chooser->file);
  chooser->file = g_steal_pointer (&copy);
  chooser->drawable = drawable;
  if (*chooser->file)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (chooser->file_button), chooser->file);
  else
    gtk_file_chooser_unselect_all (GTK_FILE_CHOOSER (chooser->file_button));
  if (chooser->strip != NULL)
    nst_style_strip_select (chooser->strip, drawable, chooser->file);
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

static void
nst_style_chooser_init (NstStyleChooser *chooser)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  chooser->cancellable = g_cancellable_new ();
  chooser->drawable = -1;
  chooser->file = g_strdup ("");
  chooser->shown = gtk_image_new ();
  chooser->title = gtk_label_new (NULL);
  chooser->file_button = make_file_button (chooser);
  gtk_widget_set_size_request (chooser->shown, NST_STRIP_WIDTH, NST_STRIP_HEIGHT);
  atk_object_set_name (gtk_widget_get_accessible (chooser->shown), _ ("The chosen style"));
  gtk_label_set_line_wrap (GTK_LABEL (chooser->title), TRUE);
  gtk_label_set_lines (GTK_LABEL (chooser->title), 2);
  gtk_label_set_ellipsize (GTK_LABEL (chooser->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (chooser->title), 0);
  gtk_label_set_width_chars (GTK_LABEL (chooser->title), 24);
  gtk_label_set_max_width_chars (GTK_LABEL (chooser->title), 24);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (chooser), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (chooser), 6);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_box_pack_start (GTK_BOX (column), chooser->title, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (column), chooser->file_button, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), chooser->shown, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), column, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), row, FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (chooser));
  nst_style_chooser_accept_drops (chooser, GTK_WIDGET (chooser));
  show (chooser);
}

static void
chosen_in_strip (NstStyleChooser *chooser, NstStyleStrip *strip)
{
  const NstStripStyle *style = nst_style_strip_get_chosen (strip);

  if (style != NULL && (style->drawable != chooser->drawable || strcmp (style->file, chooser->file) != 0))
    nst_style_chooser_set (chooser, style->drawable, style->file);
}

void
nst_style_chooser_set_strip (NstStyleChooser *chooser, NstStyleStrip *strip, const char *folder)
{
  chooser->strip = strip;
  g_signal_connect_object (strip, "chosen", G_CALLBACK (chosen_in_strip), chooser, G_CONNECT_SWAPPED);
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser->file_button), folder);
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
