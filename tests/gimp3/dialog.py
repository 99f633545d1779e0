# SPDX-License-Identifier: GPL-3.0-or-later
# What dialog.sh looks at: an open image, and the filter called for it in interactive mode, with a style.
import os

import gi
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio

demo = os.environ["SRCDIR"] + "/demo/"
image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(demo + "picos-de-europa.jpg"))
image.scale(240, 180)
Gimp.Display.new(image)
procedure = Gimp.get_pdb().lookup_procedure("plug-in-pastiche")
config = procedure.create_config()
config.set_property("run-mode", Gimp.RunMode.INTERACTIVE)
config.set_property("image", image)
config.set_core_object_array("drawables", image.get_layers())
config.set_property("style-file", Gio.File.new_for_path(demo + "starry-night.jpg"))
config.set_property("iterations", 10)
status = procedure.run(config).index(0)
top = image.get_layers()[0]
with open(os.environ["DIALOG_RESULT"], "w") as file:
    file.write(f"{status.value_nick.upper()}, {len(image.get_layers())} layers, the new one {top.get_width()} x {top.get_height()}\n")
