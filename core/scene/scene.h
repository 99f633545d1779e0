/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/image/image.h"

G_BEGIN_DECLS

/* One painting whose style is wanted. */
typedef struct
{
  NstImage *image;  /* ref */
  double    weight; /* share in the mixture of styles, relative to the others; above 0, at most 1e9 */
  NstImage *mask;   /* ref; where on the content the style goes. NULL, the only value so far: everywhere */
} NstSceneStyle;

/* What is painted: the photograph, the paintings, and the picture to start from. (How it is painted is the
 * recipe's business.) A plain value that holds references to its pictures. A run copies the scene that it is
 * given, so the caller may change or free its own afterwards. */
typedef struct
{
  NstImage      *content;  /* ref; NULL: not known yet, which is enough for a plan */
  NstSceneStyle *styles;   /* owned array of n_styles, the first one first */
  int            n_styles; /* 0: none yet */
  NstImage      *start;    /* ref; for recipes that start from an image (NST_INIT_IMAGE), or NULL */
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

/* Append a style; a reference to image is taken. NST_ERROR_ARGUMENT for a weight out of range; then the scene
 * is unchanged. */
gboolean nst_scene_add_style (NstScene *scene, NstImage *image, double weight, GError **error);
void     nst_scene_remove_styles (NstScene *scene);

/* Bytes of all pictures; one that is there twice counts once. */
gsize nst_scene_bytes (const NstScene *scene);

G_END_DECLS
