#import "phone.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

enum { KEY_SIZE = 32, NONCE_SIZE = 12, TAG_SIZE = 16 };

/* Nonce, text, tag, as CryptoKit combines them. */
@implementation OpenSSLSealer

- (void)dealloc
{
    [_key release];
    [super dealloc];
}

- (NSData *)seal:(NSData *)data
{
    NSMutableData *sealed =
        [NSMutableData dataWithLength:NONCE_SIZE + [data length] + TAG_SIZE];
    uint8_t *at = [sealed mutableBytes], key[KEY_SIZE];
    int size = 0;
    if (fails || RAND_bytes(at, NONCE_SIZE) != 1 || RAND_bytes(key, sizeof key) != 1) {
        return nil;
    }
    if (_key == nil) {
        _key = [[NSData alloc] initWithBytes:key length:sizeof key];
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, [_key bytes], at);
    EVP_EncryptUpdate(context, at + NONCE_SIZE, &size, [data bytes], (int)[data length]);
    EVP_EncryptFinal_ex(context, at + NONCE_SIZE + size, &size);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE,
                        at + NONCE_SIZE + [data length]);
    EVP_CIPHER_CTX_free(context);
    return sealed;
}

- (NSData *)open:(NSData *)sealed
{
    if (_key == nil || [sealed length] < NONCE_SIZE + TAG_SIZE) {
        return nil;
    }
    NSMutableData *copy = [NSMutableData dataWithData:sealed];
    NSUInteger length = [sealed length] - NONCE_SIZE - TAG_SIZE;
    uint8_t *at = [copy mutableBytes];
    NSMutableData *data = [NSMutableData dataWithLength:length + 1];
    int size = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, [_key bytes], at);
    EVP_DecryptUpdate(context, [data mutableBytes], &size, at + NONCE_SIZE, (int)length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, at + NONCE_SIZE + length);
    BOOL whole = EVP_DecryptFinal_ex(context, [data mutableBytes], &size) == 1;
    EVP_CIPHER_CTX_free(context);
    [data setLength:length];
    return whole ? data : nil;
}

- (void)erase
{
    [_key release];
    _key = nil;
}
@end
