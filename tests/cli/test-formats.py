# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files that Pillow wrote, through a run that changes nothing: pixels, depth, profile, metadata; and
damaged files. Prints TAP; needs numpy and Pillow."""
import importlib.util
import io
import json
import os
import struct
import sys

try:
    import numpy as np
    from PIL import Image, ImageCms
except ImportError as problem:
    print("1..0 # SKIP", problem)
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("cli", os.path.join(HERE, "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)

WIDTH, HEIGHT = 45, 38
# No style, no start in other colours: the photograph is the minimum.
KEEP = {"alpha": 1, "beta": 0, "tv": 0, "match_colours": 0, "iterations": 1, "scale_ratio": 1}


def colours():
    """Gradients over all colours with a little noise, 0..1."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    ramps = np.stack([x / (WIDTH - 1), y / (HEIGHT - 1), (x + y) / (WIDTH + HEIGHT - 2)], -1)
    return np.clip(ramps + 0.05 * np.random.RandomState(1).randn(HEIGHT, WIDTH, 3), 0, 1)


PIXELS = np.round(colours() * 255).astype(np.uint8)


def keep(folder, content, output, *more):
    """The result of a run that changes nothing."""
    recipe = os.path.join(folder, "keep.json")
    with open(recipe, "w") as f:
        json.dump(KEEP, f)
    result = os.path.join(folder, output)
    cli.succeeded(cli.run(result, "--recipe", recipe, *more, content=content))
    return result


def profile(gamma, colorants):
    """An ICC profile, version 2: a gamma and the D50 colorants of red, green and blue (ICC.1:2001-04)."""
    def fixed(v):
        return struct.pack(">i", round(v * 65536))

    def xyz(v):
        return b"XYZ \0\0\0\0" + b"".join(map(fixed, v))
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79
    tags = {b"desc": name + b"\0" * (-len(name) % 4), b"cprt": b"text\0\0\0\0none\0\0\0\0",
            b"wtpt": xyz((0.9642, 1, 0.8249)), b"rXYZ": xyz(colorants[0]), b"gXYZ": xyz(colorants[1]),
            b"bXYZ": xyz(colorants[2]), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, data, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, body in tags.items():
        table += tag + struct.pack(">II", at + len(data), len(body))
        data += body
    head = struct.pack(">I4sI4s4s4s12s4s4sI", at + len(data), b"\0" * 4, 0x02100000, b"mntr", b"RGB ",
                       b"XYZ ", struct.pack(">6H", 2026, 1, 1, 0, 0, 0), b"acsp", b"\0" * 4, 0)
    head += b"\0" * 20 + fixed(0.9642) + fixed(1) + fixed(0.8249)
    return head + b"\0" * (128 - len(head)) + table + data


# Adobe RGB (1998), Display P3 with a plain gamma, linear sRGB; colorants adapted to D50.
ADOBE = (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)
P3 = (0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)
SRGB = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)
PROFILES = [profile(2.2, ADOBE), profile(2.2, P3), profile(1.0, SRGB)]


def test_formats(folder):
    """8 bits come back exactly, from every format that Pillow writes without loss, and from JPEG as libjpeg
    decodes it."""
    image = Image.fromarray(PIXELS)
    for name, picture, options in (("a.png", image, {}), ("a.tif", image, {}),
                                   ("lzw.tif", image, {"compression": "tiff_lzw"}), ("a.bmp", image, {}),
                                   ("a.webp", image, {"lossless": True}), ("p.png", image.quantize(64), {}),
                                   ("a.gif", image.quantize(200), {}), ("a.jpg", image, {"quality": 90}),
                                   ("progressive.jpg", image, {"progressive": True})):
        path = os.path.join(folder, name)
        picture.save(path, **options)
        found = np.asarray(Image.open(keep(folder, path, "out.png")).convert("RGB")).astype(int)
        expected = np.asarray(Image.open(path).convert("RGB"))
        assert abs(found - expected).max() == 0, (name, abs(found - expected).max())


def test_grey(folder):
    path = os.path.join(folder, "grey.png")
    Image.fromarray(PIXELS[..., 0]).save(path)
    found = np.asarray(Image.open(keep(folder, path, "out.png")).convert("RGB")).astype(int)
    assert abs(found - PIXELS[..., :1]).max() == 0


