/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the shared libraries of a program by reading its ELF file (System V Application Binary Interface,
 * chapters 4 and 5) and the places where the loader looks (ld.so(8)). The file may be anybody's: every offset
 * and size is checked. */
#include "cli/elf.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/input.h"
#include "weights/format/file.h"

#define OWN "/proc/self/exe"
#define CACHE "/etc/ld.so.cache"
#define MOST_SEGMENTS 256
#define MOST_ENTRIES 4096      /* of the dynamic section */
#define MOST_STRINGS (1 << 24) /* bytes */
#define MOST_LIBRARIES 1000    /* that a program is searched for */

typedef ElfW (Ehdr) Header;
typedef ElfW (Phdr) Segment;
typedef ElfW (Dyn) Entry;

/* What a file says about its libraries. */
typedef struct
{
  GPtrArray *needed;    /* owned; names */
  GPtrArray *folders;   /* owned; where it wants them searched: DT_RUNPATH */
  GPtrArray *inherited; /* owned; the same also for the libraries of its libraries: DT_RPATH */
} Needs;

static void
needs_free (gpointer data)
{
  Needs *needs = data;

  g_ptr_array_unref (needs->needed);
  g_ptr_array_unref (needs->folders);
  g_ptr_array_unref (needs->inherited);
  g_free (needs);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Needs, needs_free)

/* text with every occurrence of word replaced; owned by the caller. */
static char *
replace (const char *text, const char *word, const char *by)
{
  g_auto (GStrv) parts = g_strsplit (text, word, -1);

  return g_strjoinv (by, parts);
}

/* Adds folders separated by colons; $ORIGIN is the folder of the file path. */
static void
add_folders (GPtrArray *folders, const char *list, const char *path)
{
  g_autofree char *origin = g_path_get_dirname (path);
  g_auto (GStrv)   words = g_strsplit (list, ":", -1);

  for (int i = 0; words[i] != NULL; i++)
    {
      g_autofree char *plain = replace (words[i], "${ORIGIN}", origin);

      if (*plain != '\0')
        g_ptr_array_add (folders, replace (plain, "$ORIGIN", origin));
    }
}

/* Reads the header of a file for the same loader as this program. */
static gboolean
read_header (const NstImportFile *file, const Header *own, Header *header)
{
  return nst_import_file_read (file, 0, sizeof *header, header, NULL)
         && memcmp (header->e_ident, ELFMAG, SELFMAG) == 0
         && (own == NULL
             || (header->e_ident[EI_CLASS] == own->e_ident[EI_CLASS]
                 && header->e_ident[EI_DATA] == own->e_ident[EI_DATA] && header->e_machine == own->e_machine))
         && (header->e_type == ET_EXEC || header->e_type == ET_DYN) && header->e_phentsize == sizeof (Segment)
         && header->e_phnum > 0 && header->e_phnum <= MOST_SEGMENTS;
}

/* The offset in the file of what is loaded to address; 0: nothing is. */
static guint64
offset_of (const Segment *segments, int n, guint64 address)
{
  for (int i = 0; i < n; i++)
    if (segments[i].p_type == PT_LOAD && address >= segments[i].p_vaddr
        && address - segments[i].p_vaddr < segments[i].p_filesz)
      return segments[i].p_offset + (address - segments[i].p_vaddr);

  return 0;
}

/* The string table of a dynamic section, terminated; owned by the caller. NULL: there is none, or it is not
 * in the file. */
static char *
read_strings (const NstImportFile *file,
              const Segment       *segments,
              int                  n_segments,
              const Entry         *entries,
              int                  n,
              gsize               *size)
{
  guint64          address = 0, offset;
  g_autofree char *strings = NULL;

  *size = 0;
  for (int i = 0; i < n; i++)
    if (entries[i].d_tag == DT_STRTAB)
      address = entries[i].d_un.d_ptr;
    else if (entries[i].d_tag == DT_STRSZ)
      *size = MIN (entries[i].d_un.d_val, (guint64) MOST_STRINGS + 1);
  if (*size == 0 || *size > MOST_STRINGS)
    return NULL;
  offset = offset_of (segments, n_segments, address);
  strings = g_malloc0 (*size + 1);
  if (offset == 0 || !nst_import_file_read (file, offset, *size, strings, NULL))
    return NULL;

  return g_steal_pointer (&strings);
}

/* Adds what the dynamic section in a segment needs. */
static gboolean
read_dynamic (
    const NstImportFile *file, const Segment *segments, int n_segments, const Segment *dynamic, Needs *needs)
{
  const int         most = MIN (dynamic->p_filesz / sizeof (Entry), MOST_ENTRIES);
  g_autofree Entry *entries = g_new (Entry, most + 1);
  g_autofree char  *strings = NULL;
  gsize             size;
  int               n = 0;

  if (!nst_import_file_read (file, dynamic->p_offset, most * sizeof (Entry), entries, NULL))
    return FALSE;
  while (n < most && entries[n].d_tag != DT_NULL)
    n++;
  strings = read_strings (file, segments, n_segments, entries, n, &size);
  if (strings == NULL)
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      const guint64 at = entries[i].d_un.d_val;

      if (entries[i].d_tag != DT_NEEDED && entries[i].d_tag != DT_RUNPATH && entries[i].d_tag != DT_RPATH)
        continue;
      if (at >= size)
        return FALSE;
      if (entries[i].d_tag == DT_NEEDED)
        g_ptr_array_add (needs->needed, g_strdup (strings + at));
      else
        add_folders (entries[i].d_tag == DT_RUNPATH ? needs->folders : needs->inherited, strings + at,
                     file->path);
    }

  return TRUE;
}

