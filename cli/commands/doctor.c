/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command doctor: checks an installation (program, processor, memory, models, GIMP) and changes nothing.
 * Other programs, GIMP and its plug-in too, are only read, never run. */
#include "config.h"

#include <cjson/cJSON.h>
#include <dlfcn.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/elf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/memory.h"
#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/run/engine.h"
#include "core/simd/simd.h"
#include "weights/download.h"
#include "weights/import/import.h"
#include "weights/model-file.h"
#include "weights/store.h"

#define MOST_BYTES (1 << 26) /* of GIMP's list of plug-ins */

static gboolean json;

static const GOptionEntry entries[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print a line of JSON for each finding"), NULL }, { NULL }
};

typedef enum
{
  GOOD,
  NOTE,
  BAD
} Level;

static int n_bad;

/* Prints one finding. what: its subject, a word that programs may rely on. */
G_GNUC_PRINTF (3, 4)
static void
report (Level level, const char *what, const char *format, ...)
{
  static const char *const levels[] = { "good", "note", "bad" };
  g_autofree char         *text = NULL;
  va_list                  arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  n_bad += level == BAD;

  if (json)
    {
      g_autofree char *valid = g_utf8_make_valid (text, -1); /* a path need not be UTF-8 */
      cJSON           *object = cJSON_CreateObject ();
      char            *line;

      cJSON_AddStringToObject (object, "level", levels[level]);
      cJSON_AddStringToObject (object, "what", what);
      cJSON_AddStringToObject (object, "text", valid);
      line = cJSON_PrintUnformatted (object);
      g_print ("%s\n", line);
      cJSON_free (line);
      cJSON_Delete (object);
    }
  else
    g_print ("%s  %-10s %s\n", level == GOOD ? _ ("  ok") : level == NOTE ? "    " : _ (" BAD"), what, text);
}

/* The program and the machine */

static void
check_program (void)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  report (GOOD, "pastiche", "%s", PACKAGE_VERSION);
  for (const NstImporter *const *importer = nst_importers (); *importer != NULL; importer++)
    if ((*importer)->load == NULL)
      g_string_append_printf (missing, "%s%s (%s)", missing->len > 0 ? ", " : "", (*importer)->title,
                              (*importer)->package);
  if (!nst_download_possible ())
    g_string_append_printf (missing, "%s%s (%s)", missing->len > 0 ? ", " : "", _ ("downloads"),
                            "libcurl4-openssl-dev");
  if (missing->len > 0)
    report (NOTE, "pastiche", _ ("Built without support for: %s"), missing->str);
}

static void
check_processor (void)
{
  const char *(*core) (void);
  const char *(*config) (void);

  report (GOOD, "processor", _ ("Uses %d of %d processors, with %s kernels"), nst_threads (),
          (int) g_get_num_processors (), nst_simd_for (256)->name);
  *(void **) &core = dlsym (RTLD_DEFAULT, "openblas_get_corename");
  *(void **) &config = dlsym (RTLD_DEFAULT, "openblas_get_config");
  if (core != NULL && config != NULL)
    report (GOOD, "BLAS",
            _ ("%s; kernels for %s. It runs with one thread, because Pastiche itself uses several"),
            config (), core ());
  else
    report (NOTE, "BLAS", _ ("Not OpenBLAS; runs may be slower. Install libopenblas0-pthread"));
}

/* The longer side, in pixels, of the largest 4:3 picture whose run fits into this memory; 0: none does. */
static int
longest_that_fits (NstModel *model, gsize bytes)
{
  NstRecipe recipe;
  NstPlan   plan;
  int       good = 0, bad = 32768;

  nst_recipe_init (&recipe);
  while (bad - good > 64)
    {
      int middle = (good + bad) / 2;

      if (nst_plan (&plan, model, &recipe, middle, middle * 3 / 4, NULL, NULL) && plan.bytes <= bytes)
        good = middle;
      else
        bad = middle;
    }

  return good / 64 * 64;
}

static void
check_memory (NstModel *model)
{
  const double free_bytes = nst_memory_available ();
  int          longest;

  if (free_bytes == 0)
    {
      report (NOTE, "memory", _ ("This system does not report how much memory is free"));
      return;
    }
  longest = longest_that_fits (model, free_bytes * 0.9);
  report (longest >= 512 ? GOOD : BAD, "memory",
          _ ("%.1f GB are free, enough for pictures of %d x %d pixels with \"%s\""), free_bytes * 1e-9,
          longest, longest * 3 / 4, model->name);
}

/* Models */

static NstModel *
check_models (void)
{
  g_auto (GStrv)     names = nst_store_list ();
  g_autoptr (GError) error = NULL;
  NstModel          *slim = nst_model_get (NULL, &error);

  if (slim != NULL)
    report (GOOD, "model", _ ("slim, the built-in one"));
  else
    report (BAD, "model", _ ("The built-in model does not load: %s"), error->message);
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char   *path = nst_store_find (names[i]);
      g_autoptr (GError) wrong = NULL;

      if (path != NULL && nst_store_verify (path, NULL, &wrong))
        report (GOOD, "model", "%s: %s", names[i], path);
      else
        report (BAD, "model", "%s: %s", names[i],
                wrong != NULL ? wrong->message : _ ("The file has just disappeared"));
    }

  return slim;
}

