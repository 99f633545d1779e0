/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of styles to choose from: layers, recent files, paintings of the shelf, pictures of folders. */
#include "ui/widgets/style-strip.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "host/host.h"
#include "ui/widgets/thumbnail.h"

#define WIDTH NST_STRIP_WIDTH
#define HEIGHT NST_STRIP_HEIGHT
#define SHOWN 56 /* height of a thumbnail in the strip; it is at most twice as wide */

/* What the strip is limited to. FOLDERS and above: the user's folder of this number. */
typedef enum
{
  ALL,
  PAINTINGS,
  LAYERS,
  RECENT,
  FAVOURITES,
  FOLDERS
} Kind;

typedef struct
{
  NstStripStyle style; /* its file, name and painting are owned, its pixbuf a ref */
  GtkWidget    *child, *image;
  gboolean      is_recent, is_favourite;
  int           folder; /* number of the user's folder that it is in; -1: none */
} Item;

struct _NstStyleStrip
{
  GtkBox parent;

  GtkWidget    *flow, *window, *search, *kind, *favourite, *folder_button; /* children */
  GPtrArray    *items;       /* owned; of Item, in the order of the strip */
  GPtrArray    *folders;     /* owned; of char */
  GCancellable *cancellable; /* ref; of thumbnails that are being read */
  guint         next;        /* item whose thumbnail is read next */
  gboolean      reading, filling;
};

G_DEFINE_TYPE (NstStyleStrip, nst_style_strip, GTK_TYPE_BOX)

static guint chosen_signal, kept_signal;

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free ((char *) item->style.file);
  g_free ((char *) item->style.name);
  g_clear_pointer (&item->style.painting, nst_painting_free);
  g_clear_object (&item->style.pixbuf);
  g_free (item);
}

static Item *
find_item (NstStyleStrip *strip, int drawable, const char *file)
{
  for (guint i = 0; i < strip->items->len; i++)
    {
      Item *item = strip->items->pdata[i];

      if (item->style.drawable == drawable && (drawable != -1 || strcmp (item->style.file, file) == 0))
        return item;
    }

  return NULL;
}

static Item *
get_item (NstStyleStrip *strip, GtkFlowBoxChild *child)
{
  for (guint i = 0; i < strip->items->len; i++)
    if (((Item *) strip->items->pdata[i])->child == GTK_WIDGET (child))
      return strip->items->pdata[i];

  return NULL;
}

static Item *
get_chosen (NstStyleStrip *strip)
{
  g_autoptr (GList) children = gtk_flow_box_get_selected_children (GTK_FLOW_BOX (strip->flow));

  return children != NULL ? get_item (strip, children->data) : NULL;
}

/* Thumbnails */

static void
show_pixbuf (Item *item)
{
  GdkPixbuf            *pixbuf = item->style.pixbuf;
  const int             width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);
  const double          factor = MIN ((double) SHOWN / height, 2.0 * SHOWN / width);
  g_autoptr (GdkPixbuf) small = gdk_pixbuf_scale_simple (pixbuf, MAX (1, (int) (width * factor)),
                                                         MAX (1, (int) (height * factor)),
                                                         GDK_INTERP_BILINEAR);

  gtk_image_set_from_pixbuf (GTK_IMAGE (item->image), small);
}

static void read_next (NstStyleStrip *strip);

static void
thumbnail_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  NstStyleStrip        *strip = data; /* no longer valid when cancelled */
  g_autoptr (GError)    error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = nst_thumbnail_finish (result, &error);
  Item                 *item;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  strip->reading = FALSE;
  item = find_item (strip, -1, nst_thumbnail_file (result));
  if (item != NULL && pixbuf != NULL)
    {
      g_set_object (&item->style.pixbuf, pixbuf);
      show_pixbuf (item);
    }
  read_next (strip);
}

static void
read_next (NstStyleStrip *strip)
{
  while (!strip->reading && strip->next < strip->items->len)
    {
      const Item *item = strip->items->pdata[strip->next++];

      if (item->style.drawable != -1 || item->style.pixbuf != NULL)
        continue;
      strip->reading = TRUE;
      nst_thumbnail_async (item->style.file, WIDTH, HEIGHT, strip->cancellable, thumbnail_ready, strip);
    }
}

/* Items */

