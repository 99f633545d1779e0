# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files that Pillow wrote, through a run that changes nothing: pixels, depth, profile, metadata; and
damaged files. Prints TAP; needs numpy and Pillow."""
import importlib.util
import io
import json
import os
import shutil
import struct
import subprocess
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


def write_tiff(path, pixels, kind, tile=0, pages=1):
    """A TIFF file (revision 6.0) without compression, of RGB pixels. kind: 1 integers, 3 floats."""
    height, width, channels = pixels.shape
    file = bytearray(b"II*\0\0\0\0\0")
    link = 4

    def put(data):
        file.extend(b"\0" * (len(file) % 2))
        file.extend(data)
        return len(file) - len(data)
    for _ in range(pages):
        if tile:
            parts = []
            for y, x in np.ndindex(-(-height // tile), -(-width // tile)):
                part = pixels[y * tile:(y + 1) * tile, x * tile:(x + 1) * tile]
                rest = (0, tile - part.shape[0]), (0, tile - part.shape[1]), (0, 0)
                parts.append(np.pad(part, rest).tobytes())
        else:
            parts = [pixels.tobytes()]
        at, lengths = [put(part) for part in parts], [len(part) for part in parts]
        many = [v[0] if len(v) == 1 else put(struct.pack("<%dI" % len(v), *v)) for v in (at, lengths)]
        bits = put(struct.pack("<3H", *[8 * pixels.itemsize] * channels))
        kinds = put(struct.pack("<3H", *[kind] * channels))
        tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, bits), (259, 3, 1, 1), (262, 3, 1, 2),
                (277, 3, 1, 3), (284, 3, 1, 1), (339, 3, 3, kinds)]
        tags += ([(322, 4, 1, tile), (323, 4, 1, tile), (324, 4, len(at), many[0]),
                  (325, 4, len(at), many[1])]
                 if tile else [(273, 4, 1, many[0]), (278, 4, 1, height), (279, 4, 1, many[1])])
        table = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
        start = put(struct.pack("<H", len(tags)) + table + b"\0\0\0\0")
        struct.pack_into("<I", file, link, start)
        link = len(file) - 4
    with open(path, "wb") as f:
        f.write(file)


def test_tiff(folder):
    """Colours of 16 bits, floats within 1e-6, values below 0 and above 1, tiles, pages; half floats are
    refused."""
    path, output = os.path.join(folder, "a.tif"), "out.tif"
    deep = np.round(colours() * 65535).astype("<u2")
    write_tiff(path, deep, 1)
    raw = subprocess.run(["convert", keep(folder, path, output), "-depth", "16", "-endian", "LSB", "rgb:-"],
                         stdout=subprocess.PIPE, check=True).stdout
    assert abs(np.frombuffer(raw, "<u2").astype(int) - deep.ravel()).max() <= 1

    for low, high in (0, 1), (-0.2, 8):
        floats = (low + (high - low) * colours()).astype("<f4")
        write_tiff(path, floats, 3)
        result = keep(folder, path, output)
        with open(result, "rb") as f:
            assert f.read(2) == b"II"
        found = exact_floats(result)
        assert abs(found - floats).max() <= 1e-6 * high, abs(found - floats).max()

    write_tiff(path, PIXELS, 1, tile=16, pages=2)
    recipe = os.path.join(folder, "keep.json")
    done = cli.run(os.path.join(folder, "out.png"), "--recipe", recipe, content=path)
    cli.succeeded(done)
    assert "2 pages" in done[2], done
    found = np.asarray(Image.open(os.path.join(folder, "out.png")).convert("RGB")).astype(int)
    assert abs(found - PIXELS).max() == 0
    write_tiff(path, colours().astype("<f2"), 3)
    cli.refused(cli.run(os.path.join(folder, "no.png"), content=path), 1, "half floats",
                output=os.path.join(folder, "no.png"))


def exact_floats(path):
    """The floats of a TIFF file, by libtiff's own tool: it takes away the compression."""
    plain = path + ".plain.tif"
    subprocess.run(["tiffcp", "-c", "none", "-r", str(HEIGHT), path, plain], check=True)
    with open(plain, "rb") as f:
        file = f.read()
    table = struct.unpack("<I", file[4:8])[0]
    for i in range(struct.unpack("<H", file[table:table + 2])[0]):
        tag, kind, count, value = struct.unpack("<HHII", file[table + 2 + 12 * i:table + 14 + 12 * i])
        if tag == 273:
            assert count == 1, count
            return np.frombuffer(file, "<f4", WIDTH * HEIGHT * 3, value).reshape(HEIGHT, WIDTH, 3)
    raise AssertionError("no strips")


