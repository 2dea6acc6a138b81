package org.imi.sdk;

/** Actions of a challenge, numbered as in enum ChallengeAction of the protocol. */
public enum Action {
    NEAR_FAR(1),
    TURN_LEFT(2),
    TURN_RIGHT(3),
    OPEN_MOUTH(4),
    BLINK(5),
    FOLLOW(6),
    NOD(7);

    final int number;

    Action(int number) {
        this.number = number;
    }

    /** Bits of these, as the core wants them. */
    static int mask(Iterable<Action> actions) {
        int mask = 0;
        for (Action action : actions) {
            mask |= 1 << action.number;
        }
        return mask;
    }
}
