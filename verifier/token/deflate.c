#include "deflate.h"

#include <limits.h>
#include <zlib.h>

static voidpf allocate(voidpf user, uInt count, uInt size)
{
    (void)user;
    return imi_alloc_array(count, size);
}

static void release(voidpf user, voidpf block)
{
    (void)user;
    imi_free(block);
}

static z_stream stream_of(imi_view bytes, imi_buffer *out)
{
    return (z_stream){.zalloc = allocate,
                      .zfree = release,
                      .next_in = (Bytef *)bytes.data,
                      .avail_in = (uInt)bytes.size,
                      .next_out = out->data + out->size,
                      .avail_out = (uInt)(out->capacity - out->size)};
}

imi_status imi_zlib_deflate(imi_view bytes, imi_buffer *out, imi_error *err)
{
    if (bytes.size == 0 || bytes.size > INT_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nothing to compress, or too much");
    }
    IMI_TRY(imi_buffer_reserve(out, out->size + compressBound(bytes.size), err));
    z_stream stream = stream_of(bytes, out);
    if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to compress");
    }
    int result = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) {
        IMI_FAIL_FOREIGN(err, IMI_E_INTERNAL, result, "compression did not end");
    }
    out->size += stream.total_out;
    return IMI_OK;
}

imi_status imi_zlib_inflate(imi_view bytes, size_t limit, imi_buffer *out, imi_error *err)
{
    if (bytes.size == 0 || bytes.size > INT_MAX || limit > INT_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "there is no zlib stream");
    }
    IMI_TRY(imi_buffer_reserve(out, out->size + limit, err));
    z_stream stream = stream_of(bytes, out);
    stream.avail_out = (uInt)limit;
    if (inflateInit(&stream) != Z_OK) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to decompress");
    }
    int result = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (result == Z_MEM_ERROR) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to decompress");
    }
    if (result != Z_STREAM_END || stream.avail_in != 0 || stream.total_out == 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_TOKEN_FORMAT, result,
                         "not one whole zlib stream of 1 to %zu bytes", limit);
    }
    out->size += stream.total_out;
    return IMI_OK;
}
