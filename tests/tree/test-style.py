# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of CONTRIBUTING.md that a program can check: licence lines, opening comments, comments on
functions, columns, layout; and links between pages. Prints TAP."""
import os
import re
import shutil
import subprocess

import tree

LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
COLUMNS = 110
CLANG_FORMAT = 14  # other versions lay out some lines in another way


def has_licence(lines):
    """In the first line, or in the second one where the first names the interpreter."""
    return any(LICENCE in line for line in lines[:2])


def has_opening_comment(lines):
    """The line after the licence, blank lines left out, begins a comment, or the docstring of a script."""
    rest = [line for line in lines if line.strip() and LICENCE not in line and not line.startswith("#!")]
    return bool(rest) and rest[0].startswith(("/*", "//", "# ", '"""', 'r"""'))


def undocumented(path, lines):
    """Functions that a header declares without a comment: neither above their group of declarations nor
    behind them. The comment of an error's macro documents its quark."""
    found = []
    for number, line in enumerate(lines):
        function = re.match(r"(?!typedef|static)[\w* ]+[ *](nst_\w+) \(", line)
        if not function or function.group(1).endswith("_quark"):
            continue
        start, end = number, number
        while start > 0 and lines[start - 1].strip():
            start -= 1
        while end + 1 < len(lines) and not re.search("[;{]", lines[end]):
            end += 1
        if "{" not in lines[end] and "/*" not in "\n".join(lines[start:end + 1]):
            found.append("%s:%d: %s () has no comment" % (path, number + 1, function.group(1)))
    return found


def long_lines(path, lines):
    return ["%s:%d: %d columns" % (path, number, len(line)) for number, line in enumerate(lines, 1)
            if len(line.expandtabs(8)) > COLUMNS and not re.match(r"\s*\S+$", line)]


def dead_links(path, lines):
    """Links of a page to files that do not exist."""
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", "\n".join(lines))
    return ["%s: there is no %s" % (path, target) for target in targets if "://" not in target
            and not os.path.exists(os.path.join(tree.SOURCE, os.path.dirname(path), target))]


def cut_messages(path, text):
    """Messages that xgettext does not extract whole. It reads string literals and the conversions of
    inttypes.h, and ends a message at any other macro. An argument without a literal, as in
    _ (field->title), is allowed: its text is marked where it is defined."""
    whole = re.compile(r'(\s|/\*.*?\*/|PRI[dioux](8|16|32|64)\b|"([^"\\\n]|\\.)*")*\)', re.S)
    without_literal = re.compile(r'[^")]*\)')
    return ["%s:%d: xgettext cuts this message off" % (path, text.count("\n", 0, start.start()) + 1)
            for start in re.finditer(r"(?<![\w>])N?_ ?\(", text)
            if not whole.match(text, start.end()) and not without_literal.match(text, start.end())]


def badly_laid_out(program, paths):
    done = subprocess.run([program, "--dry-run", *paths], cwd=tree.SOURCE, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if "warning:" in line or "error:" in line]
    return [re.sub(r": warning.*", ": run clang-format -i", line) for line in lines[:20]]


def why_no_clang_format():
    if shutil.which("clang-format") is None:
        return "clang-format is not installed"
    text = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
    found = re.search(r"version (\d+)", text)
    if not found or int(found.group(1)) != CLANG_FORMAT:
        return "clang-format %d is needed" % CLANG_FORMAT
    return None


def main():
    tap = tree.Tap("/tree/style")
    c_files, headers = tree.list_files(".c"), tree.list_files(".h")
    builds = tree.list_files(".am") + ["Makefile.am"]
    scripts = tree.list_files(".py", ".sh") + ["autogen.sh", "quickstart", ".ci/run"]
    read = {path: tree.read_lines(path) for path in c_files + headers + builds + scripts}

    # Each check is tested first.
    first, comment, code = "/* %s */" % LICENCE, "/* Reads a file. */", "int x;"
    tap.check("self-test", [name for name, good in {
        "licence": has_licence([first, code]) and not has_licence([code]),
        "opening comment": (has_opening_comment([first, "", comment, code])
                            and has_opening_comment(["#!/bin/sh", "# " + LICENCE, '"""Reads."""'])
                            and not has_opening_comment([first, code])
                            and not has_opening_comment([first, "#include <glib.h>", comment])),
        "documented": (undocumented("a", ["/* A. */", "int x;", "", "int nst_a (void);"])
                       and undocumented("a", ["NstA *nst_a (int b,", "           int c);", "", "/* B. */"])
                       and not undocumented("a", ["/* A. */", "int nst_a (void);", "int nst_b (void);"])
                       and not undocumented("a", ["int nst_a (int b,", "           int c); /* A. */"])),
        "links": (dead_links("README.md", ["[a](no-such.md)"])
                  and not dead_links("README.md", ["[a](COPYING)"])),
        "messages": (cut_messages("a", '_ ("%" G_GSIZE_FORMAT " bytes")')
                     and cut_messages("a", 'N_ (PROGRAM " ends")')
                     and not cut_messages("a", '_ ("%" PRIu64 " bytes, " /* sum */\n"%zu")')
                     and not cut_messages("a", "_ (field->title) N_ (TITLE)")),
        "columns": long_lines("a", ["a b" * 37]) and not long_lines("a", ["a" * 110, "b" * 200]),
    }.items() if not good])

    tap.check("licence", [path + ": the first line names no licence" for path in read
                          if not has_licence(read[path])])
    tap.check("opening-comment", [path + ": no opening comment" for path in c_files + scripts
                                  if not has_opening_comment(read[path])])
    tap.check("documented", [text for path in headers if path.startswith("core/")
                             for text in undocumented(path, read[path])])
    for name, paths in (("c", c_files + headers), ("am", builds),
                              ("scripts", scripts)):
        tap.check("columns/" + name, [text for path in paths for text in long_lines(path, read[path])])

    tap.check("messages", [text for path in c_files + headers
                           for text in cut_messages(path, "\n".join(read[path]))])
    with open(os.path.join(tree.SOURCE, "po/POTFILES.in"), encoding="utf-8") as f:
        listed = set(f.read().split())
    tap.check("potfiles", [path + ": has messages, so po/POTFILES.in must list it" for path in c_files
                           if re.search(r'(?<![\w>])N?_ ?\(\s*"', "\n".join(read[path]))
                           and path not in listed and not path.startswith("tests/")])

    pages = tree.list_files(".md", top=tree.TOP + ("doc",)) + ["CONTRIBUTING.md", "README.md"]
    tap.check("links", [text for path in pages for text in dead_links(path, tree.read_lines(path))])

    skip = why_no_clang_format()
    tap.check("clang-format", [] if skip else badly_laid_out("clang-format", c_files + headers), skip)
    tap.finish()


if __name__ == "__main__":
    main()
