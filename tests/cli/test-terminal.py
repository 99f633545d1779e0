# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program does around its commands: texts from outside on the terminal, signals, closed descriptors,
limits of the system. The program is run as a subprocess with the small models and pictures of tests/data.
Prints TAP; needs only Python's standard library."""
import importlib.util
import json
import os
import re
import resource
import signal
import struct
import stat
import subprocess

spec = importlib.util.spec_from_file_location(
    "cli", os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)
pastiche, refused, succeeded = cli.pastiche, cli.refused, cli.succeeded
PROGRAM, PLAIN, CONTENT, STYLE = cli.PROGRAM, cli.PLAIN, cli.CONTENT, cli.STYLE

# Sets the title, rings the bell, clears the screen by a CSI of one character, fakes a line.
HOSTILE = "\x1b]0;title\x07 \u009b2J\x7f\ngood  all.safetensors\r"
RUN = ("run", "--content", CONTENT, "--style", STYLE, "--model", PLAIN)
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def write_model(path, **changed):
    """Writes PLAIN with other texts about the network."""
    with open(PLAIN, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(size)), f.read()
    network = json.loads(header["__metadata__"]["pastiche"])
    network.update(changed)
    header["__metadata__"]["pastiche"] = json.dumps(network)
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def harmless(text):
    """Checks that text has no control characters and no line of HOSTILE's."""
    assert not CONTROLS.search(text), repr(text)
    assert not any(line.startswith("good ") for line in text.splitlines()), repr(text)


def test_model_texts(folder):
    model, output = os.path.join(folder, "model.safetensors"), os.path.join(folder, "out.png")
    write_model(model, name=HOSTILE, source=HOSTILE, licence=HOSTILE)
    out, error = succeeded(pastiche("weights", "info", model))
    harmless(out + error)
    assert out.count(r"\u001b]0;title\u0007 \u009b2J\u007f\u000agood") == 3, out
    out, error = succeeded(cli.run(output, "--iterations", "1", "--json", model=model))
    harmless(out + error)
    assert r"\u001b" in error, error


def test_final_line_feeds(folder):
    """Line feeds at the end of a text from outside are escaped, too; the program's own is not."""
    model = os.path.join(folder, "model.safetensors")
    write_model(model, name="a\n\n", source="b\n", licence="c\n\n\n")
    out, _ = succeeded(pastiche("weights", "info", model))
    lines = out.splitlines()
    assert lines[0].endswith(r"a\u000a\u000a") and lines[1].endswith(r" b\u000a"), out
    assert lines[2].endswith(r" c\u000a\u000a\u000a") and lines[3].startswith("Input "), out


def test_recipe_texts(folder):
    recipe, output = os.path.join(folder, "recipe.json"), os.path.join(folder, "out.png")
    for text in (json.dumps({HOSTILE: 1}), json.dumps({"preset": HOSTILE}), json.dumps({"pooling": HOSTILE}),
                 '{"pooling": "\u009b2J"}', "\x1b[2J"):
        with open(recipe, "w", encoding="utf-8") as f:
            f.write(text)
        result = cli.run(output, "--recipe", recipe)
        refused(result, 2, output=output)
        harmless(result[2])


def test_lone_bytes(folder):
    """Names that are no UTF-8, and control characters in names."""
    name = os.path.join(folder, "a\x1b[2J\nb\udcff.png")
    with subprocess.Popen([PROGRAM, "run", "--content", name, "--style", STYLE, "--output",
                           os.path.join(folder, "out.png")], stderr=subprocess.PIPE) as process:
        _, error = process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 1, error
    text = error.decode()       # valid UTF-8
    harmless(text)
    assert r"a\u001b[2J\u000ab\xff.png" in text, text

    os.makedirs(folder + "/b\udcff/pastiche/models")
    with open(folder + "/b\udcff/pastiche/models/bad.safetensors", "w"):
        pass
    done = subprocess.run([PROGRAM, "doctor", "--json"], stdout=subprocess.PIPE, timeout=cli.PATIENCE,
                          env=dict(os.environ, XDG_DATA_HOME=folder + "/b\udcff"))
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert any("/b\ufffd/" in line["text"] for line in lines), lines


