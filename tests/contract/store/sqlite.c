#include "suite.h"

#include "records.h"

#include <stdio.h>

static char g_folder[256];
static char g_path[300];

static imi_status open_empty(imi_store **out, imi_error *err)
{
    scratch_make(g_folder);
    snprintf(g_path, sizeof g_path, "%s/store.db", g_folder);
    return imi_store_sqlite_open(g_path, scratch_vault(g_folder), out, err);
}

static imi_status reopen(imi_store **out, imi_error *err)
{
    return imi_store_sqlite_open(g_path, scratch_vault(g_folder), out, err);
}

static void clean_up(void)
{
    scratch_remove(g_folder);
}

int main(void)
{
    static const store_factory factory = {open_empty, reopen, clean_up};
    return store_suite_run("store: SQLite", &factory) +
           store_attempts_run("store, attempts: SQLite", &factory) +
           store_population_run("store, population: SQLite", &factory) +
           store_administration_run("store, administration: SQLite", &factory) +
           store_leaves_run("store, leaves: SQLite", &factory) +
           store_consents_run("store, consents: SQLite", &factory) +
           store_tokens_run("store, tokens: SQLite", &factory) +
           store_feed_run("store, feed: SQLite", &factory) +
           store_subjects_run("store, subjects: SQLite", &factory) +
           store_concurrency_run("store, many threads: SQLite", &factory);
}
