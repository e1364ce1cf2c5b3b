/// @file
/// Owns the guess at what a user meant: the nearest of some words by edit distance.
///
/// Distance is the optimal string alignment distance (insert, delete, replace, swap neighbours);
/// case is ignored. Must never change what was read; the guess only enters a message.
#include <ctype.h>
#include <string.h>

#include "base/param.h"

#define MAX_WORD 63

static PetscBool Same(char a, char b) {
  return (PetscBool)(tolower((unsigned char)a) == tolower((unsigned char)b));
}

static int Distance(const char a[], const char b[]) {
  const size_t n = strlen(a), m = strlen(b);
  int row[3][MAX_WORD + 1];  // rows i - 2, i - 1, i of the table, by i modulo 3

  if (n > MAX_WORD || m > MAX_WORD) return (int)(n + m);
  for (size_t j = 0; j <= m; j++) row[0][j] = (int)j;
  for (size_t i = 1; i <= n; i++) {
    const int *above = row[(i + 2) % 3], *above2 = row[(i + 1) % 3];
    int *now = row[i % 3];
    now[0] = (int)i;
    for (size_t j = 1; j <= m; j++) {
      const int replace = above[j - 1] + !Same(a[i - 1], b[j - 1]);
      now[j] = PetscMin(replace, PetscMin(above[j], now[j - 1]) + 1);
      if (i < 2 || j < 2 || !Same(a[i - 1], b[j - 2]) || !Same(a[i - 2], b[j - 1])) continue;
      now[j] = PetscMin(now[j], above2[j - 2] + 1);
    }
  }
  return row[n % 3][m];
}

const char *LhNearestWord(const char word[], PetscInt n, const char *const words[]) {
  const size_t length = strlen(word);
  const int limit = 1 + (int)length / 4;
  const char *best = NULL;
  int least = PetscMin(limit + 1, (int)length);

  for (PetscInt i = 0; i < n; i++) {
    const int distance = Distance(word, words[i]);
    if (distance < least) {
      least = distance;
      best = words[i];
    }
  }
  for (PetscInt i = 0; i < n && !best && length >= 3; i++) {  // "temp" for "temperature"
    if (!strncmp(word, words[i], length)) best = words[i];
  }
  return best;
}
