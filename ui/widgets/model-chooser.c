/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the model from a list, and downloads models of the catalogue in a thread. */
#include "ui/widgets/model-chooser.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/thread.h"
#include "core/base/tsan.h"
#include "ui/widgets/message-label.h"
#include "weights/fetch.h"
#include "weights/store.h"

#define EMBEDDED "slim"
#define OTHER "/"   /* id of the row "Choose file..."; no model has this name */
#define PATIENCE 60 /* seconds without data after which a mirror is given up */

struct _NstModelChooser
{
  GtkBox parent;

  GtkWidget    *combo, *row, *bar, *note; /* children; row: bar and its stop button */
  GPtrArray    *catalogue;                /* owned; NULL: it cannot be read */
  char         *model;                    /* owned */
  GCancellable *cancellable;              /* owned; of the current download, or NULL */
  gboolean      loading;                  /* rows are being made: the user has chosen nothing */

  GMutex  lock;
  guint64 bytes, whole; /* downloaded and expected; under lock */
  guint   ticker;
};

G_DEFINE_TYPE (NstModelChooser, nst_model_chooser, GTK_TYPE_BOX)

static guint changed_signal;

static void
say (NstModelChooser *chooser, const char *text)
{
  nst_message_label_set (GTK_LABEL (chooser->note), text != NULL ? text : "");
  gtk_widget_set_visible (chooser->note, text != NULL);
}

static void
add_row (NstModelChooser *chooser, const char *id, const char *text)
{
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (chooser->combo), id, text);
}

/* Rows: the built-in model, installed models, the chosen file if it is one, models to download, "Choose
 * file...". */
static void
reload (NstModelChooser *chooser)
{
  g_auto (GStrv) names = nst_store_list ();

  chooser->loading = TRUE;
  gtk_combo_box_text_remove_all (GTK_COMBO_BOX_TEXT (chooser->combo));
  add_row (chooser, EMBEDDED, _ ("Built in (slim)"));
  for (int i = 0; names[i] != NULL; i++)
    add_row (chooser, names[i], names[i]);
  if (strcmp (chooser->model, EMBEDDED) != 0
      && !g_strv_contains ((const char *const *) names, chooser->model))
    {
      g_autofree char *name = g_filename_display_basename (chooser->model);

      add_row (chooser, chooser->model, name);
    }
  for (guint i = 0; chooser->catalogue != NULL && nst_download_possible () && i < chooser->catalogue->len;
       i++)
    {
      const NstCatalogueEntry *entry = g_ptr_array_index (chooser->catalogue, i);

      if (entry->sum != NULL && !g_strv_contains ((const char *const *) names, entry->name)
          && strcmp (entry->name, chooser->model) != 0)
        {
          g_autofree char *text = g_strdup_printf (_ ("Download %s (%.0f MB)…"), entry->name,
                                                   entry->megabytes);

          add_row (chooser, entry->name, text);
        }
    }
  add_row (chooser, OTHER, _ ("Choose file…"));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (chooser->combo), chooser->model);
  chooser->loading = FALSE;
}

static void
take (NstModelChooser *chooser, const char *model)
{
  g_autofree char *before = chooser->model;

  chooser->model = g_strdup (model);
  reload (chooser);
  g_signal_emit (chooser, changed_signal, 0);
}

/* Download */

typedef struct
{
  NstModelChooser         *chooser;   /* ref */
  GPtrArray               *catalogue; /* ref; entry is in it */
  const NstCatalogueEntry *entry;
} Fetching;

static void
fetching_free (gpointer data)
{
  Fetching *fetching = data;

  NST_TAKE_OVER (fetching);
  g_object_unref (fetching->chooser);
  g_ptr_array_unref (fetching->catalogue);
  g_free (fetching);
}

/* Called in the thread that downloads. */
static void
note_bytes (guint64 bytes, guint64 whole, gpointer data)
{
  NstModelChooser *chooser = data;

  g_mutex_lock (&chooser->lock);
  NST_TAKE_OVER (&chooser->lock);
  chooser->bytes = bytes;
  chooser->whole = whole;
  NST_HAND_OVER (&chooser->lock);
  g_mutex_unlock (&chooser->lock);
}

static void
fetch_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  Fetching       *fetching = data;
  NstFetchOptions options = { .patience = PATIENCE };
  GError         *error = NULL;
  gboolean        good;

  NST_TAKE_OVER (fetching);
  good = nst_fetch (fetching->entry, &options, note_bytes, fetching->chooser, cancellable, NULL, &error);
  NST_HAND_OVER (fetching);
  if (good)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
