# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a dialog on a screen: AT-SPI finds and presses its controls, xdotool clicks and types, and pixels of
the screen show whether the picture changed. Every step waits for a condition, for at most PATIENCE
seconds."""

import os
import subprocess
import sys
import time

import gi
import pyatspi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # noqa: E402

PATIENCE = float(os.environ.get("PATIENCE", 300))     # the machine may be loaded


def wait_for(condition, what, patience=PATIENCE):
    """The first true value of condition (). An exception counts as false: the dialog changes all the time."""
    end = time.monotonic() + patience
    while True:
        try:
            value = condition()
        except Exception as error:  # an object that has gone; reported if it lasts
            value, last = None, error
        else:
            last = None
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s for {what}" + (f" ({last})" if last else ""))
        time.sleep(0.05)


def walk(node, visible=False):
    """The node and its descendants. visible: without hidden nodes and their descendants."""
    yield node
    for i in range(node.childCount):
        child = node.getChildAtIndex(i)
        if child is not None and (not visible or child.getState().contains(pyatspi.STATE_VISIBLE)):
            yield from walk(child, visible)


def role_of(node):
    """Newer libraries call a push button a button."""
    name = node.getRoleName()
    return "push button" if name == "button" else name


def fits(text, pattern):
    return text == pattern or (pattern.endswith("*") and text.startswith(pattern[:-1]))


def xdotool(*arguments):
    subprocess.run(["xdotool", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)


def shoot_screen(folder, name):
    root = Gdk.get_default_root_window()
    picture = Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
    if folder:
        picture.savev(os.path.join(folder, f"{name}.png"), "png", [], [])


class Dialog:
    """The dialog of the program that has this name in AT-SPI."""

    def __init__(self, program, shots):
        self.program, self.shots, self.shot_number = program, shots, 0
        self.frame = wait_for(lambda: self._find_frame("Neural Style Transfer*"), "the dialog")
        preview = "Preview", "drawing area"
        wait_for(lambda: self.extents(self.find(*preview))[2] > 100, "the preview on the screen")

    def _find_frame(self, title):
        desktop = pyatspi.Registry.getDesktop(0)
        for i in range(desktop.childCount):
            application = desktop.getChildAtIndex(i)
            if application is None or application.name != self.program:
                continue
            for j in range(application.childCount):
                frame = application.getChildAtIndex(j)
                if frame is not None and fits(frame.name, title):
                    return frame
        return None

    def window(self, title):
        """Another window of the same program."""
        return wait_for(lambda: self._find_frame(title), f"the window {title}")

    def is_gone(self):
        return self._find_frame("Neural Style Transfer*") is None

    def find(self, name, role, inside=None):
        """name may end in "*"."""
        for node in walk(inside or self.frame):
            if fits(node.name, name) and role_of(node) == role:
                return node
        raise AssertionError(f"there is no {role} \"{name}\"")

    def has(self, name, role):
        return any(node.name == name and role_of(node) == role for node in walk(self.frame))

    def press(self, name, role="push button", inside=None):
        def sensitive():
            node = self.find(name, role, inside)
            return node.getState().contains(pyatspi.STATE_SENSITIVE) and node

        wait_for(sensitive, f"{name} to be pressed").queryAction().doAction(0)

    def select(self, name, index):
        """Select a row of a combo box."""
        self.find(name, "combo box").querySelection().selectChild(index)

    def set_value(self, name, value, role="spin button"):
        self.find(name, role).queryValue().currentValue = value

    def value(self, name, role="spin button"):
        return self.find(name, role).queryValue().currentValue

    def is_checked(self, name, role):
        return self.find(name, role).getState().contains(pyatspi.STATE_CHECKED)

    def labels(self):
        return [node.name for node in walk(self.frame) if node.getRoleName() == "label"]

    def extents(self, node):
        box = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        return box.x, box.y, box.width, box.height

    def click(self, node):
        def place():
            box = self.extents(node)
            return box[0] >= 0 and box[2] > 1 and box   # it has its room

        x, y, width, height = wait_for(place, f"{node.name} to be on the screen")
        xdotool("mousemove", x + width // 2, y + height // 2, "click", 1)

    def key(self, *keys):
        """Press keys in the focused window, which is the dialog's once it is open."""
        xdotool("key", *keys)

    def come_forward(self):
        """Raise the dialog above GIMP's windows: a script's dialog belongs to none of them."""
        search = "search", "--onlyvisible", "--name", "^Neural Style Transfer", "windowactivate", "--sync"
        wait_for(lambda: xdotool(*search) is None, "the dialog to come forward")

    def shoot(self, name):
        self.shot_number += 1
        shoot_screen(self.shots, f"{self.program}-{self.shot_number:02}-{name}")

    def picture(self):
        """Pixels of the middle of the preview."""
        return self.part(*self.extents(self.find("Preview", "drawing area")))

    def part(self, x, y, width, height):
        """Pixels of the middle of this part of the screen."""
        box = x + width // 4, y + height // 4, width // 2, height // 2
        return Gdk.pixbuf_get_from_window(Gdk.get_default_root_window(), *box).get_pixels()

    def background(self):
        """Red, green, blue of the window beside the preview."""
        x, y, _, _ = self.extents(self.find("Preview", "drawing area"))
        root = Gdk.get_default_root_window()
        return tuple(Gdk.pixbuf_get_from_window(root, x - 4, y + 4, 1, 1).get_pixels()[:3])

    def wait_for_another_picture(self, before, what):
        return wait_for(lambda: self.picture() != before, what)

    def wait_for_rest(self):
        """Wait until the run has ended and its picture is on the screen."""
        wait_for(lambda: any(label.startswith("Done") for label in self.labels()), "the run to end")
        last = [None]

        def rests():
            time.sleep(0.3)
            now = self.picture()
            same, last[0] = now == last[0], now
            return same

        wait_for(rests, "the picture to rest")

    def paint_and_apply(self, style):
        """Choose a style layer, paint, change beta to 200, stop and apply. The run is endless: nothing is
        timed."""
        self.shoot("open")
        self.set_value("Iterations", 100000)
        before = self.picture()
        self.click(wait_for(lambda: self.find(style, "list item"), "the style layer"))
        self.wait_for_another_picture(before, "the first painted picture")
        self.shoot("painting")
        self.press("Pause")
        wait_for(lambda: "Paused" in self.labels(), "a pause")
        before = self.picture()
        self.press("Resume")
        self.wait_for_another_picture(before, "the run to go on")
        self.set_value("Style", 200)
        self.shoot("steered")
        self.press("Stop")
        self.wait_for_rest()
        before = self.picture()
        self.press("Stacked", "radio button")
        self.wait_for_another_picture(before, "the picture before above the line")
        self.shoot("stacked")
        self.press("Result", "radio button")
        self.press("Apply")
        wait_for(self.is_gone, "the dialog to close")


