/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A module that GIMP 2.10 loads into itself, for tests alone. Plug-ins and scripts have no way to ask for Edit > Undo; with this module, to
 * attach the parasite "pastiche-test-undo" to an image is one. (Such a parasite without the flag "undoable" leaves no undo step itself.) */

#include <gio/gio.h>
#include <libgimpmodule/gimpmodule.h>

/* Exported by the program itself. */
GType    gimp_image_get_type (void);
gboolean gimp_image_undo     (gpointer image);

static const GimpModuleInfo info = {
  GIMP_MODULE_ABI_VERSION, "Undo by parasite, for tests", "The Pastiche authors", "1", "The Pastiche authors", "2026"
};

static gboolean
parasite_attached (GSignalInvocationHint *hint G_GNUC_UNUSED,
                   guint                  n_values,
                   const GValue          *values,
                   gpointer               data G_GNUC_UNUSED)
{
  if (n_values == 2 && g_strcmp0 (g_value_get_string (values + 1), "pastiche-test-undo") == 0)
    gimp_image_undo (g_value_get_object (values));

  return TRUE;
}

const GimpModuleInfo *
gimp_module_query (GTypeModule *module G_GNUC_UNUSED)
{
  return &info;
}

gboolean
gimp_module_register (GTypeModule *module G_GNUC_UNUSED)
{
  g_type_class_ref (gimp_image_get_type ());
  g_signal_add_emission_hook (g_signal_lookup ("parasite-attached", gimp_image_get_type ()), 0, parasite_attached, NULL, NULL);

  return TRUE;
}
