# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the iteration of iteration.c in PyTorch:

    python3 iteration.py full|slim WIDTH HEIGHT RUNS [THREADS [average|max|layers]]

Prints lines "name value" like iteration.c: seconds, least, peak. With "layers" it prints "part PASS LAYER
MILLISECONDS" for each convolution alone."""
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

kind, width, height, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(int(sys.argv[5]) if len(sys.argv) > 5 else len(os.sched_getaffinity(0)))
mode = sys.argv[6] if len(sys.argv) > 6 else "average"
pool = F.max_pool2d if mode == "max" else F.avg_pool2d
torch.manual_seed(0)
layers, channels = [], 3
for outputs in [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512]:
    if outputs:
        outputs //= 4 if kind == "slim" else 1
        layers.append((torch.randn(outputs, channels, 3, 3) * (2 / (9 * channels)) ** .5,
                       torch.randn(outputs) * .05))
        channels = outputs
    else:
        layers.append(None)
STYLE, CONTENT = [0, 3, 6, 11, 16], 12


def taps(x):
    out = {}
    for i, layer in enumerate(layers):
        x = F.relu(F.conv2d(x, *layer, padding=1)) if layer else pool(x, 2)
        out[i] = x
    return out


def gram(f):
    f = f[0].flatten(1)
    return f @ f.t() / f.shape[1]


def seconds_of(call):
    """Median and minimum of runs calls, after a warm-up call."""
    seconds = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    seconds = sorted(seconds[1:])
    return seconds[runs // 2], seconds[0]


def bench_layers():
    block, number, h, w = 1, 1, height, width
    for layer in layers:
        if layer is None:
            block, number, h, w = block + 1, 1, h // 2, w // 2
            continue
        x = torch.randn(1, layer[0].shape[1], h, w, requires_grad=True)
        with torch.no_grad():
            forward = seconds_of(lambda: F.conv2d(x, *layer, padding=1))[0]
        y = F.conv2d(x, *layer, padding=1)
        gradient = torch.randn_like(y)
        backward = seconds_of(lambda: torch.autograd.grad(y, x, gradient, retain_graph=True))[0]
        for step, seconds in ("forward", forward), ("backward", backward):
            print("part %s conv%d_%d %.3f" % (step, block, number, 1e3 * seconds))
        number += 1


def bench_iteration():
    with torch.no_grad():
        style = taps(torch.rand(1, 3, height, width))
        grams = {i: gram(style[i]) for i in STYLE}
        content = taps(torch.rand(1, 3, height, width))[CONTENT]
        del style
    x = torch.rand(1, 3, height, width, requires_grad=True)
    adam = torch.optim.Adam([x], .02)

    def iterate():
        out = taps(x)
        loss = (out[CONTENT] - content).pow(2).sum() / content.pow(2).sum()
        for i in STYLE:
            loss = loss + 4 * (gram(out[i]) - grams[i]).pow(2).sum() / grams[i].pow(2).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()

    print("seconds %.5f\nleast %.5f" % seconds_of(iterate))
    print("peak %d" % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


if mode == "layers":
    bench_layers()
else:
    bench_iteration()
