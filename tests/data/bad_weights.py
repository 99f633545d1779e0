# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad files of weights, each with the expected error: `python3 bad_weights.py FOLDER` writes them
out. Each differs in one point from small (). Truncated files and files with a byte
changed are made by import-helper."""
import io
import os
import pickle
import struct
import sys
import warnings
import zipfile
import zlib
from collections import OrderedDict

import numpy as np
import torch

import vgg
from reference import write_safetensors
from weights_files import (Call, Storage, archive, dump, legacy, legacy_magic, named, npy, npz_arrays, tensor,
                           torchvision, zipped)

warnings.filterwarnings("ignore", "Duplicate name")
DEEP = 20000
HUGE = 2 ** 53


def small():
    """The first two layers of a VGG."""
    return vgg.weights(19, (2, 2), "conv1_2")


def storages(state):
    """([Storage], {name: call that makes the tensor}) of a state dict of torch's."""
    all_of = [Storage(str(i), value.numpy().ravel()) for i, value in enumerate(state.values())]
    return all_of, OrderedDict((name, tensor(storage, tuple(value.shape)))
                               for storage, (name, value) in zip(all_of, state.items()))


def much_work():
    """(name, error, bytes): a small archive whose tensor lies behind 2.4 GB of zeros, which must be inflated
    first."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    unit = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    count = 2300
    storage = Storage("0", np.zeros(0, "<f4"), claimed=count << 18)
    state = OrderedDict((name, tensor(storage, shape, first=storage.claimed - 100))
                        for name, shape in (("conv1_1.weight", (2, 3, 3, 3)), ("conv1_1.bias", (2,))))
    entries = [("archive/data.pkl", 0, dump(state), None),
               ("archive/data/0", 8, unit * count + b"\3\0", count << 20)]
    files, directory = b"", b""
    for name, method, data, size in entries:
        check = zlib.crc32(data) if method == 0 else 0      # never read to its end, so never checked
        fields = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 33, check, len(data), size or len(data),
                             len(name), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack(
            "<HHHII", 0, 0, 0, 0, len(files)) + name.encode()
        files += b"PK\3\4" + fields + name.encode() + data
    yield "much-work.zip.pth", "FORMAT", files + directory + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, 2, 2, len(directory), len(files), 0)


def torch_states():
    """(name, error, state dict, storages): errors in the content, for both file formats."""
    good = named(small())
    parts, state = storages(good)

    def changed(name, value):
        return OrderedDict(state, **{name: value})

    weight = parts[0]
    yield "os-system", "FORMAT", changed("conv1_1.bias", Call(os.system, "touch pickle-was-run")), parts
    yield "eval", "FORMAT", changed("extra", Call(eval, "open ('pickle-was-run', 'w')")), parts
    yield "module", "FORMAT", {"model": Call(torch.nn.Conv2d, 3, 2, 3)}, parts
    yield "no-dict", "SHAPE", [1, 2, 3], parts
    yield "no-tensors", "SHAPE", {"conv1_1.weight": 3}, parts
    yield "resnet", "SHAPE", {"layer1.0.conv1.weight": state["conv1_1.weight"]}, parts
    yield "missing-layer", "SHAPE", OrderedDict(i
                                                for i in storages(
                                                    named(vgg.weights(19, (2, 2), "conv2_2")))[1].items()
                                                if not i[0].startswith("conv2_1")), \
        storages(named(vgg.weights(19, (2, 2), "conv2_2")))[0]
    yield "missing-first", "SHAPE", OrderedDict(i for i in state.items() if i[0].startswith("conv1_2")), parts
    yield "missing-bias", "SHAPE", OrderedDict(i for i in state.items() if i[0] != "conv1_2.bias"), parts
    yield "missing-weight", "SHAPE", OrderedDict(i for i in state.items() if i[0] != "conv1_2.weight"), parts
    yield "extra-layer", "SHAPE", changed("conv6_1.weight", state["conv1_2.weight"]), parts
    yield "extra-in-block", "SHAPE", changed("conv1_3.weight", state["conv1_2.weight"]), parts
    yield "extra-number", "SHAPE", changed("features.3.weight", state["conv1_2.weight"]), parts
    yield "batch-norm", "SHAPE", changed("features.1.weight", state["conv1_2.bias"]), parts
    yield "twice", "SHAPE", changed("encoder.conv1_1.weight", state["conv1_1.weight"]), parts
    yield "head-without-layer", "SHAPE", changed("conv2_1_aux.weight", tensor(weight, (3, 2, 1, 1))), parts
    yield "head-without-bias", "SHAPE", changed("conv1_1_aux.weight", tensor(weight, (3, 2, 1, 1))), parts
    yield "wrong-kernel", "SHAPE", changed("conv1_1.weight", tensor(weight, (2, 3, 1, 9))), parts
    yield "wrong-dimensions", "SHAPE", changed("conv1_1.weight", tensor(weight, (54,))), parts
    yield "wrong-order", "SHAPE", changed("conv1_1.weight", tensor(weight, (3, 3, 3, 2))), parts
    yield "wrong-channels", "SHAPE", changed("conv1_2.weight", tensor(weight, (2, 3, 3, 3))), parts
    yield "wrong-bias", "SHAPE", changed("conv1_1.bias", tensor(weight, (3,))), parts
    yield "empty-tensor", "SHAPE", changed("conv1_1.weight", tensor(weight, (0, 3, 3, 3))), parts
    yield "too-many-channels", "SHAPE", changed("conv1_1.weight",
                                                tensor(weight, (5000, 3, 3, 3), (0, 0, 0, 0))), parts
    yield "too-many-numbers", "MEMORY", changed("conv1_1.weight",
                                                tensor(weight, (4096, 4096, 3, 3), (0, 0, 0, 0))), parts
    yield "nine-dimensions", "FORMAT", changed("conv1_1.weight",
                                               tensor(weight, (2, 3, 3, 3, 1, 1, 1, 1, 1))), parts
    yield "huge-size", "FORMAT", changed("conv1_1.weight", tensor(weight, (HUGE, HUGE, 3, 3),
                                                                  (1, 1, 1, 1))), parts
    yield "huge-stride", "FORMAT", changed("conv1_1.weight", tensor(weight, (2, 3, 3, 3),
                                                                    (HUGE, 9, 3, 1))), parts
    yield "huge-first", "FORMAT", changed("conv1_1.weight", tensor(weight, (2, 3, 3, 3), None, HUGE)), parts
    yield "negative-size", "FORMAT", changed("conv1_1.weight", tensor(weight, (-2, 3, 3, 3))), parts
    yield "negative-stride", "FORMAT", changed("conv1_1.weight",
                                               tensor(weight, (2, 3, 3, 3), (27, 9, 3, -1))), parts
    yield "negative-first", "FORMAT", changed("conv1_1.weight", tensor(weight, (2, 3, 3, 3), None, -1)), parts
    yield "beyond-storage", "FORMAT", changed("conv1_1.weight", tensor(weight, (2, 3, 3, 3), None, 1)), parts
    yield "fewer-strides", "FORMAT", changed("conv1_1.weight", tensor(weight, (2, 3, 3, 3), (1, 1))), parts
    yield "no-storage", "FORMAT", changed("conv1_1.weight", tensor("0", (2, 3, 3, 3))), parts
    yield "no-arguments", "FORMAT", changed("conv1_1.weight", Call(torch._utils._rebuild_tensor_v2)), parts
    for what, numbers, kind in [("integers", np.zeros(54, "<i8"), "LongStorage"),
                                ("nan", np.full(54, np.nan, "<f4"), "FloatStorage"),
                                ("infinite", np.full(54, np.inf, "<f2"), "HalfStorage"),
                                ("large-doubles", np.full(54, 1e300, "<f8"), "DoubleStorage")]:
        other = Storage("0", numbers, kind)
        yield what, "FORMAT", changed("conv1_1.weight", tensor(other, (2, 3, 3, 3))), [other] + parts[1:]
    for what, other in [("claims-more", Storage("0", weight.numbers, claimed=HUGE)),
                        ("claims-beyond", Storage("0", weight.numbers, claimed=2 * HUGE)),
                        ("claims-fewer", Storage("0", weight.numbers, claimed=53)),
                        ("claims-negative", Storage("0", weight.numbers, claimed=-1)),
                        ("view", Storage("0", weight.numbers, view=(("0", 0, 54),)))]:
        yield what, "FORMAT", changed("conv1_1.weight", tensor(other, (2, 3, 3, 3))), [other] + parts[1:]
    yield "two-kinds", "FORMAT", changed("conv1_1.bias",
                                         tensor(Storage("0", np.zeros(54, "<f8"), "DoubleStorage"),
                                                (2,))), parts
    yield "no-class", "FORMAT", changed("conv1_1.weight", tensor(Storage("0", weight.numbers, "Size"),
                                                                 (2, 3, 3, 3))), parts


def pickles():
    """(name, error, bytes of a pickle)"""
    good = dump(storages(named(small()))[1])
    yield "no-protocol", "FORMAT", good[2:]
    yield "protocol-9", "FORMAT", b"\x80\x09" + good[2:]
    yield "deep-marks", "FORMAT", b"\x80\x02" + b"(" * DEEP + b"t" * DEEP + b"."
    yield "deep-tuples", "SHAPE", b"\x80\x02N" + b"\x85" * DEEP + b"."
    yield "deep-dicts", "SHAPE", b"\x80\x02" + b"}X\1\0\0\0a" * DEEP + b"N" + b"s" * DEEP + b"."
    yield "itself", "SHAPE", b"\x80\x02}q\0X\1\0\0\0ah\0s."
    laughs = b"\x80\x02}q\0" + b"".join(b"}(" + b"".join(b"K%ch%c" % (k, i) for k in range(99)) + b"uq%c"
                                        % (i + 1)
                                        for i in range(60))
    yield "laughs", "SHAPE", laughs + b"q\xffh\xff" + b"0" * 61 + b"."
    yield "many-values", "FORMAT", b"\x80\x02(" + b"N" * 300000 + b"t."
    yield "many-bytes", "FORMAT", b"\x80\x02" + b"N0" * (5 << 20) + b"N."
    yield "huge-text", "FORMAT", b"\x80\x02\x8d" + struct.pack("<Q", HUGE) + b"a."
    yield "huge-long", "FORMAT", b"\x80\x02\x8b" + struct.pack("<i", 2 ** 31 - 1) + b"a."
    yield "negative-long", "FORMAT", b"\x80\x02\x8b" + struct.pack("<i", -1) + b"a."
    yield "unknown-opcode", "FORMAT", b"\x80\x02\xff."
    yield "stack-empty", "FORMAT", b"\x80\x02000."
    yield "below-mark", "FORMAT", b"\x80\x02N(\x85."
    yield "no-mark", "FORMAT", b"\x80\x02Nt."
    yield "odd-dict", "FORMAT", b"\x80\x02(Nd."
    yield "items-of-number", "FORMAT", b"\x80\x02K\1(NNu."
    yield "never-put", "FORMAT", b"\x80\x02h\7."
    yield "call-of-number", "FORMAT", b"\x80\x02K\1)R."
    yield "two-values", "FORMAT", b"\x80\x02NN."
    yield "no-stop", "FORMAT", b"\x80\x02N"
    yield "name-without-end", "FORMAT", b"\x80\x02ccollections\nOrd"
    yield "stack-global", "FORMAT", b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R."
    yield "nul-in-name", "FORMAT", good.replace(b"conv1_1.bias", b"conv1_1\0bias")


def torch_files():
    """(name, error, bytes)"""
    for name, error, state, parts in torch_states():
        yield name + ".legacy.pth", error, legacy(state, parts)
        yield name + ".zip.pth", error, zipped(state, parts)
    parts, state = storages(named(small()))
    for name, error, text in pickles():
        yield name + ".legacy.pth", error, legacy(text, parts)
        yield name + ".zip.pth", error, zipped(text, parts)

    yield "magic-only.pth", "FORMAT", legacy_magic()
    yield "version.pth", "FORMAT", legacy(state, parts, version=1002)
    yield "storage-twice.pth", "FORMAT", legacy(state, parts, keys=["0", "0", "1", "2"])
    yield "storage-unknown.pth", "FORMAT", legacy(state, parts, keys=["0", "1", "2", "x"])
    yield "storage-not-listed.pth", "FORMAT", legacy(state, parts, keys=["0", "1", "2"])
    yield "keys-no-list.pth", "FORMAT", legacy(state, parts, keys={"0": 1})
    for claim in (0, 53, 55, HUGE, 2 ** 62, 2 ** 63 - 1, -1):
        yield "storage-length-%d.pth" % claim, "FORMAT", legacy(state, parts, lengths={"0": claim})
    yield "plain-pickle.pth", "FORMAT", pickle.dumps({"conv1_1.weight": 1}, 2)

    yield "storage-missing.zip.pth", "FORMAT", zipped(state, parts[1:])
    yield "storage-short.zip.pth", "FORMAT", zipped(state, [Storage("0", parts[0].numbers[:50])] + parts[1:])
    yield "storage-long.zip.pth", "FORMAT", zipped(state, [Storage("0", np.zeros(60, "<f4"))] + parts[1:])
    yield "byte-order.zip.pth", "FORMAT", zipped(state, parts, more=[("archive/byteorder", b"middle")])
    yield "pickle-bomb.zip.pth", "FORMAT", zipped(bytes(64 << 20), parts, zipfile.ZIP_DEFLATED)
    yield "pickle-bomb-in-limits.zip.pth", "FORMAT", zipped(b"\x80\x02" + b"N0" * (2 << 20), parts,
                                                            zipfile.ZIP_DEFLATED)
    yield "lzma.zip.pth", "FORMAT", zipped(state, parts, zipfile.ZIP_LZMA)
    yield "bzip2.zip.pth", "FORMAT", zipped(state, parts, zipfile.ZIP_BZIP2)
    yield "no-pickle.pth", "FORMAT", archive([("word/document.xml", b"<w:document/>")])
    good = zipped(state, parts)
    yield from zip_files("pth", good, good.index(parts[0].numbers.tobytes()))


def zip_files(suffix, good, data):
    """Errors of any archive. data: the offset of an entry's bytes in good."""
    end = good.rindex(b"PK\5\6")
    directory = struct.unpack("<I", good[end + 16:end + 20])[0]

    def put(at, form, *values):
        return good[:at] + struct.pack(form, *values) + good[at + struct.calcsize(form):]

    yield "zip-checksum." + suffix, "FORMAT", put(data + 8, "B", good[data + 8] ^ 1)
    yield "zip-encrypted." + suffix, "FORMAT", put(directory + 8, "<H", 1)
    yield "zip-method." + suffix, "FORMAT", put(directory + 10, "<H", 93)
    yield "zip-size." + suffix, "FORMAT", put(directory + 20, "<II", 2 ** 31, 2 ** 31)
    yield "zip-length." + suffix, "FORMAT", put(directory + 24, "<I", 2 ** 31)
    yield "zip-offset." + suffix, "FORMAT", put(directory + 42, "<I", 2 ** 31)
    yield "zip-overlap." + suffix, "FORMAT", put(good.index(b"PK\1\2", directory + 4) + 42, "<I", 0)
    yield "zip-directory-size." + suffix, "FORMAT", put(end + 12, "<I", 2 ** 31)
    yield "zip-directory-offset." + suffix, "FORMAT", put(end + 16, "<I", 2 ** 31)
    yield "zip-entries." + suffix, "FORMAT", put(end + 8, "<HH", 65534, 65534)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, end, 1)
    for name, length in [("large", 2 ** 40), ("beyond", HUGE)]:
        wide = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, length, 0)
        record = put(end + 8, "<HHII", 65535, 65535, 2 ** 32 - 1, 2 ** 32 - 1)[end:]
        yield "zip64-%s.%s" % (name, suffix), "FORMAT", good[:end] + wide + locator + record
    yield "zip64-locator." + suffix, "FORMAT", good[
        :end] + b"PK\6\7" + struct.pack("<IQI", 0, HUGE, 1) + good[end:]


