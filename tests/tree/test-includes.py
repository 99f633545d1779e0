# SPDX-License-Identifier: GPL-3.0-or-later
"""Every #include follows the arrows between the folders, and a foreign library is included only in the
folders that are named for it. Prints TAP."""
import re

import tree

# The folders of the program, lowest first, and what each may include. A folder may always include itself. A
# name that ends with /* stands for the folder and all its subfolders. An arrow points to a folder that stands
# above in this table, so that there are no circles.
ARROWS = {
    "core/base": "",
    "core/image": "core/base",
    "core/scene": "core/base core/image",
    "core/simd": "core/base",
    "core/conv": "core/base core/simd",
    "core/model": "core/base core/conv",
    "core/recipe": "core/base",
    "core/network": "core/base core/simd core/conv core/model",
    "core/loss": "core/base core/image core/simd core/model core/recipe core/network",
    "core/minimise": "core/base core/recipe",
    "core/run": "core/base core/image core/scene core/model core/recipe core/network core/loss core/minimise",
    "weights/format": "core/base",
    "weights/import": "core/base core/model weights/format",
    "weights": "core/base core/image core/model core/network weights/*",
    "shelf": "core/base",
    "host": "core/* weights shelf",
    "ui/painter": "core/* weights shelf host",
    "ui/widgets": "core/* weights shelf host",
    "ui": "core/* weights shelf host ui/*",
    "picture": "core/base core/image",
    "plugin": "core/base core/image picture/colour.h",
    "plugin/gimp2": "core/base core/image core/run host plugin ui/dialog.h",
    "plugin/gimp3": "core/base core/image core/run host plugin ui/dialog.h",
    "cli": "core/* weights/* shelf picture",
    "cli/commands": "core/* weights/* shelf picture cli",
}

# Headers that are included from below. Each is to be moved down or split.
EXCEPTIONS = {
    "weights/format": "weights/import/model-builder.h",
    "weights/import": "weights/model-file.h",
}

# Which folders may include the headers of a library. GLib and the C library may be included everywhere.
LIBRARIES = {
    "cblas.h": "core/base",
    "immintrin.h": "core/simd",
    "sanitizer/": "core/base",
    "cjson/": "core/base core/recipe weights/format host cli cli/commands",
    "zip.h": "weights/format",
    "curl/": "weights",
    "gdk-pixbuf/": "ui ui/widgets",
    "gdk/": "ui ui/widgets",
    "gtk/": "ui ui/widgets plugin",
    "gegl.h": "plugin plugin/gimp2 plugin/gimp3",
    "libgimp/": "plugin plugin/gimp2 plugin/gimp3",
    "cairo.h": "cli",
    "pango/": "cli",
    "png.h": "core/image picture",
    "vips/": "picture",
    "lcms2.h": "picture",
    "gexiv2/": "picture",
    "gif_lib.h": "cli",
    "webp/": "cli",
}
GLIB = "glib.h", "glib-object.h", "glib-unix.h", "glib/", "gio/"
C_LIBRARY = ("dlfcn.h", "elf.h", "errno.h", "fcntl.h", "float.h", "inttypes.h", "limits.h", "link.h",
             "linux/magic.h", "locale.h", "malloc.h", "math.h", "pthread.h", "sched.h", "semaphore.h",
             "signal.h", "stdarg.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "sys/",
             "time.h", "unistd.h")

INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^">]+)[">]')


def folder_of(path):
    return path.rpartition("/")[0]


def covers(patterns, path):
    """One of the patterns is the path, its folder, or a folder above it with /*."""
    folder = folder_of(path)
    for pattern in patterns:
        if pattern.endswith("/*"):
            if folder == pattern[:-2] or folder.startswith(pattern[:-1]):
                return True
        elif pattern in (path, folder):
            return True
    return False


def library_of(header):
    return next((name for name in LIBRARIES
                 if header == name or name.endswith("/") and header.startswith(name)), None)


