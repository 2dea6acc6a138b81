#import "IMIJoinLink.h"

enum { SECRET_LENGTH = 43, SESSION_ID_MAX = 64 };

static BOOL isWord(NSString *text)
{
    static NSString *const letters =
        @"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    NSCharacterSet *others =
        [[NSCharacterSet characterSetWithCharactersInString:letters] invertedSet];
    return [text length] > 0 && [text rangeOfCharacterFromSet:others].location == NSNotFound;
}

BOOL IMIParseJoinLink(NSString *link, NSString **origin, NSString **sessionID, NSString **secret)
{
    NSArray *halves = [link componentsSeparatedByString:@"#"];
    if ([halves count] != 2) {
        return NO;
    }
    NSURL *url = [NSURL URLWithString:[halves objectAtIndex:0]];
    NSArray *parts = [[halves objectAtIndex:1] componentsSeparatedByString:@"."];
    if (![[url scheme] isEqualToString:@"https"] || [[url host] length] == 0 ||
        [url user] != nil || ![[url path] isEqualToString:@"/j"] || [url query] != nil ||
        [parts count] != 2) {
        return NO;
    }
    *sessionID = [parts objectAtIndex:0];
    *secret = [parts objectAtIndex:1];
    NSString *port =
        [url port] == nil ? @"" : [NSString stringWithFormat:@":%d", [[url port] intValue]];
    *origin = [NSString stringWithFormat:@"https://%@%@", [url host], port];
    return isWord(*sessionID) && [*sessionID length] <= SESSION_ID_MAX && isWord(*secret) &&
           [*secret length] == SECRET_LENGTH;
}
