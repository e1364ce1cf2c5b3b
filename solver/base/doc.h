/// @file
/// A YAML document whose every node knows file, line and column.
///
/// Thin view over libyaml's document API: sizes, depth and aliases are limited, duplicate keys and
/// syntax errors become diagnostics. Values are text; param.h gives them meaning.
#pragma once

#include "base/diag.h"

typedef struct _n_LhDoc *LhDoc;
typedef const struct _n_LhNode *LhNode;  ///< borrowed from its document; NULL = absent

/// File name in the marks of nodes that came from LhDocOverride().
#define LH_DOC_COMMAND_LINE "command line"

typedef enum { LH_NODE_SCALAR, LH_NODE_MAP, LH_NODE_LIST } LhNodeKind;

/// Reads `path` (rank 0 reads, all ranks get the bytes and parse them). On bad YAML `*doc` is NULL
/// and a diagnostic says where. Collective.
PetscErrorCode LhDocRead(MPI_Comm comm, const char path[], LhDiag diag, LhDoc *doc);
/// The same from memory; `name` stands for the file in diagnostics.
PetscErrorCode LhDocParse(const char name[], const char text[], size_t size, LhDiag diag,
                          LhDoc *doc);
PetscErrorCode LhDocDestroy(LhDoc *doc);
PetscErrorCode LhDocGetRoot(LhDoc doc, LhNode *root);
/// The text as read, for the copy a run keeps and for its hash; borrowed.
PetscErrorCode LhDocGetText(LhDoc doc, const char **text, size_t *size);
/// Overrides `key.path=value` (value is YAML text) as given on the command line, before reading.
/// Entries of lists are named by their index from 0: `steps.2.current=1 mA/cm^2`. A key that is not
/// in the file is added; a whole `{value: ..., source: ...}` is replaced by the new value. `null` and `~` take a key out.
PetscErrorCode LhDocOverride(LhDoc doc, const char assignment[], LhDiag diag);

LhNodeKind LhNodeGetKind(LhNode node);
const char *LhNodeGetText(LhNode node);             ///< text of a scalar, else NULL
PetscInt LhNodeGetSize(LhNode node);                ///< entries of a map or list, 0 for a scalar
LhNode LhNodeGetItem(LhNode node, PetscInt i);      ///< i-th value of a map or list
const char *LhNodeGetKey(LhNode node, PetscInt i);  ///< i-th key of a map
LhNode LhNodeFind(LhNode map, const char key[]);    ///< value of a key, NULL if absent or not a map
LhMark LhNodeGetMark(LhNode node);
LhMark LhNodeGetKeyMark(LhNode map, PetscInt i);

/// `base` overlaid by `changes`: maps merge key by key, anything else (and a whole `{value: ...}`) is
/// replaced. A map in which both give the key `choice` (e.g. "law") with different words is replaced
/// whole, because its other keys belong to the old choice. A section with nothing behind it changes
/// nothing. Either may be NULL. New nodes live in
/// `owner`; both documents must outlive the result, whose values keep their places.
PetscErrorCode LhNodeOverlay(LhDoc owner, LhNode base, LhNode changes, const char choice[],
                             LhNode *merged);
/// The entries of `map` whose keys are among `keys`; NULL when it is no map.
PetscErrorCode LhNodePick(LhDoc owner, LhNode map, PetscInt n, const char *const keys[],
                          LhNode *picked);
