package vn.loalang.delivery;

/**
 * A thread that can be asked to end. It is interrupted only while it waits for work, never at work: an interrupt during a write
 * closes the file under the database, and with it the database for everybody else.
 */
final class Worker extends Thread {
    private final Object lock = new Object();
    private boolean waits;
    private boolean ended;

    Worker(String name, Work work) {
        super(
                () -> {
                    try {
                        work.run();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        setDaemon(true);
    }

    /** What it does until it is interrupted. */
    @FunctionalInterface
    interface Work {
        void run() throws InterruptedException;
    }

    /** Something that may take long and touches no file. */
    @FunctionalInterface
    interface Wait<T> {
        T get() throws InterruptedException;
    }

    /**
     * Waits; a worker may be interrupted now, any other thread always.
     *
     * @throws InterruptedException when the worker shall end
     */
    static <T> T idle(Wait<T> wait) throws InterruptedException {
        return Thread.currentThread() instanceof Worker worker ? worker.waitFor(wait) : wait.get();
    }

    private <T> T waitFor(Wait<T> wait) throws InterruptedException {
        synchronized (lock) {
            if (ended) {
                throw new InterruptedException("the worker shall end");
            }
            waits = true;
        }
        try {
            return wait.get();
        } finally {
            synchronized (lock) {
                waits = false;
                // One that came just as the waiting was over must not reach the work.
                var unused = Thread.interrupted();
            }
        }
    }

    /** Whether the thread that asks shall go on working. */
    static boolean goesOn() {
        return Thread.currentThread() instanceof Worker worker
                ? !worker.ended()
                : !Thread.currentThread().isInterrupted();
    }

    /** Asks it to end: at once if it waits, else as soon as it asks {@link #goesOn} or waits again. */
    @Override
    public void interrupt() {
        synchronized (lock) {
            ended = true;
            if (waits) {
                super.interrupt();
            }
        }
    }

    /** Not as {@code isInterrupted}, which channels ask as well. */
    private boolean ended() {
        synchronized (lock) {
            return ended;
        }
    }
}
