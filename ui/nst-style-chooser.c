/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nst-style-chooser.h"

#include <glib/gi18n-lib.h>

#include "nst-surface.h"
#include "plugin/nst-host.h"

#define SHOWN_SIZE 130          /* of the chosen style */
#define LAYER_SIZE 56
#define BROWSING_SIZE 200       /* in the file chooser */

struct _NstStyleChooser
{
  GtkBox parent;

  GPtrArray *layers;            /* owned; of NstHostLayer */
  GtkWidget *shown;             /* the chosen style */
  GtkWidget *file_button;
  GtkWidget *flow;              /* thumbnails of layers, in their order */
  int        drawable;          /* -1: file */
  char      *file;              /* owned; "": none */
};

G_DEFINE_TYPE (NstStyleChooser, nst_style_chooser, GTK_TYPE_BOX)

static guint changed_signal;

static NstHostLayer *
find_layer (NstStyleChooser *chooser,
            int              drawable,
            guint           *index)
{
  for (guint i = 0; i < chooser->layers->len; i++)
    {
      NstHostLayer *layer = g_ptr_array_index (chooser->layers, i);

      if (layer->drawable == drawable)
        {
          *index = i;
          return layer;
        }
    }

  return NULL;
}

static void
show (NstStyleChooser *chooser)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  NstHostLayer *layer;
  guint         i;

  if (chooser->drawable != -1)
    {
      layer = find_layer (chooser, chooser->drawable, &i);
      pixbuf = layer ? nst_surface_thumbnail (layer->thumbnail, SHOWN_SIZE) : NULL;
    }
  else if (*chooser->file)
    pixbuf = gdk_pixbuf_new_from_file_at_scale (chooser->file, SHOWN_SIZE * 3 / 2, SHOWN_SIZE, TRUE, NULL);

  if (pixbuf)
    gtk_image_set_from_pixbuf (GTK_IMAGE (chooser->shown), pixbuf);
  else
    gtk_image_set_from_icon_name (GTK_IMAGE (chooser->shown), "image-x-generic", GTK_ICON_SIZE_DIALOG);
}

void
nst_style_chooser_set (NstStyleChooser *chooser,
                       int              drawable,
                       const char      *file)
{
  g_autofree char *copy = g_strdup (drawable == -1 ? file : "");
  guint index;

  g_free (chooser->file);
  chooser->file = g_steal_pointer (&copy);
  chooser->drawable = drawable;
  if (*chooser->file)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (chooser->file_button), chooser->file);
  else
    gtk_file_chooser_unselect_all (GTK_FILE_CHOOSER (chooser->file_button));
  if (find_layer (chooser, drawable, &index))
    gtk_flow_box_select_child (GTK_FLOW_BOX (chooser->flow), gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (chooser->flow), index));
  else
    gtk_flow_box_unselect_all (GTK_FLOW_BOX (chooser->flow));
  show (chooser);
  g_signal_emit (chooser, changed_signal, 0);
}

static void
file_set (NstStyleChooser *chooser)
{
  g_autofree char *file = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser->file_button));

  if (file)
    nst_style_chooser_set (chooser, -1, file);
}

static void
layer_activated (NstStyleChooser *chooser,
                 GtkFlowBoxChild *child)
{
  NstHostLayer *layer = g_ptr_array_index (chooser->layers, gtk_flow_box_child_get_index (child));

  if (layer->drawable != chooser->drawable)
    nst_style_chooser_set (chooser, layer->drawable, "");
}

static void
browse (GtkFileChooser *files,
        GtkImage       *image)
{
  g_autofree char *name = gtk_file_chooser_get_preview_filename (files);
  g_autoptr (GdkPixbuf) pixbuf = name && g_file_test (name, G_FILE_TEST_IS_REGULAR)
                                 ? gdk_pixbuf_new_from_file_at_scale (name, BROWSING_SIZE, BROWSING_SIZE, TRUE, NULL) : NULL;

  gtk_image_set_from_pixbuf (image, pixbuf);
  gtk_file_chooser_set_preview_widget_active (files, pixbuf != NULL);
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
  g_auto (GStrv) uris = gtk_selection_data_get_uris (data);
  g_autofree char *file = uris && uris[0] ? g_filename_from_uri (uris[0], NULL, NULL) : NULL;

  gtk_drag_finish (context, file != NULL, FALSE, time);
  if (file)
    nst_style_chooser_set (chooser, -1, file);
}

