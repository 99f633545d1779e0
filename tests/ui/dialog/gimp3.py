# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog in GIMP 3 with its windows: choose a style layer, paint, change weights, pause, resume, stop,
apply; last values, defaults, the settings of a layer, cancel; two layers at once; undo. gimp3-batch.py is
GIMP's side. Needs a screen with a window manager and a session bus (dialog.sh), SRCDIR, and GIMP3_DIRECTORY,
a profile with the filter; SHOTS is a folder for screenshots, or unset."""

import json
import os
import subprocess

from drive import Dialog, Tests, shoot_screen, stop, undo, wait_for

SOURCE, SHOTS = os.environ["SRCDIR"], os.environ.get("SHOTS")
OWN = os.environ["XDG_CONFIG_HOME"]


def start_gimp():
    batch = f"{SOURCE}/tests/ui/dialog/gimp3-batch.py"
    command = ["gimp-3", "--new-instance", "--no-splash", "--no-data", "--no-fonts",
               "--batch-interpreter", "python-fu-eval",
               "--batch", f"exec(compile(open('{batch}').read(), 'gimp3-batch.py', 'exec'))"]
    return subprocess.Popen(command, env={**os.environ, "OWN": OWN}, stdout=subprocess.DEVNULL)


def said(name):
    def read():
        with open(f"{OWN}/said-{name}", encoding="utf-8") as file:
            return json.load(file)

    return wait_for(read, f"GIMP to say what is {name}")


def test_paint():
    Dialog("pastiche", SHOTS).paint_and_apply("night (*")


def test_applied():
    facts = said("applied")
    assert facts["status"] == "success" and facts["dirty"], facts
    (name, box, settings), (source, source_box, nothing) = facts["layers"]
    assert name == "Pastiche of photograph" and source == "photograph", facts
    assert box == source_box == [0, 0, 320, 240], facts
    assert settings["style"].startswith("night (") and not nothing, settings
    assert settings["recipe"]["beta"] == 200 and settings["recipe"]["model"] == "slim", settings


def test_again():
    dialog = Dialog("pastiche", SHOTS)
    assert max(dialog.background()) < 128, f"GIMP is dark, the dialog {dialog.background()}"
    assert dialog.value("Style") == 200, "the last values are not there again"
    wait_for(lambda: dialog.has("Start Over", "push button"), "the style of last time to be painted unasked")
    dialog.press("More about looks", "toggle button")
    dialog.press("Reset to defaults", "menu item")
    wait_for(lambda: dialog.value("Style") == 15, "the defaults")
    dialog.press("More about looks", "toggle button")
    dialog.press("Use the settings of", "menu")
    dialog.shoot("settings-of-a-layer")
    dialog.press("Pastiche of photograph (*", "menu item")
    wait_for(lambda: dialog.value("Style") == 200, "the layer's settings")
    before = dialog.picture()
    dialog.press("Start Over")
    dialog.wait_for_another_picture(before, "the first painted picture")
    dialog.key("Escape")
    facts = said("cancelled")
    assert facts["status"] == "cancel" and facts["layers"] == said("applied")["layers"], facts


def test_several():
    dialog = Dialog("pastiche", SHOTS)
    dialog.set_value("Iterations", 5)
    dialog.press("Apply")
    facts = said("several")
    names = [layer[0] for layer in facts["layers"]]
    assert facts["status"] == "success" and len(names) == 4, facts
    assert names[0].startswith("Pastiche of Pastiche of"), facts
    assert all(box == [0, 0, 320, 240] for _, box, _ in facts["layers"]), facts
    shoot_screen(SHOTS, "gimp3-several")


def test_undone():
    undo("4 layers", "2 layers")
    undo("2 layers", "1 layer)", saved=True)


def main():
    tests = Tests(SHOTS)
    gimp = start_gimp()
    try:
        if tests.run("a style layer, watch, pause, steer, stop, apply", test_paint):
            tests.run("one layer more, with its settings", test_applied)
            if tests.run("last values, defaults, settings of a layer, cancelled by Escape", test_again):
                tests.run("two layers at once", test_several)
                tests.run("each undone in one step", test_undone)
    finally:
        stop(gimp)
    tests.end()


main()
