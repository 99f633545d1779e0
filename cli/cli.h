/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"

G_BEGIN_DECLS

/* What the program ends with. */
enum
{
  NST_EXIT_OK,
  NST_EXIT_FAILED,            /* a file, a size, memory, losses that are no numbers */
  NST_EXIT_USAGE,             /* the command line or the recipe says something impossible */
  NST_EXIT_INTERRUPTED = 130, /* Ctrl-C, or asked to terminate */
};

typedef struct _NstCommand NstCommand;

/* One command of the program. Its options go into variables of its own file, because GOption wants addresses.
 */
struct _NstCommand
{
  const char         *name, *summary;
  const GOptionEntry *entries; /* ends with a cleared one; NULL: no options */
  /* more such tables, shared with others; ends with NULL; or NULL */
  const GOptionEntry *const *shared;
  gboolean (*run) (GError **error); /* once the options are read */
  /* commands of its own, in place of all this; ends with NULL; or NULL */
  const NstCommand *const *verbs;
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

/* Verbs of weights. */
extern const NstCommand nst_command_import;
extern const NstCommand nst_command_convert;
extern const NstCommand nst_command_normalise;

/* A flaw of the command line: an error that ends the program with NST_EXIT_USAGE. Returns FALSE. */
gboolean nst_cli_usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* What a command takes beside its options: one thing, or, unless needed, none. operands: as GOption leaves
 * them, or NULL; *operand is borrowed from them. NST_ERROR_ARGUMENT says what was expected and how much was
 * found. */
gboolean nst_cli_operand (
    char **operands, const char *what, gboolean needed, const char **operand, GError **error);

/* The folder for results, made if it is not there. */
gboolean nst_cli_make_folder (const char *path, GError **error);

/* Fill in recipe: preset (NULL: the default one), then what the file path says (NULL: nothing). */
gboolean nst_cli_recipe (NstRecipe *recipe, const char *preset, const char *path, GError **error);

G_END_DECLS
