/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host in GIMP 3 after the user has deleted or resized the layer that is painted, or has closed its
 * image: no call asks GIMP for what is gone, and the picture can be kept as a new image. A plug-in of its
 * own, which in-gimp.sh runs; prints TAP. */
#include <string.h>

#include "core/base/error.h"
#include "plugin/gimp3/host.h"

#define PROCEDURE "plug-in-pastiche-gone"
#define WIDTH 70
#define HEIGHT 50

typedef enum
{
  DELETED,
  CLOSED,
  RESIZED,
} Event;

typedef struct
{
  const char       *name;
  Event             event;
  GimpImageBaseType base;
  GimpPrecision     precision;
  GimpImageType     type;
  const char       *text; /* in the error */
} GoneCase;

static const GoneCase cases[] = {
  { "deleted", DELETED, GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, GIMP_RGBA_IMAGE, "deleted" },
  { "closed", CLOSED, GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, GIMP_RGB_IMAGE, "closed" },
  { "closed-grey-16", CLOSED, GIMP_GRAY, GIMP_PRECISION_U16_NON_LINEAR, GIMP_GRAYA_IMAGE, "closed" },
  { "resized", RESIZED, GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, GIMP_RGBA_IMAGE, "70 × 50 to 71 × 50" },
};

/* The last call of libgimp went well. */
static void
assert_no_refusal (void)
{
  g_assert_cmpint (gimp_pdb_get_last_status (gimp_get_pdb ()), ==, GIMP_PDB_SUCCESS);
}

static GimpImage *
make_image (const GoneCase *test, GimpLayer **layer)
{
  GimpImage *image = gimp_image_new_with_precision (WIDTH, HEIGHT, test->base, test->precision);

  *layer = gimp_layer_new (image, "photograph", WIDTH, HEIGHT, test->type, 100, GIMP_LAYER_MODE_NORMAL);
  gimp_image_insert_layer (image, *layer, NULL, 0);
  gimp_drawable_fill (GIMP_DRAWABLE (*layer), GIMP_FILL_WHITE);

  return image;
}

static void
assert_nothing_to_read (NstHost *host)
{
  g_autoptr (GError)     error = NULL;
  g_autoptr (NstImage)   content = NULL;
  g_autoptr (GPtrArray)  layers = NULL;
  g_autofree GimpLayer **painted = NULL;
  int                    width = -1, height = -1;

  nst_host_get_size (host, &width, &height);
  assert_no_refusal ();
  g_assert_cmpint (width, ==, 0);
  g_assert_cmpint (height, ==, 0);
  g_assert_null (nst_host_read_alpha (host, WIDTH, HEIGHT));
  assert_no_refusal ();
  g_assert_null (nst_host_read_settings (host, -1));
  assert_no_refusal ();
  content = nst_host_read_content (host, NST_OUTPUT_NEW_LAYER, 0, &error);
  assert_no_refusal ();
  g_assert_null (content);
  g_assert_error (error, NST_ERROR, NST_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "deleted"));
  painted = nst_host_gimp3_painted (host);
  assert_no_refusal ();
  g_assert_null (painted[0]);
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
assert_kept (NstHost *host, NstImage *picture, const GoneCase *test)
{
  g_autoptr (GError)     error = NULL;
  g_autoptr (GeglBuffer) buffer = NULL;
  g_autofree float      *pixels = g_new (float, WIDTH *HEIGHT * 4);
  g_autofree char       *text = NULL;
  g_autofree GimpLayer **painted = NULL;
  GimpImage             *image;

  g_assert_true (nst_host_write (host, picture, NST_OUTPUT_NEW_IMAGE, "{\"kept\": 1}", &error));
  g_assert_no_error (error);
  painted = nst_host_gimp3_painted (host);
  g_assert_nonnull (painted[0]);
  image = gimp_item_get_image (GIMP_ITEM (painted[0]));
  g_assert_cmpint (gimp_image_get_precision (image), ==, test->precision);
  g_assert_cmpint (gimp_image_get_base_type (image), ==, test->base);
  g_assert_cmpint (gimp_drawable_get_width (GIMP_DRAWABLE (painted[0])), ==, WIDTH);
  g_assert_cmpint (gimp_drawable_get_height (GIMP_DRAWABLE (painted[0])), ==, HEIGHT);
  text = nst_host_read_settings (host, gimp_item_get_id (GIMP_ITEM (painted[0])));
  g_assert_cmpstr (text, ==, "{\"kept\": 1}");

  buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (painted[0]));
  gegl_buffer_get (buffer, NULL, 1.0, babl_format ("R'G'B'A float"), pixels, GEGL_AUTO_ROWSTRIDE,
                   GEGL_ABYSS_NONE);
  for (gsize i = 0; i < WIDTH * HEIGHT; i++)
    {
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon (pixels[4 * i + c], picture->data[3 * i + c], 1.5 / 255);
      g_assert_cmpfloat (pixels[4 * i + 3], ==, 1);
    }
  gimp_image_delete (image);
}

