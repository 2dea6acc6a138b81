package org.imi.sdk;

/** Which camera: the person's own side, or the other when a helper holds the phone. */
public enum Facing {
    USER,
    ENVIRONMENT
}
