# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as a subprocess, with the small models and pictures of tests/data. Prints TAP; needs only
Python's standard library."""
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import zlib

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
PROGRAM = os.path.join(BUILD, "pastiche")
REFERENCE = os.path.join(SOURCE, "tests/data")
PLAIN = os.path.join(REFERENCE, "plain.safetensors")
PATIENCE = 300      # seconds until a hanging process fails the test; the machine may be loaded
CONTENT, STYLE, IMAGE = (os.path.join(REFERENCE, name) for name in ("content.png", "style.png", "image.png"))


def start(*arguments):
    # SIGINT is ignored in background jobs of a shell, and the program would inherit that.
    return subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def pastiche(*arguments):
    """Returns exit status, stdout and stderr."""
    with start(*arguments) as process:
        out, error = process.communicate(timeout=PATIENCE)
    return process.returncode, out, error


def run(output, *more, content=CONTENT, style=STYLE, model=PLAIN):
    return pastiche("run", "--content", content, "--style", style, "--output", output, "--model", model,
                    *more)


def check_quiet(error):
    """Checks that neither GLib nor a sanitizer printed a warning."""
    for word in ("CRITICAL", "WARNING", "Sanitizer", "runtime error"):
        assert word not in error, error


def refused(result, status, *words, output=None):
    """Checks the exit status, that stderr has all these words, and that nothing was written."""
    code, out, error = result
    assert code == status, f"status {code}, not {status}: {error}"
    assert out == "", out
    for word in words:
        assert word in error, f"{word!r} is not in {error!r}"
    check_quiet(error)
    assert output is None or not os.path.exists(output), output + " was written"


def succeeded(result):
    code, out, error = result
    assert code == 0, f"status {code}: {error}"
    check_quiet(error)
    return out, error


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path, width, height, channels, rows):
    """Writes an 8-bit PNG; rows: one bytes object for each row."""
    with open(path, "wb") as f:
        colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
        f.write(b"\x89PNG\r\n\x1a\n"
                + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))


