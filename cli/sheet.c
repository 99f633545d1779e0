/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contact sheets: layout and drawing of cells with title and note. */
#include "cli/sheet.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "cli/cli.h"
#include "cli/draw.h"
#include "core/base/error.h"
#include "picture/picture.h"

#define MARGIN 18
#define GAP 14
#define NARROWEST 150 /* smallest width of a cell, for its text */

static int cell = NST_SHEET_LONGEST;

const GOptionEntry nst_sheet_entries[] = {
  { "cell", 0, 0, G_OPTION_ARG_INT, &cell,
    N_ ("Longer side of the pictures on the sheet, at most (default: 320)"), "N" },
  { NULL }
};

typedef struct
{
  NstImage *image;         /* owned, or NULL */
  int       width, height; /* of the image, in pixels; 0: an empty cell */
  char     *title, *note;  /* owned; note or NULL */
} Cell;

struct _NstSheet
{
  GArray *cells; /* owned; of Cell */
  int     columns;
  int     painted; /* by nst_sheet_paint () */
  GError *failure; /* owned; the first of nst_sheet_paint () that did not end the sheet, or NULL */
};

static const NstTextStyle title_style = { .size = 14, .bold = TRUE, .colour = NST_DRAW_BLACK };
static const NstTextStyle note_style = { .size = 12, .colour = NST_DRAW_GREY };

gboolean
nst_sheet_check (GError **error)
{
  return (cell >= 16 && cell <= 4096)
         || nst_cli_usage (error, _ ("--cell: expected 16 to 4096 pixels, found %d"), cell);
}

static void
clear_cell (gpointer data)
{
  Cell *c = data;

  nst_image_unref (c->image);
  g_free (c->title);
  g_free (c->note);
}

NstSheet *
nst_sheet_new (int columns)
{
  NstSheet *sheet = g_new0 (NstSheet, 1);

  sheet->columns = columns;
  sheet->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  g_array_set_clear_func (sheet->cells, clear_cell);

  return sheet;
}

void
nst_sheet_free (NstSheet *sheet)
{
  if (sheet == NULL)
    return;

  g_array_unref (sheet->cells);
  g_clear_error (&sheet->failure);
  g_free (sheet);
}

gboolean
nst_sheet_is_empty (const NstSheet *sheet)
{
  return sheet->cells->len == 0;
}

/* Sets the size of a cell for a picture of width x height pixels. */
static void
fit (int width, int height, Cell *c)
{
  c->width = width;
  c->height = height;
  if (MAX (width, height) > cell)
    nst_image_fit (width, height, cell, &c->width, &c->height);
}

gboolean
nst_sheet_add (NstSheet *sheet, const NstImage *image, const char *title, const char *note, GError **error)
{
  Cell new = { .title = g_strdup (title), .note = g_strdup (note) };

  if (image != NULL)
    {
      fit (image->width, image->height, &new);
      new.image = nst_image_resize (image, new.width, new.height, error);
      if (new.image == NULL)
        {
          clear_cell (&new);
          return FALSE;
        }
    }
  g_array_append_val (sheet->cells, new);

  return TRUE;
}

gboolean
nst_sheet_paint (NstSheet        *sheet,
                 NstSession      *session,
                 const NstRecipe *recipe,
                 const char      *label,
                 const char      *title,
                 const char      *note,
                 const char      *path,
                 GError         **error)
{
  NstWatch   watch = { .label = label };
  GError    *own = NULL;
  NstOutcome outcome;
  gboolean   good = nst_session_paint (session, recipe, &watch, &outcome, &own);

  if (good)
    {
      good = nst_sheet_add (sheet, outcome.picture, title, note, &own);
      sheet->painted += good;
      if (path != NULL)
        {
          GError *unsaved = NULL;

          nst_picture_keep (outcome.picture, path, NULL, &unsaved);
          nst_cli_add_failure (&sheet->failure, unsaved);
        }
    }
  else if (g_error_matches (own, NST_ERROR, NST_ERROR_NONFINITE))
    good = nst_sheet_add (sheet, NULL, title, own->message, NULL);
  nst_image_unref (outcome.picture);

  if (own != NULL)
    g_prefix_error (&own, "%s: ", label);
  if (good)
    nst_cli_add_failure (&sheet->failure, own);
  else
    g_propagate_error (error, own);

  return good;
}

static double
draw_label (cairo_t *cr, const Cell *c, int width, double x, double y)
{
  NstTextStyle style = title_style;
  double       height;

  style.width = width;
  height = nst_draw_text (cr, &style, x, y, c->title);
  if (c->note != NULL)
    {
      style = note_style;
      style.width = width;
      height += nst_draw_text (cr, &style, x, y + height, c->note);
    }

  return height;
}

/* The y positions of a row, in pixels. */
typedef struct
{
  double labels; /* top of the labels, below the highest picture */
  double end;    /* top of the next row */
} Row;

