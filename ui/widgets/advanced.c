/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controls of a recipe that few users change, in a grid. */
#include "ui/widgets/advanced.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/widgets/resources.h"

enum
{
  NAME,
  CONTENT,
  STYLE,
  N_COLUMNS
};

struct _NstAdvanced
{
  GtkGrid parent;

  GtkWidget    *layers, *model_box;
  GtkWidget    *iterations, *init, *noise, *seed, *pooling, *optimizer, *history, *learning_rate;
  GtkListStore *store; /* owned */
  gboolean      loading;
};

G_DEFINE_TYPE (NstAdvanced, nst_advanced, GTK_TYPE_GRID)

static guint changed_signal;

/* A control that has no effect with the present choices is insensitive. */
static void
update (NstAdvanced *advanced)
{
  const gboolean noisy = gtk_combo_box_get_active (GTK_COMBO_BOX (advanced->init)) == NST_INIT_NOISE;
  const gboolean lbfgs = gtk_combo_box_get_active (GTK_COMBO_BOX (advanced->optimizer))
                         == NST_OPTIMIZER_LBFGS;

  gtk_widget_set_sensitive (advanced->noise, !noisy);
  gtk_widget_set_sensitive (advanced->seed,
                            noisy || gtk_spin_button_get_value (GTK_SPIN_BUTTON (advanced->noise)) > 0);
  gtk_widget_set_sensitive (advanced->history, lbfgs);
  gtk_widget_set_sensitive (advanced->learning_rate, !lbfgs);
}

static void
changed (NstAdvanced *advanced)
{
  if (advanced->loading)
    return;

  update (advanced);
  g_signal_emit (advanced, changed_signal, 0);
}

/* Layers */

/* The weight of a layer of the model in a list. The engine's function finds the layer of a name. */
static double
find_weight (const NstModel *model, const NstLayerWeights *list, int layer)
{
  for (int i = 0; i < list->n; i++)
    if (nst_model_find_layer (model, list->layers[i].layer) == layer)
      return list->layers[i].weight;

  return 0;
}

/* A layer whose name does not fit into a recipe cannot be chosen. */
static void
load_layers (NstAdvanced *advanced, const NstModel *model, const NstRecipe *recipe)
{
  gtk_list_store_clear (advanced->store);
  for (int i = 0; i < model->n_layers; i++)
    if (model->layers[i].kind == NST_LAYER_CONV
        && strlen (model->layers[i].name) < sizeof recipe->style_layers.layers[0].layer)
      gtk_list_store_insert_with_values (advanced->store, NULL, -1, NAME, model->layers[i].name, CONTENT,
                                         find_weight (model, &recipe->content_layers, i), STYLE,
                                         find_weight (model, &recipe->style_layers, i), -1);
}

static void
read_layers (NstAdvanced *advanced, int column, NstLayerWeights *list)
{
  GtkTreeModel *model = GTK_TREE_MODEL (advanced->store);
  GtkTreeIter   row;

  list->n = 0;
  for (gboolean more = gtk_tree_model_get_iter_first (model, &row); more && list->n < NST_MAX_LAYERS;
       more = gtk_tree_model_iter_next (model, &row))
    {
      g_autofree char *name = NULL;
      double           weight;

      gtk_tree_model_get (model, &row, NAME, &name, column, &weight, -1);
      if (weight <= 0)
        continue;
      g_strlcpy (list->layers[list->n].layer, name, sizeof list->layers[0].layer);
      list->layers[list->n++].weight = weight;
    }
}

static void
show_weight (GtkTreeViewColumn *column G_GNUC_UNUSED,
             GtkCellRenderer   *cell,
             GtkTreeModel      *model,
             GtkTreeIter       *row,
             gpointer           index)
{
  g_autofree char *text = NULL;
  double           weight;

  gtk_tree_model_get (model, row, GPOINTER_TO_INT (index), &weight, -1);
  text = g_strdup_printf ("%.4g", weight);
  g_object_set (cell, "text", text, "sensitive", weight > 0, NULL);
}

static void
weight_edited (NstAdvanced *advanced, const char *path, const char *text, GtkCellRenderer *cell)
{
  const int   column = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (cell), "column"));
  char       *end;
  double      weight = g_ascii_strtod (text, &end);
  GtkTreeIter row;

  if (end == text || !(weight >= 0 && weight <= 1e9)
      || !gtk_tree_model_get_iter_from_string (GTK_TREE_MODEL (advanced->store), &row, path))
    return;

  gtk_list_store_set (advanced->store, &row, column, weight, -1);
  changed (advanced);
}