def unfilter(kind, row, above, step):
    """Undoes the filter of one row: PNG (Third Edition), section 9."""
    out = bytearray(row)
    for i in range(len(row)):
        a, b, c = out[i - step] if i >= step else 0, above[i], above[i - step] if i >= step else 0
        nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        out[i] = (row[i] + [0, a, b, (a + b) // 2, nearest][kind]) & 255
    return bytes(out)


def read_png(path):
    """Returns width, height, depth and the rows of an RGB picture as bytes."""
    with open(path, "rb") as f:
        data = f.read()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    assert colour == 2, f"colour type {colour}"
    data, step = zlib.decompress(packed), 3 * depth // 8
    rows, above = [], bytes(width * step)
    for y in range(height):
        begin = y * (width * step + 1)
        above = unfilter(data[begin], data[begin + 1:begin + 1 + width * step], above, step)
        rows.append(above)
    return width, height, depth, rows


def evaluate(content, image, folder):
    """Returns the content loss of image, which is near 0 for equal pictures, and stderr."""
    recipe = os.path.join(folder, "content.json")
    with open(recipe, "w") as f:
        f.write('{"style_layers": {}, "content_layers": {"conv1_1": 1}}')
    out, error = succeeded(pastiche("evaluate", "--content", content, "--style", STYLE, "--image", image,
                                    "--model", PLAIN,
                                    "--recipe", recipe))
    return json.loads(out)["content"], error


# Tests: each gets an empty temporary folder.

def test_help(folder):
    out, _ = succeeded(pastiche("--help"))
    for word in ("run", "evaluate", "presets", "--content", "--keep-colours", "--gradient", "130"):
        assert word in out, word
    out, _ = succeeded(pastiche("run", "--help"))
    assert "--save-every" in out
    out, _ = succeeded(pastiche("--version"))
    assert re.fullmatch(r"pastiche \d+\.\d+\.\d+\n", out), out
    out, _ = succeeded(pastiche("presets"))
    assert out.startswith("default "), out


def test_usage(folder):
    output = os.path.join(folder, "out.png")
    refused(pastiche(), 2, "--help")
    refused(pastiche("paint"), 2, "paint", "--help")
    refused(pastiche("run"), 2, "--content FILE, --style FILE and --output FILE")
    refused(run(output, "--nonsense"), 2, "--nonsense", output=output)
    refused(run(output, "extra.png"), 2, "extra.png", output=output)
    refused(run(output, "--beta", "much"), 2, "--beta", "much", output=output)
    refused(run(output, "--beta", "-1"), 2, "beta", "-1", output=output)
    refused(run(output, "--iterations", "0"), 2, "iterations", output=output)
    refused(run(output, "--optimizer", "sgd"), 2, "optimizer", "adam", output=output)
    refused(run(output, "--threads", "-3"), 2, "--threads", "-3", output=output)
    refused(run(output, "--depth", "12"), 2, "12", output=output)
    refused(run(output, "--preset", "rembrandt"), 2, "rembrandt", "default", output=output)


def test_recipes(folder):
    output, recipe = os.path.join(folder, "out.png"), os.path.join(folder, "recipe.json")
    for text, words in [('{"beta": "much"}', ["beta", "much"]),
                        ('{"style_layers": ["conv1_1"]}', ["style_layers"]),
                        ('{"iterations": 2.5}', ["iterations", "2.5"]), ('{"betta": 3}', ["betta"]),
                        ("[1, 2]", ["JSON"]),
                        ('{"beta": 3', ["JSON"]), ("", ["JSON"]), ('{"preset": "rembrandt"}', ["rembrandt"]),
                        ('{"content_layers": {"conv9_9": 1}}', ["conv9_9", "plain"]),
                        ('{"init": "image"}', ["--init"])]:
        with open(recipe, "w") as f:
            f.write(text)
        refused(run(output, "--recipe", recipe), 2, *words, output=output)
    refused(run(output, "--recipe", os.path.join(folder, "none.json")), 1, "none.json", output=output)


def test_pipe(folder):
    """A pipe is refused: opening one that nobody writes to would block forever."""
    pipe = os.path.join(folder, "pipe.png")
    os.mkfifo(pipe)
    refused(run(os.path.join(folder, "x.png"), content=pipe), 1, pipe, "pipe",
            output=os.path.join(folder, "x.png"))


def test_full_disk(folder):
    """A failed write to the standard output is an error."""
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "evaluate", "--content", CONTENT, "--style", STYLE, "--image", IMAGE,
                               "--model", PLAIN],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    assert done.returncode == 1, done.returncode
    assert "could not be written" in done.stderr, done.stderr


def test_bad_pictures(folder):
    output = os.path.join(folder, "out.png")
    none, text, dot, cut, huge = (os.path.join(folder, name)
                                  for name in ("none.png", "text.png", "dot.png", "cut.png", "huge.png"))
    with open(text, "w") as f:
        f.write("This is no picture.\n" * 20)
    write_png(dot, 1, 1, 3, [b"abc"])
    with open(CONTENT, "rb") as f, open(cut, "wb") as g:
        g.write(f.read()[:2000])
    with open(huge, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(bytes(100000))))
    refused(run(output, content=none), 1, "none.png", output=output)
    refused(run(output, style=none), 1, "none.png", output=output)
    refused(run(output, "--init", none), 1, "none.png", output=output)
    refused(run(output, content=folder), 1, "folder", output=output)
    refused(run(output, content=text), 1, "text.png", "not a picture", output=output)
    refused(run(output, content=cut), 1, "cut.png", output=output)
    refused(run(output, content=huge), 1, "huge.png", "60000", output=output)
    refused(run(output, content=dot), 1, "1 x 1", output=output)


def test_bad_models(folder):
    output, cut = os.path.join(folder, "out.png"), os.path.join(folder, "cut.safetensors")
    with open(PLAIN, "rb") as f:
        whole = f.read()
    for length in (0, 5, 100, len(whole) - 1):
        with open(cut, "wb") as f:
            f.write(whole[:length])
        refused(run(output, model=cut), 1, "cut.safetensors", output=output)
    refused(run(output, model="unheard-of"), 2, "unheard-of", output=output)


