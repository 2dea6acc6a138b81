#include "verify.h"

int main(void)
{
    return run_form_tests() + run_claim_tests() + run_key_tests();
}