/* Takes name, painting and pixbuf. */
static Item *
append (NstStyleStrip *strip,
        int            drawable,
        const char    *file,
        char          *name,
        NstPainting   *painting,
        GdkPixbuf     *pixbuf)
{
  Item      *item = g_new0 (Item, 1);
  AtkObject *accessible;

  item->style = (NstStripStyle){ drawable, g_strdup (file), name, painting, pixbuf };
  item->folder = -1;
  item->image = gtk_image_new_from_icon_name ("image-x-generic-symbolic", GTK_ICON_SIZE_DND);
  gtk_widget_set_size_request (item->image, -1, SHOWN);
  gtk_widget_set_tooltip_text (item->image, name);
  gtk_flow_box_insert (GTK_FLOW_BOX (strip->flow), item->image, -1);
  item->child = gtk_widget_get_parent (item->image);
  accessible = gtk_widget_get_accessible (item->child);
  atk_object_set_name (accessible, name);
  g_ptr_array_add (strip->items, item);
  if (pixbuf != NULL)
    show_pixbuf (item);
  gtk_widget_show_all (item->child);

  return item;
}

/* The item of a file; a new one if there is none. */
static Item *
add_file (NstStyleStrip *strip, const char *file)
{
  Item *item = find_item (strip, -1, file);

  if (item == NULL && g_file_test (file, G_FILE_TEST_IS_REGULAR))
    item = append (strip, -1, file, g_filename_display_basename (file), NULL, NULL);

  return item;
}

/* Add these paintings, whose array is freed. An item that is there already gets the painting's names. */
static void
add_paintings (NstStyleStrip *strip, GPtrArray *paintings, int folder)
{
  while (paintings->len > 0)
    {
      NstPainting *painting = g_ptr_array_steal_index (paintings, 0);
      Item        *item = find_item (strip, -1, painting->file);
      char        *name = nst_painting_describe (painting);

      if (item == NULL)
        item = append (strip, -1, painting->file, name, painting, NULL);
      else if (item->style.painting == NULL)
        {
          g_free ((char *) item->style.name);
          item->style.name = name;
          item->style.painting = painting;
          gtk_widget_set_tooltip_text (item->image, name);
          atk_object_set_name (gtk_widget_get_accessible (item->child), name);
        }
      else
        {
          nst_painting_free (painting);
          g_free (name);
        }
      item->folder = folder;
    }
  g_ptr_array_unref (paintings);
}

static void
add_folder (NstStyleStrip *strip, const char *folder)
{
  g_autofree char *name = g_filename_display_basename (folder);

  g_ptr_array_add (strip->folders, g_strdup (folder));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (strip->kind), name);
  add_paintings (strip, nst_shelf_load_folder (folder), strip->folders->len - 1);
}

/* Which items are shown */

static gboolean
is_of_kind (const Item *item, int kind)
{
  switch (kind)
    {
    case ALL:
      return TRUE;
    case PAINTINGS:
      return item->style.painting != NULL && item->folder < 0;
    case LAYERS:
      return item->style.drawable != -1;
    case RECENT:
      return item->is_recent;
    case FAVOURITES:
      return item->is_favourite;
    default:
      return item->folder == kind - FOLDERS;
    }
}

static gboolean
is_shown (GtkFlowBoxChild *child, gpointer data)
{
  NstStyleStrip *strip = data;
  const Item    *item = get_item (strip, child);
  const char    *text = gtk_entry_get_text (GTK_ENTRY (strip->search));
  const int      kind = gtk_combo_box_get_active (GTK_COMBO_BOX (strip->kind));

  if (item == NULL || !is_of_kind (item, kind))
    return item == NULL;
  if (item->style.painting != NULL)
    return nst_painting_matches (item->style.painting, text);

  return *text == '\0' || g_str_match_string (text, item->style.name, TRUE);
}

static void
update_buttons (NstStyleStrip *strip)
{
  const Item    *item = get_chosen (strip);
  const gboolean own = gtk_combo_box_get_active (GTK_COMBO_BOX (strip->kind)) >= FOLDERS;
  const char *text = own ? _ ("Take this folder off the strip") : _ ("Add a folder of pictures to the strip");

  strip->filling = TRUE;
  gtk_widget_set_sensitive (strip->favourite, item != NULL && item->style.drawable == -1);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (strip->favourite), item != NULL && item->is_favourite);
  gtk_image_set_from_icon_name (GTK_IMAGE (gtk_button_get_image (GTK_BUTTON (strip->favourite))),
                                item != NULL && item->is_favourite ? "starred-symbolic"
                                                                   : "non-starred-symbolic",
                                GTK_ICON_SIZE_BUTTON);
  gtk_image_set_from_icon_name (GTK_IMAGE (gtk_button_get_image (GTK_BUTTON (strip->folder_button))),
                                own ? "list-remove-symbolic" : "folder-new-symbolic", GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_tooltip_text (strip->folder_button, text);
  atk_object_set_name (gtk_widget_get_accessible (strip->folder_button), text);
  strip->filling = FALSE;
}

static void
filter_changed (NstStyleStrip *strip)
{
  gtk_flow_box_invalidate_filter (GTK_FLOW_BOX (strip->flow));
  update_buttons (strip);
}

