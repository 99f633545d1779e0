/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/error.h"

static gboolean
list_presets (GError **error G_GNUC_UNUSED)
{
  for (const NstPresetInfo *preset = nst_presets (); preset->name != NULL; preset++)
    g_print ("%-20s %s\n", preset->name, preset->title);

  return TRUE;
}

static const NstCommand command_presets = { .name = "presets",
                                            .summary = "List the recipes that come with Pastiche",
                                            .run = list_presets };

static const NstCommand *const commands[] = { &nst_command_run,      &nst_command_batch,
                                              &nst_command_gallery,  &nst_command_compare,
                                              &nst_command_grid,     &nst_command_reconstruct,
                                              &nst_command_weights,  &nst_command_doctor,
                                              &nst_command_evaluate, &command_presets };

static const char examples[]
    = "Examples:\n"
      "  pastiche run --content cat.jpg --style starry-night.jpg --output cat-by-night.png\n"
      "  pastiche run --content cat.jpg --style starry-night.jpg --output small.png --size 512 --beta 50\n"
      "  pastiche evaluate --content cat.jpg --style starry-night.jpg --image cat-by-night.png\n"
      "\n"
      "A recipe is a JSON object that may name any of the parameters, for example\n"
      "  {\"preset\": \"default\", \"beta\": 50, \"style_layers\": {\"conv1_1\": 1, \"conv3_1\": 0.5}, "
      "\"style_scale\": 0.7}\n"
      "Options on the command line win over the recipe, and the recipe over --preset.\n"
      "\n"
      "Ctrl-C stops a run and keeps the picture so far; a second one ends the program at once.\n"
      "Exit status: 0 all is well, 1 the run failed, 2 the command line or the recipe is wrong, 130 stopped "
      "by Ctrl-C.\n";

gboolean
nst_cli_usage (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (NST_ERROR, NST_ERROR_ARGUMENT, format, arguments);
  va_end (arguments);

  return FALSE;
}

gboolean
nst_cli_operand (char **operands, const char *what, gboolean needed, const char **operand, GError **error)
{
  guint n = operands != NULL ? g_strv_length (operands) : 0;

  *operand = n > 0 ? operands[0] : NULL;

  return (n <= 1 && (n == 1 || !needed))
         || nst_cli_usage (error, "Expected %s %s, found %u of them", needed ? "one" : "at most one", what,
                           n);
}

gboolean
nst_cli_make_folder (const char *path, GError **error)
{
  int code;

  if (g_mkdir_with_parents (path, 0777) == 0 && g_access (path, W_OK) == 0)
    return TRUE;
  code = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return FALSE;
}

