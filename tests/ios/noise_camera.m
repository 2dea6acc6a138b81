#import "scripted.h"

#include <stdlib.h>

enum { WIDTH = 64, HEIGHT = 48, PERIOD_MS = 20 };

@interface NoiseFrame : NSObject <IMICameraFrame> {
    uint8_t _pixels[WIDTH * HEIGHT];
}
@end

@implementation NoiseFrame

- (id)init
{
    self = [super init];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        _pixels[i] = (uint8_t)rand();
    }
    return self;
}

- (const uint8_t *)luma
{
    return _pixels;
}

- (NSUInteger)width
{
    return WIDTH;
}

- (NSUInteger)height
{
    return HEIGHT;
}

- (NSUInteger)bytesPerRow
{
    return WIDTH;
}

- (NSData *)JPEGWithQuality:(NSUInteger)quality
{
    return [NSData dataWithBytes:_pixels length:sizeof _pixels];
}
@end

@implementation NoiseCamera

- (int)periodMs
{
    return PERIOD_MS;
}

- (id<IMICameraFrame>)newPicture
{
    return [[NoiseFrame alloc] init];
}
@end
