# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad files of weights in the formats of Keras, MatConvNet and Caffe, each with the expected error, or
None if the file must load: `python3 bad_foreign_files.py FOLDER` writes them to a folder. Each file differs
in one detail from the good network small (). import-helper makes truncated files and files with a changed
byte."""
import os
import struct
import sys
import zlib

import numpy as np

import vgg
from foreign_files import varint, write_keras

HUGE = 2 ** 53


def small():
    """The first two layers of a VGG."""
    return vgg.weights(19, (2, 2), "conv1_2")


def wrong_weights():
    """(name, error, weights): errors that every format can contain."""
    good = small()
    kernel, bias = good["conv1_2"]
    first, third = good["conv1_1"], vgg.weights(19, (2, 2), "conv2_1")["conv2_1"]

    def changed(name, weight, its_bias=bias):
        return {**good, name: (weight, its_bias)}

    nan = kernel.copy()
    nan[1, 1, 1, 1] = np.nan
    yield "good", None, good
    yield "missing-layer", "SHAPE", {"conv1_1": first, "conv2_1": third}
    yield "missing-first", "SHAPE", {"conv1_2": good["conv1_2"]}
    yield "extra-layer", "SHAPE", changed("conv6_1", kernel)
    yield "extra-in-block", "SHAPE", changed("conv1_3", kernel)
    yield "other-network", "SHAPE", {"res2a": good["conv1_2"]}
    yield "wrong-kernel", "SHAPE", changed("conv1_2", np.zeros((2, 2, 5, 5), "<f4"))
    yield "wide-kernel", "SHAPE", changed("conv1_2", np.zeros((2, 2, 1, 3), "<f4"))
    yield "wrong-order", "SHAPE", changed("conv1_2", np.zeros((3, 3, 2, 2), "<f4"))
    yield "matrix", "SHAPE", changed("conv1_2", np.zeros((2, 18), "<f4"))
    yield "wrong-channels", "SHAPE", changed("conv1_2", np.zeros((2, 3, 3, 3), "<f4"))
    yield "wrong-bias", "SHAPE", changed("conv1_2", kernel, np.zeros(3, "<f4"))
    yield "too-many-channels", "SHAPE", changed("conv1_2", np.zeros((5000, 2, 3, 3), "<f4"),
                                                np.zeros(5000, "<f4"))
    yield "not-a-number", "FORMAT", changed("conv1_2", nan)
    yield "infinite", "FORMAT", changed("conv1_2", kernel, np.array([1, np.inf], "<f4"))


# Keras

def keras_files(folder):
    """(name, error, function of an empty file open in h5py, which may return the bytes of another)"""
    good = small()

    def fill(file, without=(), **dataset):
        for name, (kernel, bias) in good.items():
            for what, array in (("kernel:0", kernel.transpose(2, 3, 1, 0)), ("bias:0", bias)):
                if name + "/" + what not in without:
                    file.create_dataset("%s/%s" % (name, what), data=array, **dataset)
        return file

    def instead(make, where="conv1_2/kernel:0", **options):
        return lambda file: make(fill(file, [where]).require_group(where.split("/")[0]), where.split("/")[1],
                                 **options)

    def dataset(shape=(3, 3, 2, 2), where="conv1_2/kernel:0", **options):
        return instead(lambda group, name: group.create_dataset(name, shape, **options), where)

    def array(dtype):
        return dataset(data=np.zeros((3, 3, 2, 2), dtype))

    def virtual(group, name):
        import h5py
        layout = h5py.VirtualLayout((3, 3, 2, 2), "<f4")
        layout[:] = h5py.VirtualSource(os.path.join(folder, "elsewhere.h5"), "a", (3, 3, 2, 2))
        group.create_virtual_dataset(name, layout)

    def link(make):
        def write(group, name):
            group[name] = make(group)
        return write

    def nested(file):
        group = fill(file)
        for i in range(30):
            group = group.create_group("a")

    def many(file):
        data = fill(file)["conv1_1/bias:0"]
        for i in range(10001):
            file["conv1_1/%d" % i] = data

    def loop(file):
        fill(file)["conv1_1/again"] = file["/"]

    def null(group, name):
        import h5py
        group[name] = h5py.Empty("<f4")

    def latest(file):
        path = os.path.join(folder, "latest.h5")
        with h5py.File(path, "w", libver="latest") as other:
            fill(other)
        with open(path, "rb") as other:
            return other.read()

    import h5py
    with h5py.File(os.path.join(folder, "elsewhere.h5"), "w") as file:
        file["a"] = np.zeros((3, 3, 2, 2), "<f4")
    zeros = np.zeros((3, 3, 2, 2), "<f4")
    yield "good", None, fill
    yield "big-endian", None, array(">f4")
    yield "packed", None, dataset(data=zeros, chunks=(3, 3, 1, 2), compression="gzip", shuffle=True)
    yield "checksums", "FORMAT", dataset(data=zeros, chunks=(3, 3, 1, 2), compression="gzip", fletcher32=True)
    yield "double", None, array("<f8")
    yield "half", None, array(">f2")
    yield "integers", "FORMAT", array("<i4")
    yield "complex", "FORMAT", array("<c8")
    yield "text", "FORMAT", array("S4")
    yield "compound", "FORMAT", array([("a", "<f4")])
    yield "no-data", "FORMAT", dataset(dtype="<f4")
    yield "no-chunks", "FORMAT", dataset(dtype="<f4", chunks=True)
    yield "scalar", "SHAPE", dataset((), dtype="<f4")
    yield "null", "SHAPE", instead(null)
    yield "nine-dimensions", "SHAPE", dataset((3, 3, 2, 2, 1, 1, 1, 1, 1), dtype="<f4")
    yield "empty", "SHAPE", dataset((3, 3, 0, 2), dtype="<f4")
    yield "huge", "SHAPE", dataset((3, 3, HUGE, 2), dtype="<f4", chunks=(3, 3, 1, 1))
    yield "huge-bias", "SHAPE", dataset((HUGE,), where="conv1_2/bias:0", dtype="<f4", chunks=(1,))
    yield "too-many-numbers", "MEMORY", dataset((3, 3, 4096, 4096), dtype="<f4", chunks=(3, 3, 1, 1))
    yield "large-chunk", "FORMAT", dataset(data=zeros, chunks=(3, 3, 2048, 2048), maxshape=(3, 3, None, None),
                                           compression="gzip")
    yield "theano-order", "SHAPE", dataset((4, 2, 3, 3), dtype="<f4")
    yield "lzf", "FORMAT", dataset(data=zeros, chunks=True, compression="lzf")
    yield "scale-offset", "FORMAT", dataset(data=zeros, chunks=True, scaleoffset=2)
    yield "external", "FORMAT", dataset(dtype="<f4", external=[("/etc/passwd", 0, 144)])
    yield "virtual", "FORMAT", instead(virtual)
    yield "external-link", "FORMAT", instead(
        link(lambda g: h5py.ExternalLink(os.path.join(folder, "elsewhere.h5"), "a")))
    yield "soft-link", "SHAPE", instead(link(lambda g: h5py.SoftLink("/conv1_2/bias:0")))
    yield "no-dataset", "SHAPE", instead(link(lambda g: np.dtype("<f4")))
    yield "missing-bias", "SHAPE", lambda file: fill(file, ["conv1_2/bias:0"])
    yield "missing-kernel", "SHAPE", lambda file: fill(file, ["conv1_1/kernel:0"])
    yield "twice", "SHAPE", lambda file: fill(
        file).create_dataset("block1_conv1/kernel:0", data=np.zeros((3, 3, 3, 2), "<f4"))
    yield "nested", "FORMAT", nested
    yield "many-links", None, many
    yield "loop", "FORMAT", loop
    yield "ordered", "FORMAT", lambda file: fill(file.create_group("a", track_order=True))
    yield "latest", "FORMAT", latest
    yield "nothing", "SHAPE", lambda file: None


def much_work(path):
    """Bytes of a file with 100 links to one object, whose header has 63 continuations of 1 MiB at one place.
    Together they are 6 GB."""
    import h5py
    with h5py.File(path, "w") as file:
        data = file.create_dataset("conv1_1/bias:0", data=np.zeros(2, "<f4"))
        for i in range(100):
            file["conv1_1/%d" % i] = data
        address = h5py.h5o.get_info(data.id).addr
    with open(path, "rb") as file:
        content = file.read()
    content += bytes(-len(content) % 8)
    nothing = struct.pack("<HHI", 0, 65528, 0) + bytes(65528)
    continuation = struct.pack("<HHIQQ", 0x10, 16, 0, len(content), 16 * len(nothing))
    header = struct.pack("<BBHII", 1, 0, 65535, 1, 63 * len(continuation)) + bytes(4) + 63 * continuation
    new = struct.pack("<Q", len(content) + 16 * len(nothing))
    content = content.replace(struct.pack("<Q", address), new) + 16 * nothing + header
    # The end of the file, in the superblock.
    return content[:40] + struct.pack("<Q", len(content)) + content[48:]


def keras(folder):
    import h5py
    path = os.path.join(folder, "a.h5")
    yield "much-work.h5", "FORMAT", much_work(path)
    for name, error, make in keras_files(folder):
        with h5py.File(path, "w") as file:
            instead = make(file)
        with open(path, "rb") as file:
            yield name + ".h5", error, instead if isinstance(instead, bytes) else file.read()
    for name, error, weights in wrong_weights():
        for layout in ("old", "new"):
            if name == "other-network":
                continue
            write_keras(path, weights, layout)
            with open(path, "rb") as file:
                yield "%s-%s.h5" % (name, layout), error, file.read()
    with open(path, "rb") as file:
        data = file.read()
    yield "magic-only.h5", "FORMAT", data[:8]
    yield "zeros.h5", "FORMAT", data[:8] + bytes(5000)
    yield "longer-superblock.h5", "FORMAT", data[:40] + struct.pack("<Q", HUGE) + data[48:]
    yield "page.h5", "FORMAT", b"<!DOCTYPE html><html>404</html>"


# MATLAB

INT8, INT32, UINT32, SINGLE, DOUBLE, MATRIX, PACKED = 1, 5, 6, 7, 9, 14, 15


def element(kind, data, size=None):
    return struct.pack("<II", kind, len(data) if size is None else size) + data + bytes(-len(data) % 8)


def mat_array(kind, shape, content=b"", name=b"", flags=0, dims=None):
    """dims: bytes of the dimensions element."""
    return element(MATRIX, element(UINT32, struct.pack("<II", kind | flags, 0)) +
                   (element(INT32, struct.pack("<%di" % len(shape), *shape)) if dims is None else dims) +
                   element(INT8, name) + content)


def cell(*items, name=b"", shape=None):
    return mat_array(1, shape or (1, len(items)), b"".join(items), name)


def struct_array(fields, name=b"", shape=(1, 1), length=None, names=None):
    """length: the length of each field's name that the file states. names: the bytes of all names, instead of
    those of fields."""
    keys = b"".join(key.encode().ljust(32, b"\0") for key in fields) if names is None else names
    return mat_array(2, shape, struct.pack("<HHI", INT32, 4, 32 if length is None else length)
                     + element(INT8, keys) + b"".join(fields.values()), name)


def text(value):
    return mat_array(4, (1, len(value)), element(16, value.encode()))


def single(array, kind=7, flags=0, storage=SINGLE, cut=0, shape=None):
    raw = np.asfortranarray(array, "<f4").tobytes("F")
    return mat_array(kind, shape or array.shape, element(storage, raw[:len(raw) - cut]), flags=flags)


def layer(name, kernel, bias, **fields):
    """kernel, bias: arrays or their bytes."""
    kernel = single(
        kernel.transpose(*range(2, kernel.ndim), 1, 0)) if isinstance(kernel, np.ndarray) else kernel
    bias = single(bias.reshape(1, -1)) if isinstance(bias, np.ndarray) else bias
    return struct_array({"weights": cell(kernel, bias), "name": text(name), **fields})


def packed(variable, cut=0, change=None):
    """change: replaces the last four bytes, the checksum."""
    data = zlib.compress(variable, 1)
    if change is not None:
        data = data[:-4] + change
    data = data[:len(data) - cut]
    return struct.pack("<II", PACKED, len(data)) + data


def mat_file(*variables, mark=b"\0\1IM", title=b"MATLAB 5.0 MAT-file"):
    return title.ljust(124) + mark + b"".join(variables)


def mat_variables():
    """(name, error, variables): each is written plain and compressed."""
    good = small()
    first, second = (layer(name, *pair) for name, pair in good.items())
    kernel, bias = good["conv1_2"]
    array = single(kernel.transpose(2, 3, 1, 0))
    mean = single(np.ones((1, 1, 3)))

    def other(kernel_bytes, bias_bytes=bias, **fields):
        return [cell(first, layer("conv1_2", kernel_bytes, bias_bytes, **fields), name=b"layers")]

    def image(content):
        return [cell(first, second, name=b"layers"),
                struct_array({"normalization": struct_array({"averageImage": content})}, b"meta")]

    def bad_dims(dims):
        return [mat_array(1, (), first + second, b"layers", dims=dims)]

    deep = b""
    for _ in range(3000):
        deep = cell(deep)
    yield "good", None, [cell(first, second, name=b"layers")]
    yield "good-deep", None, [cell(first, second, deep, name=b"layers"), cell(deep, name=b"more")]
    yield "good-objects", None, [cell(first, layer("conv1_2", kernel, bias, opts=element(MATRIX, element(
        UINT32, struct.pack("<II", 17, 0)) + element(INT8, b"MCOS"))), name=b"layers")]
    yield "good-empty", None, [cell(first, second, element(MATRIX, b""), struct_array({}), name=b"layers")]
    yield "good-mean", None, image(mean)
    yield "no-layers", "FORMAT", [cell(first, second, name=b"layer")]
    yield "no-cell", "FORMAT", [single(kernel).replace(element(INT8, b""), element(INT8, b"layers"), 1)]
    yield "layers-twice", "FORMAT", [cell(first, second, name=b"layers")] * 2
    yield "many-layers", "FORMAT", [cell(*[struct_array({})] * 1001, name=b"layers")]
    yield "cells-missing", "FORMAT", [cell(first, second, name=b"layers", shape=(1, 5))]
    yield "cells-huge", "FORMAT", [cell(first, second, name=b"layers", shape=(2 ** 31 - 1, 2 ** 31 - 1))]
    yield "cells-negative", "FORMAT", [cell(first, second, name=b"layers", shape=(1, -2))]
    yield "one-dimension", "FORMAT", bad_dims(element(INT32, struct.pack("<i", 2)))
    yield "nine-dimensions", "FORMAT", bad_dims(element(INT32, struct.pack("<9i", *[1] * 8, 2)))
    yield "odd-dimensions", "FORMAT", bad_dims(element(INT32, b"\1\0\0\0\2\0\0\0\0\0"))
    yield "dimensions-as-text", "FORMAT", bad_dims(element(INT8, struct.pack("<2i", 1, 2)))
    yield "no-dimensions", "FORMAT", bad_dims(b"")
    yield "small-element", "FORMAT", bad_dims(struct.pack("<HHI", INT32, 5, 1))
    yield "element-beyond", "FORMAT", [cell(first, element(MATRIX, b"12345678", 2 ** 31), name=b"layers")]
    yield "no-array", "FORMAT", [cell(first, element(DOUBLE, bytes(8)), name=b"layers")]
    yield "no-names", "FORMAT", [cell(first, struct_array({"a": mean}, length=0), name=b"layers")]
    yield "long-names", "FORMAT", [cell(first, struct_array({"a": mean}, length=2 ** 31 - 1), name=b"layers")]
    yield "negative-names", "FORMAT", [cell(first, struct_array({"a": mean}, length=2 ** 32 - 1),
                                            name=b"layers")]
    yield "odd-names", "FORMAT", [cell(first, struct_array({"a": mean}, names=bytes(33)), name=b"layers")]
    yield "many-fields", "FORMAT", [cell(first, struct_array({"a": mean}, names=bytes(32) * 1001),
                                         name=b"layers")]
    yield "fields-missing", "FORMAT", [cell(first, struct_array({"a": mean}, names=bytes(64)),
                                            name=b"layers")]
    yield "weights-twice", "FORMAT", [cell(first,
                                           struct_array({"a": cell(array, array), "b": cell(array, array)},
                                                               names=b"weights".ljust(32, b"\0") * 2),
                                           name=b"layers")]
    yield "kernel-is-text", "FORMAT", other(text("kernel"))
    yield "kernel-is-cell", "FORMAT", other(cell(array))
    yield "kernel-of-integers", "FORMAT", other(single(kernel, 12))
    yield "kernel-sparse", "FORMAT", other(single(kernel, 5))
    yield "kernel-complex", "FORMAT", other(single(kernel.transpose(2, 3, 1, 0), flags=0x800))
    yield "kernel-short", "FORMAT", other(single(kernel.transpose(2, 3, 1, 0), cut=8))
    yield "kernel-as-text", "FORMAT", other(single(kernel.transpose(2, 3, 1, 0), storage=16))
    yield "kernel-as-doubles", "FORMAT", other(single(kernel.transpose(2, 3, 1, 0), storage=DOUBLE))
    yield "kernel-five-dimensions", "SHAPE", other(single(kernel, shape=(3, 3, 2, 1, 2)))
    yield "kernel-huge", "SHAPE", other(single(kernel, shape=(3, 3, 2 ** 30, 2 ** 20)))
    yield "kernel-overflow", "FORMAT", other(single(kernel, shape=(2 ** 31 - 1,) * 4))
    yield "kernel-too-many", "MEMORY", other(single(kernel, shape=(3, 3, 4096, 4096)))
    yield "kernel-missing", "SHAPE", other(element(MATRIX, b""))
    yield "bias-missing", "SHAPE", other(array, element(MATRIX, b""))
    yield "bias-matrix", "SHAPE", other(array, single(np.ones((2, 2))))
    yield "weights-of-one", "SHAPE", [cell(struct_array({"weights": cell(array), "name": text("conv1_1")}),
                                           second, name=b"layers")]
    yield "name-missing", "SHAPE", [cell(struct_array({"weights": cell(array, array)}), second,
                                         name=b"layers")]
    yield "same-name-twice", "SHAPE", [cell(first, second, second, name=b"layers")]
    yield "mean-of-four", "SHAPE", image(single(np.ones((1, 1, 4))))
    yield "mean-is-text", "SHAPE", image(text("mean"))
    yield "mean-short", "FORMAT", image(single(np.ones((1, 1, 3)), cut=4))
    yield "mean-huge", "SHAPE", image(single(np.ones((1, 1, 3)), shape=(2 ** 20, 2 ** 20, 3)))
    yield "mean-infinite", "FORMAT", image(single(np.full((1, 1, 3), np.inf)))


def matconvnet(folder):
    good = cell(*(layer(name, *pair) for name, pair in small().items()), name=b"layers")
    for name, error, variables in mat_variables():
        yield name + "-plain.mat", error, mat_file(*variables)
        yield name + ".mat", error, mat_file(*map(packed, variables))
    for name, error, weights in wrong_weights():
        layers = (layer(key, *pair) for key, pair in weights.items())
        yield name + "-layers.mat", error, mat_file(packed(cell(*layers, name=b"layers")))
    yield "head-only.mat", "FORMAT", mat_file()
    yield "big-endian.mat", "FORMAT", mat_file(packed(good), mark=b"\1\0MI")
    yield "version-7.3.mat", "FORMAT", (mat_file(mark=b"\0\2IM", title=b"MATLAB 7.3 MAT-file").ljust(512)
                                        + b"\x89HDF\r\n\x1a\n" +
                                        bytes(99))
    yield "version-4.mat", "FORMAT", struct.pack("<5I", 0, 1, 1, 0, 2) + b"a\0" + bytes(200)
    yield "cut-inside.mat", "FORMAT", mat_file(packed(good, cut=60))
    yield "no-checksum.mat", "FORMAT", mat_file(packed(good, cut=4))
    yield "wrong-checksum.mat", "FORMAT", mat_file(packed(good, change=b"1234"))
    yield "goes-on.mat", "FORMAT", mat_file(packed(good + bytes(1 << 26)))
    yield "not-packed.mat", "FORMAT", mat_file(element(PACKED, bytes(64)))
    yield "gzip.mat", "FORMAT", mat_file(element(PACKED, b"\x1f\x8b\x08" + bytes(61)))
    yield "packed-inside.mat", "FORMAT", mat_file(packed(packed(good)))
    yield "bomb.mat", "FORMAT", mat_file(packed(struct.pack("<II", MATRIX, 2 ** 32 - 1) + good[8:]))
    bomb = struct.pack("<II", MATRIX, 1 << 28) + good[8:] + bytes((1 << 28) - len(good))
    yield "bomb-packed.mat", "FORMAT", mat_file(packed(bomb))
    yield "bomb-aside.mat", None, mat_file(packed(mat_array(6, (1, 1 << 23), element(DOUBLE, bytes(1 << 26)),
                                                            b"x")), packed(good))
    yield "variable-beyond.mat", "FORMAT", mat_file(struct.pack("<II", MATRIX, 2 ** 32 - 1) + good[8:])
    yield "page.mat", "FORMAT", b"\n <html><head><title>403 Forbidden</title></head></html>"


# Caffe

def field(number, value):
    """value: bytes, a whole number, or a float (4 bytes)."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def blob(array, shape=None, data=None):
    """shape, data: replace the correct ones."""
    dims = b"".join(varint(n) for n in (array.shape if shape is None else shape))
    return field(5, array.astype("<f4").tobytes() if data is None else data) + field(7, field(1, dims))