gboolean
nst_cli_recipe (NstRecipe *recipe, const char *preset, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  nst_recipe_init (recipe);
  if (preset != NULL && !nst_recipe_set_preset (recipe, preset, error))
    return FALSE;
  if (path == NULL)
    return TRUE;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  if (!nst_recipe_merge_json (recipe, text, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  return TRUE;
}

static GOptionContext *
command_context (const NstCommand *command)
{
  GOptionContext *context = g_option_context_new (NULL);

  g_option_context_set_summary (context, command->summary);
  if (command->entries != NULL)
    g_option_context_add_main_entries (context, command->entries, NULL);
  for (gsize i = 0; command->shared != NULL && command->shared[i] != NULL; i++)
    g_option_context_add_main_entries (context, command->shared[i], NULL);

  return context;
}

static void
print_options (const NstCommand *command, const char *parent)
{
  g_autofree char *program = g_strconcat (parent, " ", command->name, NULL);
  g_autofree char *help = NULL;
  GOptionContext  *context;

  for (gsize i = 0; command->verbs != NULL && command->verbs[i] != NULL; i++)
    print_options (command->verbs[i], program);
  if (command->entries == NULL)
    return;

  context = command_context (command);
  g_set_prgname (program);
  g_option_context_set_help_enabled (context, FALSE);
  help = g_option_context_get_help (context, TRUE, NULL);
  g_print ("%s", help);
  g_option_context_free (context);
}

/* Everything on one page: the commands, then each one's options. */
static void
print_help (void)
{
  g_print ("pastiche paints one picture in the style of another.\n\nUsage: pastiche COMMAND "
           "[OPTION...]\n\nCommands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-12s %s\n", commands[i]->name, commands[i]->summary);
  g_print ("\n");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    print_options (commands[i], "pastiche");
  g_print ("%s", examples);
}

static int
exit_status (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return NST_EXIT_INTERRUPTED;
  if (error->domain == G_OPTION_ERROR || g_error_matches (error, NST_ERROR, NST_ERROR_ARGUMENT))
    return NST_EXIT_USAGE;

  return NST_EXIT_FAILED;
}

static int run_command (const NstCommand *command, const char *parent, char **arguments);

static gboolean
is_help (const char *argument)
{
  return strcmp (argument, "--help") == 0 || strcmp (argument, "-h") == 0 || strcmp (argument, "help") == 0;
}

/* As run_command (), for a command that has verbs. */
static int
run_verb (const NstCommand *command, const char *program, char **arguments)
{
  g_autoptr (GString) list = g_string_new (NULL);

  if (arguments[1] != NULL && is_help (arguments[1]))
    {
      g_print ("Usage: %s VERB [OPTION...]\n\n%s\n\nVerbs:\n", program, command->summary);
      for (gsize i = 0; command->verbs[i] != NULL; i++)
        g_print ("  %-12s %s\n", command->verbs[i]->name, command->verbs[i]->summary);
      g_print ("\n");
      print_options (command, "pastiche");
      return NST_EXIT_OK;
    }
  for (gsize i = 0; command->verbs[i] != NULL; i++)
    {
      if (g_strcmp0 (arguments[1], command->verbs[i]->name) == 0)
        return run_command (command->verbs[i], program, arguments + 1);
      g_string_append_printf (list, "%s%s",
                              i == 0                          ? ""
                              : command->verbs[i + 1] != NULL ? ", "
                                                              : " or ",
                              command->verbs[i]->name);
    }
  g_printerr ("pastiche: %s: expected %s, found %s\n", command->name, list->str,
              arguments[1] != NULL ? arguments[1] : "nothing");
  g_printerr ("\"%s --help\" lists the options.\n", program);

  return NST_EXIT_USAGE;
}

/* What was printed is out, or it is an error: a full disk, for instance. */
static gboolean
flush_output (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO,
               "What was to be printed could not be written, or not all of it");

  return FALSE;
}

/* arguments: of the command, its name first; ends with NULL; borrowed. */
static int
run_command (const NstCommand *command, const char *parent, char **arguments)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError)         error = NULL;
  g_autofree char           *program = g_strconcat (parent, " ", command->name, NULL);
  g_auto (GStrv)             rest = NULL;
  gboolean                   good;
  int                        status;

  if (command->verbs != NULL)
    return run_verb (command, program, arguments);

  context = command_context (command);
  rest = g_strdupv (arguments);
  g_set_prgname (program);
  good = g_option_context_parse_strv (context, &rest, &error);
  if (good && rest[1] != NULL)
    good = nst_cli_usage (&error, "\"%s\" is not an option; file names go after --content, --style and so on",
                          rest[1]);
  if (good && command->run (&error) && flush_output (&error))
    return NST_EXIT_OK;

  status = exit_status (error);
  g_printerr ("pastiche: %s\n", error->message);
  if (status == NST_EXIT_USAGE)
    g_printerr ("\"%s --help\" lists the options.\n", program);

  return status;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");

  if (argc < 2)
    {
      g_printerr ("Usage: pastiche COMMAND [OPTION...]; \"pastiche --help\" tells all.\n");
      return NST_EXIT_USAGE;
    }
  if (is_help (argv[1]))
    {
      print_help ();
      return NST_EXIT_OK;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("pastiche %s\n", PACKAGE_VERSION);
      return NST_EXIT_OK;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i]->name) == 0)
      return run_command (commands[i], "pastiche", argv + 1);

  g_printerr ("pastiche: there is no command \"%s\"; \"pastiche --help\" lists them.\n", argv[1]);

  return NST_EXIT_USAGE;
}