static void
test_gone (gconstpointer data)
{
  const GoneCase      *test = data;
  GimpLayer           *layer;
  GimpImage           *image = make_image (test, &layer);
  GimpDrawable        *drawables[] = { GIMP_DRAWABLE (layer), NULL };
  g_autoptr (NstHost)  host = nst_host_gimp3_new (image, drawables, FALSE);
  g_autoptr (NstImage) picture = nst_host_read_content (host, NST_OUTPUT_NEW_LAYER, 0, NULL);

  g_assert_nonnull (picture);
  if (test->event == DELETED)
    gimp_image_remove_layer (image, layer);
  else if (test->event == CLOSED)
    gimp_image_delete (image);
  else
    gimp_layer_resize (layer, WIDTH + 1, HEIGHT, 0, 0);

  if (test->event != RESIZED)
    assert_nothing_to_read (host);
  assert_refused (host, picture, NST_OUTPUT_NEW_LAYER, test->text);
  assert_refused (host, picture, NST_OUTPUT_IN_PLACE, test->text);
  assert_kept (host, picture, test);
  if (test->event != CLOSED)
    gimp_image_delete (image);
}

static void
attach (GimpLayer *layer, gsize length)
{
  g_autofree char *text = g_strnfill (length, 'x');
  GimpParasite    *parasite = gimp_parasite_new ("pastiche-settings", GIMP_PARASITE_PERSISTENT, length + 1,
                                                 text);

  gimp_item_attach_parasite (GIMP_ITEM (layer), parasite);
  gimp_parasite_free (parasite);
}

/* Settings from a stranger's file: more than 64 KB are none. */
static void
test_long_settings (void)
{
  GimpLayer          *layer;
  GimpImage          *image = make_image (&cases[0], &layer);
  GimpDrawable       *drawables[] = { GIMP_DRAWABLE (layer), NULL };
  g_autoptr (NstHost) host = nst_host_gimp3_new (image, drawables, FALSE);
  g_autofree char    *text = NULL;

  attach (layer, 65535);
  text = nst_host_read_settings (host, -1);
  g_assert_cmpuint (strlen (text), ==, 65535);
  attach (layer, 65536);
  g_assert_null (nst_host_read_settings (host, -1));
  gimp_image_delete (image);
}

/* The plug-in */

#define GONE_TYPE_PLUG_IN (gone_plug_in_get_type ())
G_DECLARE_FINAL_TYPE (GonePlugIn, gone_plug_in, GONE, PLUG_IN, GimpPlugIn)

struct _GonePlugIn
{
  GimpPlugIn parent_instance;
};

G_DEFINE_TYPE (GonePlugIn, gone_plug_in, GIMP_TYPE_PLUG_IN)

static GimpValueArray *
run (GimpProcedure *procedure, GimpProcedureConfig *config G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  char             *words[] = { (char *) "gone", (char *) "--tap", NULL };
  char            **argv = words;
  int               argc = 2;
  GimpPDBStatusType status;

  g_test_init (&argc, &argv, NULL);
  gegl_init (NULL, NULL);
  gimp_plug_in_set_pdb_error_handler (gimp_procedure_get_plug_in (procedure), GIMP_PDB_ERROR_HANDLER_PLUGIN);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plugin/gimp3/gone/", cases[i].name, NULL);

      g_test_add_data_func (path, cases + i, test_gone);
    }
  g_test_add_func ("/plugin/gimp3/long-settings", test_long_settings);
  status = g_test_run () == 0 ? GIMP_PDB_SUCCESS : GIMP_PDB_EXECUTION_ERROR;
  /* GIMP may quit before libgimp has said good-bye to it: a warning of a broken pipe, which is no failure of
   * a test. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);

  return gimp_procedure_new_return_values (procedure, status, NULL);
}

static GimpProcedure *
create_procedure (GimpPlugIn *plug_in, const char *name)
{
  GimpProcedure *procedure = gimp_procedure_new (plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

  gimp_procedure_set_documentation (procedure, "Tests of the host", NULL, NULL);
  gimp_procedure_set_attribution (procedure, "The Pastiche authors", "The Pastiche authors", "2026");

  return procedure;
}

static GList *
query_procedures (GimpPlugIn *plug_in G_GNUC_UNUSED)
{
  return g_list_append (NULL, g_strdup (PROCEDURE));
}

static gboolean
set_i18n (GimpPlugIn *plug_in G_GNUC_UNUSED,
          const char *name G_GNUC_UNUSED,
          char      **domain G_GNUC_UNUSED,
          char      **folder G_GNUC_UNUSED)
{
  return FALSE;
}

static void
gone_plug_in_class_init (GonePlugInClass *class)
{
  GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS (class);

  plug_in->query_procedures = query_procedures;
  plug_in->create_procedure = create_procedure;
  plug_in->set_i18n = set_i18n;
}

static void
gone_plug_in_init (GonePlugIn *plug_in G_GNUC_UNUSED)
{
}

GIMP_MAIN (GONE_TYPE_PLUG_IN)
