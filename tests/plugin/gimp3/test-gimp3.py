# SPDX-License-Identifier: GPL-3.0-or-later
"""plug-in-pastiche end to end in a real GIMP 3: the cases of test-gimp.c, and those that only GIMP 3 has.

in-gimp.sh runs this file with python-fu-eval. It prints TAP. Pixels are compared byte for byte in GIMP's
storage format.
"""
import os
import random
import signal
import struct
import threading
import time
import traceback

import gi
for module, version in ("Gimp", "3.0"), ("Gegl", "0.4"), ("Babl", "0.1"):
    gi.require_version(module, version)
from gi.repository import Babl, Gegl, Gimp, Gio

SOURCE = os.environ["SRCDIR"]
FLOAT = "R'G'B'A float"
RGB, GREY = Gimp.ImageBaseType.RGB, Gimp.ImageBaseType.GRAY
P = Gimp.Precision
procedure = Gimp.get_pdb().lookup_procedure("plug-in-pastiche")


class Sheet:
    """An image with one layer of random pixels. With alpha a fifth of them is transparent."""

    def __init__(self, base=RGB, precision=P.U8_NON_LINEAR, alpha=False, canvas=(70, 50), box=(0, 0, 70, 50),
                 profile=None):
        self.canvas, self.box = canvas, box
        self.image = Gimp.Image.new_with_precision(*canvas, base, precision)
        if profile:
            self.image.set_color_profile(profile)
        self.layer = self.add_layer(base, alpha)

    def add_layer(self, base=RGB, alpha=False):
        x, y, width, height = self.box
        kind = {(RGB, False): Gimp.ImageType.RGB_IMAGE,
                (RGB, True): Gimp.ImageType.RGBA_IMAGE,
                (GREY, False): Gimp.ImageType.GRAY_IMAGE,
                (GREY, True): Gimp.ImageType.GRAYA_IMAGE}[base, alpha]
        layer = Gimp.Layer.new(self.image, "layer", width, height, kind, 100, Gimp.LayerMode.NORMAL)
        self.image.insert_layer(layer, None, 0)
        layer.set_offsets(x, y)
        dice = random.Random(width * height)
        pixels = []
        for _ in range(width * height):
            pixels += [dice.uniform(0.2, 0.8) for _ in range(3)]
            pixels += [0.0 if dice.random() < 0.2 else dice.uniform(0.1, 1.0)]
        buffer = layer.get_buffer()
        buffer.set(Gegl.Rectangle.new(0, 0, width, height), FLOAT, struct.pack(f"<{len(pixels)}f", *pixels))
        buffer.flush()
        return layer

    def select(self, part, feather=False):
        if part:
            Gimp.context_push()
            Gimp.context_set_feather(feather)
            Gimp.context_set_feather_radius(4, 4)
            self.image.select_rectangle(Gimp.ChannelOps.REPLACE, *part)
            Gimp.context_pop()


def read(drawable, encoding):
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    return bytes(drawable.get_buffer().get(area, 1.0, encoding, Gegl.AbyssPolicy.NONE))


def stored(drawable):
    return read(drawable, Babl.get_name(drawable.get_format()))


def alpha_of(drawable):
    pixels = read(drawable, FLOAT)
    return struct.unpack(f"<{len(pixels) // 4}f", pixels)[3::4]


def selected(sheet):
    """The selection at each pixel of the layer, 0 to 255; None outside the canvas."""
    mask = read(sheet.image.get_selection(), "Y u8")
    everything = Gimp.Selection.is_empty(sheet.image)
    left, top, width, height = sheet.box
    for y in range(top, top + height):
        for x in range(left, left + width):
            inside = 0 <= x < sheet.canvas[0] and 0 <= y < sheet.canvas[1]
            yield None if not inside else 255 if everything else mask[y * sheet.canvas[0] + x]


style_sheet = Sheet(canvas=(40, 48), box=(0, 0, 40, 48))


