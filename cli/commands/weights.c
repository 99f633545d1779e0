/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "core/base/error.h"
#include "weights/catalogue.h"
#include "weights/fetch.h"
#include "weights/model-file.h"
#include "weights/store.h"

#define PATIENCE 60 /* seconds without a byte */

/* Networks: which there are, and getting, checking and removing them. */

static struct
{
  char   **operands;
  char    *sum;
  gboolean half, keep;
  int      patience;
} options = { .patience = PATIENCE };

static const GOptionEntry name_entries[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, "NAME" }, { NULL }
};

static const GOptionEntry file_entries[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, "NAME|FILE" }, { NULL }
};

static const GOptionEntry verify_entries[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, "[NAME|FILE]" }, { NULL }
};

static const GOptionEntry fetch_entries[] = {
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half, "Keep 16-bit numbers, half the size", NULL },
  { "keep", 0, 0, G_OPTION_ARG_NONE, &options.keep, "Keep the file as it was published, too", NULL },
  { "sha256", 0, 0, G_OPTION_ARG_STRING, &options.sum, "The sum of the file, where none is published",
    "SUM" },
  { "patience", 0, 0, G_OPTION_ARG_INT, &options.patience,
    "Seconds without a byte before an address is given up; by default 60", "S" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.operands, NULL, "NAME" },
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

  g_print ("There now (--model NAME):\n  %-24s the one in the program\n", "slim");
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = nst_store_find (names[i]);

      g_print ("  %-24s %s\n", names[i], path);
    }
  g_print ("\nTo be fetched (pastiche weights fetch NAME), and only when you say so:\n");
  for (guint i = 0; i < catalogue->len; i++)
    {
      const NstCatalogueEntry *entry = g_ptr_array_index (catalogue, i);

      if (!g_strv_contains ((const char *const *) names, entry->name))
        g_print ("  %-24s %4.0f MB  %s%s\n", entry->name, entry->megabytes, entry->title,
                 entry->sum != NULL ? ""
                                    : " (no sum is published: give one with --sha256, or import the file)");
    }

  return TRUE;
}

/* info */

static void
print_model (const NstModel *model)
{
  static const char *const colours[] = { "R", "G", "B" };
  gsize                    numbers = 0;

  g_print ("Model     %s\n", model->name);
  if (model->source != NULL)
    g_print ("Source    %s\n", model->source);
  if (model->licence != NULL)
    g_print ("Licence   %s\n", model->licence);
  g_print ("Input     %s%s%s times %g, minus %g %g %g, over %g %g %g\n", colours[model->order[0]],
           colours[model->order[1]], colours[model->order[2]], model->scale, model->mean[0], model->mean[1],
           model->mean[2], model->std[0], model->std[1], model->std[2]);
  g_print ("Pooling   %s\n", model->pooling == NST_POOLING_MAX ? "max" : "average");
  g_print ("Layers   ");
  for (int i = 0; i < model->n_layers; i++)
    {
      const NstLayer *layer = &model->layers[i];

      if (layer->kind != NST_LAYER_CONV)
        continue;
      g_print (" %s %d", layer->name, layer->out_channels);
      if (layer->head_channels > 0)
        g_print (" (head %d)", layer->head_channels);
      numbers += (gsize) layer->out_channels * (layer->in_channels * 9 + 1)
                 + (gsize) layer->head_channels * (layer->out_channels + 1);
    }
  g_print ("\nMemory    %.1f MB\n", numbers * 4e-6);
}

static void
print_entry (const NstCatalogueEntry *entry)
{
  g_print ("%s: %s\nFile      %s, about %.0f MB\nLicence   %s\n", entry->name, entry->title, entry->file,
           entry->megabytes, entry->licence);
  g_print ("Sum       %s\n", entry->sum == NULL                  ? "none is published"
                             : entry->sum_type == G_CHECKSUM_MD5 ? "MD5"
                             : strlen (entry->sum) < 64          ? "the first digits of the SHA-256"
                                                                 : "SHA-256");
  if (entry->sum != NULL)
    g_print ("          %s%s%s\n", entry->sum, entry->sum_by != NULL ? ", published by " : "",
             entry->sum_by != NULL ? entry->sum_by : "");
  for (int i = 0; entry->addresses[i] != NULL; i++)
    g_print ("Address   %s\n", entry->addresses[i]);
}

