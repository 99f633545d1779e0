/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/mask.h"

G_BEGIN_DECLS

/* One painting whose style is wanted. Masks may have any size; they are stretched to their picture. */
typedef struct
{
  NstImage *image;  /* ref */
  double    weight; /* share in the mixture of the styles with the same mask; above 0, at most 1e9 */
  double    scale;  /* of the painting, on top of the recipe's style_scale; NST_SCENE_LEAST_SCALE to
                       NST_SCENE_MOST_SCALE; 1: as the recipe says */
  NstMask *mask;    /* ref; where on the content the style goes; NULL: wherever no other style's mask is.
                       Styles with the same mask (the same reference) are a mixture there */
  NstMask *part;    /* ref; which part of the painting is looked at; NULL: all of it */
} NstSceneStyle;

#define NST_SCENE_LEAST_SCALE 0.05
#define NST_SCENE_MOST_SCALE 20.0

/* What is painted: the photograph, the paintings, and the picture to start from. (How it is painted is the
 * recipe's business.) A plain value that holds references to its pictures. A run copies the scene that it is
 * given, so the caller may change or free its own afterwards. */
typedef struct
{
  NstImage      *content;  /* ref; NULL: not known yet, which is enough for a plan */
  NstSceneStyle *styles;   /* owned array of n_styles, the first one first */
  int            n_styles; /* 0: none yet */
  NstImage      *start;    /* ref; for recipes that start from an image (NST_INIT_IMAGE), or NULL */
  NstMask       *protect;  /* ref; where the content is kept more faithfully, or NULL: nowhere */
  NstMask       *strength; /* ref; share of the painted picture in the result, or NULL: 1 everywhere */
} NstScene;

/* A scene with this content (a reference is taken; may be NULL) and nothing else. */
NstScene *nst_scene_new (NstImage *content);

/* The same pictures: references are taken, no pixel is copied. */
NstScene *nst_scene_copy (const NstScene *scene);
void      nst_scene_free (NstScene *scene); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NstScene, nst_scene_free)

/* References are taken; NULL: none. */
void nst_scene_set_content (NstScene *scene, NstImage *content);
void nst_scene_set_start (NstScene *scene, NstImage *start);
void nst_scene_set_protect (NstScene *scene, NstMask *protect);
void nst_scene_set_strength (NstScene *scene, NstMask *strength);

/* Append a style; references to its image and masks are taken. NST_ERROR_ARGUMENT for a weight or scale out
 * of range, or an empty mask; then the scene is unchanged. The second function is for a style that goes
 * everywhere. */
gboolean nst_scene_append_style (NstScene *scene, const NstSceneStyle *style, GError **error);
gboolean nst_scene_add_style (NstScene *scene, NstImage *image, double weight, GError **error);
void     nst_scene_remove_styles (NstScene *scene);

/* Bytes of all pictures and masks; one that is there twice counts once. */
gsize nst_scene_bytes (const NstScene *scene);

G_END_DECLS
