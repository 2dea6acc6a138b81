/** Parts of the page that need no browser, for parts.test.mjs. */
export { familyOf } from '../../../mobile-sdk/web/src/page/browser';
export { readConfig } from '../../../mobile-sdk/web/src/page/config';
export { fill, LANGUAGES, languageOf, preferredTag, tagOfText } from '../../../mobile-sdk/web/src/page/language';
export { joinLinkOf } from '../../../mobile-sdk/web/src/page/link';
