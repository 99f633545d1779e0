/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program "pastiche": runs a command and turns its error into an exit status. */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/process.h"
#include "core/base/text.h"
#include "picture/picture.h"
#include "shelf/shelf.h"

#define MOST_CHARACTERS 400 /* of a message about the command line */

static gboolean
list_presets (GError **error G_GNUC_UNUSED)
{
  for (const NstPresetInfo *preset = nst_presets (); preset->name != NULL; preset++)
    g_print ("%-20s %s\n", preset->name, _ (preset->title));

  return TRUE;
}

static const NstCommand command_presets = {
  .name = "presets",
  .summary = N_ ("List the recipes that come with Pastiche"),
  .run = list_presets,
};

/* One line for each painting of the shelf: the name to give to --style, and what it is. */
static gboolean
list_styles (GError **error G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) shelf = nst_shelf_load ();

  for (guint i = 0; i < shelf->len; i++)
    {
      const NstPainting *painting = shelf->pdata[i];
      g_autofree char   *text = nst_painting_describe (painting);

      g_print ("@%-20s %s\n", painting->name, text);
    }

  return TRUE;
}

static const NstCommand command_styles = {
  .name = "styles",
  .summary = N_ ("List the paintings of the shelf, whose styles can be named"),
  .run = list_styles,
};

static const NstCommand *const commands[] = {
  &nst_command_run,      &nst_command_batch,       &nst_command_gallery, &nst_command_compare,
  &nst_command_grid,     &nst_command_reconstruct, &nst_command_weights, &nst_command_doctor,
  &nst_command_evaluate, &command_presets,         &command_styles
};

static const char *const examples = N_ (
    "Examples:\n"
    "  pastiche run --content cat.jpg --style starry-night.jpg --output cat-by-night.png\n"
    "  pastiche run --content cat.jpg --style starry-night.jpg --output small.png --size 512 --beta 50\n"
    "  pastiche evaluate --content cat.jpg --style starry-night.jpg --image cat-by-night.png\n"
    "\n"
    "A recipe is a JSON object that may name any of the parameters, for example\n"
    "  {\"preset\": \"default\", \"beta\": 50, \"style_layers\": {\"conv1_1\": 1, \"conv3_1\": 0.5}, "
    "\"style_scale\": 0.7}\n"
    "Options on the command line override the recipe, and the recipe overrides --preset.\n"
    "\n"
    "Ctrl-C stops a run and saves the picture so far; a second Ctrl-C ends the program at once.\n"
    "Exit status: 0 success, 1 the run failed, 2 a mistake in the command line or the recipe, 130 stopped "
    "by Ctrl-C.\n");

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

  if (n > 1 && !needed)
    return nst_cli_usage (error, _ ("Expected at most one %s, found %u"), what, n);

  return n == 1 || !needed || nst_cli_usage (error, _ ("Expected one %s, found %u"), what, n);
}

void
nst_cli_add_failure (GError **first, GError *own)
{
  if (own == NULL)
    return;
  if (*first == NULL)
    {
      *first = own;
      return;
    }
  g_printerr ("%s\n", own->message);
  g_error_free (own);
}

gboolean
nst_cli_recipe (NstRecipe *recipe, const char *preset, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  GError          *reason = NULL;

  nst_recipe_init (recipe);
  if (preset != NULL && !nst_recipe_set_preset (recipe, preset, error))
    return FALSE;
  if (path == NULL)
    return TRUE;

  text = nst_input_read_text (path, NST_RECIPE_MOST_BYTES, &reason);
  if (text == NULL && g_error_matches (reason, NST_ERROR, NST_ERROR_FORMAT))
    text = nst_picture_load_recipe (path, NULL); /* a result, which holds its recipe */
  if (text == NULL)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  g_clear_error (&reason);
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

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, command->summary);
  if (command->entries != NULL)
    g_option_context_add_main_entries (context, command->entries, GETTEXT_PACKAGE);
  for (gsize i = 0; command->shared != NULL && command->shared[i] != NULL; i++)
    g_option_context_add_main_entries (context, command->shared[i], GETTEXT_PACKAGE);

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