def call(image, layers, mode=Gimp.RunMode.NONINTERACTIVE, **arguments):
    """Run plug-in-pastiche. Returns the layers with the results, or the error message."""
    config = procedure.create_config()
    config.set_property("run-mode", mode)
    config.set_property("image", image)
    config.set_core_object_array("drawables", layers if isinstance(layers, list) else [layers])
    for name, value in ({"style": style_sheet.layer, "iterations": 2, "size": 64} | arguments).items():
        config.set_property(name.replace("_", "-"), value)
    result = procedure.run(config)
    if result.index(0) == Gimp.PDBStatusType.SUCCESS:
        return result.get_core_object_array(1)
    return Gimp.get_pdb().get_last_error()


def undo(image):
    """Undo one step; tests/plugin/gimp2/undo.c reacts to the parasite."""
    image.attach_parasite(Gimp.Parasite.new("pastiche-test-undo", 0, b"-"))


def same(left, right):
    assert left == right, f"{left!r:.80} != {right!r:.80}"


PAINT = {
    "rgb-8": {},
    "rgb-8-alpha": {"alpha": True},
    "rgb-16": {"precision": P.U16_NON_LINEAR},
    "rgb-16-alpha": {"precision": P.U16_NON_LINEAR, "alpha": True},
    "rgb-float": {"precision": P.FLOAT_LINEAR},
    "rgb-float-alpha": {"precision": P.FLOAT_LINEAR, "alpha": True},
    "rgb-half-alpha": {"precision": P.HALF_NON_LINEAR, "alpha": True},
    "grey-8": {"base": GREY},
    "grey-8-alpha": {"base": GREY, "alpha": True},
    "grey-float-alpha": {"base": GREY, "precision": P.FLOAT_LINEAR, "alpha": True},
    "smaller-than-canvas": {"alpha": True, "canvas": (100, 90), "box": (20, 10, 50, 60)},
    "offset-beyond-canvas": {"canvas": (60, 50), "box": (-20, 15, 70, 60)},
    "selection": {"part": (10, 5, 30, 20)},
    "selection-alpha": {"alpha": True, "part": (10, 5, 30, 20)},
    "selection-float-alpha": {"precision": P.FLOAT_LINEAR, "alpha": True, "part": (10, 5, 30, 20)},
    "selection-grey": {"base": GREY, "part": (10, 5, 30, 20)},
    "selection-across-offset-layer": {"alpha": True, "canvas": (100, 90), "box": (20, 10, 50, 60),
                                      "part": (0, 0, 45, 40)},
    "selection-feathered": {"part": (20, 15, 30, 20), "feather": True},
}


def paint_sheet(part=None, feather=False, **sheet):
    made = Sheet(**sheet)
    made.select(part, feather)
    return made


def check_in_place(**case):
    sheet = paint_sheet(**case)
    layer, image = sheet.layer, sheet.image
    before, alpha, encoding = stored(layer), alpha_of(layer), layer.get_format()
    same(call(image, layer, output="in-place"), [layer])
    after = stored(layer)
    same(alpha, alpha_of(layer))
    same(Babl.get_name(encoding), Babl.get_name(layer.get_format()))
    same(tuple(layer.get_offsets())[1:], sheet.box[:2])
    size = len(before) // len(alpha)
    paintable = changed = 0
    for i, share in enumerate(selected(sheet)):
        equal = before[i * size:(i + 1) * size] == after[i * size:(i + 1) * size]
        if share == 0 or alpha[i] == 0.0:
            assert equal, f"pixel {i} changed"
        elif share and share > 127:
            paintable += 1
            changed += not equal
    assert changed > paintable / 2 > 0, f"{changed} of {paintable} changed"
    undo(image)
    same(before, stored(layer))
    image.delete()


def check_new_layer(**case):
    sheet = paint_sheet(**case)
    layer, image = sheet.layer, sheet.image
    before, alpha = stored(layer), alpha_of(layer)
    painted, = call(image, layer)
    same(before, stored(layer))
    same(image.get_layers(), [painted, layer])
    same((painted.get_width(), painted.get_height()), sheet.box[2:])
    same(tuple(painted.get_offsets())[1:], sheet.box[:2])
    same(Babl.get_name(painted.get_format()).split()[1], Babl.get_name(layer.get_format()).split()[1])
    for i, (share, now) in enumerate(zip(selected(sheet), alpha_of(painted))):
        if share in (0, 255):
            same(now, alpha[i] if share else 0.0)
        else:
            assert share is None or abs(now - alpha[i] * share / 255) < 0.01, f"alpha of pixel {i}"
    text = bytes(painted.get_parasite("pastiche-settings").get_data())
    assert b'"iterations":2' in text.replace(b" ", b""), text
    undo(image)
    same(image.get_layers(), [layer])
    image.delete()


