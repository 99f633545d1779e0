/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layers of VGG-16 and VGG-19, and their names in files of other programs. */
#include "weights/import/vgg.h"

#include <string.h>

#define BLOCKS 5

static const int depths[NST_N_VGGS][BLOCKS] = {
  [NST_VGG_19] = { 2, 2, 4, 4, 4 }, [NST_VGG_16] = { 2, 2, 3, 3, 3 }
};

const char *
nst_vgg_title (NstVgg vgg)
{
  return vgg == NST_VGG_19 ? "VGG-19" : "VGG-16";
}

/* Parse a number of at most max_digits digits and advance *text; -1 if there is none. */
static int
parse_number (const char **text, int max_digits)
{
  int number = 0, digits = 0;

  for (; digits < max_digits && g_ascii_isdigit (**text); digits++)
    number = number * 10 + *(*text)++ - '0';

  return digits > 0 ? number : -1;
}

static gboolean
skip (const char **text, const char *prefix)
{
  if (!g_str_has_prefix (*text, prefix))
    return FALSE;
  *text += strlen (prefix);

  return TRUE;
}

/* "features.12", "module.features.12", "12" */
static gboolean
parse_numbered (const char *name, NstVggPlace *place)
{
  const char *features = g_strrstr (name, "features.");

  if (features != NULL && (features == name || features[-1] == '.'))
    name = features + strlen ("features.");
  place->kind = NST_PLACE_CONV;
  place->number = parse_number (&name, 3);

  return place->number >= 0 && *name == '\0';
}

/* "conv4_2", "block4_conv2", "conv42", "conv42_aux", "conv4_2_aux" */
static gboolean
parse_named (const char *name, NstVggPlace *place)
{
  if (skip (&name, "block"))
    {
      place->block = parse_number (&name, 2);
      if (!skip (&name, "_conv"))
        return FALSE;
      place->layer = parse_number (&name, 2);
    }
  else if (skip (&name, "conv"))
    {
      gboolean apart = strchr (name, '_') != NULL && strcmp (strchr (name, '_'), "_aux") != 0;

      place->block = parse_number (&name, apart ? 2 : 1);
      if (apart && !skip (&name, "_"))
        return FALSE;
      place->layer = parse_number (&name, apart ? 2 : 1);
    }
  place->kind = skip (&name, "_aux") ? NST_PLACE_HEAD : NST_PLACE_CONV;

  return place->block > 0 && place->layer > 0 && *name == '\0';
}

NstVggPlace
nst_vgg_parse_name (const char *name)
{
  const char *dot = strrchr (name, '.');
  NstVggPlace place = { 0 };

  if (parse_numbered (name, &place))
    return place;
  if (dot != NULL)
    name = dot + 1;
  if (strcmp (name, "conv0") == 0)
    return (NstVggPlace){ NST_PLACE_FIRST };
  place = (NstVggPlace){ 0 };

  return parse_named (name, &place) ? place : (NstVggPlace){ NST_PLACE_NONE };
}

NstVggPlace
nst_vgg_place (NstVgg vgg, int index)
{
  int block = 0, before = 0;

  while (index - before >= depths[vgg][block])
    before += depths[vgg][block++];

  return (NstVggPlace){ NST_PLACE_CONV, block + 1, index - before + 1 };
}

int
nst_vgg_find (NstVgg vgg, const NstVggPlace *place)
{
  int index = 0, number = 0;

  /* A convolution and its ReLU count two, pooling counts one. */
  for (int block = 0; block < BLOCKS; block++, number++)
    for (int layer = 0; layer < depths[vgg][block]; layer++, index++, number += 2)
      if (place->block == 0 ? place->number == number
                            : place->block == block + 1 && place->layer == layer + 1)
        return index;

  return -1;
}
