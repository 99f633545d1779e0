/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the pictures that were painted, and goes back to them. */
#include "ui/history.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/image/finish.h"
#include "ui/layout.h"
#include "ui/widgets/thumbnail.h"

#define WIDTH 64 /* of a thumbnail in pixels */
#define HEIGHT 40

typedef struct
{
  NstImage *picture; /* ref */
  NstRecipe recipe;
  int       size; /* longer side that it was painted up to */
  double    strength;
  int       drawable; /* of the style; -1: file */
  char     *file;     /* owned */
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  nst_image_unref (entry->picture);
  g_free (entry->file);
  g_free (entry);
}

static void
mark (NstHistory *history)
{
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (history->flow), history->current);

  if (child != NULL)
    gtk_flow_box_select_child (GTK_FLOW_BOX (history->flow), child);
  gtk_widget_set_visible (history->window, history->entries->len > 1);
}

static void
show (NstHistory *history, int index)
{
  const Entry       *entry = history->entries->pdata[index];
  const char        *model = nst_painter_recipe (history->painter)->model;
  const NstSources  *sources = nst_painter_sources (history->painter);
  g_autoptr (GError) error = NULL;

  if ((entry->drawable != sources->style_drawable || strcmp (entry->file, sources->style_file) != 0)
      && !nst_painter_set_style (history->painter, entry->drawable, entry->file, &error))
    {
      nst_notice_show (history->notice, error->message);
      mark (history);
      return;
    }

  if (strcmp (entry->recipe.model, model) != 0)
    {
      g_autofree char *quoted = nst_text_quote (entry->recipe.model);
      g_autofree char *text
          = g_strdup_printf (_ ("This picture was painted with the network %s: choose it under "
                                "Advanced to go back"),
                             quoted);

      nst_notice_show (history->notice, text);
      mark (history);
      return;
    }
  history->current = index;
  nst_painter_restore (history->painter, &entry->recipe, entry->strength, entry->picture, entry->size);
  mark (history);
}

static void
forget_oldest (NstHistory *history)
{
  g_ptr_array_remove_index (history->entries, 0);
  gtk_widget_destroy (GTK_WIDGET (gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (history->flow), 0)));
}

static gboolean
is_too_large (NstHistory *history)
{
  double bytes = 0;

  for (guint i = 0; i < history->entries->len; i++)
    {
      const NstImage *picture = ((const Entry *) history->entries->pdata[i])->picture;

      bytes += 3.0 * sizeof (float) * picture->width * picture->height;
    }

  return history->entries->len > NST_HISTORY_MOST || bytes > NST_HISTORY_MEGABYTES * 1e6;
}

/* The picture as the preview shows it, with its palette and strength, small. */
static GdkPixbuf *
make_thumbnail (const Entry *entry, const NstImage *content)
{
  g_autoptr (NstImage) shown = NULL;
  int                  width, height;

  nst_image_fit (entry->picture->width, entry->picture->height, 2 * WIDTH, &width, &height);
  shown = nst_finish (entry->picture, content, width, height, entry->recipe.palette, entry->strength, NULL,
                      NULL);

  return nst_thumbnail_of_image (shown != NULL ? shown : entry->picture, WIDTH, HEIGHT);
}

static void
add (NstHistory *history)
{
  NstPainter           *painter = history->painter;
  const NstSources     *sources = nst_painter_sources (painter);
  const NstRecipe      *recipe = nst_painter_recipe (painter);
  Entry                *entry = g_new0 (Entry, 1);
  GtkWidget            *image;
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autofree char      *text = NULL;

  entry->picture = nst_image_ref (nst_painter_picture (painter));
  entry->recipe = *recipe;
  entry->size = nst_painter_run_size (painter);
  entry->strength = nst_painter_strength (painter);
  entry->drawable = sources->style_drawable;
  entry->file = g_strdup (sources->style_file);
  pixbuf = make_thumbnail (entry, sources->small);
  image = gtk_image_new_from_pixbuf (pixbuf);
  text = g_strdup_printf (_ ("Content %g, Style %g, Smoothness %g, Detail %.0f, %d × %d"), recipe->alpha,
                          recipe->beta, recipe->tv, 100 * recipe->detail, entry->picture->width,
                          entry->picture->height);
  gtk_widget_set_tooltip_text (image, text);
  g_ptr_array_add (history->entries, entry);
  gtk_flow_box_insert (GTK_FLOW_BOX (history->flow), image, -1);
  atk_object_set_name (gtk_widget_get_accessible (gtk_widget_get_parent (image)), text);
  gtk_widget_show_all (gtk_widget_get_parent (image));
  while (history->entries->len > 1 && is_too_large (history))
    forget_oldest (history);
  history->current = history->entries->len - 1;
  mark (history);
}

static void
painter_changed (NstHistory *history, guint changes)
{
  const guint runs = nst_painter_runs (history->painter);

  if (!(changes & NST_PAINTER_CHANGED_STATE) || !nst_painter_is_settled (history->painter)
      || runs == history->last_run)
    return;

  history->last_run = runs;
  add (history);
}

static void
activated (NstHistory *history, GtkFlowBoxChild *child)
{
  if (!nst_painter_is_finishing (history->painter))
    show (history, gtk_flow_box_child_get_index (child));
}

void
nst_history_go (NstHistory *history, int steps)
{
  const int index = history->current + steps;

  if (history->current >= 0 && index >= 0 && index < (int) history->entries->len
      && !nst_painter_is_finishing (history->painter))
    show (history, index);
}

void
nst_history_init (NstHistory *history, GtkBuilder *layout, NstPainter *painter, NstNotice *notice)
{
  history->painter = painter;
  history->notice = notice;
  history->entries = g_ptr_array_new_with_free_func (entry_free);
  history->current = -1;
  history->window = nst_layout_widget (layout, "history");
  history->flow = gtk_flow_box_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (history->flow), GTK_ORIENTATION_VERTICAL);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (history->flow), 1);
  gtk_widget_set_halign (history->flow, GTK_ALIGN_START);
  atk_object_set_name (gtk_widget_get_accessible (history->flow), _ ("History"));
  gtk_container_add (GTK_CONTAINER (history->window), history->flow);
  gtk_widget_show (history->flow);
  g_signal_connect_swapped (history->flow, "child-activated", G_CALLBACK (activated), history);
  g_signal_connect_swapped (painter, "changed", G_CALLBACK (painter_changed), history);
}

void
nst_history_clear (NstHistory *history)
{
  g_clear_pointer (&history->entries, g_ptr_array_unref);
}
