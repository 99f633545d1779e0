/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* GLib is rarely compiled for ThreadSanitizer, which then does not see that a GTask or a counted reference
 * hands memory from one thread to another. These say so where it happens: what the one thread did before
 * NST_HAND_OVER (p) is known to the other after NST_TAKE_OVER (p). Nothing in any other build. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define NST_HAND_OVER(p) __tsan_release ((void *) (p))
#define NST_TAKE_OVER(p) __tsan_acquire ((void *) (p))
#else
#define NST_HAND_OVER(p) ((void) (p))
#define NST_TAKE_OVER(p) ((void) (p))
#endif