def check_new_image(**case):
    sheet = paint_sheet(**case)
    layer, image = sheet.layer, sheet.image
    image.clean_all()
    before, alpha = stored(layer), alpha_of(layer)
    painted, = call(image, layer, output="new-image")
    other = painted.get_image()
    assert other != image and not image.is_dirty()
    same(before, stored(layer))
    same((other.get_width(), other.get_height()), sheet.box[2:])
    same(other.get_precision(), image.get_precision())
    same(alpha, alpha_of(painted))
    assert before != stored(painted)
    other.delete()
    image.delete()


def gone():
    sheet = Sheet()
    sheet.image.delete()
    return sheet.layer


BAD = {
    "no-style": ("No style", {"style": None}),
    "style-file-missing": ("/no/such/picture.png",
                           {"style": None, "style_file": Gio.File.new_for_path("/no/such/picture.png")}),
    "style-file-no-picture": ("/proc/self/cmdline",
                              {"style": None, "style_file": Gio.File.new_for_path("/proc/self/cmdline")}),
    "json-broken": ("JSON", {"settings": '{"tv": 1'}),
    "json-no-object": ("JSON", {"settings": "[1, 2]"}),
    "json-wrong-type": ("tv", {"settings": '{"tv": "much"}'}),
    "json-out-of-range": ("history", {"settings": '{"history": 1000}'}),
    "json-unknown-field": ("colour", {"settings": '{"colour": 1}'}),
    "json-model-no-name": ("model", {"settings": '{"model": 19}'}),
    "json-init-image": ("init", {"settings": '{"init": "image"}'}),
    "model-missing": ("/no/such/model.safetensors", {"settings": '{"model": "/no/such/model.safetensors"}'}),
    "layer-missing": ("conv9_9", {"settings": '{"content_layers": {"conv9_9": 1}}'}),
    "size-too-small": ("size", {"size": 3}),
    "layer-1x1": ("1", {"box": (0, 0, 1, 1)}),
    "layer-15x3": ("15", {"box": (0, 0, 15, 3)}),
    "layer-transparent": ("transparent", {"fill": Gimp.FillType.TRANSPARENT}),
    "selection-beside-layer": ("selection", {"output": "in-place", "part": (75, 55, 10, 10)}),
}


def check_bad(text, box=(0, 0, 70, 50), fill=None, part=None, **arguments):
    sheet = Sheet(canvas=(100, 80), box=box, alpha=fill is not None)
    if fill:
        sheet.layer.fill(fill)
    sheet.select(part)
    before = stored(sheet.layer)
    sheet.image.clean_all()
    answer = call(sheet.image, sheet.layer, **arguments)
    assert isinstance(answer, str) and text in answer, answer
    same(before, stored(sheet.layer))
    same(sheet.image.get_layers(), [sheet.layer])
    assert not sheet.image.is_dirty()
    sheet.image.delete()


def check_last_values():
    """GIMP 3 keeps the last values of interactive calls. Must run before any interactive call."""
    nothing = {"mode": Gimp.RunMode.INTERACTIVE, "style": None}
    first, again = Sheet(), Sheet()
    answer = call(first.image, first.layer, **nothing)
    assert "no style yet" in answer, answer
    file = Gio.File.new_for_path(SOURCE + "/tests/data/style.png")
    answer = call(first.image, first.layer, mode=Gimp.RunMode.INTERACTIVE, style=None, style_file=file,
                  output="in-place")
    same(answer, [first.layer])
    for holder in (first.image, first.layer):
        for name in holder.get_parasite_list():
            data = bytes(holder.get_parasite(name).get_data())
            assert SOURCE.encode() not in data, f"{name} of the image holds a path: {data}"
    same(call(again.image, again.layer, mode=Gimp.RunMode.WITH_LAST_VALS, style=None, size=-1), [again.layer])
    same(stored(first.layer), stored(again.layer))
    first.image.delete()
    again.image.delete()


