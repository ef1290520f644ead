package vn.loalang.emergency;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestConfiguration;

/** Notes the SQL statements of the thread that asks, so that a test can say how many a page needs. */
@TestConfiguration(proxyBeanMethods = false)
class StatementCount implements BeanPostProcessor {
    private static final ThreadLocal<List<String>> SEEN = new ThreadLocal<>();

    /** What is measured. */
    interface Deed {
        void run() throws Exception;
    }

    /** The statements that this thread prepares meanwhile, in order. */
    static List<String> of(Deed deed) throws Exception {
        var seen = new ArrayList<String>();
        SEEN.set(seen);
        try {
            deed.run();
        } finally {
            SEEN.remove();
        }
        return seen;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource source
                ? watched(
                        DataSource.class,
                        source,
                        result -> result instanceof Connection connection
                                ? watched(Connection.class, connection, it -> it)
                                : result)
                : bean;
    }

    private interface After {
        Object result(Object result);
    }

    private static <T> T watched(Class<T> type, T target, After after) {
        return type.cast(Proxy.newProxyInstance(
                StatementCount.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    var seen = SEEN.get();
                    if (seen != null && method.getName().equals("prepareStatement")) {
                        seen.add((String) arguments[0]);
                    }
                    try {
                        return after.result(method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
