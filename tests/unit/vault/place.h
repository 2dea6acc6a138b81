/** A vault in a folder of its own for each test, and a look into that folder. */
#ifndef IMI_TEST_VAULT_PLACE_H
#define IMI_TEST_VAULT_PLACE_H

#include "imi/vault.h"

extern char g_folder[256];
extern char g_path[300];
extern const uint8_t g_secret[IMI_SECRET_SIZE];
extern imi_vault *g_vault; /* of the running test */
extern imi_error g_err;

#define OK(call) assert_ok((call))
#define REFUSES(call, wanted) assert_int_equal((call), (wanted))

void assert_ok(imi_status status);

/** Set-up and tear-down of a cmocka test: with an open vault, or with the folder alone. */
int place_open(void **state);
int place_make(void **state);
int place_remove(void **state);

/** Open the vault of the folder again, beside g_vault. */
imi_vault *place_open_again(void);
/** Id of a subject's key, made if need be. */
void place_key(imi_vault *vault, const char *subject_id, char out[IMI_ID_SIZE]);
/** Some file of the folder holds these bytes. */
bool place_holds(imi_view bytes);
/** Run SQL on the vault's file, as one with the file in hand would. */
void place_run_sql(const char *sql);

#endif
