/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives whole recipes to the painter: presets, the user's own looks, and the settings of a painted layer. */
#include "ui/looks.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/layout.h"
#include "ui/widgets/look-chooser.h"
#include "ui/widgets/own-looks.h"
#include "ui/widgets/thumbnail.h"

#define PICTURE_WIDTH 78
#define PICTURE_HEIGHT 58

/* Settings that ask for one of the user's own looks or for a preset. Owned; NULL with an error. */
static NstSettings *
read_look (const char *name, gboolean own, GError **error)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();

  if (own)
    {
      g_free (settings->json);
      settings->json = nst_own_look_load (name, error);
      if (settings->json == NULL)
        {
          settings->json = g_strdup ("");
          return NULL;
        }
    }
  else
    {
      g_free (settings->preset);
      settings->preset = g_strdup (name);
    }

  return g_steal_pointer (&settings);
}

/* Whether two recipes are the same look. The size is not part of it. */
static gboolean
same_look (const NstRecipe *a, const NstRecipe *b)
{
  NstRecipe other = *b;

  other.size = a->size;

  return nst_recipe_compare (a, &other) == NST_CHANGE_NONE;
}

/* Select the look that the recipe is, if it is one. */
static void
find_look (NstLooks *looks)
{
  const NstRecipe *current = nst_painter_recipe (looks->painter);
  g_auto (GStrv)   own = nst_own_looks_list ();
  const char      *found = NULL;
  gboolean         is_own = FALSE;

  for (const NstPresetInfo *info = nst_presets (); info->name != NULL && found == NULL; info++)
    {
      NstRecipe recipe;

      if (nst_recipe_set_preset (&recipe, info->name, NULL) && same_look (current, &recipe))
        found = info->name;
    }
  for (guint i = 0; own[i] != NULL && found == NULL; i++)
    {
      g_autoptr (NstSettings) settings = read_look (own[i], TRUE, NULL);
      NstRecipe               recipe;

      if (settings != NULL && nst_settings_get_recipe (settings, &recipe, NULL)
          && same_look (current, &recipe))
        {
          found = own[i];
          is_own = TRUE;
        }
    }
  nst_look_chooser_select (NST_LOOK_CHOOSER (looks->chooser), found, is_own);
}

/* Say whether the settings are still those of the selected look. */
static void
compare_with_look (NstLooks *looks)
{
  const NstRecipe        *current = nst_painter_recipe (looks->painter);
  gboolean                own;
  const char             *name = nst_look_chooser_get_name (NST_LOOK_CHOOSER (looks->chooser), &own);
  g_autoptr (NstSettings) settings = NULL;
  NstRecipe               recipe;

  if (same_look (&looks->compared, current))
    return;

  looks->compared = *current;
  settings = name != NULL ? read_look (name, own, NULL) : NULL;
  nst_look_chooser_set_changed (NST_LOOK_CHOOSER (looks->chooser),
                                settings != NULL && nst_settings_get_recipe (settings, &recipe, NULL)
                                    && !same_look (current, &recipe));
}

static gboolean
take (NstLooks *looks, const NstSettings *settings, gboolean pictures, GError **error)
{
  if (!nst_painter_use_settings (looks->painter, settings, pictures, error))
    return FALSE;

  nst_controls_load (looks->controls);
  return TRUE;
}

static void
take_or_complain (NstLooks *looks, const NstSettings *settings)
{
  g_autoptr (GError) error = NULL;

  if (take (looks, settings, FALSE, &error))
    nst_notice_show (looks->notice, NULL);
  else
    {
      nst_notice_show (looks->notice, error->message);
      find_look (looks);
    }
}

static void
choose_look (NstLooks *looks)
{
  g_autoptr (GError)      error = NULL;
  gboolean                own;
  const char             *name = nst_look_chooser_get_name (NST_LOOK_CHOOSER (looks->chooser), &own);
  g_autoptr (NstSettings) settings = name != NULL ? read_look (name, own, &error) : NULL;

  if (settings != NULL)
    take_or_complain (looks, settings);
  else if (error != NULL)
    nst_notice_show (looks->notice, error->message);
}

/* Own looks */

