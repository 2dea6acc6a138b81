/**
 * Who asks: the address of a client, as a key for limits and as what a log may hold of it.
 */
#ifndef IMI_GATEWAY_CLIENT_ADDRESS_H
#define IMI_GATEWAY_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/** IPv4 as ::ffff:a.b.c.d; all zeros when not known. */
typedef struct imi_client_address {
    uint8_t bytes[16];
} imi_client_address;

enum { IMI_ADDRESS_PREFIX_SIZE = 64 };

imi_client_address imi_client_address_of_socket(const struct sockaddr *address);

/** The last address that an X-Forwarded-For lists, as the proxy before us wrote it. False when it
 *  is no address. */
bool imi_client_address_of_forwarded(const char *header, imi_client_address *out);

/** Bytes that name the client for a limit: an IPv4 address, or the /64 that one customer has. */
size_t imi_client_address_key_size(const imi_client_address *address);

/** Network of the client for a log: /24 of IPv4, /48 of IPv6. */
void imi_client_address_prefix(const imi_client_address *address,
                               char out[IMI_ADDRESS_PREFIX_SIZE]);

#endif
