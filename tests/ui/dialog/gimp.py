# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog in GIMP 2.10 with its windows: choose a style layer, paint, change weights, pause, resume, stop,
apply, cancel, undo; use the settings of a layer. GIMP then reports the state of the image. Needs a screen
with a window manager and a session bus (dialog.sh), SRCDIR and BUILDDIR; SHOTS is a folder for screenshots,
or unset."""

import json
import os

from drive import Dialog, Tests, image_window, shoot_screen, stop, undo, wait_for
from session import close_view, said, start_gimp

SOURCE, SHOTS = os.environ["SRCDIR"], os.environ.get("SHOTS")

BEGIN = """
(define image 1) (define other 2)
(define (layer) (car (gimp-image-get-layer-by-name image "photograph")))
(define (layers) (car (gimp-image-get-layers image)))
(define (run) (plug-in-pastiche RUN-INTERACTIVE image (layer) -1 "" -1 -1 0 -1 "" 0 ""))
"""
OPEN = f"""
(gimp-file-load RUN-NONINTERACTIVE "{SOURCE}/demo/picos-de-europa.jpg" "photograph.jpg")
(gimp-file-load RUN-NONINTERACTIVE "{SOURCE}/demo/starry-night.jpg" "painting.jpg")
(gimp-image-scale image 320 240)
(gimp-image-scale other 320 254)
(gimp-image-convert-indexed other CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 64 FALSE FALSE "")
(gimp-item-set-name (car (gimp-image-get-active-layer image)) "photograph")
(gimp-item-set-name (car (gimp-image-get-active-layer other)) "night")
(gimp-image-undo-enable image)
(gimp-display-new image)
(gimp-image-clean-all image)
"""

BATCHES = [
    OPEN,
    "(run)",
    '(say "applied" (layers) (car (gimp-image-is-dirty image))'
    ' (car (gimp-item-get-parasite (car (gimp-image-get-active-layer image)) "pastiche-settings")))',
    "(run)",
    "(run)",
    '(say "closed" (car (gimp-image-is-valid image)) (car (gimp-image-is-valid other))'
    ' (car (gimp-image-list)))']


def test_paint():
    Dialog("pastiche", SHOTS).paint_and_apply("night (*")


def test_applied():
    text = said("applied")
    assert text.startswith("2 1 "), text
    settings = json.loads(text[text.index("{"):text.rindex("}") + 1])
    assert settings["style"].startswith("night ("), settings
    assert settings["recipe"]["beta"] == 200 and settings["recipe"]["model"] == "slim", settings


def test_again():
    """Opened again: last values; the settings of the painted layer; cancelled."""
    dialog = Dialog("pastiche", SHOTS)
    assert max(dialog.background()) < 128, f"GIMP is dark, the dialog {dialog.background()}"
    assert dialog.value("Style") == 200, "the last values are not there again"
    wait_for(lambda: dialog.has("Start Over", "push button"), "the style of last time to be painted unasked")
    dialog.set_value("Style", 5)
    dialog.press("More about looks", "toggle button")
    dialog.press("Use the settings of", "menu")
    dialog.shoot("settings-of-a-layer")
    dialog.press("Pastiche of photograph (*", "menu item")
    wait_for(lambda: dialog.value("Style") == 200, "the layer's settings")
    before = dialog.picture()
    dialog.press("Start Over")
    dialog.wait_for_another_picture(before, "the first painted picture")
    dialog.key("Escape")
    wait_for(dialog.is_gone, "the dialog to close at Escape")
    wait_for(lambda: "2 layers" in image_window()[1], "two layers still")


def test_undone():
    shoot_screen(SHOTS, "gimp-applied")
    undo("2 layers", "1 layer)", saved=True)


def test_closed():
    """The photograph is closed in GIMP during the run: that is said at once, the run continues, and Apply
    keeps the picture as a new image."""
    dialog = Dialog("pastiche", SHOTS)
    dialog.set_value("Iterations", 100000)
    before = dialog.picture()
    dialog.press("Start Over")
    dialog.wait_for_another_picture(before, "the first painted picture")
    close_view(image_window)
    wait_for(lambda: any("image was closed" in label for label in dialog.labels()),
             "the dialog to say that the layer is gone")
    dialog.come_forward()
    dialog.shoot("image-closed")
    before = dialog.picture()
    dialog.wait_for_another_picture(before, "the run to go on")
    dialog.press("Stop")
    dialog.wait_for_rest()
    dialog.press("Apply")
    wait_for(dialog.is_gone, "the dialog to close")
    assert said("closed").split() == ["0", "1", "2"], said("closed")
    wait_for(lambda: "1 layer)" in image_window()[1], "the picture in a new image")
    shoot_screen(SHOTS, "gimp-kept")


def main():
    tests = Tests(SHOTS)
    gimp = start_gimp(BEGIN, BATCHES)
    try:
        if tests.run("a style layer, watch, pause, steer, stop, apply", test_paint):
            tests.run("one layer more, with its settings", test_applied)
            tests.run("last values, settings of a layer, cancelled by Escape", test_again)
            tests.run("undone in one step", test_undone)
            tests.run("the image closed while it is painted", test_closed)
    finally:
        stop(gimp)
    tests.end()


main()
