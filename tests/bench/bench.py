# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints time, memory and accuracy of an iteration as tables in Markdown. If PyTorch is installed, it does
the same work for comparison.

    make bench [BENCH="quick"] [BENCH="iteration growth memory threads layers phases methods accuracy
               picture"]

Without names all tables are printed. quick: the tables iteration and phases (or those that are named) for one
size, each measured once.

The programs that are compared run in turn, each in a process of its own. So other load on the machine
affects all alike, and the peak memory is that of one program. Each process reports the median of its
iterations. A table shows the median over the processes."""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = HERE + "/../../demo"
BUILD = os.environ.get("BUILDDIR", ".")
PHASES = "input", "weights", "multiply", "output", "direct", "gram", "loss"


def measure(command, **environment):
    """Runs a program that prints lines "name value". Returns them as a dictionary; "part" is the list of the
    lines of this name."""
    done = subprocess.run([str(c) for c in command], env={**os.environ, **environment}, capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit("%s: %s" % (command[0], done.stderr.strip()))
    values = {"part": []}
    for line in done.stdout.splitlines():
        name, value = line.split(" ", 1)
        if name == "part":
            values["part"].append(value.split())
        else:
            values[name] = value
    return values


def iteration(kind, width, height, runs, *options, **environment):
    return lambda: measure([BUILD + "/tests/bench/iteration", kind, width, height, runs, *options],
                         **environment)


def torch_iteration(kind, width, height, runs, *options):
    return lambda: measure([sys.executable, HERE + "/iteration.py", kind, width, height, runs, *options])


def in_turn(turns, *calls):
    """Makes all calls once in each turn. Returns the list of results of each call."""
    results = [[] for _ in calls]
    for _ in range(turns):
        for call, found in zip(calls, results):
            found.append(call())
    return results


def median(results, name="seconds"):
    return statistics.median(float(r[name]) for r in results)


def table(title, *rows):
    """Prints a table. rows: the first is the head; columns of numbers are right-aligned."""
    rows = [[str(cell) for cell in row] for row in rows]
    right = [any(row[i][:1].isdigit() for row in rows[1:]) for i in range(len(rows[0]))]
    print("\n%s\n" % title)
    for i, row in enumerate(rows):
        print("| " + " | ".join(row) + " |", flush=True)
        if i == 0:
            print("| " + " | ".join("---:" if r else "---" for r in right) + " |")


def gigabytes(byte):
    return "%.3f GB" % (float(byte) / 1e9)


def runs_of(kind, width, height):
    """The number of iterations that take about two seconds."""
    megapixels = width * height / 1e6
    return max(1, min(15, int(2 / (megapixels * (3 if kind == "full" else .35)))))


def whole_iteration(quick, torch):
    sizes = [(512, 384)] if quick else [(256, 192), (512, 384), (1024, 768)]
    rows = [("network, picture", "Pastiche", "PyTorch", "ratio", "memory", "PyTorch's memory")]
    for kind in "slim", "full", "embedded":
        for size in sizes:
            case, beside = (kind, *size, runs_of(kind, *size)), torch and kind != "embedded"
            found = in_turn(1 if quick else 3, *[iteration(*case)] + [torch_iteration(*case)] * beside)
            own, other = found[0], found[-1]
            rows.append(("%s %d x %d" % (kind, *size), "%.3f s" % median(own),
                         "%.3f s" % median(other) if beside else "-",
                         "%.1f" % (median(other) / median(own)) if beside else "-",
                         gigabytes(median(own, "peak")),
                         gigabytes(median(other, "peak")) if beside else "-"))
    table("One iteration: forward pass, five Gram losses and a content loss, backward pass, a step of Adam; "
          "average pooling. embedded: slim with replicated padding and heads, not measured in PyTorch.",
          *rows)


def growth(quick, torch):
    rows = [("network, picture", "megapixels", "seconds", "seconds per megapixel", "memory",
             "bytes per pixel")]
    for kind, sizes in (("slim", [(512, 384), (1024, 768), (2048, 1536), (4096, 3072)]),
                        ("full", [(512, 384), (1024, 768), (2048, 1536)])):
        for size in sizes:
            found = iteration(kind, *size, runs_of(kind, *size))()
            pixels = size[0] * size[1]
            rows.append(("%s %d x %d" % (kind, *size), "%.2f" % (pixels / 1e6),
                         "%.3f" % float(found["seconds"]),
                         "%.3f" % (float(found["seconds"]) / pixels * 1e6), gigabytes(found["peak"]),
                         "%.0f" % (float(found["peak"]) / pixels)))
    table("Growth with the picture.", *rows)


def whole_run(size, optimizer, folder):
    """Planned and used memory in MB of a whole run on the demo's pictures. size: the content's width."""
    from PIL import Image
    recipe, content = folder + "/recipe.json", folder + "/content.png"
    with open(recipe, "w") as f:
        f.write('{"optimizer": "%s"}' % optimizer)
    with Image.open(DEMO + "/picos-de-europa.jpg") as picture:
        picture.convert("RGB").resize((size, size * 3 // 4)).save(content)
    process = subprocess.Popen([BUILD + "/pastiche", "run", "--content", content, "--style",
                                DEMO + "/starry-night.jpg", "--output",
                                folder + "/out.png", "--iterations", "12", "--recipe", recipe],
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    messages = process.stderr.read()
    process.returncode, usage = os.wait4(process.pid, 0)[1:]
    if process.returncode != 0:
        sys.exit("pastiche: " + messages.strip())
    return float(re.search(r"at most (\d+) MB", messages)[1]), usage.ru_maxrss * 1024e-6


def memory(quick, torch):
    rows = [("picture", *["%s: %s" % (optimizer, what) for optimizer in ("L-BFGS", "Adam")
                          for what in ("planned", "used", "ratio")])]
    with tempfile.TemporaryDirectory() as folder:
        for size in (512,) if quick else (256, 512, 1024, 2048):
            row = ["%d x %d" % (size, size * 3 // 4)]
            for optimizer in "lbfgs", "adam":
                planned, used = whole_run(size, optimizer, folder)
                row += ["%.0f MB" % planned, "%.0f MB" % used, "%.2f" % (used / planned)]
            rows.append(row)
    table("Memory of whole runs of the program, with the embedded network, all scales.", *rows)


def threads(quick, torch):
    rows = [("network, 512 x 384", "one thread", "two threads", "ratio", "max pooling, two threads",
             "against average")]
    for kind in "slim", "full":
        case = (kind, 512, 384, runs_of(kind, 512, 384))
        one, two, most = map(median, in_turn(3, iteration(*case, "-t", 1), iteration(*case, "-t", 2),
                                             iteration(*case, "-t", 2, "-p", "max")))
        rows.append((kind, "%.3f s" % one, "%.3f s" % two, "%.2f" % (one / two), "%.3f s" % most,
                     "%+.0f %%" % (100 * (most / two - 1))))
    table("Threads, and pooling.", *rows)


def layers(quick, torch):
    for kind in "full", "slim":
        case = (kind, 512, 384, runs_of(kind, 512, 384))
        found = iteration(*case, "--profile")()
        other = torch_iteration(*case, found["threads"], "layers")() if torch else {"part": []}
        others = {(step, layer): "%.1f" % float(value) for step, layer, value in other["part"]}
        rows = [("layer", "pass", "method", "input", "weights", "multiplication", "output", "direct", "rest",
                 "whole", "GFLOP/s", "PyTorch")]
        for step, layer, method, operations, wall, *phases in found["part"]:
            phases = [float(p) / int(found["threads"]) for p in phases[:5]]
            if step != "else":
                rows.append((layer, step, method, *["%.1f" % p if p else "-" for p in phases],
                             "%.1f" % max(0, float(wall) - sum(phases)),
                             "%.1f" % float(wall), "%.0f" % (float(operations) / float(wall) / 1e6),
                             others.get((step, layer), "-")))
        table("Layer by layer, %s, 512 x 384, in milliseconds of a whole iteration. Input and output: "
              "transforms, with bias, ReLU, masks, pooling and the addition of loss gradients; weights: "
              "transform of kernels whose transform is not stored; direct: the first layer; rest: waiting. "
              "GFLOP/s counts the operations of a direct convolution. PyTorch: the convolution alone." % kind,
              *rows)


def phases(quick, torch):
    names = ("transforms of inputs", "of weights", "multiplication", "transforms of outputs", "first layer",
             "Gram matrices", "loss gradients")
    rows = [("network, 512 x 384", *names, "picture, Adam, waiting", "whole")]
    for kind in "slim", "full":
        found = iteration(kind, 512, 384, runs_of(kind, 512, 384), "--profile")()
        sums = [sum(float(part[5 + i]) for part in found["part"]) / int(found["threads"])
                for i in range(len(PHASES))]
        wall = sum(float(part[4]) for part in found["part"])
        rows.append((kind, *["%.1f ms, %.0f %%" % (s, 100 * s / wall) for s in (*sums, wall - sum(sums))],
                     "%.1f ms" % wall))
    table("Time of the phases of an iteration.", *rows)


def methods(quick, torch):
    names = "auto", "winograd6", "winograd4", "im2col"
    rows = [("network, 512 x 384", *names)]
    for kind in "slim", "full":
        case = (kind, 512, 384, runs_of(kind, 512, 384))
        rows.append((kind, *["%.3f s" % median(r)
                             for r in in_turn(2, *[iteration(*case, PASTICHE_CONV=name) for name in names])]))
    table("Convolution methods. A column uses one method for every layer that it supports; auto: the method "
          "that is chosen for each layer.", *rows)


def accuracy(quick, torch):
    if not torch:
        print("\nAccuracy needs PyTorch, for double precision.")
        return
    for kind in "slim", "full":
        print(flush=True)
        subprocess.run([sys.executable, HERE + "/accuracy.py", BUILD, kind, "256", "192"], check=True)


def painted(size, folder, *options):
    """Paints the demo's photograph, resized to this width, in the default look. Returns seconds, the total
    loss at the end, and the picture's pixels."""
    import numpy
    from PIL import Image
    content, output = folder + "/content.png", folder + "/out.png"
    with Image.open(DEMO + "/picos-de-europa.jpg") as photograph:
        photograph.convert("RGB").resize((size, size * 3 // 4)).save(content)
    begun = time.monotonic()
    done = subprocess.run([BUILD + "/pastiche", "run", "--json", "--content", content, "--style",
                           DEMO + "/starry-night.jpg", "--output", output, *options],
                          capture_output=True, text=True, check=True)
    seconds = time.monotonic() - begun
    with Image.open(output) as picture:
        pixels = numpy.asarray(picture.convert("RGB"), float)
    return seconds, json.loads(done.stdout.splitlines()[-1])["total"], pixels


def picture(quick, torch):
    """Needs numpy and Pillow."""
    sys.path.insert(0, HERE + "/../support")
    import pictures as figures
    rows = [("longer side", "seconds", "loss / after 200 iterations a scale", "lattice x", "lattice y",
             "weave x", "weave y", "left", "right", "top", "bottom")]
    with tempfile.TemporaryDirectory() as folder:
        for size in (384,) if quick else (384, 512, 1024):
            seconds, loss, pixels = painted(size, folder)
            long = painted(size, folder, "--iterations", "200")[1]
            rows.append((size, "%.1f" % seconds, "%.3f" % (loss / long),
                         *["%.2f" % v for v in figures.lattice(pixels) + figures.weave(pixels)
                           + figures.borders(pixels)]))
    table("Pictures of the default look, with the embedded network: time of the whole program; how near the "
          "loss is to a long run's; faults (tests/support/pictures.py): 1 is right.", *rows)


TABLES = {"iteration": whole_iteration, "growth": growth, "memory": memory, "threads": threads,
          "phases": phases, "layers": layers, "methods": methods, "accuracy": accuracy,
          "picture": picture}


def machine():
    """The machine, what the program uses of it, and whether PyTorch is installed."""
    found = iteration("slim", 64, 64, 1)()
    with open("/proc/cpuinfo") as info:
        model = [line.split(":", 1)[1].strip() for line in info
                 if line.startswith(("model name", "CPU part"))][:1]
    version = subprocess.run([sys.executable, "-c", "import torch; print(torch.__version__)"],
                             capture_output=True, text=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    print("%s, %d processors, %.0f GB; %s %s; %s threads, kernels for %s, BLAS %s; %s." % (
        "".join(model) or "unknown processor", len(os.sched_getaffinity(0)), memory,
        os.uname().sysname, os.uname().machine,
        found["threads"], found["kernels"], " ".join(found["blas"].split()[:2]),
        "PyTorch " + version.stdout.strip() if version.returncode == 0 else "PyTorch is not installed"))
    return version.returncode == 0


def main():
    wanted = sys.argv[1:]
    quick = "quick" in wanted
    unknown = [w for w in wanted if w != "quick" and w not in TABLES]
    if unknown:
        sys.exit("bench: no table \"%s\"; there are %s" % (unknown[0], ", ".join(TABLES)))
    names = [w for w in wanted if w != "quick"] or (["iteration", "phases"] if quick else list(TABLES))
    torch = machine()
    for name in names:
        TABLES[name](quick, torch)


main()
