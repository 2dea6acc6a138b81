#include "fixture.h"

const store_factory *g_factory;
imi_store *g_store;
imi_error g_err;

int make_store(void **state)
{
    (void)state;
    return g_factory->open_empty(&g_store, &g_err) == IMI_OK ? 0 : -1;
}

int drop_store(void **state)
{
    (void)state;
    imi_store_destroy(&g_store);
    g_factory->clean_up();
    return 0;
}
