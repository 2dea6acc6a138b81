package org.imi.sdk;

/** The citizen's copies, as JSON texts; empty while the server has none. */
public final class Receipts {
    /** What was agreed to. */
    public final String consent;
    /** Proof that the decision is in the public log. */
    public final String decision;

    Receipts(String consent, String decision) {
        this.consent = consent;
        this.decision = decision;
    }
}
