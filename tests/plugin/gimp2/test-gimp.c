/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plug-in-pastiche end to end in a real GIMP 2.10. The test program is itself a plug-in: all cases share one
 * start of GIMP, and pixels are compared byte for byte in GIMP's storage format. in-gimp.sh starts it. */

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/plugin/gimp2/support.h"

/* Bad input: the message contains text, and the image is unchanged. */
typedef struct
{
  const char *name;
  Call        call;
  int         width, height; /* 0: 70 x 50 */
  int         selection[4];
  const char *text;
  gboolean    transparent; /* the whole layer */
} BadCase;

#define PLAIN .mode = GIMP_RUN_NONINTERACTIVE

static const BadCase bad_cases[] = {
  { "no-style", { PLAIN, .style = -1 }, .text = "No style" },
  { "style-layer-gone", { PLAIN, .style = 123456 }, .text = "invalid" },
  { "style-file-missing",
    { PLAIN, .style = -1, .style_file = "/no/such/picture.png" },
    .text = "/no/such/picture.png" },
  { "style-file-no-picture",
    { PLAIN, .style = -1, .style_file = "/proc/self/cmdline" },
    .text = "/proc/self/cmdline" },
  { "style-file-device", { PLAIN, .style = -1, .style_file = "/dev/zero" }, .text = "a pipe or a device" },
  { "json-broken", { PLAIN, .json = "{\"tv\": 1" }, .text = "JSON" },
  { "json-more-behind", { PLAIN, .json = "{\"tv\": 1} {\"beta\": 2}" }, .text = "JSON" },
  { "json-no-object", { PLAIN, .json = "[1, 2]" }, .text = "JSON" },
  { "json-wrong-type", { PLAIN, .json = "{\"tv\": \"much\"}" }, .text = "tv" },
  { "json-out-of-range", { PLAIN, .json = "{\"history\": 1000}" }, .text = "history" },
  { "json-unknown-field", { PLAIN, .json = "{\"colour\": 1}" }, .text = "colour" },
  { "json-model-no-name", { PLAIN, .json = "{\"model\": 19}" }, .text = "model" },
  { "json-init-image", { PLAIN, .json = "{\"init\": \"image\"}" }, .text = "init" },
  { "json-start-missing",
    { PLAIN, .json = "{\"start_file\": \"/no/such/start.png\"}" },
    .text = "/no/such/start.png" },
  { "json-start-no-name", { PLAIN, .json = "{\"start_file\": 3}" }, .text = "start_file" },
  { "json-more-missing",
    { PLAIN, .json = "{\"more_styles\": {\"/no/such/style.png\": 1}}" },
    .text = "/no/such/style.png" },
  { "json-more-weight",
    { PLAIN, .json = "{\"more_styles\": {\"/no/such/style.png\": 0}}" },
    .text = "/no/such/style.png" },
  { "model-missing",
    { PLAIN, .json = "{\"model\": \"/no/such/model.safetensors\"}" },
    .text = "/no/such/model.safetensors" },
  { "layer-missing", { PLAIN, .json = "{\"content_layers\": {\"conv9_9\": 1}}" }, .text = "conv9_9" },
  { "preset-unknown", { PLAIN, .preset = "no-such-preset" }, .text = "no-such-preset" },
  { "alpha-out-of-range", { PLAIN, .alpha = 1e10 }, .text = "alpha" },
  { "iterations-negative", { PLAIN, .iterations = -1 }, .text = "iterations" },
  { "size-too-small", { PLAIN, .size = 3 }, .text = "size" },
  { "output-unknown", { PLAIN, .output = 3 }, .text = "output" },
  { "layer-1x1", { PLAIN }, 1, 1, .text = "1" },
  { "layer-15x3", { PLAIN }, 15, 3, .text = "15" },
  { "layer-30000x2", { PLAIN }, 30000, 2, .text = "30000" },
  { "layer-transparent", { PLAIN }, .text = "transparent", .transparent = TRUE },
  { "selection-beside-layer", { PLAIN, .output = 1 }, .selection = { 80, 60, 10, 10 }, .text = "selection" },
};