show_progress (gpointer data)
{
  NstModelChooser *chooser = data;
  g_autofree char *text = NULL;
  guint64          bytes, whole;

  g_mutex_lock (&chooser->lock);
  NST_TAKE_OVER (&chooser->lock);
  bytes = chooser->bytes;
  whole = chooser->whole;
  NST_HAND_OVER (&chooser->lock);
  g_mutex_unlock (&chooser->lock);

  if (whole > 0)
    {
      text = g_strdup_printf (_ ("%.0f of %.0f MB"), bytes * 1e-6, whole * 1e-6);
      gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (chooser->bar), CLAMP ((double) bytes / whole, 0, 1));
    }
  else
    {
      text = g_strdup_printf (_ ("%.0f MB"), bytes * 1e-6);
      gtk_progress_bar_pulse (GTK_PROGRESS_BAR (chooser->bar));
    }
  gtk_progress_bar_set_text (GTK_PROGRESS_BAR (chooser->bar), text);

  return G_SOURCE_CONTINUE;
}

static void
end_fetching (NstModelChooser *chooser)
{
  g_clear_object (&chooser->cancellable);
  g_clear_handle_id (&chooser->ticker, g_source_remove);
  if (gtk_widget_in_destruction (GTK_WIDGET (chooser)) || chooser->combo == NULL)
    return;

  gtk_widget_hide (chooser->row);
  gtk_widget_set_sensitive (chooser->combo, TRUE);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  NstModelChooser   *chooser = NST_MODEL_CHOOSER (source);
  const Fetching    *fetching = g_task_get_task_data (G_TASK (result));
  g_autofree char   *name = NULL;
  g_autoptr (GError) error = NULL;
  gboolean           good = g_task_propagate_boolean (G_TASK (result), &error);

  NST_TAKE_OVER (fetching);
  name = g_strdup (fetching->entry->name);
  end_fetching (chooser);
  if (chooser->combo == NULL) /* the dialog was closed in the meantime */
    return;

  if (good)
    take (chooser, name);
  else
    {
      reload (chooser);
      say (chooser, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                        ? _ ("Stopped. Download it again to resume.")
                        : error->message);
    }
}

static gboolean
confirm (NstModelChooser *chooser, const NstCatalogueEntry *entry)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (chooser));
  GtkWidget *question = gtk_message_dialog_new (GTK_IS_WINDOW (top) ? GTK_WINDOW (top) : NULL,
                                                GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
                                                _ ("Download %s?"), entry->name);
  int answer;

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (question),
                                            _ ("%s\n\nAbout %.0f MB from\n%s\n\nLicence: %s"), entry->title,
                                            entry->megabytes, entry->addresses[0], entry->licence);
  nst_message_label_init_dialog (GTK_MESSAGE_DIALOG (question));
  gtk_dialog_add_buttons (GTK_DIALOG (question), _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Download"),
                          GTK_RESPONSE_ACCEPT, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (question), GTK_RESPONSE_ACCEPT);
  answer = gtk_dialog_run (GTK_DIALOG (question));
  gtk_widget_destroy (question);

  return answer == GTK_RESPONSE_ACCEPT;
}

static void
fetch (NstModelChooser *chooser, const NstCatalogueEntry *entry)
{
  Fetching         *fetching;
  g_autoptr (GTask) task = NULL;

  if (!confirm (chooser, entry))
    {
      reload (chooser);
      return;
    }

  chooser->bytes = chooser->whole = 0;
  chooser->cancellable = g_cancellable_new ();
  gtk_widget_set_sensitive (chooser->combo, FALSE);
  gtk_widget_show (chooser->row);
  chooser->ticker = g_timeout_add (200, show_progress, chooser);

  fetching = g_new0 (Fetching, 1);
  fetching->chooser = g_object_ref (chooser);
  fetching->catalogue = g_ptr_array_ref (chooser->catalogue);
  fetching->entry = entry;
  task = g_task_new (chooser, chooser->cancellable, fetched, NULL);
  g_task_set_task_data (task, fetching, fetching_free);
  NST_HAND_OVER (fetching);
  nst_task_run (task, fetch_thread);
}

static void
stop_fetching (NstModelChooser *chooser)
{
  if (chooser->cancellable != NULL)
    g_cancellable_cancel (chooser->cancellable);
}

/* Choosing */

static void
choose_file (NstModelChooser *chooser)
{
  GtkWidget                       *top = gtk_widget_get_toplevel (GTK_WIDGET (chooser));
  g_autoptr (GtkFileChooserNative) native = gtk_file_chooser_native_new (_ ("Choose a Model File"),
                                                                         GTK_IS_WINDOW (top)
                                                                             ? GTK_WINDOW (top)
                                                                             : NULL,
                                                                         GTK_FILE_CHOOSER_ACTION_OPEN,
                                                                         _ ("_Open"), _ ("_Cancel"));
  GtkFileFilter                   *known = gtk_file_filter_new (), *all = gtk_file_filter_new ();
  g_autofree char                 *file = NULL;

  gtk_file_filter_set_name (known, _ ("VGG-16 and VGG-19 model files"));
  for (int i = 0; i < 6; i++)
    gtk_file_filter_add_pattern (known, ((const char *[]){ "*.safetensors", "*.pth", "*.npz", "*.h5", "*.mat",
                                                           "*.caffemodel" })[i]);
  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (native), known);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (native), all);

  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (native)) == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (native));
  if (file != NULL)
    take (chooser, file);
  else
    reload (chooser);
}

