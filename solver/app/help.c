/// @file
/// Help, man page and completions from the table of verbs. Must never name a verb by itself.
#include "app/help.h"

#include <string.h>

#include "app/answer.h"

typedef struct {
  int code;
  const char *meaning;
} ExitRow;

static const ExitRow exits[] = {
    {LH_EXIT_DONE,     "finished"                              },
    {LH_EXIT_BUG,      "a bug of ours"                         },
    {LH_EXIT_INPUT,    "bad input; nothing was run"            },
    {LH_EXIT_SOLVER,   "the solver gave up; the state is saved"},
    {LH_EXIT_STOPPED,  "stopped on request or at a time limit" },
    {LH_EXIT_IO,       "reading or writing failed"             },
    {LH_EXIT_PHYSICAL, "a limit that the case declares fatal"  },
};

const char *LhExitMeaning(LhExit exit_code) {
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(exits); i++) {
    if (exits[i].code == (int)exit_code) return exits[i].meaning;
  }
  return "the program itself failed";
}

PetscBool LhHelpWanted(const LhWords *words) {
  for (int i = 0; i < words->argc; i++) {
    if (!strcmp(words->argv[i], "--help") || !strcmp(words->argv[i], "-h")) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode Program(FILE *stream) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);

  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         "lihost %s: lithium plating and stripping in composite hosts\n\n"
                         "usage: lihost VERB ... [-- PETSc options]\n\n",
                         LIHOST_VERSION));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(
        PetscFPrintf(PETSC_COMM_WORLD, stream, "  %-34s %s\n", verbs[i]->usage, verbs[i]->brief));
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         "\nlihost VERB --help says more of one; lihost VERB ... --json answers "
                         "in JSON.\n"
                         "example: lihost run cases/strip_lznc/case.yaml output.directory=my_run\n"
                         "\nexit codes:\n"));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(exits); i++)
    PetscCall(
        PetscFPrintf(PETSC_COMM_WORLD, stream, "  %d  %s\n", exits[i].code, exits[i].meaning));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Verb(FILE *stream, const LhVerb *verb) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         "usage: lihost %s\n\n%s\n\n%s  with --json: one JSON object on stdout, "
                         "lines for people on stderr\n",
                         verb->usage, verb->brief, verb->detail ? verb->detail : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ManPage(FILE *stream) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);

  PetscFunctionBegin;
  PetscCall(
      PetscFPrintf(PETSC_COMM_WORLD, stream,
                   ".TH LIHOST 1 \"\" \"lihost %s\" \"User Commands\"\n.SH NAME\n"
                   "lihost \\- lithium plating and stripping in composite hosts\n.SH SYNOPSIS\n"
                   ".B lihost\n.I VERB\n[word ...] [\\-\\- PETSc options]\n.SH VERBS\n",
                   LIHOST_VERSION));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, ".TP\n.B %s\n%s.\n.nf\n%s.fi\n",
                           verbs[i]->usage, verbs[i]->brief,
                           verbs[i]->detail ? verbs[i]->detail : ""));
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         ".SH OPTIONS OF ALL VERBS\n.TP\n.B \\-\\-help\nwhat the verb does\n.TP\n"
                         ".B \\-\\-json\nthe answer as one JSON object on stdout, lines for people "
                         "on stderr\n.SH EXIT STATUS\n"));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(exits); i++)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, ".TP\n.B %d\n%s\n", exits[i].code,
                           exits[i].meaning));
  PetscCall(PetscFPrintf(
      PETSC_COMM_WORLD, stream,
      ".SH ENVIRONMENT\n.TP\n.B LIHOST_REPORT\n\"off\": no page at the end of a "
      "run\n.TP\n.B LIHOST_PYTHON\nPython for pages and pictures instead of "
      "/usr/bin/python3\n.TP\n.B LIHOST_DATA\na folder whose materials come before the "
      "shipped ones\n.TP\n.B NO_COLOR\nno colours on a terminal\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What may stand behind a verb; an option that takes a word loses its `=`.
static PetscErrorCode Options(FILE *stream, const LhVerb *verb, const char before[]) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "%s--help%s--json", before, before));
  for (const char *at = verb->options; at && *at; at += strspn(at, " ")) {
    const size_t n = strcspn(at, " "), length = at[n - 1] == '=' ? n - 1 : n;

    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "%s%.*s", before, (int)length, at));
    at += n;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Bash(FILE *stream) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);

  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         "# bash completion for lihost\n_lihost() {\n"
                         "  local word=${COMP_WORDS[COMP_CWORD]} options choices\n"
                         "  case ${COMP_WORDS[1]} in\n"));
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "    %s) options=\"", verbs[i]->name));
    PetscCall(Options(stream, verbs[i], " "));
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "\"; choices=\"%s\" ;;\n",
                           verbs[i]->choices ? verbs[i]->choices : ""));
  }
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         "  esac\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                         "    COMPREPLY=($(compgen -W \"--help"));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, " %s", verbs[i]->name));
  PetscCall(PetscFPrintf(
      PETSC_COMM_WORLD, stream,
      "\" -- \"$word\"))\n"
      "  elif [[ $word == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -W \"$choices\" -- \"$word\") $(compgen -f -- \"$word\"))\n"
      "  fi\n}\ncomplete -o filenames -F _lihost lihost\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Zsh(FILE *stream) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);

  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "#compdef lihost\nlocal -a verbs=(\n"));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(
        PetscFPrintf(PETSC_COMM_WORLD, stream, "  '%s:%s'\n", verbs[i]->name, verbs[i]->brief));
  PetscCall(
      PetscFPrintf(PETSC_COMM_WORLD, stream, ")\nlocal -a options choices\ncase $words[2] in\n"));
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "  %s) options=(", verbs[i]->name));
    PetscCall(Options(stream, verbs[i], " "));
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "); choices=(%s) ;;\n",
                           verbs[i]->choices ? verbs[i]->choices : ""));
  }
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream,
                         "esac\nif ((CURRENT == 2)); then\n  _describe verb verbs\n"
                         "elif [[ $words[CURRENT] == -* ]]; then\n  compadd -- $options\n"
                         "else\n  compadd -- $choices\n  _files\nfi\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHelpAnswer(LhJson json) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);

  PetscFunctionBegin;
  PetscCall(LhJsonBeginArray(json, "verbs"));
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(LhJsonBeginObject(json, NULL));
    PetscCall(LhJsonText(json, "name", verbs[i]->name));
    PetscCall(LhJsonText(json, "usage", verbs[i]->usage));
    PetscCall(LhJsonText(json, "brief", verbs[i]->brief));
    PetscCall(LhJsonText(json, "options", verbs[i]->options ? verbs[i]->options : ""));
    PetscCall(LhJsonText(json, "detail", verbs[i]->detail));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBeginArray(json, "exit_codes"));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(exits); i++) {
    PetscCall(LhJsonBeginObject(json, NULL));
    PetscCall(LhJsonInt(json, "code", exits[i].code));
    PetscCall(LhJsonText(json, "meaning", exits[i].meaning));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHelp(FILE *stream, const char topic[], LhExit *exit_code) {
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);

  PetscFunctionBegin;
  if (!topic) {
    PetscCall(Program(stream));
  } else if (!strcmp(topic, "--man")) {
    PetscCall(ManPage(stream));
  } else if (!strcmp(topic, "--bash")) {
    PetscCall(Bash(stream));
  } else if (!strcmp(topic, "--zsh")) {
    PetscCall(Zsh(stream));
  } else {
    for (PetscInt i = 0; i < n; i++) {
      if (strcmp(topic, verbs[i]->name)) continue;
      PetscCall(Verb(stream, verbs[i]));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    *exit_code = LH_EXIT_INPUT;
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost help: there is no verb '%s'; lihost --help lists them\n",
                           topic));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