def check_several():
    """Two layers are one undo step. If one cannot be painted, the other is unchanged, too."""
    for output, count in ("in-place", 2), ("new-layer", 4):
        sheet = Sheet()
        layers = [sheet.layer, sheet.add_layer()]
        before = [stored(layer) for layer in layers]
        painted = call(sheet.image, layers, output=output)
        same(len(painted), 2)
        same(len(sheet.image.get_layers()), count)
        if output == "in-place":
            same(painted, layers)
            assert all(stored(layer) != old for layer, old in zip(layers, before))
        undo(sheet.image)
        same(before, [stored(layer) for layer in layers])
        same(len(sheet.image.get_layers()), 2)
        layers[1].set_lock_content(True)
        answer = call(sheet.image, layers, output="in-place")
        assert "locked" in answer, answer
        same(before, [stored(layer) for layer in layers])
        sheet.image.delete()


def check_profile():
    """The image keeps its colour profile, and with strength 0 its colours."""
    profile = Gimp.ColorProfile.new_rgb_adobe()
    sheet = Sheet(profile=profile)
    before = stored(sheet.layer)
    same(call(sheet.image, sheet.layer, output="in-place", strength=0.0), [sheet.layer])
    assert max(abs(a - b) for a, b in zip(before, stored(sheet.layer))) <= 1
    same(call(sheet.image, sheet.layer, output="in-place"), [sheet.layer])
    assert before != stored(sheet.layer)
    same(sheet.image.get_color_profile().get_icc_profile(), profile.get_icc_profile())
    sheet.image.delete()


COLOURS = {
    "adobe-8": ("new_rgb_adobe", P.U8_NON_LINEAR), "adobe-8-perceptual": ("new_rgb_adobe", P.U8_PERCEPTUAL),
    "adobe-16": ("new_rgb_adobe", P.U16_NON_LINEAR), "adobe-16-linear": ("new_rgb_adobe", P.U16_LINEAR),
    "adobe-16-perceptual": ("new_rgb_adobe", P.U16_PERCEPTUAL),
    "adobe-half": ("new_rgb_adobe", P.HALF_NON_LINEAR), "adobe-float": ("new_rgb_adobe", P.FLOAT_LINEAR),
    "linear-float": ("new_rgb_srgb_linear", P.FLOAT_NON_LINEAR),
    "grey-16": ("new_d50_gray_lab_trc", P.U16_NON_LINEAR),
}


def check_unchanged(profile, precision):
    """A run without style changes no value, in any profile and precision."""
    sheet = Sheet(base=GREY if "gray" in profile else RGB, precision=precision,
                  profile=getattr(Gimp.ColorProfile, profile)())
    layer = sheet.layer
    kind = Babl.format_get_encoding(layer.get_format()).split()[-1]
    before = stored(layer)
    same(call(sheet.image, layer, output="in-place", size=1024,
              settings='{"beta": 0, "tv": 0, "match_colours": 0}'), [layer])
    code = {"u8": "B", "u16": "H", "half": "e", "float": "f"}[kind]
    old, new = (struct.unpack(f"<{len(p) // struct.calcsize(code)}{code}", p)
                for p in (before, stored(layer)))
    most = {"u8": 0, "u16": 1, "half": 1e-3, "float": 1e-6}[kind]
    difference = max(abs(a - b) for a, b in zip(old, new))
    assert difference <= most, difference
    sheet.image.delete()


def check_no_paths():
    """The new layer, which may be passed on, names its style's file without a folder."""
    sheet = Sheet()
    painted, = call(sheet.image, sheet.layer, style=None,
                    style_file=Gio.File.new_for_path(SOURCE + "/tests/data/style.png"))
    text = bytes(painted.get_parasite("pastiche-settings").get_data())
    assert b'"style_file":"style.png#' in text and SOURCE.encode() not in text, text
    sheet.image.delete()


