/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of importers, and the choice of one by a file's content. */
#include "weights/import/import.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/text.h"

#define MOST_CHARACTERS 1000 /* of a message */

const NstImporter *const *
nst_importers (void)
{
  static const NstImporter *const importers[] = { &nst_import_safetensors, &nst_import_npz, &nst_import_torch,
                                                  &nst_import_keras, &nst_import_matconvnet,
                                                  /* its files have no signature: last */
                                                  &nst_import_caffe, NULL };

  return importers;
}

static gboolean
open_file (NstImportFile *file, GError **error)
{
  struct stat status;

  file->fd = nst_input_open (file->path, error);
  if (file->fd < 0)
    return FALSE;
  if (fstat (file->fd, &status) < 0)
    {
      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno), g_strerror (errno));
      return FALSE;
    }
  if (status.st_size == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("the file is empty"));
      return FALSE;
    }
  file->size = status.st_size;
  file->budget->left = NST_IMPORT_BUDGET (file->size);
  file->n_head = MIN (file->size, sizeof file->head);

  return nst_import_file_read (file, 0, file->n_head, file->head, error);
}

static void
set_unknown (const NstImportFile *file, GError **error)
{
  g_autoptr (GString) titles = g_string_new (NULL);
  gsize               first = 0;

  while (first < file->n_head && g_ascii_isspace (file->head[first]))
    first++;
  for (const NstImporter *const *importer = nst_importers (); *importer != NULL; importer++)
    g_string_append_printf (titles, "%s%s", titles->len > 0 ? ", " : "", _ ((*importer)->title));
  if (first < file->n_head && file->head[first] == '<')
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("a web page, not a file of weights; download the file itself. Known formats: %s"),
                 titles->str);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("not a file of weights in a known format. Known formats: %s"), titles->str);
}

static NstModel *
load (const NstImportFile *file, const NstImportOptions *options, GError **error)
{
  for (const NstImporter *const *importer = nst_importers (); *importer != NULL; importer++)
    {
      if (!(*importer)->probe (file))
        continue;
      g_debug ("%s: %" PRIu64 " bytes, importer %s, chosen by the first of them: %s", file->path, file->size,
               (*importer)->name, (*importer)->title);
      if ((*importer)->load != NULL)
        return (*importer)->load (file, options, error);
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("this program was built without support for this format (%s); install Debian's %s, "
                      "then "
                      "configure and build again"),
                   _ ((*importer)->title), (*importer)->package);
      return NULL;
    }
  /* A probe that was cancelled found nothing. */
  if (nst_import_file_spend (file, 0, error))
    set_unknown (file, error);

  return NULL;
}

/* Makes sure that the message begins with prefix, and cuts the rest, which may quote names in the file that
 * have any length. */
static void
complete (GError *error, const char *prefix)
{
  g_autofree char *old = g_steal_pointer (&error->message);
  g_autofree char *rest = nst_text_cut (g_str_has_prefix (old, prefix) ? old + strlen (prefix) : old,
                                        MOST_CHARACTERS);

  error->message = g_strconcat (prefix, rest, NULL);
}

NstModel *
nst_model_import (const char             *path,
                  const NstImportOptions *options,
                  GCancellable           *cancellable,
                  GError                **error)
{
  static const NstImportOptions none = { NULL };
  NstImportBudget               budget = { NST_IMPORT_BUDGET (0), cancellable };
  NstImportFile                 file = { .path = path, .fd = -1, .budget = &budget };
  NstModel                     *model = NULL;
  g_autofree char              *prefix = g_strconcat (path, ": ", NULL);
  gint64                        start = g_get_monotonic_time ();

  if (open_file (&file, error))
    model = load (&file, options != NULL ? options : &none, error);
  g_debug ("%s: %s after %.3f s; %" PRIu64 " bytes read, skipped or inflated", path,
           model != NULL ? "imported" : "refused", (g_get_monotonic_time () - start) * 1e-6,
           NST_IMPORT_BUDGET (file.size) - budget.left);
  if (file.fd >= 0)
    close (file.fd);
  if (model == NULL && error != NULL)
    complete (*error, prefix);

  return model;
}

static void
set_text (char **to, const char *text)
{
  if (text == NULL)
    return;
  g_free (*to);
  *to = g_strdup (text);
}

void
nst_import_options_apply (const NstImportOptions *options, NstModel *model)
{
  set_text (&model->name, options->name);
  set_text (&model->source, options->source);
  set_text (&model->licence, options->licence);
  if (options->order != NULL)
    memcpy (model->order, options->order, sizeof model->order);
  if (options->scale != NULL)
    model->scale = *options->scale;
  if (options->mean != NULL)
    memcpy (model->mean, options->mean, sizeof model->mean);
  if (options->std != NULL)
    memcpy (model->std, options->std, sizeof model->std);
  if (options->pooling != NULL)
    model->pooling = *options->pooling;
  for (int i = 0; options->padding != NULL && i < model->n_layers; i++)
    if (model->layers[i].kind == NST_LAYER_CONV)
      model->layers[i].padding = *options->padding;
}
