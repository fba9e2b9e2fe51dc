/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing layouts: whatever the text, it is run over a small table, or refused with one line that
 * names its place.
 *
 * With libFuzzer: scripts/fuzz layout.
 */
#include "corpus.h"
#include "layout/graph.h"

static const char parameters[] = "Beta: 1\nC_back: 1\nk: 0.5\nInit_avail: 0.5\nT_objective: 0\n"
                                 "Transfer_au: 0.1\nTransfer_ua: 0.1\nEta: 1e9\nA_tot: 1e6\n"
                                 "A_appl: 1e5\nM_totalperA: 0.1\nM_total: 0.1\nbeta: 1\n"
                                 "theta_decay: 1.08\nk_decay: 0.02\n";
static const char table_text[] = "step\tT\tP\tQ\tQloc\tEmptymeas\n0\t5\t0\t1\t1\tN/A\n"
                                 "1\t5\t0\t1\t0\tN/A\n2\t-5\t3\t1\t1\tN/A\n";

/* Everything a run needs. */
typedef struct {
    cs_settings settings;
    cs_layout layout;
    cs_table table;
    cs_graph graph;
} job;

static cs_status run(job *j, const char *text, size_t size, cs_error *err)
{
    CS_TRY(cs_layout_parse(&j->layout, &j->settings, text, size, "fuzz.xml", err));
    CS_TRY(cs_settings_parse(&j->settings, parameters, sizeof parameters - 1, "fuzz.txt", err));
    CS_TRY(cs_table_parse(&j->table, table_text, sizeof table_text - 1, "fuzz.tab", err));
    CS_TRY(cs_graph_build(&j->graph, &j->layout, &j->settings, &j->table, "fuzz.tab", err));
    return cs_graph_run(&j->graph, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    job j = {0};
    cs_error err = {0};
    const cs_status status = run(&j, (const char *)data, size, &err);
    CS_INVARIANT(status == CS_OK || status == CS_DATA);
    if (status == CS_DATA) {
        CS_INVARIANT(strncmp(err.message, "fuzz.", 5) == 0 && strchr(err.message, ':') != NULL);
    }
    cs_graph_free(&j.graph);
    cs_table_free(&j.table);
    cs_layout_free(&j.layout);
    cs_settings_free(&j.settings);
    return 0;
}
