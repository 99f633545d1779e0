/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer's entry point for the importers. */
#define _GNU_SOURCE
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "weights/import/import.h"

/* The input is written to an anonymous file. If the environment variable IMPORTER is set, the importer of
 * this name reads the file without probing it; otherwise nst_model_import () reads it. See fuzz.sh. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const NstImporter *importer;
static int                memory = -1;
static char              *path;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  const char *name = g_getenv ("IMPORTER");

  (void) argc, (void) argv;
  for (const NstImporter *const *all = nst_importers (); name != NULL && *all != NULL; all++)
    if (strcmp ((*all)->name, name) == 0)
      importer = *all;
  if (name != NULL && (importer == NULL || importer->load == NULL))
    g_error ("%s: no such importer in this program", name);
  memory = memfd_create ("weights", MFD_CLOEXEC);
  g_assert_cmpint (memory, >=, 0);
  path = g_strdup_printf ("/proc/self/fd/%d", memory);

  return 0;
}

static NstModel *
load (const uint8_t *data, size_t size, GError **error)
{
  static const NstImportOptions none;
  NstImportBudget               budget = { NST_IMPORT_BUDGET (size), NULL };
  NstImportFile                 file = { path, memory, size, { 0 }, MIN (size, sizeof file.head), &budget };

  if (importer == NULL)
    return nst_model_import (path, NULL, NULL, error);
  memcpy (file.head, data, file.n_head);

  return importer->load (&file, &none, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError)   error = NULL;
  g_autoptr (NstModel) model = NULL;

  if (size == 0) /* refused before an importer reads it */
    return 0;
  if (ftruncate (memory, 0) != 0 || pwrite (memory, data, size, 0) != (ssize_t) size)
    return 0;
  model = load (data, size, &error);
  g_assert_true ((model == NULL) == (error != NULL));

  return 0;
}
