/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"
#include "host/host.h"

G_BEGIN_DECLS

/* What a caller asks for: the arguments of the procedure. Values that say "not asked for" leave the preset's
 * own, and each argument is stronger than the one before in this order: preset, json, the single values. */
typedef struct
{
  int    style_drawable; /* -1: style_file */
  char  *style_file;     /* owned */
  double alpha, beta;    /* below 0: not asked for */
  int    iterations;     /* 0: not asked for */
  /* longer side that is painted, never more than the layer's; 0: the layer's own; -1: not asked for */
  int       size;
  char     *preset; /* owned; "": the default one */
  NstOutput output;
  /* owned; fields of the recipe, and "more_styles" and "start_file" of NstMorePictures; "": none */
  char  *json;
  double strength; /* 0 .. 1: share of the result that is mixed into what was there */
} NstSettings;

NstSettings *nst_settings_new (void); /* nothing asked for, no style */
void         nst_settings_free (NstSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSettings, nst_settings_free)

/* The recipe that settings amount to. NST_ERROR_ARGUMENT names what is wrong; then recipe is undefined. */
gboolean nst_settings_get_recipe (const NstSettings *settings, NstRecipe *recipe, GError **error);

/* Pictures that only the JSON text names: {"more_styles": {"file": weight, ...}, "start_file": "file"}.
 * Weights are beside 1 for the style itself. */
typedef struct
{
  char  **files;   /* owned; ends with NULL */
  double *weights; /* owned */
  char   *start;   /* owned, or NULL */
} NstMorePictures;

gboolean nst_settings_get_more (const NstSettings *settings, NstMorePictures *more, GError **error);
/* Name these pictures in the JSON text instead of those that it names. */
void nst_settings_set_more (NstSettings *settings, const NstMorePictures *more);
void nst_more_pictures_clear (NstMorePictures *more);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NstMorePictures, nst_more_pictures_clear)

/* Ask for exactly this recipe; the preset's name stays for people to see. */
void nst_settings_set_recipe (NstSettings *settings, const NstRecipe *recipe);

/* Everything that made a result, as one JSON object to keep with it: recipe, preset, strength, style file,
 * and the style's name for people (NULL: not known). Owned. from_json takes it back (a style layer is not
 * found again: it may be another session's), with NST_ERROR_ARGUMENT for what to_json did not write; the
 * recipe is checked when it is used. */
char *nst_settings_to_json (const NstSettings *settings, const NstRecipe *recipe, const char *style_name);
NstSettings *nst_settings_from_json (const char *text, GError **error);

/* To and from bytes, for a host's memory of last values. Load gives NULL for what save did not write. */
GBytes      *nst_settings_save (const NstSettings *settings);
NstSettings *nst_settings_load (GBytes *bytes);

G_END_DECLS
