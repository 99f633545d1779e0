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
        stated = os.path.join(folder, "stated.png")
        Image.open(cli.CONTENT).convert("RGB").save(stated, dpi=(150, 150))
        cli.succeeded(cli.run(output, *FAST, content=stated))       # the content's
        assert abs(resolution(output) - 150) < 0.05, (name, resolution(output))
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


def make_content(folder, width, height):
    path = os.path.join(folder, "content.png")
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(path)
    return path


def test_larger(folder):
    """A content is enlarged to --size, and the result is painted at that size."""
    content, output = make_content(folder, 45, 30), os.path.join(folder, "a.png")
    _, error = cli.succeeded(cli.run(output, *FAST, "--size", "150", content=content))
    assert Image.open(output).size == (150, 100) and "150 x 100 pixels" in error, error
    recipe = os.path.join(folder, "recipe.json")
    for enlarge, size in ("false", (45, 30)), ("true", (150, 100)):
        with open(recipe, "w") as f:
            f.write('{"size": 150, "enlarge": %s}' % enlarge)
        cli.succeeded(cli.run(output, *FAST, "--recipe", recipe, content=content))
        assert Image.open(output).size == size, (enlarge, Image.open(output).size)


def test_print(folder):
    """The print has the proportions of the content and fits into the size that was asked for."""
    output = os.path.join(folder, "a.jpg")
    cases = [((60, 40), "6x4cm", "72", (170, 113)),         # 170.08 x 113.39 pixels
             ((60, 40), "4x6cm", "72", (113, 75)),          # the width limits
             ((40, 60), "6x4cm", "72", (75, 113)),
             ((40, 40), "6 x 4 cm", "72", (113, 113)),
             ((60, 40), "50mm", "100", (197, 131)),
             ((40, 60), "1.5in", None, (300, 450)),
             ((60, 40), "1x1in", "90", (90, 60))]
    for size, text, dpi, expected in cases:
        content = make_content(folder, *size)
        more = ("--dpi", dpi) if dpi else ()
        _, error = cli.succeeded(cli.run(output, *FAST, "--print", text, *more, content=content))
        assert Image.open(output).size == expected, (size, text, Image.open(output).size)
        assert resolution(output) == float(dpi or 300), (text, resolution(output))
        assert "The print is" in error and f"at {dpi or 300} pixels per inch" in error, error
    _, error = cli.succeeded(cli.run(output, *FAST, "--print", "6x4cm", "--dpi", "72",
                                     content=make_content(folder, 40, 40)))
    assert "4.0 x 4.0 cm" in error, error


def test_print_refused(folder):
    output = os.path.join(folder, "a.png")
    for text in ("", "60", "cm", "60x", "60xcm", "x40cm", "60x40", "60x40m", "-6cm", "0cm", "nancm", "infcm",
                 "6x4x2cm", "60x40cm!", "1e9cm", "60\u00d740cm"):
        cli.refused(cli.run(output, "--print", text), 2, "--print: expected a size", output=output)
    cli.refused(cli.run(output, "--print", "300cm"), 2, "35433 pixels", "16 to 32768", output=output)
    cli.refused(cli.run(output, "--print", "1mm"), 2, "16 to 32768", output=output)
    cli.refused(cli.run(output, "--print", "6cm", "--size", "100"), 2, "exclude each other", output=output)
    cli.refused(cli.run(os.path.join(folder, "a.webp"), "--print", "6cm"), 2, "WebP")


if __name__ == "__main__":
    cli.main(globals(), "print")
