# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes weights in the formats of Keras, MatConvNet and Caffe, with the libraries that they or their
users use: h5py, scipy.io and matio, Google's protobuf. bad_foreign_files.py and
../test-import-more.py use this file.

weights: {conv name: (kernel, bias)}, from vgg.weights (). other: further layers in the same form, such as
fully connected ones."""
import ctypes
import ctypes.util

import numpy as np

import vgg


# Keras

def keras_name(name):
    return name.replace("conv", "block").replace("_", "_conv")


def with_pools(weights):
    """All layers in order, including pooling; layers without weights have None."""
    block, layers = "1", [("input_1", None)]
    for name, pair in weights.items():
        if name[4] != block:
            layers.append((f"block{block}_pool", None))
            block = name[4]
        layers.append((keras_name(name), pair))
    return layers + [(f"block{block}_pool", None)]


def write_keras(path, weights, layout="old", root="", dtype="<f4", other=None, **dataset):
    """layout: "old", the names of Keras 1 (the published files), or "new", the nested names of Keras 2.
    root: "model_weights" as model.save () has it. dataset: h5py's options of create_dataset ()."""
    import h5py
    with h5py.File(path, "w") as file:
        top = file.create_group(root) if root else file
        layers = with_pools(weights)
        layers += [(name, pair) for name, pair in (other or {}).items()]
        top.attrs["layer_names"] = [name.encode() for name, _ in layers]
        top.attrs["backend"] = b"tensorflow"
        top.attrs["keras_version"] = b"2.0.0"
        for name, pair in layers:
            group = top.create_group(name)
            kinds = [] if pair is None else [f"{name}_W_1:0", f"{name}_b_1:0"] if layout == "old" else \
                [f"{name}/kernel:0", f"{name}/bias:0"]
            group.attrs["weight_names"] = [kind.encode() for kind in kinds]
            for kind, array in zip(kinds, pair or ()):
                array = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T
                group.create_dataset(kind, data=np.ascontiguousarray(array, dtype), **dataset)


# MatConvNet

def matconvnet_layers(weights, other=None):
    """(name, type, kernel H x W x I x O, bias 1 x O) in order; kernel and bias are None for layers
    without."""
    layers, block = [], "1"
    for name, (kernel, bias) in weights.items():
        if name[4] != block:
            layers.append((f"pool{block}", "pool", None, None))
            block = name[4]
        layers.append((name, "conv", kernel.transpose(2, 3, 1, 0), bias.reshape(1, -1)))
        layers.append((name.replace("conv", "relu"), "relu", None, None))
    for name, (kernel, bias) in (other or {}).items():
        layers.append((name, "conv", kernel.transpose(2, 3, 1, 0), bias.reshape(1, -1)))
    return layers + [("prob", "softmax", None, None)]


def average_image(size):
    """size 0: a colour; otherwise a picture of one colour, as in beta16's files of other networks."""
    return np.array(vgg.RGB["mean"], np.float32).reshape(1, 1, 3) if size == 0 else \
        np.broadcast_to(np.array(vgg.RGB["mean"], np.float32), (size, size, 3)).copy()


def write_matconvnet_scipy(path, weights, layout="new", compress=True, mean_size=0, other=None):
    """Old: `normalization` beside `layers`, a layer's name last of its fields; new: `meta.normalization`,
    the name first."""
    import scipy.io
    cells = []
    for name, kind, kernel, bias in matconvnet_layers(weights, other):
        pair = np.empty((1, 2), object)
        if kernel is not None:
            pair[0, 0], pair[0, 1] = np.asfortranarray(kernel), bias.T if layout == "new" else bias
        fields = {"type": kind, "name": name}
        if kernel is not None:
            fields = {"weights": pair, "pad": np.array([[1, 1, 1, 1]], np.float64), "type": kind,
                      "name": name,
                      "stride": np.array([[1, 1]], np.float64)}
        elif kind == "pool":
            fields = {"method": "max", "pool": np.array([[2, 2]], np.float64), **fields}
        if layout == "new":
            fields = {"name": name, "type": kind, **fields}
            if kernel is not None:
                fields["size"] = np.array([kernel.shape], np.float64)
                fields["opts"] = np.empty((1, 0), object)
        cells.append(fields)
    layers = np.empty((1, len(cells)), object)
    layers[0, :] = cells
    normalization = {"imageSize": np.array([[224, 224, 3]], np.float64),
                     "averageImage": average_image(mean_size),
                     "keepAspect": np.array([[1]], np.float64), "interpolation": "bicubic"}
    classes = {"name": np.array([["n01440764"], ["n01443537"]], object),
               "description": np.array([["tench"], ["shark"]], object)}
    variables = {"layers": layers, "meta": {"normalization": normalization, "classes": classes,
                                            "inputs": {"name": "data"}}} \
        if layout == "new" else {"layers": layers, "classes": classes, "normalization": normalization}
    scipy.io.savemat(path, variables, do_compression=compress, oned_as="row", long_field_names=True)


