/** imictl threshold report. */
#ifndef IMI_IMICTL_THRESHOLD_REPORT_H
#define IMI_IMICTL_THRESHOLD_REPORT_H

int imictl_threshold_report(int argc, char **argv);

#endif
