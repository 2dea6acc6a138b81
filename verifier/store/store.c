#include "imi/store.h"

void imi_store_destroy(imi_store **store)
{
    if (store != NULL && *store != NULL) {
        imi_store *taken = IMI_STEAL(store);
        taken->destroy(taken);
    }
}