/* Computes the width of the cells and the positions of the rows. */
static void
lay_out (const NstSheet *sheet, int columns, int *width, GArray *rows)
{
  double y = MARGIN;

  *width = NARROWEST;
  for (guint i = 0; i < sheet->cells->len; i++)
    {
      *width = MAX (*width, g_array_index (sheet->cells, Cell, i).width);
    }
  for (guint first = 0; first < sheet->cells->len; first += columns)
    {
      Row    row;
      double picture = 0, label = 0;

      for (guint i = first; i < MIN (first + columns, sheet->cells->len); i++)
        {
          const Cell *c = &g_array_index (sheet->cells, Cell, i);

          picture = MAX (picture, c->height);
          label = MAX (label, draw_label (NULL, c, *width, 0, 0));
        }
      row.labels = y + (picture > 0 ? picture : *width * 0.5);
      y = row.end = row.labels + 5 + label + GAP;
      g_array_append_val (rows, row);
    }
}

static void
draw_cell (cairo_t *cr, const Cell *c, int x, int width, double top, double bottom)
{
  if (c->image != NULL)
    nst_draw_image (cr, c->image, x, (int) bottom - c->image->height);
  else
    {
      nst_draw_colour (cr, NST_DRAW_PALE);
      cairo_rectangle (cr, x, top, width, bottom - top);
      cairo_fill (cr);
    }
  draw_label (cr, c, width, x, bottom + 5);
}

/* The number of columns of a roughly square sheet with the fewest empty cells. */
static int
best_columns (int n)
{
  int best = 1, least = G_MAXINT;

  for (int columns = MAX (1, (int) sqrt (n)); columns <= (int) ceil (1.5 * sqrt (n)); columns++)
    if ((n + columns - 1) / columns * columns - n <= least)
      {
        best = columns;
        least = (n + columns - 1) / columns * columns - n;
      }

  return MIN (best, n);
}

static int
columns_of (const NstSheet *sheet)
{
  const int n = sheet->cells->len;

  return sheet->columns > 0 ? MIN (n, sheet->columns) : best_columns (n);
}

/* Computes the positions of the rows, the width of the cells, and the size of the whole sheet. */
static void
measure (const NstSheet *sheet, GArray *rows, int *cell_width, int *width, int *height)
{
  const int columns = columns_of (sheet);

  lay_out (sheet, columns, cell_width, rows);
  *width = 2 * MARGIN + columns * (*cell_width + GAP) - GAP;
  *height = (int) ceil (g_array_index (rows, Row, rows->len - 1).end) - GAP + MARGIN;
}

gboolean
nst_sheet_check_size (
    int columns, int n, int width, int height, const char *title, const char *note, GError **error)
{
  g_autoptr (NstSheet) sheet = nst_sheet_new (columns);
  g_autoptr (GArray)   rows = g_array_new (FALSE, FALSE, sizeof (Row));
  int                  cell_width;

  for (int i = 0; i < n; i++)
    {
      Cell empty = { .title = g_strdup (title), .note = g_strdup (note) };

      fit (width, height, &empty);
      g_array_append_val (sheet->cells, empty);
    }
  measure (sheet, rows, &cell_width, &width, &height);

  return nst_draw_check (width, height, error);
}

gboolean
nst_sheet_save (const NstSheet *sheet, const char *path, GError **error)
{
  const int          n = sheet->cells->len, columns = columns_of (sheet);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  cairo_t           *cr;
  int                width, whole_width, whole_height;
  double             top = MARGIN;
  gboolean           good;

  measure (sheet, rows, &width, &whole_width, &whole_height);
  cr = nst_draw_new (whole_width, whole_height, error);
  if (cr == NULL)
    return FALSE;

  for (int i = 0; i < n; i++)
    {
      const Row *row = &g_array_index (rows, Row, i / columns);

      draw_cell (cr, &g_array_index (sheet->cells, Cell, i), MARGIN + i % columns * (width + GAP), width, top,
                 row->labels);
      if (i % columns == columns - 1)
        top = row->end;
    }
  good = nst_draw_save (cr, path, error);
  cairo_destroy (cr);

  return good;
}

gboolean
nst_sheet_finish (NstSheet *sheet, gboolean good, const char *path, GError **error)
{
  GError *own = NULL;

  if (!good && sheet->painted == 0)
    return FALSE;

  nst_sheet_save (sheet, path, &own);
  if (good)
    {
      nst_cli_add_failure (&own, g_steal_pointer (&sheet->failure));
      if (own != NULL)
        g_propagate_error (error, own);
      return own == NULL;
    }

  if (own == NULL)
    g_prefix_error (error,
                    g_dngettext (GETTEXT_PACKAGE, "%s holds the %d picture so far: ",
                                 "%s holds the %d pictures so far: ", sheet->painted),
                    path, sheet->painted);
  else
    g_prefix_error (error, _ ("The sheet so far could not be saved (%s): "), own->message);
  g_clear_error (&own);
  if (sheet->failure != NULL)
    g_printerr ("%s\n", sheet->failure->message);

  return FALSE;
}
