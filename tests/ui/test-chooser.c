/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model chooser with a local server: download, refusal, stop, and a window that is closed in the
 * meantime. */
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>

#include "core/base/process.h"
#include "core/base/tsan.h"
#include "ui/widgets/model-chooser.h"
#include "weights/store.h"

#define PATIENCE 60.0 /* seconds; the machine may be loaded */

typedef enum
{
  WHOLE,
  HALF,
  FORBIDDEN
} Manner;

typedef struct
{
  GSocketService *server;
  char           *file; /* what is served */
  gsize           length;
  Manner          manner; /* read by the server's thread, as everything below, under lock */
  int             asked;
  GCond           cond;
  GMutex          lock;
  gboolean        go_on; /* HALF: the server may close the connection */

  GtkWidget       *window;
  NstModelChooser *chooser;
  int              changes;
} Fixture;

/* Answers any request as the fixture says. */
static gboolean
answer (GThreadedSocketService *server G_GNUC_UNUSED,
        GSocketConnection      *connection,
        GObject                *source G_GNUC_UNUSED,
        gpointer                data)
{
  Fixture         *f = data;
  GInputStream    *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream   *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  char             request[4096] = "";
  const char      *range;
  gsize            first = 0, n;
  g_autofree char *head = NULL;

  g_input_stream_read (input, request, sizeof request - 1, NULL, NULL);
  g_mutex_lock (&f->lock);
  NST_TAKE_OVER (&f->lock);
  f->asked++;
  range = strstr (request, "Range: bytes=");
  if (range != NULL)
    first = g_ascii_strtoull (range + 13, NULL, 10);
  n = (f->manner == HALF ? f->length / 2 : f->length) - first;
  head = f->manner == FORBIDDEN
             ? g_strdup ("HTTP/1.0 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
             : g_strdup_printf ("HTTP/1.0 %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                                first > 0 ? "206 Partial Content" : "200 OK", f->length - first);
  g_output_stream_write_all (output, head, strlen (head), NULL, NULL, NULL);
  if (f->manner != FORBIDDEN)
    g_output_stream_write_all (output, f->file + first, n, NULL, NULL, NULL);
  g_output_stream_flush (output, NULL, NULL);
  while (f->manner == HALF && !f->go_on)
    {
      NST_HAND_OVER (&f->lock);
      g_cond_wait (&f->cond, &f->lock);
      NST_TAKE_OVER (&f->lock);
    }
  NST_HAND_OVER (&f->lock);
  g_mutex_unlock (&f->lock);

  return TRUE;
}

static void
count (Fixture *f)
{
  f->changes++;
}

static void
setup (Fixture *f, gconstpointer manner)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *path = g_build_filename (g_getenv ("SRCDIR"), "tests/data/plain.safetensors", NULL);
  g_autofree char   *catalogue = g_build_filename (g_get_user_data_dir (), "pastiche/catalogue.json", NULL);
  g_autofree char   *models = nst_store_folder ();
  g_autofree char   *sum = nst_store_sum (path, G_CHECKSUM_SHA256, &error);
  g_autofree char   *text = NULL;
  int                port;

  g_assert_no_error (error);
  g_file_get_contents (path, &f->file, &f->length, &error);
  g_assert_no_error (error);
  f->manner = GPOINTER_TO_INT (manner);
  g_mutex_init (&f->lock);
  g_cond_init (&f->cond);
  NST_HAND_OVER (&f->lock);
  f->server = g_threaded_socket_service_new (4);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (f->server), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (f->server, "run", G_CALLBACK (answer), f);
  g_socket_service_start (f->server);

  g_assert_cmpint (g_mkdir_with_parents (models, 0755), ==, 0);
  text = g_strdup_printf (
      "{\"format\": 1, \"models\": [{\"name\": \"served\", \"title\": \"A test\", \"file\": \"served.bin\", "
      "\"megabytes\": %g, "
      "\"licence\": \"none at all\", \"sha256\": \"%s\", \"addresses\": [\"http://127.0.0.1:%d/x\"]}]}",
      f->length * 1e-6, sum, port);
  g_file_set_contents (catalogue, text, -1, &error);
  g_assert_no_error (error);

  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->chooser = NST_MODEL_CHOOSER (nst_model_chooser_new ());
  gtk_window_set_default_size (GTK_WINDOW (f->window), 360, -1);
  gtk_container_set_border_width (GTK_CONTAINER (f->window), 12);
  g_signal_connect_swapped (f->chooser, "changed", G_CALLBACK (count), f);
  gtk_container_add (GTK_CONTAINER (f->window), GTK_WIDGET (f->chooser));
  gtk_widget_show_all (f->window);
}

/* Delete the files of a folder. */
static void
empty (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char      *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
}

static void
teardown (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *models = nst_store_folder (), *downloads = nst_store_downloads ("served");

  g_clear_pointer (&f->window, gtk_widget_destroy);
  g_socket_service_stop (f->server);
  g_object_unref (f->server);
  empty (models);
  empty (downloads);
  g_free (f->file);
  g_cond_clear (&f->cond);
  g_mutex_clear (&f->lock);
}

/* Run the main loop until condition () holds. */
static void
wait_for (Fixture *f, gboolean (*condition) (Fixture *f))
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (!condition (f))
    {
      g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, PATIENCE);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

/* The chooser's children: the combo, the row with bar and button, the note. */
static GtkWidget *
child (Fixture *f, int i)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (f->chooser));

  return g_list_nth_data (children, i);
}

static gboolean
is_fetching (Fixture *f)
{
  return gtk_widget_get_visible (child (f, 1));
}

static gboolean
is_idle (Fixture *f)
{
  return !is_fetching (f);
}