def caffe_layer(name, *blobs):
    return field(100, field(1, name.encode()) + b"".join(field(7, one) for one in blobs))


def caffe(folder):
    good = small()
    head = field(1, b"net")
    first, second = (caffe_layer(name, *map(blob, pair)) for name, pair in good.items())
    kernel, bias = good["conv1_2"]
    raw = kernel.tobytes()

    def other(its_kernel, its_bias=blob(bias)):
        return head + first + caffe_layer("conv1_2", its_kernel, its_bias)

    def raw_layer(content):
        return head + first + second + varint(100 << 3 | 2) + content

    deep = b""
    for _ in range(3000):
        deep = field(9, deep)
    for name, error, weights in wrong_weights():
        yield name + ".caffemodel", error, head + b"".join(caffe_layer(key, *map(blob, pair))
                                                           for key, pair in weights.items())
    for name, error, data in [
            ("good-deep", None, head + first + second + field(9, deep) + field(100, deep)),
            ("good-pieces", None, other(field(5, raw[:40]) + field(5, b"") +
                                        b"".join(field(5, float(x)) for x in kernel.ravel()[10:]) +
                                        field(7, field(1, 2) + field(1, 2) + field(1, b"\3\3")))),
            ("good-more-blobs", None, head + first + caffe_layer("conv1_2", blob(kernel), blob(bias),
                                                                 blob(bias), b"\7")),
            ("no-layers", "FORMAT", head),
            ("no-blobs", "SHAPE", head + caffe_layer("conv1_1")),
            ("kernel-only", "SHAPE", head + first + caffe_layer("conv1_2", blob(kernel))),
            ("twice", "SHAPE", head + first + second + second),
            ("both-versions", "SHAPE", head + first + field(2, field(4, b"conv1_1")
                                                            + field(6, blob(good["conv1_1"][0])))),
            ("layer-beyond", "FORMAT", raw_layer(varint(50) + b"12")),
            ("layer-huge", "FORMAT", raw_layer(varint(HUGE))),
            ("layer-negative", "FORMAT", raw_layer(varint(2 ** 64 - 1))),
            ("first-layer-huge", "FORMAT", head + b"\x12" + varint(HUGE) + b"12"),
            ("name-beyond", "FORMAT", raw_layer(varint(3) + b"\x0a\x50\x61")),
            ("blob-beyond", "FORMAT", raw_layer(varint(3) + b"\x3a\x50\x61")),
            ("long-number", "FORMAT", raw_layer(b"\xff" * 11 + b"\1")),
            ("group", "FORMAT", raw_layer(varint(2) + b"\x0b\x0c")),
            ("type-7", "FORMAT", raw_layer(varint(1) + b"\x0f")),
            ("field-0", "FORMAT", raw_layer(varint(2) + b"\0\0")),
            ("cut-number", "FORMAT", head + first + second + b"\xa2"),
            ("cut-fixed", "FORMAT", raw_layer(varint(3) + b"\x0d\0\0")),
            ("odd-data", "FORMAT", other(blob(kernel, data=raw[:-1]))),
            ("short-data", "FORMAT", other(blob(kernel, data=raw[:-4]))),
            ("long-data", "FORMAT", other(blob(kernel, data=raw + raw[:4]))),
            ("no-data", "FORMAT", other(blob(kernel, data=b""))),
            ("doubles", "FORMAT", other(field(8, kernel.astype("<f8").tobytes())
                                        + field(7, field(1, b"\2\2\3\3")))),
            ("no-shape", "SHAPE", other(field(5, raw))),
            ("half-a-shape", "SHAPE", other(field(1, 2) + field(2, 2) + field(5, raw))),
            ("huge-shape", "SHAPE", other(blob(kernel, (HUGE, 2, 3, 3)))),
            ("negative-shape", "SHAPE", other(blob(kernel, (2 ** 64 - 2, 2, 3, 3)))),
            ("overflowing-shape", "SHAPE", other(blob(kernel, (2 ** 32, 2 ** 32, 3, 3)))),
            ("nine-dimensions", "SHAPE", other(blob(kernel, (2, 2, 3, 3, 1, 1, 1, 1, 1)))),
            ("too-many-numbers", "MEMORY", other(blob(kernel, (4096, 4096, 3, 3)))),
            ("shape-is-short", "FORMAT", other(field(5, raw) + field(7, b"\x0a\x05\2"))),
            ("text", "FORMAT", b"\nname: \"VGG\"\nlayers {\n}\n"),
            ("page", "FORMAT", b"<html>\n<body>Not Found</body>\n</html>")]:
        yield name + ".caffemodel", error, data


FORMATS = {"keras": keras, "matconvnet": matconvnet, "caffe": caffe}


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for make in FORMATS.values():
        for name, error, data in make(sys.argv[1]):
            with open(os.path.join(sys.argv[1], "%s-%s" % (error or "GOOD", name)), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
