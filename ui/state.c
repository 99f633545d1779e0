/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and writes how the user left the dialog. */
#include "ui/state.h"

#include <string.h>

#include "core/base/input.h"

#define GROUP "dialog"

static char *
get_file (void)
{
  return g_build_filename (g_get_user_config_dir (), "pastiche", "dialog.ini", NULL);
}

static int
get_integer (GKeyFile *keys, const char *name, int low, int high)
{
  return CLAMP (g_key_file_get_integer (keys, GROUP, name, NULL), low, high);
}

/* Owned; empty where there is none. */
static GStrv
get_list (GKeyFile *keys, const char *name)
{
  GStrv list = g_key_file_get_string_list (keys, GROUP, name, NULL, NULL);

  return list != NULL ? list : g_new0 (char *, 1);
}

static void
set_list (GKeyFile *keys, const char *name, GStrv list)
{
  g_key_file_set_string_list (keys, GROUP, name, (const char *const *) list, g_strv_length (list));
}

NstState *
nst_state_load (void)
{
  g_autofree char     *file = get_file ();
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  NstState            *state = g_new0 (NstState, 1);
  double               divider;

  if (nst_input_check (file, NULL))
    g_key_file_load_from_file (keys, file, G_KEY_FILE_NONE, NULL);
  state->x = get_integer (keys, "x", -32768, 32767);
  state->y = get_integer (keys, "y", -32768, 32767);
  state->width = get_integer (keys, "width", 0, 32767);
  state->height = get_integer (keys, "height", 0, 32767);
  state->maximised = g_key_file_get_boolean (keys, GROUP, "maximised", NULL);
  state->split = get_integer (keys, "split", 0, 2);
  divider = g_key_file_get_double (keys, GROUP, "divider", NULL);
  state->divider = divider > 0 && divider < 1 ? divider : 0.5;
  state->zoom = g_key_file_get_double (keys, GROUP, "zoom", NULL);
  if (!(state->zoom >= 0))
    state->zoom = 0;
  state->advanced = g_key_file_get_boolean (keys, GROUP, "advanced", NULL);
  state->folder = g_key_file_get_string (keys, GROUP, "folder", NULL);
  state->recent = get_list (keys, "recent");
  state->favourites = get_list (keys, "favourites");
  state->folders = get_list (keys, "folders");

  return state;
}

void
nst_state_save (const NstState *state)
{
  g_autofree char     *file = get_file ();
  g_autofree char     *folder = g_path_get_dirname (file);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GError)   error = NULL;

  g_key_file_set_integer (keys, GROUP, "x", state->x);
  g_key_file_set_integer (keys, GROUP, "y", state->y);
  g_key_file_set_integer (keys, GROUP, "width", state->width);
  g_key_file_set_integer (keys, GROUP, "height", state->height);
  g_key_file_set_boolean (keys, GROUP, "maximised", state->maximised);
  g_key_file_set_integer (keys, GROUP, "split", state->split);
  g_key_file_set_double (keys, GROUP, "divider", state->divider);
  g_key_file_set_double (keys, GROUP, "zoom", state->zoom);
  g_key_file_set_boolean (keys, GROUP, "advanced", state->advanced);
  if (state->folder != NULL)
    g_key_file_set_string (keys, GROUP, "folder", state->folder);
  set_list (keys, "recent", state->recent);
  set_list (keys, "favourites", state->favourites);
  set_list (keys, "folders", state->folders);

  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (keys, file, &error))
    g_message ("The state of the dialog was not saved: %s", error->message);
}

void
nst_state_free (NstState *state)
{
  if (state == NULL)
    return;

  g_free (state->folder);
  g_strfreev (state->recent);
  g_strfreev (state->favourites);
  g_strfreev (state->folders);
  g_free (state);
}

void
nst_state_add_recent (NstState *state, const char *file)
{
  GPtrArray *files = g_ptr_array_new ();

  g_ptr_array_add (files, g_strdup (file));
  for (guint i = 0; state->recent[i] != NULL; i++)
    if (files->len < NST_STATE_RECENT && strcmp (state->recent[i], file) != 0)
      g_ptr_array_add (files, g_strdup (state->recent[i]));
  g_ptr_array_add (files, NULL);
  g_strfreev (state->recent);
  state->recent = (GStrv) g_ptr_array_free (files, FALSE);
}
