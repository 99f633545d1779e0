/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command weights: lists, describes, fetches, verifies and removes networks. */
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "weights/catalogue.h"
#include "weights/fetch.h"
#include "weights/model-file.h"
#include "weights/store.h"

#define PATIENCE 60 /* default of --patience, in seconds */

static struct
{
  char   **operands;
  char    *sum;
  gboolean half, keep;
  int      patience;
} options = { .patience = PATIENCE };

static const GOptionEntry name_entries[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, N_ ("NAME") }, { NULL }
};

static const GOptionEntry file_entries[] = { { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
                                               &options.operands, NULL, N_ ("NAME|FILE") },
                                             { NULL } };

static const GOptionEntry verify_entries[] = { { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
                                                 &options.operands, NULL, N_ ("[NAME|FILE]") },
                                               { NULL } };

static const GOptionEntry fetch_entries[] = {
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half, N_ ("Store 16-bit numbers; halves the file size"), NULL },
  { "keep", 0, 0, G_OPTION_ARG_NONE, &options.keep, N_ ("Keep the published file too"), NULL },
  { "sha256", 0, 0, G_OPTION_ARG_STRING, &options.sum, N_ ("Checksum of the file, if none is published"),
    "SUM" },
  { "patience", 0, 0, G_OPTION_ARG_INT, &options.patience,
    N_ ("Seconds without a byte after which the next address is tried (default: 60)"), "S" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, N_ ("NAME") },
  { NULL }
};

/* list */

static gboolean
list (GError **error)
{
  g_autoptr (GPtrArray) catalogue = nst_catalogue_new (error);
  g_auto (GStrv)        names = nst_store_list ();

  if (catalogue == NULL)
    return FALSE;

  g_print (_ ("Installed (use with --model NAME):\n"));
  g_print (_ ("  %-24s built in\n"), "slim");
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = nst_store_find (names[i]);

      g_print ("  %-24s %s\n", names[i], path);
    }
  g_print ("\n");
  g_print (_ ("Available for download (pastiche weights fetch NAME):\n"));
  for (guint i = 0; i < catalogue->len; i++)
    {
      const NstCatalogueEntry *entry = g_ptr_array_index (catalogue, i);

      if (!g_strv_contains ((const char *const *) names, entry->name))
        g_print (entry->sum != NULL ? "  %-24s %4.0f MB  %s\n"
                                    : _ ("  %-24s %4.0f MB  %s (no published checksum: give one with "
                                         "--sha256, or import the file)\n"),
                 entry->name, entry->megabytes, entry->title);
    }

  return TRUE;
}

/* info */

static void
print_model (const NstModel *model)
{
  static const char *const colours[] = { "R", "G", "B" };
  gsize                    numbers = 0;

  g_print (_ ("Model     %s\n"), model->name);
  if (model->source != NULL)
    g_print (_ ("Source    %s\n"), model->source);
  if (model->licence != NULL)
    g_print (_ ("Licence   %s\n"), model->licence);
  g_print (_ ("Input     (%s%s%s * %g - (%g %g %g)) / (%g %g %g)\n"), colours[model->order[0]],
           colours[model->order[1]], colours[model->order[2]], model->scale, model->mean[0], model->mean[1],
           model->mean[2], model->std[0], model->std[1], model->std[2]);
  g_print (_ ("Pooling   %s\n"), model->pooling == NST_POOLING_MAX ? "max" : "average");
  g_print (_ ("Layers   "));
  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind != NST_LAYER_CONV)
        continue;
      g_print (" %s %d", layer->name, layer->out_channels);
      if (layer->head_channels > 0)
        g_print (_ (" (head %d)"), layer->head_channels);
      numbers += (gsize) layer->out_channels * (layer->in_channels * 9 + 1)
                 + (gsize) layer->head_channels * (layer->out_channels + 1);
    }
  g_print ("\n");
  g_print (_ ("Memory    %.1f MB\n"), numbers * 4e-6);
}

static void
print_entry (const NstCatalogueEntry *entry)
{
  g_print ("%s: %s\n", entry->name, entry->title);
  g_print (_ ("File      %s, about %.0f MB\n"), entry->file, entry->megabytes);
  g_print (_ ("Licence   %s\n"), entry->licence);
  if (entry->sum == NULL)
    g_print (_ ("Checksum  none is published\n"));
  else if (entry->sum_type == G_CHECKSUM_MD5)
    g_print (_ ("Checksum  MD5 %s\n"), entry->sum);
  else if (strlen (entry->sum) < 64)
    g_print (_ ("Checksum  SHA-256 %s... (first digits only)\n"), entry->sum);
  else
    g_print (_ ("Checksum  SHA-256 %s\n"), entry->sum);
  if (entry->sum_by != NULL)
    g_print (_ ("          published by %s\n"), entry->sum_by);
  for (int i = 0; entry->addresses[i] != NULL; i++)
    g_print (_ ("Address   %s\n"), entry->addresses[i]);
}

static gboolean
info (GError **error)
{
  g_autoptr (GPtrArray)    catalogue = NULL;
  g_autoptr (NstModel)     model = NULL;
  g_autoptr (GError)       missing = NULL;
  const NstCatalogueEntry *entry;
  const char              *operand;

  if (!nst_cli_operand (options.operands, _ ("name or file"), TRUE, &operand, error)
      || (catalogue = nst_catalogue_new (error)) == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, operand);
  if (entry != NULL)
    print_entry (entry);
  model = nst_model_get (operand, &missing);
  if (model != NULL)
    print_model (model);
  else if (entry != NULL && g_error_matches (missing, NST_ERROR, NST_ERROR_ARGUMENT))
    g_print (_ ("It is not installed. Download it with \"pastiche weights fetch %s\"\n"), entry->name);
  else
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }

  return TRUE;
}

