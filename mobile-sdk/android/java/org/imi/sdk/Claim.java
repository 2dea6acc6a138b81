package org.imi.sdk;

/** One thing that would be told of the person. */
public final class Claim {
    public final String name;
    public final String title;
    public final String purpose;
    /** Days that the receiver keeps it; 0 = not kept. */
    public final int retentionDays;
    public final boolean required;

    Claim(String name, String title, String purpose, int retentionDays, boolean required) {
        this.name = name;
        this.title = title;
        this.purpose = purpose;
        this.retentionDays = retentionDays;
        this.required = required;
    }
}