/* GIMP */

typedef struct
{
  const char *programs[4];      /* the first that exists is checked; each ends with -VERSION */
  const char *profile_variable; /* environment variable with the profile's folder */
  const char *folder;           /* the system's plug-ins, as found by configure */
} Gimp;

static void
report_missing (const char *what, const char *path, const char *libraries)
{
  g_autofree char *cut = nst_text_cut (libraries, 1000);

  report (BAD, what, _ ("%s needs libraries that are not installed: %s"), path, cut);
}

/* Checks the plug-in of one GIMP. */
static void
check_filter (const char *what, const char *path, const char *profile)
{
  g_autofree char *rc = g_build_filename (profile, "pluginrc", NULL);
  g_autofree char *known = nst_input_read_text (rc, MOST_BYTES, NULL);
  g_autofree char *missing = NULL;

  if (g_access (path, X_OK) != 0)
    {
      report (BAD, what, _ ("%s is not executable; run: chmod +x %s"), path, path);
      return;
    }
  missing = nst_elf_missing (path);
  if (missing == NULL)
    {
      report (BAD, what, _ ("%s is no program for this computer; copy it again, or build it here"), path);
      return;
    }
  if (*missing != '\0')
    {
      report_missing (what, path, missing);
      return;
    }
  if (known != NULL && strstr (known, "plug-in-pastiche") != NULL)
    report (GOOD, what, _ ("Lists the filter: %s"), path);
  else
    report (NOTE, what, _ ("Has the filter and will list it at the next start: %s"), path);
}

static char *
profile_of (const Gimp *gimp, const char *version)
{
  const char *given = g_getenv (gimp->profile_variable);

  return given != NULL && g_path_is_absolute (given)
             ? g_strdup (given)
             : g_build_filename (g_get_user_config_dir (), "GIMP", version, NULL);
}

static gboolean
check_gimp (const Gimp *gimp)
{
  g_autofree char *program = NULL;
  g_autofree char *missing = NULL;
  const char      *version;
  g_autofree char *profile = NULL;
  g_autofree char *what = NULL;
  g_autofree char *own = NULL;
  g_autofree char *system = g_build_filename (gimp->folder, "pastiche", "pastiche", NULL);

  for (int i = 0; i < 4 && gimp->programs[i] != NULL && program == NULL; i++)
    program = g_find_program_in_path (gimp->programs[i]);
  if (program == NULL)
    return FALSE;

  version = strrchr (program, '-') + 1;
  what = g_strdup_printf ("GIMP %s", version);
  missing = nst_elf_missing (program); /* NULL: it may be a script */
  if (missing != NULL && *missing != '\0')
    report_missing (what, program, missing);
  profile = profile_of (gimp, version);
  own = g_build_filename (profile, "plug-ins", "pastiche", "pastiche", NULL);
  if (g_file_test (own, G_FILE_TEST_EXISTS))
    check_filter (what, own, profile);
  else if (g_file_test (system, G_FILE_TEST_EXISTS))
    check_filter (what, system, profile);
  else
    {
      g_autofree char *flat = g_build_filename (profile, "plug-ins", "pastiche", NULL);

      if (g_file_test (flat, G_FILE_TEST_IS_REGULAR))
        report (BAD, what, _ ("%s must be in a folder of its own; move it to %s"), flat, own);
      else
        report (BAD, what,
                _ ("Does not have the filter: there is neither %s nor %s. Run \"./quickstart install\""), own,
                system);
    }

  return TRUE;
}

static gboolean
run (GError **error)
{
  static const Gimp gimps[] = {
    { { "gimp-console-2.10", "gimp-2.10" }, "GIMP2_DIRECTORY", GIMP2_PLUG_INS },
    { { "gimp-console-3.2", "gimp-console-3.0", "gimp-3.2", "gimp-3.0" }, "GIMP3_DIRECTORY", GIMP3_PLUG_INS },
  };
  g_autoptr (NstModel) slim = NULL;
  gboolean             any = FALSE;

  check_program ();
  check_processor ();
  slim = check_models ();
  if (slim != NULL)
    check_memory (slim);
  for (gsize i = 0; i < G_N_ELEMENTS (gimps); i++)
    any |= check_gimp (&gimps[i]);
  if (!any)
    report (NOTE, "GIMP", _ ("Not found. The filter needs GIMP 2.10 or 3; this program does not"));

  if (n_bad > 0)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("Problems found: %d (marked BAD above)"), n_bad);

  return n_bad == 0;
}

const NstCommand nst_command_doctor = { "doctor", N_ ("Check the installation and say what is wrong with it"),
                                        entries, NULL, run };
