#!/usr/bin/env bash
# Checks: an installed tree is complete, and its lihost works from another folder with installed data only.
# Reference: the source tree's data folders.
# Tolerance and why: none; files must be identical.
# Fails if: an install rule misses a folder, or lihost finds materials only beside its sources.
# Usage: check_install.sh CMAKE SOURCE_DIR BUILD_DIR
set -euo pipefail
unset LIHOST_SOURCE_DIR LIHOST_DATA
cmake=$1 source=$2 build=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { printf 'check_install: %s\n' "$*" >&2; exit 1; }

"$cmake" --install "$build" --prefix "$scratch/prefix" >/dev/null
data=$scratch/prefix/share/lihost
for folder in materials cases postproc; do
  while IFS= read -r -d '' file; do
    cmp -s "$source/$folder/$file" "$data/$folder/$file" || fail "share/lihost/$folder/$file is not the source's"
  done < <(cd "$source/$folder" && find . -type f -not -path '*/__pycache__/*' -not -path '*/runs/*' -print0)
done
[ -f "$scratch/prefix/share/doc/lihost/LICENSE" ] || fail "the licence is not installed"

program=$scratch/prefix/bin/lihost
if [ ! -x "$program" ]; then
  [ ! -x "$build/lihost" ] || fail "the build has lihost, bin/lihost is not installed"
  echo "the program is not built yet: only the installed files were checked"
  exit 0
fi
cd "$scratch"
"$program" version >/dev/null || fail "'lihost version' failed"
[ -f "$data/cases/strip_lznc/case.yaml" ] || exit 0
"$program" check "$data/cases/strip_lznc/case.yaml" >check.txt 2>&1 || { cat check.txt; fail "'lihost check' failed"; }
# With the installed materials gone it must say so: the sources are no fallback for an installed program.
mv "$data/materials" "$data/materials.away"
mkdir "$data/materials"
if "$program" check "$data/cases/strip_lznc/case.yaml" >check.txt 2>&1; then
  fail "the installed lihost does not read its materials from share/lihost/materials"
fi
