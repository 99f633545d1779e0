# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that paint several pictures, the files that a run writes, and the manual page. The program is run
as a subprocess with the small models and pictures of tests/data. Prints TAP. Pictures are read with
Pillow."""
import csv
import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess

try:
    from PIL import Image, ImageChops
except ImportError:
    print("1..0 # SKIP python3-pil is not installed")
    raise SystemExit(0)

spec = importlib.util.spec_from_file_location(
    "cli", os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)
pastiche, refused, succeeded, start = cli.pastiche, cli.refused, cli.succeeded, cli.start
PLAIN, CONTENT, STYLE = cli.PLAIN, cli.CONTENT, cli.STYLE

# For builds with sanitizers.
os.environ.setdefault("LSAN_OPTIONS", "print_suppressions=0:suppressions="
                      + os.path.join(cli.SOURCE, "tests/support/leaks.supp"))

SIZE = (45, 38)                  # of CONTENT
BOTH = ("--content", CONTENT, "--style", STYLE, "--model", PLAIN)
PAGE = os.path.join(cli.SOURCE, "doc/pastiche.1")


def run(output, *more):
    return pastiche("run", *BOTH, "--output", output, *more)


def table(path, **kind):
    with open(path, newline="") as f:
        return list(csv.DictReader(f, **kind))


def same(a, b):
    with Image.open(a) as x, Image.open(b) as y:
        return x.size == y.size and ImageChops.difference(x.convert("RGB"),
                                                          y.convert("RGB")).getbbox() is None


def size(path):
    with Image.open(path) as image:
        image.load()
        return image.size


def is_plain(path, box):
    """Whether this part of a picture has a single colour."""
    with Image.open(path) as image:
        return all(low == high for low, high in image.convert("RGB").crop(box).getextrema())


# Files that are read and written

def contents(folder):
    """Maps each path below folder to the bytes of the file."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(top, name), "rb") as f:
                found[os.path.join(top, name)] = f.read()
    return found


def test_output_is_input(folder):
    """No input is replaced, whatever its name, and no output by another one: refused before painting."""
    a, b, model, recipe = (os.path.join(folder, name) for name in ("a.png", "b.png", "m.safetensors",
                                                                   "r.json"))
    new, link, hard, log = (os.path.join(folder, name) for name in ("new.png", "link.png", "hard.png",
                                                                    "new.csv"))
    for source, path in (CONTENT, a), (STYLE, b), (PLAIN, model):
        shutil.copy(source, path)
    with open(recipe, "w") as f:
        f.write('{"iterations": 2}')
    os.symlink("a.png", link)
    os.link(a, hard)
    kept = os.path.join(folder, "kept")
    os.mkdir(kept)
    for name in "1-1.png", "conv1_1.png", "default.png", "gen_0.png", "out-0002.png":
        shutil.copy(CONTENT, os.path.join(kept, name))
    with open(os.path.join(kept, "pairs"), "w") as f:
        f.write("gen_0.png ../b.png\n")
    before = contents(folder)

    def paint(command, *more, content=a, style=b):
        return pastiche(*command.split(), "--content", content, "--style", style, "--model", model,
                        "--recipe", recipe, *more)

    def same(*more, names, command="run", **kind):
        code, out, error = result = paint(command, *more, **kind)
        refused(result, 2, *names, "same file")
        assert "iteration" not in error, error
        assert contents(folder) == before, set(contents(folder)) ^ set(before)

    detour = os.path.join(folder, "kept", "..", "a.png")
    for path in a, link, hard, detour:
        same("--output", path, names=["--output", "--content", path])
    same("--output", b, names=["--output", "--style", b])
    same("--output", new, "--log", a, names=["--log", "--content"])
    same("--output", new, "--log", recipe, names=["--log", "--recipe"])
    same("--output", new, "--log", model, names=["--log", "--model"])
    same("--output", new, "--log", new, names=["--log", "--output"])
    same("--output", new, "--init", os.path.join(kept, "1-1.png"), "--log", os.path.join(kept, "1-1.png"),
         names=["--init", "--log"])
    same("--output", new, "--log", os.path.join(folder, "a.gif"), "--animation",
         os.path.join(kept, "..", "a.gif"), names=["--log", "--animation"])
    same("--output", new, "--sheet", new, command="compare", names=["--sheet", "--output"])
    same("--output", new, "--sheet", a, command="compare", names=["--sheet", "--content"])
    same("--output", new, "--log", new, command="compare", names=["--log", "--output"])
    same("--output", a, command="grid", names=["--output", "--content"])
    same("--output", new, "--folder", kept, command="grid", content=os.path.join(kept, "1-1.png"),
         names=["1-1.png", "--content"])
    same("--output", kept, command="gallery", content=os.path.join(kept, "default.png"),
         names=["default.png", "--content"])
    same("--image", CONTENT, "--gradient", a, command="evaluate", names=["--gradient", "--content"])
    refused(pastiche("reconstruct", "content", "--content", os.path.join(kept, "conv1_1.png"), "--model",
                     model, "--folder", kept, "--output", new), 2, "conv1_1.png", "--content", "same file")
    refused(batch("--pairs", os.path.join(kept, "pairs"), "--output", kept), 2, "gen_0.png", "same file")
    refused(pastiche("weights", "convert", model, "--output", model), 2, "m.safetensors", "same file")
    refused(pastiche("weights", "normalise", model, "--pictures", kept, "--output", model), 2,
            "m.safetensors", "same file")
    assert contents(folder) == before

    # Links to where there is no file yet
    later, one, two = (os.path.join(kept, name) for name in ("later.png", "one.csv", "two.gif"))
    os.symlink("later.png", one)
    os.symlink("one.csv", two)
    for names in (("--output", later, "--log", one), ("--output", new, "--log", one, "--animation", two)):
        refused(paint("run", *names), 2, one, "same file")
    refused(paint("compare", "--output", later, "--log", one), 2, one, "same file")
    refused(paint("run", "--output", os.path.join(kept, "later.png"), "--log", two), 2, two, "same file")
    os.remove(one)
    os.remove(two)
    assert contents(folder) == before

    # Intermediate pictures
    init = os.path.join(kept, "out-0002.png")
    for more in ["--save-every", "2"], ["--save-at", "1,2"], ["--save-every", "1"]:
        refused(paint("run", "--output", os.path.join(kept, "out.png"), "--init", init, *more), 2, init,
                "intermediate")
    assert contents(folder) == before
    succeeded(paint("run", "--output", os.path.join(kept, "out.png"), "--init", init, "--save-at", "1"))
    succeeded(paint("run", "--output", new, "--log", "/dev/null"))
    assert before.items() < contents(folder).items()