def test_log(folder):
    done = subprocess.run([PROGRAM, *RUN, "--iterations", "1", "--output", os.path.join(folder, "out.png")],
                          capture_output=True, text=True, timeout=cli.PATIENCE,
                          env=dict(os.environ, PASTICHE_CONV=HOSTILE, G_MESSAGES_DEBUG="all"))
    assert done.returncode == 0, done
    harmless(done.stdout + done.stderr)
    assert r"\u000agood  all" in done.stderr and "DEBUG" in done.stdout, done


def test_own_lines(folder):
    """Our own texts of several lines are printed as they are."""
    for arguments in (("--help",), ("run", "--help"), ("weights", "--help"), ("weights", "list")):
        out, _ = succeeded(pastiche(*arguments))
        assert "\\u" not in out and len(out.splitlines()) > 5, out


def test_long_texts(folder):
    """Messages quote the beginning of a long value."""
    model, recipe, output = (os.path.join(folder, n) for n in ("m.safetensors", "r.json", "out.png"))
    long = "x" * 100000

    def short(result, status):
        refused(result, status, "xxx", output=output)
        assert len(result[2]) < 2500, result[2][:300]

    for option in ("--beta", "--size", "--threads", "--style-weight", "--optimizer", "--preset", "--save-at"):
        short(cli.run(output, option, long), 2)
    short(cli.run(output, long), 2)
    short(cli.run(output, "--" + long), 2)
    for arguments in ((long,), ("weights", long), ("weights", "fetch", long), ("weights", "verify", long),
                      ("weights", "fetch", "vgg19-keras", "--sha256", long),
                      ("weights", "convert", PLAIN, "--output", model, "--order", long)):
        short(pastiche(*arguments), 2)
    short(pastiche("weights", "remove", long), 2)
    short(pastiche("weights", "import", PLAIN, "--name", long), 2)
    for option in ("--output", "--init", "--recipe", "--content", "--log"):
        code, out, error = cli.run(output, option, long + ".png")
        assert code == 1 and out == "" and len(error) < 2500, (option, code, error[:300])
        assert "xxx…xxx" in error and error.endswith(": File name too long\n"), (option, error[-300:])
    for command, option in (("compare", "--optimizers"), ("grid", "--beta"), ("grid", "--style-layers")):
        short(pastiche(command, *RUN[1:], "--output", output, option, long), 2)
    for text in (f"{CONTENT} {STYLE}", "'" + long):
        with open(recipe, "w") as f:
            f.write(text)
        short(pastiche("batch", "--pairs", recipe, "--output", folder, "--crop", long), 2)
    short(pastiche("batch", "--pairs", recipe, "--output", folder, "--format", long), 2)
    with open(recipe, "w") as f:
        f.write(f"{CONTENT} {long}.png")
    code, _, error = pastiche("batch", "--pairs", recipe, "--output", os.path.join(folder, "results"),
                              "--model", PLAIN)
    assert code == 1 and "1 of 1 pictures failed" in error and len(error) < 3500, (code, error[:300])
    assert error.count("xxx…xxx") == 3 and error.count(".png: File name too long\n") == 2, error
    for value in ({long[:60000]: 1}, {"pooling": long[:60000]}, {"style_layers": {long[:60000]: 1}}):
        with open(recipe, "w") as f:
            json.dump(value, f)
        short(cli.run(output, "--recipe", recipe), 2)
    for changed in ({"pooling": long}, {long: 1}, {"input": {long: 1}}, {"layers": [{"name": long}]},
                    {"layers": [{"name": "conv1_1", "channels": 1, long: 1}]}, {"order": {long: {long: {}}}}):
        write_model(model, **changed)
        code, _, error = pastiche("weights", "info", model)
        assert code in (0, 1) and len(error) < 2500, (list(changed)[0][:20], code, error[:300])

    write_model(model, name=long, source=long, licence=long)
    out, _ = succeeded(pastiche("weights", "info", model))
    assert len(out) < 5000, len(out)


