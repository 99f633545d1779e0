/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command grid: paints one picture with several alphas, betas and style layers, as a contact sheet. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "cli/session.h"
#include "cli/sheet.h"
#include "picture/picture.h"

static struct
{
  char  *alpha, *beta, *output, *folder;
  char **layers;
} options;

static const GOptionEntry entries[] = {
  { "alpha", 0, 0, G_OPTION_ARG_STRING, &options.alpha, N_ ("Weights of the content, one row each"),
    "A,A,..." },
  { "beta", 0, 0, G_OPTION_ARG_STRING, &options.beta, N_ ("Weights of the style, one column each"),
    "B,B,..." },
  { "style-layers", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.layers,
    N_ ("Layers of the style and their weights; may be given several times, for more rows"),
    N_ ("LAYER=W,LAYER=W,...") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &options.output,
    N_ ("The contact sheet: a .png, .jpg, .tif or .webp file"), N_ ("FILE") },
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &options.folder,
    N_ ("Also save each picture in this folder, as ROW-COLUMN.png"), N_ ("FOLDER") },
  { NULL }
};

static const GOptionEntry *const shared[] = { nst_session_pictures,
                                              nst_session_fields,
                                              nst_session_descent,
                                              nst_session_colours,
                                              nst_session_network,
                                              nst_sheet_entries,
                                              NULL };

/* The values along rows and columns. */
typedef struct
{
  GArray          *alphas, *betas; /* owned; of double */
  NstLayerWeights *layers;         /* owned; n_layers of them */
  int              n_layers;
} Axes;

