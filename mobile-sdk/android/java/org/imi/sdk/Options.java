package org.imi.sdk;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What an app says when it opens a verification. */
public final class Options {
    final JoinLink link;
    Facing camera = Facing.USER;
    Set<Action> cannot = Collections.emptySet();
    int storageBytes = 3 * 1024 * 1024;

    /**
     * @param link https://GATEWAY/j#SESSION_ID.SECRET, as it was sent; calls go to its origin
     * @throws IllegalArgumentException if it is none
     */
    public Options(String link) {
        this.link = JoinLink.parse(link);
    }

    /** ENVIRONMENT when a helper holds the phone. [USER] */
    public Options camera(Facing facing) {
        if (facing == null) {
            throw new IllegalArgumentException("which camera?");
        }
        camera = facing;
        return this;
    }

    /** What the person said they cannot do. [nothing] */
    public Options cannot(Collection<Action> actions) {
        cannot = copyOf(actions);
        return this;
    }

    /** Room for frames that wait for the network. [3 MiB] */
    public Options storageBytes(int bytes) {
        storageBytes = Math.max(bytes, 2 * Core.JPEG_MAX_BYTES);
        return this;
    }

    /** Origin of the gateway, which a transport is made for. */
    public String origin() {
        return link.origin;
    }

    /** Name of the session, which a device key is made for. */
    public String sessionId() {
        return link.sessionId;
    }

    static Set<Action> copyOf(Collection<Action> actions) {
        Set<Action> copy = EnumSet.noneOf(Action.class);
        copy.addAll(actions);
        return copy;
    }
}
