/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A minimiser's state in an archive and back. */
#include "core/minimise/minimiser-private.h"

#define MOST_CALLS (G_MAXINT / 2) /* that a saved state may have counted */

/* The slot of the pair that is so many older than the newest. */
static int
slot (const NstMinimiser *m, int age)
{
  return (m->newest - age + m->history) % m->history;
}

void
nst_minimiser_save (const NstMinimiser *m, NstArchiveWriter *archive)
{
  nst_archive_put_int (archive, m->iterations);
  nst_archive_put_int (archive, m->evaluations);
  if (m->optimizer == NST_OPTIMIZER_ADAM)
    {
      nst_archive_put_floats (archive, m->s, m->n);
      nst_archive_put_floats (archive, m->y, m->n);
    }
  if (m->optimizer != NST_OPTIMIZER_LBFGS)
    return;

  nst_archive_put_int (archive, m->known);
  if (m->known)
    {
      nst_archive_put_double (archive, m->value);
      nst_archive_put_floats (archive, m->gradient, m->n);
    }
  nst_archive_put_int (archive, m->pairs);
  for (int age = m->pairs - 1; age >= 0; age--)
    {
      const int i = slot (m, age);

      nst_archive_put_floats (archive, m->s + i * m->n, m->n);
      nst_archive_put_floats (archive, m->y + i * m->n, m->n);
      nst_archive_put_double (archive, m->rho[i]);
    }
}

/* Value, gradient and pairs of L-BFGS; the oldest pair comes into the first slot. */
static gboolean
restore_lbfgs (NstMinimiser *m, NstArchiveReader *archive, GError **error)
{
  gint64 known, pairs;

  if (!nst_archive_get_int (archive, FALSE, TRUE, &known, error))
    return FALSE;
  m->known = known;
  if (m->known
      && (!nst_archive_get_double (archive, &m->value, error)
          || !nst_archive_get_floats (archive, m->gradient, m->n, error)))
    return FALSE;
  if (!nst_archive_get_int (archive, 0, m->history, &pairs, error))
    return FALSE;
  m->pairs = pairs;
  m->newest = MAX (m->pairs - 1, 0);
  for (int i = 0; i < m->pairs; i++)
    if (!nst_archive_get_floats (archive, m->s + i * m->n, m->n, error)
        || !nst_archive_get_floats (archive, m->y + i * m->n, m->n, error)
        || !nst_archive_get_double (archive, &m->rho[i], error))
      return FALSE;

  return TRUE;
}

gboolean
nst_minimiser_restore (NstMinimiser *m, NstArchiveReader *archive, GError **error)
{
  gint64 iterations, evaluations;

  if (!nst_archive_get_int (archive, 0, MOST_CALLS, &iterations, error)
      || !nst_archive_get_int (archive, 0, MOST_CALLS, &evaluations, error))
    return FALSE;
  m->iterations = iterations;
  m->evaluations = evaluations;

  switch (m->optimizer)
    {
    case NST_OPTIMIZER_LBFGS:
      return restore_lbfgs (m, archive, error);
    case NST_OPTIMIZER_ADAM:
      return nst_archive_get_floats (archive, m->s, m->n, error)
             && nst_archive_get_floats (archive, m->y, m->n, error);
    case NST_OPTIMIZER_GD:
      return TRUE;
    }

  g_return_val_if_reached (FALSE);
}
