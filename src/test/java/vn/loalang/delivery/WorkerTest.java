package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WorkerTest {
    @TempDir
    Path folder;

    @Test
    void aWorkerThatWaitsEndsAtOnce() throws Exception {
        var waiting = new CountDownLatch(1);
        var never = new Semaphore(0);
        var worker = new Worker(
                "waits",
                () -> Worker.idle(() -> {
                    waiting.countDown();
                    never.acquire();
                    return true;
                }));
        worker.start();
        waiting.await();

        worker.interrupt();

        worker.join();
        assertThat(worker.isAlive()).isFalse();
    }

    @Test
    void aWorkerAtWorkFinishesWhatItWritesAndTheFileStaysOpenForOthers() throws Exception {
        var file = FileChannel.open(folder.resolve("database"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var working = new CountDownLatch(1);
        var asked = new CountDownLatch(1);
        var failed = new AtomicReference<Exception>();
        var worker = new Worker("writes", () -> {
            working.countDown();
            var busy = true;
            while (busy) {
                busy = asked.getCount() > 0;
                Thread.onSpinWait();
            }
            try {
                file.write(ByteBuffer.wrap(new byte[100]));
            } catch (java.io.IOException closed) {
                failed.set(closed);
            }
            assertThat(Worker.goesOn()).isFalse();
            Worker.idle(() -> {
                failed.set(new IllegalStateException("it waited again although it shall end"));
                return true;
            });
        });
        worker.start();
        working.await();
        worker.interrupt();
        asked.countDown();
        worker.join();

        assertThat(failed.get()).isNull();
        assertThat(file.isOpen()).isTrue();
        assertThat(file.size()).isEqualTo(100);
        file.close();
    }
}
