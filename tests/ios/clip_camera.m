#import "clip_phone.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

enum { PERIOD_MS = 40, REACTION_MS = 400, AGAIN_MS = 5000, NOISE_LEVELS = 5 };

/* A picture of the clip as a sensor gives it: never twice the same. */
@interface ClipFrame : NSObject <IMICameraFrame> {
    NSMutableData *_pixels; /* Y, Cb, Cr */
    NSMutableData *_luma;
    NSUInteger _width, _height;
}
@end

@implementation ClipFrame

- (void)decode:(NSData *)file
{
    struct jpeg_error_mgr errors; /* which ends the process: the files are ours */
    struct jpeg_decompress_struct reader = {.err = jpeg_std_error(&errors)};
    jpeg_create_decompress(&reader);
    jpeg_mem_src(&reader, [file bytes], [file length]);
    jpeg_read_header(&reader, TRUE);
    reader.out_color_space = JCS_YCbCr;
    jpeg_start_decompress(&reader);
    _width = reader.output_width;
    _height = reader.output_height;
    _pixels = [[NSMutableData alloc] initWithLength:3 * _width * _height];
    while (reader.output_scanline < reader.output_height) {
        JSAMPROW row = (JSAMPROW)[_pixels mutableBytes] + 3 * reader.output_scanline * _width;
        jpeg_read_scanlines(&reader, &row, 1);
    }
    jpeg_finish_decompress(&reader);
    jpeg_destroy_decompress(&reader);
}

- (id)initWithFile:(NSData *)file
{
    self = [super init];
    [self decode:file];
    _luma = [[NSMutableData alloc] initWithLength:_width * _height];
    uint8_t *pixels = [_pixels mutableBytes], *luma = [_luma mutableBytes];
    for (NSUInteger i = 0; i < _width * _height; i++) {
        int noisy = pixels[3 * i] + rand() % NOISE_LEVELS - NOISE_LEVELS / 2;
        pixels[3 * i] = luma[i] = (uint8_t)MAX(0, MIN(noisy, 255));
    }
    return self;
}

- (void)dealloc
{
    [_pixels release];
    [_luma release];
    [super dealloc];
}

- (const uint8_t *)luma
{
    return [_luma bytes];
}

- (NSUInteger)width
{
    return _width;
}

- (NSUInteger)height
{
    return _height;
}

- (NSUInteger)bytesPerRow
{
    return _width;
}

- (NSData *)JPEGWithQuality:(NSUInteger)quality
{
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct writer = {.err = jpeg_std_error(&errors)};
    jpeg_create_compress(&writer);
    jpeg_mem_dest(&writer, &bytes, &size);
    writer.image_width = (JDIMENSION)_width;
    writer.image_height = (JDIMENSION)_height;
    writer.input_components = 3;
    writer.in_color_space = JCS_YCbCr;
    jpeg_set_defaults(&writer);
    jpeg_set_quality(&writer, (int)quality, TRUE);
    jpeg_start_compress(&writer, TRUE);
    while (writer.next_scanline < writer.image_height) {
        JSAMPROW row = (JSAMPROW)[_pixels mutableBytes] + 3 * writer.next_scanline * _width;
        jpeg_write_scanlines(&writer, &row, 1);
    }
    jpeg_finish_compress(&writer);
    jpeg_destroy_compress(&writer);
    NSData *file = [NSData dataWithBytes:bytes length:size];
    free(bytes);
    return file;
}
@end

@implementation ClipCamera

- (void)readSegments:(NSString *)folder
{
    NSString *path = [folder stringByAppendingPathComponent:@"segments.csv"];
    NSString *text = [NSString stringWithContentsOfFile:path
                                               encoding:NSUTF8StringEncoding
                                                  error:NULL];
    for (NSString *line in [text componentsSeparatedByString:@"\n"]) {
        NSArray *fields = [line componentsSeparatedByString:@","];
        if ([fields count] > 3 && [[fields objectAtIndex:0] hasSuffix:@".mp4"]) {
            [_segments addObject:fields];
        }
    }
}

- (id)initWithFolder:(NSString *)folder
{
    self = [super init];
    _times = [[NSMutableArray alloc] init];
    _pictures = [[NSMutableArray alloc] init];
    _segments = [[NSMutableArray alloc] init];
    [self readSegments:folder];
    NSArray *names = [[NSFileManager defaultManager] contentsOfDirectoryAtPath:folder error:NULL];
    for (NSString *name in [names sortedArrayUsingSelector:@selector(compare:)]) {
        if ([name hasSuffix:@".jpg"]) {
            NSString *path = [folder stringByAppendingPathComponent:name];
            [_times addObject:[NSNumber numberWithInt:[name intValue]]];
            [_pictures addObject:[NSData dataWithContentsOfFile:path]];
        }
    }
    return self;
}

- (void)dealloc
{
    [_times release];
    [_pictures release];
    [_segments release];
    [_answered release];
    [asked release];
    [super dealloc];
}

- (void)ready
{
    if (denied) {
        [_delegate cameraIsLost:IMICameraDenied];
    } else {
        [super ready];
    }
}

- (int)periodMs
{
    return PERIOD_MS;
}

- (NSArray *)segment:(NSString *)action
{
    for (NSArray *segment in _segments) {
        if ([[segment objectAtIndex:1] isEqual:action]) {
            return segment;
        }
    }
    return nil;
}

/* Does what is asked for, and again if it is still asked for a while later. */
- (void)listenAt:(double)now
{
    BOOL isNew = ![asked isEqual:_answered];
    if (_acting != nil || asked == nil || (!isNew && now < _actingSince + AGAIN_MS)) {
        return;
    }
    [_answered release];
    _answered = [asked copy];
    _acting = [self segment:asked];
    _actingSince = now + REACTION_MS;
}

- (double)clipTimeAt:(double)now
{
    [self listenAt:now];
    if (_acting != nil && now >= _actingSince) {
        double at = [[_acting objectAtIndex:2] doubleValue] + now - _actingSince;
        if (at < [[_acting objectAtIndex:3] doubleValue]) {
            return at;
        }
        _acting = nil;
    }
    /* To and fro, so that nothing jumps. */
    NSArray *neutral = [self segment:@"neutral"];
    double begin = [[neutral objectAtIndex:2] doubleValue];
    long length = (long)([[neutral objectAtIndex:3] doubleValue] - begin);
    long phase = (long)now % (2 * length);
    return begin + (double)(phase < length ? phase : 2 * length - 1 - phase);
}

- (id<IMICameraFrame>)newPicture
{
    double at = [self clipTimeAt:[[NSProcessInfo processInfo] systemUptime] * 1000];
    NSUInteger index = 0;
    while (index + 1 < [_times count] && [[_times objectAtIndex:index + 1] doubleValue] <= at) {
        index++;
    }
    return [[ClipFrame alloc] initWithFile:[_pictures objectAtIndex:index]];
}
@end
