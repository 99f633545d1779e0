/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the catalogue of downloadable models: the built-in one and the user's own. */
#include "weights/catalogue.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "weights/store.h"

#define MAX_DEPTH 8
#define MAX_BYTES (1 << 20)  /* of a catalogue */
#define MAX_MEGABYTES 100000 /* of a file to download */
#define MAX_CHARACTERS 200   /* of a text of an entry; the rest is left out */
#define MAX_ADDRESS 2000     /* bytes of an address */
#define SHA256_DIGITS 64

/* Defined in embedded.c, which glib-compile-resources generates. */
G_GNUC_INTERNAL GResource *nst_embedded_get_resource (void);

static void
entry_free (gpointer data)
{
  NstCatalogueEntry *entry = data;

  g_free (entry->name);
  g_free (entry->title);
  g_free (entry->file);
  g_free (entry->licence);
  g_strfreev (entry->addresses);
  g_free (entry->sum);
  g_free (entry->sum_by);
  g_free (entry);
}

/* Sets an NST_ERROR_FORMAT; format is a whole sentence that names key. */
G_GNUC_PRINTF (2, 0)
static gboolean
wrong (GError **error, const char *format, const char *key)
{
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT, format, key);

  return FALSE;
}

static gboolean
parse_text (const cJSON *json, const char *key, char **text, GError **error)
{
  const char *value = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (json, key));

  if (value == NULL || *value == '\0')
    return wrong (error, _ ("\"%s\" must be a text that is not empty"), key);
  *text = nst_text_cut (value, MAX_CHARACTERS);

  return TRUE;
}

static gboolean
parse_addresses (const cJSON *json, char ***addresses, GError **error)
{
  const cJSON          *list = cJSON_GetObjectItemCaseSensitive (json, "addresses"), *item;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  cJSON_ArrayForEach (item, list)
    {
      const char *address = cJSON_GetStringValue (item);

      if (address == NULL
          || !(g_str_has_prefix (address, "https://") || g_str_has_prefix (address, "http://")))
        return wrong (error, _ ("each item of \"%s\" must begin with https:// or http://"), "addresses");
      if (strlen (address) > MAX_ADDRESS)
        return wrong (error, _ ("each item of \"%s\" must have at most 2000 bytes"), "addresses");
      g_ptr_array_add (found, g_strdup (address));
    }
  if (!cJSON_IsArray (list) || found->len == 0)
    return wrong (error, _ ("\"%s\" must be a list with at least one item"), "addresses");
  g_ptr_array_add (found, NULL);
  *addresses = (char **) g_ptr_array_free (g_steal_pointer (&found), FALSE);

  return TRUE;
}

static gboolean
parse_sum (const cJSON *json, NstCatalogueEntry *entry, GError **error)
{
  const cJSON *sha256 = cJSON_GetObjectItemCaseSensitive (json, "sha256"),
              *md5 = cJSON_GetObjectItemCaseSensitive (json, "md5");
  const cJSON *sum = sha256 != NULL ? sha256 : md5;
  const char  *text = cJSON_GetStringValue (sum);

  if (sum == NULL)
    return TRUE;
  entry->sum_type = sha256 != NULL ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5;
  if (text == NULL || strspn (text, "0123456789abcdef") != strlen (text)
      || (sha256 != NULL ? strlen (text) < 8 || strlen (text) > SHA256_DIGITS : strlen (text) != 32))
    return sha256 != NULL
               ? wrong (error, _ ("\"%s\" must have 8 to 64 digits from 0 to 9 and a to f"), "sha256")
               : wrong (error, _ ("\"%s\" must have 32 digits from 0 to 9 and a to f"), "md5");
  entry->sum = g_strdup (text);

  return !cJSON_HasObjectItem (json, "sum_by") || parse_text (json, "sum_by", &entry->sum_by, error);
}

static gboolean
parse_triple (const cJSON *json, const char *key, float *to, GError **error)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive (json, key);

  if (!cJSON_IsArray (list) || cJSON_GetArraySize (list) != 3)
    return wrong (error, _ ("\"%s\" must be a list of three numbers"), key);
  for (int i = 0; i < 3; i++)
    {
      const cJSON *item = cJSON_GetArrayItem (list, i);

      if (!cJSON_IsNumber (item))
        return wrong (error, _ ("\"%s\" must be a list of three numbers"), key);
      to[i] = item->valuedouble;
    }

  return TRUE;
}

static gboolean
parse_input (const cJSON *json, NstCatalogueEntry *entry, GError **error)
{
  const cJSON *input = cJSON_GetObjectItemCaseSensitive (json, "input"), *scale;
  const char  *order;

  if (input == NULL)
    return TRUE;
  order = cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (input, "order"));
  scale = cJSON_GetObjectItemCaseSensitive (input, "scale");
  if (g_strcmp0 (order, "RGB") != 0 && g_strcmp0 (order, "BGR") != 0)
    return wrong (error, _ ("\"%s\" must be \"RGB\" or \"BGR\""), "order");
  if (!cJSON_IsNumber (scale))
    return wrong (error, _ ("\"%s\" must be a number"), "scale");
  for (int i = 0; i < 3; i++)
    entry->order[i] = *order == 'R' ? i : 2 - i;
  entry->scale = scale->valuedouble;
  entry->has_input = TRUE;

  return parse_triple (input, "mean", entry->mean, error) && parse_triple (input, "std", entry->std, error);
}

