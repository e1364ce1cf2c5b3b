/// @file
/// The first 512 bytes of an HDF5 mesh: a line of text with the hash of the rest (HDF5's user block).
///
/// HDF5 1.10 reads outside its buffers on damaged metadata, which carry no checksum in the format that
/// survives a crash. So a file is proved whole before HDF5 opens it. Private to the mesh layer.
#pragma once

#include "mesh/mesh_problem.h"

#define LH_MESH_STAMP_SIZE 512  ///< smallest user block of HDF5

/// Hashes the closed file and writes the stamp. Call on one rank.
PetscErrorCode LhMeshStampWrite(const char path[]);
/// Adds a problem when the file cannot be read, is no mesh or is not what was stamped. A plain HDF5 file that
/// another program wrote (no user block) passes unproved. Call on one rank.
PetscErrorCode LhMeshStampCheck(const char path[], LhMeshProblems *problems);
