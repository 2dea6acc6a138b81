#include "clip.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libswscale/swscale.h>
#include <math.h>

enum { SIDE_MAX = 4096, QUARTER_DEG = 90 };

struct imi_clip {
    AVFormatContext *format;
    AVCodecContext *codec;
    struct SwsContext *scaler;
    AVFrame *frame;
    AVPacket *packet;
    int stream;
    int quarter_turns; /* clockwise, to make the picture upright */
    bool draining;
    bool timed;
    int64_t first_at_ms;
};

static imi_status fail_av(imi_error *err, imi_status status, int code, const char *doing,
                          const char *what)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, text, sizeof text);
    return imi_error_set(err, status, code, __FILE__, __LINE__, "cannot %s %s: %s", doing, what,
                         text);
}

/* Phones store portrait video lying down, with a matrix that says how to stand it up. */
static int read_quarter_turns(const AVStream *stream)
{
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
    double degrees = data == NULL ? 0 : -av_display_rotation_get((const int32_t *)data);
    if (!isfinite(degrees)) {
        return 0;
    }
    int turns = (int)lround(degrees / QUARTER_DEG) % 4;
    return turns < 0 ? turns + 4 : turns;
}

static imi_status open_decoder(imi_clip *clip, const char *path, imi_error *err)
{
    const AVCodec *decoder = NULL;
    clip->stream = av_find_best_stream(clip->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (clip->stream < 0) {
        return fail_av(err, IMI_E_UNSUPPORTED, clip->stream, "find a video stream in", path);
    }
    const AVStream *stream = clip->format->streams[clip->stream];
    if (stream->codecpar->width > SIDE_MAX || stream->codecpar->height > SIDE_MAX) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "%s is larger than %d pixels", path, SIDE_MAX);
    }
    clip->codec = avcodec_alloc_context3(decoder);
    clip->frame = av_frame_alloc();
    clip->packet = av_packet_alloc();
    if (clip->codec == NULL || clip->frame == NULL || clip->packet == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to decode %s", path);
    }
    clip->codec->thread_count = 1;
    int code = avcodec_parameters_to_context(clip->codec, stream->codecpar);
    code = code < 0 ? code : avcodec_open2(clip->codec, decoder, NULL);
    if (code < 0) {
        return fail_av(err, IMI_E_UNSUPPORTED, code, "decode", path);
    }
    clip->quarter_turns = read_quarter_turns(stream);
    return IMI_OK;
}

imi_status imi_clip_open(const char *path, imi_clip **out, imi_error *err)
{
    *out = NULL;
    av_log_set_level(AV_LOG_FATAL);
    IMI_AUTO(imi_clip) clip = imi_alloc(sizeof *clip);
    if (clip == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a clip");
    }
    int code = avformat_open_input(&clip->format, path, NULL, NULL);
    if (code < 0) {
        imi_status status = code == AVERROR(ENOENT) ? IMI_E_NOT_FOUND : IMI_E_IO;
        return fail_av(err, status, code, "open", path);
    }
    code = avformat_find_stream_info(clip->format, NULL);
    if (code < 0) {
        return fail_av(err, IMI_E_IO, code, "read", path);
    }
    IMI_TRY(open_decoder(clip, path, err));
    *out = IMI_STEAL(&clip);
    return IMI_OK;
}

void imi_clip_destroy(imi_clip **clip)
{
    if (clip == NULL || *clip == NULL) {
        return;
    }
    sws_freeContext((*clip)->scaler);
    av_packet_free(&(*clip)->packet);
    av_frame_free(&(*clip)->frame);
    avcodec_free_context(&(*clip)->codec);
    avformat_close_input(&(*clip)->format);
    imi_free(*clip);
    *clip = NULL;
}

/* Give the decoder its next packet, or tell it that there are no more. */
static int send_packet(imi_clip *clip)
{
    while (!clip->draining) {
        int code = av_read_frame(clip->format, clip->packet);
        if (code < 0) {
            clip->draining = true;
            return avcodec_send_packet(clip->codec, NULL);
        }
        bool ours = clip->packet->stream_index == clip->stream;
        code = ours ? avcodec_send_packet(clip->codec, clip->packet) : 0;
        av_packet_unref(clip->packet);
        if (ours) {
            return code == AVERROR_INVALIDDATA ? 0 : code; /* a damaged packet is skipped */
        }
    }
    return AVERROR_EOF;
}

