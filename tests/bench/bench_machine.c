/// @file
/// What the machine can do, for the roofline: bandwidth of a STREAM triad and fused multiply-adds a second, on as many
/// ranks as mpirun starts. Prints one JSON line. Owns nothing of lihost.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { entries = 1 << 24, lanes = 96, rounds = 2000000, repeats = 5 };

/// Bytes a second of a = b + 3 c (two reads, a write; Mc Calpin's count).
static double Triad(double *a, const double *b, const double *c) {
  double best = 1e30;

  for (int r = 0; r < repeats; r++) {
    const double start = MPI_Wtime();
    for (long i = 0; i < entries; i++) a[i] = b[i] + 3. * c[i];
    best = MPI_Wtime() - start < best ? MPI_Wtime() - start : best;
  }
  return 3. * sizeof(double) * entries / best;
}

/// Operations a second of independent multiply-adds that stay in registers.
static double MultiplyAdd(double *sum) {
  double x[lanes], best = 1e30;

  for (int r = 0; r < repeats; r++) {
    const double start = MPI_Wtime();
    for (int l = 0; l < lanes; l++) x[l] = l;
    for (long i = 0; i < rounds; i++) {
#pragma omp simd
      for (int l = 0; l < lanes; l++) x[l] = x[l] * .999 + 1e-3;
    }
    best = MPI_Wtime() - start < best ? MPI_Wtime() - start : best;
    for (int l = 0; l < lanes; l++) *sum += x[l];
  }
  return 2. * lanes * rounds / best;
}

/// The same in single precision.
static double MultiplyAddSingle(double *sum) {
  float x[lanes];
  double best = 1e30;

  for (int r = 0; r < repeats; r++) {
    const double start = MPI_Wtime();
    for (int l = 0; l < lanes; l++) x[l] = (float)l;
    for (long i = 0; i < rounds; i++) {
#pragma omp simd
      for (int l = 0; l < lanes; l++) x[l] = x[l] * .999f + 1e-3f;
    }
    best = MPI_Wtime() - start < best ? MPI_Wtime() - start : best;
    for (int l = 0; l < lanes; l++) *sum += (double)x[l];
  }
  return 2. * lanes * rounds / best;
}

int main(int argc, char **argv) {
  double *a = malloc(sizeof(double) * entries), *b = malloc(sizeof(double) * entries),
         *c = malloc(sizeof(double) * entries), rate[3], sum = 0.;
  int rank, size;

  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  for (long i = 0; i < entries; i++) a[i] = b[i] = c[i] = (double)(i % 17);
  MPI_Barrier(MPI_COMM_WORLD);
  rate[0] = Triad(a, b, c);
  MPI_Barrier(MPI_COMM_WORLD);
  rate[1] = MultiplyAdd(&sum);
  rate[2] = MultiplyAddSingle(&sum);
  MPI_Allreduce(MPI_IN_PLACE, rate, 3, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  if (!rank) {
    printf(
        "{\"ranks\": %d, \"triad_GB_s\": %.2f, \"peak_GFLOP_s\": %.1f, \"single_peak_GFLOP_s\": "
        "%.1f, "
        "\"check\": %g}\n",
        size, rate[0] / 1e9, rate[1] / 1e9, rate[2] / 1e9, sum + a[5]);
  }
  free(a), free(b), free(c);
  MPI_Finalize();
  return 0;
}
