/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The presets: recipes that come with the program, as data in presets.json. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/recipe/fields.h"

/* The text of presets.json, made by the build. */
extern const char nst_presets_json[];

typedef struct
{
  NstPresetInfo *infos;   /* n + 1; the last one is empty */
  NstRecipe     *recipes; /* n */
} Presets;

static const char *
text_of (const cJSON *entry, const char *key)
{
  return cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (entry, key));
}

/* The recipe of entry i: the one of its base, an earlier entry, and the fields that differ. */
static void
read_recipe (Presets *presets, int i, const cJSON *entry)
{
  const char        *base = text_of (entry, "base");
  const cJSON       *fields = cJSON_GetObjectItemCaseSensitive (entry, "recipe");
  g_autoptr (GError) error = NULL;

  for (int k = 0; base != NULL && k < i; k++)
    if (strcmp (presets->infos[k].name, base) == 0)
      presets->recipes[i] = presets->recipes[k];
  if (!nst_recipe_merge_fields (&presets->recipes[i], fields, NULL, &error))
    g_error ("presets.json: %s: %s", presets->infos[i].name, error->message);
}

static Presets *
read_presets (void)
{
  cJSON       *json = cJSON_Parse (nst_presets_json); /* never freed: infos points into it */
  const int    n = cJSON_GetArraySize (json);
  Presets     *presets = g_new0 (Presets, 1);
  const cJSON *entry;
  int          i = 0;

  presets->infos = g_new0 (NstPresetInfo, n + 1);
  presets->recipes = g_new0 (NstRecipe, n);
  cJSON_ArrayForEach (entry, json)
    {
      presets->infos[i] = (NstPresetInfo){
        .name = text_of (entry, "name"),
        .title = text_of (entry, "title"),
        .caption = text_of (entry, "caption"),
        .picture = text_of (entry, "picture"),
      };
      if (presets->infos[i].name == NULL || presets->infos[i].title == NULL)
        g_error ("presets.json: entry %d has no name or no title", i);
      read_recipe (presets, i, entry);
      i++;
    }

  return presets;
}

static const Presets *
get_presets (void)
{
  static gsize presets = 0;

  if (g_once_init_enter (&presets))
    g_once_init_leave (&presets, (gsize) read_presets ());

  return (const Presets *) presets;
}

const NstPresetInfo *
nst_presets (void)
{
  return get_presets ()->infos;
}

gboolean
nst_recipe_set_preset (NstRecipe *recipe, const char *name, GError **error)
{
  const Presets      *presets = get_presets ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char    *quoted = nst_text_quote (name);

  for (int i = 0; presets->infos[i].name != NULL; i++)
    {
      if (strcmp (presets->infos[i].name, name) == 0)
        {
          *recipe = presets->recipes[i];
          return TRUE;
        }
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", presets->infos[i].name);
    }
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("There is no preset \"%s\"; there are %s"), quoted,
               names->str);

  return FALSE;
}

void
nst_recipe_init (NstRecipe *recipe)
{
  *recipe = get_presets ()->recipes[0];
}
