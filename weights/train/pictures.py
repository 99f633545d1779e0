# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that the embedded model is trained on: photographs, renderings and paintings
out of Debian packages.

The model file contains nothing of them except what the parameters have learned.
`python3 pictures.py CACHE.npz` reads every picture of the packages that are installed,
scales it, and writes them to one cache, so that training starts in seconds."""
import hashlib
import random
import subprocess
import sys

import numpy as np
from PIL import Image

PACKAGES = [
    "opencv-doc", "labelme-examples", "fotoxx-common", "photofilmstrip", "python3-skimage",
            "supertuxkart-data",
    "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "plasma-workspace-wallpapers", "mate-backgrounds",
    "gnome-backgrounds", "ukui-wallpapers", "sway-backgrounds",
]
# pictures are scaled to at most this side, and large ones give crops at full resolution too
LONGEST = 640
SMALLEST = 160      # a picture with a shorter side is left out
FLAT = 12.0         # so is one whose standard deviation (0..255) is below this


def files():
    """Paths of all pictures of the installed packages, sorted, so that a cache is the same on every
    machine."""
    found = set()
    for package in PACKAGES:
        listing = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True)
        found.update(f for f in listing.stdout.split("\n") if f.lower().endswith((".jpg", ".jpeg", ".png",
                                                                                  ".webp")))
    return sorted(found)


def read(path, rng):
    """The picture scaled to LONGEST, then crops of a large one; a list of H x W x 3 uint8 arrays, empty if
    unusable."""
    try:
        image = Image.open(path)
        if min(image.size) < SMALLEST or image.size[0] * image.size[1] > 60_000_000:
            return []
        if image.mode in ("RGBA", "LA", "P"):    # transparent renderings are laid over grey
            image = image.convert("RGBA")
            ground = Image.new("RGBA", image.size, (128, 128, 128, 255))
            image = Image.alpha_composite(ground, image)
        image = image.convert("RGB")
    except Exception:
        return []
    out, scale = [], LONGEST / max(image.size)
    if scale < 1:
        size = [max(SMALLEST, round(s * scale)) for s in image.size]
        out.append(np.array(image.resize(size, Image.LANCZOS)))
        if min(image.size) > 1200:
            for _ in range(3):
                x, y = rng.randrange(image.width - 640), rng.randrange(image.height - 560)
                out.append(np.array(image.crop((x, y, x + 640, y + 560))))
    else:
        out.append(np.array(image))
    return [a for a in out if a.std() >= FLAT]


def held_out(path):
    """One picture in twenty never takes part in training; which ones depends on the file's name alone."""
    return int(hashlib.sha256(path.encode()).hexdigest(), 16) % 20 == 0


def thumbnail(a):
    """A 12 x 12 grey thumbnail with mean 0 and length 1: the scalar product of two is how alike the pictures
    are."""
    t = np.asarray(Image.fromarray(a).convert("L").resize((12, 12), Image.BOX), dtype=np.float32).ravel()
    t -= t.mean()
    return t / max(np.linalg.norm(t), 1e-6)


def main():
    rng, arrays, seen = random.Random(0), {}, np.zeros((0, 144), np.float32)
    for path in files():
        crops = read(path, rng)
        if not crops:
            continue
        t = thumbnail(crops[0])
        # wallpapers come in many sizes, films in many frames: one is enough,
        if len(seen) and (seen @ t).max() > 0.98:
            # and none of the held-out ones has a twin among the others
            continue
        seen = np.vstack([seen, t])
        for i, a in enumerate(crops):
            arrays[f"{'held' if held_out(path) else 'train'}:{path}:{i}"] = a
    np.savez(sys.argv[1], **arrays)
    print(len(arrays), "pictures,", sum(k.startswith("held") for k in arrays), "held out")


if __name__ == "__main__":
    main()