def test_deep(folder):
    """16 bits come back within one step."""
    grey = np.round(colours()[..., 0] * 65535).astype(np.uint16)
    for name in ("a.png", "a.tif"):
        path = os.path.join(folder, name)
        Image.fromarray(grey).save(path)
        found = Image.open(keep(folder, path, "out-" + name))
        if name == "a.tif":
            found = Image.open(keep(folder, path, "again.png"))
        found = np.asarray(found).astype(int)
        found = found if found.ndim == 2 else found[..., 0]
        assert found.max() > 255, (name, "the depth was lost")
        assert abs(found - grey).max() <= 1, (name, abs(found - grey).max())


def test_profiles(folder):
    """The profile comes back byte for byte, and the colours in it."""
    for i, icc in enumerate(PROFILES):
        for name in ("a.png", "a.jpg", "a.tif"):
            path = os.path.join(folder, name)
            Image.fromarray(PIXELS).save(path, icc_profile=icc, quality=95)
            found = Image.open(keep(folder, path, "out.png"))
            assert found.info.get("icc_profile") == icc, (i, name)
            expected = np.asarray(Image.open(path).convert("RGB")).astype(int)
            difference = abs(np.asarray(found.convert("RGB")) - expected).max()
            assert difference <= 1, (i, name, difference)


def test_conversion(folder):
    """A start picture with a profile is converted to sRGB as Little CMS does."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    inside = np.round(64 + PIXELS * 0.5).astype(np.uint8)         # within sRGB
    plain, recipe = os.path.join(folder, "plain.png"), os.path.join(folder, "start.json")
    Image.fromarray(inside).save(plain)
    with open(recipe, "w") as f:
        json.dump({**KEEP, "alpha": 0}, f)
    for i, icc in enumerate(PROFILES):
        path, output = os.path.join(folder, "start.png"), os.path.join(folder, "out.png")
        Image.fromarray(inside).save(path, icc_profile=icc)
        cli.succeeded(cli.run(output, "--recipe", recipe, "--init", path, content=plain))
        own = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        expected = ImageCms.profileToProfile(Image.fromarray(inside), own, srgb, renderingIntent=1)
        found = np.asarray(Image.open(output).convert("RGB")).astype(int)
        difference = abs(found - np.asarray(expected)).max()
        assert difference <= 2, (i, difference)


def test_metadata(folder):
    """EXIF is kept, but for the orientation, which has been applied."""
    for name in ("a.jpg", "a.png"):
        path = os.path.join(folder, name)
        image = Image.fromarray(PIXELS)
        exif = image.getexif()
        exif[0x010e], exif[0x013b], exif[0x0112] = "a description", "a painter", 6
        image.save(path, exif=exif.tobytes())
        found = Image.open(keep(folder, path, "out" + name[1:]))
        assert found.size == (HEIGHT, WIDTH), found.size
        kept = found.getexif()
        assert kept.get(0x010e) == "a description" and kept.get(0x013b) == "a painter", (name, dict(kept))
        assert kept.get(0x0112, 1) == 1, (name, kept[0x0112])


def test_recipe(folder):
    """A result names its recipe, which paints it again."""
    first, again = os.path.join(folder, "first.png"), os.path.join(folder, "again.png")
    cli.succeeded(cli.run(first, "--iterations", "3", "--beta", "7", "--seed", "5"))
    cli.succeeded(cli.run(again, "--recipe", first))
    assert Image.open(first).tobytes() == Image.open(again).tobytes()
    cli.refused(cli.run(again + ".png", "--recipe", cli.CONTENT), 1, "content.png", output=again + ".png")


def test_damaged(folder):
    """A file that is cut anywhere is refused; --damaged paints what is there."""
    image = Image.fromarray(np.kron(PIXELS, np.ones((4, 4, 1), np.uint8)))
    output = os.path.join(folder, "out.png")
    for name in ("a.png", "a.jpg", "a.tif", "a.webp"):
        path, cut = os.path.join(folder, name), os.path.join(folder, "cut" + name[1:])
        image.save(path)
        with open(path, "rb") as f:
            whole = f.read()
        for tenth in range(10):
            with open(cut, "wb") as f:
                f.write(whole[:max(len(whole) * tenth // 10, 4)])
            cli.refused(cli.run(output, "--iterations", "1", content=cut), 1, "cut" + name[1:],
                        output=output)
        if name in ("a.png", "a.jpg"):
            cli.succeeded(cli.run(output, "--iterations", "1", "--damaged", content=cut))
            os.remove(output)


if __name__ == "__main__":
    cli.main(globals(), "formats")
