package wwdb.endpoints;

import static org.elasticsearch.rest.RestRequest.Method.DELETE;
import static org.elasticsearch.rest.RestRequest.Method.GET;
import static org.elasticsearch.rest.RestRequest.Method.HEAD;
import static org.elasticsearch.rest.RestRequest.Method.POST;
import static org.elasticsearch.rest.RestRequest.Method.PUT;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.datastreams.CreateDataStreamAction;
import org.elasticsearch.action.datastreams.ModifyDataStreamsAction;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.TextFieldMapper;
import org.elasticsearch.index.reindex.BulkByScrollTask;
import org.elasticsearch.index.reindex.DeleteByQueryAction;
import org.elasticsearch.index.reindex.ReindexAction;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * The endpoints that this project needs of modules which are not published as jars (rest-root, data-streams, reindex, mapper-extras, x-pack-ilm, x-pack-slm), over the real
 * services and parsers of the jars that are.
 */
public final class EndpointsPlugin extends Plugin implements ActionPlugin, MapperPlugin {
    private ClusterService cluster;
    private IndexNameExpressionResolver resolver;

    @Override
    public Collection<?> createComponents(PluginServices services) {
        cluster = services.clusterService();
        resolver = services.indexNameExpressionResolver();
        return List.of();
    }

    @Override
    public List<Setting<?>> getSettings() {
        return LifecycleRegistry.settings();
    }

    @Override
    public List<NamedXContentRegistry.Entry> getNamedXContent() {
        return LifecycleRegistry.parsers();
    }

    @Override
    public List<NamedWriteableRegistry.Entry> getNamedWriteables() {
        var status = new NamedWriteableRegistry.Entry(Task.Status.class, BulkByScrollTask.Status.NAME, BulkByScrollTask.Status::new);
        return List.of(status);
    }

    /** Of the module mapper-extras, which is not published: the index of synonyms sets has such a field. It is searched like text here. */
    @Override
    public Map<String, Mapper.TypeParser> getMappers() {
        return Map.of("match_only_text", TextFieldMapper.PARSER);
    }

    @Override
    public Collection<ActionHandler<? extends ActionRequest, ? extends ActionResponse>> getActions() {
        return List.of(
            new ActionHandler<>(CreateDataStreamAction.INSTANCE, CreateDataStreamHandler.class),
            new ActionHandler<>(ModifyDataStreamsAction.INSTANCE, ModifyDataStreamHandler.class),
            new ActionHandler<>(ReindexAction.INSTANCE, CopyHandler.class),
            new ActionHandler<>(DeleteByQueryAction.INSTANCE, RemoveHandler.class)
        );
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
        Settings settings,
        NamedWriteableRegistry namedWriteables,
        RestController controller,
        ClusterSettings clusterSettings,
        IndexScopedSettings indexSettings,
        SettingsFilter filter,
        IndexNameExpressionResolver names,
        Supplier<DiscoveryNodes> nodes,
        Predicate<NodeFeature> features
    ) {
        var updates = new StateUpdates(cluster);
        var streams = new DataStreamEndpoints(cluster, resolver, updates);
        var lifecycles = new LifecycleEndpoints(cluster, resolver, updates);
        var snapshots = new SnapshotPolicyEndpoints(cluster, updates);
        return List.of(
            handler("main_action", this::showServer, route(GET, "/"), route(HEAD, "/")),
            handler("create_data_stream", streams::createDataStream, route(PUT, "/_data_stream/{name}")),
            handler("modify_data_streams", streams::modifyDataStreams, route(POST, "/_data_stream/_modify")),
            handler("get_data_streams", streams::getDataStreams, route(GET, "/_data_stream"), route(GET, "/_data_stream/{name}")),
            handler("put_data_lifecycles", streams::putLifecycle, route(PUT, "/_data_stream/{name}/_lifecycle")),
            handler("delete_data_stream", streams::deleteDataStreams, route(DELETE, "/_data_stream/{name}")),
            handler("ilm_put", lifecycles::putPolicy, route(PUT, "/_ilm/policy/{name}")),
            handler("ilm_get", lifecycles::getPolicies, route(GET, "/_ilm/policy"), route(GET, "/_ilm/policy/{name}")),
            handler("ilm_delete", lifecycles::deletePolicy, route(DELETE, "/_ilm/policy/{name}")),
            handler("reindex_action", new CopyEndpoints()::start, route(POST, "/_reindex")),
            handler("ilm_status", lifecycles::status, route(GET, "/_ilm/status")),
            handler("slm_put", snapshots::putPolicy, route(PUT, "/_slm/policy/{name}")),
            handler("slm_get", snapshots::getPolicies, route(GET, "/_slm/policy"), route(GET, "/_slm/policy/{name}")),
            handler("slm_execute", snapshots::executePolicy, route(POST, "/_slm/policy/{name}/_execute")),
            handler("slm_delete", snapshots::deletePolicy, route(DELETE, "/_slm/policy/{name}"))
        );
    }

    private CheckedConsumer<RestChannel, Exception> showServer(RestRequest request, NodeClient client) {
        Build build = Build.current();
        return channel -> {
            XContentBuilder body = channel.newBuilder().prettyPrint().startObject();
            body.field("name", cluster.getNodeName());
            body.field("cluster_name", cluster.getClusterName().value());
            body.field("cluster_uuid", cluster.state().metadata().clusterUUID());
            body.startObject("version");
            body.field("number", build.qualifiedVersion());
            body.field("build_flavor", "default");
            body.field("build_type", build.type().displayName());
            body.field("build_hash", build.hash());
            body.field("build_date", build.date());
            body.field("build_snapshot", build.isSnapshot());
            body.field("lucene_version", Version.LATEST.toString());
            body.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
            body.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
            body.endObject().field("tagline", "You Know, for Search").endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, body));
        };
    }

    private interface Prepare {
        CheckedConsumer<RestChannel, Exception> apply(RestRequest request, NodeClient client) throws IOException;
    }

    private static RestHandler handler(String name, Prepare prepare, RestHandler.Route... routes) {
        return new BaseRestHandler() {
            @Override
            public String getName() {
                return name;
            }

            @Override
            public List<Route> routes() {
                return List.of(routes);
            }

            @Override
            protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) throws IOException {
                CheckedConsumer<RestChannel, Exception> respond = prepare.apply(request, client);
                return respond::accept;
            }
        };
    }

    private static RestHandler.Route route(RestRequest.Method method, String path) {
        return new RestHandler.Route(method, path);
    }
}
