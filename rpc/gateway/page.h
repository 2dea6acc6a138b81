/**
 * The page: the files of the web build, with the encodings that were made beforehand.
 */
#ifndef IMI_GATEWAY_PAGE_H
#define IMI_GATEWAY_PAGE_H

#include "rpc/gateway/document.h"

/** The page's name in the access log when a path may be one of its files; else NULL. */
const char *imi_page_route(const char *path);

/**
 * Read a file of the page: "/" and "/j" are its index.html.
 *
 * accept_encoding: as the browser sent it, or NULL. FILE.br and FILE.gz are taken where the
 *                  browser accepts them.
 * Errors:          as imi_served_file_read.
 */
IMI_MUST_USE imi_status imi_page_read(const char *folder, const char *path,
                                      const char *accept_encoding, imi_document *out,
                                      imi_error *err);

/** Whether an Accept-Encoding lists a coding by its name, and not with weight 0. */
bool imi_page_accepts(const char *accept_encoding, const char *coding);

#endif
