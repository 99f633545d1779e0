/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses a preset or one of the user's own looks, by small pictures in a flow box. */
#include "ui/widgets/look-chooser.h"

#include <glib/gi18n-lib.h>

#include "core/recipe/recipe.h"
#include "ui/widgets/own-looks.h"
#include "ui/widgets/resources.h"
#include "weights/store.h"

#define PICTURE_WIDTH 56
#define PICTURE_HEIGHT 42
#define ROW 6 /* looks in a row */

struct _NstLookChooser
{
  GtkBox parent;

  GtkWidget *flow, *text; /* children */
  GPtrArray *looks;       /* owned; of Look, in the flow's order */
  gboolean   has_changed; /* the settings are no longer those of the selected look */
};

typedef struct
{
  char       *name; /* owned */
  gboolean    own;
  const char *text; /* one line about it; static */
} Look;

G_DEFINE_TYPE (NstLookChooser, nst_look_chooser, GTK_TYPE_BOX)

static guint chosen_signal;

static void
look_free (gpointer data)
{
  g_free (((Look *) data)->name);
  g_free (data);
}

/* The caption of a preset; without one, its name in words. */
static char *
make_caption (const NstPresetInfo *preset)
{
  char *caption;

  if (preset->caption != NULL)
    return g_strdup (_ (preset->caption));

  caption = g_strdelimit (g_strdup (preset->name), "-_", ' ');
  caption[0] = g_ascii_toupper (caption[0]);

  return caption;
}

/* Owned; NULL: it has none. */
static GdkPixbuf *
preset_picture (const NstPresetInfo *preset)
{
  g_autofree char *path = preset->picture != NULL
                              ? g_strconcat (NST_RESOURCES "presets/", preset->picture, NULL)
                              : NULL;

  return path != NULL
             ? gdk_pixbuf_new_from_resource_at_scale (path, PICTURE_WIDTH, PICTURE_HEIGHT, TRUE, NULL)
             : NULL;
}

/* Append a look. preset: NULL for one of the user's own. */
static void
append (NstLookChooser *chooser, const char *name, const NstPresetInfo *preset)
{
  const gboolean        own = preset == NULL;
  const char           *text = own ? _ ("A look that you saved") : _ (preset->title);
  Look                 *look = g_new0 (Look, 1);
  g_autofree char      *caption = own ? g_strdup (name) : make_caption (preset);
  g_autoptr (GdkPixbuf) picture = own ? nst_own_look_picture (name, PICTURE_WIDTH, PICTURE_HEIGHT)
                                      : preset_picture (preset);
  GtkWidget            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget            *image = gtk_image_new ();
  GtkWidget            *label = gtk_label_new (caption);
  PangoAttrList        *small = pango_attr_list_new ();
  AtkObject            *accessible;

  if (picture != NULL)
    gtk_image_set_from_pixbuf (GTK_IMAGE (image), picture);
  else
    gtk_image_set_from_icon_name (GTK_IMAGE (image), "applications-graphics-symbolic", GTK_ICON_SIZE_DIALOG);
  look->name = g_strdup (name);
  look->own = own;
  look->text = text;
  g_ptr_array_add (chooser->looks, look);

  pango_attr_list_insert (small, pango_attr_scale_new (PANGO_SCALE_SMALL));
  gtk_label_set_attributes (GTK_LABEL (label), small);
  pango_attr_list_unref (small);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_lines (GTK_LABEL (label), 2);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 8);
  gtk_widget_set_size_request (image, PICTURE_WIDTH, PICTURE_HEIGHT);
  gtk_widget_set_tooltip_text (box, own ? name : text);
  gtk_box_pack_start (GTK_BOX (box), image, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_flow_box_insert (GTK_FLOW_BOX (chooser->flow), box, -1);
  gtk_widget_show_all (gtk_widget_get_parent (box));
  accessible = gtk_widget_get_accessible (gtk_widget_get_parent (box));
  atk_object_set_name (accessible, caption);
  atk_object_set_description (accessible, text);
}