def test_more_formats(folder):
    """What other libraries wrote: HEIC, AVIF, JPEG XL, OpenEXR, Lab, CMYK, frames, drawings; GIMP's own files
    are refused with advice."""
    plain = os.path.join(folder, "plain.png")
    smooth = np.round(np.stack(np.mgrid[0:HEIGHT, 0:WIDTH], -1) @ [[3, 0, 2], [1, 4, 2]]).astype(np.uint8)
    Image.fromarray(smooth).save(plain)
    recipe = os.path.join(folder, "keep.json")
    for name, most in ("a.heic", 8), ("a.avif", 8), ("a.jxl", 4), ("a.exr", 1), ("lab.tif", 4):
        path = os.path.join(folder, name)
        more = ["-colorspace", "RGB"] if name == "a.exr" else ["-quality", "97"]
        if name == "lab.tif":
            srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
            ImageCms.profileToProfile(Image.fromarray(smooth), srgb, lab, outputMode="LAB").save(path)
        else:
            subprocess.run(["convert", plain, *more, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if not os.path.exists(path):
            print("# ImageMagick cannot write", name)
            continue
        found = np.asarray(Image.open(keep(folder, path, "out.png")).convert("RGB")).astype(int)
        difference = abs(found - smooth)
        assert difference.mean() <= most / 4, (name, difference.mean())
        assert np.percentile(difference, 99) <= most, (name, difference.max())

    cmyk = os.path.join(folder, "cmyk.jpg")
    Image.fromarray(smooth).convert("CMYK").save(cmyk)
    done = cli.run(os.path.join(folder, "out.png"), "--recipe", recipe, content=cmyk)
    cli.succeeded(done)
    assert "CMYK" in done[2], done
    frames = os.path.join(folder, "frames.gif")
    others = [Image.fromarray(smooth[::-1]), Image.fromarray(255 - smooth)]
    Image.fromarray(smooth).save(frames, save_all=True, append_images=others)
    done = cli.run(os.path.join(folder, "out.png"), "--recipe", recipe, content=frames)
    cli.succeeded(done)
    assert "3 pages or frames" in done[2], done
    drawing = os.path.join(folder, "a.svg")
    with open(drawing, "w") as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
                '<rect width="20" height="30" fill="#ff8000"/><rect x="20" width="20" height="30"/></svg>')
    found = Image.open(keep(folder, drawing, "out.png", "--size", "120"))
    assert found.size == (120, 90), found.size
    assert found.convert("RGB").getpixel((30, 45)) == (255, 128, 0), found.convert("RGB").getpixel((30, 45))
    gimp = os.path.join(folder, "a.xcf")
    with open(gimp, "wb") as f:
        f.write(b"gimp xcf v011\0" + b"\0" * 100)
    cli.refused(cli.run(os.path.join(folder, "no.png"), content=gimp), 1, "export it",
                output=os.path.join(folder, "no.png"))


def test_hidden_colours(folder):
    """Colours under full transparency have no influence, and alpha is kept."""
    alpha = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    alpha[5:30, 5:40] = 255
    results = []
    for hidden in 0, 255:
        pixels = np.where(alpha > 0, PIXELS, hidden).astype(np.uint8)
        path, output = os.path.join(folder, "a.png"), os.path.join(folder, "out.png")
        Image.fromarray(np.concatenate([pixels, alpha], -1), "RGBA").save(path)
        cli.succeeded(cli.run(output, "--iterations", "3", content=path))
        results.append(np.asarray(Image.open(output)))
        assert results[-1].shape[2] == 4 and (results[-1][..., 3:] == alpha).all()
    shown = alpha[..., 0] > 0
    assert (results[0][shown] == results[1][shown]).all()


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
        assert difference <= 1, (i, difference)


def test_wide(folder):
    """Colours of a painting that sRGB does not have come into a photograph whose profile has them."""
    y, x = np.mgrid[0:96, 0:128]
    green = np.stack([np.full(x.shape, 10), 200 + 40 * np.sin(x / 3), 20 + 10 * np.sin(y / 5)], -1)
    grey = np.stack([100 + 50 * np.sin(x / 9), 110 + 40 * np.sin(y / 7), 90 + 30 * np.cos(x / 11)], -1)
    content, style = os.path.join(folder, "content.png"), os.path.join(folder, "style.png")
    output = os.path.join(folder, "out.png")
    for path, pixels in (content, grey), (style, green):
        Image.fromarray(pixels.astype(np.uint8)).save(path, icc_profile=PROFILES[0])
    cli.succeeded(cli.run(output, "--iterations", "20", content=content, style=style))
    painted = Image.open(output)
    assert painted.info["icc_profile"] == PROFILES[0]
    own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(PROFILES[0])), ImageCms.createProfile("sRGB")
    inside = ImageCms.profileToProfile(painted.convert("RGB"), own, srgb, renderingIntent=1)
    inside = ImageCms.profileToProfile(inside, srgb, own, renderingIntent=1)
    lost = abs(np.asarray(inside).astype(int) - np.asarray(painted.convert("RGB"))).max(-1)
    assert np.mean(lost > 10) > 0.3, np.mean(lost > 10)


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


KEPT = ("EXIF:Artist", "EXIF:ImageDescription", "EXIF:GPSLatitude", "XMP:Creator", "XMP:Rating",
        "XMP:Subject", "IPTC:Keywords", "IPTC:City")


