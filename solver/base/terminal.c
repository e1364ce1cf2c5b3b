/// @file
/// Owns what is known of terminals; keeps no state, so that who writes a line must remember it.
#define _XOPEN_SOURCE 700  // fileno, readlink
#define _DEFAULT_SOURCE    // struct winsize
#include "base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_WIDTH 20

/// Open MPI gives each process a pseudo-terminal of its own for stdout: what counts is where the launcher writes.
static PetscBool LauncherHasTerminal(void) {
  char link[64], target[256];
  ssize_t n;

  if (!getenv("OMPI_COMM_WORLD_SIZE") && !getenv("PMI_SIZE")) return PETSC_TRUE;
  (void)snprintf(link, sizeof(link), "/proc/%d/fd/1", (int)getppid());
  n = readlink(link, target, sizeof(target) - 1);
  target[n > 0 ? n : 0] = 0;
  return !strncmp(target, "/dev/pts/", 9) || !strncmp(target, "/dev/tty", 8) ? PETSC_TRUE
                                                                             : PETSC_FALSE;
}

int LhTerminalWidth(FILE *stream) {
  const char *const kind = getenv("TERM");
  struct winsize size = {0};

  if (!isatty(fileno(stream)) || (kind && !strcmp(kind, "dumb")) || !LauncherHasTerminal())
    return 0;
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) || size.ws_col == 0) return 80;
  return size.ws_col;
}

const char *LhTerminalColour(FILE *stream, LhColour colour) {
  static const char *const codes[] = {"\033[0m", "\033[1;31m", "\033[1;33m", "\033[1;36m"};
  const char *const refused = getenv("NO_COLOR");

  if ((refused && *refused) || !LhTerminalWidth(stream)) return "";
  return codes[colour];
}

void LhTerminalBar(FILE *stream, PetscReal share, const char text[]) {
  const int width = LhTerminalWidth(stream), filled = (int)(BAR_WIDTH * share);
  char bar[BAR_WIDTH + 1];

  for (int i = 0; i < BAR_WIDTH; i++) bar[i] = i < filled ? '#' : '.';
  bar[BAR_WIDTH] = 0;
  if (width > 3 * BAR_WIDTH)
    (void)fprintf(stream, "\r[%s] %.*s\033[K", bar, width - BAR_WIDTH - 4, text);
  else
    (void)fprintf(stream, "\r%.*s\033[K", PetscMax(width - 1, 0), text);
  (void)fflush(stream);
}

void LhTerminalClear(FILE *stream) {
  (void)fprintf(stream, "\r\033[K");
}

typedef struct {
  double from, unit;  ///< first number said in this unit; its size
  const char *name;
} Step;

static const char *Say(double value, const Step steps[], int n, char text[LH_HUMAN_MAX]) {
  int k = 0;
  double shown;

  while (k + 1 < n && value >= steps[k + 1].from) k++;
  shown = value / steps[k].unit;
  (void)snprintf(text, LH_HUMAN_MAX, shown >= 10 || shown == 0 ? "%.0f %s" : "%.2g %s", shown,
                 steps[k].name);
  return text;
}

const char *LhHumanTime(PetscReal seconds, char text[LH_HUMAN_MAX]) {
  static const Step steps[] = {
      {0,    1,     "s"   },
      {100,  60,    "min" },
      {6000, 3600,  "h"   },
      {2e5,  86400, "days"}
  };

  return Say((double)seconds, steps, (int)PETSC_STATIC_ARRAY_LENGTH(steps), text);
}

const char *LhHumanSize(PetscReal bytes, char text[LH_HUMAN_MAX]) {
  static const Step steps[] = {
      {0,    1,    "bytes"},
      {1e3,  1e3,  "kB"   },
      {1e6,  1e6,  "MB"   },
      {1e9,  1e9,  "GB"   },
      {1e12, 1e12, "TB"   }
  };

  return Say((double)bytes, steps, (int)PETSC_STATIC_ARRAY_LENGTH(steps), text);
}