class Matio:
    """The needed part of libmatio's C interface."""
    # matio_classes, matio_types: MAT_C_*, MAT_T_*
    SINGLE, CHAR, CELL, STRUCT = (7, 7), (4, 16), (1, 21), (2, 22)
    MAT5, ZLIB, NONE = 0x0100, 1, 0

    def __init__(self):
        self.library = lib = ctypes.CDLL(ctypes.util.find_library("matio"))
        size = ctypes.POINTER(ctypes.c_size_t)
        lib.Mat_CreateVer.restype = lib.Mat_VarCreate.restype = ctypes.c_void_p
        lib.Mat_VarCreateStruct.restype = ctypes.c_void_p
        lib.Mat_CreateVer.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
        lib.Mat_VarCreate.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, size,
                                      ctypes.c_void_p,
                                      ctypes.c_int]
        lib.Mat_VarCreateStruct.argtypes = [ctypes.c_char_p, ctypes.c_int, size,
                                            ctypes.POINTER(ctypes.c_char_p), ctypes.c_uint]
        lib.Mat_VarSetStructFieldByName.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t,
                                                    ctypes.c_void_p]
        lib.Mat_VarSetStructFieldByName.restype = ctypes.c_void_p
        lib.Mat_VarWrite.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
        lib.Mat_Close.argtypes = lib.Mat_VarFree.argtypes = [ctypes.c_void_p]

    def create(self, name, kind, dims, data):
        return self.library.Mat_VarCreate(name, *kind, len(dims), (ctypes.c_size_t * len(dims))(*dims), data,
                                          0)

    def text(self, text):
        return self.create(None, self.CHAR, (1, len(text)), text.encode())

    def array(self, array):
        raw = np.asfortranarray(array, np.float32).tobytes("F")
        return self.create(None, self.SINGLE, array.shape, raw)

    def cell(self, items, name=None):
        pointers = (ctypes.c_void_p * (len(items) + 1))(*items, None)
        return self.create(name, self.CELL, (1, len(items)), pointers)

    def struct(self, fields, name=None):
        keys = (ctypes.c_char_p * len(fields))(*(key.encode() for key in fields))
        variable = self.library.Mat_VarCreateStruct(name, 2, (ctypes.c_size_t * 2)(1, 1), keys, len(fields))
        for key, value in fields.items():
            self.library.Mat_VarSetStructFieldByName(variable, key.encode(), 0, value)
        return variable


def write_matconvnet_matio(path, weights, layout="new", compress=True):
    matio, cells = Matio(), []
    for name, kind, kernel, bias in matconvnet_layers(weights):
        fields = {"name": matio.text(name), "type": matio.text(kind)}
        if kernel is not None:
            fields["weights"] = matio.cell([matio.array(kernel), matio.array(bias)])
        cells.append(matio.struct(fields if layout == "new" else dict(reversed(fields.items()))))
    variables = [matio.cell(cells, b"layers")]
    normalization = {"averageImage": matio.array(average_image(0))}
    if layout == "new":
        variables.append(matio.struct({"normalization": matio.struct(normalization)}, b"meta"))
    else:
        variables.insert(0, matio.struct(normalization, b"normalization"))
    file = matio.library.Mat_CreateVer(str(path).encode(), None, matio.MAT5)
    for variable in variables:
        if matio.library.Mat_VarWrite(file, variable, matio.ZLIB if compress else matio.NONE) != 0:
            raise OSError("matio could not write " + str(path))
        matio.library.Mat_VarFree(variable)
    matio.library.Mat_Close(file)


