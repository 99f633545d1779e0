/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes of prints, in centimetres, millimetres or inches. */
#include "cli/print.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/text.h"

#define LEAST 16 /* pixels of a recipe's size */
#define MOST 32768

static const struct
{
  const char *name;
  double      per_inch;
} units[] = { { "cm", 2.54 }, { "mm", 25.4 }, { "in", 1 } };

static const char *
skip_blanks (const char *text)
{
  return text + strspn (text, " ");
}

/* Reads a positive number; *text moves behind it. 0: there is none. */
static double
read_length (const char **text)
{
  char        *end;
  const double value = g_ascii_strtod (*text, &end);

  if (end == *text || !(value > 0 && value < 1e6))
    return 0;
  *text = skip_blanks (end);

  return value;
}

gboolean
nst_print_parse (NstPrint *print, const char *text, GError **error)
{
  g_autofree char *found = nst_text_quote (text);

  *print = (NstPrint){ .width = read_length (&text) };
  if (print->width > 0 && *text == 'x')
    {
      text = skip_blanks (text + 1);
      print->height = read_length (&text);
      if (print->height == 0)
        print->width = 0;
    }
  for (gsize i = 0; print->width > 0 && i < G_N_ELEMENTS (units); i++)
    if (strcmp (text, units[i].name) == 0)
      {
        print->unit = units[i].name;
        print->per_inch = units[i].per_inch;
        return TRUE;
      }

  return nst_cli_usage (error,
                        _ ("--print: expected a size with cm, mm or in, like 60x40cm or 24in, found \"%s\""),
                        found);
}

gboolean
nst_print_fit (const NstPrint *print, double dpi, int width, int height, int *size, GError **error)
{
  const double longer = MAX (width, height), pixels = dpi / print->per_inch;
  const double side = print->height == 0
                          ? print->width * pixels
                          : pixels * longer * MIN (print->width / width, print->height / height);

  if (!(side >= LEAST && side <= MOST))
    return nst_cli_usage (error,
                          _ ("--print: at %g pixels per inch the longer side has %.0f pixels; %d to %d are "
                             "possible. Give another size or another --dpi"),
                          dpi, side, LEAST, MOST);
  *size = lround (side);

  return TRUE;
}