def test_exiftool(folder):
    """EXIF, XMP and IPTC that exiftool wrote are kept in every format; PNG and WebP have no place for
    IPTC."""
    if shutil.which("exiftool") is None:
        print("# no exiftool")
        return
    written = ["-EXIF:Artist=A Painter", "-EXIF:ImageDescription=a town", "-EXIF:GPSLatitude=48.5",
               "-EXIF:GPSLatitudeRef=N", "-EXIF:Orientation#=3", "-XMP:Creator=Somebody", "-XMP:Rating=4",
               "-XMP-dc:Subject=one", "-IPTC:Keywords=word", "-IPTC:City=Town"]

    def tags(path):
        wanted = ["-" + k for k in (*KEPT, "EXIF:Orientation")]
        out = subprocess.run(["exiftool", "-json", "-G0", *wanted, path], stdout=subprocess.PIPE,
                             check=True).stdout
        return {k: v for k, v in json.loads(out)[0].items() if k != "SourceFile"}
    for kind in "jpg", "tif", "png", "webp":
        path = os.path.join(folder, "a." + kind)
        Image.fromarray(PIXELS).save(path)
        subprocess.run(["exiftool", "-q", "-overwrite_original", *written, path], check=True,
                       stderr=subprocess.PIPE)
        before = tags(path)
        for other in "jpg", "tif", "png", "webp":
            after = tags(keep(folder, path, "out." + other))
            expected = {k: v for k, v in before.items() if k != "EXIF:Orientation"
                        and not (k.startswith("IPTC") and other in ("png", "webp"))}
            assert expected.items() <= after.items(), (kind, other, before, after)
            assert after.get("EXIF:Orientation", "Horizontal (normal)") == "Horizontal (normal)", after


def test_recipe(folder):
    """A result names its recipe, which paints it again."""
    first, again = os.path.join(folder, "first.png"), os.path.join(folder, "again.png")
    cli.succeeded(cli.run(first, "--iterations", "3", "--beta", "7", "--seed", "5"))
    cli.succeeded(cli.run(again, "--recipe", first))
    assert Image.open(first).tobytes() == Image.open(again).tobytes()
    for kind in "jpg", "tif", "webp", "avif":
        other = os.path.join(folder, "first." + kind)
        cli.succeeded(cli.run(other, "--iterations", "3", "--beta", "7", "--seed", "5"))
        cli.succeeded(cli.run(again, "--recipe", other))
        assert Image.open(first).tobytes() == Image.open(again).tobytes(), kind
    cli.refused(cli.run(again + ".png", "--recipe", cli.CONTENT), 1, "content.png", output=again + ".png")


def test_batch(folder):
    """A batch keeps depth, profile, alpha and metadata, also of pictures that it crops."""
    alpha = np.where(np.arange(WIDTH) < WIDTH // 2, 255, 0).astype(np.uint8)
    pixels = np.concatenate([PIXELS, np.broadcast_to(alpha[:, None], (HEIGHT, WIDTH, 1))], -1)
    image = Image.fromarray(pixels, "RGBA")
    exif = image.getexif()
    exif[0x013b] = "a painter"
    image.save(os.path.join(folder, "content_a.png"), icc_profile=PROFILES[0], exif=exif.tobytes())
    deep = np.round(colours() * 65535).astype("<u2")
    write_tiff(os.path.join(folder, "content_b.tif"), deep, 1)
    shutil.copy(cli.STYLE, os.path.join(folder, "style_x.png"))
    out = os.path.join(folder, "out")
    for more in ["--crop", "none"], ["--crop", "30x30"]:
        cli.succeeded(cli.pastiche("batch", folder, "--output", out, "--model", cli.PLAIN, "--iterations",
                                   "1", *more))
        first = Image.open(os.path.join(out, "gen_0.png"))
        assert first.mode == "RGBA" and first.info.get("icc_profile") == PROFILES[0], first.info
        assert first.getexif().get(0x013b) == "a painter"
        kept = np.asarray(first)[..., 3]
        middle = kept.shape[1] // 2
        assert kept[:, :middle - 2].min() == 255 and kept[:, middle + 2:].max() == 0, kept
        with open(os.path.join(out, "gen_1.png"), "rb") as f:
            assert f.read()[24] == 16, "the depth was lost"
    cli.succeeded(cli.pastiche("batch", folder, "--output", out, "--model", cli.PLAIN, "--iterations", "1",
                               "--crop", "none", "--depth", "8"))
    with open(os.path.join(out, "gen_1.png"), "rb") as f:
        assert f.read()[24] == 8


def test_damaged(folder):
    """A file that is cut anywhere is refused; --damaged paints what is there."""
    image = Image.fromarray(np.kron(PIXELS, np.ones((4, 4, 1), np.uint8)))
    output = os.path.join(folder, "out.png")
    for name in ("a.png", "a.jpg", "a.tif", "a.webp", "a.gif", "a.bmp", "a.jxl", "a.heic", "a.avif", "a.exr"):
        path, cut = os.path.join(folder, name), os.path.join(folder, "cut" + name[1:])
        if name in ("a.jxl", "a.heic", "a.avif", "a.exr"):
            subprocess.run(["convert", os.path.join(folder, "a.png"), path], stderr=subprocess.PIPE)
            if not os.path.exists(path):
                continue
        else:
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
