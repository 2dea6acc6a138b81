#import "pool.h"

#import <Foundation/Foundation.h>

int poolSetUp(void **state)
{
    *state = [[NSAutoreleasePool alloc] init];
    return 0;
}

int poolTearDown(void **state)
{
    [(NSAutoreleasePool *)*state release];
    return 0;
}
