/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/recipe/recipe.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/base/error.h"

/* One table says what a recipe's fields are called, of what type they are and what they may hold; reading,
 * writing and checking follow it, so that a new field is one line here and one in the struct. */

typedef enum
{
  NUMBER,
  INTEGER,
  BOOLEAN,
  CHOICE,
  TEXT,
  TAPS
} FieldType;

typedef struct
{
  const char *name;
  FieldType   type;
  NstChange   change; /* what a change of the field costs; of layers: of their weights alone */
  gsize       offset;
  double      min, max;
  const char *choices[16]; /* in the order of the enumeration; at most 15, then NULL */
} Field;

/* clang-format off */
#define FIELD(name, type, change, ...) { #name, type, change, offsetof (NstRecipe, name), __VA_ARGS__ }
/* clang-format on */

static const Field fields[] = {
  FIELD (model, TEXT, NST_CHANGE_TARGETS, 1, sizeof ((NstRecipe *) NULL)->model - 1),
  FIELD (alpha, NUMBER, NST_CHANGE_BALANCE, 0, 1e9),
  FIELD (beta, NUMBER, NST_CHANGE_BALANCE, 0, 1e9),
  FIELD (tv, NUMBER, NST_CHANGE_BALANCE, 0, 1e9),
  FIELD (content_layers, TAPS, NST_CHANGE_RUN, 0, 1e9),
  FIELD (style_layers, TAPS, NST_CHANGE_RUN, 0, 1e9),
  FIELD (content_formula,
         CHOICE,
         NST_CHANGE_RUN,
         0,
         0,
         { "normalised", "half-sum", "sum", "mean", "root-mean" }),
  FIELD (style_formula,
         CHOICE,
         NST_CHANGE_RUN,
         0,
         0,
         { "normalised", "gatys", "keras", "mean", "root-mean", "mean-shared" }),
  FIELD (tv_formula, CHOICE, NST_CHANGE_RUN, 0, 0, { "squared", "power", "absolute" }),
  FIELD (pooling, CHOICE, NST_CHANGE_TARGETS, 0, 0, { "model", "max", "average" }),
  FIELD (init, CHOICE, NST_CHANGE_RUN, 0, 0, { "content", "noise", "image" }),
  FIELD (noise, NUMBER, NST_CHANGE_RUN, 0, 1),
  FIELD (seed, INTEGER, NST_CHANGE_RUN, 0, G_MAXINT32),
  FIELD (optimizer, CHOICE, NST_CHANGE_RUN, 0, 0, { "lbfgs", "adam", "gd" }),
  FIELD (iterations, INTEGER, NST_CHANGE_RUN, 1, 100000),
  FIELD (evaluations, INTEGER, NST_CHANGE_RUN, 0, 10000),
  FIELD (history, INTEGER, NST_CHANGE_RUN, 1, 100),
  FIELD (learning_rate, NUMBER, NST_CHANGE_RUN, 1e-9, 1e3),
  FIELD (adam_beta1, NUMBER, NST_CHANGE_RUN, 0, 0.999999),
  FIELD (adam_beta2, NUMBER, NST_CHANGE_RUN, 0, 0.999999),
  FIELD (adam_epsilon, NUMBER, NST_CHANGE_RUN, 1e-20, 1),
  FIELD (size, INTEGER, NST_CHANGE_TARGETS, 0, 32768),
  FIELD (first_size, INTEGER, NST_CHANGE_TARGETS, 16, 32768),
  FIELD (scale_ratio, NUMBER, NST_CHANGE_TARGETS, 1, 4),
  FIELD (style_scale, NUMBER, NST_CHANGE_TARGETS, 0.1, 10),
  FIELD (style_fit, CHOICE, NST_CHANGE_TARGETS, 0, 0, { "own", "stretch", "crop" }),
  FIELD (keep_colours, BOOLEAN, NST_CHANGE_FINISH, 0, 1),
};

#define AT(recipe, field, type) (*(type *) ((char *) (recipe) + (field)->offset))
#define GET(recipe, field, type) (*(const type *) ((const char *) (recipe) + (field)->offset))

static const Field *
find_field (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].name, name) == 0)
      return &fields[i];

  return NULL;
}

static gboolean
wrong (const Field *field, const char *found, GError **error)
{
  switch (field->type)
    {
    case BOOLEAN:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: expected true or false, found %s", field->name,
                   found);
      break;
    case CHOICE:
      {
        g_autofree char *choices = g_strjoinv ("\", \"", (char **) field->choices);

        g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: expected one of \"%s\", found %s",
                     field->name, choices, found);
        break;
      }
    case TEXT:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: expected a text of %g to %g bytes, found %s",
                   field->name, field->min, field->max, found);
      break;
    case TAPS:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   "%s: expected an object of at most %d layers with weights from %g to %g, like "
                   "{\"conv4_2\": 1}; found %s",
                   field->name, NST_MAX_TAPS, field->min, field->max, found);
      break;
    default:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "%s: expected %s from %g to %g, found %s",
                   field->name, field->type == INTEGER ? "a whole number" : "a number", field->min,
                   field->max, found);
    }

  return FALSE;
}