def test_output_is_network(folder):
    """A network that is given by its name, by an option or by a recipe, is an input, too."""
    recipe, new = os.path.join(folder, "r.json"), os.path.join(folder, "new.png")
    models = os.path.join(folder, "home/pastiche/models")
    model = os.path.join(models, "own.safetensors")
    os.makedirs(models)
    shutil.copy(PLAIN, model)
    with open(recipe, "w") as f:
        f.write('{"model": "own", "iterations": 2}')
    before = contents(folder)
    pair = ("--content", CONTENT, "--style", STYLE)

    def check(*arguments, word):
        done = subprocess.run([cli.PROGRAM, *arguments], capture_output=True, text=True, timeout=cli.PATIENCE,
                              env=dict(os.environ, XDG_DATA_HOME=os.path.join(folder, "home")))
        refused((done.returncode, done.stdout, done.stderr), 2, word, model, "same file")
        assert contents(folder) == before, set(contents(folder)) ^ set(before)

    for given, word in (("--model", "own"), "--model"), (("--recipe", recipe), "the network"):
        check("run", *pair, *given, "--output", new, "--log", model, word=word)
        check("compare", *pair, *given, "--output", new, "--log", model, word=word)
        check("evaluate", *pair, *given, "--image", CONTENT, "--gradient", model, word=word)
    check("weights", "convert", "own", "--output", model, word="the network")
    check("weights", "normalise", "own", "--pictures", os.path.dirname(CONTENT), "--output", model,
          word="the network")


def test_busy(folder):
    """A folder of results, and a log, belong to one run at a time."""
    out, log = pictures(folder), os.path.join(folder, "loss.csv")
    slow = ("--model", PLAIN, "--iterations", "100000", "--optimizer", "adam")
    with start("batch", folder, "--output", out, *slow) as process:
        try:
            for line in process.stderr:
                if "gen_0" in line:
                    break
            before = contents(out)
            refused(batch(folder, "--output", os.path.join(folder, ".", "out")), 1, "out", "another run")
            refused(pastiche("gallery", *BOTH, "--iterations", "1", "--output", out), 1, "out", "another run")
            refused(pastiche("grid", *BOTH, "--iterations", "1", "--output", os.path.join(folder, "g.png"),
                             "--folder", out), 1, "out", "another run")
            assert contents(out) == before, contents(out).keys()
        finally:
            process.kill()              # leaves the lock's file, but no lock
            process.communicate()
    succeeded(batch(folder, "--output", out))
    assert sorted(os.listdir(out)) == [f"gen_{i}.png" for i in range(4)] + ["index.tsv"], os.listdir(out)

    with start("run", *BOTH, *slow, "--output", os.path.join(folder, "a.png"), "--log", log,
               "--json") as process:
        try:
            process.stdout.readline()
            for command in "run", "compare":
                refused(pastiche(command, *BOTH, "--iterations", "2", "--output",
                                 os.path.join(folder, "b.png"), "--log", log), 1, "loss.csv", "another run",
                        output=os.path.join(folder, "b.png"))
        finally:
            process.kill()
            process.communicate()
    assert int(table(log)[0]["iteration"]) == 1

    new = os.path.join(folder, "new.csv")
    with start("compare", *BOTH, "--iterations", "90000", "--optimizers", "adam", "--output",
               os.path.join(folder, "a.png"), "--log", new) as process:
        try:
            for line in process.stderr:
                if "adam" in line:
                    break
            for command in "run", "compare":
                refused(pastiche(command, *BOTH, "--iterations", "2", "--output",
                                 os.path.join(folder, "b.png"), "--log", new), 1, "new.csv", "another run",
                        output=os.path.join(folder, "b.png"))
        finally:
            process.kill()
            process.communicate()
    # A comparison leaves nothing behind that it created for the lock: neither where a link points to, nor an
    # empty log if it fails before it measures.
    os.remove(new)
    os.symlink("target.csv", new)
    succeeded(pastiche("compare", *BOTH, "--iterations", "2", "--output", os.path.join(folder, "a.png"),
                       "--log", new))
    assert len(table(new)) == 9 and not os.path.exists(os.path.join(folder, "target.csv"))
    os.remove(new)
    refused(pastiche("compare", "--content", CONTENT, "--style", STYLE, "--model", "none", "--output",
                     os.path.join(folder, "b.png"), "--log", new), 2, "none", output=new)


# Failures of writing

def lose(process, stream, word, lost, stop=False):
    """Removes the folder lost as soon as a line of the stream has word; then stops the process, if wanted.
    Returns status and stderr."""
    try:
        for line in stream:
            if word in line:
                break
        process.send_signal(signal.SIGSTOP)
        shutil.rmtree(lost)
        if stop:
            process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        _, error = process.communicate(timeout=cli.PATIENCE)
    finally:
        process.kill()
    cli.check_quiet(error)
    return process.returncode, error


def with_temporary(folder):
    """Makes folder/tmp the temporary folder of the program, and folder/lost."""
    temporary, lost = os.path.join(folder, "tmp"), os.path.join(folder, "lost")
    os.mkdir(temporary)
    os.mkdir(lost)
    os.environ["TMPDIR"] = temporary
    return temporary, lost


def restored(test):
    """A test after which TMPDIR has its old value."""
    def wrapped(folder):
        old = os.environ.get("TMPDIR")
        try:
            test(folder)
        finally:
            os.environ.pop("TMPDIR", None)
            if old is not None:
                os.environ["TMPDIR"] = old
    return wrapped


@restored
def test_write_fails(folder):
    """A picture that cannot be written at the end goes to the temporary folder, whether the run came to its
    end or was stopped. Other files of the run do not end it."""
    temporary, lost = with_temporary(folder)
    log = os.path.join(folder, "loss.csv")
    for stop, status in (False, 1), (True, 130):
        more = ("--iterations", "100000" if stop else "200", "--optimizer", "adam", "--json")
        with start("run", *BOTH, "--output", os.path.join(lost, "out.png"), "--log", log, "--depth", "16",
                   "--save-every", "199", "--animation", os.path.join(lost, "a.gif"), *more) as process:
            code, error = lose(process, process.stdout, "iteration", lost, stop)
        assert code == status, f"{code}: {error}"
        saved = re.search(r"The picture was saved as (\S+\.png) instead", error)
        assert saved and os.path.join(lost, "out.png") in error, error
        assert os.listdir(temporary) == [os.path.basename(saved[1])], os.listdir(temporary)
        assert cli.read_png(saved[1])[:3] == (*SIZE, 16)
        if not stop:
            assert [int(row["iteration"]) for row in table(log)] == list(range(1, 201))
        os.remove(saved[1])
        os.mkdir(lost)

    os.rmdir(temporary)         # the message has both reasons
    with start("run", *BOTH, "--output", os.path.join(lost, "out.png"), "--iterations", "200",
               "--optimizer", "adam", "--json") as process:
        code, error = lose(process, process.stdout, "iteration", lost)
    assert code == 1 and "either" in error and temporary in error and lost in error, error