def test_bad_outputs(folder):
    refused(run(os.path.join(folder, "none", "out.png")), 1, "none")
    refused(run(os.path.join(folder, "out.xcf")), 2, ".png", ".webp")
    refused(run(os.path.join(folder, "out")), 2, ".png")
    refused(run(os.path.join(folder, "out.jpg"), "--depth", "16"), 2, "16")
    os.mkdir(os.path.join(folder, "folder.png"))
    refused(run(os.path.join(folder, "folder.png")), 1, "folder")
    if os.geteuid() != 0:
        os.mkdir(os.path.join(folder, "closed"), 0o500)
        refused(run(os.path.join(folder, "closed", "out.png")), 1, "closed")


def test_formats(folder):
    for name, magic in [("a.png", b"\x89PNG"), ("a.jpg", b"\xff\xd8\xff"), ("a.JPEG", b"\xff\xd8\xff"),
                        ("a.tif", b"II*\0"),
                        ("a.webp", b"RIFF")]:
        path = os.path.join(folder, name)
        code, _, error = run(path, "--iterations", "1")
        if name == "a.webp" and code == 2 and "no module" in error:
            continue
        assert code == 0, error
        with open(path, "rb") as f:
            assert f.read(len(magic)) == magic, name
        loss, _ = evaluate(path, os.path.join(folder, "a.png"), folder)
        assert loss < 0.2, f"{name}: {loss}"      # a different picture gives more than 1
    assert not [name for name in os.listdir(folder) if not re.fullmatch(r"a\.\w+|content\.json",
                                                                        name)], "temporary files were left"


def test_depth(folder):
    path = os.path.join(folder, "deep.png")
    succeeded(run(path, "--iterations", "2", "--depth", "16"))
    width, height, depth, rows = read_png(path)
    assert (width, height, depth) == (45, 38, 16)
    values = [v for row in rows for v in struct.unpack(f">{3 * width}H", row)]
    between = sum(v % 257 != 0 for v in values)     # values that 8 bits cannot represent
    assert between > len(values) / 2, f"{between} of {len(values)}"

    succeeded(run(os.path.join(folder, "flat.png"), "--iterations", "2"))
    _, _, depth, flat = read_png(os.path.join(folder, "flat.png"))
    assert depth == 8
    differences = [a - b / 257 for a, b in zip((v for row in flat for v in row), values)]
    assert max(map(abs, differences)) < 1, max(map(abs, differences))     # dithered
    assert abs(sum(differences)) < 0.02 * len(differences), sum(differences) / len(differences)


def test_numbers(folder):
    """What is no finite number is named as it was typed, with the range."""
    output = os.path.join(folder, "out.png")
    for option, most in (("beta", "1e+09"), ("tv", "1e+09"), ("size", "32768"), ("palette", "1")):
        for typed in ("nan", "inf", "-inf", "1e400"):
            refused(run(output, f"--{option}={typed}"), 2, f"{option}: expected", f"0 to {most}",
                    f'found "{typed}"', output=output)


def test_alpha(folder):
    """The hidden colours of transparent pixels have no influence: the mean of the visible ones stands for
    them. The result is as transparent as the content."""
    clear, red, output = (os.path.join(folder, name) for name in ("clear.png", "red.png", "out.png"))
    row = [200, 30, 20, 255] * 10 + [0, 255, 0, 0] * 5 + [200, 30, 20, 128] * 5
    write_png(clear, 20, 18, 4, [bytes(row)] * 18)
    write_png(red, 20, 18, 3, [bytes([200, 30, 20] * 20)] * 18)
    loss, _ = evaluate(clear, red, folder)
    assert loss < 1e-9, loss
    succeeded(run(output, "--iterations", "1", content=clear))
    with open(output, "rb") as f:
        assert f.read(26)[25] == 6      # colour type: RGB and alpha
    hidden = os.path.join(folder, "hidden.png")
    write_png(hidden, 20, 18, 4, [bytes([200, 30, 20, 0] * 20)] * 18)
    refused(run(output, content=hidden), 1, "hidden.png", "transparent")


