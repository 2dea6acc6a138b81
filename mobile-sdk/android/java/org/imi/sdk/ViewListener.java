package org.imi.sdk;

/** Hears of every change, on the platform's callback thread, never within a call of a method. */
public interface ViewListener {
    void onChange(VerificationView view);
}