void
nst_style_chooser_accept_drops (NstStyleChooser *chooser,
                                GtkWidget       *widget)
{
  gtk_drag_dest_set (widget, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (widget);
  g_signal_connect_object (widget, "drag-data-received", G_CALLBACK (dropped), chooser, G_CONNECT_SWAPPED);
}

static void
nst_style_chooser_finalize (GObject *object)
{
  g_ptr_array_unref (NST_STYLE_CHOOSER (object)->layers);
  g_free (NST_STYLE_CHOOSER (object)->file);
  G_OBJECT_CLASS (nst_style_chooser_parent_class)->finalize (object);
}

static void
nst_style_chooser_class_init (NstStyleChooserClass *class)
{
  G_OBJECT_CLASS (class)->finalize = nst_style_chooser_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
make_file_button (NstStyleChooser *chooser)
{
  GtkWidget     *button = gtk_file_chooser_button_new (_("Choose a picture for the style"), GTK_FILE_CHOOSER_ACTION_OPEN);
  GtkWidget     *image = gtk_image_new ();
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Pictures"));
  gtk_file_filter_add_mime_type (filter, "image/*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (button), filter);
  gtk_file_chooser_set_preview_widget (GTK_FILE_CHOOSER (button), image);
  gtk_file_chooser_set_use_preview_label (GTK_FILE_CHOOSER (button), FALSE);
  g_signal_connect (button, "update-preview", G_CALLBACK (browse), image);
  g_signal_connect_swapped (button, "file-set", G_CALLBACK (file_set), chooser);
  atk_object_set_name (gtk_widget_get_accessible (button), _("Style file"));
  gtk_widget_set_tooltip_text (button, _("A picture file whose look the picture takes. It can also be dropped here."));

  return button;
}

static GtkWidget *
make_layers (NstStyleChooser *chooser)
{
  GtkWidget *window = gtk_scrolled_window_new (NULL, NULL);

  chooser->flow = gtk_flow_box_new ();
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (chooser->flow), 5);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (chooser->flow), 5);
  gtk_widget_set_halign (chooser->flow, GTK_ALIGN_START);
  gtk_flow_box_set_activate_on_single_click (GTK_FLOW_BOX (chooser->flow), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (chooser->flow), _("Layers of open images"));
  for (guint i = 0; i < chooser->layers->len; i++)
    {
      const NstHostLayer *layer = g_ptr_array_index (chooser->layers, i);
      g_autoptr (GdkPixbuf) pixbuf = nst_surface_thumbnail (layer->thumbnail, LAYER_SIZE);
      GtkWidget *image = gtk_image_new_from_pixbuf (pixbuf);

      gtk_widget_set_tooltip_text (image, layer->name);
      gtk_flow_box_insert (GTK_FLOW_BOX (chooser->flow), image, -1);
      atk_object_set_name (gtk_widget_get_accessible (gtk_widget_get_parent (image)), layer->name);
    }
  g_signal_connect_swapped (chooser->flow, "child-activated", G_CALLBACK (layer_activated), chooser);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (window), LAYER_SIZE + 16);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (window), 2 * LAYER_SIZE + 24);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (window), TRUE);
  gtk_container_add (GTK_CONTAINER (window), chooser->flow);
  gtk_widget_set_no_show_all (window, chooser->layers->len == 0);

  return window;
}

static void
nst_style_chooser_init (NstStyleChooser *chooser)
{
  chooser->drawable = -1;
  chooser->file = g_strdup ("");
  gtk_orientable_set_orientation (GTK_ORIENTABLE (chooser), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (chooser), 6);
}

GtkWidget *
nst_style_chooser_new (GPtrArray *layers)
{
  NstStyleChooser *chooser = g_object_new (NST_TYPE_STYLE_CHOOSER, NULL);

  chooser->layers = layers;
  chooser->shown = gtk_image_new ();
  gtk_widget_set_size_request (chooser->shown, -1, SHOWN_SIZE);
  chooser->file_button = make_file_button (chooser);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->shown, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->file_button, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), make_layers (chooser), FALSE, FALSE, 0);
  nst_style_chooser_accept_drops (chooser, GTK_WIDGET (chooser));
  show (chooser);

  return GTK_WIDGET (chooser);
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
