/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON from outside: checked for UTF-8, depth, NUL and double keys, which cJSON lets pass. */
#include "core/base/json.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

/* Checks before cJSON parses the text, because cJSON recurses at every level and ends a string at a NUL. */
static gboolean
scan (const char *text, int max_depth, GError **error)
{
  gboolean in_string = FALSE;
  int      depth = 0;

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("not UTF-8"));
      return FALSE;
    }

  for (const char *c = text; *c != '\0'; c++)
    {
      if (in_string && *c == '\\')
        {
          if (strncmp (c, "\\u0000", 6) == 0)
            {
              g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("a string contains NUL, at byte %ld"),
                           (long) (c - text));
              return FALSE;
            }
          if (c[1] != '\0')
            c++;
        }
      else if (*c == '"')
        in_string = !in_string;
      else if (!in_string && (*c == '{' || *c == '['))
        depth++;
      else if (!in_string && (*c == '}' || *c == ']'))
        depth--;

      if (depth > max_depth)
        {
          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("nested deeper than %d, at byte %ld"),
                       max_depth, (long) (c - text));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_keys (const cJSON *json, GError **error)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  const cJSON           *item;

  cJSON_ArrayForEach (item, json)
    {
      if (cJSON_IsObject (json) && !g_hash_table_add (keys, item->string))
        {
          g_autofree char *key = nst_text_quote (item->string);

          g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, _ ("the key \"%s\" occurs twice"), key);
          return FALSE;
        }
      if (item->child != NULL && !check_keys (item, error))
        return FALSE;
    }

  return TRUE;
}

cJSON *
nst_json_parse (const char *text, int max_depth, GError **error)
{
  g_autoptr (cJSON) json = NULL;
  const char       *end = NULL;

  if (!scan (text, max_depth, error))
    return NULL;

  json = cJSON_ParseWithOpts (text, &end, TRUE);
  if (!cJSON_IsObject (json))
    {
      const char      *stop = json == NULL && end != NULL ? end : text;
      g_autofree char *rest = nst_text_cut (stop, 20);

      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("not a JSON object; reading stops at byte %ld: \"%s\""), (long) (stop - text), rest);
      return NULL;
    }
  if (!check_keys (json, error))
    return NULL;

  return g_steal_pointer (&json);
}

gboolean
nst_json_get_whole (const cJSON *json, gint64 max, gint64 *value)
{
  double number = cJSON_IsNumber (json) ? json->valuedouble : -1;

  if (!(number >= 0 && number <= max) || number != floor (number))
    return FALSE;
  *value = number;

  return TRUE;
}
