# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the response times of the dialog on the screen: from a click on a painting to the first painted
preview of a layer of 12 megapixels, and from a slider's move to the picture that shows it. Prints the best
and the median of RUNS (5); load only makes them worse. Needs what host.py needs."""

import os
import statistics
import subprocess
import time

from drive import Dialog, stop, wait_for

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
OWN = os.environ["XDG_CONFIG_HOME"]
RUNS = int(os.environ.get("RUNS", 5))
STYLE = f"{SOURCE}/demo/starry-night.jpg"
WHAT = [("style chosen to the first preview of 4000 x 3000", "goal 1 s"),
        ("slider, while it paints, to the second picture", "goal for the first 0.25 s"),
        ("slider, after it is done, to the first picture", "no goal")]


def enlarge(path, width, height):
    from gi.repository import GdkPixbuf
    file = f"{SOURCE}/demo/picos-de-europa.jpg"
    picture = GdkPixbuf.Pixbuf.new_from_file_at_scale(file, width, height, False)
    picture.savev(path, "jpeg", [], [])


def seconds_to_another(dialog, act, times=1):
    """Seconds from act () until the picture on the screen has changed this often, reading the screen
    included."""
    x, y, width, height = dialog.extents(dialog.find("Preview", "drawing area"))
    before, begin = dialog.part(x, y, width, height), time.monotonic()
    act()
    for _ in range(times):
        while (now := dialog.part(x, y, width, height)) == before:
            if time.monotonic() - begin > 60:
                raise AssertionError("nothing changed in a minute")
        before = now
    return time.monotonic() - begin


def run(content):
    """Three times in seconds: to the first preview; from a slider's move during the last and largest scale to
    the second picture after it, which surely has the new weight; and after the run to the first picture of
    the next."""
    process = subprocess.Popen([f"{BUILD}/tests/ui/dialog-host", "--content", content, "--style", STYLE])
    try:
        dialog = Dialog("dialog-host", None)
        wait_for(lambda: dialog.has("Start Over", "push button"), "it to start by itself")
        dialog.wait_for_rest()
        painting = dialog.find("Katsushika Hokusai, The Great Wave*", "list item")
        beta = dialog.find("Style", "spin button").queryValue()

        def move(value):
            beta.currentValue = value

        normal = dialog.find("Normal", "radio button")
        wait_for(lambda: "about" in normal.description, "the calibration to end")
        first = seconds_to_another(dialog, lambda: dialog.click(painting))
        wait_for(lambda: any("scale 3 of 3" in label for label in dialog.labels()), "the last scale")
        steered = seconds_to_another(dialog, lambda: move(300), 2)
        assert any("scale 3 of 3" in label for label in dialog.labels()), "the run ended too soon"
        dialog.wait_for_rest()
        return first, steered, seconds_to_another(dialog, lambda: move(30))
    finally:
        stop(process)


def main():
    content = f"{OWN}/large.jpg"
    enlarge(content, 4000, 3000)
    times = [run(content) for _ in range(RUNS)]
    for (what, goal), values in zip(WHAT, zip(*times)):
        print(f"{what}: best {min(values):.2f} s, median {statistics.median(values):.2f} s of {RUNS} "
              f"({goal}; load {os.getloadavg()[0]:.1f})", flush=True)


main()