def test_long_names(folder):
    """A name may be as long as the file system allows; a longer one is refused before painting."""
    out = os.path.join(folder, "n" * 250 + ".png")
    succeeded(run(out, "--iterations", "1"))
    assert size(out) == SIZE
    for name in os.path.join(folder, "n" * 252 + ".png"), os.path.join(folder, "n" * 5000 + ".png"):
        code, _, error = run(name, "--iterations", "1")
        assert code == 1 and "too long" in error and "iteration 1/1" not in error, error
    refused(run(out, "--iterations", "2", "--save-every", "1"), 1, "too long")
    refused(run(os.path.join(folder, "a.png"), "--animation", os.path.join(folder, "n" * 252 + ".gif")), 1,
            "too long", output=os.path.join(folder, "a.png"))


@restored
def test_compare_write_fails(folder):
    """Log, plot and sheet of a comparison are written each on its own, also after Ctrl-C."""
    temporary, lost = with_temporary(folder)
    log, sheet = os.path.join(folder, "loss.csv"), os.path.join(folder, "sheet.png")
    command = ("compare", *BOTH, "--iterations", "60", "--optimizers", "lbfgs,adam", "--at", "1", "--sheet",
               sheet)
    with start(*command, "--output", os.path.join(lost, "plot.png"), "--log", log) as process:
        code, error = lose(process, process.stderr, "start", lost)
    assert code == 1 and "plot.png" in error, error
    assert size(sheet)[0] == 2 * 18 + 150 and len(table(log)) == 2 * 61, len(table(log))
    assert [size(os.path.join(temporary, name)) for name in os.listdir(temporary)] == [(1060, 440)]

    os.mkdir(lost)
    os.remove(sheet)
    plot = os.path.join(folder, "plot.png")
    with start(*command, "--output", plot, "--log", os.path.join(lost, "loss.csv")) as process:
        code, error = lose(process, process.stderr, "start", lost)
    assert code == 1 and "loss.csv" in error, error
    assert size(sheet)[0] == 2 * 18 + 150 and size(plot) == (1060, 440)

    os.remove(plot)
    with start("compare", *BOTH, "--iterations", "100000", "--optimizers", "adam,lbfgs", "--at", "1",
               "--sheet", sheet, "--output", plot, "--log", log) as process:
        try:
            for line in process.stderr:
                if "adam" in line:
                    break
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=cli.PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 130, error
    assert table(log) and size(plot) == (1060, 440) and size(sheet)[0] == 2 * 18 + 150


@restored
def test_grid_write_fails(folder):
    """A picture that cannot be written, and Ctrl-C, lose neither the sheet nor the other pictures."""
    temporary, lost = with_temporary(folder)
    sheet = os.path.join(folder, "sheet.png")
    command = ("grid", *BOTH, "--beta", "5,30", "--output", sheet, "--optimizer", "adam")
    with start(*command, "--iterations", "100", "--folder", lost) as process:
        code, error = lose(process, process.stderr, "1/2", lost)
    assert code == 1 and "1-2.png" in error, error
    assert size(sheet)[0] == 2 * 18 + 2 * 150 + 14
    kept = [size(os.path.join(temporary, name)) for name in os.listdir(temporary)]
    assert kept in ([SIZE], [SIZE, SIZE]), kept

    os.remove(sheet)
    for command, words in ((command, "the 1 picture so far"),
                           (("reconstruct", "content", "--content", CONTENT, "--model", PLAIN, "--optimizer",
                             "adam", "--layers", "conv1_1,conv2_1", "--output", sheet),
                            "the 1 picture so far")):
        with start(*command, "--iterations", "1000") as process:
            try:
                for line in process.stderr:
                    if "iteration 1000/1000" in line:
                        break
                process.send_signal(signal.SIGINT)
                _, error = process.communicate(timeout=cli.PATIENCE)
            finally:
                process.kill()
        assert process.returncode == 130 and words in error, error
        size(sheet)
        os.remove(sheet)


def test_grid_nonfinite(folder):
    """Losses that are not finite make an empty cell; the others are painted."""
    sheet, kept, recipe = (os.path.join(folder, name) for name in ("sheet.png", "kept", "recipe.json"))
    with open(recipe, "w") as f:
        f.write('{"optimizer": "gd", "learning_rate": 1000, "tv": 0, "style_formula": "keras"}')
    code, _, error = pastiche("grid", *BOTH, "--recipe", recipe, "--alpha", "0", "--beta", "1e9,0",
                              "--iterations", "30", "--output", sheet, "--folder", kept)
    assert code == 1 and "numbers" in error, error
    assert os.listdir(kept) == ["1-2.png"], os.listdir(kept)
    assert size(sheet)[0] == 2 * 18 + 2 * 150 + 14


def test_gallery_interrupt(folder):
    out = os.path.join(folder, "gallery")
    with start("gallery", "--content", CONTENT, "--style", STYLE, "--output", out, "--iterations",
               "100") as process:
        try:
            for line in process.stderr:
                if "iteration 100/100" in line:
                    break
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=cli.PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 130, error
    assert table(os.path.join(out, "gallery.csv"))[0]["result"] == "painted"
    size(os.path.join(out, "gallery.png"))


def test_sheet_too_large(folder):
    """A sheet that cannot be drawn is refused before painting."""
    sheet = os.path.join(folder, "sheet.png")
    for result in (pastiche("grid", *BOTH, "--iterations", "1", "--output", sheet, "--beta",
                            ",".join(str(beta) for beta in range(200))),
                   pastiche("grid", *BOTH, "--iterations", "1", "--output", sheet, "--alpha",
                            ",".join(str(alpha) for alpha in range(500))),
                   pastiche("compare", *BOTH, "--iterations", "1", "--output", os.path.join(folder, "a.png"),
                            "--sheet", sheet, "--at", ",".join(str(at) for at in range(1, 201)))):
        refused(result, 1, "32767", output=sheet)
        assert "iteration" not in result[2], result[2]
    assert not os.listdir(folder)


