/* Calls that the session waits for, and those that the app asks for. */
#import "IMIVerificationParts.h"

#import "IMIViewParts.h"

enum { ATTESTATION_APPLE_APP = 2 };
static const NSTimeInterval callTimeout = 15, probeTimeout = 5;

#define DOES(NAME) ((actions & IMI_CORE_DO_##NAME) != 0)

NSString *IMITextOf(imi_core_view view)
{
    NSString *text = [[NSString alloc] initWithBytes:view.data
                                              length:view.size
                                            encoding:NSUTF8StringEncoding];
    return text == nil ? @"" : [text autorelease];
}

imi_core_view IMIViewOf(NSData *data)
{
    return (imi_core_view){[data bytes], [data length]};
}

@implementation IMIVerification (Calls)

- (void)call:(NSString *)method tag:(NSUInteger)tag message:(NSData *)message
{
    IMIUnaryCall *call = [_calls newCall:method
                                 message:message
                                 timeout:tag == IMI_CALL_PROBE ? probeTimeout : callTimeout
                                delegate:self];
    [call setTag:tag];
    [_underWay addObject:call];
    [call release];
}

/* Of one kind; of all with 0. */
- (void)stopCalls:(NSUInteger)tag
{
    for (IMIUnaryCall *call in [NSArray arrayWithArray:_underWay]) {
        if (tag == 0 || [call tag] == tag) {
            [call cancel];
            [_underWay removeObjectIdenticalTo:call];
        }
    }
}

/* Who has joined need not join again: after consent the link opens nothing any more. */
- (void)join
{
    if (_joined != nil) {
        [self post:IMI_CORE_EVENT_JOINED reason:0];
        return;
    }
    [self saveSession];
    NSData *key = [[_platform key] publicKey];
    imi_core_join join = {
        .session_id = IMIViewOf([_sessionID dataUsingEncoding:NSASCIIStringEncoding]),
        .join_secret = IMIViewOf([_joinSecret dataUsingEncoding:NSASCIIStringEncoding]),
        .device_public_key = IMIViewOf(key),
    };
    uint8_t bytes[512];
    size_t size = imi_core_write_join(&join, bytes, sizeof bytes);
    if (size == 0) {
        [self post:IMI_CORE_EVENT_REFUSED reason:IMI_CORE_REASON_KEY_STORE_FAILED];
        return;
    }
    [self call:@"SubjectService/Join"
           tag:IMI_CALL_CONTROL
       message:[NSData dataWithBytes:bytes length:size]];
}

- (void)sendConsent:(BOOL)accepted
{
    NSUInteger count = accepted ? MIN([_agreed count], (NSUInteger)IMI_CORE_CLAIMS_MAX) : 0;
    imi_core_view names[IMI_CORE_CLAIMS_MAX];
    for (NSUInteger i = 0; i < count; i++) {
        names[i] = IMIViewOf([[_agreed objectAtIndex:i] dataUsingEncoding:NSUTF8StringEncoding]);
    }
    uint8_t bytes[4096];
    size_t size = imi_core_write_consent(accepted, names, (uint32_t)count, bytes, sizeof bytes);
    [self call:@"SubjectService/GiveConsent"
           tag:IMI_CALL_CONTROL
       message:[NSData dataWithBytes:bytes length:size]];
}

- (void)begin
{
    NSData *attestation = [[_platform attestor] attestation];
    imi_core_begin begin = {
        .cannot_mask = _run->cannot,
        .attestation_kind = attestation == nil ? 0 : ATTESTATION_APPLE_APP,
        .attestation = IMIViewOf(attestation),
    };
    NSMutableData *message = [NSMutableData dataWithLength:[attestation length] + 256];
    size_t size = 0;
    if (imi_core_write_begin(&begin, [message mutableBytes], [message length], &size)) {
        [message setLength:size];
        [self call:@"SubjectService/BeginCapture" tag:IMI_CALL_CONTROL message:message];
    }
}

