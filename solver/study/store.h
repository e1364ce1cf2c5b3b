/// @file
/// The folder of a study. What happened to a case is in three places that survive any end of this program:
///
///     state/ID.txt   one line when the case is begun, one when it ends (written by its script)
///     cases/ID/      the folder of its run; run.json says `done` last of all
///     state/ID.lock  held by the script while it runs, so that no case ever runs twice at a time
///
/// jobs/ID.sh is the script, logs/ID.txt what the program said. study.yaml and plan.json say what was asked.
#pragma once

#include "study/study.h"

typedef enum { LH_STORE_NEW, LH_STORE_RESUME } LhStoreMode;

/// Opens the folder and takes its lock. Refusals (another study's results, somebody at work) are diagnostics.
PetscErrorCode LhStoreOpen(LhStudy study, LhStoreMode mode, PetscBool *ok);
/// Reads the state of every case from the disk.
PetscErrorCode LhStoreRefresh(LhStudy study);
/// The same for one case.
PetscErrorCode LhStoreRefreshCase(LhStudy study, LhStudyCase *c);
/// Different executables that brought the finished cases to their end, by their SHA-256.
PetscInt LhStoreCountBuilds(LhStudy study);
/// Writes the scripts of all cases that can run. With `fresh` a case that failed is begun anew.
PetscErrorCode LhStoreScripts(LhStudy study);
/// Forgets the failures, so that the cases are tried again.
PetscErrorCode LhStoreForgetFailures(LhStudy study);
/// Why a case is in its state, one sentence.
PetscErrorCode LhStoreReason(LhStudy study, const LhStudyCase *c, char reason[], size_t size);
/// `directory/folder/ID suffix`, or `directory/folder` when `c` is NULL.
PetscErrorCode LhStorePath(LhStudy study, const char folder[], const LhStudyCase *c,
                           const char suffix[], char path[PETSC_MAX_PATH_LEN]);
/// Writes a line with its time into log.txt of the study.
PetscErrorCode LhStoreLog(LhStudy study, const char line[]);
