package wwdb.endpoints;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.action.datastreams.CreateDataStreamAction;
import org.elasticsearch.action.datastreams.DataStreamsActionUtil;
import org.elasticsearch.action.datastreams.GetDataStreamAction;
import org.elasticsearch.action.datastreams.GetDataStreamAction.Response.IndexProperties;
import org.elasticsearch.action.datastreams.GetDataStreamAction.Response.ManagedBy;
import org.elasticsearch.action.datastreams.ModifyDataStreamsAction;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.health.ClusterStateHealth;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.DataStreamLifecycle;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.XContentParser;

/** Creates, changes, shows and removes data streams, by the services of the server. */
final class DataStreamEndpoints {
    private final ClusterService cluster;
    private final IndexNameExpressionResolver resolver;
    private final StateUpdates updates;

    DataStreamEndpoints(ClusterService cluster, IndexNameExpressionResolver resolver, StateUpdates updates) {
        this.cluster = cluster;
        this.resolver = resolver;
        this.updates = updates;
    }

    CheckedConsumer<RestChannel, Exception> createDataStream(RestRequest request, NodeClient client) {
        CreateDataStreamAction.Request create = new CreateDataStreamAction.Request(
            RestUtils.getMasterNodeTimeout(request),
            RestUtils.getAckTimeout(request),
            request.param("name")
        );
        return channel -> client.execute(CreateDataStreamAction.INSTANCE, create, new RestToXContentListener<>(channel));
    }

    CheckedConsumer<RestChannel, Exception> modifyDataStreams(RestRequest request, NodeClient client) throws IOException {
        ModifyDataStreamsAction.Request modify;
        try (XContentParser parser = request.contentParser()) {
            modify = ModifyDataStreamsAction.Request.PARSER.parse(
                parser,
                actions -> new ModifyDataStreamsAction.Request(
                    RestUtils.getMasterNodeTimeout(request),
                    RestUtils.getAckTimeout(request),
                    actions
                )
            );
        }
        return channel -> client.execute(ModifyDataStreamsAction.INSTANCE, modify, new RestToXContentListener<>(channel));
    }

    private List<DataStream> resolve(ClusterState state, RestRequest request, IndicesOptions defaults) {
        String[] names = request.paramAsStringArray("name", new String[0]);
        IndicesOptions options = IndicesOptions.fromRequest(request, defaults);
        Map<String, DataStream> all = state.metadata().dataStreams();
        return DataStreamsActionUtil.getDataStreamNames(resolver, state, names, options).stream().map(all::get).sorted(
            Comparator.comparing(DataStream::getName)
        ).toList();
    }

    private static ManagedBy managedBy(String policy, boolean preferIlm, boolean lifecycle) {
        if (policy != null && (preferIlm || lifecycle == false)) {
            return ManagedBy.ILM;
        }
        return lifecycle ? ManagedBy.LIFECYCLE : ManagedBy.UNMANAGED;
    }

    CheckedConsumer<RestChannel, Exception> getDataStreams(RestRequest request, NodeClient client) {
        ClusterState state = cluster.state();
        List<GetDataStreamAction.Response.DataStreamInfo> infos = new ArrayList<>();
        IndicesOptions defaults = new GetDataStreamAction.Request(RestUtils.getMasterNodeTimeout(request), new String[0]).indicesOptions();
        request.paramAsBoolean("include_defaults", false);
        request.paramAsBoolean("verbose", false);
        for (DataStream stream : resolve(state, request, defaults)) {
            String template = MetadataIndexTemplateService.findV2Template(state.metadata(), stream.getName(), false);
            Settings resolved = template == null ? Settings.EMPTY : MetadataIndexTemplateService.resolveSettings(state.metadata(), template);
            Map<Index, IndexProperties> properties = new HashMap<>();
            for (Index index : stream.getIndices()) {
                IndexMetadata metadata = state.metadata().index(index);
                boolean preferIlm = IndexSettings.PREFER_ILM_SETTING.get(metadata.getSettings());
                String policy = metadata.getLifecyclePolicyName();
                properties.put(
                    index,
                    new IndexProperties(preferIlm, policy, managedBy(policy, preferIlm, stream.getDataLifecycle() != null), "standard")
                );
            }
            String[] indices = stream.getIndices().stream().map(Index::getName).toArray(String[]::new);
            infos.add(
                new GetDataStreamAction.Response.DataStreamInfo(
                    stream,
                    false,
                    new ClusterStateHealth(state, indices).getStatus(),
                    template,
                    resolved.get(IndexMetadata.LIFECYCLE_NAME),
                    null,
                    properties,
                    IndexSettings.PREFER_ILM_SETTING.get(resolved),
                    null,
                    null
                )
            );
        }
        GetDataStreamAction.Response response = new GetDataStreamAction.Response(infos);
        return channel -> new RestToXContentListener<GetDataStreamAction.Response>(channel).onResponse(response);
    }

    CheckedConsumer<RestChannel, Exception> putLifecycle(RestRequest request, NodeClient client) throws IOException {
        DataStreamLifecycle lifecycle;
        try (XContentParser parser = request.contentParser()) {
            lifecycle = DataStreamLifecycle.dataLifecycleFromXContent(parser);
        }
        List<DataStream> streams = resolve(cluster.state(), request, IndicesOptions.strictExpandOpen());
        return updates.make("set the lifecycle of data streams", state -> {
            Metadata.Builder metadata = Metadata.builder(state.metadata());
            for (DataStream stream : streams) {
                metadata.put(state.metadata().dataStreams().get(stream.getName()).copy().setLifecycle(lifecycle).build());
            }
            return ClusterState.builder(state).metadata(metadata).build();
        });
    }

    CheckedConsumer<RestChannel, Exception> deleteDataStreams(RestRequest request, NodeClient client) {
        IndicesOptions defaults = IndicesOptions.strictExpandHidden();
        Set<DataStream> streams = new HashSet<>(resolve(cluster.state(), request, defaults));
        return updates.make(
            "delete data streams",
            state -> MetadataDataStreamsService.deleteDataStreams(state, streams, cluster.getSettings())
        );
    }
}
