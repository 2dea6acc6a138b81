package org.imi.sdk;

import java.util.concurrent.Executor;

/** Hands on every view that differs from the last. */
final class Publisher {
    private final Executor callbacks;
    private final ViewListener listener;
    private volatile VerificationView last = new VerificationView(new VerificationView.Draft());
    private volatile boolean stopped;

    Publisher(Executor callbacks, ViewListener listener) {
        this.callbacks = callbacks;
        this.listener = listener;
    }

    VerificationView last() {
        return last;
    }

    void publish(VerificationView.Draft draft) {
        if (stopped || last.equalsDraft(draft)) {
            return;
        }
        VerificationView view = new VerificationView(draft);
        last = view;
        callbacks.execute(() -> {
            if (!stopped) {
                listener.onChange(view);
            }
        });
    }

    void stop() {
        stopped = true;
    }
}