/* Prints all commands, then the options of each. */
static void
print_help (void)
{
  nst_terminal_set_lines (TRUE);
  g_print (_ ("Pastiche paints one picture in the style of another.\n\nUsage: pastiche COMMAND "
              "[OPTION...]\n\nCommands:\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-12s %s\n", commands[i]->name, _ (commands[i]->summary));
  g_print ("\n");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    print_options (commands[i], "pastiche");
  g_print ("%s", _ (examples));
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

/* Runs the verb that arguments[1] names; otherwise as run_command (). */
static int
run_verb (const NstCommand *command, const char *program, char **arguments)
{
  g_autoptr (GString) list = g_string_new (NULL);

  if (arguments[1] != NULL && is_help (arguments[1]))
    {
      nst_terminal_set_lines (TRUE);
      g_print (_ ("Usage: %s VERB [OPTION...]\n\n%s\n\nVerbs:\n"), program, _ (command->summary));
      for (gsize i = 0; command->verbs[i] != NULL; i++)
        g_print ("  %-12s %s\n", command->verbs[i]->name, _ (command->verbs[i]->summary));
      g_print ("\n");
      print_options (command, "pastiche");
      return NST_EXIT_OK;
    }
  for (gsize i = 0; command->verbs[i] != NULL; i++)
    {
      if (g_strcmp0 (arguments[1], command->verbs[i]->name) == 0)
        return run_command (command->verbs[i], program, arguments + 1);
      g_string_append_printf (list, "%s%s", i == 0 ? "" : ", ", command->verbs[i]->name);
    }
  if (arguments[1] != NULL)
    {
      g_autofree char *found = nst_text_quote (arguments[1]);

      g_printerr (_ ("pastiche: %s: expected one of %s, found \"%s\"\n"), command->name, list->str, found);
    }
  else
    g_printerr (_ ("pastiche: %s: expected one of %s\n"), command->name, list->str);
  g_printerr (_ ("Run \"%s --help\" for a list of options.\n"), program);

  return NST_EXIT_USAGE;
}

/* GOption's messages quote an option's value in full. */
static void
cut_message (GError *error)
{
  char *message = nst_text_cut (error->message, MOST_CHARACTERS);

  g_free (error->message);
  error->message = message;
}

/* Parses the options and runs the command. arguments: the command's name, then its arguments; ends with NULL;
 * borrowed. Returns the exit status. */
static int
run_command (const NstCommand *command, const char *parent, char **arguments)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError)         error = NULL;
  g_autofree char           *program = g_strconcat (parent, " ", command->name, NULL);
  g_auto (GStrv)             rest = NULL;
  gboolean                   good;
  g_autofree char           *message = NULL;
  int                        status;

  if (command->verbs != NULL)
    return run_verb (command, program, arguments);

  context = command_context (command);
  rest = g_strdupv (arguments);
  g_set_prgname (program);
  nst_terminal_set_lines (TRUE); /* for --help */
  good = g_option_context_parse_strv (context, &rest, &error);
  nst_terminal_set_lines (FALSE);
  if (!good)
    cut_message (error);
  if (good && rest[1] != NULL)
    {
      g_autofree char *found = nst_text_quote (rest[1]);

      good = nst_cli_usage (&error,
                            _ ("\"%s\" is not an option. Put --content, --style or another option before a "
                               "file name"),
                            found);
    }
  if (good)
    {
      good = command->run (&error);
      nst_session_release_signals ();
    }
  if (good)
    return NST_EXIT_OK;

  status = exit_status (error);
  message = nst_text_cut_middle (error->message, NST_CLI_LONGEST);
  g_printerr ("pastiche: %s\n", message);
  if (status == NST_EXIT_USAGE)
    g_printerr (_ ("Run \"%s --help\" for a list of options.\n"), program);

  return status;
}

int
main (int argc, char **argv)
{
  g_autofree char *found = NULL;

  nst_terminal_init ();
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C"); /* CSV, JSON and messages use a decimal point */
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  nst_process_init (0);

  if (argc < 2)
    {
      g_printerr (_ ("Usage: pastiche COMMAND [OPTION...]; run \"pastiche --help\" for all commands.\n"));
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

  found = nst_text_quote (argv[1]);
  g_printerr (_ ("pastiche: there is no command \"%s\"; run \"pastiche --help\" for a list.\n"), found);

  return NST_EXIT_USAGE;
}