static void
test_bad (gconstpointer data)
{
  const BadCase *test = data;
  const int      width = test->width ? test->width : 70, height = test->height ? test->height : 50;
  const Sheet sheet = { test->name, RGB8, test->transparent, width + 30, height + 30, 0, 0, width, height };
  gint32      layer, image = sheet_new (&sheet, &layer);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_auto (Answer)    answer = { 0 };

  if (test->transparent)
    gimp_drawable_fill (layer, GIMP_FILL_TRANSPARENT);
  if (test->selection[2])
    gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, test->selection[0], test->selection[1],
                                 test->selection[2], test->selection[3]);
  before = stored_pixels (layer);
  gimp_image_clean_all (image);

  answer = call_pastiche (image, layer, &test->call);
  g_assert_cmpint (answer.status, !=, GIMP_PDB_SUCCESS);
  g_assert_nonnull (answer.message);
  g_test_message ("%s", answer.message);
  g_assert_nonnull (strstr (answer.message, test->text));
  g_assert_null (strstr (answer.message, "unexpectedly"));

  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (count_layers (image), ==, 1);
  g_assert_false (gimp_image_is_dirty (image));
  gimp_image_delete (image);
}

static const Sheet plain_sheet = { "plain", RGB8, FALSE, 70, 50, 0, 0, 70, 50 };

/* Must run before any successful call. */
static void
test_no_last_values (void)
{
  const Call      call = { .mode = GIMP_RUN_INTERACTIVE };
  gint32          layer, image = sheet_new (&plain_sheet, &layer);
  g_auto (Answer) answer = call_pastiche (image, layer, &call);

  g_assert_cmpint (answer.status, ==, GIMP_PDB_CALLING_ERROR);
  g_assert_nonnull (strstr (answer.message, "no style yet"));
  g_assert_cmpint (count_layers (image), ==, 1);
  gimp_image_delete (image);
}

/* The last values are the arguments of the last call: in place, with its style. */
static void
test_last_values (gconstpointer mode)
{
  const Call      first = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  const Call      again = { .mode = GPOINTER_TO_INT (mode), .style = -1 };
  gint32          layer, image = sheet_new (&plain_sheet, &layer);
  gint32          copy, other = gimp_image_duplicate (image);
  g_auto (Answer) answer = call_pastiche (image, layer, &first);
  g_auto (Answer) second = { 0 };

  g_assert_cmpstr (answer.message, ==, NULL);
  copy = gimp_image_get_active_layer (other);
  second = call_pastiche (other, copy, &again);
  g_assert_cmpstr (second.message, ==, NULL);
  g_assert_cmpint (second.layer, ==, copy);

  /* The last of 8 bits may be rounded differently. */
  g_assert_cmpfloat (greatest_difference (layer, copy), <, 1.5 / 255);
  gimp_image_delete (image);
  gimp_image_delete (other);
}

static void
set_pixel (gint32 layer, const float *rgba)
{
  GeglBuffer *buffer = gimp_drawable_get_buffer (layer);

  gegl_buffer_set (buffer, GEGL_RECTANGLE (3, 4, 1, 1), 0, babl_format ("R'G'B'A float"), rgba,
                   GEGL_AUTO_ROWSTRIDE);
  g_object_unref (buffer);
}

/* A NaN pixel is read as black, and does not spoil the mean colour under transparent pixels. */
static void
test_not_a_number (void)
{
  static const float colours[2][4] = { { 0, 0, 0, 1 }, { NAN, 0, 0, 1 } };
  /* A precision that keeps every digit. */
  const Sheet sheet = { "float", GIMP_RGB, GIMP_PRECISION_FLOAT_GAMMA, TRUE, 70, 50, 0, 0, 70, 50 };
  const Call  call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32      layers[2], images[2];

  images[0] = sheet_new (&sheet, &layers[0]);
  images[1] = gimp_image_duplicate (images[0]);
  layers[1] = gimp_image_get_active_layer (images[1]);
  for (int i = 0; i < 2; i++)
    {
      g_auto (Answer) answer = { 0 };

      set_pixel (layers[i], colours[i]);
      answer = call_pastiche (images[i], layers[i], &call);
      g_assert_cmpstr (answer.message, ==, NULL);
    }
  g_assert_cmpfloat (greatest_difference (layers[0], layers[1]), <, 1e-4);
  gimp_image_delete (images[0]);
  gimp_image_delete (images[1]);
}

