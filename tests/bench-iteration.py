# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of bench-iteration.c in PyTorch: python3 bench-iteration.py full|slim WIDTH HEIGHT RUNS [THREADS]"""
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

kind, width, height, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(int(sys.argv[5]) if len(sys.argv) > 5 else len(os.sched_getaffinity(0)))
torch.manual_seed(0)
layers, channels = [], 3
for outputs in [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512]:
    if outputs:
        outputs //= 4 if kind == "slim" else 1
        layers.append((torch.randn(outputs, channels, 3, 3) * (2 / (9 * channels)) ** .5, torch.randn(outputs) * .05))
        channels = outputs
    else:
        layers.append(None)
STYLE, CONTENT = [0, 3, 6, 11, 16], 12


def taps(x):
    out = {}
    for i, layer in enumerate(layers):
        x = F.relu(F.conv2d(x, *layer, padding=1)) if layer else F.avg_pool2d(x, 2)
        out[i] = x
    return out


def gram(f):
    f = f[0].flatten(1)
    return f @ f.t() / f.shape[1]


with torch.no_grad():
    style = taps(torch.rand(1, 3, height, width))
    grams = {i: gram(style[i]) for i in STYLE}
    content = taps(torch.rand(1, 3, height, width))[CONTENT]
    del style
x = torch.rand(1, 3, height, width, requires_grad=True)
adam = torch.optim.Adam([x], .02)
seconds = []
for _ in range(runs + 1):
    begin = time.time()
    out = taps(x)
    loss = (out[CONTENT] - content).pow(2).sum() / content.pow(2).sum()
    for i in STYLE:
        loss = loss + 4 * (gram(out[i]) - grams[i]).pow(2).sum() / grams[i].pow(2).sum()
    adam.zero_grad()
    loss.backward()
    adam.step()
    seconds.append(time.time() - begin)
seconds = sorted(seconds[1:])
print("PyTorch  %s %d x %d, %d threads: %.4f s (least %.4f), peak %.3f GB" % (
    kind, width, height, torch.get_num_threads(), seconds[runs // 2], seconds[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024e-6))