static gboolean
parse_size (const cJSON *json, NstCatalogueEntry *entry, GError **error)
{
  const cJSON *bytes = cJSON_GetObjectItemCaseSensitive (json, "bytes");
  const cJSON *megabytes = cJSON_GetObjectItemCaseSensitive (json, "megabytes");
  gint64       whole = 0;

  if (megabytes != NULL
      && !(cJSON_IsNumber (megabytes) && megabytes->valuedouble > 0
           && megabytes->valuedouble <= MAX_MEGABYTES))
    return wrong (error, _ ("\"%s\" must be a number above 0, and at most 100000"), "megabytes");
  if (bytes != NULL
      && (!nst_json_get_whole (bytes, MAX_MEGABYTES * G_GINT64_CONSTANT (1000000), &whole) || whole == 0))
    return wrong (error, _ ("\"%s\" must be a whole number from 1 to 100000000000"), "bytes");
  if (bytes == NULL && megabytes == NULL && entry->sum != NULL && entry->sum_type == G_CHECKSUM_SHA256
      && strlen (entry->sum) < SHA256_DIGITS)
    return wrong (error, _ ("\"%s\" is needed, because only a part of the checksum is known"), "bytes");
  entry->bytes = whole;
  entry->megabytes = bytes != NULL ? whole * 1e-6 : megabytes != NULL ? megabytes->valuedouble : 0;

  return TRUE;
}

static gboolean
parse_entry (const cJSON *json, NstCatalogueEntry *entry, GError **error)
{
  if (!parse_text (json, "name", &entry->name, error) || !parse_text (json, "title", &entry->title, error)
      || !parse_text (json, "file", &entry->file, error)
      || !parse_text (json, "licence", &entry->licence, error)
      || !parse_addresses (json, &entry->addresses, error) || !parse_sum (json, entry, error)
      || !parse_size (json, entry, error) || !parse_input (json, entry, error))
    return FALSE;
  if (!nst_store_is_name (entry->name))
    return wrong (error,
                  _ ("\"%s\" must consist of letters, digits, \"-\", \"_\" and \".\", and begin with a "
                     "letter or digit"),
                  "name");
  if (!nst_store_is_name (entry->file))
    return wrong (error, _ ("\"%s\" must be a file name without a folder"), "file");

  return TRUE;
}

gboolean
nst_catalogue_parse (GPtrArray *entries, const char *text, const char *where, GError **error)
{
  g_autoptr (cJSON) json = nst_json_parse (text, MAX_DEPTH, error);
  const cJSON      *list = cJSON_GetObjectItemCaseSensitive (json, "models"), *item, *format;
  int               number = 0;

  if (json == NULL)
    {
      g_prefix_error (error, "%s: ", where);
      return FALSE;
    }
  format = cJSON_GetObjectItemCaseSensitive (json, "format");
  if (!cJSON_IsNumber (format) || format->valuedouble != 1 || !cJSON_IsArray (list))
    {
      g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("%s: it must contain \"format\": 1 and a list \"models\""), where);
      return FALSE;
    }

  cJSON_ArrayForEach (item, list)
    {
      NstCatalogueEntry *entry = g_new0 (NstCatalogueEntry, 1);

      number++;
      if (!parse_entry (item, entry, error))
        {
          if (entry->name != NULL)
            g_prefix_error (error, _ ("%s: entry %d (%s): "), where, number, entry->name);
          else
            g_prefix_error (error, _ ("%s: entry %d: "), where, number);
          entry_free (entry);
          return FALSE;
        }
      if (nst_catalogue_find (entries, entry->name) == NULL)
        g_ptr_array_add (entries, entry);
      else
        entry_free (entry);
    }

  return TRUE;
}

GPtrArray *
nst_catalogue_new (GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  g_autofree char      *path = g_build_filename (g_get_user_data_dir (), "pastiche", "catalogue.json", NULL);
  g_autofree char      *user_text = NULL;
  g_autoptr (GBytes)    built_in = NULL;
  g_autofree char      *text = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if ((user_text = nst_input_read_text (path, MAX_BYTES, error)) == NULL)
        return NULL;
      if (!nst_catalogue_parse (entries, user_text, path, error))
        return NULL;
    }

  built_in = g_resource_lookup_data (nst_embedded_get_resource (), "/pastiche/catalogue.json", 0, error);
  if (built_in == NULL)
    return NULL;
  g_debug ("Catalogue: %u entries of the user in %s", entries->len, path);
  text = g_strndup (g_bytes_get_data (built_in, NULL), g_bytes_get_size (built_in));

  return nst_catalogue_parse (entries, text, "catalogue.json", error) ? g_steal_pointer (&entries) : NULL;
}

const NstCatalogueEntry *
nst_catalogue_find (const GPtrArray *catalogue, const char *name)
{
  for (guint i = 0; i < catalogue->len; i++)
    {
      const NstCatalogueEntry *entry = g_ptr_array_index (catalogue, i);

      if (strcmp (entry->name, name) == 0)
        return entry;
    }

  return NULL;
}

void
nst_catalogue_options (const NstCatalogueEntry *entry, NstImportOptions *options)
{
  memset (options, 0, sizeof *options);
  options->name = entry->name;
  options->licence = entry->licence;
  if (entry->has_input)
    {
      options->order = entry->order;
      options->scale = &entry->scale;
      options->mean = entry->mean;
      options->std = entry->std;
    }
}