- (void)callFor:(uint32_t)actions
{
    if (DOES(JOIN)) {
        [self join];
    }
    if (DOES(CONSENT)) {
        [self sendConsent:YES];
    }
    if (DOES(WITHDRAW)) {
        [self sendConsent:NO];
    }
    if (DOES(BEGIN)) {
        [self begin];
    }
    if (DOES(ASK_OUTCOME)) {
        [self call:@"SubjectService/GetOutcome" tag:IMI_CALL_CONTROL message:[NSData data]];
    }
}

- (void)remember:(const imi_core_joined *)joined from:(NSData *)message
{
    NSMutableArray *claims = [NSMutableArray array];
    for (uint32_t i = 0; i < joined->claim_count; i++) {
        IMIClaim *claim = [[[IMIClaim alloc] init] autorelease];
        [claim setName:IMITextOf(joined->claims[i].name)];
        [claim setTitle:IMITextOf(joined->claims[i].title)];
        [claim setPurpose:IMITextOf(joined->claims[i].purpose)];
        [claim setRetentionDays:joined->claims[i].retention_days];
        [claim setRequired:joined->claims[i].required];
        [claims addObject:claim];
    }
    [_claims release];
    _claims = [claims copy];
    [message retain];
    [_joined release];
    _joined = message;
    [_calls setCredential:IMITextOf(joined->credential)];
    _run->expiresAt = joined->expires_at_unix_ms;
}

/* Its challenge is SHA-256 of what subject.proto says. */
- (void)prepareAttestation
{
    NSData *key = [[_platform key] publicKey];
    if ([_platform attestor] == nil || key == nil) {
        return;
    }
    NSMutableData *text = [NSMutableData data];
    [text appendData:[@"imi-attest-v1" dataUsingEncoding:NSASCIIStringEncoding]];
    [text appendData:[_sessionID dataUsingEncoding:NSASCIIStringEncoding]];
    [text appendData:key];
    [[_platform attestor] prepareWithChallenge:[[_platform key] digestOfData:text]];
}

- (bool)takeJoined:(NSData *)message
{
    imi_core_joined joined;
    if (!imi_core_read_joined(IMIViewOf(message), &joined)) {
        return false;
    }
    [self remember:&joined from:message];
    [self prepareAttestation];
    [self post:IMI_CORE_EVENT_JOINED reason:0];
    return true;
}

- (bool)takeBegun:(imi_core_view)message
{
    imi_core_begun begun;
    if (!imi_core_read_begun(message, &begun)) {
        return false;
    }
    if (begun.retry_after_ms > 0) {
        _run->retryAfter = begun.retry_after_ms;
        [self post:IMI_CORE_EVENT_MUST_WAIT reason:begun.wait_reason];
        return true;
    }
    [self dropFrames];
    if (![_capture beginWith:&begun]) {
        return false;
    }
    for (uint32_t i = 0; i < begun.action_count; i++) {
        _run->actions[i] = begun.actions[i];
    }
    _run->actionCount = begun.action_count;
    _run->attemptsLeft = begun.attempts_left;
    [self post:IMI_CORE_EVENT_BEGUN reason:0];
    return true;
}

- (bool)takeOutcome:(imi_core_view)message
{
    static const uint32_t events[] = {
        [IMI_CORE_OUTCOME_UNSPECIFIED] = IMI_CORE_EVENT_OUTCOME_PENDING,
        [IMI_CORE_OUTCOME_IN_PROGRESS] = IMI_CORE_EVENT_OUTCOME_PENDING,
        [IMI_CORE_OUTCOME_DONE] = IMI_CORE_EVENT_OUTCOME_DONE,
        [IMI_CORE_OUTCOME_TRY_AGAIN] = IMI_CORE_EVENT_OUTCOME_TRY_AGAIN,
        [IMI_CORE_OUTCOME_STAFF_REVIEW] = IMI_CORE_EVENT_OUTCOME_STAFF_REVIEW,
    };
    imi_core_result result;
    if (!imi_core_read_result(message, &result)) {
        return false;
    }
    _run->advice = result.advice;
    _run->attemptsLeft = result.attempts_left;
    _run->keepReference = result.keep_reference;
    [_keepText release];
    _keepText = [IMITextOf(result.keep_reference_text) copy];
    [self post:events[result.outcome] reason:0];
    return true;
}

