package org.imi.sdk;

/** Whether this session's template may be kept beside the enrolled one. */
public final class KeepReference {
    /** It is kept; if not, it is offered. */
    public final boolean kept;
    public final String text;

    KeepReference(boolean kept, String text) {
        this.kept = kept;
        this.text = text;
    }
}
