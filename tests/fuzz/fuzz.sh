#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh PROGRAM IMPORTER RUNS [SECONDS]: feeds RUNS inputs (or as many as fit into SECONDS) to one importer,
# with AddressSanitizer and UndefinedBehaviorSanitizer. Starts from the corpus and from the inputs that
# earlier runs stored in fuzz-IMPORTER/ of the current folder. `make fuzz` builds the program and runs a
# million inputs for each importer.
set -euo pipefail
program=$1 importer=$2 runs=$3 seconds=${4:-0}
here=$(dirname "$0")

mkdir -p "fuzz-$importer"
seeds=()
length=4096
[ "$importer" != keras ] || length=16384    # the smallest Keras file has 5 KB
[ ! -d "$here/corpus/$importer" ] || seeds=("$here/corpus/$importer")
export IMPORTER=$importer
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
exec nice -n 15 "$program" -dict="$here/import.dict" -runs="$runs" -max_total_time="$seconds" \
  -max_len="$length" -timeout=20 -rss_limit_mb=3000 -malloc_limit_mb=1000 -print_final_stats=1 \
  -artifact_prefix="fuzz-$importer-" "fuzz-$importer" "${seeds[@]}"
