/** What the SDK itself writes into a view. */
#import "include/IMIView.h"

@interface IMIClaim ()
@property(nonatomic, readwrite, copy) NSString *name;
@property(nonatomic, readwrite, copy) NSString *title;
@property(nonatomic, readwrite, copy) NSString *purpose;
@property(nonatomic, readwrite) NSUInteger retentionDays;
@property(nonatomic, readwrite) BOOL required;
@end

@interface IMIView ()
@property(nonatomic, readwrite, copy) NSString *state;
@property(nonatomic, readwrite, copy) NSString *phrase;
@property(nonatomic, readwrite) NSUInteger spoken;
@property(nonatomic, readwrite, copy) NSString *reason;
@property(nonatomic, readwrite, copy) NSString *advice;
@property(nonatomic, readwrite, copy) NSString *purposeTitle;
@property(nonatomic, readwrite, copy) NSString *consentText;
@property(nonatomic, readwrite, copy) NSString *receiver;
@property(nonatomic, readwrite, copy) NSArray *claims;
@property(nonatomic, readwrite) IMIOval oval;
@property(nonatomic, readwrite) NSInteger light;
@property(nonatomic, readwrite) NSUInteger actionsDone;
@property(nonatomic, readwrite) NSUInteger actionsTotal;
@property(nonatomic, readwrite) NSUInteger attemptsLeft;
@property(nonatomic, readwrite) NSUInteger framesWaiting;
@property(nonatomic, readwrite) BOOL faceSeen;
@property(nonatomic, readwrite) int64_t waitUntilUnixMs;
@property(nonatomic, readwrite) int64_t expiresAtUnixMs;
@property(nonatomic, readwrite) NSInteger keepReference;
@property(nonatomic, readwrite, copy) NSString *keepReferenceText;
@property(nonatomic, readwrite) BOOL over;
@end
