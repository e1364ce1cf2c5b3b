/// @file
/// A run seen from other processes: whether one is at work in a folder, what it last said, and what it is asked for.
///
/// A lock on restart/lock is held while the process lives and ends with it, however it ends. A request is an empty file
/// restart/ask.<word>, which the run takes away when it acts.
#pragma once

#include "io/output.h"

/// Asks the run in `dir` for `word`; false when the request cannot be written. For one rank.
PetscBool LhLiveAsk(const char dir[], const char word[]);
/// Takes a request away; true when there was one. Rank 0 only.
PetscBool LhLiveTake(LhOutput output, const char word[]);
/// Whether a process of this machine holds the lock of the folder. For one rank.
PetscBool LhLiveIsLocked(const char dir[]);

/// What run.json says; texts are empty and numbers NaN where it does not say it.
typedef struct {
  char state[32], case_name[LH_NAME_MAX], reason[512], heartbeat[32], host[128], checkpoint[512];
  PetscReal progress;   ///< [1]
  PetscReal time_left;  ///< [s]
  PetscReal elapsed;    ///< since the first start [s]
  PetscReal silent;     ///< since the heartbeat [s]
  PetscReal ranks, resumes, checkpoint_time;
} LhLiveStatus;
/// Reads it; false when the folder holds no readable run.json. For one rank.
PetscBool LhLiveStatusRead(const char dir[], LhLiveStatus *status);
