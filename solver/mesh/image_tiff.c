/// @file
/// TIFF: pages of one file, or the files of a folder in the order of their names, are slices. See image.h.
///
/// Built without libtiff it is a sentence.
#include "mesh/image.h"

#ifndef LIHOST_TIFF

PetscErrorCode LhImageReadTiff(LhImage *image, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  (void)image;
  LhMeshProblemAdd(problems, 0,
                   "this lihost was built without libtiff (package libtiff-dev); .npy and .h5 are "
                   "read");
  PetscFunctionReturn(PETSC_SUCCESS);
}

#else

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>

typedef struct {
  uint32_t width, height;
  LhImageType type;
} Page;

static PetscBool ReadPage(TIFF *tiff, Page *page) {
  uint16_t samples = 1, bits = 1, format = SAMPLEFORMAT_UINT;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
  page->type.bytes = bits / 8;
  page->type.is_signed = (PetscBool)(format == SAMPLEFORMAT_INT);
  return (PetscBool)(samples == 1 && (bits == 8 || bits == 16 || bits == 32) &&
                     (format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_INT) &&
                     !TIFFIsTiled(tiff));
}

/// One slice; `slice` counts from 0 over all files.
static PetscErrorCode TakePage(TIFF *tiff, const Page *first, double slices, PetscInt slice,
                               LhImage *image, LhMeshProblems *problems) {
  Page page = {.width = 0};
  char *row;

  PetscFunctionBeginUser;
  if (!ReadPage(tiff, &page)) {
    LhMeshProblemAdd(problems, 0,
                     "slice %" PetscInt_FMT
                     " is not of one integer of 8, 16 or 32 bits a pixel in strips",
                     slice);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (page.width != first->width || page.height != first->height) {
    LhMeshProblemAdd(problems, 0,
                     "slice %" PetscInt_FMT " has %u x %u pixels, the first has %u x %u", slice,
                     page.width, page.height, first->width, first->height);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (!slice) PetscCall(LhImageBegin(image, slices, page.height, page.width, problems));
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1((size_t)TIFFScanlineSize(tiff) + 8, &row));
  for (uint32_t y = 0; y < page.height && !problems->n; y++) {
    if (TIFFReadScanline(tiff, row, y, 0) == 1)
      LhImageTake(image, page.width, page.type, row);
    else
      LhMeshProblemAdd(problems, 0, "slice %" PetscInt_FMT " is damaged at row %u", slice, y);
  }
  PetscCall(PetscFree(row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int CompareNames(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static PetscBool IsTiff(const char name[]) {
  const char *dot = strrchr(name, '.');
  return (PetscBool)(dot && (!strcmp(dot, ".tif") || !strcmp(dot, ".tiff")));
}

/// The TIFF files of a folder, sorted; the names are to be freed.
static PetscErrorCode ListFolder(const char path[], PetscInt *num, char ***names) {
  DIR *folder = opendir(path);

  PetscFunctionBeginUser;
  *num = 0;
  *names = NULL;
  for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
    char full[2 * PETSC_MAX_PATH_LEN];
    if (!IsTiff(entry->d_name)) continue;
    (void)snprintf(full, sizeof(full), "%s/%s", path, entry->d_name);
    PetscCall(PetscRealloc((size_t)(*num + 1) * sizeof(char *), names));
    PetscCall(PetscStrallocpy(full, &(*names)[(*num)++]));
  }
  if (folder) closedir(folder);
  qsort(*names, (size_t)*num, sizeof(char *), CompareNames);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// All pages of a file, or the first of each file of a folder.
static PetscErrorCode TakeFile(const char path[], PetscInt files, Page *first, PetscInt *slice,
                               LhImage *image, LhMeshProblems *problems) {
  TIFF *tiff = TIFFOpen(path, "r");

  PetscFunctionBeginUser;
  if (!tiff) {
    LhMeshProblemAdd(problems, 0, "%s is no TIFF file, or it is cut short", path);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  const double slices = files > 1 ? (double)files : (double)TIFFNumberOfDirectories(tiff);
  TIFFSetDirectory(tiff, 0);
  do {
    if (!*slice) (void)ReadPage(tiff, first);
    PetscCall(TakePage(tiff, first, slices, (*slice)++, image, problems));
  } while (files == 1 && !problems->n && TIFFReadDirectory(tiff));
  TIFFClose(tiff);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhImageReadTiff(LhImage *image, LhMeshProblems *problems) {
  const char *path = image->spec->path;
  const TIFFErrorHandler error = TIFFSetErrorHandler(NULL), warning = TIFFSetWarningHandler(NULL);
  Page first = {.width = 0};
  PetscInt num = 1, slice = 0;
  char **names = NULL;
  struct stat info;

  PetscFunctionBeginUser;
  const PetscBool folder = (PetscBool)(!stat(path, &info) && S_ISDIR(info.st_mode));
  if (folder) PetscCall(ListFolder(path, &num, &names));
  if (!num) LhMeshProblemAdd(problems, 0, "the folder holds no .tif or .tiff files");
  for (PetscInt k = 0; k < num && !problems->n; k++)
    PetscCall(TakeFile(folder ? names[k] : path, num, &first, &slice, image, problems));
  if (!problems->n &&
      image->filled != (size_t)image->size[0] * (size_t)image->size[1] * (size_t)image->size[2])
    LhMeshProblemAdd(problems, 0, "the TIFF file is cut short: it says more pages than it has");
  for (PetscInt k = 0; names && k < num; k++) PetscCall(PetscFree(names[k]));
  PetscCall(PetscFree(names));
  TIFFSetErrorHandler(error);
  TIFFSetWarningHandler(warning);
  PetscFunctionReturn(PETSC_SUCCESS);
}
#endif
