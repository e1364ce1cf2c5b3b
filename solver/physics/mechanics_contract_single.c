/// @file
/// Element matrices with sums in single precision: the source of those in double once more. Owns nothing itself.
#define LH_CONTRACT_SINGLE
#include "physics/mechanics_contract.c"
