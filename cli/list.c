/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/list.h"

#include <math.h>
#include <string.h>

#include "cli/cli.h"

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
          nst_cli_usage (error, "%s: expected %s from %g to %g, with commas between them; found \"%s\"",
                         option, whole ? "whole numbers" : "numbers", min, max, words[i]);
          return NULL;
        }
      g_array_append_val (numbers, value);
    }
  if (numbers->len == 0)
    {
      nst_cli_usage (error, "%s: expected numbers with commas between them, found nothing", option);
      return NULL;
    }

  return g_steal_pointer (&numbers);
}

gboolean
nst_list_parse_layers (const char *option, const char *text, NstTapList *list, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  list->n = 0;
  for (int i = 0; words[i] != NULL; i++)
    {
      char  *equals = strchr (words[i], '=');
      NstTap tap = { .weight = 1 };

      if (list->n == NST_MAX_TAPS)
        return nst_cli_usage (error, "%s: there are more than %d layers", option, NST_MAX_TAPS);
      if (equals != NULL)
        *equals = '\0';
      if (*words[i] == '\0' || strlen (words[i]) >= sizeof tap.layer
          || (equals != NULL
              && (!parse_number (equals + 1, &tap.weight) || tap.weight < 0 || tap.weight > 1e9)))
        return nst_cli_usage (error,
                              "%s: expected layers with commas between them, like conv1_1,conv2_1=0.5; found "
                              "\"%s%s%s\"",
                              option, words[i], equals != NULL ? "=" : "", equals != NULL ? equals + 1 : "");
      for (int k = 0; k < list->n; k++)
        if (strcmp (list->taps[k].layer, words[i]) == 0)
          return nst_cli_usage (error, "%s: %s is there twice", option, words[i]);
      g_strlcpy (tap.layer, words[i], sizeof tap.layer);
      list->taps[list->n++] = tap;
    }

  return list->n > 0
         || nst_cli_usage (error, "%s: expected layers with commas between them, found nothing", option);
}
