package org.imi.sdk;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Threads of a verification: a loop that owns everything, some that wait for the network. */
final class Tasks {
    private static final Logger LOG = Logger.getLogger("org.imi.sdk");

    private final ScheduledThreadPoolExecutor loop;
    private final ExecutorService background;

    Tasks() {
        loop = new ScheduledThreadPoolExecutor(1, named("imi-loop"));
        // What waits for later must not open a camera after the end.
        loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // For frames, and one for calls that must not wait behind a frame.
        background = Executors.newFixedThreadPool(Uplink.WINDOW + 1, named("imi-network"));
    }

    private static ThreadFactory named(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** On the loop; false once it is stopped. */
    boolean post(Runnable work) {
        try {
            loop.execute(() -> guard(work));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    void later(int delayMs, Runnable work) {
        try {
            loop.schedule(() -> guard(work), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Stopped: nothing follows any more.
            return;
        }
    }

    void background(Runnable work) {
        try {
            background.execute(() -> guard(work));
        } catch (RejectedExecutionException e) {
            return;
        }
    }

    void everyTick(int periodMs, Runnable work) {
        loop.scheduleWithFixedDelay(() -> guard(work), 0, periodMs, TimeUnit.MILLISECONDS);
    }

    /** A defect, ours or of a part of the platform: logged, as it must not end the ticks. */
    private static void guard(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.log(Level.SEVERE, "imi", e);
        }
    }

    void stop() {
        loop.shutdown();
        background.shutdownNow();
    }
}
