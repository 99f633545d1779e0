# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of extreme sizes in GIMP 2.10 with its windows: one pixel; 40 x 4000 with a half transparent style
whose image is closed during the run; a layer that is first read smaller, and is closed before it is read
whole (5200 x 300, or with HUGE=1 12000 x 9000). Each ends with a clear message or a picture; image and undo
history are intact. Needs what gimp.py needs."""

import os
import time

from drive import Dialog, Tests, image_window, stop, wait_for
from session import close_view, said, start_gimp

SOURCE, SHOTS = os.environ["SRCDIR"], os.environ.get("SHOTS")
WIDTH, HEIGHT = (12000, 9000) if os.environ.get("HUGE") else (5200, 300)

BEGIN = """
(define style 1) (define pixel 2) (define thin 3) (define large 4)
(define (layer image) (car (gimp-image-get-active-layer image)))
(define (run image) (plug-in-pastiche RUN-INTERACTIVE image (layer image) -1 "" -1 -1 0 -1 "" 0 ""))
(define (clean image) (gimp-image-undo-enable image) (gimp-image-clean-all image))
(define (look name image)
  (say name (car (gimp-image-get-layers image)) (car (gimp-image-is-dirty image))
       (car (gimp-drawable-width (layer image))) (car (gimp-drawable-height (layer image)))))
"""
PHOTOGRAPH = f'(gimp-file-load RUN-NONINTERACTIVE "{SOURCE}/demo/picos-de-europa.jpg" "photograph.jpg")'
BATCHES = [
    f"""
    (gimp-file-load RUN-NONINTERACTIVE "{SOURCE}/demo/starry-night.jpg" "painting.jpg")
    (gimp-image-scale style 320 254)
    (gimp-item-set-name (layer style) "night") (gimp-layer-add-alpha (layer style))
    (gimp-image-select-rectangle style CHANNEL-OP-REPLACE 0 0 160 254)
    (gimp-drawable-edit-clear (layer style))
    (gimp-selection-none style) (clean style) (gimp-display-new style)
    {PHOTOGRAPH} (gimp-image-scale pixel 1 1) (clean pixel)
    {PHOTOGRAPH} (gimp-image-scale thin 40 4000) (clean thin)""",
    "(run pixel)",
    '(look "pixel" pixel)',
    "(run thin)",
    '(look "thin" thin) (say "style" (car (gimp-image-is-valid style)))',
    f"{PHOTOGRAPH} (gimp-image-undo-disable large) (gimp-image-scale large {WIDTH} {HEIGHT}) (clean large)"
    " (gimp-display-new large)",
    "(run large)",
    '(say "large" (car (gimp-image-is-valid large)))',
]


def choose(dialog, name):
    dialog.click(wait_for(lambda: dialog.find(name, "list item"), "the style layer"))


def test_pixel():
    dialog = Dialog("pastiche", SHOTS)
    choose(dialog, "night (*")
    wait_for(lambda: any("too small" in label.lower() for label in dialog.labels()), "a message")
    dialog.shoot("one-pixel")
    dialog.key("Escape")
    wait_for(dialog.is_gone, "the dialog to close")
    assert said("pixel").split() == ["1", "0", "1", "1"], said("pixel")


def test_thin():
    """The style is closed during the run, which needs only what was read before."""
    dialog = Dialog("pastiche", SHOTS)
    dialog.set_value("Iterations", 100000)
    before = dialog.picture()
    choose(dialog, "night (*")
    dialog.wait_for_another_picture(before, "the first painted picture")
    close_view(image_window)
    dialog.come_forward()
    dialog.press("Start Over")
    wait_for(lambda: any("iteration" in label for label in dialog.labels()), "it to paint again")
    dialog.press("Stop")
    dialog.wait_for_rest()
    dialog.shoot("thin")
    dialog.set_value("Iterations", 2)
    dialog.press("Apply")
    wait_for(dialog.is_gone, "the dialog to close")
    assert said("thin").split() == ["2", "1", "40", "4000"], said("thin")
    assert said("style").split() == ["0"], said("style")


def test_large():
    """The preview needs only a smaller copy. After the image was closed, Apply fails, which needs all of
    it."""
    dialog = Dialog("pastiche", SHOTS)
    dialog.shoot("large")
    wait_for(lambda: "about" in dialog.find("Full size", "radio button").description, "the costs")
    print(f"# {WIDTH} x {HEIGHT}: {dialog.find('Full size', 'radio button').description}", flush=True)
    dialog.set_value("Iterations", 100000)
    style = wait_for(lambda: dialog.find("Pastiche of *", "list item"), "a style layer")
    before, start = dialog.picture(), time.monotonic()
    dialog.click(style)
    dialog.wait_for_another_picture(before, "the first painted picture")
    print(f"# {WIDTH} x {HEIGHT}: {time.monotonic() - start:.2f} s to the first painted preview", flush=True)
    close_view(image_window)
    dialog.come_forward()
    dialog.press("Stop")
    dialog.wait_for_rest()
    dialog.press("Full size", "radio button")
    dialog.press("Apply")
    wait_for(lambda: any("The layer" in label and "was deleted" in label for label in dialog.labels()),
             "the dialog to say that the layer is gone")
    dialog.shoot("large-closed")
    dialog.key("Escape")
    wait_for(dialog.is_gone, "the dialog to close")
    assert said("large").split() == ["0"], said("large")


def main():
    tests = Tests(SHOTS)
    gimp = start_gimp(BEGIN, BATCHES)
    try:
        if (tests.run("one pixel is too small, and told", test_pixel)
                and tests.run("40 x 4000, in a style with alpha that is closed meanwhile", test_thin)):
            tests.run(f"{WIDTH} x {HEIGHT}, closed before it is read whole", test_large)
    finally:
        stop(gimp)
    tests.end()


main()
