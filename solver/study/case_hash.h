/// @file
/// Hashes of cases: of the whole input, and of what decides its cost.
#pragma once

#include "base/hash.h"
#include "experiment/case.h"
#include "study/key.h"

/// Of what decides the result: SI values, words, mesh, steps, contents of files; not of names, places and folders.
PetscErrorCode LhStudyHashInput(LhCase c, char digest[LH_HASH_SIZE]);
/// Of mesh and experiment without seeds: cases of one shape cost the same.
PetscErrorCode LhStudyHashShape(LhCase c, char digest[LH_HASH_SIZE]);
/// Of the mesh as the case describes it, seeds included.
PetscErrorCode LhStudyHashMesh(LhCase c, char digest[LH_HASH_SIZE]);
/// An input that cannot be read has no values to hash: its words stand for it.
void LhStudyHashWords(const char path[], const LhWordList *words, char digest[LH_HASH_SIZE]);