static gboolean
info (GError **error)
{
  g_autoptr (GPtrArray)    catalogue = NULL;
  g_autoptr (NstModel)     model = NULL;
  g_autoptr (GError)       missing = NULL;
  const NstCatalogueEntry *entry;
  const char              *operand;

  if (!nst_cli_operand (options.operands, "name or file", TRUE, &operand, error)
      || (catalogue = nst_catalogue_new (error)) == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, operand);
  if (entry != NULL)
    print_entry (entry);
  model = nst_model_get (operand, &missing);
  if (model != NULL)
    print_model (model);
  else if (entry != NULL && g_error_matches (missing, NST_ERROR, NST_ERROR_ARGUMENT))
    g_print ("It is not there: \"pastiche weights fetch %s\" gets it\n", entry->name);
  else
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }

  return TRUE;
}

/* fetch */

static void
show_bytes (guint64 bytes, guint64 whole, gpointer data)
{
  gint64 *shown = data, now = g_get_monotonic_time ();

  if (now - *shown < G_USEC_PER_SEC / 4 || !isatty (STDERR_FILENO))
    return;
  *shown = now;
  if (whole > 0)
    g_printerr ("\r%.1f of %.1f MB, %.0f %% ", bytes * 1e-6, whole * 1e-6, 100.0 * bytes / whole);
  else
    g_printerr ("\r%.1f MB ", bytes * 1e-6);
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

  if (!nst_cli_operand (options.operands, "name", TRUE, &operand, error)
      || (catalogue = nst_catalogue_new (error)) == NULL)
    return FALSE;
  entry = nst_catalogue_find (catalogue, operand);
  if (entry == NULL)
    return nst_cli_usage (error, "The catalogue has no \"%s\"; \"pastiche weights list\" says what it has",
                          operand);
  if (options.patience < 1)
    return nst_cli_usage (error, "--patience: expected a number of seconds from 1, found %d",
                          options.patience);
  if (options.sum != NULL && (strlen (options.sum) != 64 || strspn (options.sum, "0123456789abcdef") != 64))
    return nst_cli_usage (error, "--sha256: expected 64 digits from 0 to 9 and a to f, found \"%s\"",
                          options.sum);

  g_printerr ("%s, about %.0f MB, from %s\n", entry->file, entry->megabytes, entry->addresses[0]);
  good = nst_fetch (entry, &how, show_bytes, &shown, nst_session_cancellable (), &path, error);
  if (shown > 0)
    g_printerr ("\n");
  if (good)
    g_print ("%s: use it as --model %s\n", path, entry->name);

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
    g_print ("good  %s  SHA-256 %s\n", path, sum);
  else
    g_print ("BAD   %s\n", error->message);

  return good;
}

static gboolean
verify (GError **error)
{
  g_auto (GStrv)   names = nst_store_list ();
  g_autofree char *path = NULL;
  const char      *operand;
  int              bad = 0, n = 0;

  if (!nst_cli_operand (options.operands, "name or file", FALSE, &operand, error))
    return FALSE;
  if (operand != NULL)
    {
      if (nst_store_is_name (operand))
        path = nst_store_find (operand);
      if (path == NULL && g_file_test (operand, G_FILE_TEST_EXISTS))
        path = g_strdup (operand);
      if (path == NULL)
        return nst_cli_usage (error,
                              "There is no model \"%s\"; \"pastiche weights list\" says which there are",
                              operand);
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
    g_print ("There are no models but the one in the program\n");
  if (bad > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, "%d of %d models did not verify", bad, n);

  return bad == 0;
}

static gboolean
drop (GError **error)
{
  const char *operand;

  return nst_cli_operand (options.operands, "name", TRUE, &operand, error)
         && nst_store_remove (operand, error);
}

static const NstCommand command_list = {
  .name = "list", .summary = "The networks that are there, and those that can be fetched", .run = list
};
static const NstCommand command_info = { .name = "info",
                                         .summary = "Layers, preprocessing, source and licence of a network",
                                         .entries = file_entries,
                                         .run = info };
static const NstCommand command_fetch = {
  .name = "fetch",
  .summary = "Download a network of the catalogue, check it and keep it",
  .entries = fetch_entries,
  .run = fetch
};
static const NstCommand command_verify = {
  .name = "verify",
  .summary = "Whether networks are still the files that were put there, and load",
  .entries = verify_entries,
  .run = verify
};
static const NstCommand command_remove = {
  .name = "remove", .summary = "Remove a network from your own folder", .entries = name_entries, .run = drop
};

static const NstCommand *const verbs[] = { &command_list,       &command_info,        &command_fetch,
                                           &nst_command_import, &nst_command_convert, &nst_command_normalise,
                                           &command_verify,     &command_remove,      NULL };

const NstCommand nst_command_weights = { .name = "weights",
                                         .summary = "List, fetch, import and check networks",
                                         .verbs = verbs };
