/* Video decoding, on a file that the test makes itself: times, colours, rotation. */
#include "clip.h"
#include "imi/bytes.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 64, HEIGHT = 48, FRAMES = 5, FRAMES_PER_S = 10 };

typedef struct recorder {
    AVFormatContext *format;
    AVCodecContext *codec;
    AVFrame *frame;
    AVPacket *packet;
} recorder;

/* The left half bright, the right half dark; below the middle a little darker still. */
static void paint(AVFrame *frame)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            frame->data[0][y * frame->linesize[0] + x] =
                (uint8_t)((x < WIDTH / 2 ? 200 : 60) - (y < HEIGHT / 2 ? 0 : 30));
        }
    }
    for (int plane = 1; plane < 3; plane++) {
        for (int i = 0; i < frame->linesize[plane] * HEIGHT / 2; i++) {
            frame->data[plane][i] = 128;
        }
    }
}

static void write_packets(recorder *r)
{
    while (avcodec_receive_packet(r->codec, r->packet) == 0) {
        r->packet->duration = 1; /* or the last frame would be shown for no time at all */
        av_packet_rescale_ts(r->packet, r->codec->time_base, r->format->streams[0]->time_base);
        assert_int_equal(av_interleaved_write_frame(r->format, r->packet), 0);
    }
}

static void open_recorder(recorder *r, const char *path, double clockwise_deg)
{
    const AVCodec *encoder = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    assert_non_null(encoder);
    assert_true(avformat_alloc_output_context2(&r->format, NULL, "mov", path) >= 0);
    AVStream *stream = avformat_new_stream(r->format, NULL);
    r->codec = avcodec_alloc_context3(encoder);
    r->codec->width = WIDTH;
    r->codec->height = HEIGHT;
    r->codec->pix_fmt = AV_PIX_FMT_YUV420P;
    r->codec->time_base = (AVRational){1, FRAMES_PER_S};
    r->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    assert_int_equal(avcodec_open2(r->codec, encoder, NULL), 0);
    assert_true(avcodec_parameters_from_context(stream->codecpar, r->codec) >= 0);
    int32_t *matrix =
        (int32_t *)av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t));
    av_display_rotation_set(matrix, clockwise_deg);
    assert_true(avio_open(&r->format->pb, path, AVIO_FLAG_WRITE) >= 0);
    assert_true(avformat_write_header(r->format, NULL) >= 0);
    r->packet = av_packet_alloc();
    r->frame = av_frame_alloc();
    r->frame->format = AV_PIX_FMT_YUV420P;
    r->frame->width = WIDTH;
    r->frame->height = HEIGHT;
    assert_int_equal(av_frame_get_buffer(r->frame, 0), 0);
}

static void record(const char *path, double clockwise_deg)
{
    recorder r = {0};
    open_recorder(&r, path, clockwise_deg);
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(av_frame_make_writable(r.frame), 0);
        paint(r.frame);
        r.frame->pts = i;
        assert_int_equal(avcodec_send_frame(r.codec, r.frame), 0);
        write_packets(&r);
    }
    assert_int_equal(avcodec_send_frame(r.codec, NULL), 0);
    write_packets(&r);
    assert_int_equal(av_write_trailer(r.format), 0);
    avio_closep(&r.format->pb);
    avcodec_free_context(&r.codec);
    av_frame_free(&r.frame);
    av_packet_free(&r.packet);
    avformat_free_context(r.format);
}

/* Brightness at a share of the image's width and height. */
static int brightness(const imi_image *image, double x, double y)
{
    const uint8_t *row = imi_image_row(image, (uint32_t)(y * image->height));
    return row[(size_t)(x * image->width) * 3 + 1];
}

static void temporary_path(char path[64])
{
    snprintf(path, 64, "clip.%d.mov", (int)getpid());
}

static void every_frame_comes_with_its_time(void **state)
{
    (void)state;
    char path[64];
    temporary_path(path);
    record(path, 0);
    IMI_AUTO(imi_clip) clip = NULL;
    assert_int_equal(imi_clip_open(path, &clip, NULL), IMI_OK);
    for (int i = 0; i < FRAMES; i++) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = -1;
        assert_int_equal(imi_clip_next(clip, &image, &at_ms, NULL), IMI_OK);
        assert_non_null(image);
        assert_int_equal(at_ms, i * 1000 / FRAMES_PER_S);
        assert_int_equal(image->width, WIDTH);
        assert_int_equal(image->height, HEIGHT);
        assert_true(brightness(image, 0.25, 0.25) > brightness(image, 0.75, 0.25) + 80);
    }
    for (int i = 0; i < 2; i++) {
        imi_image *none = NULL;
        int64_t at_ms = 0;
        assert_int_equal(imi_clip_next(clip, &none, &at_ms, NULL), IMI_OK);
        assert_null(none);
    }
    unlink(path);
}

/* Where the bright left side of the stored picture must come to lie. */
static void the_rotation_of_the_file_is_applied(void **state)
{
    (void)state;
    static const struct {
        double clockwise_deg;
        double bright_x, bright_y, dark_x, dark_y, low_x, low_y; /* low: stored bottom left */
    } cases[] = {
        {90, 0.5, 0.25, 0.5, 0.75, 0.25, 0.25},
        {180, 0.75, 0.5, 0.25, 0.5, 0.75, 0.25},
        {-90, 0.5, 0.75, 0.5, 0.25, 0.75, 0.75},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        temporary_path(path);
        record(path, cases[i].clockwise_deg);
        IMI_AUTO(imi_clip) clip = NULL;
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        assert_int_equal(imi_clip_open(path, &clip, NULL), IMI_OK);
        assert_int_equal(imi_clip_next(clip, &image, &at_ms, NULL), IMI_OK);
        unlink(path);
        bool lying = cases[i].clockwise_deg == 180;
        assert_int_equal(image->width, lying ? WIDTH : HEIGHT);
        assert_int_equal(image->height, lying ? HEIGHT : WIDTH);
        int bright = brightness(image, cases[i].bright_x, cases[i].bright_y);
        assert_true(bright > brightness(image, cases[i].dark_x, cases[i].dark_y) + 80);
        int low = brightness(image, cases[i].low_x, cases[i].low_y);
        assert_true(low > 100 && low < 190); /* bright, and a little darker */
    }
}

static void a_file_that_is_no_video_is_refused(void **state)
{
    (void)state;
    char path[64];
    temporary_path(path);
    imi_clip *clip = NULL;
    assert_int_equal(imi_file_write(path, imi_view_of_text("not a video at all"), 0600, NULL),
                     IMI_OK);
    assert_int_not_equal(imi_clip_open(path, &clip, NULL), IMI_OK);
    assert_null(clip);
    unlink(path);
    assert_int_equal(imi_clip_open(path, &clip, NULL), IMI_E_NOT_FOUND);
    assert_null(clip);
}

static void destroying_nothing_is_harmless(void **state)
{
    (void)state;
    imi_clip *clip = NULL;
    imi_clip_destroy(&clip);
    imi_clip_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_comes_with_its_time),
        cmocka_unit_test(the_rotation_of_the_file_is_applied),
        cmocka_unit_test(a_file_that_is_no_video_is_refused),
        cmocka_unit_test(destroying_nothing_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