def test_orientation(folder):
    """A JPEG whose EXIF orientation is a rotation by 90 degrees clockwise."""
    stored, tagged, upright = (os.path.join(folder, name) for name in ("stored.jpg", "tagged.jpg",
                                                                       "upright.png"))
    succeeded(run(stored, "--iterations", "1"))
    succeeded(run(os.path.join(folder, "stored.png"), "--iterations", "1"))
    width, height, _, rows = read_png(os.path.join(folder, "stored.png"))
    turned = [b"".join(rows[height - 1 - x][3 * y:3 * y + 3] for x in range(height)) for y in range(width)]
    write_png(upright, height, width, 3, turned)

    losses = {}
    for orientation in (6, 8):
        tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, orientation, 0)
        segment = b"Exif\0\0" + tiff
        with open(stored, "rb") as f, open(tagged, "wb") as g:
            data = f.read()
            g.write(data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:])
        losses[orientation], _ = evaluate(tagged, upright, folder)
    assert losses[6] < 0.2 and losses[8] > 1, losses      # JPEG compression alone gives about 0.1


def test_interrupt(folder):
    """SIGINT and SIGTERM save the picture so far."""
    for number in (signal.SIGINT, signal.SIGTERM):
        path = os.path.join(folder, f"{number}.png")
        with start("run", "--content", CONTENT, "--style", STYLE, "--output", path, "--model", PLAIN,
                   "--iterations", "100000",
                   "--optimizer", "adam", "--json") as process:
            for _ in range(3):
                process.stdout.readline()
            process.send_signal(number)
            _, error = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, f"status {process.returncode}: {error}"
        assert "holds the picture after" in error, error
        assert read_png(path)[:3] == (45, 38, 8)


def test_interrupt_twice(folder):
    path = os.path.join(folder, "out.png")
    with start("run", "--content", CONTENT, "--style", STYLE, "--output", path, "--model", PLAIN,
               "--iterations", "100000",
               "--optimizer", "adam", "--json") as process:
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)     # so that both signals are pending when it continues
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, process.returncode


def test_nonfinite(folder):
    """Losses that are not finite end the run, and the last good picture is saved."""
    output, recipe = os.path.join(folder, "out.png"), os.path.join(folder, "recipe.json")
    with open(recipe, "w") as f:
        f.write('{"optimizer": "gd", "learning_rate": 1000, "tv": 1e9, "tv_formula": "power"}')
    refused(run(output, "--recipe", recipe), 1, "numbers", "holds the picture")
    assert read_png(output)[:2] == (45, 38)


def test_json(folder):
    out, _ = succeeded(run(os.path.join(folder, "out.png"), "--iterations", "4", "--json"))
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["iteration"] for line in lines] == [1, 2, 3, 4], out
    assert all(line["total"] > 0 and line["scale"] == 1 and line["width"] == 45 for line in lines), out
    assert lines[-1]["fraction"] == 1 and lines[-1]["total"] < lines[0]["total"], out


def test_save_every(folder):
    succeeded(run(os.path.join(folder, "out.png"), "--iterations", "7", "--save-every", "3"))
    assert sorted(os.listdir(folder)) == ["out-0003.png", "out-0006.png", "out.png"], os.listdir(folder)
    assert read_png(os.path.join(folder, "out-0003.png"))[:2] == (45, 38)


def test_seed(folder):
    bytes_of = {}
    for name, seed in [("a", "7"), ("b", "7"), ("c", "8")]:
        path = os.path.join(folder, name + ".png")
        succeeded(run(path, "--iterations", "3", "--init", "noise", "--seed", seed))
        with open(path, "rb") as f:
            bytes_of[name] = f.read()
    assert bytes_of["a"] == bytes_of["b"] and bytes_of["a"] != bytes_of["c"]


