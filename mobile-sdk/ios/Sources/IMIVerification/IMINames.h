/** Names of states and actions, under the core's and the protocol's numbers. */
#import <Foundation/Foundation.h>

#include <stdint.h>

/** "unknown" for no state. */
NSString *IMIStateName(uint32_t state);
/** Bits 1 << ChallengeAction of names such as "nod"; others are passed over. */
uint32_t IMIActionMask(NSArray *names);
