# SPDX-License-Identifier: GPL-3.0-or-later
"""Importers of files that the real programs write, and bad files. Prints TAP; skipped where there is no
PyTorch."""
import json
import os
import subprocess
import sys
import tempfile
import time

try:
    import torch
except ImportError:
    print("1..0 # SKIP no PyTorch for " + sys.executable)
    sys.exit(0)

import numpy as np

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests/data"))
sys.dont_write_bytecode = True
import bad_weights    # noqa: E402
import vgg    # noqa: E402
import weights_files as wf    # noqa: E402

HELPER = os.path.join(BUILD, "tests/weights/import-helper")
MIB = 1 << 20


def helper(*arguments, **more):
    """The JSON lines that the helper prints."""
    done = subprocess.run([HELPER, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, **more)
    if done.returncode != 0 or done.stderr:
        raise AssertionError("import-helper %s: status %d: %s"
                             % (arguments, done.returncode, done.stderr[-500:]))
    return [json.loads(line) for line in done.stdout.splitlines()]


def load(path, *arguments):
    found, = helper("import", *arguments, path)
    if "error" in found:
        raise AssertionError("%s: %s" % (found["error"], found["message"]))
    return found


def relu4_2(folder, path, *arguments):
    """The result of the import, and the features."""
    picture, out = os.path.join(folder, "picture"), os.path.join(folder, "features")
    vgg.picture().tofile(picture)
    found = load(path, "--features", "relu4_2", "--features", picture, "--features", out, *arguments)
    return found, np.fromfile(out, "<f4")


def near(a, b):
    return np.linalg.norm(a - b.ravel()) / np.linalg.norm(b)


def ok(condition, text):
    if not condition:
        raise AssertionError(text)


def says(found, source):
    """Whether the model normalises its input like source."""
    return all(np.allclose(found[key], source[key], rtol=1e-6) for key in source)


def writers():
    """(file name, normalisation, function that writes it) for the same weights."""
    def parameters(tensors):
        return {name: torch.nn.Parameter(value) for name, value in wf.torchvision(tensors).items()}

    def channels_last(tensors):
        return {name: value.to(memory_format=torch.channels_last) if value.dim() == 4 else value
                for name, value in wf.named(tensors).items()}

    def views(tensors):
        state = wf.torchvision(tensors)
        flat, at, out = torch.cat([value.ravel() for value in state.values()]), 0, {}
        for name, value in state.items():
            out[name] = flat[at:at + value.numel()].view(value.shape)
            at += value.numel()
        return out

    for form in ("legacy", "zip"):
        def torch_file(make, **more):
            return lambda path, tensors, form=form: wf.save(path, make(tensors), form, **more)

        vision = vgg.TORCHVISION
        yield form + ".pth", vision, torch_file(wf.torchvision)
        yield form + "-named.pth", vision, torch_file(wf.named)
        yield form + "-parallel.pth", vision, torch_file(
            lambda t: wf.torchvision(t, prefix="module.features."))
        yield form + "-plain.pth", vision, torch_file(lambda t: wf.torchvision(t, prefix=""))
        yield form + "-nested.pth", vision, torch_file(
            lambda t: {"epoch": 3, "lr": 0.1, "optimizer": {"state": {0: torch.ones(3)}},
                                                                  "state_dict": {"model": wf.torchvision(t)}})
        yield form + "-classifier.pth", vision, torch_file(
            lambda t: {**wf.torchvision(t), "classifier.0.weight": torch.ones(9, 9),
                                                                      "n": torch.tensor(7), "best": 0.5,
                       "names": ["a", None]})
        yield form + "-parameters.pth", vision, torch_file(parameters)
        yield form + "-channels-last.pth", vision, torch_file(channels_last)
        yield form + "-views.pth", vision, torch_file(views)
        yield form + "-double.pth", vision, torch_file(
            lambda t: {k: v.double() for k, v in wf.torchvision(t).items()})
        for protocol in (3, 4, 5):
            yield "%s-protocol-%d.pth" % (
                form, protocol), vision, torch_file(wf.torchvision, pickle_protocol=protocol)
        yield form + "-caffe-d01eb7cb.pth", vgg.CAFFE, torch_file(wf.torchvision)

    yield "deflated.zip.pth", vgg.TORCHVISION, write_zip(deflated=True)
    yield "big-endian.zip.pth", vgg.TORCHVISION, write_zip(big=True)
    yield "plain.npz", vgg.RGB, lambda path, t: np.savez(path, **wf.npz_arrays(t), fc6_W=np.ones((9, 9)),
                                                         fc6_b=np.ones(9))
    yield "compressed.npz", vgg.RGB, lambda path, t: np.savez_compressed(path, **wf.npz_arrays(t))
    yield "fortran.npz", vgg.RGB, lambda path, t: np.savez(path, **wf.npz_arrays(t, fortran=True))
    yield "big-endian.npz", vgg.RGB, lambda path, t: np.savez(path, **wf.npz_arrays(t, ">f4"))
    yield "double.npz", vgg.RGB, lambda path, t: np.savez(path, **wf.npz_arrays(t, ">f8"))
    yield "foreign.safetensors", vgg.TORCHVISION, wf.save_safetensors


def write_zip(deflated=False, big=False):
    """torch.save's archive with the other byte order, or compressed."""
    def write(path, tensors):
        state = wf.torchvision(tensors)
        storages, calls = bad_weights.storages(state)
        if big:
            for storage in storages:
                storage.numbers = storage.numbers.astype(">f4")
        with open(path, "wb") as file:
            file.write(wf.zipped(calls, storages, 8 if deflated else 0,
                                 [("archive/byteorder", b"big" if big else b"little")]))
    return write


def test_formats(folder):
    """Every writer's file gives the same weights."""
    tensors = vgg.weights()
    fixed = ["--order", "2,1,0", "--scale", "2", "--mean", "0.5,0.6,0.7", "--std", "0.5,1,2"]
    prepared = {"order": (2, 1, 0), "scale": 2, "mean": (0.5, 0.6, 0.7), "std": (0.5, 1, 2)}
    expected, first = vgg.features(tensors, vgg.picture(), "conv4_2", prepared), None
    for name, source, write in writers():
        path = os.path.join(folder, name)
        write(path, tensors)
        found = load(path)
        ok(says(found, source) and found["padding"] == "zero" and found["pooling"] == "max",
           "%s: %s" % (name, found))
        found, features = relu4_2(folder, path, *fixed)
        first = (found["sum"], features) if first is None else first
        ok(says(found, prepared), "%s: %s" % (name, found))
        ok(found["sum"] == first[0] and np.array_equal(features, first[1]),
           name + ": other weights than in the first file")
        ok(near(features, expected) < 1e-5, "%s: %g from PyTorch" % (name, near(features, expected)))
        yield "same weights: " + name


def test_networks(folder):
    """Networks, whole and in part, with their sources' own preprocessing."""
    for net, channels, last, form in [(19, vgg.SLIM, "conv5_4", "pth"), (16, vgg.SLIM, "conv5_3", "pth"),
                                      (16, vgg.SLIM, "conv5_1", "npz"), (19, vgg.SLIM, "conv4_2", "pth"),
                                      (16, (3, 1, 2, 5), "conv4_2", "npz"),
                                      (19, (64, 128, 256, 512), "conv4_2", "npz")]:
        tensors, path = vgg.weights(net, channels, last), os.path.join(folder, "a." + form)
        if form == "pth":
            wf.save(path, wf.torchvision(tensors, net), "zip")
        else:
            np.savez(path, **wf.npz_arrays(tensors))
        found, features = relu4_2(folder, path)
        convs = [name for name in found["layers"] if name.startswith("conv")]
        ok(convs == vgg.names(net, last), "%s" % convs)
        ok(found["layers"][2] == "pool1" and not found["layers"][-1].startswith("pool"),
           "%s" % found["layers"])
        ok("VGG-%d to %s" % (net, last) in found["source"], found["source"])
        ok(("University of Oxford" in found["licence"]) == (channels[0] == 64), found["licence"])
        expected = vgg.features(tensors, vgg.picture(), "conv4_2",
                                vgg.TORCHVISION if form == "pth" else vgg.RGB)
        ok(near(features, expected) < 1e-5, "%g from PyTorch" % near(features, expected))
        yield "VGG-%d to %s, %d channels, .%s" % (net, last, channels[0], form)


def test_types(folder):
    """Half and bfloat16: every number is exact."""
    tensors = vgg.weights(19, vgg.SLIM, "conv4_2")
    for dtype in (torch.float16, torch.bfloat16):
        rounded = {name: tuple(torch.from_numpy(a).to(dtype).float().numpy() for a in pair)
                   for name, pair in tensors.items()}
        wf.save(os.path.join(folder, "single.pth"), wf.torchvision(rounded), "zip")
        expected = load(os.path.join(folder, "single.pth"))["sum"]
        for form in ("legacy", "zip"):
            wf.save(os.path.join(folder, "a.pth"), {k: v.to(dtype)
                                                    for k, v in wf.torchvision(tensors).items()}, form)
            ok(load(os.path.join(folder, "a.pth"))["sum"] == expected, "%s %s" % (dtype, form))
            yield "%s, %s" % (dtype, form)
        if dtype == torch.float16:
            np.savez(os.path.join(folder, "a.npz"), **wf.npz_arrays(tensors, "<f2"))
            ok(load(os.path.join(folder, "a.npz"))["sum"] == expected, ".npz")
            yield "%s, .npz" % dtype


def slim_state(tensors, heads, matrix, offset):
    """A state dict with the names of "Collaborative Distillation"."""
    state = {"conv0.weight": torch.tensor(matrix, dtype=torch.float32).view(3, 3, 1, 1),
             "conv0.bias": torch.tensor(offset)}
    for name, (weight, bias) in tensors.items():
        state[name.replace("_", "") + ".weight"] = torch.from_numpy(weight)
        state[name.replace("_", "") + ".bias"] = torch.from_numpy(bias)
    for name, (weight, bias) in heads.items():
        state[name.replace("_", "") + "_aux.weight"] = torch.from_numpy(weight)
        state[name.replace("_", "") + "_aux.bias"] = torch.from_numpy(bias)
    return {"epoch": 20, "model": state}


def test_first_layer(folder):
    """A 1x1 layer before all others, for both paddings, and heads."""
    path, tensors = os.path.join(folder, "a.pth"), vgg.weights(19, vgg.SLIM, "conv5_1")
    matrix, offset = [[-0.2, -0.1, 255], [0.03, 255, 0.05], [255.3, 0.3, 0.3]], [-104.3, -116.8, -123.4]
    heads = {"conv1_1": (np.ones((9, 6, 1, 1), "<f4"), np.zeros(9, "<f4")),
             "conv4_1": (np.ones((5, 7, 1, 1), "<f4"), np.zeros(5, "<f4"))}
    wf.save(path, slim_state(tensors, heads, matrix, offset), "legacy")
    picture = (vgg.picture().reshape(-1, 3) @ np.array(matrix).T + offset).reshape(vgg.picture().shape)
    plain = {"order": (0, 1, 2), "scale": 1, "mean": (0, 0, 0), "std": (1, 1, 1)}
    for padding in ("replicate", "zero"):
        found, features = relu4_2(folder, path, "--padding", padding)
        expected = vgg.features(tensors, picture, "conv4_2", plain, padding)
        ok(found["padding"] == padding and near(features, expected) < 1e-5,
           "%g from PyTorch" % near(features, expected))
        yield "first layer folded, padding " + padding
    found = load(path)
    ok(found["padding"] == "replicate" and "reflection" in found["source"] and found["licence"] == "",
       "%s" % found)
    yield "padding by reflection is mentioned"
    for name, bad in [("singular", [[1, 2, 3], [2, 4, 6], [0, 0, 1]]), ("zero", [[0] * 3] * 3)]:
        wf.save(path, slim_state(tensors, {}, bad, offset), "legacy")
        found, = helper("import", path)
        ok(found.get("error") == "SHAPE" and "conv0" in found["message"], "%s" % found)
        yield "first layer that is %s is refused" % name


def test_options(folder):
    path = os.path.join(folder, "Some Weights.v2.npz")
    np.savez(path, **wf.npz_arrays(vgg.weights(19, vgg.SLIM, "conv4_2")))
    found = load(path)
    ok(found["name"] == "Some Weights.v2", found["name"])
    yield "name from the file's"
    found = load(path, "--name", "mine", "--padding", "replicate", "--pooling", "average", "--mean", "1,2,3")
    ok((found["name"], found["padding"], found["pooling"]) == ("mine", "replicate", "average")
       and found["mean"] == [1, 2, 3],
       "%s" % found)
    yield "overridden"
    found, = helper("import", "--std", "1,0,1", path)
    ok(found.get("error") == "FORMAT", "%s" % found)
    yield "overridden with what makes no sense"
    os.rename(path, os.path.join(folder, "a.html"))
    load(os.path.join(folder, "a.html"))
    yield "whatever its name is"
    found, = helper("import", folder)
    ok(found.get("error") == "FORMAT" and "folder" in found["message"], "%s" % found)
    found, = helper("import", os.path.join(folder, "nothing.pth"))
    ok(found.get("error") == "g-file-error-quark", "%s" % found)
    os.mkfifo(os.path.join(folder, "pipe.pth"))
    found, = helper("import", os.path.join(folder, "pipe.pth"), timeout=300)
    ok(found.get("error") == "FORMAT", "%s" % found)
    yield "a folder, nothing, a pipe"


def test_conversion(folder):
    tensors = vgg.weights(19, vgg.FULL, "conv1_2")
    path, out = os.path.join(folder, "a.npz"), os.path.join(folder, "out.safetensors")
    np.savez(path, **wf.npz_arrays(tensors))
    before = load(path, "--save", out)
    after = load(out)
    ok(after["sum"] == before["sum"] and says(after, vgg.RGB) and after["licence"] == before["licence"] and
       after["source"] == before["source"] and "Oxford" in after["licence"]
       and "CC BY 4.0" in after["licence"], "%s" % after)
    yield "converted to float32: the same weights, licence and source"
    load(path, "--save-half", out)
    after = load(out)
    rounded = {name: tuple(a.astype("<f2").astype("<f4") for a in pair) for name, pair in tensors.items()}
    np.savez(path, **wf.npz_arrays(rounded))
    ok(after["sum"] == load(path)["sum"] and os.path.getsize(out) < 90000, "%s" % after)
    yield "converted to float16"
    with open(out, "rb") as file:
        content = file.read()
    tensors["conv1_2"] = (tensors["conv1_2"][0] * 1e6, tensors["conv1_2"][1])
    np.savez(path, **wf.npz_arrays(tensors))
    found, = helper("import", "--save-half", out, path)
    with open(out, "rb") as file:
        same = file.read() == content
    ok(found.get("error") == "ARGUMENT" and same and len(os.listdir(folder)) == 2, "%s" % found)
    yield "a conversion that fails leaves what was there"


def test_bad_files(folder):
    """Every bad file gives its error. All run in one process, so that a crash or an executed pickle is
    noticed."""
    expected = []
    for name, error, data in bad_weights.files(folder):
        path = os.path.join(folder, "%03d-%s" % (len(expected), name))
        with open(path, "wb") as file:
            file.write(data)
        expected.append((name, error, path))
    start = time.time()
    found = helper("import", *(path for _, _, path in expected), cwd=folder)
    seconds = time.time() - start
    for (name, error, path), line in zip(expected, found):
        ok(line.get("error") == error, "%s: expected %s, found %s" % (name, error,
                                                                      line.get("message", "a model")))
        ok(path in line["message"], line["message"])
        ok(len(line["message"]) <= len(path) + 1002, "%s: a message of %d characters" % (name,
                                                                                    len(line["message"])))
        ok(line["peak"] < 400 * MIB, "%s: %d MiB" % (name, line["peak"] / MIB))
    ok(len(found) == len(expected) and not os.path.exists(os.path.join(folder, "pickle-was-run")),
       "something was run")
    yield "%d bad files in %.1f s, %d MiB" % (len(expected), seconds, found[-1]["peak"] / MIB)
    page = next(line for (name, _, _), line in zip(expected, found) if name == "page.pth")
    ok("web page" in page["message"], page["message"])
    system = next(line for (name, _, _), line in zip(expected, found) if name == "os-system.zip.pth")
    ok("system" in system["message"], system["message"])
    yield "messages say what it is"


def test_corpus(folder):
    """The fuzzing corpus: good files load, bad ones give errors."""
    corpus = os.path.join(SOURCE, "tests/fuzz/corpus")
    for name in sorted(os.listdir(corpus)):
        paths = [os.path.join(corpus, name, file) for file in sorted(os.listdir(os.path.join(corpus, name)))]
        found = helper("import", *paths, cwd=folder)
        good = [path for path, line in zip(paths, found) if "error" not in line]
        ok(len(found) == len(paths) and all(path in good for path in paths if "/good-" in path), name)
        yield "corpus %s: %d files, %d load" % (name, len(paths), len(good))


def test_cut_and_changed(folder):
    tensors = bad_weights.small()
    for form in ("legacy", "zip"):
        wf.save(os.path.join(folder, form + ".pth"), wf.torchvision(tensors), form)
    np.savez(os.path.join(folder, "plain.npz"), **wf.npz_arrays(tensors))
    np.savez_compressed(os.path.join(folder, "compressed.npz"), **wf.npz_arrays(tensors))
    wf.save_safetensors(os.path.join(folder, "foreign.safetensors"), tensors)
    for name in sorted(os.listdir(folder)):
        cut, = helper("truncate", os.path.join(folder, name))
        ok(cut["good"] == 0, "%s: %d of %d loaded" % (name, cut["good"], cut["files"]))
        changed, = helper("flip", os.path.join(folder, name))
        yield "%s: cut off at each of %d bytes; one changed, %d load" % (name, cut["files"], changed["good"])


def test_full(folder):
    """VGG-19 of full size, 550 MB; only the convolutions are kept."""
    tensors = vgg.weights(19, vgg.FULL)
    kept = sum(a.nbytes for pair in tensors.values() for a in pair)
    rest = {"0": (4096, 25088), "3": (4096, 4096), "6": (1000, 4096)}
    sums = set()
    for name in ("legacy.pth", "zip.pth", "plain.npz", "foreign.safetensors"):
        path = os.path.join(folder, name)
        if name.endswith("npz"):
            np.savez(path, **wf.npz_arrays(tensors), fc6_W=np.full(rest["0"], 0.1, "<f4"),
                     fc7_W=np.full(rest["3"], 0.1, "<f4"))
        elif name.endswith("safetensors"):
            wf.save_safetensors(path, tensors)
        else:
            wf.save(path, {**wf.torchvision(tensors),
                           **{"classifier.%s.weight" % k: torch.full(v, 0.1) for k, v in rest.items()}},
                    name.split(".")[0])
        size, found = os.path.getsize(path), load(path)
        sums.add(found["sum"])
        os.unlink(path)
        if not name.endswith("safetensors"):    # mapped, and so counted twice
            ok(found["peak"] < kept + 40 * MIB, "%s: %d MiB for %d" % (name, found["peak"] / MIB, kept / MIB))
        yield "VGG-19, %s of %d MiB: %.2f s, %d MiB at most, of which %d are kept" % (
            name, size / MIB, found["seconds"], found["peak"] / MIB, kept / MIB)
    ok(len(sums) == 1, "other weights in another format")


def main():
    failed = number = 0
    for test in (test_formats, test_networks, test_types, test_first_layer, test_options, test_conversion,
                 test_bad_files,
                 test_corpus, test_cut_and_changed, test_full):
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
