/// @file
/// NumPy's .npy files of integers, versions 1 to 3. See image.h.
///
/// Layout: "\x93NUMPY", two bytes of version, the length of the header (2 or 4 bytes), the header as a Python dict
/// {'descr': '<u2', 'fortran_order': False, 'shape': (4, 5, 6), }, the data.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mesh/image.h"

#define HEADER_MAX 65536
#define CHUNK      65536  ///< voxels at a time

typedef struct {
  LhImageType type;
  double shape[3];
  size_t start;  ///< first byte of the data
} Header;

/// What follows a key of the dict, NULL when it is not there.
static const char *FindKey(const char text[], const char key[]) {
  const char *at = strstr(text, key);
  if (!at) return NULL;
  at = strchr(at, ':');
  if (!at) return NULL;
  at++;
  while (*at == ' ') at++;
  return at;
}

/// '<u2', '|i1' and the like; `true` and `false` (b1) count as 1 and 0.
static PetscBool ReadType(const char text[], LhImageType *type) {
  if (!text || (text[0] != '\'' && text[0] != '"')) return PETSC_FALSE;
  const char order = text[1], kind = text[2];
  type->bytes = text[3] ? text[3] - '0' : 0;
  type->is_signed = (PetscBool)(kind == 'i');
  if (kind != 'u' && kind != 'i' && kind != 'b') return PETSC_FALSE;
  if (text[4] != text[0]) return PETSC_FALSE;
  if (type->bytes == 1) return PETSC_TRUE;
  return (PetscBool)(order == '<' && kind != 'b' &&
                     (type->bytes == 2 || type->bytes == 4 || type->bytes == 8));
}

static PetscBool ReadShape(const char text[], double shape[3]) {
  if (!text || *text != '(') return PETSC_FALSE;
  for (PetscInt d = 0; d < 3; d++) {
    char *end;
    shape[d] = strtod(text + 1, &end);
    if (end == text + 1) return PETSC_FALSE;
    text = end;
    while (*text == ' ') text++;
    if (*text != ',' && *text != ')') return PETSC_FALSE;
    if (*text == ')') return (PetscBool)(d == 2);
  }
  text++;
  while (*text == ' ') text++;
  return (PetscBool)(*text == ')');
}

/// The text of the header; NULL after a problem.
static char *LoadHeader(FILE *file, size_t *start, LhMeshProblems *problems) {
  unsigned char begin[12];
  size_t length = 0;
  static const char magic[] = "\x93NUMPY";

  if (fread(begin, 1, 8, file) == 8 && !memcmp(begin, magic, 6)) {
    const size_t bytes = begin[6] == 1 ? 2 : 4;
    if (begin[6] >= 1 && begin[6] <= 3 && fread(begin + 8, 1, bytes, file) == bytes) {
      for (size_t k = 0; k < bytes; k++) length |= (size_t)begin[8 + k] << 8 * k;
      *start = 8 + bytes + length;
    }
  }
  char *text = length && length <= HEADER_MAX ? calloc(1, length + 8) : NULL;
  if (text && fread(text, 1, length, file) == length) return text;
  free(text);
  LhMeshProblemAdd(problems, 0, "this is no .npy file, or it is cut short");
  return NULL;
}

static PetscBool ParseHeader(const char text[], Header *header, LhMeshProblems *problems) {
  const char *order = FindKey(text, "'fortran_order'");
  if (!ReadType(FindKey(text, "'descr'"), &header->type)) {
    LhMeshProblemAdd(problems, 0,
                     "the .npy array is not of integers that are read here (uint8, int8, uint16, "
                     "int16, uint32, int32, int64, little-endian)");
  } else if (!order || strncmp(order, "False", 5)) {
    LhMeshProblemAdd(problems, 0,
                     "the .npy array is in Fortran order; save numpy.ascontiguousarray of it");
  } else if (!ReadShape(FindKey(text, "'shape'"), header->shape))
    LhMeshProblemAdd(problems, 0, "the .npy array has not three dimensions [z][y][x]");
  return (PetscBool)(problems->n == 0);
}

static PetscErrorCode ReadData(FILE *file, const Header *header, LhImage *image,
                               LhMeshProblems *problems) {
  int64_t *buffer;
  const size_t total = (size_t)image->size[0] * (size_t)image->size[1] * (size_t)image->size[2];

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(CHUNK, &buffer));
  while (image->filled < total && !problems->n) {
    const size_t n = PetscMin(total - image->filled, (size_t)CHUNK);
    if (fread(buffer, (size_t)header->type.bytes, n, file) == n)
      LhImageTake(image, n, header->type, buffer);
    else
      LhMeshProblemAdd(problems, 0, "the .npy file is cut short: it ends before its last voxel");
  }
  PetscCall(PetscFree(buffer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhImageReadNpy(LhImage *image, LhMeshProblems *problems) {
  FILE *file = fopen(image->spec->path, "rb");
  Header header = {.start = 0};
  struct stat info;

  PetscFunctionBeginUser;
  if (!file || fstat(fileno(file), &info)) {
    LhMeshProblemAdd(problems, 0, "the file cannot be opened");
    if (file) fclose(file);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  char *text = LoadHeader(file, &header.start, problems);
  if (text && ParseHeader(text, &header, problems)) {
    const double count = header.shape[0] * header.shape[1] * header.shape[2];
    if (count * (double)header.type.bytes > (double)info.st_size)
      LhMeshProblemAdd(problems, 0,
                       "the .npy file is cut short: it says %g voxels and has %lld bytes", count,
                       (long long)info.st_size);
    else
      PetscCall(LhImageBegin(image, header.shape[0], header.shape[1], header.shape[2], problems));
    if (!problems->n) PetscCall(ReadData(file, &header, image, problems));
  }
  free(text);
  fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}