gboolean
nst_looks_save (NstLooks *looks, const char *name)
{
  const NstImage         *painted = nst_painter_picture (looks->painter);
  g_autoptr (NstSettings) settings = nst_settings_new ();
  g_autoptr (GError)      error = NULL;
  g_autoptr (GdkPixbuf)   picture = painted != NULL
                                        ? nst_thumbnail_of_image (painted, PICTURE_WIDTH, PICTURE_HEIGHT)
                                        : NULL;
  NstRecipe               recipe = *nst_painter_recipe (looks->painter);

  recipe.size = 0;
  nst_settings_set_recipe (settings, &recipe);
  if (!nst_own_look_save (name, settings->json, picture, &error))
    {
      nst_notice_show (looks->notice, error->message);
      return FALSE;
    }

  nst_look_chooser_reload (NST_LOOK_CHOOSER (looks->chooser));
  nst_look_chooser_select (NST_LOOK_CHOOSER (looks->chooser), name, TRUE);

  return TRUE;
}

static void
remove_look (NstLooks *looks)
{
  gboolean           own;
  g_autofree char   *name = g_strdup (nst_look_chooser_get_name (NST_LOOK_CHOOSER (looks->chooser), &own));
  g_autoptr (GError) error = NULL;

  if (name == NULL || !own)
    return;

  if (!nst_own_look_remove (name, &error))
    nst_notice_show (looks->notice, error->message);
  nst_look_chooser_reload (NST_LOOK_CHOOSER (looks->chooser));
}

static void
name_changed (GtkEntry *entry, GtkDialog *question)
{
  const char *name = gtk_entry_get_text (entry);

  gtk_dialog_set_response_sensitive (question, GTK_RESPONSE_ACCEPT,
                                     *name != '\0' && *name != ' ' && *name != '.');
}

static void
ask_name (NstLooks *looks)
{
  GtkWidget *question = gtk_dialog_new_with_buttons (_ ("Save This Look"), GTK_WINDOW (looks->window),
                                                     GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT
                                                         | GTK_DIALOG_USE_HEADER_BAR,
                                                     _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Save"),
                                                     GTK_RESPONSE_ACCEPT, NULL);
  GtkWidget *box = gtk_dialog_get_content_area (GTK_DIALOG (question));
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("_Name"));

  gtk_entry_set_max_length (GTK_ENTRY (entry), 40);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), entry);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  atk_object_set_name (gtk_widget_get_accessible (entry), _ ("Name"));
  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  gtk_box_set_spacing (GTK_BOX (box), 6);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), entry, FALSE, FALSE, 0);
  gtk_widget_show_all (box);
  gtk_dialog_set_default_response (GTK_DIALOG (question), GTK_RESPONSE_ACCEPT);
  g_signal_connect (entry, "changed", G_CALLBACK (name_changed), question);
  name_changed (GTK_ENTRY (entry), GTK_DIALOG (question));
  if (gtk_dialog_run (GTK_DIALOG (question)) == GTK_RESPONSE_ACCEPT)
    nst_looks_save (looks, gtk_entry_get_text (GTK_ENTRY (entry)));
  gtk_widget_destroy (question);
}

/* Settings of a layer */

void
nst_looks_use_layer (NstLooks *looks, int drawable)
{
  g_autofree char        *text = nst_host_read_settings (looks->host, drawable);
  g_autofree char        *missing = NULL, *notice = NULL;
  g_autoptr (GError)      error = NULL;
  g_autoptr (NstSettings) settings = text != NULL ? nst_settings_from_json (text, &missing, &error) : NULL;

  /* The user sees what is missing before anything is painted without it. */
  if (missing != NULL)
    nst_painter_stop (looks->painter);
  if (settings == NULL || !take (looks, settings, TRUE, &error))
    {
      nst_notice_show (looks->notice,
                       error != NULL
                           ? error->message
                           : _ ("This layer was not painted by Pastiche: it has no settings to use"));
      return;
    }

  if (missing != NULL)
    notice = g_strdup_printf (_ ("These settings name pictures that are not known on this computer: %s. They "
                                 "are "
                                 "left out. Press Start to paint without them."),
                              missing);
  nst_notice_show (looks->notice, notice);
  find_look (looks);
  nst_painter_set_strength (looks->painter, settings->strength);
  nst_controls_load (looks->controls);
  if (*settings->style_file != '\0')
    nst_controls_choose_style (looks->controls, settings->style_file, missing == NULL);
}

void
nst_looks_reset (NstLooks *looks)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();

  take_or_complain (looks, settings);
  find_look (looks);
  nst_controls_reset (looks->controls);
}

static void
layer_chosen (GtkWidget *item, NstLooks *looks)
{
  nst_looks_use_layer (looks, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (item), "drawable")));
}

static void
add_layer (GtkWidget *menu, NstLooks *looks, int drawable, const char *name)
{
  g_autofree char *text = nst_host_read_settings (looks->host, drawable);
  GtkWidget       *item;

  if (text == NULL)
    return;

  item = gtk_menu_item_new_with_label (name);
  g_object_set_data (G_OBJECT (item), "drawable", GINT_TO_POINTER (drawable));
  g_signal_connect (item, "activate", G_CALLBACK (layer_chosen), looks);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
}