/* First what was agreed to, then what was decided. */
- (bool)takeReceipt:(imi_core_view)message tag:(NSUInteger)tag
{
    imi_core_consent_record record;
    imi_core_view decision;
    if (tag == IMI_CALL_CONSENT_RECORD && imi_core_read_consent_record(message, &record)) {
        [_consentRecord release];
        [_consentReceipt release];
        _consentRecord = [IMITextOf(record.consent_json) copy];
        _consentReceipt = [IMITextOf(record.receipt_json) copy];
        [self call:@"HolderService/GetDecisionReceipt"
               tag:IMI_CALL_DECISION_RECEIPT
           message:[NSData data]];
        return true;
    }
    SEL received = @selector(verification:receivedConsent:receipt:decisionReceipt:);
    if (tag == IMI_CALL_DECISION_RECEIPT && imi_core_read_decision_receipt(message, &decision)) {
        if ([_delegate respondsToSelector:received]) {
            [_delegate verification:self
                    receivedConsent:_consentRecord
                            receipt:_consentReceipt
                    decisionReceipt:IMITextOf(decision)];
        }
        return true;
    }
    return false;
}

/* The answer that the state waits for; false if it is not one. */
- (bool)takeAnswer:(imi_core_view)message
{
    uint32_t sessionState;
    switch (_run->state) {
    case IMI_CORE_STATE_JOINING:
        return [self takeJoined:[NSData dataWithBytes:message.data length:message.size]];
    case IMI_CORE_STATE_CONSENTING:
    case IMI_CORE_STATE_WITHDRAWING:
        if (!imi_core_read_consented(message, &sessionState)) {
            return false;
        }
        [self post:IMI_CORE_EVENT_ANSWER_RECORDED reason:0];
        return true;
    case IMI_CORE_STATE_BEGINNING:
        return [self takeBegun:message];
    case IMI_CORE_STATE_JUDGING:
        return [self takeOutcome:message];
    default:
        return true;
    }
}

- (void)call:(IMIUnaryCall *)call answered:(imi_core_view)message
{
    [[call retain] autorelease];
    [_underWay removeObjectIdenticalTo:call];
    [self heardFromServer];
    bool understood = true;
    switch ([call tag]) {
    case IMI_CALL_CONTROL:
        understood = [self takeAnswer:message];
        break;
    case IMI_CALL_KEEP:
        understood = imi_core_read_kept(message, &_run->keepReference);
        break;
    case IMI_CALL_CONSENT_RECORD:
    case IMI_CALL_DECISION_RECEIPT:
        understood = [self takeReceipt:message tag:[call tag]];
        break;
    }
    if (!understood && [call tag] == IMI_CALL_CONTROL) {
        [self post:IMI_CORE_EVENT_CALL_FAILED reason:IMI_CORE_REASON_ANSWER_MALFORMED];
    }
    [self show];
}

- (void)call:(IMIUnaryCall *)call failed:(imi_core_reason)reason
{
    [[call retain] autorelease];
    [_underWay removeObjectIdenticalTo:call];
    if (reason == IMI_CORE_REASON_NO_NETWORK) {
        [self heardNothing:[call tag] == IMI_CALL_PROBE];
    } else {
        [self heardFromServer];
    }
    if ([call tag] != IMI_CALL_CONTROL) {
        return;
    }
    bool wrongLink = reason == IMI_CORE_REASON_FRAME_REFUSED &&
                     _run->state == IMI_CORE_STATE_JOINING;
    if (reason == IMI_CORE_REASON_SESSION_OVER) {
        [self post:IMI_CORE_EVENT_SESSION_OVER reason:0];
    } else if (reason == IMI_CORE_REASON_LINK_REFUSED || wrongLink) {
        [self post:IMI_CORE_EVENT_REFUSED reason:IMI_CORE_REASON_LINK_REFUSED];
    } else {
        [self post:IMI_CORE_EVENT_CALL_FAILED reason:reason];
    }
}
@end