/* The settings of the layer, which may be passed on, name the style's file without a folder. */
static void
assert_no_path (gint32 layer)
{
  GimpParasite    *parasite = gimp_item_get_parasite (layer, "pastiche-settings");
  g_autofree char *text = NULL;

  g_assert_nonnull (parasite);
  text = g_strndup (gimp_parasite_data (parasite), gimp_parasite_data_size (parasite));
  gimp_parasite_free (parasite);
  g_assert_nonnull (strstr (text, "\"style_file\":\"starry-night.jpg#"));
  g_assert_null (strchr (text, '/'));
}

/* The argument size limits the painted picture, not the new layer. The style is read from a real file. */
static void
test_size_limit (void)
{
  const Sheet      sheet = { "large", RGB8, FALSE, 200, 120, 0, 0, 200, 120 };
  g_autofree char *file = g_build_filename (g_getenv ("SRCDIR"), "demo", "starry-night.jpg", NULL);
  const Call       call = {
          .mode = GIMP_RUN_NONINTERACTIVE, .style = -1, .style_file = file, .size = 64, .output = 0
  };
  gint32          layer, image = sheet_new (&sheet, &layer);
  int             n_before, n_after;
  g_auto (Answer) answer = { 0 };

  g_free (gimp_image_list (&n_before));
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpstr (answer.message, ==, NULL);
  g_assert_cmpint (gimp_drawable_width (answer.layer), ==, 200);
  g_assert_cmpint (gimp_drawable_height (answer.layer), ==, 120);
  assert_no_path (answer.layer);
  g_free (gimp_image_list (&n_after));
  g_assert_cmpint (n_before, ==, n_after); /* the style's image is closed */
  gimp_image_delete (image);
}

/* A layer mask is unchanged. Painting the mask itself, or a locked layer, is refused. */
static void
test_mask_and_lock (void)
{
  const Call         call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32             layer, image = sheet_new (&plain_sheet, &layer);
  gint32             mask = gimp_layer_create_mask (layer, GIMP_ADD_MASK_BLACK);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_auto (Answer)    painted = { 0 };
  g_auto (Answer)    refused = { 0 };
  g_auto (Answer)    locked = { 0 };

  gimp_layer_add_mask (layer, mask);
  before = stored_pixels (mask);
  painted = call_pastiche (image, layer, &call);
  g_assert_cmpstr (painted.message, ==, NULL);
  refused = call_pastiche (image, mask, &call);
  g_assert_nonnull (strstr (refused.message, "Masks"));
  after = stored_pixels (mask);
  g_assert_true (g_bytes_equal (before, after));

  gimp_item_set_lock_content (layer, TRUE);
  locked = call_pastiche (image, layer, &call);
  g_assert_nonnull (strstr (locked.message, "locked"));
  gimp_image_delete (image);
}

/* A layer group is painted into a new layer above it; in place is refused. */
static void
test_group (void)
{
  Call            call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1 };
  gint32          layer, image = sheet_new (&plain_sheet, &layer);
  gint32          group = gimp_layer_group_new (image);
  g_auto (Answer) refused = { 0 };
  g_auto (Answer) painted = { 0 };

  gimp_image_insert_layer (image, group, -1, 0);
  gimp_image_reorder_item (image, layer, group, 0);
  refused = call_pastiche (image, group, &call);
  g_assert_nonnull (strstr (refused.message, "group"));

  call.output = 0;
  painted = call_pastiche (image, group, &call);
  g_assert_cmpstr (painted.message, ==, NULL);
  g_assert_false (gimp_item_is_group (painted.layer));
  g_assert_cmpint (gimp_image_get_item_position (image, painted.layer), ==, 0);
  gimp_image_delete (image);
}

/* Thread: kills the process of plug-in-pastiche, as GIMP does when the user cancels, or the kernel when
 * memory is short. Only a child of this GIMP is killed. */