def npz_files():
    good = OrderedDict((name, npy(array)) for name, array in npz_arrays(small()).items())
    kernel = npz_arrays(small())["conv1_1_W"]

    def changed(name, data, compression=zipfile.ZIP_STORED):
        return archive([(key + ".npy", value) for key, value in OrderedDict(good, **{name: data}).items()],
                       compression)

    def header(text, data=kernel, **more):
        return changed("conv1_1_W", npy(data, text, **more))

    shape = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"
    for name, text in [("empty", ""), ("no-dict", "[]"), ("open", shape[:20]),
                       ("no-shape", "{'descr': '<f4', 'fortran_order': False}"),
                       ("twice",
                        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3, 3, 3, 2)}"),
                       ("unknown", shape[:-1] % "(3, 3, 3, 2)" + "'a': 1}"), ("nested", "{" * 60000),
                       ("spaces", " " * 60000),
                       ("call", shape % "__import__('os').system('touch pickle-was-run')"),
                       ("negative", shape % "(3, 3, -3, 2)"),
                       ("no-number", shape % "(3, 3, x, 2)"), ("no-comma", shape % "(3 3 3 2)"),
                       ("nine", shape % ("(" + "1," * 9 + ")")),
                       ("huge", shape % "(9007199254740993, 3, 3, 2)"),
                       ("product", shape % "(9007199254740991, 9007199254740991, 3, 2)"),
                       ("endless", shape % ("(" + "9" * 5000 + ", 3)")), ("more", shape % "(3, 3, 3, 3)"),
                       ("fewer", shape % "(3, 3, 3, 1)"), ("escape", shape.replace("descr", "desc\\x72")
                                                           % "(3, 3, 3, 2)")]:
        yield "header-%s.npz" % name, "FORMAT", header(text)
    for descr in ("|O", "<i4", "<f16", "<c8", "f4", "|f4", "=f4", "<U4", "", "<f4" * 20):
        yield "descr-%s.npz" % "".join(c for c in descr if c.isalnum())[:9] + str(len(descr)), "FORMAT", \
            header("{'descr': '%s', 'fortran_order': False, 'shape': (3, 3, 3, 2), }" % descr)
    yield "structured.npz", "FORMAT", header(
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3, 3, 3, 2), }")
    yield "pickled.npz", "FORMAT", changed("conv1_1_W", np_object())
    yield "version-9.npz", "FORMAT", header(shape % "(3, 3, 3, 2)", version=b"\x09\0")
    yield "long-header.npz", "FORMAT", header(shape % "(3, 3, 3, 2)", version=b"\2\0", length=2 ** 32 - 1)
    yield "header-beyond.npz", "FORMAT", header(shape % "(3, 3, 3, 2)", length=60000)
    yield "no-npy.npz", "FORMAT", changed("conv1_1_W", b"PK\3\4 not an array")
    yield "nothing.npz", "FORMAT", changed("conv1_1_W", b"")
    yield "cut.npz", "FORMAT", changed("conv1_1_W", npy(kernel)[:-1])
    yield "longer.npz", "FORMAT", changed("conv1_1_W", npy(kernel) + b"\0")
    yield "nan.npz", "FORMAT", changed("conv1_1_W", npy(np.full_like(kernel, np.nan)))

    yield "wrong-order.npz", "SHAPE", changed("conv1_1_W", npy(kernel.transpose(3, 2, 0, 1).copy()))
    yield "matrix.npz", "SHAPE", changed("conv1_1_W", npy(kernel.reshape(27, 2)))
    yield "number.npz", "SHAPE", changed("conv1_1_b", npy(np.array(1, "<f4")))
    yield "no-elements.npz", "SHAPE", changed("conv1_1_W", npy(np.zeros((3, 3, 3, 0), "<f4")))
    yield "extra-layer.npz", "SHAPE", changed("conv9_1_W", good["conv1_1_W"])
    yield "missing-bias.npz", "SHAPE", archive([(key + ".npy", value) for key, value in good.items()
                                                if key != "conv1_1_b"])
    yield "missing-layer.npz", "SHAPE", archive([(key + ".npy", value) for key, value in good.items()
                                                 if key[:7] != "conv1_1"])
    yield "no-layers.npz", "SHAPE", archive([("x.npy", good["conv1_1_b"])])
    yield "twice.npz", "FORMAT", archive([(key + ".npy", value)
                                          for key, value in list(good.items()) + list(good.items())])
    yield "lzma.npz", "FORMAT", changed("conv1_1_W", good["conv1_1_W"], zipfile.ZIP_LZMA)
    zeros = bytes(4096 * 1024 * 9 * 4)
    yield "bomb.npz", "MEMORY", archive([("conv%d_1_W.npy" % i,
                                          npy(np.frombuffer(zeros, "<f4"), shape % "(3, 3, 1024, 4096)"))
                                         for i in (1, 2)], zipfile.ZIP_DEFLATED)
    yield "bomb-at-once.npz", "FORMAT", archive([("conv1_1_W.npy",
                                                  npy(np.zeros(1 << 24, "<f4"),
                                                      shape % "(3, 3, 4096, 4096)"))],
                                                zipfile.ZIP_DEFLATED)
    stored = changed("x", b"")
    yield from zip_files("npz", stored, stored.index(kernel.tobytes()))


