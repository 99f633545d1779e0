# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and resolutions for printing, as Pillow reads them from the files. Prints TAP; needs Pillow."""
import importlib.util
import os
import sys

try:
    from PIL import Image
except ImportError as problem:
    print("1..0 # SKIP", problem)
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("cli", os.path.join(HERE, "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)

FAST = ("--iterations", "1")


def resolution(path):
    """The resolution in pixels per inch that a file states, or None."""
    found = Image.open(path).info.get("dpi")
    assert found is None or found[0] == found[1], found
    return found and float(found[0])


def test_dpi(folder):
    for name in ("a.png", "a.jpg", "a.jpeg", "a.tif"):
        output = os.path.join(folder, name)
        for dpi in (1, 72, 254, 300, 10000):
            cli.succeeded(cli.run(output, *FAST, "--dpi", str(dpi)))
            assert abs(resolution(output) - dpi) < 0.02, (name, dpi, resolution(output))
        cli.succeeded(cli.run(output, *FAST))
        assert resolution(output) in (None, 1), (name, resolution(output))
    output = os.path.join(folder, "deep.png")
    cli.succeeded(cli.run(output, *FAST, "--dpi", "300", "--depth", "16", "--save-at", "1"))
    assert abs(resolution(output) - 300) < 0.02
    assert abs(resolution(os.path.join(folder, "deep-0001.png")) - 300) < 0.02


def test_dpi_changes_no_pixel(folder):
    plain, with_dpi = os.path.join(folder, "a.png"), os.path.join(folder, "b.png")
    cli.succeeded(cli.run(plain, *FAST))
    cli.succeeded(cli.run(with_dpi, *FAST, "--dpi", "300"))
    assert Image.open(plain).tobytes() == Image.open(with_dpi).tobytes()


def test_dpi_refused(folder):
    output = os.path.join(folder, "a.png")
    for dpi in ("0.5", "-300", "10001", "nan"):
        cli.refused(cli.run(output, "--dpi", dpi), 2, "--dpi", "1 to 10000", output=output)
    output = os.path.join(folder, "a.webp")
    cli.refused(cli.run(output, "--dpi", "300"), 2, "WebP", ".png", output=output)


if __name__ == "__main__":
    cli.main(globals(), "print")