static gboolean
in_range (const Field *field, double value)
{
  return value >= field->min && value <= field->max && (field->type != INTEGER || value == floor (value));
}

static gboolean
length_in_range (const Field *field, gsize length)
{
  return length >= field->min && length <= field->max;
}

static gboolean
taps_in_range (const Field *field, const NstTapList *list)
{
  if (list->n < 0 || list->n > NST_MAX_TAPS)
    return FALSE;
  for (int i = 0; i < list->n; i++)
    if (list->taps[i].layer[0] == '\0' || !in_range (field, list->taps[i].weight))
      return FALSE;

  return TRUE;
}

static gboolean
parse_taps (const Field *field, const cJSON *json, NstTapList *list)
{
  const cJSON *item;

  list->n = 0;
  if (!cJSON_IsObject (json))
    return FALSE;
  cJSON_ArrayForEach (item, json)
    {
      NstTap *tap = &list->taps[list->n];

      if (list->n == NST_MAX_TAPS || !cJSON_IsNumber (item) || !in_range (field, item->valuedouble)
          || *item->string == '\0' || strlen (item->string) >= sizeof tap->layer)
        return FALSE;
      for (int i = 0; i < list->n; i++)
        if (strcmp (list->taps[i].layer, item->string) == 0)
          return FALSE;
      g_strlcpy (tap->layer, item->string, sizeof tap->layer);
      tap->weight = item->valuedouble;
      list->n++;
    }

  return TRUE;
}

static gboolean
parse_field (const Field *field, const cJSON *json, NstRecipe *recipe)
{
  switch (field->type)
    {
    case NUMBER:
    case INTEGER:
      if (!cJSON_IsNumber (json) || !in_range (field, json->valuedouble))
        return FALSE;
      if (field->type == NUMBER)
        AT (recipe, field, double) = json->valuedouble;
      else
        AT (recipe, field, int) = json->valuedouble;
      return TRUE;
    case BOOLEAN:
      AT (recipe, field, gboolean) = cJSON_IsTrue (json);
      return cJSON_IsBool (json);
    case CHOICE:
      for (int i = 0; cJSON_IsString (json) && field->choices[i] != NULL; i++)
        if (strcmp (field->choices[i], json->valuestring) == 0)
          {
            AT (recipe, field, int) = i;
            return TRUE;
          }
      return FALSE;
    case TEXT:
      if (!cJSON_IsString (json) || !length_in_range (field, strlen (json->valuestring)))
        return FALSE;
      strcpy (&AT (recipe, field, char), json->valuestring);
      return TRUE;
    case TAPS:
      return parse_taps (field, json, &AT (recipe, field, NstTapList));
    }

  return FALSE;
}

static gboolean
merge (NstRecipe *recipe, const cJSON *json, GError **error)
{
  const cJSON *preset = cJSON_GetObjectItemCaseSensitive (json, "preset"), *item;

  if (preset != NULL && !cJSON_IsString (preset))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "preset: expected a name");
      return FALSE;
    }
  if (preset != NULL && !nst_recipe_set_preset (recipe, preset->valuestring, error))
    return FALSE;

  cJSON_ArrayForEach (item, json)
    {
      const Field *field = find_field (item->string);

      if (cJSON_GetObjectItemCaseSensitive (json, item->string) != item)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "\"%s\" is there twice", item->string);
          return FALSE;
        }
      if (item == preset)
        continue;
      if (field == NULL)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "A recipe has no field \"%s\"", item->string);
          return FALSE;
        }
      if (!parse_field (field, item, recipe))
        {
          char *found = cJSON_PrintUnformatted (item);

          /* JSON has no infinity: cJSON reads one of 1e999, and prints null. */
          wrong (field, cJSON_IsNumber (item) && !isfinite (item->valuedouble) ? "no finite number" : found,
                 error);
          cJSON_free (found);
          return FALSE;
        }
    }

  return TRUE;
}

gboolean
nst_recipe_merge_json (NstRecipe *recipe, const char *text, GError **error)
{
  const char *end = NULL;
  cJSON      *json = cJSON_ParseWithOpts (text, &end, TRUE);
  NstRecipe   changed = *recipe;
  gboolean    good = FALSE;

  if (!cJSON_IsObject (json))
    g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                 "The recipe is not a JSON object; reading stops at character %ld: \"%.20s\"",
                 (long) (end != NULL ? end - text : 0), end != NULL ? end : text);
  else
    good = merge (&changed, json, error) && nst_recipe_validate (&changed, error);
  cJSON_Delete (json);
  if (good)
    *recipe = changed;

  return good;
}

