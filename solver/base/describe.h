/// @file
/// Parameter tables told to people and editors: plain text, Markdown, JSON Schema.
///
/// Tables are combined by their dotted names: "mesh.box" is the section `box` of "mesh". A part `*`
/// stands for a name the user chooses ("regions.*"), a part `[]` for the entries of a list
/// ("experiment.steps.[]"). The table named "" holds the keys of the file itself. A nested row
/// (LH_PARAM_NODE) without a table accepts anything. Tables "a:x" and "a:y" are variants of section `a`: their
/// keys add to those of a table "a", or, without one, the section is one of them.
#pragma once

#include "base/json.h"
#include "base/param.h"

/// Plain text, as `lihost describe` prints it. `section` keeps that table and those below it;
/// "" keeps all. `*found` (may be NULL) counts the tables kept. Call on one rank.
PetscErrorCode LhDescribeText(PetscInt n, const LhTable tables[], const char section[],
                              FILE *stream, PetscInt *found);
/// One heading and one Markdown table for each parameter table, for the reference pages.
PetscErrorCode LhDescribeMarkdown(PetscInt n, const LhTable tables[], FILE *stream);
/// `sections`: a list of {section, brief, keys: [{key, meaning, value, allowed, need}]}, as the other forms say it.
PetscErrorCode LhDescribeJson(PetscInt n, const LhTable tables[], const char section[], LhJson json,
                              PetscInt *found);
/// JSON Schema (draft-07) of a file whose sections are `tables`, as one complete JSON value. `section` and `key`
/// name the choice that decides which variant ":x" of the file's top applies ("experiment", "kind").
PetscErrorCode LhDescribeSchema(PetscInt n, const LhTable tables[], const char title[],
                                const char section[], const char key[], LhJson json);
