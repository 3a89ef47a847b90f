package chartkeep.foreign;

import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.servlet.DispatcherType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * HAPI FHIR JPA behind a gate, on a free port of 127.0.0.1. It takes what it needs from the environment
 * ({@code INTROSPECTION}, {@code CLIENT_ID}, {@code CLIENT_SECRET}, {@code SMART_CONFIGURATION}), prints
 * {@code READY ORIGIN}, and ends when its standard input does.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        exitWithStdin();
        var journal = new Journal();
        var introspection = new Introspection(
                URI.create(setting("INTROSPECTION")), setting("CLIENT_ID"), setting("CLIENT_SECRET"));
        var gate = new Gate(introspection, setting("SMART_CONFIGURATION"), journal);

        var context = new AnnotationConfigApplicationContext();
        context.setAllowCircularReferences(true);
        context.register(FhirConfig.class);
        context.refresh();

        var handler = new ServletContextHandler("/");
        handler.addFilter(new FilterHolder(gate), "/fhir/*", EnumSet.of(DispatcherType.REQUEST));
        handler.addServlet(new ServletHolder(fhirServer(context)), "/fhir/*");
        handler.addServlet(new ServletHolder(journal), "/journal");
        var server = new Server(new InetSocketAddress("127.0.0.1", 0));
        server.setHandler(handler);
        server.start();
        var port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        System.out.println("READY http://127.0.0.1:" + port);
    }

    private static RestfulServer fhirServer(ApplicationContext context) {
        IFhirSystemDao<?, ?> system = context.getBean(IFhirSystemDao.class);
        var server = new RestfulServer(system.getContext());
        server.setDefaultResponseEncoding(EncodingEnum.JSON);
        server.setPagingProvider(context.getBean(DatabaseBackedPagingProvider.class));
        server.registerProviders(context.getBean(ResourceProviderFactory.class).createProviders());
        server.registerProvider(context.getBean(IJpaSystemProvider.class));
        server.setServerConformanceProvider(new JpaCapabilityStatementProvider(
                server,
                system,
                context.getBean(JpaStorageSettings.class),
                context.getBean(ISearchParamRegistry.class),
                context.getBean(IValidationSupport.class)));
        server.registerInterceptor(new RecordRules());
        return server;
    }

    /** Whoever started this is gone when standard input ends, however it came to that. */
    private static void exitWithStdin() {
        var watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is read from it.
                }
            } catch (java.io.IOException broken) {
                // As good as its end.
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
    }

    private static String setting(String name) {
        var value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set");
        }
        return value;
    }
}
