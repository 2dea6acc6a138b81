#include "rpc/transport/bytes.h"

#include <grpc/byte_buffer_reader.h>

static grpc_slice slice_of_view(imi_view view)
{
    return grpc_slice_from_copied_buffer((const char *)view.data, view.size);
}

grpc_byte_buffer *imi_grpc_buffer_of_view(imi_view view)
{
    grpc_slice slice = slice_of_view(view);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

/* A received range belongs to its message alone once gRPC has handed it over. */
static void wipe_buffer(grpc_byte_buffer *buffer)
{
    for (size_t i = 0; i < buffer->data.raw.slice_buffer.count; i++) {
        grpc_slice *slice = &buffer->data.raw.slice_buffer.slices[i];
        imi_wipe(GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
    }
}

void imi_grpc_destroy_received(grpc_byte_buffer **buffer)
{
    if (*buffer != NULL) {
        wipe_buffer(*buffer);
        grpc_byte_buffer_destroy(*buffer);
        *buffer = NULL;
    }
}

/* One contiguous slice of a whole message. A message that arrived in one piece is not
 * copied; one of several HTTP/2 frames is joined once, here. */
bool imi_grpc_take_contiguous(grpc_byte_buffer **buffer, grpc_slice *out)
{
    if ((*buffer)->data.raw.slice_buffer.count == 1) {
        *out = grpc_slice_ref((*buffer)->data.raw.slice_buffer.slices[0]);
        grpc_byte_buffer_destroy(*buffer);
        *buffer = NULL;
        return true;
    }
    grpc_byte_buffer_reader reader;
    bool readable = grpc_byte_buffer_reader_init(&reader, *buffer) != 0;
    if (readable) {
        *out = grpc_byte_buffer_reader_readall(&reader);
        grpc_byte_buffer_reader_destroy(&reader);
    }
    imi_grpc_destroy_received(buffer);
    return readable;
}

struct imi_rpc_message {
    grpc_slice slice;
};

imi_rpc_message *imi_grpc_message_of_buffer(grpc_byte_buffer **buffer)
{
    imi_rpc_message *message = imi_alloc(sizeof *message);
    if (message == NULL || !imi_grpc_take_contiguous(buffer, &message->slice)) {
        imi_free(message);
        imi_grpc_destroy_received(buffer);
        return NULL;
    }
    return message;
}

imi_view imi_rpc_message_view(const imi_rpc_message *message)
{
    return (imi_view){GRPC_SLICE_START_PTR(message->slice), GRPC_SLICE_LENGTH(message->slice)};
}

void imi_rpc_message_destroy(imi_rpc_message **message_pointer)
{
    imi_rpc_message *message = message_pointer == NULL ? NULL : IMI_STEAL(message_pointer);
    if (message != NULL) {
        imi_wipe(GRPC_SLICE_START_PTR(message->slice), GRPC_SLICE_LENGTH(message->slice));
        grpc_slice_unref(message->slice);
        imi_free(message);
    }
}

bool imi_grpc_find_metadata(const grpc_metadata_array *array, const char *key, imi_view *value_out)
{
    *value_out = (imi_view){NULL, 0};
    for (size_t i = 0; i < array->count; i++) {
        if (grpc_slice_str_cmp(array->metadata[i].key, key) == 0) {
            grpc_slice *value = &array->metadata[i].value;
            *value_out = (imi_view){GRPC_SLICE_START_PTR(*value), GRPC_SLICE_LENGTH(*value)};
            return true;
        }
    }
    return false;
}