def check_size_limit():
    sheet = Sheet(canvas=(200, 120), box=(0, 0, 200, 120))
    images = len(Gimp.get_images())
    style_file = Gio.File.new_for_path(SOURCE + "/demo/starry-night.jpg")
    painted, = call(sheet.image, sheet.layer, style=None, style_file=style_file)
    same((painted.get_width(), painted.get_height()), (200, 120))
    same(len(Gimp.get_images()), images)
    sheet.image.delete()


def check_style_layer_gone():
    sheet = Sheet()
    image, layer = sheet.image, sheet.layer
    answer = call(image, layer, style=gone())
    assert isinstance(answer, str), answer
    same(image.get_layers(), [layer])
    image.delete()


def check_mask_and_lock():
    sheet = Sheet()
    mask = sheet.layer.create_mask(Gimp.AddMaskType.BLACK)
    sheet.layer.add_mask(mask)
    before = stored(mask)
    same(call(sheet.image, sheet.layer, output="in-place"), [sheet.layer])
    answer = call(sheet.image, mask, output="in-place")
    assert "Masks" in answer, answer
    same(before, stored(mask))
    sheet.layer.set_lock_content(True)
    answer = call(sheet.image, sheet.layer, output="in-place")
    assert "locked" in answer, answer
    sheet.image.delete()


def check_group():
    sheet = Sheet()
    group = Gimp.GroupLayer.new(sheet.image, "group")
    sheet.image.insert_layer(group, None, 0)
    sheet.image.reorder_item(sheet.layer, group, 0)
    answer = call(sheet.image, group, output="in-place")
    assert "group" in answer, answer
    painted, = call(sheet.image, group)
    assert not painted.is_group()
    same(sheet.image.get_item_position(painted), 0)
    sheet.image.delete()


def end_plug_in(gimp, ended):
    """Thread: kill the plug-in's process, as GIMP does on cancel. Only a child of this GIMP is killed."""
    for _ in range(6000):
        time.sleep(0.1)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                command, fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)
            except OSError:
                continue
            if command.endswith("(pastiche") and int(fields.split()[1]) == gimp:
                time.sleep(0.5)
                os.kill(int(pid), signal.SIGKILL)
                ended.append(pid)
                return


def check_ended():
    sheet, ended = Sheet(), []
    before = stored(sheet.layer)
    sheet.image.clean_all()
    thread = threading.Thread(target=end_plug_in, args=(os.getppid(), ended))
    thread.start()
    answer = call(sheet.image, sheet.layer, output="in-place", iterations=100000)
    thread.join()
    assert ended and isinstance(answer, str), answer
    same(before, stored(sheet.layer))
    same(sheet.image.get_layers(), [sheet.layer])
    assert not sheet.image.is_dirty()
    sheet.image.delete()


def cases():
    yield "last-values", check_last_values, {}
    for name, (text, arguments) in BAD.items():
        yield "bad/" + name, check_bad, {"text": text} | arguments
    for name, case in PAINT.items():
        yield "in-place/" + name, check_in_place, case
        plain = name in ("rgb-8", "rgb-float-alpha", "grey-8-alpha")
        if plain or "precision" not in case and ("canvas" in case or "part" in case):
            yield "new-layer/" + name, check_new_layer, case
            yield "new-image/" + name, check_new_image, case
    for name, (profile, precision) in COLOURS.items():
        yield "colours/" + name, check_unchanged, {"profile": profile, "precision": precision}
    for check in (check_several, check_profile, check_no_paths, check_size_limit, check_style_layer_gone,
                  check_mask_and_lock, check_group, check_ended):
        yield check.__name__[6:].replace("_", "-"), check, {}


Gegl.init(None)
number = 0
for name, check, arguments in cases():
    number += 1
    verdict = "ok"
    try:
        check(**arguments)
    except Exception:
        verdict = "not ok"
        print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
    print(f"{verdict} {number} /plugin/gimp3/{name}", flush=True)
style_sheet.image.delete()
print(f"cases {number}", flush=True)
