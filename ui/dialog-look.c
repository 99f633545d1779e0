/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole recipes into the dialog: presets, the user's own looks, and what a layer was painted with. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/dialog-private.h"
#include "ui/own-looks.h"
#include "ui/widgets/look-chooser.h"
#include "ui/widgets/quality.h"
#include "ui/widgets/style-chooser.h"
#include "ui/widgets/thumbnail.h"

#define PICTURE_WIDTH 78
#define PICTURE_HEIGHT 58

/* Recipe and model that settings ask for; nothing changes on failure. */
static gboolean
take_recipe (NstDialog *dialog, const NstSettings *settings, GError **error)
{
  NstRecipe recipe;

  if (!nst_settings_get_recipe (settings, &recipe, error)
      || !nst_dialog_set_model (dialog, recipe.model, error))
    return FALSE;

  if (recipe.init == NST_INIT_IMAGE)
    recipe.init = NST_INIT_CONTENT;
  dialog->recipe = recipe;
  nst_dialog_load_recipe (dialog);
  nst_dialog_change (dialog);
  nst_dialog_show_picture (dialog);

  return TRUE;
}

static void
take_or_complain (NstDialog *dialog, const NstSettings *settings)
{
  g_autoptr (GError) error = NULL;

  if (take_recipe (dialog, settings, &error))
    nst_dialog_show_error (dialog, NULL);
  else
    {
      nst_dialog_show_error (dialog, error->message);
      nst_dialog_find_look (dialog);
    }
}

/* What an own look or a preset asks for, or NULL. */
static NstSettings *
read_look (const char *name, gboolean own, GError **error)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();

  if (own)
    {
      g_free (settings->json);
      settings->json = nst_own_look_load (name, error);
      if (!settings->json)
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

void
nst_dialog_choose_look (NstDialog *dialog)
{
  g_autoptr (GError)      error = NULL;
  gboolean                own;
  const char             *name = nst_look_chooser_get_name (NST_LOOK_CHOOSER (dialog->looks), &own);
  g_autoptr (NstSettings) settings = name ? read_look (name, own, &error) : NULL;

  if (settings)
    take_or_complain (dialog, settings);
  else if (error)
    nst_dialog_show_error (dialog, error->message);
}

/* A recipe's text without what is no part of a look. */
static char *
look_text (const NstRecipe *recipe)
{
  NstRecipe look = *recipe;

  look.size = 0;

  return nst_recipe_to_json (&look);
}

void
nst_dialog_find_look (NstDialog *dialog)
{
  g_autofree char *text = look_text (&dialog->recipe);
  g_auto (GStrv)   own = nst_own_looks_list ();
  const char      *found = NULL;
  gboolean         is_own = FALSE;

  for (const NstPresetInfo *info = nst_presets (); info->name && !found; info++)
    {
      NstRecipe        recipe;
      g_autofree char *other = nst_recipe_set_preset (&recipe, info->name, NULL) ? look_text (&recipe) : NULL;

      if (g_strcmp0 (text, other) == 0)
        found = info->name;
    }
  for (guint i = 0; own[i] && !found; i++)
    {
      g_autoptr (NstSettings) settings = read_look (own[i], TRUE, NULL);
      NstRecipe               recipe;
      g_autofree char        *other = settings && nst_settings_get_recipe (settings, &recipe, NULL)
                                          ? look_text (&recipe)
                                          : NULL;

      if (g_strcmp0 (text, other) == 0)
        {
          found = own[i];
          is_own = TRUE;
        }
    }
  nst_look_chooser_select (NST_LOOK_CHOOSER (dialog->looks), found, is_own);
}

/* Own looks */

gboolean
nst_dialog_save_look (NstDialog *dialog, const char *name)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();
  g_autoptr (GError)      error = NULL;
  g_autoptr (GdkPixbuf)   picture = dialog->painted ? nst_thumbnail_of_image (dialog->painted->image,
                                                                              PICTURE_WIDTH, PICTURE_HEIGHT)
                                                    : NULL;
  NstRecipe               recipe;

  nst_dialog_read_controls (dialog);
  recipe = dialog->recipe;
  recipe.size = 0;
  nst_settings_set_recipe (settings, &recipe);
  if (!nst_own_look_save (name, settings->json, picture, &error))
    {
      nst_dialog_show_error (dialog, error->message);
      return FALSE;
    }

  nst_look_chooser_reload (NST_LOOK_CHOOSER (dialog->looks));
  nst_look_chooser_select (NST_LOOK_CHOOSER (dialog->looks), name, TRUE);

  return TRUE;
}

void
nst_dialog_remove_look (NstDialog *dialog)
{
  gboolean           own;
  g_autofree char   *name = g_strdup (nst_look_chooser_get_name (NST_LOOK_CHOOSER (dialog->looks), &own));
  g_autoptr (GError) error = NULL;

  if (!name || !own)
    return;

  if (!nst_own_look_remove (name, &error))
    nst_dialog_show_error (dialog, error->message);
  nst_look_chooser_reload (NST_LOOK_CHOOSER (dialog->looks));
}

static void
name_changed (GtkEntry *entry, GtkDialog *question)
{
  const char *name = gtk_entry_get_text (entry);

  gtk_dialog_set_response_sensitive (question, GTK_RESPONSE_ACCEPT,
                                     *name != '\0' && *name != ' ' && *name != '.');
}

