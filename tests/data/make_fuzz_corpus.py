# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the fuzzing corpus of the formats of Keras, MatConvNet and Caffe: `python3
make_fuzz_corpus.py`."""
import os

import h5py

import foreign_files as ff
import vgg

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fuzz/corpus")


def path(kind, name):
    os.makedirs(os.path.join(CORPUS, kind), exist_ok=True)
    return os.path.join(CORPUS, kind, name)


one, two = vgg.weights(19, (1,), "conv1_1"), vgg.weights(19, (2,), "conv1_2")
kernel, bias = one["conv1_1"]
for name, options in (("plain.h5", {}), ("packed.h5",
                                         {"chunks": True, "compression": "gzip", "shuffle": True})):
    with h5py.File(path("keras", name), "w") as file:
        group = file.create_group("conv1_1")
        group.create_dataset("kernel:0", data=kernel.transpose(2, 3, 1, 0), **options)
        group.create_dataset("bias:0", data=bias)
ff.write_keras(path("keras", "new.h5"), one, "new")
for layout in ("old", "new"):
    for compress in (True, False):
        name = "%s-%s.mat" % (layout, "packed" if compress else "plain")
        ff.write_matconvnet_scipy(path("matconvnet", "scipy-" + name), one, layout, compress)
        ff.write_matconvnet_matio(path("matconvnet", "matio-" + name), one, layout, compress)
for layout in ("v1", "new"):
    for packed in (True, False):
        ff.write_caffe(path("caffe", "%s-%s.caffemodel" % (layout, "packed" if packed else "single")), two,
                       layout=layout,
                       packed=packed, shape=packed)