# Files that a run writes

def test_save_at(folder):
    out = os.path.join(folder, "out.png")
    succeeded(run(out, "--iterations", "6", "--save-at", "2,5"))
    assert sorted(os.listdir(folder)) == ["out-0002.png", "out-0005.png", "out.png"], os.listdir(folder)
    assert size(os.path.join(folder, "out-0002.png")) == SIZE
    succeeded(run(os.path.join(folder, "short.png"), "--iterations", "2"))
    assert same(os.path.join(folder, "short.png"), os.path.join(folder, "out-0002.png"))
    for text in ("", "0", "2.5", "2,x", "2,,3"):
        refused(run(os.path.join(folder, "none.png"), "--save-at", text), 2, "--save-at",
                output=os.path.join(folder, "none.png"))


def test_log(folder):
    log = os.path.join(folder, "loss.csv")
    succeeded(run(os.path.join(folder, "out.png"), "--iterations", "5", "--log", log))
    rows = table(log)
    assert list(rows[0]) == ["iteration", "scale", "width", "height", "evaluations", "seconds", "total",
                             "content", "style",
                             "variation"]
    assert [int(row["iteration"]) for row in rows] == [1, 2, 3, 4, 5], rows
    assert (int(rows[0]["width"]), int(rows[0]["height"])) == SIZE
    numbers = {key: [float(row[key]) for row in rows] for key in rows[0]}
    assert numbers["total"][-1] < numbers["total"][0]
    assert numbers["evaluations"] == sorted(numbers["evaluations"]) and numbers["evaluations"][-1] >= 6
    assert numbers["seconds"] == sorted(numbers["seconds"])
    for row in rows:        # 1, 15 and 4 are the default weights
        total = float(row["content"]) + 15 * float(row["style"]) + 4 * float(row["variation"])
        assert abs(total - float(row["total"])) < 1e-6 * total, row
    refused(run(os.path.join(folder, "b.png"), "--log", os.path.join(folder, "none", "loss.csv")), 1,
            "loss.csv")


def animation(folder, name, frames, last):
    path = os.path.join(folder, name)
    code, _, error = run(os.path.join(folder, "out.png"), "--iterations", "7", "--animation", path,
                         "--animation-every", "3")
    if code == 2 and "built without" in error:
        print(f"# {name}: {error.strip()}")
        return
    assert code == 0, error
    with Image.open(path) as image:
        found = image.n_frames, image.size, image.info["loop"]
        assert found == (frames, SIZE, 0), (*found[:2], image.info)
        image.seek(frames - 1)
        final = image.convert("RGB")
        assert image.info.get("duration", last) == last
    with Image.open(os.path.join(folder, "out.png")) as image:
        difference = ImageChops.difference(final, image.convert("RGB")).convert("L")
        means = [sum(i * n for i, n in enumerate(difference.histogram()))]
    assert means[0] / (SIZE[0] * SIZE[1]) < 8, means


def test_gif(folder):
    animation(folder, "a.gif", 4, 2500)     # after 1, 3, 6 and 7


def test_webp(folder):
    animation(folder, "a.webp", 4, 2500)


def test_animation_memory(folder):
    """The frames of an animation are in a file, not in memory; a run that is stopped completes it."""
    for name in ("a.gif", "a.webp"):
        path = os.path.join(folder, name)
        with start("run", *BOTH, "--output", os.path.join(folder, "out.png"), "--iterations", "100000",
                   "--optimizer", "adam", "--json", "--animation", path, "--animation-every", "1") as process:
            try:
                lines = [process.stdout.readline() for _ in range(100)]
                process.send_signal(signal.SIGSTOP)
                kept = sum(os.stat(os.path.join(folder, other)).st_size for other in os.listdir(folder)
                           if other.startswith(".pastiche-"))
                process.send_signal(signal.SIGCONT)
                process.send_signal(signal.SIGINT)
                _, error = process.communicate(timeout=cli.PATIENCE)
            finally:
                process.kill()
        if "built without" in error:
            print(f"# {name}: {error.strip()}")
            continue
        assert process.returncode == 130 and lines[-1], error
        with Image.open(path) as image:
            frames = image.n_frames
            image.seek(frames - 1)
            image.load()
        assert frames >= 99 and kept > 0.5 * 99 / frames * os.stat(path).st_size, (frames, kept)
        os.remove(path)
    assert os.listdir(folder) == ["out.png"], os.listdir(folder)


def test_animation_refused(folder):
    out = os.path.join(folder, "out.png")
    refused(run(out, "--animation", os.path.join(folder, "a.avi")), 2, ".gif", ".webp", output=out)
    code, _, error = run(out, "--animation", os.path.join(folder, "none", "a.gif"))
    assert (code == 1 and "no folder" in error) or (code == 2 and "built without" in error), error
    assert not os.path.exists(out)
    refused(run(out, "--animation", os.path.join(folder, "a.gif"), "--animation-every", "-1"), 2,
            "--animation-every", output=out)
    refused(run(out, "--animation-every", "3"), 2, "--animation", output=out)


# Contact sheets

def test_grid(folder):
    sheet, kept = os.path.join(folder, "sheet.png"), os.path.join(folder, "kept")
    succeeded(pastiche("grid", *BOTH, "--iterations", "3", "--alpha", "1,9", "--beta", "5,30,200", "--output",
                       sheet, "--folder",
                       kept))
    assert sorted(os.listdir(kept)) == [f"{row}-{column}.png" for row in (1, 2)
                                        for column in (1, 2, 3)], os.listdir(kept)
    assert size(sheet)[0] == 2 * 18 + 3 * 150 + 2 * 14, size(sheet)    # margins, narrowest cells, gaps
    for row, column, alpha, beta in [(1, 1, "1", "5"), (2, 3, "9", "200")]:
        alone = os.path.join(folder, "alone.png")
        succeeded(run(alone, "--iterations", "3", "--alpha", alpha, "--beta", beta))
        assert same(alone, os.path.join(kept, f"{row}-{column}.png")), f"{row}-{column}"
    left = 18
    with Image.open(sheet) as image, Image.open(os.path.join(kept, "1-1.png")) as first:
        cell = image.convert("RGB").crop((left, 18, left + SIZE[0], 18 + SIZE[1]))
        difference = ImageChops.difference(cell, first.convert("RGB"))
        assert max(most for _, most in difference.getextrema()) <= 1       # the file is dithered
    assert not is_plain(sheet, (left, 18 + SIZE[1] + 4, left + 60, 18 + SIZE[1] + 24)), "there is no label"


