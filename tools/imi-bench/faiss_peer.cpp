#include "faiss_peer.h"

#include <faiss/IndexFlat.h>
#include <omp.h>
#include <sys/mman.h>
#include <unistd.h>

struct imi_faiss_peer {
    faiss::IndexFlatIP index;
    explicit imi_faiss_peer(size_t dim) : index(static_cast<faiss::Index::idx_t>(dim))
    {
    }
};

/* Ask for huge pages before the memory is first written. */
static void reserve_huge(std::vector<uint8_t> &codes, size_t size)
{
    codes.reserve(size);
    const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    const uintptr_t start = (reinterpret_cast<uintptr_t>(codes.data()) + page - 1) / page * page;
    const uintptr_t end = (reinterpret_cast<uintptr_t>(codes.data()) + size) / page * page;
    if (end > start) {
        madvise(reinterpret_cast<void *>(start), end - start, MADV_HUGEPAGE);
    }
}

extern "C" imi_faiss_peer *imi_faiss_peer_new(const float *rows, size_t count, size_t dim,
                                              bool huge_pages)
{
    imi_faiss_peer *peer = nullptr;
    try {
        peer = new imi_faiss_peer(dim);
        if (huge_pages) {
            reserve_huge(peer->index.codes, count * dim * sizeof(float));
        }
        peer->index.add(static_cast<faiss::Index::idx_t>(count), rows);
        return peer;
    } catch (...) {
        delete peer;
        return nullptr;
    }
}

extern "C" void imi_faiss_peer_destroy(imi_faiss_peer **peer)
{
    if (peer != nullptr) {
        delete *peer;
        *peer = nullptr;
    }
}

extern "C" bool imi_faiss_peer_search(imi_faiss_peer *peer, int threads, const float *probes,
                                      size_t probe_count, size_t k, float *similarities_out,
                                      int64_t *indices_out)
{
    try {
        omp_set_num_threads(threads);
        peer->index.search(static_cast<faiss::Index::idx_t>(probe_count), probes,
                           static_cast<faiss::Index::idx_t>(k), similarities_out, indices_out);
        return true;
    } catch (...) {
        return false;
    }
}