# Caffe

def caffe_messages(packed=True):
    """NetParameter and the needed messages of Caffe with their public field numbers."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    file = descriptor_pb2.FileDescriptorProto(name=f"caffe{packed}.proto", package="caffe", syntax="proto2")
    types = {"string": 9, "float": 2, "double": 1, "int32": 5, "int64": 3, "bool": 8}

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for label, kind, field, number in fields:
            one = made.field.add(name=field, number=number, label={"optional": 1, "repeated": 3}[label])
            if kind in types:
                one.type = types[kind]
                if label == "repeated" and kind in ("float", "double", "int64"):
                    one.options.packed = packed
            else:
                one.type, one.type_name = 11, ".caffe." + kind

    message("BlobShape", ("repeated", "int64", "dim", 1))
    message("BlobProto", ("optional", "int32", "num", 1), ("optional", "int32", "channels", 2),
            ("optional", "int32", "height", 3),
            ("optional", "int32", "width", 4), ("repeated", "float", "data", 5),
            ("repeated", "float", "diff", 6),
            ("optional", "BlobShape", "shape", 7), ("repeated", "double", "double_data", 8))
    message("V1LayerParameter", ("repeated", "string", "bottom", 2), ("repeated", "string", "top", 3),
            ("optional", "string", "name", 4), ("optional", "int32", "type", 5),
            ("repeated", "BlobProto", "blobs", 6),
            ("repeated", "float", "blobs_lr", 7))
    message("LayerParameter", ("optional", "string", "name", 1), ("optional", "string", "type", 2),
            ("repeated", "string", "bottom", 3), ("repeated", "string", "top", 4),
            ("repeated", "BlobProto", "blobs", 7),
            ("optional", "int32", "phase", 10))
    message("NetParameter", ("optional", "string", "name", 1), ("repeated", "V1LayerParameter", "layers", 2),
            ("repeated", "string", "input", 3), ("repeated", "int32", "input_dim", 4),
            ("optional", "bool", "force_backward", 5),
            ("repeated", "LayerParameter", "layer", 100))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("caffe.NetParameter"))


def add_blob(layer, array, shape, double=False):
    blob = layer.blobs.add()
    if shape:
        blob.shape.dim.extend(array.shape)
    else:
        blob.num, blob.channels, blob.height, blob.width = (1,) * (4 - array.ndim) + array.shape
    if array.size < 100000 or double:
        (blob.double_data if double else blob.data).extend(array.ravel().tolist())
    else:    # the same, faster
        raw = np.ascontiguousarray(array, "<f4").tobytes()
        blob.MergeFromString(b"\x2a" + varint(len(raw)) + raw)


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def caffe_nets(weights, layout="v1", packed=True, shape=None, other=None, double=False):
    """The network layer by layer; consecutive messages form one message. layout: "v1" (`layers`)
    or "new" (`layer`). shape: by `shape`, else by num, channels, height, width; as usual when None."""
    make = caffe_messages(packed)
    yield make(name="VGG_ILSVRC_19_layers", input=["data"], input_dim=[10, 3, 224, 224])
    before = "data"
    for name, pair in {**weights, **(other or {})}.items():
        net = make()
        layers, kind, relu = (net.layers, 4, 18) if layout == "v1" else (net.layer, "Convolution", "ReLU")
        layer = layers.add(type=kind, name=name, bottom=[before], top=[name])
        for array in pair:
            add_blob(layer, array, layout != "v1" if shape is None else shape, double)
        layers.add(name=name.replace("conv", "relu"), bottom=[name], top=[name], type=relu)
        before = name
        yield net


def write_caffe(path, weights, **options):
    with open(path, "wb") as file:
        for net in caffe_nets(weights, **options):
            file.write(net.SerializeToString())
