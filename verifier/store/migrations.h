/**
 * The embedded migrations: text n - 1 brings the schema from version n - 1 to n.
 */
#ifndef IMI_STORE_MIGRATIONS_H
#define IMI_STORE_MIGRATIONS_H

extern const char *const imi_store_migrations[];
extern const int imi_store_migration_count;

#endif
