/** What a screen shows of one verification. Names are the core's (docs/reasons.md). */
#import "IMIPlatform.h"

NS_ASSUME_NONNULL_BEGIN

/** One thing that would be told of the person. */
@interface IMIClaim : NSObject {
    NSString *_name, *_title, *_purpose;
    NSUInteger _retentionDays;
    BOOL _required;
}
@property(nonatomic, readonly, copy) NSString *name;
@property(nonatomic, readonly, copy) NSString *title;
@property(nonatomic, readonly, copy) NSString *purpose;
@property(nonatomic, readonly) NSUInteger retentionDays; /**< 0: looked at and not kept */
@property(nonatomic, readonly) BOOL required;
@end

/** Where the face is to be: thousandths of the picture as it is sent, not mirrored. */
typedef struct IMIOval {
    NSInteger centreX, centreY;
    NSInteger height; /* of the smaller side; 0: no oval */
} IMIOval;

@interface IMIView : NSObject {
    NSString *_state, *_phrase, *_reason, *_advice;
    NSString *_purposeTitle, *_consentText, *_receiver, *_keepReferenceText;
    NSArray *_claims;
    NSUInteger _spoken, _actionsDone, _actionsTotal, _attemptsLeft, _framesWaiting;
    NSInteger _light, _keepReference;
    int64_t _waitUntilUnixMs, _expiresAtUnixMs;
    IMIOval _oval;
    BOOL _faceSeen, _over;
}
@property(nonatomic, readonly, copy) NSString *state;
/** To show; paced, so that nothing flips faster than a person reads. */
@property(nonatomic, readonly, copy) NSString *phrase;
/** Grows by one each time that the phrase is to be spoken, and the phone to vibrate. */
@property(nonatomic, readonly) NSUInteger spoken;
/** Why it does not go on, or "none". Its phrase is shown already. */
@property(nonatomic, readonly, copy) NSString *reason;
/** What to do better in the state try_again: a phrase, or "none". */
@property(nonatomic, readonly, copy) NSString *advice;
@property(nonatomic, readonly, copy) NSString *IMI_NULLABLE purposeTitle;
@property(nonatomic, readonly, copy) NSString *IMI_NULLABLE consentText;
@property(nonatomic, readonly, copy) NSString *IMI_NULLABLE receiver;
@property(nonatomic, readonly, copy) NSArray *claims; /**< of IMIClaim */
@property(nonatomic, readonly) IMIOval oval;
@property(nonatomic, readonly) NSInteger light; /**< 0xRRGGBB to fill the screen with; -1: none */
@property(nonatomic, readonly) NSUInteger actionsDone;
@property(nonatomic, readonly) NSUInteger actionsTotal;
@property(nonatomic, readonly) NSUInteger attemptsLeft;
@property(nonatomic, readonly) NSUInteger framesWaiting;
/** The server saw a face in this capture: only from now on may anything be timed or counted. */
@property(nonatomic, readonly) BOOL faceSeen;
@property(nonatomic, readonly) int64_t waitUntilUnixMs; /**< in the state waiting; else 0 */
@property(nonatomic, readonly) int64_t expiresAtUnixMs; /**< 0 before it is joined */
@property(nonatomic, readonly) NSInteger keepReference; /**< 0 nothing to answer, 1 offered, 2 kept */
@property(nonatomic, readonly, copy) NSString *IMI_NULLABLE keepReferenceText;
@property(nonatomic, readonly) BOOL over; /**< nothing follows any more */
@end

NS_ASSUME_NONNULL_END
