# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the source tree share: the list of files, and TAP."""
import os
import sys

SOURCE = os.environ.get("SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("BUILDDIR", os.path.join(SOURCE, "build"))
TOP = "cli", "core", "demo", "host", "picture", "plugin", "shelf", "tests", "ui", "weights"
# By autogen.sh, and by builds in the source folder.
GENERATED = {"core/recipe/presets-json.c", "core/recipe/presets-texts.h", "ui/resources.c",
             "weights/embedded.c"}


def list_files(*endings, top=TOP):
    """Paths from the top of the tree, sorted."""
    found = []
    for name in top:
        for folder, _, files in os.walk(os.path.join(SOURCE, name)):
            found += [os.path.relpath(os.path.join(folder, file), SOURCE) for file in files
                      if file.endswith(endings)]
    return sorted(set(found) - GENERATED)


def read_lines(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as f:
        return f.read().splitlines()


class Tap:
    """Prints one line for each check; the complaints of a failed check follow as comments."""

    def __init__(self, prefix):
        self.prefix, self.number, self.failures = prefix, 0, 0

    def check(self, name, complaints, skip=None, todo=None):
        """todo: why the check may still fail."""
        self.number += 1
        self.failures += bool(complaints) and not todo
        remark = " # SKIP " + skip if skip else " # TODO " + todo if todo and complaints else ""
        print("%s %d %s/%s%s" % ("not ok" if complaints else "ok", self.number, self.prefix, name, remark))
        for complaint in complaints:
            print("# " + complaint)

    def finish(self):
        print("1..%d" % self.number)
        sys.exit(self.failures > 0)
