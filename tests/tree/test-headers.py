# SPDX-License-Identifier: GPL-3.0-or-later
"""Every header compiles alone, with the flags of its folder and warnings as errors. Prints TAP.

BUILDDIR/tests/tree/flags, which the Makefile writes, holds the compiler and the flags: lines NAME=FLAGS."""
import concurrent.futures
import os
import shlex
import subprocess

import tree

# The flags of a header's folder are those of the longest name that its path begins with.
FOLDERS = {
    "cli/": "CLI",
    "core/": "CORE",
    "host/": "HOST",
    "picture/": "PICTURE",
    "plugin/": "PLUGIN",
    "plugin/gimp2/": "GIMP2",
    "plugin/gimp3/": "GIMP3",
    "shelf/": "CORE",
    "tests/": "CORE",
    "tests/plugin/gimp2/": "GIMP2",
    "ui/": "UI",
    "ui/painter/": "PAINTER",
    "weights/": "WEIGHTS",
}
FRAGMENTS = {"core/simd/winograd-transforms.h"}  # compiled several times by core/simd/kernels.c


def read_flags():
    with open(os.path.join(tree.BUILD, "tests/tree/flags"), encoding="utf-8") as f:
        return {name: shlex.split(value) for name, _, value in (line.strip().partition("=") for line in f)}


def compile_alone(flags, include):
    """The first lines that the compiler says about one #include, or nothing."""
    command = [*flags["CC"], "-std=gnu11", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror",
               "-fsyntax-only", "-I" + tree.SOURCE, "-I" + tree.BUILD, *include[1], "-x", "c", "-"]
    done = subprocess.run(command, input='#include "%s"\n' % include[0], capture_output=True, text=True)
    return done.stderr.splitlines()[:6] if done.returncode else []


def main():
    tap, flags = tree.Tap("/tree/headers"), read_flags()
    headers, skipped = [], []
    for path in tree.list_files(".h"):
        name = FOLDERS[max((folder for folder in FOLDERS if path.startswith(folder)), key=len)]
        if path in FRAGMENTS:
            continue
        (headers if name in flags else skipped).append((path, flags.get(name, [])))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (path, _), complaints in zip(headers, pool.map(lambda each: compile_alone(flags, each), headers)):
            tap.check(path, complaints)
    for path, _ in skipped:
        tap.check(path, [], "its GIMP is not there")
    found = compile_alone(flags, ("tests/tree/no-such-header.h", []))
    tap.check("self-test", [] if found else ["a header that does not exist compiles"])
    tap.finish()


if __name__ == "__main__":
    main()
