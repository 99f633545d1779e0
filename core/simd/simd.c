/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The choice of an instruction set at run time. */
#include "core/simd/simd.h"

#include <string.h>

#include "core/base/tsan.h"

extern const NstSimd nst_simd_plain;
#ifdef NST_SIMD_X86
extern const NstSimd nst_simd_avx2, nst_simd_avx512, nst_simd_avx512_narrow, nst_simd_bf16;
#endif

#define MAX_SETS 4

/* those that this processor has, best first; the last one, plain, suits any multiple of 16 outputs */
static const NstSimd *sets[MAX_SETS];
static const char    *names[MAX_SETS + 1];
static int            n_sets;
static int            best; /* index of the first one that may be used; atomic */

static void
add_set (const NstSimd *set)
{
  sets[n_sets] = set;
  names[n_sets++] = set->name;
}

static int
find (const char *name)
{
  for (int i = 0; i < n_sets; i++)
    if (strcmp (name, names[i]) == 0)
      return i;

  return -1;
}

static void
detect (void)
{
  static gsize detected = 0;
  const char  *wanted;
  int          found;

  if (!g_once_init_enter (&detected))
    {
      NST_TAKE_OVER (&detected);
      return;
    }

#ifdef NST_SIMD_X86
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq")
      && __builtin_cpu_supports ("avx512vl"))
    {
      add_set (&nst_simd_avx512);
      add_set (&nst_simd_avx512_narrow);
    }
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    add_set (&nst_simd_avx2);
#endif
  add_set (&nst_simd_plain);

  wanted = g_getenv ("PASTICHE_SIMD");
  if (wanted != NULL && *wanted != '\0')
    {
      found = find (wanted);
      if (found >= 0)
        best = found;
      else
        g_warning ("PASTICHE_SIMD=%s: this processor or build does not have it; using %s", wanted, names[0]);
    }
  NST_HAND_OVER (&detected);
  g_once_init_leave (&detected, 1);
}

const NstSimd *
nst_simd_for (int outputs)
{
  int i;

  detect ();
  i = g_atomic_int_get (&best);
  while (i < n_sets - 1 && outputs % sets[i]->panel != 0)
    i++;

  return sets[i];
}

const NstSimd *
nst_simd_for_bf16 (int outputs)
{
  const NstSimd *simd = nst_simd_for (outputs);

#ifdef NST_SIMD_X86
  if (simd == &nst_simd_avx512 && __builtin_cpu_supports ("avx512bf16"))
    simd = &nst_simd_bf16;
#endif

  return simd;
}

gboolean
nst_simd_limit (const char *name)
{
  int found;

  detect ();
  found = find (name);
  if (found >= 0)
    g_atomic_int_set (&best, found);

  return found >= 0;
}

const char *const *
nst_simd_names (void)
{
  detect ();

  return names;
}