static cJSON *
field_to_json (const Field *field, const NstRecipe *recipe)
{
  cJSON *object;

  switch (field->type)
    {
    case NUMBER:
      return cJSON_CreateNumber (GET (recipe, field, double));
    case INTEGER:
      return cJSON_CreateNumber (GET (recipe, field, int));
    case BOOLEAN:
      return cJSON_CreateBool (GET (recipe, field, gboolean));
    case CHOICE:
      return cJSON_CreateString (field->choices[GET (recipe, field, int)]);
    case TEXT:
      return cJSON_CreateString (&GET (recipe, field, char));
    case TAPS:
      object = cJSON_CreateObject ();
      for (int i = 0; i < GET (recipe, field, NstTapList).n; i++)
        {
          const NstTap *tap = &GET (recipe, field, NstTapList).taps[i];

          cJSON_AddNumberToObject (object, tap->layer, tap->weight);
        }
      return object;
    }

  return NULL;
}

char *
nst_recipe_to_json (const NstRecipe *recipe)
{
  cJSON *json = cJSON_CreateObject ();
  char  *printed, *text;

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    cJSON_AddItemToObject (json, fields[i].name, field_to_json (&fields[i], recipe));
  printed = cJSON_PrintUnformatted (json);
  text = g_strdup (printed);
  cJSON_free (printed);
  cJSON_Delete (json);

  return text;
}

gboolean
nst_recipe_validate (const NstRecipe *recipe, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      const Field *field = &fields[i];
      char         found[32] = "what is out of range";
      gboolean     good = TRUE;
      int          n = 0;

      switch (field->type)
        {
        case NUMBER:
          good = in_range (field, GET (recipe, field, double));
          g_snprintf (found, sizeof found, "%g", GET (recipe, field, double));
          break;
        case INTEGER:
          good = in_range (field, GET (recipe, field, int));
          g_snprintf (found, sizeof found, "%d", GET (recipe, field, int));
          break;
        case BOOLEAN:
          good = GET (recipe, field, gboolean) == TRUE || GET (recipe, field, gboolean) == FALSE;
          break;
        case CHOICE:
          while (field->choices[n] != NULL)
            n++;
          good = GET (recipe, field, int) >= 0 && GET (recipe, field, int) < n;
          break;
        case TEXT:
          good = length_in_range (field, strnlen (&GET (recipe, field, char), field->max + 1));
          break;
        case TAPS:
          good = taps_in_range (field, &GET (recipe, field, NstTapList));
          break;
        }
      if (!good)
        return wrong (field, found, error);
    }

  if (recipe->size != 0 && recipe->size < 16)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "size: expected 0 or 16 to 32768, found %d",
                   recipe->size);
      return FALSE;
    }
  if (recipe->scale_ratio != 1 && recipe->scale_ratio < 1.1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, "scale_ratio: expected 1 or 1.1 to 4, found %g",
                   recipe->scale_ratio);
      return FALSE;
    }
  if (recipe->content_layers.n + recipe->style_layers.n == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   "content_layers and style_layers are both empty: there is nothing to match");
      return FALSE;
    }

  return TRUE;
}

/* Comparison */

/* The weight of a layer in a list; below 0: it is not there. */
static double
weight_of (const NstTapList *list, const char *layer)
{
  for (int i = 0; i < list->n; i++)
    if (strcmp (list->taps[i].layer, layer) == 0)
      return list->taps[i].weight;

  return -1;
}

static NstChange
compare_layers (const Field *field, const NstTapList *a, const NstTapList *b)
{
  NstChange change = a->n == b->n ? NST_CHANGE_NONE : NST_CHANGE_TARGETS;

  for (int i = 0; i < a->n; i++)
    {
      const double other = weight_of (b, a->taps[i].layer);

      if (other < 0)
        return NST_CHANGE_TARGETS;
      if (other != a->taps[i].weight)
        change = MAX (change, field->change);
    }

  return change;
}

static NstChange
compare_field (const Field *field, const NstRecipe *a, const NstRecipe *b)
{
  gboolean same = FALSE;

  switch (field->type)
    {
    case NUMBER:
      same = GET (a, field, double) == GET (b, field, double);
      break;
    case INTEGER:
    case BOOLEAN:
    case CHOICE:
      same = GET (a, field, int) == GET (b, field, int);
      break;
    case TEXT:
      same = strcmp (&GET (a, field, char), &GET (b, field, char)) == 0;
      break;
    case TAPS:
      return compare_layers (field, &GET (a, field, NstTapList), &GET (b, field, NstTapList));
    }

  return same ? NST_CHANGE_NONE : field->change;
}

NstChange
nst_recipe_compare (const NstRecipe *a, const NstRecipe *b)
{
  NstChange most = NST_CHANGE_NONE;

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    most = MAX (most, compare_field (&fields[i], a, b));

  return most;
}
