/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* The commands of the program "pastiche", and what they share.
 *
 * To add a command: write cli/commands/NAME.c, which defines "const NstCommand nst_command_NAME"; declare it
 * below; list it in the array commands of cli/main.c, in cli/cli.am and in po/POTFILES.in; describe it in
 * doc/pastiche.1 (a test compares that page with --help). Options that several commands take are in
 * cli/session.h, cli/record.h and cli/sheet.h. */

/* Exit status of the program. */
enum
{
  NST_EXIT_OK,
  NST_EXIT_FAILED,            /* a file, a picture size, memory, or losses that are not finite */
  NST_EXIT_USAGE,             /* a mistake in the command line or in the recipe */
  NST_EXIT_INTERRUPTED = 130, /* stopped by Ctrl-C or by a request to terminate */
};

/* Characters of a failed command's message, which may name files; more are left out in its middle. */
#define NST_CLI_LONGEST 1000

typedef struct _NstCommand NstCommand;

/* A command is a constant. Its options are stored in static variables of its file, because GOption needs
 * their addresses. Texts are marked with N_ () and translated when they are shown. */
struct _NstCommand
{
  const char                *name;
  const char                *summary; /* one line, without a full stop */
  const GOptionEntry        *entries; /* ends with a cleared entry; NULL: no options of its own */
  const GOptionEntry *const *shared;  /* tables of shared options; ends with NULL; may be NULL */
  gboolean (*run) (GError **error);   /* called after the options have been parsed */
  const NstCommand *const *verbs; /* subcommands; then only name and summary are used; ends with NULL; may be
                                     NULL */
};

extern const NstCommand nst_command_run;
extern const NstCommand nst_command_evaluate;
extern const NstCommand nst_command_batch;
extern const NstCommand nst_command_compare;
extern const NstCommand nst_command_gallery;
extern const NstCommand nst_command_grid;
extern const NstCommand nst_command_reconstruct;
extern const NstCommand nst_command_weights;
extern const NstCommand nst_command_doctor;

/* Verbs of the command weights. */
extern const NstCommand nst_command_import;
extern const NstCommand nst_command_convert;
extern const NstCommand nst_command_normalise;

/* Sets an NST_ERROR_ARGUMENT for a mistake in the command line; the program then ends with NST_EXIT_USAGE.
 * Returns FALSE. */
gboolean nst_cli_usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Reads a command's single operand. operands is what GOption stored for G_OPTION_REMAINING, or NULL; what
 * names the operand in the error message ("name or file"). *operand is borrowed from operands; it is NULL if
 * there is no operand and none is needed. Fails with NST_ERROR_ARGUMENT if there are too many or too few. */
gboolean nst_cli_operand (
    char **operands, const char *what, gboolean needed, const char **operand, GError **error);

/* Adds own to the failures of a command that goes on after one. *first becomes own if it is NULL, otherwise
 * own is printed. Takes the ownership of own; NULL is allowed. */
void nst_cli_add_failure (GError **first, GError *own);

/* Fills in recipe from the preset (NULL: the default preset), then from the JSON file path (NULL: none).
 * Messages name the file. */
gboolean nst_cli_recipe (NstRecipe *recipe, const char *preset, const char *path, GError **error);

G_END_DECLS
