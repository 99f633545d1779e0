#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs host.py on a virtual screen.
exec bash "$SRCDIR/tests/ui/dialog/dialog.sh" host.py
