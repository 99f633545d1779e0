/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host in GIMP 2.10 after the user has deleted or resized the layer that is painted, or has closed its
 * image: no call asks GIMP for what is gone, and the picture can be kept as a new image. */
#include "core/base/error.h"
#include "plugin/gimp2/host.h"
#include "tests/plugin/gimp2/support.h"

typedef enum
{
  DELETED,
  CLOSED,
  RESIZED,
} Event;

typedef struct
{
  const char *name;
  Event       event;
  Sheet       sheet;
  const char *text; /* in the error */
} GoneCase;

static const GoneCase cases[] = {
  { "deleted", DELETED, { "photograph", RGB8, TRUE, 70, 50, 0, 0, 70, 50 }, "deleted" },
  { "closed", CLOSED, { "photograph", RGB8, FALSE, 70, 50, 0, 0, 70, 50 }, "closed" },
  { "closed-grey-16",
    CLOSED,
    { "photograph", GIMP_GRAY, GIMP_PRECISION_U16_GAMMA, TRUE, 70, 50, 0, 0, 70, 50 },
    "closed" },
  { "resized", RESIZED, { "photograph", RGB8, TRUE, 70, 50, 0, 0, 70, 50 }, "70 × 50 to 71 × 50" },
};

/* The last call of libgimp went well. */
static void
assert_no_refusal (void)
{
  g_assert_cmpstr (gimp_get_pdb_error (), ==, "success");
}

static void
assert_nothing_to_read (NstHost *host)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (NstImage)  content = NULL;
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (GBytes)    window = NULL;
  int                   width = -1, height = -1;

  nst_host_get_size (host, &width, &height);
  assert_no_refusal ();
  g_assert_cmpint (width, ==, 0);
  g_assert_cmpint (height, ==, 0);
  g_assert_null (nst_host_read_alpha (host, 70, 50));
  assert_no_refusal ();
  g_assert_null (nst_host_read_settings (host, -1));
  assert_no_refusal ();
  content = nst_host_read_content (host, NST_OUTPUT_NEW_LAYER, 0, &error);
  assert_no_refusal ();
  g_assert_null (content);
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "deleted"));
  window = nst_host_get_window (host);
  layers = nst_host_list_layers (host, 16);
  assert_no_refusal ();
  g_assert_nonnull (layers);
}

static void
assert_refused (NstHost *host, NstImage *picture, NstOutput output, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (nst_host_write (host, picture, output, "{}", &error));
  assert_no_refusal ();
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_nonnull (strstr (error->message, "new image"));
}

static void
assert_kept (NstHost *host, NstImage *picture, const Sheet *sheet)
{
  const float           *expected = picture->data;
  g_autoptr (GError)     error = NULL;
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autofree float      *pixels = g_new (float, (gsize) picture->width * picture->height * 4);
  g_autofree char       *text = NULL;
  gint32                 layer;

  g_assert_true (nst_host_write (host, picture, NST_OUTPUT_NEW_IMAGE, "{\"kept\": 1}", &error));
  g_assert_no_error (error);
  layer = nst_host_gimp2_painted (host);
  g_assert_true (gimp_item_is_valid (layer));
  g_assert_cmpint (gimp_image_get_precision (gimp_item_get_image (layer)), ==, sheet->precision);
  g_assert_cmpint (gimp_image_base_type (gimp_item_get_image (layer)), ==, sheet->base);
  g_assert_cmpint (gimp_drawable_width (layer), ==, picture->width);
  g_assert_cmpint (gimp_drawable_height (layer), ==, picture->height);
  text = nst_host_read_settings (host, layer);
  g_assert_cmpstr (text, ==, "{\"kept\": 1}");

  buffer = gimp_drawable_get_buffer (layer);
  gegl_buffer_get (buffer, NULL, 1.0, babl_format ("R'G'B'A float"), pixels, GEGL_AUTO_ROWSTRIDE,
                   GEGL_ABYSS_NONE);
  for (gsize i = 0; i < (gsize) picture->width * picture->height; i++)
    {
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon (pixels[4 * i + c], expected[3 * i + c], 1.5 / 255);
      g_assert_cmpfloat (pixels[4 * i + 3], ==, 1);
    }
  gimp_image_delete (gimp_item_get_image (layer));
}

