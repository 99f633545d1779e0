/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives tests a way to call Edit > Undo, which plug-ins and scripts do not have. The library is preloaded
 * into GIMP (LD_PRELOAD). It undoes one step of an image when the parasite "pastiche-test-undo" is attached
 * to it. Attaching adds no undo step, because the parasite is not flagged as undoable. */

#include <dlfcn.h>
#include <glib-object.h>

/* Exported by the gimp executable; NULL in other processes, such as plug-ins. */
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

/* GIMP's types are registered only when its main loop runs, so the signal is hooked in an idle callback. */
static void __attribute__ ((constructor)) start (void)
{
  g_unsetenv ("LD_PRELOAD"); /* not for plug-ins */
  image_type = (GType (*) (void)) dlsym (RTLD_DEFAULT, "gimp_image_get_type");
  image_undo = (gboolean (*) (gpointer)) dlsym (RTLD_DEFAULT, "gimp_image_undo");
  if (image_type != NULL && image_undo != NULL)
    g_idle_add (watch, NULL);
}
