/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses options whose value is a list of numbers or of layers. */
#include "cli/list.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/text.h"

static gboolean
parse_number (const char *text, double *value)
{
  char *end;

  *value = g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && isfinite (*value);
}

GArray *
nst_list_parse_numbers (
    const char *option, const char *text, double min, double max, gboolean whole, GError **error)
{
  g_auto (GStrv)     words = g_strsplit (text, ",", -1);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (double));

  for (int i = 0; words[i] != NULL; i++)
    {
      double value;

      if (!parse_number (words[i], &value) || value < min || value > max || (whole && value != floor (value)))
        {
          g_autofree char *found = nst_text_quote (words[i]);

          if (whole)
            nst_cli_usage (error,
                           _ ("%s: expected whole numbers from %g to %g, separated by commas; found \"%s\""),
                           option, min, max, found);
          else
            nst_cli_usage (error, _ ("%s: expected numbers from %g to %g, separated by commas; found \"%s\""),
                           option, min, max, found);
          return NULL;
        }
      g_array_append_val (numbers, value);
    }
  if (numbers->len == 0)
    {
      nst_cli_usage (error, _ ("%s: expected numbers separated by commas, found nothing"), option);
      return NULL;
    }

  return g_steal_pointer (&numbers);
}

gboolean
nst_list_parse_layers (const char *option, const char *text, NstLayerWeights *list, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  list->n = 0;
  for (int i = 0; words[i] != NULL; i++)
    {
      char          *equals = strchr (words[i], '=');
      NstLayerWeight entry = { .weight = 1 };

      if (list->n == NST_MAX_LAYERS)
        return nst_cli_usage (error, _ ("%s: at most %d layers are possible"), option, NST_MAX_LAYERS);
      if (equals != NULL)
        *equals = '\0';
      if (*words[i] == '\0' || strlen (words[i]) >= sizeof entry.layer
          || (equals != NULL
              && (!parse_number (equals + 1, &entry.weight) || entry.weight < 0 || entry.weight > 1e9)))
        {
          g_autofree char *found = NULL;

          if (equals != NULL)
            *equals = '=';
          found = nst_text_quote (words[i]);
          return nst_cli_usage (error,
                                _ ("%s: expected layers separated by commas, for example "
                                   "conv1_1,conv2_1=0.5; found \"%s\""),
                                option, found);
        }
      for (int k = 0; k < list->n; k++)
        if (strcmp (list->layers[k].layer, words[i]) == 0)
          return nst_cli_usage (error, _ ("%s: the layer %s is listed twice"), option, words[i]);
      g_strlcpy (entry.layer, words[i], sizeof entry.layer);
      list->layers[list->n++] = entry;
    }

  return list->n > 0
         || nst_cli_usage (error, _ ("%s: expected layers separated by commas, found nothing"), option);
}
