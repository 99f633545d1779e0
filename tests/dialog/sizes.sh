#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
exec bash "$SRCDIR/tests/dialog/dialog.sh" sizes.py