def test_long_catalogue(folder):
    """Texts of the user's own catalogue are shown cut; names and addresses are refused."""
    long, path = "x" * 900000, os.path.join(folder, "pastiche/catalogue.json")
    entry = {"name": "m", "title": "t", "file": "m.bin", "licence": "none",
             "addresses": ["http://127.0.0.1:9/"]}
    os.makedirs(os.path.dirname(path))
    for key, status in (("title", 0), ("licence", 0), ("sum_by", 0), ("name", 1), ("file", 1),
                        ("addresses", 1)):
        value = ["http://" + long] if key == "addresses" else long
        with open(path, "w") as f:
            json.dump({"format": 1, "models": [{**entry, "sha256": "0" * 64, key: value}]}, f)
        for arguments in (("list",), ("info", "m")):
            done = subprocess.run([PROGRAM, "weights", *arguments], capture_output=True, text=True,
                                  timeout=cli.PATIENCE, env=dict(os.environ, XDG_DATA_HOME=folder))
            assert done.returncode == status, (key, done.returncode, done.stderr[:300])
            assert "xxx" not in done.stdout + done.stderr or "xxx…" in done.stdout + done.stderr, key
            assert len(done.stdout) < 5000 and len(done.stderr) < 2500, (key, len(done.stdout))
            assert (key in done.stderr) == bool(status), (key, done.stderr[:600])


def test_recipe_bytes(folder):
    """Zero bytes and what is not UTF-8 are refused, not cut off or passed on."""
    recipe, output = os.path.join(folder, "recipe.json"), os.path.join(folder, "out.png")
    for data, word in ((b'{"model": "slim\\u0000x"}', "NUL"), (b'{"beta": 1}\0{"beta": 2}', "zero byte"),
                       (b'{"model": "sl\0im"}', "zero byte"), (b'{"style_layers": {"conv\xff": 1}}', "UTF-8"),
                       (b'{"\xc3(": 1}', "UTF-8"), (b'{"beta": 1, "beta": 2}', "twice"),
                       (b"[" * 60000, "nested"), (b" " * 65536 + b"{}", "at most")):
        with open(recipe, "wb") as f:
            f.write(data)
        code, _, error = cli.run(output, "--recipe", recipe)
        assert code in (1, 2) and recipe in error and word in error, (data[:30], code, error)
        assert not os.path.exists(output)


def test_pipes(folder):
    """Named pipes and devices are refused wherever a file is read: opening a pipe would block forever."""
    out, pipe, home = (os.path.join(folder, name) for name in ("out.png", "pipe.png", "home"))
    models = os.path.join(home, "pastiche/models")
    os.makedirs(models)
    catalogue = os.path.join(home, "pastiche/catalogue.json")
    for name in (pipe, os.path.join(models, "dev.safetensors"), catalogue):
        os.mkfifo(name)

    def expect(status, *arguments):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=cli.PATIENCE,
                              env=dict(os.environ, XDG_DATA_HOME=home, HOME=home))
        assert done.returncode == status, (arguments, done)
        assert "pipe or a device" in done.stdout + done.stderr, (arguments, done)
        return done.stderr

    for name in (pipe, "/dev/zero"):
        for more in (("--content", name), ("--style", name), ("--init", name), ("--recipe", name),
                     ("--model", name if name == "/dev/zero" else "./" + os.path.relpath(name))):
            expect(1, *RUN, *more, "--output", out)
        expect(1, "batch", "--pairs", name, "--output", home)
    expect(1, *RUN, "--model", "dev", "--output", out)
    expect(1, "weights", "verify", "dev")
    expect(1, "weights", "list")
    os.remove(catalogue)
    expect(1, "weights", "import", pipe, "--name", "own")

    # A batch skips what is not a file and paints the rest.
    pictures, results = os.path.join(folder, "pictures"), os.path.join(folder, "results")
    os.makedirs(os.path.join(pictures, "style_folder"))
    os.mkfifo(os.path.join(pictures, "content_pipe.png"))
    os.mknod(os.path.join(pictures, "content_socket.png"), stat.S_IFSOCK | 0o600)
    for source, name in ((CONTENT, "content_a.png"), (STYLE, "style_a.png")):
        os.symlink(source, os.path.join(pictures, name))
    more = ("--output", results, "--model", PLAIN, "--iterations", "1")
    error = expect(0, "batch", pictures, *more)
    assert error.count("Skipped: ") == 3 and "1 painted, 0 up to date, 0 failed" in error, error
    pairs = os.path.join(folder, "pairs")
    with open(pairs, "w") as f:
        f.write(f"{CONTENT} {STYLE}\n{pipe} {STYLE}\n{CONTENT} {pipe}\n")
    assert "2 failed" in expect(1, "batch", "--pairs", pairs, *more)
    os.remove(os.path.join(results, "index.tsv"))
    os.mkfifo(os.path.join(results, "index.tsv"))
    expect(1, "batch", pictures, *more)