static const Look *
get_selected (NstLookChooser *chooser)
{
  GList      *children = gtk_flow_box_get_selected_children (GTK_FLOW_BOX (chooser->flow));
  const Look *look = children != NULL
                         ? g_ptr_array_index (chooser->looks, gtk_flow_box_child_get_index (children->data))
                         : NULL;

  g_list_free (children);

  return look;
}

static void
show_text (NstLookChooser *chooser)
{
  const Look *look = get_selected (chooser);

  gtk_label_set_text (GTK_LABEL (chooser->text), look == NULL ? _ ("Custom settings")
                                                 : chooser->has_changed
                                                     ? _ ("Changed: click on the look to go back")
                                                     : look->text);
}

void
nst_look_chooser_set_changed (NstLookChooser *chooser, gboolean has_changed)
{
  chooser->has_changed = has_changed;
  show_text (chooser);
}

/* Presets for a model that is not installed are not offered: they would only fail. */
static gboolean
has_model (const char *preset)
{
  NstRecipe        recipe;
  g_autofree char *path = NULL;

  if (!nst_recipe_set_preset (&recipe, preset, NULL))
    return FALSE;
  path = nst_store_find (recipe.model);

  return path != NULL || strcmp (recipe.model, "slim") == 0;
}

void
nst_look_chooser_reload (NstLookChooser *chooser)
{
  g_auto (GStrv) own = nst_own_looks_list ();

  gtk_container_foreach (GTK_CONTAINER (chooser->flow), (GtkCallback) G_CALLBACK (gtk_widget_destroy), NULL);
  g_ptr_array_set_size (chooser->looks, 0);
  for (const NstPresetInfo *info = nst_presets (); info->name != NULL; info++)
    if (has_model (info->name))
      append (chooser, info->name, info);
  for (guint i = 0; own[i] != NULL; i++)
    append (chooser, own[i], NULL);
  show_text (chooser);
}

void
nst_look_chooser_select (NstLookChooser *chooser, const char *name, gboolean own)
{
  gtk_flow_box_unselect_all (GTK_FLOW_BOX (chooser->flow));
  for (guint i = 0; name != NULL && i < chooser->looks->len; i++)
    {
      const Look *look = g_ptr_array_index (chooser->looks, i);

      if (look->own == own && strcmp (look->name, name) == 0)
        gtk_flow_box_select_child (GTK_FLOW_BOX (chooser->flow),
                                   gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (chooser->flow), i));
    }
  show_text (chooser);
}

const char *
nst_look_chooser_get_name (NstLookChooser *chooser, gboolean *own)
{
  const Look *look = get_selected (chooser);

  if (own != NULL)
    *own = look != NULL && look->own;

  return look != NULL ? look->name : NULL;
}

static void
child_activated (NstLookChooser *chooser)
{
  show_text (chooser);
  g_signal_emit (chooser, chosen_signal, 0);
}

static void
nst_look_chooser_finalize (GObject *object)
{
  g_ptr_array_unref (NST_LOOK_CHOOSER (object)->looks);
  G_OBJECT_CLASS (nst_look_chooser_parent_class)->finalize (object);
}

static void
nst_look_chooser_class_init (NstLookChooserClass *class)
{
  G_OBJECT_CLASS (class)->finalize = nst_look_chooser_finalize;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
nst_look_chooser_init (NstLookChooser *chooser)
{
  chooser->looks = g_ptr_array_new_with_free_func (look_free);
  chooser->flow = gtk_flow_box_new ();
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (chooser->flow), ROW);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (chooser->flow), ROW);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (chooser->flow), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (chooser->flow), _ ("Looks"));
  g_signal_connect_swapped (chooser->flow, "child-activated", G_CALLBACK (child_activated), chooser);
  chooser->text = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (chooser->text), 0);
  gtk_label_set_ellipsize (GTK_LABEL (chooser->text), PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (chooser->text), GTK_STYLE_CLASS_DIM_LABEL);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (chooser), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (chooser), 6);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->flow, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->text, FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (chooser));
}