static void
row_chosen (NstModelChooser *chooser)
{
  g_autofree char         *id = g_strdup (gtk_combo_box_get_active_id (GTK_COMBO_BOX (chooser->combo)));
  g_autofree char         *there = NULL;
  const NstCatalogueEntry *entry;

  if (chooser->loading || id == NULL || strcmp (id, chooser->model) == 0)
    return;

  say (chooser, NULL);
  if (strcmp (id, OTHER) == 0)
    {
      choose_file (chooser);
      return;
    }
  there = nst_store_find (id);
  entry = chooser->catalogue != NULL ? nst_catalogue_find (chooser->catalogue, id) : NULL;
  if (entry != NULL && there == NULL)
    fetch (chooser, entry);
  else
    take (chooser, id);
}

void
nst_model_chooser_set (NstModelChooser *chooser, const char *model)
{
  g_autofree char *before = chooser->model;

  chooser->model = g_strdup (model);
  reload (chooser);
}

const char *
nst_model_chooser_get (NstModelChooser *chooser)
{
  return chooser->model;
}

/* Class */

static void
nst_model_chooser_dispose (GObject *object)
{
  NstModelChooser *chooser = NST_MODEL_CHOOSER (object);

  stop_fetching (chooser);
  g_clear_handle_id (&chooser->ticker, g_source_remove);
  chooser->combo = NULL;
  G_OBJECT_CLASS (nst_model_chooser_parent_class)->dispose (object);
}

static void
nst_model_chooser_finalize (GObject *object)
{
  NstModelChooser *chooser = NST_MODEL_CHOOSER (object);

  g_clear_object (&chooser->cancellable);
  g_clear_pointer (&chooser->catalogue, g_ptr_array_unref);
  g_free (chooser->model);
  g_mutex_clear (&chooser->lock);
  G_OBJECT_CLASS (nst_model_chooser_parent_class)->finalize (object);
}

static void
nst_model_chooser_class_init (NstModelChooserClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = nst_model_chooser_dispose;
  object_class->finalize = nst_model_chooser_finalize;
  changed_signal = g_signal_new ("changed", NST_TYPE_MODEL_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
make_progress (NstModelChooser *chooser)
{
  GtkWidget *stop = gtk_button_new_with_label (_ ("Stop downloading"));

  chooser->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  chooser->bar = gtk_progress_bar_new ();
  gtk_progress_bar_set_show_text (GTK_PROGRESS_BAR (chooser->bar), TRUE);
  gtk_widget_set_valign (chooser->bar, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (stop, "clicked", G_CALLBACK (stop_fetching), chooser);
  gtk_box_pack_start (GTK_BOX (chooser->row), chooser->bar, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (chooser->row), stop, FALSE, FALSE, 0);
  gtk_widget_show_all (chooser->row);
  gtk_widget_hide (chooser->row);
  gtk_widget_set_no_show_all (chooser->row, TRUE);
}

static void
nst_model_chooser_init (NstModelChooser *chooser)
{
  GtkCellRenderer *cell;
  GList           *cells;

  g_mutex_init (&chooser->lock);
  chooser->model = g_strdup (EMBEDDED);
  /* A user's catalogue that cannot be read is ignored here; "pastiche weights list" shows the error. */
  chooser->catalogue = nst_catalogue_new (NULL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (chooser), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (chooser), 6);

  chooser->combo = gtk_combo_box_text_new ();
  cells = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (chooser->combo));
  cell = cells->data;
  g_object_set (cell, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, NULL);
  g_list_free (cells);
  gtk_widget_set_tooltip_text (chooser->combo,
                               _ ("The network that analyses the pictures: the built-in one, an installed "
                                  "one, one to download, or a model file"));
  atk_object_set_name (gtk_widget_get_accessible (chooser->combo), _ ("Model"));
  g_signal_connect_swapped (chooser->combo, "changed", G_CALLBACK (row_chosen), chooser);

  chooser->note = gtk_label_new (NULL);
  nst_message_label_init (GTK_LABEL (chooser->note));
  gtk_label_set_xalign (GTK_LABEL (chooser->note), 0);
  gtk_label_set_selectable (GTK_LABEL (chooser->note), TRUE);
  gtk_widget_set_no_show_all (chooser->note, TRUE);

  make_progress (chooser);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->combo, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), chooser->note, FALSE, FALSE, 0);
  gtk_widget_show (chooser->combo);
  reload (chooser);
}

GtkWidget *
nst_model_chooser_new (void)
{
  return g_object_new (NST_TYPE_MODEL_CHOOSER, NULL);
}
