#include "sample.h"

int main(void)
{
    return run_load_tests() + run_form_tests() + run_value_tests() + run_presentation_tests() +
           run_disclosure_tests();
}
