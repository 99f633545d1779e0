# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that pictures of the default look once had: one picture a fault, painted with the embedded network
and measured (tests/support/pictures.py). Each case also paints with the recipe of that time, so that it is
seen that the figure finds the fault. Prints TAP; needs numpy and Pillow."""
import importlib.util
import json
import os
import sys

try:
    import numpy as np
    from PIL import Image, ImageDraw
except ImportError as problem:
    print("1..0 # SKIP", problem)
    sys.exit(0)


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HERE = os.path.dirname(os.path.abspath(__file__))
cli = load("cli", os.path.join(HERE, "test-cli.py"))
figures = load("figures", os.path.join(HERE, "../support/pictures.py"))
DEMO = os.path.join(HERE, "../../demo")
PHOTOGRAPH, PAINTING = os.path.join(DEMO, "picos-de-europa.jpg"), os.path.join(DEMO, "starry-night.jpg")

# The default look before these faults were cured.
BEFORE = {"beta": 30, "content_layers": {"conv4_2": 1},
          "style_layers": {f"conv{i}_1": 0.2 for i in range(1, 6)}, "style_loss": "gram", "match_colours": 0,
          "no_lattice": False, "pooling": "model", "iterations": 60, "first_size": 192}


def read(path, size=None):
    image = Image.open(path).convert("RGB")
    if size:
        image.thumbnail((size, size), Image.LANCZOS)
    return np.asarray(image, float)


def paint(folder, content, style, recipe, size):
    """Returns the picture that the default preset with the changes of recipe paints."""
    file, output = os.path.join(folder, "recipe.json"), os.path.join(folder, "out.png")
    with open(file, "w") as f:
        json.dump(recipe, f)
    cli.succeeded(cli.pastiche("run", "--content", content, "--style", style, "--recipe", file,
                               "--size", str(size), "--output", output))
    return read(output)


def test_lattice(folder):
    """No lattice of two pixels, which pooling leaves: neither in one phase nor woven."""
    painted = paint(folder, PHOTOGRAPH, PAINTING, {}, 400)
    assert max(figures.lattice(painted)) < 1.3, figures.lattice(painted)
    assert max(figures.weave(painted)) < 3, figures.weave(painted)
    with_one = figures.weave(paint(folder, PHOTOGRAPH, PAINTING, {"no_lattice": False}, 400))
    assert max(with_one) > 10, with_one


def test_noise(folder):
    """A start from noise leaves none of the noise's lattice, which no iteration may remove."""
    recipe = {"init": "noise", "scale_ratio": 1}
    found = figures.tile_lattice(paint(folder, PHOTOGRAPH, PAINTING, recipe, 256))
    assert found < 0.8, found
    photograph = read(PHOTOGRAPH, 256)
    signs = np.kron(np.random.RandomState(1).choice([-8, 8], (12, 16)), np.ones((16, 16)))
    woven = photograph + (signs * np.where(np.arange(256) % 2, 1, -1))[..., None]
    assert figures.tile_lattice(photograph) < 1 < figures.tile_lattice(woven)


def test_speckle(folder):
    """A plain bright ground gets strokes in the painting's colours, not rainbow grain."""
    plain = Image.new("RGB", (400, 300), "#dfe6ee")
    ImageDraw.Draw(plain).ellipse((150, 100, 240, 190), fill="#202830")
    content = os.path.join(folder, "plain.png")
    plain.save(content)
    painting = read(PAINTING, 400)
    ground = np.asarray(plain.resize((300, 225)))[..., 0] > 200
    found, before = (figures.foreign_colours(paint(folder, content, PAINTING, recipe, 300), painting, ground)
                     for recipe in ({}, BEFORE))
    assert found < 0.03 and before > 0.1, (found, before)


def test_border(folder):
    """The border is painted like the interior."""
    found = figures.borders(paint(folder, PHOTOGRAPH, PAINTING, {}, 301))
    assert 0.6 < min(found) and max(found) < 1.35, found
    noisy = read(PHOTOGRAPH, 301)
    noisy[:, -4:] += 60 * np.random.RandomState(1).randn(*noisy[:, -4:].shape)
    assert figures.borders(noisy)[1] > 2, figures.borders(noisy)


def test_grey(folder):
    """Grey and colour photographs in the style of a grey engraving become grey."""
    grey = os.path.join(folder, "grey.png")
    Image.open(PAINTING).convert("L").resize((300, 240)).save(grey)
    content = os.path.join(folder, "content.png")
    Image.open(PHOTOGRAPH).convert("L").resize((240, 180)).save(content)
    assert figures.colourfulness(paint(folder, content, grey, {}, 0)) == 0
    assert figures.colourfulness(paint(folder, PHOTOGRAPH, grey, {}, 160)) == 0
    assert figures.colourfulness(paint(folder, content, grey, BEFORE, 160)) > 1


if __name__ == "__main__":
    cli.main(globals(), "picture")
