#include "rpc/handle_reflection.h"

#include "descriptor_index.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "rpc/message.h"

#include <string.h>

/* v1 and v1alpha have the same bytes on the wire: one set of structures serves both. */
typedef Grpc__Reflection__V1__ServerReflectionRequest request_type;
typedef Grpc__Reflection__V1__ServerReflectionResponse response_type;
#define ASKS(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name
#define ANSWERS(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

enum { DESCRIPTORS_MAX = 1 << 20, OWN_SERVICES = 2, FILES_MAX = 64 };

static const char NAME_V1[] = "grpc.reflection.v1.ServerReflection";
static const char NAME_V1ALPHA[] = "grpc.reflection.v1alpha.ServerReflection";

extern const unsigned char imi_proto_descriptors[];
extern const size_t imi_proto_descriptors_size;

struct imi_reflection {
    imi_arena arena; /* of everything below */
    const Imi__Index__FileSet *set;
    const Imi__Index__File **files; /* one for each of set, in its order */
    const char **services;
    size_t service_count;
};

imi_view imi_reflection_embedded(void)
{
    return (imi_view){imi_proto_descriptors, imi_proto_descriptors_size};
}

/* ---- reading the descriptors ---- */

static imi_status read_files(imi_reflection *r, imi_error *err)
{
    if (r->set->n_file > FILES_MAX) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "more than %d .proto files", FILES_MAX);
    }
    r->files = imi_arena_alloc_array(&r->arena, r->set->n_file, sizeof(void *));
    if (r->files == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for descriptors");
    }
    for (size_t i = 0; i < r->set->n_file; i++) {
        ProtobufCMessage *file = NULL;
        imi_view bytes = {r->set->file[i].data, r->set->file[i].len};
        IMI_TRY(imi_message_decode(&imi__index__file__descriptor, bytes, &r->arena, &file, err));
        r->files[i] = (const void *)file;
    }
    return IMI_OK;
}

static imi_status note_services(imi_reflection *r, const imi_rpc_service *services, size_t count,
                                imi_error *err)
{
    r->services = imi_arena_alloc_array(&r->arena, count + OWN_SERVICES, sizeof(char *));
    if (r->services == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for services");
    }
    for (size_t i = 0; i < count; i++) {
        r->services[r->service_count++] = services[i].name;
    }
    r->services[r->service_count++] = NAME_V1;
    r->services[r->service_count++] = NAME_V1ALPHA;
    return IMI_OK;
}

imi_status imi_reflection_new(imi_view descriptors, const imi_rpc_service *services, size_t count,
                              imi_reflection **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_reflection) r = imi_alloc(sizeof *r);
    if (r == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for reflection");
    }
    r->arena.limit = DESCRIPTORS_MAX;
    ProtobufCMessage *set = NULL;
    IMI_TRY(imi_message_decode_within(&imi__index__file_set__descriptor, descriptors,
                                      DESCRIPTORS_MAX, &r->arena, &set, err));
    r->set = (const void *)set;
    IMI_TRY(read_files(r, err));
    IMI_TRY(note_services(r, services, count, err));
    *out = IMI_STEAL(&r);
    return IMI_OK;
}

void imi_reflection_destroy(imi_reflection **reflection_pointer)
{
    imi_reflection *r = reflection_pointer == NULL ? NULL : IMI_STEAL(reflection_pointer);
    if (r != NULL) {
        imi_arena_clean_up(&r->arena);
        imi_free(r);
    }
}

/* ---- finding a symbol ---- */

/* Take "head." off text; true with *rest behind it, or empty when text is head itself. */
static bool take_name(const char *text, const char *head, const char **rest)
{
    size_t size = strlen(head);
    if (size == 0) {
        *rest = text;
        return true;
    }
    if (strncmp(text, head, size) != 0 || (text[size] != '.' && text[size] != '\0')) {
        return false;
    }
    *rest = text[size] == '.' ? text + size + 1 : text + size;
    return true;
}

