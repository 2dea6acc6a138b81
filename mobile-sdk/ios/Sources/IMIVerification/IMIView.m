#import "IMIViewParts.h"

@implementation IMIClaim
@synthesize name = _name, title = _title, purpose = _purpose;
@synthesize retentionDays = _retentionDays, required = _required;

- (void)dealloc
{
    [_name release];
    [_title release];
    [_purpose release];
    [super dealloc];
}
@end

@implementation IMIView
@synthesize state = _state, phrase = _phrase, spoken = _spoken, reason = _reason, advice = _advice;
@synthesize purposeTitle = _purposeTitle, consentText = _consentText, receiver = _receiver;
@synthesize claims = _claims, oval = _oval, light = _light, faceSeen = _faceSeen, over = _over;
@synthesize actionsDone = _actionsDone, actionsTotal = _actionsTotal;
@synthesize attemptsLeft = _attemptsLeft, framesWaiting = _framesWaiting;
@synthesize waitUntilUnixMs = _waitUntilUnixMs, expiresAtUnixMs = _expiresAtUnixMs;
@synthesize keepReference = _keepReference, keepReferenceText = _keepReferenceText;

- (void)dealloc
{
    [_state release];
    [_phrase release];
    [_reason release];
    [_advice release];
    [_purposeTitle release];
    [_consentText release];
    [_receiver release];
    [_keepReferenceText release];
    [_claims release];
    [super dealloc];
}

static BOOL sameObject(id a, id b)
{
    return a == b || [a isEqual:b];
}

- (BOOL)isEqual:(id)object
{
    if (![object isKindOfClass:[IMIView class]]) {
        return NO;
    }
    IMIView *other = object;
    return sameObject(_state, other->_state) && sameObject(_phrase, other->_phrase) &&
           sameObject(_reason, other->_reason) && sameObject(_advice, other->_advice) &&
           sameObject(_consentText, other->_consentText) && _claims == other->_claims &&
           sameObject(_keepReferenceText, other->_keepReferenceText) &&
           _spoken == other->_spoken && _actionsDone == other->_actionsDone &&
           _actionsTotal == other->_actionsTotal && _attemptsLeft == other->_attemptsLeft &&
           _framesWaiting == other->_framesWaiting && _light == other->_light &&
           _keepReference == other->_keepReference &&
           _waitUntilUnixMs == other->_waitUntilUnixMs &&
           _expiresAtUnixMs == other->_expiresAtUnixMs && _oval.centreX == other->_oval.centreX &&
           _oval.centreY == other->_oval.centreY && _oval.height == other->_oval.height &&
           _faceSeen == other->_faceSeen && _over == other->_over;
}

- (NSUInteger)hash
{
    return [_state hash] ^ [_phrase hash] ^ _spoken;
}
@end