/* Decode into clip->frame; *more is false at the end. */
static imi_status decode(imi_clip *clip, bool *more, imi_error *err)
{
    for (;;) {
        int code = avcodec_receive_frame(clip->codec, clip->frame);
        if (code == 0) {
            *more = true;
            return IMI_OK;
        }
        if (code == AVERROR(EAGAIN)) {
            code = send_packet(clip);
        }
        if (code == AVERROR_EOF) {
            *more = false;
            return IMI_OK;
        }
        if (code < 0) {
            return fail_av(err, IMI_E_IO, code, "decode", "a frame");
        }
    }
}

static imi_status convert(imi_clip *clip, imi_image **out, imi_error *err)
{
    const AVFrame *frame = clip->frame;
    if (frame->width > SIDE_MAX || frame->height > SIDE_MAX) {
        IMI_FAIL(err, IMI_E_IMAGE_TOO_LARGE, "a frame is larger than %d pixels", SIDE_MAX);
    }
    clip->scaler = sws_getCachedContext(
        clip->scaler, frame->width, frame->height, frame->format, frame->width, frame->height,
        AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
    if (clip->scaler == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "cannot convert the clip's pixel format");
    }
    IMI_TRY(
        imi_image_new((uint32_t)frame->width, (uint32_t)frame->height, IMI_PIXEL_RGB8, out, err));
    uint8_t *planes[] = {(*out)->pixels};
    const int strides[] = {(int)(*out)->stride_bytes};
    sws_scale(clip->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height,
              planes, strides);
    return IMI_OK;
}

static void copy_pixel(const imi_image *from, uint32_t x, uint32_t y, imi_image *to, uint32_t to_x,
                       uint32_t to_y)
{
    imi_copy(to->pixels + (size_t)to_y * to->stride_bytes + (size_t)to_x * IMI_PIXEL_RGB8,
             imi_image_row(from, y) + (size_t)x * IMI_PIXEL_RGB8, IMI_PIXEL_RGB8);
}

/* Turn by quarters, clockwise. */
static imi_status stand_up(int quarter_turns, imi_image **image, imi_error *err)
{
    if (quarter_turns == 0) {
        return IMI_OK;
    }
    const imi_image *lying = *image;
    bool swap = quarter_turns % 2 == 1;
    IMI_AUTO(imi_image) upright = NULL;
    IMI_TRY(imi_image_new(swap ? lying->height : lying->width, swap ? lying->width : lying->height,
                          IMI_PIXEL_RGB8, &upright, err));
    for (uint32_t y = 0; y < lying->height; y++) {
        for (uint32_t x = 0; x < lying->width; x++) {
            uint32_t right = lying->width - 1 - x;
            uint32_t below = lying->height - 1 - y;
            if (quarter_turns == 1) {
                copy_pixel(lying, x, y, upright, below, x);
            } else if (quarter_turns == 2) {
                copy_pixel(lying, x, y, upright, right, below);
            } else {
                copy_pixel(lying, x, y, upright, y, right);
            }
        }
    }
    imi_image_destroy(image);
    *image = IMI_STEAL(&upright);
    return IMI_OK;
}

static int64_t frame_at_ms(imi_clip *clip)
{
    AVRational base = clip->format->streams[clip->stream]->time_base;
    int64_t stamp = clip->frame->best_effort_timestamp;
    int64_t at_ms = stamp == AV_NOPTS_VALUE ? 0 : av_rescale_q(stamp, base, (AVRational){1, 1000});
    if (!clip->timed) {
        clip->timed = true;
        clip->first_at_ms = at_ms;
    }
    return at_ms - clip->first_at_ms;
}

imi_status imi_clip_next(imi_clip *clip, imi_image **out, int64_t *at_ms_out, imi_error *err)
{
    *out = NULL;
    *at_ms_out = 0;
    bool more = false;
    IMI_TRY(decode(clip, &more, err));
    if (!more) {
        return IMI_OK;
    }
    IMI_AUTO(imi_image) image = NULL;
    imi_status status = convert(clip, &image, err);
    *at_ms_out = frame_at_ms(clip);
    av_frame_unref(clip->frame);
    IMI_TRY(status);
    IMI_TRY(stand_up(clip->quarter_turns, &image, err));
    *out = IMI_STEAL(&image);
    return IMI_OK;
}
