/*
 * usage: make_seeds FOLDER
 * One well-formed input of each kind, for the fuzzer to change.
 */
#include "imi_core/imi_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;

static void write_seed(const char *name, char kind, const void *bytes, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(&kind, 1, 1, file) != 1 || fwrite(bytes, 1, size, file) != size ||
        fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

#define SEED(name, kind, bytes) write_seed(name, kind, bytes, sizeof(bytes) - 1)

static uint32_t no_random(void *user)
{
    (void)user;
    return 0;
}

static void write_saved(void)
{
    static uint8_t storage[1 << 18] __attribute__((aligned(8)));
    static uint8_t blob[4096];
    static const uint8_t nonce[IMI_CORE_NONCE_SIZE] = {1}, jpeg[20] = {0xFF, 0xD8};
    imi_core_queue_options options = {.window = 1, .random = no_random};
    imi_core_queue *queue = imi_core_queue_init(storage, sizeof storage, &options);
    imi_core_queue_begin(queue, (imi_core_view){(const uint8_t *)"cap_x", 5}, nonce, 1000);
    write_seed("saved_empty", 4, blob,
               imi_core_state_save(IMI_CORE_STATE_READY, 5, queue, blob, sizeof blob));
    for (int i = 0; i < 3; i++) {
        imi_core_frame frame = {.captured_at_unix_ms = 1000 + i, .jpeg = {jpeg, sizeof jpeg}};
        imi_core_queue_push(queue, &frame);
    }
    write_seed("saved_frames", 4, blob,
               imi_core_state_save(IMI_CORE_STATE_SENDING, 5, queue, blob, sizeof blob));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    SEED("joined", 0, "\x0A\x03key\x12\x01p\x1A\x01t\x20\x05\x2A\x01r\x32\x05\x0A\x01n\x28\x01");
    SEED("begun", 1,
         "\x0A\x01"
         "c\x12\x20"
         "01234567890123456789012345678901\x1A\x02\x05\x02\x20\x02\x28\x40\x32\x02\x00\x02"
         "\x3A\x06\x08\x64\x12\x02\x01\x02");
    SEED("wait", 1, "\x40\x64");
    SEED("feedback", 2,
         "\x0A\x1B\x08\x07\x10\x13\x18\x01\x20\x03\x28\x01\x32\x0F\x0D\x00\x00\x00\x3F\x15\x00\x00"
         "\x00\x3F\x1D\x00\x00\x00\x3F");
    SEED("answer", 3, "\0\0\0\0\4\x0A\2\x08\1\x80\0\0\0\x0Fgrpc-status:0\r\n");
    write_saved();
    static uint8_t luma[2 + 20 * 20] = {20, 0};
    write_seed("luma", 5, luma, sizeof luma);
    return 0;
}