def test_one_place(folder):
    """The program prints with g_print () and g_printerr () only, which cli/terminal.c makes safe."""
    prints = re.compile(r"\b(?:v?printf|puts|putchar|perror) \(|\bstd(?:out|err)\b(?![^\n]*\*/)")
    assert prints.search('  puts ("a");') and prints.search("fflush (stdout);")
    assert not prints.search("g_printf (f);")
    for path, _, names in os.walk(os.path.join(cli.SOURCE, "cli")):
        for name in names:
            with open(os.path.join(path, name)) as f:
                found = prints.search(f.read()) if name.endswith(".c") and name != "terminal.c" else None
            assert not found, f"{name}: {found and found[0]}"


def test_hang_up(folder):
    """SIGHUP saves the picture so far, as often as it comes; nohup keeps the program running."""
    path = os.path.join(folder, "out.png")
    with cli.start(*RUN, "--output", path, "--iterations", "100000", "--optimizer", "adam",
                   "--json") as process:
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        for _ in range(2):
            process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGCONT)
        _, error = process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 130, f"status {process.returncode}: {error}"
    assert "holds the picture after" in error, error
    assert cli.read_png(path)[:3] == (45, 38, 8)

    with subprocess.Popen([PROGRAM, *RUN, "--output", path, "--iterations", "5", "--json"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        _, error = process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 0, f"status {process.returncode}: {error}"


def test_closed_pipe(folder):
    """A reader that ends is an error, but the picture is painted."""
    path = os.path.join(folder, "out.png")
    with cli.start(*RUN, "--output", path, "--iterations", "20", "--json") as process:
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
        process.wait(timeout=cli.PATIENCE)
    assert process.returncode == 1, f"status {process.returncode}: {error}"
    assert "after 20 iterations" in error and "could not be written completely" in error, error
    assert cli.read_png(path)[:3] == (45, 38, 8)


def test_help_full_disk(folder):
    if not os.path.exists("/dev/full"):
        return
    for arguments in (("--help",), ("run", "--help"), ("presets",)):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=cli.PATIENCE)
        assert done.returncode == 1 and "could not be written" in done.stderr, (arguments, done)


def test_closed_descriptors(folder):
    """No file takes the place of a standard descriptor that is closed."""
    path, log = os.path.join(folder, "out.png"), os.path.join(folder, "log.csv")
    for closed in ((2,), (1, 2), (0, 1, 2)):
        def close(which=closed):
            for descriptor in which:
                os.close(descriptor)
        done = subprocess.run([PROGRAM, *RUN, "--output", path, "--iterations", "3", "--log", log],
                              preexec_fn=close, timeout=cli.PATIENCE)
        assert done.returncode == 0, (closed, done.returncode)
        with open(log) as f:
            lines = f.read().splitlines()
        assert len(lines) == 4 and all(line.count(",") == 9 for line in lines), (closed, lines)
    done = subprocess.run([PROGRAM, "presets"], preexec_fn=lambda: os.close(1), stderr=subprocess.PIPE,
                          text=True, timeout=cli.PATIENCE)
    assert done.returncode == 1 and "could not be written" in done.stderr, done


def test_file_limit(folder):
    """A file beyond the limit of the system is an error, and nothing unfinished is left."""
    path = os.path.join(folder, "out.png")
    done = subprocess.run([PROGRAM, *RUN, "--output", path, "--iterations", "3"],
                          stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
                          timeout=cli.PATIENCE)
    assert done.returncode == 1 and "out.png" in done.stderr, done
    assert os.listdir(folder) == [], os.listdir(folder)


if __name__ == "__main__":
    cli.main(globals(), "terminal")
