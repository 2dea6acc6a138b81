/**
 * Small text files for tests.
 */
#ifndef IMI_TEST_TEXT_FILE_H
#define IMI_TEST_TEXT_FILE_H

enum { TEXT_FILE_PATH_SIZE = 64 };

/** Write text to a new temporary file; path_out holds TEXT_FILE_PATH_SIZE bytes. */
void text_file_make(const char *text, char *path_out);
void text_file_remove(const char *path);

#endif