def judge(path, quote, header):
    """What is wrong with one #include of the file path, or None."""
    folder = folder_of(path)
    if header == "config.h":
        return None
    if quote == '"':
        if "/" not in header:
            return '"%s" is not a path from the top of the tree' % header
        if folder == folder_of(header) or covers(ARROWS[folder].split(), header):
            return None
        if header in EXCEPTIONS.get(folder, "").split():
            return None
        return '%s must not include "%s"' % (folder, header)

    library = library_of(header)
    if library is not None:
        if folder in LIBRARIES[library].split():
            return None
        return "%s must not include <%s>" % (folder, header)
    if header in GLIB + C_LIBRARY or header.startswith(tuple(n for n in GLIB + C_LIBRARY if n.endswith("/"))):
        return None
    return "<%s> is in no list of this test" % header


def judge_text(path, lines):
    complaints = []
    if folder_of(path) not in ARROWS:
        return ["%s: the folder is missing in ARROWS" % path]
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        complaint = match and judge(path, *match.groups())
        if complaint:
            complaints.append("%s:%d: %s" % (path, number, complaint))
    return complaints


# Includes that must be found wrong, and right ones.
BAD = [
    ("core/loss/a.c", '#include "core/run/engine.h"'),
    ("core/base/a.c", '#include "core/image/image.h"'),
    ("weights/a.c", '#include "host/host.h"'),
    ("weights/import/a.c", '#include "weights/store.h"'),
    ("host/a.c", '#include "ui/dialog.h"'),
    ("ui/painter/a.c", '#include "ui/widgets/slider.h"'),
    ("ui/widgets/a.c", '#include "ui/dialog.h"'),
    ("ui/a.c", '#include "plugin/buffer.h"'),
    ("plugin/gimp2/a.c", '#include "ui/widgets/slider.h"'),
    ("plugin/gimp3/a.c", '#include "plugin/gimp2/host.h"'),
    ("cli/a.c", '#include "host/host.h"'),
    ("cli/a.c", '#include "cli.h"'),
    ("core/run/a.c", "#include <cjson/cJSON.h>"),
    ("core/loss/a.c", "#  include <cblas.h>"),
    ("ui/a.c", "#include <libgimp/gimp.h>"),
    ("ui/painter/a.c", "#include <gtk/gtk.h>"),
    ("host/a.c", "#include <gtk/gtk.h>"),
    ("core/run/a.c", "#include <unknown.h>"),
    ("new/a.c", "#include <glib.h>"),
]
GOOD = [
    ("core/run/a.c", '#include "core/loss/term.h"'),
    ("ui/a.c", '#include "ui/painter/painter.h"'),
    ("plugin/gimp2/a.c", '#include "ui/dialog.h"'),
    ("plugin/gimp3/a.c", "#include <libgimp/gimp.h>"),
    ("cli/commands/a.c", '#include "weights/import/import.h"'),
    ("weights/format/a.c", "#include <zip.h>"),
    ("core/base/a.c", "#include <glib/gstdio.h>"),
    ("core/base/a.c", "/* #include nothing */"),
]


def check_table():
    """Arrows point to folders above, and each is needed."""
    complaints, above = [], []
    for folder, arrows in ARROWS.items():
        for arrow in arrows.split():
            target = folder_of(arrow) if arrow.endswith((".h", "/*")) else arrow
            if not any(name == target or name.startswith(target + "/") for name in above):
                complaints.append("%s -> %s points up" % (folder, arrow))
        above.append(folder)
    return complaints


def main():
    tap = tree.Tap("/tree/includes")
    tap.check("table", check_table())
    tap.check("bad-examples", ["not found: %s: %s" % (path, line) for path, line in BAD
                               if not judge_text(path, [line])])
    tap.check("good-examples", [text for path, line in GOOD for text in judge_text(path, [line])])

    files = tree.list_files(".c", ".h", top=("cli", "core", "host", "picture", "plugin", "shelf", "ui",
                                             "weights"))
    for folder in ARROWS:
        complaints = [text for path in files if folder_of(path) == folder
                      for text in judge_text(path, tree.read_lines(path))]
        tap.check(folder, complaints)
    tap.check("folders", ["%s: the folder is missing in ARROWS" % path for path in files
                          if folder_of(path) not in ARROWS])

    used = {(folder_of(path), match.group(2)) for path in files
            for match in map(INCLUDE.match, tree.read_lines(path)) if match}
    tap.check("exceptions", ["%s no longer includes %s: remove it from EXCEPTIONS" % (folder, header)
                             for folder, headers in EXCEPTIONS.items() for header in headers.split()
                             if (folder, header) not in used])
    tap.finish()


if __name__ == "__main__":
    main()