/* Called whenever the menu opens, because layers may have been added or deleted since. */
static void
fill_layers (NstLooks *looks, GtkWidget *menu)
{
  GPtrArray *layers = nst_host_list_layers (looks->host, 1);
  GtkWidget *item;
  GList     *children;

  gtk_container_foreach (GTK_CONTAINER (menu), (GtkCallback) G_CALLBACK (gtk_widget_destroy), NULL);
  add_layer (menu, looks, -1, _ ("This layer"));
  for (guint i = 0; i < layers->len; i++)
    {
      const NstHostLayer *layer = g_ptr_array_index (layers, i);

      add_layer (menu, looks, layer->drawable, layer->name);
    }
  g_ptr_array_unref (layers);
  children = gtk_container_get_children (GTK_CONTAINER (menu));
  if (children == NULL)
    {
      item = gtk_menu_item_new_with_label (_ ("No open layer was painted by Pastiche"));
      gtk_widget_set_sensitive (item, FALSE);
      gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
    }
  g_list_free (children);
  gtk_widget_show_all (menu);
}

static GtkWidget *
add_item (GtkWidget *menu, const char *label, GCallback call, NstLooks *looks)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  if (call != NULL)
    g_signal_connect_swapped (item, "activate", call, looks);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);

  return item;
}

static void
menu_opened (NstLooks *looks, GtkWidget *menu)
{
  gboolean own;

  nst_look_chooser_get_name (NST_LOOK_CHOOSER (looks->chooser), &own);
  gtk_widget_set_sensitive (g_object_get_data (G_OBJECT (menu), "remove"), own);
  fill_layers (looks, g_object_get_data (G_OBJECT (menu), "layers"));
}

static GtkWidget *
make_menu (NstLooks *looks)
{
  GtkWidget *menu = gtk_menu_new ();
  GtkWidget *layers = gtk_menu_new ();
  GtkWidget *item;

  add_item (menu, _ ("_Save this look..."), G_CALLBACK (ask_name), looks);
  item = add_item (menu, _ ("_Remove this look"), G_CALLBACK (remove_look), looks);
  g_object_set_data (G_OBJECT (menu), "remove", item);
  item = add_item (menu, _ ("_Use the settings of"), NULL, looks);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (item), layers);
  g_object_set_data (G_OBJECT (menu), "layers", layers);
  add_item (menu, _ ("Reset to _defaults"), G_CALLBACK (nst_looks_reset), looks);
  g_signal_connect_swapped (menu, "show", G_CALLBACK (menu_opened), looks);
  gtk_widget_show_all (menu);

  return menu;
}

/* Making it */

static void
painter_changed (NstLooks *looks, guint changes)
{
  const gboolean sensitive = !nst_painter_is_finishing (looks->painter)
                             && nst_painter_loading (looks->painter) == NULL;

  if (changes & NST_PAINTER_CHANGED_RECIPE)
    find_look (looks);
  if (changes & (NST_PAINTER_CHANGED_RECIPE | NST_PAINTER_CHANGED_ESTIMATE))
    compare_with_look (looks);
  if (!(changes & NST_PAINTER_CHANGED_STATE))
    return;

  gtk_widget_set_sensitive (looks->chooser, sensitive);
  gtk_widget_set_sensitive (looks->menu, sensitive);
}

const char *
nst_looks_preset (NstLooks *looks)
{
  gboolean    own;
  const char *name = nst_look_chooser_get_name (NST_LOOK_CHOOSER (looks->chooser), &own);

  return name != NULL && !own ? name : "";
}

void
nst_looks_init (NstLooks    *looks,
                GtkBuilder  *layout,
                NstHost     *host,
                NstPainter  *painter,
                NstNotice   *notice,
                NstControls *controls)
{
  looks->host = host;
  looks->painter = painter;
  looks->notice = notice;
  looks->controls = controls;
  looks->window = nst_layout_widget (layout, "window");
  looks->chooser = nst_layout_widget (layout, "looks");
  looks->menu = nst_layout_widget (layout, "look_menu");
  nst_look_chooser_reload (NST_LOOK_CHOOSER (looks->chooser));
  gtk_menu_button_set_popup (GTK_MENU_BUTTON (looks->menu), make_menu (looks));
  g_signal_connect_swapped (looks->chooser, "chosen", G_CALLBACK (choose_look), looks);
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), looks);
  find_look (looks);
}