def test_grid_layers(folder):
    sheet, kept = os.path.join(folder, "sheet.png"), os.path.join(folder, "kept")
    succeeded(pastiche("grid", *BOTH, "--iterations", "3", "--style-layers", "conv1_1", "--style-layers",
                       "conv2_1=2,conv3_1=0.5",
                       "--output", sheet, "--folder", kept))
    assert sorted(os.listdir(kept)) == ["1-1.png", "2-1.png"], os.listdir(kept)
    recipe, alone = os.path.join(folder, "recipe.json"), os.path.join(folder, "alone.png")
    for name, layers in [("1-1.png", '{"conv1_1": 1}'), ("2-1.png", '{"conv2_1": 2, "conv3_1": 0.5}')]:
        with open(recipe, "w") as f:
            f.write('{"style_layers": %s}' % layers)
        succeeded(run(alone, "--iterations", "3", "--recipe", recipe))
        assert same(alone, os.path.join(kept, name)), name
    refused(pastiche("grid", *BOTH, "--style-layers", "conv1_1=x", "--output", sheet), 2, "--style-layers",
            "conv1_1=x")
    refused(pastiche("grid", *BOTH, "--style-layers", "conv9_9", "--output", sheet), 2, "conv9_9")
    refused(pastiche("grid", *BOTH, "--alpha", "1,-1", "--output", sheet), 2, "--alpha", "-1")
    refused(pastiche("grid", *BOTH, "--output", os.path.join(folder, "none", "sheet.png")), 1, "none")


def test_reconstruct(folder):
    sheet, kept = os.path.join(folder, "sheet.png"), os.path.join(folder, "kept")
    succeeded(pastiche("reconstruct", "content", "--content", CONTENT, "--model", PLAIN, "--iterations", "80",
                       "--tv", "0",
                       "--layers", "conv1_1,conv2_1", "--output", sheet, "--folder", kept))
    assert sorted(os.listdir(kept)) == ["conv1_1.png", "conv2_1.png"], os.listdir(kept)
    loss, _ = cli.evaluate(CONTENT, os.path.join(kept, "conv1_1.png"), folder)
    assert loss < 0.1, loss             # a different picture gives more than 1
    assert size(sheet)[0] == 2 * 18 + 3 * 150 + 2 * 14, size(sheet)

    shutil.rmtree(kept)
    succeeded(pastiche("reconstruct", "style", "--style", STYLE, "--model", PLAIN, "--iterations", "5",
                       "--layers", "conv1_1,conv2_1,conv3_1", "--output", sheet, "--folder", kept))
    assert sorted(os.listdir(kept)) == ["conv1_1.png", "conv2_1.png", "conv3_1.png"], os.listdir(kept)
    assert not same(os.path.join(kept, "conv2_1.png"), os.path.join(kept, "conv3_1.png"))

    for words in ([], ["both"], ["content", "style"]):
        refused(pastiche("reconstruct", *words, "--output", sheet), 2, "content", "style")
    refused(pastiche("reconstruct", "style", "--output", sheet), 2, "--style")
    refused(pastiche("reconstruct", "style", *BOTH, "--output", sheet), 2, "content")
    refused(pastiche("reconstruct", "content", "--content", CONTENT, "--model", PLAIN, "--layers", "conv9_9",
                     "--output", sheet), 2,
            "conv9_9")


def test_intermediate_name(folder):
    """An intermediate picture whose name would be too long is refused before the run."""
    output, log = os.path.join(folder, "a" * 250 + ".png"), os.path.join(folder, "loss.csv")
    result = run(output, "--iterations", "3", "--save-at", "2", "--log", log)
    refused(result, 1, "a-0002.png", "cannot be written", output=output)
    assert os.listdir(folder) == [], os.listdir(folder)
    succeeded(run(output, "--iterations", "3", "--save-at", "9"))


def test_compare(folder):
    plot, log, sheet = (os.path.join(folder, name) for name in ("plot.png", "loss.csv", "sheet.png"))
    out, _ = succeeded(pastiche("compare", *BOTH, "--iterations", "8", "--at", "3,8", "--optimizers",
                                "lbfgs,adam:0.05,gd",
                                "--output", plot, "--log", log, "--sheet", sheet))
    assert re.match(r"lbfgs: total loss \S+ after 3 iterations", out), out
    assert len(out.splitlines()) == 3, out
    assert size(plot) == (1060, 440), size(plot)
    assert size(sheet)[0] == 2 * 18 + 2 * 150 + 14, size(sheet)
    rows = table(log)
    assert list(rows[0]) == ["optimizer", "iteration", "evaluations", "seconds", "total", "content", "style",
                             "variation"]
    first = set()
    for name in ("lbfgs", "adam:0.05", "gd"):
        own = [row for row in rows if row["optimizer"] == name]
        assert [int(row["iteration"]) for row in own] == list(range(9)), own
        assert own[0]["evaluations"] == "0"
        assert float(own[-1]["total"]) < float(own[0]["total"]), own
        first.add(own[0]["total"])
    assert len(first) == 1, first
    # Adam's loss after k iterations is that of the picture of a run with k iterations.
    adam = [float(row["content"]) for row in rows if row["optimizer"] == "adam:0.05"]
    assert adam[8] != adam[7]
    with Image.open(plot) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20)}
    assert {(0x00, 0x72, 0xb2), (0xd5, 0x5e, 0x00), (0x00, 0x9e, 0x73)} <= colours

    for text in ("sgd", "", "lbfgs,,gd", "adam:x", "adam:-1"):
        refused(pastiche("compare", *BOTH, "--optimizers", text, "--output", plot), 2, "--optimizers")
    refused(pastiche("compare", *BOTH, "--at", "0", "--output", plot), 2, "--at")


def test_pipe(folder):
    """A pipe is not replaced by a file."""
    for name in ("plot.png", "loss.csv", "gradient.safetensors"):
        os.mkfifo(os.path.join(folder, name))
    plot, log, gradient = (os.path.join(folder, name) for name in ("plot.png", "loss.csv",
                                                                   "gradient.safetensors"))
    refused(pastiche("compare", *BOTH, "--iterations", "2", "--output", plot), 1, "plot.png")
    refused(pastiche("compare", *BOTH, "--iterations", "2", "--output", os.path.join(folder, "x.png"),
                     "--log", log), 1, "loss.csv")
    refused(run(os.path.join(folder, "x.png"), "--log", log), 1, "loss.csv", "a pipe that nobody reads",
            output=os.path.join(folder, "x.png"))
    refused(pastiche("evaluate", "--content", CONTENT, "--style", STYLE, "--image", CONTENT, "--gradient",
                     gradient), 1, "gradient.safetensors")
    assert all(stat.S_ISFIFO(os.stat(path).st_mode) for path in (plot, log, gradient))


