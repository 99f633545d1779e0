# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the deep half of the embedded model, conv3_1 to conv5_1, on features that are worked out once.

    python3 painted.py ...                          # pastiches, see there
    python3 deep.py --teacher TEACHER.pth --pictures pictures.npz --painted painted --cache cache --run FOLDER --minutes 60 \
        --start state.pth [--cooldown]

The first two blocks take a third of a step's arithmetic and most of its memory traffic, and the teacher takes another third; both
come out the same each time they see the same picture. So the features of pool2 of the student, whose first two blocks rest here, and
the teacher's of the deep layers are kept on disk (CACHE, about 1 MB for each crop of 192 pixels, float16), and a step is only what is
being learned.

--gram adds, for each style tap and crop, the squared error of the projected Gram matrix over that of the teacher's: regression makes
features smaller than they should be where it is unsure, by a few per cent at conv3_1 and a quarter at conv5_1, and what a style asks for
with them.

--revive gives filters that never answer a new beginning, every EVERY steps until half of the time has passed: training kills them (at
step 16336, 106 of conv4_3's 128 were dead), and what is dead has no gradient.

FOLDER/state.pth and FOLDER/curve.csv are as train.py's; but for that the loss is the same, and so are the figures; those of pastiches are
left 0 in all rows but the last.
"""
import argparse
import csv
import glob
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

from train import LAYERS, STYLE, TAPS, Muon, Student, crop, evaluate, load_teacher, moments

SIDE = 192
DEEP = [l for l in LAYERS if l.startswith("conv") and l[4] in "345"]
FROM = LAYERS.index("pool2") + 1
EVERY = 1000


def front(student, x):
    """The first two blocks: N x 32 x H/4 x W/4."""
    x = (x - .45) / .225
    for layer in LAYERS[:FROM]:
        x = F.max_pool2d(x, 2) if layer.startswith("pool") else F.relu(student.conv[layer](x))
    return x


def back(student, x):
    out = {}
    for layer in LAYERS[FROM:]:
        if layer.startswith("pool"):
            x = F.max_pool2d(x, 2)
            continue
        x = out[layer] = F.relu(student.conv[layer](x))
    return out


def positions(layer):
    """Without the outermost positions, where the paddings differ by design; of block 3 every second row and column."""
    return slice(1, -1, 2) if layer[4] == "3" else slice(1, -1)


class Cache:
    """One float16 file for each layer: entries x channels x rows x columns."""

    def __init__(self, folder, shapes, count):
        os.makedirs(folder, exist_ok=True)
        self.maps = {}
        for name, shape in shapes.items():
            path = os.path.join(folder, name + ".npy")
            self.maps[name] = np.lib.format.open_memmap(path, "r+" if os.path.exists(path) else "w+", np.float16, (count, *shape))

    def batch(self, ids, name):
        return torch.from_numpy(np.stack([self.maps[name][i] for i in ids]).astype(np.float32))


@torch.no_grad()
def fill(cache, i, picture, student, teacher):
    cache.maps["pool2"][i] = front(student, picture)[0].numpy()
    wanted = teacher(picture)
    for layer in DEEP:
        s = positions(layer)
        cache.maps[layer][i] = wanted[layer][0, :, s, s].numpy()


def gram_error(x, want, head, projection):
    """Squared error of the projected Gram matrices over the teacher's, mean over crops."""
    error = 0
    for k in range(len(x)):
        g = head @ moments(x[k:k + 1]) @ head.t()
        with torch.no_grad():
            a = projection @ moments(want[k:k + 1]) @ projection.t()
        error = error + (g - a).pow(2).sum() / a.pow(2).sum()
    return error / len(x)


@torch.no_grad()
def revive(student, average, x):
    """Filters that answer nowhere in X (N x 32 x H x W, pool2) draw new weights, as strong as their living neighbours' and active on
    half of the positions; nothing listens to them yet, so the network's function stays the same. Returns how many, per layer."""
    counts, dead = {}, torch.zeros(x.shape[1], dtype=torch.bool)
    for layer in LAYERS[FROM:]:
        if layer.startswith("pool"):
            x = F.max_pool2d(x, 2)
            continue
        conv = student.conv[layer]
        conv.weight[:, dead] = 0
        before = conv(x)
        dead = before.amax((0, 2, 3)) <= 0
        counts[layer] = int(dead.sum())
        if dead.any():
            conv.weight[dead] = torch.randn_like(conv.weight[dead])
            conv.bias[dead] = 0
            fresh = conv(x)[:, dead]
            scale = before[:, ~dead].std((0, 2, 3)).median() / fresh.std((0, 2, 3))
            conv.weight[dead] *= scale[:, None, None, None]
            conv.bias[dead] = -fresh.mean((0, 2, 3)) * scale
            student.head[layer].weight[:, dead] = 0
        x = F.relu(conv(x))
        mine = average.conv[layer]
        mine.weight[dead], mine.bias[dead] = conv.weight[dead], conv.bias[dead]
        average.head[layer].weight[:, dead] = 0
        if layer != LAYERS[-1]:
            following = LAYERS[LAYERS.index(layer) + 1]
            following = LAYERS[LAYERS.index(layer) + 2] if following.startswith("pool") else following
            average.conv[following].weight[:, dead] = 0
    return counts


def picture_crop(path, mirrored):
    a = np.asarray(Image.open(path).convert("RGB"))
    y, x = random.randrange(a.shape[0] - SIDE + 1), random.randrange(a.shape[1] - SIDE + 1)
    t = torch.from_numpy(a[y:y + SIDE, x:x + SIDE].copy()).permute(2, 0, 1)[None].float() / 255
    return t.flip(3) if mirrored else t


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--teacher", required=True)
    p.add_argument("--pictures", required=True)
    p.add_argument("--painted", required=True, help="folder of pastiches")
    p.add_argument("--cache", required=True, help="folder of the features, made when it is not there")
    p.add_argument("--crops", type=int, default=3500, help="of photographs, and a third as many of pastiches")
    p.add_argument("--run", required=True)
    p.add_argument("--minutes", type=float, required=True)
    p.add_argument("--start", required=True, help="state.pth of train.py")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--gram", type=float, default=0, help="weight of the Gram matrices' errors beside the features'")
    p.add_argument("--revive", action="store_true")
    p.add_argument("--cooldown", action="store_true")
    p.add_argument("--threads", type=int, default=torch.get_num_threads())
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    random.seed(a.seed)
    os.makedirs(a.run, exist_ok=True)
    state_file, log_file = os.path.join(a.run, "state.pth"), os.path.join(a.run, "curve.csv")

    teacher = load_teacher(a.teacher)
    resumed = os.path.exists(state_file)
    loaded = torch.load(state_file if resumed else a.start)
    first = loaded["student"] if resumed else loaded["average"]
    student, average = Student(teacher), Student(teacher)
    student.load_state_dict(first)
    average.load_state_dict(loaded["average"] if resumed else first)
    step = loaded["step"]

    arrays = np.load(a.pictures)
    pictures = [arrays[k] for k in arrays.files if k.startswith("train")]
    held = [arrays[k] for k in arrays.files if k.startswith("held") and k.endswith(":0")]
    random.Random(1).shuffle(held)

    shapes = {"pool2": tuple(front(student, torch.zeros(1, 3, SIDE, SIDE)).shape[1:])}
    for layer, f in teacher(torch.zeros(1, 3, SIDE, SIDE)).items():
        if layer in DEEP:
            shapes[layer] = tuple(f[0, :, positions(layer), positions(layer)].shape)
    counts_file = os.path.join(a.cache, "counts")
    if os.path.exists(counts_file):
        n_photographs, n_painted = map(int, open(counts_file).read().split())
        cache = Cache(a.cache, shapes, n_photographs + n_photographs // 3)
    else:
        n_photographs, cache = a.crops, Cache(a.cache, shapes, a.crops + a.crops // 3)
        for i in range(n_photographs):
            fill(cache, i, crop(random.choice(pictures), SIDE), average, teacher)
        files = sorted(glob.glob(os.path.join(a.painted, "*.png")))
        n_painted = min(n_photographs // 3, 2 * len(files))
        for k in range(n_painted):
            fill(cache, n_photographs + k, picture_crop(files[k // 2], k % 2), average, teacher)
        with open(counts_file, "w") as f:
            f.write(f"{n_photographs} {n_painted}\n")

    muon = [student.conv[l].weight for l in DEEP]
    adam = [student.conv[l].bias for l in DEEP] + [q for l in DEEP for q in student.head[l].parameters()]
    optimisers = [torch.optim.Adam(adam, a.lr, betas=(.9, .98)), Muon(muon, a.lr)]
    if resumed:
        for o, d in zip(optimisers, loaded["optimisers"]):
            o.load_state_dict(d)
    projections = {l: teacher.projection(l) for l in DEEP}
    begin, first_step, running = time.time(), step, None

    def report(pastiches):
        photographs, painted = evaluate(average, teacher, held, pastiches=pastiches)
        fresh = not os.path.exists(log_file)
        with open(log_file, "a", newline="") as f:
            w = csv.writer(f)
            if fresh:
                w.writerow(["step", "seconds"] + [f"held_{l}" for l in TAPS] + [f"policy_{l}" for l in TAPS])
            w.writerow([step, round(time.time() - begin)] + [f"{photographs[l]:.4f}" for l in TAPS] + [f"{painted[l]:.4f}" for l in TAPS])
        torch.save(dict(student=student.state_dict(), average=average.state_dict(), step=step,
                        optimisers=[o.state_dict() for o in optimisers]), state_file + ".new")
        os.replace(state_file + ".new", state_file)

    while True:
        done = (time.time() - begin) / (60 * a.minutes)
        if done >= 1:
            break
        for o in optimisers:
            for g in o.param_groups:
                g["lr"] = a.lr * (max(1 - done, .01) if a.cooldown else 1) * min(1, (step - first_step + 1) / 100)
        if a.revive and done < .5 and (step - first_step) % EVERY == 0:
            print("revived", revive(student, average, cache.batch(random.sample(range(n_photographs), 48), "pool2")), flush=True)
        ids = random.sample(range(n_photographs), a.batch - 1)
        ids.append(n_photographs + random.randrange(n_painted) if n_painted else random.randrange(n_photographs))
        got, loss = back(student, cache.batch(ids, "pool2")), 0
        for layer in DEEP:
            s = positions(layer)
            x, want = got[layer][:, :, s, s], cache.batch(ids, layer)
            e, h, t, n = moments(x, want), student.projection(layer), projections[layer], x.shape[1]
            difference = torch.cat([h[:, :n], -t[:, :-1], h[:, n:] - t[:, -1:]], 1)
            if a.gram > 0 and layer in STYLE:
                loss = loss + a.gram * gram_error(x, want, h, t)
            loss = loss + ((difference @ e) * difference).sum() / ((t @ e[n:, n:]) * t).sum() * (1 if layer in TAPS else .3)
        for o in optimisers:
            o.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(muon + adam, 5.)
        for o in optimisers:
            o.step()
        step += 1
        since = step - first_step
        keep = min(.998, (since + 1) / (since + 10))
        with torch.no_grad():
            for q, r in zip(average.parameters(), student.parameters()):
                q.lerp_(r, 1 - keep)
        running = loss.item() if running is None else .99 * running + .01 * loss.item()
        if since % 100 == 0:
            print(step, round(time.time() - begin), f"{running:.4f}", flush=True)
        if step % EVERY == 0:
            report(0)
    report(4)


if __name__ == "__main__":
    main()