static void
test_gone (gconstpointer data)
{
  const GoneCase      *test = data;
  gint32               layer, image = sheet_new (&test->sheet, &layer);
  g_autoptr (NstHost)  host = nst_host_gimp2_new (layer, FALSE);
  g_autoptr (NstImage) picture = nst_host_read_content (host, NST_OUTPUT_NEW_LAYER, 0, NULL);

  g_assert_nonnull (picture);
  if (test->event == DELETED)
    gimp_image_remove_layer (image, layer);
  else if (test->event == CLOSED)
    gimp_image_delete (image);
  else
    gimp_layer_resize (layer, test->sheet.width + 1, test->sheet.height, 0, 0);

  if (test->event != RESIZED)
    assert_nothing_to_read (host);
  assert_refused (host, picture, NST_OUTPUT_NEW_LAYER, test->text);
  assert_refused (host, picture, NST_OUTPUT_IN_PLACE, test->text);
  assert_kept (host, picture, &test->sheet);
  if (test->event != CLOSED)
    gimp_image_delete (image);
}

/* A host of a layer that does not exist, and layers of other images that are gone. */
static void
test_never_there (void)
{
  g_autoptr (NstHost) host = nst_host_gimp2_new (123456, FALSE);
  g_autoptr (GError)  error = NULL;

  assert_no_refusal ();
  assert_nothing_to_read (host);
  g_assert_null (nst_host_read_settings (host, 123457));
  assert_no_refusal ();
  g_assert_null (nst_host_read_style (host, 123457, "", &error));
  assert_no_refusal ();
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
}

static void
attach (gint32 layer, const char *text)
{
  GimpParasite *parasite = gimp_parasite_new ("pastiche-settings", GIMP_PARASITE_PERSISTENT,
                                              strlen (text) + 1, text);

  gimp_item_attach_parasite (layer, parasite);
  gimp_parasite_free (parasite);
}

/* Settings from a stranger's file: more than 64 KB are none. */
static void
test_long_settings (void)
{
  static const Sheet  sheet = { "photograph", RGB8, FALSE, 70, 50, 0, 0, 70, 50 };
  gint32              layer, image = sheet_new (&sheet, &layer);
  g_autoptr (NstHost) host = nst_host_gimp2_new (layer, FALSE);
  g_autofree char    *longest = g_strnfill (65535, 'x'), *longer = g_strnfill (65536, 'x'), *text = NULL;

  attach (layer, longest);
  text = nst_host_read_settings (host, -1);
  g_assert_cmpstr (text, ==, longest);
  attach (layer, longer);
  g_assert_null (nst_host_read_settings (host, -1));
  gimp_image_delete (image);
}

/* A layer's name from a stranger's file is not quoted whole. */
static void
test_long_name (void)
{
  static const Sheet    sheet = { "photograph", RGB8, TRUE, 70, 50, 0, 0, 70, 50 };
  gint32                layer, image = sheet_new (&sheet, &layer);
  g_autoptr (NstHost)   host = nst_host_gimp2_new (layer, FALSE);
  g_autoptr (NstHost)   other = nst_host_gimp2_new (sheet_style (), FALSE);
  g_autoptr (NstImage)  content = NULL;
  g_autoptr (GError)    error = NULL;
  g_autofree char      *name = g_strnfill (10000, 'x');
  g_autoptr (GPtrArray) layers = NULL;

  gimp_item_set_name (layer, name);
  gimp_drawable_fill (layer, GIMP_FILL_TRANSPARENT);
  content = nst_host_read_content (host, NST_OUTPUT_NEW_LAYER, 0, &error);
  g_assert_null (content);
  g_assert_error (error, NST_ERROR, NST_ERROR_SIZE);
  g_assert_cmpuint (strlen (error->message), <, 200);
  layers = nst_host_list_layers (other, 16);
  g_assert_cmpuint (layers->len, >, 0);
  for (guint i = 0; i < layers->len; i++)
    g_assert_cmpuint (strlen (((NstHostLayer *) layers->pdata[i])->name), <, 200);
  gimp_image_delete (image);
}

void
add_gone_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plugin/gimp2/gone/", cases[i].name, NULL);

      g_test_add_data_func (path, cases + i, test_gone);
    }
  g_test_add_func ("/plugin/gimp2/gone/never-there", test_never_there);
  g_test_add_func ("/plugin/gimp2/long-settings", test_long_settings);
  g_test_add_func ("/plugin/gimp2/long-name", test_long_name);
}
