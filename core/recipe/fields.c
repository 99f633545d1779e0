/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a recipe's fields: reading, writing, checking and comparing recipes follow it. */
#include "core/recipe/fields.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

/* Each field has one line in this table, and one in struct NstRecipe. It gives the name, the type, what a
 * change costs and what values are allowed. */

typedef enum
{
  NUMBER,
  INTEGER,
  BOOLEAN,
  CHOICE,
  TEXT,
  LAYERS
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
  FIELD (content_layers, LAYERS, NST_CHANGE_RUN, 0, 1e9),
  FIELD (style_layers, LAYERS, NST_CHANGE_RUN, 0, 1e9),
  FIELD (content_formula,
         CHOICE,
         NST_CHANGE_RUN,
         0,
         0,
         { "normalised", "half-sum", "sum", "mean", "root-mean" }),
  FIELD (style_loss, CHOICE, NST_CHANGE_RUN, 0, 0, { "gram", "centred", "wasserstein" }),
  FIELD (style_formula,
         CHOICE,
         NST_CHANGE_RUN,
         0,
         0,
         { "normalised", "gatys", "keras", "mean", "root-mean", "mean-shared" }),
  FIELD (tv_formula, CHOICE, NST_CHANGE_RUN, 0, 0, { "squared", "power", "absolute" }),
  FIELD (pooling, CHOICE, NST_CHANGE_TARGETS, 0, 0, { "model", "max", "average" }),
  FIELD (precision, CHOICE, NST_CHANGE_TARGETS, 0, 0, { "exact", "fast" }),
  FIELD (init, CHOICE, NST_CHANGE_RUN, 0, 0, { "content", "noise", "image" }),
  FIELD (noise, NUMBER, NST_CHANGE_RUN, 0, 1),
  FIELD (detail, NUMBER, NST_CHANGE_RUN, 0, 1),
  FIELD (freedom, NUMBER, NST_CHANGE_TARGETS, 0, 1),
  FIELD (seed, INTEGER, NST_CHANGE_RUN, 0, G_MAXINT32),
  FIELD (optimizer, CHOICE, NST_CHANGE_RUN, 0, 0, { "lbfgs", "adam", "gd" }),
  FIELD (iterations, INTEGER, NST_CHANGE_RUN, 1, NST_MOST_ITERATIONS),
  FIELD (coarse_iterations, NUMBER, NST_CHANGE_RUN, -2, 2),
  FIELD (evaluations, INTEGER, NST_CHANGE_RUN, 0, 10000),
  FIELD (history, INTEGER, NST_CHANGE_RUN, 1, 100),
  FIELD (learning_rate, NUMBER, NST_CHANGE_RUN, 1e-9, 1e3),
  FIELD (adam_beta1, NUMBER, NST_CHANGE_RUN, 0, 0.999999),
  FIELD (adam_beta2, NUMBER, NST_CHANGE_RUN, 0, 0.999999),
  FIELD (adam_epsilon, NUMBER, NST_CHANGE_RUN, 1e-20, 1),
  FIELD (size, INTEGER, NST_CHANGE_TARGETS, 0, 32768),
  FIELD (enlarge, BOOLEAN, NST_CHANGE_TARGETS, 0, 1),
  FIELD (first_size, INTEGER, NST_CHANGE_TARGETS, 16, 32768),
  FIELD (scale_ratio, NUMBER, NST_CHANGE_TARGETS, 1, 4),
  FIELD (style_scale, NUMBER, NST_CHANGE_TARGETS, 0.1, 10),
  FIELD (style_fit, CHOICE, NST_CHANGE_TARGETS, 0, 0, { "own", "stretch", "crop" }),
  FIELD (match_colours, NUMBER, NST_CHANGE_RUN, 0, 1),
  FIELD (no_lattice, BOOLEAN, NST_CHANGE_TARGETS, 0, 1),
  FIELD (palette, NUMBER, NST_CHANGE_FINISH, 0, 1),
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
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s: expected true or false, found %s"),
                   field->name, found);
      break;
    case CHOICE:
      {
        g_autofree char *choices = g_strjoinv ("\", \"", (char **) field->choices);

        g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s: expected one of \"%s\", found %s"),
                     field->name, choices, found);
        break;
      }
    case TEXT:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: expected a text of %g to %g bytes, found %s"), field->name, field->min, field->max,
                   found);
      break;
    case LAYERS:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: expected an object of at most %d layers with weights from %g to %g, like "
                      "{\"conv4_2\": 1}; found %s"),
                   field->name, NST_MAX_LAYERS, field->min, field->max, found);
      break;
    case INTEGER:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("%s: expected a whole number from %g to %g, found %s"), field->name, field->min,
                   field->max, found);
      break;
    case NUMBER:
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("%s: expected a number from %g to %g, found %s"),
                   field->name, field->min, field->max, found);
      break;
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
layers_in_range (const Field *field, const NstLayerWeights *list)
{
  if (list->n < 0 || list->n > NST_MAX_LAYERS)
    return FALSE;
  for (int i = 0; i < list->n; i++)
    if (list->layers[i].layer[0] == '\0' || !in_range (field, list->layers[i].weight))
      return FALSE;

  return TRUE;
}