static gpointer
end_plug_in (gpointer gimp)
{
  const int parent = GPOINTER_TO_INT (gimp);
  int       tries, pid = 0;

  for (tries = 0; tries < 6000 && pid == 0; tries++)
    {
      g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
      const char      *name;

      g_usleep (100000);
      while (pid == 0 && (name = g_dir_read_name (processes)) != NULL)
        {
          g_autofree char *path = g_build_filename ("/proc", name, "stat", NULL);
          g_autofree char *line = NULL;
          int              number, owner;
          char             command[64], state;

          if (g_ascii_isdigit (*name) && g_file_get_contents (path, &line, NULL, NULL)
              && sscanf (line, "%d (%63[^)]) %c %d", &number, command, &state, &owner) == 4 && owner == parent
              && strcmp (command, "pastiche") == 0)
            pid = number;
        }
    }
  if (pid != 0)
    {
      g_usleep (500000);
      kill (pid, SIGKILL);
    }

  return GINT_TO_POINTER (pid);
}

static void
test_ended (void)
{
  const Call         call = { .mode = GIMP_RUN_NONINTERACTIVE, .output = 1, .iterations = 100000 };
  gint32             layer, image = sheet_new (&plain_sheet, &layer);
  GThread           *thread;
  g_autoptr (GBytes) before = stored_pixels (layer);
  g_autoptr (GBytes) after = NULL;
  g_auto (Answer)    answer = { 0 };

  sheet_style ();
  gimp_image_clean_all (image);
  thread = g_thread_new ("end", end_plug_in, GINT_TO_POINTER (getppid ()));
  answer = call_pastiche (image, layer, &call);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), !=, 0);
  g_assert_cmpint (answer.status, !=, GIMP_PDB_SUCCESS);
  after = stored_pixels (layer);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (count_layers (image), ==, 1);
  g_assert_false (gimp_image_is_dirty (image));
  gimp_image_delete (image);
}

static void
add_cases (void)
{
  gsize i;

  g_test_add_func ("/plugin/gimp2/no-last-values", test_no_last_values);
  for (i = 0; i < G_N_ELEMENTS (bad_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plugin/gimp2/bad/", bad_cases[i].name, NULL);

      g_test_add_data_func (path, bad_cases + i, test_bad);
    }
  add_colour_cases ();
  add_painting_cases ();
  add_gone_cases ();
  g_test_add_data_func ("/plugin/gimp2/last-values/with-last-values",
                        GINT_TO_POINTER (GIMP_RUN_WITH_LAST_VALS), test_last_values);
  g_test_add_data_func ("/plugin/gimp2/last-values/interactive", GINT_TO_POINTER (GIMP_RUN_INTERACTIVE),
                        test_last_values);
  g_test_add_func ("/plugin/gimp2/not-a-number", test_not_a_number);
  g_test_add_func ("/plugin/gimp2/size-limit", test_size_limit);
  g_test_add_func ("/plugin/gimp2/mask-and-lock", test_mask_and_lock);
  g_test_add_func ("/plugin/gimp2/group", test_group);
  g_test_add_func ("/plugin/gimp2/ended", test_ended);
}

static void
query (void)
{
  static const GimpParamDef arguments[] = { { GIMP_PDB_INT32, "run-mode",
                                              "The run mode { RUN-NONINTERACTIVE (1) }" } };

  gimp_install_procedure ("plug-in-pastiche-test", "Tests of plug-in-pastiche", "", "The Pastiche authors",
                          "The Pastiche authors", "2026", NULL, NULL, GIMP_PLUGIN, G_N_ELEMENTS (arguments),
                          0, arguments, NULL);
}

static void
run (const char      *name G_GNUC_UNUSED,
     int              n_params G_GNUC_UNUSED,
     const GimpParam *param G_GNUC_UNUSED,
     int             *n_values,
     GimpParam      **values)
{
  static GimpParam answer = { GIMP_PDB_STATUS };
  static char     *words[] = { (char *) "test-gimp", (char *) "--tap", NULL };
  char           **argv = words;
  int              argc = 2;

  g_test_init (&argc, &argv, NULL);
  gegl_init (NULL, NULL);
  gimp_plugin_enable_precision ();
  gimp_plugin_set_pdb_error_handler (GIMP_PDB_ERROR_HANDLER_PLUGIN);
  add_cases ();
  answer.data.d_status = g_test_run () == 0 ? GIMP_PDB_SUCCESS : GIMP_PDB_EXECUTION_ERROR;
  gimp_image_delete (gimp_item_get_image (sheet_style ()));
  *n_values = 1;
  *values = &answer;
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

MAIN ()
