/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the size of the result, by radio buttons with notes about the costs. */
#include "ui/widgets/quality.h"

#include <glib/gi18n-lib.h>

#include "core/image/image.h"

#define DEFAULT_SIZE 768 /* the default */
#define MAX_ROWS 5

static const struct
{
  const char *name;
  int         size;
} qualities[] = {
  { N_ ("_Draft"), 384 },
  { N_ ("Normal"), DEFAULT_SIZE },
  { N_ ("Fine"), 1536 },
};

typedef struct
{
  int        size;
  char      *pixels; /* owned; "768 × 576" */
  GtkWidget *button, *note;
} Row;

struct _NstQuality
{
  GtkGrid parent;

  Row rows[MAX_ROWS];
  int n_rows;
  int initial; /* longer side of the default */
};

G_DEFINE_TYPE (NstQuality, nst_quality, GTK_TYPE_GRID)

static guint changed_signal;

static void
toggled (NstQuality *quality, GtkToggleButton *button)
{
  if (gtk_toggle_button_get_active (button))
    g_signal_emit (quality, changed_signal, 0);
}

static GtkWidget *
make_note (const char *text, double align)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), align);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), GTK_STYLE_CLASS_DIM_LABEL);

  return label;
}

static void
append (NstQuality *quality, const char *name, int size, int width, int height)
{
  Row *row = &quality->rows[quality->n_rows];
  int  fitted_width, fitted_height;

  nst_image_fit (width, height, size, &fitted_width, &fitted_height);
  row->size = size;
  row->pixels = g_strdup_printf ("%d × %d", fitted_width, fitted_height);
  row->button = gtk_radio_button_new_with_mnemonic_from_widget (quality->n_rows ? GTK_RADIO_BUTTON (
                                                                    quality->rows[0].button)
                                                                                : NULL,
                                                                name);
  row->note = make_note (NULL, 1);
  gtk_widget_set_hexpand (row->note, TRUE);
  gtk_grid_attach (GTK_GRID (quality), row->button, 0, quality->n_rows, 1, 1);
  gtk_grid_attach (GTK_GRID (quality), make_note (row->pixels, 0), 1, quality->n_rows, 1, 1);
  gtk_grid_attach (GTK_GRID (quality), row->note, 2, quality->n_rows, 1, 1);
  g_signal_connect_swapped (row->button, "toggled", G_CALLBACK (toggled), quality);
  quality->n_rows++;
}

static void
choose (NstQuality *quality, int i)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (quality->rows[i].button), TRUE);
}

static int
find (NstQuality *quality, int size)
{
  for (int i = 0; i < quality->n_rows; i++)
    if (quality->rows[i].size == size)
      return i;

  return -1;
}

void
nst_quality_fill (NstQuality *quality, int width, int height, int size)
{
  const int longest = MAX (width, height);

  quality->initial = MIN (DEFAULT_SIZE, longest);
  if (size < 0)
    size = quality->initial;
  if (size == 0 || size > longest)
    size = longest;
  for (guint i = 0; i < G_N_ELEMENTS (qualities); i++)
    if (qualities[i].size < longest)
      append (quality, _ (qualities[i].name), qualities[i].size, width, height);
  append (quality, _ ("Full size"), longest, width, height);
  if (find (quality, size) < 0)
    append (quality, _ ("As last time"), size, width, height);
  choose (quality, find (quality, size));
  gtk_widget_show_all (GTK_WIDGET (quality));
}

void
nst_quality_reset (NstQuality *quality)
{
  choose (quality, find (quality, quality->initial));
}

int
nst_quality_get_size (NstQuality *quality)
{
  for (int i = 0; i < quality->n_rows; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (quality->rows[i].button)))
      return quality->rows[i].size;

  return DEFAULT_SIZE;
}

int
nst_quality_get_nth (NstQuality *quality, int i)
{
  return i < quality->n_rows ? quality->rows[i].size : 0;
}

void
nst_quality_set_note (NstQuality *quality, int i, const char *text)
{
  Row             *row = &quality->rows[i];
  g_autofree char *description = g_strdup_printf ("%s, %s", row->pixels, text);

  if (strcmp (gtk_label_get_text (GTK_LABEL (row->note)), text) == 0)
    return;

  gtk_label_set_text (GTK_LABEL (row->note), text);
  atk_object_set_description (gtk_widget_get_accessible (row->button), description);
}

void
nst_quality_set_possible (NstQuality *quality, int i, gboolean possible)
{
  GtkWidget *button = quality->rows[i].button;

  gtk_widget_set_sensitive (button, possible);
  if (!possible && i + 1 < quality->n_rows && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (quality->rows[i + 1].button), TRUE);
}

static void
nst_quality_finalize (GObject *object)
{
  NstQuality *quality = NST_QUALITY (object);

  for (int i = 0; i < quality->n_rows; i++)
    g_free (quality->rows[i].pixels);
  G_OBJECT_CLASS (nst_quality_parent_class)->finalize (object);
}

static void
nst_quality_class_init (NstQualityClass *class)
{
  G_OBJECT_CLASS (class)->finalize = nst_quality_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
nst_quality_init (NstQuality *quality)
{
  gtk_grid_set_row_spacing (GTK_GRID (quality), 2);
  gtk_grid_set_column_spacing (GTK_GRID (quality), 12);
}
