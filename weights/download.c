/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "weights/download.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/error.h"
#include "weights/store.h"

gboolean
nst_download_check (const NstDownload *download, const char *path, GError **error)
{
  g_autofree char *sum = nst_store_sum (path, download->sum_type, error);
  GStatBuf         status;
  guint64          bytes;

  if (sum == NULL)
    return FALSE;
  if (g_str_has_prefix (sum, download->sum))
    return TRUE;

  bytes = g_stat (path, &status) == 0 ? status.st_size : 0;
  if (bytes < download->least)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 "%" G_GUINT64_FORMAT " bytes, where about %.3g MB are expected: some notice, and not "
                 "the file",
                 bytes, download->least * 2e-6);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 "%" G_GUINT64_FORMAT " bytes whose %s is %s; expected %s%s", bytes,
                 download->sum_type == G_CHECKSUM_MD5 ? "MD5" : "SHA-256", sum, download->sum,
                 strlen (download->sum) < strlen (sum) ? "..." : "");

  return FALSE;
}

#ifdef HAVE_CURL

#include <curl/curl.h>

gboolean
nst_download_possible (void)
{
  return TRUE;
}

/* One try at one address. */
typedef struct
{
  const NstDownload *download;
  const char        *address;
  const char        *part;
  FILE              *file;
  guint64            had, got; /* bytes of the part before, and of this answer */
  gboolean           started;  /* the answer has been looked at */
  gboolean           useless;  /* it is not the file, and what came of it shall go */
  CURL              *curl;
  NstDownloadNews    news;
  gpointer           data;
  GCancellable      *cancellable;
  GError            *error; /* why the try ends, when it is not libcurl that says so */
} Try;

static gboolean
disk_error (const char *path, GError **error)
{
  int code = errno;

  if (error != NULL && *error == NULL)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return FALSE;
}

static gboolean
looks_like_a_page (const char *data, gsize n)
{
  static const char *const beginnings[] = { "<!doctype", "<html", "<?xml", "<head" };

  while (n > 0 && g_ascii_isspace (*data))
    {
      data++;
      n--;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (n >= strlen (beginnings[i]) && g_ascii_strncasecmp (data, beginnings[i], strlen (beginnings[i])) == 0)
      return TRUE;

  return FALSE;
}

/* The answer's first bytes are here: is it the file, or the rest of it? */
static gboolean
start (Try *try, const char *data, gsize n)
{
  long  status = 0;
  char *type = NULL;

  try->started = TRUE;
  curl_easy_getinfo (try->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo (try->curl, CURLINFO_CONTENT_TYPE, &type);
  if (status != 200 && status != 206)
    g_set_error (&try->error, G_IO_ERROR, G_IO_ERROR_FAILED, "answers with status %ld", status);
  else if ((type != NULL && g_str_has_prefix (type, "text/html"))
           || (status == 200 && looks_like_a_page (data, n)))
    g_set_error (&try->error, NST_ERROR, NST_ERROR_FORMAT, "sends a page (%s) and not the file",
                 type != NULL ? type : "of no type");
  else if (status == 200 && try->had > 0)
    {
      /* It begins from the start again. */
      try->had = 0;
      if (fflush (try->file) != 0 || ftruncate (fileno (try->file), 0) != 0
          || fseek (try->file, 0, SEEK_SET) != 0)
        disk_error (try->part, &try->error);
    }

  return try->error == NULL;
}

static size_t
take (char *data, size_t size, size_t count, void *user)
{
  Try  *try = user;
  gsize n = size * count;

  if (!try->started && !start (try, data, n))
    return 0;
  try->got += n;
  if (try->had + try->got > try->download->most)
    {
      try->useless = TRUE;
      g_set_error (&try->error, NST_ERROR, NST_ERROR_FORMAT,
                   "sends more than %" G_GUINT64_FORMAT " bytes, which is not the file", try->download->most);
      return 0;
    }
  if (fwrite (data, 1, n, try->file) != n)
    {
      disk_error (try->part, &try->error);
      return 0;
    }

  return n;
}

static int
progress (void      *user,
          curl_off_t whole,
          curl_off_t now G_GNUC_UNUSED,
          curl_off_t unused1 G_GNUC_UNUSED,
          curl_off_t unused2 G_GNUC_UNUSED)
{
  Try *try = user;

  if (g_cancellable_set_error_if_cancelled (try->cancellable, try->error == NULL ? &try->error : NULL))
    return 1;
  if (try->news != NULL && try->started && try->error == NULL)
    try->news (try->had + try->got, whole > 0 ? try->had + whole : 0, try->data);

  return 0;
}

static CURLcode
perform (Try *try)
{
  CURL *curl = try->curl;

  curl_easy_setopt (curl, CURLOPT_URL, try->address);
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT, (long) try->download->patience);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_TIME, (long) try->download->patience);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, try);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, progress);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, try);
  if (try->had > 0)
    {
      g_autofree char *range = g_strdup_printf ("%" G_GUINT64_FORMAT "-", try->had);

      curl_easy_setopt (curl, CURLOPT_RANGE, range);
    }

  return curl_easy_perform (curl);
}

