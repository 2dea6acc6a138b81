#import "IMICalls.h"

enum { HTTP_OK = 200, HTTP_TIMEOUT = 408, HTTP_TOO_MANY = 429, HTTP_SERVER = 500 };

/* What the gateway itself refuses has a status of HTTP. */
static imi_core_reason reasonOfHTTP(NSInteger status)
{
    return status == HTTP_TOO_MANY || status == HTTP_TIMEOUT || status >= HTTP_SERVER
               ? IMI_CORE_REASON_SERVER_BUSY
               : IMI_CORE_REASON_NOT_SUPPORTED;
}

@interface IMIUnaryCall ()
- (void)beginWithTransport:(id<IMITransport>)transport
                       url:(NSURL *)url
                      body:(NSData *)body
                   headers:(NSDictionary *)headers
                   timeout:(NSTimeInterval)seconds
                  delegate:(id<IMIUnaryCallDelegate>)delegate;
@end

@implementation IMIUnaryCall
@synthesize tag = _tag, sequence = _sequence;

- (void)beginWithTransport:(id<IMITransport>)transport
                       url:(NSURL *)url
                      body:(NSData *)body
                   headers:(NSDictionary *)headers
                   timeout:(NSTimeInterval)seconds
                  delegate:(id<IMIUnaryCallDelegate>)delegate
{
    _delegate = delegate;
    _call = [[transport postBody:body
                           toURL:url
                         headers:headers
                         timeout:seconds
                        delegate:self] retain];
}

- (void)cancel
{
    _delegate = nil;
    [_call cancel];
    [_call release];
    _call = nil;
}

- (void)dealloc
{
    [self cancel];
    [super dealloc];
}

- (void)call:(id<IMICall>)call answeredWithStatus:(NSInteger)status body:(NSData *)body
{
    (void)call;
    if (status != HTTP_OK) {
        [_delegate call:self failed:reasonOfHTTP(status)];
        return;
    }
    imi_core_answer answer;
    imi_core_grpc_web_parse((imi_core_view){[body bytes], [body length]}, &answer);
    if (answer.status == 0) {
        [_delegate call:self answered:answer.message];
    } else {
        [_delegate call:self failed:imi_core_grpc_reason(answer.status)];
    }
}

- (void)callFailed:(id<IMICall>)call
{
    (void)call;
    [_delegate call:self failed:IMI_CORE_REASON_NO_NETWORK];
}
@end

@implementation IMICalls
@synthesize credential = _credential;

- (id)initWithOrigin:(NSString *)origin transport:(id<IMITransport>)transport
{
    self = [super init];
    if (self != nil) {
        _origin = [origin copy];
        _transport = [transport retain];
    }
    return self;
}

- (void)dealloc
{
    [_origin release];
    [_credential release];
    [_transport release];
    [super dealloc];
}

- (NSDictionary *)headersForTimeout:(NSTimeInterval)seconds
{
    NSMutableDictionary *headers = [NSMutableDictionary dictionary];
    [headers setObject:@"application/grpc-web+proto" forKey:@"Content-Type"];
    [headers setObject:@"1" forKey:@"X-Grpc-Web"];
    [headers setObject:[NSString stringWithFormat:@"%dm", (int)(seconds * 1000)]
                forKey:@"Grpc-Timeout"];
    if (_credential != nil) {
        [headers setObject:[@"Bearer " stringByAppendingString:_credential]
                    forKey:@"Authorization"];
    }
    return headers;
}

- (IMIUnaryCall *)newCall:(NSString *)method
                  message:(NSData *)message
                  timeout:(NSTimeInterval)seconds
                 delegate:(id<IMIUnaryCallDelegate>)delegate
{
    uint8_t header[IMI_CORE_GRPC_WEB_HEADER_SIZE];
    imi_core_grpc_web_header((uint32_t)[message length], header);
    NSMutableData *body = [NSMutableData dataWithBytes:header length:sizeof header];
    [body appendData:message];
    NSString *path = [NSString stringWithFormat:@"%@/imi.v1.%@", _origin, method];
    IMIUnaryCall *call = [[IMIUnaryCall alloc] init];
    [call beginWithTransport:_transport
                         url:[NSURL URLWithString:path]
                        body:body
                     headers:[self headersForTimeout:seconds]
                     timeout:seconds
                    delegate:delegate];
    return call;
}
@end
