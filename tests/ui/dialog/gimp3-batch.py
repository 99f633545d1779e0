# SPDX-License-Identifier: GPL-3.0-or-later
# GIMP's side of gimp3.py: opens an image to paint and one to choose a style from, runs the filter three
# times, and writes the state of the image after each to a file. Runs with python-fu-eval; needs SRCDIR, and
# OWN for the files.
import json
import os

import gi
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio

SOURCE, OWN = os.environ["SRCDIR"], os.environ["OWN"]
procedure = Gimp.get_pdb().lookup_procedure("plug-in-pastiche")


def load(file, name, height):
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(f"{SOURCE}/demo/{file}"))
    image.scale(320, height)
    image.get_layers()[0].set_name(name)
    return image


def settings_of(layer):
    parasite = layer.get_parasite("pastiche-settings")
    return json.loads(bytes(parasite.get_data()).rstrip(b"\0")) if parasite else None


def say(name, status=None):
    """Layers from the top: name, box, settings."""
    facts = {"status": status, "dirty": photograph.is_dirty(),
             "layers": [[layer.get_name(),
                         [*layer.get_offsets()[1:], layer.get_width(), layer.get_height()],
                         settings_of(layer)]
                        for layer in photograph.get_layers()]}
    with open(f"{OWN}/new-{name}", "w") as file:
        json.dump(facts, file)
    os.rename(f"{OWN}/new-{name}", f"{OWN}/said-{name}")


def paint(name, *layers):
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.INTERACTIVE)
    config.set_property("image", photograph)
    config.set_core_object_array("drawables", layers)
    say(name, procedure.run(config).index(0).value_nick)


photograph = load("picos-de-europa.jpg", "photograph", 240)
painting = load("starry-night.jpg", "night", 254)
painting.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 64, False, False, "")
photograph.undo_enable()     # what a script opens has none
Gimp.Display.new(photograph)
photograph.clean_all()
layer = photograph.get_layers()[0]
paint("applied", layer)
paint("cancelled", layer)
paint("several", *photograph.get_layers())
