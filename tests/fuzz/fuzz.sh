#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh PROGRAM IMPORTER RUNS [SECONDS]: RUNS inputs (or as many as fit into SECONDS) through one importer under AddressSanitizer and
# UndefinedBehaviorSanitizer, starting from the corpus in the tree and what earlier runs found (in fuzz-IMPORTER/ where it is started).
# `make fuzz` builds the program and does a million for each.
set -euo pipefail
program=$1 importer=$2 runs=$3 seconds=${4:-0}
here=$(dirname "$0")

mkdir -p "fuzz-$importer"
seeds=()
[ ! -d "$here/corpus/$importer" ] || seeds=("$here/corpus/$importer")
IMPORTER=$importer UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 \
  exec nice -n 15 "$program" -dict="$here/import.dict" -runs="$runs" -max_total_time="$seconds" -max_len=4096 -timeout=20 \
  -rss_limit_mb=3000 -malloc_limit_mb=1000 -print_final_stats=1 -artifact_prefix="fuzz-$importer-" "fuzz-$importer" "${seeds[@]}"
