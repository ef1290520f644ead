package vn.loalang.area;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The connections over which the tables are made stay open as long as the server runs. H2 2.4.240 evaluates
 * {@code check (… in (…))} by the session that created it (its issues 4291, 4308), and refuses every row once that session is
 * closed; connections of the pool are closed after half an hour, or after a lock timeout. Tables that a start finds are not
 * concerned, so only a new or just updated server would fall silent.
 */
@Configuration(proxyBeanMethods = false)
class Migrations {
    @Bean(defaultCandidate = false)
    @FlywayDataSource
    HikariDataSource migrationConnections(DataSourceProperties main) {
        var connections =
                main.initializeDataSourceBuilder().type(HikariDataSource.class).build();
        connections.setPoolName("migrations");
        connections.setMinimumIdle(0);
        connections.setMaximumPoolSize(5);
        connections.setIdleTimeout(0);
        connections.setMaxLifetime(0);
        return connections;
    }
}
