# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of weights written by the usual programs, torch.save in both formats and numpy.savez, and by hand
where those programs would not write them. tensors: {conv name: (weight, bias)}, from vgg.weights ()."""
import io
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import torch

import vgg
from reference import write_safetensors


def torchvision(tensors, net=19, prefix="features."):
    """State dict under torchvision's names."""
    number = vgg.numbers(net)
    out = OrderedDict()
    for name, (weight, bias) in tensors.items():
        out["%s%d.weight" % (prefix, number[name])] = torch.from_numpy(weight)
        out["%s%d.bias" % (prefix, number[name])] = torch.from_numpy(bias)
    return out


def named(tensors):
    """{conv1_1.weight: ...}"""
    return OrderedDict(("%s.%s" % (name, what), torch.from_numpy(pair[i])) for name, pair in tensors.items()
                       for i, what in enumerate(("weight", "bias")))


def save(path, state, form, **more):
    torch.save(state, path, _use_new_zipfile_serialization=form == "zip", **more)


def npz_arrays(tensors, dtype="<f4", fortran=False):
    out = {}
    for name, (weight, bias) in tensors.items():
        kernel = np.ascontiguousarray(weight.transpose(2, 3, 1, 0)).astype(dtype)
        out[name + "_W"] = np.asfortranarray(kernel) if fortran else kernel
        out[name + "_b"] = bias.astype(dtype)
    return out


def save_safetensors(path, tensors):
    state = torchvision(tensors)
    write_safetensors(path, {name: value.numpy() for name, value in state.items()}, {"format": "pt"}, False)


# Pieces

class Storage:
    """The storage of a tensor. kind: "FloatStorage" ...; claimed: the number of values that the pickle
    declares."""

    def __init__(self, key, numbers, kind="FloatStorage", claimed=None, view=()):
        self.key, self.numbers, self.kind, self.view = key, np.asarray(numbers), kind, view
        self.claimed = self.numbers.size if claimed is None else claimed


class Call:
    """An object whose pickle calls function (arguments)."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class Pickler(pickle._Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            self.seen.add(value.key)
            return ("storage", getattr(torch, value.kind), value.key, "cpu", value.claimed) + value.view
        return None


def pickled(value):
    """The pickle and the keys of its storages."""
    out = io.BytesIO()
    pickler = Pickler(out, 2)
    pickler.seen = set()
    pickler.dump(value)
    return out.getvalue(), pickler.seen


def dump(value):
    return pickled(value)[0]


def tensor(storage, shape, strides=None, first=0):
    if strides is None:
        strides = tuple(int(np.prod(shape[i + 1:])) for i in range(len(shape)))
    return Call(torch._utils._rebuild_tensor_v2, storage, first, tuple(shape), strides, False, OrderedDict())


def legacy_magic():
    return pickle.dumps(torch.serialization.MAGIC_NUMBER, 2)


def legacy(state, storages, keys=None, version=1001, lengths=None):
    """Bytes of a file in the legacy form. state: an object, or the bytes of its pickle. lengths: {key:
    declared length}. Like torch.save, only storages of the state are written."""
    out = legacy_magic() + pickle.dumps(version, 2) + pickle.dumps({"protocol_version": 1001,
                                                                    "little_endian": True}, 2)
    if not isinstance(state, bytes):
        state, seen = pickled(state)
        storages = [s for s in storages if s.key in seen]
    out += state
    out += pickle.dumps([s.key for s in storages] if keys is None else keys, 2)
    for storage in storages:
        out += struct.pack("<q", (lengths or {}).get(storage.key,
                                                     storage.numbers.size)) + storage.numbers.tobytes()
    return out


def zipped(state, storages, compression=zipfile.ZIP_STORED, more=(), name="archive"):
    """Bytes of a file in the zip form. more: (name, bytes) pairs"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr(name + "/data.pkl", state if isinstance(state, bytes) else dump(state))
        for storage in storages:
            archive.writestr("%s/data/%s" % (name, storage.key), storage.numbers.tobytes())
        for entry, data in more:
            archive.writestr(entry, data)
    return out.getvalue()


def npy(array, header=None, version=b"\1\0", length=None):
    """Bytes of a .npy file; header: replaces the header of array."""
    if header is None:
        out = io.BytesIO()
        np.lib.format.write_array(out, array)
        return out.getvalue()
    text = header.encode() + b"\n"
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + version + size + text + array.tobytes()


def archive(entries, compression=zipfile.ZIP_STORED):
    """Bytes of a zip archive of (name, bytes) pairs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in entries:
            file.writestr(name, data)
    return out.getvalue()