def test_options(folder):
    """Options override the recipe, and the recipe overrides the preset; --init and --keep-colours work."""
    recipe = os.path.join(folder, "recipe.json")
    with open(recipe, "w") as f:
        f.write('{"iterations": 5, "size": 40}')
    path = os.path.join(folder, "out.png")
    _, error = succeeded(run(path, "--preset", "strong", "--recipe", recipe, "--size", "33", "--init", IMAGE,
                             "--keep-colours"))
    assert read_png(path)[:2] == (33, 28), read_png(path)[:2]
    assert "1 scale, 5 iterations" in error, error


def test_several_styles(folder):
    """The same style twice equals that style; another style changes the picture; each style needs a
    weight."""
    paths = [os.path.join(folder, f"{i}.png") for i in range(4)]
    recipe = os.path.join(folder, "recipe.json")
    with open(recipe, "w") as f:
        json.dump({"iterations": 2, "content_layers": {"conv3_1": 1},
                   "style_layers": {"conv1_1": 1, "conv2_1": 1}}, f)
    for path, more in zip(paths, ([], ["--style", STYLE], ["--style", IMAGE],
                                  ["--style", IMAGE, "--style-weight", "1", "--style-weight",
                                                                              "1e-6"])):
        succeeded(run(path, "--recipe", recipe, *more))
    pictures = [open(path, "rb").read() for path in paths]
    assert pictures[0] == pictures[1] and pictures[0] != pictures[2]
    output = os.path.join(folder, "bad.png")
    refused(run(output, "--style-weight", "1", "--style-weight", "2"), 2, "--style-weight", "1", "2",
            output=output)
    for weight in ("0", "-1", "x", "nan", "1e9"):
        refused(run(output, "--style-weight", weight), 2, "--style-weight", weight, output=output)
    refused(run(output, "--style", os.path.join(folder, "nobody.png")), 1, "nobody.png", output=output)


def test_embedded(folder):
    """Without --model the built-in model is used."""
    out, error = succeeded(pastiche("run", "--content", CONTENT, "--style", STYLE, "--output",
                                    os.path.join(folder, "out.png"),
                                    "--iterations", "10", "--json"))
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[-1]["total"] < 0.5 * lines[0]["total"], out
    assert '"slim"' in error, error


def test_memory(folder):
    """The planned memory is that of the process, over several scales and with either optimiser. The limit is
    7 %; 1 % was measured, and 2 % for the smallest pictures. (With many threads a run needs less than
    planned if the picture is too small to use them all.)"""
    with open(PROGRAM, "rb") as f:
        if re.search(b"__[at]san_init", f.read()):
            return      # the sanitizer's own memory is not planned
    content = os.path.join(folder, "content.png")
    write_png(content, 640, 480, 3, [bytes(x * y % 251 for x in range(3 * 640)) for y in range(480)])
    for optimizer, size in ("lbfgs", 480), ("lbfgs", 128), ("adam", 480):
        recipe = os.path.join(folder, "recipe.json")
        with open(recipe, "w") as f:
            json.dump({"optimizer": optimizer}, f)
        with start("run", "--content", content, "--style", STYLE, "--output", os.path.join(folder, "out.png"),
                   "--size", str(size),
                   "--iterations", "12", "--recipe", recipe, "--threads", "2") as process:
            process.stdout.close()
            error = process.stderr.read()
            process.returncode, usage = os.wait4(process.pid, 0)[1:]
        assert process.returncode == 0, error
        planned, taken = float(re.search(r"at most (\d+) MB", error)[1]), usage.ru_maxrss * 1024e-6
        assert 0.93 < taken / planned < 1.07, \
            f"{optimizer} at {size}: {planned:.0f} MB were planned, {taken:.0f} MB taken"


def main(space, path):
    """Runs every test_ function of space, a module's globals, as /path/name."""
    tests = [(name[5:], test) for name, test in space.items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    bad = 0
    for i, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                print(f"ok {i} /{path}/{name}", flush=True)
            except (AssertionError, KeyError, OSError, ValueError, subprocess.SubprocessError) as e:
                bad += 1
                print("# " + (str(e) or repr(e)).replace("\n", "\n# "))
                print(f"not ok {i} /{path}/{name}", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main(globals(), "cli")
