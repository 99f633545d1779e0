/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/looks.h"

G_BEGIN_DECLS

/* Write the finished picture to host, with a text that says how it was made, and put what was used into
 * settings. FALSE with the host's error; settings are changed then too. */
gboolean nst_result_write (NstHost     *host,
                           NstSettings *settings,
                           NstPainter  *painter,
                           NstControls *controls,
                           NstLooks    *looks,
                           NstImage    *picture,
                           GError     **error);

G_END_DECLS
