# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs GIMP 2.10 with its windows and its own profile: executes Script-Fu batches, which report what they
find."""

import os
import subprocess

from drive import wait_for, xdotool

BUILD = os.environ["BUILDDIR"]
OWN = os.environ["XDG_CONFIG_HOME"]
FOLDER = ["pkg-config", "--variable=gimplibdir", "gimp-2.0"]
STOCK = subprocess.run(FOLDER, capture_output=True, text=True, check=True).stdout.strip()

# GIMP writes its reports to OWN/said-NAME.
SAY = f"""
(define (put words port)
  (if (pair? words) (begin (display (car words) port) (display " " port) (put (cdr words) port))))
(define (say name . words)
  (let ((port (open-output-file (string-append "{OWN}/said-" name))))
    (put words port)
    (display "end" port)
    (close-output-port port)))
"""


def profile():
    folder = f"{OWN}/gimp"
    os.makedirs(f"{folder}/plug-ins")
    os.makedirs(f"{folder}/gradients")
    for name in ("script-fu", "file-jpeg", "file-png"):
        os.symlink(f"{STOCK}/plug-ins/{name}", f"{folder}/plug-ins/{name}")
    os.symlink(f"{BUILD}/plug-ins/pastiche", f"{folder}/plug-ins/pastiche")
    with open(f"{folder}/gimprc", "w", encoding="utf-8") as file:
        file.write(f'(plug-in-path "{folder}/plug-ins")\n(script-fu-path "{folder}/scripts")\n')
    return folder


def start_gimp(begin, batches):
    """Each batch is a separate Script-Fu script, with the definitions of begin."""
    command = ["gimp-2.10", "--new-instance", "--no-splash", "--no-data", "--no-fonts",
               "--batch-interpreter", "plug-in-script-fu-eval"]
    for batch in batches:
        command += ["--batch", " ".join((SAY + begin + batch).split())]
    environment = {**os.environ, "GIMP2_DIRECTORY": profile()}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def said(name):
    path = f"{OWN}/said-{name}"

    def read():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        return text.endswith(" end") and text[:-4]

    return wait_for(read, f"GIMP to say what is {name}")


def close_view(find):
    """Close the view that find () gives; with its last view GIMP closes the image."""
    number, _ = wait_for(lambda: find()[0] and find(), "GIMP's window")
    xdotool("windowactivate", "--sync", number)
    xdotool("mousemove", "--window", number, 500, 150, "click", 2)
    xdotool("key", "ctrl+w")
    wait_for(lambda: find()[0] is None, "the view to close")