/* The user's changes */

static void
favourite_toggled (NstStyleStrip *strip)
{
  Item *item = get_chosen (strip);

  if (strip->filling || item == NULL)
    return;

  item->is_favourite = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (strip->favourite));
  filter_changed (strip);
  g_signal_emit (strip, kept_signal, 0);
}

static void
remove_folder (NstStyleStrip *strip, int number)
{
  gtk_combo_box_set_active (GTK_COMBO_BOX (strip->kind), ALL);
  gtk_combo_box_text_remove (GTK_COMBO_BOX_TEXT (strip->kind), FOLDERS + number);
  g_ptr_array_remove_index (strip->folders, number);
  for (guint i = strip->items->len; i > 0; i--)
    {
      Item *item = strip->items->pdata[i - 1];

      if (item->folder == number && !item->is_recent && !item->is_favourite)
        {
          gtk_widget_destroy (item->child);
          g_ptr_array_remove_index (strip->items, i - 1);
          strip->next -= i - 1 < strip->next;
        }
      else if (item->folder == number)
        item->folder = -1;
      else if (item->folder > number)
        item->folder--;
    }
}

static void
ask_folder (NstStyleStrip *strip)
{
  GtkWidget            *window = gtk_widget_get_toplevel (GTK_WIDGET (strip));
  GtkFileChooserNative *question = gtk_file_chooser_native_new (_ ("Add a Folder of Pictures"),
                                                                GTK_WINDOW (window),
                                                                GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                                                _ ("_Add"), NULL);
  g_autofree char      *folder = NULL;

  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (question)) == GTK_RESPONSE_ACCEPT)
    folder = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (question));
  g_object_unref (question);
  if (folder == NULL || g_ptr_array_find_with_equal_func (strip->folders, folder, g_str_equal, NULL))
    return;

  add_folder (strip, folder);
  gtk_combo_box_set_active (GTK_COMBO_BOX (strip->kind), FOLDERS + strip->folders->len - 1);
  read_next (strip);
  g_signal_emit (strip, kept_signal, 0);
}

static void
folder_clicked (NstStyleStrip *strip)
{
  const int kind = gtk_combo_box_get_active (GTK_COMBO_BOX (strip->kind));

  if (kind < FOLDERS)
    ask_folder (strip);
  else
    {
      remove_folder (strip, kind - FOLDERS);
      g_signal_emit (strip, kept_signal, 0);
    }
}

static void
child_activated (NstStyleStrip *strip)
{
  update_buttons (strip);
  g_signal_emit (strip, chosen_signal, 0);
}

/* Class */

static void
nst_style_strip_dispose (GObject *object)
{
  g_cancellable_cancel (NST_STYLE_STRIP (object)->cancellable);
  G_OBJECT_CLASS (nst_style_strip_parent_class)->dispose (object);
}

static void
nst_style_strip_finalize (GObject *object)
{
  NstStyleStrip *strip = NST_STYLE_STRIP (object);

  g_ptr_array_unref (strip->items);
  g_ptr_array_unref (strip->folders);
  g_object_unref (strip->cancellable);
  G_OBJECT_CLASS (nst_style_strip_parent_class)->finalize (object);
}

static void
nst_style_strip_class_init (NstStyleStripClass *class)
{
  G_OBJECT_CLASS (class)->dispose = nst_style_strip_dispose;
  G_OBJECT_CLASS (class)->finalize = nst_style_strip_finalize;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  kept_signal = g_signal_new ("kept", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static GtkWidget *
make_kinds (void)
{
  static const char *const names[] = { N_ ("All styles"), N_ ("Paintings"), N_ ("Layers"), N_ ("Recent"),
                                       N_ ("Favourites") };
  GtkWidget               *combo = gtk_combo_box_text_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ (names[i]));
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), ALL);
  atk_object_set_name (gtk_widget_get_accessible (combo), _ ("Which styles"));
  gtk_widget_set_tooltip_text (combo, _ ("Which styles the strip shows"));

  return combo;
}

static GtkWidget *
make_search (void)
{
  GtkWidget *search = gtk_search_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (search), _ ("Search"));
  gtk_entry_set_width_chars (GTK_ENTRY (search), 8);
  atk_object_set_name (gtk_widget_get_accessible (search), _ ("Search styles"));
  gtk_widget_set_tooltip_text (search, _ ("Painter, title, year or name of a style"));

  return search;
}