static gboolean
parse_layers (const Field *field, const cJSON *json, NstLayerWeights *list)
{
  const cJSON *item;

  list->n = 0;
  if (!cJSON_IsObject (json))
    return FALSE;
  cJSON_ArrayForEach (item, json)
    {
      NstLayerWeight *entry = &list->layers[list->n];

      if (list->n == NST_MAX_LAYERS || !cJSON_IsNumber (item) || !in_range (field, item->valuedouble)
          || *item->string == '\0' || strlen (item->string) >= sizeof entry->layer)
        return FALSE;
      for (int i = 0; i < list->n; i++)
        if (strcmp (list->layers[i].layer, item->string) == 0)
          return FALSE;
      g_strlcpy (entry->layer, item->string, sizeof entry->layer);
      entry->weight = item->valuedouble;
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
    case LAYERS:
      return parse_layers (field, json, &AT (recipe, field, NstLayerWeights));
    }

  return FALSE;
}

/* Fields of earlier versions */

#define OLD_COLOURS "keep_colours"

/* Whether a JSON object is a whole recipe from before the field style_loss, as layers keep it: then fields
 * that it cannot name mean what was done then. */
static gboolean
is_old_recipe (const cJSON *object)
{
  return cJSON_HasObjectItem (object, OLD_COLOURS) && cJSON_HasObjectItem (object, "style_formula")
         && cJSON_HasObjectItem (object, "iterations") && !cJSON_HasObjectItem (object, "style_loss");
}

static void
set_old_fields (NstRecipe *recipe)
{
  recipe->style_loss = NST_STYLE_GRAM;
  recipe->detail = 0.5;
  recipe->freedom = recipe->coarse_iterations = recipe->match_colours = 0;
  recipe->no_lattice = FALSE;
}

/* Change one field that JSON names. */
static gboolean
merge_field (NstRecipe *recipe, const cJSON *item, GError **error)
{
  const Field     *field = find_field (item->string);
  g_autofree char *found = NULL;
  char            *printed;

  if (strcmp (item->string, OLD_COLOURS) == 0 && cJSON_IsBool (item))
    {
      recipe->palette = cJSON_IsTrue (item) ? 0 : 1;
      return TRUE;
    }
  if (field == NULL)
    {
      g_autofree char *name = nst_text_quote (item->string);

      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("A recipe has no field \"%s\""), name);
      return FALSE;
    }
  if (parse_field (field, item, recipe))
    return TRUE;

  /* JSON has no infinity. cJSON reads 1e999 as one and prints it as null. */
  printed = cJSON_PrintUnformatted (item);
  found = nst_text_quote (cJSON_IsNumber (item) && !isfinite (item->valuedouble) ? _ ("an infinite number")
                                                                                 : printed);
  cJSON_free (printed);
  wrong (field, found, error);

  return FALSE;
}

gboolean
nst_recipe_merge_fields (NstRecipe *recipe, const cJSON *object, const char *except, GError **error)
{
  const cJSON *item;

  if (is_old_recipe (object))
    set_old_fields (recipe);
  cJSON_ArrayForEach (item, object)
    if ((except == NULL || strcmp (item->string, except) != 0) && !merge_field (recipe, item, error))
      return FALSE;

  return nst_recipe_validate (recipe, error);
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
    case LAYERS:
      object = cJSON_CreateObject ();
      for (int i = 0; i < GET (recipe, field, NstLayerWeights).n; i++)
        {
          const NstLayerWeight *entry = &GET (recipe, field, NstLayerWeights).layers[i];

          cJSON_AddNumberToObject (object, entry->layer, entry->weight);
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
        case LAYERS:
          good = layers_in_range (field, &GET (recipe, field, NstLayerWeights));
          break;
        }
      if (!good)
        return wrong (field, found, error);
    }

  if (recipe->size != 0 && recipe->size < 16)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("size: expected 0 or 16 to 32768, found %d"),
                   recipe->size);
      return FALSE;
    }
  if (recipe->scale_ratio != 1 && recipe->scale_ratio < 1.1)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT, _ ("scale_ratio: expected 1 or 1.1 to 4, found %g"),
                   recipe->scale_ratio);
      return FALSE;
    }
  if (recipe->content_layers.n + recipe->style_layers.n == 0)
    {
      g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
                   _ ("content_layers and style_layers are both empty: there is nothing to match"));
      return FALSE;
    }

  return TRUE;
}

/* Comparison */

/* The weight of a layer in a list; below 0: it is not there. */
static double
weight_of (const NstLayerWeights *list, const char *layer)
{
  for (int i = 0; i < list->n; i++)
    if (strcmp (list->layers[i].layer, layer) == 0)
      return list->layers[i].weight;

  return -1;
}

static NstChange
compare_layers (const Field *field, const NstLayerWeights *a, const NstLayerWeights *b)
{
  NstChange change = a->n == b->n ? NST_CHANGE_NONE : NST_CHANGE_TARGETS;

  for (int i = 0; i < a->n; i++)
    {
      const double other = weight_of (b, a->layers[i].layer);

      if (other < 0)
        return NST_CHANGE_TARGETS;
      if (other != a->layers[i].weight)
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
    case LAYERS:
      return compare_layers (field, &GET (a, field, NstLayerWeights), &GET (b, field, NstLayerWeights));
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

static char *
value_text (const Field *field, const NstRecipe *recipe)
{
  cJSON *json = field_to_json (field, recipe);
  char  *printed = cJSON_PrintUnformatted (json);
  char  *text = nst_text_quote (printed);

  cJSON_free (printed);
  cJSON_Delete (json);

  return text;
}

char *
nst_recipe_difference (const NstRecipe *a, const NstRecipe *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].name, "model") != 0 && compare_field (&fields[i], a, b) > NST_CHANGE_FINISH)
      {
        g_autofree char *of_a = value_text (&fields[i], a);
        g_autofree char *of_b = value_text (&fields[i], b);

        return g_strdup_printf (_ ("%s is %s and not %s"), fields[i].name, of_a, of_b);
      }

  return NULL;
}