def image_window():
    """Number and title of GIMP's window. The title has the number of layers, and * if the image was
    changed."""
    search = ["xdotool", "search", "--onlyvisible", "--name", " layers?\\)"]
    numbers = subprocess.run(search, capture_output=True, text=True, check=False).stdout.split()
    if not numbers:
        return None, ""
    name = ["xdotool", "getwindowname", numbers[0]]
    return numbers[0], subprocess.run(name, capture_output=True, text=True, check=False).stdout


def undo(before, after, saved=False):
    """Undo by keys in GIMP's window: its title changes from before to after. saved: and has no *."""
    window = wait_for(lambda: before in image_window()[1] and image_window(), f"{before} in GIMP's window")
    number, title = window
    assert title.startswith("*"), title
    # A click into the picture gives it the focus, and changes nothing.
    xdotool("windowactivate", "--sync", number)
    xdotool("mousemove", "--window", number, 500, 150, "click", 2)
    xdotool("key", "ctrl+z")
    _, title = wait_for(lambda: after in image_window()[1] and image_window(), f"Undo to lead to {after}")
    assert not (saved and title.startswith("*")), f"one Undo was not enough: {title}"


class Tests:
    """TAP."""

    def __init__(self, shots):
        self.number, self.failed, self.shots = 0, 0, shots

    def run(self, name, function):
        self.number += 1
        try:
            function()
            print(f"ok {self.number} {name}", flush=True)
            return True
        except Exception as error:
            self.failed += 1
            shoot_screen(self.shots, f"failed-{self.number}")
            print(f"not ok {self.number} {name}\n# {type(error).__name__}: {error}", flush=True)
            return False

    def end(self):
        print(f"1..{self.number}", flush=True)
        sys.exit(self.failed > 0)


def stop(process):
    """End a program that this test started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