def test_compare_nonfinite(folder):
    """An optimiser whose losses are not finite does not end the comparison."""
    log = os.path.join(folder, "loss.csv")
    recipe = os.path.join(folder, "recipe.json")
    with open(recipe, "w") as f:
        f.write('{"tv": 1e9, "tv_formula": "power"}')
    out, error = succeeded(pastiche("compare", *BOTH, "--iterations", "12", "--optimizers", "gd:1000,lbfgs",
                                    "--recipe", recipe,
                                    "--output", os.path.join(folder, "plot.png"), "--log", log))
    assert "numbers" in error, error
    counts = [sum(row["optimizer"] == name for row in table(log)) for name in ("gd:1000", "lbfgs")]
    assert 1 <= counts[0] < 13 and counts[1] > 1, counts


def test_gallery(folder):
    out = os.path.join(folder, "gallery")
    environment = dict(os.environ, XDG_DATA_HOME=folder)
    done = subprocess.run([cli.PROGRAM, "gallery", "--content", CONTENT, "--style", STYLE, "--output", out,
                           "--size", "40",
                           "--iterations", "1"], env=environment, capture_output=True, text=True,
                          timeout=cli.PATIENCE)
    succeeded((done.returncode, done.stdout, done.stderr))
    names = [line.split()[0] for line in succeeded(pastiche("presets"))[0].splitlines()]
    rows = table(os.path.join(out, "gallery.csv"))
    assert [row["preset"] for row in rows] == names, rows
    for row in rows:
        path = os.path.join(out, row["preset"] + ".png")
        assert row["result"] == ("painted" if row["model"] == "slim" else "not installed"), row
        assert os.path.exists(path) == (row["result"] == "painted"), row
        if row["result"] == "painted":
            assert size(path) == (int(row["width"]), int(row["height"])) and max(size(path)) == 40
            assert 1 < float(row["megabytes"]) < 2000 and int(row["iterations"]) >= 1, row
    assert "vgg19" in done.stderr
    width, height = size(os.path.join(out, "gallery.png"))
    assert width > 400 and height > 300
    refused(pastiche("gallery", "--content", CONTENT, "--style", STYLE, "--output", out, "--preset",
                     "strong"), 2, "--preset")


# Batches

def pictures(folder):
    for name, source in [("content_a.png", CONTENT), ("content_b.png", cli.IMAGE), ("style_x.png", STYLE),
                         ("style_y.png", CONTENT)]:
        shutil.copy(source, os.path.join(folder, name))
    return os.path.join(folder, "out")


def batch(*more):
    return pastiche("batch", *more, "--model", PLAIN, "--iterations", "2")


def index(out):
    return {int(row["number"]): row for row in table(os.path.join(out, "index.tsv"), delimiter="\t")}


def state(out):
    return {name: (os.stat(os.path.join(out, name)).st_mtime_ns, os.stat(os.path.join(out, name)).st_ino)
            for name in os.listdir(out) if name != "index.tsv"}


def test_batch(folder):
    out = pictures(folder)
    _, error = succeeded(batch(folder, "--output", out, "--save-at", "1"))
    assert "4 painted, 0 up to date, 0 failed" in error, error
    assert sorted(os.listdir(out)) == sorted(["index.tsv"] + [f"gen_{i}{at}.png" for i in range(4)
                                                              for at in ("", "-0001")])
    pairs = [tuple(os.path.basename(row[key]) for key in ("content", "style"))
             for _, row in sorted(index(out).items())]
    assert pairs == [(f"content_{c}.png", f"style_{s}.png") for c in "ab" for s in "xy"], pairs
    alone = os.path.join(folder, "alone.png")
    succeeded(pastiche("run", "--content", os.path.join(folder, "content_b.png"), "--style",
                       os.path.join(folder, "style_y.png"),
                       "--output", alone, "--model", PLAIN, "--iterations", "2"))
    assert same(alone, os.path.join(out, "gen_3.png"))


def test_batch_crop(folder):
    out = pictures(folder)
    with Image.open(CONTENT) as image:
        image.resize((80, 30)).save(os.path.join(folder, "content_c.png"))
    succeeded(batch(folder, "--output", out))
    assert {size(os.path.join(out, f"gen_{i}.png")) for i in range(6)} == {(45, 30)}
    turned = Image.Exif()
    turned[0x0112] = 6          # a portrait photograph: 30 x 80 after rotation
    with Image.open(os.path.join(folder, "content_c.png")) as image:
        image.convert("RGB").save(os.path.join(folder, "content_d.jpg"), exif=turned)
    succeeded(batch(folder, "--output", os.path.join(folder, "upright"), "--iterations", "1"))
    assert size(os.path.join(folder, "upright", "gen_0.png")) == (30, 30)
    os.remove(os.path.join(folder, "content_d.jpg"))
    succeeded(batch(folder, "--output", out, "--crop", "32x20", "--format", "jpg"))
    assert {size(os.path.join(out, f"gen_{i}.jpg")) for i in range(6)} == {(32, 20)}
    succeeded(batch(folder, "--output", out, "--crop", "none"))
    assert size(os.path.join(out, "gen_4.png")) == (80, 30)
    for text in ("32", "32x", "8x8", "32x20x", "0x0"):
        refused(batch(folder, "--output", out, "--crop", text), 2, "--crop")


