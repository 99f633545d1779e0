/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library for LD_PRELOAD. THREADS=n: after n threads the system allows no more. AT_EXIT=hang: the process
 * never ends by itself. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
pthread_create (pthread_t *thread, const pthread_attr_t *attr, void *(*start) (void *), void *data)
{
  static int (*real) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
  static int  n;
  const char *most = getenv ("THREADS");

  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "pthread_create");
  if (most != NULL && __atomic_fetch_add (&n, 1, __ATOMIC_SEQ_CST) >= atoi (most))
    return EAGAIN;

  return real (thread, attr, start, data);
}

__attribute__ ((destructor)) static void
hang (void)
{
  const char *how = getenv ("AT_EXIT");

  while (how != NULL && strcmp (how, "hang") == 0)
    sleep (1);
}