static bool has_enum(Imi__Index__Enum *const *enums, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(enums[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Nesting is bounded: the decoder let it in. */
static bool has_message(Imi__Index__Message *const *messages, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const Imi__Index__Message *message = messages[i];
        const char *rest = NULL;
        if (take_name(name, message->name, &rest) &&
            (*rest == '\0' || has_enum(message->enum_type, message->n_enum_type, rest) ||
             has_message(message->nested_type, message->n_nested_type, rest))) {
            return true;
        }
    }
    return false;
}

static bool has_service(const Imi__Index__File *file, const char *name)
{
    for (size_t i = 0; i < file->n_service; i++) {
        const Imi__Index__Service *service = file->service[i];
        const char *rest = NULL;
        if (!take_name(name, service->name, &rest)) {
            continue;
        }
        bool found = *rest == '\0';
        for (size_t j = 0; j < service->n_method && !found; j++) {
            found = strcmp(service->method[j]->name, rest) == 0;
        }
        if (found) {
            return true;
        }
    }
    return false;
}

static bool declares(const Imi__Index__File *file, const char *symbol)
{
    const char *name = NULL;
    return take_name(symbol, file->package, &name) && *name != '\0' &&
           (has_service(file, name) || has_enum(file->enum_type, file->n_enum_type, name) ||
            has_message(file->message_type, file->n_message_type, name));
}

/* ---- answering ---- */

/* Index of a file by name; the number of files when there is none. */
static size_t find_file(const imi_reflection *r, const char *name)
{
    size_t i = 0;
    while (i < r->set->n_file && strcmp(r->files[i]->name, name) != 0) {
        i++;
    }
    return i;
}

static size_t find_declaring(const imi_reflection *r, const char *symbol)
{
    size_t i = 0;
    while (i < r->set->n_file && !declares(r->files[i], symbol)) {
        i++;
    }
    return i;
}

/* Files that travel together: the one asked for, then whatever those before it import. */
static size_t collect_files(const imi_reflection *r, size_t first,
                            ProtobufCBinaryData bytes[FILES_MAX])
{
    size_t order[FILES_MAX] = {first};
    bool taken[FILES_MAX] = {false};
    size_t count = 1;
    taken[first] = true;
    for (size_t i = 0; i < count; i++) {
        const Imi__Index__File *file = r->files[order[i]];
        for (size_t j = 0; j < file->n_dependency; j++) {
            size_t next = find_file(r, file->dependency[j]);
            if (next < r->set->n_file && !taken[next]) {
                taken[next] = true;
                order[count++] = next;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        bytes[i] = r->set->file[order[i]];
    }
    return count;
}

static imi_status send_response(imi_rpc_call *call, response_type *response, request_type *request,
                                imi_error *err)
{
    IMI_AUTO_BUFFER packed = IMI_BUFFER_INIT;
    response->valid_host = request->host;
    response->original_request = request;
    IMI_TRY(imi_message_encode(response, &packed, err));
    return imi_rpc_call_send(call, imi_buffer_view(&packed), err);
}

static imi_status answer_nothing(imi_rpc_call *call, request_type *request, imi_rpc_code code,
                                 const char *why, imi_error *err)
{
    response_type response = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__ErrorResponse error = GRPC__REFLECTION__V1__ERROR_RESPONSE__INIT;
    error.error_code = (int32_t)code;
    error.error_message = (char *)(uintptr_t)why;
    response.message_response_case = ANSWERS(ERROR_RESPONSE);
    response.error_response = &error;
    return send_response(call, &response, request, err);
}

static imi_status answer_file(imi_rpc_call *call, request_type *request, size_t index,
                              imi_error *err)
{
    const imi_reflection *r = imi_rpc_call_user(call);
    if (index >= r->set->n_file) {
        return answer_nothing(call, request, IMI_RPC_CODE_NOT_FOUND,
                              "there is no such file or "
                              "symbol",
                              err);
    }
    ProtobufCBinaryData bytes[FILES_MAX];
    response_type response = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__FileDescriptorResponse files =
        GRPC__REFLECTION__V1__FILE_DESCRIPTOR_RESPONSE__INIT;
    files.n_file_descriptor_proto = collect_files(r, index, bytes);
    files.file_descriptor_proto = bytes;
    response.message_response_case = ANSWERS(FILE_DESCRIPTOR_RESPONSE);
    response.file_descriptor_response = &files;
    return send_response(call, &response, request, err);
}

static imi_status answer_services(imi_rpc_call *call, request_type *request, imi_arena *arena,
                                  imi_error *err)
{
    typedef Grpc__Reflection__V1__ServiceResponse service_type;
    const imi_reflection *r = imi_rpc_call_user(call);
    service_type *storage = imi_arena_alloc_array(arena, r->service_count, sizeof *storage);
    service_type **services = imi_arena_alloc_array(arena, r->service_count, sizeof *services);
    if (storage == NULL || services == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the list of services");
    }
    for (size_t i = 0; i < r->service_count; i++) {
        grpc__reflection__v1__service_response__init(&storage[i]);
        storage[i].name = (char *)(uintptr_t)r->services[i];
        services[i] = &storage[i];
    }
    response_type response = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__ListServiceResponse list =
        GRPC__REFLECTION__V1__LIST_SERVICE_RESPONSE__INIT;
    list.n_service = r->service_count;
    list.service = services;
    response.message_response_case = ANSWERS(LIST_SERVICES_RESPONSE);
    response.list_services_response = &list;
    return send_response(call, &response, request, err);
}

static imi_status answer(imi_rpc_call *call, imi_view message, imi_error *err)
{
    const imi_reflection *r = imi_rpc_call_user(call);
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&grpc__reflection__v1__server_reflection_request__descriptor,
                               message, &arena, &decoded, err));
    request_type *request = (void *)decoded;
    switch (request->message_request_case) {
    case ASKS(FILE_BY_FILENAME):
        return answer_file(call, request, find_file(r, request->file_by_filename), err);
    case ASKS(FILE_CONTAINING_SYMBOL):
        return answer_file(call, request, find_declaring(r, request->file_containing_symbol), err);
    case ASKS(LIST_SERVICES):
        return answer_services(call, request, &arena, err);
    case ASKS(FILE_CONTAINING_EXTENSION):
    case ASKS(ALL_EXTENSION_NUMBERS_OF_TYPE):
        return answer_nothing(call, request, IMI_RPC_CODE_NOT_FOUND, "there are no extensions",
                              err);
    default:
        return answer_nothing(call, request, IMI_RPC_CODE_INVALID_ARGUMENT, "nothing was asked",
                              err);
    }
}

static imi_rpc_flow on_request(imi_rpc_call *call, imi_view message)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = answer(call, message, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    }
    return IMI_RPC_CONTINUE;
}

static const imi_rpc_method methods[] = {
    {.name = "ServerReflectionInfo",
     .client_streams = true,
     .server_streams = true,
     .message = on_request,
     .half_close = imi_rpc_call_finish},
};

imi_rpc_service imi_reflection_service_v1(imi_reflection *reflection)
{
    return (imi_rpc_service){
        .name = NAME_V1, .methods = methods, .method_count = 1, .user = reflection};
}

imi_rpc_service imi_reflection_service_v1alpha(imi_reflection *reflection)
{
    return (imi_rpc_service){
        .name = NAME_V1ALPHA, .methods = methods, .method_count = 1, .user = reflection};
}
