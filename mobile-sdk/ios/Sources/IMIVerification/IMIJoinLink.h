/** The join link: https://GATEWAY/j#SESSION_ID.SECRET. */
#import <Foundation/Foundation.h>

/** False for anything else. Results are autoreleased. */
BOOL IMIParseJoinLink(NSString *link, NSString **origin, NSString **sessionID, NSString **secret);
