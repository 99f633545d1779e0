# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog in the stand-alone host: the names of all controls, a whole run from style to Apply, and a
screen that goes away. Needs a screen with a window manager and a session bus (dialog.sh), SRCDIR and
BUILDDIR; SHOTS is a folder for screenshots, or unset."""

import json
import os
import re
import subprocess
import time

import pyatspi

from drive import PATIENCE, Dialog, Tests, role_of, stop, wait_for, walk, xdotool

SOURCE, BUILD, SHOTS = os.environ["SRCDIR"], os.environ["BUILDDIR"], os.environ.get("SHOTS")
CONFIG = os.environ["XDG_CONFIG_HOME"]
PICTURE, STYLE = f"{SOURCE}/demo/picos-de-europa.jpg", f"{SOURCE}/demo/starry-night.jpg"
RESULT = f"{CONFIG}/result.png"
CONTROLS = {"push button", "toggle button", "check box", "radio button", "spin button", "slider", "combo box",
            "text", "list item", "list box", "table", "tree table", "drawing area", "progress bar",
            "menu item", "icon", "image"}


def start(*arguments, **environment):
    command = [f"{BUILD}/tests/ui/dialog-host", "--content", PICTURE, *arguments]
    return subprocess.Popen(command, env={**os.environ, **environment})


def test_names(dialog):
    dialog.press("Advanced", "toggle button")
    wait_for(lambda: dialog.find("Optimiser", "combo box"), "Advanced to unfold")
    bare = [f"{role_of(node)} in {node.parent.name or node.parent.getRoleName()}"
            for node in walk(dialog.frame, visible=True)
            if role_of(node) in CONTROLS - {"image", "icon"} and not node.name
            and node.getState().contains(pyatspi.STATE_FOCUSABLE)]
    assert not bare, f"without a name: {bare}"
    for name, role in [("Brush size", "slider"), ("Content", "slider"), ("Style", "slider"),
                       ("Smoothness", "spin button"), ("Palette", "slider"), ("Detail", "slider"),
                       ("Freedom", "slider"), ("Strength", "slider"), ("Write to", "combo box"),
                       ("Layers", "table"), ("Seed", "spin button"), ("Preview", "drawing area"),
                       ("Losses", "drawing area"), ("Progress", "progress bar"), ("Draft", "radio button")]:
        assert dialog.find(name, role)
    size = dialog.find("Normal", "radio button")
    wait_for(lambda: "GB" in size.description, "memory beside a quality")
    wait_for(lambda: "about" in size.description, "time beside a quality")
    dialog.shoot("advanced")
    dialog.press("Advanced", "toggle button")


def test_steer(dialog):
    wait_for(lambda: dialog.has("Start Over", "push button"), "it to start by itself with its style")
    dialog.wait_for_rest()
    dialog.set_value("Iterations", 100000)      # endless, so that nothing here is timed
    before = dialog.picture()
    dialog.press("Start Over")
    dialog.wait_for_another_picture(before, "the first painted picture")
    dialog.press("Pause")
    wait_for(lambda: dialog.has("Resume", "push button"), "a pause")
    wait_for(lambda: "Paused" in dialog.labels(), "the status to say so")
    dialog.shoot("paused")
    dialog.press("Resume")
    dialog.press("Side by side", "radio button")
    dialog.shoot("side-by-side")
    dialog.press("Result", "radio button")
    dialog.press("Stop")
    dialog.wait_for_rest()
    dialog.set_value("Iterations", 30)
    before = dialog.picture()
    dialog.press("Start Over")
    dialog.wait_for_another_picture(before, "the beginning of a shorter run")
    dialog.wait_for_rest()
    dialog.shoot("draft")

    before = dialog.picture()
    dialog.set_value("Style", 300)
    dialog.wait_for_another_picture(before, "an answer to beta")
    assert dialog.value("Style") == 300
    dialog.wait_for_rest()
    before = dialog.picture()
    dialog.set_value("Palette", 0, "slider")
    dialog.wait_for_another_picture(before, "the colours of the photograph")
    before = dialog.picture()
    dialog.set_value("Strength", 40, "slider")
    dialog.wait_for_another_picture(before, "half of the photograph")
    dialog.shoot("own-colours")
    dialog.set_value("Strength", 100, "slider")


def test_sliders(dialog):
    """The wheel turns a slider by one step, and only if it has the focus; text that is no number leaves the
    value; the accessible value is the one that is shown."""
    number, slider = dialog.find("Smoothness", "spin button"), dialog.find("Smoothness", "slider")
    dialog.set_value("Smoothness", 4)
    wait_for(lambda: dialog.value("Smoothness", "slider") == 4, "the slider to have the number's value")
    slider.queryValue().currentValue = 9
    wait_for(lambda: dialog.value("Smoothness") == 9, "the number to follow the slider")
    dialog.set_value("Smoothness", 4)

    dialog.find("Style", "spin button").queryComponent().grabFocus()
    x, y, width, height = dialog.extents(slider)
    xdotool("mousemove", x + width // 2, y + height // 2, "click", 4)
    xdotool("mousemove", x + width // 2, y + height // 2 + 1)
    time.sleep(0.3)
    assert dialog.value("Smoothness") == 4, "the wheel changed a value without the focus"
    slider.queryComponent().grabFocus()
    wait_for(lambda: slider.getState().contains(pyatspi.STATE_FOCUSED), "the slider to have the focus")
    xdotool("mousemove", x + width // 2, y + height // 2, "click", 4)
    wait_for(lambda: dialog.value("Smoothness") != 4, "one notch of the wheel")
    assert 4 < dialog.value("Smoothness") < 4.8, dialog.value("Smoothness")

    before = dialog.value("Smoothness")
    for text in ("abc", "BackSpace"):
        number.queryComponent().grabFocus()
        wait_for(lambda: number.getState().contains(pyatspi.STATE_FOCUSED), "the number to have the focus")
        dialog.key("ctrl+a", *(text if text == "abc" else [text]), "Tab")
        wait_for(lambda: number.queryText().getText(0, -1) == f"{before:.6g}", "the old number again")
        assert dialog.value("Smoothness") == before
    dialog.set_value("Smoothness", 4)
    dialog.wait_for_rest()


def paintings(dialog):
    """The styles in the part of the strip that is seen."""
    return [node.name for node in walk(dialog.find("Styles", "table"))
            if role_of(node) == "list item" and node.getState().contains(pyatspi.STATE_SHOWING)]


def test_shelf(dialog):
    """One click on a painting of the shelf paints; the strip is searched; favourites are kept."""
    wait_for(lambda: len(paintings(dialog)) >= 5, "the strip")
    dialog.find("Search styles", "text").queryEditableText().setTextContents("hoku wave")
    name = "Katsushika Hokusai, The Great Wave off Kanagawa, about 1831"
    wait_for(lambda: paintings(dialog) == [name], "the strip to show what was searched")
    before = dialog.picture()
    dialog.click(dialog.find(name, "list item"))
    dialog.wait_for_another_picture(before, "one click to paint")
    wait_for(lambda: name in dialog.labels(), "the name of the chosen painting")
    dialog.shoot("great-wave")
    dialog.press("Favourite", "toggle button")
    dialog.find("Search styles", "text").queryEditableText().setTextContents("")
    dialog.select("Which styles", 4)
    wait_for(lambda: paintings(dialog) == [name], "the favourites")
    with open(f"{CONFIG}/pastiche/dialog.ini", encoding="utf-8") as file:
        assert re.search("^favourites=.*great-wave.jpg;$", file.read(), re.M)
    dialog.select("Which styles", 0)
    dialog.wait_for_rest()


def test_history(dialog):
    """Ctrl+Z goes back to the picture before and its settings, Ctrl+Shift+Z forward again."""
    strip = dialog.find("History", "table")
    before, painted = dialog.value("Style"), strip.childCount
    assert painted >= 2, painted
    first = dialog.picture()
    dialog.set_value("Style", 700)
    wait_for(lambda: strip.childCount == painted + 1, "the settled picture in the history")
    dialog.wait_for_rest()
    second = dialog.picture()
    assert second != first
    dialog.shoot("history")
    dialog.find("Content", "slider").queryComponent().grabFocus()
    dialog.key("ctrl+z")
    wait_for(lambda: dialog.value("Style") == before, "the settings before")
    wait_for(lambda: dialog.picture() == first, "the picture before")
    dialog.key("ctrl+shift+z")
    wait_for(lambda: dialog.value("Style") == 700 and dialog.picture() == second, "the newest again")
    assert strip.childCount == painted + 1, strip.childCount


def test_look(dialog):
    """Choose a look by its picture; save a look, use it, remove it."""
    dialog.click(dialog.find("Gentle", "list item"))
    wait_for(lambda: dialog.value("Style") == 4, "the look to be taken")
    dialog.set_value("Smoothness", 9)
    dialog.press("More about looks", "toggle button")
    dialog.key("s")
    question = dialog.window("Save This Look")
    wait_for(lambda: question.getState().contains(pyatspi.STATE_ACTIVE), "the question to have the focus")
    dialog.find("Name", "text", question).queryEditableText().setTextContents("Pencil / 50 %")
    dialog.press("Save", inside=question)
    wait_for(lambda: dialog.has("Pencil / 50 %", "list item"), "the new look")
    files = os.listdir(f"{CONFIG}/pastiche/presets")
    assert sorted(files) == ["Pencil %2F 50 %25.json", "Pencil %2F 50 %25.png"], files
    with open(f"{CONFIG}/pastiche/presets/Pencil %2F 50 %25.json", encoding="utf-8") as file:
        assert json.load(file)["tv"] == 9

    dialog.click(dialog.find("Strong", "list item"))
    wait_for(lambda: dialog.value("Style") == 60, "the strong look")
    dialog.click(dialog.find("Pencil / 50 %", "list item"))
    wait_for(lambda: dialog.value("Smoothness") == 9, "the own look")
    dialog.shoot("own-look")
    dialog.set_value("Smoothness", 2)
    changed = "Changed: click on the look to go back"
    wait_for(lambda: changed in dialog.labels(), "the look to be marked as changed")
    dialog.click(dialog.find("Pencil / 50 %", "list item"))
    wait_for(lambda: dialog.value("Smoothness") == 9, "one click to go back")
    wait_for(lambda: changed not in dialog.labels(), "the mark to go")
    dialog.press("More about looks", "toggle button")
    dialog.key("r")
    wait_for(lambda: not dialog.has("Pencil / 50 %", "list item"), "the look to go")
    assert not os.listdir(f"{CONFIG}/pastiche/presets")


def test_apply(dialog, process):
    dialog.press("Draft", "radio button")
    dialog.press("Apply")
    assert process.wait(PATIENCE) == 0
    assert os.path.getsize(RESULT) > 10000


def test_again():
    """The style is among the recent files."""
    process = start()
    try:
        dialog = Dialog("dialog-host", SHOTS)
        item = dialog.find("starry-night.jpg", "list item")
        wait_for(lambda: dialog.extents(item)[2] > 10, "the recent style")
        before = dialog.picture()
        dialog.click(item)
        dialog.wait_for_another_picture(before, "the picture painted in the recent style")
        dialog.shoot("recent")
        dialog.key("F1")
        help_window = dialog.window("Help on Neural Style Transfer")
        wait_for(lambda: help_window.getState().contains(pyatspi.STATE_ACTIVE), "Help to be in front")
        dialog.shoot("help")
        dialog.key("Escape")
        wait_for(lambda: dialog._find_frame("Help on Neural Style Transfer") is None, "Help to go")
        frame = dialog.frame
        wait_for(lambda: frame.getState().contains(pyatspi.STATE_ACTIVE), "the dialog to be in front again")
        dialog.key("Escape")
        assert process.wait(PATIENCE) == 1
    finally:
        stop(process)


def is_grey(dialog):
    """A row of pixels in the middle of the preview."""
    x, y, width, height = dialog.extents(dialog.find("Preview", "drawing area"))
    pixels = dialog.part(x, y + height // 2, width, 2)
    return all(pixels[i] == pixels[i + 1] == pixels[i + 2] for i in range(0, 3 * (width // 2), 3))


def test_grey():
    """A grey layer is previewed grey, and the bar says why; it can be closed."""
    process = start("--style", STYLE, "--grey")
    try:
        dialog = Dialog("dialog-host", SHOTS)
        before = dialog.picture()
        dialog.wait_for_another_picture(before, "the first painted picture")
        wait_for(lambda: is_grey(dialog), "a grey picture")
        wait_for(lambda: any("greyscale" in label for label in dialog.labels()), "the bar to say so")
        dialog.shoot("grey")
        bar = dialog.find("This layer is in greyscale*", "label")
        dialog.press("Close")
        wait_for(lambda: not bar.getState().contains(pyatspi.STATE_SHOWING), "the bar to close")
    finally:
        stop(process)


def test_screen_goes():
    """The screen goes away during a run: the program ends by itself, without a crash."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    process = None
    try:
        with os.fdopen(read) as file:
            display = ":" + file.readline().strip()
        process = start("--style", STYLE, DISPLAY=display, NO_AT_BRIDGE="1")
        search = ["xdotool", "search", "--onlyvisible", "--name", "Neural Style Transfer"]
        environment = {**os.environ, "DISPLAY": display}
        quiet = {"env": environment, "stdout": subprocess.DEVNULL}
        wait_for(lambda: subprocess.run(search, check=False, **quiet).returncode == 0, "the dialog")
        subprocess.run(search + ["windowfocus", "--sync", "key", "alt+s"], check=True, **quiet)
        time.sleep(1)       # somewhere in the first iterations
        stop(screen)
        assert process.wait(PATIENCE) in (0, 1), f"ended with {process.returncode}"
    finally:
        stop(screen)
        if process:
            stop(process)


def main():
    tests = Tests(SHOTS)
    process = start("--style", STYLE, "--output", RESULT)
    try:
        dialog = Dialog("dialog-host", SHOTS)
        dialog.shoot("open")
        tests.run("names of all controls", lambda: test_names(dialog))
        tests.run("start, pause, resume, steer, stop", lambda: test_steer(dialog))
        tests.run("sliders", lambda: test_sliders(dialog))
        tests.run("shelf of paintings", lambda: test_shelf(dialog))
        tests.run("history", lambda: test_history(dialog))
        tests.run("looks", lambda: test_look(dialog))
        tests.run("apply", lambda: test_apply(dialog, process))
    finally:
        stop(process)
    tests.run("opened again", test_again)
    tests.run("a grey layer", test_grey)
    tests.run("the screen goes away", test_screen_goes)
    tests.end()


main()