static Needs *
read_needs (const NstImportFile *file, const Header *own)
{
  Header              header;
  g_autofree Segment *segments = NULL;
  g_autoptr (Needs)   needs = g_new0 (Needs, 1);

  needs->needed = g_ptr_array_new_with_free_func (g_free);
  needs->folders = g_ptr_array_new_with_free_func (g_free);
  needs->inherited = g_ptr_array_new_with_free_func (g_free);
  if (!read_header (file, own, &header))
    return NULL;
  segments = g_new (Segment, header.e_phnum);
  if (!nst_import_file_read (file, header.e_phoff, header.e_phnum * sizeof (Segment), segments, NULL))
    return NULL;
  for (int i = 0; i < header.e_phnum; i++)
    if (segments[i].p_type == PT_DYNAMIC
        && !read_dynamic (file, segments, header.e_phnum, &segments[i], needs))
      return NULL;

  return g_steal_pointer (&needs);
}

/* Opens a file. Close file->fd unless it is below 0. */
static void
open_file (const char *path, NstImportFile *file)
{
  struct stat status;

  *file = (NstImportFile){ .path = path, .fd = nst_input_open (path, NULL) };
  if (file->fd >= 0 && fstat (file->fd, &status) == 0)
    file->size = status.st_size;
}

/* What the file at path needs; NULL: it is nothing that this program's loader loads. */
static Needs *
needs_of (const char *path)
{
  NstImportFile own_file, file;
  Header        own;
  Needs        *needs = NULL;

  open_file (OWN, &own_file);
  open_file (path, &file);
  if (own_file.fd >= 0 && file.fd >= 0 && read_header (&own_file, NULL, &own))
    needs = read_needs (&file, &own);
  if (own_file.fd >= 0)
    close (own_file.fd);
  if (file.fd >= 0)
    close (file.fd);

  return needs;
}

/* Searching */

typedef struct
{
  GPtrArray  *folders; /* owned; of the environment, the system's, and inherited ones */
  char       *cache;   /* owned; the loader's list of libraries, or NULL: strings among other data */
  gsize       size;    /* of the cache */
  GHashTable *seen;    /* owned; names */
  GPtrArray  *found;   /* owned; the Needs of the libraries that were found, owned */
  GString    *missing; /* owned */
} Search;

/* Adds the file unless the loader would not load it. */
static gboolean
try_path (Search *search, const char *path)
{
  Needs *needs = needs_of (path);

  if (needs != NULL)
    g_ptr_array_add (search->found, needs);

  return needs != NULL;
}

static gboolean
try_cache (Search *search, const char *name)
{
  g_autofree char *end = g_strconcat ("/", name, NULL);

  for (gsize at = 0; at < search->size; at += strlen (search->cache + at) + 1)
    if (search->cache[at] == '/' && g_str_has_suffix (search->cache + at, end)
        && try_path (search, search->cache + at))
      return TRUE;

  return FALSE;
}

static gboolean
try_folders (Search *search, const GPtrArray *folders, const char *name)
{
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (g_ptr_array_index (folders, i), name, NULL);

      if (try_path (search, path))
        return TRUE;
    }

  return FALSE;
}

static gboolean
find_library (Search *search, const char *name, const Needs *needs)
{
  if (strchr (name, '/') != NULL)
    return try_path (search, name);

  return try_cache (search, name) || try_folders (search, needs->folders, name)
         || try_folders (search, search->folders, name);
}

static void
find_libraries (Search *search, const Needs *needs)
{
  for (guint i = 0; i < needs->inherited->len; i++)
    g_ptr_array_add (search->folders, g_strdup (g_ptr_array_index (needs->inherited, i)));
  for (guint i = 0; i < needs->needed->len && g_hash_table_size (search->seen) < MOST_LIBRARIES; i++)
    {
      const char *name = g_ptr_array_index (needs->needed, i);

      if (g_hash_table_add (search->seen, g_strdup (name)) && !find_library (search, name, needs))
        g_string_append_printf (search->missing, "%s%s", search->missing->len > 0 ? ", " : "", name);
    }
}

char *
nst_elf_missing (const char *path)
{
  static const char *const defaults = "/lib64:/usr/lib64:/lib:/usr/lib:/usr/local/lib";
  const char              *environment = g_getenv ("LD_LIBRARY_PATH");
  g_autoptr (Needs)        needs = needs_of (path);
  Search                   search = { NULL };

  if (needs == NULL)
    return NULL;
  search.folders = g_ptr_array_new_with_free_func (g_free);
  search.cache = nst_input_read (CACHE, MOST_STRINGS, &search.size, NULL);
  search.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  search.found = g_ptr_array_new_with_free_func (needs_free);
  search.missing = g_string_new (NULL);
  if (environment != NULL)
    add_folders (search.folders, environment, path);
  add_folders (search.folders, defaults, path);

  find_libraries (&search, needs);
  for (guint i = 0; i < search.found->len; i++)
    find_libraries (&search, g_ptr_array_index (search.found, i));

  g_ptr_array_unref (search.folders);
  g_free (search.cache);
  g_hash_table_unref (search.seen);
  g_ptr_array_unref (search.found);

  return g_string_free (search.missing, FALSE);
}
