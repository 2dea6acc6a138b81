/**
 * FAISS IndexFlatIP as a peer to measure against; only built where FAISS is installed.
 */
#ifndef IMI_BENCH_FAISS_PEER_H
#define IMI_BENCH_FAISS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct imi_faiss_peer imi_faiss_peer;

/**
 * Copy rows (count x dim, tightly packed) into an index. NULL when that fails.
 *
 * huge_pages: place the index in huge pages, as the gallery it is compared with.
 */
imi_faiss_peer *imi_faiss_peer_new(const float *rows, size_t count, size_t dim, bool huge_pages);
void imi_faiss_peer_destroy(imi_faiss_peer **peer);

/** The k best rows for each of probe_count probes (tightly packed); false when that fails. */
bool imi_faiss_peer_search(imi_faiss_peer *peer, int threads, const float *probes,
                           size_t probe_count, size_t k, float *similarities_out,
                           int64_t *indices_out);

#ifdef __cplusplus
}
#endif
#endif
