#import "clip_phone.h"

#include <stdlib.h>

@interface BadCall : NSObject <IMICall> {
  @public
    NSURLConnection *connection;
    NSMutableData *body;
    NSInteger status;
    id<IMICallDelegate> delegate;
    BOOL loses;
    BadTransport *transport;
}
@end

@implementation BadCall

- (void)dealloc
{
    [body release];
    [connection release];
    [super dealloc];
}

/* Nobody holds a call but its owner, the connection (its delegate), and what is to be told. */
- (void)cancel
{
    delegate = nil;
    [connection cancel];
    [NSObject cancelPreviousPerformRequestsWithTarget:self];
}

- (void)fail
{
    [delegate callFailed:self];
}

- (void)connection:(NSURLConnection *)from didReceiveResponse:(NSURLResponse *)response
{
    status = [(NSHTTPURLResponse *)response statusCode];
}

- (void)connection:(NSURLConnection *)from didReceiveData:(NSData *)data
{
    [body appendData:data];
}

- (void)connection:(NSURLConnection *)from didFailWithError:(NSError *)error
{
    [self fail];
}

- (void)connectionDidFinishLoading:(NSURLConnection *)from
{
    if (loses || transport->away) {
        transport->lost++;
        [self fail];
    } else {
        [delegate call:self answeredWithStatus:status body:body];
    }
}
@end

@implementation BadTransport

- (BOOL)loses
{
    return rand() % 100 < lossPercent;
}

- (id<IMICall>)postBody:(NSData *)body
                  toURL:(NSURL *)url
                headers:(NSDictionary *)headers
                timeout:(NSTimeInterval)seconds
               delegate:(id<IMICallDelegate>)delegate
{
    BadCall *call = [[[BadCall alloc] init] autorelease];
    call->delegate = delegate;
    call->transport = self;
    call->body = [[NSMutableData alloc] init];
    call->loses = [self loses];
    posted++;
    if (away || [self loses]) {
        lost++;
        [call performSelector:@selector(fail) withObject:nil afterDelay:0.3];
        return call;
    }
    NSMutableURLRequest *request = [NSMutableURLRequest requestWithURL:url];
    [request setHTTPMethod:@"POST"];
    [request setHTTPBody:body];
    [request setAllHTTPHeaderFields:headers];
    [request setTimeoutInterval:seconds];
    /* GNUstep checks certificates when told to; by the file that GS_TLS_CA_FILE names. */
    [NSURLProtocol setProperty:@"YES" forKey:@"GSTLSVerify" inRequest:request];
    call->connection = [[NSURLConnection alloc] initWithRequest:request delegate:call];
    return call;
}
@end