static void
axes_clear (Axes *axes)
{
  g_clear_pointer (&axes->alphas, g_array_unref);
  g_clear_pointer (&axes->betas, g_array_unref);
  g_free (axes->layers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Axes, axes_clear)

/* Adds the layers of the other lists with weight 0 to each list: with the same layers everywhere, all cells
 * can share one engine. */
static gboolean
unite (Axes *axes, GError **error)
{
  for (int i = 0; i < axes->n_layers; i++)
    for (int k = 0; k < axes->n_layers; k++)
      for (int t = 0; t < axes->layers[k].n; t++)
        {
          NstLayerWeights *list = &axes->layers[i];
          NstLayerWeight   entry = axes->layers[k].layers[t];
          int              at = 0;

          while (at < list->n && strcmp (list->layers[at].layer, entry.layer) != 0)
            at++;
          if (at < list->n)
            continue;
          if (list->n == NST_MAX_LAYERS)
            return nst_cli_usage (error, _ ("--style-layers: at most %d different layers are possible"),
                                  NST_MAX_LAYERS);
          entry.weight = 0;
          list->layers[list->n++] = entry;
        }

  return TRUE;
}

static gboolean
read_axes (Axes *axes, const NstRecipe *recipe, GError **error)
{
  int given = options.layers != NULL ? g_strv_length (options.layers) : 0;

  axes->n_layers = MAX (1, given);
  axes->layers = g_new (NstLayerWeights, axes->n_layers);
  axes->layers[0] = recipe->style_layers;
  for (int i = 0; i < given; i++)
    if (!nst_list_parse_layers ("--style-layers", options.layers[i], &axes->layers[i], error))
      return FALSE;

  if (!unite (axes, error))
    return FALSE;

  if (options.alpha != NULL
      && (axes->alphas = nst_list_parse_numbers ("--alpha", options.alpha, 0, 1e9, FALSE, error)) == NULL)
    return FALSE;
  if (options.beta != NULL
      && (axes->betas = nst_list_parse_numbers ("--beta", options.beta, 0, 1e9, FALSE, error)) == NULL)
    return FALSE;
  if (axes->alphas == NULL)
    axes->alphas = g_array_append_val (g_array_new (FALSE, FALSE, sizeof (double)), recipe->alpha);
  if (axes->betas == NULL)
    axes->betas = g_array_append_val (g_array_new (FALSE, FALSE, sizeof (double)), recipe->beta);

  return TRUE;
}

/* The recipe of a cell: columns are betas; rows are alphas, repeated for each list of layers. */
static NstRecipe
cell_recipe (const Axes *axes, const NstRecipe *recipe, int row, int column)
{
  NstRecipe cell = *recipe;

  cell.alpha = g_array_index (axes->alphas, double, row % axes->alphas->len);
  cell.beta = g_array_index (axes->betas, double, column);
  cell.style_layers = axes->layers[row / axes->alphas->len];

  return cell;
}

/* Turns "a,b" into "a, b", so that long lists can be wrapped. */
static char *
spaced (const char *list)
{
  g_auto (GStrv) words = g_strsplit (list, ",", -1);

  return g_strjoinv (", ", words);
}

/* Alpha and beta, owned. */
static char *
cell_title (const NstRecipe *recipe)
{
  return g_strdup_printf ("\316\261 %g   \316\262 %g", recipe->alpha, recipe->beta);
}

/* The file name of a picture, owned. */
static char *
cell_name (int row, int column)
{
  return g_strdup_printf ("%d-%d.png", row + 1, column + 1);
}

static gboolean
add_files (NstFiles *files, const Axes *axes, GError **error)
{
  if (!nst_session_add_files (files, error) || !nst_files_write (files, "--output", options.output, error))
    return FALSE;
  for (guint row = 0; options.folder != NULL && row < axes->alphas->len * axes->n_layers; row++)
    for (guint column = 0; column < axes->betas->len; column++)
      {
        g_autofree char *name = cell_name (row, column);

        if (!nst_files_write_in (files, _ ("the result"), options.folder, name, error))
          return FALSE;
      }

  return TRUE;
}

/* Checks before painting that the network has all layers, and that the sheet can be drawn. */
static gboolean
check_size (const NstSession *session, const Axes *axes, GError **error)
{
  const int        columns = axes->betas->len, rows = axes->alphas->len * axes->n_layers;
  const NstImage  *content = session->scene->content;
  const NstRecipe  recipe = cell_recipe (axes, &session->recipe, 0, 0);
  g_autofree char *title = cell_title (&recipe);
  g_autofree char *note = NULL;
  NstPlan          plan;

  if (!nst_plan (&plan, session->model, &recipe, content->width, content->height, session->scene, error))
    return FALSE;
  for (int i = 0; options.layers != NULL && options.layers[i] != NULL; i++)
    if (note == NULL || strlen (options.layers[i]) > strlen (note))
      {
        g_free (note);
        note = spaced (options.layers[i]);
      }

  return nst_sheet_check_size (columns, rows * columns, plan.width, plan.height, title, note, error);
}

static gboolean
paint_cell (NstSession *session, const Axes *axes, NstSheet *sheet, int row, int column, GError **error)
{
  const int n = axes->alphas->len * axes->n_layers * axes->betas->len,
            k = row * axes->betas->len + column + 1;
  const NstRecipe  recipe = cell_recipe (axes, &session->recipe, row, column);
  g_autofree char *layers = options.layers != NULL ? spaced (options.layers[row / axes->alphas->len]) : NULL;
  g_autofree char *title = cell_title (&recipe);
  g_autofree char *label = g_strdup_printf ("%d/%d", k, n);
  g_autofree char *name = cell_name (row, column);
  g_autofree char *path = options.folder != NULL ? g_build_filename (options.folder, name, NULL) : NULL;

  return nst_sheet_paint (sheet, session, &recipe, label, title, layers, path, error);
}

static gboolean
grid (GError **error)
{
  g_auto (NstSession)  session = { NULL };
  g_auto (Axes)        axes = { NULL };
  g_autoptr (NstFiles) files = nst_files_new ();
  g_autoptr (NstSheet) sheet = NULL;
  gint64               begun = g_get_monotonic_time ();
  gboolean             good = TRUE;
  int                  rows;

  if (options.output == NULL)
    return nst_cli_usage (error, _ ("--output FILE is needed"));
  if (!nst_picture_check_path (options.output, NULL, error) || !nst_sheet_check (error)
      || !nst_session_make_recipe (&session.recipe, NULL, error) || !read_axes (&axes, &session.recipe, error)
      || !nst_files_lock_folder (files, options.folder, error) || !add_files (files, &axes, error)
      || !nst_session_open (&session, TRUE, TRUE, error) || !check_size (&session, &axes, error))
    return FALSE;

  session.share = TRUE;
  sheet = nst_sheet_new (axes.betas->len);
  rows = axes.alphas->len * axes.n_layers;
  for (int row = 0; row < rows && good; row++)
    for (guint column = 0; column < axes.betas->len && good; column++)
      good = paint_cell (&session, &axes, sheet, row, column, error);
  if (!nst_sheet_finish (sheet, good, options.output, error))
    return FALSE;
  g_printerr (_ ("%s: %d x %d pictures, %.1f s\n"), options.output, axes.betas->len, rows,
              (g_get_monotonic_time () - begun) * 1e-6);

  return TRUE;
}

const NstCommand nst_command_grid = { "grid",
                                      N_ ("Paint a contact sheet of one picture with several weights"),
                                      entries, shared, grid };
