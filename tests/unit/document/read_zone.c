/* usage: read_zone LINE...: prints what the parser makes of a zone, for test_vectors.py. */
#include "zone.h"

#include <stdio.h>

enum { LINES_MAX = 8 };

int main(int argc, char **argv)
{
    imi_mrz_line lines[LINES_MAX];
    size_t count = 0;
    for (int i = 1; i < argc && count < LINES_MAX; i++) {
        lines[count++] = imi_view_of_text(argv[i]);
    }
    imi_mrz mrz;
    if (!imi_mrz_find(lines, count, ZONE_TODAY, &mrz)) {
        printf("format=none\n");
        return 1;
    }
    printf("format=%s\nhold=%d\ndocumentCode=%s\nissuingState=%s\nnationality=%s\n"
           "documentNumber=%s\nlastName=%s\nfirstName=%s\nsex=%c\n",
           imi_mrz_format_name(mrz.format), imi_mrz_checks_hold(&mrz), mrz.document_code,
           mrz.issuing_state, mrz.nationality, mrz.document_number, mrz.surname, mrz.given_names,
           mrz.sex == 0 ? '?' : mrz.sex);
    printf("birthDate=%02d%02d%02d\nexpirationDate=%02d%02d%02d\n",
           (int)(mrz.birth_date.year % 100), mrz.birth_date.month, mrz.birth_date.day,
           (int)(mrz.expiry_date.year % 100), mrz.expiry_date.month, mrz.expiry_date.day);
    return 0;
}
