package org.imi.sdk;

import java.util.Collections;
import java.util.List;

/** What is asked of the person before any image is taken. */
public final class Consent {
    public final String purposeTitle;
    public final String text;
    public final String receiver;
    public final List<Claim> claims;

    Consent(String purposeTitle, String text, String receiver, List<Claim> claims) {
        this.purposeTitle = purposeTitle;
        this.text = text;
        this.receiver = receiver;
        this.claims = Collections.unmodifiableList(claims);
    }
}