def test_batch_resume(folder):
    out = pictures(folder)
    succeeded(batch(folder, "--output", out))
    before = state(out)
    _, error = succeeded(batch(folder, "--output", out))
    assert "0 painted, 4 up to date" in error, error
    assert state(out) == before

    os.remove(os.path.join(out, "gen_2.png"))
    shutil.copy(cli.IMAGE, os.path.join(folder, "style_y.png"))         # changes the style of gen_1 and gen_3
    _, error = succeeded(batch(folder, "--output", out))
    assert "3 painted, 1 up to date" in error, error
    assert state(out)["gen_0.png"] == before["gen_0.png"]

    # sorted first, but the others keep their numbers
    shutil.copy(STYLE, os.path.join(folder, "style_a.png"))
    _, error = succeeded(batch(folder, "--output", out))
    assert "2 painted, 4 up to date" in error, error
    assert sorted(state(out)) == [f"gen_{i}.png" for i in range(6)]
    assert index(out)[4]["style"].endswith("style_a.png"), index(out)
    _, error = succeeded(batch(folder, "--output", out, "--beta", "7"))
    assert "6 painted" in error, error
    _, error = succeeded(batch(folder, "--output", out, "--beta", "7", "--again"))
    assert "6 painted" in error, error

    # Pairs that are not part of this batch keep their numbers, too.
    os.remove(os.path.join(folder, "style_a.png"))
    succeeded(batch(folder, "--output", out, "--beta", "7"))
    assert len(index(out)) == 6, index(out)


def test_batch_same_names(folder):
    """Another network under the same name, or another start picture, makes results out of date; the same ones
    under other names do not."""
    out, start = pictures(folder), os.path.join(folder, "start.png")
    network = os.path.join(folder, "m.safetensors")

    def paint(network=network, start=start):
        return succeeded(pastiche("batch", folder, "--model", network, "--init", start, "--iterations", "2",
                                  "--output", out))[1]

    shutil.copy(PLAIN, network)
    shutil.copy(STYLE, start)
    assert "4 painted, 0 up to date" in paint()
    assert "0 painted, 4 up to date" in paint()
    shutil.copy(start, start + ".png")
    shutil.copy(network, os.path.join(folder, "n.safetensors"))
    assert "0 painted, 4 up to date" in paint(os.path.join(folder, "n.safetensors"), start + ".png")
    shutil.copy(CONTENT, start)
    assert "4 painted, 0 up to date" in paint()
    succeeded(pastiche("weights", "convert", PLAIN, "--output", network, "--pooling", "max"))
    assert "4 painted, 0 up to date" in paint()
    succeeded(pastiche("weights", "convert", PLAIN, "--output", network, "--scale", "3"))
    assert "4 painted, 0 up to date" in paint()
    assert "0 painted, 4 up to date" in paint()


def test_batch_failures(folder):
    out = pictures(folder)
    with open(os.path.join(folder, "content_b.png"), "w") as f:
        f.write("This is no picture.")
    code, _, error = batch(folder, "--output", out)
    assert code == 1, error
    assert "2 painted, 0 up to date, 2 failed" in error and "2 of 4 pictures failed" in error, error
    assert error.count("content_b.png with") == 2, error
    assert sorted(state(out)) == ["gen_0.png", "gen_1.png"], state(out)
    shutil.copy(CONTENT, os.path.join(folder, "content_b.png"))
    _, error = succeeded(batch(folder, "--output", out))
    assert "2 painted, 2 up to date" in error, error

    refused(batch("--output", out), 2, "--pairs")
    refused(batch(folder), 2, "--output")
    refused(batch(folder, "--pairs", "list", "--output", out), 2, "--pairs")
    refused(batch(os.path.join(folder, "none"), "--output", out), 1, "none")
    refused(batch(out, "--output", out), 2, "content_*", "style_*")
    refused(batch(folder, "--output", os.path.join(folder, "content_a.png", "out")), 1, "content_a.png")
    refused(batch(folder, "--output", out, "--format", "bmp"), 2, "bmp")
    with open(os.path.join(out, "index.tsv"), "w") as f:
        f.write("something else\n")
    refused(batch(folder, "--output", out), 1, "index.tsv")
    if os.geteuid() != 0:
        closed = os.path.join(folder, "closed")
        os.mkdir(closed, 0o500)
        refused(batch(folder, "--output", closed), 1, "closed")


def test_batch_pairs(folder):
    pictures(folder)
    out, pairs = os.path.join(folder, "painted"), os.path.join(folder, "pairs")
    shutil.copy(STYLE, os.path.join(folder, "two words.png"))
    with open(pairs, "w") as f:
        f.write("# a comment\n\ncontent_a.png 'two words.png'\n"
                f"content_b.png\tstyle_x.png   # another\n{CONTENT} none.png\n")
    code, _, error = batch("--pairs", pairs, "--output", out)
    assert code == 1 and "2 painted" in error and "none.png" in error, error
    assert sorted(state(out)) == ["gen_0.png", "gen_1.png"], state(out)
    for text, words in [("a b c\n", ["line 1", "3"]), ("\n'a b\n", ["line 2"]),
                        ("# nothing\n", ["no pairs"])]:
        with open(pairs, "w") as f:
            f.write(text)
        refused(batch("--pairs", pairs, "--output", out), 2, *words)
    with open(pairs, "w") as f:
        f.write("'a\tb.png' style_x.png\n")
    refused(batch("--pairs", pairs, "--output", out), 2, "a tab")


def test_batch_interrupt(folder):
    """Ctrl-C leaves complete pictures only, and the same command continues the batch."""
    out = pictures(folder)
    more = (folder, "--output", out, "--model", PLAIN, "--optimizer", "adam")
    succeeded(pastiche("batch", *more, "--iterations", "3"))
    with start("batch", *more, "--iterations", "100000") as process:
        for line in process.stderr:
            if "gen_0" in line:
                break
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 130, f"status {process.returncode}: {error}"
    assert "4 not yet" in error, error
    _, error = succeeded(pastiche("batch", *more, "--iterations", "3"))
    assert "1 painted, 3 up to date" in error, error
    assert all(size(os.path.join(out, name)) == SIZE for name in state(out))


def test_batch_index(folder):
    """A damaged index is refused with the number of the line, and is not changed."""
    out = pictures(folder)
    os.mkdir(out)
    for text, words in [("2147483646\ta\tb\t-\n", ["line 2", "2147483646"]),
                        ("99999999999999999999\ta\tb\t-\n", ["line 2"]),
                        ("-1\ta\tb\t-\n", ["line 2", "-1"]), ("1x\ta\tb\t-\n", ["line 2", "1x"]),
                        ("\ta\tb\t-\n", ["line 2"]),
                        ("4\ta\tb\t-\n\n4\ta\tc\t-\n", ["line 4", "the number 4"]),
                        ("4\ta\tb\t-\n04\ta\tc\t-\n", ["line 3", "the number 4"]),
                        ("4\ta\tb\n", ["line 2", "found 3"]),
                        ("999999999\ta\tb\t-\n", ["no number after 999999999"])]:
        text = "number\tcontent\tstyle\tsum\n" + text
        with open(os.path.join(out, "index.tsv"), "w") as f:
            f.write(text)
        refused(batch(folder, "--output", out), 1, "index.tsv", *words)
        assert os.listdir(out) == ["index.tsv"], os.listdir(out)
        with open(os.path.join(out, "index.tsv")) as f:
            assert f.read() == text
    with open(os.path.join(out, "index.tsv"), "w") as f:
        f.write("number\tcontent\tstyle\tsum\n999999994\ta\tb\t-\n")
    succeeded(batch(folder, "--output", out))
    assert sorted(index(out)) == list(range(999999994, 999999999)), index(out)