static gboolean
shows_bytes (Fixture *f)
{
  g_autoptr (GList) row = gtk_container_get_children (GTK_CONTAINER (child (f, 1)));

  return gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (row->data)) > 0.4;
}

static void
stop (Fixture *f)
{
  g_autoptr (GList) row = gtk_container_get_children (GTK_CONTAINER (child (f, 1)));

  gtk_button_clicked (GTK_BUTTON (row->next->data));
}

static void
let_go (Fixture *f)
{
  g_mutex_lock (&f->lock);
  NST_TAKE_OVER (&f->lock);
  f->go_on = TRUE;
  f->manner = WHOLE;
  g_cond_broadcast (&f->cond);
  NST_HAND_OVER (&f->lock);
  g_mutex_unlock (&f->lock);
}

/* Called in the main loop of the question: check its text, then answer it. */
static gboolean
reply (gpointer data)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *i = windows; i != NULL; i = i->next)
    if (GTK_IS_MESSAGE_DIALOG (i->data) && gtk_widget_get_visible (i->data))
      {
        g_autofree char *text = NULL;

        g_object_get (i->data, "secondary-text", &text, NULL);
        g_assert_nonnull (strstr (text, "none at all"));
        g_assert_nonnull (strstr (text, "http://127.0.0.1"));
        gtk_dialog_response (i->data, GPOINTER_TO_INT (data));
        return G_SOURCE_REMOVE;
      }

  return G_SOURCE_CONTINUE;
}

static void
choose (Fixture *f, int response)
{
  g_timeout_add (20, reply, GINT_TO_POINTER (response));
  g_assert_true (gtk_combo_box_set_active_id (GTK_COMBO_BOX (child (f, 0)), "served"));
}

static int
number_asked (Fixture *f)
{
  int n;

  g_mutex_lock (&f->lock);
  NST_TAKE_OVER (&f->lock);
  n = f->asked;
  NST_HAND_OVER (&f->lock);
  g_mutex_unlock (&f->lock);

  return n;
}

/* The model's file, or the published file and its part in the folder of downloads. */
static void
assert_file (const char *name, gboolean there)
{
  g_autofree char *folder = g_str_has_suffix (name, ".safetensors") ? nst_store_folder ()
                                                                    : nst_store_downloads ("served");
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, there);
}

static void
assert_slim (Fixture *f)
{
  g_assert_cmpstr (nst_model_chooser_get (f->chooser), ==, "slim");
  g_assert_cmpstr (gtk_combo_box_get_active_id (GTK_COMBO_BOX (child (f, 0))), ==, "slim");
  g_assert_cmpint (f->changes, ==, 0);
  assert_file ("served.safetensors", FALSE);
}

static void
test_fetch (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  /* Nothing is requested before the user has agreed. */
  choose (f, GTK_RESPONSE_CANCEL);
  assert_slim (f);
  g_assert_cmpint (number_asked (f), ==, 0);

  choose (f, GTK_RESPONSE_ACCEPT);
  g_assert_true (is_fetching (f));
  g_assert_false (gtk_widget_get_sensitive (child (f, 0)));
  wait_for (f, is_idle);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (child (f, 2))), ==, "");
  g_assert_cmpstr (nst_model_chooser_get (f->chooser), ==, "served");
  g_assert_true (gtk_widget_get_sensitive (child (f, 0)));
  g_assert_cmpint (f->changes, ==, 1);
  assert_file ("served.safetensors", TRUE);
  assert_file ("served.bin", FALSE);
}

static void
test_stop (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  choose (f, GTK_RESPONSE_ACCEPT);
  wait_for (f, shows_bytes);
  stop (f);
  wait_for (f, is_idle);
  g_assert_true (gtk_widget_get_visible (child (f, 2)));
  assert_slim (f);
  assert_file ("served.bin.part", TRUE);

  /* The second download resumes and ends. */
  let_go (f);
  choose (f, GTK_RESPONSE_ACCEPT);
  wait_for (f, is_idle);
  g_assert_false (gtk_widget_get_visible (child (f, 2)));
  g_assert_cmpstr (nst_model_chooser_get (f->chooser), ==, "served");
  assert_file ("served.bin.part", FALSE);
}

static void
test_refused (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  choose (f, GTK_RESPONSE_ACCEPT);
  wait_for (f, is_idle);
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (child (f, 2))), "403"));
  assert_slim (f);
}

static gboolean
was_finalized (Fixture *f)
{
  return f->chooser == NULL;
}

/* The window is closed during a download: the thread ends, and no freed memory is used. */
static void
test_gone (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  choose (f, GTK_RESPONSE_ACCEPT);
  wait_for (f, shows_bytes);
  g_object_add_weak_pointer (G_OBJECT (f->chooser), (gpointer *) &f->chooser);
  g_clear_pointer (&f->window, gtk_widget_destroy);
  wait_for (f, was_finalized);
  assert_file ("served.bin.part", TRUE);
  assert_file ("served.safetensors", FALSE);
  let_go (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  nst_process_init (0);
  gtk_disable_setlocale ();
  if (!gtk_init_check (&argc, &argv))
    {
      g_print ("1..0 # SKIP there is no screen\n");
      return 0;
    }

  g_test_add ("/ui/model-chooser/fetch", Fixture, GINT_TO_POINTER (WHOLE), setup, test_fetch, teardown);
  g_test_add ("/ui/model-chooser/stop", Fixture, GINT_TO_POINTER (HALF), setup, test_stop, teardown);
  g_test_add ("/ui/model-chooser/refused", Fixture, GINT_TO_POINTER (FORBIDDEN), setup, test_refused,
              teardown);
  g_test_add ("/ui/model-chooser/gone", Fixture, GINT_TO_POINTER (HALF), setup, test_gone, teardown);

  return g_test_run ();
}
