# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions, protection and strength in the terminal: masks of any size, grey or alpha, and what is wrong with
them. Prints TAP; needs only Python's standard library."""
import importlib.util
import os

spec = importlib.util.spec_from_file_location(
    "cli", os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)
CONTENT, STYLE, OTHER, PLAIN = cli.CONTENT, cli.STYLE, cli.IMAGE, cli.PLAIN
WIDTH, HEIGHT = 45, 38  # of CONTENT


def mask(path, value, width=WIDTH, height=HEIGHT, alpha=False):
    """value (x, y): 0 to 255. alpha: a black picture with this alpha."""
    rows = [b"".join(bytes((0, value(x, y)) if alpha else (value(x, y),)) for x in range(width))
            for y in range(height)]
    cli.write_png(path, width, height, 2 if alpha else 1, rows)
    return path


def left(x, _):
    return 255 if x < 20 else 0


def right(x, y):
    return 255 - left(x, y)


def run(folder, name, *more):
    output = os.path.join(folder, name + ".png")
    _, error = cli.succeeded(cli.pastiche("run", "--content", CONTENT, "--output", output, "--model", PLAIN,
                                          "--iterations", "2", "--threads", "1", *more))
    with open(output, "rb") as f:
        return f.read(), error


def pixels(folder, name):
    width, _, depth, rows = cli.read_png(os.path.join(folder, name + ".png"))
    assert width == WIDTH and depth == 8
    return rows


def test_ones(folder):
    """A white mask, a mask of 1 x 1 pixels and the rest of nothing equal a run without masks."""
    white = mask(os.path.join(folder, "white.png"), lambda x, y: 255)
    small = mask(os.path.join(folder, "small.png"), lambda x, y: 255, 1, 1)
    plain, _ = run(folder, "plain", "--style", STYLE)
    assert run(folder, "white-out", "--style", STYLE, "--region", white)[0] == plain
    same, error = run(folder, "small-out", "--style", STYLE, "--region", small, "--strength", small)
    assert same == plain
    assert "1 x 1" in error and "45 x 38" in error, error
    assert run(folder, "rest", "--style", STYLE, "--region", "rest")[0] == plain
    assert run(folder, "scale", "--style", STYLE, "--style-scale", "2")[0] != plain


def test_halves(folder):
    """Masks say where styles go, not their order; alpha is a mask; what no mask covers stays the
    photograph."""
    a, b = mask(os.path.join(folder, "a.png"), left), mask(os.path.join(folder, "b.png"), right)
    by_alpha = mask(os.path.join(folder, "alpha.png"), left, alpha=True)
    one, _ = run(folder, "one", "--style", STYLE, "--region", a, "--style", OTHER, "--region", b)
    assert run(folder, "two", "--style", STYLE, "--region", a, "--style", OTHER, "--region", "rest")[0] == one
    assert run(folder, "three", "--style", STYLE, "--region", by_alpha, "--style", OTHER)[0] == one
    assert run(folder, "four", "--style", OTHER, "--region", a, "--style", STYLE, "--region", b)[0] != one
    part, _ = run(folder, "part", "--style", STYLE, "--style-region", a)
    assert part != run(folder, "whole", "--style", STYLE)[0]
    kept, _ = run(folder, "kept", "--style", STYLE, "--protect", a)
    assert kept not in (part, one)

    run(folder, "half", "--style", STYLE, "--region", a)
    run(folder, "strength", "--style", STYLE, "--strength", a)
    content = cli.read_png(CONTENT)[3]
    for name in "half", "strength":
        for found, expected in zip(pixels(folder, name), content):
            assert found[3 * 20:] == expected[3 * 20:], name
            assert found[:3 * 18] != expected[:3 * 18], name


def test_refused(folder):
    black = mask(os.path.join(folder, "black.png"), lambda x, y: 0, 6, 5)
    clear = mask(os.path.join(folder, "clear.png"), lambda x, y: 0, 6, 5, alpha=True)
    dot = mask(os.path.join(folder, "dot.png"), lambda x, y: 255 * (x == WIDTH - 1 and y == HEIGHT - 1))
    text = os.path.join(folder, "text.png")
    with open(text, "w") as f:
        f.write("no picture")
    output = os.path.join(folder, "out.png")
    for status, options, words in (
            (2, ["--style", STYLE, "--region", black], [black, "6 x 5"]),
            (1, ["--style", STYLE, "--style-region", clear], [clear, "transparent"]),
            (2, ["--style", STYLE, "--protect", black], [black, "6 x 5"]),
            (1, ["--style", STYLE, "--strength", text], [text]),
            (1, ["--style", STYLE, "--region", folder + "/none.png"], ["none.png"]),
            (2, ["--region", black, "--style", STYLE], ["--region", "--style"]),
            (2, ["--style", STYLE, "--region", black, "--region", black], ["--region", "twice"]),
            (2, ["--style", STYLE, "--style-scale", "0"], ["--style-scale", '"0"']),
            (2, ["--style", STYLE, "--style-scale", "x"], ["--style-scale", '"x"'])):
        cli.refused(cli.pastiche("run", "--content", CONTENT, "--output", output, "--model", PLAIN, *options),
                    status, *words, output=output)
    cli.refused(cli.pastiche("run", "--content", CONTENT, "--style", STYLE, "--region", dot, "--output", dot),
                2, "--region", dot)
    run(folder, "dot-out", "--style", STYLE, "--region", dot)  # one pixel is a region, too


if __name__ == "__main__":
    cli.main(globals(), "cli/regions")
