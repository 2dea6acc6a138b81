#include "rpc/gateway/client_address.h"

#include "imi/memory.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { V4_OFFSET = 12, V6_KEY_BYTES = 8 };

static const uint8_t v4_start[V4_OFFSET] = {[10] = 0xFF, [11] = 0xFF};

static imi_client_address of_v4(const struct in_addr *v4)
{
    imi_client_address address;
    imi_copy(address.bytes, v4_start, V4_OFFSET);
    imi_copy(address.bytes + V4_OFFSET, v4, sizeof *v4);
    return address;
}

static bool is_v4(const imi_client_address *address)
{
    return memcmp(address->bytes, v4_start, V4_OFFSET) == 0;
}

imi_client_address imi_client_address_of_socket(const struct sockaddr *from)
{
    imi_client_address address = {{0}};
    if (from != NULL && from->sa_family == AF_INET) {
        address = of_v4(&((const struct sockaddr_in *)(const void *)from)->sin_addr);
    } else if (from != NULL && from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)from;
        imi_copy(address.bytes, &v6->sin6_addr, sizeof address.bytes);
    }
    return address;
}

bool imi_client_address_of_forwarded(const char *header, imi_client_address *out)
{
    *out = (imi_client_address){{0}};
    const char *comma = strrchr(header, ',');
    const char *start = comma == NULL ? header : comma + 1;
    start += strspn(start, " \t");
    size_t size = strcspn(start, " \t");
    char text[INET6_ADDRSTRLEN];
    if (size >= sizeof text) {
        return false;
    }
    imi_copy(text, start, size);
    text[size] = '\0';
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *out = of_v4(&v4);
        return true;
    }
    return inet_pton(AF_INET6, text, out->bytes) == 1;
}

size_t imi_client_address_key_size(const imi_client_address *address)
{
    return is_v4(address) ? sizeof address->bytes : V6_KEY_BYTES;
}

void imi_client_address_prefix(const imi_client_address *address, char out[IMI_ADDRESS_PREFIX_SIZE])
{
    const uint8_t *b = address->bytes;
    if (is_v4(address)) {
        snprintf(out, IMI_ADDRESS_PREFIX_SIZE, "%u.%u.%u.0/24", b[12], b[13], b[14]);
    } else {
        snprintf(out, IMI_ADDRESS_PREFIX_SIZE, "%x:%x:%x::/48", b[0] << 8 | b[1], b[2] << 8 | b[3],
                 b[4] << 8 | b[5]);
    }
}
