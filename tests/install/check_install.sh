#!/usr/bin/env bash
# Checks: an installed tree is complete, and its lihost checks and runs cases from another folder with installed data only.
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
for folder in materials cases meshes postproc; do
  while IFS= read -r -d '' file; do
    cmp -s "$source/$folder/$file" "$data/$folder/$file" || fail "share/lihost/$folder/$file is not the source's"
  done < <(cd "$source/$folder" && find . -type f -not -path '*/__pycache__/*' -not -path '*/runs/*' -print0)
done
[ -f "$scratch/prefix/share/doc/lihost/LICENSE" ] || fail "the licence is not installed"

program=$scratch/prefix/bin/lihost
[ -x "$program" ] || fail "bin/lihost is not installed"
cd "$scratch"
"$program" version >/dev/null || fail "'lihost version' failed"
"$program" list materials | grep -qF "(in $data/materials)" || fail "'lihost list materials' does not list the installed ones"
"$program" schema | cmp -s - "$data/docs/lihost.schema.json" || fail "the installed schema is not the program's"
for case in "$data"/cases/*/case.yaml; do
  "$program" check "$case" mesh.box.cells='[1,1]' >check.txt 2>&1 || "$program" check "$case" >check.txt 2>&1 ||
    { cat check.txt; fail "'lihost check $case' failed"; }
done
[ ! -e runs ] || fail "'lihost check' wrote files"
# A run from another folder, with a mesh file that the case names by a relative path, writes below that folder.
"$program" run "$data/cases/gmsh_foil/case.yaml" 'experiment.steps=[rest for 1 s]' >run.txt 2>&1 || { cat run.txt; fail "'lihost run' failed"; }
grep -q '"state": "done"' runs/gmsh_foil/run.json || fail "runs/gmsh_foil/run.json does not say done"
# With the installed materials gone it must say so: the sources are no fallback for an installed program.
mv "$data/materials" "$data/materials.away"
mkdir "$data/materials"
if "$program" check "$data/cases/gmsh_foil/case.yaml" >check.txt 2>&1; then
  fail "the installed lihost does not read its materials from share/lihost/materials"
fi
grep -qF "nor shipped in $data/materials" check.txt || { cat check.txt; fail "the missing material is not named"; }