static void
add_weights (NstAdvanced *advanced, const char *title, int index)
{
  GtkCellRenderer   *cell = gtk_cell_renderer_text_new ();
  GtkTreeViewColumn *column = gtk_tree_view_column_new_with_attributes (title, cell, NULL);

  g_object_set (cell, "editable", TRUE, "xalign", 1.0, NULL);
  g_object_set_data (G_OBJECT (cell), "column", GINT_TO_POINTER (index));
  gtk_tree_view_column_set_cell_data_func (column, cell, show_weight, GINT_TO_POINTER (index), NULL);
  gtk_tree_view_column_set_alignment (column, 1.0);
  gtk_tree_view_column_set_expand (column, TRUE);
  gtk_tree_view_append_column (GTK_TREE_VIEW (advanced->layers), column);
  g_signal_connect_swapped (cell, "edited", G_CALLBACK (weight_edited), advanced);
}

static void
make_layers (NstAdvanced *advanced)
{
  advanced->store = gtk_list_store_new (N_COLUMNS, G_TYPE_STRING, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  gtk_tree_view_set_model (GTK_TREE_VIEW (advanced->layers), GTK_TREE_MODEL (advanced->store));
  gtk_tree_view_append_column (GTK_TREE_VIEW (advanced->layers),
                               gtk_tree_view_column_new_with_attributes (_ ("Layer"),
                                                                         gtk_cell_renderer_text_new (),
                                                                         "text", NAME, NULL));
  add_weights (advanced, _ ("Content"), CONTENT);
  add_weights (advanced, _ ("Style"), STYLE);
}

/* Recipe */

/* The rows of advanced.ui have the numbers of NST_INIT_CONTENT and NST_INIT_NOISE; NST_INIT_IMAGE is the
 * next. */
static void
show_start_row (NstAdvanced *advanced, gboolean shown)
{
  GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT (advanced->init);

  gtk_combo_box_text_remove (combo, NST_INIT_IMAGE);
  if (shown)
    gtk_combo_box_text_append (combo, NULL, _ ("The start picture"));
}

void
nst_advanced_load (NstAdvanced *advanced, const NstModel *model, const NstRecipe *recipe, gboolean has_start)
{
  advanced->loading = TRUE;
  load_layers (advanced, model, recipe);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (advanced->iterations), recipe->iterations);
  show_start_row (advanced, has_start);
  gtk_combo_box_set_active (GTK_COMBO_BOX (advanced->init), recipe->init);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (advanced->noise), recipe->noise);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (advanced->seed), recipe->seed);
  gtk_combo_box_set_active (GTK_COMBO_BOX (advanced->pooling), recipe->pooling);
  gtk_combo_box_set_active (GTK_COMBO_BOX (advanced->optimizer), recipe->optimizer);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (advanced->history), recipe->history);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (advanced->learning_rate), recipe->learning_rate);
  update (advanced);
  advanced->loading = FALSE;
}

void
nst_advanced_read (NstAdvanced *advanced, NstRecipe *recipe)
{
  read_layers (advanced, CONTENT, &recipe->content_layers);
  read_layers (advanced, STYLE, &recipe->style_layers);
  recipe->iterations = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (advanced->iterations));
  recipe->init = gtk_combo_box_get_active (GTK_COMBO_BOX (advanced->init));
  recipe->noise = gtk_spin_button_get_value (GTK_SPIN_BUTTON (advanced->noise));
  recipe->seed = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (advanced->seed));
  recipe->pooling = gtk_combo_box_get_active (GTK_COMBO_BOX (advanced->pooling));
  recipe->optimizer = gtk_combo_box_get_active (GTK_COMBO_BOX (advanced->optimizer));
  recipe->history = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (advanced->history));
  recipe->learning_rate = MAX (1e-9, gtk_spin_button_get_value (GTK_SPIN_BUTTON (advanced->learning_rate)));
}

GtkWidget *
nst_advanced_get_model_box (NstAdvanced *advanced)
{
  return advanced->model_box;
}

/* Class */

static void
nst_advanced_finalize (GObject *object)
{
  g_object_unref (NST_ADVANCED (object)->store);
  G_OBJECT_CLASS (nst_advanced_parent_class)->finalize (object);
}

static void
nst_advanced_class_init (NstAdvancedClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = nst_advanced_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  g_resources_register (nst_ui_get_resource ());
  gtk_widget_class_set_template_from_resource (widget, NST_RESOURCES "advanced.ui");
  gtk_widget_class_bind_template_child (widget, NstAdvanced, layers);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, model_box);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, iterations);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, init);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, noise);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, seed);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, pooling);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, optimizer);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, history);
  gtk_widget_class_bind_template_child (widget, NstAdvanced, learning_rate);
}

static void
nst_advanced_init (NstAdvanced *advanced)
{
  GtkWidget **const controls[] = { &advanced->iterations, &advanced->init,         &advanced->noise,
                                   &advanced->seed,       &advanced->pooling,      &advanced->optimizer,
                                   &advanced->history,    &advanced->learning_rate };

  gtk_widget_init_template (GTK_WIDGET (advanced));
  make_layers (advanced);
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    g_signal_connect_swapped (*controls[i], GTK_IS_SPIN_BUTTON (*controls[i]) ? "value-changed" : "changed",
                              G_CALLBACK (changed), advanced);
}
