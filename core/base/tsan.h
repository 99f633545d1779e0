/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Annotations for ThreadSanitizer. GLib is rarely compiled for it, so it does not see that a GTask or a
 * reference count hands memory from one thread to another. Everything that a thread wrote before
 * NST_HAND_OVER (p) is visible to the thread that calls NST_TAKE_OVER (p). Other builds compile these to
 * nothing. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define NST_HAND_OVER(p) __tsan_release ((void *) (p))
#define NST_TAKE_OVER(p) __tsan_acquire ((void *) (p))
#else
#define NST_HAND_OVER(p) ((void) (p))
#define NST_TAKE_OVER(p) ((void) (p))
#endif
