/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (cJSON, cJSON_Delete)

/* The JSON object in text, owned by the caller, or NULL with NST_ERROR_FORMAT: no UTF-8, no JSON, nested
 * deeper than max_depth (an object of numbers has depth 1), no object, an object that has a key twice, or a
 * string with a NUL in it. */
cJSON *nst_json_parse (const char *text, int max_depth, GError **error);

/* The value of a whole number from 0 to max, where max is less than 2^53: cJSON's numbers are doubles, which
 * hold those exactly. */
gboolean nst_json_get_whole (const cJSON *json, gint64 max, gint64 *value);

G_END_DECLS
