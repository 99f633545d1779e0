/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A library that is loaded into GIMP 2.10 before anything else (LD_PRELOAD), for tests alone. Plug-ins and
 * scripts have no way to ask for Edit > Undo; with this, to attach the parasite "pastiche-test-undo" to an
 * image is one. (Such a parasite without the flag "undoable" leaves no undo step itself.) */

#include <dlfcn.h>
#include <glib-object.h>

/* Exported by GIMP's program itself; NULL in any other, such as a plug-in. */
static GType (*image_type) (void);
static gboolean (*image_undo) (gpointer image);

static gboolean
parasite_attached (GSignalInvocationHint *hint G_GNUC_UNUSED,
                   guint                  n_values,
                   const GValue          *values,
                   gpointer               data G_GNUC_UNUSED)
{
  if (n_values == 2 && g_strcmp0 (g_value_get_string (values + 1), "pastiche-test-undo") == 0)
    image_undo (g_value_get_object (values));

  return TRUE;
}

static gboolean
watch (gpointer data G_GNUC_UNUSED)
{
  g_type_class_ref (image_type ());
  g_signal_add_emission_hook (g_signal_lookup ("parasite-attached", image_type ()), 0, parasite_attached,
                              NULL, NULL);

  return G_SOURCE_REMOVE;
}

/* The types are there once GIMP's main loop runs. */
static void __attribute__ ((constructor)) start (void)
{
  g_unsetenv ("LD_PRELOAD"); /* plug-ins need it not */
  image_type = (GType (*) (void)) dlsym (RTLD_DEFAULT, "gimp_image_get_type");
  image_undo = (gboolean (*) (gpointer)) dlsym (RTLD_DEFAULT, "gimp_image_undo");
  if (image_type && image_undo)
    g_idle_add (watch, NULL);
}