/* fetch */

/* An NstDownloadFunc for a terminal: overwrites one line, at most four times a second. data: the time of the
 * last line, a gint64. */
static void
show_bytes (guint64 bytes, guint64 whole, gpointer data)
{
  gint64          *shown = data, now = g_get_monotonic_time ();
  g_autofree char *text = NULL;

  if (now - *shown < G_USEC_PER_SEC / 4 || !isatty (STDERR_FILENO))
    return;
  *shown = now;
  if (whole > 0)
    text = g_strdup_printf (_ ("%.1f of %.1f MB, %.0f %%"), bytes * 1e-6, whole * 1e-6,
                            100.0 * bytes / whole);
  else
    text = g_strdup_printf (_ ("%.1f MB"), bytes * 1e-6);
  nst_terminal_overwrite (text);
}

static gboolean
fetch (GError **error)
{
  g_autoptr (GPtrArray)    catalogue = NULL;
  g_autofree char         *path = NULL;
  const NstCatalogueEntry *entry;
  NstFetchOptions          how = { options.sum, options.half, options.keep, options.patience };
  const char              *operand;
  gint64                   shown = 0;
  gboolean                 good;

  if (!nst_cli_operand (options.operands, _ ("name"), TRUE, &operand, error)
      || (catalogue = nst_catalogue_new (error)) == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, operand);
  if (entry == NULL)
    {
      g_autofree char *found = nst_text_quote (operand);

      return nst_cli_usage (
          error, _ ("The catalogue has no model \"%s\"; \"pastiche weights list\" shows its models"), found);
    }
  if (options.patience < 1)
    return nst_cli_usage (error, _ ("--patience: expected at least 1 second, found %d"), options.patience);
  if (options.sum != NULL && (strlen (options.sum) != 64 || strspn (options.sum, "0123456789abcdef") != 64))
    {
      g_autofree char *found = nst_text_quote (options.sum);

      return nst_cli_usage (error, _ ("--sha256: expected 64 digits from 0 to 9 and a to f, found \"%s\""),
                            found);
    }

  g_printerr (_ ("%s, about %.0f MB, from %s\n"), entry->file, entry->megabytes, entry->addresses[0]);
  good = nst_fetch (entry, &how, show_bytes, &shown, nst_session_cancellable (), &path, error);
  if (shown > 0)
    g_printerr ("\n");
  if (good)
    g_print (_ ("%s: use it with --model %s\n"), path, entry->name);

  return good;
}

/* verify, remove */

static gboolean
verify_one (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *sum = NULL;
  gboolean           good = nst_store_verify (path, &sum, &error);

  if (good)
    g_print (_ ("good  %s  SHA-256 %s\n"), path, sum);
  else
    g_print (_ ("BAD   %s\n"), error->message);

  return good;
}

static gboolean
verify (GError **error)
{
  g_auto (GStrv)   names = nst_store_list ();
  g_autofree char *path = NULL;
  const char      *operand;
  int              bad = 0, n = 0;

  if (!nst_cli_operand (options.operands, _ ("name or file"), FALSE, &operand, error))
    return FALSE;
  if (operand != NULL)
    {
      if (nst_store_is_name (operand))
        path = nst_store_find (operand);
      if (path == NULL && g_file_test (operand, G_FILE_TEST_EXISTS))
        path = g_strdup (operand);
      if (path == NULL)
        {
          g_autofree char *found = nst_text_quote (operand);

          return nst_cli_usage (error,
                                _ ("There is no model \"%s\"; \"pastiche weights list\" shows those that are "
                                   "installed"),
                                found);
        }
      n = 1;
      bad = !verify_one (path);
    }
  else
    for (; names[n] != NULL; n++)
      {
        g_autofree char *file = nst_store_find (names[n]);

        bad += file == NULL || !verify_one (file);
      }
  if (n == 0)
    g_print (_ ("There are no models except the built-in one\n"));
  if (bad > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("%d of %d models are damaged; fetch or import them again"), bad, n);

  return bad == 0;
}

static gboolean
remove_model (GError **error)
{
  const char *operand;

  return nst_cli_operand (options.operands, _ ("name"), TRUE, &operand, error)
         && nst_store_remove (operand, error);
}

static const NstCommand command_list = {
  .name = "list",
  .summary = N_ ("List the installed networks and those that can be fetched"),
  .run = list,
};
static const NstCommand command_info = {
  .name = "info",
  .summary = N_ ("Show layers, preprocessing, source and licence of a network"),
  .entries = file_entries,
  .run = info,
};
static const NstCommand command_fetch = {
  .name = "fetch",
  .summary = N_ ("Download, check and store a network of the catalogue"),
  .entries = fetch_entries,
  .run = fetch,
};
static const NstCommand command_verify = {
  .name = "verify",
  .summary = N_ ("Check that networks are undamaged and load"),
  .entries = verify_entries,
  .run = verify,
};
static const NstCommand command_remove = {
  .name = "remove",
  .summary = N_ ("Delete a network from your own folder"),
  .entries = name_entries,
  .run = remove_model,
};

static const NstCommand *const verbs[] = { &command_list,       &command_info,        &command_fetch,
                                           &nst_command_import, &nst_command_convert, &nst_command_normalise,
                                           &command_verify,     &command_remove,      NULL };

const NstCommand nst_command_weights = {
  .name = "weights",
  .summary = N_ ("List, fetch, import and check networks"),
  .verbs = verbs,
};
