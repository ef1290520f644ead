package vn.loalang.delivery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line to a port of this machine that can be cut and mended, as lines to villages are. */
final class Cable implements AutoCloseable {
    private final ServerSocket entry = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean whole = true;

    Cable(int to) throws IOException {
        run(() -> {
            while (true) {
                var near = entry.accept();
                open.add(near);
                if (!whole) {
                    near.close();
                    continue;
                }
                var far = new Socket(InetAddress.getLoopbackAddress(), to);
                open.add(far);
                run(() -> pump(near, far), near, far);
                run(() -> pump(far, near), near, far);
            }
        });
    }

    private static void pump(Socket from, Socket to) throws IOException {
        from.getInputStream().transferTo(to.getOutputStream());
    }

    int port() {
        return entry.getLocalPort();
    }

    void cut() throws IOException {
        whole = false;
        for (var socket : open) {
            socket.close();
        }
        open.clear();
    }

    void mend() {
        whole = true;
    }

    @Override
    public void close() throws IOException {
        cut();
        entry.close();
    }

    @FunctionalInterface
    private interface Work {
        void go() throws IOException;
    }

    /** Whatever ends one direction ends both. */
    private static void run(Work work, Socket... ends) {
        var thread = new Thread(() -> {
            try (var closing = new Ends(ends)) {
                work.go();
            } catch (IOException over) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private record Ends(Socket... sockets) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }
}
