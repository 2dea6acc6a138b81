/*
 * A picture as a camera in somebody's hand would take it once more: a JPEG file from standard
 * input, another to standard output. For clients in other languages that play people from clips
 * (see phone-sim/camera.h).
 *
 * usage: shoot SEED MILLISECONDS
 */
#include "phone-sim/camera.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 1 << 20 };

static imi_status shoot(uint64_t seed, int64_t at_ms, imi_view scene, imi_buffer *picture,
                        imi_error *err)
{
    IMI_AUTO(imi_camera_hand) hand = NULL;
    IMI_TRY(imi_camera_hand_new(seed, &hand, err));
    return imi_camera_hand_shoot(hand, at_ms, scene, picture, err);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: shoot SEED MILLISECONDS\n");
        return 2;
    }
    static uint8_t scene[FILE_BYTES_MAX];
    size_t size = fread(scene, 1, sizeof scene, stdin);
    IMI_AUTO_BUFFER picture = IMI_BUFFER_INIT;
    imi_error error = IMI_ERROR_INIT;
    uint64_t seed = strtoull(argv[1], NULL, 10);
    int64_t at_ms = strtoll(argv[2], NULL, 10);
    if (shoot(seed, at_ms, (imi_view){scene, size}, &picture, &error) != IMI_OK) {
        fprintf(stderr, "shoot: %s\n", error.message);
        return EXIT_FAILURE;
    }
    bool written = fwrite(picture.data, 1, picture.size, stdout) == picture.size;
    return written && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