def np_object():
    out = io.BytesIO()
    np.lib.format.write_array(out, np.array([Call(os.system, "touch pickle-was-run")], object),
                              allow_pickle=True)
    return out.getvalue()


def other_files():
    page = b"<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n"
    for suffix in ("pth", "npz", "safetensors"):
        yield "page." + suffix, "FORMAT", page
        yield "blank-page." + suffix, "FORMAT", b"\r\n  " + page
        yield "empty." + suffix, "FORMAT", b""
        yield "noise." + suffix, "FORMAT", np.random.default_rng(3).bytes(3000)
        yield "zeros." + suffix, "FORMAT", bytes(3000)
        yield "gzip." + suffix, "FORMAT", b"\x1f\x8b\x08" + bytes(100)
    yield "one-byte.pth", "FORMAT", b"\x80"
    yield "zip-start.pth", "FORMAT", b"PK\3\4"
    yield "zip-end.npz", "FORMAT", b"PK\5\6" + bytes(18)


def safetensors_files(folder):
    """safetensors files of other programs, without our metadata."""
    good = {name: value.numpy() for name, value in torchvision(small()).items()}

    def written(name, tensors):
        path = os.path.join(folder, name)
        write_safetensors(path, tensors, {"format": "pt"}, False)
        with open(path, "rb") as file:
            return file.read()

    yield "no-layers.safetensors", "SHAPE", written("a", {"x": good["features.0.bias"]})
    yield "no-tensors.safetensors", "SHAPE", written("a", {})
    yield "extra-layer.safetensors", "SHAPE", written("a", {**good,
                                                            "features.3.weight": good["features.2.weight"]})
    yield "missing-bias.safetensors", "SHAPE", written("a", {k: v for k, v in good.items()
                                                             if k != "features.2.bias"})
    kernel = good["features.0.weight"]
    yield "wrong-kernel.safetensors", "SHAPE", written("a", {**good,
                                                             "features.0.weight": kernel.reshape(2, 3, 9, 1)})
    long_name = b'{"' + b"a" * 100000 + b'":{"dtype":"F99","shape":[],"data_offsets":[0,0]}}'
    yield "long-name.safetensors", "FORMAT", struct.pack("<Q", len(long_name)) + long_name
    yield "nan.safetensors", "FORMAT", written("a", {**good, "features.0.weight": kernel * np.nan})


def files(folder):
    """All (name, error, bytes)."""
    yield from much_work()
    yield "long-module.zip.pth", "FORMAT", zipped(b"\x80\2c" + b"a" * 100000 + b"\nb\n.", [])
    yield from torch_files()
    yield from npz_files()
    yield from safetensors_files(folder)
    yield from other_files()


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, _, data in files(folder):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
