package wwdb;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Runs one Elasticsearch node in this JVM until it is told to end: Launcher HOME DATA PORT PLUGINS SECURITY. */
public final class Launcher {
    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        boolean secure = Boolean.parseBoolean(arguments[4]);
        Settings.Builder builder = Settings.builder();
        if (secure) {
            KeyStoreWrapper keystore = KeyStoreWrapper.create();
            keystore.setString("bootstrap.password", System.getenv("ELASTIC_PASSWORD").toCharArray());
            builder.setSecureSettings(keystore).put("xpack.security.autoconfiguration.enabled", false).put("xpack.security.enrollment.enabled", false);
        }
        Settings settings = builder
            .put("path.home", home)
            .put("path.data", Path.of(arguments[1]).toAbsolutePath())
            .put("path.logs", Path.of(arguments[1]).toAbsolutePath().resolve("logs"))
            .putList("path.repo", Path.of(arguments[1]).toAbsolutePath().resolve("repositories").toString())
            .put("cluster.name", "wwdb")
            .put("node.name", "node-1")
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[2])
            .put("transport.port", "0")
            .put("discovery.type", "single-node")
            .put("xpack.security.enabled", secure)
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        LogConfigurator.configureESLogging(); // before any of its classes asks for a logger
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings,
            Map.of(),
            home.resolve("config"),
            () -> "node-1"
        );
        var modules = new HashSet<>(PluginsLoader.loadModulesBundles(environment.modulesDir()));
        if (secure) modules.addAll(PluginsLoader.loadModulesBundles(home.resolve("security")));
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            modules,
            PluginsLoader.loadPluginsBundles(Path.of(arguments[3]).toAbsolutePath()),
            Map.of(),
            false // everything is on the class path: there are no module exports to grant
        );
        Node node = new Node(environment, plugins);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        new CountDownLatch(1).await();
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (Exception failure) {
            failure.printStackTrace();
        }
    }
}
