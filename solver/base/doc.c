/// @file
/// Owns YAML documents: reading, the tree of nodes with their places, limits, overrides.
///
/// The tree is a copy of libyaml's document with aliases expanded, held in one arena that dies with
/// the document. Limits keep a hostile file cheap: bytes, depth, anchors, nodes after expansion, keys
/// per map.
/// Must never interpret a scalar; param.c gives texts their meaning.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/doc_node.h"

#define MAX_BYTES      (1 << 20)  // largest file
#define MAX_NODES      65536      // most values in a document, aliases expanded
#define MAX_KEYS       1024       // most keys of one map (duplicates are searched pairwise)
#define MAX_ANCHORS    256        // most anchors (libyaml searches them pairwise)
#define MAX_DIRECTIVES 64         // most lines with % in front (libyaml searches tags pairwise)

// Arena chunk [bytes]. The fuzzer sets 1, so that the sanitizer sees the end of every piece.
#ifndef LH_DOC_CHUNK
#define LH_DOC_CHUNK 16384
#endif

// A text that nodes point into: a file, or one command line assignment.
typedef struct {
  const char *file;
  char **lines;
  PetscInt num_lines;
  PetscInt shift;  // columns in front of the YAML text on line 1
} Source;

typedef struct Chunk Chunk;
struct Chunk {
  Chunk *next;
  size_t used, size;
  _Alignas(max_align_t) char bytes[];
};

struct _n_LhDoc {
  Chunk *chunks;
  char *text;
  size_t size;
  PetscInt num_nodes;
  struct _n_LhNode *root;
};

