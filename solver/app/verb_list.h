/// @file
/// The verbs, in the order `lihost --help` lists them (no guard: included once for each use).
LH_VERB(run)
LH_VERB(resume)
LH_VERB(status)
LH_VERB(ctl)
LH_VERB(sweep)
LH_VERB(calibrate)
LH_VERB(check)
LH_VERB(mesh)
LH_VERB(list)
LH_VERB(describe)
LH_VERB(schema)
LH_VERB(version)
