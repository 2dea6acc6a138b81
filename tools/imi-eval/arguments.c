#include "arguments.h"

#include "gather.h"

int eval_arguments_read(const imi_cli_spec *spec, int count, char **texts,
                        eval_arguments *arguments)
{
    int code = imi_cli_parse(spec, count, texts, NULL, &arguments->help);
    if (code != IMI_EXIT_SUCCESS || arguments->help) {
        return code;
    }
    long jobs = (long)eval_cores();
    if (!imi_cli_number(arguments->jobs_text, 1, 256, &jobs)) {
        return imi_cli_misuse(spec, "--jobs is 1 to 256, not %s", arguments->jobs_text);
    }
    arguments->jobs = (size_t)jobs;
    return IMI_EXIT_SUCCESS;
}
