# SPDX-License-Identifier: GPL-3.0-or-later
"""Importers of Keras, MatConvNet and Caffe files, written by the real libraries, and bad files. Prints
TAP; skipped where one of those libraries is missing."""
import json
import os
import subprocess
import sys
import tempfile
import time

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests/data"))
sys.dont_write_bytecode = True
try:
    import google.protobuf    # noqa: F401
    import h5py    # noqa: F401
    import numpy as np
    import scipy.io    # noqa: F401
    import torch
    import foreign_files as ff
    ff.Matio()
except (ImportError, OSError) as e:
    print("1..0 # SKIP %s for %s" % (e, sys.executable))
    sys.exit(0)

import bad_foreign_files    # noqa: E402
import vgg    # noqa: E402
import weights_files    # noqa: E402

HELPER = os.path.join(BUILD, "tests/weights/import-helper")
MIB = 1 << 20


def helper(*arguments, **more):
    """The JSON lines that the helper prints."""
    done = subprocess.run([HELPER, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, **more)
    if done.returncode != 0 or done.stderr:
        raise AssertionError("import-helper %s: status %d: %s"
                             % (arguments[:3], done.returncode, done.stderr[-500:]))
    return [json.loads(line) for line in done.stdout.splitlines()]


def ok(condition, text):
    if not condition:
        raise AssertionError(text)


def relu4_2(folder, path, *arguments):
    """The result of the import, and the features."""
    picture, out = os.path.join(folder, "picture"), os.path.join(folder, "features")
    vgg.picture().tofile(picture)
    found, = helper("import", "--features", "relu4_2", "--features", picture, "--features", out, *arguments,
                    path)
    return found, np.fromfile(out, "<f4")


def near(a, b):
    return np.linalg.norm(a - b.ravel()) / np.linalg.norm(b)


def says(found, source):
    """Whether the model normalises its input like source."""
    return all(np.allclose(found[key], source[key], rtol=1e-6) for key in source)


def writers():
    """(file name, normalisation, function that writes it)"""
    fully = {"fc6": (np.ones((9, 4, 7, 7), "<f4"), np.ones(9, "<f4")),
             "fc7": (np.ones((9, 9, 1, 1), "<f4"), np.ones(9, "<f4"))}
    flat = {"fc1": (np.ones((9, 4), "<f4"), np.ones(9, "<f4"))}

    def write(function, **options):
        return lambda path, weights: function(path, weights, **options)

    for layout in ("old", "new"):
        for name, options in [("", {}), ("-model", {"root": "model_weights", "other": flat}),
                              ("-big-endian", {"dtype": ">f4"}),
                              ("-double", {"dtype": "<f8"}), ("-chunks", {"chunks": True}),
                              ("-packed", {"chunks": True, "compression": "gzip"}),
                              ("-shuffled", {"chunks": True, "compression": "gzip", "shuffle": True,
                                             "compression_opts": 9})]:
            yield "keras-%s%s.h5" % (layout, name), vgg.CAFFE, write(ff.write_keras, layout=layout, **options)
        yield "keras-%s-odd-chunks.h5" % layout, vgg.CAFFE, write_odd_chunks(layout)
        for compress in (True, False):
            name = "%s%s.mat" % (layout, "" if compress else "-plain")
            yield "scipy-" + name, vgg.RGB, write(ff.write_matconvnet_scipy, layout=layout, compress=compress,
                                                  other=fully)
            yield "matio-" + name, vgg.RGB, write(ff.write_matconvnet_matio, layout=layout, compress=compress)
        yield "mean-image-%s.mat" % layout, vgg.RGB, write(ff.write_matconvnet_scipy, layout=layout,
                                                           mean_size=5)
    for layout in ("v1", "new"):
        for packed in (True, False):
            for shape in (True, False):
                yield "%s-%s-%s.caffemodel" % (layout, "packed" if packed else "single",
                                               "shape" if shape else "num"), vgg.CAFFE, \
                    write(ff.write_caffe, layout=layout, packed=packed, shape=shape, other=fully)


def write_odd_chunks(layout):
    """Chunks that do not divide the dataset, and trees of several levels."""
    def write(path, weights):
        ff.write_keras(path, weights, layout)
        with h5py.File(path, "r+") as file:
            found = []
            file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
            for name in found:
                data = file[name][()]
                del file[name]
                chunks = {4: (2, 2, 3, 2), 1: (3,)}[data.ndim]
                file.create_dataset(name, data=data, chunks=tuple(map(min, chunks, data.shape)),
                                    compression="gzip", shuffle=True)
    return write


def test_formats(folder):
    """Every writer's file gives the same weights as a safetensors file."""
    weights = vgg.weights()
    fixed = ["--order", "2,1,0", "--scale", "2", "--mean", "0.5,0.6,0.7", "--std", "0.5,1,2"]
    prepared = {"order": (2, 1, 0), "scale": 2, "mean": (0.5, 0.6, 0.7), "std": (0.5, 1, 2)}
    first = os.path.join(folder, "first.safetensors")
    weights_files.save_safetensors(first, weights)
    found, first = relu4_2(folder, first, *fixed)
    expected, total = vgg.features(weights, vgg.picture(), "conv4_2", prepared), found["sum"]
    for name, source, write in writers():
        path = os.path.join(folder, name)
        write(path, weights)
        found, features = relu4_2(folder, path, *fixed)
        ok(found["sum"] == total and np.array_equal(features, first),
           name + ": other weights than in the safetensors file")
        ok(near(features, expected) < 1e-5, "%s: %g from PyTorch" % (name, near(features, expected)))
        found, features = relu4_2(folder, path)
        ok(says(found, source), "%s: %s" % (name, found))
        own = vgg.features(weights, vgg.picture(), "conv4_2", source)
        ok(near(features, own) < 1e-5, "%s: %g from PyTorch" % (name, near(features, own)))
        yield "same weights: " + name


def test_networks(folder):
    for net, channels, last, write, name in [
            (16, vgg.SLIM, "conv5_3", ff.write_keras, "a.h5"),
                                             (16, vgg.SLIM, "conv5_3", ff.write_matconvnet_scipy, "a.mat"),
            (16, vgg.SLIM, "conv5_3", ff.write_caffe, "a.caffemodel"),
                                             (19, (1, 1, 2, 1), "conv4_2", ff.write_keras, "a.h5"),
            (19, (1, 1, 2, 1), "conv4_2", ff.write_matconvnet_scipy, "a.mat"),
            (19, (3, 1, 2, 5), "conv4_2", ff.write_caffe, "a.caffemodel")]:
        weights, path = vgg.weights(net, channels, last), os.path.join(folder, name)
        write(path, weights)
        found, features = relu4_2(folder, path)
        ok([layer for layer in found["layers"] if layer.startswith("conv")] == vgg.names(net, last),
           "%s" % found["layers"])
        expected = vgg.features(weights, vgg.picture(), "conv4_2", vgg.RGB if name == "a.mat" else vgg.CAFFE)
        ok(near(features, expected) < 1e-5, "%g from PyTorch" % near(features, expected))
        yield "VGG-%d to %s, %s" % (net, last, name)


def test_bad_files(folder):
    for kind, make in bad_foreign_files.FORMATS.items():
        expected = []
        for name, error, data in make(folder):
            path = os.path.join(folder, "%03d-%s" % (len(expected), name))
            with open(path, "wb") as file:
                file.write(data)
            expected.append((name, error, path))
        start = time.time()
        found = helper("import", *(path for _, _, path in expected))
        seconds = time.time() - start
        ok(len(found) == len(expected), "%d lines" % len(found))
        for (name, error, path), line in zip(expected, found):
            ok(line.get("error") == error, "%s: expected %s, found %s" % (name, error,
                                                                          line.get("message", "a model")))
            ok(error is None or path in line["message"], "%s" % line)
            # Of a much-work file 2 GiB are read, until its budget ends; AddressSanitizer keeps freed blocks.
            work = name.startswith("much-work")
            ok(line["peak"] < (400 if work else 100) * MIB and (work or line["seconds"] < 3),
               "%s: %d MiB, %.1f s" % (name, line["peak"] / MIB, line["seconds"]))
        yield "%s: %d files, most of them bad, in %.1f s, %d MiB" % (
            kind, len(expected), seconds, found[-1]["peak"] / MIB)


def test_cut_and_changed(folder):
    """Truncated at each byte: a file that still loads has fewer layers, or lacks the last variable."""
    weights = bad_foreign_files.small()
    first = {"conv1_1": weights["conv1_1"]}
    for name, write, good in [("old.h5", lambda p: ff.write_keras(p, weights), 0),
                              ("new.h5", lambda p: ff.write_keras(p, weights, "new"), 0),
                              ("packed.h5", lambda p: ff.write_keras(p, first, chunks=True,
                                                                     compression="gzip"), 0),
                              ("new.mat", lambda p: ff.write_matconvnet_scipy(p, weights), 1),
                              ("plain.mat", lambda p: ff.write_matconvnet_matio(p, weights, "old", False), 0),
                              ("v1.caffemodel", lambda p: ff.write_caffe(p, weights), 3),
                              ("new.caffemodel", lambda p: ff.write_caffe(p, weights, layout="new",
                                                                          packed=False), 3)]:
        path = os.path.join(folder, name)
        write(path)
        cut, = helper("truncate", path)
        ok(cut["good"] <= good, "%s: %d of %d loaded" % (name, cut["good"], cut["files"]))
        changed, = helper("flip", path)
        yield "%s: cut off at each of %d bytes, %d load; one changed, %d load" % (
            name, cut["files"], cut["good"], changed["good"])


def full_writers(net):
    """Whole files of full size; the fully connected layers are constant, so they compress well."""
    ones = np.ones(4096, "<f4")
    big = {"fc6": (np.full((4096, 512, 7, 7), 0.1, "<f4"), ones),
           "fc7": (np.full((4096, 4096, 1, 1), 0.1, "<f4"), ones)}
    yield "keras.h5", lambda path, weights: ff.write_keras(path, weights)
    yield "packed.h5", lambda path, weights: ff.write_keras(path, weights, "new", chunks=True,
                                                            compression="gzip",
                                                            compression_opts=1)
    yield "matconvnet.mat", lambda path, weights: ff.write_matconvnet_scipy(path, weights, other=big)
    yield "caffe.caffemodel", lambda path, weights: ff.write_caffe(
        path, weights, other=big, layout="v1" if net == 19 else "new")


def test_full(folder):
    """Files of full size; only the convolutions are kept."""
    for net, names in ((19, ("keras.h5", "packed.h5", "matconvnet.mat", "caffe.caffemodel")),
                       (16, ("keras.h5", "caffe.caffemodel"))):
        weights = vgg.weights(net, vgg.FULL)
        kept = sum(a.nbytes for pair in weights.values() for a in pair)
        sums = set()
        for name, write in full_writers(net):
            if name not in names:
                continue
            path, start = os.path.join(folder, name), time.time()
            write(path, weights)
            writing, size, (found,) = time.time() - start, os.path.getsize(path), helper("import", path)
            os.unlink(path)
            ok("error" not in found, found.get("message"))
            sums.add(found["sum"])
            ok(found["peak"] < kept + 30 * MIB, "%s: %d MiB for %d" % (name, found["peak"] / MIB, kept / MIB))
            yield "VGG-%d, %s of %d MiB: %.2f s, %d MiB at most, of which %d are kept (written in %.1f s)" % (
                net, name, size / MIB, found["seconds"], found["peak"] / MIB, kept / MIB, writing)
        ok(len(sums) == 1, "other weights in another format")


def main():
    torch.set_num_threads(1)
    failed = number = 0
    for test in (test_formats, test_networks, test_bad_files, test_cut_and_changed, test_full):
        if sys.argv[1:] and test.__name__ not in sys.argv[1:]:
            continue
        start = time.time()
        with tempfile.TemporaryDirectory() as folder:
            try:
                for text in test(folder):
                    number += 1
                    print("ok %d %s" % (number, text), flush=True)
            except Exception as e:    # noqa: BLE001
                number += 1
                failed += 1
                print("not ok %d %s: %s: %s" % (number, test.__name__, type(e).__name__,
                                               str(e).replace("\n", " ")), flush=True)
        print("# %s: %.1f s" % (test.__name__, time.time() - start), flush=True)
    print("1..%d" % number)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
