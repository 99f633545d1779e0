/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Downloads a file over HTTP with libcurl: mirrors, resuming of partial downloads, checksum. */
#include "config.h"

#include "weights/download.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "weights/store.h"

#define MOST ((guint64) 4 << 30) /* bytes of a file of unknown size */

static guint64
least_bytes (const NstDownload *download)
{
  return download->exact ? download->bytes : download->bytes / 2;
}

static guint64
most_bytes (const NstDownload *download)
{
  return download->bytes == 0 ? MOST : download->exact ? download->bytes : download->bytes * 2;
}

static gboolean
check_size (const NstDownload *download, guint64 bytes, GError **error)
{
  if (bytes >= least_bytes (download) && bytes <= most_bytes (download))
    return TRUE;
  if (download->exact)
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("The file has %" PRIu64 " bytes, but %" PRIu64
                    " are expected. It is probably a notice from the server or another file, not the model"),
                 bytes, download->bytes);
  else
    g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
                 _ ("The file has %" PRIu64
                    " bytes, but about %.3g MB are expected. It is probably a notice from "
                    "the server or another file, not the model"),
                 bytes, download->bytes * 1e-6);

  return FALSE;
}

gboolean
nst_download_check (const NstDownload *download, const char *path, GError **error)
{
  g_autofree char *sum = NULL;
  GStatBuf         status;
  guint64          bytes = g_stat (path, &status) == 0 ? status.st_size : 0;

  if (!check_size (download, bytes, error) || (sum = nst_store_sum (path, download->sum_type, error)) == NULL)
    return FALSE;
  if (g_str_has_prefix (sum, download->sum))
    return TRUE;
  g_set_error (error, NST_ERROR, NST_ERROR_FORMAT,
               /* Translators: checksum type, e.g. MD5; found checksum; expected checksum; "..." or nothing */
               _ ("The file has %" PRIu64 " bytes and the %s checksum %s, but %s%s is expected"), bytes,
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

/* The state of one request to one mirror. */
typedef struct
{
  const NstDownload *download;
  const char        *address;
  const char        *part;
  FILE              *file;
  guint64            had;     /* bytes of the partial download before this request */
  guint64            got;     /* bytes received by this request */
  gboolean           started; /* the answer's header has been checked */
  gboolean           useless; /* the answer is not the file; truncate the part to had */
  CURL              *curl;
  NstDownloadFunc    func;
  gpointer           data;
  GCancellable      *cancellable;
  GError            *error; /* reason to abort, if it is not an error of libcurl */
} Request;

static gboolean
disk_error (const char *path, GError **error)
{
  int code = errno;

  if (error != NULL && *error == NULL)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return FALSE;
}

static gboolean
looks_like_html (const char *data, gsize n)
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

/* Called for the first bytes of an answer: checks that it is the file or the rest of it. */
static gboolean
check_answer (Request *request, const char *data, gsize n)
{
  long  status = 0;
  char *type = NULL;

  request->started = TRUE;
  curl_easy_getinfo (request->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo (request->curl, CURLINFO_CONTENT_TYPE, &type);
  if (status != 200 && status != 206)
    g_set_error (&request->error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("the server answered with status %ld"),
                 status);
  else if ((type != NULL && g_str_has_prefix (type, "text/html"))
           || (status == 200 && looks_like_html (data, n)))
    {
      g_autofree char *shown = nst_text_quote (type != NULL ? type : "?");

      g_set_error (&request->error, NST_ERROR, NST_ERROR_FORMAT,
                   _ ("the server sent a page (%s) instead of the file"), shown);
    }
  else if (status == 200 && request->had > 0)
    {
      /* The server ignored the range and sends the whole file. */
      request->had = 0;
      if (fflush (request->file) != 0 || ftruncate (fileno (request->file), 0) != 0
          || fseek (request->file, 0, SEEK_SET) != 0)
        disk_error (request->part, &request->error);
    }

  return request->error == NULL;
}

static void
set_too_long (Request *request)
{
  g_set_error (&request->error, NST_ERROR, NST_ERROR_FORMAT,
               _ ("the server sends more than %" PRIu64 " bytes, so it is not the file"),
               most_bytes (request->download));
}

static size_t
receive (char *data, size_t size, size_t count, void *user)
{
  Request *request = user;
  gsize    n = size * count;

  if (!request->started && !check_answer (request, data, n))
    return 0;
  request->got += n;
  if (request->had + request->got > most_bytes (request->download))
    {
      request->useless = TRUE;
      set_too_long (request);
      return 0;
    }
  if (fwrite (data, 1, n, request->file) != n)
    {
      disk_error (request->part, &request->error);
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
  Request *request = user;

  if (g_cancellable_set_error_if_cancelled (request->cancellable,
                                            request->error == NULL ? &request->error : NULL))
    return 1;
  if (request->func != NULL && request->started && request->error == NULL)
    request->func (request->had + request->got, whole > 0 ? request->had + whole : 0, request->data);

  return 0;
}

static CURLcode
perform (Request *request)
{
  CURL       *curl = request->curl;
  const char *protocols = g_str_has_prefix (request->address, "https://") ? "https" : "http,https";

  curl_easy_setopt (curl, CURLOPT_URL, request->address);
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt (curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  curl_easy_setopt (curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) most_bytes (request->download));
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT, (long) request->download->patience);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_TIME, (long) request->download->patience);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, request);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, progress);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, request);
  if (request->had > 0)
    {
      g_autofree char *range = g_strdup_printf ("%" PRIu64 "-", request->had);

      curl_easy_setopt (curl, CURLOPT_RANGE, range);
    }

  return curl_easy_perform (curl);
}

