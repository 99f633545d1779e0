/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (cJSON, cJSON_Delete)

/* Parse text from outside that holds one JSON object; owned by the caller. NST_ERROR_FORMAT: not UTF-8, not
 * JSON, not an object, nested deeper than max_depth (an object of numbers has depth 1), a key that occurs
 * twice, or a string that contains NUL. The messages do not name the file. */
cJSON *nst_json_parse (const char *text, int max_depth, GError **error);

/* Store in *value a whole number from 0 to max; FALSE for anything else, or if json is NULL. max: less than
 * 2^53, because cJSON stores doubles. */
gboolean nst_json_get_whole (const cJSON *json, gint64 max, gint64 *value);

G_END_DECLS
