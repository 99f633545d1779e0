#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
exec bash "$SRCDIR/tests/ui/dialog/dialog.sh" host.py