/* Downloads the missing bytes of the file part from one mirror. */
static gboolean
fetch (const NstDownload *download,
       const char        *address,
       const char        *part,
       NstDownloadFunc    func,
       gpointer           data,
       GCancellable      *cancellable,
       GError           **error)
{
  Request  request = { download, address, part, .func = func, .data = data, .cancellable = cancellable };
  CURLcode code;
  long     status = 0;

  request.file = g_fopen (part, "ab");
  if (request.file == NULL)
    return disk_error (part, error);
  fseek (request.file, 0, SEEK_END);
  request.had = ftell (request.file);
  g_debug ("%s: requested from byte %" PRIu64 " on, into %s", address, request.had, part);
  request.curl = curl_easy_init ();
  code = perform (&request);
  curl_easy_getinfo (request.curl, CURLINFO_RESPONSE_CODE, &status);
  g_debug ("%s: status %ld, %" PRIu64 " bytes, %s", address, status, request.got, curl_easy_strerror (code));
  curl_easy_cleanup (request.curl);
  if (fflush (request.file) != 0 || fdatasync (fileno (request.file)) != 0
      || (request.useless && ftruncate (fileno (request.file), request.had) != 0))
    disk_error (part, &request.error);
  fclose (request.file);

  if (request.error == NULL && g_cancellable_is_cancelled (cancellable))
    g_cancellable_set_error_if_cancelled (cancellable, &request.error);
  /* 416: the part is already complete. check_answer () is not called for an answer without a body. */
  if (request.error == NULL && status == 416 && request.had > 0)
    return TRUE;
  if (request.error == NULL && code == CURLE_OK && status != 200 && status != 206)
    g_set_error (&request.error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("the server answered with status %ld"),
                 status);
  if (request.error == NULL && code == CURLE_FILESIZE_EXCEEDED)
    set_too_long (&request);
  if (request.error == NULL && code != CURLE_OK)
    {
      if (request.had + request.got > 0)
        g_set_error (&request.error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                     _ ("the download stopped after %llu bytes (%s). They are kept; fetch again to resume"),
                     (unsigned long long) (request.had + request.got), curl_easy_strerror (code));
      else
        g_set_error (&request.error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", curl_easy_strerror (code));
    }
  if (request.error == NULL)
    return TRUE;
  g_propagate_error (error, request.error);

  return FALSE;
}

/* Whether the error would also occur with every other mirror. */
static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || error->domain == G_FILE_ERROR;
}

static guint64
file_size (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 ? status.st_size : 0;
}

/* Tries the mirrors in order until part is complete and has the checksum. A part with a wrong checksum is
 * truncated to nothing. */
static gboolean
fetch_from_any (const NstDownload *download,
                const char        *part,
                NstDownloadFunc    func,
                gpointer           data,
                GCancellable      *cancellable,
                GError           **error)
{
  g_autoptr (GString) answers = g_string_new (NULL);
  g_autoptr (GError)  last = NULL;

  for (int i = 0; download->addresses[i] != NULL; i++)
    for (gboolean again = TRUE; again;)
      {
        gboolean resumed = file_size (part) > 0;

        again = FALSE;
        g_clear_error (&last);
        if (fetch (download, download->addresses[i], part, func, data, cancellable, &last))
          {
            if (nst_download_check (download, part, &last))
              return TRUE;
            g_debug ("%s: wrong file, so %s is emptied%s", download->addresses[i], part,
                     resumed ? " and requested from its start" : "");
            if (truncate (part, 0) != 0)
              return disk_error (part, error);
            /* The resumed part may have been the beginning of another file: retry once from the start. */
            again = resumed;
          }
        if (is_final (last))
          {
            g_propagate_error (error, g_steal_pointer (&last));
            return FALSE;
          }
        if (!again)
          g_string_append_printf (answers, "%s%s: %s", answers->len > 0 ? "; " : "", download->addresses[i],
                                  last->message);
      }
  g_set_error_literal (error, last->domain, last->code, answers->str);

  return FALSE;
}

gboolean
nst_download (const NstDownload *download,
              NstDownloadFunc    func,
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
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _ ("%s: another program is downloading this file"),
                   part);
      return FALSE;
    }

  good = fetch_from_any (download, part, func, data, cancellable, error);
  if (good && g_rename (part, download->path) != 0)
    good = disk_error (download->path, error);
  /* There is nothing to resume. */
  if (!good && file_size (part) == 0)
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
              NstDownloadFunc    func G_GNUC_UNUSED,
              gpointer           data G_GNUC_UNUSED,
              GCancellable      *cancellable G_GNUC_UNUSED,
              GError           **error)
{
  g_set_error (error, NST_ERROR, NST_ERROR_ARGUMENT,
               _ ("This program was built without libcurl (Debian: libcurl4-openssl-dev) and cannot "
                  "download. Download the file yourself, then run \"pastiche weights import FILE\""));

  return FALSE;
}

#endif
