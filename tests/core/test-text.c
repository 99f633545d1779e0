/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that are cut for messages, and messages of recipes that quote long texts. */
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/recipe/recipe.h"

static void
test_cut (void)
{
  static const struct
  {
    const char *text;
    gsize       length;
    const char *expected;
  } cases[] = {
    { "", 5, "" },
    { "abcde", 5, "abcde" },
    { "abcdef", 5, "abcd…" },
    { "abcdef", 1, "…" },
    { "äöü€𝄞", 5, "äöü€𝄞" },
    { "äöü€𝄞𝄞", 5, "äöü€…" },
    { "𝄞𝄞𝄞𝄞𝄞𝄞𝄞", 5, "𝄞𝄞𝄞𝄞…" },
    { "a\xff", 5, "a\xef\xbf\xbd" },
    { "\xff\xff\xff\xff\xff\xff", 2, "\xef\xbf\xbd…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *cut = nst_text_cut (cases[i].text, cases[i].length);

      g_assert_cmpstr (cut, ==, cases[i].expected);
    }
}

static void
test_cut_middle (void)
{
  static const struct
  {
    const char *text;
    gsize       length;
    const char *expected;
  } cases[] = {
    { "", 3, "" },
    { "abc", 3, "abc" },
    { "abcd", 3, "a…d" },
    { "abcdef", 6, "abcdef" },
    { "abcdefg", 6, "abc…fg" },
    { "äöü€𝄞äöü€𝄞", 6, "äöü…€𝄞" },
    { "a\377b", 3, "a\377b" },
    { "\377bcde\377", 3, "\xef\xbf\xbd…\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *cut = nst_text_cut_middle (cases[i].text, cases[i].length);

      g_assert_cmpstr (cut, ==, cases[i].expected);
    }
}

static void
test_escape (void)
{
  static const char *const cases[][2] = {
    { "", "" },
    { "äöü€𝄞", "äöü€𝄞" },
    { "a\033[2J\a\177\r", "a\\u001b[2J\\u0007\\u007f\\u000d" },
    { "1\n2\t3", "1\n2\\u00093" },
    { "\xc2\x80\xc2\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0" },
    { "\xff\xc3", "\\xff\\xc3" },
    { "\xc3(\xe2\x82", "\\xc3(\\xe2\\x82" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = nst_text_escape (cases[i][0], "\n");

      g_assert_cmpstr (shown, ==, cases[i][1]);
    }
}

static void
test_flatten (void)
{
  char text[] = "a\nb\x1b[31m\x7f\xc2\x9b"
                "c\xe2\x80\xa8"
                "d\xe2\x80\xa9"
                "€\t";

  nst_text_flatten (text);
  g_assert_cmpstr (text, ==, "a b [31m   c   d   € ");
}

/* Messages that quote a text of a megabyte are short. */
static void
test_recipe (void)
{
  static const char *const places[] = {
    "{\"%s\": 1}",          "{\"%s\": 1, \"%s\": 2}", "{\"model\": \"%s\"}",
    "{\"alpha\": \"%s\"}",  "{\"pooling\": \"%s\"}",  "{\"style_layers\": {\"%s\": 1}}",
    "{\"preset\": \"%s\"}", "{\"alpha\": 1} %s",      "[\"%s\"]",
  };
  g_autofree char *text = g_strnfill (1 << 20, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto (GStrv)     parts = g_strsplit (places[i], "%s", -1);
      g_autofree char   *json = g_strjoinv (text, parts);
      g_autoptr (GError) error = NULL;
      NstRecipe          recipe;

      nst_recipe_init (&recipe);
      g_test_message ("%s", places[i]);
      g_assert_false (nst_recipe_merge_json (&recipe, json, &error));
      g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
      g_assert_cmpuint (strlen (error->message), <, 400);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/text/cut", test_cut);
  g_test_add_func ("/core/text/cut-middle", test_cut_middle);
  g_test_add_func ("/core/text/escape", test_escape);
  g_test_add_func ("/core/text/flatten", test_flatten);
  g_test_add_func ("/core/text/recipe", test_recipe);

  return g_test_run ();
}