/* Fetch what is missing of the part. */
static gboolean
fetch (const NstDownload *download,
       const char        *address,
       const char        *part,
       NstDownloadNews    news,
       gpointer           data,
       GCancellable      *cancellable,
       GError           **error)
{
  Try      try = { download, address, part, .news = news, .data = data, .cancellable = cancellable };
  CURLcode code;
  long     status = 0;

  try.file = g_fopen (part, "ab");
  if (try.file == NULL)
    return disk_error (part, error);
  fseek (try.file, 0, SEEK_END);
  try.had = ftell (try.file);
  try.curl = curl_easy_init ();
  code = perform (&try);
  curl_easy_getinfo (try.curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup (try.curl);
  if (fflush (try.file) != 0 || fdatasync (fileno (try.file)) != 0
      || (try.useless && ftruncate (fileno (try.file), try.had) != 0))
    disk_error (part, &try.error);
  fclose (try.file);

  if (try.error == NULL && g_cancellable_is_cancelled (cancellable))
    g_cancellable_set_error_if_cancelled (cancellable, &try.error);
  /* 416: nothing lies beyond what is there. An answer without a body never comes to start (). */
  if (try.error == NULL && status == 416 && try.had > 0)
    return TRUE;
  if (try.error == NULL && code == CURLE_OK && status != 200 && status != 206)
    g_set_error (&try.error, G_IO_ERROR, G_IO_ERROR_FAILED, "answers with status %ld", status);
  if (try.error == NULL && code != CURLE_OK)
    {
      if (try.had + try.got > 0)
        g_set_error (&try.error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                     "stops after %" G_GUINT64_FORMAT " bytes (%s); these are kept, "
                     "and another try goes on from there",
                     try.had + try.got, curl_easy_strerror (code));
      else
        g_set_error (&try.error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", curl_easy_strerror (code));
    }
  if (try.error == NULL)
    return TRUE;
  g_propagate_error (error, try.error);

  return FALSE;
}

static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || error->domain == G_FILE_ERROR;
}

static guint64
bytes_of (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 ? status.st_size : 0;
}

/* Make part whole and right, or FALSE; what is there and has the wrong sum is emptied. */
static gboolean
fetch_from_any (const NstDownload *download,
                const char        *part,
                NstDownloadNews    news,
                gpointer           data,
                GCancellable      *cancellable,
                GError           **error)
{
  g_autoptr (GString) answers = g_string_new (NULL);
  g_autoptr (GError)  last = NULL;

  for (int i = 0; download->addresses[i] != NULL; i++)
    for (gboolean again = TRUE; again;)
      {
        gboolean gone_on = bytes_of (part) > 0;

        again = FALSE;
        g_clear_error (&last);
        if (fetch (download, download->addresses[i], part, news, data, cancellable, &last))
          {
            if (nst_download_check (download, part, &last))
              return TRUE;
            if (truncate (part, 0) != 0)
              return disk_error (part, error);
            g_prefix_error (&last, "sends ");
            /* What was gone on with may have been another file's beginning: once more from nothing. */
            again = gone_on;
          }
        if (is_final (last))
          {
            g_propagate_error (error, g_steal_pointer (&last));
            return FALSE;
          }
        if (!again)
          g_string_append_printf (answers, "%s%s: %s", answers->len > 0 ? "\n" : "", download->addresses[i],
                                  last->message);
      }
  g_set_error_literal (error, last->domain, last->code, answers->str);

  return FALSE;
}

gboolean
nst_download (const NstDownload *download,
              NstDownloadNews    news,
              gpointer           data,
              GCancellable      *cancellable,
              GError           **error)
{
  g_autofree char *part = g_strconcat (download->path, ".part", NULL);
  int              lock;
  gboolean         good;

  g_return_val_if_fail (download->sum != NULL && *download->sum != '\0', FALSE);

  lock = g_open (part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0)
    return disk_error (part, error);
  if (flock (lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    {
      close (lock);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: another program is fetching it", part);
      return FALSE;
    }

  good = fetch_from_any (download, part, news, data, cancellable, error);
  if (good && g_rename (part, download->path) != 0)
    good = disk_error (download->path, error);
  /* Nothing came, so nothing shall be gone on with. */
  if (!good && bytes_of (part) == 0)
    g_unlink (part);
  close (lock);

  return good;
}

#else /* !HAVE_CURL */

gboolean
nst_download_possible (void)
{
  return FALSE;
}

gboolean
nst_download (const NstDownload *download G_GNUC_UNUSED,
              NstDownloadNews    news G_GNUC_UNUSED,
              gpointer           data G_GNUC_UNUSED,
              GCancellable      *cancellable G_GNUC_UNUSED,
              GError           **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
               "This program was built without libcurl (Debian: libcurl4-openssl-dev) and cannot "
               "download. Fetch the file yourself and use \"pastiche weights import FILE\"");

  return FALSE;
}

#endif