static void
ask_name (NstDialog *dialog)
{
  GtkWidget *question = gtk_dialog_new_with_buttons (_ ("Save This Look"), GTK_WINDOW (dialog->window),
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
    nst_dialog_save_look (dialog, gtk_entry_get_text (GTK_ENTRY (entry)));
  gtk_widget_destroy (question);
}

/* Settings of a layer */

void
nst_dialog_use_settings (NstDialog *dialog, int drawable)
{
  g_autofree char        *text = nst_host_read_settings (dialog->host, drawable);
  g_autoptr (GError)      error = NULL;
  g_autoptr (NstSettings) settings = text ? nst_settings_from_json (text, &error) : NULL;

  if (!settings || !take_recipe (dialog, settings, &error))
    {
      nst_dialog_show_error (dialog, error ? error->message : _ ("No settings are kept with this layer"));
      return;
    }

  nst_dialog_show_error (dialog, NULL);
  nst_dialog_find_look (dialog);
  gtk_range_set_value (GTK_RANGE (dialog->strength), 100 * settings->strength);
  if (*settings->style_file && g_file_test (settings->style_file, G_FILE_TEST_IS_REGULAR))
    nst_style_chooser_set (NST_STYLE_CHOOSER (dialog->style_chooser), -1, settings->style_file);
}

/* Everything but the style, which is no matter of taste, is as nobody asked for anything. */
void
nst_dialog_reset (NstDialog *dialog)
{
  g_autoptr (NstSettings) settings = nst_settings_new ();

  take_or_complain (dialog, settings);
  nst_dialog_find_look (dialog);
  nst_quality_reset (NST_QUALITY (dialog->quality));
  gtk_range_set_value (GTK_RANGE (dialog->strength), 100 * settings->strength);
  gtk_combo_box_set_active (GTK_COMBO_BOX (dialog->output), settings->output);
  nst_dialog_describe_quality (dialog);
}

static void
layer_chosen (GtkWidget *item, NstDialog *dialog)
{
  nst_dialog_use_settings (dialog, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (item), "drawable")));
}

static void
add_layer (GtkWidget *menu, NstDialog *dialog, int drawable, const char *name)
{
  g_autofree char *text = nst_host_read_settings (dialog->host, drawable);
  GtkWidget       *item;

  if (!text)
    return;

  item = gtk_menu_item_new_with_label (name);
  g_object_set_data (G_OBJECT (item), "drawable", GINT_TO_POINTER (drawable));
  g_signal_connect (item, "activate", G_CALLBACK (layer_chosen), dialog);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
}

/* When it is opened: layers come and go. */
static void
fill_layers (NstDialog *dialog, GtkWidget *menu)
{
  GPtrArray *layers = nst_host_list_layers (dialog->host, 1);
  GtkWidget *item;
  GList     *children;

  gtk_container_foreach (GTK_CONTAINER (menu), (GtkCallback) G_CALLBACK (gtk_widget_destroy), NULL);
  add_layer (menu, dialog, -1, _ ("This layer"));
  for (guint i = 0; i < layers->len; i++)
    {
      const NstHostLayer *layer = g_ptr_array_index (layers, i);

      add_layer (menu, dialog, layer->drawable, layer->name);
    }
  g_ptr_array_unref (layers);
  children = gtk_container_get_children (GTK_CONTAINER (menu));
  if (!children)
    {
      item = gtk_menu_item_new_with_label (_ ("No open layer was painted by Pastiche"));
      gtk_widget_set_sensitive (item, FALSE);
      gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
    }
  g_list_free (children);
  gtk_widget_show_all (menu);
}

static GtkWidget *
add_item (GtkWidget *menu, const char *label, GCallback call, NstDialog *dialog)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  if (call)
    g_signal_connect_swapped (item, "activate", call, dialog);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);

  return item;
}

static void
menu_opened (NstDialog *dialog, GtkWidget *menu)
{
  gboolean own;

  nst_look_chooser_get_name (NST_LOOK_CHOOSER (dialog->looks), &own);
  gtk_widget_set_sensitive (g_object_get_data (G_OBJECT (menu), "remove"), own);
  fill_layers (dialog, g_object_get_data (G_OBJECT (menu), "layers"));
}

GtkWidget *
nst_dialog_make_look_menu (NstDialog *dialog)
{
  GtkWidget *menu = gtk_menu_new ();
  GtkWidget *layers = gtk_menu_new ();
  GtkWidget *item;

  add_item (menu, _ ("_Save this look..."), G_CALLBACK (ask_name), dialog);
  item = add_item (menu, _ ("_Remove this look"), G_CALLBACK (nst_dialog_remove_look), dialog);
  g_object_set_data (G_OBJECT (menu), "remove", item);
  item = add_item (menu, _ ("_Use the settings of"), NULL, dialog);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (item), layers);
  g_object_set_data (G_OBJECT (menu), "layers", layers);
  add_item (menu, _ ("Reset to _defaults"), G_CALLBACK (nst_dialog_reset), dialog);
  g_signal_connect_swapped (menu, "show", G_CALLBACK (menu_opened), dialog);
  gtk_widget_show_all (menu);

  return menu;
}
