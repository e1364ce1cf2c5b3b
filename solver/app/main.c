/// @file
/// The program `lihost`: finds its verb and its data, starts and ends the libraries.
///
/// Words after `--` go to PETSc as options. Never prints a library's error where a sentence of ours belongs.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/help.h"
#include "app/script.h"
#include "app/verb.h"
#include "laws/material.h"

/// Materials: beside an installed program, else in the source tree it was built from.
static PetscErrorCode FindData(void) {
  char materials[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(LhDataPath("materials", materials, sizeof(materials)));
  PetscCall(LhMaterialSetDirectory(materials));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnknownVerb(const char word[], PetscInt n, const LhVerb *const verbs[]) {
  const char *names[32], *near;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) names[i] = verbs[i]->name;
  near = LhNearestWord(word, n, names);
  if (near) {
    PetscCall(
        PetscFPrintf(PETSC_COMM_WORLD, stderr,
                     "lihost: there is no verb '%s'; did you mean '%s'? lihost --help lists them\n",
                     word, near));
  } else if (access(word, R_OK) == 0) {
    PetscCall(PetscFPrintf(
        PETSC_COMM_WORLD, stderr,
        "lihost: '%s' is a file, and a verb is missing before it, e.g. lihost run %s\n", word,
        word));
  } else {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost: there is no verb '%s'; lihost --help lists them\n", word));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// An option of a verb as its table lists it: "--out=" takes a word, "--no-3d" does not.
static PetscBool Knows(const LhVerb *verb, const char word[]) {
  const size_t length = strlen(word);

  for (const char *at = verb->options; at && *at; at += strspn(at, " ")) {
    const size_t n = strcspn(at, " ");

    if (!strncmp(at, word, length) && (n == length || (n == length + 1 && at[length] == '=')))
      return PETSC_TRUE;
    at += n;
  }
  return PETSC_FALSE;
}

/// Words that begin with a dash and a letter are options; one that the verb does not have is told, false.
static PetscErrorCode CheckOptions(const LhVerb *verb, const LhWords *words, PetscBool *ok) {
  PetscFunctionBegin;
  *ok = PETSC_TRUE;
  for (int i = 0; i < words->argc && *ok; i++) {
    const char *const word = words->argv[i];
    const PetscBool two = !strncmp(word, "--", 2) ? PETSC_TRUE : PETSC_FALSE;

    if (word[0] != '-' || !isalpha((unsigned char)word[two ? 2 : 1]) || Knows(verb, word)) continue;
    *ok = PETSC_FALSE;
    if (two)
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                             "lihost %s: there is no option '%s'; lihost %s --help lists them\n",
                             verb->name, word, verb->name));
    else
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                             "lihost %s: '%s' looks like an option of PETSc: these stand behind "
                             "'--'; lihost %s --help shows how\n",
                             verb->name, word, verb->name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A launcher of another MPI starts copies that know nothing of each other, each of which would do the whole work.
static PetscErrorCode CheckLauncher(PetscBool *ok) {
  static const char *const counts[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
  PetscMPIInt size;

  PetscFunctionBegin;
  *ok = PETSC_TRUE;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  for (size_t i = 0; size == 1 && *ok && i < PETSC_STATIC_ARRAY_LENGTH(counts); i++) {
    const char *const count = getenv(counts[i]);

    if (!count || atoi(count) < 2) continue;
    *ok = PETSC_FALSE;
    PetscCall(PetscFPrintf(
        PETSC_COMM_SELF, stderr,
        "lihost: started as %s copies that are not one MPI run (%s=%s, but one process in all): "
        "the "
        "launcher belongs to another MPI; use the mpirun of Open MPI, or srun --mpi=pmix\n",
        count, counts[i], count));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const LhVerb *FindVerb(const char word[], PetscInt n, const LhVerb *const verbs[]) {
  const char *const bare = !strncmp(word, "--", 2) ? word + 2 : word;

  for (PetscInt i = 0; i < n; i++) {
    if (!strcmp(bare, verbs[i]->name)) return verbs[i];
  }
  return NULL;
}

/// The help that the words ask for, about `topic` or the program.
static PetscErrorCode Help(const LhWords *words, const char topic[], FILE *stream,
                           LhExit *exit_code) {
  PetscFunctionBegin;
  if (words->answer)
    PetscCall(LhHelpAnswer(words->answer));
  else
    PetscCall(LhHelp(stream, topic, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Dispatch(LhWords *words, LhExit *exit_code) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);
  const char *const word = words->argc ? words->argv[0] : NULL;
  const LhVerb *const verb = word ? FindVerb(word, n, verbs) : NULL;
  PetscBool ok;

  PetscFunctionBegin;
  *exit_code = word ? LH_EXIT_DONE : LH_EXIT_INPUT;
  if (!word || !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
    PetscCall(
        Help(words, words->argc > 1 ? words->argv[1] : NULL, word ? stdout : stderr, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  words->argc--;
  words->argv++;
  if (verb && LhHelpWanted(words)) {
    PetscCall(Help(words, verb->name, stdout, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *exit_code = LH_EXIT_INPUT;
  PetscCall(CheckLauncher(&ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  if (verb) PetscCall(CheckOptions(verb, words, &ok));
  if (!verb) PetscCall(UnknownVerb(word, n, verbs));
  if (!verb || !ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(FindData());
  PetscCall(verb->run(words, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// With `--json` among the words the whole command answers in JSON.
static PetscErrorCode Work(LhWords *words, PetscBool json, LhExit *exit_code) {
  PetscFunctionBegin;
  if (json) PetscCall(LhAnswerBegin(words, words->argc ? words->argv[0] : ""));
  PetscCall(Dispatch(words, exit_code));
  if (json) PetscCall(LhAnswerEnd(words, *exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Takes `--json` out of `argv[1..*own-1]`; true when it was there.
static PetscBool TakeJson(int *own, char *argv[]) {
  int kept = 1;

  for (int i = 1; i < *own; i++) {
    if (strcmp(argv[i], "--json")) argv[kept++] = argv[i];
  }
  const PetscBool found = kept < *own ? PETSC_TRUE : PETSC_FALSE;
  *own = kept;
  return found;
}

/// Position of the `--` that begins PETSc's options, or argc.
static int OwnArguments(int argc, char *argv[]) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--")) return i;
  }
  return argc;
}

/// Open MPI guards shared file pointers, which nobody here uses, by a semaphore named after the file alone: a process that
/// is killed while it holds one stops every later one on the node that opens a file of that name.
static void KeepOffSemaphores(void) {
  (void)setenv("OMPI_MCA_sharedfp", "individual", 0);
}

int main(int argc, char *argv[]) {
  const int own = OwnArguments(argc, argv);
  int words_end = own;
  int petsc_argc = own < argc ? argc - own : 1;
  char **petsc_argv = own < argc ? argv + own : argv;
  const PetscBool json = TakeJson(&words_end, argv);
  LhWords words = {words_end - 1, argv + 1, petsc_argc - 1, petsc_argv + 1, NULL, -1};
  LhExit exit_code = LH_EXIT_BUG;

  KeepOffSemaphores();
  if (own < argc) argv[own] = argv[0];
  if (PetscInitialize(&petsc_argc, &petsc_argv, NULL, NULL)) return LH_EXIT_BUG;
  if (Work(&words, json, &exit_code)) exit_code = LH_EXIT_BUG;
  if (PetscFinalize()) return LH_EXIT_BUG;
  return (int)exit_code;
}
