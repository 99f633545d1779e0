/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/recipe/recipe.h"
#include "host/host.h"

G_BEGIN_DECLS

/* What a caller asks for: the arguments of the plug-in's procedure. A value that is "not set" leaves the
 * decision to the preset. Where several values concern the same field of the recipe, preset is the weakest,
 * then comes json, then the single values alpha, beta, iterations and size. */
typedef struct
{
  int       style_drawable; /* id of the style's layer; -1: style_file */
  char     *style_file;     /* owned; "": none. A file name need not be UTF-8. */
  double    alpha, beta;    /* weights of content and style; below 0: not set */
  int       iterations;     /* at each scale; 0: not set */
  int       size;           /* longer side to paint, at most the layer's; 0: the layer's; -1: not set */
  char     *preset;         /* owned; "": the default preset */
  NstOutput output;
  char     *json;     /* owned; an object with fields of the recipe and of NstMorePictures; "": none */
  double    strength; /* 0 to 1: share of the painted picture in the result; the rest is the layer */
} NstSettings;

NstSettings *nst_settings_new (void); /* nothing set, no style */
void         nst_settings_free (NstSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstSettings, nst_settings_free)

/* Whether a style is named, be it a layer or a file. */
gboolean nst_settings_has_style (const NstSettings *settings);

/* Store in recipe what settings ask for. FALSE with NST_ERROR_ARGUMENT, which names the field; then recipe is
 * undefined. */
gboolean nst_settings_get_recipe (const NstSettings *settings, NstRecipe *recipe, GError **error);

/* Replace json and the single values by exactly this recipe. preset stays as a name to show to the user;
 * fields of NstMorePictures are dropped. */
void nst_settings_set_recipe (NstSettings *settings, const NstRecipe *recipe);

/* Masks are named by files, or by what belongs to a layer: "selection", "outside selection", "layer-mask",
 * "alpha" and "channel:NAME". */
#define NST_MASK_SELECTION "selection"
#define NST_MASK_OUTSIDE "outside selection"
#define NST_MASK_LAYER_MASK "layer-mask"
#define NST_MASK_ALPHA "alpha"
#define NST_MASK_CHANNEL "channel:"

/* Whether a mask is the file of this name. */
gboolean nst_mask_is_file (const char *name);

/* Where one style goes, and what of it is looked at (NstSceneStyle). */
typedef struct
{
  char  *mask;  /* owned; on the layer to paint, or NULL: where no other style's mask is */
  char  *part;  /* owned; on the style, or NULL: all of it */
  double scale; /* 0: not set, which is 1 */
} NstStyleWhere;

/* Pictures that only json names:
 *
 *     {"more_styles": {"file": weight, ...}, "start_file": "file"}
 *
 * or with masks, of which all may be left out:
 *
 *     {"first_style": {"mask": "selection", "part": "file", "scale": 1},
 *      "more_styles": [{"file": "file", "weight": 1, "mask": "outside selection", "part": ..., "scale":
 * ...}], "protect": "channel:face", "strength_map": "file"}
 *
 * All fields may be NULL for no pictures. */
typedef struct
{
  char  **files;   /* owned; styles beside the first one, NULL at the end */
  double *weights; /* owned; of each file, above 0 and at most 1e6; the first style has weight 1 */
  char   *start;   /* owned; the picture to start from, or NULL */

  NstStyleWhere *where;    /* owned array of n_where; of the first style, then of each file */
  int            n_where;  /* 0: nothing is said of any; else one more than there are files */
  char          *protect;  /* owned; a mask on the layer to paint, or NULL (NstScene.protect) */
  char          *strength; /* owned; likewise (NstScene.strength) */
} NstMorePictures;

/* Whether a style goes somewhere, or anything is protected or mixed. */
gboolean nst_more_pictures_have_masks (const NstMorePictures *more);

/* Store in more the pictures that json names, or clear it on failure (NST_ERROR_ARGUMENT). JSON that cannot
 * be parsed names none; nst_settings_get_recipe () reports it. */
gboolean nst_settings_get_more (const NstSettings *settings, NstMorePictures *more, GError **error);
/* Make json name exactly these pictures. */
void nst_settings_set_more (NstSettings *settings, const NstMorePictures *more);
/* Forget the style files[i]. */
void nst_more_pictures_remove (NstMorePictures *more, int i);
void nst_more_pictures_clear (NstMorePictures *more);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NstMorePictures, nst_more_pictures_clear)

/* A JSON object with everything that made a result: recipe, pictures, preset, strength, style_file and the
 * style's name for the user (NULL: unknown). It is attached to the painted layer. Files are named by
 * references (host/references.h), because the picture may be passed on. The id of a style's layer is left
 * out, because it means nothing in another session. Owned by the caller. */
char *nst_settings_to_json (const NstSettings *settings, const NstRecipe *recipe, const char *style_name);

/* The inverse; output is not in the text. Pictures that are not known on this computer are left out, and
 * missing (which may be NULL) receives their names, owned by the caller, or NULL if there are none. NULL with
 * NST_ERROR_ARGUMENT if nst_settings_to_json () did not write the text, or if a model file is not known. The
 * recipe is checked by nst_settings_get_recipe (), not here. */
NstSettings *nst_settings_from_json (const char *text, char **missing, GError **error);

/* All fields as bytes, for a host that remembers the last values within a session. Owned by the caller. */
GBytes *nst_settings_save (const NstSettings *settings);

/* The inverse; NULL if nst_settings_save () did not write the bytes. */
NstSettings *nst_settings_load (GBytes *bytes);

G_END_DECLS