// Zeroed memory that lives as long as the document.
PetscErrorCode LhDocAllocate(LhDoc doc, size_t size, void *memory) {
  const size_t align = sizeof(max_align_t);
  Chunk *chunk = doc->chunks;
  size_t start = chunk ? (chunk->used + align - 1) / align * align : 0;

  PetscFunctionBeginUser;
  if (!chunk || start + size > chunk->size) {
    const size_t room = PetscMax(size, (size_t)LH_DOC_CHUNK);
    char *bytes;
    PetscCall(PetscCalloc1(sizeof(Chunk) + room, &bytes));
    chunk = (Chunk *)(void *)bytes;
    chunk->size = room;
    chunk->next = doc->chunks;
    doc->chunks = chunk;
    start = 0;
  }
  *(void **)memory = chunk->bytes + start;
  chunk->used = start + size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CopyText(LhDoc doc, const char text[], size_t size, char **copy) {
  PetscFunctionBeginUser;
  PetscCall(LhDocAllocate(doc, size + 1, copy));
  if (size) memcpy(*copy, text, size);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Length of the line break at `text`, 0 if none; the breaks libyaml counts (YAML 1.1, 4.1.4).
static size_t BreakLength(const char *text, const char *end) {
  const size_t left = (size_t)(end - text);
  if (left >= 2 && text[0] == '\r' && text[1] == '\n') return 2;
  if (left >= 1 && (text[0] == '\n' || text[0] == '\r')) return 1;
  if (left >= 2 && !memcmp(text, "\xc2\x85", 2)) return 2;
  if (left >= 3 && (!memcmp(text, "\xe2\x80\xa8", 3) || !memcmp(text, "\xe2\x80\xa9", 3))) return 3;
  return 0;
}

static PetscErrorCode SplitLines(LhDoc doc, const char text[], size_t size, Source *source) {
  const char *end = text + size, *start = text;
  PetscInt count = 1;

  PetscFunctionBeginUser;
  for (const char *c = text; c < end; c += PetscMax(BreakLength(c, end), (size_t)1)) {
    if (BreakLength(c, end)) count++;
  }
  PetscCall(LhDocAllocate(doc, (size_t)count * sizeof(char *), &source->lines));
  for (const char *c = text; c <= end; c++) {
    const size_t length = BreakLength(c, end);
    if (c < end && !length) continue;
    PetscCall(CopyText(doc, start, (size_t)(c - start), &source->lines[source->num_lines++]));
    start = c + length;
    if (length) c = start - 1;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateSource(LhDoc doc, const char name[], const char text[], size_t size,
                                   Source **source) {
  char *file;

  PetscFunctionBeginUser;
  PetscCall(LhDocAllocate(doc, sizeof(Source), source));
  PetscCall(CopyText(doc, name, strlen(name), &file));
  PetscCall(SplitLines(doc, text, size, *source));
  (*source)->file = file;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt CountCharacters(const char text[]) {
  PetscInt n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

// libyaml puts the end of a text that lacks its last line break on a line of its own.
static LhMark MakeMark(const Source *source, yaml_mark_t place) {
  LhMark mark = {source->file, (PetscInt)place.line + 1, (PetscInt)place.column + 1, NULL};
  if (mark.line > source->num_lines) {
    mark.line = source->num_lines;
    mark.text = source->lines[mark.line - 1];
    mark.column = CountCharacters(mark.text) + 1;
    return mark;
  }
  if (mark.line == 1) mark.column += source->shift;
  mark.text = source->lines[mark.line - 1];
  return mark;
}

// libyaml gives reader errors (bad UTF-8, control characters) a byte offset instead of a mark.
static yaml_mark_t MarkOfOffset(const char text[], size_t size, size_t offset) {
  yaml_mark_t mark = {offset, 0, 0};
  const char *end = text + size, *stop = text + PetscMin(offset, size);
  for (const char *c = text; c < stop;) {
    const size_t length = BreakLength(c, end);
    mark.line += length != 0;
    if (length) {
      mark.column = 0;
    } else if (((unsigned char)*c & 0xc0) != 0x80) {
      mark.column++;
    }
    c += PetscMax(length, (size_t)1);
  }
  return mark;
}

typedef struct {
  LhDoc doc;
  LhDiag diag;
  const Source *source;
  const char *text;
  size_t size;
  yaml_parser_t parser;
  yaml_document_t *yaml;
  PetscBool failed;
} Reading;

static PetscErrorCode ReportSyntax(Reading *reading) {
  const yaml_parser_t *parser = &reading->parser;
  const char *problem = parser->problem ? parser->problem : "syntax error";
  char context[128] = "";
  LhMark mark = MakeMark(reading->source, parser->problem_mark);

  PetscFunctionBeginUser;
  PetscCheck(parser->error != YAML_MEMORY_ERROR, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "Out of memory in libyaml");
  reading->failed = PETSC_TRUE;
  if (parser->error == YAML_READER_ERROR) {
    mark = MakeMark(reading->source,
                    MarkOfOffset(reading->text, reading->size, parser->problem_offset));
  }
  if (mark.text && strstr(problem, "cannot start any token") && strchr(mark.text, '\t')) {
    problem = "a tab where YAML wants spaces";
  }
  if (parser->context && (PetscInt)parser->context_mark.line + 1 != mark.line) {
    snprintf(context, sizeof(context), " (%s that starts on line %zu)", parser->context,
             parser->context_mark.line + 1);
  }
  PetscCall(
      LhDiagAdd(reading->diag, LH_DIAG_ERROR, &mark, "not valid YAML: %s%s", problem, context));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define Fail(reading, mark, ...)                                             \
  do {                                                                       \
    (reading)->failed = PETSC_TRUE;                                          \
    PetscCall(LhDiagAdd((reading)->diag, LH_DIAG_ERROR, mark, __VA_ARGS__)); \
    PetscFunctionReturn(PETSC_SUCCESS);                                      \
  } while (0)

static PetscErrorCode CopyNode(Reading *reading, int index, PetscInt depth,
                               struct _n_LhNode **copy);

static PetscErrorCode CopyScalar(Reading *reading, const yaml_node_t *yaml,
                                 struct _n_LhNode *node) {
  const char *text = (const char *)yaml->data.scalar.value;
  const size_t length = yaml->data.scalar.length;
  char *copy = NULL;

  PetscFunctionBeginUser;
  if (memchr(text, 0, length)) Fail(reading, &node->mark, "a value contains a NUL character");
  PetscCall(CopyText(reading->doc, text, length, &copy));
  node->text = copy;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CopyList(Reading *reading, const yaml_node_t *yaml, PetscInt depth,
                               struct _n_LhNode *node) {
  const yaml_node_item_t *start = yaml->data.sequence.items.start;
  const PetscInt count = (PetscInt)(yaml->data.sequence.items.top - start);

  PetscFunctionBeginUser;
  PetscCall(LhDocAllocate(reading->doc, (size_t)count * sizeof(*node->items), &node->items));
  for (PetscInt i = 0; i < count && !reading->failed; i++) {
    PetscCall(CopyNode(reading, start[i], depth + 1, &node->items[i]));
    node->size++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CopyKey(Reading *reading, int index, struct _n_LhNode *map) {
  const yaml_node_t *yaml = yaml_document_get_node(reading->yaml, index);
  const LhMark mark = MakeMark(reading->source, yaml->start_mark);
  const char *key = (const char *)yaml->data.scalar.value;
  char *copy;

  PetscFunctionBeginUser;
  if (yaml->type != YAML_SCALAR_NODE) Fail(reading, &mark, "a key must be a single word");
  if (memchr(key, 0, yaml->data.scalar.length)) Fail(reading, &mark, "a key contains a NUL");
  PetscCall(CopyText(reading->doc, key, yaml->data.scalar.length, &copy));
  map->keys[map->size] = copy;
  map->places[map->size] = mark;
  for (PetscInt i = 0; i < map->size; i++) {
    if (strcmp(map->keys[i], copy)) continue;
    PetscCall(LhDiagAdd(reading->diag, LH_DIAG_ERROR, &mark,
                        "key '%s' is given twice; the first one is at %s:%" PetscInt_FMT
                        ":%" PetscInt_FMT,
                        copy, map->places[i].file, map->places[i].line, map->places[i].column));
    break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CopyMap(Reading *reading, const yaml_node_t *yaml, PetscInt depth,
                              struct _n_LhNode *node) {
  const yaml_node_pair_t *start = yaml->data.mapping.pairs.start;
  const PetscInt count = (PetscInt)(yaml->data.mapping.pairs.top - start);

  PetscFunctionBeginUser;
  if (count > MAX_KEYS) Fail(reading, &node->mark, "a map has more than %d keys", MAX_KEYS);
  PetscCall(LhDocAllocate(reading->doc, (size_t)count * sizeof(*node->items), &node->items));
  PetscCall(LhDocAllocate(reading->doc, (size_t)count * sizeof(*node->keys), &node->keys));
  PetscCall(LhDocAllocate(reading->doc, (size_t)count * sizeof(*node->places), &node->places));
  for (PetscInt i = 0; i < count && !reading->failed; i++) {
    PetscCall(CopyKey(reading, start[i].key, node));
    if (reading->failed) break;
    PetscCall(CopyNode(reading, start[i].value, depth + 1, &node->items[i]));
    node->size++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CopyNode(Reading *reading, int index, PetscInt depth,
                               struct _n_LhNode **copy) {
  const yaml_node_t *yaml = yaml_document_get_node(reading->yaml, index);
  struct _n_LhNode *node;

  PetscFunctionBeginUser;
  PetscCall(LhDocAllocate(reading->doc, sizeof(*node), &node));
  node->mark = MakeMark(reading->source, yaml->start_mark);
  *copy = node;
  if (depth > LH_DOC_MAX_DEPTH)
    Fail(reading, &node->mark, "nested deeper than %d levels", LH_DOC_MAX_DEPTH);
  if (++reading->doc->num_nodes > MAX_NODES) {
    Fail(reading, &node->mark, "more than %d values (aliases count each time)", MAX_NODES);
  }
  switch (yaml->type) {
    case YAML_MAPPING_NODE:
      node->kind = LH_NODE_MAP;
      PetscCall(CopyMap(reading, yaml, depth, node));
      break;
    case YAML_SEQUENCE_NODE:
      node->kind = LH_NODE_LIST;
      PetscCall(CopyList(reading, yaml, depth, node));
      break;
    default:
      node->kind = LH_NODE_SCALAR;
      PetscCall(CopyScalar(reading, yaml, node));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Loads the next document of the stream; `*root` is NULL when there is none or it is broken.
static PetscErrorCode LoadNext(Reading *reading, struct _n_LhNode **root) {
  yaml_document_t yaml;

  PetscFunctionBeginUser;
  *root = NULL;
  if (!yaml_parser_load(&reading->parser, &yaml)) {
    PetscCall(ReportSyntax(reading));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  reading->yaml = &yaml;
  if (yaml_document_get_root_node(&yaml)) PetscCall(CopyNode(reading, 1, 1, root));
  yaml_document_delete(&yaml);
  reading->yaml = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode LoadOnly(Reading *reading, struct _n_LhNode **root) {
  struct _n_LhNode *second = NULL;

  PetscFunctionBeginUser;
  PetscCall(LoadNext(reading, root));
  if (!reading->failed && *root) PetscCall(LoadNext(reading, &second));
  if (!reading->failed && second) {
    reading->failed = PETSC_TRUE;
    PetscCall(LhDiagAdd(reading->diag, LH_DIAG_ERROR, &second->mark,
                        "a second YAML document starts here; one file holds one"));
  }
  if (reading->failed) *root = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode OpenParser(const Reading *reading, yaml_parser_t *parser) {
  PetscFunctionBeginUser;
  PetscCheck(yaml_parser_initialize(parser), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "Out of memory in libyaml");
  yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(parser, (const unsigned char *)reading->text, reading->size);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool HasAnchor(const yaml_event_t *event) {
  switch (event->type) {
    case YAML_SCALAR_EVENT:
      return event->data.scalar.anchor ? PETSC_TRUE : PETSC_FALSE;
    case YAML_SEQUENCE_START_EVENT:
      return event->data.sequence_start.anchor ? PETSC_TRUE : PETSC_FALSE;
    case YAML_MAPPING_START_EVENT:
      return event->data.mapping_start.anchor ? PETSC_TRUE : PETSC_FALSE;
    default:
      return PETSC_FALSE;
  }
}

typedef struct {
  PetscInt depth, anchors;
} Limits;

static PetscErrorCode CheckEvent(Reading *reading, Limits *limits, const yaml_event_t *event) {
  const LhMark mark = MakeMark(reading->source, event->start_mark);

  PetscFunctionBeginUser;
  if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT) {
    limits->depth++;
  } else if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT) {
    limits->depth--;
  }
  if (HasAnchor(event)) limits->anchors++;
  if (limits->depth > LH_DOC_MAX_DEPTH) {
    Fail(reading, &mark, "nested deeper than %d levels", LH_DOC_MAX_DEPTH);
  }
  if (limits->anchors > MAX_ANCHORS) Fail(reading, &mark, "more than %d anchors", MAX_ANCHORS);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckDirectives(Reading *reading) {
  PetscInt count = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < reading->source->num_lines; i++) {
    const LhMark mark = {reading->source->file, i + 1, 1, reading->source->lines[i]};
    if (*mark.text != '%' || ++count <= MAX_DIRECTIVES) continue;
    Fail(reading, &mark, "more than %d lines start with %%", MAX_DIRECTIVES);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// libyaml's loader takes minutes for a megabyte of brackets or anchors (its cost is quadratic in
// both): a first pass over the events stops there. Syntax errors are left to the loader.
static PetscErrorCode CheckLimits(Reading *reading) {
  Limits limits = {0, 0};
  yaml_parser_t parser;
  yaml_event_t event;
  PetscBool done = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(OpenParser(reading, &parser));
  while (!done && !reading->failed && yaml_parser_parse(&parser, &event)) {
    PetscCall(CheckEvent(reading, &limits, &event));
    done = event.type == YAML_STREAM_END_EVENT ? PETSC_TRUE : PETSC_FALSE;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Parses `text` into nodes of `doc`; `*root` is NULL after a diagnostic.
static PetscErrorCode ParseText(LhDoc doc, const Source *source, const char text[], size_t size,
                                LhDiag diag, struct _n_LhNode **root) {
  Reading reading = {.doc = doc, .diag = diag, .source = source, .text = text, .size = size};

  PetscFunctionBeginUser;
  *root = NULL;
  PetscCall(CheckDirectives(&reading));
  if (!reading.failed) PetscCall(CheckLimits(&reading));
  if (reading.failed) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(OpenParser(&reading, &reading.parser));
  PetscCall(LoadOnly(&reading, root));
  yaml_parser_delete(&reading.parser);
  if (!reading.failed && !*root) {
    const LhMark whole = {source->file, 0, 0, NULL};
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &whole, "there is nothing in it"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDocParse(const char name[], const char text[], size_t size, LhDiag diag,
                          LhDoc *doc) {
  const LhMark whole = {name, 0, 0, NULL};
  size_t start = 0;
  Source *source;

  PetscFunctionBeginUser;
  *doc = NULL;
  if (size > MAX_BYTES) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &whole, "larger than %d bytes", MAX_BYTES));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscNew(doc));
  (*doc)->size = size;
  PetscCall(CopyText(*doc, text, size, &(*doc)->text));
  if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) start = 3;  // byte order mark
  PetscCall(CreateSource(*doc, name, text + start, size - start, &source));
  PetscCall(ParseText(*doc, source, (*doc)->text + start, size - start, diag, &(*doc)->root));
  if (!(*doc)->root) PetscCall(LhDocDestroy(doc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Reads at most `room` bytes; returns errno, 0 when it went well.
static int ReadFile(const char path[], size_t room, char bytes[], size_t *size) {
  FILE *file;
  int status;

  *size = 0;
  errno = 0;
  file = fopen(path, "rb");
  if (!file) return errno ? errno : EIO;
  *size = fread(bytes, 1, room, file);
  status = ferror(file) ? (errno ? errno : EIO) : 0;
  fclose(file);
  return status;
}

PetscErrorCode LhDocRead(MPI_Comm comm, const char path[], LhDiag diag, LhDoc *doc) {
  const LhMark whole = {path, 0, 0, NULL};
  char *bytes;
  int64_t header[2] = {0, 0};  // errno, size
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  *doc = NULL;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(PetscMalloc1(MAX_BYTES + 1, &bytes));
  if (rank == 0) {
    size_t size;
    header[0] = ReadFile(path, MAX_BYTES + 1, bytes, &size);
    header[1] = (int64_t)size;
  }
  PetscCallMPI(MPI_Bcast(header, 2, MPI_INT64_T, 0, comm));
  PetscCallMPI(MPI_Bcast(bytes, (PetscMPIInt)header[1], MPI_CHAR, 0, comm));
  if (header[0]) {
    PetscCall(
        LhDiagAdd(diag, LH_DIAG_ERROR, &whole, "cannot be read: %s", strerror((int)header[0])));
  } else {
    PetscCall(LhDocParse(path, bytes, (size_t)header[1], diag, doc));
  }
  PetscCall(PetscFree(bytes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDocDestroy(LhDoc *doc) {
  PetscFunctionBeginUser;
  if (!*doc) PetscFunctionReturn(PETSC_SUCCESS);
  for (Chunk *chunk = (*doc)->chunks, *next; chunk; chunk = next) {
    next = chunk->next;
    PetscCall(PetscFree(chunk));
  }
  PetscCall(PetscFree(*doc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDocGetRoot(LhDoc doc, LhNode *root) {
  PetscFunctionBeginUser;
  *root = doc->root;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDocGetText(LhDoc doc, const char **text, size_t *size) {
  PetscFunctionBeginUser;
  *text = doc->text;
  if (size) *size = doc->size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

LhNodeKind LhNodeGetKind(LhNode node) {
  return node->kind;
}

const char *LhNodeGetText(LhNode node) {
  return node ? node->text : NULL;
}

PetscInt LhNodeGetSize(LhNode node) {
  return node ? node->size : 0;
}

LhNode LhNodeGetItem(LhNode node, PetscInt i) {
  return node && i >= 0 && i < node->size ? node->items[i] : NULL;
}

const char *LhNodeGetKey(LhNode node, PetscInt i) {
  return node && node->keys && i >= 0 && i < node->size ? node->keys[i] : NULL;
}

LhNode LhNodeFind(LhNode map, const char key[]) {
  if (!map || map->kind != LH_NODE_MAP) return NULL;
  for (PetscInt i = 0; i < map->size; i++) {
    if (!strcmp(map->keys[i], key)) return map->items[i];
  }
  return NULL;
}

LhMark LhNodeGetMark(LhNode node) {
  const LhMark none = {NULL, 0, 0, NULL};
  return node ? node->mark : none;
}

LhMark LhNodeGetKeyMark(LhNode map, PetscInt i) {
  return LhNodeGetKey(map, i) ? map->places[i] : LhNodeGetMark(map);
}

struct _n_LhNode **LhDocGetRootSlot(LhDoc doc) {
  return &doc->root;
}

PetscErrorCode LhDocParseMore(LhDoc doc, const char name[], const char text[], size_t skip,
                              LhDiag diag, struct _n_LhNode **root) {
  const size_t size = strlen(text);
  Source *source;

  PetscFunctionBeginUser;
  PetscCall(CreateSource(doc, name, text, size, &source));
  source->shift = (PetscInt)skip;
  PetscCall(ParseText(doc, source, text + skip, size - skip, diag, root));
  PetscFunctionReturn(PETSC_SUCCESS);
}