def test_killed(folder):
    """The temporary file of a killed run is removed by the next run in the same folder; files with other
    names stay."""
    out = pictures(folder)
    os.mkdir(out)
    kept = ["out-0002.png.HW45Y3", ".pastiche-abc", "pastiche-abcdef"]
    for name in kept + [".pastiche-HW45Y3"]:
        with open(os.path.join(out, name), "w") as f:
            f.write("half a picture")
    more = ("--pairs", os.path.join(folder, "pairs"), "--output", out)
    with open(more[1], "w") as f:
        f.write("content_a.png style_x.png")
    succeeded(batch(*more))
    assert sorted(os.listdir(out)) == sorted(kept + ["gen_0.png", "index.tsv"]), os.listdir(out)

    # Killed while it writes pictures all the time: whatever is left, the next run removes it.
    command = ("batch", *more, "--model", PLAIN, "--iterations", "100000", "--save-every", "1", "--again")
    for i in range(5):
        with start(*command) as process:
            while not os.path.exists(os.path.join(out, f"gen_0-000{i + 3}.png")):
                assert process.poll() is None, process.stderr.read()
            process.kill()
            process.communicate()
        for name in os.listdir(out):
            if name.startswith("gen_0-"):
                os.remove(os.path.join(out, name))
    succeeded(batch(*more))
    assert sorted(os.listdir(out)) == sorted(kept + ["gen_0.png", "index.tsv"]), os.listdir(out)


# The manual page

def sections(text):
    """Maps the title of each .SS and .SH section to the options that its tagged paragraphs document."""
    found, title = {}, None
    for line, after in zip(text.splitlines(), text.splitlines()[1:] + [""]):
        if line.startswith((".SS ", ".SH ")):
            title = line[4:].replace("\\-", "-").strip('"')
            found[title] = set()
        elif line == ".TP":
            found[title] |= set(re.findall(r"--[a-z][a-z-]*", after.replace("\\-", "-")))
    return found


def test_shelf(folder):
    """A painting of the shelf is named instead of a file, by run, evaluate and a list of pairs."""
    lines = succeeded(pastiche("styles"))[0].splitlines()
    assert len(lines) >= 16 and all(re.fullmatch(r"@\S+ +\S.*, .*", line) for line in lines), lines
    own = os.path.join(folder, "data")
    os.makedirs(os.path.join(own, "pastiche/paintings"))
    shutil.copy(STYLE, os.path.join(own, "pastiche/paintings/mine.png"))
    before = os.environ.get("XDG_DATA_HOME")
    os.environ["XDG_DATA_HOME"] = own
    try:
        check_own_painting(folder)
    finally:
        del os.environ["XDG_DATA_HOME"]
        if before is not None:
            os.environ["XDG_DATA_HOME"] = before


def check_own_painting(folder):
    assert succeeded(pastiche("styles"))[0].startswith("@mine "), "the user's own comes first"
    a, b = os.path.join(folder, "a.png"), os.path.join(folder, "b.png")
    few = "--content", CONTENT, "--model", PLAIN, "--iterations", "2", "--output"
    succeeded(pastiche("run", "--style", STYLE, *few, a))
    succeeded(pastiche("run", "--style", "@mine", *few, b))
    assert same(a, b)
    succeeded(pastiche("evaluate", "--content", CONTENT, "--model", PLAIN, "--style", "@mine", "--image", a))
    refused(pastiche("run", "--style", "@nobody", *few, b), 2, "nobody")
    pairs = os.path.join(folder, "pairs")
    with open(pairs, "w") as f:
        f.write(f"{CONTENT} @mine\n")
    succeeded(pastiche("batch", "--pairs", pairs, "--model", PLAIN, "--iterations", "2", "--output",
                       os.path.join(folder, "out")))


def test_manual_options(folder):
    with open(PAGE) as f:
        page = sections(f.read())
    listed = re.findall(r"^  ([a-z]+) ",
                        succeeded(pastiche("--help"))[0].split("Commands:")[1].split("\n\n")[0], re.M)
    assert len(listed) >= 8 and "run" in listed, listed
    shared, used = page["Options of several commands"], set()
    for command in listed:
        assert "pastiche " + command in page, f"the manual page has no section on {command}"
        own = page["pastiche " + command]
        options = set(re.findall(r"^\s+(?:-\w, )?(--[a-z][a-z-]*)", succeeded(pastiche(command, "--help"))[0],
                                 re.M)) - {"--help"}
        missing = options - own - shared
        assert not missing, f"{command}: not in the manual page: {sorted(missing)}"
        assert not own - options, f"{command}: only in the manual page: {sorted(own - options)}"
        used |= options - own
    assert used == shared, f"no command has {sorted(shared - used)}"


def test_manual_presets(folder):
    with open(PAGE) as f:
        page = f.read().replace("\\-", "-")
    for line in succeeded(pastiche("presets"))[0].splitlines():
        assert re.search(r"\b" + line.split()[0] + r"\b", page), line
    for name in ("gatys-2015", "keras", "theano-columbia", "tensorflow-vgg16", "pytorch-vgg19"):
        assert f'(paint "{name}"' in page, f"no Script-Fu example of {name}"


def test_manual_lint(folder):
    checks = [["mandoc", "-Tlint", "-W", "warning", PAGE], ["man", "--warnings", "-E", "UTF-8", "-l",
                                                            "-Tutf8", "-Z", PAGE]]
    there = [check for check in checks if shutil.which(check[0])]
    assert there, "neither mandoc nor man is there"
    for check in there:
        done = subprocess.run(check, capture_output=True, text=True,
                              env=dict(os.environ, MANROFFSEQ="", LC_ALL="C.UTF-8"),
                              timeout=cli.PATIENCE)
        words = done.stdout if check[0] == "mandoc" else ""
        assert not (words + done.stderr).strip(), words + done.stderr
        assert done.returncode == 0, check


if __name__ == "__main__":
    cli.main(globals(), "commands")