static GtkWidget *
make_flow (NstStyleStrip *strip)
{
  GtkWidget *window = gtk_scrolled_window_new (NULL, NULL);

  strip->flow = gtk_flow_box_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (strip->flow), GTK_ORIENTATION_VERTICAL);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (strip->flow), 1);
  gtk_flow_box_set_filter_func (GTK_FLOW_BOX (strip->flow), is_shown, strip, NULL);
  gtk_widget_set_halign (strip->flow, GTK_ALIGN_START);
  atk_object_set_name (gtk_widget_get_accessible (strip->flow), _ ("Styles"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (window), FALSE);
  gtk_container_add (GTK_CONTAINER (window), strip->flow);
  gtk_flow_box_set_hadjustment (GTK_FLOW_BOX (strip->flow),
                                gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (window)));

  return window;
}

static void
nst_style_strip_init (NstStyleStrip *strip)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  strip->items = g_ptr_array_new_with_free_func (item_free);
  strip->folders = g_ptr_array_new_with_free_func (g_free);
  strip->cancellable = g_cancellable_new ();
  strip->kind = make_kinds ();
  strip->search = make_search ();
  strip->favourite = gtk_toggle_button_new ();
  strip->folder_button = gtk_button_new ();
  strip->window = make_flow (strip);
  gtk_button_set_image (GTK_BUTTON (strip->favourite), gtk_image_new ());
  gtk_button_set_image (GTK_BUTTON (strip->folder_button), gtk_image_new ());
  gtk_widget_set_tooltip_text (strip->favourite, _ ("The chosen style is a favourite"));
  atk_object_set_name (gtk_widget_get_accessible (strip->favourite), _ ("Favourite"));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (strip), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (strip), 6);
  gtk_box_pack_start (GTK_BOX (row), strip->kind, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), strip->search, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row), strip->favourite, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), strip->folder_button, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (strip), row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (strip), strip->window, FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (strip));
  g_signal_connect_swapped (strip->flow, "child-activated", G_CALLBACK (child_activated), strip);
  g_signal_connect_swapped (strip->kind, "changed", G_CALLBACK (filter_changed), strip);
  g_signal_connect_swapped (strip->search, "search-changed", G_CALLBACK (filter_changed), strip);
  g_signal_connect_swapped (strip->favourite, "toggled", G_CALLBACK (favourite_toggled), strip);
  g_signal_connect_swapped (strip->folder_button, "clicked", G_CALLBACK (folder_clicked), strip);
  update_buttons (strip);
}

void
nst_style_strip_fill (NstStyleStrip     *strip,
                      GPtrArray         *layers,
                      const char *const *recent,
                      const char *const *favourites,
                      const char *const *folders)
{
  Item *item;

  for (guint i = 0; i < layers->len; i++)
    {
      const NstHostLayer *layer = layers->pdata[i];

      append (strip, layer->drawable, "", g_strdup (layer->name), NULL,
              nst_thumbnail_of_image (layer->thumbnail, WIDTH, HEIGHT));
    }
  for (guint i = 0; recent[i] != NULL; i++)
    if ((item = add_file (strip, recent[i])) != NULL)
      item->is_recent = TRUE;
  for (guint i = 0; favourites[i] != NULL; i++)
    if ((item = add_file (strip, favourites[i])) != NULL)
      item->is_favourite = TRUE;
  add_paintings (strip, nst_shelf_load (), -1);
  for (guint i = 0; folders[i] != NULL; i++)
    add_folder (strip, folders[i]);
  read_next (strip);
}

const NstStripStyle *
nst_style_strip_find (NstStyleStrip *strip, int drawable, const char *file)
{
  const Item *item = find_item (strip, drawable, file);

  return item != NULL ? &item->style : NULL;
}

void
nst_style_strip_select (NstStyleStrip *strip, int drawable, const char *file)
{
  const Item *item = find_item (strip, drawable, file);

  if (item != NULL)
    gtk_flow_box_select_child (GTK_FLOW_BOX (strip->flow), GTK_FLOW_BOX_CHILD (item->child));
  else
    gtk_flow_box_unselect_all (GTK_FLOW_BOX (strip->flow));
  update_buttons (strip);
}

const NstStripStyle *
nst_style_strip_get_chosen (NstStyleStrip *strip)
{
  const Item *item = get_chosen (strip);

  return item != NULL ? &item->style : NULL;
}

char **
nst_style_strip_get_favourites (NstStyleStrip *strip)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < strip->items->len; i++)
    {
      const Item *item = strip->items->pdata[i];

      if (item->is_favourite)
        g_ptr_array_add (names, g_strdup (item->style.file));
    }

  g_ptr_array_add (names, NULL);

  return (char **) g_ptr_array_free (names, FALSE);
}

char **
nst_style_strip_get_folders (NstStyleStrip *strip)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < strip->folders->len; i++)
    g_ptr_array_add (names, g_strdup (strip->folders->pdata[i]));

  g_ptr_array_add (names, NULL);

  return (char **) g_ptr_array_free (names, FALSE);
}
